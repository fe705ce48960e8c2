// What a watched stretch of the screen comes to, and the table of it. Pure: tests can feed it.

const LONG_TASK_MS = 50;
const FRAME_RATE = 58;
const BLANK_SHARE = 0.05;

const sorted = (values) => values.slice().sort((a, b) => a - b);
const quantile = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];
const rounded = (value, digits = 1) => (value === undefined ? undefined : Number(value.toFixed(digits)));

/** How long ago the bar was where the rows are that each frame shows; only for a bar that moves one way. */
function lateness(frames, rows, shows) {
  const place = (frame) => frame.share * Math.max(0, rows - shows);
  const way = Math.sign(place(frames.at(-1)) - place(frames[0])) || 1;
  return frames.map((frame, at) => {
    let then = at;
    // A page's worth of rounding is no lateness: a pixel of the bar is many rows.
    while (then > 0 && (place(frames[then]) - frame.first) * way > rows / 1000) then -= 1;
    return frame.at - frames[then].at;
  });
}

/** From each key or click to the first time that its count was on show. A key that another one overtook has none. */
function answerTimes({ keys, counts }, expected) {
  const acts = keys.filter(({ key }) => key === 'click' || key.length === 1);
  return acts.flatMap((act, number) => {
    const until = acts[number + 1]?.at ?? Infinity;
    const wanted = expected === 'any' ? undefined : expected[number];
    const unknown = counts.findIndex(({ at, count }) => at >= act.at && count === undefined);
    const from = unknown < 0 ? act.at : counts[unknown].at;
    const answer = counts.find(({ at, count }) => at >= from && count !== undefined && (wanted === undefined || count === wanted));
    return answer && answer.at <= until ? [answer.at - act.at] : [];
  });
}

/** Numbers of one stretch. `expected`: the counts that keys lead to, or `any`. */
export function summarise(seen, { scrolls, expected, rows, shows }) {
  const { frames, long, began, ended } = seen;
  const gaps = frames.slice(1).map((frame, at) => frame.at - frames[at].at);
  const tasks = long.map(({ ms }) => ms);
  const found = {
    ms: Math.round(ended - began),
    frames: frames.length,
    fps: gaps.length > 0 ? rounded((1000 * gaps.length) / (frames.at(-1).at - frames[0].at)) : 0,
    longestGap: rounded(Math.max(0, ...gaps)),
    longTasks: tasks.length,
    longestTask: rounded(Math.max(0, ...tasks)),
  };
  if (scrolls) {
    const read = frames.filter((frame) => frame.first !== undefined);
    found.blank = rounded(read.filter(({ blank }) => blank).length / Math.max(1, read.length), 3);
    found.places = new Set(read.map(({ first }) => first)).size;
    const late = read.length > 1 ? lateness(read.filter(({ first }) => Number.isFinite(first)), rows, shows) : [];
    if (late.length > 0) Object.assign(found, { lateMedian: rounded(quantile(late, 0.5)), late95: rounded(quantile(late, 0.95)) });
  }
  if (expected) {
    const answers = answerTimes(seen, expected);
    if (answers.length > 0) Object.assign(found, { answers: answers.map((ms) => rounded(ms)), answerMedian: rounded(quantile(answers, 0.5)), answerWorst: rounded(Math.max(...answers)) });
  }
  return found;
}

const met = ({ longestTask, blank, fps }) => longestTask <= LONG_TASK_MS && (blank === undefined || (blank < BLANK_SHARE && fps >= FRAME_RATE));
const text = (value, unit = '') => (value === undefined ? '—' : `${value}${unit}`);

/** The rows of the table, the head first. */
export function screenTable(parts) {
  return [
    ['Screen', 'Longest task, ms', 'Tasks > 50 ms', 'Frames/s', 'Longest gap, ms', 'Frames with blanks', 'Rows behind the bar, ms (95 %)', 'Key to count, ms (worst)', 'Met'],
    ...parts.map((part) => [
      part.name, text(part.longestTask || '< 50'), text(part.longTasks), text(part.fps), text(part.longestGap),
      part.blank === undefined ? '—' : `${(part.blank * 100).toFixed(1)} %`,
      part.lateMedian === undefined ? '—' : `${part.lateMedian} (${part.late95})`,
      part.answerMedian === undefined ? '—' : `${part.answerMedian} (${part.answerWorst})`,
      met(part) ? 'yes' : 'no',
    ]),
  ];
}
