// Rows of a dump of synchronisation errors: a pure function of their number. Integer arithmetic only, so the same bytes
// everywhere.
//
// Shaped as a real export: 90 days with office hours and weekends, a dozen incidents in which one cause floods the log, late
// arrivals (roughly chronological, not strictly), Zipf-like entities and companies, keys that fail again and again.

import * as words from './vocabulary.mjs';

const HOUR = 3_600_000;
const DAYS = 90;
const BEGIN = Date.UTC(2026, 0, 5);
const INCIDENTS = 12;

/** xoshiro128** by a seed. */
export class Random {
  constructor(seed) {
    this.state = new Uint32Array(4);
    for (let at = 0; at < 4; at += 1) {
      seed = (seed + 0x9e3779b9) >>> 0;
      const mixed = Math.imul(seed ^ (seed >>> 16), 0x21f0aaad);
      this.state[at] = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    }
  }

  /** An unsigned number of 32 bits. */
  next() {
    const s = this.state;
    const turned = Math.imul(s[1], 5);
    const result = Math.imul((turned << 7) | (turned >>> 25), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  below(limit) {
    return this.next() % limit;
  }

  chance(percent) {
    return this.below(100) < percent;
  }

  fraction() {
    return this.next() / 2 ** 32;
  }

  pick(values) {
    return values[this.below(values.length)];
  }
}

/** Draws places by weight: `draw(random)`. */
function lottery(weights) {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const ends = Float64Array.from(weights, (weight) => (sum += weight) / whole);
  return (random) => {
    const ticket = random.fraction();
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ticket < ends[middle]) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

const zipf = (count, exponent) => lottery(Array.from({ length: count }, (_, place) => (place + 1) ** -exponent));
const weighted = (pairs) => {
  const draw = lottery(pairs.map(([, weight]) => weight));
  return (random) => draw(random);
};

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
function guid(random) {
  const [a, b, c, d] = [random.next(), random.next(), random.next(), random.next()];
  const two = (word, at) => HEX[(word >>> at) & 255] + HEX[(word >>> (at + 8)) & 255];
  return `${two(a, 0)}${two(a, 16)}-${two(b, 0)}-4${two(b, 16).slice(1)}-${HEX[0x80 | (c & 63)]}${HEX[(c >>> 8) & 255]}-${two(c, 16)}${two(d, 0)}${two(d, 16)}`;
}

/** A template as literals and the letters between them. */
const compiled = (template) => template.split(/\{([gnmkcNfsed])\}/);
const CAUSES = words.CAUSES.map(([template]) => compiled(template));
const TAILS = words.TAILS.map(([template]) => compiled(template));
const drawName = weighted(words.NAMES);
const MAGNITUDES = [10, 100, 1000, 10_000, 100_000, 10_000_000];

function fill(parts, row, random) {
  let text = parts[0];
  for (let at = 1; at < parts.length; at += 2) text += value(parts[at], row, random) + parts[at + 1];
  return text;
}

function value(letter, row, random) {
  switch (letter) {
    case 'g': return guid(random);
    case 'n': return String(random.below(random.pick(MAGNITUDES)));
    case 'm': return String(random.below(100));
    case 'k': return row.number;
    case 'c': return row.company;
    case 'N': return words.NAMES[drawName(random)][0];
    case 'f': return random.pick(words.FIELDS);
    case 's': return random.pick(words.SERVERS);
    case 'e': return row.entity;
    case 'd': return new Date(BEGIN + random.below(DAYS) * 24 * HOUR).toISOString().slice(0, 10);
    default: throw new Error(letter);
  }
}

/** How busy each hour is, and the incidents that made it so. */
function calendar(random, draw) {
  const busy = Array.from({ length: DAYS * 24 }, (_, hour) => {
    const [of_day, weekend] = [hour % 24, Math.floor(hour / 24) % 7 >= 5];
    return (of_day >= 7 && of_day <= 18 ? 3 : 1) * (weekend ? 0.35 : 1) * (of_day === 2 ? 2.5 : 1);
  });
  const incidents = Array.from({ length: INCIDENTS }, () => {
    const from = 40 + random.below(DAYS * 24 - 60);
    const incident = { from, to: from + 1 + random.below(3), cause: draw.cause(random), entity: draw.entity(random), source: draw.source(random) };
    for (let hour = incident.from; hour < incident.to; hour += 1) busy[hour] *= 30;
    return incident;
  });
  let sum = 0;
  const starts = Float64Array.from([0, ...busy], (amount) => (sum += amount));
  return { busy, incidents, starts };
}

/** The rows of a dump, one after another; `time` in epoch milliseconds besides the 13 columns. */
export function* rows(count, seed = 365) {
  const random = new Random(seed);
  const draw = {
    entity: zipf(words.ENTITIES.length, 1.05),
    company: zipf(words.COMPANIES.length, 1),
    cause: zipf(words.CAUSES.length, 0.7),
    source: weighted(words.DATA_SOURCES),
    tail: weighted(words.TAILS),
    hot: zipf(2000, 0.9),
  };
  const { busy, incidents, starts } = calendar(random, draw);
  const hot = Array.from({ length: 2000 }, () => 1 + random.below(9_000_000));
  let hour = 0;
  for (let at = 0; at < count; at += 1) {
    const mark = ((at + random.fraction()) / count) * starts[DAYS * 24];
    while (hour > 0 && starts[hour] > mark) hour -= 1;
    while (hour < DAYS * 24 - 1 && starts[hour + 1] <= mark) hour += 1;
    const delay = random.chance(10) ? random.fraction() * 4 * HOUR : (random.fraction() - 0.5) * 180_000;
    const moment = BEGIN + (hour + (mark - starts[hour]) / busy[hour]) * HOUR + delay;
    const time = Math.min(Math.max(Math.floor(moment), BEGIN), BEGIN + DAYS * 24 * HOUR - 1);

    let [cause, entity, source] = [draw.cause(random), draw.entity(random), draw.source(random)];
    const flooded = random.chance(70);
    for (const incident of incidents) {
      if (flooded && hour >= incident.from && hour < incident.to) ({ cause, entity, source } = incident);
    }
    const tail = draw.tail(random);
    const company = words.COMPANIES[draw.company(random)];
    const digits = random.chance(22) ? hot[draw.hot(random)] : 1 + random.below(9_999_999);
    const number = words.KEY_PREFIXES[entity % words.KEY_PREFIXES.length] + String(digits).padStart(7, '0');
    const row = {
      id: guid(random),
      occurred_at: new Date(time).toISOString(),
      job: words.JOBS[(entity * 7 + (random.chance(15) ? 3 : 0)) % words.JOBS.length],
      entity: words.ENTITIES[entity],
      map: `${words.ENTITIES[entity]} - ${words.TABLES[entity % words.TABLES.length]}`,
      data_source: words.DATA_SOURCES[source][0],
      company,
      direction: words.DIRECTIONS[random.chance(70) ? entity & 1 : random.below(2)],
      category: words.CATEGORIES[random.chance(8) ? random.below(3) : words.CAUSES[cause][1]],
      error_code: `DW${4000 + (cause % 20) * 20 + (tail % 4)}`,
      record_key: `${number}|${company}`,
      message: '',
      retry_count: 0,
    };
    const context = { ...row, number };
    row.message = fill(CAUSES[cause], context, random) + fill(TAILS[tail], context, random);
    while (row.retry_count < 9 && random.chance(35)) row.retry_count += 1;
    row.time = time;
    yield row;
  }
}
