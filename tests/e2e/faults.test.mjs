// What breaks under the running desk: its engine, its database, its room on the disk. Each must be told in clear words on
// the message bar, with the way out, and leave a consistent state.

import assert from 'node:assert/strict';

import * as dumps from './dumps.mjs';
import { refused, scenario, until } from './harness.mjs';

const [JOB] = dumps.JOBS;
const DATABASE = 'dual-write-error-desk';
const EVERY_STATE = { states: ['open', 'requested', 'cleared', 'failedAgain'] };
const FACTS = { category: 'System', job: JOB };

/** A page of the same origin that does not run the app. */
async function neighbour(app) {
  const style = await app.page.evaluate(() => document.querySelector('link[rel=stylesheet]').href);
  const page = await app.context.newPage();
  await page.goto(style);
  return page;
}

const cdp = (app) => app.context.newCDPSession(app.page);
const originOf = (app) => new URL(app.url).origin;

/** Throws in the worker, outside of every call, as a trap in its program does. */
async function breakEngine(app) {
  app.expect(/the engine breaks here/);
  await app.page.workers()[0].evaluate(() => {
    setTimeout(() => {
      throw new Error('the engine breaks here');
    });
  });
}

async function restartEngine(app) {
  await app.page.getByTestId('message-bar').getByRole('button', { name: 'Start the engine again' }).first().click();
  await app.ready();
}

const WAYS_OUT = [['the button', restartEngine], ['a reload', (app) => app.reload()]];

async function answersOrHangs(promise, patience = 5_000) {
  const late = new Promise((done) => setTimeout(done, patience, 'no answer').unref());
  return Promise.race([promise.then(() => 'answered', (error) => error.code ?? String(error)), late]);
}

// ---- the engine ----------------------------------------------------------------------------------------------------------

for (const [way, goOn] of WAYS_OUT) {
  scenario(`an engine that breaks at random moments is told, and by ${way} everything goes on where it was`, async (app) => {
    const next = dumps.random(way.length);
    const rows = dumps.rows(8_000, { seed: 61, fixed: FACTS });
    await app.load('log.csv', dumps.csv(rows));
    await app.desk('configure', { rehearsalStepMs: 200, dismissHoldSeconds: 0 });
    const { requestIds: [id] } = await app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} });
    for (let times = 0; times < 4; times += 1) {
      const [{ done }] = await app.desk('requests', {});
      const waiting = app.desk('idle', {});
      waiting.catch(() => {});
      const moment = Math.floor(next() * 250);
      await app.page.waitForTimeout(moment);
      await breakEngine(app);
      const told = await app.screen.message(/engine stopped/i);
      assert.match(told, /reload the page|start the engine again/i, 'the way out is told');
      await refused(waiting, 'EngineStopped');
      await refused(app.desk('count', {}), 'EngineStopped');
      if (times === 0) await app.screenshot(`fault-engine-${way.replaceAll(' ', '-')}`);
      await goOn(app);
      const [request] = await app.desk('requests', {});
      assert.ok(request.id === id && request.done >= done, `broken after ${moment} ms, ${done} records were done, and now ${request.done}`);
      await until('the message is gone', async () => !(await app.screen.at('message-bar').innerText()).includes('engine stopped'));
    }
    await app.idle();
    const [request] = await app.desk('requests', {});
    assert.deepEqual([request.state, request.cleared], ['finished', rows.length]);
    assert.equal(await app.desk('count', EVERY_STATE), rows.length);
    await app.screen.expectRows(0);
  });
}

scenario('an engine that breaks in an import leaves nothing of the dump, and the file can be opened again', async (app) => {
  await app.load('kept.csv', dumps.csv(dumps.rows(200)));
  const { segments } = await app.desk('storage');
  const loading = app.page.evaluate(() => {
    window.began = new Promise((done) => window.errorDesk.on('importProgress', ({ rowsRead }) => rowsRead > 80_000 && done()));
    return window.errorDesk.loadSample({ rows: 400_000, seed: 2 }).then(() => 'loaded', ({ code }) => code);
  });
  await app.page.evaluate(() => window.began);
  await breakEngine(app);
  assert.equal(await loading, 'EngineStopped');
  await app.screen.message(/engine stopped/i);
  await restartEngine(app);
  assert.deepEqual((await app.desk('datasets')).map(({ name }) => name), ['kept.csv']);
  assert.equal((await app.desk('storage')).segments, segments);
  await app.screen.expectRows(200);
  const { loaded } = await app.desk('loadSample', { rows: 20_000, seed: 2 });
  await app.screen.expectRows(200 + loaded);
});

scenario('an engine that goes without a word is noticed', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(200)));
  await app.page.workers()[0].evaluate(() => self.close());
  assert.equal(await answersOrHangs(app.desk('count', { text: 'anything' }), 8_000), 'EngineStopped');
  await app.screen.message(/engine stopped/i);
});

// ---- the database --------------------------------------------------------------------------------------------------------

for (const [how, remove] of [
  ['deleted by another tab', async (app) => {
    const other = await neighbour(app);
    const ended = await other.evaluate((name) => new Promise((done) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = () => done('deleted');
      request.onerror = () => done('failed');
      request.onblocked = () => setTimeout(done, 15_000, 'blocked');
    }), DATABASE);
    assert.equal(ended, 'deleted', 'the desk gives way');
    await other.close();
  }],
  ['cleared with the data of the site', async (app) => {
    await (await cdp(app)).send('Storage.clearDataForOrigin', { origin: originOf(app), storageTypes: 'indexeddb' });
  }],
]) {
  scenario(`a database ${how} is told with the next action, which changes nothing`, async (app) => {
    const rows = dumps.rows(300, { fixed: FACTS });
    await app.load('log.csv', dumps.csv(rows));
    await app.hurry();
    await remove(app);
    const error = await refused(app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} }), 'StorageUnavailable');
    assert.match(error.message, /reload/i);
    assert.deepEqual(await app.desk('requests', {}), [], 'nothing was submitted');
    assert.equal(await app.desk('count', {}), rows.length);
    // The same through the screen, in words on it.
    await app.screen.plan('retry');
    await app.screen.at('plan-confirm').click();
    const said = app.page.getByText(/reload the page/i).first();
    await said.waitFor();
    await app.screenshot(`fault-database-${how.replaceAll(' ', '-')}`);
    await app.reload();
    assert.deepEqual(await app.desk('datasets'), []);
    assert.deepEqual(await app.desk('requests', {}), []);
    await app.load('log.csv', dumps.csv(rows));
    await app.screen.expectRows(rows.length);
  });

  scenario(`a database ${how} is told while the desk only looks on`, async (app) => {
      const rows = dumps.rows(300, { fixed: FACTS });
    await app.load('log.csv', dumps.csv(rows));
    await app.screen.expectRows(rows.length);
    await remove(app);
    await app.screen.message(/stored data|database|storage/i);
  });

  scenario(`a database ${how} under a running request is told, and the request stands still`, async (app) => {
    const rows = dumps.rows(4_000, { fixed: FACTS });
    await app.load('log.csv', dumps.csv(rows));
    await app.desk('configure', { rehearsalStepMs: 100, dismissHoldSeconds: 0 });
    await app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} });
    await remove(app);
    const told = await app.screen.message(/reload the page/i);
    assert.match(told, /stor|database|connection/i);
    await app.screenshot(`fault-database-${how.replaceAll(' ', '-')}-in-the-queue`);
    await refused(app.desk('idle', {}), 'StorageUnavailable');
    const [before] = await app.desk('requests', {});
    assert.ok(before.done < rows.length, 'it did not go on without a store');
  });
}

scenario('a database that went is told as that, with what is still to be saved', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(300, { fixed: FACTS })));
  await (await cdp(app)).send('Storage.clearDataForOrigin', { origin: originOf(app), storageTypes: 'indexeddb' });
  const error = await refused(app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} }), 'StorageUnavailable');
  assert.doesNotMatch(error.message, /private browsing/i, 'it was allowed, or nothing would be here');
  assert.match(error.message, /delet|clear|remov|gone|lost/i, 'what happened');
  assert.match(error.message, /export/i, 'a reload ends what only this page still has');
});

scenario('a database that the browser removed is told at the next start', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(300, { fixed: FACTS })));
  // The page misses what it has seen.
  await app.screen.expectRows(300);
  // Browsers remove a database that they find damaged, or to make room; the rest of the site's storage stays.
  await (await cdp(app)).send('Storage.clearDataForOrigin', { origin: originOf(app), storageTypes: 'indexeddb' });
  await app.reload();
  assert.deepEqual(await app.desk('datasets'), []);
  await app.screen.message(/dumps that were stored here are gone/);
  await app.screenshot('fault-database-removed');
  await app.reload();
  assert.deepEqual(await app.desk('datasets'), []);
  assert.equal(await app.page.getByTestId('message-bar').getByText(/gone/).count(), 0, 'it is told once');
});

scenario('a dump is missed from the moment on that it is stored', async (app) => {
  const remembered = await app.page.evaluate(async () => {
    await window.errorDesk.loadSample({ rows: 100, seed: 1 });
    return localStorage.getItem('errorDesk.dumpsWereThere');
  });
  assert.equal(remembered, 'yes', 'before anything of it is on screen');
});

scenario('dumps that were removed in the desk are not missed at the next start', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(300, { fixed: FACTS })));
  await app.screen.expectRows(300);
  await app.desk('wipe');
  await app.page.getByTestId('load-sample').first().waitFor();
  await app.reload();
  assert.deepEqual(await app.desk('datasets'), []);
  assert.equal(await app.page.getByTestId('message-bar').getByText(/gone/).count(), 0);
});

for (const [what, answer] of [
  ['that is not there', { status: 404, contentType: 'text/plain', body: 'not here' }],
  ['that is damaged', { contentType: 'application/wasm', body: 'no program' }],
]) {
  scenario(`an engine's program ${what} is told, and can be started later`, { ready: false }, async (app) => {
    const program = /error-desk-engine-[0-9a-f]+_bg\.wasm$/;
    // Of an error of the browser in a worker the test tool knows no words.
    app.expect(/wasm|WebAssembly|404|engine|^page error: $/i);
    await app.context.route(program, (route) => route.fulfill(answer));
    await app.page.goto('about:blank');
    await app.page.goto(app.url);
    await app.page.getByTestId('message-bar').getByText(/engine/i).first().waitFor();
    await refused(app.desk('count', {}), 'EngineStopped');
    await app.screenshot(`fault-program-${answer.status ?? 'damaged'}`);
    await app.context.unroute(program);
    await app.page.getByTestId('message-bar').getByRole('button', { name: 'Start the engine again' }).first().click();
    await app.load('log.csv', dumps.csv(dumps.rows(30, { fixed: FACTS })));
    await app.screen.expectRows(30);
  });
}

scenario('an engine program of an unusual type runs all the same', { ready: false }, async (app) => {
  app.expect(/MIME/);
  let asked = 0;
  await app.context.route(/error-desk-engine-[0-9a-f]+_bg\.wasm$/, async (route) => {
    asked += 1;
    await route.fulfill({ response: await route.fetch(), contentType: 'application/octet-stream' });
  });
  await app.page.goto('about:blank');
  await app.page.goto(app.url);
  await app.ready();
  assert.ok(asked > 0);
  await app.load('log.csv', dumps.csv(dumps.rows(30, { fixed: FACTS })));
  await app.screen.expectRows(30);
});

scenario('a database of a newer version is told, and left alone', async (app) => {
  const { page } = app;
  const other = new URL('index.html', app.url).href;
  await page.route(other, (route) => route.fulfill({ contentType: 'text/html', body: '<title>newer</title>' }));
  await page.goto(other);
  await page.evaluate((name) => new Promise((done, failed) => {
    const request = indexedDB.open(name, 99);
    request.onsuccess = () => {
      request.result.close();
      done();
    };
    request.onerror = () => failed(request.error);
  }), DATABASE);
  await page.goto(app.url);
  const rescue = app.page.getByTestId('rescue');
  await rescue.getByText(/version 99/i).waitFor();
  assert.match(await rescue.textContent(), /reload/i, 'the way out is told');
  await app.screenshot('fault-database-newer');
  await refused(app.desk('count', {}), 'NewerDatabase');
  const version = await page.evaluate(async (name) => (await indexedDB.databases()).find((found) => found.name === name).version, DATABASE);
  assert.equal(version, 99);
});

scenario('a database that an old tab holds on to is told', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(100)));
  const old = await neighbour(app);
  // It ignores that somebody wants the database, as a page of an older app may, while its deletion is asked for elsewhere:
  // whoever opens it then has to wait, and is not told so by the browser.
  await old.evaluate((name) => new Promise((done) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => {
      window.held = request.result;
      done();
    };
  }), DATABASE);
  const asking = await neighbour(app);
  await asking.evaluate((name) => {
    indexedDB.deleteDatabase(name);
  }, DATABASE);
  await app.page.reload();
  try {
    const told = await app.screen.message(/another tab/i);
    assert.match(told, /close other tabs/i);
  } finally {
    await app.screenshot('fault-database-held');
  }
});

// ---- room on the disk ----------------------------------------------------------------------------------------------------

scenario('a disk that is full for a dump is told with the name of the dump, and that nothing of it was kept', { quota: 300_000 }, async (app) => {
  await app.screen.choose({ name: 'ledger.csv', bytes: dumps.csv(dumps.rows(12_000)) });
  const told = await app.screen.message(/full|room|space/i);
  assert.match(told, /ledger\.csv/);
  assert.match(told, /nothing (of it )?was stored/i);
});

/** Fills the room of the origin from a page beside the app, down to the last kilobyte; answers how to empty it. */
async function fillUp(app) {
  const page = await neighbour(app);
  const filled = await page.evaluate(async () => {
    const database = await new Promise((done, failed) => {
      const request = indexedDB.open('other things', 1);
      request.onupgradeneeded = () => request.result.createObjectStore('things', { autoIncrement: true });
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
    const put = (size) => new Promise((done) => {
      const transaction = database.transaction('things', 'readwrite');
      transaction.objectStore('things').put(crypto.getRandomValues(new Uint8Array(size)));
      transaction.oncomplete = () => done(true);
      transaction.onabort = () => done(false);
    });
    let filled = 0;
    for (let size = 65_536; size >= 256;) {
      if (await put(size)) filled += size;
      else size /= 2;
    }
    database.close();
    return filled;
  });
  assert.ok(filled > 0);
  return async () => {
    await page.evaluate(() => new Promise((done) => {
      indexedDB.deleteDatabase('other things').onsuccess = done;
    }));
    // What is deleted keeps its room until the browser tidies up.
    await app.bound();
    await page.close();
  };
}

scenario('a dump for which there is no room is refused before it is read, with the numbers', async (app) => {
  await app.load('kept.csv', dumps.csv(dumps.rows(200)));
  const { segments } = await app.desk('storage');
  // What the browser says of its room is made up by browsers that keep it to themselves, so it is given here.
  await app.page.workers()[0].evaluate(() => {
    navigator.storage.estimate = async () => ({ usage: 0, quota: 1_000_000 });
  });
  const error = await refused(app.desk('loadSample', { rows: 300_000, seed: 1 }), 'TooLarge');
  assert.match(error.message, /storage/);
  await app.screen.choose({ name: 'large.csv', bytes: dumps.csv(dumps.rows(80_000, { first: 1_000 })) });
  const told = await app.screen.message(/large\.csv/);
  assert.match(told, /nothing was stored/i);
  await app.screenshot('fault-quota-foreseen');
  assert.equal((await app.desk('datasets')).length, 1);
  assert.equal((await app.desk('storage')).segments, segments);
});

scenario('a disk that fills up in the middle of an import is told, and leaves nothing of the dump', { timeout: 180_000, quota: 2_500_000 }, async (app) => {
  await app.load('kept.csv', dumps.csv(dumps.rows(200)));
  const { segments } = await app.desk('storage');
  const large = { name: 'large.csv', bytes: dumps.csv(dumps.rows(75_000, { seed: 3, first: 1_000 })) };
  await app.screen.choose(large);
  const told = await app.screen.message(/full|room|space/i);
  assert.match(told, /disk space|remove/i, 'the way out is told');
  await app.screenshot('fault-quota-import');
  assert.deepEqual((await app.desk('datasets')).map(({ name }) => name), ['kept.csv']);
  await app.screen.expectRows(200);
  await until('nothing of it is stored', async () => (await app.desk('storage')).segments === segments);
  await app.bound();
  await app.screen.choose(large);
  await app.screen.expectRows(75_200);
});

scenario('a full disk under a running request is told, the request waits and goes on by itself when there is room', { quota: 3_000_000 }, async (app) => {
  const rows = dumps.rows(8_000, { fixed: FACTS });
  await app.load('log.csv', dumps.csv(rows));
  await app.desk('configure', { rehearsalStepMs: 400, dismissHoldSeconds: 0 });
  await app.desk('submit', { kind: 'retry', jobId: JOB, filter: {} });
  await until('it is at work', async () => (await app.desk('requests', {}))[0].done > 0);
  const empty = await fillUp(app);
  const told = await app.screen.message(/full|room|space/i);
  assert.match(told, /disk space|remove/i, 'the way out is told');
  await app.screenshot('fault-quota-queue');
  await refused(app.desk('idle', {}), 'StorageFull');
  const [stalled] = await app.desk('requests', {});
  assert.ok(stalled.state === 'running' && stalled.done < rows.length);
  await empty();
  await until('it has gone on by itself', async () => (await app.desk('requests', {}))[0].state === 'finished', 40_000);
  const [request] = await app.desk('requests', {});
  assert.deepEqual([request.done, request.cleared], [rows.length, rows.length]);
  await app.reload();
  assert.equal((await app.desk('requests', {}))[0].cleared, rows.length);
});
