// Holds the desk against the model: right after a restart, and once its queue rests.

import assert from 'node:assert/strict';

import { JOBS, random } from '../dumps.mjs';
import { OPEN } from './model.mjs';

export const EVERY_STATE = ['open', 'requested', 'cleared', 'failedAgain'];
const CHUNK = 65_536;
const PAGE = 10_000;

/** What was acknowledged is there; what was on its way is there whole, or not at all. Then nothing is on its way. */
export async function afterRestart(browser, model) {
  // The requests first: they tell which records a dump that was on its way may have lacked.
  model.see(await browser.desk('requests', {}), { afterRestart: true });
  datasets(await browser.desk('datasets'), model);
  const jobs = new Map((await browser.desk('jobs')).map(({ id, status }) => [id, status]));
  for (const [id, status] of model.jobs) {
    const asked = [...model.pending].filter(({ what, jobId }) => what === 'status' && jobId === id);
    const allowed = [status, ...asked.map((matter) => matter.status)];
    assert.ok(allowed.includes(jobs.get(id)), `${id} is ${jobs.get(id)}, and should be ${allowed.join(' or ')}`);
  }
  const settings = await browser.desk('settings');
  const asked = [...model.pending].filter(({ what }) => what === 'configure').map((matter) => matter.settings);
  const kept = (wanted) => Object.entries(wanted).every(([key, value]) => settings[key] === value);
  assert.ok([model.settings, ...asked].some(kept), `settings ${JSON.stringify(settings)}, and should be ${JSON.stringify([model.settings, ...asked])}`);
  for (const [id, status] of jobs) model.jobs.set(id, status);
  model.settings = { rehearsalStepMs: settings.rehearsalStepMs, dismissHoldSeconds: settings.dismissHoldSeconds };
  model.pending.clear();
}

function datasets(found, model) {
  const there = new Map(found.map((dataset) => [dataset.id, dataset]));
  for (const id of [...model.datasets.keys()].filter((id) => !there.has(id))) {
    assert.ok([...model.pending].some(({ what, dataset }) => what === 'remove' && dataset === id), `dataset ${id} was acknowledged and is gone`);
    model.removed(id);
  }
  for (const { id, name, rows } of found.filter(({ id }) => !model.datasets.has(id))) {
    const matter = [...model.pending].find(({ what, dump }) => what === 'import' && dump.name === name);
    assert.ok(matter, `dataset ${id} '${name}' was never imported`);
    model.pending.delete(matter);
    if (matter.sample) model.sampled(matter.dump, { datasetId: id, rowsRead: matter.dump.rows, loaded: rows });
    else model.load(id, matter.dump, rows);
  }
  for (const { id, name, rows } of found) {
    const known = model.datasets.get(id);
    assert.equal(name, known.name);
    assert.equal(rows, known.rows, `rows of dataset ${id}`);
    if (known.ids) assert.equal(rows, known.ids.length, `dataset ${id} '${name}' is whole`);
  }
}

/** Once the queue rests: every record's state, what dismissals took, what is stored, and the trail. */
export async function atRest(browser, model, seed) {
  model.see(await browser.desk('requests', {}), { afterRestart: true });
  for (const [id, { view }] of model.requests) {
    if (OPEN.has(view.state)) assert.notEqual(model.jobs.get(view.jobId), 'Active', `request ${id} is ${view.state} though its job is Active and the queue is idle`);
  }
  const expected = model.states();
  const found = new Map();
  for (let offset = 0, total = 1; offset < total; offset += PAGE) {
    const page = await browser.evaluate(async ([filter, offset, limit]) => {
      const { total, rows } = await window.errorDesk.rows({ filter, offset, limit });
      return { total, rows: rows.map(({ id, state, source }) => [id, state, source.dataset]) };
    }, [{ states: EVERY_STATE, jobs: JOBS }, offset, PAGE]);
    total = page.total;
    for (const [id, state, dataset] of page.rows) {
      assert.ok(!found.has(id), `record ${id} is there twice`);
      found.set(id, state);
      assert.equal(dataset, model.records.get(id)?.dataset, `record ${id} is of its dataset`);
    }
  }
  for (const id of found.keys()) assert.ok(!model.dismissed.has(id), `record ${id} was dismissed and is back`);
  assert.equal(found.size, expected.size, 'records of the dumps');
  for (const [id, state] of expected) assert.equal(found.get(id), state, `record ${id}`);
  assert.equal(await browser.desk('count', { states: EVERY_STATE, jobs: JOBS }), expected.size);
  const samples = [...model.datasets.values()].filter(({ sample }) => sample).reduce((sum, { rows }) => sum + rows, 0);
  assert.equal(await browser.desk('count', { states: EVERY_STATE }), expected.size + samples, 'records in all');
  const next = random(seed);
  const gone = [...model.dismissed];
  for (let looked = 0; looked < Math.min(3, gone.length); looked += 1) {
    assert.equal(await browser.desk('record', gone[Math.floor(next() * gone.length)]), null, 'a dismissed record is not found by its id');
  }
  const segments = [...model.datasets.values()].reduce((sum, { rows }) => sum + 2 * Math.ceil(rows / CHUNK), 0);
  assert.equal((await browser.desk('storage')).segments, segments, 'segments of the datasets and of nothing else');
  await trail(browser, model);
}

async function trail(browser, { journal, requests }) {
  for (;;) {
    // From the last entry seen on, which must still be the same one.
    const offset = Math.max(0, journal.total - 1);
    const { total, entries } = await browser.desk('journal', { offset, limit: 1_000 });
    assert.ok(total >= journal.total, `${journal.total} entries were told, and now ${total}`);
    if (journal.last) assert.deepEqual(entries[0], journal.last, 'an entry of the trail has changed');
    const fresh = journal.last ? entries.slice(1) : entries;
    if (fresh.length === 0) break;
    for (const entry of fresh) {
      if (journal.last) assert.equal(entry.id, journal.last.id + 1, 'the trail has no gap');
      journal.last = entry;
      journal.total += 1;
      const { requestId } = entry.details;
      if (entry.event === 'finished') {
        assert.ok(!journal.finished.has(requestId), `request ${requestId} finished twice`);
        journal.finished.add(requestId);
      }
    }
    if (journal.total >= total) break;
  }
  for (const [id, { view }] of requests) assert.equal(journal.finished.has(id), view.state === 'finished', `the trail and request ${id}`);
}
