// A dump so long that other threads read parts of it: every row is accounted for, and stands where it stood.

import assert from 'node:assert/strict';
import { cpus } from 'node:os';

import { scenario } from './harness.mjs';

/** More rows than two chunks hold. */
const ROWS = 140_000;

/** Writes the dump in the page and opens it there: 46 MB need not go through the driver. */
const open = (app) => app.page.evaluate(async (rows) => {
  const tail = `; the record stays as it is until somebody changes it and the error is sent again${'.'.repeat(160)}`;
  const line = (at) => {
    if (at === 120_000) return 'one,too,many,cells,in,this,row\r\n';
    const entity = ['Customers V3', 'Vendors V2', 'Released products V2'][at % 3];
    const id = `ERR-${String(at === 100_000 ? 7 : at).padStart(7, '0')}`;
    const time = new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString();
    return `${id},${time},${entity},Finance,KEY-${at},"Unable to look up KEY-${at} of ${entity}\r\nThe server answered ""${at * 7}""${tail}"\r\n`;
  };
  const lines = Array.from({ length: rows }, (_, at) => line(at));
  const file = new File(['id,occurredAt,entity,dataSource,recordKey,message\r\n', ...lines], 'long.csv', { type: 'text/csv' });
  return { size: file.size, report: await window.errorDesk.importFile(file, { name: file.name }) };
}, ROWS);

/** The most threads of this kind that are there while the work goes on. */
async function mostThreads(app, work) {
  const session = await app.context.browser().newBrowserCDPSession();
  let most = 0;
  let goesOn = true;
  const watching = (async () => {
    while (goesOn) {
      const { targetInfos } = await session.send('Target.getTargets', { filter: [{ type: 'worker' }] });
      most = Math.max(most, targetInfos.filter(({ title, url }) => `${title} ${url}`.includes('engine')).length);
      await new Promise((done) => setTimeout(done, 10));
    }
  })();
  try {
    return [await work(), () => most];
  } finally {
    goesOn = false;
    await watching;
  }
}

scenario('a long dump is read by several threads, to the last row', async (app) => {
  const [{ size, report }, threads] = await mostThreads(app, () => open(app));
  assert.ok(size > 40e6, `${size} bytes`);
  const { rowsRead, loaded, duplicates, rejected, rejects } = report;
  assert.deepEqual({ rowsRead, loaded, duplicates, rejected }, { rowsRead: ROWS, loaded: ROWS - 2, duplicates: 1, rejected: 1 });
  // Each row but this one takes two lines, and the header one.
  assert.deepEqual([rejects[0].row, rejects[0].line], [120_001, 240_002]);
  if (cpus().length > 1) assert.ok(threads() > 1, 'the engine alone read it');

  const { entity } = await app.desk('facets', {}, ['entity']);
  const counted = Object.fromEntries(entity.map(({ value, count }) => [value, count]));
  const expected = [0, 1, 2].map((kind) => Math.ceil((ROWS - kind) / 3));
  expected[100_000 % 3] -= 1;
  expected[120_000 % 3] -= 1;
  assert.deepEqual(['Customers V3', 'Vendors V2', 'Released products V2'].map((name) => counted[name]), expected);
  const same = async (at) => {
    const record = await app.desk('record', `ERR-${String(at).padStart(7, '0')}`);
    assert.deepEqual([record.recordKey, record.source.row], [`KEY-${at}`, at + 1]);
    assert.ok(record.message.includes(`answered "${at * 7}"`), record.message);
  };
  for (const at of [0, 65_535, 65_536, 99_999, 100_001, 131_072, ROWS - 1]) await same(at);

  await app.reload();
  assert.equal(await app.desk('count', {}), ROWS - 2);
  for (const at of [0, 65_535, 131_072]) await same(at);
});
