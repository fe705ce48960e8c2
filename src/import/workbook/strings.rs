//! The strings that cells share.

use super::super::error::ImportError;
use super::super::rows::MAX_RECORD_BYTES;
use super::package::Package;
use super::plain;
use super::sheet::MOST_UNUSUAL;
use super::xml::{Event, XmlReader};

/// Texts of all strings in one arena: Dataverse dumps have millions of distinct ones.
const LIMIT_BYTES: usize = 1 << 30;

/// As many as a sheet of a million rows has in 32 columns. Empty ones take memory too.
const MOST_STRINGS: usize = 32 << 20;

/// All shared strings of a workbook.
#[derive(Debug, Default)]
pub(super) struct SharedStrings {
    arena: String,
    ends: Vec<u32>,
    /// Unusual strings since the last usual one.
    unusual: u32,
}

impl SharedStrings {
    pub(super) fn read(package: &Package<'_>, part: &str) -> Result<Self, ImportError> {
        Self::default().read_items(package.xml(part)?, package.name())
    }

    fn read_items(mut self, mut reader: XmlReader<'_>, name: &str) -> Result<Self, ImportError> {
        let strings = &mut self;
        loop {
            let is_item = match reader.next()? {
                None => break,
                Some(Event::Start(element)) if element.name() == "si" => Some(element.is_empty),
                Some(Event::Start(element)) if element.name() == "sst" => {
                    if !element.is_empty {
                        strings.read_plain(&mut reader, name)?;
                    }
                    continue;
                }
                Some(_) => None,
            };
            match is_item {
                None => continue,
                Some(true) => {}
                Some(false) => read_text(&mut reader, "si", &mut strings.arena)?,
            }
            strings.close(name)?;
            strings.read_plain(&mut reader, name)?;
        }
        Ok(self)
    }

    /// Reads strings in their usual form, as far as they lie ahead.
    fn read_plain(&mut self, reader: &mut XmlReader<'_>, name: &str) -> Result<(), ImportError> {
        while self.unusual < MOST_UNUSUAL {
            // Until it is known that this one is not: also where no string ends in what lies ahead.
            self.unusual += 1;
            let start = self.arena.len();
            let Some((mut item, len)) = plain::element(reader.ahead(), &plain::ITEM_END) else {
                break;
            };
            let is_plain = item.takes("<si>")
                && item.rich_text(&mut self.arena).is_some()
                && item.takes("</si>")
                && item.is_at_end();
            if !is_plain {
                self.arena.truncate(start);
                break;
            }
            self.unusual = 0;
            resolve_escapes(&mut self.arena, start);
            reader.pass(len);
            self.close(name)?;
        }
        Ok(())
    }

    /// Adds a string.
    pub(super) fn push(&mut self, text: &str, name: &str) -> Result<(), ImportError> {
        self.arena.push_str(text);
        self.close(name)
    }

    /// What was added since the last string is the next one.
    fn close(&mut self, name: &str) -> Result<(), ImportError> {
        if self.arena.len() > LIMIT_BYTES {
            return Err(ImportError::TooLarge {
                name: name.to_owned(),
                what: "the text of its shared strings".to_owned(),
                size: self.arena.len() as u64,
                limit: LIMIT_BYTES as u64,
            });
        }
        if self.ends.len() >= MOST_STRINGS {
            return Err(ImportError::TooMany {
                name: name.to_owned(),
                what: "shared strings".to_owned(),
                count: self.ends.len() as u64 + 1,
                limit: MOST_STRINGS as u64,
            });
        }
        self.ends.push(u32::try_from(self.arena.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    /// The strings of a text; see the tests of sheets.
    #[cfg(test)]
    pub(super) fn read_text_of(reader: XmlReader<'_>, unusual: u32) -> Result<Self, ImportError> {
        Self { unusual, ..Self::default() }.read_items(reader, "book.xlsx")
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
            Some(Event::Text(text)) if in_text => {
                out.push_str(text);
                if out.len() - start > MAX_RECORD_BYTES {
                    return Err(reader.damaged("a text is longer than 16 MiB"));
                }
            }
            Some(Event::Text(_)) => {}
        }
    }
    resolve_escapes(out, start);
    Ok(())
}

/// Resolves the `_xHHHH_` escapes that Excel writes for characters XML cannot hold.
pub(super) fn resolve_escapes(text: &mut String, start: usize) {
    let bytes = &text.as_bytes()[start..];
    if !memchr::memchr_iter(b'_', bytes).any(|at| bytes.get(at + 1) == Some(&b'x')) {
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
