// One engine in one fresh browser: imports a dump, answers every question once per variant, reloads, deletes. Each answer is
// held against the oracle; a wrong one is kept as wrong and never counted as a time.

import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { isDeepStrictEqual } from 'node:util';

import { serve } from '../serve.mjs';
import { openBrowser, watchMemory } from './browser.mjs';
import { BUCKETS, DIMENSIONS } from './dump/oracle.mjs';

const LONGEST_CALL = 300_000;
/** No engine spends more than about this on one item of one round. */
const ENOUGH = 20_000;
const RELOADS = 3;
/** How long somebody looks at the screen after a start, before the first question about causes. */
const REST_MS = 8_000;

const script = (name) => readFile(new URL(name, import.meta.url), 'utf8');

async function within(promise, what) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what} took more than ${LONGEST_CALL / 1000} s`)), LONGEST_CALL);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export class Session {
  /**
   * `engine`: its name and its entry of ENGINES; `folders`: what is served for the desk and for the others; `take` gets each
   * sample `{ item, value, right }`.
   */
  constructor(name, engine, folders, { files, oracle }, take) {
    Object.assign(this, { name, engine, files, oracle, bytes: 0 });
    this.folder = engine.page ? folders.engines : folders.desk;
    this.path = engine.page ? `host.html?${new URLSearchParams({ page: engine.page, options: JSON.stringify(engine.options ?? {}) })}` : '';
    this.take = (item, value, right = true) => take({ item, value: Number(value.toFixed(3)), right, load: Number(loadavg()[0].toFixed(2)) });
  }

  /** Runs the items that `wants` names, with the dump in `format`. */
  async run(format, wants) {
    const server = await serve({ dir: this.folder, port: 0, sent: (_, bytes) => { this.bytes += bytes; } });
    this.url = server.url.replace('127.0.0.1', 'localhost') + this.path;
    const browser = await openBrowser();
    this.page = browser.page;
    try {
      this.crashed = new Promise((_, fail) => this.page.on('crash', () => fail(new Error('the page crashed'))));
      this.crashed.catch(() => {});
      await this.page.addInitScript(await script('page/probe.js'));
      if (!this.engine.page) await this.page.addInitScript(await script('adapter.js'));
      await this.start(format, wants);
      if (![...wants].some((item) => item !== 'W10')) return;
      const memory = await this.import(format);
      if (format !== 'csv') return;
      await this.ask(wants);
      const held = memory()?.held;
      if (held !== undefined) this.take('held', held);
      const analyses = wants.has('W11') && await this.has('runSheet');
      if (analyses) await this.analyse('at once', 'again');
      if (this.engine.durable) await this.persist(wants, analyses);
    } finally {
      await browser.close();
      await server.close();
    }
  }

  async open() {
    await this.page.goto(this.url, { waitUntil: 'commit' });
    await this.page.waitForFunction(() => window.__bench || window.__benchError, undefined, { polling: 5, timeout: 60_000 });
    const [ready, error] = await this.page.evaluate(() => [window.__benchReadyAt, window.__benchError]);
    if (error) throw new Error(error);
    return ready;
  }

  async start(format, wants) {
    // A loaded machine writes its caches after the browser came up: let it.
    await new Promise((done) => setTimeout(done, 300));
    const ready = await this.open();
    if (format === 'csv' && wants.has('W10')) {
      await new Promise((done) => setTimeout(done, 300));
      this.take('W10 cold', ready);
      this.take('W10 bytes', this.bytes / 1e6);
    }
    this.take('spin', await this.page.evaluate(() => window.__probe.spin()));
    this.isolated = await this.page.evaluate(() => window.crossOriginIsolated);
  }

  call(method, ...args) {
    const answered = this.page.evaluate(([method, args]) => window.__probe.call(method, ...args), [method, args]);
    return within(Promise.race([answered, this.crashed]), method);
  }

  has(method) {
    return this.page.evaluate((method) => window.__probe.has(method), method);
  }

  async import(format) {
    const input = await this.page.evaluateHandle(() => {
      const made = Object.assign(document.createElement('input'), { type: 'file', hidden: true });
      return document.body.appendChild(made);
    });
    await input.setInputFiles(this.files[format]);
    const size = await input.evaluate((input) => input.files[0].size);
    const memory = watchMemory();
    const imported = input.evaluate((input, format) => window.__probe.importFile(input, format), format);
    const { ms, answer } = await within(Promise.race([imported, this.crashed]), 'import');
    const right = answer === this.oracle.rows;
    this.take(`W1 ${format}`, size / 1e3 / ms, right);
    const peak = memory()?.peak;
    if (format === 'csv' && peak !== undefined) this.take('peak', peak, right);
    return memory;
  }

  /** Asks each case in turn; `expected` is what the probe answers if all is well. */
  async each(item, cases, question, expected) {
    let spent = 0;
    for (const one of cases) {
      const { ms, answer } = await this.call(...question(one));
      const right = isDeepStrictEqual(answer, expected(one));
      if (!right) console.log(`    ${this.name}: wrong answer to ${item}: ${JSON.stringify(answer).slice(0, 200)}, not ${JSON.stringify(expected(one)).slice(0, 200)}`);
      this.take(item, ms, right);
      spent += ms;
      if (spent > ENOUGH) return;
    }
  }

  async ask(wants) {
    const { oracle } = this;
    if (wants.has('W2')) await this.each('W2', oracle.filter, ({ filter }) => ['filter', filter], ({ count, rows, times }) => ({ count, rows, times }));
    if (wants.has('W3')) await this.each('W3', oracle.search, ({ term }) => ['search', term], ({ count }) => count);
    if (wants.has('W4')) await this.each('W4', oracle.facets, ({ filter }) => ['facets', filter, DIMENSIONS], ({ facets }) => facets);
    if (wants.has('W5')) await this.each('W5', oracle.histogram, ({ filter }) => ['histogram', filter, BUCKETS], ({ histogram }) => histogram);
    for (const [column, item] of [['record_key', 'W6 key'], ['message', 'W6 message']]) {
      if (!wants.has('W6')) continue;
      const [first, ...others] = oracle.sort[column];
      const question = ({ offset, limit }) => ['sortWindow', column, offset, limit];
      const expected = ({ rows, digest }) => ({ rows, digest });
      await this.each(`${item} first`, [first], question, expected);
      await this.each(`${item} again`, others, question, expected);
    }
    if (wants.has('W9') && await this.has('groupNormalised')) await this.groups();
  }

  async groups() {
    const ask = async (method, item) => {
      const { ms, answer: { groups, largest, own } } = await this.call(method);
      // The desk groups by its own idea of a cause; only that it found some can be checked.
      this.take(item, ms, own ? groups > 0 : isDeepStrictEqual({ groups, largest }, this.oracle.groups));
    };
    const hasPrepared = await this.has('groupPrepared');
    if (hasPrepared) await ask('groupPrepared', 'W9');
    await ask('groupNormalised', hasPrepared ? 'W9 on demand' : 'W9');
  }

  /** What the desk alone does. Its answers add up, or they are wrong. */
  async analyse(...times) {
    const ask = async (item, method, ...args) => {
      const { ms, answer } = await this.call(method, ...args);
      this.take(item, ms, answer.right);
      return answer;
    };
    for (const time of times) {
      await ask(`W11 causes ${time}`, 'causes', this.oracle.rows);
      await ask(`W11 missing ${time}`, 'missingReferences');
      const { planId } = await ask(`W11 plan ${time}`, 'plan', this.oracle.rows);
      if (time === 'again') await ask('W11 sheet', 'runSheet', planId);
    }
  }

  async persist(wants, analyses) {
    const cases = this.oracle.filter.slice(0, RELOADS);
    if (wants.has('W7')) {
      for (const { filter, count, rows, times } of cases) {
        await this.page.goto(this.url, { waitUntil: 'commit' });
        const { ms, answer } = await within(this.page.evaluate((filter) => window.__probe.reopened(filter), filter), 'reload');
        this.take('W7', ms, isDeepStrictEqual(answer, { count, rows, times }));
      }
    }
    if (analyses) {
      await this.open();
      await this.call('reopen');
      await new Promise((done) => setTimeout(done, REST_MS));
      await this.analyse('rested');
    }
    if (wants.has('W8')) await this.delete();
  }

  /** Every deletion is right if the rows are gone, and all of them still after a reload. */
  async delete() {
    if (await this.has('prepareDeletion')) await this.call('prepareDeletion');
    let left = this.oracle.rows;
    const samples = [];
    for (const { count, ...filter } of this.oracle.deletions) {
      const { ms } = await this.call('deleteWhere', filter);
      left -= count;
      samples.push([ms, (await this.call('count')).answer === left]);
    }
    await this.open();
    await this.call('reopen');
    const kept = (await this.call('count')).answer === left;
    if (!kept) console.log(`    ${this.name}: deletions did not last`);
    for (const [ms, right] of samples) this.take('W8', ms, right && kept);
  }
}
