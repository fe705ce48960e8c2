//! What a plan says of itself: its requests, their order, their time, and what is left out.

use leptos::prelude::*;

use crate::domain::JobId;
use crate::presentation::plan_words::{self, JobShare};
use crate::presentation::{dates, labels, numbers};
use crate::protocol::PlanView;

/// The facts of a plan, in a list of terms.
#[component]
pub(super) fn Facts(plan: PlanView, scope: String) -> impl IntoView {
    let span = plan.span.map(|(first, last)| {
        format!("{} to {}", dates::date_time(first), dates::date_time_zone(last))
    });
    let digest: String = plan.digest.chars().take(12).collect();
    let shares = plan_words::shares(&plan);
    let several = shares.len() > 1;
    let of_job = |job: &JobId| if several { format!("{job}: ") } else { String::new() };
    let order = plan.order.iter().filter_map(|order| {
        let (line, why) = plan_words::order_words(order)?;
        Some((format!("{}{line}", of_job(&order.job)), why))
    });
    let order: Vec<(String, String)> = order.collect();
    let time = plan.estimates.iter();
    let time: Vec<String> = time
        .map(|one| format!("{}{}", of_job(&one.job), plan_words::estimate_words(one)))
        .collect();
    let excluded = plan.excluded.iter();
    let excluded: Vec<(String, String)> = excluded
        .map(|one| (numbers::count(one.count), labels::exclusion(one.reason).to_owned()))
        .collect();
    let overlap: Vec<String> = plan.overlap.iter().map(plan_words::overlap_words).collect();
    view! {
        <dl class="facts wide">
            <Fact term="Filter">{scope}</Fact>
            {span.map(|span| view! { <Fact term="Occurred">{span}</Fact> })}
            <Fact term="Requests">
                <Shares shares=shares />
            </Fact>
            {(!order.is_empty())
                .then(|| {
                    let lines = order
                        .into_iter()
                        .map(|(line, why)| {
                            view! {
                                <li>
                                    {line}
                                    <span class="quiet-text">{format!(" ({why})")}</span>
                                </li>
                            }
                        })
                        .collect_view();
                    view! {
                        <Fact term="Order">
                            <ul class="plain" data-testid="plan-order">{lines}</ul>
                        </Fact>
                    }
                })}
            {(!time.is_empty())
                .then(|| {
                    view! {
                        <Fact term="Time">
                            <ul class="plain" data-testid="plan-estimate">
                                {time.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                            </ul>
                        </Fact>
                    }
                })}
            {(!excluded.is_empty())
                .then(|| {
                    let lines = excluded
                        .into_iter()
                        .map(|(count, reason)| view! { <li><b>{count}</b> " " {reason}</li> })
                        .collect_view();
                    view! {
                        <Fact term="Left out">
                            <ul class="plain">{lines}</ul>
                            {(!overlap.is_empty())
                                .then(|| {
                                    view! {
                                        <p class="quiet-text" data-testid="plan-overlap">
                                            {overlap.join("; ")}
                                        </p>
                                    }
                                })}
                        </Fact>
                    }
                })}
            <Fact term="Fingerprint">
                <code title=plan.digest.clone()>{digest}</code>
                <span class="quiet-text">
                    " of the record set; records loaded later are never touched"
                </span>
            </Fact>
        </dl>
    }
    .into_any()
}

#[component]
fn Fact(term: &'static str, children: Children) -> impl IntoView {
    view! {
        <div>
            <dt>{term}</dt>
            <dd>{children()}</dd>
        </div>
    }
    .into_any()
}

#[component]
fn Shares(shares: Vec<JobShare>) -> impl IntoView {
    let lines = shares
        .into_iter()
        .map(|share| {
            view! {
                <li>
                    <b>{share.job.to_string()}</b>
                    ": "
                    {share.requests()}
                    <span class="quiet-text" data-testid="plan-shelved" data-count=share.shelved.to_string()>
                        ", "
                        {share.places()}
                    </span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain">{lines}</ul> }
}

/// Values shown per dimension.
const TOP: usize = 5;

/// Eligible records by entity, category and data source.
#[component]
pub(super) fn Breakdown(plan: PlanView) -> impl IntoView {
    let eligible = plan.eligible as u64;
    let blocks = plan
        .breakdown
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(column, values)| {
            let rest: usize = values.iter().skip(TOP).map(|value| value.count).sum();
            let kinds = values.len().saturating_sub(TOP);
            let lines = values
                .into_iter()
                .take(TOP)
                .map(|value| {
                    let share = numbers::percent(value.count as u64, eligible);
                    view! {
                        <li>
                            <span class="ellipsis">{labels::value(&value.value).into_owned()}</span>
                            <span class="bar" style=format!("--share:{share}%")></span>
                            <b class="number">{numbers::count(value.count)}</b>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <section>
                    <h3>{labels::column(column)}</h3>
                    <ul class="plain shares">
                        {lines}
                        {(kinds > 0)
                            .then(|| {
                                view! {
                                    <li class="quiet-text">
                                        <span>{format!("{} more", numbers::count(kinds))}</span>
                                        <span></span>
                                        <b class="number">{numbers::count(rest)}</b>
                                    </li>
                                }
                            })}
                    </ul>
                </section>
            }
        })
        .collect_view();
    view! { <div class="breakdown">{blocks}</div> }
}
