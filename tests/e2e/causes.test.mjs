// Causes on the screen: every count opens its rows, guidance and notes, rules that are taken back, missing references.

import assert from 'node:assert/strict';

import { axeSource, scenario } from './harness.mjs';

const KEYS = ['000006057', 'PC-1,0f8fad5b-d9cb-469f-a165-70867728950e', 'LOC|A'];
const TEXTS = [
  ['Customers V3', 'C', 'Application', (at) => `Unable to lookup msdyn_parties with values {${KEYS[at % 3]}}.`],
  ['accounts', 'C', 'Application', (at) => `Unable to look up CDS Parties with values {${KEYS[at % 3]}}..`],
  ['Vendors V2', 'V', 'System', (at) => `Number of requests exceeded the limit of ${6000 + at} over time window of 300 seconds.`],
  ['Vendors V2', 'V', 'Concurrency', () => "The version of the existing record doesn't match the RowVersion property provided."],
  ['CDS Parties', 'P', 'Application', () => "Field 'Name' must be filled in"],
];

/** 500 errors of four causes; the last row is the error of a record that others miss. */
function dump() {
  const lines = ['id,occurred_at,job,entity,company,category,record_key,message'];
  for (let at = 0; at < 500; at += 1) {
    const [entity, key, category, text] = TEXTS[at === 499 ? 4 : at % 4];
    const recordKey = at === 499 ? '000006057|demf' : `${key}-${at}`;
    const time = new Date(Date.UTC(2026, 0, 5) + at * 3_600_000).toISOString();
    lines.push(`R${at},${time},Sales,${entity},${['usmf', 'demf'][at % 2]},${category},${recordKey},"${text(at)}"`);
  }
  return Buffer.from(lines.join('\n'));
}

const number = (text) => Number(text.replace(/\D/g, ''));
const lookups = (page) => page.getByTestId('cause-row').filter({ hasText: 'Unable to look' });

/** Counts calls to the engine by their names, in `window.calls`. To be evaluated in a page. */
function countCalls() {
  window.calls = {};
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function post(message, ...rest) {
    const [name] = /[a-zA-Z]+/.exec(typeof message?.call === 'string' ? message.call : '') ?? [];
    if (name) window.calls[name] = (window.calls[name] ?? 0) + 1;
    return postMessage.call(this, message, ...rest);
  };
}

async function causes(app) {
  await app.page.getByTestId('view-causes').click();
  await app.page.getByTestId('cause-row').first().waitFor();
}

scenario('every count of the causes opens exactly its rows', async (app) => {
  await app.load('log.csv', dump());
  const { page, screen } = app;
  await causes(app);
  await page.getByTestId('causes-total').filter({ hasText: '500 errors in 4 causes' }).waitFor();
  await app.screenshot('causes');
  for (const entity of ['Customers V3', 'Vendors V2', 'CDS Parties']) {
    await page.getByTestId('cause-row').filter({ hasText: entity }).first().waitFor();
  }
  const count = await page.getByTestId('cause-count').count();
  assert.equal(count, 4);
  let sum = 0;
  for (let at = 0; at < count; at += 1) {
    const door = page.getByTestId('cause-count').nth(at);
    const shown = number(await door.innerText());
    sum += shown;
    await door.click();
    await screen.expectRows(shown);
    await screen.clearFilters();
    await screen.expectRows(500);
    await causes(app);
    await page.getByTestId('causes-total').filter({ hasText: '500 errors in 4 causes' }).waitFor();
  }
  assert.equal(sum, 500);
  for (const by of ['entity', 'company', 'day', 'missing', 'errorCode']) {
    await page.getByTestId('causes-by').selectOption(by);
    const answer = await app.desk('causes', {}, { by });
    await page.getByTestId('causes-total').filter({ hasText: `in ${answer.total} group` }).waitFor();
    for (const group of answer.causes) assert.equal(await app.desk('count', group.door), group.count, `${by} ${group.id}`);
  }
});

scenario('guidance and verdict stand beside the cause and the error', async (app) => {
  await app.load('log.csv', dump());
  const { page } = app;
  await causes(app);
  await lookups(page).getByTestId('cause-open').click();
  const pane = page.getByTestId('cause-pane');
  await pane.locator('[data-card-id="missing-lookup"]').waitFor();
  assert.equal(await pane.getByTestId('cause-verdict').innerText(), 'Fix first');
  assert.equal(await pane.getByTestId('cause-example').count(), 3);
  const masked = await pane.getByTestId('cause-example').first().locator('mark').innerText();
  assert.ok(KEYS.some((key) => masked === `{${key}}`), masked);
  await app.screenshot('cause');
  await page.evaluate(axeSource());
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), tags);
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), []);

  const [first] = (await app.desk('causes', {})).causes;
  assert.deepEqual(
    ['id', 'template', 'category', 'retryVerdict', 'count', 'firstSeen', 'lastSeen', 'missingReference'].filter((key) => !(key in first)),
    [],
  );
  assert.equal(first.missingReference.entity, 'CDS Parties');
  const record = await app.desk('record', 'R3');
  assert.equal(record.retryVerdict, 'notRetriable');
  assert.equal(record.guidance[0].id, 'row-version');

  await pane.getByTestId('cause-pane-count').click();
  await app.screen.at('grid-row').first().click();
  await app.screen.at('detail-pane').locator('[data-card-id="missing-lookup"]').waitFor();
  await app.screen.at('record-verdict').waitFor();
  await app.screen.at('open-cause').click();
  await page.getByTestId('cause-template').filter({ hasText: 'Unable to look' }).waitFor();
});

scenario('a note outlives a reload and a retry', async (app) => {
  await app.load('log.csv', dump());
  const { page } = app;
  const open = async () => {
    await causes(app);
    await lookups(page).getByTestId('cause-open').click();
    await page.getByTestId('cause-template').waitFor();
  };
  await open();
  await page.getByTestId('cause-note').fill('Ask Ada for the parties.');
  await page.getByTestId('cause-note-save').click();
  await lookups(page).filter({ hasText: 'Has a note' }).waitFor();
  await app.desk('configure', { rehearsalStepMs: 0 });
  const plan = await app.desk('plan', { kind: 'retry', filter: { entities: ['Customers V3'] } });
  await app.desk('submit', { planId: plan.planId });
  await app.desk('idle');
  await app.reload();
  await open();
  assert.equal(await page.getByTestId('cause-note').inputValue(), 'Ask Ada for the parties.');
});

scenario('a note that is being typed outlives what comes from the engine, and other causes', async (app) => {
  await app.load('log.csv', dump());
  const { page } = app;
  await causes(app);
  await lookups(page).getByTestId('cause-open').click();
  const [cause, other] = (await app.desk('causes', {})).causes;
  const note = page.getByTestId('cause-note');
  await note.pressSequentially('Ask Ada ');
  await page.getByTestId('cause-rules').click();
  await page.getByTestId('split-text').fill('LOC');
  await note.focus();
  await app.desk('markFixed', cause.id, true);
  await page.waitForFunction(() => document.querySelector('[data-testid="cause-fixed"]').checked);
  await app.desk('setNote', cause.id, 'From another tab');
  await lookups(page).filter({ hasText: 'Has a note' }).waitFor();
  await page.keyboard.type('for the parties.');
  assert.equal(await note.inputValue(), 'Ask Ada for the parties.');
  assert.equal(await page.getByTestId('split-text').inputValue(), 'LOC');

  const title = page.getByTestId('cause-template');
  await page.locator(`[data-cause-id="${other.id}"]`).getByTestId('cause-open').click();
  await title.filter({ hasText: other.template.slice(0, 20) }).waitFor();
  assert.equal(await note.inputValue(), '');
  await lookups(page).getByTestId('cause-open').click();
  await title.filter({ hasText: 'Unable to look' }).waitFor();
  assert.equal(await note.inputValue(), 'Ask Ada for the parties.');
  await page.getByTestId('cause-note-save').click();
  await page.waitForFunction(() => document.querySelector('[data-testid="cause-note-save"]').disabled);
  assert.equal((await app.desk('cause', { id: cause.id })).note, 'Ask Ada for the parties.');
  // What is kept follows the engine again.
  await app.desk('setNote', cause.id, 'From another tab');
  await page.waitForFunction(() => document.querySelector('[data-testid="cause-note"]').value === 'From another tab');
});

scenario('every other cause is offered for a merge, whatever the filter, and none that is gone', async (app) => {
  await app.load('log.csv', dump());
  const { page, screen } = app;
  await causes(app);
  await lookups(page).getByTestId('cause-count').click();
  await screen.expectRows(250);
  await causes(app);
  await page.getByTestId('causes-total').filter({ hasText: 'in 1 cause' }).waitFor();
  await lookups(page).getByTestId('cause-open').click();
  await page.getByTestId('cause-rules').click();
  const offered = async (count) => {
    const options = page.getByTestId('merge-with').locator('option:not([value=""])');
    await page.waitForFunction((count) => document.querySelectorAll('[data-testid="merge-with"] option').length === count + 1, count);
    return (await options.evaluateAll((all) => all.map(({ value }) => value))).sort();
  };
  const [first, ...rest] = (await app.desk('causes', {})).causes.map(({ id }) => id);
  assert.deepEqual(await offered(3), [...rest].sort());
  assert.ok(await page.getByTestId('merge').isDisabled(), 'nothing is merged unless it was chosen');
  await app.screenshot('merge');
  await page.getByTestId('merge-with').selectOption(rest[1]);
  await page.getByTestId('merge').click();
  assert.deepEqual(await offered(2), [rest[0], rest[2]].sort());
  assert.deepEqual((await app.desk('causeRules')).map(({ merge }) => merge), [{ into: first, causes: [rest[1]] }]);
});

scenario('merging and splitting are taken back without a trace', async (app) => {
  await app.load('log.csv', dump());
  const { page } = app;
  const ids = async () => (await app.desk('causes', {})).causes.map(({ id, count }) => `${id} ${count}`);
  const before = await ids();
  await causes(app);
  await lookups(page).getByTestId('cause-open').click();
  await page.getByTestId('cause-rules').click();
  const other = (await app.desk('causes', {})).causes.at(-1).id;
  await page.locator(`[data-testid="merge-with"] option[value="${other}"]`).waitFor({ state: 'attached' });
  await page.getByTestId('merge-with').selectOption(other);
  await page.getByTestId('merge').click();
  await page.getByTestId('causes-total').filter({ hasText: 'in 3 causes' }).waitFor();
  await page.getByTestId('cause-undo').click();
  await page.getByTestId('causes-total').filter({ hasText: 'in 4 causes' }).waitFor();
  assert.deepEqual(await ids(), before);

  await page.getByTestId('split-column').selectOption({ label: 'Company' });
  await page.getByTestId('split-by').click();
  await page.getByTestId('causes-total').filter({ hasText: 'in 5 causes' }).waitFor();
  await app.reload();
  await causes(app);
  await page.getByTestId('causes-total').filter({ hasText: 'in 5 causes' }).waitFor();
  const [rule] = await app.desk('causeRules');
  await app.desk('undoCauseRule', rule.id);
  await page.getByTestId('causes-total').filter({ hasText: 'in 4 causes' }).waitFor();
  assert.deepEqual(await ids(), before);
});

scenario('missing references are ranked, open their rows, and name the root', async (app) => {
  await app.load('log.csv', dump());
  const { page, screen } = app;
  const found = await app.desk('missingReferences', {});
  assert.deepEqual(found.map(({ entity, key, count }) => [entity, key, count]), [
    ['CDS Parties', KEYS[1], 84],
    ['CDS Parties', '000006057', 83],
    ['CDS Parties', 'LOC|A', 83],
  ]);
  await page.getByTestId('view-missing').click();
  await page.getByTestId('missing-total').filter({ hasText: 'Fix these 3 keys' }).waitFor();
  await app.screenshot('missing');
  assert.equal(number(await page.getByTestId('missing-errors').innerText()), 250);
  await page.getByTestId('missing-root').filter({ hasText: 'must be filled in' }).waitFor();
  await page.locator(`[data-key="${KEYS[1]}"]`).getByTestId('missing-count').click();
  await screen.expectRows(84);
  await app.reload();
  await screen.expectRows(84);
});

scenario('of many missing references a window is asked for', async (app) => {
  const lines = ['id,occurred_at,job,entity,company,category,record_key,message'];
  for (let at = 0; at < 250; at += 1) {
    lines.push(`R${at},2026-01-05T00:00:00Z,Sales,Customers V3,usmf,Application,C-${at},Unable to lookup msdyn_parties with values {P-${at}}.`);
  }
  await app.load('log.csv', Buffer.from(lines.join('\n')));
  const { page } = app;
  await page.evaluate(countCalls);
  await page.getByTestId('view-missing').click();
  await page.getByTestId('missing-total').filter({ hasText: 'Fix these 250 keys' }).waitFor();
  assert.equal(number(await page.getByTestId('missing-errors').innerText()), 250);
  assert.equal(await page.getByTestId('missing-row').count(), 100);
  const { missingReferences = 0, missingPage } = await page.evaluate(() => window.calls);
  assert.deepEqual([missingReferences, missingPage], [0, 1]);
  await page.getByRole('button', { name: 'Show more (150 left)' }).click();
  await page.getByRole('button', { name: 'Show more (50 left)' }).waitFor();
  assert.equal(await page.getByTestId('missing-row').count(), 200);
  const all = await app.desk('missingReferences', {});
  assert.equal(all.length, 250);
  assert.deepEqual(await app.desk('missingPage', { offset: 240, limit: 3 }), { total: 250, records: 250, references: all.slice(240, 243) });
});

scenario('a change is asked for once', async (app) => {
  await app.load('log.csv', dump());
  await app.hurry();
  await app.page.addInitScript(countCalls);
  await app.reload();
  const { page, screen } = app;
  await screen.expectRows(500);
  // Questions that events bring up come after a moment.
  const rest = () => page.waitForTimeout(600);
  const asked = () => page.evaluate(() => [window.calls, window.calls = {}][0]);
  await rest();
  const start = await asked();
  const once = ['datasets', 'jobs', 'requests', 'regressions', 'facets', 'histogram', 'storage'];
  assert.deepEqual(once.map((call) => [call, start[call]]), once.map((call) => [call, 1]));
  // Once by the screen, once by whoever waits for `ready`.
  assert.equal(start.settings, 2);
  await causes(app);
  await rest();
  await asked();
  await screen.setText('Unable');
  await page.getByTestId('causes-total').filter({ hasText: 'in 1 cause' }).waitFor();
  await rest();
  const { causes: lists, facets } = await asked();
  assert.deepEqual([lists, facets], [1, 1]);
});

scenario('a count opens its rows from the view of causes, and nothing stays over them', { size: 'phone' }, async (app) => {
  await app.load('log.csv', dump());
  const { page, screen } = app;
  await causes(app);
  await screen.plan('retry');
  await screen.at('plan-run-sheet').click();
  const door = screen.at('run-sheet-step').first().getByRole('button');
  const hits = number(await door.innerText());
  await door.click();
  await screen.expectRows(hits);
  assert.ok(await screen.at('grid').isVisible());
  await causes(app);
  await page.getByTestId('cause-open').first().click();
  await page.getByTestId('cause-pane-count').click();
  await screen.at('grid-row').first().waitFor();
  assert.equal(await screen.at('detail-pane').count(), 0, 'no sheet covers the rows');
  await app.screenshot('door-phone');
});

for (const theme of ['light', 'dark']) {
  scenario(`causes on a phone, ${theme}`, { size: 'phone', theme }, async (app) => {
    await app.load('log.csv', dump());
    const { page } = app;
    await causes(app);
    await app.screenshot(`causes-phone-${theme}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${wide} px too wide`);
    await lookups(page).getByTestId('cause-open').click();
    await page.getByTestId('cause-template').waitFor();
    await app.screenshot(`cause-phone-${theme}`);
    await page.keyboard.press('Escape');
    await page.getByTestId('view-missing').click();
    await page.getByTestId('missing-row').first().waitFor();
    await app.screenshot(`missing-phone-${theme}`);
  });
}
