//! How far an import is.

use leptos::prelude::*;

use crate::presentation::numbers;
use crate::ui::session::{ImportStage, session};

/// The import at work: percent, rows, rate, and a way to stop it.
#[component]
pub(in crate::ui) fn Progress() -> impl IntoView {
    let session = session();
    let running = move || match session.import.get() {
        ImportStage::Running { name, progress } => Some((name, progress)),
        _ => None,
    };
    move || {
        let (name, progress) = running()?;
        let known = progress.filter(|progress| progress.bytes_total > 0);
        let percent =
            known.as_ref().map(|told| numbers::percent(told.bytes_read, told.bytes_total));
        let words = session.import.with(|stage| match stage {
            ImportStage::Running { progress: Some(told), .. } => {
                let rate = numbers::rate(told.rows_read, told.elapsed_ms)
                    .map(|rate| format!(" · {} rows a second", numbers::grouped(rate)))
                    .unwrap_or_default();
                let bytes = if told.bytes_total > 0 {
                    format!(
                        " · {} of {}",
                        numbers::bytes(told.bytes_read),
                        numbers::bytes(told.bytes_total)
                    )
                } else {
                    String::new()
                };
                let left =
                    numbers::remaining_ms(told.bytes_read, told.bytes_total, told.elapsed_ms)
                        .filter(|left| *left >= 1_000)
                        .map(|left| {
                            format!(" · about {} left", numbers::duration(left / 1_000 * 1_000))
                        })
                        .unwrap_or_default();
                format!("{} rows{rate}{bytes}{left}", numbers::grouped(told.rows_read))
            }
            _ => "starting …".to_owned(),
        });
        Some(view! {
            <section class="import-progress" aria-label="Import">
                <strong class="ellipsis">{format!("Loading {name}")}</strong>
                <progress
                    max="100"
                    aria-label="Progress of the import"
                    value=percent.map(|percent| percent.to_string())
                ></progress>
                <span class="figures">
                    {percent.map(|percent| format!("{percent} % · "))} {words}
                </span>
                <button type="button" on:click=move |_| session.cancel_import()>
                    "Cancel"
                </button>
            </section>
        })
    }
}
