//! Answers about files that the browser keeps, and what the settings show of them.

use leptos::html;
use leptos::prelude::*;

use crate::platform::{file_transfer as files, preferences, task::detach};
use crate::presentation::answers::Answers;
use crate::presentation::numbers;
use crate::ui::session::{Session, session};

/// Name under which the answers are kept.
const KEPT: &str = "answers";

/// What the browser keeps; nothing where it cannot be read.
pub(super) fn kept() -> Answers {
    preferences::read(KEPT).and_then(|text| Answers::read(&text).ok()).unwrap_or_default()
}

pub(super) fn keep(answers: &Answers) {
    preferences::write(KEPT, &answers.write());
}

/// Forgets all of them.
pub(in crate::ui) fn forget() {
    preferences::remove(KEPT);
}

impl Session {
    async fn add_answers(self, file: web_sys::File) -> bool {
        let text = files::text_of(&file).await;
        let read = text.map_err(|_| "It cannot be read".to_owned());
        match read.and_then(|text| Answers::read(&text)) {
            Ok(others) => {
                let added = others.len();
                let mut answers = kept();
                answers.add(others);
                keep(&answers);
                self.succeed(format!(
                    "Answers for {} added",
                    numbers::counted(added, "kind of file")
                ));
                true
            }
            Err(why) => {
                self.warn(format!("{} was not used", file.name()), why);
                false
            }
        }
    }
}

/// How many there are, and the ways to save, open and forget them.
#[component]
pub(in crate::ui) fn RememberedAnswers() -> impl IntoView {
    let session = session();
    let count = RwSignal::new(kept().len());
    let is_none = move || count.get() == 0;
    let input = NodeRef::<html::Input>::new();
    view! {
        <section>
            <h3>"Answers about files"</h3>
            <p class="quiet-text">
                {move || match count.get() {
                    0 => {
                        "Zone, date order and columns that you say of a file are kept for files with the same columns. There are none yet."
                            .to_owned()
                    }
                    some => {
                        format!(
                            "Zone, date order and columns are kept for {}, known by their columns.",
                            numbers::counted(some, "kind of file"),
                        )
                    }
                }}
            </p>
            <div class="button-row">
                <button
                    type="button"
                    disabled=is_none
                    on:click=move |_| {
                        if files::save_text(&kept().write(), "application/json", "error-desk-answers.json").is_err() {
                            session.warn("The answers were not saved", "The browser refused the download");
                        }
                    }
                >
                    "Save as file"
                </button>
                <button
                    type="button"
                    on:click=move |_| {
                        if let Some(input) = input.get_untracked() {
                            input.click();
                        }
                    }
                >
                    "Open file \u{2026}"
                </button>
                <button
                    type="button"
                    disabled=is_none
                    on:click=move |_| {
                        forget();
                        count.set(0);
                        session.succeed("The answers about files are forgotten");
                    }
                >
                    "Forget"
                </button>
            </div>
            <input
                node_ref=input
                type="file"
                accept=".json"
                hidden
                aria-label="File of answers"
                data-testid="answers-input"
                on:change:target=move |event| {
                    let chosen = files::of_list(event.target().files());
                    event.target().set_value("");
                    detach(async move {
                        for file in chosen {
                            session.add_answers(file).await;
                        }
                        count.set(kept().len());
                    });
                }
            />
        </section>
    }
}
