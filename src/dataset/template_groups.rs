//! Records by what their messages have in common: a GUID reads `{guid}`, any other run of digits `#`.
//!
//! Messages that are held as templates are counted without looking at any of them.
//!
//! Deliberately absent: causes, which are read out of messages once, when they are imported (`guidance`).

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::domain::Filter;

use super::Table;
use super::bits::Bits;
use super::split::{Argument, Marks};
use super::templates::{GUID, NUMBER};
use super::texts::Texts;

/// Records whose messages differ in numbers and GUIDs only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateGroup {
    /// The message with `{guid}` and `#` in the place of GUIDs and numbers.
    pub template: String,
    /// Records that have it.
    pub count: usize,
}

impl Table {
    /// The groups of the records that pass, the largest first, equally large ones by template.
    pub fn template_groups(&self, filter: &Filter) -> Vec<TemplateGroup> {
        let selection = self.selection(filter);
        let mut marked: HashMap<&str, usize> = HashMap::new();
        let mut groups: HashMap<String, usize> = HashMap::new();
        for (chunk, rows) in self.chunks.iter().zip(selection.chunks()) {
            let mut add = |text: &str, count| {
                if count > 0 {
                    *groups.entry(template_of(text)).or_default() += count;
                }
            };
            match &chunk.details().messages {
                Texts::Templates(templates) => {
                    let counts = tally(templates.parts().0.len(), rows, |row| templates.code(row));
                    for (template, count) in templates.marked().zip(counts) {
                        match template {
                            Ok(template) if count > 0 => {
                                *marked.entry(template).or_default() += count;
                            }
                            Ok(_) => {}
                            Err(own) => add(own, count),
                        }
                    }
                }
                Texts::Repeated(texts, codes) => {
                    let counts = tally(texts.len(), rows, |row| codes.get(row) as usize);
                    texts.iter().zip(counts).for_each(|(text, count)| add(text, count));
                }
                texts => rows.for_each(|row| texts.with(row, |text| add(text, 1))),
            }
        }
        // Different marks may read alike where messages have such letters of their own.
        for (template, count) in marked {
            *groups.entry(read(template)).or_default() += count;
        }
        let group = |(template, count)| TemplateGroup { template, count };
        let mut groups: Vec<TemplateGroup> = groups.into_iter().map(group).collect();
        groups.sort_unstable_by(|a, b| {
            b.count.cmp(&a.count).then_with(|| a.template.cmp(&b.template))
        });
        groups
    }
}

fn tally(entries: usize, rows: &Bits, entry: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut counts = vec![0; entries];
    rows.for_each(|row| counts[entry(row)] += 1);
    counts
}

fn word(argument: Argument) -> &'static str {
    match argument {
        Argument::Number => "#",
        Argument::Guid => "{guid}",
    }
}

fn template_of(text: &str) -> String {
    let (mut template, mut copied) = (String::with_capacity(text.len()), 0);
    Marks::of(text.as_bytes()).arguments(text.as_bytes(), (0, text.len()), |from, to, kind| {
        template.push_str(&text[copied..from]);
        template.push_str(word(kind));
        copied = to;
    });
    template.push_str(&text[copied..]);
    template
}

/// A template with words for its marks.
fn read(marked: &str) -> String {
    let (mut template, mut copied) = (String::with_capacity(marked.len() + 16), 0);
    for mark in memchr::memchr2_iter(NUMBER, GUID, marked.as_bytes()) {
        template.push_str(&marked[copied..mark]);
        template.push_str(word(match marked.as_bytes()[mark] {
            NUMBER => Argument::Number,
            _ => Argument::Guid,
        }));
        copied = mark + 1;
    }
    template.push_str(&marked[copied..]);
    template
}
