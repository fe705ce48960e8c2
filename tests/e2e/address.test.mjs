// A dump at an address: fetched as it arrives, from the page's own server alone, with progress, a way to stop, and a reason
// for every failure.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { serve } from '../../scripts/serve.mjs';
import { root } from './chromium.mjs';
import * as dumps from './dumps.mjs';
import { scenario, refused, until } from './harness.mjs';

const DUMP = dumps.csv(dumps.rows(400, { first: 1 }));
const ZONELESS = dumps.csv(dumps.rows(20, { first: 7000 }), { zone: false });

/** What other servers were asked. */
let elsewhere;
const asked = [];
/** Answers that wait for their end, by path. */
const open = new Map();

before(async () => {
  elsewhere = createServer((request, response) => {
    asked.push(request.url);
    response.end('entity,message\n');
  });
  await new Promise((done) => elsewhere.listen(0, '127.0.0.1', done));
});
after(() => elsewhere.close());

const ELSEWHERE = () => `http://127.0.0.1:${elsewhere.address().port}`;

const DUMPS = {
  '/dumps/errors.csv': (response) => response.end(DUMP),
  '/dumps/zoneless.csv': (response) => response.end(ZONELESS),
  '/dumps/page': (response) => response.end('<!doctype html><title>Sign in</title>'),
  '/dumps/denied.csv': (response) => {
    response.statusCode = 403;
    response.end('no');
  },
  '/dumps/moved.csv': (response) => {
    response.writeHead(302, { Location: '/dumps/errors.csv' });
    response.end();
  },
  '/dumps/away.csv': (response) => {
    response.writeHead(302, { Location: `${ELSEWHERE()}/errors.csv` });
    response.end();
  },
  '/dumps/slow.csv': (response) => {
    response.setHeader('Content-Length', DUMP.length);
    response.write(DUMP.subarray(0, DUMP.length / 2));
    open.set('/dumps/slow.csv', response);
  },
  '/dumps/silent.csv': (response) => open.set('/dumps/silent.csv', response),
};

/** The app behind a server that has dumps beside it. */
function withDumps(name, run) {
  scenario(name, { ready: false }, async (app) => {
    const inner = app.url;
    // What the page that was left still asks for.
    app.expect(new RegExp(`request to elsewhere: ${inner}`));
    const server = createServer((request, response) => {
      const dump = DUMPS[request.url.split('?')[0]];
      if (dump) {
        response.on('close', () => response.writableFinished || app.closed?.add(request.url));
        return dump(response);
      }
      const { host, ...headers } = request.headers;
      request.pipe(ask(new URL(request.url, inner), { method: request.method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      }));
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    app.closed = new Set();
    app.url = `http://127.0.0.1:${server.address().port}/`;
    try {
      await app.page.goto(app.url);
      await app.ready();
      await run(app);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}

async function openAddress(app, address) {
  await app.page.getByRole('button', { name: 'Other ways to open' }).click();
  await app.page.getByRole('menuitem', { name: /From an address/ }).click();
  const dialog = app.screen.at('address-dialog');
  await dialog.getByTestId('address-input').fill(address);
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  return dialog;
}

withDumps('a dump at an address of the same server is opened, its name without what may be a signature', async (app) => {
  await openAddress(app, 'dumps/errors.csv?sig=SECRETSIGNATURE');
  await app.screen.at('import-report').waitFor();
  await app.screen.expectRows(400);
  assert.match(await app.screen.at('import-report').innerText(), /errors\.csv/);
  const { entries } = await app.desk('journal', { limit: 100 });
  assert.ok(!JSON.stringify([entries, await app.desk('datasets')]).includes('SECRETSIGNATURE'));

  // A question is answered as for a file.
  await openAddress(app, `${app.url}dumps/zoneless.csv`);
  const question = app.screen.at('import-question');
  await question.locator('form').waitFor();
  await question.locator('button[type=submit]').click();
  await app.screen.expectRows(420);

  const again = await app.desk('importUrl', '/dumps/moved.csv', { name: 'the same.csv' });
  assert.deepEqual([again.name, again.rowsRead, again.duplicates, again.datasetId], ['the same.csv', 400, 400, null]);
});

withDumps('other servers are not asked, and the refusal says who can allow it', async (app) => {
  const dialog = await openAddress(app, `${ELSEWHERE()}/errors.csv?sig=x`);
  await dialog.getByText('content policy of this page').waitFor();
  const told = await dialog.innerText();
  assert.match(told, /connect-src/);
  assert.ok(told.includes(ELSEWHERE()) && !told.includes('sig=x'), told);
  await app.screenshot('address-refused');
  await app.page.keyboard.press('Escape');

  const error = await refused(app.desk('importUrl', `${ELSEWHERE()}/errors.csv`), 'AddressForbidden');
  assert.equal(error.details.origin, ELSEWHERE());
  app.expect(/ERR_FAILED|ERR_UNSAFE|Failed to load|Fetch API|redirect|Content Security Policy/i);
  app.expect(new RegExp(`request to elsewhere: ${ELSEWHERE()}`));
  await refused(app.desk('importUrl', 'dumps/away.csv'), 'AddressUnreachable');
  assert.deepEqual(asked, [], 'nobody else was asked');

  for (const [address, code] of [
    ['file:///etc/passwd', 'InvalidArgument'], ['data:text/csv,entity', 'InvalidArgument'], ['http://', 'InvalidArgument'],
    [app.url.replace('//', '//me:secret@'), 'InvalidArgument'],
  ]) {
    const { message } = await refused(app.desk('importUrl', address), code);
    assert.ok(!message.includes('me:secret'), message);
  }
  await refused(app.desk('importUrl', 7), 'InvalidArgument');
  await refused(app.desk('importUrl', 'dumps/errors.csv', { nonsense: 1 }), 'InvalidArgument');
  assert.deepEqual(await app.desk('datasets'), []);
});

withDumps('what an address answers instead of a dump is told, and nothing is stored', async (app) => {
  app.expect(/Failed to load resource/);
  const denied = await refused(app.desk('importUrl', 'dumps/denied.csv?sig=x'), 'AddressUnreachable');
  assert.equal(denied.details.status, 403);
  assert.ok(!denied.message.includes('sig=x'));
  const missing = await refused(app.desk('importUrl', 'dumps/nowhere.csv'), 'AddressUnreachable');
  assert.equal(missing.details.status, 404);
  assert.match((await refused(app.desk('importUrl', 'dumps/page'), 'UnsupportedFormat')).message, /HTML/);

  // A connection that breaks.
  const broken = refused(app.desk('importUrl', 'dumps/slow.csv?sig=x'), 'AddressUnreachable');
  await until('half of it is there', () => open.get('/dumps/slow.csv'));
  await new Promise((done) => setTimeout(done, 500));
  open.get('/dumps/slow.csv').destroy();
  const { message, details } = await broken;
  assert.match(message, /slow\.csv' could not be read to its end: the connection broke after \d+ bytes/);
  assert.ok(!message.includes('sig=x') && details.bytesRead > 0, message);
  assert.deepEqual(await app.desk('datasets'), []);
  assert.equal((await app.desk('storage')).segments, 0);
});

withDumps('an import from an address tells how far it is and can be stopped, also while nothing arrives', async (app) => {
  await app.page.evaluate(() => {
    window.told = [];
    window.errorDesk.on('importProgress', (progress) => window.told.push(progress));
  });
  open.clear();
  await openAddress(app, 'dumps/slow.csv');
  await until('half of it is told', () => app.page.evaluate(
    (total) => window.told.some(({ bytesRead, bytesTotal }) => bytesTotal === total && bytesRead > 0), DUMP.length));
  await app.page.getByText(/Loading slow\.csv/).waitFor();
  // So much of the whole, in words and as a bar.
  const importing = app.page.getByRole('region', { name: 'Import' });
  const percent = Math.floor((Math.floor(DUMP.length / 2) * 100) / DUMP.length);
  await importing.getByText(new RegExp(`^${percent} %`)).waitFor();
  assert.match(await importing.innerText(), new RegExp(`${percent} % · [\\d,\u202f ]*rows.* of \\d`));
  const bar = importing.getByRole('progressbar', { name: 'Progress of the import' });
  assert.equal(await bar.getAttribute('value'), String(percent));
  await app.screenshot('address-progress');
  await importing.getByRole('button', { name: 'Cancel' }).click();
  await app.page.getByText(/Import of slow\.csv cancelled/).waitFor();
  await until('the connection is closed', () => app.closed.has('/dumps/slow.csv'));

  const silent = refused(app.desk('importUrl', 'dumps/silent.csv'), 'Cancelled');
  await until('it is asked', () => open.has('/dumps/silent.csv'));
  assert.equal(await app.desk('cancelImport'), true);
  await silent;
  await until('the connection is closed', () => app.closed.has('/dumps/silent.csv'));
  assert.deepEqual(await app.desk('datasets'), []);
  assert.equal((await app.desk('storage')).segments, 0);
  assert.equal((await app.desk('importUrl', 'dumps/errors.csv')).loaded, 400);
});

scenario('another server is asked where the policy of the page names it and that server allows the page', { ready: false }, async (app) => {
  const heard = [];
  const open = createServer((request, response) => {
    heard.push(request.headers);
    if (request.url.startsWith('/shared/')) response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
    response.end(DUMP);
  });
  await new Promise((done) => open.listen(0, '127.0.0.1', done));
  const there = `http://127.0.0.1:${open.address().port}`;
  // The app as somebody would host it who allows that server.
  const dir = await mkdtemp(join(tmpdir(), 'desk-elsewhere-'));
  let server;
  try {
    await cp(join(root, 'dist'), dir, { recursive: true });
    const page = join(dir, 'index.html');
    const html = await readFile(page, 'utf8');
    assert.ok(html.includes("connect-src 'self';"));
    await writeFile(page, html.replace("connect-src 'self';", `connect-src 'self' ${there};`));
    server = await serve({ dir, port: 0 });
    app.expect(new RegExp(`request to elsewhere: ${there}`));
    app.expect(new RegExp(`request to elsewhere: ${server.url}`));
    // What the page that is left behind still loads, for example its icon.
    app.expect(new RegExp(`request to elsewhere: ${app.url}`));
    app.url = server.url;
    await app.page.goto(server.url);
    await app.ready();
    await openAddress(app, `${there}/shared/errors.csv?sig=x`);
    await app.screen.expectRows(400);
    const again = await app.desk('importUrl', `${there}/shared/errors.csv`);
    assert.deepEqual([again.rowsRead, again.duplicates], [400, 400]);
    assert.ok(heard.length >= 2 && heard.every(({ cookie, referer, authorization }) => !cookie && !referer && !authorization));

    // It does not allow the page to read this one.
    app.expect(/Access-Control-Allow-Origin|CORS|ERR_FAILED|Failed to load/);
    const refusal = await refused(app.desk('importUrl', `${there}/closed/errors.csv`), 'AddressUnreachable');
    assert.match(refusal.message, /CORS/);
    await app.screen.expectRows(400);
  } finally {
    await server?.close();
    open.closeAllConnections();
    open.close();
    await rm(dir, { recursive: true, force: true });
  }
});
