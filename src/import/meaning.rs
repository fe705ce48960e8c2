//! The one place where the importer asks what is known about entities and errors.

use crate::guidance::aliases::{canonical_entity, map_name};
use crate::guidance::cause::EntityPrint;

pub(super) use crate::guidance::cause::CodePrint;
pub(super) use crate::guidance::reading::Reader;

/// An entity by any of its names.
pub(super) struct Entity {
    /// The one name of an entity that goes by several.
    pub(super) name: String,
    /// What of it counts in causes.
    pub(super) print: EntityPrint,
}

/// The name of the map between two entities; of one alone, nothing.
pub(super) fn map_between(finance: &str, dataverse: &str) -> String {
    if finance.is_empty() || dataverse.is_empty() {
        return String::new();
    }
    map_name(&canonical_entity(finance), dataverse)
}

impl Entity {
    pub(super) fn of(name: &str) -> Self {
        let name = canonical_entity(name).into_owned();
        Self { print: EntityPrint::of(&name), name }
    }
}
