// A Chromium whose profile stays on disk while it is killed and started again.

import { join } from 'node:path';

import { chromium, killAll, launch } from '../chromium.mjs';

/** The browser was ended while something was asked of it: nobody knows whether it was done. */
export class Gone extends Error {}

export class Browser {
  static async launch(profile, url) {
    const browser = new Browser();
    Object.assign(browser, { profile, complaints: [], isKilled: false });
    browser.context = await chromium.launchPersistentContext(profile, {
      ...launch,
      // What a killed browser leaves lying about goes with the profile.
      env: { ...process.env, TMPDIR: join(profile, 'tmp') },
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
    await killAll(this.profile, this.context);
  }

  async close() {
    await this.context.close().catch(() => {});
  }
}
