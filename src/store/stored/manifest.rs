//! A manifest, or the mark that a removed dataset leaves in its place so that its id is not given again.

use serde::{Deserialize, Serialize};

use crate::domain::{DatasetId, Timestamp};
use crate::import::{ColumnUse, ImportReport, Reject, Warning};
use crate::workspace::ports::{Manifest, StoreError};

use super::{Place, Value, dataset, read_text, seen_again, time, write_text};

/// Its key is the dataset's id. Times are epoch milliseconds.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum StoredManifest {
    Complete {
        segments: u32,
        imported_at: i64,
        sample: bool,
        report: Box<StoredReport>,
        /// Missing where no dump of the same records was opened again, and before that was noted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmed_at: Option<i64>,
    },
    Removed,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredReport {
    dataset_id: Option<u32>,
    name: String,
    format: String,
    dialect: String,
    rows_read: u64,
    loaded: u64,
    duplicates: u64,
    dismissed_earlier: u64,
    rejected: u64,
    rejects: Vec<StoredReject>,
    warnings: Vec<StoredWarning>,
    columns: Vec<StoredColumn>,
    time_zone: Option<String>,
    elapsed_ms: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredReject {
    row: u32,
    line: u32,
    column: Option<String>,
    reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredWarning {
    code: String,
    message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredColumn {
    header: String,
    field: Option<String>,
    how: String,
}

pub(super) fn write(manifest: &Manifest) -> Result<Value, StoreError> {
    let value = write_text(&StoredManifest::Complete {
        segments: manifest.segments,
        imported_at: manifest.imported_at.millis(),
        sample: manifest.sample,
        report: Box::new(manifest.report.clone().into()),
        confirmed_at: manifest.confirmed_at.map(Timestamp::millis),
    })?;
    Ok(Value { bytes: seen_again::write(&manifest.seen_again), ..value })
}

pub(super) fn write_removed() -> Result<Value, StoreError> {
    write_text(&StoredManifest::Removed)
}

/// `None` is the mark of a removed dataset.
pub(super) fn read(place: &Place, value: &Value) -> Result<Option<Manifest>, StoreError> {
    match read_text(place, value)? {
        StoredManifest::Removed => Ok(None),
        StoredManifest::Complete { segments, imported_at, sample, report, confirmed_at } => {
            Ok(Some(Manifest {
                dataset: dataset(place)?,
                segments,
                imported_at: time(place, imported_at)?,
                sample,
                report: (*report).into(),
                seen_again: seen_again::read(place, &value.bytes)?,
                confirmed_at: confirmed_at.map(|millis| time(place, millis)).transpose()?,
            }))
        }
    }
}

impl From<ImportReport> for StoredReport {
    fn from(report: ImportReport) -> Self {
        Self {
            dataset_id: report.dataset_id.map(|dataset| dataset.0),
            name: report.name,
            format: report.format,
            dialect: report.dialect,
            rows_read: report.rows_read,
            loaded: report.loaded,
            duplicates: report.duplicates,
            dismissed_earlier: report.dismissed_earlier,
            rejected: report.rejected,
            rejects: report
                .rejects
                .into_iter()
                .map(|Reject { row, line, column, reason }| StoredReject {
                    row,
                    line,
                    column,
                    reason,
                })
                .collect(),
            warnings: report
                .warnings
                .into_iter()
                .map(|Warning { code, message }| StoredWarning { code, message })
                .collect(),
            columns: report
                .columns
                .into_iter()
                .map(|ColumnUse { header, field, how }| StoredColumn { header, field, how })
                .collect(),
            time_zone: report.time_zone,
            elapsed_ms: report.elapsed_ms,
        }
    }
}

impl From<StoredReport> for ImportReport {
    fn from(report: StoredReport) -> Self {
        Self {
            dataset_id: report.dataset_id.map(DatasetId),
            name: report.name,
            format: report.format,
            dialect: report.dialect,
            rows_read: report.rows_read,
            loaded: report.loaded,
            duplicates: report.duplicates,
            dismissed_earlier: report.dismissed_earlier,
            rejected: report.rejected,
            rejects: report
                .rejects
                .into_iter()
                .map(|StoredReject { row, line, column, reason }| Reject {
                    row,
                    line,
                    column,
                    reason,
                })
                .collect(),
            warnings: report
                .warnings
                .into_iter()
                .map(|StoredWarning { code, message }| Warning { code, message })
                .collect(),
            columns: report
                .columns
                .into_iter()
                .map(|StoredColumn { header, field, how }| ColumnUse { header, field, how })
                .collect(),
            time_zone: report.time_zone,
            elapsed_ms: report.elapsed_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Shelf;
    use super::*;
    use crate::domain::{RecordId, SeenAgain};

    #[test]
    fn the_stored_form_does_not_change() {
        let manifest = Manifest {
            dataset: DatasetId(3),
            segments: 2,
            imported_at: Timestamp::from_millis(1_000).unwrap(),
            sample: false,
            report: ImportReport {
                dataset_id: Some(DatasetId(3)),
                name: "errors.csv".to_owned(),
                format: "csv".to_owned(),
                dialect: "semicolon, UTF-8".to_owned(),
                rows_read: 10,
                loaded: 6,
                duplicates: 1,
                dismissed_earlier: 2,
                rejected: 1,
                rejects: vec![Reject {
                    row: 4,
                    line: 5,
                    column: Some("Created".to_owned()),
                    reason: "no time".to_owned(),
                }],
                warnings: vec![Warning { code: "noJob".to_owned(), message: "No job.".to_owned() }],
                columns: vec![ColumnUse {
                    header: "Legal entity".to_owned(),
                    field: Some("company".to_owned()),
                    how: "alias".to_owned(),
                }],
                time_zone: None,
                elapsed_ms: 12,
            },
            seen_again: SeenAgain::default(),
            confirmed_at: None,
        };
        let value = write(&manifest).unwrap();
        assert_eq!(
            value.text,
            r#"{"state":"complete","segments":2,"importedAt":1000,"sample":false,"report":{"datasetId":3,"#
                .to_owned()
                + r#""name":"errors.csv","format":"csv","dialect":"semicolon, UTF-8","rowsRead":10,"loaded":6,"#
                + r#""duplicates":1,"dismissedEarlier":2,"rejected":1,"#
                + r#""rejects":[{"row":4,"line":5,"column":"Created","reason":"no time"}],"#
                + r#""warnings":[{"code":"noJob","message":"No job."}],"#
                + r#""columns":[{"header":"Legal entity","field":"company","how":"alias"}],"#
                + r#""timeZone":null,"elapsedMs":12}}"#
        );
        let place = Place::number(Shelf::Manifests, 3);
        assert!(value.bytes.is_empty());
        assert_eq!(read(&place, &value).unwrap().as_ref(), Some(&manifest));

        let records = [4, 5, 6, 900].map(|row| RecordId::new(DatasetId(2), row));
        let causes = [(records[1], "c0ffee".to_owned())].into();
        let manifest = Manifest {
            seen_again: SeenAgain::new(records.to_vec(), causes),
            confirmed_at: Timestamp::from_millis(2_000),
            ..manifest
        };
        let value = write(&manifest).unwrap();
        assert!(value.text.ends_with(r#""elapsedMs":12},"confirmedAt":2000}"#), "{}", value.text);
        // Form; one dataset, its id, two runs; one cause, its record, length and text.
        let form = [1, 1, 2, 2, 4, 3, 0xFD, 0x06, 1, 1, 2, 5, 6];
        let form = [&form[..], b"c0ffee"].concat();
        assert_eq!(value.bytes, form);
        assert_eq!(read(&place, &value).unwrap(), Some(manifest));
        for len in 1..value.bytes.len() {
            let cut = Value { bytes: value.bytes[..len].to_vec(), ..value.clone() };
            assert!(read(&place, &cut).is_err(), "cut after {len} bytes");
        }
    }

    #[test]
    fn a_removed_dataset_leaves_a_mark() {
        let value = write_removed().unwrap();
        assert_eq!(value.text, r#"{"state":"removed"}"#);
        let place = Place::number(Shelf::Manifests, 3);
        assert_eq!(read(&place, &value).unwrap(), None);
        assert!(read(&place, &Value::default()).is_err());
    }
}
