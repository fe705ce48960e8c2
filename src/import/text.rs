//! Character encodings of text dumps: everything becomes UTF-8 before it is parsed.
//!
//! Deliberately absent: encodings that Windows and Excel do not write by themselves.

use std::borrow::Cow;

/// How the file's text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

impl Encoding {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16 LE",
            Self::Utf16Be => "UTF-16 BE",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// Finds the encoding by byte order mark or by content, and the length of the mark.
    ///
    /// `sample` may end within a character. UTF-8 with a few foreign bytes stays UTF-8: those fields are mended one by one.
    pub(super) fn detect(sample: &[u8]) -> (Self, usize) {
        match sample {
            [0xEF, 0xBB, 0xBF, ..] => return (Self::Utf8, 3),
            [0xFF, 0xFE, ..] => return (Self::Utf16Le, 2),
            [0xFE, 0xFF, ..] => return (Self::Utf16Be, 2),
            _ => {}
        }
        let head = &sample[..sample.len().min(4_096) & !1];
        let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&b| b == 0).count();
        let pairs = head.len() / 2;
        if pairs >= 4 {
            let (even, odd) = (zeros(0), zeros(1));
            if odd * 10 > pairs * 6 && even * 10 < pairs {
                return (Self::Utf16Le, 0);
            }
            if even * 10 > pairs * 6 && odd * 10 < pairs {
                return (Self::Utf16Be, 0);
            }
        }
        let (good, bad) = count_multibyte(sample);
        if bad > good { (Self::Windows1252, 0) } else { (Self::Utf8, 0) }
    }
}

/// Well-formed characters beyond ASCII, and malformed places. A character cut off by the end counts as neither.
fn count_multibyte(mut rest: &[u8]) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    loop {
        let (valid, error) = match std::str::from_utf8(rest) {
            Ok(text) => (text.as_bytes(), None),
            Err(error) => (&rest[..error.valid_up_to()], error.error_len()),
        };
        good += valid.iter().filter(|&&byte| byte >= 0xC0).count();
        let Some(length) = error else { return (good, bad) };
        bad += 1;
        rest = &rest[valid.len() + length..];
    }
}

/// Turns a stream of bytes into UTF-8, keeping what a chunk cuts in two.
#[derive(Debug)]
pub(super) struct Decoder {
    encoding: Encoding,
    mark_left: usize,
    /// An odd byte of UTF-16.
    half: Option<u8>,
    /// A surrogate that waits for its partner.
    high: Option<u16>,
    out: Vec<u8>,
}

impl Decoder {
    pub(super) fn new(encoding: Encoding, mark_len: usize) -> Self {
        Self { encoding, mark_left: mark_len, half: None, high: None, out: Vec::new() }
    }

    /// The text of the next bytes. UTF-8 goes through as it is, unchecked.
    pub(super) fn decode<'a>(&'a mut self, mut chunk: &'a [u8]) -> &'a [u8] {
        let mark = self.mark_left.min(chunk.len());
        self.mark_left -= mark;
        chunk = &chunk[mark..];
        match self.encoding {
            Encoding::Utf8 => return chunk,
            Encoding::Windows1252 => {
                self.out.clear();
                push_windows_1252(chunk, &mut self.out);
            }
            Encoding::Utf16Le => self.utf16(chunk, u16::from_le_bytes),
            Encoding::Utf16Be => self.utf16(chunk, u16::from_be_bytes),
        }
        &self.out
    }

    /// What is left at the end: a replacement character for a unit cut in two.
    pub(super) fn finish(&mut self) -> &[u8] {
        self.out.clear();
        if self.half.take().is_some() || self.high.take().is_some() {
            push_char('\u{FFFD}', &mut self.out);
        }
        &self.out
    }

    fn utf16(&mut self, chunk: &[u8], unit_of: fn([u8; 2]) -> u16) {
        self.out.clear();
        let mut bytes = chunk.iter().copied();
        while let Some(first) = self.half.take().or_else(|| bytes.next()) {
            let Some(second) = bytes.next() else {
                self.half = Some(first);
                return;
            };
            let unit = unit_of([first, second]);
            if let Some(high) = self.high.take() {
                if (0xDC00..0xE000).contains(&unit) {
                    let code =
                        0x1_0000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(unit) - 0xDC00);
                    push_char(char::from_u32(code).unwrap_or('\u{FFFD}'), &mut self.out);
                    continue;
                }
                push_char('\u{FFFD}', &mut self.out);
            }
            match unit {
                0xD800..=0xDBFF => self.high = Some(unit),
                _ => {
                    push_char(char::from_u32(u32::from(unit)).unwrap_or('\u{FFFD}'), &mut self.out)
                }
            }
        }
    }
}

fn push_char(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Bytes 0x80 to 0x9F; the five that Windows leaves undefined stay control characters, as browsers read them.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

fn push_windows_1252(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        match byte {
            0..=0x7F => out.push(byte),
            0x80..=0x9F => push_char(WINDOWS_1252[usize::from(byte - 0x80)], out),
            _ => push_char(char::from(byte), out),
        }
    }
}

/// The text without the blanks around it, as [`str::trim`] gives it; most texts begin and end with plain letters, and are
/// told by those.
#[inline]
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] | [] => text,
        _ => text.trim(),
    }
}

/// The text of a field: UTF-8, or Windows-1252 where it is no UTF-8. `true` with text that had to be mended.
pub(super) fn mend(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => {
            let mut out = Vec::with_capacity(bytes.len() + 8);
            push_windows_1252(bytes, &mut out);
            (Cow::Owned(String::from_utf8_lossy(&out).into_owned()), true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode_all(encoding: Encoding, mark: usize, bytes: &[u8], step: usize) -> String {
        let mut decoder = Decoder::new(encoding, mark);
        let mut out = Vec::new();
        for chunk in bytes.chunks(step) {
            out.extend_from_slice(decoder.decode(chunk));
        }
        out.extend_from_slice(decoder.finish());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn utf16_is_read_in_any_chunks() {
        let text = "Größe;名前;😀\r\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for step in [1, 2, 3, 5, 64] {
            assert_eq!(decode_all(Encoding::Utf16Le, 0, &le, step), text);
            assert_eq!(decode_all(Encoding::Utf16Be, 0, &be, step), text);
        }
        assert_eq!(decode_all(Encoding::Utf16Le, 0, &[0x3D, 0xD8, 0x41], 1), "\u{FFFD}");
    }

    #[test]
    fn encodings_are_told_by_mark_or_content() {
        assert_eq!(Encoding::detect(b"\xEF\xBB\xBFa"), (Encoding::Utf8, 3));
        assert_eq!(Encoding::detect(b"\xFF\xFEa\0"), (Encoding::Utf16Le, 2));
        assert_eq!(Encoding::detect(b"e\0n\0t\0i\0t\0y\0"), (Encoding::Utf16Le, 0));
        assert_eq!(Encoding::detect("Größe".as_bytes()), (Encoding::Utf8, 0));
        assert_eq!(Encoding::detect(b"Gr\xF6\xDFe;\x80"), (Encoding::Windows1252, 0));
        // Cut within a character.
        assert_eq!(Encoding::detect(&"aö".as_bytes()[..2]), (Encoding::Utf8, 0));
        assert_eq!(Encoding::detect("öäü \u{FFFD}".as_bytes()), (Encoding::Utf8, 0));
    }

    #[test]
    fn windows_1252_has_its_own_punctuation() {
        assert_eq!(decode_all(Encoding::Windows1252, 0, b"\x80 \x93a\x94 \xFC", 1), "€ “a” ü");
        assert_eq!(mend(b"\xFC"), (Cow::Borrowed("ü"), true));
    }
}
