// The desk as one more engine: maps the benchmark's questions to `window.errorDesk`, and nothing else.
//
// A plain script: the benchmark evaluates it in the page before the page's own scripts. Another harness may load it as one
// more script of the page; the page counts as ready when `window.__bench` is there.

(() => {
  const FIELDS = {
    job: 'job', entity: 'entity', data_source: 'dataSource', company: 'company', category: 'category', error_code: 'errorCode',
    record_key: 'recordKey', message: 'message',
  };
  const desk = () => window.errorDesk;
  /** The desk names an entity by its main name, whichever alias the dump has. */
  const written = (name) => window.__benchNames?.[name] ?? name;
  const row = (record) => ({
    id: record.id, occurred_at: record.occurredAt, job: record.job, entity: record.entity, map: record.map, data_source: record.dataSource,
    company: record.company, direction: record.direction, category: record.category, error_code: record.errorCode,
    record_key: record.recordKey, message: record.message, retry_count: record.retryCount,
  });
  const selection = ({ from, to, entities, source }) => ({ from, to, ...(entities && { entities }), ...(source && { dataSources: [source] }) });

  let hurried;
  /** No waiting that is there for people, and no limits that are the product's: once, before the first deletion. */
  const hurry = () => hurried ??= desk().configure({ rehearsalStepMs: 0, dismissHoldSeconds: 0, limits: { requestsPerJob: 1000, recordsPerRequest: 1_000_000 } });

  const bench = {
    name: 'desk',
    async importFile(file) {
      return { rows: (await desk().importFile(file, { name: file.name })).loaded };
    },
    count: () => desk().count({}),
    async filter(filter) {
      const sort = { column: 'occurredAt', descending: true };
      const { total, rows } = await desk().rows({ filter: selection(filter), sort, offset: 0, limit: 100 });
      return { count: total, rows: rows.map(row) };
    },
    async search(term) {
      return { count: await desk().count({ text: term }) };
    },
    async facets(filter, dimensions) {
      const found = await desk().facets(selection(filter), dimensions.map((name) => FIELDS[name]));
      return Object.fromEntries(dimensions.map((name) => (
        [name, Object.fromEntries(found[FIELDS[name]].map(({ value, count }) => [written(value), count]))]
      )));
    },
    async histogram(filter, buckets) {
      return (await desk().histogram(selection(filter), buckets)).map((bar) => bar.count);
    },
    async sortWindow(column, offset, limit) {
      const { rows } = await desk().rows({ filter: {}, sort: { column: FIELDS[column], descending: false }, offset, limit });
      return { rows: rows.map(row) };
    },
    reopen: () => desk().ready,
    prepareDeletion: () => hurry(),
    async deleteWhere(filter) {
      await hurry();
      const { planId, eligible } = await desk().plan({ kind: 'dismiss', filter: selection(filter) });
      await desk().submit({ planId });
      await desk().idle();
      return { deleted: eligible };
    },
  };

  /** The desk finds its causes by rules of its own: their number is theirs, and no oracle knows it. */
  bench.groupPrepared = async () => {
    const { cause } = await desk().facets({}, ['cause']);
    return { groups: cause.length, largest: Math.max(0, ...cause.map(({ count }) => count)), own: true };
  };

  bench.groupNormalised = async () => {
    const { total, groups } = await desk().messageGroups({ limit: 1 });
    return { groups: total, largest: groups[0]?.count ?? 0 };
  };

  // What the desk alone does: every answer tells whether it adds up.
  const sum = (list, of) => list.reduce((before, one) => before + of(one), 0);

  bench.causes = async (rows) => {
    const { total, records, causes } = await desk().causes({}, { offset: 0, limit: 100 });
    const falls = causes.every(({ count }, at) => count > 0 && (at === 0 || count <= causes[at - 1].count));
    const counted = sum(causes, ({ count }) => count);
    return { right: records === rows && falls && causes.length === Math.min(total, 100) && (total > 100 ? counted < rows : counted === rows) };
  };

  bench.missingReferences = async () => {
    const found = await desk().missingReferences({});
    return { right: found.length > 0 && found.every(({ count }, at) => count > 0 && (at === 0 || count <= found[at - 1].count)) };
  };

  bench.plan = async (rows) => {
    const { planId, matched, eligible, excluded, parts } = await desk().plan({ kind: 'retry', filter: {} });
    const planned = sum(parts, ({ count }) => count);
    return { planId, right: matched === rows && planned === eligible && eligible + sum(excluded, ({ count }) => count) === matched };
  };

  bench.runSheet = async (planId) => {
    const { steps, records, bystanders, unreached } = await desk().runSheet({ planId });
    return { right: steps.length > 0 && sum(steps, ({ expected }) => expected) === records - sum(unreached, ({ count }) => count) + bystanders };
  };

  // Another harness may hand its file over through the desk's own input, which would open it at once.
  addEventListener('change', (event) => {
    if (event.target.type !== 'file' || !event.target.files.length) return;
    [window.__benchFile] = event.target.files;
    event.stopImmediatePropagation();
  }, true);

  (function wait() {
    if (!desk()) return void setTimeout(wait, 1);
    desk().ready.then(() => {
      performance.mark('engine-ready');
      window.__benchReadyAt = performance.now();
      window.__bench = bench;
    }, (error) => { window.__benchError = String(error); });
  })();
})();
