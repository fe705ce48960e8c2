//! The loaded dumps: their rows, their reports, and a way to remove them.

use leptos::prelude::*;

use crate::domain::DatasetId;
use crate::presentation::visible::visible;
use crate::presentation::{dates, numbers};
use crate::protocol::DatasetView;
use crate::ui::session::{Dialog, session};
use crate::ui::widgets::dialog::Modal;

/// The list of dumps.
#[component]
pub(super) fn DatasetsDialog() -> impl IntoView {
    let session = session();
    let open = Signal::derive(move || session.dialog.get() == Some(Dialog::Datasets));
    let asked = RwSignal::new(None::<DatasetId>);
    Effect::new(move |_| {
        if open.get() {
            asked.set(None);
        }
    });
    view! {
        <Modal
            open=open
            on_close=move |()| session.dialog.set(None)
            title="Loaded dumps".to_owned()
            class="datasets"
        >
            <div class="dialog-body">
                {move || {
                    let list = session.datasets.get().unwrap_or_default();
                    if list.is_empty() {
                        view! { <p class="empty-note">"No dump is loaded."</p> }.into_any()
                    } else {
                        list.into_iter()
                            .map(|dataset| view! { <Line dataset=dataset asked=asked /> })
                            .collect_view()
                            .into_any()
                    }
                }}
            </div>
            <footer class="dialog-foot">
                <button
                    type="button"
                    data-testid="open-compare"
                    on:click=move |_| session.dialog.set(Some(Dialog::Compare))
                >
                    "Compare dumps \u{2026}"
                </button>
            </footer>
        </Modal>
    }
}

#[component]
fn Line(dataset: DatasetView, asked: RwSignal<Option<DatasetId>>) -> impl IntoView {
    let session = session();
    let id = dataset.id;
    let name = StoredValue::new(dataset.name.clone());
    let rows = numbers::grouped(dataset.rows);
    let lost = dataset.lost_rows();
    let has_report = move || {
        session.reports.with(|reports| reports.iter().any(|report| report.dataset_id == Some(id)))
    };
    let show_report = move |_| {
        let report = session.reports.with_untracked(|reports| {
            reports.iter().rev().find(|report| report.dataset_id == Some(id)).cloned()
        });
        session.report.set(report);
        session.dialog.set(None);
    };
    view! {
        <article class="dataset">
            <div>
                <strong class="ellipsis">{visible(&dataset.name).into_owned()}</strong>
                <span class="quiet-text">
                    {format!("{rows} rows, opened {}", dates::date_time_zone(dataset.imported_at))}
                    {dataset.sample.then_some(", generated sample")}
                    {(dataset.seen_again > 0)
                        .then(|| {
                            format!(
                                "; {} of earlier dumps were in it again",
                                numbers::counted(dataset.seen_again, "row"),
                            )
                        })}
                </span>
                {(!dataset.damaged.is_empty())
                    .then(|| {
                        view! {
                            <span class="message-hint" data-testid="dataset-damaged">
                                {format!(
                                    "{} cannot be read: import the file again",
                                    numbers::counted(lost, "row"),
                                )}
                            </span>
                        }
                    })}
            </div>
            {move || {
                has_report()
                    .then(|| {
                        view! {
                            <button type="button" on:click=show_report>
                                "Import report"
                            </button>
                        }
                    })
            }}
            {move || {
                if asked.get() == Some(id) {
                    view! {
                        <span class="confirm">
                            <span>"Requests keep their results. Remove it?"</span>
                            <button type="button" on:click=move |_| asked.set(None)>
                                "Keep"
                            </button>
                            <button
                                type="button"
                                class="danger"
                                on:click=move |_| {
                                    asked.set(None);
                                    session.remove_dataset(id, name.get_value());
                                }
                            >
                                {format!("Remove {rows} rows")}
                            </button>
                        </span>
                    }
                        .into_any()
                } else {
                    view! {
                        <button type="button" on:click=move |_| asked.set(Some(id))>
                            "Remove \u{2026}"
                        </button>
                    }
                        .into_any()
                }
            }}
        </article>
    }
}
