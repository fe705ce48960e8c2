//! The navigation bar: the product, what is loaded, theme, help.

use leptos::prelude::*;

use crate::platform::preferences;
use crate::presentation::numbers;
use crate::presentation::visible::visible;
use crate::protocol::DatasetView;
use crate::ui::session::{Dialog, session};
use crate::ui::widgets::icon::{Glyph, Icon};

/// The themes in the order of the switch.
const THEMES: [(&str, &str); 3] =
    [("system", "as the system"), ("light", "light"), ("dark", "dark")];

/// Puts a theme in force; `boot.js` does the same before the first paint.
fn apply(theme: &str) {
    if let Some(root) = document().document_element() {
        // The element and the attribute are plain; setting it cannot fail.
        let _set = match theme {
            "system" => root.remove_attribute("data-theme"),
            named => root.set_attribute("data-theme", named),
        };
    }
    preferences::write("theme", theme);
}

/// The navigation bar.
#[component]
pub(super) fn NavBar() -> impl IntoView {
    let session = session();
    let kept = preferences::read("theme").unwrap_or_default();
    let theme = RwSignal::new(THEMES.iter().position(|(name, _)| *name == kept).unwrap_or(0));
    let loaded = move || {
        session.datasets.with(|list| match list.as_deref().unwrap_or_default() {
            [] => String::new(),
            [one] => visible(&one.name).into_owned(),
            many => {
                let rows: u64 = many.iter().map(DatasetView::readable_rows).sum();
                format!("{} dumps, {} rows", many.len(), numbers::grouped(rows))
            }
        })
    };
    view! {
        <header class="nav-bar">
            <span class="product">"Dual-write Error Desk"</span>
            <span class="loaded ellipsis">{loaded}</span>
            <Show when=move || !session.leads.get()>
                <span
                    class="badge on-nav follows"
                    data-testid="follows"
                    title="Another tab of this browser works on the data. This one follows it, can do everything, and takes over when it is closed"
                >
                    "Follows" <span class="wide-only">" another tab"</span>
                </span>
            </Show>
            <span class="badge on-nav" title="Nothing is sent anywhere">"Offline"</span>
            <button
                type="button"
                class="on-nav icon-only"
                aria-label=move || format!("Theme: {}", THEMES[theme.get()].1)
                title=move || format!("Theme: {}", THEMES[theme.get()].1)
                on:click=move |_| {
                    theme.update(|theme| *theme = (*theme + 1) % THEMES.len());
                    apply(THEMES[theme.get_untracked()].0);
                }
            >
                <Icon glyph=Glyph::Theme />
            </button>
            <button
                type="button"
                class="on-nav icon-only"
                aria-label="Help and shortcuts"
                title="Help and shortcuts (?)"
                on:click=move |_| session.dialog.set(Some(Dialog::Help))
            >
                <Icon glyph=Glyph::Help />
            </button>
        </header>
    }
}
