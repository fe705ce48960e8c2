//! The keys of the grid, as the keymap has them.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::grid::GridState;
use crate::presentation::columns;
use crate::presentation::keymap::{self, Command, Press, Scope};
use crate::ui::actions::Pick;
use crate::ui::focus;

/// Pixels that a key widens a column by.
const WIDEN: f64 = 16.0;

/// Does what the key means in the grid; other keys go on to the page.
pub(super) fn on_key(state: GridState, event: &KeyboardEvent) {
    let key = event.key();
    let press = Press {
        key: &key,
        ctrl: event.ctrl_key() || event.meta_key(),
        shift: event.shift_key(),
        alt: event.alt_key(),
    };
    let Some(command) = keymap::command(Scope::Grid, &press) else { return };
    if run(state, command) {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// `false` where the command means nothing here.
fn run(state: GridState, command: Command) -> bool {
    let session = state.session;
    let active = session.active.get_untracked();
    let total = session.total.get_untracked().unwrap_or(0);
    let page = state.viewport.with_untracked(|viewport| viewport.rows_per_page());
    let places: Vec<usize> = std::iter::once(0)
        .chain(state.columns.get_untracked().into_iter().map(|(index, _)| index + 1))
        .collect();
    let at = places.iter().position(|place| *place == active.column).unwrap_or(0);
    match command {
        Command::Up if active.in_header => {}
        Command::Up if active.row == 0 => to_header(state),
        Command::Up => state.go_to_row(active.row - 1),
        Command::Down if active.in_header => state.go_to_row(active.row),
        Command::Down => state.go_to_row(active.row + 1),
        Command::Left => to_column(state, places[at.saturating_sub(1)]),
        Command::Right => to_column(state, places[(at + 1).min(places.len() - 1)]),
        Command::RowBegin => to_column(state, places[0]),
        Command::RowEnd => to_column(state, places[places.len() - 1]),
        Command::First => state.go_to_row(0),
        Command::Last => state.go_to_row(total.saturating_sub(1)),
        Command::PageUp => state.go_to_row(active.row.saturating_sub(page)),
        Command::PageDown => state.go_to_row(active.row + page),
        Command::ExtendUp => extend_to(state, active.row.saturating_sub(1)),
        Command::ExtendDown => extend_to(state, active.row + 1),
        Command::ExtendPageUp => extend_to(state, active.row.saturating_sub(page)),
        Command::ExtendPageDown => extend_to(state, active.row + page),
        Command::ToggleRow if active.in_header && active.column == 0 => session.select_everything(),
        Command::ToggleRow | Command::OpenDetail if active.in_header => press_header(state),
        Command::ToggleRow => session.pick_row(active.row, Pick::Toggle),
        Command::SelectAll => session.select_everything(),
        Command::OpenDetail => {
            session.detail_open.set(true);
            request_animation_frame(|| focus::into("detail"));
        }
        Command::GoToHeader => to_header(state),
        Command::Narrower => return widen(state, -WIDEN),
        Command::Wider => return widen(state, WIDEN),
        Command::Back if session.selection.with_untracked(|selection| selection.is_empty()) => {
            return false;
        }
        Command::Back => session.select_nothing(),
        _ => return false,
    }
    true
}

fn to_column(state: GridState, place: usize) {
    state.session.active.update(|cell| cell.column = place);
    focus::to_cell(state.session);
}

fn to_header(state: GridState) {
    if !state.session.narrow.get_untracked() {
        state.session.active.update(|cell| cell.in_header = true);
        focus::to_cell(state.session);
    }
}

fn extend_to(state: GridState, row: usize) {
    let session = state.session;
    let active = session.active.get_untracked();
    let last = session.total.get_untracked().unwrap_or(0).saturating_sub(1);
    let is_new = session.selection.with_untracked(|selection| {
        selection.is_everything() || selection.is_empty() || selection.anchor().is_none()
    });
    if is_new {
        session.pick_row(active.row, Pick::Only);
    }
    state.go_to_row(row.min(last));
    session.pick_row(row.min(last), Pick::Range);
}

fn press_header(state: GridState) {
    let place = state.session.active.get_untracked().column;
    if let Some(index) = place.checked_sub(1) {
        state.session.press_header(columns::GRID[index].column);
        focus::to_cell(state.session);
    }
}

fn widen(state: GridState, by: f64) -> bool {
    let active = state.session.active.get_untracked();
    let Some(index) = active.column.checked_sub(1).filter(|_| active.in_header) else {
        return false;
    };
    state.widths.update(|widths| widths[index] = columns::width(f64::from(widths[index]) + by));
    true
}
