//! The causes planted in a sample: message templates in the style of the documented texts, on the maps they occur on.
//!
//! Words between percent signs are filled in: `%fo%`, `%ft%`, `%dv%` name the map, `%missing%` the referenced table, the
//! others are values that differ from row to row (see `message`).

use super::world::{
    ACTUALS, ADDRESSES, CATEGORIES, CONTACT_FOR_PARTIES, CONTACTS, CUSTOMER_GROUPS, CUSTOMERS,
    DIMENSIONS, ELECTRONIC_ADDRESSES, INVOICES, PARTIES, PRODUCTS, PURCHASE_HEADERS,
    PURCHASE_LINES, RELATIONSHIPS, SALES_HEADERS, SALES_LINES, TASKS, TAX_CODES, UNITS, VENDORS,
    WAREHOUSES,
};

/// A message and what is true of it.
pub(super) struct Template {
    pub(super) text: &'static str,
    /// Error code column; empty where the product gives none.
    pub(super) code: &'static str,
    pub(super) category: &'static str,
    /// Rows of it, relative to the others of a map.
    pub(super) weight: u64,
    /// Maps it occurs on; all where empty.
    maps: &'static [usize],
    /// Tables that may be missing: each is a cause of its own.
    missing: &'static [&'static str],
}

const APPLICATION: &str = "Application";
const SYSTEM: &str = "System";
const CONCURRENCY: &str = "Concurrency";
const CONFLICT: &str = "Conflict";
const CONFIGURATION: &str = "Configuration";

const fn on(
    maps: &'static [usize],
    category: &'static str,
    weight: u64,
    code: &'static str,
    text: &'static str,
) -> Template {
    Template { text, code, category, weight, maps, missing: &[] }
}

const fn missing(
    maps: &'static [usize],
    tables: &'static [&'static str],
    weight: u64,
    text: &'static str,
) -> Template {
    Template { text, code: "", category: APPLICATION, weight, maps, missing: tables }
}

const EVERYWHERE: &[usize] = &[];

/// The templates.
#[rustfmt::skip]
pub(super) static TEMPLATES: [Template; 48] = [
    // References
    missing(&[CONTACT_FOR_PARTIES, CONTACTS, ADDRESSES, ELECTRONIC_ADDRESSES], &["msdyn_parties", "cdm_workers"], 30,
        "Unable to write data to entity %dv%. Unable to lookup %missing% with values {%reference%}."),
    missing(&[SALES_LINES, PURCHASE_LINES, ACTUALS, TASKS], &["products", "uoms", "msdyn_warehouses"], 24,
        "Unable to write data to entity %dv%.Unable to lookup %missing% with values {%reference%,%company%}.Writes to %ft% \
         failed with error message Exception message: The remote server returned an error: (400) Bad Request..."),
    missing(&[CUSTOMERS, VENDORS], &["msdyn_paymentterms", "msdyn_taxgroups", "transactioncurrencies"], 22,
        "Unable to write data to entity %dv%.Unable to lookup %missing% with values {%reference%}.Writes to %ft% failed with \
         error message Exception message: One or more errors occurred.."),
    missing(&[ACTUALS, RELATIONSHIPS, INVOICES], &["msdyn_actuals", "msdyn_projects"], 26,
        "Unable to look up %missing% with values {%reference%}"),
    missing(&[CUSTOMERS, VENDORS, CONTACTS], &["msdyn_customergroups", "msdyn_parties"], 14,
        "Couldn't resolve the guid for the field: %missing%.msdyn_number. The lookup was not found: %reference%. Try this \
         URL(s) to check if the reference data exists: https://contoso.crm4.dynamics.com/api/data/v9.0/%missing%?$select=\
         msdyn_number&$filter=msdyn_number eq '%reference%'"),
    missing(&[CATEGORIES, PRODUCTS], &["msdyn_productcategoryhierarchies"], 12,
        "Couldn't resolve the guid for the field: msdyn_hierarchy,%missing%.msdyn_name. The lookup was not found: Channel \
         navigation hierarchy|%category%."),
    on(&[CUSTOMERS], APPLICATION, 16, "",
        "Write failed for table row of type 'CustCustomerV3Entity'. Infolog: Warning: The value '%group%' in field 'Customer \
         group' is not found in the related table 'Customer groups'.; Warning: validateField failed on field \
         'CustCustomerV3Entity.CustomerGroupId'."),
    on(&[SALES_HEADERS], APPLICATION, 12, "",
        "Write failed for table row of type 'SalesOrderHeaderV2Entity'. Infolog: Warning: The value '%customer%' in field \
         'Customer account' is not found in the related table 'Customers'."),
    on(&[ACTUALS, INVOICES], APPLICATION, 8, "", "Unable to write data to entity %dv%"),
    on(&[UNITS, WAREHOUSES, TAX_CODES], APPLICATION, 10, "",
        "Cannot save the changes to the database. Unit of Work can not commit transaction. Unable to write data to entity \
         %dv%. Writes to %ft% failed with error message Unable to sync with entity %dv%."),
    // Validation
    on(&[CONTACTS], APPLICATION, 18, "",
        "Write failed for entity CDS Contacts V2 with unknown exception - Field 'Associated party number' must be filled in. \
         … validateWrite failed on data source 'smmContactPersonV2Entity (smmContactPersonV2Entity)'"),
    on(&[CUSTOMERS], APPLICATION, 18, "",
        "\"RecordError%digit%\":\"Write failed for entity Customers V3 with unknown exception - Party record not found for \
         party type 'Organization'\"}"),
    on(&[PARTIES], APPLICATION, 16, "",
        "Cannot update a party's type from 'DirOrganization' to 'DirPerson', a delete of the existing party followed by an \
         insert with the new type should be performed instead. Party '%name%' (%party%)"),
    on(&[SALES_LINES], APPLICATION, 22, "",
        "Write failed for table row of type 'SalesOrderLineV3Entity'. Infolog: Warning: Inventory dimension Site is mandatory \
         and must consequently be specified.; Error: Update has been canceled.."),
    on(&[PURCHASE_LINES], APPLICATION, 20, "",
        "Write failed for table row of type 'PurchPurchaseOrderLineV2Entity'. Infolog: Warning: Item '%item%' is blocked for \
         'Purchase order'.; Warning: validateWrite failed on data source 'PurchLine (PurchLine)'."),
    on(&[SALES_LINES], APPLICATION, 10, "",
        "Write failed for table row of type 'SalesOrderLineV3Entity'. Infolog: Warning: Item '%item%' is blocked for 'Sales \
         order'.; Error: Update has been canceled.."),
    on(&[ACTUALS], APPLICATION, 14, "", "Attribute msdyn_transactiontypecode not found in the record of type msdyn_actual"),
    on(&[VENDORS], APPLICATION, 14, "",
        "Write failed for table row of type 'VendVendorV2Entity'. Infolog: Warning: Field 'Vendor group' must be filled in.; \
         Warning: validateWrite failed on data source 'VendTable (VendTable)'."),
    on(&[PURCHASE_HEADERS], APPLICATION, 14, "",
        "Write failed for table row of type 'PurchPurchaseOrderHeaderV2Entity'. Infolog: Error: Vendor '%name%' is on hold for \
         'Purchase order'.; Warning: validateWrite failed on data source 'PurchTable (PurchTable)'."),
    on(&[DIMENSIONS], APPLICATION, 12, "",
        "Write failed for table row of type 'DimensionAttributeValueEntity'. Infolog: Warning: The value '%number%' in field \
         'Dimension value' is not found in the related table 'Financial dimension values'."),
    on(&[TASKS], APPLICATION, 10, "", "The data value violates integrity constraints. Project '%project%', task '%name%'."),
    on(&[INVOICES], APPLICATION, 12, "",
        "Write failed for entity Project invoice proposal V2 with unknown exception - Invoice proposal '%proposal%' is already \
         posted; validateWrite failed on data source 'PSAProjProposalProj (PSAProjProposalProj)'"),
    // Duplicates
    on(&[ADDRESSES], APPLICATION, 24, "0x80040265",
        "Unable to write data to entity msdyn_partypostaladdresses.Writes to DirPartyPostalAddressLocationCDSEntity failed with \
         error message Request failed with status code BadRequest and CDS error code : 0x80040265 response message: An error \
         occurred in plugin. A record that has the attribute values Location ID already exists. The entity key Location ID Key \
         requires that this set of attributes contains unique values. Select unique values and try again."),
    on(EVERYWHERE, APPLICATION, 5, "0x80040237", "A record with matching key values already exists."),
    on(&[PRODUCTS], APPLICATION, 14, "",
        "Cannot create a record in Items - tracking dimension groups (EcoResTrackingDimensionGroupItem). Item number: %number%, \
         Batch. The record already exists."),
    on(&[CUSTOMER_GROUPS], APPLICATION, 10, "",
        "Cannot create a record in Customer groups (CustGroup). Customer group: %group%, %name%. The record already exists."),
    // Permissions
    on(EVERYWHERE, APPLICATION, 3, "0x80072560",
        "[{\"error\":{\"code\":\"0x80072560\",\"message\":\"The user is not a member of the organization.\"}}], The remote \
         server returned an error: (403) Forbidden.\"}}\"."),
    on(&[ACTUALS, SALES_LINES, SALES_HEADERS], APPLICATION, 9, "0x80040220",
        "Principal user (Id=%guid%, type=8, roleCount=%digit%, privilegeCount=%number%, accessMode='0 Read-Write'), is missing \
         prvReadmsdyn_sequencetarget privilege (Id=%guid%) on OTC=10848 for entity 'msdyn_sequencetarget' (LocalizedName=\
         'Sequence target'). context.Caller=%guid%. Consider adding missed privilege to one of the principal (user/team) roles."),
    on(&[TASKS, RELATIONSHIPS], APPLICATION, 8, "0x80040220",
        "Principal user (Id=%guid%, type=8, roleCount=%digit%, privilegeCount=%number%, accessMode='0 Read-Write'), is missing \
         prvCreatemsdyn_projecttask privilege (Id=%guid%) on OTC=10264 for entity 'msdyn_projecttask' (LocalizedName='Project \
         task'). context.Caller=%guid%. Consider adding missed privilege to one of the principal (user/team) roles."),
    // Format, size
    on(&[CONTACT_FOR_PARTIES], APPLICATION, 14, "",
        "Unable to write data to entity msdyn_contactforparties.Writes to smmContactPersonV2Entity failed with error message \
         Request failed with status code BadRequest and CDS error code: 0x0 response message: An error occurred while validating \
         input parameters: Microsoft.OData.ODataException: Cannot convert the literal '' to the expected type 'Edm.Int32'."),
    on(&[SALES_LINES, PURCHASE_LINES], APPLICATION, 6, "",
        "An error occurred while validating input parameters: Microsoft.OData.ODataException: Can't convert the literal \
         '%number%' to the expected type 'Edm.Decimal',..."),
    on(&[INVOICES, ACTUALS], APPLICATION, 5, "0x80040216",
        "Error Code: -2147220970 Error Message: Message size exceeded when sending context to Sandbox. Message size: %number% MB"),
    // Platform
    on(&[CUSTOMERS, SALES_HEADERS, PARTIES], SYSTEM, 9, "",
        "An unexpected error occurred from ISV code. (ErrorType = ClientError) Unexpected exception from plug-in (Execute): \
         Microsoft.Dynamics.Integrator.DualWriteRuntime.Plugins.PostCommitPlugin: System.Exception: failed to process entity %dv% \
         - (A connection attempt failed because the connected party did not properly respond after a period of time, or \
         established connection failed because connected host has failed to respond %address%)"),
    on(EVERYWHERE, SYSTEM, 6, "",
        "Request failed with status code InternalServerError and CDS error code : Internal Server Error"),
    on(EVERYWHERE, SYSTEM, 4, "0x8004023e", "ValidateClosed - Db GetCreateConnection() should be closed on End"),
    on(EVERYWHERE, SYSTEM, 5, "0x80072322",
        "Number of requests exceeded the limit of 6000 over time window of 300 seconds."),
    on(EVERYWHERE, SYSTEM, 4, "0x80072321",
        "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 seconds. \
         Decrease number of concurrent requests or reduce the duration of requests and try again later."),
    on(EVERYWHERE, SYSTEM, 4, "0x80072326", "Number of concurrent requests exceeded the limit of 52."),
    on(EVERYWHERE, SYSTEM, 5, "",
        "This request could not be processed at this time due to system experiencing high resource utilization."),
    on(&[ACTUALS, SALES_LINES, ADDRESSES], SYSTEM, 7, "0x80044151",
        "SQL timeout expired. The timeout period elapsed prior to completion of the operation or the server is not responding. \
         Request %guid%"),
    on(EVERYWHERE, SYSTEM, 4, "", "The remote server returned an error: (503) Server Unavailable. Request %guid%, %stamp%"),
    // Concurrency
    on(EVERYWHERE, CONCURRENCY, 7, "0x80060882",
        "The version of the existing record doesn't match the RowVersion property provided."),
    on(&[SALES_HEADERS, PURCHASE_HEADERS, INVOICES], CONCURRENCY, 12, "",
        "Cannot edit a record in %fo% (%ft%). An update conflict occurred due to another user process deleting the record or \
         changing one or more fields in the record."),
    on(&[ACTUALS, CUSTOMERS, PARTIES], CONCURRENCY, 8, "0x80048105",
        "More than one concurrent Share requests detected for an Entity %guid% and ObjectTypeCode %number%."),
    // Both sides
    on(&[CUSTOMERS, CONTACTS, VENDORS], CONFLICT, 5, "",
        "The record '%key%' was changed in both environments; the change of '%name%' from the non-primary side was rejected."),
    // Link and map
    on(&[CUSTOMERS, UNITS], CONFIGURATION, 4, "", "Unable to generate payload for entity %ft%"),
    on(&[WAREHOUSES, PRODUCTS, CATEGORIES], CONFIGURATION, 7, "",
        "Missing destination field %dv%.msdyn_externalid in the schema."),
    on(&[CUSTOMER_GROUPS, TAX_CODES, DIMENSIONS], CONFIGURATION, 7, "DIPV1002",
        "Project validation failed. [DIPV1002] %fo% or AX is a cross-company entity that doesn't have primary company field set \
         and %dv% of CRM is a company-specific entity"),
];

/// One planted cause: a template on a map, and the table it misses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) template: usize,
    pub(super) map: usize,
    pub(super) missing: &'static str,
}

/// Every planted cause, in an order that does not depend on the seed.
pub(super) fn all_causes() -> Vec<Cause> {
    let mut causes = Vec::new();
    for (template, details) in TEMPLATES.iter().enumerate() {
        for map in 0..super::world::MAPS.len() {
            if !details.maps.is_empty() && !details.maps.contains(&map) {
                continue;
            }
            let tables = if details.missing.is_empty() { &[""] } else { details.missing };
            causes.extend(tables.iter().map(|missing| Cause { template, map, missing }));
        }
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Category;
    use crate::guidance::category::infer;

    #[test]
    fn the_category_of_a_template_is_what_the_desk_would_infer() {
        for template in &TEMPLATES {
            let inferred = infer(template.text, template.code);
            // The texts of conflicts are not published, so nothing infers them.
            let expected =
                (template.category != CONFLICT).then(|| Category::parse(template.category));
            assert_eq!(inferred, expected, "{}", template.text);
        }
    }

    #[test]
    fn every_map_has_several_causes() {
        let causes = all_causes();
        for map in 0..super::super::world::MAPS.len() {
            assert!(causes.iter().filter(|cause| cause.map == map).count() >= 5);
        }
        assert!(causes.len() > 200, "{}", causes.len());
    }
}
