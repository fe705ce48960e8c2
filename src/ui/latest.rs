//! Questions that are asked anew before they are answered, as whoever looks goes on.
//!
//! Invariant: only the newest question is answered, and only while whoever asked is still on the screen.

use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::session::Session;
use crate::platform::task::detach;
use crate::protocol::{Call, Problem, read_answer};

/// The number of the newest question; it goes with the component that asks.
#[derive(Clone, Copy)]
pub(super) struct Latest(StoredValue<u64>);

impl Latest {
    /// For questions of the component that is being made.
    pub(super) fn new() -> Self {
        Self(StoredValue::new(0))
    }

    /// Whatever was asked before is outdated from now on. Answers whether that holds for what begins now, too.
    pub(super) fn begin(self) -> impl Fn() -> bool + Copy + 'static {
        let number = self.0.try_update_value(|newest| {
            *newest += 1;
            *newest
        });
        move || number.is_none() || self.0.try_get_value() != number
    }

    /// Nobody waits for what was asked.
    pub(super) fn forget(self) {
        let _whether_outdated = self.begin();
    }

    /// Asks the engine, and hands the answer on unless it is outdated.
    pub(super) fn ask<T: DeserializeOwned>(
        self,
        session: Session,
        call: Call,
        take: impl FnOnce(Result<T, Problem>) + 'static,
    ) {
        self.ask_text(session, call, |answer| take(answer.and_then(|text| read_answer(&text))));
    }

    /// The same, with the answer as it arrives, as JSON text.
    pub(super) fn ask_text(
        self,
        session: Session,
        call: Call,
        take: impl FnOnce(Result<String, Problem>) + 'static,
    ) {
        self.ask_boxed(session.ask_text(&call), Box::new(take));
    }

    fn ask_boxed(
        self,
        answer: LocalBoxFuture<'static, Result<String, Problem>>,
        take: Box<dyn FnOnce(Result<String, Problem>)>,
    ) {
        let is_outdated = self.begin();
        detach(async move {
            let answer = answer.await;
            if !is_outdated() {
                take(answer);
            }
        });
    }
}
