//! Causes and what explains them, guidance, notes, and the user's rules on causes.

use std::cell::OnceCell;

use hashbrown::HashMap;
use serde::Serialize;
use serde_json::json;

use super::commands::with_settings;
use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Settings, Store};
use super::state::State;
use crate::dataset::{Axis, Group, Record};
use crate::domain::{
    CauseAction, CauseRule, Column, Filter, MissingReference, RecordId, RecordState, Timestamp,
};
use crate::guidance::catalogue::{self, Card};
use crate::guidance::cause::{pieces, template};
use crate::protocol::{
    AxisWord, CauseDetail, CausePage, CauseParams, CauseView, CausesParams, Event, Example,
    GuidanceCard, MergeCausesParams, PieceView, Placement, Problem, RecordInsight, ReferenceView,
    SetNoteParams, SplitCauseParams,
};

/// Groups of a window where none is told, and the most of one.
pub(super) const WINDOW: usize = 100;
pub(super) const MOST: usize = 10_000;

/// Most parts of a trend.
const BUCKETS: usize = 400;

/// Records that show what a cause is.
pub(super) const EXAMPLES: usize = 3;

/// Most letters of a note.
const NOTE: usize = 10_000;

/// Most rules at a time: each is followed over every row.
const RULES: usize = 500;

/// A record with what the engine knows of it.
#[derive(Clone, Debug, Serialize)]
pub struct KnownRecord {
    /// The record.
    #[serde(flatten)]
    pub record: Record,
    /// What is known.
    #[serde(flatten)]
    pub insight: RecordInsight,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// A window of the causes among the records of a filter, or of groups along another axis.
    pub fn causes(&self, params: CausesParams) -> Result<CausePage, Problem> {
        if params.buckets > BUCKETS {
            return Err(Problem::invalid(format!(
                "A trend has at most {BUCKETS} parts, and {} were asked for",
                params.buckets
            )));
        }
        let state = self.see();
        let (filter, axis) = (state.resolved(params.filter), axis(params.by));
        let groups = state.table.groups(&filter, axis);
        let records = state.table.count(&filter);
        let from = params.offset.min(groups.len());
        let to = from.saturating_add(params.limit.unwrap_or(WINDOW).min(MOST)).min(groups.len());
        let window = &groups[from..to];
        let span = (params.buckets > 0).then(|| state.table.span_of_filter(&filter)).flatten();
        let mut trends = match span {
            Some(span) => state.table.trends(&filter, axis, window, span, params.buckets),
            None => Vec::new(),
        }
        .into_iter();
        let view = |group: &Group| CauseView {
            trend: trends.next().unwrap_or_default(),
            ..state.view(&filter, params.by, group, records)
        };
        let causes = window.iter().map(view).collect();
        Ok(CausePage { total: groups.len(), records, span, causes })
    }

    /// A cause with what explains it; `None` where no record of the filter has it.
    pub fn cause(&self, params: CauseParams) -> Option<CauseDetail> {
        let state = self.see();
        let mut filter = state.resolved(params.filter);
        let records = state.table.count(&filter);
        filter.causes = vec![params.id.clone()];
        let groups = state.table.groups(&filter, Axis::Column(Column::Cause));
        let view = state.view(&filter, AxisWord::Cause, groups.first()?, records);
        let examples = state.table.examples(&filter, EXAMPLES);
        let (message, code) = state.table.message_and_code(*examples.first()?)?;
        let guidance = catalogue::matching(&message, code).into_iter().map(card).collect();
        let examples = examples.iter().filter_map(|id| state.example(*id)).collect();
        let rules = state.rules_about(&params.id);
        Some(CauseDetail { view, examples, guidance, note: state.note(&params.id), rules })
    }

    /// One record with everything known of it.
    pub fn known_record(&self, id: &str) -> Option<KnownRecord> {
        let state = self.see();
        let found = state.table.find(id)?;
        let record = state.table.record(found)?;
        let (retry_verdict, retry_reason) = state.verdict(found)?;
        let cards = catalogue::matching(&record.message, &record.error_code);
        let insight = RecordInsight {
            retry_verdict,
            retry_reason,
            pieces: pieces_of(&record.message),
            placed_by: state.placement(found)?,
            guidance: cards.into_iter().map(card).collect(),
            note: state.note(&record.cause),
            missing_references: state.table.missing_of(found).into_iter().map(reference).collect(),
        };
        Some(KnownRecord { record, insight })
    }

    /// The user's rules on causes, in their order.
    pub fn cause_rules(&self) -> Vec<CauseRule> {
        self.see().settings.cause_rules.clone()
    }

    /// From now on the causes end in one of them.
    pub async fn merge_causes(&self, params: MergeCausesParams) -> Result<CauseRule, Problem> {
        let MergeCausesParams { into, mut causes } = params;
        causes.retain(|cause| *cause != into);
        causes.sort();
        causes.dedup();
        if into.trim().is_empty() || causes.is_empty() {
            return Err(Problem::invalid("A merge names a cause and others that end in it"));
        }
        self.add_rule(CauseAction::Merge { into, causes }).await
    }

    /// From now on the records of a cause have several.
    pub async fn split_cause(&self, params: SplitCauseParams) -> Result<CauseRule, Problem> {
        let SplitCauseParams { cause, by, text } = params;
        let action = match (by, text.map(|text| text.trim().to_owned())) {
            (Some(Column::Cause | Column::State), _) => {
                return Err(Problem::invalid("A cause is not split by its cause or its state"));
            }
            (Some(column), None) if column.is_dimension() => CauseAction::SplitBy { cause, column },
            (None, Some(text)) if !text.is_empty() => CauseAction::SplitText { cause, text },
            _ => {
                return Err(Problem::invalid(
                    "A cause is split by one column of few values, or by a text in the message",
                ));
            }
        };
        self.add_rule(action).await
    }

    /// Takes a rule back: the groups are as if it had never been.
    pub async fn undo_cause_rule(&self, id: u32) -> Result<(), Problem> {
        self.change_rules(|settings| {
            let before = settings.cause_rules.len();
            settings.cause_rules.retain(|rule| rule.id != id);
            if settings.cause_rules.len() == before {
                return Err(Problem::invalid(format!("There is no rule {id} on causes")));
            }
            Ok(("causeRuleUndone", json!({ "rule": id })))
        })
        .await
    }

    /// Writes a note on a cause; an empty one removes it.
    pub async fn set_note(&self, params: SetNoteParams) -> Result<(), Problem> {
        let SetNoteParams { cause_id, text } = params;
        let text = text.trim().to_owned();
        if cause_id.trim().is_empty() || text.chars().count() > NOTE {
            return Err(Problem::invalid(format!(
                "A note belongs to a cause and has at most {NOTE} letters"
            )));
        }
        self.change_rules(|settings| {
            if text.is_empty() {
                settings.cause_notes.remove(&cause_id);
            } else {
                settings.cause_notes.insert(cause_id.clone(), text.clone());
            }
            Ok(("noted", json!({ "cause": cause_id, "text": text })))
        })
        .await
    }

    async fn add_rule(&self, action: CauseAction) -> Result<CauseRule, Problem> {
        let mut made = None;
        self.change_rules(|settings| {
            if settings.cause_rules.len() >= RULES {
                return Err(Problem::invalid(format!(
                    "There are {RULES} rules on causes already: take some back first"
                )));
            }
            // Numbers rise over the rules that were taken back, too, as far as a later one is left.
            let id = settings.cause_rules.iter().map(|rule| rule.id).max().unwrap_or(0) + 1;
            let rule = CauseRule { id, action };
            settings.cause_rules.push(rule.clone());
            let line = ("causeRuleAdded", json!({ "rule": rule }));
            made = Some(rule);
            Ok(line)
        })
        .await?;
        made.ok_or_else(|| Problem::invalid("The rule was not made"))
    }

    async fn change_rules(
        &self,
        change: impl FnOnce(&mut Settings) -> Result<(&'static str, serde_json::Value), Problem>,
    ) -> Result<(), Problem> {
        self.change(|state, _| {
            let mut settings = state.settings.clone();
            let line = change(&mut settings)?;
            Ok((with_settings(settings), vec![line]))
        })
        .await?;
        self.announcer.announce(Event::QueueChanged { jobs: vec![] });
        self.announcer.announce(Event::DatasetChanged { dataset: None });
        Ok(())
    }
}

impl State {
    /// The entity of a cause and what its errors say, values left out; `None` where no message of them is here.
    pub(super) fn titles(&self) -> impl Fn(&str) -> Option<String> {
        let every = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
        // Most answers name no cause, or only a few.
        let examples: OnceCell<HashMap<String, RecordId>> = OnceCell::new();
        move |cause| {
            let examples = examples.get_or_init(|| {
                let groups = self.table.groups(&every, Axis::Column(Column::Cause));
                groups.iter().map(|group| (group.value.clone(), group.example)).collect()
            });
            let example = *examples.get(cause)?;
            let (message, _) = self.table.message_and_code(example)?;
            match self.table.entity(example).unwrap_or_default() {
                "" => Some(template(&message)),
                entity => Some(format!("{entity}: {}", template(&message))),
            }
        }
    }

    fn view(&self, filter: &Filter, by: AxisWord, group: &Group, records: usize) -> CauseView {
        let is_cause = by == AxisWord::Cause;
        let fixed = is_cause && self.is_fixed(&group.value);
        let (retry_verdict, retry_reason) =
            self.verdict_on_cause(&group.category, group.example, fixed);
        let message = self.table.message_and_code(group.example).map(|(message, _)| message);
        CauseView {
            id: group.value.clone(),
            template: message.map_or_else(String::new, |message| template(&message)),
            entity: self.table.entity(group.example).unwrap_or_default().to_owned(),
            category: group.category.clone(),
            retry_verdict,
            retry_reason,
            count: group.count,
            share: if records == 0 { 0.0 } else { group.count as f64 / records as f64 },
            first_seen: group.span.map(|(first, _)| first),
            last_seen: group.span.map(|(_, last)| last),
            missing_reference: self
                .table
                .missing_of(group.example)
                .into_iter()
                .next()
                .map(reference),
            trend: Vec::new(),
            fixed,
            noted: is_cause && self.settings.cause_notes.contains_key(&group.value),
            door: door(filter, by, &group.value),
        }
    }

    fn example(&self, record: RecordId) -> Option<Example> {
        let summary = self.table.summaries(&[record]).into_iter().next()?;
        Some(Example {
            id: summary.id,
            entity: summary.entity,
            error_code: summary.error_code,
            pieces: pieces_of(&summary.message),
            placed_by: self.placement(record)?,
        })
    }

    fn placement(&self, record: RecordId) -> Option<Placement> {
        let (fingerprint, rules) = self.table.cause_path(record)?;
        Some(Placement { fingerprint: fingerprint.to_owned(), rules })
    }

    fn note(&self, cause: &str) -> String {
        self.settings.cause_notes.get(cause).cloned().unwrap_or_default()
    }

    /// The rules that name a cause, or whose work it is.
    fn rules_about(&self, cause: &str) -> Vec<CauseRule> {
        let mut filter = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
        filter.causes = vec![cause.to_owned()];
        let first = self.table.examples(&filter, 1);
        let path = first.first().and_then(|id| self.table.cause_path(*id));
        let path = path.map(|(_, rules)| rules).unwrap_or_default();
        let is_about = |rule: &&CauseRule| {
            path.contains(&rule.id)
                || match &rule.action {
                    CauseAction::Merge { into, causes } => {
                        into == cause || causes.iter().any(|one| one == cause)
                    }
                    CauseAction::SplitBy { cause: split, .. }
                    | CauseAction::SplitText { cause: split, .. } => split == cause,
                }
        };
        self.settings.cause_rules.iter().filter(is_about).cloned().collect()
    }
}

pub(super) fn axis(by: AxisWord) -> Axis {
    match by.column() {
        Some(column) => Axis::Column(column),
        None if by == AxisWord::Day => Axis::Day,
        None => Axis::Missing,
    }
}

/// The filter that the records of a group pass, and no others.
fn door(filter: &Filter, by: AxisWord, value: &str) -> Filter {
    let mut door = filter.clone();
    match by.column() {
        Some(column) => {
            if let Some(values) = door.values_mut(column) {
                *values = vec![value.to_owned()];
            }
        }
        None if by == AxisWord::Missing => door.missing = vec![value.to_owned()],
        None if value.is_empty() => door.undated = true,
        None => {
            // Of a day, the part that the filter lets through.
            let from = Timestamp::parse(&format!("{value}T00:00:00Z")).ok();
            let to = from.and_then(|from| Timestamp::from_millis(from.millis() + 86_400_000));
            door.from = door.from.max(from);
            door.to = match (door.to, to) {
                (Some(own), Some(to)) => Some(own.min(to)),
                (own, to) => own.or(to),
            };
        }
    }
    door
}

fn pieces_of(message: &str) -> Vec<PieceView> {
    let view = |piece: crate::guidance::cause::Piece| PieceView {
        text: piece.text,
        mask: piece.mask.map(|mask| mask.code().to_owned()),
    };
    pieces(message).into_iter().map(view).collect()
}

fn card(card: Card) -> GuidanceCard {
    GuidanceCard {
        id: card.id.to_owned(),
        title: card.title.to_owned(),
        meaning: card.meaning.to_owned(),
        fix: card.fix.to_owned(),
        role: card.role.to_owned(),
        remedy: card.remedy,
        source: card.source.to_owned(),
    }
}

pub(super) fn reference(reference: MissingReference) -> ReferenceView {
    ReferenceView { entity: reference.entity, key: reference.key }
}
