//! Where the keyboard is: into the grid's cells, to the panes, and back after an action.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::session::{ActiveCell, Session};

/// Id of the element that scrolls the grid.
pub(super) const GRID: &str = "grid-scroller";

/// Id of a cell's element.
pub(super) fn cell_id(cell: ActiveCell) -> String {
    if cell.in_header {
        format!("head-{}", cell.column)
    } else {
        format!("cell-{}-{}", cell.row, cell.column)
    }
}

/// Focuses an element by its id; without effect where there is none.
pub(super) fn to_id(id: &str) -> bool {
    let element = document().get_element_by_id(id).and_then(|found| found.dyn_into().ok());
    let Some(element) = element else { return false };
    let element: HtmlElement = element;
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that cannot take the focus leaves it where it is.
    element.focus_with_options(&options).is_ok()
}

/// Focuses the first control inside an element, or the element itself.
pub(super) fn into(id: &str) {
    let Some(region) = document().get_element_by_id(id) else { return };
    const CONTROLS: &str =
        "button:not([disabled]), input:not([disabled]), select:not([disabled]), [tabindex='0']";
    let first: Option<HtmlElement> =
        region.query_selector(CONTROLS).ok().flatten().and_then(|found| found.dyn_into().ok());
    if let Some(control) = first {
        // A control that is not shown leaves the focus where it is.
        let _focused = control.focus();
    } else {
        to_id(id);
    }
}

/// The element that has the focus.
pub(super) fn current() -> Option<Element> {
    document().active_element()
}

/// Whether the focus is inside the grid.
pub(super) fn is_in_grid() -> bool {
    current().is_some_and(|element| element.closest(&format!("#{GRID}")).ok().flatten().is_some())
}

/// Whether keys belong to a text field.
pub(super) fn is_in_text() -> bool {
    current().is_some_and(|element| {
        let tag = element.tag_name();
        let kind = element.get_attribute("type").unwrap_or_default();
        tag == "TEXTAREA"
            || tag == "SELECT"
            || (tag == "INPUT" && !matches!(kind.as_str(), "checkbox" | "radio" | "button"))
    })
}

/// Focuses the active cell once it is drawn, or the grid where the cell is not on the screen.
pub(super) fn to_cell(session: Session) {
    request_animation_frame(move || {
        if !to_id(&cell_id(session.active.get_untracked())) {
            to_id(GRID);
        }
    });
}

/// The same, but only if the focus was in the grid.
pub(super) fn restore_cell(session: Session) {
    if is_in_grid() {
        to_cell(session);
    }
}
