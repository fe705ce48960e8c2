//! The invented company group behind the sample: its integration jobs, table maps, legal entities and names.

/// A table map and where it belongs.
pub(super) struct Map {
    /// Finance and operations name.
    pub(super) internal: &'static str,
    /// Technical name of the entity; some dumps show this one.
    pub(super) technical: &'static str,
    /// Dataverse table.
    pub(super) external: &'static str,
    /// Place in [`JOBS`].
    pub(super) job: usize,
    /// Most of its errors come from finance and operations.
    pub(super) outward: bool,
    /// How its records are keyed, in the language of `message`.
    pub(super) key: &'static str,
}

pub(super) const JOBS: [&str; 6] = [
    "Project invoicing",
    "Customer and vendor master",
    "Order to cash",
    "Party and address book",
    "Procure to pay",
    "Reference data",
];

const fn map(
    internal: &'static str,
    technical: &'static str,
    external: &'static str,
    job: usize,
    outward: bool,
    key: &'static str,
) -> Map {
    Map { internal, technical, external, job, outward, key }
}

pub(super) const ACTUALS: usize = 0;
pub(super) const CUSTOMERS: usize = 1;
pub(super) const SALES_LINES: usize = 2;
pub(super) const INVOICES: usize = 3;
pub(super) const ADDRESSES: usize = 4;
pub(super) const PARTIES: usize = 5;
pub(super) const SALES_HEADERS: usize = 6;
pub(super) const ELECTRONIC_ADDRESSES: usize = 7;
pub(super) const PURCHASE_LINES: usize = 8;
pub(super) const RELATIONSHIPS: usize = 9;
pub(super) const CONTACTS: usize = 10;
pub(super) const VENDORS: usize = 11;
pub(super) const CONTACT_FOR_PARTIES: usize = 12;
pub(super) const PURCHASE_HEADERS: usize = 13;
pub(super) const PRODUCTS: usize = 14;
pub(super) const TASKS: usize = 15;
pub(super) const DIMENSIONS: usize = 16;
pub(super) const WAREHOUSES: usize = 17;
pub(super) const CUSTOMER_GROUPS: usize = 18;
pub(super) const TAX_CODES: usize = 19;
pub(super) const UNITS: usize = 20;
pub(super) const CATEGORIES: usize = 21;

/// The maps, those with most errors first.
#[rustfmt::skip]
pub(super) static MAPS: [Map; 22] = [
    map("Project Operations integration actuals", "ProjCDSActualsImportEntity", "msdyn_actuals", 0, false, "%guid%"),
    map("Customers V3", "CustCustomerV3Entity", "accounts", 1, true, "%customer%"),
    map("CDS sales order lines", "SalesOrderLineCDSEntity", "salesorderdetails", 2, false, "%order%-%line%"),
    map("Project invoice proposal V2", "ProjInvoiceProposalV2Entity", "invoices", 0, true, "%proposal%"),
    map("CDS Party postal addresses", "DirPartyPostalAddressLocationCDSEntity", "msdyn_partypostaladdresses", 3, true,
        "%location%"),
    map("CDS Parties", "DirPartyCDSEntity", "msdyn_parties", 3, true, "%party%"),
    map("CDS sales order headers", "SalesOrderHeaderCDSEntity", "salesorders", 2, false, "%order%"),
    map("Party Contacts V3", "DirPartyContactV3Entity", "msdyn_partyelectronicaddresses", 3, true, "%location%"),
    map("CDS purchase order line entity", "PurchPurchaseOrderLineCDSEntity", "msdyn_purchaseorderproducts", 4, true,
        "%purchase%-%line%"),
    map("Integration entity for project transaction relationships", "ProjTransactionConnectionEntity",
        "msdyn_transactionconnections", 0, false, "%guid%"),
    map("CDS Contacts V2", "smmContactPersonV2Entity", "contacts", 1, false, "%party%"),
    map("Vendors V2", "VendVendorV2Entity", "msdyn_vendors", 1, true, "%vendor%"),
    map("Contact for parties", "smmContactForPartiesEntity", "msdyn_contactforparties", 3, true, "%party%"),
    map("CDS purchase order headers", "PurchPurchaseOrderHeaderCDSEntity", "msdyn_purchaseorders", 4, true,
        "%purchase%"),
    map("CDS released distinct products", "EcoResReleasedDistinctProductCDSEntity", "products", 5, true, "%item%"),
    map("CE project tasks", "ProjCEProjectTaskEntity", "msdyn_projecttasks", 0, false, "%project%"),
    map("Financial dimension values", "DimensionAttributeValueEntity", "msdyn_dimensionattributevalues", 5, true,
        "%number%"),
    map("Warehouses", "InventWarehouseEntity", "msdyn_warehouses", 5, true, "%warehouse%"),
    map("Customer groups", "CustCustomerGroupEntity", "msdyn_customergroups", 1, true, "%group%"),
    map("Sales tax codes", "TaxCodeEntity", "msdyn_taxcodes", 5, true, "%tax%"),
    map("Units", "UnitOfMeasureEntity", "uoms", 5, true, "%unit%"),
    map("Product categories", "EcoResProductCategoryEntity", "msdyn_productcategories", 5, true, "%category%"),
];

/// Legal entities; a dump has the first 12 to 40 of them, the busiest first.
#[rustfmt::skip]
pub(super) const COMPANIES: [&str; 40] = [
    "usmf", "demf", "frrt", "gbsi", "usrt", "jpmf", "inmf", "mxmf", "brmf", "cnmf", "nlmf", "plmf", "ussi", "usp2",
    "esmf", "itco", "sgmf", "thmf", "saud", "aumf", "cama", "chmf", "atmf", "bemf", "dkmf", "fimf", "nomf", "semf",
    "czmf", "humf", "rumf", "trmf", "zamf", "egmf", "krmf", "twmf", "idmf", "mymf", "phmf", "nzmf",
];

/// Names of people and organisations, as untidy as names are.
#[rustfmt::skip]
pub(super) const NAMES: [&str; 32] = [
    "Contoso Retail San Diego", "Fabrikam, Inc.", "Müller & Söhne GmbH", "O'Brien Catering", "株式会社東京商事",
    "Société Générale d'Électricité", "Łukasz Żółć", "ООО «Ромашка»", "Contoso \"Retail\" Ltd", "Ζωή Παπαδοπούλου",
    "Núñez, Hermanos S.A.", "شركة النور", "Adventure Works", "Alpine Ski House", "Björn Åkesson AB", "北京科技有限公司",
    "Northwind Traders", "Wide World Importers", "City Power & Light", "Coho Winery", "Đặng Thị Ánh", "한국전자",
    "Trey Research", "Škoda díly s.r.o.", "Litware", "Blue Yonder Airlines", "Forest Wholesales", "Owl & Pussycat",
    "Proseware; Partners", "Çelik Sanayi", "Tailspin Toys", "Graphic Design Institute",
];

/// Groups, units, warehouses and tax codes by the words administrators use.
pub(super) const GROUPS: [&str; 10] =
    ["Local", "10", "20", "30", "40", "80", "90", "INTERCO", "Großkunden", "RETAIL"];
pub(super) const UNIT_NAMES: [&str; 8] = ["ea", "pcs", "kg", "Box", "m²", "Stück", "hr", "PL"];
pub(super) const CATEGORY_NAMES: [&str; 6] = [
    "Weight Benches",
    "Bike helmets",
    "Zubehör, sonstiges",
    "Coffee makers",
    "自転車",
    "Spare parts",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guidance::aliases::{aliases_of, canonical_entity};

    #[test]
    fn the_names_are_those_the_desk_knows() {
        for map in &MAPS {
            assert_eq!(canonical_entity(map.technical), map.internal);
            let pair = format!("{} ({})", map.internal, map.external);
            assert_eq!(canonical_entity(&pair), map.internal);
            assert!(!aliases_of(map.internal).is_empty(), "{}", map.internal);
        }
    }
}
