// Files of every shape through the screen, and the questions about them: asked once for files with the same columns.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import * as dumps from './dumps.mjs';
import { scenario } from './harness.mjs';

const fixture = (name) => ({ name, bytes: readFileSync(new URL(`../fixtures/${name}`, import.meta.url)) });

scenario('archives, documents and other spreadsheets are opened as they are', async (app) => {
  const shapes = [
    ['odata-pages.zip', 9, /9 loaded/],
    ['verbose-invalid.json', 10, /1 loaded/],
    ['initial-sync.json', 13, /3 loaded/],
    ['libreoffice-like.ods', 14, /1 loaded/],
    ['execution-errors.json', 16, /2 loaded/],
    // Its answer of the initial synchronisation was opened above.
    ['har-dualwrite.har', 22, /9 read.*6 loaded.*3 duplicates/],
  ];
  for (const [name, rows, words] of shapes) {
    const report = await app.screen.open(fixture(name));
    assert.match(report, words, name);
    await app.screen.expectRows(rows);
  }
  const { rows } = await app.desk('rows', { limit: 100 });
  assert.ok(!JSON.stringify(rows).includes('SECRET'));
  await app.screenshot('shapes');
});

scenario('columns of unknown names are proposed by what is in them, with the reason', async (app) => {
  await app.screen.choose(fixture('unknown-headers.csv'));
  const question = app.screen.at('import-question');
  await question.locator('form').waitFor();
  await app.screenshot('mapping-wizard');
  const chosen = await question.locator('select').evaluateAll((all) => all.map((one) => one.value));
  assert.deepEqual(chosen, ['occurredAt', 'entity', '', 'message']);
  assert.match(await question.innerText(), /usmf/, 'values show what a column holds');
  assert.match(await question.innerText(), /guess by its values/);
  await question.locator('button[type=submit]').click();
  await app.screen.at('import-report').waitFor();
  await app.screen.expectRows(2);
  const { rows } = await app.desk('rows', { limit: 2 });
  assert.ok(rows.every((row) => row.occurredAt && row.message && row.extra === undefined));
  assert.ok(rows.some((row) => row.entity === 'Customers V3'));
});

scenario('what was answered once is not asked again for files with the same columns, until it is forgotten', async (app) => {
  const { page, screen } = app;
  const file = (name, seed) => ({ name, bytes: dumps.csv(dumps.rows(20, { first: seed * 100 }), { zone: false }) });
  await screen.choose(file('monday.csv', 11));
  const question = screen.at('import-question');
  await question.locator('form').waitFor();
  await question.locator('button[type=submit]').click();
  await screen.expectRows(20);

  await page.reload();
  await app.ready();
  await screen.choose(file('tuesday.csv', 12));
  await screen.expectRows(40);
  assert.match(await screen.at('message-bar').innerText(), /same columns: times in UTC/);
  await app.screenshot('remembered');

  await page.getByRole('button', { name: 'Settings' }).click();
  const settings = page.getByRole('dialog', { name: 'Settings' });
  const saved = page.waitForEvent('download');
  await settings.getByRole('button', { name: 'Save as file' }).click();
  const path = await (await saved).path();
  await app.screenshot('settings-answers');
  await settings.getByRole('button', { name: 'Forget', exact: true }).click();
  await settings.getByText('There are none yet').waitFor();
  await page.keyboard.press('Escape');

  await screen.choose(file('wednesday.csv', 13));
  await question.locator('form').waitFor();
  await page.keyboard.press('Escape');
  await question.locator('form').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Settings' }).click();
  await screen.at('answers-input').setInputFiles(path);
  await settings.getByText('1 kind of file').waitFor();
  await page.keyboard.press('Escape');
  await screen.choose(file('thursday.csv', 14));
  await screen.expectRows(60);
});

scenario('a table of Synapse Link is opened with its model, together or packed; alone it asks which column is what', async (app) => {
  const { page, screen } = app;
  const both = ['synapse-alone.csv', 'synapse-model.json'].map(fixture);
  await screen.at('file-input').setInputFiles(both.map(({ name, bytes }) => ({ name, mimeType: 'application/octet-stream', buffer: bytes })));
  await screen.expectRows(2);
  const report = screen.at('import-report');
  await report.getByText('Details').click();
  assert.match(await report.innerText(), /newest state by SinkModifiedOn/);
  assert.match(await report.innerText(), /deleted in (its|the) source/);
  await app.screenshot('synapse');
  assert.match(await screen.open(fixture('synapse-folder.zip')), /6 read.*0 loaded.*5 duplicates.*1 rejected/);

  await screen.choose(fixture('synapse-alone.csv'));
  const question = screen.at('import-question');
  await question.locator('form').waitFor();
  assert.match(await question.innerText(), /no header row/);
  await app.screenshot('synapse-alone');
  await page.keyboard.press('Escape');

  // The description holds no rows.
  await screen.choose(fixture('synapse-model.json'));
  await page.getByText(/Open it together with the CSV files/).waitFor();
});

scenario('binary workbooks are opened as they are', async (app) => {
  assert.match(await app.screen.open(fixture('full-97.xls')), /3 loaded/);
  assert.match(await app.screen.open(fixture('gnumeric-formulas.xls')), /2 loaded/);
  await app.screen.choose(fixture('hostile-password.xls'));
  await app.page.getByText(/a workbook with a password/).waitFor();
  await app.screen.expectRows(5);
});
