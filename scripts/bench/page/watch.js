// Evaluated in the desk's page before its own scripts: watches frames, long tasks, and which rows the grid shows.
//
// What is shown is read in a task of its own after the frame's painting, when the layout is clean: reading costs the page
// no layout of its own.

window.__watch = (() => {
  const PAST_HEAD = 2;
  const LONGEST_REST_MS = 5_000;
  const at = (handle) => document.querySelector(`[data-testid="${handle}"]`);
  const long = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) long.push({ at: startTime, ms: duration });
  }).observe({ type: 'longtask', buffered: true });

  const counts = [];
  const noteCount = () => {
    const text = at('row-count')?.dataset.count;
    if (text !== undefined && counts.at(-1)?.count !== Number(text)) counts.push({ at: performance.now(), count: Number(text) });
    // A count that comes again after it was unknown is news as well.
    if (text === undefined && counts.length > 0 && counts.at(-1).count !== undefined) counts.push({ at: performance.now(), count: undefined });
  };
  const keys = [];
  addEventListener('keydown', ({ timeStamp, key }) => keys.push({ at: timeStamp, key }), { capture: true });
  addEventListener('click', ({ timeStamp }) => keys.push({ at: timeStamp, key: 'click' }), { capture: true });

  /** Rows of the window that have no content, the first row that is shown, and the one that belongs at the bar's place. */
  function shown() {
    const grid = at('grid');
    if (!grid || !grid.querySelector('.grid-row')) return undefined;
    const box = grid.getBoundingClientRect();
    const top = (grid.querySelector('.grid-head')?.getBoundingClientRect().bottom ?? box.top) + PAST_HEAD;
    const bottom = box.top + grid.clientHeight - PAST_HEAD;
    let [covered, first, empty] = [0, Infinity, 0];
    for (const row of grid.querySelectorAll('.grid-row')) {
      const { top: begin, bottom: end } = row.getBoundingClientRect();
      if (end <= top || begin >= bottom) continue;
      covered += Math.min(end, bottom) - Math.max(begin, top);
      first = Math.min(first, Number(row.getAttribute('aria-rowindex')) - 2);
      if (!row.dataset.recordId) empty += 1;
    }
    const share = grid.scrollTop / Math.max(1, grid.scrollHeight - grid.clientHeight);
    return { blank: empty > 0 || covered < bottom - top - PAST_HEAD, first, share };
  }

  let frames;
  const paint = new MessageChannel();
  let painting;
  paint.port1.onmessage = () => {
    noteCount();
    if (painting) Object.assign(painting, shown());
  };
  function frame(now) {
    if (!frames) return;
    painting = { at: now };
    frames.push(painting);
    paint.port2.postMessage(undefined);
    requestAnimationFrame(frame);
  }

  return {
    begin() {
      [frames, counts.length, keys.length] = [[], 0, 0];
      noteCount();
      this.began = performance.now();
      requestAnimationFrame(frame);
    },
    /** Everything since `begin`; long tasks are told a little later than they end. */
    async end() {
      await new Promise((done) => setTimeout(done, 60));
      const ended = performance.now();
      const found = { began: this.began, ended, frames, counts: counts.slice(), keys: keys.slice(), long: long.filter((task) => task.at + task.ms > this.began) };
      frames = undefined;
      return found;
    },
    /** Resolves once the grid has a certain count and all its rows, or does not come to rest. */
    async settled() {
      const end = performance.now() + LONGEST_REST_MS;
      for (let calm = 0; calm < 5 && performance.now() < end;) {
        await new Promise((done) => setTimeout(done, 30));
        calm = at('row-count')?.dataset.count !== undefined && shown()?.blank === false ? calm + 1 : 0;
      }
    },
  };
})();
