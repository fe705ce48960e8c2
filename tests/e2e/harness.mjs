// What every end-to-end test stands on: the release build served as it would be, a real browser, one fresh profile for each
// test, and the rule that a page or console error fails the test.
//
// Deliberately absent: knowledge of how a screen looks (`screen.mjs`) and of dumps (`dumps.mjs`).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { serve } from '../../scripts/serve.mjs';
import { chromium, killAll, launch, require, root } from './chromium.mjs';
import { Screen } from './screen.mjs';

/** Source text of axe-core, to be evaluated in a page. */
export const axeSource = () => readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const PICTURES = join(root, 'target', 'e2e');
const SIZES = { desktop: { width: 1440, height: 900 }, laptop: { width: 1280, height: 720 }, phone: { width: 390, height: 844 } };

let server;
let shared;
const started = async () => {
  server ??= serve({ dir: join(root, 'dist'), port: 0 });
  return server;
};

after(async () => {
  await (await shared)?.close();
  await (await server)?.close();
});

/** The app in a browser, as one test has it. */
export class App {
  /**
   * `durable: true` gives the test a browser of its own with a profile on disk, which survives `kill` and `launch`; without,
   * a fresh profile in a browser that the tests of one file share. `quota` bounds what the browser stores, in bytes; it asks
   * for its bound rarely, so that one set later is not heeded for half a minute.
   */
  static async open({ durable = false, theme = 'light', size = 'desktop', path = '', ready = true, quota } = {}) {
    const app = new App();
    Object.assign(app, { durable, theme, size, quota, complaints: [], expected: [] });
    app.url = (await started()).url;
    if (durable) app.profile = await mkdtemp(join(tmpdir(), 'error-desk-e2e-'));
    await app.launch(path, ready);
    return app;
  }

  async launch(path = '', ready = true) {
    const options = { viewport: SIZES[this.size], colorScheme: this.theme, locale: 'en-GB', timezoneId: 'Europe/Copenhagen', reducedMotion: 'reduce' };
    if (this.durable) {
      this.context = await chromium.launchPersistentContext(this.profile, { ...launch, ...options });
    } else {
      shared ??= chromium.launch(launch);
      this.context = await (await shared).newContext(options);
    }
    this.context.setDefaultTimeout(20_000);
    this.page = this.context.pages()[0] ?? await this.context.newPage();
    this.listen(this.page);
    this.screen = new Screen(this.page);
    if (this.quota) await this.bound(this.quota);
    await this.page.goto(this.url + path);
    if (ready) await this.ready();
  }

  /** Bounds what the browser stores for the app, in bytes; without a number it is unbound again. */
  async bound(quotaSize) {
    this.bounding ??= await this.context.newCDPSession(this.page);
    await this.bounding.send('Storage.overrideQuotaForOrigin', { origin: new URL(this.url).origin, ...(quotaSize && { quotaSize }) });
  }

  listen(page) {
    page.on('pageerror', (error) => this.complaints.push(`page error: ${error.stack ?? error}`));
    page.on('crash', () => this.complaints.push('the page crashed'));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`console error: ${message.text()} (${message.location().url})`);
    });
    // Everything is served from here: a request to anywhere else is a leak.
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(this.url) && !/^(blob|data):/.test(url)) this.complaints.push(`request to elsewhere: ${url}`);
    });
  }

  /** Another tab of the same profile. */
  async tab() {
    const page = await this.context.newPage();
    this.listen(page);
    await page.goto(this.url);
    return page;
  }

  async ready() {
    await this.page.waitForFunction(() => window.errorDesk !== undefined);
    const late = new Promise((_, fail) => setTimeout(fail, 30_000, new Error('the engine does not answer')).unref());
    const answer = this.page.evaluate(() => window.errorDesk.ready);
    await Promise.race([answer, late]).catch((error) => {
      error.message += `\n${this.complaints.join('\n')}`;
      throw error;
    });
  }

  async reload() {
    await this.page.reload();
    await this.ready();
  }

  /** Kills the whole browser at once, as a power cut would; `launch` then finds what was on disk. Only a durable one. */
  async kill() {
    assert.ok(this.profile, 'only a durable app has a browser of its own');
    await killAll(this.profile, this.context);
  }

  /** Calls a method of `window.errorDesk`; a refusal is thrown with its `name`, `code` and `details`. */
  async desk(method, ...args) {
    const answer = await this.page.evaluate(async ([method, args]) => {
      try {
        return { value: await window.errorDesk[method](...args) };
      } catch (error) {
        const { name, message, code, details } = error;
        return { refusal: { name, message, code, details, isError: error instanceof Error } };
      }
    }, [method, args]);
    if (answer.refusal) throw Object.assign(new Error(answer.refusal.message), answer.refusal);
    return answer.value;
  }

  /** Loads a file through the scripting API: for tests that are about something else than opening files. */
  async load(name, bytes, options = {}) {
    const base64 = bytes.toString('base64');
    const answer = await this.page.evaluate(async ([name, base64, options]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      try {
        return { value: await window.errorDesk.importFile(new Blob([bytes]), { name, ...options }) };
      } catch ({ name, message, code, details }) {
        return { refusal: { name, message, code, details } };
      }
    }, [name, base64, options]);
    if (answer.refusal) throw Object.assign(new Error(answer.refusal.message), answer.refusal);
    return answer.value;
  }

  /** Bytes of an export, through the scripting API. */
  async exported(params) {
    const base64 = await this.page.evaluate(async (params) => {
      const bytes = new Uint8Array(await (await window.errorDesk.exportRows(params)).arrayBuffer());
      let text = '';
      for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return btoa(text);
    }, params);
    return Buffer.from(base64, 'base64');
  }

  /** Resolves when nothing that may run is left. */
  async idle(jobId) {
    await this.desk('idle', jobId ? { jobId } : {});
  }

  /** No waiting: for tests that are not about waiting. */
  async hurry() {
    await this.desk('configure', { rehearsalStepMs: 0, dismissHoldSeconds: 0 });
  }

  /** A picture for people to look at, in target/e2e. */
  async screenshot(name) {
    await mkdir(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}-${this.size}-${this.theme}.png`) });
  }

  /** Console errors that the test provokes; without this every one fails it. */
  expect(pattern) {
    this.expected.push(pattern);
  }

  assertClean() {
    const unexpected = this.complaints.filter((complaint) => !this.expected.some((pattern) => pattern.test(complaint)));
    assert.deepEqual(unexpected, [], 'the page complained');
  }

  async close() {
    await this.context.close().catch(() => {});
    if (this.profile) await rm(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Another tab of an app, once its engine or the leader's answers. */
export async function another(app) {
  const page = await app.tab();
  await page.waitForFunction(() => window.errorDesk !== undefined);
  await page.evaluate(() => window.errorDesk.ready);
  return page;
}

/** Asks again until the answer is truthy; fails with `what` after `timeout` ms. */
export async function until(what, ask, timeout = 20_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) assert.fail(`after ${timeout} ms still not so: ${what}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

/** One test with an app of its own. A failure leaves a picture. */
export function scenario(name, options, run) {
  if (typeof options === 'function') [options, run] = [{}, options];
  const { timeout = 120_000, ...open } = options;
  test(name, { timeout }, async (t) => {
    const app = await App.open(open);
    try {
      await run(app, t);
      app.assertClean();
    } catch (error) {
      await app.screenshot(`failed-${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 80)}`).catch(() => {});
      if (app.complaints.length > 0) t.diagnostic(app.complaints.join('\n'));
      throw error;
    } finally {
      await app.close();
    }
  });
}

/** Asserts that the promise is refused with the code, as a `DeskError`; answers the error. */
export async function refused(promise, code) {
  const error = await promise.then((value) => assert.fail(`not refused: ${JSON.stringify(value)}`), (error) => error);
  assert.equal(error.code, code, error.message);
  assert.equal(error.name, 'DeskError');
  assert.ok(error.message.length > 0);
  return error;
}
