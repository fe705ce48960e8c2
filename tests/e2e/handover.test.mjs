// One desk hands everything over to another one, through the screen: journal, bundle, and what a second opening does.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as dumps from './dumps.mjs';
import { App, scenario, until } from './harness.mjs';

const [JOB] = dumps.JOBS;

async function state(app) {
  const filter = { states: ['open', 'requested', 'cleared', 'failedAgain'] };
  const { rows } = await app.desk('rows', { filter, limit: 10_000 });
  return {
    rows, requests: await app.desk('requests', {}), jobs: await app.desk('jobs'), settings: await app.desk('settings'),
    journal: await app.desk('journal', { limit: 10_000 }), datasets: await app.desk('datasets'),
  };
}

async function saved(app, press) {
  const waiting = app.page.waitForEvent('download');
  await press();
  const folder = await mkdtemp(join(tmpdir(), 'error-desk-saved-'));
  const path = join(folder, 'file');
  await (await waiting).saveAs(path);
  return { path, remove: () => rm(folder, { recursive: true }) };
}

scenario('a bundle makes an empty desk the same, and opening it again changes nothing', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(2_000, { seed: 61 })));
  await app.hurry();
  await app.desk('submit', { kind: 'dismiss', jobId: JOB, filter: { dataSources: ['Dataverse'] }, reason: 'known' });
  await app.desk('submit', { kind: 'retry', jobId: JOB, filter: { categories: ['System'] } });
  await app.idle();
  await app.desk('setJobStatus', JOB, 'Stopped');
  const bundle = await saved(app, async () => {
    await app.page.getByRole('button', { name: 'Export' }).first().click();
    await app.page.getByRole('menuitem', { name: /Hand-over bundle/ }).click();
  });
  const before = await state(app);
  assert.equal(before.journal.entries.at(-1).details.format, 'bundle', 'the journal tells of it');
  const other = await App.open();
  try {
    for (const words of ['Took over', 'Nothing changed']) {
      await other.screen.at('file-input').setInputFiles(bundle.path);
      await other.screen.at('message-bar').getByText(words).waitFor();
      assert.deepEqual(await state(other), before, words);
    }
    await until('the screen shows it', async () => Number(await other.screen.at('row-count').getAttribute('data-count')) === await other.desk('count', {}));
    await other.reload();
    assert.deepEqual(await state(other), before, 'after a reload');
    other.assertClean();
  } finally {
    await other.close();
    await bundle.remove();
  }
});

scenario('the journal is shown, verified and exported', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(300, { seed: 62 })));
  await app.screen.at('open-journal').click();
  await app.screen.at('journal-lines').getByText("Dump 'log.csv' opened").waitFor();
  await app.screen.at('journal-verify').click();
  await app.page.locator('[data-testid=journal-verdict][data-state=whole]').waitFor();
  const file = await saved(app, () => app.page.getByRole('dialog').getByRole('button', { name: 'Export' }).click());
  const lines = (await readFile(file.path, 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ event }) => event), ['imported', 'exported']);
  await file.remove();

  // Anybody can check the chain: the hash before, then the line without its own.
  const whole = await app.page.evaluate(async (lines) => {
    let hash = '0'.repeat(64);
    for (const { hash: claimed, ...line } of lines) {
      const bytes = new TextEncoder().encode(hash + JSON.stringify(line));
      hash = [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      if (hash !== claimed) return false;
    }
    return true;
  }, lines);
  assert.ok(whole);
});

scenario('a line of the journal that was changed in the database is named', async (app) => {
  await app.load('log.csv', dumps.csv(dumps.rows(300, { seed: 63 })));
  await app.desk('configure', { rehearsalStepMs: 0 });
  await app.desk('configure', { rehearsalStepMs: 1 });
  await app.page.evaluate(() => new Promise((resolve, reject) => {
    const request = indexedDB.open('dual-write-error-desk');
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      const transaction = database.transaction('journal', 'readwrite');
      const journal = transaction.objectStore('journal');
      journal.get(2).onsuccess = ({ target }) => journal.put(target.result.replace('configured', 'exported'), 2);
      transaction.oncomplete = () => { database.close(); resolve(); };
    };
  }));
  await app.screen.at('open-journal').click();
  await app.screen.at('journal-verify').click();
  await app.page.locator('[data-testid=journal-verdict][data-state=broken]').getByText('Line 2 is not as it was written').waitFor();
  await app.screenshot('journal-broken');
});
