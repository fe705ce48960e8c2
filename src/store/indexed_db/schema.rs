//! The schema, as steps. Its version is their number.
//!
//! A step is never changed once released: it is what brings the data of a user who was away for a year to the next
//! step. A change of a *stored form* (`store::stored`) needs a step too, even if no object store changes.

use idb::{Database, Error, ObjectStoreParams, Transaction};

/// Brings a database from one version to the next, inside the upgrade's transaction. A step that moves data starts its
/// requests here and goes on in their handlers; the upgrade ends when none is left.
type Step = fn(&Database, &Transaction) -> Result<(), Error>;

/// Step *n* (from 1) makes version *n* of version *n − 1*; version 0 is a database without anything.
const STEPS: &[Step] = &[
    create_all,
    what_is_stored_says_that_it_is_whole,
    requests_wait_on_a_shelf,
    segments_are_blobs,
];

/// The version that this code reads and writes.
pub(super) const VERSION: u32 = STEPS.len() as u32;

/// Makes all steps that a database of the version found lacks.
pub(super) fn upgrade(
    database: &Database,
    transaction: &Transaction,
    found: u32,
) -> Result<(), Error> {
    STEPS.iter().skip(found as usize).try_for_each(|step| step(database, transaction))
}

/// Version 1: one object store for each kind of thing. No value carries its key.
///
/// | Object store | Key | Value |
/// |---|---|---|
/// | `segments` | `[dataset, index]` | `Uint8Array` |
/// | `manifests` | dataset | text |
/// | `jobs` | name | text |
/// | `requests` | id | `[text, Uint8Array]` |
/// | `dismissals` | given by the browser, rising from 1 | `Uint8Array` |
/// | `journal` | id | text |
/// | `meta` | name of the thing | text |
fn create_all(database: &Database, _: &Transaction) -> Result<(), Error> {
    for name in ["segments", "manifests", "jobs", "requests", "journal", "meta"] {
        database.create_object_store(name, ObjectStoreParams::new())?;
    }
    let mut numbered = ObjectStoreParams::new();
    numbered.auto_increment(true);
    database.create_object_store("dismissals", numbered)?;
    Ok(())
}

/// Version 2: segments may have the second stored form, which says where they belong, blocks of dismissals a checksum; lines
/// of the journal carry hashes, and `meta` keeps the end of their chain. Values of version 1 stay as they are and are read:
/// its lines are the beginning of the chain. The step only keeps code that knows but the first forms from opening what it
/// would take for damage, and from going on with lines that break the chain.
#[expect(clippy::unnecessary_wraps, reason = "it is a step like the others")]
fn what_is_stored_says_that_it_is_whole(_: &Database, _: &Transaction) -> Result<(), Error> {
    Ok(())
}

/// Version 3: requests may wait on the shelf, behind a gate and for a turn that is not their id, and have their records in
/// another order than the ascending one. Values of earlier versions are values of this one. The step only keeps code that
/// does not know the shelf from taking what waits there for damage, and from running requests out of their turn.
#[expect(clippy::unnecessary_wraps, reason = "it is a step like the others")]
fn requests_wait_on_a_shelf(_: &Database, _: &Transaction) -> Result<(), Error> {
    Ok(())
}

/// Version 4: a value of `segments` may be a `Blob` of the bytes. Values of earlier versions are values of this one. The step
/// only keeps code that does not know blobs from taking them for damage.
#[expect(clippy::unnecessary_wraps, reason = "it is a step like the others")]
fn segments_are_blobs(_: &Database, _: &Transaction) -> Result<(), Error> {
    Ok(())
}
