// Stored data that are damaged or of a later version: what people see, and that nothing goes without their word.

import assert from 'node:assert/strict';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import * as dumps from './dumps.mjs';
import { refused, scenario, until } from './harness.mjs';

const DATABASE = 'dual-write-error-desk';

/** Does something to the database past the app. The engine, asked to make way, does. */
function past(app, version, change) {
  return app.page.evaluate(([name, version, change]) => new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      if (!change) {
        database.close();
        resolve();
        return;
      }
      const [shelf, key] = change;
      const store = database.transaction(shelf, 'readwrite').objectStore(shelf);
      store.get(key).onsuccess = (event) => {
        const value = event.target.result;
        value[value.length >> 1] ^= 1;
        store.put(value, key);
      };
      store.transaction.oncomplete = () => {
        database.close();
        resolve();
      };
    };
  }), [DATABASE, version, change]);
}

const lines = async (download) => (await readFile(await download.path(), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line));

scenario('a damaged chunk is named, and the same file brings its rows back', async (app) => {
  const rows = dumps.rows(300, { seed: 71 });
  const more = dumps.rows(40, { seed: 72, first: 1_000 });
  const { datasetId } = await app.load('log.csv', dumps.csv(rows));
  await app.load('more.csv', dumps.csv(more));
  await past(app, undefined, ['segments', [datasetId, 1]]);
  await app.reload();
  await app.screen.expectRows(more.length);
  const [{ damaged }, other] = await app.desk('datasets');
  assert.deepEqual(damaged.map(({ chunk, part, rows }) => ({ chunk, part, rows })), [{ chunk: 0, part: 'details', rows: 300 }]);
  assert.equal(other.damaged, undefined);
  const bar = app.page.getByTestId('message-bar');
  await bar.getByText(/log\.csv.*cannot be read/).waitFor();
  await app.page.getByRole('button', { name: 'Dumps' }).click();
  await app.page.getByTestId('dataset-damaged').getByText('300 rows cannot be read: import the file again').waitFor();
  await app.screenshot('damaged-dump');
  await app.page.keyboard.press('Escape');
  const report = await app.load('log.csv', dumps.csv(rows));
  assert.deepEqual([report.loaded, report.duplicates], [300, 0]);
  await app.screen.expectRows(rows.length + more.length);
});

scenario('files of the browser that are gone cost their rows and nothing else', { durable: true, timeout: 120_000 }, async (app) => {
  const rows = dumps.rows(3_000, { seed: 75 });
  const few = dumps.rows(40, { seed: 76, first: 9_000 });
  await app.load('log.csv', dumps.csv(rows));
  await app.load('few.csv', dumps.csv(few));
  await app.kill();
  // What is large lies beside the database, in files of its own.
  const all = await readdir(app.profile, { recursive: true, withFileTypes: true });
  const files = all.filter((file) => file.isFile() && file.parentPath.includes('.indexeddb.blob')).map((file) => join(file.parentPath, file.name));
  assert.ok(files.length > 0, 'the database has such files');
  for (const file of files) await rm(file);
  await app.launch();
  await app.screen.expectRows(few.length);
  const [{ damaged }, other] = await app.desk('datasets');
  assert.deepEqual(damaged.map(({ part, rows }) => [part, rows]), [['details', rows.length]]);
  assert.equal(other.damaged, undefined);
  await app.page.getByTestId('message-bar').getByText(/log\.csv.*cannot be read/).waitFor();
  const report = await app.load('log.csv', dumps.csv(rows));
  assert.deepEqual([report.loaded, report.duplicates], [rows.length, 0]);
  await app.reload();
  await app.screen.expectRows(rows.length + few.length);
  assert.equal((await app.desk('verifyJournal')).broken, null);
});

scenario('data of a later version are exported, kept, or deleted by a second word', async (app) => {
  const rows = dumps.rows(120, { seed: 73 });
  await app.load('log.csv', dumps.csv(rows));
  await past(app, 99);
  await app.page.reload();
  const { page } = app;
  await page.getByRole('heading', { name: /later version/ }).waitFor();
  await app.screenshot('later-version');
  await refused(app.desk('count', {}), 'NewerDatabase');

  const download = page.waitForEvent('download');
  await page.getByTestId('rescue-export').click();
  const [head, ...values] = await lines(await download);
  assert.deepEqual(head, { database: DATABASE, version: 99 });
  assert.equal(values.filter(({ shelf }) => shelf === 'segments').length, 2);
  assert.ok(values.some(({ shelf, value }) => shelf === 'manifests' && value.includes('log.csv')));

  await page.getByTestId('rescue-keep').click();
  await page.getByText('Nothing was changed').waitFor();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByTestId('rescue-delete').click();
  await page.getByRole('button', { name: 'Do not delete' }).click();
  await page.reload();
  await page.getByTestId('rescue-delete').click();
  await page.getByTestId('rescue-delete-confirm').click();
  await until('the desk begins anew', () => page.getByTestId('load-sample').first().isVisible());
  await app.ready();
  assert.deepEqual(await app.desk('datasets'), []);
  await app.load('log.csv', dumps.csv(rows));
  await app.screen.expectRows(rows.length);
});

scenario('a database without its object stores can be deleted', async (app) => {
  // In the version of the app, and empty.
  await app.page.evaluate(async (name) => {
    const done = (request) => new Promise((resolve, reject) => {
      request.onerror = () => reject(request.error);
      request.onsuccess = () => resolve(request.result);
    });
    const [{ version }] = await indexedDB.databases();
    await done(indexedDB.deleteDatabase(name));
    (await done(indexedDB.open(name, version))).close();
  }, DATABASE);
  await app.page.reload();
  await app.page.getByRole('heading', { name: 'The stored data cannot be opened' }).waitFor();
  await app.page.getByTestId('rescue-delete').click();
  await app.page.getByTestId('rescue-delete-confirm').click();
  await app.ready();
  assert.deepEqual(await app.desk('datasets'), []);
});

scenario('a tab that follows deletes unusable data, and every tab begins anew', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(60, { seed: 74 })));
  await past(app, 99);
  await app.page.reload();
  await app.page.getByTestId('rescue').waitFor();
  const [second, third] = [await app.tab(), await app.tab()];
  for (const page of [second, third]) await page.getByTestId('rescue').waitFor();
  await second.getByTestId('rescue-delete').click();
  await second.getByTestId('rescue-delete-confirm').click();
  for (const page of [app.page, second, third]) await page.getByTestId('load-sample').first().waitFor();
  await app.load('log.csv', dumps.csv(dumps.rows(60, { seed: 74 })));
  for (const page of [second, third]) {
    await until('the tab shows the records', () => page.getByTestId('row-count').getAttribute('data-count').then((shown) => Number(shown) === 60, () => false));
  }
});
