//! The run sheet of a plan or of a request: a table to type from, to copy and to print.

use leptos::prelude::*;

use crate::domain::{Filter, RecordState};
use crate::presentation::visible::visible;
use crate::presentation::{analysis_words as words, dates, labels, numbers};
use crate::protocol::{Call, RunSheetParams, RunSheetStep, RunSheetView};
use crate::ui::clipboard::copy;
use crate::ui::door::Door;
use crate::ui::latest::Latest;
use crate::ui::session::session;
use crate::ui::widgets::dialog::Modal;
use crate::ui::widgets::icon::{Glyph, Icon};

/// Steps that are drawn before somebody asks for all of them.
const DRAWN: usize = 200;

/// The run sheet on show, if there is one.
#[component]
pub(in crate::ui) fn RunSheetDialog() -> impl IntoView {
    let session = session();
    let open = Memo::new(move |_| session.run_sheet.with(Option::is_some));
    view! {
        <Modal
            open=open
            on_close=move |()| session.run_sheet.set(None)
            title="Run sheet for finance and operations".to_owned()
            test_id="run-sheet"
            class="run-sheet"
        >
            <Content />
        </Modal>
    }
}

#[component]
fn Content() -> impl IntoView {
    let session = session();
    let sheet = RwSignal::new(None::<RunSheetView>);
    let most_steps = RwSignal::new(None::<usize>);
    let draws_all = RwSignal::new(false);
    let latest = Latest::new();
    Effect::new(move |_| {
        let Some(params) = session.run_sheet.get() else { return };
        let params = RunSheetParams { max_steps: most_steps.get(), ..params };
        latest.ask(session, Call::RunSheet(params), move |answer| match answer {
            Ok(answer) => {
                session.announce(words::sheet_summary(&answer));
                sheet.set(Some(answer));
            }
            Err(problem) => {
                session.run_sheet.set(None);
                session.fail(&problem);
            }
        });
    });
    let print = move |_| {
        draws_all.set(true);
        // The steps are drawn in this turn.
        request_animation_frame(|| {
            // A browser that cannot print says so itself.
            let _printed = window().print();
        });
    };
    view! {
        <div class="dialog-body">
            {move || match sheet.get() {
                None => view! { <p role="status">"Working out the steps \u{2026}"</p> }.into_any(),
                Some(sheet) => view! { <Sheet sheet=sheet most_steps=most_steps draws_all=draws_all /> }.into_any(),
            }}
        </div>
        <footer class="dialog-foot">
            <button
                type="button"
                class="foot-start"
                data-testid="run-sheet-copy"
                disabled=move || sheet.with(Option::is_none)
                on:click=move |_| {
                    if let Some(text) = sheet.with_untracked(|sheet| sheet.as_ref().map(|on| on.markdown.clone())) {
                        copy(session, text, "Run sheet");
                    }
                }
            >
                <Icon glyph=Glyph::Copy />
                "Copy as Markdown"
            </button>
            <button type="button" disabled=move || sheet.with(Option::is_none) on:click=print>
                "Print"
            </button>
            <button type="button" class="primary" autofocus on:click=move |_| session.run_sheet.set(None)>
                "Close"
            </button>
        </footer>
    }
    .into_any()
}

#[component]
fn Sheet(
    sheet: RunSheetView,
    most_steps: RwSignal<Option<usize>>,
    draws_all: RwSignal<bool>,
) -> impl IntoView {
    let most = most_steps.get_untracked();
    let steps = sheet.steps.len();
    let unreached = sheet
        .unreached
        .iter()
        .map(|left| {
            view! {
                <p class="message warning">
                    <Icon glyph=Glyph::Warning />
                    <span>
                        {format!("{} {}.", numbers::counted(left.count, "record"), words::unreached(left.reason))}
                    </span>
                </p>
            }
        })
        .collect_view();
    let lines = StoredValue::new(sheet.steps.clone());
    view! {
        <p class="plan-count" data-testid="run-sheet-summary">
            <strong>{words::sheet_summary(&sheet)}</strong>
        </p>
        <p class="quiet-text">
            {format!("{} of: {}. ", sheet.kind, visible(&sheet.filter_text))}
            {words::method(&sheet, most)}
        </p>
        {(sheet.bystanders > 0)
            .then(|| {
                view! {
                    <p class="message warning">
                        <Icon glyph=Glyph::Warning />
                        <span>{words::bystanders(sheet.kind)}</span>
                    </p>
                }
            })}
        {unreached}
        <label class="field number-field sheet-steps">
            <span>"At most so many steps" <i>" (empty: the fewest bystanders)"</i></span>
            <input
                type="text"
                inputmode="numeric"
                autocomplete="off"
                data-testid="run-sheet-steps"
                prop:value=most.map(|most| most.to_string()).unwrap_or_default()
                on:change:target=move |event| {
                    let text = event.target().value();
                    match (text.trim(), text.trim().parse::<usize>()) {
                        ("", _) => most_steps.set(None),
                        (_, Ok(most)) if most > 0 => most_steps.set(Some(most)),
                        _ => event.target().set_value(&most.map(|most| most.to_string()).unwrap_or_default()),
                    }
                }
            />
        </label>
        <ul class="quiet-text sheet-notes">
            <li>"Open the integration job, tab Synch errors, while the job is Active."</li>
            <li>"Enter the conditions of a step and compare the count with Hits before you press the button."</li>
            <li>"Times are UTC, and \u{201c}Until before\u{201d} is not included. Enter them in the time zone of your user."</li>
            <li>"Steps of one round may wait in the queue together; the next round begins when they are finished."</li>
        </ul>
        <div class="table-box sheet-table" tabindex="0" role="region" aria-label="Steps">
            <table>
                <thead>
                    <tr>
                        <th scope="col" class="number">"Step"</th>
                        <th scope="col" class="number">"Round"</th>
                        <th scope="col">"Integration job"</th>
                        <th scope="col">"Entity"</th>
                        <th scope="col">"Data source"</th>
                        <th scope="col">"From (UTC)"</th>
                        <th scope="col">"Until before (UTC)"</th>
                        <th scope="col" class="number">"Hits"</th>
                        <th scope="col" class="number">"Bystanders"</th>
                    </tr>
                </thead>
                <tbody>
                    {move || {
                        let drawn = if draws_all.get() { usize::MAX } else { DRAWN };
                        lines.with_value(|lines| {
                            (1..).zip(lines.iter().take(drawn).cloned())
                                .map(|(number, step)| view! { <Line number=number step=step /> })
                                .collect_view()
                        })
                    }}
                </tbody>
            </table>
        </div>
        {move || {
            (steps > DRAWN && !draws_all.get())
                .then(|| {
                    view! {
                        <button type="button" on:click=move |_| draws_all.set(true)>
                            {format!("Show all {}", numbers::counted(steps, "step"))}
                        </button>
                    }
                })
        }}
    }
    .into_any()
}

#[component]
fn Line(number: usize, step: RunSheetStep) -> impl IntoView {
    let RunSheetStep { job, entity, data_source, from, to, expected, bystanders, round, .. } = step;
    let moment =
        |time: Option<_>| time.map_or_else(|| "(leave empty)".to_owned(), dates::date_time);
    let filter = Filter {
        from,
        to,
        jobs: vec![job.clone()],
        entities: vec![entity.clone()],
        data_sources: vec![data_source.clone()],
        states: RecordState::ALL.to_vec(),
        ..Filter::default()
    };
    view! {
        <tr class=match bystanders { 0 => "", _ => "has-bystanders" } data-testid="run-sheet-step">
            <td class="number">{number.to_string()}</td>
            <td class="number">{round.to_string()}</td>
            <td>{visible(&job).into_owned()}</td>
            <td>{visible(&labels::value(&entity)).into_owned()}</td>
            <td>{visible(&labels::value(&data_source)).into_owned()}</td>
            <td class="figures">{moment(from)}</td>
            <td class="figures">{moment(to)}</td>
            <td class="number">
                <Door count=expected filter=filter label=format!("records that step {number} hits") />
            </td>
            <td class="number">
                {(bystanders > 0).then(|| view! { <Icon glyph=Glyph::Warning /> })}
                {numbers::count(bystanders)}
            </td>
        </tr>
    }
}
