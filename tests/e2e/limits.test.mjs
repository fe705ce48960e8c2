// The documented limits and the state of the job, at their borders.

import assert from 'node:assert/strict';

import * as dumps from './dumps.mjs';
import { refused, scenario, until } from './harness.mjs';

const [JOB, OTHER] = dumps.JOBS;
const SYSTEM = { category: 'System', job: JOB };
const ids = (rows) => rows.map((row) => row.id);

/** Fills the five places with one record each, held by a job that waits. */
async function fill(app, rows) {
  for (const row of rows) await app.desk('submit', { kind: 'dismiss', jobId: JOB, ids: [row.id] });
}

scenario('the sixth open request of a job is refused, on the screen and to scripts', async (app) => {
  const rows = [...dumps.rows(20, { fixed: SYSTEM }), ...dumps.rows(5, { first: 100, fixed: { ...SYSTEM, job: OTHER } })];
  await app.load('log.csv', dumps.csv(rows));
  await app.desk('configure', { dismissHoldSeconds: 3_600 });
  await fill(app, rows.slice(0, 5));
  const error = await refused(app.desk('submit', { kind: 'retry', jobId: JOB, ids: ids(rows.slice(5, 7)) }), 'QueueFull');
  assert.deepEqual([error.details.count, error.details.limit], [5, 5]);
  await until('five places are shown as taken', async () => {
    const places = await app.screen.at('queue-place').evaluateAll((nodes) => nodes.map((node) => node.dataset.state));
    return places.length === 5 && !places.includes('free');
  });
  await app.screenshot('queue-full');

  // The other job has places of its own.
  await app.desk('submit', { kind: 'retry', jobId: OTHER, ids: [rows.at(-1).id] });

  // A plan may wait on the shelf, and says so before it is confirmed.
  await app.screen.plan('retry');
  assert.match(await app.screen.at('plan-dialog').innerText(), /0 free places; 1 waits on the shelf/);
  await app.screen.cancel();
  assert.equal((await app.desk('requests', { jobId: JOB })).length, 5);

  // A place that comes free is taken.
  const [first] = await app.desk('requests', { jobId: JOB });
  await app.desk('withdraw', first.id);
  await app.desk('submit', { kind: 'retry', jobId: JOB, ids: ids(rows.slice(5, 7)) });
  await refused(app.desk('submit', { kind: 'retry', jobId: JOB, ids: ids(rows.slice(8, 9)) }), 'QueueFull');
});

scenario('10,000 records are one request; 10,001 are refused as one and planned as two', { timeout: 240_000 }, async (app) => {
  const rows = dumps.rows(10_001, { fixed: SYSTEM });
  await app.load('log.csv', dumps.csv(rows));
  await app.hurry();
  await app.screen.expectRows(10_001);
  const error = await refused(app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} }), 'TooManyRecords');
  assert.deepEqual([error.details.count, error.details.limit], [10_001, 10_000]);
  assert.deepEqual(await app.desk('requests', {}), []);

  const plan = await app.desk('plan', { kind: 'retry', filter: {} });
  assert.deepEqual(plan.parts.map((part) => part.count), [10_000, 1]);
  const windows = [];
  for (const [part, { count }] of plan.parts.entries()) {
    for (let offset = 0; offset < count; offset += 10_000) {
      const { total, ids } = await app.desk('planRecords', { planId: plan.planId, part, offset, limit: 10_000 });
      assert.equal(total, count);
      windows.push(...ids);
    }
  }
  assert.deepEqual(new Set(windows), new Set(ids(rows)));
  assert.equal(windows.length, 10_001, 'no record is in two parts');

  const to = new Date(Math.max(...rows.map((row) => row.occurred))).toISOString();
  const within = dumps.counted(rows, { to });
  assert.equal(within, 10_000, 'the filter leaves out exactly the last one');
  const { requestIds } = await app.desk('submit', { kind: 'retry', jobId: JOB, filter: { to } });
  assert.equal(requestIds.length, 1);
  await app.idle();
  const [request] = await app.desk('requests', {});
  assert.deepEqual([request.records, request.done, request.cleared], [10_000, 10_000, 10_000]);
  await app.screen.expectRows(1);
});

scenario('a job that is not Active takes no request, on the screen and to scripts', async (app) => {
  const rows = dumps.rows(30, { fixed: SYSTEM });
  await app.load('log.csv', dumps.csv(rows));
  await app.hurry();
  await app.desk('setJobStatus', JOB, 'Stopped');
  for (const kind of ['retry', 'dismiss']) {
    const error = await refused(app.desk('submit', { kind, jobId: JOB, filter: {} }), 'JobNotActive');
    assert.match(error.message, /Stopped/);
  }
  const plan = await app.desk('plan', { kind: 'retry', filter: {} });
  await refused(app.desk('submit', { planId: plan.planId }), 'JobNotActive');
  await until('the screen knows', async () => (await app.screen.at('job-status').first().getAttribute('data-status')) === 'Stopped');
  await app.screen.plan('retry');
  assert.equal(await app.screen.at('plan-confirm').isDisabled(), true);
  assert.match(await app.screen.at('plan-dialog').innerText(), /Active|Stopped/);
  await app.screen.cancel();
  assert.deepEqual(await app.desk('requests', {}), []);
  assert.equal(await app.desk('count', { states: ['open'] }), 30);
});

scenario('a stopped job holds its queue, outlives a reload, and goes on in the order of creation', async (app) => {
  const rows = dumps.rows(4_000, { fixed: SYSTEM });
  await app.load('log.csv', dumps.csv(rows));
  // Slow enough that the job is stopped while the first request is at work.
  await app.desk('configure', { rehearsalStepMs: 5_000, dismissHoldSeconds: 0 });
  const quarter = (at) => ids(rows.slice(at * 1_000, (at + 1) * 1_000));
  for (const at of [0, 1, 2]) await app.desk('submit', { kind: 'retry', jobId: JOB, ids: quarter(at) });
  await app.desk('setJobStatus', JOB, 'Stopped');
  const states = async () => (await app.desk('requests', {})).map(({ state }) => state);
  const before = await app.desk('requests', {});
  assert.ok(!(await states()).includes('running'), 'nothing runs in a stopped job');
  assert.ok(before.at(-1).state === 'queued' && before.at(-1).done === 0);
  await app.idle();
  await app.reload();
  await app.idle();
  assert.deepEqual((await app.desk('requests', {})).map(({ done }) => done), before.map(({ done }) => done), 'nothing went on while stopped');

  await app.desk('configure', { rehearsalStepMs: 20 });
  await app.desk('setJobStatus', JOB, 'Active');
  await app.idle();
  const after = await app.desk('requests', {});
  assert.deepEqual(after.map(({ state, cleared }) => [state, cleared]), [0, 1, 2].map(() => ['finished', 1_000]));
  for (const [earlier, later] of [[0, 1], [1, 2]]) {
    assert.ok(after[earlier].finishedAt <= after[later].startedAt, 'one after the other, in the order of creation');
  }
  const { entries } = await app.desk('journal', { offset: 0, limit: 1_000 });
  const finished = entries.filter(({ event }) => event === 'finished').map(({ details }) => details.requestId);
  assert.deepEqual(finished, after.map(({ id }) => id));
});

scenario('a record in an open request is not taken a second time', async (app) => {
  const rows = dumps.rows(60, { fixed: SYSTEM });
  await app.load('log.csv', dumps.csv(rows));
  await app.desk('configure', { dismissHoldSeconds: 3_600 });
  await app.desk('submit', { kind: 'dismiss', jobId: JOB, ids: ids(rows.slice(0, 20)) });
  for (const kind of ['retry', 'dismiss']) {
    const error = await refused(app.desk('submit', { kind, jobId: JOB, ids: ids(rows.slice(10, 30)) }), 'AlreadyRequested');
    assert.equal(error.details.count, 10);
  }
  // By filter the rest is taken, and the plan says how many are not.
  const plan = await app.desk('plan', { kind: 'retry', filter: {} });
  assert.deepEqual([plan.matched, plan.eligible], [60, 40]);
  assert.deepEqual(plan.excluded, [{ reason: 'alreadyRequested', count: 20 }]);
  assert.equal(await app.screen.plan('retry'), 40);
  await app.screen.confirm();
  await until('both are there', async () => (await app.desk('requests', {})).length === 2);
  const [, second] = await app.desk('requests', {});
  assert.equal(second.records, 40);
  await refused(app.desk('submit', { planId: plan.planId }), 'AlreadyRequested');
});

scenario('concurrency failures are never retried, one by one or by filter', async (app) => {
  const rows = dumps.rows(10, { fixed: { ...SYSTEM, category: 'Concurrency' } });
  await app.load('log.csv', dumps.csv(rows));
  const error = await refused(app.desk('submit', { kind: 'retry', jobId: JOB, ids: ids(rows.slice(0, 3)) }), 'NotRetriable');
  assert.equal(error.details.count, 3);
  await refused(app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} }), 'NotRetriable');
  const plan = await app.desk('plan', { kind: 'retry', filter: {} });
  assert.deepEqual([plan.eligible, plan.excluded], [0, [{ reason: 'notRetriable', count: 10 }]]);
});
