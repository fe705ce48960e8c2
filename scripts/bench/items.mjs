// What is measured, and what the desk wants to reach: ratios of the desk's median to the best rival's of the same run.

import { ENGINES } from './engines/index.mjs';

const anyone = () => true;
const durable = (name) => ENGINES[name].durable;
const unordered = (name) => !ENGINES[name].ordered;
const only = (wanted) => (name) => name === wanted;
const nobody = () => false;

/**
 * `id` names the samples; `desk` other samples for the desk, where they differ; `atLeast` or `atMost` is the goal for the
 * ratio; `below` a goal for the value itself.
 */
export const ITEMS = [
  { id: 'W1 csv', title: 'W1 import CSV → can be asked', unit: 'MB/s', rivals: anyone, atLeast: 1.6 },
  { id: 'W1 csv', title: 'W1 import CSV → durable', unit: 'MB/s', rivals: durable, atLeast: 2.5 },
  { id: 'W1 ndjson', title: 'W1 import JSON lines', unit: 'MB/s', rivals: anyone, atLeast: 2 },
  { id: 'W1 xlsx', title: 'W1 import XLSX', unit: 'MB/s', rivals: anyone, atLeast: 4 },
  { id: 'peak', title: 'Memory added, peak of the import', unit: 'MiB', rivals: anyone, atMost: 0.98 },
  { id: 'held', title: 'Memory held after all questions', unit: 'MiB', rivals: anyone, atMost: 0.75 },
  { id: 'W2', title: 'W2 filter: count and newest 100 rows', unit: 'ms', rivals: anyone, atMost: 0.7 },
  { id: 'W3', title: 'W3 text in messages: count', unit: 'ms', rivals: anyone, atMost: 0.25 },
  { id: 'W4', title: 'W4 six facets under a filter', unit: 'ms', rivals: anyone, atMost: 0.9 },
  { id: 'W5', title: 'W5 histogram of 60 bars under a filter', unit: 'ms', rivals: anyone, atMost: 0.8 },
  { id: 'W6 key first', title: 'W6 sort all by record key, first time', unit: 'ms', rivals: unordered, atMost: 0.5 },
  { id: 'W6 message first', title: 'W6 sort all by message, first time', unit: 'ms', rivals: unordered, atMost: 0.4 },
  { id: 'W6 key again', title: 'W6 by record key, another place', unit: 'ms', rivals: anyone, atMost: 0.3 },
  { id: 'W6 message again', title: 'W6 by message, another place', unit: 'ms', rivals: anyone, atMost: 0.3 },
  { id: 'W7', title: 'W7 reload → first filtered rows', unit: 'ms', rivals: durable, atMost: 0.6 },
  { id: 'W8', title: 'W8 delete 1 % by filter, durably', unit: 'ms', rivals: durable, atMost: 0.6 },
  { id: 'W9', title: 'W9 causes, prepared', unit: 'ms', rivals: anyone, atMost: 0.01 },
  { id: 'W9', desk: 'W9 on demand', title: 'W9 causes, by another rule', unit: 'ms', rivals: anyone, atMost: 0.2 },
  { id: 'W10 cold', title: 'W10 cold start, against plain JavaScript', unit: 'ms', rivals: only('js-columnar'), atMost: 2 },
  { id: 'W10 cold', title: 'W10 cold start, against SQLite', unit: 'ms', rivals: only('sqlite'), atMost: 0.6 },
  { id: 'W10 bytes', title: 'W10 bytes to load, brotli', unit: 'MB', rivals: only('sqlite'), below: 0.6 },
  // What no rival does: without a pause after what went before, for the first time after a rest, and again.
  { id: 'W11 causes at once', title: 'W11 causes, the 100 largest, without a rest', unit: 'ms', rivals: nobody },
  { id: 'W11 causes rested', title: 'W11 causes, first time after a rest', unit: 'ms', rivals: nobody, below: 50 },
  { id: 'W11 causes again', title: 'W11 causes, again', unit: 'ms', rivals: nobody, below: 50 },
  { id: 'W11 missing at once', title: 'W11 missing references, without a rest', unit: 'ms', rivals: nobody },
  { id: 'W11 missing rested', title: 'W11 missing references, first time after a rest', unit: 'ms', rivals: nobody, below: 100 },
  { id: 'W11 missing again', title: 'W11 missing references, again', unit: 'ms', rivals: nobody, below: 100 },
  { id: 'W11 plan at once', title: 'W11 plan of all records, without a rest', unit: 'ms', rivals: nobody },
  { id: 'W11 plan rested', title: 'W11 plan of all records, first time after a rest', unit: 'ms', rivals: nobody, below: 300 },
  { id: 'W11 plan again', title: 'W11 plan of all records, again', unit: 'ms', rivals: nobody, below: 300 },
  { id: 'W11 sheet', title: 'W11 run sheet of that plan', unit: 'ms', rivals: nobody, below: 1000 },
];
