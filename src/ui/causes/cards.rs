//! What is known of an error, as cards.

use leptos::prelude::*;

use crate::presentation::cause_words as words;
use crate::protocol::GuidanceCard;

/// The cards, the most particular first.
#[component]
pub(in crate::ui) fn Guidance(cards: Vec<GuidanceCard>) -> impl IntoView {
    let card = |card: GuidanceCard| {
        view! {
            <li class="card" data-testid="guidance-card" data-card-id=card.id>
                <h4>{card.title}</h4>
                <p>{card.meaning}</p>
                <p>
                    <strong>"Fix: "</strong>
                    {card.fix}
                </p>
                <p class="quiet-text">
                    {format!("Who: {}. {}. Known from: {}.", card.role, words::remedy(card.remedy), card.source)}
                </p>
            </li>
        }
    };
    (!cards.is_empty()).then(|| {
        view! {
            <section class="guidance">
                <h3>"Guidance"</h3>
                <ul class="cards">{cards.into_iter().map(card).collect_view()}</ul>
            </section>
        }
    })
}
