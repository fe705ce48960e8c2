//! Dismissed identities: what one commit adds is one block of 16-byte digests, little endian.
//!
//! Blocks keep both ends quick: a commit of 10,000 dismissals is one write, and all blocks are read by one call.

use crate::domain::Identity;
use crate::workspace::ports::StoreError;

use super::{Place, Value};

const DIGEST_BYTES: usize = 16;

pub(super) fn write(identities: &[Identity]) -> Value {
    let bytes = identities.iter().flat_map(|identity| identity.0.to_le_bytes()).collect();
    Value { text: String::new(), bytes }
}

pub(super) fn read(place: &Place, value: &Value) -> Result<Vec<Identity>, StoreError> {
    let (digests, rest) = value.bytes.as_chunks::<DIGEST_BYTES>();
    if digests.is_empty() || !rest.is_empty() {
        let bytes = value.bytes.len();
        return Err(place.damaged(format_args!("{bytes} bytes are no list of digests")));
    }
    Ok(digests.iter().map(|digest| Identity(u128::from_le_bytes(*digest))).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Shelf;
    use super::*;

    #[test]
    fn the_stored_form_does_not_change() {
        let value = write(&[Identity(0x0102), Identity(u128::MAX)]);
        let mut bytes = vec![2, 1];
        bytes.extend([0; 14]);
        bytes.extend([255; 16]);
        assert_eq!(value, Value { text: String::new(), bytes });
    }

    #[test]
    fn a_torn_or_empty_block_is_damaged() {
        let place = Place::number(Shelf::Dismissals, 4);
        let mut value = write(&[Identity(7)]);
        assert_eq!(read(&place, &value).unwrap(), [Identity(7)]);
        value.bytes.pop();
        assert_eq!(
            read(&place, &value).unwrap_err().to_string(),
            "stored data are damaged: dismissals 4: 15 bytes are no list of digests"
        );
        assert!(read(&place, &Value::default()).is_err());
    }
}
