//! Run sheets: what to enter in Microsoft's tab for a plan, or for requests that were rehearsed.

use super::engine::{Workspace, refused};
use super::ports::{Announcer, Clock, Gateway, Store};
use crate::analysis::{Gap, Group, GroupRow, Method, markdown, run_sheet};
use crate::dataset::{TabGroup, TabRow};
use crate::domain::{RecordId, RequestId, RequestKind, Timestamp};
use crate::protocol::{
    Problem, RunSheetMethod, RunSheetParams, RunSheetStep, RunSheetView, Unreached, UnreachedReason,
};

/// The records of a sheet, part by part in the order of work.
struct Chosen {
    kind: RequestKind,
    words: String,
    parts: Vec<Vec<RecordId>>,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// The steps that reach a plan's records, or those of requests, with the fewest bystanders. Nothing is changed.
    pub fn run_sheet(&self, params: RunSheetParams) -> Result<RunSheetView, Problem> {
        let RunSheetParams { plan_id, request_ids, max_steps } = params;
        if max_steps == Some(0) {
            return Err(Problem::invalid(
                "A run sheet has at least 1 step: give maxSteps 1 or more",
            ));
        }
        let Chosen { kind, words, parts } = match (plan_id, request_ids) {
            (Some(plan), None) => {
                let (kind, words, parts) = self.plans.borrow().parts(plan)?;
                Chosen { kind, words, parts }
            }
            (None, Some(requests)) => self.of_requests(&requests)?,
            _ => {
                return Err(Problem::invalid(
                    "A run sheet is made of either { planId } or { requestIds }",
                ));
            }
        };
        let state = self.see();
        let part_of: Vec<u32> = (0..)
            .zip(&parts)
            .flat_map(|(number, records)| records.iter().map(move |_| number))
            .collect();
        let records: Vec<RecordId> = parts.concat();
        let group = |TabGroup { job, entity, data_source, rows }: TabGroup| {
            let row = |(at, place): TabRow| GroupRow {
                at,
                chosen: place.map(|place| part_of[place as usize]),
            };
            Group { job, entity, data_source, rows: rows.into_iter().map(row).collect() }
        };
        let groups: Vec<Group> = state.table.tab_groups(&records).into_iter().map(group).collect();
        let chosen = |group: &Group| group.rows.iter().filter(|row| row.chosen.is_some()).count();
        let chosen: usize = groups.iter().map(chosen).sum();
        // Whatever is set here, the tab keeps its own.
        let limits = state.queue.limits().within_documented();
        let sheet =
            run_sheet(&groups, limits.records_per_request, limits.requests_per_job, max_steps);
        let markdown = markdown(kind, &words, chosen, &groups, &sheet);
        let moment = |millis: Option<i64>| millis.and_then(Timestamp::from_millis);
        let steps: Vec<RunSheetStep> = sheet
            .steps
            .iter()
            .map(|step| RunSheetStep {
                job: groups[step.group].job.clone(),
                action: kind,
                entity: groups[step.group].entity.clone(),
                data_source: groups[step.group].data_source.clone(),
                from: moment(step.from),
                to: moment(step.to),
                expected: step.hits,
                bystanders: step.bystanders,
                round: step.round,
            })
            .collect();
        let unreached = sheet.unreached.iter().map(|(gap, count)| Unreached {
            reason: match gap {
                Gap::CrowdedSecond => UnreachedReason::CrowdedSecond,
                Gap::NoTime => UnreachedReason::NoTime,
            },
            count: *count,
        });
        Ok(RunSheetView {
            markdown,
            kind,
            filter_text: words,
            records: chosen,
            gone: records.len() - chosen,
            bystanders: steps.iter().map(|step| step.bystanders).sum(),
            unreached: unreached.collect(),
            method: match sheet.method {
                Method::Exact => RunSheetMethod::Exact,
                Method::Heuristic => RunSheetMethod::Heuristic,
            },
            steps,
        })
    }

    /// The records of requests of one kind, in the order of the requests.
    fn of_requests(&self, ids: &[RequestId]) -> Result<Chosen, Problem> {
        let state = self.see();
        let mut chosen: Option<Chosen> = None;
        for id in ids {
            let request = refused(state.queue.request(*id))?;
            let records = request.batch.records().to_vec();
            match &mut chosen {
                None => {
                    let words = request.filter_text.clone();
                    chosen = Some(Chosen { kind: request.kind, words, parts: vec![records] });
                }
                Some(chosen) if chosen.kind == request.kind => {
                    if chosen.words != request.filter_text {
                        chosen.words = format!("records of requests {}", numbers(ids));
                    }
                    chosen.parts.push(records);
                }
                Some(_) => {
                    return Err(Problem::invalid(
                        "A run sheet is for either retries or dismissals: the requests are of both kinds",
                    ));
                }
            }
        }
        chosen.ok_or_else(|| Problem::invalid("Name at least one request"))
    }
}

fn numbers(ids: &[RequestId]) -> String {
    ids.iter().map(|id| format!("#{id}")).collect::<Vec<_>>().join(", ")
}
