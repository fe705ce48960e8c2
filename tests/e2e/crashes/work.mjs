// What somebody does at the desk until the browser is killed: random, from a seed, and told to the model.

import * as dumps from '../dumps.mjs';
import { OPEN } from './model.mjs';

const REFUSALS = ['QueueFull', 'NothingSelected', 'AlreadyRequested', 'NotRetriable', 'JobNotActive', 'TooManyRecords', 'PlanExpired'];
/** More records than that, and the oldest dump is removed first: looking at every record takes its time. */
const ENOUGH = 30_000;

export class Work {
  constructor(browser, model, next, shelf) {
    Object.assign(this, { browser, model, next, shelf });
  }

  between(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  one(list) {
    return list[Math.floor(this.next() * list.length)];
  }

  // ---- dumps -------------------------------------------------------------------------------------------------------------

  /** `shelf` keeps every dump that was made, so that one can be opened again. */
  newDump(count) {
    const seed = this.between(1, 1_000_000);
    const dump = { name: `dump ${this.shelf.length + 1}.csv`, rows: dumps.rows(count, { seed, first: this.shelf.first ?? 0 }) };
    this.shelf.first = (this.shelf.first ?? 0) + count;
    this.shelf.push(dump);
    return dump;
  }

  async open(dump) {
    const report = await this.model.ask({ what: 'import', dump }, () => this.browser.load(dump.name, dumps.csv(dump.rows).toString()));
    this.model.imported(dump, report);
  }

  async openNew() {
    await this.open(this.newDump(this.between(1_000, 6_000)));
  }

  /** The same dump again: what is here is not loaded twice, what was dismissed does not come back. */
  async openAgain() {
    if (this.shelf.length === 0) return;
    await this.poll();
    // While records are being dismissed, nobody can say which of them the dump finds.
    if (this.model.isDismissing()) return;
    const dump = this.one(this.shelf.slice(-12));
    this.isRereading = true;
    await this.open(dump);
    this.isRereading = false;
  }

  async sample() {
    const [rows, seed] = [this.between(20, 200) * 1_000, this.between(1, 1_000_000)];
    const dump = { name: `Sample of ${rows} errors (seed ${seed})`, rows };
    const report = await this.model.ask({ what: 'import', dump, sample: true }, () => this.browser.desk('loadSample', { rows, seed }));
    this.model.sampled(dump, report);
  }

  async remove(dataset) {
    const done = await this.model.ask({ what: 'remove', dataset }, async () => {
      await this.browser.desk('removeDataset', dataset);
      return true;
    }, ['AlreadyRequested']);
    if (done) this.model.removed(dataset);
  }

  /** Removes samples, and the oldest dumps while there are many records. */
  async tidy() {
    for (const [id, { sample }] of [...this.model.datasets]) if (sample) await this.remove(id);
    const held = this.model.held();
    for (const [id, { ids }] of [...this.model.datasets]) {
      const loaded = [...this.model.datasets.values()].reduce((sum, { rows }) => sum + rows, 0);
      if (loaded > ENOUGH && ids && !ids.some((record) => held.has(record))) await this.remove(id);
    }
  }

  // ---- requests ----------------------------------------------------------------------------------------------------------

  filter() {
    const filter = { jobs: [this.one(dumps.JOBS)] };
    if (this.next() < 0.3) filter.jobs = dumps.JOBS;
    if (this.next() < 0.5) filter.dataSources = [this.one(dumps.SOURCES)];
    if (this.next() < 0.4) filter.categories = [this.one(dumps.CATEGORIES)];
    const dump = this.shelf.length > 0 && this.next() < 0.7 ? this.one(this.shelf.slice(-8)) : undefined;
    if (dump) {
      const [a, b] = [this.one(dump.rows).occurred, this.one(dump.rows).occurred].sort((a, b) => a - b);
      Object.assign(filter, { from: new Date(a).toISOString(), to: new Date(b + 60_000).toISOString() });
    }
    return filter;
  }

  async submitPlan(kind = this.next() < 0.65 ? 'retry' : 'dismiss', filter = this.filter()) {
    const plan = await this.browser.desk('plan', { kind, filter });
    const parts = [];
    for (const [part, { job, count }] of plan.parts.entries()) {
      const { ids } = await this.browser.desk('planRecords', { planId: plan.planId, part, offset: 0, limit: 10_000 });
      if (ids.length !== count) throw new Error(`part ${part} of the plan has ${count} records and lists ${ids.length}`);
      parts.push({ kind, jobId: job, ids });
    }
    await this.submit(parts, { planId: plan.planId });
  }

  /** The second form: one request of one job, by ids. */
  async submitIds() {
    const job = this.one(dumps.JOBS);
    const states = this.model.states();
    const free = [...this.model.records].filter(([id, record]) => record.job === job && record.category !== 'Concurrency' && ['open', 'failedAgain'].includes(states.get(id)));
    const from = this.between(0, Math.max(0, free.length - 1));
    const ids = free.slice(from, from + this.between(1, 400)).map(([id]) => id);
    if (ids.length === 0) return;
    const kind = this.next() < 0.5 ? 'retry' : 'dismiss';
    await this.submit([{ kind, jobId: job, ids }], { kind, jobId: job, ids, reason: 'by hand' });
  }

  async submit(parts, call) {
    // A dump that is being read may have brought records whose acknowledgement is still on its way; and what a dump finds
    // that is read again depends on what is dismissed meanwhile.
    const isKnown = parts.every(({ ids }) => ids.every((id) => this.model.records.has(id)));
    if (!isKnown || (this.isRereading && parts.some(({ kind }) => kind === 'dismiss'))) return;
    const answer = await this.model.ask({ what: 'submit', parts }, () => this.browser.desk('submit', call), REFUSALS);
    if (answer) this.model.submitted(parts, answer.requestIds);
  }

  async withdraw() {
    const open = [...this.model.requests].filter(([, { view }]) => OPEN.has(view.state));
    if (open.length === 0) return;
    const [request, known] = this.one(open);
    const done = await this.model.ask({ what: 'withdraw', request }, async () => {
      await this.browser.desk('withdraw', request);
      return true;
    }, ['InvalidArgument', 'UnknownRequest']);
    if (done) known.view.withdrawn = true;
  }

  async poll() {
    this.model.see(await this.browser.desk('requests', {}));
  }

  // ---- steering ----------------------------------------------------------------------------------------------------------

  async status(jobId = this.one(dumps.JOBS), status = this.next() < 0.4 ? 'Stopped' : 'Active') {
    if (!this.model.jobs.has(jobId)) return;
    await this.model.ask({ what: 'status', jobId, status }, () => this.browser.desk('setJobStatus', jobId, status));
    this.model.jobs.set(jobId, status);
  }

  async configure(settings = { rehearsalStepMs: this.between(5, 50), dismissHoldSeconds: this.between(0, 1) }) {
    await this.model.ask({ what: 'configure', settings }, () => this.browser.desk('configure', settings));
    this.model.settings = settings;
  }

  async activate() {
    for (const job of dumps.JOBS) if (this.model.jobs.has(job) && this.model.jobs.get(job) !== 'Active') await this.status(job, 'Active');
  }

  /** One thing after the other until the browser is gone; dumps are opened meanwhile, one at a time. */
  async wildly() {
    let opening;
    let failed;
    const opened = (work) => {
      opening ??= work.catch((error) => { failed = error; }).finally(() => { opening = undefined; });
    };
    for (;;) {
      if (failed) throw failed;
      const dice = this.next();
      if (dice < 0.35) await this.submitPlan();
      else if (dice < 0.45) await this.submitIds();
      else if (dice < 0.55) await this.withdraw();
      else if (dice < 0.65) await this.status();
      else if (dice < 0.72) await this.configure();
      else if (dice < 0.78 && !opening) opened(this.openNew());
      else if (dice < 0.84 && !opening) opened(this.openAgain());
      await this.poll();
    }
  }
}
