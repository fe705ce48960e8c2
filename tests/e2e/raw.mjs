// What is really stored, beside the app: every value of its database as bytes, and every file of the browser's profile.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Which of the texts are anywhere in any database of the origin, in keys or values, as Latin-1, UTF-8 or UTF-16, and how
 * many bytes were looked through: `{ found: { text: [store, …] }, bytes }`. Runs in a page of the origin, beside the app.
 */
export async function inDatabases(page, texts) {
  return page.evaluate(async (texts) => {
    const wait = (request) => new Promise((done, failed) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
    const wide = (text) => String.fromCharCode(...[...text].flatMap((letter) => [letter.charCodeAt(0) & 255, letter.charCodeAt(0) >> 8]));
    const narrow = (bytes) => {
      let text = '';
      for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return text;
    };
    const forms = new Map(texts.map((text) => [text, [...new Set([text, narrow(new TextEncoder().encode(text)), wide(text)])]]));
    // Anything stored, as one text of bytes; texts stored as such are looked through as UTF-8.
    const flat = async (value) => {
      if (value instanceof Blob) return narrow(new Uint8Array(await value.arrayBuffer()));
      if (value instanceof ArrayBuffer) return narrow(new Uint8Array(value));
      if (ArrayBuffer.isView(value)) return narrow(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      if (Array.isArray(value)) return (await Promise.all(value.map(flat))).join('\0');
      if (value && typeof value === 'object') return flat(Object.entries(value).flat());
      return narrow(new TextEncoder().encode(String(value)));
    };
    const found = {};
    let bytes = 0;
    for (const { name } of await indexedDB.databases()) {
      const database = await wait(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const shelf = database.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([wait(shelf.getAllKeys()), wait(shelf.getAll())]);
        for (const one of [...keys, ...values]) {
          const text = await flat(one);
          bytes += text.length;
          for (const [wanted, all] of forms) if (all.some((form) => text.includes(form))) (found[wanted] ??= new Set()).add(store);
        }
      }
      database.close();
    }
    return { found: Object.fromEntries(Object.entries(found).map(([text, stores]) => [text, [...stores]])), bytes };
  }, texts);
}

/** The same of every file of a profile, or of those `among`; the browser may be open: `{ found: { text: [file, …] }, bytes }`. */
export async function onDisk(profile, texts, among = () => true) {
  const entries = await readdir(profile, { recursive: true, withFileTypes: true });
  assert.ok(entries.length > 0, 'the profile has files');
  const found = {};
  let bytes = 0;
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const file = join(entry.parentPath, entry.name);
    if (!among(file)) continue;
    // It may go meanwhile.
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    bytes += content.length;
    for (const text of texts) {
      const forms = ['utf8', 'latin1', 'utf16le'].map((encoding) => Buffer.from(text, encoding));
      if (forms.some((form) => content.includes(form))) (found[text] ??= []).push(file.slice(profile.length + 1));
    }
  }
  return { found, bytes };
}
