//! Commands as calls of the desk, and its answers in the words of the model.

use error_desk::domain::Exclusion::{
    AlreadyCleared, AlreadyRequested, NotRetriable, PointlessUntilFixed,
};
use error_desk::domain::{
    DatasetId, Filter, JobId, JobStatus, RecordState, RequestId, RetryVerdict,
};
use error_desk::protocol::{
    Call, ConfigureParams, ExportFormat, ExportParams, ImportParams, LimitsParams, PlanParams,
    PlanView, Problem, RampParams, SubmitParams,
};

use crate::answers::Known;
use crate::commands::{Command, Selection};
use crate::harness::{Desk, Outside, import};
use crate::model::{Answer, no};
use crate::universe::thing;

/// Every record that can be seen, in whatever state.
pub(crate) fn everything() -> Filter {
    Filter { states: RecordState::ALL.to_vec(), ..Filter::default() }
}

fn filter(which: &Selection) -> (Option<Filter>, Option<Vec<String>>) {
    let word = |word: &str| vec![word.to_owned()];
    let filter = match which {
        Selection::All => Filter::default(),
        Selection::Job(job) => Filter { jobs: word(job), ..Filter::default() },
        Selection::Entity(entity) => Filter { entities: word(entity), ..Filter::default() },
        Selection::Category(category) => Filter { categories: word(category), ..Filter::default() },
        Selection::State(state) => Filter { states: vec![*state], ..Filter::default() },
        Selection::Listed(things) => {
            return (None, Some(things.iter().map(|number| thing(*number).id.clone()).collect()));
        }
    };
    (Some(filter), None)
}

fn told(plan: PlanView) -> String {
    let parts: Vec<_> = plan
        .parts
        .iter()
        .map(|part| {
            let after = part.gate.map(|gate| gate.after);
            (part.job.0.as_str(), part.count, part.places, part.shelved, after)
        })
        .collect();
    let without = |wanted| {
        let found = plan.excluded.iter().filter(|excluded| excluded.reason == wanted);
        found.map(|excluded| excluded.count).sum::<usize>()
    };
    let without = (
        without(AlreadyRequested),
        without(NotRetriable),
        without(AlreadyCleared),
        without(PointlessUntilFixed),
    );
    format!("plan {} of {}: {parts:?}, without {without:?}", plan.plan_id, plan.matched)
}

/// Asks the desk, as the thread that serves the page does: what the answer needs is read before.
pub(crate) async fn perform(
    desk: &Desk,
    outside: &Outside,
    command: &Command,
    known: &Known,
) -> Answer {
    let done = |result: Result<(), Problem>| result.map(|()| "done".to_owned()).map_err(no);
    let configure = async |params: ConfigureParams| done(desk.configure(params).await.map(drop));
    match command {
        Command::Import(things) => {
            desk.prepare(&Call::ImportFile(ImportParams::default())).await;
            let report = import(desk, things).await.map_err(no)?;
            Ok(format!(
                "dataset {:?}: {} read, {} loaded, {} known, {} dismissed",
                report.dataset_id.map(|id| id.0),
                report.rows_read,
                report.loaded,
                report.duplicates,
                report.dismissed_earlier
            ))
        }
        Command::Plan(kind, which, ramp, heeds) => {
            let (filter, ids) = filter(which);
            let ramp = ramp.map(|threshold| RampParams { threshold: Some(threshold) });
            let leave_out = if *heeds { vec![RetryVerdict::PointlessUntilFixed] } else { vec![] };
            let params = PlanParams { kind: *kind, filter, ids, ramp, leave_out };
            desk.prepare(&Call::Plan(params.clone())).await;
            desk.plan(params).await.map(told).map_err(no)
        }
        Command::SubmitPlan(before_last) => {
            let plan_id = Some(known.plan(*before_last));
            submit(desk, SubmitParams { plan_id, ..SubmitParams::default() }).await
        }
        Command::Submit(kind, job, which) => {
            let (filter, ids) = filter(which);
            let (kind, job_id) = (Some(*kind), Some(JobId((*job).to_owned())));
            submit(desk, SubmitParams { kind, job_id, filter, ids, ..SubmitParams::default() })
                .await
        }
        Command::Withdraw(number) => done(desk.withdraw(RequestId(known.request(*number))).await),
        Command::Release(number) => done(desk.release(RequestId(known.shelved(*number))).await),
        Command::SetJob(job, active) => {
            let status = if *active { JobStatus::Active } else { JobStatus::stopped() };
            done(desk.set_job_status(JobId((*job).to_owned()), status).await)
        }
        Command::MarkFixed(number, fixed) => {
            done(desk.mark_fixed(thing(*number).cause.clone(), *fixed).await)
        }
        Command::Limits(requests_per_job, records_per_request) => {
            let limits = LimitsParams {
                requests_per_job: *requests_per_job,
                records_per_request: *records_per_request,
            };
            configure(ConfigureParams { limits: Some(limits), ..ConfigureParams::default() }).await
        }
        Command::Hold(seconds) => {
            let dismiss_hold_seconds = Some(*seconds);
            configure(ConfigureParams { dismiss_hold_seconds, ..ConfigureParams::default() }).await
        }
        Command::Pace(millis) => {
            let rehearsal_step_ms = Some(*millis);
            configure(ConfigureParams { rehearsal_step_ms, ..ConfigureParams::default() }).await
        }
        Command::Remove(number) => {
            done(desk.remove_dataset(DatasetId(known.dataset(*number))).await)
        }
        Command::Erase => {
            desk.finish_erasure().await;
            Ok("done".to_owned())
        }
        Command::Export => {
            let params =
                ExportParams { filter: everything(), plan_id: None, format: ExportFormat::Jsonl };
            desk.prepare(&Call::ExportRows(params.clone())).await;
            let bytes = desk.export(params).await.map_err(no)?;
            let text = String::from_utf8(bytes).expect("lines of JSON");
            let id = |line: &str| {
                let record: serde_json::Value = serde_json::from_str(line).expect("a record");
                record["id"].as_str().expect("its id").to_owned()
            };
            Ok(format!("{:?}", text.lines().map(id).collect::<Vec<_>>()))
        }
        Command::Wipe => done(desk.wipe().await),
        Command::Turn(millis) => {
            outside.clock.0.set(outside.clock.0.get() + millis);
            Ok("done".to_owned())
        }
        Command::Cut(cut) => {
            outside.line.cut.set(*cut);
            Ok("done".to_owned())
        }
        other => panic!("{other:?} is no question to the desk"),
    }
}

async fn submit(desk: &Desk, params: SubmitParams) -> Answer {
    desk.prepare(&Call::Submit(params.clone())).await;
    let submitted = desk.submit(params).await.map_err(no)?;
    Ok(format!("{:?}", submitted.request_ids.iter().map(|id| id.0).collect::<Vec<_>>()))
}
