// What must be true of the desk after a crash, kept outside of it: everything that was acknowledged is there, everything
// that was on its way is there whole or not at all.
//
// The model knows the records of every request in their order and the stated model of the rehearsal, so that the number of
// records done of each request tells the state of every single record.

import assert from 'node:assert/strict';

const OPEN = new Set(['shelved', 'queued', 'running', 'outcomeUnknown']);
const FINAL = new Set(['finished', 'withdrawn']);
const PLACES = 5;
const FIXED = ['jobId', 'kind', 'records', 'digest', 'filterText', 'createdAt', 'rehearsal'];

export class Model {
  /** By id of the dump's record: `{ category, job, dataset, since }`; `dataset` is undefined while it is not loaded. */
  records = new Map();
  /** By dataset id: `{ name, ids }`; samples have no `ids` but a count. */
  datasets = new Map();
  /** By id: `{ ids, view }`, the view being the last one seen. */
  requests = new Map();
  jobs = new Map();
  settings = {};
  /** Ids of dismissed records, for ever. */
  dismissed = new Set();
  /** What was asked and has no answer yet: `{ what, … }`. */
  pending = new Set();
  lastRequest = 0;
  lastDataset = 0;
  journal = { total: 0, last: undefined, submitted: new Map(), finished: new Set() };

  /** Asks; until the answer is there, the matter may be done or not. A refusal has one of the codes, or it is a failure. */
  async ask(matter, call, refusals = []) {
    this.pending.add(matter);
    let answer;
    try {
      answer = await call();
    } catch (error) {
      if (error.code === undefined) throw error;
      this.pending.delete(matter);
      assert.ok(refusals.includes(error.code), `${matter.what} was refused: ${error.code}: ${error.message}`);
      return undefined;
    }
    this.pending.delete(matter);
    return answer;
  }

  // ---- what was acknowledged ---------------------------------------------------------------------------------------------

  imported(dump, report) {
    const { rowsRead, loaded, duplicates, dismissedEarlier, rejected, datasetId } = report;
    assert.deepEqual([rowsRead, rejected], [dump.rows.length, 0], `${dump.name} was read to its end`);
    assert.equal(loaded + duplicates + dismissedEarlier, rowsRead, 'every row is accounted for');
    const here = dump.rows.filter((row) => this.records.get(row.id)?.dataset !== undefined && !this.dismissed.has(row.id)).length;
    const gone = dump.rows.filter((row) => this.dismissed.has(row.id)).length;
    if (!this.isDismissing()) assert.deepEqual([duplicates, dismissedEarlier], [here, gone], `${dump.name}: what is here or dismissed is not loaded again`);
    if (datasetId === null) assert.equal(loaded, 0);
    else this.load(datasetId, dump, loaded);
  }

  isDismissing() {
    return [...this.requests.values()].some(({ view }) => view.kind === 'dismiss' && !FINAL.has(view.state))
      || [...this.pending].some(({ what }) => what === 'submit');
  }

  load(datasetId, dump, loaded) {
    assert.ok(datasetId > this.lastDataset, `dataset id ${datasetId} rises`);
    this.lastDataset = datasetId;
    const ids = [];
    for (const { id, category, job, entity } of dump.rows) {
      const known = this.records.get(id);
      if (this.dismissed.has(id) || known?.dataset !== undefined) continue;
      this.records.set(id, { category, job, entity, dataset: datasetId, since: this.lastRequest });
      ids.push(id);
      if (!this.jobs.has(job)) this.jobs.set(job, 'Active');
    }
    this.datasets.set(datasetId, { name: dump.name, ids, rows: loaded });
  }

  sampled(sample, { datasetId, rowsRead, loaded }) {
    assert.equal(rowsRead, sample.rows, 'the sample was read to its end');
    assert.ok(datasetId > this.lastDataset);
    this.lastDataset = datasetId;
    this.datasets.set(datasetId, { name: sample.name, sample: true, rows: loaded });
  }

  removed(datasetId) {
    const dataset = this.datasets.get(datasetId);
    for (const id of dataset.ids ?? []) {
      const record = this.records.get(id);
      if (record.dataset === datasetId) record.dataset = undefined;
    }
    this.datasets.delete(datasetId);
  }

  submitted(parts, ids) {
    assert.equal(ids.length, parts.length, 'one request for each part');
    ids.forEach((id, at) => {
      assert.ok(id > this.lastRequest, `request id ${id} rises and is used once`);
      this.lastRequest = id;
      const { kind, jobId, ids: records } = parts[at];
      this.requests.set(id, { ids: records, view: { id, kind, jobId, records: records.length, state: 'queued', done: 0 } });
    });
  }

  // ---- what is seen ------------------------------------------------------------------------------------------------------

  /** The requests as the desk tells them now. Whatever was told once must stay so, across every crash. */
  see(views, { afterRestart = false } = {}) {
    assert.deepEqual(views.map(({ id }) => id), views.map(({ id }) => id).sort((a, b) => a - b), 'requests in their order');
    if (afterRestart) this.adopt(views.filter(({ id }) => !this.requests.has(id)));
    for (const view of views) {
      const known = this.requests.get(view.id);
      if (!known && !afterRestart) continue;
      this.#seen(known, view);
    }
    const told = new Set(views.map(({ id }) => id));
    // A poll may have been answered before a submission was.
    if (afterRestart) for (const id of this.requests.keys()) assert.ok(told.has(id), `request ${id} was acknowledged and is gone`);
    const open = views.filter(({ state }) => OPEN.has(state));
    const places = new Map();
    const held = new Set();
    for (const { id, jobId, state } of open) {
      // What waits on the shelf holds its records and takes no place.
      if (state !== 'shelved') places.set(jobId, (places.get(jobId) ?? 0) + 1);
      for (const record of this.requests.get(id)?.ids ?? []) {
        assert.ok(!held.has(record), `record ${record} is in two open requests`);
        held.add(record);
      }
    }
    for (const [job, taken] of places) assert.ok(taken <= PLACES, `${job} has ${taken} open requests`);
  }

  #seen({ ids, view: before }, view) {
    const name = `request ${view.id}`;
    for (const key of FIXED) if (before[key] !== undefined) assert.equal(view[key], before[key], `${name}: ${key}`);
    assert.ok(view.done >= before.done, `${name}: ${before.done} records were done, and now ${view.done}`);
    if (FINAL.has(before.state)) assert.deepEqual([view.state, view.done], [before.state, before.done], `${name} was over`);
    if (view.state === 'finished') assert.equal(view.done, ids.length, `${name} is finished`);
    if (view.state === 'withdrawn') {
      const asked = before.withdrawn || [...this.pending].some(({ what, request }) => what === 'withdraw' && request === view.id);
      assert.ok(asked || before.state === 'withdrawn', `${name} was withdrawn by nobody`);
    }
    if (before.withdrawn) assert.ok(FINAL.has(view.state), `${name} was withdrawn, and is ${view.state}`);
    const outcomes = { cleared: 0, failedAgain: 0, skipped: 0, dismissed: 0 };
    for (const id of ids.slice(0, view.done)) outcomes[this.outcome(view.kind, id)] += 1;
    const told = { cleared: view.cleared, failedAgain: view.failedAgain, skipped: view.skipped, dismissed: view.dismissed };
    assert.deepEqual(told, outcomes, `${name}: outcomes of the first ${view.done} records`);
    if (view.kind === 'dismiss') for (const id of ids.slice(before.done, view.done)) this.dismissed.add(id);
    Object.assign(before, view);
  }

  outcome(kind, id) {
    if (kind === 'dismiss') return 'dismissed';
    return this.records.get(id).category === 'System' ? 'cleared' : 'failedAgain';
  }

  /** Requests that nobody was told of: of submissions on their way, each whole. */
  adopt(strangers) {
    for (let rest = strangers; rest.length > 0;) {
      const fits = ({ what, parts }) => what === 'submit' && parts.length <= rest.length
        && parts.every(({ kind, jobId, ids }, at) => kind === rest[at].kind && jobId === rest[at].jobId && ids.length === rest[at].records);
      const matter = [...this.pending].find(fits);
      assert.ok(matter, `request ${rest[0].id} was never submitted, or only by half: ${JSON.stringify(rest[0])}`);
      this.pending.delete(matter);
      this.submitted(matter.parts, rest.slice(0, matter.parts.length).map(({ id }) => id));
      rest = rest.slice(matter.parts.length);
    }
  }

  /** The state of every loaded record that follows from the requests. */
  states() {
    const states = new Map();
    for (const [id, { dataset }] of this.records) if (dataset !== undefined && !this.dismissed.has(id)) states.set(id, 'open');
    for (const [number, { ids, view }] of [...this.requests].sort(([a], [b]) => a - b)) {
      ids.forEach((id, at) => {
        const record = this.records.get(id);
        if (!states.has(id) || number <= record.since) return;
        if (at < view.done) states.set(id, this.outcome(view.kind, id));
        else if (OPEN.has(view.state)) states.set(id, 'requested');
      });
    }
    return states;
  }

  /** Records held by an open request. */
  held() {
    return new Set([...this.requests.values()].filter(({ view }) => OPEN.has(view.state)).flatMap(({ ids }) => ids));
  }

  isBusy() {
    return [...this.requests.values()].some(({ view }) => OPEN.has(view.state) && this.jobs.get(view.jobId) === 'Active');
  }
}

export { OPEN };
