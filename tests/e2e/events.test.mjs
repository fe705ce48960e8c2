// What scripts hear by `errorDesk.on`, for as long as they want to.

import assert from 'node:assert/strict';

import * as dumps from './dumps.mjs';
import { scenario, until } from './harness.mjs';

/** Collects what nobody holds, and lets the browser tell those who asked to hear of it. */
async function collectGarbage(app) {
  const session = await app.context.newCDPSession(app.page);
  for (let times = 0; times < 3; times += 1) {
    await session.send('HeapProfiler.collectGarbage');
    await app.page.waitForTimeout(50);
  }
}

scenario('a listener hears events until it is taken back, whether or not the way to take it back is kept', async (app) => {
  await app.page.evaluate(() => {
    window.heard = [];
    const on = (who) => window.errorDesk.on('datasetChanged', () => window.heard.push(who));
    on('dropped');
    window.takeBack = on('kept');
    on('taken back')();
  });
  await collectGarbage(app);
  const heard = async () => [...new Set(await app.page.evaluate(() => window.heard.splice(0)))].sort();
  const all = [];
  const untilTold = async (wanted) => {
    all.length = 0;
    await until(`${wanted} hear of it`, async () => all.push(...await heard()) && wanted.every((who) => all.includes(who)));
  };
  await app.load('log.csv', dumps.csv(dumps.rows(50)));
  await untilTold(['dropped', 'kept']);
  await app.page.evaluate(() => window.takeBack());
  await app.page.evaluate(() => window.takeBack());
  await heard();
  await collectGarbage(app);
  await app.load('more.csv', dumps.csv(dumps.rows(50, { first: 900_000 })));
  await untilTold(['dropped']);
  assert.deepEqual([...new Set(all)], ['dropped']);
});
