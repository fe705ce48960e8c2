//! The filter pane: time first, then entity and data source, then the rest.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;

use super::facets::{FacetList, FacetSelect};
use super::histogram::Histogram;
use crate::domain::{Column, Filter, Timestamp};
use crate::presentation::dates;
use crate::ui::session::session;
use crate::ui::widgets::icon::{Glyph, Icon};

/// How long typing may pause before it is searched for.
const TYPING_PAUSE: Duration = Duration::from_millis(40);
/// The same for dates, whose fields are valid in the middle of typing a year.
const DATE_PAUSE: Duration = Duration::from_millis(250);

/// The filter pane.
#[component]
pub(in crate::ui) fn Filters() -> impl IntoView {
    let session = session();
    view! {
        <aside class="filter-pane" id="filters" aria-label="Filter" tabindex="-1">
            <header class="pane-head">
                <h2>"Filter"</h2>
                <button
                    type="button"
                    class="quiet"
                    data-testid="clear-filters"
                    disabled=move || session.filter.with(|filter| *filter == Filter::default())
                    on:click=move |_| session.change_filter(|filter| *filter = Filter::default())
                >
                    "Clear"
                </button>
                <button
                    type="button"
                    class="quiet icon-only"
                    aria-label="Close the filter pane"
                    title="Close the filter pane"
                    on:click=move |_| session.set_pane(session.filter_open, "filterPane", false)
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </header>
            <div class="pane-body">
                <TimeRange />
                <Histogram />
                <FacetSelect column=Column::Entity test_id="filter-entity" />
                <FacetSelect column=Column::DataSource test_id="filter-data-source" />
                <TextField />
                <FacetList column=Column::Category />
                <FacetList column=Column::Company />
                <FacetList column=Column::State />
                <FacetList column=Column::Job />
                <FacetList column=Column::Direction />
            </div>
        </aside>
    }
    .into_any()
}

/// Which end of the range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    From,
    To,
}

#[component]
fn TimeRange() -> impl IntoView {
    let session = session();
    let inverted = Memo::new(move |_| {
        session
            .filter
            .with(|filter| matches!((filter.from, filter.to), (Some(from), Some(to)) if from >= to))
    });
    view! {
        <fieldset class="time-range">
            <legend>"Occurred at " <span class="quiet-text">"UTC"</span></legend>
            <Moment end=End::From inverted=inverted />
            <Moment end=End::To inverted=inverted />
            {move || {
                if inverted.get() {
                    view! {
                        <p class="field-error" id="range-error" role="alert">
                            "\u{201c}Until before\u{201d} must be later than \u{201c}From\u{201d}: nothing lies between them"
                        </p>
                    }
                        .into_any()
                } else {
                    ().into_any()
                }
            }}
        </fieldset>
    }
}

#[component]
fn Moment(end: End, inverted: Memo<bool>) -> impl IntoView {
    let session = session();
    let (label, test_id) = match end {
        End::From => ("From", "filter-from"),
        End::To => ("Until before", "filter-to"),
    };
    let node = NodeRef::<html::Input>::new();
    let set = move |time: Option<Timestamp>| {
        session.change_filter(|filter| match end {
            End::From => filter.from = time,
            End::To => filter.to = time,
        });
    };
    let mut take = debounce(DATE_PAUSE, move |text: String| {
        if text.is_empty() {
            set(None);
        } else if let Some(time) = dates::parse_input(&text) {
            set(Some(time));
        }
    });
    // The field shows the filter, but is not rewritten while it says the same or is being typed into.
    Effect::new(move |_| {
        let time = session.filter.with(|filter| match end {
            End::From => filter.from,
            End::To => filter.to,
        });
        if let Some(input) = node.get()
            && dates::parse_input(&input.value()).map(Timestamp::millis)
                != time.map(|time| time.millis() / 1000 * 1000)
        {
            input.set_value(&dates::input_value(time));
        }
    });
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                type="datetime-local"
                step="1"
                data-testid=test_id
                node_ref=node
                aria-invalid=move || inverted.get().to_string()
                aria-describedby="range-error"
                on:input:target=move |event| take(event.target().value())
            />
        </label>
    }
}

#[component]
fn TextField() -> impl IntoView {
    let session = session();
    let node = NodeRef::<html::Input>::new();
    let mut take = debounce(TYPING_PAUSE, move |text: String| {
        session.change_filter(|filter| filter.text = (!text.is_empty()).then_some(text));
    });
    Effect::new(move |earlier: Option<Option<String>>| {
        let text = session.filter.with(|filter| filter.text.clone());
        if let Some(input) = node.get()
            && earlier.is_none_or(|earlier| earlier != text)
            && input.value() != text.clone().unwrap_or_default()
        {
            let is_typed_into = document().active_element().is_some_and(|element| {
                let input: &web_sys::Element = &input;
                element == *input
            });
            // Whoever is typing is ahead of the filter; only taking the condition away empties the field.
            if !is_typed_into || text.is_none() {
                input.set_value(text.as_deref().unwrap_or_default());
            }
        }
        text
    });
    view! {
        <label class="field">
            <span>"Message contains"</span>
            <input
                type="search"
                data-testid="filter-text"
                node_ref=node
                autocomplete="off"
                spellcheck="false"
                on:input:target=move |event| take(event.target().value())
            />
        </label>
    }
}
