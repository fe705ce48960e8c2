//! Which cell styles show a number as a date.

use hashbrown::HashMap;

use super::super::error::ImportError;
use super::package::Package;
use super::xml::Event;

/// As many as Excel has; further ones are none of a workbook.
const MOST: usize = 65_536;

/// For each cell style, whether it is a date.
#[derive(Debug, Default)]
pub(super) struct Styles {
    dates: Vec<bool>,
}

impl Styles {
    pub(super) fn read(package: &Package<'_>, part: &str) -> Result<Self, ImportError> {
        let mut formats: HashMap<u32, bool> = HashMap::new();
        let mut dates = Vec::new();
        let mut in_cell_styles = false;
        let mut reader = package.xml(part)?;
        while let Some(event) = reader.next()? {
            let element = match event {
                Event::Start(element) => element,
                Event::End("cellXfs") => {
                    in_cell_styles = false;
                    continue;
                }
                _ => continue,
            };
            let number = |name: &str| element.attribute(name).and_then(|id| id.parse().ok());
            match element.name() {
                "numFmt" => {
                    if let (Some(id), Some(code)) =
                        (number("numFmtId"), element.attribute("formatCode"))
                        && formats.len() < MOST
                    {
                        formats.insert(id, is_date_format(&code));
                    }
                }
                "cellXfs" => in_cell_styles = !element.is_empty,
                "xf" if in_cell_styles && dates.len() < MOST => {
                    let id = number("numFmtId").unwrap_or(0);
                    dates.push(formats.get(&id).copied().unwrap_or_else(|| is_built_in_date(id)));
                }
                _ => {}
            }
        }
        Ok(Self { dates })
    }

    /// Of cell styles by the number of their format, and formats by their codes.
    pub(super) fn of(styles: &[u16], codes: &HashMap<u16, String>) -> Self {
        let is_date = |id: &u16| match codes.get(id) {
            Some(code) => is_date_format(code),
            None => is_built_in_date((*id).into()),
        };
        Self { dates: styles.iter().map(is_date).collect() }
    }

    /// Whether cells of this style show dates.
    pub(super) fn is_date(&self, style: usize) -> bool {
        self.dates.get(style).copied().unwrap_or(false)
    }
}

/// Dates and times of day among the formats without a code, those of East Asian editions included.
fn is_built_in_date(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 50..=58)
}

/// Whether a format code shows days, months, years, hours or seconds; durations such as `[h]:mm` do not count.
fn is_date_format(code: &str) -> bool {
    let mut characters = code.chars();
    let mut found = false;
    while let Some(character) = characters.next() {
        match character {
            '"' => while characters.next().is_some_and(|c| c != '"') {},
            '\\' | '_' | '*' => {
                characters.next();
            }
            '[' => {
                let inner: String = characters.by_ref().take_while(|&c| c != ']').collect();
                let inner = inner.to_ascii_lowercase();
                if !inner.is_empty() && inner.chars().all(|c| matches!(c, 'h' | 'm' | 's')) {
                    return false;
                }
            }
            // Only the format of positive numbers counts.
            ';' => break,
            'y' | 'Y' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'm' | 'M' => found = true,
            '0' | '#' | '?' if !found => return false,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_formats_are_told_from_numbers() {
        for code in [
            "yyyy-mm-dd hh:mm:ss",
            "m/d/yy h:mm AM/PM;@",
            "[$-409]d-mmm-yyyy",
            "[$-F400]h:mm:ss",
            "dd\\.mm\\.yyyy",
            "hh:mm:ss.000",
        ] {
            assert!(is_date_format(code), "{code}");
        }
        for code in [
            "General",
            "0.00E+00",
            "#,##0.00 \"days\"",
            "[Red]0",
            "_-* #,##0\\ _d",
            "[h]:mm:ss",
            "@",
            "0\\d",
        ] {
            assert!(!is_date_format(code), "{code}");
        }
    }
}
