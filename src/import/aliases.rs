//! The headers that dumps use for the fields of a record.
//!
//! Sources: the tables `DualWriteErrorLog` and `DualWriteManualReconciliationRef`, the labels of finance and operations grids,
//! Dataverse exports, and the field names of the scripting API. The grid's own columns are documented nowhere, so this list is
//! generous and a mapping by hand overrides it.

use std::sync::LazyLock;

use hashbrown::HashMap;

/// A field of `Record` that a column can fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    OccurredAt,
    Job,
    Entity,
    Map,
    DataSource,
    Company,
    Direction,
    Category,
    ErrorCode,
    RecordKey,
    Message,
    RetryCount,
}

impl Field {
    pub(super) const COUNT: usize = 13;

    pub(super) const ALL: [Self; Self::COUNT] = [
        Self::Id,
        Self::OccurredAt,
        Self::Job,
        Self::Entity,
        Self::Map,
        Self::DataSource,
        Self::Company,
        Self::Direction,
        Self::Category,
        Self::ErrorCode,
        Self::RecordKey,
        Self::Message,
        Self::RetryCount,
    ];

    /// The field's name in `Record`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::OccurredAt => "occurredAt",
            Self::Job => "job",
            Self::Entity => "entity",
            Self::Map => "map",
            Self::DataSource => "dataSource",
            Self::Company => "company",
            Self::Direction => "direction",
            Self::Category => "category",
            Self::ErrorCode => "errorCode",
            Self::RecordKey => "recordKey",
            Self::Message => "message",
            Self::RetryCount => "retryCount",
        }
    }

    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Headers in the form of [`normal`], the best first. Those behind `~` are taken only where nothing better is there and
    /// are told as `fallback`.
    const fn headers(self) -> &'static str {
        match self {
            Self::Id => {
                "id errorid syncerrorid recid errorrecid errorlogid dualwriteerrorlogid guid \
                 ~ rowid"
            }
            Self::OccurredAt => {
                "occurredat occurredon occurred dateandtime datetime errordateandtime errordatetime \
                 erroroccurredat timestamp errortime eventtime logdatetime createddatetime \
                 createddateandtime createdat createdon created loggedat errordate time date \
                 datumunduhrzeit zeitpunkt zeit datum erstelltam dateetheure dateheure crééle fechayhora creadoel \
                 datumentijd gemaaktop datoogklokkeslæt oprettetden \
                 ~ modifieddatetime modifieddateandtime lastmodified modifiedon modifiedat sinkcreatedon sinkmodifiedon"
            }
            Self::Job => {
                "job integrationjob integrationjobname jobname integrationjobid jobid dualwritejob"
            }
            Self::Entity => {
                "entity entityname internalentityname internalentity foentity foentityname \
                 finopsentity financeandoperationsentity sourceentity sourceentityname table tablename \
                 entität entitätsname entité nomdelentité entidad nombredelaentidad entiteit enhed \
                 ~ externalentityname externalentity dventity dataverseentity dataversetable targetentity primaryentity"
            }
            Self::Map => {
                "map tablemap mapname tablemapname entitymap entitymapname dualwritemap tablemapping"
            }
            Self::DataSource => {
                "datasource datasourcename sourcesystem originatingsystem origin source \
                 datenquelle sourcededonnées origendedatos gegevensbron datakilde \
                 ~ providertype provider"
            }
            Self::Company => {
                "company legalentity dataareaid legalentityid companyid companycode dataarea \
                 companyaccounts transactioncompany legalentityname companyname \
                 juristischeperson unternehmen entitéjuridique société entidadjurídica empresa rechtspersoon juridiskenhed"
            }
            Self::Direction => "direction syncdirection synchronizationdirection",
            Self::Category => {
                "category errorcategory failurecategory errortype failuretype errorclass"
            }
            Self::ErrorCode => "errorcode cdserrorcode code errornumber",
            Self::RecordKey => {
                "recordkey recordidentifier integrationkey integrationkeyvalue integrationkeyvalues \
                 keyvalue keyvalues recordid recordname key record"
            }
            Self::Message => {
                "message errormessage detailederrormessage error errortext errordetails errordetail \
                 errordescription errorreason exceptiondetails description details text \
                 fehlermeldung fehlertext meldung messagederreur mensajedeerror mensaje foutbericht fejlmeddelelse \
                 ~ messageblock verboseerror exception"
            }
            Self::RetryCount => {
                "retrycount retries retryattempts attemptcount attempts numberofretries noofretries"
            }
        }
    }
}

/// A header's letters and digits in lower case: `Record_Key `, `record key` and `RecordKey` are one.
pub(super) fn normal(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The field that a normal header names, and how far down the list; from [`FALLBACK_RANK`] on it is a fallback.
pub(super) fn field_of(normal: &str) -> Option<(Field, usize)> {
    // Tables of one's own and of the dual-write solutions put their publisher in front.
    let bare = ["msdyn", "new"]
        .iter()
        .find_map(|prefix| normal.strip_prefix(prefix).filter(|rest| !rest.is_empty()));
    lookup(normal).or_else(|| lookup(bare?).map(|(field, rank)| (field, rank + FALLBACK_RANK / 2)))
}

pub(super) const FALLBACK_RANK: usize = 1_000;

fn lookup(normal: &str) -> Option<(Field, usize)> {
    static HEADERS: LazyLock<HashMap<&'static str, (Field, usize)>> = LazyLock::new(|| {
        let mut headers = HashMap::new();
        for field in Field::ALL {
            let mut rank = 0;
            for word in field.headers().split_ascii_whitespace() {
                if word == "~" {
                    rank = FALLBACK_RANK;
                    continue;
                }
                headers.insert(word, (field, rank));
                rank += 1;
            }
        }
        headers
    });
    HEADERS.get(normal).copied()
}

/// The Dataverse side of a map, used to name the map.
pub(super) fn is_external_entity(normal: &str) -> bool {
    ["externalentityname", "externalentity", "dventity", "dataverseentity", "dataversetable"]
        .contains(&normal)
}

/// The finance and operations side of a map.
pub(super) fn is_internal_entity(normal: &str) -> bool {
    ["internalentityname", "internalentity", "foentity", "foentityname", "finopsentity"]
        .contains(&normal)
}

/// The plug-in that wrote a line of Dataverse's plug-in trace log.
pub(super) fn is_plugin_type(normal: &str) -> bool {
    normal == "typename"
}

/// Plug-ins of dual-write, whose traces are errors of synchronisation.
pub(super) const DUAL_WRITE_PLUGINS: &str = "DualWriteRuntime.Plugins";

/// Within what ids are unique.
pub(super) fn is_namespace(normal: &str) -> bool {
    ["projectname", "integrationproject", "integrationenvironment", "environment"].contains(&normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_whatever_their_dress() {
        for (header, field) in [
            ("Date and time", Field::OccurredAt),
            (" legal entity ", Field::Company),
            ("DATA_SOURCE", Field::DataSource),
            ("DetailedErrorMessage", Field::Message),
            ("msdyn_errormessage", Field::Message),
            ("recid", Field::Id),
            ("Record.Identifier", Field::RecordKey),
        ] {
            assert_eq!(field_of(&normal(header)).map(|(field, _)| field), Some(field), "{header}");
        }
        assert_eq!(field_of(&normal("Größe")), None);
        assert_eq!(field_of(""), None);
    }

    #[test]
    fn no_header_stands_for_two_fields() {
        let mut seen = std::collections::HashMap::new();
        for field in Field::ALL {
            assert_eq!(normal(field.name()), field.headers().split(' ').next().unwrap());
            assert_eq!(Field::by_name(field.name()), Some(field));
            for word in field.headers().split_ascii_whitespace().filter(|&word| word != "~") {
                assert_eq!(seen.insert(word, field), None, "{word}");
                assert_eq!(normal(word), word);
            }
        }
    }
}
