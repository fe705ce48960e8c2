//! The order of the rows' elements in the document, which is the order in which they are read out.
//!
//! While the window moves, elements change their rows and stay where they are, which is quick; once it rests they are put in
//! the order of their rows. Few are moved: most often the order is right but for some that belong to the other end.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

use crate::ui::focus;

/// How long the window must have rested.
pub(super) const REST_MS: u32 = 120;

/// Whether a finger or a button of the mouse is down on one of them.
pub(super) fn is_pressed(rows: &Element) -> bool {
    rows.query_selector(":active").is_ok_and(|pressed| pressed.is_some())
}

/// Puts the elements in the order of the rows they show. The focus stays in its cell.
pub(super) fn put_in_order(rows: &Element) {
    let Ok(found) = rows.query_selector_all(":scope > [aria-rowindex]") else { return };
    let elements: Vec<Element> =
        (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect();
    let number = |element: &Element| {
        let number = element.get_attribute("aria-rowindex");
        number.and_then(|number| number.parse::<usize>().ok()).unwrap_or_default()
    };
    let mut ordered: Vec<(usize, &Element)> =
        elements.iter().map(|element| (number(element), element)).collect();
    if ordered.is_sorted_by_key(|(number, _)| *number) {
        return;
    }
    let focused = focus::current();
    let first_focused = focused
        .as_ref()
        .and_then(|focused| elements.iter().position(|element| element.contains(Some(focused))));
    ordered.sort_by_key(|(number, _)| *number);
    let turn = elements.iter().position(|element| element == ordered[0].1).unwrap_or_default();
    // An element that is moved loses the focus.
    let moves_later = first_focused.map_or(turn > elements.len() / 2, |at| at < turn);
    if moves_later {
        move_later_ones(rows, &ordered);
    } else {
        move_earlier_ones(rows, &ordered);
    }
    let lost = focused.filter(|focused| focus::current().as_ref() != Some(focused));
    if let Some(focused) = lost.and_then(|focused| focused.dyn_into::<HtmlElement>().ok()) {
        focus::to_element(&focused);
    }
}

/// Those too far behind are put before the ones that are in their way.
fn move_later_ones(rows: &Element, ordered: &[(usize, &Element)]) {
    let mut next = rows.first_element_child();
    for (_, element) in ordered {
        if next.as_ref() == Some(*element) {
            next = element.next_element_sibling();
        } else {
            // One that cannot be moved is read out elsewhere, and nothing else is lost.
            let _moved = rows.insert_before(element, next.as_deref());
        }
    }
}

/// Those too far in front are put behind the ones that are in their way.
fn move_earlier_ones(rows: &Element, ordered: &[(usize, &Element)]) {
    let mut next = rows.last_element_child();
    for (_, element) in ordered.iter().rev() {
        if next.as_ref() == Some(*element) {
            next = element.previous_element_sibling();
        } else {
            let behind = next.as_ref().and_then(|next| Node::next_sibling(next));
            let _moved = rows.insert_before(element, behind.as_ref());
        }
    }
}
