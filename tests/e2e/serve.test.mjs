// The static server of `make serve`: what it sends, what it refuses, which port it takes.

import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';

import { codingFor, serve } from '../../scripts/serve.mjs';

const SCRIPT = `export const text = ${JSON.stringify('Währung '.repeat(500))};`;
let dir;
let served;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'error-desk-serve-'));
  const root = join(dir, 'dist');
  await mkdir(join(root, 'snippets'), { recursive: true });
  await writeFile(join(dir, 'secret.txt'), 'not served');
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Desk</title>');
  await writeFile(join(root, 'app-0123456789abcdef.js'), SCRIPT);
  await writeFile(join(root, 'app-0123456789abcdef_bg.wasm'), Buffer.from('\0asm'));
  await writeFile(join(root, 'app-123456789abcdef_bg.wasm'), Buffer.from('\0asm'));
  await writeFile(join(root, 'snippets', 'plain.js'), SCRIPT);
  await writeFile(join(root, 'ready.css'), 'a{color:red}');
  await writeFile(join(root, 'ready.css.gz'), gzipSync('a{color:green}'));
  await symlink(join(dir, 'secret.txt'), join(root, 'link.txt'));
  served = await serve({ dir: root, port: 0 });
});

after(async () => {
  await served.close();
  await rm(dir, { recursive: true });
});

/** Asks as a client would that does not tidy the path. */
function ask(path, { method = 'GET', headers = {}, port = served.port } = {}) {
  return new Promise((done, failed) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    }).on('error', failed).end();
  });
}

test('every kind of file has its type, and the page is isolated', async () => {
  for (const [path, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/index.html?x=1', 'text/html; charset=utf-8'],
    ['/app-0123456789abcdef.js', 'text/javascript; charset=utf-8'],
    ['/app-0123456789abcdef_bg.wasm', 'application/wasm'],
    ['/ready.css', 'text/css; charset=utf-8'],
  ]) {
    const { status, headers } = await ask(path);
    assert.equal(status, 200, path);
    assert.equal(headers['content-type'], type);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
    assert.equal(headers['x-content-type-options'], 'nosniff');
  }
});

test('files with a hash in their name are kept for ever, others are asked for again', async () => {
  const caching = async (path) => (await ask(path)).headers['cache-control'];
  assert.match(await caching('/app-0123456789abcdef.js'), /immutable/);
  assert.match(await caching('/app-0123456789abcdef_bg.wasm'), /immutable/);
  assert.match(await caching('/app-123456789abcdef_bg.wasm'), /immutable/, 'a hash that begins with a zero');
  assert.equal(await caching('/'), 'no-cache');
  assert.equal(await caching('/snippets/plain.js'), 'no-cache');
});

test('texts are compressed as the client likes, and come out as they were', async () => {
  const path = '/snippets/plain.js';
  const brotli = await ask(path, { headers: { 'accept-encoding': 'gzip, deflate, br' } });
  assert.equal(brotli.headers['content-encoding'], 'br');
  assert.equal(brotliDecompressSync(brotli.body).toString(), SCRIPT);
  assert.ok(brotli.body.length < SCRIPT.length / 10);
  const gzip = await ask(path, { headers: { 'accept-encoding': 'gzip, br;q=0' } });
  assert.equal(gzip.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(gzip.body).toString(), SCRIPT);
  const plain = await ask(path);
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(plain.body.toString(), SCRIPT);
  assert.equal(plain.headers.vary, 'Accept-Encoding');
});

test('a file compressed beforehand is sent as it is', async () => {
  const { body } = await ask('/ready.css', { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(gunzipSync(body).toString(), 'a{color:green}');
});

test('what the client has is not sent again', async () => {
  const first = await ask('/');
  const second = await ask('/', { headers: { 'if-none-match': first.headers.etag } });
  assert.equal(second.status, 304);
  assert.equal(second.body.length, 0);
});

test('nothing outside the folder is served, and nothing is written', async () => {
  for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/snippets/../../secret.txt', '/link.txt', '/%00', '/%zz', '/snippets', '/none.js']) {
    const { status, body } = await ask(path);
    assert.equal(status, 404, path);
    assert.doesNotMatch(body.toString(), /not served/);
  }
  assert.equal((await ask('/', { method: 'POST' })).status, 405);
  const head = await ask('/', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body.length], [200, 0]);
});

test('the codings a client takes are read by their weights', () => {
  assert.equal(codingFor('br;q=0.5, gzip'), 'br');
  assert.equal(codingFor('BR;q=0, *'), 'gzip');
  assert.equal(codingFor('*;q=0'), undefined);
  assert.equal(codingFor('identity'), undefined);
  assert.equal(codingFor(undefined), undefined);
});

test('a taken port leads to the next one, and a base path is kept', async () => {
  const blocker = createServer();
  await new Promise((done) => blocker.listen(0, '127.0.0.1', done));
  const { port } = blocker.address();
  const second = await serve({ dir: join(dir, 'dist'), port, base: '/tools/desk/' });
  try {
    assert.ok(second.port > port);
    assert.equal(second.url, `http://127.0.0.1:${second.port}/tools/desk/`);
    assert.equal((await ask('/tools/desk/', { port: second.port })).status, 200);
    assert.equal((await ask('/', { port: second.port })).status, 404);
    const bare = await ask('/tools/desk', { port: second.port });
    assert.deepEqual([bare.status, bare.headers.location], [308, '/tools/desk/']);
  } finally {
    await second.close();
    blocker.close();
  }
});

test('a missing folder is told with the way out', async () => {
  await assert.rejects(serve({ dir: join(dir, 'nothing') }), /make build/);
});
