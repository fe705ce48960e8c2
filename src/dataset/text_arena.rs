//! Many texts in one run of memory: no allocation per text, and one pass to search them all.
//!
//! Invariant: `offsets` begins with 0, never falls, and lies on character boundaries of `text`.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextArena {
    text: String,
    offsets: Vec<u32>,
}

impl Default for TextArena {
    fn default() -> Self {
        Self { text: String::new(), offsets: vec![0] }
    }
}

impl TextArena {
    pub(super) fn with_capacity(texts: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(texts + 1);
        offsets.push(0);
        Self { text: String::with_capacity(bytes), offsets }
    }

    /// From stored parts: where each text ends, and all texts. `None` if the invariant does not hold for them.
    pub(super) fn from_parts(ends: &[u32], text: String) -> Option<Self> {
        let mut offsets = Vec::with_capacity(ends.len() + 1);
        let mut last = 0;
        offsets.push(0);
        for end in ends {
            if *end < last || !text.is_char_boundary(*end as usize) {
                return None;
            }
            last = *end;
            offsets.push(*end);
        }
        (last as usize == text.len()).then_some(Self { text, offsets })
    }

    /// Adds a text. An arena holds 4 GiB, more than a browser gives a page; a text beyond that is cut.
    pub(super) fn push(&mut self, text: &str) {
        let room = u32::MAX as usize - self.text.len();
        self.text.push_str(if text.len() <= room {
            text
        } else {
            &text[..text.floor_char_boundary(room)]
        });
        self.offsets.push(self.text.len() as u32);
    }

    /// Adds a text that is built in place.
    pub(super) fn build(&mut self, with: impl FnOnce(&mut String)) {
        with(&mut self.text);
        self.offsets.push(self.text.len() as u32);
    }

    /// Forgets all texts and keeps the room they took.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.offsets.truncate(1);
    }

    pub(super) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    pub(super) fn get(&self, at: usize) -> &str {
        &self.text[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }

    /// The same as bytes, which asks nothing of the text itself.
    #[inline]
    pub(super) fn bytes(&self, at: usize) -> &[u8] {
        &self.text.as_bytes()[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// All texts, end to end.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where each text begins, and last where the last one ends.
    pub(super) fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// An empty arena with room for as many texts as this one has, and for a little more of them.
    pub(super) fn room_alike(&self) -> Self {
        Self::with_capacity(self.len(), self.text.len() + self.text.len() / 16)
    }

    /// The same places, with empty texts where `keep` says no.
    pub(super) fn keeping(&self, keep: impl Fn(usize) -> bool) -> Self {
        let bytes = (0..self.len()).filter(|at| keep(*at)).map(|at| self.get(at).len()).sum();
        let mut kept = Self::with_capacity(self.len(), bytes);
        for (at, text) in self.iter().enumerate() {
            kept.push(if keep(at) { text } else { "" });
        }
        kept
    }

    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.offsets.shrink_to_fit();
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.text.capacity() + self.offsets.capacity() * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_parts_must_fit_together() {
        let text = || "aé".to_owned();
        assert!(TextArena::from_parts(&[1, 1, 3], text()).is_some());
        for wrong in [&[3, 1][..], &[1], &[2, 3], &[1, 4], &[]] {
            assert_eq!(TextArena::from_parts(wrong, text()), None, "{wrong:?}");
        }
    }

    #[test]
    fn texts_not_kept_are_gone_and_places_stay() {
        let mut arena = TextArena::default();
        ["one", "", "two"].into_iter().for_each(|text| arena.push(text));
        let kept = arena.keeping(|at| at == 2);
        assert_eq!(kept.iter().collect::<Vec<_>>(), ["", "", "two"]);
        assert_eq!(kept.text(), "two");
    }
}
