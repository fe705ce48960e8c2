// Texts of a dump are texts wherever they are shown or exported; the page runs nothing but its own programs and talks to
// nobody but where it came from.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';

import * as dumps from './dumps.mjs';
import { scenario, until } from './harness.mjs';

const [JOB] = dumps.JOBS;
const cell = (text) => `"${text.replaceAll('"', '""')}"`;
const table = (headers, lines) => Buffer.from(`\ufeff${[headers, ...lines].map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`);

// ---- markup --------------------------------------------------------------------------------------------------------------

const MARKUP = [
  '<script>window.pwned = 1</script>',
  '<img src=x onerror="window.pwned = 2">',
  '<svg onload="window.pwned = 3"><script>window.pwned = 4</script></svg>',
  '<a href="javascript:window.pwned = 5">click</a>',
  '"><iframe srcdoc="<script>parent.pwned = 6</script>"></iframe>',
  '<b onmouseover="window.pwned = 7" style="position:fixed;inset:0">all</b>',
  '</select></div></dialog><input autofocus onfocus="window.pwned = 8">',
  '{{constructor.constructor("window.pwned = 9")()}}',
  '&lt;img src=x onerror=window.pwned=10&gt;',
];

/** Every column of every row is markup, and so are a header, the file's name and what is rejected. */
function markupDump() {
  const headers = ['Id', 'Date and time', 'Integration job', 'Entity', 'Data source', 'Legal entity', 'Category', 'Record key', 'Error code', 'Error message', MARKUP[1]];
  const lines = MARKUP.map((text, at) => [`${text}${at}`, '2026-01-05T06:00:00Z', MARKUP[0], text, text, text, text, text, text, `before ${text} after`, text]);
  lines.push(['bad', 'no time <img src=x onerror="window.pwned = 11">', MARKUP[0], '', '', '', '', '', '', '', '']);
  return table(headers, lines);
}

/** Elements and attributes that the app itself has none of. */
const foreign = (page) => page.evaluate(() => {
  const kinds = 'img, iframe, object, embed, base, form[action], a[href^="javascript:" i], svg script, body script, [srcdoc]';
  const found = [...document.body.querySelectorAll(kinds)].map((node) => node.outerHTML.slice(0, 100));
  for (const node of document.body.querySelectorAll('*')) {
    for (const { name } of node.attributes) if (/^on/i.test(name)) found.push(`${name} of ${node.outerHTML.slice(0, 100)}`);
  }
  if (window.pwned !== undefined) found.push(`script ${window.pwned} ran`);
  return found;
});

scenario('markup in every column, header and file name is shown as the text it is, and nothing of it runs', async (app) => {
  const { page, screen } = app;
  page.on('dialog', (dialog) => {
    app.complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  const harmless = async (where) => assert.deepEqual(await foreign(page), [], where);
  await harmless('an empty desk');

  await screen.open({ name: '<img src=x onerror="window.pwned = 12">.csv', bytes: markupDump() });
  await until('rows are shown', async () => (await screen.rowCount()) >= MARKUP.length);
  await harmless('grid and facets');
  const grid = await screen.at('grid').textContent();
  for (const text of MARKUP) assert.ok(grid.includes(`before ${text} after`), `the grid shows ${text}`);
  assert.ok((await page.locator('body').textContent()).includes(MARKUP[0]));
  await screen.at('import-report').locator('summary').first().click();
  await harmless('import report');
  assert.ok((await screen.at('import-report').textContent()).includes(MARKUP[1]), 'the report shows the header');

  for (let at = 0; at < MARKUP.length; at += 1) {
    await screen.at('grid-row').nth(at).getByRole('gridcell').nth(3).click();
    await until('the details are of this row', async () => (await screen.at('detail-pane').textContent()).includes(`before ${MARKUP[at]} after`));
    await harmless(`details of ${MARKUP[at]}`);
  }

  // As a condition, and with it in the address and in the plan.
  for (const handle of ['filter-entity', 'filter-data-source']) {
    await screen.setValues(handle, [MARKUP[1]]);
    await until('it is filtered', async () => (await screen.rowCount()) === 1);
    await harmless(handle);
    await screen.clearFilters();
  }
  await screen.setText(MARKUP[0]);
  await until('it is searched', async () => (await screen.rowCount()) === 1);
  await screen.plan('dismiss');
  await harmless('plan');
  assert.ok((await screen.at('plan-dialog').textContent()).includes(MARKUP[0]));
  await screen.at('plan-dialog').getByRole('textbox').fill(MARKUP[2]);
  await screen.confirm();
  await screen.showRequests();
  await harmless('requests');
  await page.reload();
  await app.ready();
  await harmless('after a reload, with the filter in the address');

  for (const button of ['Dumps', 'Settings']) {
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await harmless(button);
    await page.keyboard.press('Escape');
  }
  // A refusal names the file.
  await screen.choose({ name: '<img src=x onerror="window.pwned = 13">.pdf', bytes: Buffer.from('%PDF-1.7\n') });
  await screen.message(/onerror/);
  await harmless('message bar');
  assert.deepEqual(said.filter((line) => /pwned|onerror/.test(line)), [], 'nothing of it went to the console');
});

// ---- letters that deceive ------------------------------------------------------------------------------------------------

const UNSEEN = { 'right-to-left override': '\u202e', 'isolate': '\u2067', 'zero-width space': '\u200b', 'word joiner': '\u2060', 'byte order mark inside': '\ufeff', 'soft hyphen': '\u00ad' };

scenario('letters that turn or hide text are made visible in the grid and in the details', async (app) => {
  const lines = Object.entries(UNSEEN).map(([name, letter], at) => [`U${at}`, 'Customers V3', `${name}: pay${letter}roll refused`]);
  await app.screen.open({ name: 'unseen.csv', bytes: table(['Id', 'Entity', 'Error message'], lines) });
  await app.screen.expectRows(lines.length);
  const raw = (text) => Object.keys(UNSEEN).filter((name) => text.includes(UNSEEN[name]));
  const messages = await app.screen.at('grid-row').locator('.message-cell').allTextContents();
  const shown = { grid: raw(messages.join('\n')), details: [] };
  for (let at = 0; at < lines.length; at += 1) {
    await app.screen.at('grid-row').nth(at).getByRole('gridcell').nth(3).click();
    await until('its details are shown', async () => (await app.screen.at('detail-pane').innerText()).includes(lines[at][0]));
    shown.details.push(...raw(await app.screen.at('detail-pane').locator('.detail-message').textContent()));
  }
  await app.screenshot('unseen-letters');
  assert.deepEqual(shown, { grid: [], details: [] });
});

scenario('a name that turns the reading direction does not turn the words around it', async (app) => {
  const name = 'report\u202efdp.exe';
  await app.screen.choose({ name, bytes: Buffer.from('%PDF-1.7\n') });
  await app.screen.message(/report/);
  await app.screenshot('turned-name');
  const turned = await app.page.evaluate(() => {
    const words = document.createTreeWalker(document.querySelector('[data-testid="message-bar"]'), NodeFilter.SHOW_TEXT);
    for (let node = words.nextNode(); node; node = words.nextNode()) {
      const at = node.data.indexOf('\u202e');
      if (at < 0) continue;
      const own = getComputedStyle(node.parentElement).unicodeBidi;
      const closed = /[\u202c\u2069]/.test(node.data.slice(at));
      const alone = /^(isolate|isolate-override|plaintext|bidi-override)$/.test(own) && node.data.trim().length < 30;
      if (!closed && !alone) return node.data;
    }
    return undefined;
  });
  assert.equal(turned, undefined);
});

scenario('names of entities that look alike and are not are warned of', async (app) => {
  const names = ['Customers V3', '\u0421ustomers V3', 'Vendors V2', 'Vend\u043ers V2'];
  const report = await app.load('alike.csv', table(['Id', 'Entity', 'Error message'], names.map((name, at) => [`H${at}`, name, 'refused'])));
  const warned = report.warnings.filter(({ code, message }) => /alike|homoglyph|confus|mixed/i.test(code + message));
  assert.equal(warned.length, 1);
});

// ---- exports -------------------------------------------------------------------------------------------------------------

const FORMULAS = ['=cmd|\' /C calc\'!A0', '+1+1', '-2+3', '@SUM(1)', '\t=1+1', '\r=1+1', '=HYPERLINK("http://x","y")', '=1+1,"quoted"'];
const formulaDump = () => table(
  ['Id', 'Integration job', 'Entity', 'Record key', 'Error message', '=Note'],
  FORMULAS.map((text, at) => [`F${at}`, JOB, text, text, text, text]),
);

/** Cells of RFC 4180 text. */
function cellsOf(text) {
  const lines = [[]];
  const pattern = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n|$)/gy;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    lines.at(-1).push(found[1].startsWith('"') ? found[1].slice(1, -1).replaceAll('""', '"') : found[1]);
    if (found[2] === '\r\n') lines.push([]);
    if (pattern.lastIndex >= text.length) break;
  }
  return lines.filter((line) => line.length > 1);
}

/** Members of a zip archive by its central directory. */
function members(archive) {
  const found = {};
  for (let at = archive.indexOf('PK\x01\x02'); at >= 0; at = archive.indexOf('PK\x01\x02', at + 4)) {
    const [packed, named] = [archive.readUInt32LE(at + 20), archive.readUInt16LE(at + 28)];
    const name = archive.toString('utf8', at + 46, at + 46 + named);
    const local = archive.readUInt32LE(at + 42);
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const body = archive.subarray(from, from + packed);
    found[name] = (archive.readUInt16LE(at + 10) === 8 ? inflateRawSync(body) : body).toString();
  }
  return found;
}

scenario('no cell of an export begins as a formula', async (app) => {
  await app.load('formulas.csv', formulaDump());
  const lines = cellsOf((await app.exported({ filter: {}, format: 'csv' })).toString().replace(/^\ufeff/, ''));
  assert.equal(lines.length, FORMULAS.length + 1);
  const bad = lines.flat().filter((text) => /^[=+\-@\t\r]/.test(text));
  assert.deepEqual(bad, []);
  assert.ok(lines.flat().some((text) => text.includes("cmd|' /C calc'!A0")), 'the text itself is there');

  const parts = members(await app.exported({ filter: {}, format: 'xlsx' }));
  const sheet = Object.entries(parts).filter(([name]) => name.startsWith('xl/worksheets/')).map(([, text]) => text).join('');
  assert.doesNotMatch(sheet, /<f[ >/]/, 'no formulas');
  const cells = [...sheet.matchAll(/<c ([^>]*)>(.*?)<\/c>/gs)];
  assert.ok(cells.length > FORMULAS.length);
  const untyped = cells.filter(([, attributes, body]) => !/t="(s|inlineStr)"/.test(attributes) && /<v>\s*[^0-9.\s<-]/.test(body) && !/t="b"/.test(attributes));
  assert.deepEqual(untyped.map(([all]) => all), [], 'texts are typed as texts');
  assert.doesNotMatch(Object.keys(parts).join(), /externalLink|vbaProject|connections/);
});

// ---- what the page may do ------------------------------------------------------------------------------------------------

scenario('a whole session of work asks nothing of anybody but the origin of the app', { durable: true }, async (app) => {
  const asked = new Set();
  app.context.on('request', (request) => asked.add(request.url()));
  app.page.on('websocket', (socket) => asked.add(socket.url()));
  await app.page.reload();
  await app.ready();
  await app.hurry();
  await app.screen.open({ name: 'log.csv', bytes: dumps.csv(dumps.rows(500)) });
  await app.screen.expectRows(500);
  await app.screen.setText('https://example.org/');
  await app.screen.expectRows(0);
  await app.screen.clearFilters();
  await app.screen.expectRows(500);
  for (const kind of ['retry', 'dismiss']) {
    await app.screen.plan(kind);
    await app.screen.confirm();
    await app.idle();
  }
  for (const format of ['csv', 'jsonl', 'xlsx']) await app.exported({ filter: {}, format });
  await app.desk('loadSample', { rows: 5_000, seed: 1 });
  await app.desk('wipe');
  await app.reload();
  const { origin } = new URL(app.url);
  const elsewhere = [...asked].filter((url) => new URL(url).origin !== origin && !/^(blob|data):/.test(url));
  assert.deepEqual(elsewhere, []);
  assert.ok([...asked].some((url) => url.endsWith('.wasm')), 'requests were heard');
});

/** Tries, outside of the debugger's call, which the policy does not bind. */
const tried = (target) => target.evaluate(() => new Promise((done) => {
  setTimeout(async () => {
    const outcome = {};
    const attempt = async (name, run) => {
      try {
        await run();
        outcome[name] = 'allowed';
      } catch {
        outcome[name] = 'refused';
      }
    };
    await attempt('eval', () => (0, eval)('1'));
    await attempt('Function', () => new Function('return 1')());
    // No such address is ever asked; without a policy this fails later and in another way.
    const violated = new Promise((heard) => {
      self.addEventListener('securitypolicyviolation', (event) => event.effectiveDirective === 'connect-src' && heard('refused'));
      setTimeout(heard, 10_000, 'allowed');
    });
    fetch('http://127.0.0.1:9/').catch(() => {});
    outcome.fetch = await violated;
    done(outcome);
  });
}));

scenario('the page may run and ask nothing but its own', async (app) => {
  app.expect(/Content Security Policy|127\.0\.0\.1:9|evaluat/i);
  const text = await readFile(new URL('../../dist/index.html', import.meta.url), 'utf8');
  const policy = /content="([^"]*)"\s+http-equiv="?Content-Security-Policy/i.exec(text)?.[1] ?? /http-equiv="?Content-Security-Policy"?\s+content="([^"]*)"/i.exec(text)?.[1];
  const rules = Object.fromEntries(policy.split(';').map((rule) => rule.trim().split(/\s+/)).map(([name, ...values]) => [name, values]));
  assert.deepEqual(rules['default-src'], ["'none'"]);
  // The one script that stands in the page is allowed by what it says, and no other is.
  const written = [...text.matchAll(/<script\b(?![^>]*\bsrc=)[^>]*>(.*?)<\/script>/gs)].map(([, script]) => script);
  assert.equal(written.length, 1);
  const digest = createHash('sha256').update(written[0]).digest('base64');
  assert.deepEqual(rules['script-src'], ["'self'", `'sha256-${digest}'`, "'wasm-unsafe-eval'"]);
  assert.deepEqual(rules['connect-src'], ["'self'"]);
  assert.deepEqual([rules['base-uri'], rules['form-action']], [["'none'"], ["'none'"]]);
  assert.doesNotMatch(policy, /https?:|\*/);
  const inline = await app.page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.inlined = true';
    document.body.append(script);
    script.remove();
    return window.inlined === true;
  });
  assert.equal(inline, false, 'no other script in the page');
  assert.deepEqual(await tried(app.page), { eval: 'refused', Function: 'refused', fetch: 'refused' });
});

scenario('the engine may run and ask nothing but its own', async (app) => {
  app.expect(/Content Security Policy|127\.0\.0\.1:9|evaluat/i);
  assert.deepEqual(await tried(app.page.workers()[0]), { eval: 'refused', Function: 'refused', fetch: 'refused' });
});

scenario('no other site can frame the page', async (app) => {
  const { headers } = await fetch(app.url);
  const says = headers.get('x-frame-options') ?? headers.get('content-security-policy') ?? '';
  assert.match(says, /deny|sameorigin|frame-ancestors/i);
});
