//! Marks of what a record is: its category and its state, each as a picture and a word, never by colour alone.

use leptos::prelude::*;

use crate::domain::RecordState;
use crate::presentation::labels;
use crate::ui::widgets::icon::{ChangingIcon, Glyph};

/// A category: picture and word.
#[component]
pub(in crate::ui) fn Category(#[prop(into)] name: Signal<String>) -> impl IntoView {
    let icon = Memo::new(move |_| name.with(|name| labels::category_icon(name)));
    view! {
        <span class="category-mark" data-kind=move || format!("{:?}", icon.get()).to_lowercase()>
            <ChangingIcon glyph=Signal::derive(move || Glyph::Category(icon.get())) />
            <span class="ellipsis">{move || name.with(|name| labels::value(name).into_owned())}</span>
        </span>
    }
}

/// A record's state: mark and word.
#[component]
pub(in crate::ui) fn StateMark(#[prop(into)] state: Signal<RecordState>) -> impl IntoView {
    view! {
        <span class="state-mark" data-state=move || labels::record_state_word(state.get())>
            {move || labels::record_state(state.get())}
        </span>
    }
}
