// A browser that is killed while it works, some times; `scripts/crashes.mjs` does the same for as long as one likes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { serve } from '../../scripts/serve.mjs';
import { gone, tear } from './crashes/leveldb.mjs';
import { crashes } from './crashes/run.mjs';
import * as dumps from './dumps.mjs';
import { scenario } from './harness.mjs';

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

// The browser goes on writing behind a record that a kill has torn, into the same file, and cannot read that file later.
// Deleting any database of the origin, however small, makes it begin a new file, so each start does.

async function tornDesk(app) {
  await app.load('log.csv', dumps.csv(dumps.rows(2_000, { seed: 81, fixed: { category: 'System', job: dumps.JOBS[0] } })));
  await app.hurry();
  await app.kill();
  const log = await tear(join(app.profile, 'Default', 'IndexedDB'));
  await app.launch();
  assert.equal(await app.desk('count', {}), 2_000, 'the torn record itself costs nothing');
  await gone(log);
}

scenario('what is acknowledged after a kill in the middle of a write outlives the next kill', { durable: true }, async (app) => {
  await tornDesk(app);
  await app.desk('configure', { rehearsalStepMs: 7 });
  await app.kill();
  await app.launch();
  assert.equal((await app.desk('settings')).rehearsalStepMs, 7);
});

scenario('much work after a kill in the middle of a write does not cost the database at the next kill', { durable: true }, async (app) => {
  await tornDesk(app);
  await app.load('more.csv', dumps.csv(dumps.rows(3_000, { first: 10_000 })));
  await app.desk('submit', { kind: 'retry', jobId: dumps.JOBS[0], filter: {} });
  await app.kill();
  await app.launch();
  await app.idle();
  assert.deepEqual((await app.desk('datasets')).map(({ name }) => name), ['log.csv', 'more.csv']);
  assert.ok((await app.desk('requests', {}))[0].cleared >= 2_000);
});
