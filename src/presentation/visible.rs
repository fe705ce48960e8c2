//! Texts of a dump as the screen shows them: letters that nobody would see, or that turn the words around them, are shown
//! by their numbers.
//!
//! Deliberately absent: letters that are only alike (`guidance::alike` warns of names of such).
//!
//! Invariant: what is shown holds no letter that changes how other letters are shown. Joiners within words of scripts that
//! need them stay.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with every unseen letter written as `⟨U+202E⟩`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let Some((first, _)) = unseen(text).next() else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    let mut from = first;
    for (at, letter) in unseen(text) {
        shown.push_str(&text[from..at]);
        let _written = write!(shown, "\u{27e8}U+{:04X}\u{27e9}", u32::from(letter));
        from = at + letter.len_utf8();
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}

fn unseen(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    text.char_indices().filter(|(at, letter)| match letter {
        '\n' | '\r' | '\t' => false,
        '\u{200c}' | '\u{200d}' => !joins(text, *at, *letter),
        letter => is_unseen(*letter),
    })
}

/// Controls, format controls and fillers of Unicode 16 that leave no mark of their own.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a joiner stands between letters that it may join: neither neighbour is ASCII.
fn joins(text: &str, at: usize, letter: char) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at + letter.len_utf8()..].chars().next();
    let may =
        |neighbour: Option<char>| neighbour.is_some_and(|one| !one.is_ascii() && !is_unseen(one));
    may(before) && may(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unseen_letters_are_shown_by_number() {
        assert_eq!(visible("pay\u{202e}roll"), "pay⟨U+202E⟩roll");
        assert_eq!(visible("\u{feff}a\u{0}b\u{2067}"), "⟨U+FEFF⟩a⟨U+0000⟩b⟨U+2067⟩");
        assert_eq!(visible("pay\u{200d}roll"), "pay⟨U+200D⟩roll");
        assert_eq!(visible("x\u{e0041}"), "x⟨U+E0041⟩");
    }

    #[test]
    fn ordinary_texts_of_all_scripts_stay_as_they_are() {
        for text in [
            "",
            "Customers V3",
            "line one\r\nline two\tend",
            "Größentabelle „Süd“ – 5 €",
            "العملاء",
            "می\u{200c}خواهم",
            "👩\u{200d}💻",
            "❤\u{fe0f}",
        ] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
