//! Values that stand in a sentence bare, without quotes, braces or digits: names of parties, keys in capitals, names of
//! fields.
//!
//! Only the words around them tell such a value: it follows a word that announces one (`for`, `of`, `party`,
//! `currency` …), and it is written as no other word of a sentence is (`Wide World Importers`, `RETAIL`,
//! `CustomerGroupId`). A field named in quotes or as a path (`msdyn_billingaccount.accountnumber`) is no value: a path
//! names the table that is missing.
//!
//! Deliberately absent: digits. Nothing here looks at one, so that readings can be kept by their skeleton.

use super::fold::word_hash;
use super::scan::{Text, is_word_byte};
use super::vocabulary::{Meaning, meaning};

/// Words of the longest name.
const LONGEST_NAME: usize = 8;

impl Text<'_> {
    /// The end of the name of a party that begins here: words with capital letters, and what joins them. `None` where the
    /// first word is none.
    pub(super) fn party_end(&self, start: usize) -> Option<usize> {
        let mut end = self.name_word(start).filter(|end| self.begins_name(start, *end))?;
        for _ in 1..LONGEST_NAME {
            // `Fabrikam, Inc.`; `Litware "Home" Ltd`; `Société du Nord`; `Coho Vineyard & Winery`.
            let rest = &self.message[end..];
            if let Some(form) = LEGAL_FORMS.iter().find(|form| rest.starts_with(**form))
                && !is_word_byte(self.byte(end + form.len()))
            {
                end += form.len();
                let closes = self.byte(end) == b'.' && self.byte(end + 1) != 0;
                end += usize::from(closes && !self.byte(end + 2).is_ascii_uppercase());
                continue;
            }
            if !rest.starts_with(' ') {
                break;
            }
            let next = self.joined(end + 1);
            let Some(word_end) = self.name_word(next).or_else(|| self.quoted_name(next)) else {
                break;
            };
            end = word_end;
        }
        Some(end)
    }

    /// Where the word after a joint begins: `& Winery`, `du Nord`.
    fn joined(&self, at: usize) -> usize {
        let rest = &self.message[at..];
        JOINTS.iter().find(|joint| rest.starts_with(**joint)).map_or(at, |joint| at + joint.len())
    }

    /// The end of a word that begins with a capital letter, `d'Électricité` included, and holds no digit.
    fn name_word(&self, start: usize) -> Option<usize> {
        let mut at = start;
        let rest = &self.message[start..];
        if let Some(elided) = ["d'", "l'", "d’", "l’"].iter().find(|one| rest.starts_with(**one))
        {
            at += elided.len();
        }
        let first = self.message[at..].chars().next()?;
        if !first.is_uppercase() {
            return None;
        }
        let mut end = at;
        for letter in self.message[at..].chars() {
            let inner = matches!(letter, '\'' | '’' | '-')
                && self.message[end + letter.len_utf8()..].starts_with(char::is_alphabetic);
            if !letter.is_alphabetic() && !inner {
                break;
            }
            end += letter.len_utf8();
        }
        // A digit or an underscore would make it a key or a name of the schema.
        (!matches!(self.byte(end), b'0'..=b'9' | b'_')).then_some(end)
    }

    fn quoted_name(&self, start: usize) -> Option<usize> {
        let inner = self.message[start..].strip_prefix('"')?;
        let len = inner.find('"').filter(|len| (1..40).contains(len))?;
        let is_name = inner.starts_with(char::is_uppercase)
            && inner[..len].chars().all(|letter| letter.is_alphabetic() || letter == ' ');
        is_name.then_some(start + len + 2)
    }

    /// Whether a word may be the first one of a name: no acronym, no name of the schema, no word of the product's own.
    fn begins_name(&self, start: usize, end: usize) -> bool {
        let word = &self.message[start..end];
        let is_capitals = !word.chars().any(char::is_lowercase);
        let goes_on = matches!(self.byte(end), b'(' | b'=' | b':')
            || (self.byte(end) == b'.' && is_word_byte(self.byte(end + 1)));
        !is_capitals
            && !goes_on
            && !is_humped(word.as_bytes())
            && !PRODUCT_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
    }

    /// Whether the word is a name of the schema: `CustomerGroupId`, `PAYMENTTERMSNAME`, and not part of a longer one, a
    /// class or a call.
    pub(super) fn is_identifier(&self, start: usize, end: usize) -> bool {
        let word = &self.bytes[start..end];
        let is_part = matches!(self.byte(end), b'(' | b'_')
            || (self.byte(end) == b'.' && is_word_byte(self.byte(end + 1)))
            || (start > 0 && matches!(self.byte(start - 1), b'.' | b'_' | b'@'));
        let is_capitals = word.len() >= 8 && word.iter().all(u8::is_ascii_uppercase);
        !is_part && (is_capitals || is_humped(word)) && !CLASSES.iter().any(|c| word.ends_with(c))
    }

    /// Whether the word is the name of a column in small letters that ends in `id`: `transactioncurrencyid`.
    pub(super) fn is_small_id(&self, start: usize, end: usize) -> bool {
        let word = &self.bytes[start..end];
        word.len() >= 7 && word.ends_with(b"id") && !word.ends_with(b"valid")
    }

    /// Whether the word names a column after a word such as `field`: also in small letters.
    pub(super) fn is_field_name(&self, start: usize, end: usize) -> bool {
        let word = &self.bytes[start..end];
        let is_path = matches!(self.byte(end), b'.' | b',') && is_word_byte(self.byte(end + 1));
        !is_path
            && (self.is_identifier(start, end)
                || word.contains(&b'_')
                || self.is_small_id(start, end))
    }

    /// Whether the word is a key in capitals, such as `RETAIL` or `EUR`.
    pub(super) fn is_key_in_capitals(&self, start: usize, end: usize) -> bool {
        let word = &self.bytes[start..end];
        // In a text all of capitals they say nothing.
        (2..=12).contains(&word.len())
            && word.iter().all(u8::is_ascii_uppercase)
            && !matches!(self.byte(end), b'(' | b'_' | b'=')
            && self.small_letter(start) == Some(true)
            && meaning(word_hash(word)) == Meaning::default()
            && !ACRONYMS.contains(&&self.message[start..end])
    }

    /// Whether `=` follows, with or without a blank.
    pub(super) fn is_assigned(&self, end: usize) -> bool {
        matches!(self.bytes[end..], [b'=', ..] | [b' ', b'=', ..])
    }
}

/// Two capital letters or more, each the beginning of a small word: `LineOfBusiness`.
fn is_humped(word: &[u8]) -> bool {
    let humps =
        word.array_windows().filter(|[a, b]| a.is_ascii_lowercase() && b.is_ascii_uppercase());
    word.first().is_some_and(u8::is_ascii_uppercase)
        && word.iter().all(u8::is_ascii_alphanumeric)
        && humps.count() > 0
}

/// Ends of names that tell a class or an entity from a field.
const CLASSES: [&[u8]; 8] =
    [b"Entity", b"Exception", b"Error", b"Plugin", b"Service", b"Request", b"Exceeded", b"Client"];

/// What joins the words of a name.
const JOINTS: [&str; 20] = [
    "& ", "+ ", "de ", "du ", "des ", "la ", "le ", "van ", "von ", "der ", "den ", "del ", "da ",
    "di ", "do ", "dos ", "af ", "av ", "y ", "et ",
];

/// Legal forms behind a comma.
const LEGAL_FORMS: [&str; 6] = [", Inc", ", Ltd", ", LLC", ", Corp", ", Co", ", S.A"];

/// Capitalised words of the product's own texts that begin no name of a party.
const PRODUCT_WORDS: [&str; 14] = [
    "Dataverse",
    "Dynamics",
    "Finance",
    "Microsoft",
    "Azure",
    "Sandbox",
    "Organization",
    "System",
    "Supply",
    "Commerce",
    "Database",
    "Server",
    "Internet",
    "Plugin",
];

/// Words in capitals that say what they say wherever they stand.
const ACRONYMS: [&str; 44] = [
    "AAD", "AND", "AOS", "API", "AX", "CDS", "CE", "CRM", "CRUD", "CSV", "DB", "DMF", "DNS", "DWM",
    "FO", "GUID", "HTTP", "HTTPS", "ID", "IDS", "IIS", "IP", "ISV", "JSON", "KB", "LCS", "MB",
    "NOT", "NULL", "ODATA", "OR", "OTC", "PU", "RPC", "SAS", "SQL", "SSL", "TCP", "TLS", "TRUE",
    "FALSE", "URI", "URL", "XML",
];
