//! Help: the shortcuts, made from the keymap itself, and what is good to know.

use leptos::prelude::*;

use crate::presentation::keymap::{BINDINGS, Scope, scope_title};
use crate::ui::session::{Dialog, session};
use crate::ui::widgets::dialog::Modal;

/// The list of shortcuts.
#[component]
pub(super) fn HelpDialog() -> impl IntoView {
    let session = session();
    let open = Signal::derive(move || session.dialog.get() == Some(Dialog::Help));
    view! {
        <Modal
            open=open
            on_close=move |()| session.dialog.set(None)
            title="Help and shortcuts".to_owned()
            class="help"
        >
            <div class="dialog-body">
                <p>
                    "Retry and Dismiss act on the selected records, or on all that match the filter where none is selected. Both show a plan first; nothing happens before it is confirmed, and no key does either."
                </p>
                <p>
                    "Retries are a rehearsal: nothing is sent to finance and operations. Scripts can do all of this too: see "
                    <code>"window.errorDesk"</code>
                    " in the browser\u{2019}s console."
                </p>
                <div class="shortcuts">
                    {[Scope::Grid, Scope::Page, Scope::Chord]
                        .into_iter()
                        .map(|scope| {
                            let lines = BINDINGS
                                .iter()
                                .filter(|binding| binding.scope == scope)
                                .map(|binding| {
                                    let keys = binding
                                        .keys
                                        .iter()
                                        .map(|keys| view! { <kbd>{*keys}</kbd> })
                                        .collect_view();
                                    view! {
                                        <div>
                                            <dt>{keys}</dt>
                                            <dd>{binding.text}</dd>
                                        </div>
                                    }
                                })
                                .collect_view();
                            view! {
                                <section>
                                    <h3>{scope_title(scope)}</h3>
                                    <dl>{lines}</dl>
                                </section>
                            }
                        })
                        .collect_view()}
                </div>
            </div>
        </Modal>
    }
}
