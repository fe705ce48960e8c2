//! Dumps in chunks of few rows: what happens to one chunk of many can be tested without loading a million rows.

use error_desk::dataset::{ChunkRef, DatasetBuilder, Segment, Table};
use error_desk::domain::{DatasetId, DismissalLedger};
use error_desk::import::{ImportOptions, Importer};
use error_desk::store::MemoryStore;
use error_desk::workspace::ports::{Commit, Store};

use crate::harness::Desk;

/// Imports a dump and stores it anew in chunks of so many rows.
pub(crate) async fn import_in_chunks(store: &MemoryStore, name: &str, text: &str, rows: usize) {
    let desk = Desk::open(store).await;
    let dataset = desk.import(name, text).await.expect("an import").dataset_id.expect("rows");
    drop(desk);
    store_in_chunks(store, dataset, text, rows).await;
}

async fn store_in_chunks(store: &MemoryStore, dataset: DatasetId, text: &str, rows: usize) {
    let segments = segments(dataset, text, rows);
    let stored = store.load().await.expect("a store");
    let manifest = stored.manifests.into_iter().find(|manifest| manifest.dataset == dataset);
    let mut manifest = manifest.expect("a manifest");
    manifest.segments = segments.len() as u32 * 2;
    for (segment, at) in segments.iter().zip(0..) {
        for (part, index) in segment.encode(ChunkRef { dataset, chunk: at }).iter().zip(at * 2..) {
            store.put_segment(dataset, index, part.as_slice()).await.expect("a segment");
        }
    }
    let manifests = vec![manifest];
    store.commit(&Commit { manifests, ..Commit::default() }).await.expect("a manifest");
}

fn segments(dataset: DatasetId, text: &str, rows: usize) -> Vec<Segment> {
    let mut builder = DatasetBuilder::with_chunk_rows(dataset, rows);
    let mut importer = Importer::new(ImportOptions::default());
    let (table, ledger) = (Table::new(), DismissalLedger::default());
    importer.push(text.as_bytes(), &mut builder.session(&table, &ledger)).expect("a dump");
    importer.finish(&mut builder.session(&table, &ledger)).expect("rows");
    builder.finish()
}
