// Several tabs of one browser: one engine works on the data, the others follow it, can do everything, and take over.

import assert from 'node:assert/strict';

import * as dumps from './dumps.mjs';
import { another, refused, scenario, until } from './harness.mjs';

const [JOB] = dumps.JOBS;
const only = { fixed: { job: JOB, category: 'System' } };

const leads = (page) => page.evaluate(async () => (await window.errorDesk.storage()).leader);
const follows = (page) => page.getByTestId('follows').isVisible();
const shows = (page, count) => until(`the tab shows ${count} records`, () => page.getByTestId('row-count').getAttribute('data-count').then((shown) => Number(shown) === count, () => false));

scenario('a second tab follows live, can act, and takes over when the first is closed', async (app) => {
  const first = app.page;
  const second = await another(app);
  assert.deepEqual([await leads(first), await leads(second)], [true, false]);
  assert.deepEqual([await follows(first), await follows(second)], [false, true]);

  app.page = second;
  const rows = dumps.rows(400, { seed: 8, ...only });
  await app.load('log.csv', dumps.csv(rows));
  await shows(first, 400);
  await shows(second, 400);
  await app.hurry();
  await app.desk('submit', { kind: 'dismiss', jobId: JOB, ids: [rows[0].id, rows[1].id] });
  await shows(first, 398);
  await shows(second, 398);
  assert.equal((await app.exported({ filter: {}, format: 'jsonl' })).toString().trim().split('\n').length, 398, 'files come across');
  await refused(app.desk('withdraw', 99), 'UnknownRequest');

  await first.close();
  await until('the second tab leads', () => leads(second));
  assert.equal(await follows(second), false);
  assert.equal(await app.desk('count', {}), 398);
  await app.desk('submit', { kind: 'dismiss', jobId: JOB, ids: [rows[2].id] });
  await shows(second, 397);
});

scenario('what a tab was asked while another took over is answered once', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(3_000, { seed: 9, ...only })));
  await app.desk('configure', { rehearsalStepMs: 300, dismissHoldSeconds: 0 });
  const [first, second] = [app.page, await another(app)];
  app.page = second;
  await app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} });
  // `idle` waits in the leader that is about to go.
  const idle = app.idle().then(() => 'idle', ({ code }) => code);
  await first.close();
  assert.equal(await app.desk('count', { states: ['open', 'requested', 'cleared'] }), 3_000);
  await app.desk('configure', { rehearsalStepMs: 0 });
  assert.equal(await idle, 'idle', 'the question was asked again');
  assert.equal(await app.desk('count', { states: ['cleared'] }), 3_000);
});

/** Works through a list of actions one by one, and reports how each ended: outside of the tab, which may die at any moment. */
const work = (page, actions) => page.evaluate(async (actions) => {
  for (const [kind, value] of actions) {
    const entry = { kind, value, state: 'done' };
    try {
      if (kind === 'fixed') await window.errorDesk.markFixed(value, true);
      else [entry.request] = (await window.errorDesk.submit({ kind, jobId: window.job, ids: [value] })).requestIds;
    } catch (error) {
      entry.state = error.code;
    }
    await window.report(entry);
  }
}, actions);

scenario('three tabs do a thousand things, two leaders die, and nothing that was confirmed is lost', { timeout: 240_000 }, async (app, t) => {
  const rows = dumps.rows(1_200, { seed: 10, ...only });
  await app.load('log.csv', dumps.csv(rows));
  await app.desk('configure', { rehearsalStepMs: 0, dismissHoldSeconds: 0, limits: { requestsPerJob: 2_000 } });
  const pages = [app.page, await another(app), await another(app)];
  for (const page of pages) await page.evaluate((job) => { window.job = job; }, JOB);

  const actions = rows.slice(0, 1_000).map((row, at) => at % 4 === 3 ? ['fixed', `cause-${at}`] : [at % 4 === 1 ? 'retry' : 'dismiss', row.id]);
  const shares = pages.map((_, tab) => actions.filter((_, at) => at % 3 === tab));
  const told = pages.map(() => []);
  for (const [tab, page] of pages.entries()) await page.exposeFunction('report', (entry) => { told[tab].push(entry); });
  const done = () => told.flat().length;

  const alive = new Set(pages.keys());
  const works = pages.map((page, tab) => work(page, shares[tab]).catch(() => {}));
  for (const share of [250, 500]) {
    await until(`${share} things are done`, () => done() >= share, 120_000);
    const roles = await Promise.all([...alive].map(async (tab) => [tab, await leads(pages[tab])]));
    const [[leader], ...others] = roles.filter(([, leads]) => leads);
    assert.deepEqual(others, [], 'one leads');
    alive.delete(leader);
    const began = Date.now();
    await pages[leader].close();
    const [survivor] = alive;
    await pages[survivor].evaluate(() => window.errorDesk.count({}));
    t.diagnostic(`the next tab answered ${Date.now() - began} ms after the leader was closed`);
  }
  await Promise.all(works);
  const [last] = alive;
  app.page = pages[last];
  await until('the last tab leads', () => leads(app.page));
  // Of the action that a dying tab was in nobody knows; the rest of its share another tab does.
  const cut = told.map((entries, tab) => Math.min(entries.length + 1, shares[tab].length));
  const lost = cut.reduce((sum, at, tab) => sum + at - told[tab].length, 0);
  await work(app.page, shares.flatMap((share, tab) => share.slice(cut[tab])));
  await app.idle();

  const all = told.flat();
  const confirmed = all.filter(({ state }) => state === 'done');
  const unknown = lost + all.filter(({ state }) => state === 'EngineStopped').length;
  t.diagnostic(`${confirmed.length} things were confirmed, ${unknown} left without an answer when a tab died`);
  assert.equal(confirmed.length + unknown, actions.length, JSON.stringify(all.filter(({ state }) => !['done', 'EngineStopped'].includes(state)).slice(0, 3)));
  assert.ok(unknown <= 6, 'at most one of each tab at each death');

  const requests = await app.desk('requests', {});
  const submitted = confirmed.filter(({ kind }) => kind !== 'fixed');
  assert.equal(new Set(submitted.map(({ request }) => request)).size, submitted.length, 'no number was given twice');
  const found = new Map(requests.map((request) => [request.id, request]));
  for (const { kind, request } of submitted) {
    assert.deepEqual([found.get(request)?.kind, found.get(request)?.state, found.get(request)?.done], [kind, 'finished', 1], `request ${request}`);
  }
  assert.ok(requests.length - submitted.length <= unknown, 'nothing was done that nobody asked for');

  const gone = confirmed.filter(({ kind }) => kind === 'dismiss').map(({ value }) => value);
  const kept = await app.page.evaluate(async (ids) => (await Promise.all(ids.map((id) => window.errorDesk.record(id)))).filter(Boolean).length, gone);
  assert.equal(kept, 0, 'what was dismissed is gone');
  const { fixedCauses } = await app.desk('settings');
  for (const { value } of confirmed.filter(({ kind }) => kind === 'fixed')) assert.ok(fixedCauses.includes(value), value);

  const { broken, lines } = await app.desk('verifyJournal');
  assert.equal(broken, null);
  const { total } = await app.desk('journal', { limit: 1 });
  assert.equal(lines, total);
});
