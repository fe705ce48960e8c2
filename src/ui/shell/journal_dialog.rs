//! The journal: what was done here, whether anybody changed the record of it, and a file of it.

use leptos::prelude::*;

use crate::domain::JournalEntry;
use crate::platform::task::detach;
use crate::presentation::visible::visible;
use crate::presentation::{dates, journal_words, numbers};
use crate::protocol::{Call, JournalCheck, JournalPage, PageParams, VerifyJournalParams};
use crate::ui::session::{Dialog, session};
use crate::ui::widgets::dialog::Modal;
use crate::ui::widgets::icon::{Glyph, Icon};

/// Lines that are shown at once, and more at each press.
const WINDOW: usize = 100;

/// Digits of a hash that tell two ends apart at a glance; the whole one is in the title.
const SHORT_HASH: usize = 12;

/// The lines on show, the newest first.
#[derive(Clone, Debug, Default)]
struct Shown {
    entries: Vec<JournalEntry>,
    /// Lines before the oldest on show.
    older: usize,
}

/// The journal.
#[component]
pub(super) fn JournalDialog() -> impl IntoView {
    let session = session();
    let open = Signal::derive(move || session.dialog.get() == Some(Dialog::Journal));
    view! {
        <Modal
            open=open
            on_close=move |()| session.dialog.set(None)
            title="Journal".to_owned()
            test_id="journal"
            class="journal"
        >
            <Journal />
        </Modal>
    }
}

#[component]
fn Journal() -> impl IntoView {
    let session = session();
    let shown = RwSignal::new(Shown::default());
    let check = RwSignal::new(None::<JournalCheck>);
    let is_reading = StoredValue::new(false);
    let show_older = move || {
        if is_reading.try_update_value(|reading| std::mem::replace(reading, true)) != Some(false) {
            return;
        }
        detach(async move {
            let page = |offset, limit| Call::Journal(PageParams { offset, limit });
            let read = async {
                let oldest =
                    shown.with_untracked(|shown| shown.entries.last().map(|_| shown.older));
                let total = match oldest {
                    Some(older) => older,
                    None => session.ask::<JournalPage>(page(0, 1)).await?.total,
                };
                let from = total.saturating_sub(WINDOW);
                let older: JournalPage = session.ask(page(from, total - from)).await?;
                shown.update(|shown| {
                    shown.entries.extend(older.entries.into_iter().rev());
                    shown.older = from;
                });
                Ok(())
            };
            if let Err(problem) = read.await {
                session.fail(&problem);
            }
            // The dialog may have been closed meanwhile.
            let _closed = is_reading.try_set_value(false);
        });
    };
    show_older();
    let verify = move |_| {
        detach(async move {
            match session.ask(Call::VerifyJournal(VerifyJournalParams::default())).await {
                Ok(found) => check.set(Some(found)),
                Err(problem) => session.fail(&problem),
            }
        });
    };
    let export = move |_| {
        detach(async move {
            session.save(Call::ExportJournal, "error-desk-journal.jsonl", "").await;
        });
    };
    let lines = move || {
        shown.with(|shown| {
            shown
                .entries
                .iter()
                .map(|entry| {
                    view! {
                        <li>
                            <span class="figures quiet-text">{entry.id.to_string()}</span>
                            <time class="figures quiet-text">{dates::date_time(entry.at)}</time>
                            <span>{visible(&journal_words::sentence(entry)).into_owned()}</span>
                        </li>
                    }
                })
                .collect_view()
        })
    };
    let older = Memo::new(move |_| shown.with(|shown| shown.older));
    view! {
        <div class="dialog-body">
            <p class="quiet-text">
                "Each line carries a hash over itself and the line before, so that a change shows. Times are UTC."
            </p>
            {move || check.get().map(|check| view! { <Verdict check=check /> })}
            <ol class="journal-lines" data-testid="journal-lines">
                {lines}
            </ol>
            {move || {
                (older.get() > 0)
                    .then(|| {
                        view! {
                            <button type="button" on:click=move |_| show_older()>
                                {format!(
                                    "Show {} of {} older",
                                    numbers::count(older.get().min(WINDOW)),
                                    numbers::counted(older.get(), "line"),
                                )}
                            </button>
                        }
                    })
            }}
        </div>
        <footer class="dialog-foot">
            <button type="button" class="foot-start" on:click=export>
                <Icon glyph=Glyph::Export />
                "Export"
            </button>
            <button type="button" class="primary" data-testid="journal-verify" autofocus on:click=verify>
                <Icon glyph=Glyph::Check />
                "Verify"
            </button>
        </footer>
    }
}

#[component]
fn Verdict(check: JournalCheck) -> impl IntoView {
    let hash = check.end.hash.to_string();
    let short: String = hash.chars().take(SHORT_HASH).collect();
    match check.broken {
        None => view! {
            <div class="message result" role="status" data-testid="journal-verdict" data-state="whole">
                <Icon glyph=Glyph::Check />
                <p>
                    <span class="message-text">
                        {if check.chained || check.lines == 0 {
                            format!("All {} are as they were written.", numbers::counted(check.lines as usize, "line"))
                        } else {
                            "No line has a hash yet, so nothing shows whether they were changed. The next line binds them.".to_owned()
                        }}
                    </span>
                    <span class="message-hint">
                        {format!("The last is line {} with the hash ", check.end.id)}
                        <code title=hash>{short}</code>
                        ". Noted elsewhere, it shows later that nothing before it was changed."
                    </span>
                </p>
            </div>
        }
            .into_any(),
        Some(broken) => view! {
            <div class="message failure" role="alert" data-testid="journal-verdict" data-state="broken">
                <Icon glyph=Glyph::Warning />
                <p>
                    <span class="message-text">
                        {format!("Line {} is not as it was written: {}.", broken.id, broken.why)}
                    </span>
                    <span class="message-hint">
                        {match check.lines {
                            0 => "No line before it can be relied on.".to_owned(),
                            lines => format!("Lines 1 to {lines} are whole. Export the journal before anything else, and look who could write to this browser\u{2019}s storage."),
                        }}
                    </span>
                </p>
            </div>
        }
            .into_any(),
    }
}
