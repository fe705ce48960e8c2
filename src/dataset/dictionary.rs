//! Texts of few different values: each gets a code, in the order of first sight.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

/// Different texts and their codes. Invariant: code = place in `texts`; no text twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    texts: Vec<Box<str>>,
    codes: HashTable<u32>,
    /// The last text asked for: neighbours in a dump are often alike.
    last: u32,
}

impl Dictionary {
    /// The text's code, a new one if it is new.
    pub(super) fn code(&mut self, text: &str) -> u32 {
        if self.texts.get(self.last as usize).is_some_and(|last| **last == *text) {
            return self.last;
        }
        let hash = xxh3_64(text.as_bytes());
        let found = self.codes.find(hash, |code| *self.texts[*code as usize] == *text).copied();
        let code = found.unwrap_or_else(|| {
            let code = self.texts.len() as u32;
            self.texts.push(text.into());
            let texts = &self.texts;
            self.codes.insert_unique(hash, code, |code| xxh3_64(texts[*code as usize].as_bytes()));
            code
        });
        self.last = code;
        code
    }

    pub(super) fn get(&self, code: u32) -> &str {
        &self.texts[code as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }

    /// Rank of each code when the texts are sorted by bytes, the empty text last.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let mut codes: Vec<u32> = (0..self.texts.len() as u32).collect();
        codes.sort_unstable_by_key(|code| {
            let text = self.get(*code);
            (text.is_empty(), text)
        });
        let mut ranks = vec![0; codes.len()];
        for (rank, code) in codes.into_iter().enumerate() {
            ranks[code as usize] = rank as u32;
        }
        ranks
    }
}

/// Codes of many rows, as narrow as they can be.
#[derive(Clone, Debug)]
pub(super) enum Codes {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Codes {
    pub(super) fn from_wide(codes: Vec<u32>) -> Self {
        if codes.iter().all(|code| *code <= u32::from(u16::MAX)) {
            Self::Narrow(codes.into_iter().map(|code| code as u16).collect())
        } else {
            Self::Wide(codes)
        }
    }

    pub(super) fn get(&self, row: usize) -> u32 {
        match self {
            Self::Narrow(codes) => u32::from(codes[row]),
            Self::Wide(codes) => codes[row],
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Narrow(codes) => codes.capacity() * 2,
            Self::Wide(codes) => codes.capacity() * 4,
        }
    }
}
