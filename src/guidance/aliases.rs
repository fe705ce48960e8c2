//! One table has up to four names: the finance and operations label, the data entity, the Dataverse set and the
//! Dataverse table (`Customers V3`, `CustCustomerV3Entity`, `accounts`, `account`). The label is the canonical one.
//!
//! Where one Dataverse table serves several entities (`contacts`, `accounts`), the map that dual-write ships first
//! decides. Unknown names stay as they are.

use std::borrow::Cow;
use std::sync::LazyLock;

use hashbrown::HashMap;

/// Canonical name, then its other names; the first of those is the Dataverse set that the map's name shows.
const TABLES: &[(&str, &[&str])] = &[
    ("Customers V3", &["accounts", "account", "CustCustomerV3Entity", "CustomersV3", "Customers"]),
    (
        "Vendors V2",
        &["msdyn_vendors", "msdyn_vendor", "VendVendorV2Entity", "VendorsV2", "Vendors"],
    ),
    (
        "CDS Contacts V2",
        &[
            "contacts",
            "contact",
            "smmContactPersonV2Entity",
            "smmContactPersonCDSV2Entity",
            "Contacts V2",
        ],
    ),
    (
        "CDS Parties",
        &["msdyn_parties", "msdyn_party", "DirPartyCDSEntity", "DirPartyEntity", "Parties"],
    ),
    (
        "CDS Party postal addresses",
        &[
            "msdyn_partypostaladdresses",
            "msdyn_partypostaladdress",
            "DirPartyPostalAddressLocationCDSEntity",
        ],
    ),
    (
        "CDS postal addresses",
        &["msdyn_postaladdresses", "msdyn_postaladdress", "LogisticsPostalAddressCDSEntity"],
    ),
    (
        "CDS postal address locations",
        &[
            "msdyn_postaladdresscollections",
            "msdyn_postaladdresscollection",
            "LogisticsPostalAddressLocationCDSEntity",
        ],
    ),
    (
        "Party Contacts V3",
        &[
            "msdyn_partyelectronicaddresses",
            "msdyn_partyelectronicaddress",
            "DirPartyContactV3Entity",
        ],
    ),
    (
        "CDS Contact for parties",
        &["msdyn_contactforparties", "msdyn_contactforparty", "contact for parties"],
    ),
    (
        "Customer groups",
        &["msdyn_customergroups", "msdyn_customergroup", "CustCustomerGroupEntity"],
    ),
    ("Vendor groups", &["msdyn_vendorgroups", "msdyn_vendorgroup", "VendVendorGroupEntity"]),
    ("Units", &["uoms", "uom", "UnitOfMeasureEntity"]),
    ("Unit conversions", &["msdyn_unitofmeasureconversions", "msdyn_unitofmeasureconversion"]),
    ("Warehouses", &["msdyn_warehouses", "msdyn_warehouse", "InventWarehouseEntity"]),
    (
        "Sites",
        &["msdyn_operationalsites", "msdyn_operationalsite", "InventOperationalSiteV2Entity"],
    ),
    (
        "Product categories",
        &["msdyn_productcategories", "msdyn_productcategory", "EcoResProductCategoryEntity"],
    ),
    (
        "Released products V2",
        &["msdyn_sharedproductdetails", "products", "product", "EcoResReleasedProductV2Entity"],
    ),
    ("CDS released distinct products", &["msdyn_globalproducts", "msdyn_globalproduct"]),
    (
        "CDS sales order headers",
        &["salesorders", "salesorder", "SalesOrderHeaderCDSEntity", "SalesOrderHeaderV2Entity"],
    ),
    (
        "CDS sales order lines",
        &[
            "salesorderdetails",
            "salesorderdetail",
            "SalesOrderLineCDSEntity",
            "SalesOrderLineV3Entity",
        ],
    ),
    ("CDS sales quotation header", &["quotes", "quote", "SalesQuotationHeaderCDSEntity"]),
    ("CDS sales quotation lines", &["quotedetails", "quotedetail", "SalesQuotationLineCDSEntity"]),
    ("Sales invoice headers V2", &["invoices", "invoice", "SalesInvoiceHeaderV2Entity"]),
    ("Sales invoice lines V2", &["invoicedetails", "invoicedetail", "SalesInvoiceLineV2Entity"]),
    (
        "CDS purchase order headers",
        &[
            "msdyn_purchaseorders",
            "msdyn_purchaseorder",
            "PurchPurchaseOrderHeaderCDSEntity",
            "PurchPurchaseOrderHeaderV2Entity",
        ],
    ),
    (
        "CDS purchase order line entity",
        &[
            "msdyn_purchaseorderproducts",
            "msdyn_purchaseorderproduct",
            "PurchPurchaseOrderLineV2Entity",
            "PurchPurchaseOrderLineCDSEntity",
        ],
    ),
    (
        "Financial dimensions",
        &["msdyn_dimensionattributes", "msdyn_dimensionattribute", "FinancialDimensionsEntity"],
    ),
    (
        "Financial dimension values",
        &["msdyn_dimensionattributevalues", "msdyn_financialdimensionvalues"],
    ),
    ("Ledger", &["msdyn_ledgers", "msdyn_ledger", "LedgerEntity"]),
    ("Main accounts", &["msdyn_mainaccounts", "msdyn_mainaccount", "MainAccountEntity"]),
    ("Sales tax codes", &["msdyn_taxcodes", "msdyn_taxcode", "TaxCodeEntity"]),
    ("Sales tax groups", &["msdyn_taxgroups", "msdyn_taxgroup", "TaxGroupEntity"]),
    ("Item sales tax groups", &["msdyn_taxitemgroups", "msdyn_taxitemgroup"]),
    ("Currencies", &["transactioncurrencies", "transactioncurrency", "CurrencyEntity"]),
    (
        "Exchange rates",
        &["msdyn_currencyexchangerates", "msdyn_currencyexchangerate", "ExchangeRateEntity"],
    ),
    (
        "Terms of payment",
        &["msdyn_paymentterms", "msdyn_paymentterm", "PaymentTermEntity", "Payment terms"],
    ),
    ("Payment day CDS", &["msdyn_paymentdays", "msdyn_paymentday"]),
    ("Customer payment method", &["msdyn_customerpaymentmethods", "msdyn_customerpaymentmethod"]),
    ("Vendor payment method", &["msdyn_vendorpaymentmethods", "msdyn_vendorpaymentmethod"]),
    (
        "Delivery terms",
        &["msdyn_termsofdeliveries", "msdyn_termsofdelivery", "msdyn_deliveryterms"],
    ),
    ("Modes of delivery", &["msdyn_shipvias", "msdyn_shipvia", "DlvModeEntity"]),
    ("Price customer groups", &["msdyn_pricecustomergroups", "msdyn_pricecustomergroup"]),
    ("Legal entities", &["cdm_companies", "cdm_company", "CompanyInfoEntity"]),
    ("Worker", &["cdm_workers", "cdm_worker", "HcmWorkerEntity", "Workers"]),
    ("CDS Jobs", &["cdm_jobs", "cdm_job"]),
    ("CDS Positions", &["cdm_jobpositions", "cdm_jobposition"]),
    ("Project invoice proposal V2", &["invoices proposal", "ProjInvoiceProposalV2Entity"]),
    (
        "Project Operations integration actuals",
        &["msdyn_actuals", "msdyn_actual", "ProjCDSActualsImportEntity"],
    ),
    (
        "Integration entity for project transaction relationships",
        &[
            "msdyn_transactionconnections",
            "msdyn_transactionconnection",
            "transaction relationships",
        ],
    ),
    ("CE project tasks", &["msdyn_projecttasks", "msdyn_projecttask", "ProjCDSProjectTasksEntity"]),
    ("CDS Projects", &["msdyn_projects", "msdyn_project", "ProjProjectEntity"]),
    ("Project funding source", &["msdyn_projectfundingsources", "aaa_fundingsources"]),
    ("Project contracts", &["msdyn_projectcontracts", "ebecsfs_contracts", "salesorders project"]),
    ("Expense", &["msdyn_expenses", "msdyn_expense"]),
];

/// Folded name → canonical name. The first table to claim a name keeps it.
static CANONICAL: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for (canonical, aliases) in TABLES {
        for name in std::iter::once(canonical).chain(*aliases) {
            names.entry(folded(name)).or_insert(*canonical);
        }
    }
    names
});

/// The table's canonical name; an unknown name comes back without surrounding blanks.
pub fn canonical_entity(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    if let Some(canonical) = CANONICAL.get(&folded(name)) {
        return Cow::Borrowed(canonical);
    }
    // "Customers V3 (accounts)": the name of a map begins with its entity.
    if let Some((entity, _)) = name.split_once(" (").filter(|_| name.ends_with(')'))
        && let Some(canonical) = CANONICAL.get(&folded(entity))
    {
        return Cow::Borrowed(canonical);
    }
    Cow::Borrowed(name)
}

/// The other names of a canonical table.
pub fn aliases_of(canonical: &str) -> &'static [&'static str] {
    TABLES.iter().find(|(name, _)| *name == canonical).map_or(&[], |(_, aliases)| aliases)
}

/// A map's name from its two sides, such as `Customers V3 (accounts)`.
pub fn map_name(internal: &str, external: &str) -> String {
    match (internal.trim(), external.trim()) {
        ("", "") => String::new(),
        (internal, "") => internal.to_owned(),
        ("", external) => format!("{} ({external})", canonical_entity(external)),
        (internal, external) => format!("{internal} ({external})"),
    }
}

/// Letters and digits only, in lower case: spaces and underscores do not make another table.
fn folded(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_of_a_table_are_one() {
        for name in [
            "Customers V3",
            "CustCustomerV3Entity",
            "accounts",
            "account",
            "customers_v3",
            "Customers V3 (accounts)",
        ] {
            assert_eq!(canonical_entity(name), "Customers V3", "{name}");
        }
        assert_eq!(canonical_entity(" Contoso things "), "Contoso things");
        assert_eq!(
            canonical_entity("Contoso things (contoso_things)"),
            "Contoso things (contoso_things)"
        );
    }

    #[test]
    fn canonical_names_are_their_own() {
        for (name, _) in TABLES {
            assert_eq!(canonical_entity(name), *name);
        }
    }

    #[test]
    fn maps_are_named_by_both_sides() {
        assert_eq!(map_name("Customers V3", "accounts"), "Customers V3 (accounts)");
        assert_eq!(map_name("", "accounts"), "Customers V3 (accounts)");
        assert_eq!(map_name("Customers V3", " "), "Customers V3");
    }
}
