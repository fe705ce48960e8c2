// What the screen does while someone works: the release build in Chromium, through real files, keys, wheel and scroll bar.
// Tells long tasks of the page's thread, frames, rows that were blank, and the time from a key to the count.

import { loadavg } from 'node:os';
import { readFile } from 'node:fs/promises';

import { serve } from '../serve.mjs';
import { openBrowser } from './browser.mjs';
import { summarise } from './screen-report.mjs';

const DRAG_MS = 3_000;
const FRAME_MS = 16;
/** Typed one by one; each beginning is found in fewer messages than the one before. */
const SLOWLY = 'customer';
const QUICKLY = 'legal entity';
const IMPORT_LIMIT = 900_000;

/** Sends one input after the other at the pace of hands: the next one does not wait until the page took the one before. */
async function paced(ms, send, step = FRAME_MS) {
  const start = performance.now();
  const sent = [];
  for (let passed = 0; passed < ms; passed = performance.now() - start) {
    sent.push(send(passed));
    await pause(step - ((performance.now() - start) % step));
  }
  await Promise.all(sent);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const script = (name) => readFile(new URL(name, import.meta.url), 'utf8');

class Screen {
  constructor(page, take) {
    Object.assign(this, { page, take });
  }

  at(handle) {
    return this.page.getByTestId(handle);
  }

  count(filter) {
    return this.page.evaluate((filter) => window.errorDesk.count(filter), filter);
  }

  /** Watches the page while `act` runs; `expected` tells counts that keys and clicks must lead to, in their order. */
  async watch(name, act, { scrolls = false, expected } = {}) {
    if (scrolls) await this.page.evaluate(() => window.__watch.settled());
    await this.page.evaluate(() => window.__watch.begin());
    await act();
    const seen = await this.page.evaluate(() => window.__watch.end());
    this.take({ name, load: Number(loadavg()[0].toFixed(2)), ...summarise(seen, { scrolls, expected, rows: this.rows, shows: this.shows }) });
  }

  async import(file) {
    await this.watch('import', async () => {
      await this.at('file-input').setInputFiles(file);
      await this.at('import-report').waitFor({ timeout: IMPORT_LIMIT });
    });
    await this.page.getByRole('button', { name: 'Close the import report' }).click();
    await this.page.evaluate(() => window.__watch.settled());
    this.rows = await this.count({});
  }

  /** Rows that fit into the grid, and where its scroll bar is. */
  async measureGrid() {
    const grid = await this.at('grid').evaluate((grid) => {
      const { left, top } = grid.getBoundingClientRect();
      const row = grid.querySelector('.grid-row').getBoundingClientRect().height;
      const head = grid.querySelector('.grid-head')?.getBoundingClientRect().height ?? 0;
      return { left, top, width: grid.clientWidth, outer: grid.offsetWidth, height: grid.clientHeight, row, head };
    });
    this.shows = (grid.height - grid.head) / grid.row;
    return { ...grid, middle: [grid.left + grid.width / 2, grid.top + grid.height / 2] };
  }

  async type(name, text, delay) {
    const field = this.at('filter-text');
    await field.fill('');
    await this.page.evaluate(() => window.__watch.settled());
    const expected = [];
    for (let end = 1; end <= text.length; end += 1) expected.push(await this.count({ text: text.slice(0, end) }));
    await field.focus();
    await this.watch(name, async () => {
      for (const key of text) {
        await this.page.keyboard.type(key);
        await pause(delay);
      }
      await this.page.evaluate(() => window.__watch.settled());
    }, { expected });
    await field.fill('');
    await this.page.evaluate(() => window.__watch.settled());
  }

  async facets() {
    const boxes = this.page.locator('.facet-list input[type=checkbox]');
    const many = Math.min(4, await boxes.count());
    await this.watch('facets', async () => {
      for (let pick = 0; pick < 2 * many; pick += 1) {
        await boxes.nth(pick % many).click();
        await this.page.evaluate(() => window.__watch.settled());
      }
    }, { expected: 'any' });
  }

  async wheel(middle) {
    await this.page.mouse.move(...middle);
    await this.watch('wheel', async () => {
      // A run down in flicks, as a finger makes them.
      await paced(DRAG_MS, (passed) => this.page.mouse.wheel(0, passed % 500 < 250 ? 300 : 60));
    }, { scrolls: true });
  }

  /** Drags the thumb of the scroll bar from `from` to `to`, shares of its way. */
  async drag(name, grid, from, to, ms) {
    const bar = grid.left + grid.width + (grid.outer - grid.width) / 2;
    const [begin, end] = [from, to].map((share) => grid.top + 20 + share * (grid.height - 40));
    await this.page.mouse.move(bar, begin);
    await this.page.mouse.down();
    await this.watch(name, async () => {
      await paced(ms, (passed) => this.page.mouse.move(bar, begin + (end - begin) * (passed / ms)));
      await this.page.mouse.move(bar, end);
    }, { scrolls: true });
    await this.page.mouse.up();
  }

  async keys() {
    const grid = this.at('grid');
    await this.page.evaluate(() => window.__watch.settled());
    await grid.locator('[tabindex="0"]').or(grid).first().focus();
    await this.page.keyboard.press('Control+Home');
    await this.watch('PageDown held', async () => {
      // As fast as keyboards repeat.
      await paced(DRAG_MS, () => this.page.keyboard.press('PageDown'), 33);
    }, { scrolls: true });
    await this.watch('ends', async () => {
      for (let press = 0; press < 10; press += 1) {
        await this.page.keyboard.press(press % 2 ? 'Control+Home' : 'Control+End');
        await pause(250);
      }
    }, { scrolls: true });
  }
}

/** Measures the desk in `folder` with the dump `file`; `take` gets what each part came to. */
export async function measureScreen(folder, file, take) {
  const server = await serve({ dir: folder, port: 0 });
  const browser = await openBrowser({ scrollBars: true });
  try {
    const screen = new Screen(browser.page, take);
    browser.page.setDefaultTimeout(60_000);
    await browser.page.addInitScript(await script('page/watch.js'));
    await browser.page.goto(server.url);
    await browser.page.waitForFunction(() => window.errorDesk !== undefined);
    await browser.page.evaluate(() => window.errorDesk.ready);
    await screen.import(file);
    const grid = await screen.measureGrid();
    await screen.wheel(grid.middle);
    await screen.keys();
    await screen.drag('thumb, top to bottom', grid, 0, 1, DRAG_MS);
    await screen.drag('thumb, bottom to middle', grid, 1, 0.5, DRAG_MS);
    await screen.type('text, key by key', SLOWLY, 400);
    await screen.type('text, quickly', QUICKLY, 70);
    await screen.facets();
  } finally {
    await browser.close();
    await server.close();
  }
}
