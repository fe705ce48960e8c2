//! From a call to its answer: the one list of what the engine can do.

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use web_sys::Blob;

use super::readers::Threads;
use super::rescue;
use super::serve::DATABASE;
use super::wire;
use crate::import::{DateOrder, ImportOptions, TableModel, ZoneRules};
use crate::platform::blob_source::BlobSource;
use crate::platform::clock::BrowserClock;
use crate::platform::files::GeneratedSource;
use crate::platform::web_source::{self, WebSource};
use crate::platform::{storage, zone};
use crate::protocol::{Call, Code, ImportParams, Problem, SampleParams, StorageView, UrlParams};
use crate::sample::SampleDump;
use crate::workspace::ports::{Announcer, Gateway, Store};
use crate::workspace::{Workspace, form};

/// Rows that a generated dump may have.
const SAMPLE_ROWS: std::ops::RangeInclusive<u32> = 100..=1_000_000;

/// An answer: JSON text, and a file where the call makes one.
pub(super) struct Answer {
    pub(super) json: String,
    pub(super) blob: Option<Blob>,
}

/// The answer to a call, as a page takes it.
pub(super) fn message(id: u32, result: Result<Answer, Problem>) -> js_sys::Object {
    let message = js_sys::Object::new();
    wire::set(&message, "id", &id.into());
    match result {
        Ok(Answer { json, blob }) => {
            wire::set(&message, "answer", &json.into());
            if let Some(blob) = blob {
                wire::set(&message, "blob", &blob);
            }
        }
        Err(problem) => {
            let json = serde_json::to_string(&problem).unwrap_or_default();
            wire::set(&message, "problem", &json.into());
        }
    }
    message
}

/// Carries a call out. `leads` says whether the asker is in the tab of this engine.
pub(super) async fn answer<S: Store, G: Gateway, A: Announcer>(
    workspace: &Workspace<S, G, BrowserClock, A>,
    call: Call,
    file: Option<Blob>,
    leads: bool,
) -> Result<Answer, Problem> {
    // Apart, as it is hardly ever needed and stands in the way of every call.
    workspace.prepare(&call).boxed_local().await;
    carry_out(workspace, call, file, leads).await
}

/// Each call is a function of its own: browsers compile functions when they first run, and the first call needs one.
fn carry_out<S: Store, G: Gateway, A: Announcer>(
    workspace: &Workspace<S, G, BrowserClock, A>,
    call: Call,
    file: Option<Blob>,
    leads: bool,
) -> Work<'_> {
    match call {
        Call::ImportFile(params) => later(async move {
            let file = needed(file)?;
            let (source, options) = (BlobSource::new(file), options(params)?);
            let (room, readers) = (storage::room().await, Threads::default());
            json(&workspace.import_with(source, options, false, room, &readers).await?)
        }),
        Call::ImportUrl(UrlParams { url, options: params }) => later(async move {
            let source = WebSource::new(&url)?;
            let fault = source.fault();
            let imported = workspace.import(source, options(params)?, false, storage::room().await);
            // The port has no more than words for what is wrong with a source.
            json(&imported.await.map_err(|problem| match problem.code {
                Code::Cancelled => problem,
                _ => fault.take().unwrap_or(problem),
            })?)
        }),
        Call::PreviewFile(params) => later(async move {
            let file = needed(file)?;
            json(&workspace.preview(BlobSource::new(file), options(params)?).await?)
        }),
        Call::CancelImport => later(async move {
            let at_work = workspace.cancel_import();
            web_source::stop();
            json(&at_work)
        }),
        Call::LoadSample(SampleParams { rows, seed }) => later(async move {
            if !SAMPLE_ROWS.contains(&rows) {
                return Err(Problem::invalid(format!(
                    "A sample has 100 to 1,000,000 rows, and {rows} were asked for"
                )));
            }
            let name = format!("Sample of {rows} errors (seed {seed})");
            let options = ImportOptions { name, ..ImportOptions::default() };
            let source = GeneratedSource::new(SampleDump::new(rows, seed));
            json(&workspace.import(source, options, true, storage::room().await).await?)
        }),
        Call::Datasets => later(async move { json(&workspace.datasets()) }),
        Call::RemoveDataset(id) => {
            later(
                async move { json(&workspace.remove_dataset(crate::domain::DatasetId(id)).await?) },
            )
        }
        Call::Count(filter) => later(async move { json(&workspace.count(filter)) }),
        Call::Rows(params) => {
            later(async move { workspace.write_rows(params, |page| json(page))? })
        }
        Call::Record(id) => later(async move { json(&workspace.known_record(&id)) }),
        Call::Facets(params) => {
            later(async move { json(&workspace.facets(params.filter, &params.dimensions)?) })
        }
        Call::Histogram(params) => {
            later(async move { json(&workspace.histogram(params.filter, params.buckets)?) })
        }
        Call::MessageGroups(params) => later(async move {
            json(&workspace.message_groups(params.filter, params.offset, params.limit))
        }),
        Call::Causes(params) => later(async move { json(&workspace.causes(params)?) }),
        Call::Cause(params) => later(async move { json(&workspace.cause(params)) }),
        Call::MissingReferences(params) => {
            later(async move { json(&workspace.missing_references(params)?) })
        }
        Call::MissingPage(params) => later(async move { json(&workspace.missing_page(params)?) }),
        Call::CauseRules => later(async move { json(&workspace.cause_rules()) }),
        Call::MergeCauses(params) => {
            later(async move { json(&workspace.merge_causes(params).await?) })
        }
        Call::SplitCause(params) => {
            later(async move { json(&workspace.split_cause(params).await?) })
        }
        Call::UndoCauseRule(rule) => {
            later(async move { json(&workspace.undo_cause_rule(rule).await?) })
        }
        Call::SetNote(params) => later(async move { json(&workspace.set_note(params).await?) }),
        Call::Jobs => later(async move { json(&workspace.jobs()) }),
        Call::SetJobStatus(params) => {
            later(
                async move { json(&workspace.set_job_status(params.job_id, params.status).await?) },
            )
        }
        Call::Plan(params) => later(async move { json(&workspace.plan(params).await?) }),
        Call::PlanRecords(params) => later(async move {
            json(&workspace.plan_records(
                params.plan_id,
                params.part,
                params.offset,
                params.limit,
            )?)
        }),
        Call::RunSheet(params) => later(async move { json(&workspace.run_sheet(params)?) }),
        Call::CompareDatasets(params) => {
            later(async move { json(&workspace.compare_datasets(params)?) })
        }
        Call::RetryLedger(params) => later(async move { json(&workspace.retry_ledger(params)?) }),
        Call::Differences(params) => later(async move { json(&workspace.differences(params)?) }),
        Call::Regressions => later(async move { json(&workspace.regressions()) }),
        Call::Submit(params) => later(async move { json(&workspace.submit(params).await?) }),
        Call::Requests(params) => {
            later(async move { json(&workspace.requests(params.job_id.as_ref())?) })
        }
        Call::Withdraw(request) => later(async move { json(&workspace.withdraw(request).await?) }),
        Call::Release(request) => later(async move { json(&workspace.release(request).await?) }),
        Call::Idle(params) => {
            later(async move { json(&workspace.idle(params.job_id.as_ref()).await?) })
        }
        Call::MarkFixed(params) => {
            later(async move { json(&workspace.mark_fixed(params.cause_id, params.fixed).await?) })
        }
        Call::Settings => later(async move { json(&workspace.settings()) }),
        Call::Configure(params) => later(async move { json(&workspace.configure(params).await?) }),
        Call::ExportRows(params) => later(async move {
            let format = params.format;
            let bytes = workspace.export(params).await?;
            as_file(&bytes, form(format).media_type())
        }),
        Call::Journal(page) => {
            later(async move { json(&workspace.journal(page.offset, page.limit).await?) })
        }
        Call::VerifyJournal(params) => {
            later(async move { json(&workspace.verify_journal(params.end).await?) })
        }
        Call::ExportJournal => later(async move {
            let bytes = workspace.export_journal().await?;
            as_file(&bytes, "application/x-ndjson")
        }),
        Call::ExportBundle => later(async move {
            let parts = js_sys::Array::new();
            workspace
                .export_bundle(|bytes| {
                    // The browser may put blobs on the disk; bytes would all be held here.
                    parts.push(storage::blob(bytes, "")?.as_ref());
                    Ok(())
                })
                .await?;
            let blob = storage::blob_of(&parts, "application/x-ndjson")?;
            Ok(Answer { json: "null".to_owned(), blob: Some(blob) })
        }),
        Call::ImportBundle => {
            later(
                async move { json(&workspace.import_bundle(BlobSource::new(needed(file)?)).await?) },
            )
        }
        Call::Storage => later(async move {
            let (segments, kind) = workspace.store_facts().await?;
            let estimate = storage::estimate().await;
            json(&StorageView {
                persisted: estimate.persisted,
                usage_bytes: estimate.usage_bytes,
                quota_bytes: estimate.quota_bytes,
                datasets: workspace.datasets().len(),
                segments,
                leader: leads,
                kind: kind.to_owned(),
            })
        }),
        Call::Wipe => later(async move { json(&workspace.wipe().await?) }),
        Call::ExportStored => later(async move {
            let answer = rescue::answer(DATABASE, Call::ExportStored).await;
            answer.unwrap_or_else(|| Err(Problem::invalid("Nothing is stored")))
        }),
        Call::DeleteStored => later(async move {
            Err(Problem::invalid("The stored data are in use: remove them with wipe"))
        }),
    }
}

type Work<'a> = LocalBoxFuture<'a, Result<Answer, Problem>>;

fn later<'a>(work: impl Future<Output = Result<Answer, Problem>> + 'a) -> Work<'a> {
    work.boxed_local()
}

fn json(value: &impl Serialize) -> Result<Answer, Problem> {
    serde_json::to_string(value).map(|json| Answer { json, blob: None }).map_err(|error| {
        Problem::new(Code::Internal, format!("The answer cannot be written: {error}"), "")
    })
}

fn as_file(bytes: &[u8], media_type: &str) -> Result<Answer, Problem> {
    Ok(Answer { json: "null".to_owned(), blob: Some(storage::blob(bytes, media_type)?) })
}

fn needed(file: Option<Blob>) -> Result<Blob, Problem> {
    file.ok_or_else(|| {
        Problem::invalid("The call needs a file: give a Blob or a File as its first argument")
    })
}

fn options(params: ImportParams) -> Result<ImportOptions, Problem> {
    let ImportParams { name, time_zone, date_order, mapping, job, model } = params;
    let time_zone = match time_zone.as_deref() {
        None => None,
        Some(text) => Some(time_zone_rules(text)?),
    };
    let date_order = match date_order.as_deref() {
        None => None,
        Some(text) => Some(DateOrder::parse(text).ok_or_else(|| {
            Problem::invalid(format!("'{text}' is no date order: write dmy, mdy or ymd"))
        })?),
    };
    let mut fields = Vec::with_capacity(mapping.len());
    for (header, field) in mapping {
        let field = match field {
            serde_json::Value::Null => None,
            serde_json::Value::String(field) => Some(field),
            other => {
                return Err(Problem::invalid(format!(
                    "The mapping of '{header}' is {other}: name a field, or null"
                )));
            }
        };
        fields.push((header, field));
    }
    let name = if name.is_empty() { "file".to_owned() } else { name };
    let model = match model.as_deref().map(TableModel::read) {
        None => None,
        Some(Ok(model)) => Some(std::rc::Rc::new(model)),
        Some(Err(fault)) => {
            let message =
                format!("The model cannot be used: {fault}. Give the text of a model.json");
            return Err(Problem::invalid(message));
        }
    };
    Ok(ImportOptions { name, time_zone, date_order, mapping: fields, job, model, is_part: false })
}

fn time_zone_rules(text: &str) -> Result<ZoneRules, Problem> {
    if text.eq_ignore_ascii_case("utc") || text == "Z" {
        return Ok(ZoneRules::utc());
    }
    if let Some(fixed) = ZoneRules::fixed(text) {
        return Ok(fixed);
    }
    zone::transitions(text)
        .map(|transitions| ZoneRules::from_transitions(text, transitions))
        .ok_or_else(|| {
            Problem::invalid(format!(
                "'{text}' is no time zone: write UTC, an offset such as +02:00, or an IANA name"
            ))
        })
}
