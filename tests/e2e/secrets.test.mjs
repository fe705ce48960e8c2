// What must not be kept: credentials of a dump never, texts of dismissed records no longer. Looked for in the raw database
// and in the files of the profile, each time together with a text that must be found, so that the search is known to work.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import * as dumps from './dumps.mjs';
import { scenario, until } from './harness.mjs';
import { inDatabases, onDisk } from './raw.mjs';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJ1c2VyIjoicXVvbGxnaXN0In0.c2lnbmF0dXJlcXVvbGw';
const HARMLESS = 'marmaladekiosk';
/** Each in the form in which logs hold it; the words are in no other text. */
const LEAKS = {
  qubertzola: 'Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=qubertzola=',
  wixelpront: 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=wixelpront==;EndpointSuffix=core.windows.net',
  dromaskell: 'https://a.blob.core.windows.net/c?sv=2020&sig=dromaskell%3D&se=2026',
  plunkervax: 'Server=tcp:s.database.windows.net;User ID=sa;Password=plunkervax;Encrypt=True',
  griddlefon: 'grant_type=client_credentials&client_id=1&client_secret=griddlefon&resource=x',
  eyJ1c2VyIjoicXVvbGxnaXN0In0: `401 for Authorization: Bearer ${JWT}`,
  zorbalint: 'Request failed, Authorization: Bearer zorbalint.token-of-some-kind',
};
/** Columns of project configurations that are no error texts at all. */
const COLUMNS = { Password: 'hexomatrix', ServiceBusConnectionString: 'yurtwinder', ApiKey: 'jambolotic', cdsPayload: 'ostrichpaw' };

const cell = (text) => `"${text.replaceAll('"', '""')}"`;

function leakyDump() {
  const headers = ['Id', 'Date and time', 'Integration job', 'Entity', 'Error message', 'Note', ...Object.keys(COLUMNS)];
  const lines = Object.values(LEAKS).map((text, at) => [
    `L${at}`, '2026-01-05T06:00:00Z', dumps.JOBS[0], 'Customers V3', `${HARMLESS} ${text}`, text, ...Object.values(COLUMNS),
  ]);
  return Buffer.from(`${[headers, ...lines].map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`);
}

scenario('credentials of a dump are in no value of the database and in no file of the profile', { durable: true }, async (app) => {
  const secrets = [...Object.keys(LEAKS), ...Object.values(COLUMNS), 'hunter2', 'SharedAccessKey=abc'];
  await app.screen.open({ name: 'project.csv', bytes: leakyDump() });
  assert.match(await app.screen.at('import-report').textContent(), /masked and is not stored/i, 'the report says so');
  const fixture = await readFile(new URL('../fixtures/credentials.csv', import.meta.url));
  await app.load('credentials.csv', fixture);
  // Nothing of it leaves the desk by another door either.
  for (const format of ['csv', 'jsonl']) {
    const text = (await app.exported({ filter: {}, format })).toString();
    assert.ok(text.includes(HARMLESS));
    assert.deepEqual(secrets.filter((secret) => text.includes(secret)), [], format);
  }
  await app.desk('submit', { kind: 'retry', jobId: dumps.JOBS[0], filter: { text: HARMLESS }, reason: 'once more' });
  const { found, bytes } = await inDatabases(app.page, [...secrets, HARMLESS]);
  assert.deepEqual(Object.keys(found), [HARMLESS], `among ${bytes} bytes`);
  await app.page.close();
  await app.context.close();
  const disk = await onDisk(app.profile, [...secrets, HARMLESS]);
  assert.deepEqual(Object.keys(disk.found), [HARMLESS], `${JSON.stringify(disk.found)} among ${disk.bytes} bytes`);
});

scenario('credentials in the form of JSON are masked as well', async (app) => {
  const lines = {
    snorkelbee: '{"client_secret":"snorkelbee","grant_type":"client_credentials"}',
    vintagoose: '{"Password": "vintagoose"}',
    cobblefizz: 'Headers: {"Ocp-Apim-Subscription-Key":"cobblefizz"}',
  };
  const text = ['Id,Entity,Error message', ...Object.values(lines).map((line, at) => `J${at},Customers V3,${cell(`${HARMLESS} ${line}`)}`)].join('\r\n');
  await app.load('json.csv', Buffer.from(text));
  const { found } = await inDatabases(app.page, [...Object.keys(lines), HARMLESS]);
  assert.deepEqual(Object.keys(found), [HARMLESS]);
});

const KEPT = 'gooseberrywindow';
const GONE = ['walrustelegram', 'Żółwtelegram', 'umbrellaparsnip', 'ferretcathedral'];

/** A dump whose every tenth record says `GONE` in every column that is its own: message, key and a further one; its ids. */
function tenth(count) {
  const rows = dumps.rows(count, { seed: 71, fixed: { category: 'System', job: dumps.JOBS[0] } });
  const headers = ['Id', 'Date and time', 'Integration job', 'Entity', 'Record key', 'Error message', 'Remark'];
  const isGone = (_, at) => at % 10 === 0;
  const lines = rows.map((row, at) => {
    const words = isGone(row, at) ? GONE : [KEPT, KEPT, KEPT, KEPT];
    return [row.id, new Date(row.occurred).toISOString(), row.job, row.entity, `${words[2]}`, `Write failed for ${words[0]} ${words[1]} ${row.key}`, words[3]];
  });
  const bytes = Buffer.from([headers, ...lines].map((line) => line.map(cell).join(',')).join('\r\n'));
  // By id: the words of a filter stay in the trail, being the user's own.
  return { bytes, ids: rows.filter(isGone).map(({ id }) => id) };
}

scenario('the texts of dismissed records leave the database soon, and those of others stay', { timeout: 180_000 }, async (app) => {
  const { bytes, ids } = tenth(2_000);
  await app.load('log.csv', bytes);
  await app.hurry();
  const before = await inDatabases(app.page, [...GONE, KEPT]);
  assert.deepEqual(Object.keys(before.found).sort(), [...GONE, KEPT].sort(), 'the search finds what is there');
  await app.desk('submit', { kind: 'dismiss', jobId: dumps.JOBS[0], ids });
  await app.idle();
  assert.equal(await app.desk('count', {}), 1_800);
  let left = [];
  await until('the texts are gone from the database', async () => {
    left = Object.keys((await inDatabases(app.page, GONE)).found);
    return left.length === 0;
  }, 20_000).catch((error) => assert.fail(`${error.message}: ${left.join(', ')}`));
  const { found } = await inDatabases(app.page, [...GONE, KEPT]);
  assert.deepEqual(Object.keys(found), [KEPT]);
  await app.reload();
  assert.equal(await app.desk('count', {}), 1_800);
  assert.equal((await app.load('again.csv', bytes)).dismissedEarlier, 200);
  assert.deepEqual(Object.keys((await inDatabases(app.page, [...GONE, KEPT])).found), [KEPT], 'nor does the same dump bring them back');
});

scenario('nor do they stay in files that the browser has for them', { durable: true, timeout: 180_000 }, async (app) => {
  const { bytes, ids } = tenth(4_000);
  await app.load('log.csv', bytes);
  await app.reload();
  await app.hurry();
  // A browser keeps the file of what was read as long as anything may still hold it, even if it is no longer stored.
  assert.equal(await app.desk('count', { text: GONE[0] }), ids.length);
  const inFiles = async () => Object.keys((await onDisk(app.profile, [...GONE, KEPT], (file) => file.includes('.indexeddb.blob'))).found).sort();
  assert.deepEqual(await inFiles(), [...GONE, KEPT].sort(), 'the search finds what is there');
  await app.desk('submit', { kind: 'dismiss', jobId: dumps.JOBS[0], ids });
  await app.idle();
  await until('the texts are gone from the files', async () => (await inFiles()).join() === KEPT);
  for (const { id } of await app.desk('datasets')) await app.desk('removeDataset', id);
  await until('nothing is left of a dump that was removed', async () => (await inFiles()).length === 0);
});
