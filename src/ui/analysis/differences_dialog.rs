//! What sets the records of the filter apart from the rest.

use leptos::prelude::*;

use crate::presentation::visible::visible;
use crate::presentation::{analysis_words as words, conditions, numbers};
use crate::protocol::{Call, DifferencesParams, DifferencesView, Finding, Problem};
use crate::ui::door::Door;
use crate::ui::latest::Latest;
use crate::ui::session::{Dialog, session};
use crate::ui::widgets::dialog::Modal;

/// Findings that are listed.
const MOST: usize = 20;

/// The dialog.
#[component]
pub(in crate::ui) fn DifferencesDialog() -> impl IntoView {
    let session = session();
    let open = Signal::derive(move || session.dialog.get() == Some(Dialog::Differences));
    view! {
        <Modal
            open=open
            on_close=move |()| session.dialog.set(None)
            title="What is different here?".to_owned()
            test_id="differences"
            class="differences"
        >
            <Content />
        </Modal>
    }
}

#[component]
fn Content() -> impl IntoView {
    let session = session();
    let filter = session.filter.get_untracked();
    let sentence = conditions::describe(&filter);
    let answer = RwSignal::new(None::<Result<DifferencesView, Problem>>);
    let call = Call::Differences(DifferencesParams { filter, limit: MOST });
    Latest::new().ask(session, call, move |told| answer.set(Some(told)));
    view! {
        <div class="dialog-body">
            <p class="quiet-text">{sentence}</p>
            {move || match answer.get() {
                None => view! { <p role="status">"Looking at every field \u{2026}"</p> }.into_any(),
                Some(Ok(found)) => view! { <Findings found=found /> }.into_any(),
                Some(Err(problem)) => {
                    view! { <p class="field-error" role="alert">{problem.message}</p> }.into_any()
                }
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Findings(found: DifferencesView) -> impl IntoView {
    let DifferencesView { selected, rest, values, total, findings, .. } = found;
    let summary = if rest == 0 {
        "The filter matches every record in these states, so there is nothing to hold them against."
            .to_owned()
    } else if selected == 0 {
        "No record matches.".to_owned()
    } else if findings.is_empty() {
        format!(
            "Nothing sets these {} apart from the {} others: all {} occur about as often as chance lets expect.",
            numbers::counted(selected, "record"),
            numbers::count(rest),
            numbers::counted(values, "value"),
        )
    } else {
        format!(
            "{} against {} others; {} of {} differ more than chance explains{}. The largest difference comes first.",
            numbers::counted(selected, "record"),
            numbers::count(rest),
            numbers::count(total),
            numbers::counted(values, "value"),
            if total > findings.len() {
                format!(", the first {MOST} are shown")
            } else {
                String::new()
            },
        )
    };
    let has_any = !findings.is_empty();
    let lines =
        findings.into_iter().map(|finding| view! { <Line finding=finding /> }).collect_view();
    view! {
        <p role="status" data-testid="differences-summary">{summary}</p>
        {has_any
            .then(|| {
                view! {
                    <div class="table-box sheet-table" tabindex="0" role="region" aria-label="Differences">
                        <table>
                            <thead>
                                <tr>
                                    <th scope="col">"Field"</th>
                                    <th scope="col">"Value"</th>
                                    <th scope="col" class="number">"Here"</th>
                                    <th scope="col" class="number">"Share here"</th>
                                    <th scope="col" class="number">"Share of the rest"</th>
                                </tr>
                            </thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                }
            })}
    }
    .into_any()
}

#[component]
fn Line(finding: Finding) -> impl IntoView {
    let value = words::value(&finding);
    let field = words::field(&finding).to_owned();
    let label = format!("records with {field} {value}");
    let share = |rate: f64| {
        view! {
            <td class="number">
                <span class="rate" style=format!("--rate:{:.1}%", rate * 100.0)>{numbers::share(rate)}</span>
            </td>
        }
    };
    view! {
        <tr data-testid="difference">
            <td>{field}</td>
            <td>{visible(&value).into_owned()}</td>
            <td class="number">
                {match finding.filter {
                    Some(filter) => view! { <Door count=finding.count filter=filter label=label /> }.into_any(),
                    None => numbers::count(finding.count).into_any(),
                }}
            </td>
            {share(finding.rate)} {share(finding.rest_rate)}
        </tr>
    }
}
