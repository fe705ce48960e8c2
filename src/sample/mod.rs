//! Realistic dumps, deterministic by seed: what a user can try the desk on, and what tests and measurements run on.
//!
//! A sample is CSV text of an enriched `DualWriteErrorLog`, so that it goes through the real importer: some twenty maps
//! in six integration jobs, legal entities of uneven size, office hours, incidents in which one cause dominates, late
//! rows, records that fail again and again, references that many rows miss.
//!
//! Deliberately absent: clocks, floating-point numbers, and any knowledge of the importer. What was planted is told by
//! [`SampleDump::next_row`], row by row, for tests of what the desk finds.
//!
//! Invariant: rows and seed decide every byte, however the bytes are asked for.

mod calendar;
mod causes;
mod message;
mod random;
mod world;

#[cfg(test)]
mod tests;

use calendar::{Calendar, HOUR_MILLIS, INCIDENT_COUNT};
use causes::{Cause, TEMPLATES, all_causes};
use message::{Filling, push_guid, push_number, write_key, write_message};
use random::{Random, Weighted};
use world::{COMPANIES, JOBS, MAPS, Map};

use crate::domain::Timestamp;

/// The columns of a sample.
pub const HEADER: &str = "RecId,CreatedDateTime,IntegrationJob,InternalEntityName,ExternalEntityName,DataSource,\
                          DataAreaId,Direction,Category,ErrorCode,RecordIdentifier,DetailedErrorMessage,RetryCount,\
                          ProjectName";

/// Fewest and most rows of a sample.
pub const ROWS: std::ops::RangeInclusive<u32> = 100..=1_000_000;

/// Bytes after which a chunk is handed over.
const CHUNK_BYTES: usize = 384 * 1024;

/// What was planted in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// The cause, by its place in the list of all planted causes, which is the same for every seed.
    pub cause: u32,
    /// The group of rows that miss one and the same key.
    pub missing_group: Option<u8>,
    /// The incident the row belongs to.
    pub incident: Option<u8>,
}

/// Rows that miss one key: template and map of the cause, the table, the key, and the share in thousandths.
const MISSING_GROUPS: [(usize, usize, &str, &str, u64); 8] = [
    (0, world::CONTACT_FOR_PARTIES, "msdyn_parties", "000006057", 14),
    (1, world::SALES_LINES, "products", "D0117", 11),
    (2, world::CUSTOMERS, "msdyn_paymentterms", "Net45", 9),
    (3, world::ACTUALS, "msdyn_projects", "PRJ-000412", 8),
    (2, world::VENDORS, "msdyn_taxgroups", "VAT19", 6),
    (1, world::PURCHASE_LINES, "msdyn_warehouses", "WH-24", 5),
    (0, world::ADDRESSES, "msdyn_parties", "000012345", 4),
    (4, world::CUSTOMERS, "msdyn_customergroups", "Großkunden", 3),
];

/// The cause of each incident: template and map.
const INCIDENTS: [(usize, usize); INCIDENT_COUNT] = [
    (33, world::ACTUALS),
    (22, world::ADDRESSES),
    (35, world::SALES_LINES),
    (14, world::PURCHASE_LINES),
    (40, world::INVOICES),
    (10, world::CONTACTS),
    (26, world::CUSTOMERS),
];

/// What stays the same when a record fails again.
#[derive(Clone, Copy, Debug)]
struct Failure {
    truth: Truth,
    company: u8,
    outward: bool,
    record: u64,
    /// Seed of everything random in key and message.
    fill: u64,
    retries: u32,
}

/// Failures that may come again.
const REMEMBERED: usize = 512;

/// A sample being written.
#[derive(Clone, Debug)]
pub struct SampleDump {
    rows: u32,
    row: u32,
    header_written: bool,
    random: Random,
    calendar: Calendar,
    causes: Vec<Cause>,
    /// Choices among the causes of a map: the places of the causes and their weights.
    by_map: Vec<(Vec<u32>, Weighted)>,
    maps: Weighted,
    companies: Weighted,
    groups: Weighted,
    group_causes: Vec<u32>,
    incident_causes: Vec<u32>,
    projects: Vec<String>,
    recent: Vec<Failure>,
    rec_id: u64,
    key: String,
    message: String,
}

impl SampleDump {
    /// A dump of so many rows, brought into [`ROWS`].
    pub fn new(rows: u32, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let causes = all_causes();
        let place = |template: usize, map: usize, missing: &str| {
            let found = causes
                .iter()
                .position(|c| c.template == template && c.map == map && c.missing == missing);
            found.unwrap_or_default() as u32
        };
        let by_map = (0..MAPS.len())
            .map(|map| {
                let places: Vec<u32> = (0u32..)
                    .zip(&causes)
                    .filter(|(_, cause)| cause.map == map)
                    .map(|(at, _)| at)
                    .collect();
                let weights =
                    places.iter().map(|at| TEMPLATES[causes[*at as usize].template].weight);
                let weighted = Weighted::new(weights);
                (places, weighted)
            })
            .collect();
        let calendar = Calendar::new(&mut random);
        let companies = 12 + random.below(COMPANIES.len() as u64 - 11) as usize;
        let projects = MAPS
            .iter()
            .map(|_| {
                let mut name = String::from("DWM-");
                push_guid(&mut name, &mut random);
                name.push('-');
                push_guid(&mut name, &mut random);
                name
            })
            .collect();
        Self {
            rows: rows.clamp(*ROWS.start(), *ROWS.end()),
            row: 0,
            header_written: false,
            calendar,
            by_map,
            maps: Weighted::zipf(MAPS.len()),
            companies: Weighted::zipf(companies),
            groups: Weighted::new(MISSING_GROUPS.iter().map(|group| group.4)),
            group_causes: MISSING_GROUPS.iter().map(|g| place(g.0, g.1, g.2)).collect(),
            incident_causes: INCIDENTS.iter().map(|i| place(i.0, i.1, "")).collect(),
            projects,
            recent: Vec::with_capacity(REMEMBERED),
            rec_id: 5_637_144_576 + random.below(1 << 30),
            random,
            causes,
            key: String::new(),
            message: String::new(),
        }
    }

    /// Rows of the whole dump, the header not counted.
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Adds some hundreds of kilobytes of CSV (UTF-8, CRLF) to `out`; false when nothing was left to add.
    pub fn next_chunk(&mut self, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        while out.len() - start < CHUNK_BYTES {
            if self.next_row(out).is_none() {
                break;
            }
        }
        out.len() > start
    }

    /// Adds one row, before the first one the header, and tells what was planted in it; `None` after the last row.
    pub fn next_row(&mut self, out: &mut Vec<u8>) -> Option<Truth> {
        if self.row == self.rows {
            return None;
        }
        if !self.header_written {
            self.header_written = true;
            out.extend_from_slice(HEADER.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        let moment = self.calendar.moment(self.row, self.rows, &mut self.random);
        self.row += 1;
        let failure = self.next_failure(moment.incident);
        let mut millis = moment.millis;
        // Late rows: a queue or a stopped map held them back.
        if moment.incident.is_none() && self.random.chance(1, 10) {
            let late = HOUR_MILLIS + self.random.below(71 * HOUR_MILLIS);
            millis = (millis - late as i64).max(self.calendar.start_millis());
        }
        self.rec_id += 1 + self.random.below(3);
        self.write_row(out, failure, millis);
        Some(failure.truth)
    }

    fn next_failure(&mut self, incident: Option<usize>) -> Failure {
        let random = &mut self.random;
        if incident.is_none() && !self.recent.is_empty() && random.chance(12, 100) {
            let at = random.below(self.recent.len() as u64) as usize;
            self.recent[at].retries += 1;
            return self.recent[at];
        }
        let mut missing_group = None;
        let cause = if let Some(incident) = incident {
            self.incident_causes[incident]
        } else if random.chance(MISSING_GROUPS.iter().map(|group| group.4).sum(), 1_000) {
            let group = self.groups.pick(random);
            missing_group = Some(group as u8);
            self.group_causes[group]
        } else {
            let (places, weights) = &self.by_map[self.maps.pick(random)];
            places[weights.pick(random)]
        };
        let mostly_outward = MAPS[self.causes[cause as usize].map].outward;
        let failure = Failure {
            truth: Truth { cause, missing_group, incident: incident.map(|number| number as u8) },
            company: self.companies.pick(random) as u8,
            outward: mostly_outward != random.chance(15, 100),
            record: 5_637_144_576 + random.below(40_000_000),
            fill: random.next(),
            retries: if random.chance(1, 6) { 1 + random.below(3) as u32 } else { 0 },
        };
        // An incident must not come back for weeks through the records that are tried again.
        if incident.is_none() {
            if self.recent.len() < REMEMBERED {
                self.recent.push(failure);
            } else {
                let at = random.below(REMEMBERED as u64) as usize;
                self.recent[at] = failure;
            }
        }
        failure
    }

    fn write_row(&mut self, out: &mut Vec<u8>, failure: Failure, millis: i64) {
        let cause = self.causes[failure.truth.cause as usize];
        let (map, template) = (&MAPS[cause.map], &TEMPLATES[cause.template]);
        let company = COMPANIES[usize::from(failure.company)];
        let mut fill = Random::new(failure.fill);
        self.key.clear();
        write_key(map.key, &mut self.key, &mut fill);
        self.message.clear();
        let reference =
            failure.truth.missing_group.map(|group| MISSING_GROUPS[usize::from(group)].3);
        let filling = Filling { cause: &cause, company, key: &self.key, reference, millis };
        write_message(&mut self.message, &filling, &mut fill);
        vary_message(&mut self.message, &mut fill);
        if fill.chance(1, 100) && !self.message.contains(['\r', '\n']) {
            self.message = verbose(map, &self.message, millis);
        }

        let random = &mut self.random;
        let internal = match random.below(100) {
            0..6 => map.technical,
            // The Dataverse table `invoices` alone means the sales invoices.
            6..9 if cause.map != world::INVOICES => map.external,
            _ => map.internal,
        };
        let code_in_text = !template.code.is_empty() && template.text.contains(template.code);
        let code = if code_in_text && random.chance(1, 10) { "" } else { template.code };
        // Nothing can be read out of a conflict's text, so its category is always given.
        let category = match template.category {
            known if known != "Conflict" && random.chance(4, 100) => "",
            known => known,
        };
        let source = match (failure.outward, map.job) {
            (true, _) if random.chance(1, 20) => "Finance and operations (batch)",
            (true, _) => "Finance and operations",
            (false, 0) => "Dataverse (Project Operations)",
            (false, _) => "Dataverse",
        };
        let direction = if failure.outward {
            "Finance and operations to Dataverse"
        } else {
            "Dataverse to finance and operations"
        };
        let mut number = String::with_capacity(20);
        push_number(&mut number, self.rec_id, 0);
        out.extend_from_slice(number.as_bytes());
        push_field(
            out,
            &Timestamp::from_millis(millis).map(|time| time.to_string()).unwrap_or_default(),
        );
        push_field(out, JOBS[map.job]);
        push_field(out, internal);
        push_field(out, map.external);
        push_field(out, source);
        push_field(out, company);
        push_field(out, direction);
        push_field(out, category);
        push_field(out, code);
        number.clear();
        push_number(&mut number, failure.record, 0);
        push_field(out, &number);
        push_field(out, &self.message);
        number.clear();
        push_number(&mut number, u64::from(failure.retries), 0);
        push_field(out, &number);
        push_field(out, &self.projects[cause.map]);
        out.extend_from_slice(b"\r\n");
    }
}

/// What the same error looks like on another day: a stack trace, a line break, a hint at the end.
fn vary_message(message: &mut String, random: &mut Random) {
    match random.below(200) {
        0..2 => message.push_str(
            "\r\n   at Microsoft.Dynamics.Integrator.DualWriteRuntime.Plugins.PostCommitPlugin.Execute(IServiceProvider \
             serviceProvider)\r\n   at Microsoft.Crm.Sandbox.SandboxCodeUnit.Execute(IExecutionContext context)",
        ),
        2..4 => {
            if let Some(at) = message.find(". ") {
                message.replace_range(at + 1..at + 2, "\n");
            } else {
                message.push('\n');
            }
        }
        4..16 => message.push_str(
            " For information on troubleshooting see https://go.microsoft.com/fwlink/?linkid=2244045..",
        ),
        _ => {}
    }
}

/// The error as a map in debug mode writes it.
fn verbose(map: &Map, message: &str, millis: i64) -> String {
    let time = Timestamp::from_millis(millis).map(|time| time.to_string()).unwrap_or_default();
    format!(
        "{{\"entityName\":\"{}\",\"externalEntityName\":\"{}\",\"executionStatus\":2,\"fieldResponses\":[],\
         \"recordResponses\":[{{\"errorMessage\":\"{}\",\"logDateTime\":\"{}\",\"verboseError\":\"\"}}],\
         \"isErrorCountUpdated\":false,\"dualWriteProcessingStage\":4}}",
        map.technical,
        map.external,
        message.replace('\\', "\\\\").replace('"', "\\\""),
        time,
    )
}

/// A comma and the field, quoted where it must be.
fn push_field(out: &mut Vec<u8>, field: &str) {
    out.push(b',');
    let bytes = field.as_bytes();
    if memchr::memchr3(b',', b'"', b'\n', bytes).is_none() {
        out.extend_from_slice(bytes);
        return;
    }
    out.push(b'"');
    let mut from = 0;
    for at in memchr::memchr_iter(b'"', bytes) {
        out.extend_from_slice(&bytes[from..=at]);
        out.push(b'"');
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}
