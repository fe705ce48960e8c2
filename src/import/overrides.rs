//! What the user said of the columns: header → field, or keep as extra.

use hashbrown::HashMap;

use super::ImportError;
use super::aliases::{Field, normal};
use super::options::ImportOptions;
use super::redact::is_secret_column;

/// Reads the mapping of the options; refuses fields that do not exist, that are given twice, or from columns of secrets.
pub(super) fn read_overrides(
    options: &ImportOptions,
) -> Result<HashMap<String, Option<Field>>, ImportError> {
    let mut overrides = HashMap::new();
    let mut taken: Vec<(Field, &str)> = Vec::new();
    for (header, name) in &options.mapping {
        let field = match name {
            None => None,
            Some(name) => Some(Field::by_name(name).ok_or_else(|| {
                let names = Field::ALL.map(Field::name).join(", ");
                invalid(options, format!("'{name}' is no field; the fields are {names}"))
            })?),
        };
        if let Some(field) = field {
            if let Some((_, other)) = taken.iter().find(|(known, _)| *known == field) {
                let reason = format!("'{other}' and '{header}' both stand for {}", field.name());
                return Err(invalid(options, reason));
            }
            if is_secret_column(&normal(header)) {
                let reason =
                    format!("'{header}' holds credentials or payloads and is never stored");
                return Err(invalid(options, reason));
            }
            taken.push((field, header));
        }
        overrides.insert(header.trim().to_owned(), field);
    }
    Ok(overrides)
}

/// An option that contradicts the file or itself.
pub(super) fn invalid(options: &ImportOptions, reason: String) -> ImportError {
    ImportError::InvalidOption { name: options.name.clone(), option: "mapping".to_owned(), reason }
}
