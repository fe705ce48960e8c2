//! Rows, filters and small helpers that the tests share.

use error_desk::dataset::{CHUNK_ROWS, DatasetBuilder, Pushed, RowInput, RowSink, Segment, Table};
use error_desk::domain::{
    Column, DatasetId, DismissalLedger, Filter, Identity, RecordState, Timestamp,
};
use proptest::prelude::*;
use proptest::sample::select;

/// A row of a dump, owned.
#[derive(Clone, Debug)]
pub(crate) struct RowData {
    pub(crate) identity: Identity,
    pub(crate) id: String,
    pub(crate) time: Option<i64>,
    /// Job, entity, map, data source, company, direction, category, error code, cause.
    pub(crate) names: [String; 9],
    pub(crate) inferred: bool,
    pub(crate) key: String,
    pub(crate) message: String,
    pub(crate) retries: Option<u32>,
    pub(crate) extra: Vec<String>,
}

impl Default for RowData {
    fn default() -> Self {
        Self {
            identity: Identity(0),
            id: String::new(),
            time: None,
            names: Default::default(),
            inferred: false,
            key: String::new(),
            message: String::new(),
            retries: None,
            extra: Vec::new(),
        }
    }
}

/// The columns of `RowData::names`.
pub(crate) const NAMED: [Column; 9] = [
    Column::Job,
    Column::Entity,
    Column::Map,
    Column::DataSource,
    Column::Company,
    Column::Direction,
    Column::Category,
    Column::ErrorCode,
    Column::Cause,
];

pub(crate) fn push(sink: &mut dyn RowSink, row: &RowData, number: u32) -> Pushed {
    let [job, entity, map, data_source, company, direction, category, error_code, cause] =
        row.names.each_ref().map(String::as_str);
    let extra: Vec<&str> = row.extra.iter().map(String::as_str).collect();
    sink.push(&RowInput {
        identity: row.identity,
        id: &row.id,
        occurred_at: row.time.and_then(Timestamp::from_millis),
        job,
        entity,
        map,
        data_source,
        company,
        direction,
        category,
        category_inferred: row.inferred,
        error_code,
        record_key: &row.key,
        message: &row.message,
        retry_count: row.retries,
        cause,
        row: number,
        extra: &extra,
    })
}

/// Segments of rows that are all new.
pub(crate) fn segments(rows: &[RowData], chunk_rows: usize) -> Vec<Segment> {
    let mut builder = DatasetBuilder::with_chunk_rows(DatasetId(1), chunk_rows);
    let (table, ledger) = (Table::new(), DismissalLedger::default());
    let mut session = builder.session(&table, &ledger);
    session.extra_columns(&["Note".to_owned()]);
    for (row, number) in rows.iter().zip(1..) {
        assert_eq!(push(&mut session, row, number), Pushed::Loaded);
    }
    builder.finish()
}

/// A table of one dataset.
pub(crate) fn table(rows: &[RowData], chunk_rows: usize) -> Table {
    let mut table = Table::new();
    segments(rows, chunk_rows).into_iter().for_each(|segment| table.append(DatasetId(1), segment));
    table
}

/// A table of messages, each of its own identity.
pub(crate) fn messages(messages: &[&str]) -> Table {
    let row = |(message, at): (&&str, u128)| RowData {
        identity: Identity(at),
        message: (*message).to_owned(),
        ..RowData::default()
    };
    table(&messages.iter().zip(1..).map(row).collect::<Vec<_>>(), CHUNK_ROWS)
}

const WORDS: [&str; 6] = ["", "Sync", "SYNC", "sync é", "Customers V3", "z"];

pub(crate) fn word() -> impl Strategy<Value = String> {
    select(&WORDS[..]).prop_map(str::to_owned)
}

/// Identities close enough to meet, and to share their first digits.
pub(crate) fn identity() -> impl Strategy<Value = Identity> {
    (0..60_u128).prop_map(|n| Identity(((n % 3) << 120) | n))
}

/// Ids that clash with each other, with derived ids, and with ids made to tell others apart.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(String::new()),
        4 => select(&["A", "B", "a", "A~01000000", "B~00000000", "Zoë"][..]).prop_map(str::to_owned),
        1 => identity().prop_map(|identity| identity.to_string()),
        1 => identity().prop_map(|identity| format!("A~{identity}")),
    ]
}

pub(crate) fn row() -> impl Strategy<Value = RowData> {
    let names = prop::array::uniform9(word());
    let time = prop::option::weighted(0.8, 1_700_000_000_000_i64..1_700_000_000_040);
    let retries = prop::option::of(prop_oneof![0..3_u32, 250..260_u32, Just(u32::MAX)]);
    let key = select(&["", "US-01", "US-010", "us-01", "Ünder", "US-01\0"][..]);
    let message = "(Cannot create a record in ){0,1}[aAbBéÉжЖ ]{0,8}";
    let extra = prop::collection::vec(select(&["", "x", "ÿ"][..]).prop_map(str::to_owned), 0..4);
    (identity(), id(), time, names, any::<bool>(), key, message, retries, extra).prop_map(
        |(identity, id, time, names, inferred, key, message, retries, extra)| RowData {
            identity,
            id,
            time,
            names,
            inferred,
            key: key.to_owned(),
            message,
            retries,
            extra,
        },
    )
}

/// The same row as a program would write it: a GUID for an id, and in the message, around its own words, what such
/// messages have in common.
pub(crate) fn in_like_words(row: RowData) -> RowData {
    let guid = |number: u128| {
        let digits = format!("{number:032x}");
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        parts.join("-")
    };
    let number = row.identity.0 % 13;
    let session = guid(row.identity.0.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
    let session = if number == 5 { session.to_uppercase() } else { session };
    RowData {
        id: if number == 7 { row.id } else { guid(row.identity.0) },
        message: format!(
            "Unable to look up Customers V3 with values CUST-{:04}: {}. Session {session}{number} at 2026-01-{:02}, \
             attempt {} of 3 failed and will be retried by policy.",
            row.identity.0 % 60 * 37,
            row.message,
            number + 1,
            row.retries.unwrap_or_default(),
        ),
        ..row
    }
}

fn few(values: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<String>> {
    prop::option::weighted(0.2, prop::collection::vec(values, 0..4))
        .prop_map(Option::unwrap_or_default)
}

pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    let wanted = || few(prop_oneof![word(), Just("sYNC".to_owned()), Just("absent".to_owned())]);
    let moment = || prop::option::weighted(0.3, 1_699_999_999_990_i64..1_700_000_000_050);
    let lists = (wanted(), wanted(), wanted(), wanted(), wanted(), wanted(), wanted(), wanted());
    let states =
        prop::option::weighted(0.4, prop::collection::vec(select(&RecordState::ALL[..]), 0..3));
    let text = prop::option::weighted(
        0.3,
        "[aAbéÉЖ ]{0,3}|CREATE A|in É|[0-9]{1,2}|CUST-00[0-9]|[0-9]: |-0[0-9], att|T [0-9] OF|ion [0-9a-f]|[0-9a-f]-[0-9a-f]",
    );
    (moment(), moment(), lists, states, text).prop_map(|(from, to, lists, states, text)| {
        let (jobs, entities, data_sources, companies, categories, directions, codes, causes) =
            lists;
        Filter {
            from: from.and_then(Timestamp::from_millis),
            to: to.and_then(Timestamp::from_millis),
            jobs,
            entities,
            data_sources,
            companies,
            categories,
            directions,
            error_codes: codes,
            causes,
            missing: Vec::new(),
            text,
            states: states.unwrap_or_default(),
            ..Filter::default()
        }
    })
}
