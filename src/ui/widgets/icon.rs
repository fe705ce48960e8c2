//! Icons as small inline drawings in the colour of the text beside them. They never stand for words alone.

use leptos::prelude::*;

use crate::presentation::labels::CategoryIcon;

/// A drawing on a 16 × 16 field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    Open,
    Sample,
    Retry,
    Dismiss,
    Export,
    Datasets,
    Journal,
    Settings,
    Filter,
    Detail,
    Theme,
    Help,
    Close,
    Down,
    Up,
    Check,
    Warning,
    Info,
    Copy,
    Category(CategoryIcon),
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Open => "M1.5 12.5v-9h4l1.5 2h6v2M1.5 12.5l2-5h11l-2 5z",
            Self::Sample => "M2 3.5h12v9H2zM2 6.5h12M2 9.5h12M6 3.5v9",
            Self::Retry => "M13 4v3.2H9.8M13 7.2A5.3 5.3 0 1 0 13 10",
            Self::Dismiss => "M3 8h10M8 14.2A6.2 6.2 0 1 1 8 1.8a6.2 6.2 0 0 1 0 12.4z",
            Self::Export => "M8 10V2M5 5l3-3 3 3M2.5 9.5v4h11v-4",
            Self::Datasets => {
                "M2.5 4c0-1.2 2.5-2 5.5-2s5.5.8 5.5 2-2.5 2-5.5 2-5.5-.8-5.5-2zv8c0 1.2 2.5 2 5.5 2s5.5-.8 5.5-2V4M2.5 8c0 1.2 2.5 2 5.5 2s5.5-.8 5.5-2"
            }
            Self::Journal => "M3 2h9.5v12H3zM5.5 5h4.5M5.5 8h4.5M5.5 11h3",
            Self::Settings => "M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 2.8v3.4M6 9.8v3.4",
            Self::Filter => "M2 3h12L9.5 8.5v4.5l-3-1.5v-3z",
            Self::Detail => "M2 2.5h12v11H2zM9.5 2.5v11",
            Self::Theme => "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
            Self::Help => {
                "M8 14.2A6.2 6.2 0 1 1 8 1.8a6.2 6.2 0 0 1 0 12.4zM6.2 6.2C6.2 5 7 4.4 8 4.4s1.8.6 1.8 1.7C9.8 7.4 8 7.4 8 9M8 11v.6"
            }
            Self::Close => "M3.5 3.5l9 9M12.5 3.5l-9 9",
            Self::Down => "M4 6l4 4 4-4",
            Self::Up => "M4 10l4-4 4 4",
            Self::Check => "M3 8.5l3.2 3.2L13 5",
            Self::Warning => "M8 2l6.5 11.5h-13zM8 6.5v3.2M8 11.4v.6",
            Self::Info => "M8 14.2A6.2 6.2 0 1 1 8 1.8a6.2 6.2 0 0 1 0 12.4zM8 7.2v4M8 4.6v.6",
            Self::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
            Self::Category(CategoryIcon::Application) => "M3.5 1.5h6l3 3v10h-9zM8 6v3.5M8 11.5v.6",
            Self::Category(CategoryIcon::System) => {
                "M2 2.5h12v4.5H2zM2 9h12v4.5H2zM4.5 4.7h.6M4.5 11.2h.6"
            }
            Self::Category(CategoryIcon::Concurrency) => {
                "M2 5h9M8.5 2.5L11 5 8.5 7.5M14 11H5M7.5 8.5L5 11l2.5 2.5"
            }
            Self::Category(CategoryIcon::Conflict) => "M2 3l5 5-5 5M14 3L9 8l5 5",
            Self::Category(CategoryIcon::Configuration) => {
                "M13.5 4.5a3.3 3.3 0 0 1-4.6 3.9L4.4 13 3 11.600l4.600-4.500A3.300 3.300 0 0 1 11.500 2.500L9.800 4.200l2 2z"
            }
            Self::Category(CategoryIcon::Unknown) => {
                "M8 14.2A6.2 6.2 0 1 1 8 1.8a6.2 6.2 0 0 1 0 12.4zM6.2 6.2C6.2 5 7 4.4 8 4.4s1.8.6 1.8 1.7C9.8 7.4 8 7.4 8 9M8 11v.6"
            }
        }
    }
}

/// Draws a glyph; screen readers do not hear of it.
#[component]
pub(crate) fn Icon(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=glyph.path() />
        </svg>
    }
}

/// The same, of a glyph that changes.
#[component]
pub(crate) fn ChangingIcon(glyph: Signal<Glyph>) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=move || glyph.get().path() />
        </svg>
    }
}
