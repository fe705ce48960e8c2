// Retry and Dismiss by filter, from the button to the outcome of every record.

import assert from 'node:assert/strict';

import * as dumps from './dumps.mjs';
import { refused, scenario, until } from './harness.mjs';

const [JOB, OTHER] = dumps.JOBS;
const ROWS = dumps.rows(900, { seed: 21 });
const isRetriable = (row) => row.category !== 'Concurrency';

scenario('a retry takes exactly what matches, leaves concurrency out, and accounts for every record', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  await app.hurry();
  await app.screen.setValues('filter-entity', ['Customers V3']);
  const matching = dumps.matching(ROWS, { entities: ['Customers V3'] });
  await app.screen.expectRows(matching.length);

  assert.equal(await app.screen.plan('retry'), matching.filter(isRetriable).length);
  await app.screenshot('plan-retry');
  await app.screen.confirm();
  await app.idle();

  const requests = await app.desk('requests', {});
  assert.deepEqual(requests.map(({ jobId, kind, state, records }) => ({ jobId, kind, state, records })), [JOB, OTHER].map((job) => ({
    jobId: job, kind: 'retry', state: 'finished', records: matching.filter((row) => row.job === job && isRetriable(row)).length,
  })));
  for (const request of requests) {
    assert.equal(request.rehearsal, true);
    assert.equal(request.done, request.records);
    assert.equal(request.cleared + request.failedAgain + request.skipped, request.records);
    // The stated model: system failures clear, the others fail again while their cause is not fixed.
    const own = matching.filter((row) => row.job === request.jobId);
    assert.equal(request.cleared, own.filter((row) => row.category === 'System').length);
    assert.equal(request.failedAgain, own.filter((row) => ['Application', 'Conflict'].includes(row.category)).length);
  }
  const cleared = matching.filter((row) => row.category === 'System').length;
  assert.equal(await app.desk('count', { states: ['cleared'] }), cleared);
  assert.equal(await app.desk('count', {}), ROWS.length - cleared);
  // The filter stays as it was, and the grid shows what is left of it.
  await app.screen.expectRows(matching.length - cleared);
});

scenario('a plan that is left does nothing', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  for (const kind of ['retry', 'dismiss']) {
    await app.screen.plan(kind);
    await app.screen.cancel();
    await app.screen.plan(kind);
    await app.page.keyboard.press('Escape');
    await app.screen.at('plan-count').waitFor({ state: 'detached' });
  }
  assert.deepEqual(await app.desk('requests', {}), []);
  await app.screen.expectRows(ROWS.length);
});

scenario('dismissed records are gone from everywhere, after a reload and after opening the dump again', async (app) => {
  const file = { name: 'log.csv', bytes: dumps.csv(ROWS) };
  await app.screen.open(file);
  await app.hurry();
  await app.screen.setValues('filter-data-source', ['Dataverse']);
  const gone = dumps.matching(ROWS, { dataSources: ['Dataverse'] });
  const left = ROWS.filter((row) => row.source !== 'Dataverse');
  assert.equal(await app.screen.plan('dismiss'), gone.length);
  await app.screenshot('plan-dismiss');
  await app.screen.confirm();
  await app.idle();
  const dismissed = (await app.desk('requests', {})).reduce((sum, request) => sum + request.dismissed, 0);
  assert.equal(dismissed, gone.length);

  const isGone = async (when) => {
    await app.screen.clearFilters();
    await app.screen.expectRows(left.length);
    assert.equal(await app.desk('count', {}), left.length, when);
    assert.equal(await app.desk('count', { states: ['open', 'requested', 'cleared', 'failedAgain'] }), left.length, when);
    assert.equal(await app.desk('count', { dataSources: ['Dataverse'] }), 0, when);
    const facets = await app.desk('facets', {}, ['dataSource', 'entity', 'category']);
    assert.ok(!facets.dataSource.some(({ value, count }) => value === 'Dataverse' && count > 0), when);
    const asCounts = (values) => Object.fromEntries(values.filter(({ count }) => count > 0).map(({ value, count }) => [value, count]));
    assert.deepEqual(asCounts(facets.entity), dumps.tally(left, 'entity'), when);
    const { total, rows } = await app.desk('rows', { limit: 10_000 });
    assert.equal(total, left.length, when);
    assert.deepEqual(new Set(rows.map((record) => record.id)), new Set(left.map((row) => row.id)), when);
    // Search, by a text that only the record itself has.
    const victim = gone.find((row) => /Timeout expired/.test(row.message));
    assert.equal(await app.desk('count', { text: victim.key }), 0, when);
    assert.equal(await app.desk('record', gone[0].id), null, when);
    for (const format of ['csv', 'jsonl', 'xlsx']) {
      const bytes = await app.exported({ filter: { states: ['open', 'requested', 'cleared', 'failedAgain'] }, format });
      assert.ok(bytes.length > 1000, format);
      if (format === 'xlsx') continue;
      const text = bytes.toString();
      assert.ok(text.includes(left[0].id), `${format} holds what is left`);
      for (const row of gone.slice(0, 50)) assert.ok(!text.includes(row.id), `${format} holds ${row.id} ${when}`);
    }
    const plan = await app.desk('plan', { kind: 'dismiss', filter: { states: ['open', 'requested', 'cleared', 'failedAgain'] } });
    assert.equal(plan.matched, left.length, when);
    await refused(app.desk('submit', { kind: 'retry', jobId: JOB, ids: [gone[0].id] }), 'InvalidArgument');
  };
  await isGone('at once');
  await app.reload();
  await isGone('after a reload');

  const report = await app.load(file.name, file.bytes);
  assert.deepEqual(
    { read: report.rowsRead, loaded: report.loaded, duplicates: report.duplicates, dismissedEarlier: report.dismissedEarlier },
    { read: ROWS.length, loaded: 0, duplicates: left.length, dismissedEarlier: gone.length },
  );
  await isGone('after importing the same file again');

  // Even where the dataset itself was removed in between.
  for (const { id } of await app.desk('datasets')) await app.desk('removeDataset', id);
  assert.equal(await app.desk('count', {}), 0);
  const again = await app.load('renamed.csv', file.bytes);
  assert.deepEqual([again.loaded, again.dismissedEarlier], [left.length, gone.length]);
  await isGone('after the dump was removed and opened again');
});

scenario('a held dismissal can be withdrawn, and nothing is dismissed', async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  await app.desk('configure', { rehearsalStepMs: 0, dismissHoldSeconds: 600 });
  await app.screen.setValues('filter-data-source', ['Dataverse']);
  await app.screen.plan('dismiss');
  await app.screen.confirm();
  await until('two requests are listed', async () => (await app.desk('requests', {})).length === 2);
  await app.reload();
  const held = await app.desk('requests', {});
  assert.ok(held.every((request) => request.state === 'queued' && request.done === 0), 'a hold outlives a reload');
  for (const { id } of held) await app.desk('withdraw', id);
  assert.deepEqual((await app.desk('requests', {})).map(({ state }) => state), ['withdrawn', 'withdrawn']);
  assert.equal(await app.desk('count', {}), ROWS.length);
  assert.equal(await app.desk('count', { states: ['requested'] }), 0);
});

scenario('a cause marked as fixed clears on retry', async (app) => {
  const rows = dumps.rows(40, { seed: 5, fixed: { category: 'Application', job: JOB, message: 'Unable to lookup msdyn_customergroup with values 80' } });
  await app.load('log.csv', dumps.csv(rows));
  await app.hurry();
  const { rows: [record] } = await app.desk('rows', { limit: 1 });
  const cause = await app.desk('count', { causes: [record.cause] });
  await app.desk('markFixed', record.cause, true);
  await app.screen.plan('retry');
  await app.screen.confirm();
  await app.idle();
  assert.equal(await app.desk('count', { states: ['cleared'] }), cause);
  assert.equal(await app.desk('count', { states: ['failedAgain'] }), rows.length - cause);
});

scenario('the switch of a cause shows what holds, also after a reload and when a script sets it', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(20, { seed: 6 })));
  const box = app.page.getByTestId('detail-pane').getByRole('checkbox', { name: /This cause is fixed/ });
  const row = app.page.getByTestId('grid-row').first();
  const { cause } = await app.desk('record', await row.getAttribute('data-record-id'));
  await row.click();
  await box.check();
  await until('the engine knows', async () => (await app.desk('settings')).fixedCauses.includes(cause));
  await app.reload();
  await row.click();
  await until('the switch is on', () => box.isChecked());
  await app.desk('markFixed', cause, false);
  await until('the switch is off', async () => !(await box.isChecked()));
});

scenario('a plan is frozen: what is loaded later is not touched by it', async (app) => {
  await app.load('one.csv', dumps.csv(ROWS.slice(0, 300)));
  await app.hurry();
  const planned = await app.screen.plan('retry');
  await app.load('two.csv', dumps.csv(ROWS.slice(300)));
  await app.screen.confirm();
  await app.idle();
  const requests = await app.desk('requests', {});
  assert.equal(requests.reduce((sum, request) => sum + request.records, 0), planned);
  assert.equal(planned, ROWS.slice(0, 300).filter(isRetriable).length);
});

scenario('a dump that is opened when nothing is left to do is on the screen at once', async (app) => {
  const fixed = { category: 'System', job: JOB };
  await app.load('monday.csv', dumps.csv(dumps.rows(90, { fixed })));
  await app.hurry();
  await app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} });
  await app.idle();
  await app.screen.expectRows(0);
  await app.load('tuesday.csv', dumps.csv(dumps.rows(30, { first: 1_000, fixed })));
  await app.screen.expectRows(30);
});
