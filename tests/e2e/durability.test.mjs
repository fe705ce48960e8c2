// What must outlive reloads, crashes and power cuts: nothing is lost, nothing is done twice, nothing is there by half.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as dumps from './dumps.mjs';
import { refused, scenario, until } from './harness.mjs';

const [JOB] = dumps.JOBS;
const STATES = ['open', 'requested', 'cleared', 'failedAgain'];

async function startLong(app, count) {
  const rows = dumps.rows(count, { seed: 31, fixed: { job: JOB } });
  await app.load('log.csv', dumps.csv(rows));
  await app.desk('configure', { rehearsalStepMs: 120, dismissHoldSeconds: 0 });
  const { requestIds: [id] } = await app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} });
  await until('the request is half way', async () => {
    const [request] = await app.desk('requests', {});
    assert.notEqual(request.state, 'finished', 'it was over before it could be interrupted');
    return request.done > 0;
  });
  return { rows, id };
}

async function allAccounted(app, { rows, id }) {
  await app.idle();
  const requests = await app.desk('requests', {});
  assert.equal(requests.length, 1);
  const [request] = requests;
  const retriable = rows.filter((row) => row.category !== 'Concurrency');
  const cleared = rows.filter((row) => row.category === 'System').length;
  assert.deepEqual(
    { id: request.id, state: request.state, records: request.records, done: request.done, cleared: request.cleared, failedAgain: request.failedAgain, skipped: request.skipped },
    { id, state: 'finished', records: retriable.length, done: retriable.length, cleared, failedAgain: retriable.length - cleared, skipped: 0 },
  );
  assert.equal(await app.desk('count', { states: ['cleared'] }), cleared);
  assert.equal(await app.desk('count', { states: ['failedAgain'] }), retriable.length - cleared);
  assert.equal(await app.desk('count', { states: STATES }), rows.length);
  const { entries } = await app.desk('journal', { offset: 0, limit: 1_000 });
  const lines = (event) => entries.filter((entry) => entry.event === event && entry.details.requestId === id);
  assert.equal(lines('submitted').length, 1);
  assert.equal(lines('finished').length, 1);
  const outcomes = lines('finished')[0].details.outcomes;
  assert.deepEqual([outcomes.cleared, outcomes.failedAgain], [cleared, retriable.length - cleared]);
  assert.deepEqual(entries.map((entry) => entry.id), entries.map((_, at) => entries[0].id + at), 'the trail has no gap');
}

scenario('a reload in the middle of a running request loses and repeats nothing', async (app) => {
  const started = await startLong(app, 6_000);
  await app.reload();
  await until('it goes on by itself', async () => (await app.desk('requests', {}))[0].done > 0);
  await app.reload();
  await allAccounted(app, started);
});

scenario('a browser killed in the middle of a running request loses and repeats nothing', { durable: true }, async (app) => {
  const started = await startLong(app, 6_000);
  const [{ done }] = await app.desk('requests', {});
  await app.kill();
  await app.launch();
  assert.ok((await app.desk('requests', {}))[0].done >= done, 'outcomes that were told are kept');
  await allAccounted(app, started);
});

scenario('a dismissal that was told is kept, whatever is killed', { durable: true }, async (app) => {
  const rows = dumps.rows(500, { seed: 33 });
  await app.load('log.csv', dumps.csv(rows));
  await app.hurry();
  const plan = await app.desk('plan', { kind: 'dismiss', filter: { dataSources: ['Dataverse'] } });
  await app.desk('submit', { planId: plan.planId });
  await app.idle();
  await app.kill();
  await app.launch();
  const left = rows.filter((row) => row.source !== 'Dataverse');
  await app.screen.expectRows(left.length);
  assert.equal(await app.desk('count', { dataSources: ['Dataverse'] }), 0);
  const report = await app.load('again.csv', dumps.csv(rows));
  assert.equal(report.dismissedEarlier, rows.length - left.length);
});

for (const [how, interrupt] of [
  ['the browser is killed', async (app) => {
    await app.kill();
    await app.launch();
  }],
  ['the page is closed', async (app) => {
    const page = await app.context.newPage();
    await app.page.close();
    app.listen(page);
    app.page = page;
    app.screen.page = page;
    await page.goto(app.url);
    await app.ready();
  }],
]) {
  scenario(`when ${how} in the middle of an import, no half dump is left`, { durable: true, timeout: 240_000 }, async (app) => {
    const kept = dumps.rows(100, { first: 900_000 });
    await app.load('kept.csv', dumps.csv(kept));
    const { segments } = await app.desk('storage');

    const folder = await mkdtemp(join(tmpdir(), 'error-desk-dump-'));
    try {
      const count = 240_000;
      const file = join(folder, 'large.csv');
      const bytes = dumps.csv(dumps.rows(count, { seed: 34 }));
      await writeFile(file, bytes);
      // The engine reads most of it and no more, so that the import is under way whenever it is interrupted.
      await app.page.workers()[0].evaluate((most) => {
        const { read } = ReadableStreamBYOBReader.prototype;
        let given = 0;
        ReadableStreamBYOBReader.prototype.read = async function stalling(view) {
          if (given > most) return new Promise(() => {});
          // A read gives what is there, which may be less than was asked for.
          const answer = await read.call(this, view);
          given += answer.value?.byteLength ?? 0;
          return answer;
        };
      }, bytes.length * 0.85);
      await app.page.evaluate(() => {
        window.progress = 0;
        window.errorDesk.on('importProgress', ({ rowsRead }) => { window.progress = rowsRead; });
      });
      await app.screen.choose(file);
      await until('segments of the dump are written', async () => (await app.page.evaluate(() => window.progress)) > 100_000, 60_000);
      assert.equal((await app.desk('datasets')).length, 1, 'the import is still under way');
      await interrupt(app);

      assert.deepEqual((await app.desk('datasets')).map(({ name }) => name), ['kept.csv']);
      assert.equal(await app.desk('count', {}), kept.length);
      await app.screen.expectRows(kept.length);
      assert.equal((await app.desk('storage')).segments, segments, 'segments without a manifest are removed');

      // The same file is then loaded as if nothing had happened.
      await app.screen.choose(file);
      await until('the dump is loaded', async () => (await app.desk('datasets')).length === 2, 120_000);
      await app.screen.expectRows(kept.length + count);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

scenario('an import can be cancelled and leaves nothing', { timeout: 240_000 }, async (app) => {
  const outcome = await app.page.evaluate(async () => {
    const loading = window.errorDesk.loadSample({ rows: 300_000, seed: 3 }).catch((error) => error.code);
    await new Promise((done) => window.errorDesk.on('importProgress', ({ rowsRead }) => rowsRead > 100_000 && done()));
    await window.errorDesk.cancelImport();
    return loading;
  });
  assert.equal(outcome, 'Cancelled');
  assert.deepEqual(await app.desk('datasets'), []);
  assert.equal((await app.desk('storage')).segments, 0);
});

scenario('everything comes back after a reload: records, states, queue, settings', async (app) => {
  const rows = dumps.rows(800, { seed: 35 });
  await app.load('log.csv', dumps.csv(rows));
  await app.desk('configure', { rehearsalStepMs: 7, dismissHoldSeconds: 0, limits: { requestsPerJob: 3 } });
  await app.desk('submit', { kind: 'retry', jobId: JOB, filter: { entities: ['Vendors V2'] } });
  await app.idle();
  const look = async () => ({
    rows: await app.desk('rows', { filter: { states: STATES }, limit: 1_000 }),
    requests: await app.desk('requests', {}),
    jobs: await app.desk('jobs'),
    settings: await app.desk('settings'),
    datasets: await app.desk('datasets'),
    journal: await app.desk('journal', { limit: 100 }),
  });
  const before = await look();
  assert.ok(before.rows.rows.some((record) => record.state === 'cleared'));
  await app.reload();
  assert.deepEqual(await look(), before);
});

scenario('wiping leaves nothing behind', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(300)));
  await app.hurry();
  await app.desk('submit', { kind: 'dismiss', jobId: JOB, filter: {} });
  await app.idle();
  await app.desk('wipe');
  for (const when of ['at once', 'after a reload']) {
    assert.deepEqual(await app.desk('datasets'), [], when);
    assert.deepEqual(await app.desk('requests', {}), [], when);
    assert.equal((await app.desk('storage')).segments, 0, when);
    await app.reload();
  }
  assert.equal((await app.load('log.csv', dumps.csv(dumps.rows(300)))).dismissedEarlier, 0);
});
