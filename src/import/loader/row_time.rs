//! When the error of a row occurred, and what becomes of a row that does not say it plainly.
//!
//! Deliberately absent: how a text is read as a time (`clock`).
//!
//! Invariant: a text that is no time is kept with the row, or the row is rejected, or the import asks.

use super::Loader;
use crate::domain::Timestamp;
use crate::import::account::Oddity;
use crate::import::aliases::Field;
use crate::import::clock::Moment;
use crate::import::error::{ImportError, TimeEvidence};
use crate::import::extras::Extra;
use crate::import::verbose::Verbose;

impl Loader {
    /// The time of a row. `None`: the row was rejected. `Err(())` within: the text is no time and goes to the extras.
    pub(super) fn occurred_at(
        &mut self,
        text: &str,
        verbose: Option<&Verbose>,
        line: u32,
    ) -> Result<Option<Result<Option<Timestamp>, ()>>, ImportError> {
        match self.clock.read(text) {
            Moment::At(time) => Ok(Some(Ok(Some(time)))),
            moment => self.odd_time(moment, text, verbose, line),
        }
    }

    /// The same, apart from the code that nearly every row runs through.
    #[inline(never)]
    fn odd_time(
        &mut self,
        moment: Moment,
        text: &str,
        verbose: Option<&Verbose>,
        line: u32,
    ) -> Result<Option<Result<Option<Timestamp>, ()>>, ImportError> {
        let header = |loader: &Self| {
            let column = loader.mapping.column(Field::OccurredAt);
            column.map_or("", |at| loader.mapping.header(at)).to_owned()
        };
        let evidence = |loader: &Self| TimeEvidence {
            header: header(loader),
            examples: vec![text.to_owned()],
            line,
            source: loader.mapping.source().to_owned(),
        };
        Ok(Some(match moment {
            Moment::At(time) => Ok(Some(time)),
            Moment::Doubtful(time) => {
                self.account.odd(Oddity::DoubtfulTime, line);
                Ok(Some(time))
            }
            Moment::Empty => {
                let logged_at = verbose.and_then(|found| found.logged_at.as_deref());
                Ok(logged_at.and_then(|text| match self.clock.read(text) {
                    Moment::At(time) | Moment::Doubtful(time) => Some(time),
                    _ => None,
                }))
            }
            Moment::Unread => {
                self.account.odd(Oddity::UnreadTime, line);
                self.extras.want(Extra::Unread(Field::OccurredAt), &self.mapping);
                Err(())
            }
            Moment::Contradicts(order) => {
                let reason = format!("'{text}' does not fit the date order {}", order.word());
                self.account.reject(line, Some(&header(self)), reason);
                return Ok(None);
            }
            Moment::ZoneNeeded => {
                let (name, evidence) = (self.name.clone(), evidence(self));
                return Err(ImportError::TimeZoneNeeded { name, evidence });
            }
            Moment::OrderNeeded => {
                let (name, evidence) = (self.name.clone(), evidence(self));
                return Err(ImportError::DateOrderNeeded { name, evidence });
            }
        }))
    }
}
