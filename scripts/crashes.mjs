#!/usr/bin/env node
// Kills a browser at random moments while the built app works in it, and checks after each restart that nothing
// acknowledged is lost and nothing is there by half: `node scripts/crashes.mjs [--times 50] [--seed 1] [--dir dist]`.
//
// Needs a build and the tools of the end-to-end tests (`DWED_NODE_TOOLS`, from `scripts/setup.sh test`).

import { crashes } from '../tests/e2e/crashes/run.mjs';
import { serve } from './serve.mjs';

function options(args) {
  const found = { times: 50, seed: 1, dir: 'dist' };
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at]?.replace(/^--/, ''), args[at + 1]];
    if (!(name in found) || value === undefined) throw new Error('usage: crashes.mjs [--times 50] [--seed 1] [--dir dist]');
    found[name] = name === 'dir' ? value : Number(value);
    if (name !== 'dir' && !(Number.isInteger(found[name]) && found[name] > 0)) throw new Error(`--${name} is a number from 1`);
  }
  return found;
}

try {
  const { times, seed, dir } = options(process.argv.slice(2));
  const server = await serve({ dir, port: 0 });
  const began = Date.now();
  const { kills, tears, failures } = await crashes({ times, seed, url: server.url, log: (line) => console.log(line) });
  await server.close();
  const counts = Object.entries(kills).map(([during, count]) => `${count} during ${during}`).join(', ');
  console.log(`${times} crashes of seed ${seed} in ${Math.round((Date.now() - began) / 1_000)} s: ${counts}; ${tears} in the middle of a write; ${failures.length} failures`);
  for (const { crash, error } of failures) console.log(`  ${crash}: ${error.message}`);
  process.exit(failures.length > 0 ? 1 : 0);
} catch (error) {
  console.error(`crashes: ${error.message}`);
  process.exit(1);
}
