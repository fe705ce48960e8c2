// Opening dumps through the screen: what is a dump is loaded to the last row, what is none is told with the way out.

import assert from 'node:assert/strict';

import * as dumps from './dumps.mjs';
import { scenario, until } from './harness.mjs';

const nothingStored = async (app) => {
  assert.deepEqual(await app.desk('datasets'), []);
  assert.equal(await app.desk('count', {}), 0);
  assert.equal((await app.desk('storage')).segments, 0);
};

/** The records loaded are those of the dump, field by field. */
async function sameRecords(app, rows) {
  const { total, rows: records } = await app.desk('rows', { limit: 10_000 });
  assert.equal(total, rows.length);
  const byId = new Map(records.map((record) => [record.id, record]));
  for (const row of rows) {
    const { occurredAt, job, entity, dataSource, company, category, recordKey, message, state } = byId.get(row.id) ?? assert.fail(`no ${row.id}`);
    assert.deepEqual(
      { occurredAt, job, entity, dataSource, company, category, recordKey, state, message: message.replaceAll('\r\n', '\n') },
      {
        occurredAt: new Date(row.occurred).toISOString(), job: row.job, entity: row.entity, dataSource: row.source, company: row.company,
        category: row.category, recordKey: row.key, state: 'open', message: row.message.replaceAll('\r\n', '\n'),
      },
    );
  }
}

scenario('a CSV dump of the error log is opened whole', async (app) => {
  const rows = dumps.rows(437);
  await app.screenshot('empty');
  const report = await app.screen.open({ name: 'DualWriteErrorLog.csv', bytes: dumps.csv(rows) });
  assert.match(report, /437 read.*437 loaded/);
  await app.screen.expectRows(437);
  await app.screen.at('grid-row').first().waitFor();
  await sameRecords(app, rows);
  await app.screenshot('loaded');
});

scenario('a workbook with real dates is opened whole; its dates are asked about once', async (app) => {
  const rows = dumps.rows(311, { seed: 2 });
  await app.screen.open({ name: 'Sync errors.xlsx', bytes: dumps.xlsx(rows) });
  await app.screen.expectRows(311);
  await sameRecords(app, rows);
});

scenario('a CSV under plain words is opened, and a column it does not know is kept', async (app) => {
  const rows = dumps.rows(60, { seed: 3 });
  await app.screen.open({ name: 'errors.csv', bytes: dumps.plainCsv(rows) });
  await app.screen.expectRows(60);
  await sameRecords(app, rows);
  const record = await app.desk('record', rows[5].id);
  assert.equal(record.extra.Colour, 'blå');
});

scenario('a dump whose times carry no zone is asked about, and not loaded without an answer', async (app) => {
  const rows = dumps.rows(20);
  const file = { name: 'local times.csv', bytes: dumps.csv(rows, { zone: false }) };
  await app.screen.choose(file);
  const question = app.screen.at('import-question');
  await question.locator('form').waitFor();
  assert.match(await question.innerText(), /zone/i);
  await app.page.keyboard.press('Escape');
  await question.locator('form').waitFor({ state: 'detached' });
  await nothingStored(app);

  await assert.rejects(app.load(file.name, file.bytes), { code: 'TimeZoneNeeded' });
  await nothingStored(app);
  await app.load(file.name, file.bytes, { timeZone: '+02:00' });
  const { rows: [record] } = await app.desk('rows', { limit: 1 });
  assert.equal(Date.parse(record.occurredAt), rows[0].occurred - 2 * 3_600_000);
});

scenario('rows that were loaded before are told as duplicates and counted once', async (app) => {
  const rows = dumps.rows(150);
  await app.screen.open({ name: 'first.csv', bytes: dumps.csv(rows.slice(0, 100)) });
  await app.screen.expectRows(100);
  await app.screen.choose({ name: 'second.csv', bytes: dumps.csv(rows) });
  await app.screen.expectRows(150);
  const report = (await app.screen.at('import-report').innerText()).replace(/\s+/g, ' ');
  assert.match(report, /150 read.*50 loaded.*100 duplicates/);
  await sameRecords(app, rows);
});

for (const [what, name, bytes, code, words] of [
  ['an empty file', 'nothing.csv', Buffer.alloc(0), 'EmptyFile', /empty/i],
  ['a picture', 'holiday.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1]), 'UnsupportedFormat', /PNG|picture|image/i],
  ['a truncated workbook', 'cut off.xlsx', dumps.xlsx(dumps.rows(200)).subarray(0, 9_000), 'UnsupportedFormat', /damaged|truncated|end/i],
]) {
  scenario(`${what} is refused by name, with the way out, and nothing is stored`, async (app) => {
    await app.screen.choose({ name, bytes });
    const told = await app.screen.message(new RegExp(name.replace('.', '\\.')));
    assert.match(told, words);
    assert.match(told, /export|open|download/i, 'the way out is told');
    await nothingStored(app);
    await assert.rejects(app.load(name, bytes), { code, name: 'DeskError' });
    await nothingStored(app);
    await app.screenshot(`refused-${code}`);

    // The way out works: a good dump after it is loaded.
    await app.screen.open({ name: 'good.csv', bytes: dumps.csv(dumps.rows(12)) });
    await app.screen.expectRows(12);
  });
}

scenario('a table without the needed columns is asked about, and leaving the question stores nothing', async (app) => {
  await app.screen.choose({ name: 'Lager.csv', bytes: dumps.foreignCsv() });
  const question = app.screen.at('import-question');
  await question.locator('form').waitFor();
  const told = await question.innerText();
  assert.match(told, /Lager\.csv/);
  assert.match(told, /message/i);
  await app.page.keyboard.press('Escape');
  await question.locator('form').waitFor({ state: 'detached' });
  await nothingStored(app);
  const error = await app.load('Lager.csv', dumps.foreignCsv()).catch((error) => error);
  assert.equal(error.code, 'MappingNeeded');
  assert.ok(error.details.missing.includes('message'));
  await nothingStored(app);
});

scenario('a truncated CSV row is told in the report with its line', async (app) => {
  const bytes = Buffer.concat([dumps.csv(dumps.rows(40)), Buffer.from('5637999999,"2026-01-05T06:00:00Z')]);
  const report = await app.load('cut.csv', bytes).catch((error) => error);
  if (report instanceof Error) {
    assert.match(report.message, /cut\.csv/);
    await nothingStored(app);
  } else {
    assert.equal(report.rowsRead, report.loaded + report.duplicates + report.dismissedEarlier + report.rejected);
    assert.ok(report.rejects.length + report.warnings.length > 0, 'the odd end is told');
  }
});

scenario('a sample is loaded by its button', async (app) => {
  await app.screen.at('load-sample').first().click();
  await until('the sample is loaded', async () => (await app.desk('datasets')).length === 1);
  await app.screen.expectRows(await app.desk('count', {}));
});

scenario('a browser without vector instructions is told so in words', async (app) => {
  await app.page.addInitScript(() => { WebAssembly.validate = () => false; });
  await app.page.reload();
  const words = app.page.getByRole('alert');
  await words.getByRole('heading', { name: 'This browser cannot run the desk' }).waitFor();
  assert.match(await words.innerText(), /vector instructions \(SIMD\)/);
  assert.equal(await app.page.evaluate(() => window.errorDesk), undefined);
});

scenario('a browser without references in WebAssembly is told so in words', async (app) => {
  // The program that asks for them is the one whose function answers type 111, `externref`.
  await app.page.addInitScript(() => {
    const { validate } = WebAssembly;
    WebAssembly.validate = (program) => program[14] !== 111 && validate(program);
  });
  await app.page.reload();
  const words = app.page.getByRole('alert');
  await words.getByRole('heading', { name: 'This browser cannot run the desk' }).waitFor();
  assert.match(await words.innerText(), /It lacks references in WebAssembly\./);
  assert.equal(await app.page.evaluate(() => window.errorDesk), undefined);
});
