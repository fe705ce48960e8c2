// A Chromium whose profile stays on disk while it is killed and started again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const tools = process.env.DWED_NODE_TOOLS;
if (!tools) throw new Error('DWED_NODE_TOOLS is not set: scripts/setup.sh test makes what it names');
const { chromium } = createRequire(join(tools, 'package.json'))('playwright-core');

const FLAGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const executablePath = process.env.DWED_CHROMIUM
  ?? execFileSync(join(root, 'scripts', 'chrome.sh'), ['chromium'], { encoding: 'utf8' }).trim();

/** The browser was ended while something was asked of it: nobody knows whether it was done. */
export class Gone extends Error {}

export class Browser {
  static async launch(profile, url) {
    const browser = new Browser();
    Object.assign(browser, { profile, complaints: [], isKilled: false });
    browser.context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      // What a killed browser leaves lying about goes with the profile.
      env: { ...process.env, TMPDIR: join(profile, 'tmp') },
      args: [...FLAGS, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
      viewport: { width: 1280, height: 720 },
      locale: 'en-GB',
    });
    browser.context.setDefaultTimeout(60_000);
    browser.page = browser.context.pages()[0] ?? await browser.context.newPage();
    browser.page.on('pageerror', (error) => browser.complaints.push(`page error: ${error.stack ?? error}`));
    browser.page.on('crash', () => browser.isKilled || browser.complaints.push('the page crashed'));
    browser.page.on('console', (message) => message.type() === 'error' && browser.complaints.push(`console error: ${message.text()}`));
    await browser.asked(() => browser.page.goto(url));
    return browser;
  }

  async ready() {
    await this.asked(() => this.page.waitForFunction(() => window.errorDesk !== undefined));
    await this.evaluate(() => window.errorDesk.ready);
  }

  /** Calls a method of `window.errorDesk`; a refusal is thrown with its `code`. */
  async desk(method, ...args) {
    const answer = await this.evaluate(async ([method, args]) => {
      try {
        return { value: await window.errorDesk[method](...args) };
      } catch ({ name, message, code, details }) {
        return { refusal: { name, message, code, details } };
      }
    }, [method, args]);
    if (answer.refusal) throw Object.assign(new Error(`${method}: ${answer.refusal.message}`), answer.refusal);
    return answer.value;
  }

  /** Loads a dump that is given as text. */
  async load(name, text) {
    const answer = await this.evaluate(([name, text]) => window.errorDesk.importFile(new Blob([text]), { name })
      .then((value) => ({ value }), ({ name, message, code, details }) => ({ refusal: { name, message, code, details } })), [name, text]);
    if (answer.refusal) throw Object.assign(new Error(`importFile: ${answer.refusal.message}`), answer.refusal);
    return answer.value;
  }

  evaluate(run, argument) {
    return this.asked(() => this.page.evaluate(run, argument));
  }

  async asked(ask) {
    try {
      return await ask();
    } catch (error) {
      throw this.isKilled ? new Gone(error.message) : error;
    }
  }

  /** Ends every process of the browser at once; none of them gets to tidy up. */
  async kill() {
    this.isKilled = true;
    const own = processesOf(this.profile);
    assert.ok(own.length > 0, 'the browser is not running');
    for (const pid of own) killed(pid);
    await this.context.close().catch(() => {});
    for (let left = processesOf(this.profile); left.length > 0; left = processesOf(this.profile)) {
      left.forEach(killed);
      await new Promise((done) => setTimeout(done, 10));
    }
    await rm(join(this.profile, 'SingletonLock'), { force: true });
  }

  async close() {
    await this.context.close().catch(() => {});
  }
}

function killed(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Processes that were started with the profile: the browser and its children. */
function processesOf(profile) {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number).filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile) && readlinkSync(`/proc/${pid}/exe`) !== '';
    } catch {
      return false;
    }
  });
}
