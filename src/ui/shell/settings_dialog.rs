//! Settings with their documented defaults, what is stored, and the way to remove all of it.

use leptos::prelude::*;

use crate::domain::{DismissHold, QueueLimits};
use crate::platform::{storage, task::detach};
use crate::presentation::numbers;
use crate::protocol::{ConfigureParams, LimitsParams};
use crate::ui::import::remembered::RememberedAnswers;
use crate::ui::session::{Dialog, session};
use crate::ui::widgets::dialog::Modal;

/// The settings.
#[component]
pub(super) fn SettingsDialog() -> impl IntoView {
    let session = session();
    let open = Signal::derive(move || session.dialog.get() == Some(Dialog::Settings));
    view! {
        <Modal
            open=open
            on_close=move |()| session.dialog.set(None)
            title="Settings".to_owned()
            class="settings"
        >
            <div class="dialog-body">
                <Fields />
                <RememberedAnswers />
                <Stored />
            </div>
        </Modal>
    }
}

/// A whole number with its unit, its default and its limits.
#[component]
fn NumberField(
    label: &'static str,
    unit: &'static str,
    note: String,
    max: u32,
    min: u32,
    value: Signal<u32>,
    change: Callback<u32>,
) -> impl IntoView {
    let fault = RwSignal::new(None::<String>);
    view! {
        <label class="field number-field">
            <span>{label}</span>
            <span class="with-unit">
                <input
                    type="number"
                    min=min.to_string()
                    max=max.to_string()
                    step="1"
                    prop:value=move || value.get().to_string()
                    aria-invalid=move || fault.with(Option::is_some).to_string()
                    on:change:target=move |event| {
                        match event.target().value().parse::<u32>() {
                            Ok(number) if (min..=max).contains(&number) => {
                                fault.set(None);
                                change.run(number);
                            }
                            _ => {
                                fault
                                    .set(
                                        Some(
                                            format!(
                                                "Give a whole number from {} to {}",
                                                numbers::grouped(min.into()),
                                                numbers::grouped(max.into()),
                                            ),
                                        ),
                                    );
                            }
                        }
                    }
                />
                <span class="quiet-text">{unit}</span>
            </span>
            <span class="quiet-text note">{note}</span>
            {move || fault.get().map(|words| view! { <span class="field-error" role="alert">{words}</span> })}
        </label>
    }
}

#[component]
fn Fields() -> impl IntoView {
    let session = session();
    let limits = QueueLimits::default();
    let hold = DismissHold::default();
    let of = move |read: fn(&crate::protocol::SettingsView) -> u32| {
        Signal::derive(move || session.settings.with(|settings| settings.as_ref().map_or(0, read)))
    };
    view! {
        <section>
            <h3>"Queue"</h3>
            <NumberField
                label="Open requests per integration job"
                unit="requests"
                note=format!("Documented limit: {}", limits.requests_per_job)
                min=1
                max=50
                value=of(|settings| settings.limits.requests_per_job as u32)
                change=Callback::new(move |number: u32| {
                    let limits = LimitsParams {
                        requests_per_job: Some(number as usize),
                        ..LimitsParams::default()
                    };
                    session.configure(ConfigureParams { limits: Some(limits), ..Default::default() });
                })
            />
            <NumberField
                label="Records per request"
                unit="records"
                note=format!("Documented limit: {}", numbers::count(limits.records_per_request))
                min=1
                max=1_000_000
                value=of(|settings| settings.limits.records_per_request as u32)
                change=Callback::new(move |number: u32| {
                    let limits = LimitsParams {
                        records_per_request: Some(number as usize),
                        ..LimitsParams::default()
                    };
                    session.configure(ConfigureParams { limits: Some(limits), ..Default::default() });
                })
            />
            <NumberField
                label="A dismissal waits before it starts"
                unit="seconds"
                note=format!("Ours, so that it can be taken back; default {}", hold.seconds)
                min=0
                max=86_400
                value=of(|settings| settings.dismiss_hold_seconds)
                change=Callback::new(move |number: u32| {
                    session
                        .configure(ConfigureParams {
                            dismiss_hold_seconds: Some(number),
                            ..Default::default()
                        });
                })
            />
            <NumberField
                label="A step of the rehearsal takes"
                unit="milliseconds"
                note="How fast the rehearsal goes; a server takes its own time".to_owned()
                min=0
                max=60_000
                value=of(|settings| settings.rehearsal_step_ms)
                change=Callback::new(move |number: u32| {
                    session
                        .configure(ConfigureParams {
                            rehearsal_step_ms: Some(number),
                            ..Default::default()
                        });
                })
            />
        </section>
    }
}

/// The browser has not promised to keep the data.
#[component]
fn AskToKeep() -> impl IntoView {
    let session = session();
    let was_refused = RwSignal::new(false);
    let ask = move |_| {
        detach(async move {
            was_refused.set(!storage::ask_to_keep().await);
            session.refresh_settings();
        });
    };
    view! {
        <p class="quiet-text">
            "A full disk, the end of a private window or \u{201c}clear browsing data\u{201d} takes everything away, dismissals included."
        </p>
        <div>
            <button type="button" data-testid="ask-to-keep" on:click=ask>
                "Ask the browser to protect it"
            </button>
        </div>
        {move || {
            was_refused
                .get()
                .then(|| {
                    view! {
                        <p class="field-error" role="status">
                            "The browser did not agree. It may, once the desk is bookmarked or installed; until then keep copies of what matters."
                        </p>
                    }
                })
        }}
    }
}

#[component]
fn Stored() -> impl IntoView {
    let session = session();
    let asked = RwSignal::new(false);
    let facts = move || {
        let storage = session.storage.get()?;
        let kept = match storage.kind.as_str() {
            "memory" => "In memory only: lost when the page is left",
            _ => match storage.persisted {
                Some(true) => "In this browser, protected from eviction",
                Some(false) => "In this browser, which may evict it when the disk is full",
                None => "In this browser",
            },
        };
        let can_ask = storage.kind != "memory" && storage.persisted == Some(false);
        let used = storage.usage_bytes.map(|used| {
            let left = storage.quota_bytes.map_or_else(String::new, |quota| {
                format!(", {} left", numbers::bytes(quota.saturating_sub(used)))
            });
            format!("{}{left}", numbers::bytes(used))
        });
        let tab = if storage.leader {
            "Works on the data; other tabs follow it"
        } else {
            "Follows another tab, and takes over when that is closed"
        };
        Some(view! {
            <dl class="facts">
                <div>
                    <dt>"Kept"</dt>
                    <dd>{kept}</dd>
                </div>
                {used
                    .map(|used| {
                        view! {
                            <div>
                                <dt>"Used"</dt>
                                <dd>{used}</dd>
                            </div>
                        }
                    })}
                <div>
                    <dt>"Dumps"</dt>
                    <dd>{numbers::count(storage.datasets)}</dd>
                </div>
                <div>
                    <dt>"This tab"</dt>
                    <dd>{tab}</dd>
                </div>
            </dl>
            {can_ask.then(|| view! { <AskToKeep /> })}
        })
    };
    view! {
        <section>
            <h3>"Storage"</h3>
            {facts}
            <div class="wipe">
                <button
                    type="button"
                    title="As it is, for keeping or for help; the app does not read it back"
                    on:click=move |_| detach(session.export_stored())
                >
                    "Export what is stored"
                </button>
            </div>
            <div class="wipe">
                {move || {
                    if asked.get() {
                        view! {
                            <span class="confirm">
                                <span>
                                    "Dumps, requests, results and the memory of what was dismissed: all of it goes, for ever."
                                </span>
                                <button type="button" on:click=move |_| asked.set(false)>
                                    "Keep"
                                </button>
                                <button
                                    type="button"
                                    class="danger"
                                    on:click=move |_| {
                                        asked.set(false);
                                        session.dialog.set(None);
                                        session.wipe();
                                    }
                                >
                                    "Remove everything"
                                </button>
                            </span>
                        }
                            .into_any()
                    } else {
                        view! {
                            <button type="button" on:click=move |_| asked.set(true)>
                                "Remove everything \u{2026}"
                            </button>
                        }
                            .into_any()
                    }
                }}
            </div>
        </section>
    }
}
