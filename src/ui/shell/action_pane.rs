//! The action pane: open, sample, retry, dismiss, export, dumps, settings, panes.

use leptos::prelude::*;

use crate::domain::RequestKind;
use crate::presentation::numbers;
use crate::protocol::ExportFormat;
use crate::ui::focus;
use crate::ui::import::open::{SAMPLE_DEFAULT, SAMPLE_ROWS, choose_files};
use crate::ui::session::{Dialog, ImportStage, session};
use crate::ui::widgets::icon::{Glyph, Icon};
use crate::ui::widgets::menu::{Menu, MenuItem};

/// The action pane.
#[component]
pub(super) fn ActionPane() -> impl IntoView {
    let session = session();
    let has_data = Memo::new(move |_| session.has_data());
    let is_importing = Memo::new(move |_| session.import.with(|stage| *stage != ImportStage::Idle));
    let reach = Memo::new(move |_| {
        let matching = session.total.get().unwrap_or(0);
        session.selection.with(|selection| {
            let count = if selection.is_empty() { matching } else { selection.count(matching) };
            (count, selection.is_empty() || selection.is_everything())
        })
    });
    let reach_words = move || {
        let (count, everything) = reach.get();
        let count = numbers::count(count);
        if everything { format!("all {count}") } else { format!("{count} selected") }
    };
    let cannot_act = Signal::derive(move || !has_data.get() || reach.get().0 == 0);
    let action = move |kind: RequestKind, glyph: Glyph, test_id: &'static str| {
        view! {
            <button
                type="button"
                data-testid=test_id
                class="action"
                disabled=move || cannot_act.get()
                title=move || format!("{kind} {} that match the filter or are selected \u{2013} shows a plan first", reach_words())
                on:click=move |_| {
                    session.plan_action(kind);
                }
            >
                <Icon glyph=glyph />
                <span>{kind.to_string()}</span>
                {move || {
                    has_data.get().then(|| view! { <span class="reach figures">{reach_words()}</span> })
                }}
            </button>
        }
    };
    let samples = SAMPLE_ROWS
        .into_iter()
        .map(|rows| {
            MenuItem::new(numbers::counted(rows as usize, "row"), "", move || {
                session.load_sample(rows)
            })
        })
        .collect();
    let exports = [
        ("CSV", "for spreadsheets", ExportFormat::Csv),
        ("Excel workbook", "XLSX", ExportFormat::Xlsx),
        ("JSON lines", "for scripts", ExportFormat::Jsonl),
    ];
    let exports = exports
        .into_iter()
        .map(|(label, hint, format)| MenuItem::new(label, hint, move || session.export(format)))
        .chain([MenuItem::new("Hand-over bundle", "everything, for another desk", move || {
            session.hand_over();
        })])
        .collect();
    view! {
        <div class="action-pane" id="actions" role="toolbar" aria-label="Actions">
            <button
                type="button"
                title="Show or hide the filter pane"
                aria-label="Filter pane"
                aria-pressed=move || session.filter_open.get().to_string()
                class="icon-only pane-toggle"
                disabled=move || !has_data.get()
                on:click=move |_| {
                    let open = !session.filter_open.get_untracked();
                    session.set_pane(session.filter_open, "filterPane", open);
                    if open && session.narrow.get_untracked() {
                        session.detail_open.set(false);
                        request_animation_frame(|| focus::into("filters"));
                    }
                }
            >
                <Icon glyph=Glyph::Filter />
            </button>
            <span class="divider"></span>
            <span class="split">
                <button
                    type="button"
                    class="action"
                    disabled=move || is_importing.get()
                    on:click=move |_| choose_files()
                >
                    <Icon glyph=Glyph::Open />
                    <span>"Open file"</span>
                </button>
                <Menu
                    label="Other ways to open"
                    arrow_only=true
                    disabled=is_importing
                    items=vec![
                        MenuItem::new("From files \u{2026}", "", choose_files),
                        MenuItem::new("From an address \u{2026}", "this server", move || {
                            session.dialog.set(Some(Dialog::Address));
                        }),
                    ]
                />
            </span>
            <span class="split">
                <button
                    type="button"
                    class="action"
                    data-testid="load-sample"
                    title=format!("Load a sample of {}", numbers::counted(SAMPLE_DEFAULT as usize, "row"))
                    disabled=move || is_importing.get()
                    on:click=move |_| session.load_sample(SAMPLE_DEFAULT)
                >
                    <Icon glyph=Glyph::Sample />
                    <span>"Load sample"</span>
                </button>
                <Menu label="Size of the sample" arrow_only=true disabled=is_importing items=samples />
            </span>
            <span class="divider"></span>
            {action(RequestKind::Retry, Glyph::Retry, "retry")}
            {action(RequestKind::Dismiss, Glyph::Dismiss, "dismiss")}
            <span class="divider"></span>
            <Menu
                label="Export"
                glyph=Glyph::Export
                disabled=Signal::derive(move || !has_data.get())
                items=exports
            />
            <button
                type="button"
                class="action"
                on:click=move |_| session.dialog.set(Some(Dialog::Datasets))
            >
                <Icon glyph=Glyph::Datasets />
                <span>"Dumps"</span>
            </button>
            <button
                type="button"
                class="action"
                data-testid="open-journal"
                on:click=move |_| session.dialog.set(Some(Dialog::Journal))
            >
                <Icon glyph=Glyph::Journal />
                <span>"Journal"</span>
            </button>
            <button
                type="button"
                class="action"
                on:click=move |_| {
                    session.refresh_settings();
                    session.dialog.set(Some(Dialog::Settings));
                }
            >
                <Icon glyph=Glyph::Settings />
                <span>"Settings"</span>
            </button>
            <span class="grow"></span>
            <button
                type="button"
                title="Show or hide the details"
                aria-label="Details pane"
                aria-pressed=move || session.detail_open.get().to_string()
                class="icon-only pane-toggle"
                disabled=move || !has_data.get()
                on:click=move |_| {
                    let open = !session.detail_open.get_untracked();
                    session.set_pane(session.detail_open, "detailPane", open);
                    if open && session.narrow.get_untracked() {
                        session.filter_open.set(false);
                    }
                }
            >
                <Icon glyph=Glyph::Detail />
            </button>
        </div>
    }
    .into_any()
}
