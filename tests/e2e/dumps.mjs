// Fixture dumps and what must be true of them, made here and nowhere else: no code of the app, so that its counts can be
// held against counts made in a different way. The same seed makes the same dump.

import { deflateRawSync } from 'node:zlib';

/** The columns of a `DualWriteErrorLog` export, and those that exports of the error grid add. */
export const HEADERS = [
  'RecId', 'CreatedDateTime', 'ProjectName', 'RecordIdentifier', 'ProviderType', 'ExternalEntityName', 'InternalEntityName',
  'DetailedErrorMessage', 'DataAreaId', 'Category', 'DataSource', 'IntegrationJob',
];

export const JOBS = ['Customers to Dataverse', 'Order to cash, async'];
export const SOURCES = ['Finance and Operations', 'Dataverse', 'Lager Århus'];
export const CATEGORIES = ['Application', 'System', 'Concurrency', 'Conflict'];
const ENTITIES = [
  ['Customers V3', 'accounts'],
  ['Vendors V2', 'msdyn_vendors'],
  ['Released products V2', 'msdyn_sharedproductdetails'],
  ['Größentabelle „Süd“', 'new_groessen'],
];
const MESSAGES = {
  Application: [
    'Write failed for entity Customers V3: "Customer group 80, retail" is not found.\nSet the group, then retry.',
    'Validation failed – Währung € ist für Debitor {key} nicht zulässig, Feld "Currency"',
    'Unable to lookup msdyn_customergroup with values {key}',
  ],
  System: ['Connection attempt failed. Timeout expired, request {key}', 'Response status 503: service unavailable'],
  Concurrency: ['The version of the existing record doesn\'t match the RowVersion property provided.'],
  Conflict: ['Record {key} was changed on both sides.\r\nNothing was written, "neither here, nor there".'],
};

/** A small generator of numbers in [0, 1). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** When the first row of every dump occurred. */
export const BEGIN = Date.UTC(2026, 0, 5, 6, 0, 0);

/**
 * Rows of a dump. `fixed` pins fields of every row: `{ category: 'System', job: JOBS[0] }`. `first` is the number of the
 * first row: dumps with different numbers share no record.
 */
export function rows(count, { seed = 1, fixed = {}, first = 0 } = {}) {
  const next = random(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  return Array.from({ length: count }, (_, at) => {
    const number = first + at;
    const category = fixed.category ?? pick(CATEGORIES);
    const [entity, external] = fixed.entity ? ENTITIES.find(([name]) => name === fixed.entity) : pick(ENTITIES);
    const key = 5637144576 + number * 7;
    return {
      id: String(5637000000 + number),
      // Whole seconds: a date cell of a workbook is a fraction of a day.
      occurred: BEGIN + number * 61_000 + Math.floor(next() * 50) * 1000,
      project: 'DWM-1ae35e60-4bc2-4905-88ea-69a3d3a9b5d3',
      key: String(key),
      provider: 'CDS',
      external,
      entity,
      message: pick(MESSAGES[category]).replace('{key}', key),
      company: pick(['usmf', 'demf', 'gbsi']),
      category,
      source: pick(SOURCES),
      job: pick(JOBS),
      ...fixed,
    };
  });
}

/** How many rows a filter of the scripting API's form must match, counted row by row. */
export function counted(all, filter = {}) {
  return matching(all, filter).length;
}

export function matching(all, { from, to, entities, dataSources, jobs, categories, companies, text } = {}) {
  const time = (value) => (typeof value === 'string' ? Date.parse(value) : value);
  return all.filter((row) => (from === undefined || row.occurred >= time(from))
    && (to === undefined || row.occurred < time(to))
    && (!entities || entities.includes(row.entity))
    && (!dataSources || dataSources.includes(row.source))
    && (!jobs || jobs.includes(row.job))
    && (!categories || categories.includes(row.category))
    && (!companies || companies.includes(row.company))
    && (!text || row.message.toLowerCase().includes(text.toLowerCase())));
}

/** How many rows have which value: `tally(rows, 'category')`. */
export function tally(all, field) {
  const counts = {};
  for (const row of all) counts[row[field]] = (counts[row[field]] ?? 0) + 1;
  return counts;
}

const iso = (millis) => new Date(millis).toISOString();
const cellsOf = (row) => [
  row.id, row.occurred, row.project, row.key, row.provider, row.external, row.entity, row.message, row.company, row.category,
  row.source, row.job,
];

function csvCell(value) {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function csvText(headers, lines) {
  return `${[headers, ...lines].map((line) => line.map(csvCell).join(',')).join('\r\n')}\r\n`;
}

/** A dump in the shape of `DualWriteErrorLog`, as CSV with a byte order mark. */
export function csv(all, { zone = true } = {}) {
  const time = (millis) => (zone ? iso(millis) : iso(millis).slice(0, 19).replace('T', ' '));
  const lines = all.map((row) => cellsOf(row).map((cell) => (typeof cell === 'number' ? time(cell) : cell)));
  return Buffer.from(`\ufeff${csvText(HEADERS, lines)}`);
}

/** The same rows under the plain words that people use. */
export function plainCsv(all) {
  const headers = ['Id', 'Date and time', 'Integration job', 'Entity', 'Data source', 'Legal entity', 'Category', 'Record key', 'Error message', 'Colour'];
  const lines = all.map((row) => [
    row.id, iso(row.occurred), row.job, row.entity, row.source, row.company, row.category, row.key, row.message, 'blå',
  ]);
  return Buffer.from(csvText(headers, lines));
}

/** A table without a message and without an entity. */
export function foreignCsv() {
  return Buffer.from('Artikel;Menge;Preis\r\nSchraube;12;0,10\r\nMutter;7;0,08\r\n');
}

// ---- workbooks -----------------------------------------------------------------------------------------------------------

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** A zip archive of `[name, bytes]`; every second member is stored, the others are deflated. */
export function zip(members) {
  const parts = [];
  const directory = [];
  let offset = 0;
  members.forEach(([name, bytes], at) => {
    const stored = at % 2 === 1;
    const body = stored ? bytes : deflateRawSync(bytes);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(0x0800, 2);
    head.writeUInt16LE(stored ? 0 : 8, 4);
    head.writeUInt16LE(0x5b21, 8);
    head.writeUInt32LE(crc32(bytes), 10);
    head.writeUInt32LE(body.length, 14);
    head.writeUInt32LE(bytes.length, 18);
    head.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), head, Buffer.from(name), body]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), head, tail, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  });
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06'), end]);
}

const xml = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\r', '&#13;');

/** A moment as a workbook's date: days since 1899-12-30, in no zone. */
const serial = (millis) => millis / 86_400_000 + 25_569;

function column(index) {
  return index < 26 ? String.fromCharCode(65 + index) : column(Math.floor(index / 26) - 1) + column(index % 26);
}

/** The same dump as a workbook: shared texts, numbers as numbers, times as real date cells. */
export function xlsx(all) {
  const texts = new Map();
  const text = (value, ref) => {
    if (!texts.has(value)) texts.set(value, texts.size);
    return `<c r="${ref}" t="s"><v>${texts.get(value)}</v></c>`;
  };
  const sheetRow = (cells, number) => `<row r="${number}">${cells.join('')}</row>`;
  const lines = [sheetRow(HEADERS.map((header, at) => text(header, `${column(at)}1`)), 1)];
  all.forEach((row, index) => {
    const number = index + 2;
    const cells = cellsOf(row).map((cell, at) => {
      const ref = `${column(at)}${number}`;
      if (typeof cell === 'number') return `<c r="${ref}" s="1"><v>${serial(cell)}</v></c>`;
      if (HEADERS[at] === 'RecId') return `<c r="${ref}"><v>${cell}</v></c>`;
      return text(cell, ref);
    });
    lines.push(sheetRow(cells, number));
  });
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packages = 'http://schemas.openxmlformats.org/package/2006';
  const part = (name, kind) => `<Override PartName="/xl/${name}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${kind}+xml"/>`;
  const link = (id, kind, target) => `<Relationship Id="${id}" Type="${office}/${kind}" Target="${target}"/>`;
  const shared = [...texts.keys()].map((value) => `<si><t xml:space="preserve">${xml(value)}</t></si>`).join('');
  const file = (name, body) => [name, Buffer.from(head + body)];
  return zip([
    file('[Content_Types].xml', `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${part('workbook.xml', 'sheet.main')}${part('worksheets/sheet1.xml', 'worksheet')}${part('styles.xml', 'styles')}${part('sharedStrings.xml', 'sharedStrings')}</Types>`),
    file('_rels/.rels', `<Relationships xmlns="${packages}/relationships">${link('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`),
    file('xl/workbook.xml', `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="Sync errors" sheetId="1" r:id="rId1"/></sheets></workbook>`),
    file('xl/_rels/workbook.xml.rels', `<Relationships xmlns="${packages}/relationships">${link('rId1', 'worksheet', 'worksheets/sheet1.xml')}${link('rId2', 'styles', 'styles.xml')}${link('rId3', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`),
    file('xl/styles.xml', `<styleSheet xmlns="${main}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" xfId="0"/><xf numFmtId="22" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`),
    file('xl/sharedStrings.xml', `<sst xmlns="${main}" uniqueCount="${texts.size}">${shared}</sst>`),
    file('xl/worksheets/sheet1.xml', `<worksheet xmlns="${main}"><sheetData>${lines.join('')}</sheetData></worksheet>`),
  ]);
}
