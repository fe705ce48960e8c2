//! Two dumps compared, what retries achieved by the proof of later dumps, and causes that came back.

use leptos::prelude::*;

use super::regressions::RegressionList;
use crate::domain::{DatasetId, Fate};
use crate::presentation::visible::visible;
use crate::presentation::{dates, numbers};
use crate::protocol::{
    Call, CompareParams, ComparisonView, DatasetView, FateView, LedgerDoors, LedgerParams,
    LedgerTally, LedgerView,
};
use crate::ui::door::Door;
use crate::ui::latest::Latest;
use crate::ui::session::{Dialog, session};
use crate::ui::widgets::dialog::Modal;
use crate::ui::widgets::icon::{Glyph, Icon};

/// Causes of the ledger that are listed.
const CAUSES: usize = 20;

/// The dialog.
#[component]
pub(in crate::ui) fn CompareDialog() -> impl IntoView {
    let session = session();
    let open = Signal::derive(move || session.dialog.get() == Some(Dialog::Compare));
    view! {
        <Modal
            open=open
            on_close=move |()| session.dialog.set(None)
            title="Compare dumps".to_owned()
            test_id="compare"
            class="compare"
        >
            <div class="dialog-body">
                <Comparison />
                <Ledger />
                <RegressionList />
            </div>
        </Modal>
    }
}

#[component]
fn Comparison() -> impl IntoView {
    let session = session();
    let list = session.datasets.get_untracked().unwrap_or_default();
    let [.., first, last] = &list[..] else {
        return view! {
            <p class="empty-note">
                "Two dumps are needed. After a retry, export the errors again and open the new file: what is not in it any more was cleared."
            </p>
        }
        .into_any();
    };
    let (before, after) = (RwSignal::new(first.id), RwSignal::new(last.id));
    let view = RwSignal::new(None::<ComparisonView>);
    let latest = Latest::new();
    Effect::new(move |_| {
        let (first, second) = (before.get(), after.get());
        view.set(None);
        if first == second {
            latest.forget();
            return;
        }
        let params = CompareParams { before: first, after: second, offset: 0, limit: 0 };
        latest.ask(session, Call::CompareDatasets(params), move |answer| match answer {
            Ok(answer) => view.set(Some(answer)),
            Err(problem) => session.fail(&problem),
        });
    });
    view! {
        <div class="compare-choice">
            <Choice label="Earlier dump" test_id="compare-before" list=list.clone() chosen=before />
            <Choice label="Later dump" test_id="compare-after" list=list.clone() chosen=after />
        </div>
        {move || {
            if before.get() == after.get() {
                return view! { <p class="field-error" role="alert">"Choose two different dumps."</p> }.into_any();
            }
            match view.get() {
                None => view! { <p role="status">"Comparing \u{2026}"</p> }.into_any(),
                Some(view) => view! { <Fates view=view /> }.into_any(),
            }
        }}
    }
    .into_any()
}

#[component]
fn Choice(
    label: &'static str,
    test_id: &'static str,
    list: Vec<DatasetView>,
    chosen: RwSignal<DatasetId>,
) -> impl IntoView {
    let options = list
        .into_iter()
        .map(|dataset| {
            let name = format!(
                "{} \u{2013} {}, {}",
                dataset.id.0,
                visible(&dataset.name),
                dates::date_time_zone(dataset.imported_at)
            );
            view! {
                <option value=dataset.id.0.to_string() selected={dataset.id == chosen.get_untracked()}>
                    {name}
                </option>
            }
        })
        .collect_view();
    view! {
        <label class="field">
            <span>{label}</span>
            <select
                data-testid=test_id
                on:change:target=move |event| {
                    if let Ok(id) = event.target().value().parse() {
                        chosen.set(DatasetId(id));
                    }
                }
            >
                {options}
            </select>
        </label>
    }
}

#[component]
fn Fates(view: ComparisonView) -> impl IntoView {
    let ComparisonView {
        before,
        after,
        cleared,
        still_failing,
        message_changed,
        new,
        came_back,
        notes,
    } = view;
    let line = |fate: Fate, of: FateView| {
        let meaning = match fate {
            Fate::Cleared => "in the earlier dump, not in the later one",
            Fate::StillFailing => "in both, of the same cause",
            Fate::MessageChanged => "in both, of another cause",
            Fate::New => "in the later dump, in none before",
            Fate::CameBack => "in the later dump, not in the earlier one, but in one before that",
        };
        view! {
            <li data-testid=format!("fate-{}", fate.code())>
                <Door count=of.count filter=of.filter label=format!("records {}", fate.name()) />
                <span>
                    <b>{fate.name()}</b>
                    <span class="quiet-text block">{meaning}</span>
                </span>
            </li>
        }
    };
    let notes = notes
        .into_iter()
        .map(|note| {
            view! {
                <p class="message warning">
                    <Icon glyph=Glyph::Warning />
                    <span>{visible(&note).into_owned()}</span>
                </p>
            }
        })
        .collect_view();
    view! {
        <p class="quiet-text" role="status">
            {format!(
                "{} in the earlier dump, {} in the later one. A record is one entity, company and key of a job; of several errors the latest counts.",
                numbers::counted(before.records, "record"),
                numbers::counted(after.records, "record"),
            )}
        </p>
        {notes}
        <ul class="plain fates">
            {line(Fate::Cleared, cleared)} {line(Fate::StillFailing, still_failing)}
            {line(Fate::MessageChanged, message_changed)} {line(Fate::New, new)}
            {line(Fate::CameBack, came_back)}
        </ul>
    }
    .into_any()
}

/// What finished retries achieved.
#[component]
fn Ledger() -> impl IntoView {
    let session = session();
    let ledger = RwSignal::new(None::<LedgerView>);
    let call = Call::RetryLedger(LedgerParams::default());
    Latest::new().ask(session, call, move |answer| match answer {
        Ok(answer) => ledger.set(Some(answer)),
        Err(problem) => session.fail(&problem),
    });
    let table = |title: &'static str, rows: Vec<(String, LedgerTally, LedgerDoors)>| {
        let rows = rows
            .into_iter()
            .map(|(name, of, doors)| {
                let LedgerDoors { sent, cleared, same_error, different_error, unproven } = doors;
                let cells = [
                    ("sent", of.sent, sent),
                    ("cleared", of.cleared, Some(cleared)),
                    ("same-error", of.same_error, Some(same_error)),
                    ("another-error", of.different_error, Some(different_error)),
                    ("not-proven", of.unproven, Some(unproven)),
                    // What is gone cannot be opened.
                    ("gone", of.gone, None),
                ];
                let cells = cells.map(|(result, count, door)| {
                    let words = result.replace('-', " ");
                    view! {
                        <td class="number" data-result=result>
                            {match door.filter(|_| count > 0) {
                                Some(filter) => {
                                    let label = format!("records {words}, {}", &name);
                                    view! { <Door count=count filter=filter label=label /> }.into_any()
                                }
                                None => numbers::count(count).into_any(),
                            }}
                        </td>
                    }
                });
                view! {
                    <tr>
                        <td>{name}</td>
                        {cells}
                    </tr>
                }
            })
            .collect_view();
        view! {
            <div class="table-box" tabindex="0" role="region" aria-label=title>
                <table data-testid="ledger">
                    <thead>
                        <tr>
                            <th scope="col">{title}</th>
                            <th scope="col" class="number">"Sent"</th>
                            <th scope="col" class="number">"Cleared"</th>
                            <th scope="col" class="number">"Same error"</th>
                            <th scope="col" class="number">"Another error"</th>
                            <th scope="col" class="number">"Not proven"</th>
                            <th scope="col" class="number">"Gone"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    };
    move || {
        let ledger = ledger.get().filter(|ledger| !ledger.requests.is_empty())?;
        let requests = ledger.requests.into_iter().map(|entry| {
            let proof = match entry.proof {
                Some(dataset) => format!("by dump {}", dataset.0),
                None => "no dump was opened since".to_owned(),
            };
            let name = format!("#{} {} ({proof})", entry.request_id, visible(&entry.job_id.0));
            (name, entry.result, entry.doors)
        });
        let causes = ledger.causes.into_iter().take(CAUSES);
        let causes = causes.map(|entry| {
            let name = visible(&entry.title.unwrap_or(entry.cause)).into_owned();
            (name, entry.result, entry.doors)
        });
        Some(view! {
            <section>
                <h3>"What retries achieved"</h3>
                <p class="quiet-text">
                    "Proven by the first dump that was opened after the request finished. A record that is not in it counts as cleared."
                </p>
                {table("Request", requests.collect())}
                {table("Cause", causes.collect())}
            </section>
        })
    }
}
