//! Marks of what a record is: its category and its state, each as a picture and a word, never by colour alone.

use leptos::prelude::*;

use crate::domain::RecordState;
use crate::presentation::labels;
use crate::ui::widgets::icon::{Glyph, Icon};

/// A category: picture and word.
#[component]
pub(in crate::ui) fn Category(name: String) -> impl IntoView {
    let icon = labels::category_icon(&name);
    let kind = format!("{icon:?}").to_lowercase();
    view! {
        <span class="category-mark" data-kind=kind>
            <Icon glyph=Glyph::Category(icon) />
            <span class="ellipsis">{labels::value(&name).into_owned()}</span>
        </span>
    }
}

/// A record's state: mark and word.
#[component]
pub(in crate::ui) fn StateMark(state: RecordState) -> impl IntoView {
    view! {
        <span class="state-mark" data-state=labels::record_state_word(state)>
            {labels::record_state(state)}
        </span>
    }
}
