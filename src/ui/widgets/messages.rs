//! The message bar: problems and results, each until it is read.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::presentation::visible::visible;
use crate::protocol::Code;
use crate::ui::session::session;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    /// Something was refused or broke.
    Failure,
    /// Something to beware of.
    Warning,
    /// Something was done.
    Result,
}

/// A line of the bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// What it is.
    pub(crate) kind: MessageKind,
    /// What happened, on what.
    pub(crate) text: String,
    /// The way out; empty where there is none.
    pub(crate) hint: String,
    /// How often it happened in a row.
    pub(crate) times: usize,
    /// The failure's code.
    pub(crate) code: Option<Code>,
    /// It offers to start the engine again.
    pub(crate) restarts: bool,
}

/// Messages kept at most; the oldest result goes first.
const KEPT: usize = 3;

impl Message {
    /// Puts a message in front; the same one again is counted.
    pub(crate) fn add(messages: &mut Vec<Self>, message: Self) {
        let same =
            messages.iter_mut().find(|kept| kept.text == message.text && kept.kind == message.kind);
        if let Some(same) = same {
            same.times += 1;
            return;
        }
        messages.insert(0, message);
        if messages.len() > KEPT {
            let result = messages.iter().rposition(|kept| kept.kind == MessageKind::Result);
            messages.remove(result.filter(|at| *at > 0).unwrap_or(messages.len() - 1));
        }
    }
}

/// All messages, newest first. Failures are told at once, results when the reader has time.
#[component]
pub(crate) fn MessageBar() -> impl IntoView {
    let session = session();
    let of_kind = move |failures: bool| {
        session
            .messages
            .get()
            .into_iter()
            .filter(move |message| (message.kind == MessageKind::Failure) == failures)
            .map(|message| view! { <Line message=message /> })
            .collect_view()
    };
    view! {
        <section class="message-bar" data-testid="message-bar" aria-label="Messages">
            <div role="alert">{move || of_kind(true)}</div>
            <div role="status">{move || of_kind(false)}</div>
        </section>
    }
    .into_any()
}

#[component]
fn Line(message: Message) -> impl IntoView {
    let session = session();
    let (class, glyph, word) = match message.kind {
        MessageKind::Failure => ("message failure", Glyph::Warning, "Problem: "),
        MessageKind::Warning => ("message warning", Glyph::Warning, "Warning: "),
        MessageKind::Result => ("message result", Glyph::Check, ""),
    };
    let text = message.text.clone();
    view! {
        <div class=class>
            <Icon glyph=glyph />
            <p>
                <span class="only-heard">{word}</span>
                <span class="message-text">{visible(&message.text).into_owned()}</span>
                {(!message.hint.is_empty())
                    .then(|| view! { <span class="message-hint">{visible(&message.hint).into_owned()}</span> })}
                {(message.times > 1)
                    .then(|| view! { <span class="badge">{format!("{} times", message.times)}</span> })}
            </p>
            {message
                .restarts
                .then(|| {
                    view! {
                        <button type="button" on:click=move |_| session.restart_engine()>
                            "Start the engine again"
                        </button>
                    }
                })}
            <button
                type="button"
                class="quiet icon-only"
                aria-label="Close this message"
                title="Close this message"
                on:click=move |_| {
                    session.messages.update(|kept| kept.retain(|other| other.text != text));
                }
            >
                <Icon glyph=Glyph::Close />
            </button>
        </div>
    }
}
