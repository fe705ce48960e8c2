//! OpenDocument spreadsheets (.ods), as LibreOffice writes them: all sheets are in one part, `content.xml`.
//!
//! Source: OpenDocument 1.3, part 3, tables. A cell's value is in its attributes; its paragraphs are how it is shown and
//! serve where it has no value. Cells and rows may be said to be repeated, which is how a sheet is filled up to its end.
//!
//! Invariant: what is repeated costs no more than a limit, whatever the file says.

use hashbrown::HashSet;

use super::super::error::ImportError;
use super::super::rows::{MAX_RECORD_BYTES, Note, RowTaker};
use super::Sheet;
use super::package::Package;
use super::xml::{Element, Event, XmlReader};

/// The one part that holds the sheets.
pub(super) const CONTENT: &str = "content.xml";

/// As wide as a sheet of any program.
const MAX_COLUMNS: usize = 16_384;

/// Bytes that repetition may add; a sheet that was really filled has none of it.
const REPEATED_LIMIT_BYTES: u64 = 256 << 20;

/// The sheets in their order. The part of a sheet is its place among them.
pub(super) fn sheets(package: &Package<'_>) -> Result<Vec<Sheet>, ImportError> {
    let mut reader = package.xml(CONTENT)?;
    let mut hidden: HashSet<String> = HashSet::new();
    let (mut style, mut sheets) = (String::new(), Vec::new());
    while let Some(event) = reader.next()? {
        let Event::Start(element) = event else { continue };
        let attribute = |name| element.prefixed_attribute(name).unwrap_or_default();
        match element.name() {
            "style" => style = attribute("name"),
            "table-properties" if attribute("display") == "false" => {
                hidden.insert(std::mem::take(&mut style));
            }
            "table" => {
                let visible = !hidden.contains(&attribute("style-name"));
                let part = sheets.len().to_string();
                sheets.push(Sheet { name: attribute("name"), part, visible });
            }
            _ => {}
        }
    }
    Ok(sheets)
}

/// Reads a sheet by its place.
pub(super) fn read(
    package: &Package<'_>,
    place: &str,
    taker: &mut dyn RowTaker,
) -> Result<(), ImportError> {
    let mut reader = package.xml(CONTENT)?;
    let mut tables = 0;
    while let Some(event) = reader.next()? {
        let Event::Start(element) = event else { continue };
        if element.name() != "table" {
            continue;
        }
        let is_empty = element.is_empty;
        if tables.to_string() == place {
            return if is_empty { Ok(()) } else { SheetReader::new(taker).read(&mut reader) };
        }
        tables += 1;
    }
    Ok(())
}

struct SheetReader<'t> {
    taker: &'t mut dyn RowTaker,
    /// Rows so far, as the sheet counts them.
    line: u32,
    cells: Vec<String>,
    /// Texts of the row at hand.
    row_bytes: usize,
    repeated: u64,
    is_cut: bool,
}

/// A cell that is being read.
struct Cell {
    value: Option<String>,
    shown: String,
    paragraphs: usize,
    times: usize,
}

impl Cell {
    fn begin(element: &Element<'_>) -> Self {
        let attribute = |name| element.prefixed_attribute(name);
        let value = match attribute("value-type").as_deref() {
            Some("date") => attribute("date-value"),
            Some("boolean") => attribute("boolean-value"),
            Some("float" | "percentage" | "currency") => attribute("value"),
            Some("string") => attribute("string-value"),
            _ => None,
        };
        let times = count(attribute("number-columns-repeated"));
        Self { value, shown: String::new(), paragraphs: 0, times }
    }

    fn text(self) -> String {
        self.value.unwrap_or(self.shown)
    }
}

/// How often something is there; once where the file says nothing that can be.
fn count(attribute: Option<String>) -> usize {
    attribute.and_then(|text| text.parse().ok()).filter(|&count| count > 0).unwrap_or(1)
}

impl<'t> SheetReader<'t> {
    fn new(taker: &'t mut dyn RowTaker) -> Self {
        Self { taker, line: 0, cells: Vec::new(), row_bytes: 0, repeated: 0, is_cut: false }
    }

    fn read(mut self, reader: &mut XmlReader<'_>) -> Result<(), ImportError> {
        let mut cell: Option<Cell> = None;
        let (mut rows, mut annotations, mut inner_tables) = (1, 0_u32, 0_u32);
        while let Some(event) = reader.next()? {
            let mut row_ends = false;
            match event {
                Event::Start(element) if element.name() == "table" => {
                    inner_tables += u32::from(!element.is_empty);
                }
                Event::End("table") if inner_tables > 0 => inner_tables -= 1,
                // What lies in a table within a cell is no row of the sheet.
                _ if inner_tables > 0 => {}
                Event::Start(element) => match element.name() {
                    "table-row" => {
                        self.cells.clear();
                        self.row_bytes = 0;
                        rows = count(element.prefixed_attribute("number-rows-repeated"));
                        row_ends = element.is_empty;
                    }
                    "table-cell" | "covered-table-cell" => {
                        let begun = Cell::begin(&element);
                        if element.is_empty {
                            self.add(begun);
                        } else {
                            cell = Some(begun);
                        }
                    }
                    "annotation" => annotations += u32::from(!element.is_empty),
                    name if annotations == 0 => {
                        if let Some(cell) = &mut cell {
                            cell.mark(name, &element);
                        }
                    }
                    _ => {}
                },
                Event::Text(text) => {
                    if let Some(cell) = cell.as_mut().filter(|_| annotations == 0)
                        && cell.paragraphs > 0
                    {
                        cell.shown.push_str(text);
                        if cell.shown.len() > MAX_RECORD_BYTES {
                            return Err(reader.damaged("a cell is longer than 16 MiB"));
                        }
                    }
                }
                Event::End(name) => match name {
                    "table" => return Ok(()),
                    "table-row" => row_ends = true,
                    "table-cell" | "covered-table-cell" => {
                        if let Some(cell) = cell.take() {
                            self.add(cell);
                        }
                    }
                    "annotation" => annotations = annotations.saturating_sub(1),
                    _ => {}
                },
            }
            if row_ends {
                let fits = self.end_row(rows)?;
                if !fits {
                    return Err(reader.damaged("its rows or cells are repeated beyond measure"));
                }
                if self.taker.is_full() {
                    return Ok(());
                }
            }
        }
        Err(reader.damaged("the sheet ends before it is complete"))
    }

    fn add(&mut self, cell: Cell) {
        let times = cell.times;
        let text = cell.text();
        // Empty cells behind the last one are none; a repeated one is counted, and made when something stands behind it.
        let room = MAX_COLUMNS.saturating_sub(self.cells.len());
        self.is_cut |= times > room && !text.trim().is_empty();
        let times = times.min(room);
        self.row_bytes = self.row_bytes.saturating_add(times * text.len());
        if self.row_bytes > MAX_RECORD_BYTES {
            // The row is rejected, whatever else is in it.
            return;
        }
        self.repeated += (times.saturating_sub(1) * text.len()) as u64;
        if self.repeated <= REPEATED_LIMIT_BYTES {
            self.cells.extend(std::iter::repeat_n(text, times));
        }
    }

    /// Hands the row on as often as it is there. `false`: that is too often.
    fn end_row(&mut self, rows: usize) -> Result<bool, ImportError> {
        let filled = self.cells.iter().rposition(|cell| !cell.trim().is_empty());
        let first = self.line.saturating_add(1);
        self.line = self.line.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        if self.row_bytes > MAX_RECORD_BYTES {
            self.taker.reject(first, "the record is longer than 16 MiB".to_owned());
            return Ok(self.repeated <= REPEATED_LIMIT_BYTES);
        }
        let Some(last) = filled else { return Ok(self.repeated <= REPEATED_LIMIT_BYTES) };
        if std::mem::take(&mut self.is_cut) {
            self.taker.note(Note::TooManyColumns { line: first });
        }
        let cells: Vec<&str> = self.cells[..=last].iter().map(String::as_str).collect();
        let bytes: u64 = cells.iter().map(|cell| cell.len() as u64 + 1).sum();
        self.repeated = self.repeated.saturating_add(bytes.saturating_mul(rows as u64 - 1));
        if self.repeated > REPEATED_LIMIT_BYTES {
            return Ok(false);
        }
        for line in (first..).take(rows) {
            self.taker.row(line, &cells)?;
            if self.taker.is_full() {
                break;
            }
        }
        Ok(true)
    }
}

impl Cell {
    /// A paragraph, or one of the characters that stand as elements.
    fn mark(&mut self, name: &str, element: &Element<'_>) {
        match name {
            "p" => {
                if self.paragraphs > 0 {
                    self.shown.push('\n');
                }
                self.paragraphs += 1;
            }
            "s" => {
                let spaces = count(element.prefixed_attribute("c")).min(1_000);
                self.shown.extend(std::iter::repeat_n(' ', spaces));
            }
            "tab" => self.shown.push('\t'),
            "line-break" => self.shown.push('\n'),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::package::xml_of;
    use super::*;

    #[derive(Default)]
    struct Rows(Vec<(u32, Vec<String>)>);

    impl RowTaker for Rows {
        fn columns(&mut self, _: &[String]) -> Result<(), ImportError> {
            Ok(())
        }
        fn row(&mut self, line: u32, cells: &[&str]) -> Result<(), ImportError> {
            self.0.push((line, cells.iter().map(|&cell| cell.to_owned()).collect()));
            Ok(())
        }
        fn reject(&mut self, _: u32, _: String) {}
        fn note(&mut self, _: Note) {}
    }

    fn rows(xml: &str) -> Result<Vec<(u32, Vec<String>)>, ImportError> {
        let mut rows = Rows::default();
        let mut reader = xml_of(xml, 64);
        // The table is open when its rows are read.
        let _table = reader.next()?;
        SheetReader::new(&mut rows).read(&mut reader)?;
        Ok(rows.0)
    }

    #[test]
    fn values_count_and_what_is_shown_serves_where_there_is_none() {
        let found = rows(
            r#"<t:table><t:table-row t:number-rows-repeated="2"/><t:table-row>
               <t:table-cell o:value-type="date" o:date-value="2024-03-01T10:00:00"><x:p>1.3.24</x:p></t:table-cell>
               <t:table-cell o:value-type="float" o:value="5637144576"><x:p>5,6E9</x:p></t:table-cell>
               <t:table-cell t:number-columns-repeated="2"/>
               <t:table-cell o:value-type="string"><o:annotation><x:p>note</x:p></o:annotation><x:p>a<x:s x:c="2"/>b<x:span>c</x:span></x:p><x:p>d</x:p></t:table-cell>
               <t:table-cell t:number-columns-repeated="16379"/></t:table-row>
               <t:table-row t:number-rows-repeated="1048573"><t:table-cell t:number-columns-repeated="16384"/></t:table-row></t:table>"#,
        );
        let cells = ["2024-03-01T10:00:00", "5637144576", "", "", "a  bc\nd"];
        assert_eq!(found.unwrap(), [(3, cells.map(str::to_owned).to_vec())]);
    }

    #[test]
    fn rows_that_are_repeated_are_as_many_rows_within_a_limit() {
        let row = |times| {
            format!(
                r#"<t:table><t:table-row t:number-rows-repeated="{times}"><t:table-cell o:value-type="string"><x:p>{}</x:p></t:table-cell></t:table-row></t:table>"#,
                "a".repeat(1_000)
            )
        };
        let lines: Vec<u32> = rows(&row(3)).unwrap().into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 2, 3]);
        assert!(rows(&row(1_048_576)).unwrap_err().to_string().contains("beyond measure"));
    }
}
