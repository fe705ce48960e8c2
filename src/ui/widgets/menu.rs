//! A button with a menu below it: arrows move, Escape closes and returns, a press elsewhere closes.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, KeyboardEvent, Node};

use super::icon::{Glyph, Icon};

/// A line of a menu.
#[derive(Clone)]
pub(crate) struct MenuItem {
    /// What it does.
    pub(crate) label: String,
    /// A word more, in a quieter colour.
    pub(crate) hint: String,
    /// Does it.
    pub(crate) run: Callback<()>,
}

impl MenuItem {
    /// A line with its action.
    pub(crate) fn new(
        label: impl Into<String>,
        hint: impl Into<String>,
        run: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { label: label.into(), hint: hint.into(), run: Callback::new(move |()| run()) }
    }
}

/// A button that opens a menu. `label` names the button; `glyph` stands before it.
#[component]
pub(crate) fn Menu(
    label: &'static str,
    #[prop(optional)] glyph: Option<Glyph>,
    /// Only the arrow is shown; the label is heard.
    #[prop(optional)]
    arrow_only: bool,
    #[prop(into, default = Signal::stored(false))] disabled: Signal<bool>,
    items: Vec<MenuItem>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let items = StoredValue::new(items);
    let focus_item = move |step: i32| {
        request_animation_frame(move || {
            // The menu may be gone by then.
            let Some(root) = root.try_get_untracked().flatten() else { return };
            let Ok(list) = root.query_selector_all("[role=menuitem]") else { return };
            let count = list.length() as i32;
            let focused = document().active_element();
            let at = (0..count).find(|index| {
                list.item(*index as u32).as_ref() == focused.as_ref().map(|found| found.as_ref())
            });
            let next = match at {
                Some(at) => (at + step).rem_euclid(count.max(1)),
                None if step < 0 => count - 1,
                None => 0,
            };
            let item: Option<HtmlElement> =
                list.item(next as u32).and_then(|node| node.dyn_into().ok());
            if let Some(item) = item {
                // A line that cannot take the focus leaves it where it is.
                let _focused = item.focus();
            }
        });
    };
    let close = move |and_return: bool| {
        open.set(false);
        if and_return && let Some(button) = button.get_untracked() {
            // The button is on the page as long as this component is.
            let _focused = button.focus();
        }
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => {
            event.prevent_default();
            open.set(true);
            focus_item(1);
        }
        "ArrowUp" if open.get_untracked() => {
            event.prevent_default();
            focus_item(-1);
        }
        "Escape" if open.get_untracked() => {
            event.stop_propagation();
            close(true);
        }
        _ => {}
    };
    let on_leave = move |event: FocusEvent| {
        let target: Option<Node> = event.related_target().and_then(|target| target.dyn_into().ok());
        // A menu that is taken away loses the focus, too.
        let Some(root) = root.try_get_untracked() else { return };
        let stays = root.is_some_and(|root| root.contains(target.as_ref()));
        if !stays {
            open.set(false);
        }
    };
    view! {
        <div class="menu" node_ref=root on:keydown=on_key on:focusout=on_leave>
            <button
                type="button"
                class=if arrow_only { "menu-button arrow-only" } else { "menu-button" }
                node_ref=button
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                aria-label=arrow_only.then_some(label)
                title=arrow_only.then_some(label)
                disabled=move || disabled.get()
                on:click=move |_| {
                    open.update(|open| *open = !*open);
                    if open.get_untracked() {
                        focus_item(1);
                    }
                }
            >
                {glyph.map(|glyph| view! { <Icon glyph=glyph /> })}
                {(!arrow_only).then_some(view! { <span class="label">{label}</span> })}
                <Icon glyph=Glyph::Down />
            </button>
            {move || {
                open.get()
                    .then(|| {
                        let lines = items
                            .get_value()
                            .into_iter()
                            .map(|item| {
                                view! {
                                    <button
                                        type="button"
                                        role="menuitem"
                                        tabindex="-1"
                                        on:click=move |_| {
                                            close(true);
                                            item.run.run(());
                                        }
                                    >
                                        <span>{item.label}</span>
                                        <span class="quiet-text">{item.hint}</span>
                                    </button>
                                }
                            })
                            .collect_view();
                        view! { <div class="menu-list" role="menu" aria-label=label>{lines}</div> }
                    })
            }}
        </div>
    }
    .into_any()
}
