//! The category of an error, read out of its text where the dump does not say it.
//!
//! Tokens rather than sentences: texts are nested, glued together and reworded between versions. Source of the groups:
//! the documented messages and what the product documentation says of their retry.

use crate::domain::Category;

/// Tokens in lower case and what they speak for; the first that occurs decides, so the order matters: what is rarer and
/// more telling comes first.
const TOKENS: &[(&str, Category)] = &[
    // Concurrency: another version won.
    ("update conflict occurred", Category::Concurrency),
    ("doesn't match the rowversion", Category::Concurrency),
    ("does not match the rowversion", Category::Concurrency),
    ("concurrency version mismatch", Category::Concurrency),
    ("isn't the latest version", Category::Concurrency),
    ("is not the latest version", Category::Concurrency),
    ("more than one concurrent", Category::Concurrency),
    // Configuration: maps, schema, versions, links.
    ("project validation failed", Category::Configuration),
    ("in the schema", Category::Configuration),
    ("plugin registration failed", Category::Configuration),
    ("version mismatch", Category::Configuration),
    ("secureconfig organization", Category::Configuration),
    ("unable to generate payload", Category::Configuration),
    ("payload creation failed", Category::Configuration),
    ("has mapping errors", Category::Configuration),
    ("isn't discoverable", Category::Configuration),
    ("dualwriteprojectconfiguration", Category::Configuration),
    ("enabled for dual-write", Category::Configuration),
    ("project configurations found", Category::Configuration),
    ("business events registration", Category::Configuration),
    ("source filter", Category::Configuration),
    ("integration key", Category::Configuration),
    ("no mapping in value transform", Category::Configuration),
    ("dipv1", Category::Configuration),
    ("dwdvev", Category::Configuration),
    ("dwfoev", Category::Configuration),
    // System: platform, network, throttling.
    ("number of requests exceeded", Category::System),
    ("execution time of incoming requests exceeded", Category::System),
    ("concurrent requests exceeded", Category::System),
    ("high resource utilization", Category::System),
    ("connection attempt failed", Category::System),
    ("timeout expired", Category::System),
    ("timed out", Category::System),
    ("deadlock", Category::System),
    ("internalservererror", Category::System),
    ("internal server error", Category::System),
    ("bad gateway", Category::System),
    ("service unavailable", Category::System),
    ("serviceunavailable", Category::System),
    ("too many requests", Category::System),
    ("should be closed on end", Category::System),
    ("gateway timeout", Category::System),
    ("(502)", Category::System),
    ("(503)", Category::System),
    ("(504)", Category::System),
    ("(429)", Category::System),
    ("ax export encountered an error", Category::System),
    ("attempts to get data from", Category::Application),
    ("connected party did not properly respond", Category::System),
    // Application: data that break a rule.
    ("unable to lookup", Category::Application),
    ("unable to look up", Category::Application),
    ("unable to write data", Category::Application),
    ("write failed", Category::Application),
    ("couldn't resolve the guid", Category::Application),
    ("could not resolve the guid", Category::Application),
    ("lookup was not found", Category::Application),
    ("is not found in the related table", Category::Application),
    ("must be filled in", Category::Application),
    ("already exists", Category::Application),
    ("validatefield failed", Category::Application),
    ("validatewrite failed", Category::Application),
    ("integrity constraints", Category::Application),
    ("not found in the record", Category::Application),
    ("party number", Category::Application),
    ("cannot update", Category::Application),
    ("cannot create a record", Category::Application),
    ("same key has already been added", Category::Application),
    ("not a member of the organization", Category::Application),
    ("is missing prv", Category::Application),
    ("(403)", Category::Application),
    ("(401)", Category::Application),
    ("convert the literal", Category::Application),
    ("message size exceeded", Category::Application),
    ("doesn't exist", Category::Application),
];

/// Codes that decide by themselves.
const CODES: &[(&str, Category)] = &[
    ("0x80060882", Category::Concurrency),
    ("0x80048105", Category::Concurrency),
    ("0x80072322", Category::System),
    ("0x80072321", Category::System),
    ("0x80072326", Category::System),
    ("0x80044151", Category::System),
    ("0x8004023e", Category::System),
    ("0x80040237", Category::Application),
    ("0x80040265", Category::Application),
    ("0x80072560", Category::Application),
    ("http 500", Category::System),
    ("http 502", Category::System),
    ("http 503", Category::System),
    ("http 504", Category::System),
    ("http 429", Category::System),
    ("http 412", Category::Concurrency),
];

/// Longest part of a message that is looked at: stack traces say nothing of the category.
const LOOKED_AT: usize = 2_000;

/// The category that message and code speak for; `None` where they say nothing known.
pub fn infer(message: &str, error_code: &str) -> Option<Category> {
    let code = error_code.trim().to_ascii_lowercase();
    if let Some((_, category)) = CODES.iter().find(|(known, _)| *known == code) {
        return Some(category.clone());
    }
    let end = message.floor_char_boundary(LOOKED_AT);
    let folded = message[..end].to_ascii_lowercase();
    TOKENS.iter().find(|(token, _)| folded.contains(token)).map(|(_, category)| category.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_messages_get_the_category_of_their_group() {
        let cases = [
            (
                "Unable to write data to entity msdyn_contactforparties. Unable to lookup msdyn_parties with values {000006057}.",
                Category::Application,
            ),
            (
                "Couldn't resolve the guid for the field: msdyn_billingaccount.accountnumber. The lookup was not found: 1206-1.",
                Category::Application,
            ),
            (
                "The value '12/31/2154 11:59:59 pm' in field 'Employment end date' is not found in the related table 'Employment'.",
                Category::Application,
            ),
            (
                "Write failed for entity CDS Contacts V2 with unknown exception - Field 'Associated party number' must be filled in.",
                Category::Application,
            ),
            ("A record with matching key values already exists.", Category::Application),
            (
                "The user is not a member of the organization. The remote server returned an error: (403) Forbidden.",
                Category::Application,
            ),
            (
                "Cannot convert the literal '' to the expected type 'Edm.Int32'.",
                Category::Application,
            ),
            (
                "Error Message: Message size exceeded when sending context to Sandbox.",
                Category::Application,
            ),
            (
                "failed to process entity account - (A connection attempt failed because the connected party did not",
                Category::System,
            ),
            (
                "Request failed with status code InternalServerError and CDS error code : Internal Server Error",
                Category::System,
            ),
            (
                "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
                Category::System,
            ),
            (
                "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds",
                Category::System,
            ),
            (
                "This request could not be processed at this time due to system experiencing high resource utilization.",
                Category::System,
            ),
            (
                "Cannot edit a record in Ledger journal table. An update conflict occurred due to another user process",
                Category::Concurrency,
            ),
            (
                "The version of the existing record doesn't match the RowVersion property provided.",
                Category::Concurrency,
            ),
            ("Unable to generate payload for entity CustCustomerV3Entity", Category::Configuration),
            (
                "SecureConfig Organization (a) does not match actual CRM Organization (b).",
                Category::Configuration,
            ),
            (
                "Customers V3 (accounts): Project validation failed. Missing destination field x in the schema.",
                Category::Configuration,
            ),
            (
                "solution 'Dynamics365Company' has version mismatch. Version: '2.0.2.10' Required version: '2.0.133'",
                Category::Configuration,
            ),
        ];
        for (message, category) in cases {
            assert_eq!(infer(message, ""), Some(category), "{message}");
        }
        assert_eq!(infer("Something else entirely", ""), None);
        assert_eq!(infer("Something else entirely", "0x80060882"), Some(Category::Concurrency));
    }
}
