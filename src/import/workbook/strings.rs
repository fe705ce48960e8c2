//! The strings that cells share.

use super::super::error::ImportError;
use super::package::Package;
use super::xml::{Event, XmlReader};

/// Texts of all strings in one arena: Dataverse dumps have millions of distinct ones.
const LIMIT_BYTES: usize = 1 << 30;

/// All shared strings of a workbook.
#[derive(Debug, Default)]
pub(super) struct SharedStrings {
    arena: String,
    ends: Vec<u32>,
}

impl SharedStrings {
    pub(super) fn read(package: &Package<'_>, part: &str) -> Result<Self, ImportError> {
        let mut strings = Self::default();
        let mut reader = package.xml(part)?;
        loop {
            let is_item = match reader.next()? {
                None => break,
                Some(Event::Start(element)) if element.name() == "si" => Some(element.is_empty),
                Some(_) => None,
            };
            match is_item {
                None => continue,
                Some(true) => {}
                Some(false) => read_text(&mut reader, "si", &mut strings.arena)?,
            }
            if strings.arena.len() > LIMIT_BYTES {
                return Err(ImportError::TooLarge {
                    name: package.name().to_owned(),
                    what: "the text of its shared strings".to_owned(),
                    size: strings.arena.len() as u64,
                    limit: LIMIT_BYTES as u64,
                });
            }
            strings.ends.push(u32::try_from(strings.arena.len()).unwrap_or(u32::MAX));
        }
        Ok(strings)
    }

    /// The string of this number.
    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.arena.get(start..end)
    }
}

/// Appends the text of a rich text (`si`, `is`) up to its end: all runs, without the phonetic reading.
pub(super) fn read_text(
    reader: &mut XmlReader<'_>,
    until: &str,
    out: &mut String,
) -> Result<(), ImportError> {
    let start = out.len();
    let mut in_text = false;
    let mut phonetic = 0_u32;
    loop {
        match reader.next()? {
            None => return Err(reader.damaged("it ends within a text")),
            Some(Event::Start(element)) if !element.is_empty => match element.name() {
                "t" => in_text = phonetic == 0,
                "rPh" => phonetic += 1,
                _ => {}
            },
            Some(Event::Start(_)) => {}
            Some(Event::End("t")) => in_text = false,
            Some(Event::End("rPh")) => phonetic = phonetic.saturating_sub(1),
            Some(Event::End(name)) if name == until => break,
            Some(Event::End(_)) => {}
            Some(Event::Text(text)) if in_text => out.push_str(text),
            Some(Event::Text(_)) => {}
        }
    }
    resolve_escapes(out, start);
    Ok(())
}

/// Resolves the `_xHHHH_` escapes that Excel writes for characters XML cannot hold.
pub(super) fn resolve_escapes(text: &mut String, start: usize) {
    if !text[start..].contains("_x") {
        return;
    }
    let raw = text.split_off(start);
    let mut rest = &raw[..];
    while let Some(at) = rest.find("_x") {
        text.push_str(&rest[..at]);
        let escape = rest.get(at..at + 7).filter(|escape| escape.ends_with('_'));
        let code = escape.and_then(|escape| {
            let digits = &escape[2..6];
            digits
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit())
                .then(|| u32::from_str_radix(digits, 16).ok())?
        });
        match code.and_then(char::from_u32) {
            Some(character) => {
                text.push(character);
                rest = &rest[at + 7..];
            }
            None => {
                text.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_excel_are_resolved() {
        for (raw, expected) in [
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x00", "_x00"),
            ("max_x_y", "max_x_y"),
            ("_xü000_", "_xü000_"),
            ("_x+00D_", "_x+00D_"),
        ] {
            let mut text = format!("kept_x{raw}");
            resolve_escapes(&mut text, 6);
            assert_eq!(text, format!("kept_x{expected}"));
        }
    }
}
