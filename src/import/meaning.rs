//! The one place where the importer asks what is known about entities and errors.

use std::borrow::Cow;

use crate::domain::Category;
use crate::guidance::{aliases, category, cause, code};

/// The one name of an entity that goes by several.
pub(super) fn canonical_entity(name: &str) -> Cow<'_, str> {
    aliases::canonical_entity(name)
}

/// The category that a message tells, where the dump has none.
pub(super) fn infer_category(message: &str, error_code: &str) -> Option<Category> {
    category::infer(message, error_code)
}

/// Writes the id of the cause that an error is grouped under.
pub(super) fn write_cause(entity: &str, error_code: &str, message: &str, out: &mut String) {
    let mut digits = [0; 16];
    out.clear();
    out.push_str(cause::cause_of(entity, error_code, message).write_hex(&mut digits));
}

/// The code that a message tells.
pub(super) fn error_code(message: &str) -> Option<Cow<'_, str>> {
    code::error_code(message)
}
