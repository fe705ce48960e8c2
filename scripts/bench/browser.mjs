// A headless Chromium with an empty profile of its own, and what its processes take of memory.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { chromium } = createRequire(join(process.env.DWED_NODE_TOOLS, 'package.json'))('playwright-core');
const FLAGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];
const executablePath = process.env.DWED_CHROMIUM
  ?? execFileSync(fileURLToPath(new URL('../chrome.sh', import.meta.url)), ['chromium'], { encoding: 'utf8' }).trim();

export const browserVersion = () => execFileSync(executablePath, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().replace(/ built on.*/, '');

/** Opens an empty page in a new browser, with `scrollBars` if they are to be dragged; `close` leaves nothing behind. */
export async function openBrowser({ scrollBars = false } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'error-desk-bench-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    ...(scrollBars && { ignoreDefaultArgs: ['--hide-scrollbars'] }),
    args: [...FLAGS, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    viewport: { width: 1280, height: 800 },
  });
  const page = context.pages()[0] ?? await context.newPage();
  const close = async () => {
    await context.close().catch(() => {});
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  return { context, page, close };
}

/** Renderers among the processes that this one started: `{ pid: { now, peak } }` in MiB. Linux only; elsewhere empty. */
function renderers() {
  const processes = new Map();
  for (const pid of existing('/proc').filter((name) => /^\d+$/.test(name)).map(Number)) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      processes.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // Ended meanwhile.
    }
  }
  const ours = (pid) => pid === process.pid || (processes.has(pid) && pid > 1 && ours(processes.get(pid)));
  const found = {};
  for (const pid of processes.keys()) {
    try {
      if (!ours(pid) || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) continue;
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const mebibytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024;
      found[pid] = { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
    } catch {
      // Ended meanwhile.
    }
  }
  return found;
}

const existing = (folder) => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const sum = (found, key) => Object.values(found).reduce((total, one) => total + one[key], 0);

/** Begins to watch memory; the answer tells what was added since, at the peak and now. `undefined` where it cannot be read. */
export function watchMemory() {
  const before = renderers();
  if (Object.keys(before).length === 0) return () => undefined;
  // Resets the peak to what is held now.
  for (const pid of Object.keys(before)) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const base = sum(before, 'now');
  return () => {
    const after = renderers();
    return { peak: sum(after, 'peak') - base, held: sum(after, 'now') - base };
  };
}
