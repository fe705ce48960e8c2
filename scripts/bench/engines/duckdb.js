// DuckDB-WASM in its worker: `memory` (one thread), `threads` (needs cross-origin isolation), `opfs` (a database file that stays).
//
// Each statement is the fastest of the forms tried: one materialised match for count and rows, RE2 for search without case
// (ILIKE takes several times as long), GROUPING SETS for facets, ordering by row number before fetching rows.

import * as duckdb from '@duckdb/duckdb-wasm';

const TYPES = { occurred_at: 'TIMESTAMP', retry_count: 'INTEGER' };
const COLUMNS = ['id', 'occurred_at', 'job', 'entity', 'map', 'data_source', 'company', 'direction', 'category', 'error_code', 'record_key', 'message', 'retry_count'];
const GUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

let database;
let connection;
let variant;

const text = (value) => `'${value.replaceAll("'", "''")}'`;
const moment = (time) => `make_timestamp(${time} * 1000)`;
const query = (sql) => connection.query(sql);
const objects = async (sql) => (await query(sql)).toArray().map((row) => row.toJSON());

function where(filter, without) {
  const conditions = [`occurred_at >= ${moment(filter.from)}`, `occurred_at < ${moment(filter.to)}`];
  if (filter.source && without !== 'data_source') conditions.push(`data_source = ${text(filter.source)}`);
  if (filter.entities && without !== 'entity') conditions.push(`entity IN (${filter.entities.map(text).join()})`);
  return conditions.join(' AND ');
}

export const bench = {
  async init(options) {
    variant = options.variant;
    const bundle = variant === 'threads' ? 'coi' : 'eh';
    const address = (name) => new URL(`${options.files}/${name}`, location.href).href;
    database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker(address(`duckdb-browser-${bundle}.worker.js`)));
    await database.instantiate(address(`duckdb-${bundle}.wasm`), bundle === 'coi' ? address('duckdb-browser-coi.pthread.worker.js') : null);
    await database.open({
      memory: { path: ':memory:' },
      threads: { path: ':memory:', maximumThreads: navigator.hardwareConcurrency },
      opfs: { path: 'opfs://bench.duckdb', accessMode: duckdb.DuckDBAccessMode.READ_WRITE },
    }[variant]);
    connection = await database.connect();
    await query('SELECT 1');
  },
  async importFile(file, format) {
    const name = `dump.${format}`;
    // Its threads cannot see a File of the page: they get a copy of the bytes.
    if (variant === 'threads') await database.registerFileBuffer(name, new Uint8Array(await file.arrayBuffer()));
    else await database.registerFileHandle(name, file, duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
    const columns = COLUMNS.map((column) => `'${column}': '${TYPES[column] ?? 'VARCHAR'}'`).join();
    await query(`CREATE TABLE dump AS SELECT * FROM read_csv('${name}', header=true, delim=',', quote='"', escape='"', auto_detect=false, columns={${columns}})`);
    await database.dropFile(name).catch(() => {});
    if (variant === 'opfs') await query('CHECKPOINT');
    return { rows: await this.count() };
  },
  async count() {
    return (await objects('SELECT count(*)::INTEGER AS n FROM dump'))[0].n;
  },
  async filter(filter) {
    const rows = await objects(`WITH matching AS MATERIALIZED (SELECT rowid AS place, occurred_at FROM dump WHERE ${where(filter)})
      SELECT dump.*, (SELECT count(*)::INTEGER FROM matching) AS total FROM dump
      WHERE rowid IN (SELECT place FROM matching ORDER BY occurred_at DESC LIMIT 100) ORDER BY occurred_at DESC`);
    return { count: rows[0]?.total ?? 0, rows };
  },
  async search(term) {
    const pattern = term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return { count: (await objects(`SELECT count(*)::INTEGER AS n FROM dump WHERE regexp_matches(message, ${text(pattern)}, 'i')`))[0].n };
  },
  async facets(filter, dimensions) {
    const own = dimensions.filter((name) => name === 'entity' || name === 'data_source');
    const others = dimensions.filter((name) => !own.includes(name));
    const counts = Object.fromEntries(dimensions.map((name) => [name, {}]));
    const sets = await objects(`SELECT ${others.join()}, grouping(${others.join()})::INTEGER AS absent, count(*)::INTEGER AS n FROM dump
      WHERE ${where(filter)} GROUP BY GROUPING SETS (${others.map((name) => `(${name})`).join()})`);
    for (const row of sets) {
      const name = others.find((_, at) => !(row.absent & (1 << (others.length - 1 - at))));
      counts[name][row[name]] = row.n;
    }
    const singles = own.map((name) => `SELECT '${name}' AS name, ${name} AS value, count(*)::INTEGER AS n FROM dump WHERE ${where(filter, name)} GROUP BY ${name}`);
    for (const row of await objects(singles.join(' UNION ALL '))) counts[row.name][row.value] = row.n;
    return counts;
  },
  async histogram(filter, buckets) {
    const bars = new Array(buckets).fill(0);
    const rows = await objects(`SELECT ((epoch_ms(occurred_at) - ${filter.from}) * ${buckets} // ${filter.to - filter.from})::INTEGER AS bar, count(*)::INTEGER AS n
      FROM dump WHERE ${where(filter)} GROUP BY bar`);
    for (const { bar, n } of rows) bars[bar] = n;
    return bars;
  },
  async sortWindow(column, offset, limit) {
    return { rows: await objects(`SELECT * FROM dump WHERE rowid IN (SELECT rowid FROM dump ORDER BY ${column} LIMIT ${limit} OFFSET ${offset}) ORDER BY ${column}`) };
  },
  async groupNormalised() {
    const [answer] = await objects(`SELECT count(*)::INTEGER AS groups, max(n)::INTEGER AS largest FROM (SELECT count(*) AS n FROM dump
      GROUP BY regexp_replace(regexp_replace(message, '${GUID}', '{guid}', 'g'), '[0-9]+', '#', 'g'))`);
    return answer;
  },
  async reopen() {
    await this.count();
  },
  async deleteWhere(filter) {
    await query(`DELETE FROM dump WHERE ${where(filter)}`);
    await query('CHECKPOINT');
  },
};
