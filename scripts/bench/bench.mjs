// Measures the desk against other engines in the browser, doing the desk's work on one generated dump: scripts/bench/README.md.
// Started by scripts/bench.sh, which installs what it needs.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { browserVersion } from './browser.mjs';
import { dump, rowsOf } from './dump/write.mjs';
import { ENGINES } from './engines/index.mjs';
import { evaluate, report, reportScreen } from './report.mjs';
import { measureScreen } from './screen.mjs';
import { Session } from './session.mjs';
import { stageDesk, stageEngines } from './stage.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = process.env.DWED_BENCH_CACHE;
const packages = join(cache, 'node_modules');
const require = createRequire(join(cache, 'package.json'));
const results = join(root, 'target', 'bench');
const WORK = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8', 'W9', 'W10', 'W11'];

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: '100k' },
    rounds: { type: 'string', default: '3' },
    engines: { type: 'string', default: Object.keys(ENGINES).join() },
    items: { type: 'string', default: WORK.join() },
    formats: { type: 'string', default: 'csv,ndjson,xlsx' },
    dist: { type: 'string', default: join(root, 'dist') },
    md: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    screen: { type: 'boolean', default: false },
    stage: { type: 'string' },
    names: { type: 'string', default: '{}' },
    dump: { type: 'boolean', default: false },
  },
});
const listed = (text, known, what) => text.split(',').filter(Boolean).map((name) => {
  if (!known.includes(name)) throw new Error(`there is no ${what} ${name}; there are ${known.join(', ')}`);
  return name;
});

function environment() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  return {
    date: new Date().toISOString().slice(0, 10),
    browser: browserVersion(),
    node: process.version,
    processor: cpus()[0].model,
    processors: cpus().length,
    commit: existsSync(join(root, '.git')) ? git('describe', '--always', '--dirty', '--abbrev=10') : 'unknown',
    // What lies in dist/ need not be of this commit: the hash in the program's name tells builds apart.
    build: /-([0-9a-f]{10,16})_bg\.wasm/.exec(readdirSync(options.dist).join())?.[1] ?? 'unknown',
  };
}

async function measure(file) {
  const rounds = Number(options.rounds);
  const names = listed(options.engines, Object.keys(ENGINES), 'engine');
  const wants = new Set(listed(options.items, WORK, 'item'));
  const formats = listed(options.formats, ['csv', 'ndjson', 'xlsx'], 'format');
  const made = await dump(join(cache, 'dumps'), options.size, require('xlsx'));
  const folders = { desk: join(results, 'desk'), engines: join(cache, 'pages') };
  console.log('engines and desk …');
  await stageEngines(folders.engines, packages, require('esbuild'));
  await stageDesk(options.dist, folders.desk);

  const run = { size: options.size, rows: rowsOf(options.size), rounds, environment: environment(), failures: [], samples: [] };
  for (let round = 0; round < rounds; round += 1) {
    // Another engine comes first in each round: whoever follows meets a warmer machine.
    const order = names.map((_, at) => names[(at + round) % names.length]);
    for (const name of order) {
      for (const format of formats.filter((format) => ENGINES[name].formats.includes(format) && made.files[format])) {
        const began = performance.now();
        const session = new Session(name, ENGINES[name], folders, made, (sample) => run.samples.push({ engine: name, round, ...sample }));
        await session.run(format, wants).catch((error) => {
          console.log(`    ${name}, ${format}: ${error.message.split('\n')[0]}`);
          run.failures.push({ engine: name, format, round, reason: error.message.split('\n')[0] });
        });
        if (name === 'desk') run.environment.isolated = session.isolated;
        console.log(`  round ${round + 1}, ${name}, ${format}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
        await writeFile(file, JSON.stringify({ ...run, items: evaluate(run) }, undefined, 1));
      }
    }
  }
}

/** What the screen does meanwhile: the desk alone, with the CSV. */
async function measureOnScreen(file) {
  const made = await dump(join(cache, 'dumps'), options.size, require('xlsx'));
  const folder = join(results, 'desk');
  await stageDesk(options.dist, folder);
  const run = { size: options.size, rows: rowsOf(options.size), environment: environment(), parts: [] };
  await measureScreen(folder, made.files.csv, (part) => {
    console.log(`  screen, ${part.name}: ${(part.ms / 1000).toFixed(0)} s`);
    run.parts.push(part);
  });
  await writeFile(file, JSON.stringify(run, undefined, 1));
}

const written = async (file) => (existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : undefined);

await mkdir(results, { recursive: true });
const file = join(results, `${options.size}.json`);
const screenFile = join(results, `${options.size}-screen.json`);
// A run of all items is a run of everything; who asks for some items wants no more.
const wantsScreen = options.screen || (options.items === WORK.join() && options.engines.split(',').includes('desk'));
if (options.stage) {
  await stageDesk(options.dist, options.stage, JSON.parse(options.names));
} else if (options.dump) {
  await dump(join(cache, 'dumps'), options.size, require('xlsx'));
} else {
  if (!options.report && !options.screen) await measure(file);
  if (!options.report && wantsScreen) await measureOnScreen(screenFile);
  const told = [options.screen ? undefined : await written(file), wantsScreen ? await written(screenFile) : undefined];
  if (told[0]) console.log(`\n${report(told[0], options)}\n\n${file}`);
  if (told[1]) console.log(`\n${reportScreen(told[1], options)}\n\n${screenFile}`);
}
