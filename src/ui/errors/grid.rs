//! The grid: a window onto any number of rows, of which a few dozen exist. As it moves, elements that fall out of it on one
//! side show rows on the other.
//!
//! The rows stand in a layer that sticks to the window; the spacer behind it only gives the scroll bar its length. A bar
//! dragged past rows that are on their way shows the latest that are here; keys show skeleton cells for a moment, never a
//! blank.

use leptos::html;
use leptos::prelude::*;
use web_sys::WheelEvent;

use super::empty::NothingMatches;
use super::grid_foot::GridFoot;
use super::grid_head::GridHead;
use super::grid_keys;
use super::grid_order;
use super::grid_row::GridRow;
use crate::domain::Column;
use crate::platform::clock::sleep;
use crate::platform::resize::{self, ResizeWatch};
use crate::platform::task::detach;
use crate::presentation::columns::{GRID, GridColumn};
use crate::presentation::ring::Ring;
use crate::presentation::trail::Trail;
use crate::presentation::viewport::Viewport;
use crate::ui::focus;
use crate::ui::session::{Session, session};

/// Height of a row in pixels: one line, or a card of three lines on narrow screens.
const ROW: f64 = 30.0;
const CARD: f64 = 76.0;
/// Height of the header in pixels; cards have none.
const HEAD: f64 = 34.0;
/// Rows drawn beyond the window on both sides.
const OVERSCAN: usize = 2;

/// Rows that the layer may be away from its origin: far beyond it, places would not be exact any more.
const REACH: usize = 1_000;

/// How long rows may take before their place is drawn without them.
const PATIENCE_MS: u32 = 200;

/// What the parts of the grid share.
#[derive(Clone, Copy)]
pub(super) struct GridState {
    pub(super) session: Session,
    pub(super) viewport: RwSignal<Viewport>,
    /// The window as it is taken over to the screen: a move of it once a frame. Keys come faster than frames where much else is
    /// to be done, and rows that are written and never painted cost as much as others.
    at_frame: RwSignal<Viewport>,
    /// Whether the next frame was asked to take it over.
    is_asked: StoredValue<bool>,
    /// Whether the bar was what moved the window last.
    by_bar: StoredValue<bool>,
    /// Columns shown, with their places in the whole order.
    pub(super) columns: Memo<Vec<(usize, GridColumn)>>,
    pub(super) widths: RwSignal<Vec<u32>>,
    /// The row whose place is the upper edge of the layer. It changes seldom, so that a row that stays in the window stays
    /// where it was painted: only the layer moves.
    origin: RwSignal<usize>,
}

impl GridState {
    fn new(session: Session) -> Self {
        let columns = Memo::new(move |_| {
            let narrow = session.narrow.get();
            let all = GRID.into_iter().enumerate();
            all.filter(|(_, column)| !narrow || column.narrow).collect()
        });
        let widths = RwSignal::new(GRID.iter().map(|column| column.width).collect());
        let empty = Viewport::new(0, row_height(session), 600.0);
        let (viewport, at_frame) = (RwSignal::new(empty), RwSignal::new(empty));
        let (is_asked, by_bar) = (StoredValue::new(false), StoredValue::new(false));
        let origin = RwSignal::new(0);
        Self { session, viewport, at_frame, is_asked, by_bar, columns, widths, origin }
    }

    /// Where a row begins in the layer, in pixels.
    pub(super) fn place_of(self, row: usize) -> f64 {
        let height = if self.session.narrow.get() { CARD } else { ROW };
        (row as f64 - self.origin.get() as f64) * height
    }

    /// Scrolls as little as needed to show a row, and makes it the active one with the focus on it.
    pub(super) fn go_to_row(self, row: usize) {
        let last = self.session.total.get_untracked().unwrap_or(0).saturating_sub(1);
        let row = row.min(last);
        self.session.active.update(|cell| {
            cell.row = row;
            cell.in_header = false;
        });
        self.move_viewport(|viewport| viewport.revealing(row));
        focus::to_cell(self.session);
    }

    /// Moves the window. A focused cell that leaves it hands the focus to the grid, so that keys go on working.
    pub(super) fn move_viewport(self, change: impl FnOnce(Viewport) -> Viewport) {
        self.move_window(false, change);
    }

    fn move_window(self, by_bar: bool, change: impl FnOnce(Viewport) -> Viewport) {
        // Sizes and places are told by the browser, perhaps when the grid is gone.
        let Some(before) = self.viewport.try_get_untracked() else { return };
        let next = change(before);
        if next == before {
            return;
        }
        self.by_bar.set_value(by_bar);
        let active = self.session.active.get_untracked();
        if next.is_alike(&before) {
            // Before the focus is asked to move, so that it finds its cell drawn.
            self.ask_frame();
        } else {
            // Other rows, or a window of another size: its own frame must not be painted without them.
            self.at_frame.set(next);
        }
        let is_leaving = !active.in_header && !next.rendered(OVERSCAN).contains(&active.row);
        if is_leaving && focus::is_in_grid() {
            focus::to_id(focus::GRID);
        } else if next.rendered(OVERSCAN).len() != before.rendered(OVERSCAN).len() {
            // Rows change their elements: the focus goes with its row.
            focus::restore_cell(self.session);
        }
        self.viewport.set(next);
    }

    fn ask_frame(self) {
        if self.is_asked.get_value() {
            return;
        }
        self.is_asked.set_value(true);
        request_animation_frame(move || {
            // The grid may be gone by then.
            self.is_asked.try_set_value(false);
            if let Some(viewport) = self.viewport.try_get_untracked() {
                self.at_frame.try_set(viewport);
            }
        });
    }
}

fn row_height(session: Session) -> f64 {
    if session.narrow.get_untracked() { CARD } else { ROW }
}

/// The place that is drawn: the window's as of this frame, or, while the bar is dragged past rows that are not here yet, the
/// latest one that is. Where keys and the wheel say is drawn with rows or without, so that the focus finds its row.
fn follow(state: GridState) -> RwSignal<Viewport> {
    let session = state.session;
    let drawn = RwSignal::new(state.at_frame.get_untracked());
    let trail = StoredValue::new(Trail::new(drawn.get_untracked()));
    let is_here = move |place: &Viewport| {
        session.rows.with_untracked(|rows| place.visible().all(|row| rows.row(row).is_some()))
    };
    let draw = move |place: Viewport| {
        if drawn.get_untracked() != place {
            drawn.set(place);
        }
    };
    Effect::new(move |_| {
        let window = state.at_frame.get();
        session.rows.track();
        let mut place = window;
        trail.update_value(|trail| {
            if state.by_bar.get_value() {
                place = trail.follow(window, is_here);
            } else {
                *trail = Trail::new(window);
            }
        });
        draw(place);
        if place != window {
            detach(async move {
                sleep(PATIENCE_MS).await;
                if state.viewport.try_get_untracked() == Some(window) {
                    let mut place = window;
                    trail.update_value(|trail| place = trail.give_up());
                    draw(place);
                }
            });
        }
    });
    drawn
}

/// The row of an element. A signal of its own, that is set for elements alone that change their row: a derived one would have
/// everything in every row looked at whenever the window moves.
fn row_of(element: usize, ring: Memo<Ring>) -> Signal<usize> {
    let index = RwSignal::new(ring.get_untracked().row_of(element));
    Effect::new(move |_| {
        let row = ring.get().row_of(element);
        if row != index.get_untracked() {
            index.set(row);
        }
    });
    index.into()
}

/// Puts the elements in the order of their rows whenever the window has come to rest.
fn keep_in_order(session: Session, ring: Memo<Ring>, rows: NodeRef<html::Div>) {
    let waits = StoredValue::new(false);
    Effect::new(move |_| {
        ring.track();
        if waits.get_value() {
            return;
        }
        waits.set_value(true);
        detach(async move {
            let mut drawn = ring.try_get_untracked();
            loop {
                sleep(grid_order::REST_MS).await;
                let now = ring.try_get_untracked();
                // An element that is moved while it is pressed is never clicked.
                let is_pressed = || {
                    let rows = rows.try_get_untracked().flatten();
                    rows.is_some_and(|rows| grid_order::is_pressed(&rows))
                };
                if now == drawn && !is_pressed() {
                    break;
                }
                drawn = now;
            }
            waits.try_set_value(false);
            if let Some(rows) = rows.try_get_untracked().flatten() {
                grid_order::put_in_order(&rows);
                focus::follow_row(session);
            }
        });
    });
}

/// The grid with its header, its footer and its empty states.
#[component]
pub(in crate::ui) fn Grid() -> impl IntoView {
    let session = session();
    let state = GridState::new(session);
    let scroller = NodeRef::<html::Div>::new();
    let watch = StoredValue::new_local(None::<ResizeWatch>);
    let head = move || if session.narrow.get() { 0.0 } else { HEAD };

    Effect::new(move |_| {
        let rows = session.total.get().unwrap_or(0);
        state.move_viewport(|viewport| viewport.with_rows(rows));
    });
    Effect::new(move |_| {
        session.epoch.track();
        state.move_viewport(|viewport| viewport.revealing(0));
    });
    Effect::new(move |_| {
        let (head, row) = (head(), if session.narrow.get() { CARD } else { ROW });
        let Some(element) = scroller.get() else { return };
        state.move_viewport(|viewport| viewport.with_row_height(row));
        let watched = resize::watch(&element, move |_, height| {
            state.move_viewport(|viewport| viewport.with_height(height - head));
        });
        watch.set_value(watched.ok());
    });
    Effect::new(move |_| {
        if let Some(row) = session.reveal.get() {
            state.move_viewport(|viewport| viewport.revealing(row));
        }
    });
    // The scroll bar follows what keys and wheel have done; what the bar itself has done is there already. Where it stands is
    // remembered: asked amid other changes, the browser lays the page out first. It is asked after a move of ours alone, which
    // may have ended where the rows do.
    let bar_top = StoredValue::new(0.0);
    Effect::new(move |_| {
        let wanted = state.viewport.get().scroll_top();
        if let Some(element) = scroller.get()
            && !state.by_bar.get_value()
            && (bar_top.get_value() - wanted).abs() > 1.0
        {
            element.set_scroll_top(wanted.round() as i32);
            bar_top.set_value(f64::from(element.scroll_top()));
        }
    });
    let visible = Memo::new(move |_| state.viewport.get().visible());
    Effect::new(move |_| session.visible.set(visible.get()));
    let drawn = follow(state);
    let ring = Memo::new(move |_| Ring::over(&drawn.get().rendered(OVERSCAN)));
    let elements = Memo::new(move |_| ring.get().elements());
    Effect::new(move |_| {
        let first = ring.get().first();
        if state.origin.get_untracked().abs_diff(first) > REACH {
            state.origin.set(first);
        }
    });
    let rows = NodeRef::<html::Div>::new();
    keep_in_order(session, ring, rows);

    let on_scroll = move |_| {
        if let Some(element) = scroller.try_get_untracked().flatten() {
            let top = f64::from(element.scroll_top());
            bar_top.set_value(top);
            state.move_window(true, |viewport| viewport.scrolled_to(top));
        }
    };
    // Where the bar is scaled, a pixel of it is several of the rows: the wheel goes by true pixels.
    let on_wheel = move |event: WheelEvent| {
        let viewport = state.viewport.get_untracked();
        if !viewport.is_scaled() || event.ctrl_key() || event.delta_y() == 0.0 {
            return;
        }
        event.prevent_default();
        let unit = match event.delta_mode() {
            WheelEvent::DOM_DELTA_LINE => ROW,
            WheelEvent::DOM_DELTA_PAGE => viewport.rows_per_page() as f64 * ROW,
            _ => 1.0,
        };
        state.move_viewport(|viewport| viewport.moved_by(event.delta_y() * unit));
    };
    // A style that is set again costs the page a look at it, though it is the same.
    let heights = Memo::new(move |_| {
        let viewport = state.viewport.get();
        [viewport.spacer(), viewport.height()].map(|height| format!("{}px", height + head()))
    });
    let template = move || {
        let widths = state.widths.get();
        let tracks: Vec<String> = state
            .columns
            .get()
            .into_iter()
            .map(|(index, column)| match column.column {
                Column::Message => format!("minmax({}px, 1fr)", widths[index]),
                _ => format!("{}px", widths[index]),
            })
            .collect();
        format!("36px {}", tracks.join(" "))
    };
    let least_width = move || {
        let widths = state.widths.get();
        let sum: u32 = state.columns.get().iter().map(|(index, _)| widths[*index]).sum();
        format!("{}px", sum + 36)
    };
    let is_empty = Memo::new(move |_| session.total.get() == Some(0) && !session.counting.get());
    let has_active = move || {
        let active = session.active.get();
        active.in_header || ring.get().contains(active.row)
    };
    view! {
        <div class="grid-box">
            <div
                id=focus::GRID
                class="grid"
                data-testid="grid"
                role="grid"
                aria-label="Errors"
                aria-multiselectable="true"
                aria-rowcount=move || (session.total.get().unwrap_or(0) + 1).to_string()
                aria-colcount=(GRID.len() + 1).to_string()
                aria-busy=move || session.counting.get().to_string()
                tabindex=move || if has_active() { "-1" } else { "0" }
                style:--columns=template
                style:--least-width=least_width
                node_ref=scroller
                on:scroll=on_scroll
                on:wheel=on_wheel
                on:keydown=move |event| grid_keys::on_key(state, &event)
            >
                <div
                    class="grid-spacer"
                    role="presentation"
                    style:height=move || heights.with(|[spacer, _]| spacer.clone())
                >
                    // As high as the window: a layer higher than that would be pushed up at the end of the rows.
                    <div
                        class="grid-layer"
                        role="presentation"
                        style:height=move || heights.with(|[_, layer]| layer.clone())
                    >
                        <GridHead state=state />
                        <div
                            class="grid-rows"
                            role="rowgroup"
                            node_ref=rows
                            style:transform=move || {
                                let offset = drawn.get().offset_of(state.origin.get());
                                format!("translateY({}px)", offset.round())
                            }
                        >
                            <For
                                each=move || 0..elements.get()
                                key=|element| *element
                                children=move |element| {
                                    view! { <GridRow state=state index=row_of(element, ring) /> }
                                }
                            />
                        </div>
                    </div>
                </div>
            </div>
            {move || is_empty.get().then(|| view! { <NothingMatches /> })}
            <GridFoot />
        </div>
    }
    .into_any()
}
