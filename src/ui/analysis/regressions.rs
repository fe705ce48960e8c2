//! Causes that were marked as fixed and have newer errors: a badge beside the cause, a list of all.

use leptos::prelude::*;

use crate::platform::task::detach;
use crate::presentation::{dates, numbers};
use crate::protocol::{Call, Problem, Regression};
use crate::ui::door::Door;
use crate::ui::session::{Session, session};
use crate::ui::widgets::icon::{Glyph, Icon};

impl Session {
    /// Asks which fixed causes came back; what was not known before is told.
    pub(in crate::ui) fn refresh_regressions(self) {
        detach(async move {
            let answer: Result<Vec<Regression>, Problem> = self.ask(Call::Regressions).await;
            // Whatever keeps the engine from answering is told by the other questions.
            let Ok(found) = answer else { return };
            let known = self.regressions.get_untracked();
            let is_new = |one: &&Regression| {
                !known.iter().any(|other| other.cause == one.cause && other.count >= one.count)
            };
            let new = found.iter().filter(is_new).count();
            if new > 0 {
                let causes = numbers::counted(new, "cause");
                let verb = if new == 1 { "is" } else { "are" };
                self.warn(
                    format!("{causes} that you marked as fixed {verb} back, with newer errors"),
                    "They are listed under Dumps, Compare dumps",
                );
            }
            if known != found {
                self.regressions.set(found);
            }
        });
    }
}

/// Says that a cause came back although it was marked as fixed; nothing where it did not.
#[component]
pub(in crate::ui) fn RegressionBadge(#[prop(into)] cause: String) -> impl IntoView {
    let session = session();
    move || {
        let found =
            session.regressions.with(|all| all.iter().find(|one| one.cause == cause).cloned())?;
        let title = format!(
            "Marked as fixed on {}, and newer errors came since {}",
            dates::date_time_zone(found.marked_at),
            dates::date_time_zone(found.first_new)
        );
        Some(view! {
            <span class="badge regression" data-testid="regression-badge" title=title>
                <Icon glyph=Glyph::Warning />
                "came back"
                <Door count=found.count filter=found.filter label="newer errors of this cause" />
            </span>
        })
    }
}

/// All of them.
#[component]
pub(super) fn RegressionList() -> impl IntoView {
    let session = session();
    move || {
        let all = session.regressions.get();
        if all.is_empty() {
            return None;
        }
        let lines = all
            .into_iter()
            .map(|one| {
                view! {
                    <li>
                        <Door count=one.count filter=one.filter label="newer errors of this cause" />
                        <span>
                            <code>{one.cause}</code>
                            <span class="quiet-text block">
                                {format!(
                                    "marked as fixed on {}; first new error {}",
                                    dates::date_time_zone(one.marked_at),
                                    dates::date_time_zone(one.first_new),
                                )}
                            </span>
                        </span>
                    </li>
                }
            })
            .collect_view();
        Some(view! {
            <section>
                <h3>"Marked as fixed, and back again"</h3>
                <ul class="plain fates" data-testid="regressions">{lines}</ul>
            </section>
        })
    }
}
