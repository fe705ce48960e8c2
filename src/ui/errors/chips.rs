//! The one active filter, in words, over the grid.

use leptos::prelude::*;

use crate::presentation::conditions::{conditions, remove};
use crate::ui::session::{Dialog, session};
use crate::ui::widgets::icon::{Glyph, Icon};

/// A chip for each condition; a press takes it away.
#[component]
pub(in crate::ui) fn Chips() -> impl IntoView {
    let session = session();
    let all = Memo::new(move |_| session.filter.with(conditions));
    view! {
        <div class="chips" role="group" aria-label="Active filter" class:empty=move || all.with(Vec::is_empty)>
            <For
                each=move || all.get()
                key=|(_, words)| words.clone()
                children=move |(condition, words)| {
                    let label = format!("Remove condition: {words}");
                    view! {
                        <button
                            type="button"
                            class="chip"
                            aria-label=label
                            on:click=move |_| {
                                session.change_filter(|filter| remove(filter, &condition));
                            }
                        >
                            <span class="ellipsis">{words}</span>
                            <Icon glyph=Glyph::Close />
                        </button>
                    }
                }
            />
            {move || {
                (!all.with(Vec::is_empty))
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="quiet"
                                data-testid="open-differences"
                                on:click=move |_| session.dialog.set(Some(Dialog::Differences))
                            >
                                "What is different here?"
                            </button>
                            <button
                                type="button"
                                class="quiet"
                                on:click=move |_| session.change_filter(|filter| *filter = Default::default())
                            >
                                "Clear all"
                            </button>
                        }
                    })
            }}
        </div>
    }
}
