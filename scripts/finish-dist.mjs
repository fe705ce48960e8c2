// What Trunk leaves to do, run by it after a build (Trunk.toml) on the files that it is about to publish: the engine's
// files get names by their content, as the page's have, and its glue starts it; the styles become one file; boot.js is
// written into the page, so that a start does not wait for it, and allowed by its digest. An old file never runs beside a
// new page, and a start asks for few files, the programs first.

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

// The name that boot.js gives to the engine's own thread.
const ENGINE = 'engine';

// That thread fetches its program, the threads that it starts are handed it.
// An error is thrown outside of the promise, or whoever started the thread would never hear of it.
const STARTER = (init) => `
const start = (program) => ${init}(program).catch((error) => setTimeout(() => { throw error; }));
if (self.name === '${ENGINE}') start();
else self.onmessage = ({ data }) => { self.onmessage = null; start({ module_or_path: data }); };
`;

async function finishEngine() {
  const [glue, wasm] = ['error-desk-engine.js', 'error-desk-engine_bg.wasm'];
  const source = await readFile(at(glue), 'utf8');
  const init = /\b(\w+) as default\b/.exec(source)?.[1];
  if (!init) throw new Error(`${glue} exports no default`);
  if (!source.includes(`'${wasm}'`)) throw new Error(`${glue} does not name ${wasm}`);
  const started = source + STARTER(init);
  const hash = digest(started, await readFile(at(wasm)));
  const named = `error-desk-engine-${hash}_bg.wasm`;
  await writeFile(at(`error-desk-engine-${hash}.js`), started.replaceAll(`'${wasm}'`, `'${named}'`));
  await unlink(at(glue));
  await rename(at(wasm), at(named));
  renamed(glue, `error-desk-engine-${hash}.js`);
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
  const isProgram = (link) => link.includes('_bg.wasm');
  for (const link of links) html = html.replace(link, '');
  const early = links.sort((one, other) => isProgram(other) - isProgram(one)).join('');
  if (!html.includes('<script ')) throw new Error('index.html has no script');
  html = html.replace('<script ', `${early}<script `);
}

async function finishBoot() {
  // As browsers read it, of which they make the digest.
  const script = (await readFile(at('boot.js'), 'utf8')).replaceAll('\r\n', '\n');
  if (/<\/script|<!--/i.test(script)) throw new Error('boot.js holds what would end it in a page');
  if (!script.includes(`name: "${ENGINE}"`)) throw new Error(`boot.js names no thread ${ENGINE}`);
  const [tag, allowed] = [/(<script\b[^>]*?) src=["']?(?:\.\/)?boot\.js["']?([^>]*>)(?=<\/script>)/, "script-src 'self'"];
  if (!tag.test(html) || !html.includes(allowed)) throw new Error('index.html names no boot.js, or allows no scripts');
  const sum = createHash('sha256').update(script).digest('base64');
  html = html.replace(tag, (_, before, after) => before + after + script).replace(allowed, `${allowed} 'sha256-${sum}'`);
  await unlink(at('boot.js'));
}

await finishEngine();
await finishStyles();
askEarly();
await finishBoot();
await writeFile(at('index.html'), html);
