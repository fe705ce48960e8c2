#!/usr/bin/env node
// Serves the built app: `node scripts/serve.mjs [--dir dist] [--host 127.0.0.1] [--port 8080] [--base /]`.
// Takes the next free port where the wanted one is taken, prints the address, opens nothing.
//
// Deliberately absent: live reload, directory listings, anything but GET and HEAD. No dependencies.
// Other scripts start it in their own process with `serve({ dir, host, port })`.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
};
const COMPRESSED = /^(text\/|application\/(wasm|json|manifest))|svg/;

// Trunk puts a hash of 64 bits, without leading zeros, into the names of what it makes; such a file never changes.
const HASHED = /-[0-9a-f]{10,16}(_bg)?\.[a-z0-9]+$/;

// Cross-origin isolation gives precise timers and shared memory; nothing of this app comes from elsewhere.
const ALWAYS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/**
 * The page's own policy as a header: a worker has the policy of its own response, and only a header can forbid frames. None
 * where the page has none.
 */
async function policyOf(root) {
  const page = await readFile(join(root, 'index.html'), 'utf8').catch(() => '');
  const tag = /<meta[^>]*Content-Security-Policy[^>]*>/i.exec(page)?.[0] ?? '';
  const policy = /content="([^"]*)"/i.exec(tag)?.[1];
  return policy && { 'Content-Security-Policy': `${policy}; frame-ancestors 'none'` };
}

const squeeze = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 6 }),
};
const SUFFIX = { br: '.br', gzip: '.gz' };

/** The best coding that the client takes and we have; `undefined` for none. */
export function codingFor(accepted = '') {
  const offers = accepted.toLowerCase().split(',').map((offer) => {
    const [name, ...rest] = offer.split(';').map((part) => part.trim());
    const weight = rest.find((part) => part.startsWith('q='));
    return { name, weight: weight ? Number(weight.slice(2)) : 1 };
  });
  const taken = (name) => (offers.find((offer) => offer.name === name) ?? offers.find((offer) => offer.name === '*'))?.weight > 0;
  return ['br', 'gzip'].find(taken);
}

/** The file below `root` that a request's path names, or `undefined`: nothing outside `root` is ever named. */
export async function fileFor(root, path) {
  let name;
  try {
    name = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (name.includes('\0')) return undefined;
  let file = join(root, name);
  try {
    if ((await stat(file)).isDirectory()) file = join(file, 'index.html');
    file = await realpath(file);
    return file.startsWith(root + sep) && (await stat(file)).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Starts serving `dir`; resolves with `{ url, port, close }`. `port: 0` takes any free port; `sent` hears of each body and its bytes. */
export async function serve({ dir = 'dist', host = '127.0.0.1', port = 8080, base = '/', sent = () => {} } = {}) {
  const root = await realpath(resolve(dir)).catch(() => {
    throw new Error(`there is no ${dir}: build the app first, with "make build"`);
  });
  const cache = new Map();

  async function body(file, coding) {
    const { mtimeMs, size } = await stat(file);
    const key = `${file}\n${coding}\n${mtimeMs}\n${size}`;
    if (!cache.has(key)) {
      const made = (async () => {
        if (!coding) return readFile(file);
        const ready = file + SUFFIX[coding];
        const fresh = await stat(ready).then((other) => other.mtimeMs >= mtimeMs, () => false);
        return fresh ? readFile(ready) : squeeze[coding](await readFile(file));
      })().then((bytes) => ({ bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"` }));
      made.catch(() => cache.delete(key));
      cache.set(key, made);
    }
    return cache.get(key);
  }

  async function answer(request, response) {
    const fail = (status, text, headers = {}) => {
      response.writeHead(status, { ...ALWAYS, 'Content-Type': TYPES['.txt'], 'Cache-Control': 'no-store', ...headers });
      response.end(request.method === 'HEAD' ? undefined : `${text}\n`);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return fail(405, 'only GET and HEAD', { Allow: 'GET, HEAD' });
    const path = request.url.split(/[?#]/, 1)[0];
    if (!path.startsWith(base)) {
      return path + '/' === base ? fail(308, base, { Location: base }) : fail(404, `served below ${base}`);
    }
    const file = await fileFor(root, path.slice(base.length));
    if (!file) return fail(404, 'there is no such file');
    const type = TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream';
    const coding = COMPRESSED.test(type) ? codingFor(request.headers['accept-encoding']) : undefined;
    const { bytes, etag } = await body(file, coding);
    const headers = {
      ...ALWAYS,
      ...await policyOf(root),
      'Content-Type': type,
      'Cache-Control': HASHED.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: etag,
      Vary: 'Accept-Encoding',
      ...(coding && { 'Content-Encoding': coding }),
    };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers);
      return response.end();
    }
    response.writeHead(200, { ...headers, 'Content-Length': bytes.length });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    sent(path, request.method === 'HEAD' ? 0 : bytes.length);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(`serve: ${request.url}: ${error.message}`);
      if (!response.headersSent) response.writeHead(500, ALWAYS);
      response.end();
    });
  });
  const listen = (wanted) => new Promise((done, refused) => {
    server.once('error', refused);
    server.listen(wanted, host, () => {
      server.off('error', refused);
      done(server.address().port);
    });
  });
  let taken = port;
  for (;;) {
    try {
      taken = await listen(taken);
      break;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || taken - port >= 100) throw error;
      taken += 1;
    }
  }
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shown}:${taken}${base}`,
    port: taken,
    close: () => new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    }),
  };
}

function options(args) {
  const known = { '--dir': 'dir', '--host': 'host', '--port': 'port', '--base': 'base' };
  const found = {};
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [known[args[at]], args[at + 1]];
    if (!name || value === undefined) throw new Error(`usage: serve.mjs ${Object.keys(known).map((key) => `[${key} …]`).join(' ')}`);
    found[name] = value;
  }
  if (found.port !== undefined) {
    found.port = Number(found.port);
    if (!Number.isInteger(found.port) || found.port < 0 || found.port > 65535) throw new Error('--port is a number from 0 to 65535');
  }
  if (found.base) found.base = `/${found.base.replace(/^\/+|\/+$/g, '')}/`.replace('//', '/');
  return found;
}

if (process.argv[1] && import.meta.url === pathToFileURL(await realpath(process.argv[1])).href) {
  try {
    const given = options(process.argv.slice(2));
    const { url, port } = await serve(given);
    const wanted = given.port ?? 8080;
    if (wanted !== 0 && port !== wanted) console.log(`Port ${wanted} is taken; using ${port}.`);
    console.log(`Dual-write Error Desk: ${url.replace('127.0.0.1', 'localhost')}`);
    console.log('Stop with Ctrl+C.');
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
  } catch (error) {
    console.error(`serve: ${error.message}`);
    process.exit(1);
  }
}
