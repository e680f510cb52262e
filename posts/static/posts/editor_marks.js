// Where the marks of bold and italic go, by the text alone: they count by the length of their run, block by block.
"use strict";

window.evergreen = window.evergreen || {};

(() => {
  const ITALIC = 1;
  const BOLD = 2;
  const PREFIX = /^\s*(?:(?:>|[-*+](?=\s)|\d+[.)](?=\s)|#{1,6}(?=\s)|\[[ xX]\](?=\s))\s*)*/;
  const FENCE = /^\s*(?:```|~~~)/;
  const RULE = /^\s*(?:[-*_]\s*){3,}$/;
  const DELIMITER = /^\s*:?-+:?\s*$/;
  // CommonMark takes no mark beside full-width punctuation, as in **真，**她: it stays outside.
  const OUTSIDE = /^([\s“‘「『（《【〈(\[]*)([^]*?)([\s”’」』）》】〉，。、；：！？…—)\],.;:!?]*)$/u;

  // The stretches of `text` that `start` to `end` touch, and over which no mark reaches: paragraphs, items, cells.
  function blocks(text, start, end) {
    const found = [];
    let [at, open, fenced] = [0, null, false];
    for (const line of text.split("\n")) {
      const stop = at + line.length;
      const fence = FENCE.test(line);
      const begins = PREFIX.exec(line)[0];
      if (fence || fenced || !line.slice(begins.length).trim() || RULE.test(line)) {
        open = null;
      } else if (/^\s*\|/.test(line)) {
        open = null;
        for (const cell of line.matchAll(/(?:\\.|[^|\\])+/g)) {
          if (!DELIMITER.test(cell[0])) {
            found.push({ from: at + cell.index, to: at + cell.index + cell[0].length });
          }
        }
      } else if (open && !begins.trim()) {
        open.to = stop;
      } else {
        open = { from: at + begins.length, to: stop };
        found.push(open);
        open = /#\s*$/.test(begins) ? null : open;
      }
      fenced = fence ? !fenced : fenced;
      at = stop + 1;
    }
    return found.filter(({ from, to }) => from < end && to > start);
  }

  // The runs of * in a block, each with what it turns on or off. Not what is escaped, or in code.
  function runs({ from, to }, text) {
    const found = [];
    let state = 0;
    for (const hit of text.slice(from, to).matchAll(/\\[^]|(`+)(?!`)[^]*?[^`]\1(?!`)|\*+/g)) {
      const [at, long] = [from + hit.index, hit[0].length];
      if (hit[0][0] !== "*" || long > 3) {
        continue;
      }
      const opens = at + long < to && /\S/.test(text[at + long]);
      const closes = at > from && /\S/.test(text[at - 1]);
      const turns = [ITALIC, BOLD].reduce((all, mark) => all + (long & mark && (state & mark ? closes : opens) ? mark : 0), 0);
      found.push({ at, end: at + long, before: state, turns });
      state ^= turns;
    }
    for (const mark of [ITALIC, BOLD].filter((each) => state & each)) {
      const never = found.findLastIndex((run) => run.turns & mark); // closed
      found[never].turns ^= mark;
      found.slice(never + 1).forEach((run) => {
        run.before ^= mark;
      });
    }
    return found;
  }

  // What of a block is to be marked: the bare words, with the runs around them.
  function wordsOf(block, text, start, end) {
    const picked = text.slice(Math.max(start, block.from), Math.min(end, block.to));
    let [, lead, within] = OUTSIDE.exec(picked);
    if (!within) {
      [lead, within] = ["", picked.trim()];
    }
    let from = Math.max(start, block.from) + lead.length;
    let to = from + within.length;
    const all = runs(block, text);
    const left = all.find((run) => run.end >= from && run.at <= from && run.end < to);
    const right = all.find((run) => run !== left && run.at <= to && run.end >= to && run.at > from);
    from = Math.max(from, left?.end ?? 0);
    to = Math.min(to, right?.at ?? to);
    return { ...block, from, to, all, left, right, inner: all.filter((run) => run.at >= from && run.end <= to) };
  }

  // The state at the beginning of the words, and at their end.
  const stateAt = (words, at) => words.all.reduce((state, run) => (run.end <= at ? run.before ^ run.turns : state), 0);

  function isMarked(words, mark) {
    return Boolean(stateAt(words, words.from) & mark) && !words.inner.some((run) => run.turns & mark);
  }

  // The edits of one block, each `[from, to, text]`, in their order.
  function edits(words, mark, take, text) {
    const sign = "*".repeat(mark);
    const shorter = (run) => [run.at, run.at + mark, ""];
    const before = stateAt(words, words.from) & mark;
    const after = stateAt(words, words.to) & mark;
    const { left, right, from, to } = words;
    const end = (run, at, on, away) => {
      if (take) {
        return run?.turns & mark ? [shorter(run)] : [[away, away, sign]];
      }
      return on ? [] : run?.turns & mark ? [shorter(run)] : [[at, at, sign]];
    };
    let [ends, begins] = [left?.at ?? from, right?.end ?? to];
    while (/\s/.test(text[ends - 1] ?? "")) {
      ends -= 1;
    }
    while (/\s/.test(text[begins] ?? "")) {
      begins += 1;
    }
    const inner = take ? [] : words.inner.filter((run) => run.turns & mark).map(shorter);
    return [...end(left, from, before, ends), ...inner, ...end(right, to, after, begins)];
  }

  // Put `sign`, * or **, around what is picked, or take it away where all of it has it. Gives where to write what, and
  // what of that to select.
  window.evergreen.marked = (text, start, end, sign) => {
    const mark = sign.length;
    let many = start === end ? [] : blocks(text, start, end).map((block) => wordsOf(block, text, start, end));
    many = many.filter(({ from, to }) => from < to);
    if (many.length > 1) {
      many = many.filter(({ from, to }) => /[\p{L}\p{N}]/u.test(text.slice(from, to)) && !/^<[!/a-z]/i.test(text.slice(from, to)));
    }
    if (!many.length) {
      const [, had] = /(\**)$/.exec(text.slice(0, start));
      const [has] = /^\**/.exec(text.slice(end));
      const both = Math.min(had.length, has.length);
      if (start === end && both < 4 && both & mark) {
        return { start: start - mark, end: end + mark, text: "", from: 0, to: 0 };
      }
      const inner = text.slice(start, end);
      return { start, end, text: sign + inner + sign, from: mark, to: mark + inner.length };
    }
    const take = many.every((words) => isMarked(words, mark));
    const all = many.filter((words) => take || !isMarked(words, mark)).flatMap((words) => edits(words, mark, take, text));
    const [first, last] = [many[0], many.at(-1)];
    const head = Math.min(first.from, ...all.map(([at]) => at));
    const tail = Math.max(last.to, ...all.map(([, to]) => to));
    let made = "";
    let at = head;
    for (const [from, to, put] of all) {
      made += text.slice(at, from) + put;
      at = to;
    }
    made += text.slice(at, tail);
    const grown = (isBefore) => all.filter(isBefore).reduce((sum, [from, to, put]) => sum + put.length - (to - from), 0);
    const from = first.from + grown(([, to]) => to <= first.from) - head;
    const to = last.to + grown(([from]) => from < last.to) - head;
    return { start: head, end: tail, text: made, from, to };
  };
})();
