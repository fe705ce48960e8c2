//! Errors as the product words them, planted with values of every kind, in several wordings, under all names of a table,
//! glued or not, with and without stack traces and hints.

use super::{Random, Row, check};

/// `[a|b]` is one of them; `{e:…}` any name of a table; `~` what stands between two clauses; the other letters in braces
/// are values. Two templates are two causes, whatever they look like.
const TEMPLATES: &[(&str, &str, &str)] = &[
    (
        "msdyn_contactforparties",
        "",
        "Unable to write data to entity {e:Contact for parties}~Unable to [lookup|look up] {e:CDS Parties} with values {{k}}~Unable to [lookup|look up] {e:Worker} with values {{k}}.",
    ),
    (
        "msdyn_contactforparties",
        "",
        "Unable to write data to entity {e:Contact for parties}~Unable to [lookup|look up] {e:CDS Parties} with values {{k}}.",
    ),
    (
        "msdyn_contactforparties",
        "",
        "Unable to write data to entity {e:Contact for parties}~Unable to [lookup|look up] {e:Worker} with values {{k}}.",
    ),
    (
        "Customers V3",
        "",
        "Unable to write data to entity {e:Customers V3}~Unable to [lookup|look up] {e:Customer groups} with values {{k}}~Writes to {e:Customers V3} failed with error message Exception message: The remote server returned an error: (400) Bad Request",
    ),
    (
        "Customers V3",
        "",
        "Unable to write data to entity {e:Customers V3}~Unable to [lookup|look up] {e:Customer groups} with values {{k}}~Writes to {e:Customers V3} failed with error message Exception message: The remote server returned an error: (500) Internal Server Error",
    ),
    (
        "Customers V3",
        "",
        "Unable to write data to entity {e:Customers V3}~Unable to [lookup|look up] {e:Terms of payment} with values {{k},{g}}~Writes to {e:Customers V3} failed with error message Exception message: The remote server returned an error: (400) Bad Request",
    ),
    (
        "aaa_fundingsources",
        "",
        "Unable to write data to entity aaa_fundingsources~Unable to [lookup|look up] ebecsfs_contracts with values {{k},{g}}~Unable to [lookup|look up] aaa_fundingsources with values {{k},{g},{g}}~Writes to aaa_fundingsources failed with error message Exception message: The remote server returned an error: (400) Bad Request",
    ),
    (
        "CDS Party postal addresses",
        "0x80040265",
        "Unable to write data to entity {e:CDS Party postal addresses}~Writes to {e:CDS Party postal addresses} failed with error message Request failed with status code BadRequest and CDS error code : 0x80040265 response message: An error occurred in plugin. A record that has the attribute values Location ID already exists. The entity key Location ID Key requires that this set of attributes contains unique values. Select unique values and try again.",
    ),
    (
        "Vendors V2",
        "",
        "[Couldn't|Could not] resolve the guid for the field: msdyn_vendorprimarycontactperson.msdyn_contactpersonid. The lookup[ value|] was not found: {k}. Try this URL(s) to check if the reference data exists: {u}",
    ),
    (
        "Vendors V2",
        "",
        "[Couldn't|Could not] resolve the guid for the field: msdyn_invoicevendoraccountnumber.msdyn_vendoraccountnumber. The lookup[ value|] was not found: {k}. Try this URL(s) to check if the reference data exists: {u}",
    ),
    (
        "Customers V3",
        "",
        "[Couldn't|Could not] resolve the guid for the field: msdyn_billingaccount.accountnumber. The lookup[ value|] was not found: {k}. Try this URL(s) to check if the reference data exists: {u}",
    ),
    (
        "Product categories",
        "",
        "[Couldn't|Could not] resolve the guid for the field: msdyn_hierarchy,msdyn_parentproductcategory.msdyn_name. The lookup[ value|] was not found: {N}|{k}. Try this URL(s) to check if the reference data exists: {u}",
    ),
    (
        "Customers V3",
        "",
        "Write failed for table row of type '{e:Customers V3}'. Infolog: Warning: The value {q} in field 'Customer group' is not found in the related table '{e:Customer groups}'.; Warning: validateField failed on field 'CustCustomerV3Entity.CustomerGroupId'.",
    ),
    (
        "Customers V3",
        "",
        "Write failed for table row of type '{e:Customers V3}'. Infolog: Warning: The value {q} in field 'Terms of payment' is not found in the related table '{e:Terms of payment}'.; Warning: validateField failed on field 'CustCustomerV3Entity.PaymentTerms'.",
    ),
    (
        "CDS Contacts V2",
        "",
        "Write failed for entity {e:CDS Contacts V2} with unknown exception - Field 'Associated party number' must be filled in. Record {k} in company {c}.",
    ),
    (
        "CDS Contacts V2",
        "",
        "Write failed for entity {e:CDS Contacts V2} with unknown exception - Field 'Contact for' must be filled in. Record {k} in company {c}.",
    ),
    (
        "Customers V3",
        "",
        "\"RecordError{d}\":\"Write failed for entity {e:Customers V3} with unknown exception - Party record not found for party type 'Organization'\"}",
    ),
    (
        "CDS sales order lines",
        "",
        "Write failed for table row of type '{e:CDS sales order lines}'. Infolog: Warning: Inventory dimension Site is mandatory and must consequently be specified.; Error: Update has been canceled..",
    ),
    (
        "CDS purchase order line entity",
        "",
        "Write failed for table row of type '{e:CDS purchase order line entity}'. Infolog: Warning: Item {q} is blocked for 'Purchase order'.; Warning: validateWrite failed on data source 'PurchLine (PurchLine)'.",
    ),
    ("Customers V3", "0x80040237", "A record with matching key values already exists."),
    (
        "Customers V3",
        "0x80060882",
        "The version of the existing record [doesn't|does not] match the RowVersion property provided.",
    ),
    (
        "Ledgers",
        "",
        "Cannot edit a record in Ledger journal table (LedgerJournalTable). An update conflict occurred due to another user process deleting the record or changing one or more fields in the record.",
    ),
    (
        "Vendors V2",
        "",
        "Principal user (Id={g}, type=8, roleCount={n}, privilegeCount={n}, accessMode='0 Read-Write'), is missing prvReadmsdyn_sequencetarget privilege (Id={g}) on OTC={n} for entity 'msdyn_sequencetarget'",
    ),
    (
        "Vendors V2",
        "",
        "Principal user (Id={g}, type=8, roleCount={n}, privilegeCount={n}, accessMode='0 Read-Write'), is missing prvReadmsdyn_vendor privilege (Id={g}) on OTC={n} for entity 'msdyn_vendor'",
    ),
    (
        "CDS Contacts V2",
        "",
        "Request failed with status code BadRequest and CDS error code: 0x0 response message: An error occurred while validating input parameters: Microsoft.OData.ODataException: [Cannot|Can't|Can not] convert the literal {q} to the expected type 'Edm.Int32'.",
    ),
    (
        "CDS Contacts V2",
        "",
        "Request failed with status code BadRequest and CDS error code: 0x0 response message: An error occurred while validating input parameters: Microsoft.OData.ODataException: [Cannot|Can't|Can not] convert the literal {q} to the expected type 'Edm.Decimal'.",
    ),
    (
        "Ship via",
        "0x80040216",
        "Error Code: -2147220970 Error Message: Message size exceeded when sending context to Sandbox. Message size: {n} MB",
    ),
    (
        "Units",
        "0x80072322",
        "Number of requests exceeded the limit of {n} over time window of {n} seconds.",
    ),
    ("Units", "0x80072326", "Number of concurrent requests exceeded the limit of {n}."),
    (
        "Units",
        "",
        "Request failed with status code InternalServerError and CDS error code : Internal Server Error",
    ),
    ("Units", "", "Request failed with status code 503 from {h}, activity {g}"),
    ("Units", "", "Request failed with status code 429 from {h}, activity {g}"),
    (
        "Units",
        "",
        "Cannot save the changes to the database. Unit of Work [can not|cannot] commit transaction~Unable to write data to entity {e:Units}~Writes to {e:Units} failed with error message Unable to sync with entity {e:Units}.",
    ),
    (
        "Sites",
        "",
        "An unexpected error occurred from ISV code. (ErrorType = ClientError) Unexpected exception from plug-in (Execute): Microsoft.Dynamics.Integrator.DualWriteRuntime.Plugins.PostCommitPlugin: System.Exception: failed to process entity {e:Sites} - (A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond {i})",
    ),
    ("Customers V3", "", "Customer {N} ({c}) is on hold since {t} and cannot be changed by {m}."),
    (
        "Customers V3",
        "",
        "The customer group {K} does not exist in company {c}; customer {k} of {N} was not created at {t}.",
    ),
    (
        "Exchange rates",
        "",
        "The exchange rate from {K} to {K} is missing for {t}, type Default, company {c}.",
    ),
    (
        "Worker",
        "",
        "Address for {N} could not be resolved; postal code {n} is not valid. Party {g}.",
    ),
    ("Worker", "", "Address for {N} could not be resolved; country {K} is not valid. Party {g}."),
    (
        "Released products V2",
        "",
        "The request for item {k} timed out after {n} ms, correlation {x}, at {t}",
    ),
    (
        "Released products V2",
        "",
        "The request for item {k} was refused after {n} ms, correlation {x}, at {t}",
    ),
    (
        "Main account",
        "",
        "Missing destination field msdyn_billingaccount.accountnumber in the schema. Missing destination field msdyn_primarycontact.msdyn_contactforpartynumber in the schema.",
    ),
    (
        "Main account",
        "",
        "Missing destination field msdyn_billingaccount.accountnumber in the schema.",
    ),
    ("Legal entities", "", "The legal entity {q} of {h} is not linked, see {u}"),
];

const NAMES: &[&str] = &[
    "Contoso Retail",
    "Fabrikam, Inc.",
    "Adventure Works",
    "Litware \"Home\" Ltd",
    "Wide World Importers",
    "Proseware",
    "Müller Maschinenbau GmbH",
    "Société Générale d'Électricité",
    "Łódzka Spółka Handlowa",
    "Ångström Kraft AB",
    "Coho Vineyard & Winery",
    "The \"Blue\" Yonder",
    "Société du Nord",
    "O'Hara Freight",
    "Van der Berg",
    "Smith-Jones",
];
const KEYS: &[&str] = &[
    "000006057",
    "PC000000212",
    "LOC-000001004",
    "V24-1",
    "CN-001",
    "1206-1",
    "US-027",
    "SO-0012345|usmf",
    "D0001_2",
    "2040663",
    "A.12/4",
    "8b2f",
    "CUST 0042",
];
const CAPITALS: &[&str] = &["RETAIL", "EUR", "USD", "WHOLE", "INTL", "GBP", "DEALER"];
const QUOTED: &[&str] = &[
    "'Local'",
    "'L-10780-02'",
    "''",
    "'000000'",
    "'12/31/2154 11:59:59 pm'",
    "'D''Or'",
    "'München Süd'",
    "'30 days net'",
    "'a \"b\" c'",
];
const COMPANIES: &[&str] = &["usmf", "demf", "USRT", "dat", "GBSI"];
const TIMES: &[&str] = &[
    "2020-12-08T00:14:28.2746686Z",
    "2026-01-31",
    "12/31/2154 11:59:59 pm",
    "31.01.2026 08:15",
    "2026-02-01 07:00:00+02:00",
];
const ADDRESSES: &[&str] = &[
    "https://contoso.crm4.dynamics.com/api/data/v9.0/contacts?$select=a&$filter=b eq '5'",
    "https://fabrikam.crm.dynamics.com/api/data/v9.2/accounts(8f2b6d10-94a7-4b9b-8f0a-1c2d3e4f5a6b)",
    "http://a.b/c",
];
const HOSTS: &[&str] =
    &["contoso.operations.dynamics.com", "fabrikam-uat.crm4.dynamics.com", "sql-prod-07", "AOS-12"];
const STACKS: &[&str] = &[
    "\n   at Microsoft.Dynamics.Integrator.Plugins.PostCommit.Execute(IServiceProvider provider)\r\n   at System.Threading.Tasks.Task.Run()",
    "\r\n   at Sync.Runtime.Worker.Run(Batch b) in D:\\a\\1\\s\\Worker.cs:line 214",
    " --- End of inner exception stack trace ---",
];

/// The names of the tables that the templates speak of.
fn names(table: &str) -> Vec<&'static str> {
    error_desk::guidance::aliases::aliases_of(table).to_vec()
}

pub(crate) fn rows(count: usize, seed: u64) -> Vec<Row> {
    let mut random = Random(seed);
    let row = |_| {
        let at = random.below(TEMPLATES.len());
        let (entity, code, template) = TEMPLATES[at];
        let mut message = write(template, &mut random);
        match random.below(10) {
            0 => message.push_str(random.pick(STACKS)),
            1 if message.ends_with('.') => message.push_str("..For information on troubleshooting see https://go.microsoft.com/fwlink/?linkid=2244045.."),
            2 => message = message.replace(". ", ".  "),
            _ => {}
        }
        let mut all = names(entity);
        all.push(entity);
        let entity = random.pick(&all).to_owned();
        Row { truth: format!("{at}: {template}"), entity, code: code.to_owned(), message }
    };
    (0..count).map(row).collect()
}

fn write(template: &str, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(letter) = rest.chars().next() {
        let mut used = letter.len_utf8();
        match letter {
            '~' => out.push_str(random.pick(&[".", ". ", ".\n", ".. "])),
            '[' if rest.contains('|') => {
                let end = rest.find(']').expect("a choice ends");
                let all: Vec<&str> = rest[1..end].split('|').collect();
                out.push_str(random.pick(&all));
                used = end + 1;
            }
            '{' if rest.starts_with("{e:") => {
                let end = rest.find('}').expect("a table ends");
                let table = &rest[3..end];
                let mut all = names(table);
                all.push(table);
                out.push_str(random.pick(&all));
                used = end + 1;
            }
            '{' if rest.as_bytes().get(2) == Some(&b'}')
                && rest.as_bytes()[1].is_ascii_alphabetic() =>
            {
                out.push_str(&value(rest.as_bytes()[1], random));
                used = 3;
            }
            _ => out.push(letter),
        }
        rest = &rest[used..];
    }
    out
}

fn value(kind: u8, random: &mut Random) -> String {
    let digits = |random: &mut Random, count: usize| -> String {
        (0..count).map(|_| char::from(b'0' + random.below(10) as u8)).collect()
    };
    let hex = |random: &mut Random, count: usize| -> String {
        (0..count).map(|_| char::from(b"0123456789abcdef"[random.below(16)])).collect()
    };
    match kind {
        b'k' if random.below(3) == 0 => {
            let count = 1 + random.below(9);
            format!("C-{}", digits(random, count))
        }
        b'k' => random.pick(KEYS).to_owned(),
        b'K' => random.pick(CAPITALS).to_owned(),
        b'N' => random.pick(NAMES).to_owned(),
        b'q' => random.pick(QUOTED).to_owned(),
        b'c' => random.pick(COMPANIES).to_owned(),
        b't' => random.pick(TIMES).to_owned(),
        b'u' => random.pick(ADDRESSES).to_owned(),
        b'h' => random.pick(HOSTS).to_owned(),
        b'm' => random.pick(&["alicia@contoso.com", "x.y@fabrikam.co.uk"]).to_owned(),
        b'i' => format!("{}.0.{}.1:443", random.below(256), random.below(256)),
        b'd' => random.below(40).to_string(),
        b'x' => format!("0HM{}:{}", digits(random, 6), digits(random, 8)),
        b'g' => {
            let guid = [8, 4, 4, 4, 12].map(|count| hex(random, count)).join("-");
            if random.below(3) == 0 { guid.to_uppercase() } else { guid }
        }
        _ => {
            let count = 1 + random.below(7);
            digits(random, count)
        }
    }
}

#[test]
fn planted_causes_are_found() {
    check(&rows(6_000, 1));
    check(&rows(6_000, 20_261_126));
}
