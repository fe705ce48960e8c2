// What Trunk leaves to do, run by it after a build (Trunk.toml) on the files that it is about to publish: the engine's
// files get names by their content, as the page's have; its glue starts it when the page hands the program over; the styles
// become one file, and boot.js gets a name by its content too. An old file never runs beside a new page, and a start asks
// for few files, the programs first.

import { createHash } from 'node:crypto';
import { readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = process.env.TRUNK_STAGING_DIR;
if (!folder) throw new Error('TRUNK_STAGING_DIR is not set: Trunk runs this script, from a [[hooks]] entry');
const at = (name) => join(folder, name);
const digest = (...contents) => contents.reduce((hash, one) => hash.update(one), createHash('sha256')).digest('hex').slice(0, 16);

let html = await readFile(at('index.html'), 'utf8');

/** Everything that names `old` names `fresh`. */
function renamed(old, fresh) {
  if (!html.includes(old)) throw new Error(`index.html does not name ${old}`);
  html = html.replaceAll(old, fresh);
}

async function finishEngine() {
  const [glue, wasm] = ['error-desk-engine.js', 'error-desk-engine_bg.wasm'];
  const source = await readFile(at(glue), 'utf8');
  const init = /\b(\w+) as default\b/.exec(source)?.[1];
  if (!init) throw new Error(`${glue} exports no default`);
  const started = `${source}\nself.onmessage = ({ data }) => { self.onmessage = null; ${init}({ module_or_path: data }).catch((error) => setTimeout(() => { throw error; })); };\n`; // Thrown outside of the promise, or whoever started it would never hear of it.
  const hash = digest(started, await readFile(at(wasm)));
  await writeFile(at(`error-desk-engine-${hash}.js`), started);
  await unlink(at(glue));
  await rename(at(wasm), at(`error-desk-engine-${hash}_bg.wasm`));
  renamed(glue, `error-desk-engine-${hash}.js`);
  renamed(wasm, `error-desk-engine-${hash}_bg.wasm`);
}

async function finishStyles() {
  const links = [...html.matchAll(/<link\b[^>]*\brel=["']?stylesheet\b[^>]*>/g)].map(([link]) => link);
  const names = links.map((link) => /\bhref=["']?(?:\.\/)?([^"'\s>]+)/.exec(link)[1]);
  if (names.length === 0) throw new Error('index.html links no styles');
  const styles = (await Promise.all(names.map((name) => readFile(at(name), 'utf8')))).join('\n');
  const name = `style-${digest(styles)}.css`;
  await writeFile(at(name), styles);
  for (const old of names) await unlink(at(old));
  links.forEach((link, index) => {
    html = html.replace(link, index === 0 ? `<link rel="stylesheet" href="./${name}">` : '');
  });
}

/** What a start waits for is asked for first, in the order in which it is needed: Trunk puts it behind all else. */
function askEarly() {
  const links = [...html.matchAll(/<link\b[^>]*\brel=["']?(?:modulepreload|preload)\b[^>]*>/g)].map(([link]) => link);
  const rank = (link) => ['_bg.wasm', ''].findIndex((end) => link.includes(end)) + (link.includes('error-desk-engine') ? 2 : 0);
  for (const link of links) html = html.replace(link, '');
  const early = links.sort((one, other) => rank(one) - rank(other)).join('');
  if (!html.includes('<script ')) throw new Error('index.html has no script');
  html = html.replace('<script ', `${early}<script `);
}

async function finishBoot() {
  const name = `boot-${digest(await readFile(at('boot.js')))}.js`;
  await rename(at('boot.js'), at(name));
  renamed('boot.js', name);
}

await finishEngine();
await finishStyles();
askEarly();
await finishBoot();
await writeFile(at('index.html'), html);
