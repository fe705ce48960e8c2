// The screen by its handles for tests. What a user sees and does, in the words of the tests; the only file that knows how a
// control is operated.

import assert from 'node:assert/strict';

export class Screen {
  constructor(page) {
    this.page = page;
  }

  at(handle) {
    return this.page.getByTestId(handle);
  }

  /** Records that the grid says it has. */
  async rowCount() {
    return Number(await this.at('row-count').getAttribute('data-count'));
  }

  /** Waits until the grid says it has that many. */
  async expectRows(count) {
    await this.page.waitForFunction(
      (count) => document.querySelector('[data-testid="row-count"]')?.dataset.count === String(count),
      count,
    ).catch(async () => assert.equal(await this.rowCount(), count));
    const shown = (await this.at('row-count').innerText()).replace(/[^0-9]+/g, ' ');
    assert.match(shown.replaceAll(' ', ''), new RegExp(String(count)), 'the number shown is the number meant');
  }

  /** Chooses a file, or `{ name, bytes }`. */
  async choose(file) {
    const chosen = file.bytes ? { name: file.name, mimeType: 'application/octet-stream', buffer: file.bytes } : file;
    await this.at('file-input').setInputFiles(chosen);
  }

  /** Opens a dump and waits for its report. Questions are answered with what is proposed. */
  async open(file) {
    if (await this.at('import-report').isVisible()) {
      await this.page.getByRole('button', { name: 'Close the import report' }).click();
      await this.at('import-report').waitFor({ state: 'detached' });
    }
    await this.choose(file);
    const question = this.at('import-question');
    await this.at('import-report').or(question.locator('form')).first().waitFor();
    if (await question.locator('form').isVisible()) {
      await question.locator('button[type=submit]').click();
      await this.at('import-report').waitFor();
    }
    return (await this.at('import-report').innerText()).replace(/\s+/g, ' ');
  }

  /** Sets one end of the time range: `filter-from`, `filter-to`. The fields are in UTC. */
  async setTime(handle, moment) {
    const field = this.at(handle);
    await field.fill(new Date(moment).toISOString().slice(0, 19));
    await field.press('Tab');
  }

  /** Chooses values of a dimension, one after the other: `filter-entity`, `filter-data-source`. */
  async setValues(handle, values) {
    for (const value of values) await this.at(handle).selectOption({ value });
  }

  async setText(text) {
    await this.at('filter-text').fill(text);
  }

  async clearFilters() {
    await this.at('clear-filters').click();
  }

  /** Presses Retry or Dismiss and answers what the plan says it would do. */
  async plan(kind) {
    await this.at(kind).click();
    await this.at('plan-count').waitFor();
    return Number(await this.at('plan-count').getAttribute('data-count'));
  }

  async confirm() {
    await this.at('plan-confirm').click();
    await this.at('plan-count').waitFor({ state: 'detached' });
  }

  async cancel() {
    await this.at('plan-cancel').click();
    await this.at('plan-count').waitFor({ state: 'detached' });
  }

  /** `[{ id, state }]` of the requests listed. */
  async requests() {
    return this.at('request-row').evaluateAll((rows) => rows.map((row) => ({ id: Number(row.dataset.requestId), state: row.dataset.state })));
  }

  /** Waits for a message that fits, and answers it. */
  async message(pattern) {
    const line = this.at('message-bar').getByText(pattern).first();
    await line.waitFor();
    return (await this.at('message-bar').innerText()).replace(/\s+/g, ' ');
  }

  /** Ids of the records whose rows are drawn. */
  async shownIds() {
    return this.at('grid-row').evaluateAll((rows) => rows.map((row) => row.dataset.recordId));
  }

  /** Presses Tab until the handle, or something in it, has the focus. */
  async tabTo(handle, { most = 120, back = false } = {}) {
    for (let pressed = 0; pressed <= most; pressed += 1) {
      const there = await this.page.evaluate((handle) => document.activeElement?.closest(`[data-testid="${handle}"]`) !== null, handle);
      if (there) return;
      await this.page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    }
    const focus = await this.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
    assert.fail(`${most} presses of Tab do not lead to ${handle}; the focus is on ${focus}`);
  }
}
