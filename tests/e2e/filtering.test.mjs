// Filters set on the screen, held against counts made row by row.

import assert from 'node:assert/strict';

import * as dumps from './dumps.mjs';
import { refused, scenario } from './harness.mjs';

const ROWS = dumps.rows(2_000, { seed: 11 });
const iso = (millis) => new Date(millis).toISOString();

scenario('date-time, entity and data source narrow the grid to exactly the rows meant', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  const { screen } = app;
  await screen.expectRows(2_000);

  const [from, to] = [dumps.BEGIN + 6 * 3_600_000, dumps.BEGIN + 21 * 3_600_000];
  await screen.setTime('filter-from', from);
  await screen.expectRows(dumps.counted(ROWS, { from }));
  await screen.setTime('filter-to', to);
  await screen.expectRows(dumps.counted(ROWS, { from, to }));

  await screen.setValues('filter-entity', ['Vendors V2']);
  await screen.expectRows(dumps.counted(ROWS, { from, to, entities: ['Vendors V2'] }));
  await screen.setValues('filter-data-source', ['Lager Århus']);
  const filter = { from, to, entities: ['Vendors V2'], dataSources: ['Lager Århus'] };
  const expected = dumps.matching(ROWS, filter);
  assert.ok(expected.length > 10, 'the filter leaves something to compare');
  await screen.expectRows(expected.length);
  await app.screenshot('filtered');

  const shown = await screen.shownIds();
  assert.ok(shown.length > 0);
  for (const id of shown) assert.ok(expected.some((row) => row.id === id), `${id} does not match and is shown`);

  await screen.clearFilters();
  await screen.expectRows(2_000);
});

scenario('the ends of the time range are half-open, to the second', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  const at = ROWS[700].occurred;
  await app.screen.setTime('filter-from', at);
  await app.screen.expectRows(dumps.counted(ROWS, { from: at }));
  await app.screen.setTime('filter-from', at + 1000);
  await app.screen.expectRows(dumps.counted(ROWS, { from: at + 1000 }));
  await app.screen.clearFilters();
  await app.screen.setTime('filter-to', at);
  await app.screen.expectRows(dumps.counted(ROWS, { to: at }));
  assert.equal(dumps.counted(ROWS, { from: at }) + dumps.counted(ROWS, { to: at }), ROWS.length);
});

scenario('words in the message are found whatever their letter case, beyond ASCII too', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  for (const text of ['währung €', 'WÄHRUNG', 'timeout EXPIRED', '"customer group 80, retail"', 'no such words']) {
    await app.screen.setText(text);
    await app.screen.expectRows(dumps.counted(ROWS, { text }));
  }
});

scenario('aliases of an entity are one entity', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  const expected = dumps.counted(ROWS, { entities: ['Customers V3'] });
  for (const alias of ['Customers V3', 'CustCustomerV3Entity', 'accounts', 'account']) {
    assert.equal(await app.desk('count', { entities: [alias] }), expected, alias);
  }
});

scenario('counts, facets, histogram, order and windows agree with the rows', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  const filter = { from: iso(dumps.BEGIN + 3_600_000), categories: ['System', 'Application'], companies: ['demf'] };
  const expected = dumps.matching(ROWS, filter);
  assert.equal(await app.desk('count', filter), expected.length);

  const facets = await app.desk('facets', filter, ['category', 'dataSource']);
  const asCounts = (values) => Object.fromEntries(values.filter(({ count }) => count > 0).map(({ value, count }) => [value, count]));
  // Each dimension ignores its own condition.
  assert.deepEqual(asCounts(facets.category), dumps.tally(dumps.matching(ROWS, { ...filter, categories: undefined }), 'category'));
  assert.deepEqual(asCounts(facets.dataSource), dumps.tally(expected, 'source'));

  const bars = await app.desk('histogram', filter, 24);
  assert.equal(bars.length, 24);
  for (const bar of bars) {
    assert.equal(bar.count, expected.filter((row) => row.occurred >= Date.parse(bar.from) && row.occurred < Date.parse(bar.to)).length);
  }
  assert.equal(bars.reduce((sum, bar) => sum + bar.count, 0), expected.length);

  const sorted = [...expected].sort((a, b) => b.occurred - a.occurred);
  const first = await app.desk('rows', { filter, sort: { column: 'occurredAt', descending: true }, offset: 0, limit: 25 });
  const second = await app.desk('rows', { filter, sort: { column: 'occurredAt', descending: true }, offset: 25, limit: 25 });
  assert.equal(first.total, expected.length);
  const times = [...first.rows, ...second.rows].map((record) => Date.parse(record.occurredAt));
  assert.deepEqual(times, sorted.slice(0, 50).map((row) => row.occurred));
});

scenario('a filter outlives a reload of the page', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  await app.screen.setValues('filter-data-source', ['Dataverse']);
  const expected = dumps.counted(ROWS, { dataSources: ['Dataverse'] });
  await app.screen.expectRows(expected);
  await app.reload();
  await app.screen.expectRows(expected);
});

scenario('what makes no sense is refused as a DeskError, and never ignored', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS.slice(0, 50)));
  for (const [method, ...args] of [
    ['count', { entity: ['Customers V3'] }],
    ['count', { entities: 'Customers V3' }],
    ['count', { from: 'yesterday' }],
    ['count', { states: ['gone'] }],
    ['rows', { filter: { colour: 'red' } }],
    ['rows', { sort: { column: 'colour' } }],
    ['rows', { limit: 10_001 }],
    ['rows', { offset: -1 }],
    ['facets', {}, ['message']],
    ['histogram', {}, 0],
    ['plan', { kind: 'delete', filter: {} }],
    ['plan', { kind: 'retry' }],
    ['plan', { kind: 'retry', filter: {}, ids: [] }],
    ['submit', { kind: 'retry' }],
    ['submit', { planId: 1, kind: 'retry' }],
    ['configure', { dismissHold: 3 }],
    ['configure', { limits: { requestsPerJob: 0 } }],
    ['setJobStatus', 'No such job', 'Active', 'extra'],
    ['exportRows', { filter: {}, format: 'pdf' }],
    ['loadSample', { rows: 1 }],
    ['importFile', 'no blob', {}],
  ]) {
    const error = await refused(app.desk(method, ...args), 'InvalidArgument');
    assert.equal(error.isError, true, method);
  }
  await refused(app.desk('setJobStatus', 'No such job', 'Active'), 'UnknownJob');
  await refused(app.desk('withdraw', 4711), 'UnknownRequest');
  await refused(app.desk('removeDataset', 4711), 'UnknownDataset');
  await refused(app.desk('submit', { planId: 4711 }), 'PlanExpired');
  await refused(app.desk('submit', { kind: 'retry', jobId: 'No such job', filter: {} }), 'UnknownJob');
  // By semver: methods were added to those of 1.0.0, none was changed.
  assert.equal(await app.page.evaluate(() => window.errorDesk.version), '1.3.0');
});

scenario('frames that come late find what they would draw gone, and leave it be', async (app) => {
  // Every frame is late: what asked for it is gone when the data are.
  await app.page.addInitScript(() => {
    const frame = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (draw) => setTimeout(() => frame(draw), 500);
  });
  await app.page.reload();
  await app.ready();
  for (const seed of [1, 2]) {
    await app.desk('loadSample', { rows: 200, seed });
    await app.screen.expectRows(200);
    await app.desk('wipe');
    await app.screen.at('load-sample').first().waitFor();
    await app.page.waitForTimeout(600);
  }
  await app.desk('loadSample', { rows: 100, seed: 3 });
  await app.screen.expectRows(100);
});
