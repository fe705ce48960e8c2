//! How fast a dump gets in: `make bench-native`. Sizes are those of the text, so that figures compare with the file's.
//!
//! Deliberately absent: storage and the browser, which have costs of their own.

#[cfg(target_family = "wasm")]
fn main() {}

#[cfg(not(target_family = "wasm"))]
criterion::criterion_main!(native::benches);

#[cfg(not(target_family = "wasm"))]
mod native {
    use std::hint::black_box;

    use criterion::{Criterion, Throughput, criterion_group};
    use error_desk::dataset::{
        ChunkRef, DatasetBuilder, Pushed, RowInput, RowSink, Segment, Table,
    };
    use error_desk::domain::{DatasetId, DismissalLedger};
    use error_desk::guidance::cause::{CodePrint, EntityPrint, cause_of};
    use error_desk::guidance::reading::{NoSecrets, Reader};
    use error_desk::import::{ImportOptions, Importer};
    use error_desk::sample::SampleDump;
    use serde_json::json;

    const ROWS: u32 = 100_000;
    const SLICE: usize = 4 << 20;

    criterion_group! {
        name = benches;
        config = Criterion::default().sample_size(10);
        targets = formats, stages
    }

    /// From bytes to rows that nobody keeps.
    fn formats(criterion: &mut Criterion) {
        let csv = sample();
        let mut rows = Rows::default();
        import(&csv, &mut rows);
        let mut group = criterion.benchmark_group("rows of");
        for (format, text) in [("csv", &csv), ("jsonl", &rows.json_lines)] {
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(format, |bencher| bencher.iter(|| import(text, &mut Nobody)));
        }
        group.finish();
    }

    /// What follows the parser, and what is done to each message.
    fn stages(criterion: &mut Criterion) {
        let csv = sample();
        let mut rows = Rows::default();
        import(&csv, &mut rows);
        let messages = rows.messages;
        let mut group = criterion.benchmark_group("of a dump");
        group.throughput(Throughput::Bytes(csv.len() as u64));
        group.bench_function("segments", |bencher| bencher.iter(|| segments(&csv)));
        group.bench_function("segments and their stored form", |bencher| {
            bencher.iter(|| stored_form(&segments(&csv)));
        });
        group.finish();

        let mut group = criterion.benchmark_group("messages");
        group.throughput(Throughput::Bytes(messages.iter().map(String::len).sum::<usize>() as u64));
        let (entity, code) = (EntityPrint::of("Customers V3"), CodePrint::of("E1"));
        group.bench_function("read in a row", |bencher| {
            bencher.iter(|| {
                let mut reader = Reader::default();
                for message in &messages {
                    black_box(reader.read(entity, Some(("E1", code)), message, false, &NoSecrets));
                }
            });
        });
        group.bench_function("read one by one", |bencher| {
            bencher.iter(|| {
                for message in &messages {
                    black_box(cause_of("Customers V3", "E1", message));
                }
            });
        });
        group.finish();
    }

    fn sample() -> Vec<u8> {
        let mut dump = SampleDump::new(ROWS, 1);
        let mut csv = Vec::new();
        while dump.next_chunk(&mut csv) {}
        csv
    }

    fn import(text: &[u8], sink: &mut dyn RowSink) {
        let mut importer = Importer::new(ImportOptions::default());
        for slice in text.chunks(SLICE) {
            importer.push(slice, sink).expect("a sample can be read");
        }
        importer.finish(sink).expect("a sample can be read");
    }

    fn segments(csv: &[u8]) -> Vec<Segment> {
        let (table, ledger) = (Table::default(), DismissalLedger::default());
        let mut builder = DatasetBuilder::new(DatasetId(1));
        import(csv, &mut builder.session(&table, &ledger));
        builder.finish()
    }

    fn stored_form(segments: &[Segment]) -> usize {
        let chunks = (0..).map(|chunk| ChunkRef { dataset: DatasetId(1), chunk });
        segments.iter().zip(chunks).map(|(made, chunk)| made.encode(chunk).len()).sum()
    }

    struct Nobody;

    impl RowSink for Nobody {
        fn extra_columns(&mut self, _: &[String]) {}

        fn push(&mut self, row: &RowInput<'_>) -> Pushed {
            black_box(row);
            Pushed::Loaded
        }
    }

    /// The messages, and the rows in another format.
    #[derive(Default)]
    struct Rows {
        messages: Vec<String>,
        json_lines: Vec<u8>,
    }

    impl RowSink for Rows {
        fn extra_columns(&mut self, _: &[String]) {}

        fn push(&mut self, row: &RowInput<'_>) -> Pushed {
            self.messages.push(row.message.to_owned());
            let line = json!({
                "id": row.id, "occurredAt": row.occurred_at.map(|time| time.to_string()), "job": row.job,
                "entity": row.entity, "map": row.map, "dataSource": row.data_source, "company": row.company,
                "direction": row.direction, "errorCode": row.error_code, "recordKey": row.record_key,
                "message": row.message, "retryCount": row.retry_count,
            });
            self.json_lines.extend_from_slice(line.to_string().as_bytes());
            self.json_lines.push(b'\n');
            Pushed::Loaded
        }
    }
}
