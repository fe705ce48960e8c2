//! Keys that are heard anywhere.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use crate::presentation::keymap::{self, Command, Press, Scope};
use crate::ui::focus;
use crate::ui::session::{Dialog, Session};

/// Hears the page's keys as long as the page is there.
pub(super) fn listen(session: Session) {
    let in_chord = StoredValue::new(false);
    let listener = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let key = event.key();
        let press = Press {
            key: &key,
            ctrl: event.ctrl_key() || event.meta_key(),
            shift: event.shift_key(),
            alt: event.alt_key(),
        };
        let is_modifier = matches!(key.as_str(), "Shift" | "Control" | "Alt" | "Meta");
        let has_dialog = document().query_selector("dialog[open]").ok().flatten().is_some();
        if is_modifier || has_dialog || event.default_prevented() {
            return;
        }
        let scope = if in_chord.get_value() { Scope::Chord } else { Scope::Page };
        in_chord.set_value(false);
        if scope == Scope::Page && focus::is_in_text() && !press.ctrl && !press.alt {
            if key == "Escape" && session.narrow.get_untracked() {
                close_sheets(session);
            }
            return;
        }
        match keymap::command(scope, &press) {
            Some(Command::BeginChord) => in_chord.set_value(true),
            Some(command) => run(session, command),
            None if key == "Escape" && session.narrow.get_untracked() => close_sheets(session),
            None => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

fn close_sheets(session: Session) {
    session.filter_open.set(false);
    session.detail_open.set(false);
    focus::to_cell(session);
}

fn run(session: Session, command: Command) {
    match command {
        Command::ShowHelp => session.dialog.set(Some(Dialog::Help)),
        Command::FocusFilter => {
            session.filter_open.set(true);
            request_animation_frame(|| focus::into("filters"));
        }
        Command::FocusDetail => {
            session.detail_open.set(true);
            request_animation_frame(|| focus::into("detail"));
        }
        Command::FocusActions => focus::into("actions"),
        Command::FocusGrid => focus::to_cell(session),
        Command::FocusQueue => focus::into("queue"),
        _ => {}
    }
}
