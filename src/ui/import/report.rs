//! The account of an import: every row of the dump is in it.

use leptos::prelude::*;

use crate::import::ImportReport;
use crate::platform::file_transfer::save_text;
use crate::presentation::report_words::{format, is_to_be_read, reason, rejects_csv, summary};
use crate::presentation::visible::visible;
use crate::presentation::{labels, numbers};
use crate::ui::session::session;
use crate::ui::widgets::icon::{Glyph, Icon};

/// The report of the last import, or of one called up again; it stays until it is closed.
#[component]
pub(in crate::ui) fn Report() -> impl IntoView {
    let session = session();
    move || {
        let report = session.report.get()?;
        let warns = is_to_be_read(&report);
        let glyph = if warns { Glyph::Warning } else { Glyph::Check };
        Some(view! {
            <section
                class="import-report"
                class:warning=warns
                data-testid="import-report"
                aria-label="Import report"
            >
                <Icon glyph=glyph />
                <details>
                    <summary>
                        <strong class="ellipsis">{visible(&report.name).into_owned()}</strong>
                        <Equation report=report.clone() />
                        <span class="more">"Details"</span>
                    </summary>
                    <div class="report-body">
                        {summary(&report).map(|words| view! { <p>{words}</p> })}
                        <Facts report=report.clone() />
                        <Warnings report=report.clone() />
                        <Columns report=report.clone() />
                        <Rejects report=report.clone() />
                    </div>
                </details>
                <button
                    type="button"
                    class="quiet icon-only"
                    aria-label="Close the import report"
                    title="Close the import report"
                    on:click=move |_| session.report.set(None)
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </section>
        })
    }
}

/// Rows read = loaded + duplicates + dismissed earlier + rejected.
#[component]
fn Equation(report: ImportReport) -> impl IntoView {
    let term = |number: u64, words: &'static str| {
        view! {
            <span class="term" class:zero=number == 0>
                <b>{numbers::grouped(number)}</b>
                " "
                {words}
            </span>
        }
    };
    view! {
        <span class="equation">
            {term(report.rows_read, "read")} <i>"="</i> {term(report.loaded, "loaded")} <i>"+"</i>
            {term(report.duplicates, "duplicates")} <i>"+"</i>
            {term(report.dismissed_earlier, "dismissed earlier")} <i>"+"</i>
            {term(report.rejected, "rejected")}
        </span>
    }
}

#[component]
fn Facts(report: ImportReport) -> impl IntoView {
    let speed = numbers::rate(report.rows_read, report.elapsed_ms)
        .map(|rate| format!(", {} rows a second", numbers::grouped(rate)))
        .unwrap_or_default();
    view! {
        <dl class="facts">
            <div>
                <dt>"Format"</dt>
                <dd>{format(&report.format).to_owned()} {(!report.dialect.is_empty()).then_some(", ")} {report.dialect}</dd>
            </div>
            <div>
                <dt>"Time zone"</dt>
                <dd>{report.time_zone.unwrap_or_else(|| "as the dump says".to_owned())}</dd>
            </div>
            <div>
                <dt>"Took"</dt>
                <dd>{numbers::duration(report.elapsed_ms)} {speed}</dd>
            </div>
        </dl>
    }
}

#[component]
fn Warnings(report: ImportReport) -> impl IntoView {
    (!report.warnings.is_empty()).then(|| {
        let lines = report
            .warnings
            .into_iter()
            .map(|warning| view! { <li data-code=warning.code>{warning.message}</li> })
            .collect_view();
        view! {
            <h3>"To know"</h3>
            <ul>{lines}</ul>
        }
    })
}

#[component]
fn Columns(report: ImportReport) -> impl IntoView {
    let rows = report
        .columns
        .into_iter()
        .map(|column| {
            let field = column.field.as_deref().map_or("kept as extra", labels::field).to_owned();
            view! {
                <tr>
                    <td>{column.header}</td>
                    <td>{field}</td>
                    <td class="quiet-text">{reason(&column.how).to_owned()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <h3>"Columns"</h3>
        <div class="table-box">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"In the dump"</th>
                        <th scope="col">"Taken for"</th>
                        <th scope="col">"Why"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Rejects shown at once; the report holds up to 1,000.
const REJECTS_SHOWN: usize = 200;

#[component]
fn Rejects(report: ImportReport) -> impl IntoView {
    let session = session();
    (!report.rejects.is_empty()).then(|| {
        let csv = rejects_csv(&report);
        let save = move |_| {
            if save_text(&csv, "text/csv", "rejected-rows.csv").is_err() {
                session
                    .warn("The rejected rows were not saved", "The browser refused the download");
            }
        };
        let shown = report.rejects.len().min(REJECTS_SHOWN);
        let title = format!(
            "Rejected rows: the first {} of {}",
            numbers::count(shown),
            numbers::grouped(report.rejected)
        );
        let rows = report
            .rejects
            .into_iter()
            .take(REJECTS_SHOWN)
            .map(|reject| {
                view! {
                    <tr>
                        <td class="number">{numbers::grouped(reject.row.into())}</td>
                        <td class="number">{numbers::grouped(reject.line.into())}</td>
                        <td>{reject.column.unwrap_or_default()}</td>
                        <td>{reject.reason}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <h3>{title}</h3>
            <div class="button-row">
                <button type="button" on:click=save>
                    "Save as CSV"
                </button>
            </div>
            <div class="table-box">
                <table>
                    <thead>
                        <tr>
                            <th scope="col" class="number">"Row"</th>
                            <th scope="col" class="number">"Line"</th>
                            <th scope="col">"Column"</th>
                            <th scope="col">"Reason"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    })
}
