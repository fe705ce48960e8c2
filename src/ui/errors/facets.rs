//! Conditions by value: a choice with counts for the large dimensions, check boxes for the small ones.

use leptos::html;
use leptos::prelude::*;

use crate::domain::Column;
use crate::presentation::conditions::{chosen, set_value};
use crate::presentation::{labels, numbers};
use crate::protocol::FacetValue;
use crate::ui::session::session;
use crate::ui::widgets::icon::{Glyph, Icon};

/// Values listed before "more" is pressed.
const TOP: usize = 8;
/// Stands for the empty value in a `<select>`, whose empty value means "all".
const NONE: &str = "\u{2205}";

fn shown(column: Column, value: &str) -> String {
    match (column, labels::parse_record_state(value)) {
        (Column::State, Some(state)) => labels::record_state(state).to_owned(),
        _ => labels::value(value).into_owned(),
    }
}

/// The values of a dimension with their counts; chosen ones are there even where nothing matches them.
fn values(column: Column) -> Memo<Vec<FacetValue>> {
    let session = session();
    Memo::new(move |_| {
        let mut values =
            session.facets.with(|facets| facets.get(&column).cloned().unwrap_or_default());
        for value in session.filter.with(|filter| chosen(filter, column)) {
            if !values.iter().any(|known| column.is_same(&known.value, &value)) {
                values.push(FacetValue { value, count: 0 });
            }
        }
        values
    })
}

/// The chosen ones of these values, as they are written in the list: a link may write them otherwise.
fn picked(column: Column, values: Memo<Vec<FacetValue>>) -> Memo<Vec<String>> {
    let session = session();
    Memo::new(move |_| {
        let chosen = session.filter.with(|filter| chosen(filter, column));
        let listed = |value: String| {
            values.with(|values| {
                let known = values.iter().find(|known| column.is_same(&known.value, &value));
                known.map_or(value, |known| known.value.clone())
            })
        };
        chosen.into_iter().map(listed).collect()
    })
}

/// A `<select>` that adds values, and a chip for each chosen one.
#[component]
pub(super) fn FacetSelect(column: Column, test_id: &'static str) -> impl IntoView {
    let session = session();
    let values = values(column);
    let picked = picked(column, values);
    let node = NodeRef::<html::Select>::new();
    let encode = |value: &str| if value.is_empty() { NONE.to_owned() } else { value.to_owned() };
    // The options are drawn in the same turn; the choice can be shown only after them.
    Effect::new(move |_| {
        values.track();
        let wanted = match picked.get().as_slice() {
            [one] => encode(one),
            _ => String::new(),
        };
        request_animation_frame(move || {
            // The pane may be gone by then, with the data.
            if let Some(select) = node.try_get_untracked().flatten() {
                select.set_value(&wanted);
            }
        });
    });
    let choose = move |word: String| {
        session.change_filter(|filter| match word.as_str() {
            "" => {
                if let Some(list) = filter.values_mut(column) {
                    list.clear();
                }
            }
            NONE => set_value(filter, column, "", true),
            value => set_value(filter, column, value, true),
        });
    };
    let first = move || match picked.with(Vec::len) {
        0 | 1 => format!("All {}", labels::plural(column)),
        count => format!("{} {} chosen", numbers::count(count), labels::plural(column)),
    };
    view! {
        <div class="facet-select">
            <label class="field">
                <span>{labels::column(column)}</span>
                <select
                    data-testid=test_id
                    node_ref=node
                    on:change:target=move |event| choose(event.target().value())
                >
                    <option value="">{first}</option>
                    {move || {
                        values
                            .get()
                            .into_iter()
                            .map(|known| {
                                let words = format!(
                                    "{} ({})",
                                    shown(column, &known.value),
                                    numbers::count(known.count),
                                );
                                view! { <option value=encode(&known.value)>{words}</option> }
                            })
                            .collect_view()
                    }}
                </select>
            </label>
            {move || {
                let picked = picked.get();
                (!picked.is_empty())
                    .then(|| {
                        let chips = picked
                            .into_iter()
                            .map(|value| {
                                let words = shown(column, &value);
                                view! {
                                    <li>
                                        <button
                                            type="button"
                                            class="chip"
                                            aria-label=format!("Remove {words}")
                                            on:click=move |_| {
                                                session
                                                    .change_filter(|filter| set_value(
                                                        filter,
                                                        column,
                                                        &value,
                                                        false,
                                                    ));
                                            }
                                        >
                                            <span class="ellipsis">{words.clone()}</span>
                                            <Icon glyph=Glyph::Close />
                                        </button>
                                    </li>
                                }
                            })
                            .collect_view();
                        view! { <ul class="plain chosen">{chips}</ul> }
                    })
            }}
        </div>
    }
    .into_any()
}

/// Check boxes with counts; a dimension of fewer than two values is not worth its place.
#[component]
pub(super) fn FacetList(column: Column) -> impl IntoView {
    let session = session();
    let values = values(column);
    let all = RwSignal::new(false);
    let search = RwSignal::new(String::new());
    let count = Memo::new(move |_| values.with(Vec::len));
    let picked = picked(column, values);
    let listed = Memo::new(move |_| {
        let needle = search.get().to_lowercase();
        let limit = if all.get() { usize::MAX } else { TOP };
        let picked = picked.get();
        let mut place = 0;
        values.with(|values| {
            values
                .iter()
                .filter(|known| {
                    let fits = needle.is_empty()
                        || shown(column, &known.value).to_lowercase().contains(&needle);
                    place += usize::from(fits);
                    picked.contains(&known.value) || (fits && place <= limit)
                })
                .map(|known| known.value.clone())
                .collect::<Vec<_>>()
        })
    });
    let is_worth_it = Memo::new(move |_| count.get() > 1 || !picked.with(Vec::is_empty));
    let line = move |value: String| {
        let words = shown(column, &value);
        let (for_count, for_check) = (value.clone(), value.clone());
        let number = move || {
            values.with(|values| {
                values.iter().find(|known| known.value == for_count).map_or(0, |known| known.count)
            })
        };
        view! {
            <label class="facet">
                <input
                    type="checkbox"
                    prop:checked=move || picked.with(|picked| picked.contains(&for_check))
                    on:change:target=move |event| {
                        let checked = event.target().checked();
                        session.change_filter(|filter| set_value(filter, column, &value, checked));
                    }
                />
                <span class="ellipsis">{words}</span>
                <span class="figures quiet-text">{move || numbers::count(number())}</span>
            </label>
        }
    };
    move || {
        is_worth_it.get().then(|| {
            view! {
                <fieldset class="facet-list">
                    <legend>{labels::column(column)}</legend>
                    {move || {
                        (all.get() && count.get() > TOP)
                            .then(|| {
                                view! {
                                    <input
                                        type="search"
                                        aria-label=format!("Search {}", labels::plural(column))
                                        placeholder=format!("Search {}", labels::plural(column))
                                        on:input:target=move |event| search.set(event.target().value())
                                    />
                                }
                            })
                    }}
                    <div class="facet-lines">
                        <For each=move || listed.get() key=Clone::clone children=line />
                    </div>
                    {move || {
                        (count.get() > TOP)
                            .then(|| {
                                let words = if all.get() {
                                    "Show fewer".to_owned()
                                } else {
                                    format!("{} more \u{2026}", numbers::count(count.get() - TOP))
                                };
                                view! {
                                    <button
                                        type="button"
                                        class="link"
                                        on:click=move |_| {
                                            all.update(|all| *all = !*all);
                                            search.set(String::new());
                                        }
                                    >
                                        {words}
                                    </button>
                                }
                            })
                    }}
                </fieldset>
            }
        })
    }
}
