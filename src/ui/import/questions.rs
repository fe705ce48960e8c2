//! What an import has to know before it goes on: zone, order of day and month, columns. The answer imports the same file.

use leptos::prelude::*;

use crate::presentation::labels;
use crate::presentation::questions::{
    Evidence, ProposedColumn, Question, both_readings, mapping_fault, with_mapping,
};
use crate::protocol::ImportParams;
use crate::ui::session::{ImportStage, session};
use crate::ui::widgets::dialog::Modal;

/// The dialog of the open question, if there is one.
#[component]
pub(in crate::ui) fn Questions() -> impl IntoView {
    let session = session();
    let asking = Signal::derive_local(move || match session.import.get() {
        ImportStage::Asking { params, question, message, .. } => Some((params, question, message)),
        _ => None,
    });
    let open = Memo::new(move |_| {
        session.import.with(|stage| matches!(stage, ImportStage::Asking { .. }))
    });
    let title = Signal::derive(move || {
        session.import.with(|stage| {
            match stage {
                ImportStage::Asking { question: Question::TimeZone(_), .. } => {
                    "In which time zone was this exported?"
                }
                ImportStage::Asking { question: Question::DateOrder(_), .. } => {
                    "Is the day or the month first?"
                }
                _ => "Which column is what?",
            }
            .to_owned()
        })
    });
    view! {
        <Modal
            open=open
            on_close=move |()| session.drop_question()
            title=title
            test_id="import-question"
            class="question"
        >
            {move || {
                asking
                    .get()
                    .map(|(params, question, message)| {
                        view! {
                            <p class="quiet-text">{message}</p>
                            {match question {
                                Question::TimeZone(evidence) => {
                                    view! { <ZoneForm params=params evidence=evidence /> }
                                        .into_any()
                                }
                                Question::DateOrder(evidence) => {
                                    view! { <OrderForm params=params evidence=evidence /> }
                                        .into_any()
                                }
                                Question::Mapping { columns, missing } => {
                                    view! {
                                        <MappingForm
                                            params=params
                                            columns=columns
                                            missing=missing
                                        />
                                    }
                                        .into_any()
                                }
                            }}
                        }
                    })
            }}
        </Modal>
    }
}

#[component]
fn Examples(evidence: Evidence) -> impl IntoView {
    let place = match evidence.line {
        Some(line) => format!("Column \u{201c}{}\u{201d}, from line {line}", evidence.header),
        None => format!("Column \u{201c}{}\u{201d}", evidence.header),
    };
    (!evidence.examples.is_empty()).then(|| {
        let examples =
            evidence.examples.into_iter().map(|text| view! { <code>{text}</code> }).collect_view();
        view! { <p class="evidence">{place} ": " {examples}</p> }
    })
}

/// The zone that the browser is set to.
fn browser_zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::default();
    js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?.as_string()
}

#[component]
fn Buttons(
    #[prop(into, default = Signal::stored(None))] fault: Signal<Option<String>>,
) -> impl IntoView {
    let session = session();
    view! {
        <p class="field-error" role="status">{move || fault.get()}</p>
        <footer class="dialog-foot">
            <button type="button" on:click=move |_| session.drop_question()>
                "Do not load"
            </button>
            <button type="submit" class="primary" disabled=move || fault.get().is_some()>
                "Load the file"
            </button>
        </footer>
    }
}

#[component]
fn ZoneForm(params: ImportParams, evidence: Evidence) -> impl IntoView {
    let session = session();
    let zone = RwSignal::new("UTC".to_owned());
    let other = RwSignal::new(false);
    let browser = browser_zone().filter(|name| name != "UTC");
    let choice = move |value: String, words: String, checked: bool| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="zone"
                    checked=checked
                    on:change=move |_| {
                        other.set(false);
                        zone.set(value.clone());
                    }
                />
                {words}
            </label>
        }
    };
    let fault = Signal::derive(move || {
        zone.with(|zone| zone.trim().is_empty())
            .then(|| "Give an offset such as +02:00, or a zone such as Europe/Berlin".to_owned())
    });
    view! {
        <form on:submit=move |event| {
            event.prevent_default();
            let time_zone = Some(zone.get_untracked().trim().to_owned());
            session.answer(ImportParams { time_zone, ..params.clone() });
        }>
            <Examples evidence=evidence />
            <fieldset>
                <legend>"These times carry no zone. Read them as"</legend>
                {choice("UTC".to_owned(), "UTC, as finance and operations stores them".to_owned(), true)}
                {browser
                    .map(|name| choice(name.clone(), format!("{name}, this browser's zone"), false))}
                <label class="choice">
                    <input
                        type="radio"
                        name="zone"
                        on:change=move |_| {
                            other.set(true);
                            zone.set(String::new());
                        }
                    />
                    "another zone or offset"
                </label>
                <input
                    type="text"
                    aria-label="Zone or offset"
                    placeholder="+02:00 or Europe/Berlin"
                    disabled=move || !other.get()
                    on:input:target=move |event| zone.set(event.target().value())
                />
            </fieldset>
            <Buttons fault=fault />
        </form>
    }
}

#[component]
fn OrderForm(params: ImportParams, evidence: Evidence) -> impl IntoView {
    let session = session();
    let order = RwSignal::new("dmy".to_owned());
    let readings = evidence
        .examples
        .iter()
        .find_map(|text| both_readings(text).map(|(day, month)| (text.clone(), day, month)));
    let words = move |day_first: bool| match &readings {
        Some((text, day, month)) => {
            format!(": {text} is {}", if day_first { day } else { month })
        }
        None => String::new(),
    };
    let choice = move |value: &'static str, label: String, checked: bool| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="order"
                    checked=checked
                    on:change=move |_| order.set(value.to_owned())
                />
                {label}
            </label>
        }
    };
    view! {
        <form on:submit=move |event| {
            event.prevent_default();
            let date_order = Some(order.get_untracked());
            session.answer(ImportParams { date_order, ..params.clone() });
        }>
            <Examples evidence=evidence.clone() />
            <fieldset>
                <legend>"No date in the dump can tell. Read them with the"</legend>
                {choice("dmy", format!("day first{}", words(true)), true)}
                {choice("mdy", format!("month first{}", words(false)), false)}
            </fieldset>
            <Buttons />
        </form>
    }
}

#[component]
fn MappingForm(
    params: ImportParams,
    columns: Vec<ProposedColumn>,
    missing: Vec<String>,
) -> impl IntoView {
    let session = session();
    let answer = RwSignal::new(columns.clone());
    let needed = missing.iter().map(|word| labels::field(word)).collect::<Vec<_>>().join(", ");
    let is_guessed = columns.iter().any(|column| column.how == "content");
    let checks = is_guessed
        .then_some(" \u{2013} guessed below by what the columns hold; look whether it is right");
    let fault = Signal::derive(move || answer.with(|columns| mapping_fault(columns)));
    let rows = columns
        .into_iter()
        .enumerate()
        .map(|(index, column)| {
            let proposed = column.field.clone().unwrap_or_default();
            let options = labels::FIELDS
                .iter()
                .map(|(word, title)| {
                    view! { <option value=*word selected=proposed == *word>{*title}</option> }
                })
                .collect_view();
            let reason = column.reason();
            let samples = column.samples.join(" \u{b7} ");
            let all_of_it = samples.clone();
            view! {
                <tr>
                    <td>
                        {column.header.clone()}
                        <span class="quiet-text sample" title=all_of_it>{samples}</span>
                    </td>
                    <td>
                        <select
                            aria-label=format!("Field for column {}", column.header)
                            on:change:target=move |event| {
                                let word = event.target().value();
                                answer
                                    .update(|columns| {
                                        columns[index].field = (!word.is_empty()).then_some(word);
                                    });
                            }
                        >
                            <option value="" selected=proposed.is_empty()>
                                "Keep as extra"
                            </option>
                            {options}
                        </select>
                        <span class="quiet-text sample">{reason}</span>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <form on:submit=move |event| {
            event.prevent_default();
            let params = answer.with_untracked(|columns| with_mapping(&params, columns));
            session.answer(params);
        }>
            <p>"Needed: " <strong>{needed}</strong> {checks}</p>
            <div class="table-box tall">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Column of the dump"</th>
                            <th scope="col">"Field"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <Buttons fault=fault />
        </form>
    }
}
