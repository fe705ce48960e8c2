//! Opens what is at an address.

use leptos::prelude::*;

use crate::protocol::Problem;
use crate::ui::session::{Dialog, session};
use crate::ui::widgets::dialog::Modal;

/// The dialog that asks for the address.
#[component]
pub(super) fn AddressDialog() -> impl IntoView {
    let session = session();
    let open = Signal::derive(move || session.dialog.get() == Some(Dialog::Address));
    let text = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<Problem>);
    let close = move || {
        session.dialog.set(None);
        fault.set(None);
    };
    view! {
        <Modal
            open=open
            on_close=move |()| close()
            title="Open from an address".to_owned()
            test_id="address-dialog"
            class="question"
        >
            <form on:submit=move |event| {
                event.prevent_default();
                match session.open_address(&text.get_untracked()) {
                    Ok(()) => {
                        text.set(String::new());
                        close();
                    }
                    Err(problem) => fault.set(Some(problem)),
                }
            }>
                <label class="address">
                    "Address of the dump"
                    <input
                        type="text"
                        inputmode="url"
                        autofocus
                        autocomplete="off"
                        spellcheck="false"
                        placeholder="https://\u{2026}/errors.csv"
                        data-testid="address-input"
                        aria-describedby="address-fault"
                        prop:value=move || text.get()
                        on:input:target=move |event| {
                            fault.set(None);
                            text.set(event.target().value());
                        }
                    />
                </label>
                <p class="quiet-text">
                    "On the server that this page comes from. It is fetched by this browser and goes nowhere else."
                </p>
                <div id="address-fault" role="status">
                    {move || {
                        fault
                            .get()
                            .map(|problem| {
                                view! {
                                    <p class="field-error">{problem.message}</p>
                                    <p class="quiet-text">{problem.hint}</p>
                                }
                            })
                    }}
                </div>
                <footer class="dialog-foot">
                    <button type="button" on:click=move |_| close()>
                        "Cancel"
                    </button>
                    <button
                        type="submit"
                        class="primary"
                        disabled=move || text.with(|text| text.trim().is_empty())
                    >
                        "Open"
                    </button>
                </footer>
            </form>
        </Modal>
    }
}
