// Where the marks of bold and italic go, by the text alone: block by block, as CommonMark pairs them.
"use strict";

window.evergreen = window.evergreen || {};

(() => {
  const PREFIX = /^\s*(?:(?:>|[-*+](?=\s)|\d+[.)](?=\s)|#{1,6}(?=\s)|\[[ xX]\](?=\s))\s*)*/;
  const FENCE = /^\s*(?:```|~~~)/;
  const RULE = /^\s*(?:[-*_]\s*){3,}$/;
  const DELIMITER = /^\s*:?-+:?\s*$/;
  // CommonMark takes no mark beside full-width punctuation, as in **真，**她: it stays outside.
  const LEAD = /\s/;
  const TAIL = /[\s，。、；：！？…—,.;:!?]/;
  const [OPENING, CLOSING] = ["“‘「『（《【〈([", "”’」』）》】〉)]"];
  const PUNCTUATION = /[\p{P}\p{S}]/u;
  // What no sign may come into: what is escaped, code, tags, notes, images, and links but for their words.
  const WHOLE = /\\[^]|(`+)(?!`)(?:[^]*?[^`])\1(?!`)|`+|<[a-z/!][^<>]*>|\[(?:\^[^\s\]]+|\d+)\](?![([])|!?\[|\*+/gi;
  const TARGET = /\(\s*(?:<[^<>\n]*>|(?:\\[^]|[^\s()\\]|\((?:\\[^]|[^\s()\\])*\))*)(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)|\[[^[\]]*\]/y;

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

  // Where the bracket that opens before `at` closes, or -1. Brackets in code count for nothing.
  function closeOf(text, at, to) {
    let depth = 1;
    for (const hit of text.slice(at, to).matchAll(/\\[^]|(`+)(?!`)[^]*?[^`]\1(?!`)|[[\]]/g)) {
      depth += hit[0] === "[" ? 1 : hit[0] === "]" ? -1 : 0;
      if (!depth) {
        return at + hit.index;
      }
    }
    return -1;
  }

  // What `from` to `to` of the text is made of: the runs of *, and what is whole, a link with its `label`.
  function parts(text, from, to) {
    const found = { text, block: { from, to }, runs: [], whole: [] };
    const upTo = text.slice(0, to);
    WHOLE.lastIndex = from;
    for (let hit = WHOLE.exec(upTo); hit; hit = WHOLE.exec(upTo)) {
      const [said, at] = [hit[0], hit.index];
      if (said[0] === "*") {
        found.runs.push({ at, end: at + said.length });
      } else if (/^!?\[$/.test(said)) {
        const close = closeOf(text, at + said.length, to);
        TARGET.lastIndex = close + 1;
        if (close >= 0 && TARGET.test(upTo)) {
          const label = said === "[" ? { from: at + 1, to: close } : null;
          found.whole.push({ at, end: TARGET.lastIndex, label });
          WHOLE.lastIndex = TARGET.lastIndex;
        }
      } else if (!/^`+$/.test(said)) {
        found.whole.push({ at, end: at + said.length });
      }
    }
    return { ...found, pairs: pairsOf(found.runs, text) };
  }

  const charBefore = (text, at) => [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? " ";
  const charAfter = (text, at) => [...text.slice(at, at + 2)][0] ?? " ";
  // Whether a sign holds beside `inner`, which it marks, with `outer` on its other side.
  const holds = (inner, outer) => /\S/.test(inner) && (!PUNCTUATION.test(inner) || /\s/.test(outer) || PUNCTUATION.test(outer));

  // The signs that the site takes as such: one that closes takes the nearest that opens.
  function pairsOf(runs, text) {
    const [found, open] = [[], []];
    for (const run of runs) {
      const [before, after] = [charBefore(text, run.at), charAfter(text, run.end)];
      const [opens, closes, long] = [holds(after, before), holds(before, after), run.end - run.at];
      let at = run.at;
      for (let which = closes ? open.length - 1 : -1; which >= 0 && at < run.end; ) {
        const opener = open[which];
        if ((opener.closes || opens) && (opener.long + long) % 3 === 0 && long % 3) {
          which -= 1; // CommonMark's rule of three
        } else {
          const mark = Math.min(2, run.end - at, opener.end - opener.at);
          found.push({ mark, open: { at: opener.end - mark, end: opener.end }, close: { at, end: at + mark } });
          [at, opener.end] = [at + mark, opener.end - mark];
          open.length = opener.end > opener.at ? which + 1 : which;
          which = open.length - 1;
        }
      }
      if (opens && at < run.end) {
        open.push({ at, end: run.end, long, closes });
      }
    }
    return found;
  }

  const overlap = (sign, from, to) => sign.at < to && sign.end > from;

  // How many * stand directly on both sides; the first may be escaped.
  function signsAround(text, from, to) {
    const back = (sign, at) => {
      let first = at;
      while (text[first - 1] === sign) {
        first -= 1;
      }
      return at - first;
    };
    const before = back("*", from);
    const slashes = back("\\", from - before);
    let after = 0;
    while (text[to + after] === "*") {
      after += 1;
    }
    return Math.min(Math.max(0, before - (slashes % 2)), after);
  }

  // Whether `mark` stands directly around it, and is not the end and the beginning of two passages beside it.
  function isAround({ text, runs, pairs }, from, to, mark) {
    const isBlank = /^\s|\s$/.test(text.slice(from, to));
    const isCut = runs.some(({ at, end }) => (at <= from && end > from) !== (at < to && end >= to)); // picked in part
    const [closed, opened] = [
      pairs.some(({ close }) => overlap(close, from - mark, from)),
      pairs.some(({ open }) => overlap(open, to, to + mark)),
    ];
    return Boolean(signsAround(text, from, to) & mark) && !isBlank && !isCut && !(closed && opened);
  }

  // Whether the signs around it are the beginning and the end of two passages in it.
  const areTwo = ({ pairs }, from, to) =>
    pairs.some(({ open, close }) => open.end === from && close.at < to) && pairs.some(({ open, close }) => close.at === to && open.at > from);

  // The other bracket of the one at `at`, within `from` to `to`; -1 where it has none there.
  function partner(text, at, from, to) {
    const which = OPENING.indexOf(text[at]);
    const [own, other, step] = which >= 0 ? [text[at], CLOSING[which], 1] : [text[at], OPENING[CLOSING.indexOf(text[at])], -1];
    let depth = 0;
    for (let here = at; here >= from && here < to; here += step) {
      depth += text[here] === own ? 1 : text[here] === other ? -1 : 0;
      if (!depth) {
        return here;
      }
    }
    return -1;
  }

  // What is left of `from` to `to` without the blanks, signs and punctuation at its edges; brackets go in pairs, or
  // where the other is not there.
  function bare({ text, runs, whole }, from, to) {
    for (;;) {
      const had = [from, to];
      const [first, last] = [whole.find(({ at }) => at === from), whole.find(({ end }) => end === to)];
      if (from < to && !first) {
        const run = runs.find(({ at, end }) => at <= from && end > from);
        const other = OPENING.includes(text[from]) ? partner(text, from, from, to) : null;
        if (other === to - 1 && !last) {
          to -= 1;
        }
        from = run ? Math.min(run.end, to) : LEAD.test(text[from]) || other === -1 || other === had[1] - 1 ? from + 1 : from;
      }
      if (from < to && !last && to === had[1]) {
        const run = runs.find(({ at, end }) => at < to && end >= to);
        const alone = CLOSING.includes(text[to - 1]) && partner(text, to - 1, from, to) < 0;
        to = run ? Math.max(run.at, from) : TAIL.test(text[to - 1]) || alone ? to - 1 : to;
      }
      if (from === had[0] && to === had[1]) {
        return [from, to];
      }
    }
  }

  // The same, without what no sign holds beside.
  function held(level, from, to) {
    const { text, runs, whole } = level;
    let [first, last] = bare(level, from, to);
    const least = [first, last];
    while (first < last) {
      const [before, after] = [runs.find(({ end }) => end === first)?.at ?? first, runs.find(({ at }) => at === last)?.end ?? last];
      if (!holds(charAfter(text, first), charBefore(text, before))) {
        first = whole.find(({ at }) => at === first)?.end ?? first + charAfter(text, first).length;
      } else if (!holds(charBefore(text, last), charAfter(text, after))) {
        last = whole.find(({ end }) => end === last)?.at ?? last - charBefore(text, last).length;
      } else {
        return [first, last];
      }
      [first, last] = bare(level, first, last);
    }
    return least;
  }

  // What of a block is to be marked: the bare words, with the parts around them; of a link alone, its words.
  function wordsOf(block, text, start, end, mark, isAlone) {
    let level = parts(text, block.from, block.to);
    let [from, to] = [Math.max(start, block.from), Math.min(end, block.to)];
    const linkAround = () => level.whole.find(({ at, end: stop, label }) => label && from >= at && to <= stop);
    const enter = ({ label }) => {
      [from, to] = from < label.to && to > label.from ? [Math.max(from, label.from), Math.min(to, label.to)] : [label.from, label.to];
      level = parts(text, label.from, label.to);
    };
    for (;;) {
      const link = linkAround();
      if (!link) {
        from = Math.min(from, ...level.whole.filter(({ at, end: stop }) => at < from && stop > from).map(({ at }) => at));
        to = Math.max(to, ...level.whole.filter(({ at, end: stop }) => at < to && stop > to).map(({ end: stop }) => stop));
      }
      if (isAlone && (!link || (from === link.at && to === link.end)) && isAround(level, from, to, mark)) {
        return { ...level, from, to, around: true };
      }
      if (link) {
        enter(link);
        continue;
      }
      const [picked, words] = [[from, to], held(level, from, to)];
      [from, to] = words[0] < words[1] ? words : picked;
      const alone = linkAround();
      if (!alone) {
        const around = isAround(level, from, to, mark) && !areTwo(level, from, to);
        return { ...level, from, to, around };
      }
      enter(alone);
    }
  }

  const over = ({ pairs, from, to }, mark) => pairs.find((pair) => pair.mark === mark && pair.open.end <= from && pair.close.at >= to);
  const isMarked = (words, mark) => words.around || Boolean(over(words, mark));

  // The edits of one block, each `[from, to, text]`, in their order.
  function edits(words, mark, take) {
    const { text, pairs, runs, from, to } = words;
    const sign = "*".repeat(mark);
    const away = ({ at, end }) => [at, end, ""];
    if (take && words.around) {
      return [away({ at: from - mark, end: from }), away({ at: to, end: to + mark })];
    }
    let ends = runs.find(({ end }) => end === from)?.at ?? from;
    let begins = runs.find(({ at }) => at === to)?.end ?? to;
    const [left, right] = [({ at, end }) => at >= ends && end <= from, ({ at, end }) => at >= to && end <= begins];
    if (take) {
      const { open, close } = over(words, mark);
      const [isLeft, isRight] = [left(open), right(close)];
      ends -= /\s*$/.exec(text.slice(words.block.from, ends))[0].length;
      begins += /^\s*/.exec(text.slice(begins, words.block.to))[0].length;
      return [isLeft ? away(open) : [ends, ends, sign], isRight ? away(close) : [begins, begins, sign]];
    }
    const same = pairs.filter((pair) => pair.mark === mark);
    const inner = same.flatMap(({ open, close }) => [open, close]).filter(({ at, end }) => at >= from && end <= to);
    const isOpen = same.some(({ open, close }) => open.end <= from && overlap(close, from, to));
    const isLater = same.some(({ open, close }) => close.at >= to && overlap(open, from, to));
    const [before, after] = [same.find(({ close }) => left(close)), same.find(({ open }) => right(open))];
    return [
      ...(isOpen ? [] : [before ? away(before.close) : [from, from, sign]]),
      ...inner.map(away).sort(([one], [other]) => one - other),
      ...(isLater ? [] : [after ? away(after.open) : [to, to, sign]]),
    ];
  }

  // Put `sign`, * or **, around what is picked, or take it away where all of it has it. Gives where to write what, and
  // what of that to select.
  window.evergreen.marked = (text, start, end, sign) => {
    const mark = sign.length;
    const touched = start === end ? [] : blocks(text, start, end);
    let many = touched.map((block) => wordsOf(block, text, start, end, mark, touched.length === 1)).filter(({ from, to }) => text.slice(from, to).trim());
    if (many.length > 1) {
      many = many.filter(({ from, to }) => /[\p{L}\p{N}]/u.test(text.slice(from, to)) && !/^<[!/a-z]/i.test(text.slice(from, to)));
    }
    if (!many.length) {
      const inner = text.slice(start, end);
      return signsAround(text, start, end) & mark
        ? { start: start - mark, end: end + mark, text: inner, from: 0, to: inner.length }
        : { start, end, text: sign + inner + sign, from: mark, to: mark + inner.length };
    }
    const take = many.every((words) => isMarked(words, mark));
    const all = many.filter((words) => take || !isMarked(words, mark)).flatMap((words) => edits(words, mark, take));
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
