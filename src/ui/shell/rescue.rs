//! The screen where the stored data cannot be used: of a later version of the app, or damaged.
//!
//! Three ways: export what is there, keep it and go away, delete it and begin anew. Deleting is asked twice.
//!
//! Invariant: nothing is deleted but by the button that says so.

use leptos::prelude::*;

use crate::platform::task::detach;
use crate::protocol::{Call, Code, Problem};
use crate::ui::session::{Session, session};

/// Name of the file with everything that is stored.
const FILE: &str = "dual-write-error-desk.jsonl";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Choosing,
    /// Deleting waits for a second word.
    Asked,
    /// The engine is at work.
    Busy,
    Kept,
}

/// The screen; the problem is what keeps the engine from the data.
#[component]
pub(super) fn Rescue(problem: Problem) -> impl IntoView {
    let session = session();
    let stage = RwSignal::new(Stage::Choosing);
    let heading = if problem.code == Code::NewerDatabase {
        "The stored data are of a later version of this app"
    } else {
        "The stored data cannot be opened"
    };
    let ways = move || {
        match stage.get() {
        Stage::Kept => view! {
            <p role="status">
                "Nothing was changed. You can close this tab; whatever opens these data later finds them as they were."
            </p>
            <button type="button" on:click=move |_| stage.set(Stage::Choosing)>
                "Back"
            </button>
        }
        .into_any(),
        Stage::Asked => view! {
            <p role="alert">
                "Dumps, requests, results and the memory of what was dismissed: all of it goes, for ever."
            </p>
            <p class="rescue-ways">
                <button type="button" autofocus on:click=move |_| stage.set(Stage::Choosing)>
                    "Do not delete"
                </button>
                <button
                    type="button"
                    class="danger"
                    data-testid="rescue-delete-confirm"
                    on:click=move |_| delete(session, stage)
                >
                    "Delete everything and begin anew"
                </button>
            </p>
        }
        .into_any(),
        now => {
            let busy = now == Stage::Busy;
            view! {
                <p class="rescue-ways">
                    <button
                        type="button"
                        class="primary"
                        data-testid="rescue-export"
                        disabled=busy
                        on:click=move |_| {
                            stage.set(Stage::Busy);
                            detach(async move {
                                session.export_stored().await;
                                stage.set(Stage::Choosing);
                            });
                        }
                    >
                        "Export what is there"
                    </button>
                    <button
                        type="button"
                        data-testid="rescue-keep"
                        disabled=busy
                        on:click=move |_| stage.set(Stage::Kept)
                    >
                        "Keep it and leave"
                    </button>
                    <button
                        type="button"
                        data-testid="rescue-delete"
                        disabled=busy
                        on:click=move |_| stage.set(Stage::Asked)
                    >
                        "Delete it and begin anew \u{2026}"
                    </button>
                </p>
            }
            .into_any()
        }
    }
    };
    view! {
        <section class="welcome" data-testid="rescue">
            <div class="welcome-card">
                <h1>{heading}</h1>
                <p>{problem.message}</p>
                <p class="quiet-text">{problem.hint}</p>
                {ways}
            </div>
        </section>
    }
    .into_any()
}

fn delete(session: Session, stage: RwSignal<Stage>) {
    stage.set(Stage::Busy);
    detach(async move {
        let answer: Result<Option<()>, Problem> = session.ask(Call::DeleteStored).await;
        match answer {
            // The engine begins anew, and says so.
            Ok(_) => {}
            Err(problem) => {
                stage.set(Stage::Choosing);
                session.tell_failure(&problem);
            }
        }
    });
}

impl Session {
    /// Saves everything that is stored, as it is, to a file.
    pub(in crate::ui) async fn export_stored(self) {
        self.save(Call::ExportStored, FILE, "").await;
    }
}
