//! What a file is, by its content. Names and extensions are never looked at.

use super::csv::CsvParser;
use super::document::Kind;
use super::error::ImportError;
use super::json::JsonShape;
use super::mapping::USABLE_SCORE;
use super::options::ImportOptions;
use super::rows::RowTaker as _;
use super::survey::Survey;
use super::synapse::describes_tables;
use super::text::{Decoder, Encoding};
use super::workbook::COMPOUND;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sniffed {
    /// A zip file; whether it is a workbook is known only with its end.
    Zip,
    /// A compound file: a binary workbook, or a document of another old program.
    Compound,
    Delimited {
        encoding: Encoding,
        mark_len: usize,
        delimiter: u8,
    },
    Json {
        encoding: Encoding,
        mark_len: usize,
        shape: JsonShape,
    },
    /// JSON whose errors lie deep inside it.
    Document {
        encoding: Encoding,
        mark_len: usize,
        kind: Kind,
    },
}

/// Bytes of the sample on which delimiters are tried.
const TRIAL_BYTES: usize = 64 << 10;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// An archive, empty or not, which is the outer form of a workbook.
fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Files that can be read only when all of them is there.
pub(super) fn is_held(bytes: &[u8]) -> bool {
    is_zip(bytes) || bytes.starts_with(COMPOUND)
}

/// Finds out what the file is. `whole`: the sample is all of it. `None`: more must be seen.
pub(super) fn sniff(
    sample: &[u8],
    whole: bool,
    options: &ImportOptions,
) -> Result<Option<Sniffed>, ImportError> {
    let name = &options.name;
    let unsupported = |looks_like: &str, way_out: &str| ImportError::UnsupportedFormat {
        name: name.clone(),
        looks_like: looks_like.to_owned(),
        way_out: way_out.to_owned(),
    };
    if is_zip(sample) {
        return Ok(Some(Sniffed::Zip));
    }
    if sample.starts_with(COMPOUND) {
        return Ok(Some(Sniffed::Compound));
    }
    if let Some((looks_like, way_out)) = foreign(sample) {
        return Err(unsupported(looks_like, way_out));
    }
    let (encoding, mark_len) = Encoding::detect(sample);
    let mut decoder = Decoder::new(encoding, mark_len);
    let text = decoder.decode(sample);
    let start = text.iter().position(|&byte| !byte.is_ascii_whitespace() && byte != 0);
    let Some(start) = start else {
        return if whole { Err(ImportError::EmptyFile { name: name.clone() }) } else { Ok(None) };
    };
    if is_binary(text) {
        return Err(unsupported(
            "binary data",
            "Export the errors as CSV, XLSX or JSON and open that file",
        ));
    }
    let text = &text[start..];
    let lower: Vec<u8> = text.iter().take(64).map(u8::to_ascii_lowercase).collect();
    for (mark, looks_like) in [
        (&b"<!doctype html"[..], "an HTML page"),
        (b"<html", "an HTML page"),
        (b"<table", "an HTML table"),
        (b"<?xml", "an XML document"),
        (b"%pdf-", "a PDF"),
        (b"{\\rtf", "a rich text document"),
    ] {
        if lower.starts_with(mark) {
            let way_out = "Save it as CSV or XLSX and open that file";
            return Err(unsupported(looks_like, way_out));
        }
    }
    if describes_tables(text) {
        return Err(unsupported(
            "the description of tables that Synapse Link keeps (model.json), without their rows",
            "Open it together with the CSV files that it describes, or a ZIP file of the folder",
        ));
    }
    if let Some(kind) = Kind::of(text) {
        return Ok(Some(Sniffed::Document { encoding, mark_len, kind }));
    }
    let shape = match text[0] {
        b'[' => Some(JsonShape::Array),
        b'{' => json_shape(text, whole),
        _ => {
            let delimiter = delimiter_of(text, options);
            return Ok(Some(Sniffed::Delimited { encoding, mark_len, delimiter }));
        }
    };
    Ok(shape.map(|shape| Sniffed::Json { encoding, mark_len, shape }))
}

/// Formats told by their first bytes that are not read.
fn foreign(sample: &[u8]) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "Unpack it and open the file inside";
    const EXPORT: &str = "Export the errors as CSV, XLSX or JSON and open that file";
    const MARKS: [(&[u8], &str, &str); 12] = [
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", UNPACK),
        (b"Rar!\x1A\x07", "a RAR archive", UNPACK),
        (b"\x28\xB5\x2F\xFD", "a Zstandard archive", UNPACK),
        (b"BZh", "a bzip2 archive", UNPACK),
        (b"\xFD7zXZ\0", "an xz archive", UNPACK),
        (b"%PDF-", "a PDF", EXPORT),
        (b"\x89PNG\r\n\x1A\n", "a PNG picture", EXPORT),
        (b"\xFF\xD8\xFF", "a JPEG picture", EXPORT),
        (b"GIF8", "a GIF picture", EXPORT),
        (b"PAR1", "a Parquet file", EXPORT),
        (b"SQLite format 3\0", "an SQLite database", EXPORT),
        (b"\x7FELF", "a program", EXPORT),
    ];
    MARKS.iter().find(|(mark, ..)| sample.starts_with(mark)).map(|&(_, what, out)| (what, out))
}

/// More than a few control characters are in no text.
#[inline(never)]
fn is_binary(text: &[u8]) -> bool {
    let head = &text[..text.len().min(64 << 10)];
    let control = |byte: &&u8| matches!(byte, 0..=8 | 0x0B | 0x0E..=0x19 | 0x1B..=0x1F | 0x7F);
    let count = head.iter().filter(control).count();
    count * 50 > head.len() && count > 1
}

/// What an opening brace begins. `None`: more must be seen.
fn json_shape(text: &[u8], whole: bool) -> Option<JsonShape> {
    let is_object = |line: &[u8]| {
        line.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
    };
    let mut lines =
        text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    if holds_value_array(text) {
        return Some(JsonShape::ODataPage);
    }
    if is_object(first) {
        return match lines.next() {
            Some(_) => Some(JsonShape::Lines),
            None if whole => Some(JsonShape::Objects),
            None => None,
        };
    }
    // A bad first line among lines is no reason to take the file for something else; an object over many lines breaks
    // between its tokens.
    let breaks_off = !matches!(first.last(), Some(b'{' | b'[' | b',' | b':'));
    if breaks_off && lines.take(5).any(is_object) {
        return Some(JsonShape::Lines);
    }
    let seen_enough = whole || text.len() > TRIAL_BYTES * 16;
    seen_enough.then_some(JsonShape::Objects)
}

/// Whether the outer object has a member `value` that is an array.
fn holds_value_array(text: &[u8]) -> bool {
    let (mut depth, mut at) = (0_u32, 0);
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return false;
                }
            }
            b'"' => {
                let start = at;
                at += 1;
                while at < text.len() && text[at] != b'"' {
                    at += if text[at] == b'\\' { 2 } else { 1 };
                }
                let is_name = depth == 1 && text.get(start..=at) == Some(&b"\"value\""[..]);
                let behind = text.get(at + 1..).unwrap_or_default().trim_ascii_start();
                let behind = behind.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
                if is_name && behind.is_some_and(|value| value.starts_with(b"[")) {
                    return true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// The delimiter under which the first rows look most like a dump.
fn delimiter_of(text: &[u8], options: &ImportOptions) -> u8 {
    // Excel's own first line says it.
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter, b'\r' | b'\n', ..] = text {
        return *delimiter;
    }
    let trial = &text[..text.len().min(TRIAL_BYTES)];
    let mut best = (0, b',');
    for delimiter in DELIMITERS {
        let mut survey = Survey::default();
        let mut parser = CsvParser::new(&options.name, delimiter);
        let read = parser.push(trial, &mut survey).is_ok();
        if read && survey.rows.is_empty() && !survey.is_full() {
            // A single line without an end.
            let _ = parser.finish(&mut survey);
        }
        let (at, score) = survey.header(options);
        let Some((_, header)) = survey.rows.get(at) else { continue };
        let width = header.len();
        let even = survey.rows[at..].iter().filter(|(_, cells)| cells.len() == width).count();
        let rows = survey.rows.len() - at;
        // A header that makes records decides; then rows as wide as the header; then the wider header.
        let evenness = if width > 1 { even * 100 / rows.max(1) } else { 0 };
        let merit = score.min(USABLE_SCORE + 99) * 1_000_000 + evenness * 1_000 + width.min(999);
        if merit > best.0 && width > 1 {
            best = (merit, delimiter);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(bytes: &[u8]) -> Result<Option<Sniffed>, ImportError> {
        sniff(bytes, true, &ImportOptions { name: "dump".into(), ..ImportOptions::default() })
    }

    #[track_caller]
    fn check_json(text: &str, expected: JsonShape) {
        match sniffed(text.as_bytes()) {
            Ok(Some(Sniffed::Json { shape, .. })) => assert_eq!(shape, expected, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[track_caller]
    fn check_delimiter(text: &str, expected: u8) {
        match sniffed(text.as_bytes()) {
            Ok(Some(Sniffed::Delimited { delimiter, .. })) => {
                assert_eq!(char::from(delimiter), char::from(expected), "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn shapes_of_json_are_told_apart() {
        check_json(" [{}]", JsonShape::Array);
        check_json("{\"a\":1}\n{\"a\":2}\n", JsonShape::Lines);
        check_json("{\"a\":1\n{\"a\":2}\n", JsonShape::Lines);
        check_json("{\"a\":1}\n{\"a\":\n", JsonShape::Lines);
        check_json(
            "{\"@odata.context\":\"x\",\n \"value\" : [\n{\"a\":1}\n]}",
            JsonShape::ODataPage,
        );
        check_json("{\"a\":{\"value\":[1]}}", JsonShape::Objects);
        check_json("{\n\"a\":1\n}", JsonShape::Objects);
    }

    #[test]
    fn delimiters_are_told_by_the_header_they_make() {
        check_delimiter("entity;message\nA;x, y, z\nB;u, v, w\n", b';');
        check_delimiter("entity\tmessage\nA\tx, y\n", b'\t');
        check_delimiter("a|b|c\n1|2|3\n", b'|');
        check_delimiter("sep=;\r\na,b;c\r\n", b';');
        check_delimiter("one column\nonly\n", b',');
        check_delimiter("entity,message", b',');
    }

    #[test]
    fn foreign_files_are_named_with_a_way_out() {
        for (bytes, part) in [
            (&b"%PDF-1.7"[..], "PDF"),
            (b"  <!DOCTYPE html><html>", "HTML"),
            (b"\x01\x02\x03abc\x04\x05\x06", "binary"),
        ] {
            let error = sniffed(bytes).unwrap_err();
            assert_eq!(error.code(), "UnsupportedFormat");
            assert!(error.to_string().contains(part), "{error}");
        }
        for bytes in [&b""[..], b" \r\n\t", b"\xEF\xBB\xBF\n", b"\0\0\0"] {
            assert_eq!(sniffed(bytes).unwrap_err().code(), "EmptyFile");
        }
    }
}
