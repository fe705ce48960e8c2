//! Rows and strings in their usual form against the general parser, on XML of both kinds and of neither.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::import::rows::Note;
use crate::import::workbook::package::xml_of;

#[derive(Default, Debug, PartialEq)]
struct Rows(Vec<(u32, Vec<String>)>);

impl RowTaker for Rows {
    fn columns(&mut self, _: &[String]) -> Result<(), ImportError> {
        Ok(())
    }
    fn row(&mut self, line: u32, cells: &[&str]) -> Result<(), ImportError> {
        self.0.push((line, cells.iter().map(|&cell| cell.to_owned()).collect()));
        Ok(())
    }
    fn reject(&mut self, line: u32, reason: String) {
        self.0.push((line, vec![reason]));
    }
    fn note(&mut self, _: Note) {}
}

/// What is made of strings and a sheet, and how it ended; `unusual` is [`MOST_UNUSUAL`] for the general parser alone.
fn read(strings: &str, sheet: &str, ahead: usize, unusual: u32) -> (Rows, String) {
    let mut rows = Rows::default();
    let strings = SharedStrings::read_text_of(xml_of(strings, ahead), unusual);
    let ended = strings.and_then(|strings| {
        let styles = Styles::default();
        let mut reader = SheetReader::new(&strings, &styles, false);
        reader.unusual = unusual;
        reader.read_rows(xml_of(sheet, ahead), &mut rows)
    });
    (rows, format!("{ended:?}"))
}

fn check(strings: &str, sheet: &str, ahead: usize) -> Rows {
    let told = read(strings, sheet, ahead, 0);
    assert_eq!(told, read(strings, sheet, ahead, MOST_UNUSUAL), "{strings}\n{sheet}");
    told.0
}

const STRINGS: &[&str] = &[
    r#"<si><t>id</t></si>"#,
    r#"<si><t>Größe &lt;1&gt; &amp;amp; &quot;x&apos;</t></si>"#,
    r#"<si><t xml:space="preserve"> a_x000D_b_xyz </t></si>"#,
    r#"<si><t/></si>"#,
    r#"<si><t></t></si>"#,
    r#"<si/>"#,
    r#"<si></si>"#,
    "\n  <si>\n<t>pretty</t>\n</si>\n",
    r#"<si><r><t>rich</t></r><r><t> text</t></r><rPh><t>no</t></rPh></si>"#,
    "<si><t>line\r\nend\rs &#65;&#x42;</t></si>",
    r#"<si><t><![CDATA[<si>]]></t></si>"#,
    r#"<si><!-- </si> --><t>c</t></si>"#,
    r#"<x:si><x:t>prefix</x:t></x:si>"#,
    r#"<si><t a="</si>" b='>'>q</t></si>"#,
    r#"<si><t>&nbsp;</t></si>"#,
    r#"<si><t>&amp</t></si>"#,
    r#"<si><t>open</si>"#,
    r#"</sst><sst>"#,
];

const CELLS: &[&str] = &[
    r#"<c r="A1" t="s"><v>0</v></c>"#,
    r#"<c r="B1" s="1" t="s"><v> 1 </v></c>"#,
    r#"<c t="s"><v>2</v></c>"#,
    r#"<c r="D1" t="s"><v>999</v></c>"#,
    r#"<c r="C1"><v>5637144576</v></c>"#,
    r#"<c r="E1"><v>1.5E3</v></c>"#,
    r#"<c r="AB1" t="b"><v>1</v></c>"#,
    r#"<c r="F1" t="str"><f>A1&amp;B1</f><v>a &amp; b</v></c>"#,
    r#"<c r="F1" t="str"><v>a &amp; _x0041_ &lt;</v></c>"#,
    r#"<c r="G1" t="inlineStr"><is><t>in &quot;line&quot;</t></is></c>"#,
    r#"<c t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>"#,
    r#"<c t="inlineStr"><is><r><t>ri</t></r><t>ch</t></is></c>"#,
    r#"<c t="inlineStr"><v>v</v></c>"#,
    r#"<c t="s"><is><t>odd</t></is></c>"#,
    r#"<c><is><t>a</t></is><v>1</v></c>"#,
    r#"<c/>"#,
    r#"<c r="C9" s="2"/>"#,
    r#"<c></c>"#,
    r#"<c><v></v></c>"#,
    r#"<c><v/></c>"#,
    "<c>\n <v>3</v>\n</c>",
    r#"<c  r="A1" ><v>4</v></c>"#,
    r#"<c r='A1'><v>4</v></c>"#,
    r#"<c r="A1"><v>&#52;</v></c>"#,
    r#"<c r="A1"><v>&unknown;</v></c>"#,
    r#"<c r="XFE1"><v>1</v></c>"#,
    r#"<x:c r="A1"><x:v>1</x:v></x:c>"#,
    r#"<c r="A1"><v>1</v><v>2</v></c>"#,
    r#"<c r="A1"><v>1</c>"#,
    r#"<c r="A1" a="</row>"><v>1</v></c>"#,
    r#"<!-- </row> -->"#,
    r#"<![CDATA[</row>]]>"#,
    r#"<extLst><ext/></extLst>"#,
    r#"<cols/>"#,
    "\n\t ",
    r#"text"#,
];

const ROWS: &[&str] = &[
    r#"</row><row>"#,
    "</row>\n  <row r=\"7\" spans=\"1:3\" x14ac:dyDescent=\"0.25\">",
    r#"</row><row r="x">"#,
    r#"</row><row/><row>"#,
    r#"</row><x:row></x:row><row r='9'>"#,
    r#"</row></sheetData><sheetData><row>"#,
    r#"</row>"#,
    r#"<row>"#,
];

#[test]
fn the_usual_form_is_read_as_such_wherever_it_is_cut() {
    let strings = r#"<?xml version="1.0"?><sst><si><t>a &amp; b</t></si><si><t>c</t></si></sst>"#;
    let row = |row: u32| {
        let text = "lorem ipsum ".repeat(row as usize % 9);
        let string = row % 2;
        format!(
            r#"<row r="{row}"><c r="A{row}" t="s"><v>{string}</v></c><c r="C{row}" t="inlineStr"><is><t>{text}{row}</t></is></c></row>"#
        )
    };
    let rows: String = (1..400).map(row).collect();
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    for ahead in [64, 333, 1_024, 65_536] {
        let told = check(strings, &sheet, ahead);
        assert_eq!(told.0.len(), 399);
        let cells = vec!["a & b".into(), String::new(), "lorem ipsum lorem ipsum 2".into()];
        assert_eq!(told.0[1], (2, cells));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn whatever_is_unusual_is_read_by_the_general_parser(
        strings in prop::collection::vec(select(STRINGS), 0..12),
        pieces in prop::collection::vec(prop_oneof![4 => select(CELLS), 2 => select(ROWS)], 0..20),
        ahead in select(&[48_usize, 200, 65_536][..]),
        cut in 0..4_000_usize,
    ) {
        let strings = format!("<sst>{}</sst>", strings.concat());
        let sheet = format!("<worksheet><sheetData><row>{}</row></sheetData></worksheet>", pieces.concat());
        check(&strings, &sheet, ahead);
        check(&strings, &sheet[..sheet.floor_char_boundary(cut)], ahead);
    }
}
