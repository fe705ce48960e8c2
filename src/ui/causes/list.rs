//! The causes of the records that match, or groups along another axis, the largest first.

use leptos::prelude::*;

use super::more;
use crate::presentation::visible::visible;
use crate::presentation::{cause_words as words, dates, labels, numbers};
use crate::protocol::Call;
use crate::protocol::{AxisWord, CausePage, CauseView, CausesParams};
use crate::ui::analysis::regressions::RegressionBadge;
use crate::ui::door::Door;
use crate::ui::errors::marks::Category;
use crate::ui::latest::Latest;
use crate::ui::session::{Session, session};

/// Groups shown at first, and more at each press.
const STEP: usize = 50;
/// Bars of a trend.
const BARS: usize = 24;

/// The list.
#[component]
pub(in crate::ui) fn Causes() -> impl IntoView {
    let session = session();
    let by = RwSignal::new(AxisWord::Cause);
    let shown = RwSignal::new(STEP);
    let page = RwSignal::new(None::<(AxisWord, CausePage)>);
    let latest = Latest::new();
    Effect::new(move |_| {
        session.track_data();
        let by = by.get();
        let params = CausesParams {
            filter: session.filter.get_untracked(),
            by,
            limit: Some(shown.get()),
            buckets: BARS,
            ..Default::default()
        };
        latest.ask(session, Call::Causes(params), move |answer| match answer {
            Ok(answer) => page.set(Some((by, answer))),
            Err(problem) => session.fail(&problem),
        });
    });
    view! {
        <section class="causes" id="causes" tabindex="-1" data-testid="causes" aria-label="Causes">
            <div class="causes-head">
                <p class="figures" role="status" data-testid="causes-total">
                    {move || page.with(|page| page.as_ref().map(|(by, page)| heading(page, *by)))}
                </p>
                <label class="field inline">
                    <span>"Group by"</span>
                    <select
                        data-testid="causes-by"
                        on:change:target=move |event| {
                            let word = event.target().value();
                            let axis = AxisWord::ALL.into_iter().find(|axis| words::axis_word(*axis) == word);
                            shown.set(STEP);
                            by.set(axis.unwrap_or_default());
                        }
                    >
                        {AxisWord::ALL
                            .map(|axis| view! { <option value=words::axis_word(axis)>{words::axis(axis)}</option> })
                            .collect_view()}
                    </select>
                </label>
            </div>
            {move || {
                page.get()
                    .map(|(by, page)| {
                        let span = page.span;
                        let left = page.total - page.causes.len();
                        let rows = page.causes.into_iter().map(|cause| row(session, by, cause, span)).collect_view();
                        view! {
                            <ol class="cause-list" data-testid="cause-list">
                                {rows}
                            </ol>
                            {(page.total == 0)
                                .then(|| view! { <p class="empty-note">"No error matches the filter."</p> })}
                            {more(left, shown, STEP)}
                        }
                    })
            }}
        </section>
    }
    .into_any()
}

fn heading(page: &CausePage, by: AxisWord) -> String {
    let noun = match by {
        AxisWord::Cause => "cause",
        _ => "group",
    };
    format!("{} in {}", numbers::counted(page.records, "error"), numbers::counted(page.total, noun))
}

fn row(
    session: Session,
    by: AxisWord,
    cause: CauseView,
    span: Option<(crate::domain::Timestamp, crate::domain::Timestamp)>,
) -> impl IntoView {
    let id = StoredValue::new(cause.id.clone());
    let is_open = move || session.chosen_cause.with(|open| open.as_ref() == Some(&id.get_value()));
    let title = match by {
        AxisWord::Cause => words::template(&cause.template),
        _ => visible(&labels::value(&cause.id)).into_owned(),
    };
    let title = if by == AxisWord::Cause {
        view! {
            <button
                type="button"
                class="cause-open"
                data-testid="cause-open"
                aria-pressed=move || is_open().to_string()
                on:click=move |_| {
                    session.chosen_cause.set(Some(id.get_value()));
                    session.detail_open.set(true);
                }
            >
                {title}
            </button>
        }
        .into_any()
    } else {
        view! { <span class="cause-open">{title}</span> }.into_any()
    };
    // Many causes say the same of different entities.
    let entity = (by == AxisWord::Cause && !cause.entity.is_empty())
        .then(|| view! { <span class="cause-entity">{visible(&cause.entity).into_owned()}</span> });
    let times = cause.first_seen.zip(cause.last_seen).map(|(first, last)| {
        format!("{} \u{2013} {}", dates::date_time(first), dates::date_time(last))
    });
    let missing = cause.missing_reference.filter(|_| by == AxisWord::Cause).map(|one| {
        view! { <span class="badge">{format!("misses {}", visible(&one.entity))}</span> }
    });
    let percent = format!("--share:{:.2}%", cause.share * 100.0);
    view! {
        <li class="cause-row" data-testid="cause-row" data-cause-id=cause.id.clone() class:open=is_open>
            <div class="cause-count">
                <Door count=cause.count filter=cause.door label="errors" test_id="cause-count" />
                <span class="share figures" style=percent>{numbers::share(cause.share)}</span>
            </div>
            <div class="cause-main">
                {title}
                <p class="cause-facts">
                    {entity}
                    <Category name=cause.category />
                    <span class=words::verdict_class(cause.retry_verdict) title=cause.retry_reason.sentence()>
                        {words::verdict(cause.retry_verdict)}
                    </span>
                    {cause.fixed.then(|| view! { <span class="badge verdict good">"Marked fixed"</span> })}
                    {(cause.fixed && by == AxisWord::Cause)
                        .then(|| view! { <RegressionBadge cause=cause.id.clone() /> })}
                    {cause.noted.then(|| view! { <span class="badge">"Has a note"</span> })}
                    {missing}
                    <span class="quiet-text figures">{times}</span>
                </p>
            </div>
            <svg class="spark" role="img" viewBox="0 0 72 24" preserveAspectRatio="none">
                <title>{words::trend(&cause.trend, span)}</title>
                <path d=words::bars(&cause.trend, 24.0) />
            </svg>
        </li>
    }
}
