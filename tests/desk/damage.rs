//! Stored segments that are damaged, missing or in the wrong place: one chunk is lost and named, and nothing else.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use error_desk::dataset::Record;
use error_desk::domain::{Column, DatasetId, Filter, RecordState, RequestKind, RequestState, Sort};
use error_desk::protocol::{
    Call, ChunkPart, Code, DamagedChunk, ExportFormat, PlanParams, RowsParams, SubmitParams,
};
use error_desk::store::MemoryStore;
use error_desk::workspace::ports::Store;
use futures_executor::block_on;

use crate::chunks::import_in_chunks;
use crate::harness::{Desk, csv, file};
use crate::{code, entity, one};

const DATASET: DatasetId = DatasetId(1);
const ROWS: usize = 40;
const CHUNK: usize = 16;

/// Forty rows in chunks of 16, 16 and 8.
async fn stored() -> MemoryStore {
    let store = MemoryStore::new();
    import_in_chunks(&store, "errors.csv", &csv(ROWS), CHUNK).await;
    store.reopen()
}

async fn flip(store: &MemoryStore, index: u32) {
    let mut bytes = store.segment(DATASET, index).await.unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    store.put_segment(DATASET, index, bytes).await.unwrap();
}

fn without(store: &MemoryStore, index: u32) -> MemoryStore {
    let gone = format!("\"shelf\":\"segments\",\"key\":[{},{index}]", DATASET.0);
    let lines = store.export_raw(2);
    let kept: String = lines.split_inclusive('\n').filter(|line| !line.contains(&gone)).collect();
    assert!(kept.len() < lines.len());
    MemoryStore::from_raw(&kept).unwrap()
}

/// Rows of the dump that can be seen, by id.
fn seen(desk: &Desk) -> Vec<(String, u32)> {
    let all = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
    let page = desk.rows(all, None, 0, 1_000).unwrap();
    page.rows.into_iter().map(|row| (row.id, row.source.row)).collect()
}

/// The rows that are left when a chunk is lost, of all those there were.
fn rest(all: &[(String, u32)], chunk: usize) -> Vec<(String, u32)> {
    let lost = chunk * CHUNK..(chunk + 1) * CHUNK;
    let kept = all.iter().enumerate().filter(|(at, _)| !lost.contains(at));
    kept.map(|(_, row)| row.clone()).collect()
}

#[test]
fn one_damaged_part_takes_one_chunk_and_is_named_once() {
    block_on(async {
        let whole = seen(&Desk::open(&stored().await).await);
        assert_eq!(whole.len(), ROWS);
        for index in 0..6 {
            for missing in [false, true] {
                let mut store = stored().await;
                if missing {
                    store = without(&store, index);
                } else {
                    flip(&store, index).await;
                }
                let (chunk, before) = (index / 2, store.export_raw(2));
                // Now, and after a reload.
                for _ in 0..2 {
                    let desk = Desk::open(&store.reopen()).await;
                    check(&desk, chunk, index, missing, &whole).await;
                    desk.erase().await;
                }
                let part = |lines: &str| {
                    let key = format!("\"key\":[1,{index}]");
                    lines.lines().find(|line| line.contains(&key)).map(str::to_owned)
                };
                assert_eq!(part(&store.export_raw(2)), part(&before), "the evidence stays");
            }
        }
    });
}

async fn check(desk: &Desk, chunk: u32, index: u32, missing: bool, whole: &[(String, u32)]) {
    let left = rest(whole, chunk as usize);
    assert_eq!(seen(desk), left, "part {index}");
    let part = if index.is_multiple_of(2) { ChunkPart::Head } else { ChunkPart::Details };
    let rows = whole.len() - left.len();
    let first = chunk * CHUNK as u32 + 1;
    let is_open_ended = part == ChunkPart::Head && chunk == 2;
    let last_row = (!is_open_ended).then_some(first + rows as u32 - 1);
    let damaged = DamagedChunk { chunk, part, rows, first_row: Some(first), last_row };
    assert_eq!(desk.datasets()[0].damaged, [damaged]);

    let problems = desk.problems();
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!(problem.code, Code::StorageUnavailable);
    let words = ["errors.csv", &format!("{} of 3", chunk + 1), &format!("{rows} rows")];
    assert!(words.iter().all(|word| problem.message.contains(word)), "{problem}");
    assert!(problem.hint.contains("Import the file again"), "{problem}");
    assert_eq!(
        problem.message.contains("missing:") && problem.message.contains("it is missing"),
        missing
    );
    assert_eq!(desk.told_of_datasets().contains(&DATASET), part == ChunkPart::Details);

    // Every question goes on.
    assert_eq!(desk.count(Filter::default()), left.len());
    let text = Filter { text: Some("number".to_owned()), ..Filter::default() };
    assert_eq!(desk.count(text), left.len());
    let sort = Some(Sort { column: Column::Message, descending: true });
    assert_eq!(desk.rows(Filter::default(), sort, 0, 99).unwrap().rows.len(), left.len());
    assert!(left.iter().all(|(id, _)| desk.record(id).is_some()));
    let lost = whole.iter().filter(|row| !left.contains(row));
    assert!(lost.into_iter().all(|(id, _)| desk.record(id).is_none()));
    let kind = RequestKind::Dismiss;
    let plan = PlanParams::of(kind, Filter::default());
    assert_eq!(desk.plan(plan).await.unwrap().eligible, left.len());
    let bytes = desk.export(crate::all_of(Filter::default(), ExportFormat::Csv)).await.unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), left.len() + 1);
}

#[test]
fn all_heads_can_be_lost() {
    block_on(async {
        let store = stored().await;
        for index in [0, 2, 4] {
            flip(&store, index).await;
        }
        let desk = Desk::open(&store).await;
        assert_eq!((seen(&desk), desk.problems().len()), (vec![], 3));
        assert_eq!(desk.datasets()[0].damaged.len(), 3);
        assert_eq!(desk.import("errors.csv", &csv(ROWS)).await.unwrap().loaded, ROWS as u64);
        desk.remove_dataset(DATASET).await.unwrap();
        assert_eq!((seen(&desk).len(), desk.datasets().len()), (ROWS, 1));
        assert_eq!(store.segment_count().await.unwrap(), 2);
    });
}

#[test]
fn parts_that_changed_places_are_damage() {
    block_on(async {
        let store = stored().await;
        for [one, other] in [[1, 3], [0, 2]] {
            let parts = [store.segment(DATASET, one), store.segment(DATASET, other)];
            let [first, second] = parts;
            let (first, second) = (first.await.unwrap(), second.await.unwrap());
            store.put_segment(DATASET, one, second).await.unwrap();
            store.put_segment(DATASET, other, first).await.unwrap();
            let desk = Desk::open(&store.reopen()).await;
            assert_eq!(seen(&desk).len(), ROWS - 2 * CHUNK);
            assert!(desk.problems()[0].message.contains("it is a part of chunk"));
        }
    });
}

#[test]
fn the_same_file_brings_back_exactly_what_was_lost() {
    block_on(async {
        for index in [2, 3] {
            let store = stored().await;
            // One of the rows that will be lost was dismissed: it stays away.
            let desk = Desk::open(&store).await;
            let whole = seen(&desk);
            let job = desk.jobs()[0].id.clone();
            let text = Filter { text: Some("number 17".to_owned()), ..Filter::default() };
            desk.submit(one(RequestKind::Dismiss, &job.0, text)).await.unwrap();
            desk.finish().await;
            drop(desk);
            flip(&store, index).await;

            let desk = Desk::open(&store.reopen()).await;
            let report = desk.import("errors.csv", &csv(ROWS)).await.unwrap();
            assert_eq!((report.loaded, report.dismissed_earlier), (CHUNK as u64 - 1, 1));
            assert_eq!(report.duplicates, (ROWS - CHUNK) as u64);
            let mut back = seen(&desk);
            back.sort_by_key(|(_, row)| *row);
            let mut wanted = whole;
            wanted.remove(17);
            assert_eq!(back, wanted);
            drop(desk);
            let desk = Desk::open(&store.reopen()).await;
            assert_eq!(seen(&desk).len(), ROWS - 1);
        }
    });
}

#[test]
fn requests_skip_what_was_lost_and_go_on() {
    block_on(async {
        for kind in [RequestKind::Retry, RequestKind::Dismiss] {
            for index in [0, 1] {
                let store = stored().await;
                let desk = Desk::open(&store).await;
                let job = desk.jobs()[0].id.clone();
                desk.submit(one(kind, &job.0, entity("Vendors V2"))).await.unwrap();
                let held = desk.requests(None).unwrap()[0].records;
                let requested =
                    Filter { states: vec![RecordState::Requested], ..Filter::default() };
                let requested = desk.rows(requested, None, 0, 99).unwrap().rows;
                let in_chunk = |row: &&Record| row.source.row <= CHUNK as u32;
                let lost = requested.iter().filter(in_chunk).count();
                assert!(lost > 0 && requested.len() == held);
                drop(desk);
                flip(&store, index).await;
                // The loss is found before the request runs, or by the request itself.
                for lazily in [false, true] {
                    let lines = store.export_raw(2);
                    let store = MemoryStore::from_raw(&lines).unwrap();
                    let desk = if lazily {
                        Desk::open_lazily(&store).await.unwrap()
                    } else {
                        Desk::open(&store).await
                    };
                    desk.finish().await;
                    desk.load_rest().await;
                    let request = &desk.requests(None).unwrap()[0];
                    assert_eq!((request.state, request.done), (RequestState::Finished, held));
                    // A retry asks for no text: it may be over before the loss is found.
                    let is_early = kind == RequestKind::Retry && index == 1 && lazily;
                    assert_eq!(request.skipped, if is_early { 0 } else { lost });
                    // The other records of the request are those they were.
                    let untouched = vec![RecordState::Open, RecordState::Requested];
                    let untouched = Filter { states: untouched, ..entity("Vendors V2") };
                    let untouched = desk.rows(untouched, None, 0, 99).unwrap().rows;
                    assert!(
                        untouched.iter().all(|row| requested.iter().all(|one| one.id != row.id))
                    );
                    desk.erase().await;
                    assert_eq!(desk.problems().len(), 1);
                }
            }
        }
    });
}

#[test]
fn a_loss_found_while_rows_are_on_show_is_announced() {
    block_on(async {
        let store = stored().await;
        flip(&store, 1).await;
        let desk = Desk::open_lazily(&store).await.unwrap();
        assert_eq!(desk.count(Filter::default()), ROWS, "heads alone do not tell");
        // Records of one table have no order that texts would tell.
        let plan = PlanParams::of(RequestKind::Dismiss, crate::entity("Vendors V2"));
        let planned = desk.plan(plan).await.unwrap();
        let params = RowsParams { limit: 50, ..serde_json::from_str("{}").unwrap() };
        desk.prepare(&Call::Rows(params)).await;
        assert_eq!(seen(&desk).len(), ROWS - CHUNK);
        assert_eq!(desk.told_of_datasets(), [DATASET]);
        let submit = error_desk::protocol::SubmitParams {
            plan_id: Some(planned.plan_id),
            ..Default::default()
        };
        let refused = desk.submit(submit).await.unwrap_err();
        assert_eq!(refused.code, Code::PlanExpired, "a plan is submitted as it was shown");
    });
}

#[test]
fn damage_in_a_database_of_version_1_takes_one_chunk() {
    let lines = include_str!("../stored/version-1.jsonl");
    let key = "{\"shelf\":\"segments\",\"key\":[2,3],\"value\":{\"base64\":\"";
    let at = lines.find(key).unwrap() + key.len() + 101;
    let mut damaged = lines.to_owned();
    let other = if &lines[at..=at] == "A" { "B" } else { "A" };
    damaged.replace_range(at..=at, other);
    block_on(async {
        let desk = Desk::open(&MemoryStore::from_raw(&damaged).unwrap()).await;
        let [damaged] = &desk.datasets()[0].damaged[..] else { panic!("{:?}", desk.datasets()) };
        assert_eq!((damaged.chunk, damaged.part, damaged.rows), (1, ChunkPart::Details, CHUNK));
        assert_eq!((desk.problems().len(), desk.datasets()[1].damaged.len()), (1, 0));
        let rows = desk.count(Filter { states: RecordState::ALL.to_vec(), ..Filter::default() });
        assert!((31 - CHUNK..31).contains(&rows), "{rows}");
    });
}

#[test]
fn a_segment_that_could_not_be_read_for_once_is_not_lost() {
    block_on(async {
        for (fails, lost) in [(1, 0), (2, 1)] {
            let store = stored().await;
            store.fail_reads(fails);
            let desk = Desk::open(&store).await;
            assert_eq!(desk.datasets()[0].damaged.len(), lost);
            assert_eq!(desk.problems().len(), lost);
        }
    });
}

#[test]
fn rows_that_may_return_are_not_taken_a_second_time() {
    block_on(async {
        let store = stored().await;
        let all = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
        let whole = Desk::open(&store.reopen()).await.count(all.clone());
        store.fail_reads(2);
        let desk = Desk::open(&store).await;
        assert!(desk.count(all.clone()) < whole);
        let refused = desk.import("again.csv", &csv(40)).await;
        assert_eq!(code(refused), Code::StorageUnavailable);
        let desk = Desk::open(&store.reopen()).await;
        assert_eq!(desk.count(all.clone()), whole, "they were only away");
        let again = desk.import("again.csv", &csv(40)).await.unwrap();
        assert_eq!(desk.count(all), whole + again.loaded as usize);
    });
}

#[test]
fn where_rows_never_return_the_dump_is_removed_and_opened_again() {
    block_on(async {
        let store = stored().await;
        store.fail_reads(2);
        let desk = Desk::open(&store).await;
        let refused = desk.import("again.csv", &csv(40)).await.unwrap_err();
        assert!(refused.hint.contains("remove 'errors.csv' first (Dumps)"), "{refused:?}");
        for dataset in desk.datasets() {
            desk.remove_dataset(dataset.id).await.unwrap();
        }
        let again = desk.import("again.csv", &csv(40)).await.unwrap();
        assert!(again.loaded > 0);
        let all = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
        assert_eq!(desk.count(all), again.loaded as usize);
    });
}

#[test]
fn no_bundle_is_made_or_taken_where_rows_are_lost() {
    block_on(async {
        let mut bytes = Vec::new();
        let whole = Desk::open(&stored().await).await;
        whole
            .export_bundle(|piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })
            .await
            .unwrap();
        let store = stored().await;
        flip(&store, 1).await;
        let desk = Desk::open(&store).await;
        for refused in [
            desk.export_bundle(|_| panic!("nothing is handed out")).await,
            desk.import_bundle(file(&bytes)).await.map(|_| ()),
        ] {
            let problem = refused.unwrap_err();
            assert_eq!(problem.code, Code::StorageUnavailable);
            assert!(problem.message.contains("16 rows of 'errors.csv'"), "{problem}");
        }
    });
}

#[test]
fn a_request_for_a_dump_that_is_lost_behind_a_long_one_skips_it() {
    block_on(async {
        let store = stored().await;
        let desk = Desk::open(&store).await;
        let report = desk.import("more.csv", &csv(ROWS + 4)).await.unwrap();
        let (dataset, loaded) = (report.dataset_id.unwrap(), report.loaded as usize);
        let job = desk.jobs()[0].id.0.clone();
        let rows = desk.rows(Filter::default(), None, ROWS, 99).unwrap().rows;
        let ids = Some(rows.into_iter().map(|row| row.id).collect());
        let some = SubmitParams {
            filter: None,
            ids,
            ..one(RequestKind::Dismiss, &job, Filter::default())
        };
        desk.submit(some).await.unwrap();
        let mut head = store.segment(dataset, 0).await.unwrap();
        head[9] ^= 1;
        store.put_segment(dataset, 0, head).await.unwrap();
        let desk = Desk::open(&store.reopen()).await;
        desk.finish().await;
        let request = &desk.requests(None).unwrap()[0];
        assert_eq!((request.state, request.skipped), (RequestState::Finished, loaded));
    });
}
