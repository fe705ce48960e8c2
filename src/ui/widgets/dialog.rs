//! A modal dialog on the browser's own `<dialog>`: focus is kept inside and returns when it closes.
//!
//! Invariant: closing one, in whatever way, does nothing but close it.

use leptos::html;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// A modal dialog. Its children exist only while it is open; one of them may have `autofocus`.
#[component]
pub(crate) fn Modal(
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// Hears every way of closing it.
    #[prop(into)]
    on_close: Callback<()>,
    /// Its heading, and its name for screen readers.
    #[prop(into)]
    title: Signal<String>,
    /// Handle for tests.
    #[prop(optional)]
    test_id: Option<&'static str>,
    /// A class for its width and look.
    #[prop(default = "")]
    class: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let open = open.get();
        // The children are drawn in this turn; the browser looks for `autofocus` among them when it opens.
        request_animation_frame(move || {
            // Its owner may be gone by then.
            let Some(dialog) = node.try_get_untracked().flatten() else { return };
            if open && !dialog.open() {
                // It fails only for a dialog that is open or not on the page; both are excluded.
                let _shown = dialog.show_modal();
            } else if !open && dialog.open() {
                dialog.close();
            }
        });
    });
    let heading = format!("dialog-{}", test_id.unwrap_or(class));
    let heading_id = heading.clone();
    view! {
        <dialog
            class=format!("dialog {class}")
            data-testid=test_id
            node_ref=node
            aria-labelledby=heading
            on:close=move |_| {
                // The browser tells this later, perhaps to an owner that is gone.
                if open.try_get_untracked() == Some(true) {
                    on_close.run(());
                }
            }
        >
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <header class="dialog-head">
                                <h2 id=heading_id.clone()>{move || title.get()}</h2>
                                <button
                                    class="quiet icon-only"
                                    type="button"
                                    aria-label="Close"
                                    on:click=move |_| on_close.run(())
                                >
                                    <Icon glyph=Glyph::Close />
                                </button>
                            </header>
                            {children()}
                        }
                    })
            }}
        </dialog>
    }
    .into_any()
}
