// A browser that is killed while it works, some times; `scripts/crashes.mjs` does the same for as long as one likes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { serve } from '../../scripts/serve.mjs';
import { crashes } from './crashes/run.mjs';

const TIMES = 12;
const SEED = 4;

test(`${TIMES} kills at random moments lose nothing acknowledged and leave nothing by half`, { timeout: 300_000 }, async (t) => {
  const server = await serve({ dir: fileURLToPath(new URL('../../dist', import.meta.url)), port: 0 });
  try {
    const { kills, failures } = await crashes({ times: TIMES, seed: SEED, url: server.url, log: (line) => t.diagnostic(line) });
    assert.deepEqual(failures.map(({ crash, what, error }) => `crash ${crash} of seed ${SEED}, ${JSON.stringify(what)}: ${error.message}`), []);
    const hit = Object.values(kills).reduce((sum, count) => sum + count, 0);
    assert.equal(hit, TIMES, 'every life ended in a kill');
  } finally {
    await server.close();
  }
});
