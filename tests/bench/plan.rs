//! How fast a plan of a million records is made, by a whole desk over the store in memory: `cargo bench --bench plan`.
//!
//! Deliberately absent: the browser, whose program takes about twice as long.

#[cfg(target_family = "wasm")]
fn main() {}

#[cfg(not(target_family = "wasm"))]
criterion::criterion_main!(native::benches);

#[cfg(not(target_family = "wasm"))]
mod native {
    use std::future::ready;
    use std::hint::black_box;
    use std::time::Instant;

    use criterion::{Criterion, criterion_group};
    use error_desk::domain::{Filter, RequestKind, Timestamp};
    use error_desk::gateway::Rehearsal;
    use error_desk::import::ImportOptions;
    use error_desk::protocol::{Event, PlanParams};
    use error_desk::sample::SampleDump;
    use error_desk::store::MemoryStore;
    use error_desk::workspace::Workspace;
    use error_desk::workspace::ports::{Announcer, ByteSource, Clock, Room};
    use futures_executor::block_on;

    const ROWS: u32 = 1_000_000;

    criterion_group! {
        name = benches;
        config = Criterion::default().sample_size(10);
        targets = plans
    }

    fn plans(criterion: &mut Criterion) {
        let desk = block_on(Workspace::open(MemoryStore::new(), Rehearsal, Still, Nobody))
            .expect("an empty store opens");
        let options = ImportOptions { name: "sample.csv".to_owned(), ..ImportOptions::default() };
        let dump = Dump(SampleDump::new(ROWS, 1));
        block_on(desk.import(dump, options, false, Room::default())).expect("a sample can be read");

        let plan = || {
            let params = PlanParams::of(RequestKind::Retry, Filter::default());
            block_on(desk.plan(params)).expect("a plan can be made")
        };
        let began = Instant::now();
        let first = plan();
        println!("{} records, first time: {:?}", first.matched, began.elapsed());
        criterion.bench_function("plan of all, again", |bencher| {
            bencher.iter(|| black_box(plan()));
        });
    }

    /// A sample as a file.
    struct Dump(SampleDump);

    impl ByteSource for Dump {
        fn total(&self) -> Option<u64> {
            None
        }

        async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String> {
            buffer.clear();
            Ok(self.0.next_chunk(buffer))
        }
    }

    /// Time stands still.
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_770_000_000_000).expect("a moment of 2026")
        }

        fn sleep(&self, _: u32) -> impl Future<Output = ()> {
            ready(())
        }
    }

    struct Nobody;

    impl Announcer for Nobody {
        fn announce(&self, _: Event) {}
    }
}
