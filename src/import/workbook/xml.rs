//! The XML of a part as a plain stream of starts, ends and texts.
//!
//! Character references and the five entities of XML are resolved; a document type is refused, so that nothing can be
//! defined and nothing fetched.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::BufRead as _;
use std::rc::Rc;

use quick_xml::events::{BytesStart, Event as XmlEvent};
use quick_xml::{Reader, XmlVersion};

use super::super::error::ImportError;
use super::package::{Source, damaged};

/// What comes next in a part. Names are without prefix.
pub(super) enum Event<'b> {
    /// An element opens; an element without content opens and does not end.
    Start(Element<'b>),
    End(&'b str),
    Text(&'b str),
}

/// An element that opens.
pub(super) struct Element<'b> {
    start: BytesStart<'b>,
    /// It has no content and no end of its own.
    pub(super) is_empty: bool,
}

impl Element<'_> {
    pub(super) fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// The value of an attribute without prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.find(|key| key == name)
    }

    /// The value of an attribute with whatever prefix.
    pub(super) fn prefixed_attribute(&self, name: &str) -> Option<String> {
        self.find(|key| key.rsplit_once(':').is_some_and(|(_, local)| local == name))
    }

    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<String> {
        self.start.attributes().with_checks(false).flatten().find_map(|attribute| {
            is_it(attribute.key.into_inner())
                .then(|| {
                    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
                })
                .flatten()
        })
    }

    /// Calls back with each plain attribute, undecoded: for cells, whose attributes need no decoding.
    pub(super) fn each_raw(&self, mut take: impl FnMut(&str, &str)) {
        for attribute in self.start.attributes().with_checks(false).flatten() {
            take(attribute.key.into_inner(), &attribute.value);
        }
    }
}

/// Copies an element to memory that is used again and again.
fn keep<'b>(text: &'b mut String, start: &BytesStart<'_>, is_empty: bool) -> Event<'b> {
    text.clear();
    text.push_str(start);
    let name_len = start.name().into_inner().len();
    Event::Start(Element { start: BytesStart::from_content(text.as_str(), name_len), is_empty })
}

/// Reads a part.
pub(super) struct XmlReader<'a> {
    reader: Reader<Source<'a>>,
    buffer: Vec<u8>,
    text: String,
    piece: Rc<Cell<u64>>,
    /// Elements that are open.
    depth: u32,
    file: String,
    part: String,
}

/// Parts of workbooks are a dozen deep; the names of all open elements are held.
const DEEPEST: u32 = 1_000;

impl<'a> XmlReader<'a> {
    pub(super) fn new(source: Source<'a>, piece: Rc<Cell<u64>>, file: &str, part: &str) -> Self {
        Self {
            reader: Reader::from_reader(source),
            buffer: Vec::new(),
            text: String::new(),
            piece,
            depth: 0,
            file: file.to_owned(),
            part: part.to_owned(),
        }
    }

    /// The next event; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Event<'_>>, ImportError> {
        loop {
            self.buffer.clear();
            self.piece.set(0);
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => {
                    let error = error.to_string();
                    return Err(self.failed(&error));
                }
            };
            match event {
                XmlEvent::Start(start) => {
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        let what = format!("its elements are more than {DEEPEST} deep");
                        return Err(damaged(&self.file, what, &self.part));
                    }
                    return Ok(Some(keep(&mut self.text, &start, false)));
                }
                XmlEvent::Empty(start) => {
                    return Ok(Some(keep(&mut self.text, &start, true)));
                }
                XmlEvent::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    self.text.clear();
                    self.text.push_str(end.local_name().into_inner());
                    return Ok(Some(Event::End(&self.text)));
                }
                XmlEvent::Text(text) => {
                    self.text.clear();
                    self.text.push_str(&text.xml10_content());
                    return Ok(Some(Event::Text(&self.text)));
                }
                XmlEvent::CData(text) => {
                    self.text.clear();
                    self.text.push_str(&text);
                    return Ok(Some(Event::Text(&self.text)));
                }
                XmlEvent::GeneralRef(reference) => {
                    let character = match &*reference {
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "amp" => Some('&'),
                        "quot" => Some('"'),
                        "apos" => Some('\''),
                        _ => reference.resolve_char_ref().ok().flatten(),
                    };
                    let Some(character) = character else {
                        let what = format!("the entity '{}' is not one of XML", &*reference);
                        return Err(damaged(&self.file, what, &self.part));
                    };
                    self.text.clear();
                    self.text.push(character);
                    return Ok(Some(Event::Text(&self.text)));
                }
                XmlEvent::DocType(_) => {
                    let what = "it declares a document type, which workbooks never do".to_owned();
                    return Err(damaged(&self.file, what, &self.part));
                }
                XmlEvent::Eof => return Ok(None),
                XmlEvent::Comment(_) | XmlEvent::Decl(_) | XmlEvent::PI(_) => {}
            }
        }
    }

    /// Bytes that are unpacked already and were not read yet: right behind the tag, where the last event was the start or the
    /// end of an element.
    pub(super) fn ahead(&self) -> &[u8] {
        self.reader.get_ref().buffer()
    }

    /// Passes over whole elements that lie ahead.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.piece.set(0);
        self.reader.get_mut().consume(bytes);
    }

    /// The error for something that this part says.
    pub(super) fn damaged(&self, what: &str) -> ImportError {
        damaged(&self.file, what.to_owned(), &self.part)
    }

    fn failed(&mut self, error: &str) -> ImportError {
        match self.reader.get_mut().get_ref().over {
            Some((size, limit)) => ImportError::TooLarge {
                name: self.file.clone(),
                what: format!("{} unpacked", self.part),
                size,
                limit,
            },
            None => damaged(&self.file, format!("its XML cannot be read ({error})"), &self.part),
        }
    }
}
