//! Errors of another hand: templates that were written to measure the speed of engines, with nothing known of the grammar.

use super::{Random, Row, check};

const CORES: &[&str] = &[
    "Unable to look up {e} with values {{k}}: the referenced record was not found. Integration key lookup returned 0 rows.",
    "Transaction (Process ID {n}) was Deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.",
    "Field {f} must be filled in. Validation failed for record {k}.",
    "The operation has timed out after {n} ms while calling {s} (activity {g}).",
    "Cannot create a record in {e}. The record already exists: duplicate key value ({k}) violates unique index I_{n}IDX.",
    "Exchange rate between currencies USD and EUR is missing for date {t}; exchange rate type Default, company {c}.",
    "An error occurred while processing record {k}: Object reference not set to an instance of an object. CorrelationId={g}",
    "Rate limit exceeded: number of requests {n} exceeded the limit of 6000 over time window of 300 seconds. Request throttled; retry after {n} ms. Token {g}.",
    "Customer \"{N}\" ({k}) is on hold for All transactions and cannot be updated from {s}.",
    "The value '{n}' in field {f} is not found in the related table. Update has been cancelled for {k}.",
    "Access denied to entity {e} for principal {g}: missing privilege prvWrite at depth Global.",
    "Foreign key constraint violation: {f} = {n} does not exist for party {N}; row {n} skipped.",
    "String or binary data would be truncated: {f} maximum length is {n}, value supplied by {N} exceeds it.",
    "Could not establish trust relationship for the SSL/TLS secure channel with {s}, thumbprint {g}.",
    "Mapping version {n} of {e} is out of date; refresh the entity list and republish. Map id {g}.",
    "Number sequence for {f} is exhausted or not continuous, next value {n}.",
    "Concurrency version mismatch on {k}: expected row version {n}, found {n}. Another process updated the record.",
    "Posting failed for voucher {k}, fiscal period for {t} is closed. Ledger calendar {g}.",
    "Invoice total {n} does not match the calculated total {n} for {N}; rounding difference exceeds tolerance, order {k}.",
    "Service Bus message {g} moved to dead-letter queue after {n} delivery attempts: MaxDeliveryCountExceeded on {s}.",
    "Unit conversion from {f} to EA is missing for product {n}, variant {k}.",
    "Inventory dimension {n} is not active for item {k}; site and warehouse must be specified in company {c}.",
    "Plugin execution failed: Microsoft.Dynamics.Integration.SyncException at step {g}, depth {n}, server {s}.",
    "Address for {N} could not be resolved; postal code {n} is not valid for country. Party {g}.",
    "Option set value {n} for {f} has no mapping in value transform of {e}; default is not allowed. Row {k}.",
];
const TAILS: &[&str] = &[
    "",
    " RequestId: {g}; attempt {n}.",
    " Session {n} at {t}. See trace {g} for details, or contact the integration administrator.",
    " Source payload: {\"id\":\"{g}\",\"key\":\"{k}\",\"rev\":{n}}.",
    " Batch {g} ({n} of {n} records) was marked as failed and will be retried by policy P-{n}.",
];
const ENTITIES: &[&str] = &[
    "Customers V3",
    "Vendors V2",
    "Released products",
    "Sales orders",
    "Sales order lines",
    "Price lists",
    "Units",
    "Leads",
    "Assets",
    "Work order tasks",
    "Tax codes",
    "Exchange rates",
];
const FIELDS: &[&str] = &[
    "CustomerGroupId",
    "PaymentTermsName",
    "DeliveryModeCode",
    "SalesTaxGroup",
    "UnitSymbol",
    "DefaultDimensionDisplayValue",
    "WarehouseId",
    "CurrencyCode",
    "LanguageId",
    "PrimaryContactEmail",
    "LineOfBusiness",
    "OrderTakerPersonnelNumber",
];
const NAMES: &[&str] = &[
    "Contoso Retail",
    "Fabrikam, Inc.",
    "Litware \"Home\" Ltd",
    "Müller Maschinenbau GmbH",
    "Société Générale d'Électricité",
    "Łódzka Spółka Handlowa",
    "Ångström Kraft AB",
    "Coho Vineyard & Winery",
    "Fourth Coffee",
    "Proseware",
];
const SERVERS: &[&str] = &["sql-prod-07", "aos-weu-3", "svc-bus-2", "cds-eu-14"];

fn rows(count: usize) -> Vec<Row> {
    let mut random = Random(0x5eed);
    let row = |_| {
        let (core, tail) = (random.below(CORES.len()), random.below(TAILS.len()));
        let entity = random.pick(ENTITIES);
        let key = format!("{}-{:07}", random.pick(&["CUST", "SO", "INV"]), random.below(9_999_999));
        let message =
            [CORES[core], TAILS[tail]].map(|text| fill(text, entity, &key, &mut random)).concat();
        let code = format!("E{}", 4_000 + core * 20 + tail);
        Row {
            truth: format!("{core}.{tail} {entity}: {}", CORES[core]),
            entity: entity.to_owned(),
            code,
            message,
        }
    };
    (0..count).map(row).collect()
}

fn fill(text: &str, entity: &str, key: &str, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let slot = rest.as_bytes().get(..3).filter(|three| three[0] == b'{' && three[2] == b'}');
        let Some(&[_, kind, _]) = slot else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        };
        rest = &rest[3..];
        match kind {
            b'e' => out.push_str(entity),
            b'k' => out.push_str(key),
            b'c' => out.push_str(random.pick(&["usmf", "demf", "gbsi", "dats"])),
            b'f' => out.push_str(random.pick(FIELDS)),
            b'N' => out.push_str(random.pick(NAMES)),
            b's' => out.push_str(random.pick(SERVERS)),
            b't' => out.push_str(&format!("2025-0{}-1{}", 1 + random.below(9), random.below(9))),
            b'g' => out.push_str(&format!(
                "{:04x}{:04x}-{:04x}-4{:03x}-8{:03x}-{:06x}{:06x}",
                random.below(1 << 16),
                random.below(1 << 16),
                random.below(1 << 16),
                random.below(1 << 12),
                random.below(1 << 12),
                random.below(1 << 24),
                random.below(1 << 24)
            )),
            _ => {
                let end = random.pick(&[&10, &100, &1_000, &100_000, &10_000_000]);
                out.push_str(&random.below(*end).to_string());
            }
        }
    }
    out
}

/// A bare name of a field is a value: the causes are those of template, entity and code.
#[test]
fn errors_of_another_hand_are_grouped_by_template_entity_and_code() {
    check(&rows(12_000));
}
