// Lays out what is served: the engines as bundles with their programs, and the desk as built. Next to each file lies its
// brotli form, as a host of static files would have it.

import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const LARGE = 8 << 20;

const PROGRAMS = {
  duckdb: ['@duckdb/duckdb-wasm/dist', ['duckdb-browser-eh.worker.js', 'duckdb-eh.wasm', 'duckdb-browser-coi.worker.js', 'duckdb-browser-coi.pthread.worker.js', 'duckdb-coi.wasm']],
  'duckdb-next': ['duckdb-next/dist', ['duckdb-browser-eh.worker.js', 'duckdb-eh.wasm']],
  '.': ['@sqlite.org/sqlite-wasm/dist', ['sqlite3.wasm']],
};

/** Copies only what differs, so that the brotli forms of last time stay good. */
async function copyChanged(from, to) {
  const [source, target] = await Promise.all([readFile(from), readFile(to).catch(() => undefined)]);
  if (target?.equals(source)) return;
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

/** Brotli as hosts make it beforehand; the largest programs one notch lower, since they take minutes. */
async function squeeze(folder) {
  for (const name of await readdir(folder, { recursive: true })) {
    const file = join(folder, name);
    if (!['.js', '.wasm', '.css', '.html', '.svg'].includes(extname(file))) continue;
    const ready = `${file}.br`;
    if (existsSync(ready) && (await stat(ready)).mtimeMs >= (await stat(file)).mtimeMs) continue;
    const bytes = await readFile(file);
    const params = { [constants.BROTLI_PARAM_QUALITY]: bytes.length > LARGE ? 9 : 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    await writeFile(ready, await promisify(brotliCompress)(bytes, { params }));
  }
}

/** The engines, from the packages in `packages`, into `folder`. */
export async function stageEngines(folder, packages, esbuild) {
  for (const [place, [from, names]] of Object.entries(PROGRAMS)) {
    for (const name of names) await copyChanged(join(packages, from, name), join(folder, place, name));
  }
  const bundle = async (source, name = source, alias = {}) => {
    const { outputFiles: [output] } = await esbuild.build({
      entryPoints: [join(here, 'engines', `${source}.js`)],
      absWorkingDir: dirname(packages), nodePaths: [packages], alias,
      bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', conditions: ['browser'], logLevel: 'error',
    });
    const file = join(folder, `${name}.js`);
    const same = await readFile(file).then((old) => old.equals(output.contents), () => false);
    if (!same) await writeFile(file, output.contents);
  };
  for (const source of ['js-array', 'js-columnar', 'sqlite', 'sqlite.worker', 'duckdb', 'sheetjs']) await bundle(source);
  await bundle('duckdb', 'duckdb-next', { '@duckdb/duckdb-wasm': 'duckdb-next' });
  await copyChanged(join(here, 'page', 'host.html'), join(folder, 'host.html'));
  await squeeze(folder);
}

/**
 * The desk from `dist`, into `folder`; with `names`, as a page that answers another harness by itself, in whose dump the
 * entities that are the keys of `names` go by their values.
 */
export async function stageDesk(dist, folder, names) {
  const page = join(dist, 'index.html');
  if (!existsSync(page)) throw new Error(`there is no ${page}: build the app first, with "make build"`);
  const kept = new Set(await readdir(dist));
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    if (!kept.has(name.replace(/\.br$/, ''))) await rm(join(folder, name), { recursive: true });
  }
  for (const name of await readdir(dist, { recursive: true })) {
    if ((await stat(join(dist, name))).isFile()) await copyChanged(join(dist, name), join(folder, name));
  }
  if (names) {
    const adapter = await readFile(join(here, 'adapter.js'), 'utf8');
    await writeFile(join(folder, 'adapter.js'), `window.__benchNames = ${JSON.stringify(names)};\n${adapter}`);
    const html = await readFile(page, 'utf8');
    if (!html.includes('<title>')) throw new Error(`${page} has no title, in front of which the adapter goes`);
    await writeFile(join(folder, 'index.html'), html.replace('<title>', '<script src="adapter.js"></script><title>'));
  }
  await squeeze(folder);
}
