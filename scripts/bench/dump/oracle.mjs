// What every engine has to answer about a dump, worked out by plain loops while the dump is written; and the questions.
//
// Each kind of question has filters of its own: an engine that keeps what a filter selected gains nothing from the question
// before. Memory holds columns and the texts to be sorted, not rows.

export const DIMENSIONS = ['job', 'entity', 'data_source', 'company', 'category', 'error_code'];
export const BUCKETS = 60;
export const TERMS = ['deadlock', 'exchange rate', 'TIMED OUT', 'dead-letter', 'fabrikam, inc', 'row version', 'prvwrite'];
export const WINDOW = 100;
const VARIANTS = 7;
const DELETIONS = 8;

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const fingerprint = (message) => message.replace(GUID, '{guid}').replace(/[0-9]+/g, '#');

/** FNV-1a of UTF-16 units; the page computes the same. */
export function digest(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** One column of few values. */
class Codes {
  constructor(rows) {
    this.values = [];
    this.places = new Map();
    this.of = new Uint16Array(rows);
  }

  set(row, value) {
    let code = this.places.get(value);
    if (code === undefined) this.places.set(value, code = this.values.push(value) - 1);
    this.of[row] = code;
  }

  /** Values, most frequent first. */
  ranking() {
    const counts = new Uint32Array(this.values.length);
    for (const code of this.of) counts[code] += 1;
    return this.values.map((value, code) => [value, counts[code]]).sort((a, b) => b[1] - a[1]).map(([value]) => value);
  }
}

export class Oracle {
  constructor(rows) {
    this.rows = rows;
    this.added = 0;
    this.times = new Float64Array(rows);
    this.columns = Object.fromEntries(DIMENSIONS.map((name) => [name, new Codes(rows)]));
    this.texts = { record_key: [], message: [] };
    this.terms = TERMS.map((term) => ({ term, needle: term.toLowerCase(), count: 0 }));
    this.fingerprints = new Map();
  }

  add(row) {
    const at = this.added;
    this.times[at] = row.time;
    for (const name of DIMENSIONS) this.columns[name].set(at, row[name]);
    for (const name of Object.keys(this.texts)) this.texts[name].push(row[name]);
    const lower = row.message.toLowerCase();
    for (const term of this.terms) term.count += lower.includes(term.needle) ? 1 : 0;
    const key = fingerprint(row.message);
    this.fingerprints.set(key, (this.fingerprints.get(key) ?? 0) + 1);
    this.added += 1;
  }

  answers() {
    const sorted = this.times.slice().sort();
    const distinct = { message: new Set(this.texts.message).size, record_key: new Set(this.texts.record_key).size };
    const letters = this.texts.message.reduce((sum, text) => sum + text.length, 0);
    const filters = (kind) => Array.from({ length: VARIANTS }, (_, variant) => this.question(sorted, kind * VARIANTS + variant));
    return {
      rows: this.rows,
      distinct,
      meanMessage: letters / this.rows,
      filter: filters(0),
      facets: filters(1),
      histogram: filters(2),
      search: this.terms.map(({ term, count }) => ({ term, count })),
      sort: Object.fromEntries(Object.keys(this.texts).map((name) => [name, this.windows(name)])),
      groups: { groups: this.fingerprints.size, largest: Math.max(...this.fingerprints.values()) },
      deletions: this.deletions(),
    };
  }

  /** A filter over 30 % of the time, three entities and one source, with all its answers. */
  question(sorted, number) {
    const moment = (share) => sorted[Math.min(this.rows - 1, Math.floor(share * this.rows))];
    const entities = this.columns.entity.ranking();
    const begin = 0.03 + 0.03 * number;
    const filter = {
      from: moment(begin),
      to: moment(begin + 0.3),
      entities: [entities[number % 5], entities[5 + (number % 7)], entities[12 + (number % 11)]],
      source: this.columns.data_source.ranking()[number % 2],
    };
    const { data_source: sources, entity } = this.columns;
    const source = sources.places.get(filter.source);
    const chosen = new Set(filter.entities.map((name) => entity.places.get(name)));
    const counts = Object.fromEntries(DIMENSIONS.map((name) => [name, {}]));
    const histogram = new Array(BUCKETS).fill(0);
    const times = [];
    for (let row = 0; row < this.rows; row += 1) {
      const time = this.times[row];
      if (time < filter.from || time >= filter.to) continue;
      const [ofSource, ofEntity] = [sources.of[row] === source, chosen.has(entity.of[row])];
      for (const name of DIMENSIONS) {
        if ((ofSource || name === 'data_source') && (ofEntity || name === 'entity')) {
          const value = this.columns[name].values[this.columns[name].of[row]];
          counts[name][value] = (counts[name][value] ?? 0) + 1;
        }
      }
      if (!ofSource || !ofEntity) continue;
      times.push(time);
      histogram[Math.floor(((time - filter.from) * BUCKETS) / (filter.to - filter.from))] += 1;
    }
    const newest = times.sort((a, b) => b - a).slice(0, WINDOW);
    return { filter, count: times.length, rows: newest.length, times: digest(newest.join()), facets: counts, histogram };
  }

  /** The rows at the middle, and at other places for asking again. */
  windows(name) {
    const sorted = this.texts[name].slice().sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return [0.5, 0.25, 0.75].map((share) => {
      const offset = Math.floor(share * this.rows);
      const window = sorted.slice(offset, offset + WINDOW);
      return { offset, limit: WINDOW, rows: window.length, digest: digest(window.join('\u0001')) };
    });
  }

  /** Slices of time of the largest source, about one in a hundred of all rows each. */
  deletions() {
    const { data_source: sources } = this.columns;
    const [source] = sources.ranking();
    const code = sources.places.get(source);
    const times = this.times.filter((_, row) => sources.of[row] === code).sort();
    const step = Math.max(10, Math.round(this.rows / 100));
    return Array.from({ length: DELETIONS }, (_, slice) => {
      const [from, to] = [times[slice * step], times[(slice + 1) * step]];
      return { source, from, to, count: times.filter((time) => time >= from && time < to).length };
    });
  }
}
