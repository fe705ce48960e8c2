// Kills the browser again and again, on one profile, and holds what is found after each restart against the model.
//
// The moment of a kill is random and so is what it hits; `during` says what was under way by what was acknowledged last.

import assert from 'node:assert/strict';
import { access, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { random } from '../dumps.mjs';
import { Browser, Gone } from './browser.mjs';
import { afterRestart, atRest } from './inspect.mjs';
import { torn } from './leveldb.mjs';
import { Model } from './model.mjs';
import { Work } from './work.mjs';

/** What is to be hit, and how often of a hundred. */
const AIMS = [['import', 32], ['queue', 35], ['erasure', 17], ['idle', 8], ['start', 8]];
/** Erasure begins when nobody has acted for this long. */
const QUIET_MS = 2_000;
/** A file of ours in the profile, which no browser touches. */
const MARK = 'made by crashes';
const sleep = (millis) => new Promise((done) => setTimeout(done, millis));

class Killer {
  constructor(browser) {
    this.browser = browser;
  }

  /** Kills at the moment, and hears of everything that was acknowledged before. */
  async after(millis, work, describe) {
    const working = work.then(() => undefined, (error) => (error instanceof Gone ? undefined : error));
    await sleep(millis);
    const hit = describe();
    await this.browser.kill();
    // A failure that was seen before the kill is a failure all the same.
    const failure = await working;
    if (failure) throw failure;
    return hit;
  }
}

/** Keeps the databases as the kill left them, of the last three starts: a browser that cannot read one removes it. */
async function keep(profile) {
  const copy = (age) => join(profile, `databases-${age}`);
  await rm(copy(3), { recursive: true, force: true });
  for (const age of [2, 1]) await rename(copy(age), copy(age + 1)).catch(() => {});
  await cp(join(profile, 'Default', 'IndexedDB'), copy(1), { recursive: true, preserveTimestamps: true }).catch(() => {});
}

/** How many starts ago the log was torn by a kill, of those kept. */
async function lastTorn(profile) {
  for (const age of [1, 2, 3]) if (await torn(join(profile, `databases-${age}`)) !== undefined) return age;
  return undefined;
}

/** One life: start, look, work, be killed. Answers what was hit and when. */
async function life({ profile, url, model, shelf, next, aim, note }) {
  await keep(profile);
  // A log that the kill before has torn is spoilt by a second kill before the browser has begun a new one: nothing of ours
  // can help that, see `leveldb.mjs`.
  const wasTorn = await torn(join(profile, 'Default', 'IndexedDB')) !== undefined;
  let browser = await Browser.launch(profile, url);
  try {
    if (aim === 'start' && model.lastDataset > 0 && !wasTorn) {
      const moment = Math.floor(next() * 400);
      note({ aim, moment });
      await new Killer(browser).after(moment, Promise.resolve(), () => {});
      await keep(profile);
      browser = await Browser.launch(profile, url);
    }
    await browser.ready();
    await afterRestart(browser, model);
    const work = new Work(browser, model, next, shelf);
    if (next() < 0.8) await work.configure();
    await work.activate();
    await browser.desk('idle', {});
    await atRest(browser, model, Math.floor(next() * 1e9));
    await work.tidy();
    if (model.datasets.size === 0) await work.openNew();
    assert.deepEqual(browser.complaints, [], 'the page complained');
    const killer = new Killer(browser);
    const hit = await aims[aim](work, killer, next, (more) => note({ aim, ...more }));
    assert.deepEqual(browser.complaints, [], 'the page complained');
    return hit;
  } finally {
    if (!browser.isKilled) await browser.close();
  }
}

const aims = {
  async import(work, killer, next, note) {
    const moment = Math.floor(next() ** 2 * 900);
    note({ moment });
    await work.submitPlan();
    const opening = next() < 0.5 ? work.sample() : work.open(work.newDump(work.between(2_000, 20_000)));
    const busy = Promise.all([opening, (async () => {
      for (;;) await work.poll();
    })()]);
    return killer.after(moment, busy, () => underWay(work.model));
  },

  async queue(work, killer, next, note) {
    const moment = Math.floor(next() * 1_500);
    note({ moment });
    for (let times = work.between(1, 3); times > 0; times -= 1) await work.submitPlan();
    return killer.after(moment, work.wildly(), () => underWay(work.model));
  },

  async erasure(work, killer, next, note) {
    await work.configure({ rehearsalStepMs: 0, dismissHoldSeconds: 0 });
    // Some records of many dumps, so that many segments are to be written anew.
    if (work.model.datasets.size < 4) for (let more = 0; more < 3; more += 1) await work.openNew();
    await work.submitPlan('dismiss', { dataSources: ['Dataverse'], categories: [work.one(['System', 'Conflict'])], jobs: [work.one([...work.model.jobs.keys()])] });
    await work.browser.desk('idle', {});
    await work.poll();
    const extra = Math.floor(next() * 60);
    note({ moment: `${extra} ms after the first segment` });
    const seen = await work.browser.evaluate(firstRewrite, QUIET_MS + 3_000);
    return killer.after(extra, Promise.resolve(), () => (seen ? 'erasure' : 'idle'));
  },

  async idle(work, killer, next, note) {
    const moment = Math.floor(next() * 600);
    note({ moment });
    await work.submitIds();
    await work.browser.desk('idle', {});
    await work.poll();
    return killer.after(moment, Promise.resolve(), () => underWay(work.model));
  },

  async start(work, killer) {
    await killer.after(0, Promise.resolve(), () => {});
    return 'start';
  },
};

function underWay(model) {
  if ([...model.pending].some(({ what }) => what === 'import')) return 'import';
  return model.isBusy() ? 'queue' : 'idle';
}

/** In the page: resolves once the first stored segment is another one than before, which is when texts are being erased. */
async function firstRewrite(patience) {
  const database = await new Promise((done, failed) => {
    const request = indexedDB.open('dual-write-error-desk');
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const look = () => new Promise((done, failed) => {
    const found = [];
    const request = database.transaction('segments').objectStore('segments').openCursor();
    request.onerror = () => failed(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return done(found.join());
      const { value } = cursor;
      let sum = value.length;
      for (let at = 0; at < value.length; at += 7) sum = (Math.imul(sum, 31) + value[at]) | 0;
      found.push(sum);
      cursor.continue();
    };
  });
  const before = await look();
  for (const end = performance.now() + patience; performance.now() < end;) {
    if (await look() !== before) return true;
    await new Promise((done) => setTimeout(done, 5));
  }
  database.close();
  return false;
}

/** The last look: a start without a kill, and the queue at its end. */
async function last({ profile, url, model, next }) {
  const browser = await Browser.launch(profile, url);
  try {
    await browser.ready();
    await afterRestart(browser, model);
    await browser.desk('idle', {});
    await atRest(browser, model, Math.floor(next() * 1e9));
    assert.deepEqual(browser.complaints, [], 'the page complained');
  } finally {
    await browser.close();
  }
}

/**
 * Kills `times`. Answers `{ kills: { import, queue, erasure, idle, start }, tears, failures: [{ crash, seed, what, error,
 * profile, isTorn }] }`: `tears` are kills in the middle of a write of the browser, `isTorn` says that one came before.
 * After a failure the profile is kept for a look, and the next crash begins with an empty one.
 */
export async function crashes({ times, seed, url, log = () => {} }) {
  const kills = { import: 0, queue: 0, erasure: 0, idle: 0, start: 0 };
  const failures = [];
  let tears = 0;
  const fresh = async () => {
    const profile = await mkdtemp(join(tmpdir(), 'error-desk-crashes-'));
    await mkdir(join(profile, 'tmp'));
    await writeFile(join(profile, MARK), '');
    return { profile, url, model: new Model(), shelf: [] };
  };
  let world = await fresh();
  for (let crash = 1; crash <= times; crash += 1) {
    const next = random(Math.imul(seed, 7_919) + crash);
    let dice = next() * 100;
    const aim = AIMS.find(([, weight]) => (dice -= weight) < 0)?.[0] ?? 'queue';
    let what = { aim };
    try {
      const hit = await life({ ...world, next, aim, note: (more) => { what = more; } });
      kills[hit] += 1;
      const tear = await torn(join(world.profile, 'Default', 'IndexedDB'));
      if (tear !== undefined) {
        tears += 1;
        log(`crash ${crash} tore a record: ${tear} bytes of it are there`);
      }
      log(`crash ${crash}: ${hit}, aimed at ${describe(what)}; ${world.model.requests.size} requests, ${world.model.dismissed.size} dismissed, ${world.model.datasets.size} dumps`);
    } catch (error) {
      const kept = `${world.profile}-failed-${crash}`;
      await cp(world.profile, kept, { recursive: true }).catch(() => {});
      // A profile that was swept away says nothing of the app.
      const isWhole = await access(join(world.profile, MARK)).then(() => true, () => false);
      if (!isWhole) error.message = `the profile itself was removed by somebody else: ${error.message}`;
      const tornAt = await lastTorn(world.profile);
      if (tornAt) error.message = `the browser lost it: its log was torn ${tornAt} start(s) before: ${error.message}`;
      failures.push({ crash, seed, what, error, profile: kept, isTorn: tornAt !== undefined });
      log(`crash ${crash} of seed ${seed} FAILED, aimed at ${describe(what)}: ${error.stack}\n  the profile is kept in ${kept}`);
      await rm(world.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      world = await fresh();
    }
  }
  try {
    await last({ ...world, next: random(seed) });
  } catch (error) {
    failures.push({ crash: 'last look', seed, what: {}, error, profile: world.profile });
    log(`the last look FAILED: ${error.stack}`);
    return { kills, tears, failures };
  }
  await rm(world.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  return { kills, tears, failures };
}

const describe = ({ aim, moment }) => `${aim}${moment === undefined ? '' : ` at ${typeof moment === 'number' ? `${moment} ms` : moment}`}`;
