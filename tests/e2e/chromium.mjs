// The browser that the tests drive: where it is, how it starts, and how all of its processes end at once.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const tools = process.env.DWED_NODE_TOOLS;
if (!tools) throw new Error('DWED_NODE_TOOLS is not set: scripts/setup.sh test makes what it names');

/** Loads one of the tests' packages. */
export const require = createRequire(join(tools, 'package.json'));
export const { chromium } = require('playwright-core');

const FLAGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** How every browser is started. */
export const launch = {
  executablePath: process.env.DWED_CHROMIUM
    ?? execFileSync(join(root, 'scripts', 'chrome.sh'), ['chromium'], { encoding: 'utf8' }).trim(),
  headless: true,
  args: [...FLAGS, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
};

/** Ends every process of the browser with this profile, as a power cut would: none of them gets to tidy up. */
export async function killAll(profile, context) {
  const own = processesOf(profile);
  assert.ok(own.length > 0, 'the browser is not running');
  own.forEach(kill);
  await context.close().catch(() => {});
  // One that was just being started comes up all the same.
  for (let left = processesOf(profile); left.length > 0; left = processesOf(profile)) {
    left.forEach(kill);
    await new Promise((done) => setTimeout(done, 10));
  }
  await rm(join(profile, 'SingletonLock'), { force: true });
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Processes that were started with the profile: the browser and its children. */
function processesOf(profile) {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number).filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile) && readlinkSync(`/proc/${pid}/exe`) !== '';
    } catch {
      return false;
    }
  });
}
