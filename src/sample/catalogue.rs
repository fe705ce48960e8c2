//! What samples are made of: jobs, maps, companies, causes. The messages are in the style of the documented ones.
//!
//! In a message `{key}` is the record's key, `{ref}` the key of a missing record, `{guid}`, `{n}`, `{name}`, `{co}`
//! (company), `{time}` what their names say.

/// A table map: its job, both sides, the entity's other name, the letters its keys begin with.
pub(super) struct Map {
    pub(super) job: usize,
    pub(super) entity: &'static str,
    pub(super) external: &'static str,
    pub(super) alias: &'static str,
    pub(super) key: &'static str,
}

/// Integration jobs.
pub(super) const JOBS: [&str; 5] = [
    "Customer and vendor master",
    "Parties and addresses",
    "Sales and purchasing",
    "Project invoicing",
    "Reference data",
];

const fn map(
    job: usize,
    entity: &'static str,
    external: &'static str,
    alias: &'static str,
    key: &'static str,
) -> Map {
    Map { job, entity, external, alias, key }
}

/// Table maps, the busiest first.
pub(super) const MAPS: [Map; 20] = [
    map(0, "Customers V3", "accounts", "CustCustomerV3Entity", "US-"),
    map(3, "Project Operations integration actuals", "msdyn_actuals", "msdyn_actuals", "PA-"),
    map(2, "CDS sales order lines", "salesorderdetails", "SalesOrderLineCDSEntity", "SO-"),
    map(1, "CDS Parties", "msdyn_parties", "DirPartyCDSEntity", "00000"),
    map(
        1,
        "CDS Party postal addresses",
        "msdyn_partypostaladdresses",
        "DirPartyPostalAddressLocationCDSEntity",
        "LOC-",
    ),
    map(0, "Vendors V2", "msdyn_vendors", "VendVendorV2Entity", "V-"),
    map(2, "CDS sales order headers", "salesorders", "SalesOrderHeaderCDSEntity", "SO-"),
    map(3, "Project invoice proposal V2", "invoices", "ProjInvoiceProposalV2Entity", "PI-"),
    map(0, "CDS Contacts V2", "contacts", "smmContactPersonV2Entity", "CP-"),
    map(
        2,
        "CDS purchase order line entity",
        "msdyn_purchaseorderproducts",
        "PurchPurchaseOrderLineV2Entity",
        "PO-",
    ),
    map(
        3,
        "Integration entity for project transaction relationships",
        "msdyn_transactionconnections",
        "msdyn_transactionconnections",
        "TC-",
    ),
    map(1, "Party Contacts V3", "msdyn_partyelectronicaddresses", "DirPartyContactV3Entity", "EA-"),
    map(1, "CDS Contact for parties", "msdyn_contactforparties", "msdyn_contactforparties", "CF-"),
    map(
        4,
        "Released products V2",
        "msdyn_sharedproductdetails",
        "EcoResReleasedProductV2Entity",
        "P-",
    ),
    map(4, "Customer groups", "msdyn_customergroups", "CustCustomerGroupEntity", "G"),
    map(4, "Warehouses", "msdyn_warehouses", "InventWarehouseEntity", "WH-"),
    map(4, "Units", "uoms", "UnitOfMeasureEntity", "U"),
    map(4, "Product categories", "msdyn_productcategories", "EcoResProductCategoryEntity", "C-"),
    map(4, "Sales tax codes", "msdyn_taxcodes", "TaxCodeEntity", "T"),
    map(3, "CE project tasks", "msdyn_projecttasks", "ProjCDSProjectTasksEntity", "WBS-"),
];

/// Legal entities, the largest first.
pub(super) const COMPANIES: [&str; 18] = [
    "usmf", "demf", "gbsi", "frrt", "usrt", "jpmf", "inmf", "brmf", "cnmf", "mxmf", "itco", "esmf",
    "plmf", "nlmf", "bemf", "semf", "dkmf", "ussi",
];

/// Data sources, the largest first.
pub(super) const SOURCES: [&str; 3] =
    ["Finance and operations", "Dataverse", "Finance and operations (batch)"];

/// Names that occur in messages.
pub(super) const NAMES: [&str; 12] = [
    "Contoso Retail",
    "Fabrikam, Inc.",
    "Adventure Works",
    "Northwind Traders",
    "Litware \"Home\" Ltd",
    "Müller Maschinenbau GmbH",
    "Société Générale d’Électricité",
    "Łódzka Spółka Handlowa",
    "Ångström Kraft AB",
    "東京商事株式会社",
    "Trey Research",
    "Wide World Importers",
];

/// A planted cause.
pub(super) struct Cause {
    pub(super) category: &'static str,
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

const fn cause(category: &'static str, code: &'static str, message: &'static str) -> Cause {
    Cause { category, code, message }
}

/// Planted causes, the most frequent first.
pub(super) const CAUSES: [Cause; 42] = [
    cause(
        "Application",
        "",
        "Unable to write data to entity msdyn_contactforparties.Unable to lookup msdyn_parties with values {{ref}}.Writes to CDS Contact for parties failed with error message Exception message: One or more errors occurred..",
    ),
    cause(
        "System",
        "0x80072322",
        "Number of requests exceeded the limit of 6000 over time window of 300 seconds. Retry after {n} ms. Activity {guid}.",
    ),
    cause(
        "Application",
        "0x80040265",
        "Request failed with status code BadRequest and CDS error code : 0x80040265 response message: An error occurred in plugin. A record that has the attribute values Location ID already exists. The entity key Location ID Key requires that this set of attributes contains unique values. Location {key}.",
    ),
    cause(
        "System",
        "",
        "Request failed with status code InternalServerError and CDS error code : Internal Server Error (correlation {guid})",
    ),
    cause(
        "Application",
        "",
        "Write failed for table row of type 'CustCustomerV3Entity'. Infolog: Warning: The value '{ref}' in field 'Customer group' is not found in the related table 'Customer groups'.; Warning: validateField failed on field 'CustCustomerV3Entity.CustomerGroupId'.",
    ),
    cause(
        "Concurrency",
        "0x80060882",
        "The version of the existing record doesn't match the RowVersion property provided. Record {key}, version {n}.",
    ),
    cause(
        "Application",
        "",
        "Unable to write data to entity salesorderdetails.Unable to lookup msdyn_warehouses with values {{ref}}.",
    ),
    cause(
        "Application",
        "",
        "Write failed for entity CDS Contacts V2 with unknown exception - Field 'Associated party number' must be filled in. validateWrite failed on data source 'smmContactPersonV2Entity (smmContactPersonV2Entity)' for {key}.",
    ),
    cause(
        "System",
        "",
        "An unexpected error occurred from ISV code. (ErrorType = ClientError) Unexpected exception from plug-in (Execute): Microsoft.Dynamics.Integrator.DualWriteRuntime.Plugins.PostCommitPlugin: System.Exception: failed to process entity account - (A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond 10.0.{n}.4:443)",
    ),
    cause(
        "Application",
        "",
        "Unable to write data to entity accounts.Unable to lookup msdyn_paymentterms with values {{ref}}.",
    ),
    cause(
        "Concurrency",
        "",
        "Cannot edit a record in Ledger journal table (LedgerJournalTable). An update conflict occurred due to another user process deleting the record or changing one or more fields in the record. Journal {key}.",
    ),
    cause(
        "Application",
        "",
        "Write failed for table row of type 'SalesOrderLineV3Entity'. Infolog: Warning: Inventory dimension Site is mandatory and must consequently be specified.; Error: Update has been canceled for order {key}.",
    ),
    cause(
        "Application",
        "0x80040237",
        "A record with matching key values already exists. Key {key} of {name}.",
    ),
    cause(
        "System",
        "0x80072321",
        "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later. Token {guid}.",
    ),
    cause(
        "Application",
        "",
        "Write failed for table row of type 'PurchPurchaseOrderLineV2Entity'. Infolog: Warning: Item '{ref}' is blocked for 'Purchase order'.; Warning: validateWrite failed on data source 'PurchLine (PurchLine)'.",
    ),
    cause(
        "Application",
        "",
        "Unable to write data to entity msdyn_actuals. Attribute msdyn_transactiontypecode not found in the record of type msdyn_actual {guid}",
    ),
    cause(
        "Application",
        "",
        "\"RecordError0\":\"Write failed for entity Customers V3 with unknown exception - Party record not found for party type 'Organization'\"} ({key}, {name})",
    ),
    cause(
        "System",
        "0x80044151",
        "SQL timeout expired while writing {key}: the timeout period elapsed prior to completion of the operation on server sql-{n}.",
    ),
    cause("Application", "", "Unable to look up msdyn_actuals with values {{ref}}"),
    cause(
        "Application",
        "",
        "Cannot update a party's type from 'DirOrganization' to 'DirPerson', a delete of the existing party followed by an insert with the new type should be performed instead. Party {key}.",
    ),
    cause(
        "Application",
        "",
        "Couldn't resolve the guid for the field: msdyn_billingaccount.accountnumber. The lookup value was not found: {ref}. Try this URL(s) to check if the reference data exists: https://contoso.crm.dynamics.com/api/data/v9.0/accounts?$select=accountnumber&$filter=accountnumber eq '{ref}'",
    ),
    cause(
        "System",
        "",
        "This request could not be processed at this time due to system experiencing high resource utilization. Request {guid}.",
    ),
    cause(
        "Application",
        "0x80072560",
        "[{\"error\":{\"code\":\"0x80072560\",\"message\":\"The user is not a member of the organization.\"}}], The remote server returned an error: (403) Forbidden. User {guid}",
    ),
    cause(
        "Application",
        "",
        "Principal user (Id={guid}, type=8, roleCount=1, privilegeCount={n}, accessMode='0 Read-Write'), is missing prvReadmsdyn_vendor privilege (Id={guid}) on OTC=10848 for entity 'msdyn_vendor'. Consider adding missed privilege to one of the principal (user/team) roles.",
    ),
    cause(
        "Application",
        "",
        "An error occurred while validating input parameters: Microsoft.OData.ODataException: Cannot convert the literal '{key}' to the expected type 'Edm.Int32'.",
    ),
    cause(
        "System",
        "",
        "The remote server returned an error: (502) Bad Gateway. Session {guid}, attempt {n}.",
    ),
    cause(
        "Application",
        "",
        "Unable to write data to entity msdyn_purchaseorderproducts.Unable to lookup msdyn_vendors with values {{ref}}.Unable to lookup msdyn_sharedproductdetails with values {{ref}}.",
    ),
    cause(
        "Application",
        "",
        "Cannot create a record in Items - tracking dimension groups (EcoResTrackingDimensionGroupItem). Item number: {key}, Batch. The record already exists.",
    ),
    cause(
        "Configuration",
        "",
        "Unable to generate payload for entity CustCustomerV3Entity. Payload creation failed with error Invalid URI: The URI is empty.",
    ),
    cause(
        "Concurrency",
        "0x80048105",
        "More than one concurrent Share requests detected for an Entity {guid} and ObjectTypeCode 10980.",
    ),
    cause(
        "Application",
        "",
        "The customer account {key} of “{name}” is on hold for All transactions and cannot be updated in company {co}.",
    ),
    cause(
        "Application",
        "",
        "Unable to write data to entity invoices.\nUnable to lookup msdyn_projects with values {{ref},{co}}.\nWrites to ProjInvoiceProposalV2Entity failed with error message Exception message: The remote server returned an error: (400) Bad Request.",
    ),
    cause(
        "System",
        "0x80072326",
        "Number of concurrent requests exceeded the limit of 52. Token {guid}.",
    ),
    cause(
        "Conflict",
        "",
        "The record {key} was changed on both sides since {time}; the change of the side that is not primary was rejected.",
    ),
    cause(
        "Application",
        "",
        "The data value violates integrity constraints. Row {key}, company {co}.",
    ),
    cause(
        "Configuration",
        "DIPV1022",
        "Customers V3 (accounts): Project validation failed. [DIPV1022] Missing source field CUSTOMERPAYMENTREFERENCE in the schema.",
    ),
    cause(
        "Application",
        "",
        "Exchange rate between currencies USD and EUR does not exist for {time}; exchange rate type Default, company {co}.",
    ),
    cause(
        "Application",
        "0x80040216",
        "Error Code: -2147220970 Error Message: Message size exceeded when sending context to Sandbox. Message size: {n} MB",
    ),
    cause(
        "System",
        "",
        "ValidateClosed - Db GetCreateConnection() should be closed on End (0x8004023e), activity {guid}",
    ),
    cause(
        "Configuration",
        "",
        "SecureConfig Organization ({guid}) does not match actual CRM Organization ({guid}).",
    ),
    cause(
        "Application",
        "",
        "Unable to lookup uoms with values {{ref}}. Unable to lookup msdyn_taxitemgroups with values {{ref}}.",
    ),
    cause(
        "Application",
        "",
        "Field 'Language' must be filled in for {name} ({key}). The update has been canceled.",
    ),
];
