// What an import asks, shows and keeps: clocks that are changed, the order of days and months, how far it is, what was
// rejected, and descriptions that cannot be read.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import * as dumps from './dumps.mjs';
import { scenario } from './harness.mjs';

const table = (...lines) => Buffer.from(`${['time,entity,message', ...lines].join('\n')}\n`);
const fixture = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

scenario('local times of a real zone are read across both changes of its clocks', async (app) => {
  const times = [
    // Winter, and the last second before clocks are set forward.
    ['2026-03-29T01:59:59', '2026-03-29T00:59:59.000Z'],
    // Never shown: read with the offset before the change.
    ['2026-03-29T02:30:00', '2026-03-29T01:30:00.000Z'],
    ['2026-03-29T03:00:00', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T01:59:59', '2026-10-24T23:59:59.000Z'],
    // Shown twice: the earlier of the two.
    ['2026-10-25T02:30:00', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T03:00:00', '2026-10-25T02:00:00.000Z'],
  ];
  const bytes = table(...times.map(([local], at) => `${local},Customers V3,message ${at}`));
  const report = await app.load('berlin.csv', bytes, { timeZone: 'Europe/Berlin' });
  assert.equal(report.timeZone, 'Europe/Berlin');
  const doubtful = report.warnings.filter(({ code }) => code === 'LocalTimeDoubtful');
  assert.equal(doubtful.length, 1);
  assert.match(doubtful[0].message, /^2 rows, first on line 3/);
  const { rows } = await app.desk('rows', { limit: 10 });
  const read = new Map(rows.map(({ message, occurredAt }) => [message, occurredAt]));
  for (const [at, [local, utc]] of times.entries()) assert.equal(read.get(`message ${at}`), utc, local);
});

scenario('the order of day and month is asked with the dates that leave it open, and both readings of them', async (app) => {
  const bytes = table('03/04/2026 10:00:00Z,Customers V3,one', '05/06/2026 10:00:00Z,Customers V3,two');
  await app.screen.choose({ name: 'orders.csv', bytes });
  const question = app.screen.at('import-question');
  await question.locator('form').waitFor();
  const told = (await question.innerText()).replace(/\s+/g, ' ');
  assert.match(told, /Column “time”, from line 2: ?03\/04\/2026 10:00:00Z ?05\/06\/2026 10:00:00Z/);
  assert.match(told, /day first.*3 April 2026.*month first.*4 March 2026/);
  await app.screenshot('order-asked');
  await question.getByLabel(/month first/).check();
  await question.locator('button[type=submit]').click();
  await app.screen.expectRows(2);
  const { rows } = await app.desk('rows', { sort: { column: 'occurredAt', descending: false }, limit: 2 });
  assert.deepEqual(rows.map((row) => row.occurredAt.slice(0, 10)), ['2026-03-04', '2026-05-06']);
});

scenario('rejected rows are listed with their reason and saved as a file', async (app) => {
  const rows = dumps.csv(dumps.rows(5));
  // One cell more than the header has, and a quote that is never closed.
  const more = '1,2026-01-05T06:00:00Z,p,k,a,b,c,"=1+1",usmf,System,Dataverse,job,out of place\r\n';
  const open = '2,2026-01-05T06:00:00Z,"never closed\r\n';
  const words = await app.screen.open({ name: 'odd.csv', bytes: Buffer.concat([rows, Buffer.from(more + open)]) });
  assert.match(words, /7 read.*5 loaded.*2 rejected/);
  const report = app.screen.at('import-report');
  await report.getByText('Details').click();
  await report.getByText('Rejected rows: the first 2 of 2').waitFor();
  assert.match(await report.innerText(), /the row has 13 cells and the header has 12/);
  await app.screenshot('rejected');
  const saved = app.page.waitForEvent('download');
  await report.getByRole('button', { name: 'Save as CSV' }).click();
  const download = await saved;
  assert.equal(download.suggestedFilename(), 'rejected-rows.csv');
  const lines = (await readFile(await download.path(), 'utf8')).split('\r\n');
  assert.equal(lines[0], '\uFEFFrow,line,column,reason');
  assert.match(lines[1], /^6,\d+,"","the row has 13 cells/);
  assert.match(lines[2], /^7,\d+,"","the quote opened on line \d+ is never closed"$/);
  assert.deepEqual(lines.slice(3), ['']);
});

scenario('a description of tables that cannot be read is told, and its files are asked about', async (app) => {
  await app.page.evaluate(() => {
    const text = File.prototype.text;
    File.prototype.text = function read() {
      return this.name === 'model.json' ? Promise.reject(new DOMException('gone', 'NotReadableError')) : text.call(this);
    };
  });
  const chosen = [['errors.csv', 'synapse-alone.csv'], ['model.json', 'synapse-model.json']];
  await app.screen.at('file-input').setInputFiles(chosen.map(([name, from]) => (
    { name, mimeType: 'application/octet-stream', buffer: fixture(from) })));
  await app.screen.at('import-question').locator('form').waitFor();
  assert.match(await app.screen.at('message-bar').innerText(), /model\.json could not be read/);
  await app.screenshot('model-unreadable');
  await app.page.keyboard.press('Escape');

  // Of two descriptions one counts, and it is said which.
  await app.page.reload();
  await app.ready();
  const two = [...chosen, ['other-model.json', 'synapse-model.json']];
  await app.screen.at('file-input').setInputFiles(two.map(([name, from]) => (
    { name, mimeType: 'application/octet-stream', buffer: fixture(from) })));
  await app.screen.expectRows(2);
  assert.match(await app.screen.at('message-bar').innerText(), /only the last counts: other-model\.json/);
});

scenario('a browser whose streams of files take no buffer reads them in slices', async (app) => {
  await app.page.workers()[0].evaluate(() => {
    const { getReader } = ReadableStream.prototype;
    self.refused = 0;
    ReadableStream.prototype.getReader = function plainly(options) {
      if (options?.mode !== 'byob') return getReader.call(this, options);
      self.refused += 1;
      throw new TypeError('no byte stream');
    };
  });
  const rows = dumps.rows(40_000, { seed: 5 });
  const text = dumps.csv(rows);
  assert.ok(text.length > 3 * (2 << 20), `several slices of ${text.length} bytes`);
  await app.load('slices.csv', text);
  assert.equal(await app.desk('count', {}), rows.length);
  assert.ok((await app.page.workers()[0].evaluate(() => self.refused)) > 0);
});
