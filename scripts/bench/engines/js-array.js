// What comes first to mind: an array of objects, filtered and sorted by the language's own methods.

import { COLUMNS, ascending, groups, read, time } from './reader.js';

let rows = [];
const matching = (filter, without) => {
  const entities = new Set(filter.entities);
  return rows.filter((row) => row.time >= filter.from && row.time < filter.to
    && (without === 'data_source' || row.data_source === filter.source)
    && (without === 'entity' || entities.has(row.entity)));
};

export const bench = {
  async importFile(file, format) {
    rows = [];
    await read(file, format, (values) => {
      const row = { time: time(values[1]) };
      COLUMNS.forEach((name, at) => { row[name] = values[at]; });
      rows.push(row);
    });
    return { rows: rows.length };
  },
  async count() {
    return rows.length;
  },
  async filter(filter) {
    const found = matching(filter).sort((a, b) => b.time - a.time);
    return { count: found.length, rows: found.slice(0, 100) };
  },
  async search(term) {
    const needle = term.toLowerCase();
    return { count: rows.filter((row) => row.message.toLowerCase().includes(needle)).length };
  },
  async facets(filter, dimensions) {
    return Object.fromEntries(dimensions.map((dimension) => {
      const counts = {};
      for (const row of matching(filter, dimension)) counts[row[dimension]] = (counts[row[dimension]] ?? 0) + 1;
      return [dimension, counts];
    }));
  },
  async histogram(filter, buckets) {
    const bars = new Array(buckets).fill(0);
    for (const row of matching(filter)) bars[Math.floor(((row.time - filter.from) * buckets) / (filter.to - filter.from))] += 1;
    return bars;
  },
  async sortWindow(column, offset, limit) {
    const sorted = rows.slice().sort((a, b) => ascending(a[column], b[column]));
    return { rows: sorted.slice(offset, offset + limit) };
  },
  async groupNormalised() {
    return groups(rows.map((row) => row.message));
  },
};
