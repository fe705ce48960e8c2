//! Whether there is room for a dump. What all of it will take is foreseen from what its first rows took, so that a file
//! too large is refused in its first moments instead of taking the tab down after minutes.
//!
//! Deliberately absent: refusing by the size of the file alone. How far rows shrink differs from dump to dump, and what
//! would fit is never refused.

use serde_json::json;

use super::ports::Room;
use crate::protocol::{Code, Problem};

/// Bytes for each row beside what is held of it: an order of rows, and its making.
const WORK_PER_ROW: u64 = 64;

/// What an import has taken so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    /// Bytes of the file read, and all of them; 0 where unknown.
    pub(super) bytes_read: u64,
    pub(super) bytes_total: u64,
    /// Rows loaded, and those of them that `stored` and `held` are of.
    pub(super) rows: u64,
    pub(super) rows_made: u64,
    /// Bytes of the segments made, as stored and as held.
    pub(super) stored: u64,
    pub(super) held: u64,
}

impl Taken {
    /// Adds a segment.
    pub(super) fn add(&mut self, rows: usize, stored: usize, held: usize) {
        self.rows_made += rows as u64;
        self.stored += stored as u64;
        self.held += held as u64;
    }

    /// `TooLarge` where the dump will not fit beside what is held already.
    pub(super) fn fits(&self, room: Room, held_already: u64, name: &str) -> Result<(), Problem> {
        if self.rows_made == 0 {
            return Ok(());
        }
        let rows = self.foreseen(self.rows);
        let all = |bytes: u64| share(bytes, rows, self.rows_made);
        let memory = room.memory.saturating_sub(held_already);
        let needs = [
            ("storage", all(self.stored), room.storage.unwrap_or(u64::MAX)),
            ("memory", all(self.held) + rows * WORK_PER_ROW, memory),
        ];
        // Rows that follow may be shorter: the less is known, the more is allowed for that.
        let lacks = |(_, needed, free): &(&str, u64, u64)| {
            let unread = self.bytes_total.saturating_sub(self.bytes_read);
            *needed > free.saturating_add(share(*free / 4, unread, self.bytes_total.max(1)))
        };
        match needs.into_iter().find(lacks) {
            Some((what, needed, free)) => Err(too_large(name, rows, what, needed, free)),
            None => Ok(()),
        }
    }

    /// How much it will be at the end of the file.
    fn foreseen(&self, so_far: u64) -> u64 {
        if self.bytes_total > self.bytes_read && self.bytes_read > 0 {
            share(so_far, self.bytes_total, self.bytes_read)
        } else {
            so_far
        }
    }
}

/// `amount · part / whole`, where the product needs more than 64 bits.
fn share(amount: u64, part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(amount) * u128::from(part) / u128::from(whole)).unwrap_or(u64::MAX)
}

fn too_large(name: &str, rows: u64, what: &str, needed: u64, free: u64) -> Problem {
    let of = if what == "storage" { "the browser's storage" } else { "memory" };
    let message = format!(
        "'{name}' is too large: its {} rows need some {} of {of}, and {} are free",
        grouped(rows),
        size(needed),
        size(free)
    );
    let hint = "Nothing was stored. Export fewer rows, for example by date-time, open the file in parts, or remove a \
                dataset that you no longer need";
    let details = json!({ "rows": rows, "what": what, "needed": needed, "available": free });
    Problem { details: Some(Box::new(details)), ..Problem::new(Code::TooLarge, message, hint) }
}

fn size(bytes: u64) -> String {
    match bytes {
        1_000_000_000.. => format!("{:.1} GB", bytes as f64 / 1e9),
        1_000_000.. => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} kB", bytes.div_ceil(1_000)),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;

    fn after(bytes_read: u64, bytes_total: u64, rows: u64) -> Taken {
        // A hundred bytes a row in store, two hundred in memory.
        let mut taken = Taken { bytes_read, bytes_total, rows, ..Taken::default() };
        taken.add(65_536, 6_553_600, 13_107_200);
        taken
    }

    fn room(storage: Option<u64>, memory: u64) -> Room {
        Room { storage, memory }
    }

    #[test]
    fn what_fits_is_never_refused() {
        let taken = after(24_000_000, 240_000_000, 70_000);
        for room in [room(None, GB), room(Some(71_000_000), GB), room(Some(60_000_000), GB)] {
            assert_eq!(taken.fits(room, 0, "a.csv"), Ok(()), "{room:?}");
        }
        assert_eq!(
            Taken::default().fits(room(Some(0), 0), 0, "a.csv"),
            Ok(()),
            "nothing is known yet"
        );
    }

    #[test]
    fn what_cannot_fit_is_refused_with_its_numbers() {
        let taken = after(24_000_000, 24 * GB, 70_000);
        let problem = taken.fits(room(Some(2 * GB), 64 * GB), 0, "a.csv").unwrap_err();
        assert_eq!(problem.code, Code::TooLarge);
        assert_eq!(
            problem.message,
            "'a.csv' is too large: its 70,000,000 rows need some 7.0 GB of the browser's storage, and 2.0 GB are free"
        );
        let details = problem.details.unwrap();
        assert_eq!(
            *details,
            json!({ "rows": 70_000_000, "what": "storage", "needed": 7 * GB, "available": 2 * GB })
        );
        let problem = taken.fits(room(None, 4 * GB), GB, "a.csv").unwrap_err();
        assert!(
            problem.message.ends_with("need some 18.5 GB of memory, and 3.0 GB are free"),
            "{}",
            problem.message
        );
    }

    #[test]
    fn the_more_is_read_the_less_is_allowed_for_what_follows() {
        let tight = room(Some(900_000), GB);
        let taken = |bytes_read, rows| {
            let mut taken = Taken { bytes_read, bytes_total: 1_000, rows, ..Taken::default() };
            taken.add(1_000, 100_000, 1_000);
            taken
        };
        assert_eq!(taken(100, 1_000).fits(tight, 0, "a.csv"), Ok(()));
        assert!(taken(1_000, 10_000).fits(tight, 0, "a.csv").is_err());
        // A generated dump has no size: only what is there counts.
        let unknown = Taken { bytes_total: 0, ..taken(100, 1_000) };
        assert_eq!(unknown.fits(tight, 0, "a.csv"), Ok(()));
    }
}
