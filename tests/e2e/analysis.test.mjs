// Run sheets, compared dumps, what is different here, causes that came back: through the screen, counted in another way.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

import * as dumps from './dumps.mjs';
import { axeSource, refused, scenario, until } from './harness.mjs';

const ROWS = dumps.rows(900, { seed: 71 });

/** Violations that keep people out, within the dialog that is open. */
async function violations(app, handle) {
  await app.page.evaluate(axeSource());
  const found = await app.page.evaluate(async (handle) => {
    const { violations } = await window.axe.run(`[data-testid="${handle}"]`, { resultTypes: ['violations'] });
    return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map(({ target }) => String(target)) }));
  }, handle);
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}

/** What each step must hit, counted row by row. */
function checkSteps(steps, rows, chosen) {
  let reached = 0;
  for (const { job, entity, dataSource, from, to, expected, bystanders } of steps) {
    const hit = rows.filter((row) => row.job === job && row.entity === entity && row.source === dataSource
      && row.occurred >= Date.parse(from) && row.occurred < Date.parse(to));
    assert.equal(hit.length, expected);
    assert.equal(hit.filter((row) => !chosen.has(row)).length, bystanders);
    reached += hit.filter((row) => chosen.has(row)).length;
  }
  assert.equal(reached, chosen.size, 'every chosen record is in one step');
}

scenario('a plan becomes a run sheet that anybody can check, copy, print and shorten', async (app) => {
  const { page, screen } = app;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await app.load('log.csv', dumps.csv(ROWS));
  await screen.setValues('filter-entity', ['Customers V3']);
  await screen.expectRows(dumps.counted(ROWS, { entities: ['Customers V3'] }));
  const chosen = new Set(dumps.matching(ROWS, { entities: ['Customers V3'] }).filter((row) => row.category !== 'Concurrency'));

  await screen.plan('retry');
  await screen.at('plan-run-sheet').click();
  await screen.at('run-sheet-summary').waitFor();
  assert.match(await screen.at('run-sheet-summary').innerText(), new RegExp(`the ${chosen.size} chosen and no bystander`));
  await app.screenshot('run-sheet');
  assert.deepEqual(await violations(app, 'run-sheet'), []);

  await screen.at('run-sheet-copy').click();
  const markdown = await until('the sheet is in the clipboard', () => page.evaluate(() => navigator.clipboard.readText()));
  assert.match(markdown, /^# Run sheet: Retry of /);
  const lines = await screen.at('run-sheet-step').count();
  assert.equal(markdown.match(/^\| ☐ \|/gm).length, lines);

  // Fewer steps cost bystanders; the numbers are those of the script's answer, and right.
  await screen.at('run-sheet-steps').fill('8');
  await screen.at('run-sheet-steps').press('Enter');
  await until('eight steps', async () => (await screen.at('run-sheet-step').count()) === 8);
  await app.screenshot('run-sheet-short');
  const plan = await app.desk('plan', { kind: 'retry', filter: { entities: ['Customers V3'] } });
  const finest = await app.desk('runSheet', { planId: plan.planId });
  const short = await app.desk('runSheet', { planId: plan.planId, maxSteps: 8 });
  checkSteps(finest.steps, ROWS, chosen);
  checkSteps(short.steps, ROWS, chosen);
  assert.deepEqual([finest.bystanders, finest.steps.length, finest.method], [0, lines, 'exact']);
  assert.ok(short.bystanders > 0);
  assert.match(await screen.at('run-sheet-summary').innerText(), new RegExp(`${short.bystanders} bystanders`));
  assert.deepEqual(finest.steps.map(({ round }) => round).filter((round, at, all) => at > 0 && round < all[at - 1]).length, 1, 'rounds rise within each of two jobs');

  // On paper there is the sheet and nothing else.
  await page.emulateMedia({ media: 'print' });
  assert.equal(await screen.at('grid').isVisible(), false);
  assert.equal(await screen.at('plan-count').isVisible(), false);
  assert.ok(await screen.at('run-sheet-step').last().isVisible());
  await app.screenshot('run-sheet-print');
  await page.emulateMedia({ media: 'screen' });

  // Escape closes the sheet only; a number opens its rows and closes what is above them.
  await page.keyboard.press('Escape');
  await screen.at('run-sheet-summary').waitFor({ state: 'detached' });
  assert.ok(await screen.at('plan-count').isVisible());
  await screen.at('plan-run-sheet').click();
  const door = screen.at('run-sheet-step').first().getByRole('button');
  const hits = Number(await door.innerText());
  await door.click();
  await screen.expectRows(hits);
  assert.equal(await screen.at('plan-count').isVisible(), false);
  assert.deepEqual(await app.desk('requests', {}), [], 'nothing was submitted');
  await refused(app.desk('runSheet', { planId: 1 }), 'PlanExpired');
  await refused(app.desk('runSheet', { planId: plan.planId, steps: 3 }), 'InvalidArgument');
});

scenario('a finished request has a run sheet too', { theme: 'dark', size: 'phone' }, async (app) => {
  await app.load('log.csv', dumps.csv(ROWS));
  await app.hurry();
  await app.desk('submit', { kind: 'retry', jobId: dumps.JOBS[0], filter: { entities: ['Vendors V2'] } });
  await app.idle();
  await app.screen.showRequests();
  await app.page.getByRole('button', { name: 'Run sheet of request 1' }).click();
  await app.screen.at('run-sheet-step').first().waitFor();
  const [request] = await app.desk('requests', {});
  assert.match(await app.screen.at('run-sheet-summary').innerText(), new RegExp(`the ${request.records} chosen`));
  await app.screenshot('run-sheet-request');
  assert.deepEqual(await violations(app, 'run-sheet'), []);
});

const later = () => {
  // Of 300 records 60 are gone, 40 have another message under a new id, 15 are new, 5 of the Sunday before are back.
  const before = dumps.rows(300, { seed: 5 });
  const kept = before.slice(60).map((row, at) => (at < 40
    ? { ...row, id: String(Number(row.id) + 50_000), occurred: row.occurred + 86_400_000, message: 'Currency XYZ is not set up', category: 'Application' }
    : row));
  const others = dumps.rows(20, { seed: 6, first: 1_000 });
  return { earlier: others.slice(0, 5), before, after: [...kept, ...others] };
};

for (const [theme, size] of [['light', 'desktop'], ['dark', 'phone']]) {
  scenario(`two dumps are compared, and each of five counts opens its rows: ${theme}, ${size}`, { theme, size }, async (app) => {
    const { screen } = app;
    const { earlier, before, after } = later();
    await app.load('sunday.csv', dumps.csv(earlier));
    await app.load('monday.csv', dumps.csv(before));
    await app.hurry();
    await app.desk('submit', { kind: 'retry', jobId: dumps.JOBS[0], filter: {} });
    await app.idle();
    const sent = (await app.desk('requests', {}))[0].records;
    await app.load('tuesday.csv', dumps.csv(after));
    const open = async () => {
      await app.page.getByRole('button', { name: 'Dumps' }).click();
      await screen.at('open-compare').click();
      await screen.at('fate-cleared').waitFor();
    };
    await open();
    await screen.at('ledger').first().waitFor();
    await app.screenshot('compare');
    assert.deepEqual(await violations(app, 'compare'), []);
    const expected = { cleared: 60, stillFailing: 200, messageChanged: 40, new: 15, cameBack: 5 };
    for (const [fate, count] of Object.entries(expected)) {
      const door = screen.at(`fate-${fate}`).getByRole('button');
      assert.equal(Number(await door.innerText()), count, fate);
      await door.click();
      await screen.expectRows(count);
      await open();
    }
    const [{ result }] = (await app.desk('retryLedger', {})).requests;
    assert.equal(result.sent, sent);
    assert.equal(result.cleared + result.sameError + result.differentError, sent);
    const line = screen.at('ledger').first().locator('tbody tr').first().locator('td.number');
    const expectedLine = [sent, result.cleared, result.sameError, result.differentError, 0];
    await until('the ledger tells the same', async () => isDeepStrictEqual((await line.allInnerTexts()).map(Number), expectedLine));
    // What a door showed is in the address, and comes back with it.
    await screen.at('fate-messageChanged').getByRole('button').click();
    await screen.expectRows(40);
    assert.match(await app.page.evaluate(() => location.hash), /compared=2-3-messageChanged/);
    await app.reload();
    await screen.expectRows(40);
  });
}

scenario('what is different about a selection is told, and each finding opens its rows', async (app) => {
  const { page, screen } = app;
  const planted = ROWS.map((row, at) => (row.category === 'Conflict' && at % 2 === 0 ? { ...row, company: 'plnt' } : row));
  await app.load('log.csv', dumps.csv(planted));
  await screen.expectRows(planted.length);
  await app.page.evaluate(() => { location.hash = '#category=Conflict'; location.reload(); });
  await app.ready();
  await screen.expectRows(dumps.counted(planted, { categories: ['Conflict'] }));
  await screen.at('open-differences').click();
  await screen.at('difference').first().waitFor();
  await app.screenshot('differences');
  assert.deepEqual(await violations(app, 'differences'), []);
  const line = screen.at('difference').filter({ hasText: 'plnt' });
  const count = dumps.counted(planted, { categories: ['Conflict'], companies: ['plnt'] });
  await line.getByRole('button').click();
  await screen.expectRows(count);
  await page.keyboard.press('Escape');
});

scenario('a cause that was marked as fixed and came back is raised, with its new rows behind the number', async (app) => {
  const { screen } = app;
  const old = dumps.rows(40, { seed: 9, fixed: { message: 'Unable to lookup msdyn_customergroup with values 80', entity: 'Customers V3', external: 'accounts', category: 'Application' } });
  await app.load('monday.csv', dumps.csv(old));
  const cause = (await app.desk('rows', { limit: 1 })).rows[0].cause;
  await app.desk('markFixed', cause, true);
  assert.deepEqual(await app.desk('regressions'), []);
  await app.load('tuesday.csv', dumps.csv([{ ...old[0], id: '7000000001', key: '1', occurred: dumps.BEGIN + 30 * 86_400_000 }]));
  const [regression] = await app.desk('regressions');
  assert.deepEqual([regression.cause, regression.count], [cause, 1]);
  await screen.message(/1 cause that you marked as fixed is back/);
  await screen.at('grid-row').first().click();
  const badge = screen.at('regression-badge');
  await badge.waitFor();
  await app.screenshot('regression');
  await badge.getByRole('button').click();
  await screen.expectRows(1);
});
