use super::*;

fn uses(headers: &[&str], options: &ImportOptions) -> Vec<String> {
    let mapping = Mapping::propose(headers, &[], options).unwrap();
    mapping
        .uses()
        .into_iter()
        .map(|column| {
            format!("{}:{}:{}", column.header, column.field.unwrap_or_default(), column.how)
        })
        .collect()
}

#[test]
fn the_error_log_is_known() {
    let options = ImportOptions::default();
    let headers = [
        "RecId",
        "ProjectName",
        "RecordIdentifier",
        "ProviderType",
        "ExternalEntityName",
        "InternalEntityName",
        "DetailedErrorMessage",
        "CDSPayload",
        "DataAreaId",
        "ModifiedDateTime",
        "CreatedDateTime",
    ];
    assert_eq!(
        uses(&headers, &options),
        [
            "RecId:id:alias",
            "ProjectName::extra",
            "RecordIdentifier:recordKey:alias",
            "ProviderType:dataSource:fallback",
            "ExternalEntityName::extra",
            "InternalEntityName:entity:alias",
            "DetailedErrorMessage:message:alias",
            "CDSPayload::redacted",
            "DataAreaId:company:alias",
            "ModifiedDateTime::extra",
            "CreatedDateTime:occurredAt:alias",
        ]
    );
    let mapping = Mapping::propose(&headers, &[], &options).unwrap();
    assert_eq!((mapping.map_sides(), mapping.namespace()), (Some((5, 4)), Some(1)));
}

#[test]
fn a_mapping_by_hand_overrides_and_frees_columns() {
    let options = ImportOptions {
        mapping: vec![
            ("Text".into(), Some("message".into())),
            ("Entity".into(), None),
            ("Area".into(), Some("entity".into())),
        ],
        ..ImportOptions::default()
    };
    assert_eq!(
        uses(&["message", "Text ", "Entity", "Area", "", "message"], &options),
        [
            "message::extra",
            "Text:message:option",
            "Entity::option",
            "Area:entity:option",
            "Column 5::extra",
            "message (2)::extra",
        ]
    );
}

#[test]
fn mappings_that_contradict_themselves_are_refused() {
    for (pairs, part) in [
        (vec![("a", Some("nonsense"))], "is no field"),
        (vec![("a", Some("message")), ("b", Some("message"))], "both stand for"),
        (vec![("CDSPayload", Some("message"))], "never stored"),
    ] {
        let mapping = pairs.iter().map(|(h, f)| ((*h).into(), f.map(str::to_owned))).collect();
        let options = ImportOptions { mapping, ..ImportOptions::default() };
        let error = Mapping::propose(&["a", "b"], &[], &options).unwrap_err();
        assert_eq!(error.code(), "InvalidArgument");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn the_row_guid_of_dataverse_is_the_id_if_there_is_no_better() {
    let guid = "0f8fad5b-d9cb-469f-a165-70867728950e".to_owned();
    let row = [guid, "k2Sx==".to_owned()];
    let headers = ["(Nicht ändern) Fehler", "(Nicht ändern) Prüfsumme"];
    let mapping = Mapping::propose(&headers, &[&row], &ImportOptions::default()).unwrap();
    assert_eq!(mapping.column(Field::Id), Some(0));
    let headers = ["(Do Not Modify) Error", "Id"];
    let mapping = Mapping::propose(&headers, &[&row], &ImportOptions::default()).unwrap();
    assert_eq!(mapping.column(Field::Id), Some(1));
}
