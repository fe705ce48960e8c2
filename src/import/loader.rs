//! From the cells of a row to a record: fields, identity, category, cause, and the extra columns.
//!
//! Nothing is allocated for a row in the steady state: texts stay slices of the input, words that repeat are looked up.
//!
//! A time or retry count that cannot be read does not cost the row: the record is loaded without it and the text is kept in
//! an extra column, `<header> (unread)`; a time that was read by a zone, an order of dates, or without its last digits, in
//! `<header> (as written)`. A date that contradicts the decided order is rejected, since it would be read wrong.
//!
//! Invariant: every row ends in exactly one of the counts of [`Account`].

mod row_time;

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::dataset::{Pushed, RowInput, RowSink};
use crate::domain::Category;

use super::account::{Account, Oddity, PartBooks};
use super::aliases::{DUAL_WRITE_PLUGINS, Field};
use super::cells::{is_cut_off, is_rounded, read_count};
use super::clock::Clock;
use super::error::ImportError;
use super::extras::{Extra, Extras};
use super::identity::{Content, IdentityMaker};
use super::mapping::Mapping;
use super::meaning::{CodePrint, Entity, Reader};
use super::options::{DEFAULT_JOB, ImportOptions};
use super::redact;
use super::rows::{Note, RowTaker, recycle};
use super::text::trimmed;
use super::times;
use super::verbose;
use super::words::Words;

/// Turns rows into records.
pub(super) struct Loader {
    name: String,
    job: String,
    mapping: Mapping,
    clock: Clock,
    pub(super) account: Account,
    /// Rows in front of the first row of data: the header, and titles above it.
    head_left: usize,
    /// Rows of delimited text have as many cells as the header; others leave empty ones out.
    is_delimited: bool,
    extras: Extras,
    identities: IdentityMaker,
    entities: Words<Entity>,
    reader: Reader,
    categories: Words<Category>,
    codes: Words<CodePrint>,
    map: String,
    extra_cells: Vec<&'static str>,
}

/// A loader with the sink it fills at the moment.
pub(super) struct Loading<'a> {
    pub(super) loader: &'a mut Loader,
    pub(super) sink: &'a mut dyn RowSink,
}

impl Loader {
    /// `head` rows are passed over first in tables; `None` for JSON, whose columns are told.
    pub(super) fn new(
        mapping: Mapping,
        clock: Clock,
        head: Option<usize>,
        is_delimited: bool,
        options: &ImportOptions,
    ) -> Self {
        let mut loader = Self {
            name: options.name.clone(),
            job: options.job.clone().unwrap_or_else(|| DEFAULT_JOB.to_owned()),
            mapping,
            clock,
            account: Account::default(),
            head_left: head.unwrap_or(0),
            is_delimited,
            extras: Extras::default(),
            identities: IdentityMaker::default(),
            entities: Words::default(),
            reader: Reader::default(),
            categories: Words::default(),
            codes: Words::default(),
            map: String::new(),
            extra_cells: Vec::new(),
        };
        loader.extras.add_columns_from(0, &loader.mapping);
        loader
    }

    /// The mapping as it is by now, and the zone that was used.
    pub(super) fn findings(&self) -> (&Mapping, Option<String>) {
        (&self.mapping, self.clock.zone_used())
    }

    /// Counts a row that is told elsewhere.
    pub(super) fn pass_over(&mut self, settled: Pushed) -> Result<(), ImportError> {
        self.account.begin_row(&self.name)?;
        self.account.settle(settled);
        Ok(())
    }

    /// Whether rows before the records, such as the header, are still to come.
    pub(super) fn is_before_records(&self) -> bool {
        self.head_left > 0
    }

    /// Begins at a row in the midst of the file, where what is in front of the data has been passed over.
    pub(super) fn begin_amid(&mut self) {
        self.head_left = 0;
    }

    /// Takes over the extra columns of a loader that has read the first rows.
    pub(super) fn know_extras_of(&mut self, first: Self) {
        self.extras.take_over(first.extras);
    }

    /// How many columns and extra columns there are: what is made of a row depends on the rows before only through them.
    pub(super) fn width(&self) -> (usize, usize) {
        (self.mapping.len(), self.extras.len())
    }

    /// Whether any time was read in the zone of the options.
    pub(super) fn used_zone(&self) -> bool {
        self.clock.used_zone()
    }

    /// Enters what became of a part that others read, which has so many lines before it.
    pub(super) fn enter(&mut self, part: PartBooks, lines: u32, zone_used: bool) {
        self.begin_amid();
        self.account.enter(part, lines);
        self.clock.note_use(zone_used);
    }

    fn take(
        &mut self,
        line: u32,
        cells: &[&str],
        sink: &mut dyn RowSink,
    ) -> Result<(), ImportError> {
        let row = self.account.begin_row(&self.name)?;
        let width = self.mapping.len();
        if cells.len() > width && self.reject_too_wide(cells, line) {
            return Ok(());
        }
        if cells.len() < width && self.is_delimited {
            self.account.odd(Oddity::ShortRow, line);
        }
        let cell =
            |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or("", |cell| trimmed(cell));
        let columns = Field::ALL.map(|field| self.mapping.column(field));
        let text = |field: Field| cell(columns[field as usize]);

        if let Some(reason) = self.no_error(cells) {
            self.account.reject(line, None, reason);
            return Ok(());
        }
        let verbose = verbose::read(text(Field::Message));
        let Some(occurred_at) =
            self.occurred_at(text(Field::OccurredAt), verbose.as_ref(), line)?
        else {
            return Ok(());
        };
        let (occurred_at, time_unread) = match occurred_at {
            Ok(time) => (time, false),
            Err(()) => (None, true),
        };
        let raw_time = text(Field::OccurredAt);
        let raw_time = match occurred_at {
            Some(_) if !times::is_whole(raw_time) => raw_time,
            _ => "",
        };
        if !raw_time.is_empty() {
            self.extras.want(Extra::Written, &self.mapping);
        }
        let raw_count = text(Field::RetryCount);
        let retry_count = read_count(raw_count);
        let count_unread = retry_count.is_none() && !raw_count.is_empty();
        if count_unread {
            self.account.odd(Oddity::UnreadCount, line);
            self.extras.want(Extra::Unread(Field::RetryCount), &self.mapping);
        }
        if verbose.is_some() {
            self.extras.want(Extra::Verbose, &self.mapping);
        }

        let raw_message =
            verbose.as_ref().map_or(text(Field::Message), |found| found.message.trim());
        let record_key = redact::mask(text(Field::RecordKey));
        if is_cut_off(raw_message) {
            self.account.odd(Oddity::CutMessage, line);
        }

        let map = match self.mapping.map_sides().map(|(a, b)| (cell(Some(a)), cell(Some(b)))) {
            Some((internal, external)) if !internal.is_empty() && !external.is_empty() => {
                self.map.clear();
                // Writing to a String cannot fail.
                let internal = &self.entities.get(internal, Entity::of).name;
                let _ = write!(self.map, "{internal} ({external})");
                &self.map
            }
            _ => text(Field::Map),
        };
        let raw_entity = match text(Field::Entity) {
            // A map is named "Customers V3 (accounts)": entity, and the table of the other side.
            "" => map.split(" (").next().unwrap_or_default().trim(),
            entity => entity,
        };
        let entity = self.entities.get(raw_entity, Entity::of);
        let word = text(Field::Category);
        let given = match text(Field::ErrorCode) {
            "" => None,
            code => Some((code, *self.codes.get(code, CodePrint::of))),
        };
        let (message, reading) = self.reader.read(
            entity.print,
            given,
            raw_message,
            word.is_empty(),
            &redact::Credentials,
        );
        let entity = &entity.name;
        let (category, category_inferred) = if word.is_empty() {
            (reading.category.as_ref().unwrap_or(&Category::Unknown), reading.category.is_some())
        } else {
            (self.categories.get(word, Category::parse), false)
        };
        let mut cause = [0; 16];
        let cause = reading.cause.write_hex(&mut cause);

        let mut id = text(Field::Id);
        if is_rounded(id) {
            self.account.odd(Oddity::RoundedId, line);
            id = "";
        }
        let data_source = text(Field::DataSource);
        let company = text(Field::Company);
        let identity = if id.is_empty() {
            let logged_at = || verbose.as_ref().and_then(|found| found.logged_at.as_deref());
            let time = text(Field::OccurredAt);
            let written = self.clock.written(time).or_else(|| self.clock.written(logged_at()?));
            self.identities.by_content(&Content {
                written_at: written.filter(|_| occurred_at.is_some()),
                entity,
                data_source,
                company,
                record_key: &record_key,
                message: &message,
            })
        } else {
            self.identities.by_id(cell(self.mapping.namespace()), id)
        };
        let job = match text(Field::Job) {
            "" => &self.job,
            job => job,
        };

        self.extras.tell(sink);
        let raw_extra = |extra: &Extra| match *extra {
            Extra::Column(at) => cells.get(at).copied().unwrap_or_default(),
            Extra::Unread(Field::OccurredAt) if time_unread => text(Field::OccurredAt),
            Extra::Unread(Field::RetryCount) if count_unread => raw_count,
            Extra::Unread(_) => "",
            Extra::Written => raw_time,
            Extra::Verbose => verbose.as_ref().map_or("", |found| &found.kept),
        };
        let masked: Vec<(usize, String)> = self
            .extras
            .iter()
            .enumerate()
            .filter_map(|(at, extra)| match redact::mask(raw_extra(extra)) {
                Cow::Owned(masked) => Some((at, masked)),
                Cow::Borrowed(_) => None,
            })
            .collect();
        if !masked.is_empty()
            || [&message, &record_key].iter().any(|text| matches!(text, Cow::Owned(_)))
        {
            self.account.odd(Oddity::MaskedToken, line);
        }
        let mut extra = recycle(std::mem::take(&mut self.extra_cells));
        extra.extend(self.extras.iter().map(raw_extra));
        for (at, text) in &masked {
            extra[*at] = text;
        }
        let pushed = sink.push(&RowInput {
            identity,
            id,
            occurred_at,
            job,
            entity,
            map,
            data_source,
            company,
            direction: text(Field::Direction),
            category: category.name(),
            category_inferred,
            error_code: reading.error_code,
            record_key: &record_key,
            message: &message,
            retry_count,
            cause,
            row,
            extra: &extra,
        });
        self.extra_cells = recycle(extra);
        self.account.settle(pushed);
        Ok(())
    }

    /// Rejects a row whose cells beyond the header hold something, and answers whether it did.
    #[inline(never)]
    fn reject_too_wide(&mut self, cells: &[&str], line: u32) -> bool {
        let width = self.mapping.len();
        if cells[width..].iter().all(|cell| cell.trim().is_empty()) {
            return false;
        }
        let reason = format!(
            "the row has {} cells and the header has {width}; a delimiter or quote is out of place",
            cells.len()
        );
        self.account.reject(line, None, reason);
        true
    }

    /// Why a line of a plug-in trace log is no error of dual-write, if it is none.
    #[inline(never)]
    fn no_error(&self, cells: &[&str]) -> Option<String> {
        let plugin = cells.get(self.mapping.plugin_type()?).map_or("", |cell| trimmed(cell));
        if !plugin.contains(DUAL_WRITE_PLUGINS) {
            return Some(format!("the trace is of another plug-in ('{plugin}')"));
        }
        let message =
            cells.get(self.mapping.column(Field::Message)?).map_or("", |cell| trimmed(cell));
        message.is_empty().then(|| "the trace holds no exception".to_owned())
    }
}

impl RowTaker for Loading<'_> {
    fn columns(&mut self, headers: &[String]) -> Result<(), ImportError> {
        let known = self.loader.mapping.len();
        for header in headers.iter().skip(known) {
            self.loader.mapping.add_late(header);
        }
        self.loader.extras.add_columns_from(known, &self.loader.mapping);
        Ok(())
    }

    fn row(&mut self, line: u32, cells: &[&str]) -> Result<(), ImportError> {
        if self.loader.head_left > 0 {
            self.loader.head_left -= 1;
            return Ok(());
        }
        self.loader.take(line, cells, self.sink)
    }

    fn reject(&mut self, line: u32, reason: String) {
        // The row counts, though it cannot be read; the limit on rows is checked with the next good one.
        let _ = self.loader.account.begin_row("");
        self.loader.account.reject(line, None, reason);
    }

    fn note(&mut self, note: Note) {
        self.loader.account.note(note);
    }
}
