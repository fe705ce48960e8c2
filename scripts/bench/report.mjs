// Medians of the samples, the best rival of each item, and the goals, as a table.

import { ITEMS } from './items.mjs';
import { screenTable } from './screen-report.mjs';

const DESK = 'desk';

function median(values) {
  const sorted = values.slice().sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Of one engine and item: median, range and number of right samples, and the number of wrong ones. */
function statistics(samples, engine, item) {
  const own = samples.filter((sample) => sample.engine === engine && sample.item === item);
  const values = own.filter((sample) => sample.right).map((sample) => sample.value);
  const known = values.length > 0 && { median: median(values), least: Math.min(...values), most: Math.max(...values) };
  return own.length > 0 ? { ...known, right: values.length, wrong: own.length - values.length } : undefined;
}

/** For each item of ITEMS: what everyone reached, the best rival, the ratio, and whether the goal is met (`undefined`: not known). */
export function evaluate({ samples }) {
  const engines = [...new Set(samples.map((sample) => sample.engine))];
  return ITEMS.map(({ id, desk: other, rivals, ...item }) => {
    const reached = Object.fromEntries(engines.map((engine) => [engine, statistics(samples, engine, engine === DESK ? other ?? id : id)]).filter(([, found]) => found));
    const higher = item.atLeast !== undefined;
    const ranking = engines.filter((engine) => engine !== DESK && rivals(engine) && reached[engine]?.median !== undefined)
      .sort((a, b) => (reached[a].median - reached[b].median) * (higher ? -1 : 1));
    const best = ranking[0];
    const own = reached[DESK]?.median;
    const ratio = own !== undefined && best ? own / reached[best].median : undefined;
    return { ...item, reached, best, ratio, met: verdict(item, own, ratio) };
  }).filter((row) => Object.keys(row.reached).length > 0);
}

function verdict({ atLeast, atMost, below }, own, ratio) {
  if (below !== undefined) return own === undefined ? undefined : own <= below;
  if (ratio === undefined) return undefined;
  return atLeast !== undefined ? ratio >= atLeast : ratio <= atMost;
}

const number = (value) => {
  if (value === undefined) return '—';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 || value === 0 ? 2 : 3;
  return value.toFixed(digits);
};
const goal = ({ atLeast, atMost, below, unit }) => {
  if (below !== undefined) return `≤ ${below} ${unit}`;
  if (atLeast !== undefined) return `≥ ${atLeast} ×`;
  return atMost === undefined ? '—' : `≤ ${atMost} ×`;
};
const cell = (found) => (found ? `${number(found.median)}${found.wrong ? ` (${found.wrong} wrong)` : ''}` : '—');
const answer = (met) => ({ true: 'yes', false: 'no' })[met] ?? '—';

function summary(rows) {
  const ratio = (row) => (row.ratio === undefined ? '—' : `${number(row.ratio)} ×`);
  const rival = (row) => (row.best ? `${number(row.reached[row.best].median)} (${row.best})` : '—');
  return [
    ['Item', 'Desk', 'Best rival', 'Ratio', 'Goal', 'Met'],
    ...rows.map((row) => [`${row.title}, ${row.unit}`, cell(row.reached[DESK]), rival(row), ratio(row), goal(row), answer(row.met)]),
  ];
}

function everyone(rows, engines) {
  const seen = new Set();
  const once = rows.filter((row) => {
    const key = JSON.stringify(row.reached);
    return !seen.has(key) && seen.add(key);
  });
  return [['Median', ...engines], ...once.map((row) => [`${row.title.split(/,? (?:→|against)/)[0]}, ${row.unit}`, ...engines.map((engine) => cell(row.reached[engine]))])];
}

const markdown = ([head, ...rows]) => [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
function plain(rows) {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  return rows.map((row) => row.map((text, at) => (at === 0 ? text.padEnd(widths[at]) : text.padStart(widths[at]))).join('  ')).join('\n');
}

/** The tables of a run as text; as markdown if `md`. */
export function report(run, { md = false } = {}) {
  const rows = evaluate(run);
  const { environment: about, samples } = run;
  const spins = samples.filter((sample) => sample.item === 'spin').map((sample) => sample.value);
  const loads = samples.map((sample) => sample.load);
  const head = `${run.rows.toLocaleString('en-GB')} rows, ${run.rounds} round${run.rounds === 1 ? '' : 's'}, ${about.date}, ${about.browser}, ${about.processors} × ${about.processor}; `
    + `the desk ${about.isolated ? 'cross-origin isolated' : 'not isolated'}, commit ${about.commit}, build ${about.build}; load ${number(median(loads))} (1-minute median), `
    + `calibration loop ${number(median(spins))} ms (${number(Math.min(...spins))} at best)`;
  const print = md ? markdown : plain;
  const failures = run.failures.map(({ engine, format, reason }) => `${engine}, ${format}: failed: ${reason}`);
  return [head, print(summary(rows)), print(everyone(rows, [...new Set(samples.map((sample) => sample.engine))])), ...failures].join('\n\n');
}

/** The table of what the screen did. */
export function reportScreen({ rows, environment: about, parts }, { md = false } = {}) {
  const head = `${rows.toLocaleString('en-GB')} rows on the screen, ${about.date}, ${about.browser}, ${about.processors} × ${about.processor}, commit ${about.commit}, build ${about.build}; `
    + `load ${number(median(parts.map((part) => part.load)))} (1-minute median)`;
  return [head, (md ? markdown : plain)(screenTable(parts))].join('\n\n');
}
