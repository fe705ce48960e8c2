//! How fast questions about a million records are answered that no index serves: `cargo bench --bench analysis`.
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
    use error_desk::analysis::{Group, GroupRow, RunSheet, Share, differences, run_sheet};
    use error_desk::dataset::{Axis, DatasetBuilder, Harvester, Table};
    use error_desk::domain::{
        Column, DatasetId, DismissalLedger, Filter, RecordId, RecordState, RequestKind, SeenAgain,
        Timestamp,
    };
    use error_desk::gateway::Rehearsal;
    use error_desk::guidance::harvest::{could_name_missing, missing_references};
    use error_desk::import::{ImportOptions, Importer};
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
        targets = all, plans
    }

    fn all(criterion: &mut Criterion) {
        let mut table = Table::new();
        load(&mut table, 1, ROWS, 1);
        let records = table.ids(&Filter::default(), None);
        let cause = largest_cause(&table);
        let of_cause =
            table.ids(&Filter { causes: vec![cause.clone()], ..Filter::default() }, None);
        let scattered: Vec<RecordId> = records.iter().copied().step_by(7).collect();

        let mut group = criterion.benchmark_group("run sheet of");
        for (name, chosen, most) in [
            ("a cause", &of_cause, None),
            ("a cause, 50 steps", &of_cause, Some(50)),
            ("every seventh record", &scattered, None),
            ("every seventh record, 500 steps", &scattered, Some(500)),
            ("all records", &records, None),
        ] {
            let found = sheet(&table, chosen, most);
            let bystanders: usize = found.steps.iter().map(|step| step.bystanders).sum();
            println!(
                "{name}: {} records, {} steps, {bystanders} bystanders, {:?}",
                chosen.len(),
                found.steps.len(),
                found.method
            );
            group.bench_function(name, |bencher| {
                bencher.iter(|| black_box(sheet(&table, chosen, most)))
            });
        }
        group.finish();

        let filter = Filter { causes: vec![cause], ..Filter::default() };
        criterion.bench_function("differences", |bencher| {
            bencher.iter(|| black_box(contrast(&table, &filter)))
        });

        table.read_messages_by(Harvester {
            could_name: could_name_missing,
            read: missing_references,
        });
        let everything = Filter::default();
        let all_records = &records;
        let began = Instant::now();
        let causes = table.groups(&everything, Axis::Column(Column::Cause)).len();
        println!("{causes} causes, first time: {:?}", began.elapsed());
        let mut anew = |name: &str, work: fn(&Table, &[RecordId]) -> usize| {
            criterion.bench_function(name, |bencher| {
                bencher.iter(|| {
                    // Nothing is shown again, but what was worked out is forgotten.
                    table.show_again(DatasetId(9), SeenAgain::default());
                    black_box(work(&table, all_records))
                });
            });
        };
        anew("causes of all", |table, _| {
            table.groups(&Filter::default(), Axis::Column(Column::Cause)).len()
        });
        anew("missing references of all", |table, _| {
            table.missing_references(&Filter::default()).len()
        });
        anew("superseded among all", |table, records| {
            let superseded = table.superseded();
            let rows = table.numbered_candidates(records, Some(&superseded));
            rows.filter(|row| row.has_newer).count()
        });
        anew("what a plan of all is made of", |table, records| {
            let overview = table.overview(records, &[Column::Entity, Column::Category]);
            table.tables_of(records).len()
                + table.cause_examples(4_096).len()
                + overview.values.len()
        });

        load(&mut table, 2, ROWS / 2, 1);
        println!("{:?}", table.fates(DatasetId(1), DatasetId(2)));
        let one = &records[..1];
        criterion.bench_function("comparison of 1,000,000 and 500,000", |bencher| {
            bencher.iter(|| {
                // What was worked out is forgotten when a state changes.
                table.set_state(one, RecordState::Requested);
                table.set_state(one, RecordState::Open);
                black_box(table.fates(DatasetId(1), DatasetId(2)))
            });
        });
    }

    fn load(table: &mut Table, dataset: u32, rows: u32, seed: u64) {
        let mut dump = SampleDump::new(rows, seed);
        let ledger = DismissalLedger::default();
        let mut builder = DatasetBuilder::new(DatasetId(dataset));
        let mut importer = Importer::new(ImportOptions::default());
        let mut slice = Vec::new();
        while dump.next_chunk(&mut slice) {
            importer
                .push(&slice, &mut builder.session(table, &ledger))
                .expect("a sample can be read");
            slice.clear();
        }
        importer.finish(&mut builder.session(table, &ledger)).expect("a sample can be read");
        let seen = builder.take_seen_again();
        for segment in builder.finish() {
            table.append(DatasetId(dataset), segment);
        }
        table.show_again(DatasetId(dataset), seen);
    }

    fn largest_cause(table: &Table) -> String {
        table.facets(&Filter::default(), &[Column::Cause])[0].values[0].value.clone()
    }

    fn sheet(table: &Table, chosen: &[RecordId], most: Option<usize>) -> RunSheet {
        let groups = table.tab_groups(chosen).into_iter().map(|group| Group {
            job: group.job,
            entity: group.entity,
            data_source: group.data_source,
            rows: group
                .rows
                .into_iter()
                .map(|(at, place)| GroupRow { at, chosen: place.map(|_| 0) })
                .collect(),
        });
        run_sheet(&groups.collect::<Vec<_>>(), 10_000, 5, most)
    }

    fn contrast(table: &Table, filter: &Filter) -> usize {
        let contrast = table.contrast(filter);
        let fields: Vec<Vec<Share>> = (contrast.fields.iter())
            .map(|field| {
                field
                    .values
                    .iter()
                    .map(|(_, selected, all)| Share { selected: *selected, all: *all })
                    .collect()
            })
            .collect();
        differences(Share { selected: contrast.selected, all: contrast.all }, &fields).len()
    }

    /// By a whole desk over the store in memory.
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
