//! Dismissed identities: what one commit adds is one block of 16-byte digests, little endian, and 8 bytes of their xxh3.
//!
//! Blocks keep both ends quick: a commit of 10,000 dismissals is one write, and all blocks are read by one call. A wrong
//! bit in a digest would bring a record back from the dead, so it must not pass; the first version of the schema wrote
//! blocks without a checksum, told apart by their length.

use xxhash_rust::xxh3::xxh3_64;

use crate::domain::Identity;
use crate::workspace::ports::StoreError;

use super::{Place, Value};

const DIGEST_BYTES: usize = 16;

pub(super) fn write(identities: &[Identity]) -> Value {
    let mut bytes: Vec<u8> =
        identities.iter().flat_map(|identity| identity.0.to_le_bytes()).collect();
    bytes.extend(xxh3_64(&bytes).to_le_bytes());
    Value { text: String::new(), bytes }
}

pub(super) fn read(place: &Place, value: &Value) -> Result<Vec<Identity>, StoreError> {
    let (digests, rest) = value.bytes.as_chunks::<DIGEST_BYTES>();
    let is_whole = match <[u8; 8]>::try_from(rest) {
        Ok(sum) => xxh3_64(digests.as_flattened()) == u64::from_le_bytes(sum),
        Err(_) => rest.is_empty(),
    };
    if digests.is_empty() || !is_whole {
        let bytes = value.bytes.len();
        return Err(place.damaged(format_args!("{bytes} bytes are no list of digests")));
    }
    Ok(digests.iter().map(|digest| Identity(u128::from_le_bytes(*digest))).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Shelf;
    use super::*;

    fn place() -> Place {
        Place::number(Shelf::Dismissals, 4)
    }

    #[test]
    fn the_stored_form_does_not_change() {
        let identities = [Identity(0x0102), Identity(u128::MAX)];
        let mut bytes = vec![2, 1];
        bytes.extend([0; 14]);
        bytes.extend([255; 16]);
        let first = Value { text: String::new(), bytes: bytes.clone() };
        assert_eq!(read(&place(), &first).unwrap(), identities, "as the first version wrote it");
        bytes.extend(0x3ba2_2238_4712_b773_u64.to_le_bytes());
        assert_eq!(write(&identities), Value { text: String::new(), bytes });
        assert_eq!(read(&place(), &write(&identities)).unwrap(), identities);
    }

    #[test]
    fn every_single_changed_or_missing_byte_is_noticed() {
        let whole = write(&[Identity(7), Identity(1 << 100)]);
        for at in 0..whole.bytes.len() {
            let mut damaged = whole.clone();
            for bit in 0..8 {
                damaged.bytes[at] = whole.bytes[at] ^ (1 << bit);
                assert!(read(&place(), &damaged).is_err(), "bit {bit} of byte {at}");
            }
            damaged.bytes.remove(at);
            assert!(read(&place(), &damaged).is_err(), "no byte {at}");
        }
    }

    #[test]
    fn a_torn_or_empty_block_is_damaged() {
        let mut value = write(&[Identity(7)]);
        value.bytes.pop();
        assert_eq!(
            read(&place(), &value).unwrap_err().to_string(),
            "stored data are damaged: dismissals 4: 23 bytes are no list of digests"
        );
        assert!(read(&place(), &Value::default()).is_err());
        assert!(read(&place(), &write(&[])).is_err());
    }
}
