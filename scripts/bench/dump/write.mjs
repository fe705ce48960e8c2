// Writes a dump and its oracle into a folder, as a stream: `errors-<size>.csv`, `.ndjson`, and up to 100,000 rows `.xlsx`.
// What is there and was made by the same program is left alone.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Oracle } from './oracle.mjs';
import { rows } from './rows.mjs';
import { COLUMNS } from './vocabulary.mjs';

const MOST_ROWS_OF_A_WORKBOOK = 100_000;
const ROWS_AT_ONCE = 8192;

/** `10k`, `1M`, `2500`. */
export function rowsOf(size) {
  const [, digits, unit] = /^(\d+)([kM]?)$/.exec(size) ?? [];
  if (!digits) throw new Error(`a size is a number of rows, such as 10k or 1M; not ${size}`);
  return Number(digits) * { '': 1, k: 1000, M: 1_000_000 }[unit];
}

const field = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const FORMATS = {
  csv: { head: `${COLUMNS.join()}\n`, line: (row) => `${COLUMNS.map((name) => field(String(row[name]))).join()}\n` },
  ndjson: { head: '', line: (row) => `${JSON.stringify(row, COLUMNS)}\n` },
};

async function revision() {
  const folder = dirname(fileURLToPath(import.meta.url));
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) hash.update(await readFile(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Makes sure that the dump is in `folder`; answers the paths of its files and its oracle. */
export async function dump(folder, size, XLSX) {
  const count = rowsOf(size);
  const path = (format) => join(folder, `errors-${size}.${format}`);
  const files = { csv: path('csv'), ndjson: path('ndjson'), ...(count <= MOST_ROWS_OF_A_WORKBOOK && { xlsx: path('xlsx') }) };
  const answers = join(folder, `errors-${size}.oracle.json`);
  const made = await revision();
  if (existsSync(answers) && Object.values(files).every(existsSync)) {
    const oracle = JSON.parse(await readFile(answers, 'utf8'));
    if (oracle.made === made) return { files, oracle };
  }
  console.log(`dump of ${size} rows …`);
  await mkdir(folder, { recursive: true });
  const oracle = { made, size, ...await write(count, files, XLSX) };
  await writeFile(answers, JSON.stringify(oracle));
  return { files, oracle };
}

async function write(count, files, XLSX) {
  const outputs = await Promise.all(Object.entries(FORMATS).map(async ([name, format]) => (
    { format, file: await open(files[name], 'w'), lines: [format.head] }
  )));
  const flush = () => Promise.all(outputs.map(async (output) => {
    await output.file.appendFile(output.lines.join(''));
    output.lines = [];
  }));
  const oracle = new Oracle(count);
  const cells = files.xlsx ? [COLUMNS] : undefined;
  for (const row of rows(count)) {
    for (const output of outputs) output.lines.push(output.format.line(row));
    cells?.push(COLUMNS.map((name) => row[name]));
    oracle.add(row);
    if (oracle.added % ROWS_AT_ONCE === 0) await flush();
  }
  await flush();
  await Promise.all(outputs.map((output) => output.file.close()));
  if (cells) {
    const book = XLSX.utils.book_new();
    book.Props = { CreatedDate: new Date(0) };
    XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(cells, { dense: true }), 'Errors');
    await writeFile(files.xlsx, XLSX.write(book, { type: 'buffer', bookType: 'xlsx', compression: true, bookSST: true }));
  }
  return oracle.answers();
}
