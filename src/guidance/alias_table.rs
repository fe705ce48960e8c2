//! The tables of dual-write and the names each of them goes by.
//!
//! Sources: the maps named in Microsoft's dual-write troubleshooting articles, the standard map list of dual-write, and
//! the map templates of Dual-write core, Dynamics 365 finance extended, supply chain extended, party and global address
//! book, and Project Operations. Facts only; how a name is looked up stands in `aliases`.
//!
//! Order matters: where two finance and operations entities map to one Dataverse table, the Dataverse name alone stands
//! for the one listed **first** (the table's main map); the other keeps its own names.

/// A table: its finance and operations name and every other name.
pub(super) struct Table {
    /// The name the desk shows: the public name of the finance and operations entity.
    pub(super) canonical: &'static str,
    /// The Dataverse entity set first, then its logical name, then technical names of the entity, then older names.
    pub(super) aliases: &'static [&'static str],
}

const fn table(canonical: &'static str, aliases: &'static [&'static str]) -> Table {
    Table { canonical, aliases }
}

/// Every known table; main maps before the others that share their Dataverse table.
pub(super) static TABLES: &[Table] = &[
    // Customers, vendors, contacts
    table(
        "Customers V3",
        &["accounts", "account", "CustCustomerV3Entity", "Customers V2", "CustCustomerV2Entity"],
    ),
    table(
        "Vendors V2",
        &[
            "msdyn_vendors",
            "msdyn_vendor",
            "VendVendorV2Entity",
            "Vendors V3",
            "VendVendorV3Entity",
        ],
    ),
    table(
        "CDS Contacts V2",
        &[
            "contacts",
            "contact",
            "smmContactPersonV2Entity",
            "Contacts V2",
            "smmContactPersonCDSV2Entity",
        ],
    ),
    table(
        "Customer groups",
        &["msdyn_customergroups", "msdyn_customergroup", "CustCustomerGroupEntity"],
    ),
    table("Vendor groups", &["msdyn_vendorgroups", "msdyn_vendorgroup", "VendVendorGroupEntity"]),
    table(
        "Customer payment method",
        &[
            "msdyn_customerpaymentmethods",
            "msdyn_customerpaymentmethod",
            "CustomerPaymentMethodEntity",
        ],
    ),
    table(
        "Vendor payment method",
        &[
            "msdyn_vendorpaymentmethods",
            "msdyn_vendorpaymentmethod",
            "VendVendorPaymentMethodEntity",
        ],
    ),
    table("Customer hierarchies", &["msdyn_customerhierarchies", "msdyn_customerhierarchy"]),
    table("Loyalty cards", &["msdyn_loyaltycards", "msdyn_loyaltycard", "RetailLoyaltyCardEntity"]),
    // Party and global address book
    table("CDS Parties", &["msdyn_parties", "msdyn_party", "DirPartyCDSEntity", "Parties"]),
    table(
        "CDS Party postal addresses",
        &[
            "msdyn_partypostaladdresses",
            "msdyn_partypostaladdress",
            "DirPartyPostalAddressLocationCDSEntity",
        ],
    ),
    table(
        "CDS postal address history V2",
        &[
            "msdyn_postaladdresses",
            "msdyn_postaladdress",
            "LogisticsPostalAddressHistoryCDSV2Entity",
        ],
    ),
    table(
        "CDS postal address locations",
        &[
            "msdyn_postaladdresscollections",
            "msdyn_postaladdresscollection",
            "LogisticsPostalAddressLocationCDSEntity",
        ],
    ),
    table(
        "Party Contacts V3",
        &[
            "msdyn_partyelectronicaddresses",
            "msdyn_partyelectronicaddress",
            "DirPartyContactV3Entity",
        ],
    ),
    table(
        "Contact for parties",
        &[
            "msdyn_contactforparties",
            "msdyn_contactforparty",
            "smmContactForPartiesEntity",
            "Contacts for parties",
        ],
    ),
    table("CDS Party addresses locations", &["msdyn_partyaddresslocations"]),
    table("Name affixes", &["msdyn_nameaffixes", "msdyn_nameaffix", "DirNameAffixEntity"]),
    table("CDS Address roles", &["msdyn_addressroles", "msdyn_addressrole"]),
    table(
        "Complimentary closings",
        &[
            "msdyn_complimentaryclosings",
            "msdyn_complimentaryclosing",
            "CommunicationComplimentaryClosingEntity",
        ],
    ),
    table(
        "Contact person titles",
        &["msdyn_salescontactpersontitles", "msdyn_salescontactpersontitle"],
    ),
    table(
        "Personal character types",
        &["msdyn_personalcharactertypes", "msdyn_personalcharactertype"],
    ),
    table("Decision making roles", &["msdyn_decisionmakingroles", "msdyn_decisionmakingrole"]),
    table(
        "Employment job functions",
        &["msdyn_employmentjobfunctions", "msdyn_employmentjobfunction"],
    ),
    // Organisation, people
    table(
        "Legal entities",
        &["cdm_companies", "cdm_company", "OMLegalEntity", "CompanyInfo", "Companies"],
    ),
    table(
        "Operating units",
        &["msdyn_internalorganizations", "msdyn_internalorganization", "OMOperatingUnitEntity"],
    ),
    table("Organization hierarchy", &["msdyn_internalorganizationhierarchies"]),
    table(
        "Worker",
        &["cdm_workers", "cdm_worker", "HcmWorkerEntity", "Workers", "HcmWorkerV2Entity"],
    ),
    table(
        "Employments",
        &["cdm_employments", "cdm_employment", "HcmEmploymentEntity", "Employment"],
    ),
    table("Jobs", &["cdm_jobs", "cdm_job", "HcmJobEntity"]),
    table("Positions V2", &["cdm_jobpositions", "cdm_jobposition", "HcmPositionV2Entity"]),
    table("Departments", &["cdm_departments", "cdm_department"]),
    // Units, inventory sites
    table("Units", &["uoms", "uom", "UnitOfMeasureEntity", "Unit of measure", "msdyn_uoms"]),
    table("Unit conversions", &["msdyn_unitofmeasureconversions", "msdyn_unitofmeasureconversion"]),
    table(
        "Sites",
        &["msdyn_operationalsites", "msdyn_operationalsite", "InventOperationalSiteEntity"],
    ),
    table("Warehouses", &["msdyn_warehouses", "msdyn_warehouse", "InventWarehouseEntity"]),
    table(
        "Inventory on-hand entries",
        &["msdyn_inventoryonhandentries", "msdyn_inventoryonhandentry"],
    ),
    // Products
    table(
        "Released products V2",
        &[
            "msdyn_sharedproductdetails",
            "msdyn_sharedproductdetail",
            "EcoResReleasedProductV2Entity",
            "Released products",
        ],
    ),
    table(
        "CDS released distinct products",
        &[
            "products",
            "product",
            "EcoResReleasedDistinctProductCDSEntity",
            "CDS released distinct product",
        ],
    ),
    table(
        "All products",
        &["msdyn_globalproducts", "msdyn_globalproduct", "EcoResAllProductEntity", "Products V2"],
    ),
    table(
        "Product categories",
        &["msdyn_productcategories", "msdyn_productcategory", "EcoResProductCategoryEntity"],
    ),
    table(
        "Product category hierarchies",
        &[
            "msdyn_productcategoryhierarchies",
            "msdyn_productcategoryhierarchy",
            "EcoResProductCategoryHierarchyEntity",
        ],
    ),
    table(
        "Product category assignments",
        &["msdyn_productcategoryassignments", "msdyn_productcategoryassignment"],
    ),
    table("Colors", &["msdyn_productcolors", "msdyn_productcolor", "EcoResProductColorEntity"]),
    table("Sizes", &["msdyn_productsizes", "msdyn_productsize", "EcoResProductSizeEntity"]),
    table("Styles", &["msdyn_productstyles", "msdyn_productstyle", "EcoResProductStyleEntity"]),
    table("Configurations", &["msdyn_productconfigurations", "msdyn_productconfiguration"]),
    table(
        "Item - tracking dimension groups",
        &[
            "msdyn_producttrackingdimensiongroups",
            "msdyn_producttrackingdimensiongroup",
            "EcoResTrackingDimensionGroupItem",
            "Items - tracking dimension groups",
        ],
    ),
    table(
        "Storage dimension groups",
        &["msdyn_productstoragedimensiongroups", "msdyn_productstoragedimensiongroup"],
    ),
    table(
        "Product dimension groups",
        &["msdyn_productdimensiongroups", "msdyn_productdimensiongroup"],
    ),
    table(
        "Product default order settings",
        &["msdyn_productdefaultordersettings", "msdyn_productdefaultordersetting"],
    ),
    table("Item group", &["msdyn_itemgroups", "msdyn_itemgroup", "InventItemGroupEntity"]),
    table("Price customer groups", &["msdyn_pricecustomergroups", "msdyn_pricecustomergroup"]),
    table("Sales price lists", &["pricelevels", "pricelevel", "Price lists"]),
    table("Open sales price journal lines", &["productpricelevels", "productpricelevel"]),
    // Sales, purchasing
    table(
        "CDS sales order headers",
        &[
            "salesorders",
            "salesorder",
            "SalesOrderHeaderCDSEntity",
            "SalesOrderHeaderV2Entity",
            "Sales order headers V2",
        ],
    ),
    table(
        "CDS sales order lines",
        &[
            "salesorderdetails",
            "salesorderdetail",
            "SalesOrderLineCDSEntity",
            "SalesOrderLineV3Entity",
            "Sales order lines V3",
            "SalesOrderLineV2Entity",
        ],
    ),
    table("CDS sales quotation header", &["quotes", "quote", "SalesQuotationHeaderCDSEntity"]),
    table(
        "CDS sales quotation lines",
        &["quotedetails", "quotedetail", "SalesQuotationLineCDSEntity"],
    ),
    table("Sales order origin codes", &["msdyn_salesorderorigins", "msdyn_salesorderorigin"]),
    table(
        "Sales invoice headers V2",
        &["invoices", "invoice", "SalesInvoiceHeaderV2Entity", "Sales invoice headers"],
    ),
    table(
        "Sales invoice lines V2",
        &["invoicedetails", "invoicedetail", "SalesInvoiceLineV2Entity"],
    ),
    table(
        "CDS purchase order headers",
        &[
            "msdyn_purchaseorders",
            "msdyn_purchaseorder",
            "PurchPurchaseOrderHeaderCDSEntity",
            "PurchPurchaseOrderHeaderV2Entity",
            "Purchase order headers V2",
        ],
    ),
    table(
        "CDS purchase order line entity",
        &[
            "msdyn_purchaseorderproducts",
            "msdyn_purchaseorderproduct",
            "PurchPurchaseOrderLineCDSEntity",
            "PurchPurchaseOrderLineV2Entity",
            "Purchase order lines V2",
        ],
    ),
    table("Product receipt header", &["msdyn_purchaseorderreceipts", "msdyn_purchaseorderreceipt"]),
    table(
        "Product receipt lines",
        &["msdyn_purchaseorderreceiptproducts", "msdyn_purchaseorderreceiptproduct"],
    ),
    table("Ship via", &["msdyn_shipvias", "msdyn_shipvia", "DlvModeEntity", "Modes of delivery"]),
    table(
        "Terms of delivery",
        &["msdyn_termsofdeliveries", "msdyn_termsofdelivery", "DlvTermEntity"],
    ),
    // Finance
    table("Currencies", &["transactioncurrencies", "transactioncurrency", "CurrencyEntity"]),
    table(
        "Exchange rates",
        &["msdyn_currencyexchangerates", "msdyn_currencyexchangerate", "ExchangeRateEntity"],
    ),
    table(
        "Exchange rate currency pair",
        &["msdyn_currencyexchangeratepairs", "msdyn_currencyexchangeratepair"],
    ),
    table(
        "Exchange rate type",
        &["msdyn_exchangeratetypes", "msdyn_exchangeratetype", "ExchangeRateTypeEntity"],
    ),
    table(
        "Terms of payment",
        &["msdyn_paymentterms", "msdyn_paymentterm", "PaymentTermEntity", "Payment terms"],
    ),
    table(
        "Payment schedule",
        &["msdyn_paymentschedules", "msdyn_paymentschedule", "PaymentScheduleEntity"],
    ),
    table("Payment schedule lines", &["msdyn_paymentschedulelines", "msdyn_paymentscheduleline"]),
    table("Payment days CDS", &["msdyn_paymentdays", "msdyn_paymentday"]),
    table("Payment day lines CDS V2", &["msdyn_paymentdaylines", "msdyn_paymentdayline"]),
    table("Sales tax codes", &["msdyn_taxcodes", "msdyn_taxcode", "TaxCodeEntity", "Tax codes"]),
    table(
        "Sales tax groups",
        &["msdyn_taxgroups", "msdyn_taxgroup", "TaxGroupEntity", "Tax groups"],
    ),
    table(
        "Item sales tax groups",
        &["msdyn_taxitemgroups", "msdyn_taxitemgroup", "TaxItemGroupHeadingEntity"],
    ),
    table("Sales tax exempt number", &["msdyn_taxexemptnumbers", "msdyn_taxexemptnumber"]),
    table("Withholding tax codes", &["msdyn_withholdingtaxcodes", "msdyn_withholdingtaxcode"]),
    table("Withholding tax groups", &["msdyn_withholdingtaxgroups", "msdyn_withholdingtaxgroup"]),
    table(
        "Financial dimensions",
        &[
            "msdyn_dimensionattributes",
            "msdyn_dimensionattribute",
            "DimensionAttributeEntity",
            "Financial dimension format",
        ],
    ),
    table(
        "Financial dimension values",
        &[
            "msdyn_dimensionattributevalues",
            "msdyn_dimensionattributevalue",
            "DimensionAttributeValueEntity",
        ],
    ),
    table(
        "Main account",
        &["msdyn_mainaccounts", "msdyn_mainaccount", "MainAccountEntity", "Main accounts"],
    ),
    table(
        "Chart of accounts",
        &["msdyn_chartofaccountses", "msdyn_chartofaccounts", "ChartOfAccountsEntity"],
    ),
    table("Ledgers", &["msdyn_ledgers", "msdyn_ledger", "LedgerEntity"]),
    table("Main account categories", &["msdyn_mainaccountcategories", "msdyn_mainaccountcategory"]),
    table(
        "Fiscal calendars",
        &["msdyn_fiscalcalendars", "msdyn_fiscalcalendar", "FiscalCalendarEntity"],
    ),
    table(
        "Fiscal calendar years integration",
        &["msdyn_fiscalcalendaryears", "msdyn_fiscalcalendaryear"],
    ),
    table("Fiscal calendar period", &["msdyn_fiscalcalendarperiods", "msdyn_fiscalcalendarperiod"]),
    // Project Operations
    table(
        "Project invoice proposal V2",
        &[
            // The Dataverse table `invoices` belongs to the sales invoice map above; only the pair of names says otherwise.
            "ProjInvoiceProposalV2Entity",
            "Project invoice proposals V2",
            "Project invoice proposal",
        ],
    ),
    table(
        "Project Operations integration actuals",
        &[
            "msdyn_actuals",
            "msdyn_actual",
            "ProjCDSActualsImportEntity",
            "Project Operations actuals",
        ],
    ),
    table(
        "Integration entity for project transaction relationships",
        &[
            "msdyn_transactionconnections",
            "msdyn_transactionconnection",
            "ProjTransactionConnectionEntity",
            "Transaction relationships",
        ],
    ),
    table(
        "CE project tasks",
        &["msdyn_projecttasks", "msdyn_projecttask", "ProjCEProjectTaskEntity"],
    ),
    table("Projects V2", &["msdyn_projects", "msdyn_project", "ProjProjectV2Entity", "Projects"]),
    table(
        "Project contract headers",
        &["msdyn_projectcontracts", "ProjContractHeaderEntity", "Project contracts"],
    ),
    table("Project contract lines", &["msdyn_contractlines", "salesordercontractlines"]),
    table(
        "Funding sources",
        &["msdyn_projectcontractsplitbillingrules", "ProjFundingSourceEntity"],
    ),
    table(
        "Project resource roles for all companies",
        &["bookableresourcecategories", "bookableresourcecategory"],
    ),
    table(
        "Project transaction categories",
        &["msdyn_transactioncategories", "msdyn_transactioncategory"],
    ),
    table("Project expense categories", &["msdyn_expensecategories", "msdyn_expensecategory"]),
    table(
        "Integration entity for expense estimates",
        &["msdyn_estimatelines", "msdyn_estimateline"],
    ),
    table(
        "Integration entity for hour estimates",
        &["msdyn_resourceassignments", "msdyn_resourceassignment"],
    ),
    table(
        "Project contract line milestones",
        &["msdyn_contractlinescheduleofvalues", "msdyn_contractlinescheduleofvalue"],
    ),
    // Assets, field service
    table("Functional locations", &["msdyn_functionallocations", "msdyn_functionallocation"]),
    table("Assets", &["msdyn_customerassets", "msdyn_customerasset", "EntAssetObjectEntity"]),
    table("Asset types", &["msdyn_customerassetcategories", "msdyn_customerassetcategory"]),
    table("Service agreements", &["msdyn_agreements", "msdyn_agreement"]),
    table("Work orders", &["msdyn_workorders", "msdyn_workorder"]),
];
