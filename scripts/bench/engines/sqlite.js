// SQLite-WASM over OPFS: the page's side. The work is in sqlite.worker.js, since synchronous handles exist in workers only.

let worker;
let calls = 0;
const waiting = new Map();

const ask = (method, ...args) => new Promise((done, failed) => {
  calls += 1;
  waiting.set(calls, { done, failed });
  worker.postMessage({ call: calls, method, args });
});

const METHODS = ['importFile', 'count', 'filter', 'search', 'facets', 'histogram', 'sortWindow', 'groupNormalised', 'reopen', 'deleteWhere'];

export const bench = {
  async init() {
    worker = new Worker('sqlite.worker.js', { type: 'module' });
    worker.onmessage = ({ data: { call, answer, error } }) => {
      const { done, failed } = waiting.get(call);
      waiting.delete(call);
      if (error) failed(new Error(error));
      else done(answer);
    };
    await ask('init');
  },
  ...Object.fromEntries(METHODS.map((method) => [method, (...args) => ask(method, ...args)])),
};
