//! Which key does what. The list of shortcuts on the screen is made from this table, so it cannot drift.
//!
//! Invariant: no key retries or dismisses anything, and within a scope a key means one thing.

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table below says each in words")]
pub enum Command {
    Up,
    Down,
    Left,
    Right,
    RowBegin,
    RowEnd,
    First,
    Last,
    PageUp,
    PageDown,
    ExtendUp,
    ExtendDown,
    ExtendPageUp,
    ExtendPageDown,
    ToggleRow,
    SelectAll,
    OpenDetail,
    GoToHeader,
    Narrower,
    Wider,
    FocusFilter,
    FocusDetail,
    FocusActions,
    FocusGrid,
    FocusQueue,
    ShowHelp,
    BeginChord,
    Back,
}

/// Where a key is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// While the focus is in the grid.
    Grid,
    /// Anywhere outside text fields.
    Page,
    /// After the first key of a chord.
    Chord,
}

/// A key with its modifiers. `key` is the browser's name of it, letters in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the browser's own words")]
pub struct Press<'a> {
    pub key: &'a str,
    pub ctrl: bool,
    pub shift: bool,
    pub alt: bool,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where it is heard.
    pub scope: Scope,
    /// What it asks for.
    pub command: Command,
    /// The keys, as written to the user: `Ctrl+Shift+Home`.
    pub keys: &'static [&'static str],
    /// What it does, in words.
    pub text: &'static str,
}

const fn bind(
    scope: Scope,
    command: Command,
    keys: &'static [&'static str],
    text: &'static str,
) -> Binding {
    Binding { scope, command, keys, text }
}

/// The whole keymap.
pub const BINDINGS: [Binding; 32] = [
    bind(Scope::Grid, Command::Up, &["ArrowUp"], "Previous row"),
    bind(Scope::Grid, Command::Down, &["ArrowDown"], "Next row"),
    bind(Scope::Grid, Command::Left, &["ArrowLeft"], "Previous column"),
    bind(Scope::Grid, Command::Right, &["ArrowRight"], "Next column"),
    bind(Scope::Grid, Command::RowBegin, &["Home"], "First column"),
    bind(Scope::Grid, Command::RowEnd, &["End"], "Last column"),
    bind(Scope::Grid, Command::First, &["Ctrl+Home"], "First row"),
    bind(Scope::Grid, Command::Last, &["Ctrl+End"], "Last row"),
    bind(Scope::Grid, Command::PageUp, &["PageUp"], "One page up"),
    bind(Scope::Grid, Command::PageDown, &["PageDown"], "One page down"),
    bind(Scope::Grid, Command::ExtendUp, &["Shift+ArrowUp"], "Extend the selection up"),
    bind(Scope::Grid, Command::ExtendDown, &["Shift+ArrowDown"], "Extend the selection down"),
    bind(Scope::Grid, Command::ExtendPageUp, &["Shift+PageUp"], "Extend it a page up"),
    bind(Scope::Grid, Command::ExtendPageDown, &["Shift+PageDown"], "Extend it a page down"),
    bind(
        Scope::Grid,
        Command::ToggleRow,
        &["Space", "Ctrl+Space", "Shift+Space"],
        "Select the row, or no longer",
    ),
    bind(
        Scope::Grid,
        Command::SelectAll,
        &["Ctrl+A", "Ctrl+Shift+M"],
        "Select all that match the filter",
    ),
    bind(Scope::Grid, Command::OpenDetail, &["Enter"], "Open the record; on a header: sort"),
    bind(Scope::Grid, Command::GoToHeader, &["Alt+Shift+H"], "To the column headers"),
    bind(
        Scope::Grid,
        Command::Narrower,
        &["Ctrl+ArrowLeft"],
        "On a header: make the column narrower",
    ),
    bind(Scope::Grid, Command::Wider, &["Ctrl+ArrowRight"], "On a header: make the column wider"),
    bind(Scope::Grid, Command::Back, &["Escape"], "Give up the selection"),
    bind(Scope::Page, Command::FocusFilter, &["Ctrl+F3"], "To the filter pane"),
    bind(Scope::Page, Command::FocusDetail, &["Ctrl+F2"], "To the details"),
    bind(Scope::Page, Command::FocusActions, &["Ctrl+F6"], "To the actions"),
    bind(Scope::Page, Command::ShowHelp, &["?", "Alt+Shift+K"], "Show these shortcuts"),
    bind(Scope::Page, Command::BeginChord, &["Alt+M"], "Begin a chord: then one of the keys below"),
    bind(Scope::Chord, Command::FocusFilter, &["F"], "To the filter pane"),
    bind(Scope::Chord, Command::FocusDetail, &["B"], "To the details"),
    bind(Scope::Chord, Command::FocusActions, &["A"], "To the actions"),
    bind(Scope::Chord, Command::FocusGrid, &["M"], "To the grid"),
    bind(Scope::Chord, Command::FocusQueue, &["Q"], "To the requests"),
    bind(Scope::Chord, Command::Back, &["Escape"], "Give up the chord"),
];

/// The command of a key in a scope.
pub fn command(scope: Scope, press: &Press<'_>) -> Option<Command> {
    BINDINGS
        .iter()
        .filter(|binding| binding.scope == scope)
        .find(|binding| binding.keys.iter().any(|keys| matches(keys, press)))
        .map(|binding| binding.command)
}

fn matches(keys: &str, press: &Press<'_>) -> bool {
    let mut wanted = Press { key: keys, ctrl: false, shift: false, alt: false };
    while let Some((modifier, rest)) = wanted.key.split_once('+') {
        match modifier {
            "Ctrl" => wanted.ctrl = true,
            "Shift" => wanted.shift = true,
            "Alt" => wanted.alt = true,
            _ => return false,
        }
        wanted.key = rest;
    }
    let key = if press.key == " " { "Space" } else { press.key };
    // A sign such as `?` is made with Shift on some keyboards and without it on others.
    let is_sign = wanted.key.len() == 1 && !wanted.key.chars().all(char::is_alphanumeric);
    key.eq_ignore_ascii_case(wanted.key)
        && press.ctrl == wanted.ctrl
        && press.alt == wanted.alt
        && (is_sign || press.shift == wanted.shift)
}

/// The title of a scope in the list of shortcuts.
pub fn scope_title(scope: Scope) -> &'static str {
    match scope {
        Scope::Grid => "In the grid",
        Scope::Page => "Anywhere",
        Scope::Chord => "After Alt+M",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn press(key: &str) -> Press<'_> {
        Press { key, ctrl: false, shift: false, alt: false }
    }

    #[test]
    fn a_key_means_one_thing_within_a_scope() {
        let mut seen = HashSet::new();
        for binding in BINDINGS {
            for keys in binding.keys {
                assert!(seen.insert((binding.scope, keys)), "{keys} twice");
            }
        }
    }

    #[test]
    fn modifiers_must_fit_exactly() {
        let down = press("ArrowDown");
        assert_eq!(command(Scope::Grid, &down), Some(Command::Down));
        let extend = Press { shift: true, ..down };
        assert_eq!(command(Scope::Grid, &extend), Some(Command::ExtendDown));
        assert_eq!(command(Scope::Grid, &Press { alt: true, ..down }), None);
        assert_eq!(command(Scope::Page, &down), None);
    }

    #[test]
    fn letters_ignore_case_and_signs_ignore_shift() {
        let all = Press { ctrl: true, ..press("A") };
        assert_eq!(command(Scope::Grid, &all), Some(Command::SelectAll));
        assert_eq!(
            command(Scope::Page, &Press { shift: true, ..press("?") }),
            Some(Command::ShowHelp)
        );
        assert_eq!(command(Scope::Grid, &press(" ")), Some(Command::ToggleRow));
        assert_eq!(command(Scope::Chord, &press("f")), Some(Command::FocusFilter));
    }

    #[test]
    fn no_key_acts_on_records() {
        for binding in BINDINGS {
            let text = binding.text.to_lowercase();
            assert!(!text.contains("retry") && !text.contains("dismiss"), "{text}");
        }
    }
}
