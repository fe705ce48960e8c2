// The log of Chromium's database of databases, LevelDB, as a kill leaves it.
//
// A kill in the middle of a write leaves a record of which a part is missing. That is foreseen and harmless, but the browser
// goes on writing behind it, into the same file (google/leveldb#1287): at the next start what was written there is taken for
// the missing part. Then commits that were acknowledged are lost, or the browser finds the database damaged and removes it.

import { access, appendFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const BLOCK = 32_768;
const HEAD = 7;
const FIRST = 2;
const MIDDLE = 3;

async function newestLog(databases) {
  for (const folder of await readdir(databases).catch(() => [])) {
    const logs = (await readdir(join(databases, folder)).catch(() => [])).filter((name) => name.endsWith('.log')).sort();
    if (folder.endsWith('.leveldb') && logs.length > 0) return join(databases, folder, logs.at(-1));
  }
  return undefined;
}

/** How many bytes of the log's last record are there, if not all; `undefined` where the log ends well. */
export async function torn(databases) {
  const log = await newestLog(databases);
  if (!log) return undefined;
  const bytes = await readFile(log);
  let begun;
  for (let at = 0; at < bytes.length;) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEAD) {
      at += left;
      continue;
    }
    const type = bytes[at + 6];
    const end = at + HEAD + (at + HEAD <= bytes.length ? bytes.readUInt16LE(at + 4) : 0);
    if (at + HEAD > bytes.length || end > bytes.length) return bytes.length - (begun ?? at);
    if (type === FIRST) begun = at;
    else if (type !== MIDDLE) begun = undefined;
    at = end;
  }
  return begun === undefined ? undefined : bytes.length - begun;
}

/** Does to the log of a closed browser what a kill in the middle of a write would. The answer is the log. */
export async function tear(databases) {
  const record = Buffer.alloc(HEAD + 100, 0x5a);
  record.writeUInt16LE(5_000, 4);
  record[6] = 1;
  const log = await newestLog(databases);
  await appendFile(log, record);
  return log;
}

/**
 * Waits until the browser has put what was in a log elsewhere and removed it. It says that a database is deleted before it
 * begins a new log for that, mostly some milliseconds, on a machine that has more to do half a second: who is killed a second
 * time in between has what was torn in the middle of a log.
 */
export async function gone(log) {
  for (const late = Date.now() + 10_000; ; await new Promise((done) => setTimeout(done, 10))) {
    const isThere = await access(log).then(() => true, (error) => error.code !== 'ENOENT');
    if (!isThere) return;
    if (Date.now() > late) throw new Error(`${log} is still there`);
  }
}
