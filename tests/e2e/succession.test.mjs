// When the tab that leads ends: what it had not taken is done by the next one, what nobody can do is refused in time, and
// where the browser cannot tell who leads, only one tab works.

import assert from 'node:assert/strict';

import { chromium, launch } from './chromium.mjs';
import * as dumps from './dumps.mjs';
import { another, scenario, until } from './harness.mjs';

const [JOB] = dumps.JOBS;
const only = { fixed: { job: JOB, category: 'System' } };
const DATABASE = 'dual-write-error-desk';

/** A call whose answer is looked at later. */
const ask = (page, method, ...args) => page.evaluate(([method, args]) => {
  window.answer = null;
  window.errorDesk[method](...args).then((value) => { window.answer = { value }; }, ({ code }) => { window.answer = { code }; });
}, [method, args]);
const answer = (page, timeout) => until('there is an answer', () => page.evaluate(() => window.answer), timeout);

scenario('a command that the leader had not taken is carried out by the next one, once', async (app) => {
  const rows = dumps.rows(40, { seed: 12, ...only });
  await app.load('log.csv', dumps.csv(rows));
  await app.hurry();
  const [first, second] = [app.page, await another(app)];
  // The leader's engine hears nothing any more, though it still holds the store.
  await first.workers()[0].evaluate(() => {
    setTimeout(() => {
      for (;;);
    });
  });
  await ask(first, 'count', {});
  await ask(second, 'submit', { kind: 'retry', jobId: JOB, filter: {} });
  await second.waitForTimeout(500);
  for (const page of [first, second]) assert.equal(await page.evaluate(() => window.answer), null, 'it hears nothing');
  await first.close();
  const { value, code } = await answer(second);
  assert.equal(code, undefined, 'nobody had it, so it is not lost');
  app.page = second;
  await app.idle();
  const requests = await app.desk('requests', {});
  assert.deepEqual(requests.map(({ id, state, records }) => [id, state, records]), [[value.requestIds[0], 'finished', 40]]);
});

scenario('a follower is told when the next leader cannot open the store, and goes on once it can', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(40, { seed: 13, ...only })));
  const [first, second, third] = [app.page, await another(app), await another(app)];
  // A page of an older app holds on to the database, while its deletion is asked for: whoever opens it has to wait.
  const style = await first.evaluate(() => document.querySelector('link[rel=stylesheet]').href);
  const old = await app.context.newPage();
  await old.goto(style);
  await old.evaluate((name) => new Promise((done) => {
    indexedDB.open(name).onsuccess = ({ target }) => {
      window.held = target.result;
      done();
    };
  }), DATABASE);
  await old.evaluate((name) => {
    indexedDB.deleteDatabase(name);
  }, DATABASE);
  await first.close();
  await ask(third, 'count', {});
  assert.deepEqual(await answer(third), { code: 'NotLeader' });
  await third.getByTestId('message-bar').getByText(/does not answer/).first().waitFor();
  await second.getByTestId('message-bar').getByText(/cannot be opened yet/).first().waitFor();
  await old.close();
  const count = () => third.evaluate(() => window.errorDesk.count({}).catch(({ code }) => code));
  await until('the third tab is answered', async () => await count() === 0);
  await third.getByTestId('message-bar').getByText(/does not answer/).waitFor({ state: 'detached' });
});

scenario('where the browser cannot tell tabs apart, a second one is refused and touches nothing', async (app) => {
  // Any name but that of this machine is insecure without HTTPS.
  const address = app.url.replace('127.0.0.1', 'desk.test');
  const browser = await chromium.launch({ ...launch, args: [...launch.args, '--host-resolver-rules=MAP desk.test 127.0.0.1'] });
  try {
    const context = await browser.newContext();
    const open = async () => {
      const page = await context.newPage();
      await page.goto(address);
      await page.waitForFunction(() => window.errorDesk !== undefined);
      return page;
    };
    const first = await open();
    assert.deepEqual(await first.evaluate(() => [window.isSecureContext, navigator.locks]), [false, undefined]);
    const { loaded } = await first.evaluate(async () => {
      await window.errorDesk.ready;
      return window.errorDesk.loadSample({ rows: 100, seed: 1 });
    });
    const second = await open();
    await ask(second, 'count', {});
    assert.deepEqual(await answer(second), { code: 'NotLeader' });
    await second.getByTestId('message-bar').getByText(/tabs need HTTPS/).first().waitFor();
    assert.equal(await first.evaluate(() => window.errorDesk.count({})), loaded);
    await first.close();
    await second.reload();
    await second.waitForFunction(() => window.errorDesk !== undefined);
    await second.evaluate(() => window.errorDesk.ready);
    assert.equal(await second.evaluate(() => window.errorDesk.count({})), loaded);
  } finally {
    await browser.close();
  }
});
