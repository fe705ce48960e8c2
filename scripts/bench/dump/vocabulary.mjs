// The words of the generated dump: values of its columns and the templates of its messages.
//
// Entities are canonical names, so that the desk, which folds aliases of one table, counts what the oracle counts.
// No text looks like a credential: the desk masks those, and its answers would differ for a good reason.

export const COLUMNS = ['id', 'occurred_at', 'job', 'entity', 'map', 'data_source', 'company', 'direction', 'category', 'error_code', 'record_key', 'message', 'retry_count'];

export const ENTITIES = `Customers V3, Vendors V2, Released products V2, CDS sales order headers, CDS sales order lines, CDS Contacts V2,
  CDS Parties, CDS purchase order headers, Sales invoice headers V2, Sales invoice lines V2, Customer groups, Vendor groups,
  CDS Party postal addresses, Party Contacts V3, Contact for parties, Legal entities, Operating units, Worker, Employments, Sites,
  Warehouses, Inventory on-hand entries, CDS released distinct products, All products, Product categories,
  Product category hierarchies, Storage dimension groups, Product dimension groups, Product default order settings,
  CDS sales quotation header, CDS sales quotation lines, Product receipt header, Product receipt lines, Terms of delivery,
  Terms of payment, Exchange rates, Exchange rate type, Payment schedule, Sales tax groups, Sales tax codes, Item sales tax groups,
  Financial dimensions, Financial dimension values, Main account, Chart of accounts, Fiscal calendars, Ledgers, Currencies, Units,
  Unit conversions, Colors, Sizes, Styles, Configurations, Ship via, Projects V2, Funding sources, Loyalty cards, Assets,
  Work orders`.split(',').map((name) => name.trim());

export const JOBS = ['Live-Customers', 'Live-Products', 'Live-Orders', 'Live-Invoices', 'Nightly-Parties', 'Nightly-Ledger', 'Hourly-Stock', 'Hourly-Prices', 'Weekly-People', 'Batch-Projects', 'Batch-Assets', 'Resync-By-Hand'];

/** Value and weight. */
export const DATA_SOURCES = [['FinOps-Prod', 40], ['Dataverse-Prod', 27], ['FinOps-Test', 14], ['Field-Service', 10], ['Sales-Hub', 6], ['Legacy-2012', 3]];
export const COMPANIES = 'usmf demf gbmf frmf usrt jpmf inmf brmf cnmf mxmf itmf esmf plmf nlmf bemf semf dkmf nomf fimf chmf atmf czmf humf romf trmf aemf samf zamf aumf nzmf sgmf mymf thmf krmf camf armf clmf comf pemf dat'.split(' ');
export const DIRECTIONS = ['Inbound', 'Outbound'];
export const CATEGORIES = ['Application', 'System', 'Concurrency'];
export const KEY_PREFIXES = ['C-', 'V-', 'P-', 'SO-', 'SL-', 'PO-', 'PL-', 'SI-', 'D-', 'A-'];
export const TABLES = ['accounts', 'msdyn_vendors', 'products', 'salesorders', 'salesorderdetails', 'contacts', 'msdyn_parties'];

export const NAMES = [['Contoso Retail', 14], ['Fabrikam, Inc.', 12], ['Adventure Works', 12], ['Northwind Traders', 11], ['The "Blue" Yonder', 8], ['Wide World Importers', 8], ['Tailspin Toys', 7], ['Proseware', 6], ['Trey Research', 5], ['Fourth Coffee', 5], ['Coho Winery', 4], ['Müller Maschinenbau', 4], ['Société Générale du Nord', 2], ['Żabka Łódź', 1], ['Ångström Kraft', 1]];
export const FIELDS = ['CUSTOMERGROUPID', 'PAYMENTTERMSNAME', 'SALESTAXGROUP', 'msdyn_company', 'PRODUCTNUMBER', 'transactioncurrencyid', 'INVENTORYSITEID', 'ownerid', 'DELIVERYMODECODE', 'primarycontactid', 'UNITSYMBOL', 'DIMENSIONDISPLAYVALUE'];
export const SERVERS = ['contoso.crm4.dynamics.com', 'contoso.operations.dynamics.com', 'contoso-test.crm.dynamics.com', 'AOS-07', 'AOS-12', 'sb-dualwrite-weu'];

// {g} GUID, {n} number, {m} small number, {k} key of the record, {c} company, {N} name, {f} field, {s} server, {e} entity, {d} date.
// The second value is the place of the usual category in CATEGORIES.
export const CAUSES = [
  ['Unable to write data to entity {e}: status code BadRequest, the value of {f} for {k} was not found, {n} of {n} rows affected.', 0],
  ['SQL deadlock victim: transaction (process {n}) was deadlocked on lock resources with another process while updating {k}. Rerun the transaction {g}.', 1],
  ['The request channel timed out while waiting for a reply after 00:{n}:00 from {s}, correlation {g}.', 1],
  ['Record with the key {k} is missing in {e}: the lookup for field {f} with values {{n}, {c}} could not be resolved.', 0],
  ['The version of the existing record {k} doesn\'t match the row version property provided, expected {n}.', 2],
  ['Customer group {m} does not exist for company {c}; the customer was not created.', 0],
  ['A record with matching key values already exists: {f}={n}, company={c}, existing record {g}.', 0],
  ['Generic SQL error {n} on {s}: exception of type SqlException was thrown, session {n}.', 1],
  ['Number of requests exceeded the limit of {n} over a time window of 300 seconds; throttled, retry after {n} ms.', 1],
  ['The field {f} of "{N}" can\'t be changed: {k} is on hold since {d}.', 0],
  ['Principal user (id={g}, type=8) is missing prvWriteAccount privilege on {e}.', 0],
  ['The attribute {f} has a length of {n} characters and exceeds the maximum of {n}: record {k} of {N}.', 0],
  ['Exchange rate from currency {m} to the accounting currency of {c} is missing.', 0],
  ['Another user has changed the record {k} after it was read; reread it and repeat, session {n}.', 2],
  ['Map of {e} has version {n}.0.0.{n}, which is not active; refresh the table list.', 1],
  ['Fiscal period of {d} is closed for voucher {k} in ledger {c}, calendar {g}.', 0],
  ['Totals differ: order {k} of {N} has {n} in one system and {n} in the other, tolerance {n}.', 0],
  ['Message {g} went to the dead-letter queue of {s} after {n} deliveries (MaxDeliveryCountExceeded).', 1],
  ['Unit conversion from {f} to ea is missing for product {n}, variant {k}, company {c}.', 0],
  ['Site and warehouse must be given for {k}: inventory dimension {n} is active in company {c}.', 0],
  ['Plug-in step {g} failed at depth {n} on {s}: Microsoft.Dynamics.Integration.PlugInException, sandbox worker {n}.', 1],
  ['Address of {N} has no country or region; postal code {n} can\'t be checked, party {g}.', 0],
  ['Option {n} of {f} has no mapping in the value transform and there is no default, record {k}.', 0],
  ['Company {c} is not linked to the environment {g}; {k} stays where it is.', 0],
  ['The concurrency token of {k} has changed twice in {n} ms: writers {g}, {g}.', 2],
  ['Sales tax group {f} is not valid on {d} for {k}, jurisdiction {n}.', 0],
  ['Could not establish a secure channel with {s}: certificate {g} is not trusted since {d}.', 1],
  ['The row holds no value for the required field {f}, which {e} needs; position {m}.', 0],
  ['Service {s} is unavailable (503), maintenance until {d}, ticket {n}, activity {g}.', 1],
  ['Posting profile not found: account {m}, company {c}.', 0],
];

/** What follows a cause, and its weight. */
export const TAILS = [
  ['', 35],
  [' Activity {g}, attempt {n}.', 24],
  [' Session {n} began {d}; trace {g} tells more, or ask the administrator.', 17],
  [' Payload: {"id":"{g}","key":"{k}","revision":{n}}.', 22],
  ['\r\n   at Sync.Runtime.Pipeline.Execute(Batch {n})\r\n   at Sync.Runtime.Worker.Run() in trace {g}', 2],
];
