//! How many there are, how many are selected; on narrow screens also the order.

use leptos::prelude::*;

use crate::domain::{Column, Sort};
use crate::presentation::columns::GRID;
use crate::presentation::{labels, numbers};
use crate::ui::session::session;

/// The footer of the grid.
#[component]
pub(super) fn GridFoot() -> impl IntoView {
    let session = session();
    let matching = move || session.total.get().unwrap_or(0);
    // A number of an earlier filter is shown dimmed and is no number for anyone who asks for one.
    let certain = move || {
        session.total.get().filter(|_| !session.counting.get()).map(|count| count.to_string())
    };
    let words = move || {
        let all = session.overall.get().all.max(matching());
        format!("{} of {}", numbers::count(matching()), numbers::counted(all, "error"))
    };
    let cleared = move || {
        let cleared = session.overall.get().cleared;
        let hidden = session.filter.with(|filter| filter.states.is_empty());
        (hidden && cleared > 0).then(|| format!("{} cleared not shown", numbers::count(cleared)))
    };
    let selected = Memo::new(move |_| {
        session.selection.with(|selection| (selection.count(matching()), selection.is_everything()))
    });
    view! {
        <footer class="grid-foot">
            <span
                data-testid="row-count"
                class="row-count"
                class:uncertain=move || session.counting.get()
                data-count=certain
            >
                {words}
            </span>
            {move || cleared().map(|words| view! { <span class="quiet-text">{words}</span> })}
            {move || {
                let (count, everything) = selected.get();
                (count > 0)
                    .then(|| {
                        let words = if everything {
                            format!("all {} selected", numbers::count(count))
                        } else {
                            format!("{} selected", numbers::count(count))
                        };
                        view! {
                            <strong class="selected-count" data-count=count.to_string()>
                                {words}
                            </strong>
                            <button
                                type="button"
                                class="quiet"
                                on:click=move |_| session.select_nothing()
                            >
                                "Clear selection"
                            </button>
                        }
                    })
            }}
            {move || {
                (!selected.get().1 && matching() > 0)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="quiet"
                                on:click=move |_| session.select_everything()
                            >
                                {move || format!("Select all {}", numbers::count(matching()))}
                            </button>
                        }
                    })
            }}
            {move || session.narrow.get().then(|| view! { <Order /> })}
        </footer>
    }
    .into_any()
}

/// The order, where there are no headers to press.
#[component]
fn Order() -> impl IntoView {
    let session = session();
    let word = |sort: Option<Sort>| match sort {
        Some(sort) => {
            let index = GRID.iter().position(|column| column.column == sort.column).unwrap_or(0);
            format!("{index}{}", if sort.descending { "-" } else { "+" })
        }
        None => String::new(),
    };
    let choose = move |text: String| {
        let index = text.get(..1).and_then(|digit| digit.parse::<usize>().ok());
        let column = index.and_then(|index| GRID.get(index)).map(|column| column.column);
        session.sort.set(column.map(|column| Sort { column, descending: text.ends_with('-') }));
    };
    let options = [Column::OccurredAt, Column::Entity, Column::Category, Column::State]
        .into_iter()
        .flat_map(|column| [false, true].map(|descending| Sort { column, descending }))
        .map(|sort| {
            let arrow = if sort.descending { "\u{2193}" } else { "\u{2191}" };
            let selected = session.sort.get_untracked() == Some(sort);
            view! {
                <option value=word(Some(sort)) selected=selected>
                    {format!("{} {arrow}", labels::column(sort.column))}
                </option>
            }
        })
        .collect_view();
    view! {
        <select
            class="order"
            aria-label="Order"
            on:change:target=move |event| choose(event.target().value())
        >
            <option value="">"Order of the dump"</option>
            {options}
        </select>
    }
}
