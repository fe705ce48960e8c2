//! Hits of a needle that lie partly in an argument and partly in the template around it, or in several arguments.
//!
//! Such a hit begins somewhere before the end of an argument: so many letters of the needle are the end of what stands
//! before the mark, or it begins within the argument. For every mark of every template it is found out whether the
//! rest of the needle could go on from there, whatever the arguments are as long as they are numbers and GUIDs; for
//! nearly all needles it nowhere can. Only rows of the templates where it can are looked at, and of those only the
//! arguments.
//!
//! Deliberately absent: hits within a template or within one argument, which need no rebuilding.

use super::bits::mask;
use super::needle::{Needle, folded};
use super::split::{GUID_LEN, HYPHENS};
use super::templates::{GUID, NUMBER};
use super::text_arena::TextArena;

/// What is known of the argument a hit begins in or reaches first, so that most rows need no further look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Own {
    /// It begins with so many letters of the needle.
    Begins(usize),
    /// It is so many letters of the needle.
    Is(usize),
    /// It ends with so many letters of the needle.
    Ends(usize),
    Anything,
}

/// A needle that may straddle.
#[derive(Debug)]
pub(super) struct Straddle {
    letters: Vec<char>,
    numbers: Begins,
    guids: Begins,
}

/// Where in the needle an argument of a kind may begin.
#[derive(Debug)]
struct Begins {
    /// Letters of the needle before the argument, at least one.
    after: Vec<usize>,
    /// Whether the needle may begin within the argument.
    within: bool,
    /// Bytes that may stand before the mark, before those, and behind the mark if the needle begins within the argument.
    before: [bool; 256],
    second: [bool; 256],
    behind: [bool; 256],
}

/// Where hits may be.
#[derive(Debug)]
pub(super) struct Possible<'a> {
    letters: Vec<char>,
    templates: &'a TextArena,
    /// In ascending order of templates.
    places: Vec<Place>,
    /// How many places come before those of each template.
    before: Vec<u32>,
}

#[derive(Debug)]
struct Place {
    template: u32,
    /// Which argument is the first that the hit has a part of.
    argument: u32,
    /// Letters of the needle before that argument; without any, the hit begins within it.
    letters: u32,
    /// Where in the arena what follows the mark begins.
    behind: u32,
    own: Own,
}

impl Straddle {
    /// `None` where no letter of the needle can be of an argument and next to what is none.
    pub(super) fn new(needle: &Needle) -> Option<Self> {
        let letters: Vec<char> = needle.letters().collect();
        let digits = |at: usize| letters[at..].iter().take_while(|l| l.is_ascii_digit()).count();
        let mut numbers = Begins::default();
        for at in 1..letters.len() {
            if letters[at].is_ascii_digit() && !letters[at - 1].is_ascii_digit() {
                numbers.add_after(&letters[..at]);
            }
        }
        let run = digits(0);
        if run > 0 {
            numbers.within = true;
            numbers.behind[usize::from(GUID)] = true;
            if let Some(next) = letters.get(run) {
                set(&mut numbers.behind, *next);
            }
        }
        let mut guids = Begins::default();
        for at in 1..letters.len() {
            if is_part(&letters[at..], 0) {
                guids.add_after(&letters[..at]);
            }
        }
        for len in 1..letters.len().min(GUID_LEN + 1) {
            if is_part(&letters[..len], GUID_LEN - len) {
                guids.within = true;
                set(&mut guids.behind, letters[len]);
                guids.behind[usize::from(NUMBER)] |= letters[len].is_ascii_digit();
                guids.behind[usize::from(GUID)] |= letters[len].is_ascii_hexdigit();
            }
        }
        let any = numbers.any() || guids.any();
        any.then_some(Self { letters, numbers, guids })
    }

    /// Where the needle may straddle in templates that are not passed over.
    pub(super) fn possible(
        self,
        templates: &TextArena,
        pass: impl Fn(usize) -> bool,
    ) -> Possible<'_> {
        let (text, bytes, offsets) =
            (templates.text(), templates.text().as_bytes(), templates.offsets());
        let mut places = Vec::new();
        let mut template = 0;
        let (numbers, guids) = (self.numbers.any(), self.guids.any());
        let wanted = |byte: u8| (numbers & (byte == NUMBER)) | (guids & (byte == GUID));
        for mark in places_of(bytes, wanted) {
            let begins = if bytes[mark] == NUMBER { &self.numbers } else { &self.guids };
            let before = mark > 0
                && begins.before[usize::from(bytes[mark - 1])]
                && (mark == 1 || begins.second[usize::from(bytes[mark - 2])]);
            let within = begins.within
                && bytes.get(mark + 1).is_some_and(|byte| begins.behind[usize::from(*byte)]);
            if !before && !within {
                continue;
            }
            while offsets[template + 1] as usize <= mark {
                template += 1;
            }
            if pass(template) {
                continue;
            }
            let (start, end) = (offsets[template] as usize, offsets[template + 1] as usize);
            let (head, behind) = (&text[start..mark], &text[mark + 1..end]);
            let mut add = |letters: usize| {
                let argument = memchr::memchr2_iter(NUMBER, GUID, head.as_bytes()).count() as u32;
                let own = self.own(letters, bytes[mark], behind);
                let (template, letters) = (template as u32, letters as u32);
                places.push(Place { template, argument, letters, behind: mark as u32 + 1, own });
            };
            if within && self.begins_within(bytes[mark], behind) {
                add(0);
            }
            if before {
                for letters in begins.after.iter().take_while(|letters| **letters <= head.len()) {
                    let (wanted, tail) = self.letters.split_at(*letters);
                    let mut ends = head.chars().rev().map(folded);
                    if wanted.iter().rev().all(|letter| ends.next() == Some(*letter))
                        && goes_on(tail, &text[mark..end])
                    {
                        add(*letters);
                    }
                }
            }
        }
        let mut before = vec![0; templates.len() + 1];
        places.iter().for_each(|place| before[place.template as usize + 1] += 1);
        (0..templates.len()).for_each(|template| before[template + 1] += before[template]);
        Possible { letters: self.letters, templates, places, before }
    }

    /// What an argument must be that stands after so many letters of the needle, or in which it begins.
    fn own(&self, letters: usize, mark: u8, behind: &str) -> Own {
        let rest = &self.letters[letters..];
        let digits = rest.iter().take_while(|letter| letter.is_ascii_digit()).count();
        match mark {
            NUMBER if behind.starts_with(char::from(GUID)) => Own::Anything,
            NUMBER if letters == 0 => Own::Ends(digits),
            NUMBER if digits < rest.len() => Own::Is(digits),
            NUMBER => Own::Begins(digits),
            _ if letters == 0 => Own::Anything,
            _ => Own::Begins(rest.len().min(GUID_LEN)),
        }
    }

    /// Whether the needle may begin within an argument and end behind it.
    fn begins_within(&self, mark: u8, behind: &str) -> bool {
        if mark == NUMBER {
            let run = self.letters.iter().take_while(|letter| letter.is_ascii_digit()).count();
            return behind.starts_with(char::from(GUID)) || goes_on(&self.letters[run..], behind);
        }
        (1..self.letters.len().min(GUID_LEN + 1)).any(|len| {
            is_part(&self.letters[..len], GUID_LEN - len) && goes_on(&self.letters[len..], behind)
        })
    }
}

impl Default for Begins {
    fn default() -> Self {
        Self {
            after: Vec::new(),
            within: false,
            before: [false; 256],
            second: [false; 256],
            behind: [false; 256],
        }
    }
}

impl Begins {
    fn add_after(&mut self, letters: &[char]) {
        self.after.push(letters.len());
        if let [rest @ .., last] = letters {
            set(&mut self.before, *last);
            match rest.last().filter(|_| last.is_ascii()) {
                Some(second) => set(&mut self.second, *second),
                None => self.second.fill(true),
            }
        }
    }

    fn any(&self) -> bool {
        self.within || !self.after.is_empty()
    }
}

impl Place {
    /// Whether an argument is what is known of it.
    fn may_be(&self, own: &str, needle: &[char]) -> bool {
        let rest = &needle[self.letters as usize..];
        let same = |own: &[u8], letters: &[char]| {
            own.len() == letters.len()
                && own.iter().zip(letters).all(|(a, b)| char::from(a.to_ascii_lowercase()) == *b)
        };
        let own = own.as_bytes();
        match self.own {
            Own::Begins(len) => own.get(..len).is_some_and(|own| same(own, &rest[..len])),
            Own::Is(len) => same(own, &rest[..len]),
            Own::Ends(len) => {
                let begin = own.len().checked_sub(len);
                begin.is_some_and(|begin| same(&own[begin..], &rest[..len]))
            }
            Own::Anything => true,
        }
    }
}

impl Possible<'_> {
    /// The templates with places, ascending, some more than once.
    pub(super) fn templates(&self) -> impl Iterator<Item = usize> + '_ {
        self.places.iter().map(|place| place.template as usize)
    }

    /// Whether a text of a template, one that has places, holds the needle at one of them.
    pub(super) fn holds<'a>(
        &self,
        template: usize,
        arguments: impl Iterator<Item = &'a str> + Clone,
    ) -> bool {
        let [first, last] = [template, template + 1].map(|at| self.before[at] as usize);
        let end = self.templates.offsets()[template + 1] as usize;
        self.places[first..last].iter().any(|place| {
            let mut arguments = arguments.clone();
            let own = arguments.nth(place.argument as usize).unwrap_or_default();
            if !place.may_be(own, &self.letters) {
                return false;
            }
            let behind = &self.templates.text()[place.behind as usize..end];
            let letters = &self.letters[place.letters as usize..];
            if place.letters > 0 {
                return begins(letters, own, behind, arguments);
            }
            let starts = (0..own.len()).filter(|at| {
                letters.first().is_some_and(|letter| *letter == folded(own.as_bytes()[*at].into()))
            });
            starts.into_iter().any(|at| begins(letters, &own[at..], behind, arguments.clone()))
        })
    }
}

/// The places of bytes, found a block at a time in a form that compilers turn into vector instructions.
fn places_of(bytes: &[u8], wanted: impl Fn(u8) -> bool + Copy) -> impl Iterator<Item = usize> {
    let (blocks, rest) = bytes.as_chunks::<64>();
    let tail = (blocks.len() * 64..bytes.len()).filter(move |at| wanted(rest[at % 64]));
    let of_block = move |(number, block): (usize, &[u8; 64])| {
        let mut left = mask(block, wanted);
        std::iter::from_fn(move || {
            let place = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(number * 64 + place)
        })
    };
    blocks.iter().enumerate().flat_map(of_block).chain(tail)
}

/// Whether the needle's letters are the beginning of an argument and what follows.
fn begins<'a>(
    letters: &[char],
    argument: &str,
    behind: &str,
    mut following: impl Iterator<Item = &'a str>,
) -> bool {
    let mut letters = letters.iter();
    let mut takes = |text: &str| -> Option<bool> {
        for letter in text.chars() {
            match letters.next() {
                None => return Some(true),
                Some(wanted) if *wanted != folded(letter) => return Some(false),
                Some(_) => {}
            }
        }
        None
    };
    if let Some(held) = takes(argument) {
        return held;
    }
    let mut copied = 0;
    for mark in memchr::memchr2_iter(NUMBER, GUID, behind.as_bytes()) {
        if let Some(held) = takes(&behind[copied..mark]) {
            return held;
        }
        if let Some(held) = takes(following.next().unwrap_or_default()) {
            return held;
        }
        copied = mark + 1;
    }
    takes(&behind[copied..]).unwrap_or_else(|| letters.next().is_none())
}

/// Whether letters may be the beginning of a text of a template, or of its rest.
fn goes_on(mut letters: &[char], template: &str) -> bool {
    let mut rest = template.chars();
    while let Some(first) = letters.first() {
        let Some(letter) = rest.next() else { return false };
        let taken = match letter as u32 {
            mark if mark == u32::from(NUMBER) => {
                let digits = letters.iter().take_while(|letter| letter.is_ascii_digit()).count();
                if digits > 0 && rest.as_str().starts_with(char::from(GUID)) {
                    // Digits of the number and of the GUID are told apart by the GUID's first hyphen.
                    let hyphen = letters.iter().position(|letter| !letter.is_ascii_hexdigit());
                    let [first_hyphen, ..] = HYPHENS;
                    match hyphen {
                        None => return true,
                        Some(hyphen) if hyphen > first_hyphen => {
                            (hyphen - first_hyphen <= digits).then_some(hyphen - first_hyphen)
                        }
                        Some(_) => None,
                    }
                } else {
                    (digits > 0).then_some(digits)
                }
            }
            mark if mark == u32::from(GUID) => {
                let len = letters.len().min(GUID_LEN);
                is_part(letters, 0).then_some(len)
            }
            _ => (folded(letter) == *first).then_some(1),
        };
        match taken {
            Some(taken) => letters = &letters[taken..],
            None => return false,
        }
    }
    true
}

/// Whether letters, up to the end of a GUID, may be those of a GUID from a place on.
pub(super) fn is_part(letters: &[char], from: usize) -> bool {
    (from..GUID_LEN).zip(letters).all(|(at, letter)| {
        if HYPHENS.contains(&at) { *letter == '-' } else { letter.is_ascii_hexdigit() }
    })
}

/// Notes all bytes that a letter, in any case, may begin or end with.
fn set(bytes: &mut [bool; 256], letter: char) {
    match u8::try_from(letter) {
        Ok(byte) if byte.is_ascii() => {
            bytes[usize::from(byte.to_ascii_lowercase())] = true;
            bytes[usize::from(byte.to_ascii_uppercase())] = true;
        }
        _ => bytes[128..].fill(true),
    }
}
