//! The application in WebAssembly, in a worker, over real IndexedDB: the main job, the queue's limits, restarts.
#![cfg(target_family = "wasm")]

use std::cell::Cell;

use error_desk::domain::{
    Filter, JobId, JobStatus, RecordState, RequestId, RequestKind, RequestState,
};
use error_desk::gateway::Rehearsal;
use error_desk::import::{ImportOptions, ImportReport};
use error_desk::platform::clock::{BrowserClock, sleep};
use error_desk::platform::files::GeneratedSource;
use error_desk::protocol::{Code, ConfigureParams, Event, Problem, SubmitParams};
use error_desk::sample::SampleDump;
use error_desk::store::IndexedDbStore;
use error_desk::workspace::ports::{Announcer, Room};
use error_desk::workspace::{Pause, Workspace};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

struct Nobody;

impl Announcer for Nobody {
    fn announce(&self, _: Event) {}
}

type Desk = Workspace<IndexedDbStore, Rehearsal, BrowserClock, Nobody>;

thread_local!(static NAMES: Cell<u32> = const { Cell::new(0) });

/// A database of its own for each test.
fn fresh_name() -> String {
    let number = NAMES.get();
    NAMES.set(number + 1);
    format!("desk-{}-{number}", js_sys::Date::now())
}

async fn open(name: &str) -> Desk {
    let store = IndexedDbStore::open(name).await.expect("the database opens");
    let desk =
        Workspace::open(store, Rehearsal, BrowserClock, Nobody).await.expect("the desk opens");
    let quick =
        ConfigureParams { dismiss_hold_seconds: Some(0), rehearsal_step_ms: Some(1), limits: None };
    desk.configure(quick).await.expect("settings are stored");
    desk
}

async fn sample(desk: &Desk, rows: u32) -> ImportReport {
    let options = ImportOptions { name: "sample".into(), ..ImportOptions::default() };
    desk.import(GeneratedSource::new(SampleDump::new(rows, 1)), options, true, Room::default())
        .await
        .expect("the sample loads")
}

async fn finish(desk: &Desk) {
    loop {
        match desk.round().await {
            Pause::Step => {}
            // The pace of a job.
            Pause::Until(_) => sleep(1).await,
            Pause::Rest => return,
        }
    }
}

fn everything() -> Filter {
    Filter { states: RecordState::ALL.to_vec(), ..Filter::default() }
}

fn request(kind: RequestKind, job: &JobId, ids: Vec<String>) -> SubmitParams {
    SubmitParams {
        kind: Some(kind),
        job_id: Some(job.clone()),
        ids: Some(ids),
        ..SubmitParams::default()
    }
}

fn ids(desk: &Desk, job: &JobId, count: usize) -> Vec<String> {
    let filter = Filter { jobs: vec![job.0.clone()], ..Filter::default() };
    desk.rows(filter, None, 0, count).expect("rows").rows.into_iter().map(|row| row.id).collect()
}

#[wasm_bindgen_test]
async fn the_main_job_survives_a_restart() {
    let name = fresh_name();
    let desk = open(&name).await;
    let report = sample(&desk, 5_000).await;
    assert_eq!((report.rows_read, report.loaded, report.rejected), (5_000, 5_000, 0));
    let job = desk.jobs()[0].id.clone();
    let chosen = ids(&desk, &job, 700);
    desk.submit(request(RequestKind::Dismiss, &job, chosen.clone())).await.expect("submitted");
    // One step, then the process ends.
    assert_eq!(desk.round().await, Pause::Step);
    let done = desk.requests(None).expect("requests")[0].done;
    assert!(done > 0 && done < 700);
    drop(desk);

    let desk = open(&name).await;
    let parked = &desk.requests(None).expect("requests")[0];
    assert_eq!((parked.state, parked.done), (RequestState::Queued, done));
    finish(&desk).await;
    let request = &desk.requests(None).expect("requests")[0];
    assert_eq!((request.state, request.dismissed), (RequestState::Finished, 700));
    assert_eq!(desk.count(everything()), 4_300);
    desk.finish_erasure().await;
    drop(desk);

    let desk = open(&name).await;
    assert_eq!(desk.count(everything()), 4_300);
    desk.load_rest().await;
    assert!(chosen.iter().all(|id| desk.record(id).is_none()));
    let again = sample(&desk, 5_000).await;
    assert_eq!((again.loaded, again.duplicates, again.dismissed_earlier), (0, 4_300, 700));
}

#[wasm_bindgen_test]
async fn the_queue_keeps_its_limits() {
    let desk = open(&fresh_name()).await;
    sample(&desk, 2_000).await;
    let job = desk.jobs()[0].id.clone();
    let chosen = ids(&desk, &job, 6);
    let submit = |place: usize| {
        desk.submit(request(RequestKind::Dismiss, &job, vec![chosen[place].clone()]))
    };
    let code = |result: Result<_, Problem>| {
        result.map(|_: error_desk::protocol::Submitted| ()).map_err(|problem| problem.code)
    };
    for place in 0..5 {
        assert_eq!(code(submit(place).await), Ok(()));
    }
    assert_eq!(code(submit(5).await), Err(Code::QueueFull));
    desk.withdraw(RequestId(1)).await.expect("withdrawn");
    assert_eq!(code(submit(1).await), Err(Code::AlreadyRequested));
    desk.set_job_status(job.clone(), JobStatus::stopped()).await.expect("stopped");
    assert_eq!(code(submit(5).await), Err(Code::JobNotActive));
    assert_eq!(desk.round().await, Pause::Rest, "nothing runs in a job that is not Active");
    desk.set_job_status(job, JobStatus::Active).await.expect("started");
    finish(&desk).await;
    let requests = desk.requests(None).expect("requests");
    assert!(requests.iter().skip(1).all(|request| request.state == RequestState::Finished));
    assert!(
        requests.windows(2).skip(1).all(|pair| pair[0].finished_at <= pair[1].started_at),
        "in order"
    );
}
