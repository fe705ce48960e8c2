// Plans that are larger than the free places, and plans that begin with few records.

import assert from 'node:assert/strict';

import * as dumps from './dumps.mjs';
import { refused, scenario, until } from './harness.mjs';

const [JOB] = dumps.JOBS;
const SYSTEM = { category: 'System', job: JOB, message: 'Response status 503: service unavailable' };

const states = async (app) => (await app.desk('requests', {})).map(({ state }) => state);

scenario('63,204 records are seven requests: five are queued, two wait, and a reload in the midst loses nothing', { timeout: 300_000, durable: true }, async (app) => {
  const rows = dumps.rows(63_204, { fixed: SYSTEM });
  await app.load('log.csv', dumps.csv(rows));
  // Slow enough that the reload comes while the first are at work.
  await app.desk('configure', { rehearsalStepMs: 5_000 });
  await app.screen.expectRows(63_204);

  assert.equal(await app.screen.plan('retry'), 63_204);
  const dialog = app.screen.at('plan-dialog');
  assert.match(await dialog.innerText(), /7 requests of 10,000.*2 wait on the shelf/s);
  assert.match(await app.screen.at('plan-estimate').innerText(), /no measure yet/);
  await app.screenshot('plan-shelf');
  await app.screen.confirm();
  await until('seven requests are there', async () => (await states(app)).length === 7);
  await app.screen.showRequests();
  await until('two rows wait on the shelf', async () => (await app.screen.requests()).filter(({ state }) => state === 'shelved').length === 2);
  assert.equal(await app.screen.at('queue-shelf').getAttribute('data-count'), '2');
  assert.equal((await app.screen.at('queue-place').all()).length, 5);
  await app.screenshot('queue-shelf');

  // Disjoint, within the limit, and together everything.
  const [plan] = (await app.desk('journal', { offset: 0, limit: 1_000 })).entries.filter(({ event }) => event === 'planned');
  const before = await app.desk('requests', {});
  assert.deepEqual(before.map(({ records }) => records), [...Array(6).fill(10_000), 3_204]);
  assert.equal(plan.details.eligible, 63_204);
  assert.equal(await app.desk('count', { states: ['open'] }), 0);
  await refused(app.desk('submit', { kind: 'retry', jobId: JOB, ids: [rows[0].id] }), 'QueueFull');

  await app.reload();
  const after = await app.desk('requests', {});
  assert.deepEqual(after.map(({ id, digest }) => [id, digest]), before.map(({ id, digest }) => [id, digest]));
  assert.equal((await states(app)).filter((state) => state === 'shelved').length, 2);
  await app.hurry();
  await app.idle();
  const done = await app.desk('requests', {});
  assert.ok(done.every(({ state }) => state === 'finished'));
  assert.equal(done.reduce((sum, { cleared }) => sum + cleared, 0), 63_204);
  for (const [at, request] of done.slice(1).entries()) {
    assert.ok(done[at].finishedAt <= request.startedAt, 'one after the other, in the order of creation');
  }
  const { entries } = await app.desk('journal', { offset: 0, limit: 1_000 });
  assert.deepEqual(entries.filter(({ event }) => event === 'movedUp').map(({ details }) => details.requestId), [done[5].id, done[6].id]);
  assert.equal((await app.desk('verifyJournal', {})).broken, null);
});

scenario('what waits on the shelf can be withdrawn', async (app) => {
  const rows = dumps.rows(40, { fixed: SYSTEM });
  await app.load('log.csv', dumps.csv(rows));
  await app.desk('configure', { dismissHoldSeconds: 3_600, limits: { recordsPerRequest: 6 } });
  const plan = await app.desk('plan', { kind: 'dismiss', filter: {} });
  assert.deepEqual(plan.parts.map(({ count, shelved }) => [count, shelved]), [[6, false], [6, false], [6, false], [6, false], [6, false], [6, true], [4, true]]);
  await app.desk('submit', { planId: plan.planId });
  await app.screen.showRequests();
  await app.page.getByRole('button', { name: 'Withdraw request 6' }).click();
  await until('it is withdrawn', async () => (await states(app))[5] === 'withdrawn');
  // A plan over everything shows which request holds what, and takes the rest.
  assert.equal(await app.screen.plan('dismiss'), 6);
  assert.match(await app.screen.at('plan-overlap').innerText(), /6 in request 1, queued;.*4 in request 7, shelved/s);
  await app.screenshot('plan-overlap');
  await app.screen.cancel();
  await app.desk('withdraw', 1);
  assert.deepEqual((await states(app)).slice(5), ['withdrawn', 'queued'], 'the last one takes the place');
});

scenario('a ramp stops below its share, says it, and goes on by a second press', { durable: true }, async (app) => {
  // The first record clears; of the ten after it three do not.
  const rows = dumps.rows(160, { fixed: SYSTEM }).map((row, at) => (at >= 1 && at <= 3
    ? { ...row, category: 'Application', message: 'The name must be filled in' } : row));
  await app.load('log.csv', dumps.csv(rows));
  await app.hurry();
  await app.screen.plan('retry');
  await app.screen.at('plan-ramp').check();
  await until('the plan has four steps', async () => /4 requests of 1 \+ 10 \+ 100 \+ 49/.test(await app.screen.at('plan-dialog').innerText()));
  await app.screenshot('plan-ramp');
  await app.screen.confirm();
  await app.idle();
  assert.deepEqual(await states(app), ['finished', 'finished', 'shelved', 'shelved']);

  await app.reload();
  await app.screen.showRequests();
  const locked = app.screen.at('request-row').nth(2);
  await until('the row says why', async () => /Locked: 7 of 10 of request 2 cleared \(70 %\), 80 % needed/.test(await locked.innerText()));
  await app.screenshot('ramp-locked');
  await app.idle();
  assert.deepEqual(await states(app), ['finished', 'finished', 'shelved', 'shelved'], 'it stays locked');

  const button = locked.getByTestId('request-release');
  await button.press('Enter');
  assert.deepEqual(await states(app), ['finished', 'finished', 'shelved', 'shelved'], 'it asks once');
  await button.press('Enter');
  await until('the rest goes by itself once a hundred cleared', async () => (await states(app)).every((state) => state === 'finished'));
  const requests = await app.desk('requests', {});
  assert.deepEqual(requests.map(({ cleared }) => cleared), [1, 7, 100, 49]);
  await refused(app.desk('release', requests[3].id), 'InvalidArgument');
  const { entries } = await app.desk('journal', { offset: 0, limit: 1_000 });
  const [released] = entries.filter(({ event }) => event === 'released');
  assert.deepEqual([released.details.share, released.details.threshold], [{ cleared: 7, retried: 10 }, 80]);
});

scenario('a plan that cannot be made anew stays as it is, with the choices it was made with', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(40, { fixed: SYSTEM })));
  await app.screen.at('grid-row').first().click();
  assert.equal(await app.screen.plan('retry'), 1);
  const ramp = app.screen.at('plan-ramp');
  await ramp.check();
  await app.screen.at('plan-threshold').waitFor();
  // The record that was picked is gone, so that no other plan can be made of it.
  await app.desk('removeDataset', (await app.desk('datasets'))[0].id);
  await app.screen.at('plan-threshold').fill('35');
  await app.screen.at('plan-threshold').press('Tab');
  const dialog = app.screen.at('plan-dialog');
  await dialog.getByRole('alert').waitFor();
  assert.match(await dialog.getByRole('alert').innerText(), /There is no record/);
  assert.equal(await app.screen.at('plan-threshold').inputValue(), '80');
  await app.screenshot('plan-refused');
  // Its answer may be there before anybody saw the box without its mark.
  await ramp.click();
  await app.page.waitForTimeout(500);
  assert.ok(await ramp.isChecked(), 'the ramp is chosen again');
  assert.equal(await app.screen.at('plan-count').getAttribute('data-count'), '1');
});

scenario('parents go first, and the plan says why', async (app) => {
  const family = [
    { entity: 'CDS sales order headers', category: 'Application', message: 'Unable to lookup accounts with values {C-1}' },
    { entity: 'Customers V3', category: 'Application', message: 'Unable to look up msdyn_customergroups with values {20}.' },
    { entity: 'Customer groups', category: 'System', message: 'Response status 503: service unavailable' },
  ];
  const rows = dumps.rows(90, { fixed: { job: JOB } }).map((row, at) => ({ ...row, ...family[at % 3], external: '' }));
  await app.load('log.csv', dumps.csv(rows));
  assert.equal(await app.screen.plan('retry'), 90);
  assert.match(await app.screen.at('plan-order').innerText(), /Customer groups → Customers V3 → CDS sales order headers/);
  await app.screenshot('plan-order');
  // Of those that fail again until somebody acts, the plan tells, and leaves them out by a press.
  await app.screen.at('plan-leave-pointless').check();
  await until('sixty are left out', async () => (await app.screen.at('plan-count').getAttribute('data-count')) === '30');
  await app.screen.cancel();

  const plan = await app.desk('plan', { kind: 'retry', filter: {} });
  const { ids } = await app.desk('planRecords', { planId: plan.planId, part: 0, offset: 0, limit: 100 });
  const entities = await Promise.all(ids.map(async (id) => (await app.desk('record', id)).entity));
  assert.deepEqual(entities.filter((entity, at) => entity !== entities[at - 1]), ['Customer groups', 'Customers V3', 'CDS sales order headers']);
  assert.deepEqual([plan.matched, plan.eligible, plan.excluded], [90, 90, []]);
});

for (const [size, theme] of [['phone', 'light'], ['phone', 'dark'], ['desktop', 'dark']]) {
  scenario(`plan and queue on a ${size}, ${theme}`, { size, theme, timeout: 180_000 }, async (app) => {
    const rows = dumps.rows(400, { seed: 3, fixed: { job: JOB } });
    await app.load('log.csv', dumps.csv(rows));
    await app.desk('configure', { rehearsalStepMs: 0, limits: { recordsPerRequest: 30 } });
    await app.screen.plan('retry');
    await app.screen.at('plan-ramp').check();
    await app.screen.at('plan-threshold').waitFor();
    await app.screenshot('planning-dialog');
    await app.screen.at('plan-dialog').locator('.dialog-body').evaluate((body) => { body.scrollTop = body.scrollHeight; });
    await app.screenshot('planning-dialog-end');
    const wide = await app.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false, 'nothing sticks out');
    await app.screen.confirm();
    await app.idle();
    await app.screen.showRequests();
    await app.screenshot('planning-queue');
  });
}

scenario('the dialog tells how long a retry takes, once one was measured', async (app) => {
  const rows = dumps.rows(60, { fixed: SYSTEM });
  await app.load('log.csv', dumps.csv(rows));
  await app.hurry();
  await app.screen.plan('retry');
  assert.match(await app.screen.at('plan-estimate').innerText(), /no measure yet/);
  await app.screen.confirm();
  await app.idle();
  await app.screen.expectRows(0);
  await app.load('later.csv', dumps.csv(dumps.rows(30, { fixed: SYSTEM, first: 60 })));
  // What was measured outlives the page.
  await app.reload();
  await app.screen.expectRows(30);
  await app.screen.plan('retry');
  const [estimate] = (await app.desk('plan', { kind: 'retry', filter: {} })).estimates;
  assert.deepEqual([estimate.records, estimate.runs], [30, 1]);
  const told = await app.screen.at('plan-estimate').innerText();
  assert.match(told, /1 past run/);
  assert.doesNotMatch(told, /no measure/);
  await app.screen.cancel();
});

scenario('what is pointless is retried all the same, or left out, as the dialog is asked once', async (app) => {
  const rows = dumps.rows(40, { fixed: SYSTEM }).map((row, at) => (at % 4 === 0
    ? { ...row, category: 'Application', message: 'The name must be filled in' } : row));
  await app.load('log.csv', dumps.csv(rows));
  await app.hurry();
  const count = async () => Number(await app.screen.at('plan-count').getAttribute('data-count'));
  assert.equal(await app.screen.plan('retry'), 40);
  // Said with its number, and one press leaves it out; pressed again, it is taken.
  const leave = app.screen.at('plan-leave-pointless');
  await leave.check();
  await until('they are left out', async () => await count() === 30);
  await leave.uncheck();
  await until('they are back', async () => await count() === 40);
  await app.screen.confirm();
  await app.idle();
  const [request] = await app.desk('requests', {});
  assert.deepEqual([request.records, request.cleared, request.failedAgain], [40, 30, 10]);
});
