// The engines that are measured, by the names of `--engines`.
//
//   page     the bundle that host.html loads; none for the desk, which is a page of its own
//   formats  what it imports
//   durable  what it imported is there after a reload
//   ordered  it keeps an index by record key, made within the import: no rival for sorting for the first time

const duckdb = (variant, release) => ({ page: release, options: { variant, files: release }, formats: ['csv'] });

export const ENGINES = {
  desk: { formats: ['csv', 'ndjson', 'xlsx'], durable: true },
  'js-array': { page: 'js-array', formats: ['csv', 'ndjson'] },
  'js-columnar': { page: 'js-columnar', formats: ['csv', 'ndjson'] },
  duckdb: duckdb('memory', 'duckdb'),
  'duckdb-threads': duckdb('threads', 'duckdb'),
  'duckdb-next': duckdb('memory', 'duckdb-next'),
  // The pinned release opens its file for reading only after a reload; the one after does not.
  'duckdb-opfs': { ...duckdb('opfs', 'duckdb-next'), durable: true },
  sqlite: { page: 'sqlite', formats: ['csv'], durable: true, ordered: true },
  sheetjs: { page: 'sheetjs', formats: ['xlsx'] },
};
