// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn of all sessions: outcomes, findings, sessions over time, latency by command.

function countBy(list, key) {
  const counts = new Map();
  for (const each of list) {
    const value = key(each);
    counts.set(value, (counts.get(value) || 0) + 1);
  }
  return counts;
}

function pick(tone, parts, pressed, onclick) {
  return el("li", {}, el("button",
      {class: "pick " + tone, type: "button", "aria-pressed": String(pressed), onclick}, parts));
}

function drawOutcomes(entries, chosen, choose) {
  const counts = [...countBy(entries, entry => entry.session.outcome)].sort(
      (a, b) => TONES.indexOf(toneOf(a[0])) - TONES.indexOf(toneOf(b[0])) || b[1] - a[1]);
  const stack = el("div", {class: "stack", "aria-hidden": "true"});
  const list = el("ul", {class: "picks"});
  for (const [outcome, number] of counts) {
    const part = el("i", {class: toneOf(outcome)});
    part.style.flexGrow = number;
    stack.append(part);
    list.append(pick(toneOf(outcome),
        [el("span", {class: "dot"}), el("span", {class: "words"}, words(outcome)), el("span", {}, number)],
        chosen === outcome, () => choose(chosen === outcome ? "" : outcome)));
  }
  clear(byId("outcomes")).append(stack, list);
}

const MAX_FINDINGS = 7;

function findingCounts(entries) {
  const kinds = new Map();
  for (const entry of entries) {
    for (const id of new Set(entry.session.findings.map(finding => finding.id))) {
      const finding = entry.session.findings.find(each => each.id === id);
      const kind = kinds.get(id) || {id, sessions: 0, severity: finding.severity, text: finding.text};
      ++kind.sessions;
      if (SEVERITIES.indexOf(finding.severity) < SEVERITIES.indexOf(kind.severity)) {
        kind.severity = finding.severity;
        kind.text = finding.text;
      }
      kinds.set(id, kind);
    }
  }
  return [...kinds.values()].sort((a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.sessions - a.sessions ||
      (a.id < b.id ? -1 : 1));
}

function drawFindings(kinds, chosen, choose) {
  const list = el("ul", {class: "picks"});
  for (const kind of kinds.slice(0, MAX_FINDINGS)) {
    list.append(pick(TONE_OF_SEVERITY[kind.severity],
        [el("span", {class: "badge"}, kind.id), el("span", {class: "words", title: kind.text}, kind.text),
         el("span", {class: "muted"}, count(kind.sessions, "session"))],
        chosen === kind.id, () => choose(chosen === kind.id ? "" : kind.id)));
  }
  if (kinds.length > MAX_FINDINGS) {
    list.append(el("li", {class: "muted rest"}, (kinds.length - MAX_FINDINGS) + " more kinds: see the filter below"));
  }
  clear(byId("findings")).append(kinds.length ? list : el("p", {class: "muted"}, "Nothing to report."));
}

// -- Time -----------------------------------------------------------------------------------------

// Round steps of an axis from `start` to `end`, at most `most` of them.
function ticks(start, end, most) {
  const rough = Math.max(1, (end - start) / most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(each => each >= rough);
  const list = [];
  for (let at = Math.ceil(start / step) * step; at <= end; at += step) list.push(at);
  return list;
}

const MAX_BARS = 600;
const MAX_LANES = 40;

// Each session in the first lane that is free.
function lanesOf(entries) {
  const ends = [];
  return [...entries].sort((a, b) => a.start - b.start).map(entry => {
    let lane = ends.findIndex(end => end <= entry.start);
    if (lane < 0) lane = ends.length < MAX_LANES ? ends.length : entry.id % MAX_LANES;
    ends[lane] = Math.max(ends[lane] || 0, entry.start + entry.length);
    return {entry, lane};
  });
}

// Of a list of numbers that is in order.
function medianOf(sorted) {
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : 0;
}

// The places of a time axis. One long session, or a long silence, would leave no room for the rest:
// stretches in which no session begins or ends are cut where even the shortest of them is long beside
// all that stays. Between the cuts the axis is to scale.
const CUT_OF_REST = 0.1;   // what a cut takes of the axis, at the most
const CUTS_OF_REST = 0.6;  // what all of them take
const TIMES_THE_USUAL = 6;

class TimeAxis {
  constructor(entries, shortened) {
    const times = [...new Set(entries.flatMap(entry => [entry.start, entry.start + entry.length]))].sort((a, b) => a - b);
    this.first = times[0];
    this.span = Math.max(1, times[times.length - 1] - this.first);
    this.cuts = [];  // {from, to, shown}, in nanoseconds from the first frame
    this.shown = this.span;
    if (shortened) this.cut(times);
  }

  cut(times) {
    const gaps = times.slice(1).map((time, index) => ({from: times[index] - this.first, to: time - this.first}))
        .sort((a, b) => a.to - a.from - (b.to - b.from));
    const least = TIMES_THE_USUAL * medianOf(gaps.map(gap => gap.to - gap.from));
    let rest = 0;
    const at = gaps.findIndex(({from, to}) => {
      const long = rest > 0 && to - from >= Math.max(least, 2 * CUT_OF_REST * rest);
      if (!long) rest += to - from;
      return long;
    });
    if (at < 0) return;
    const shown = rest * Math.min(CUT_OF_REST, CUTS_OF_REST / (gaps.length - at));
    this.cuts = gaps.slice(at).map(gap => ({...gap, shown})).sort((a, b) => a.from - b.from);
    this.shown = rest + shown * this.cuts.length;
  }

  // Where a time lies, from 0 to 1.
  at(time) {
    let place = time - this.first;
    for (const {from, to, shown} of this.cuts) {
      if (time - this.first <= from) break;
      const inside = Math.min(time - this.first, to) - from;
      place -= inside - inside / (to - from) * shown;
    }
    return place / this.shown;
  }

  // The time of a place, from the first frame.
  timeAt(place) {
    let time = place * this.shown;
    for (const {from, to, shown} of this.cuts) {
      if (time <= from) break;
      const inside = Math.min(time - from, shown);
      time += inside / shown * (to - from) - inside;
    }
    return time;
  }

  // The stretches that are to scale, as [from, to] from the first frame.
  stretches() {
    const ends = [0, ...this.cuts.flatMap(cut => [cut.from, cut.to]), this.span];
    return ends.filter((_, index) => index % 2 === 0).map((from, index) => [from, ends[2 * index + 1]]);
  }
}

function drawTimeline(entries, open, toScale) {
  const box = clear(byId("timeline"));
  const axis = new TimeAxis(entries, !toScale);
  const width = Math.max(280, box.clientWidth);
  const x = time => axis.at(time) * width;
  const many = entries.length > MAX_BARS;
  const drawn = many ? buckets(entries, axis, width) : bars(entries, x, width, open);
  const picture = svg("svg", {viewBox: "0 0 " + width + " " + (drawn.height + 18), role: "img",
                              "aria-label": "Sessions over time, coloured by outcome"});
  drawCuts(picture, axis, x, drawn.height);
  drawTicks(picture, axis, x, width, drawn.height);
  picture.append(...drawn.shapes);
  box.append(picture);
  if (!axis.cuts.length && !toScale) return;
  const left = axis.cuts.reduce((sum, cut) => sum + cut.to - cut.from - cut.shown, 0);
  box.append(el("p", {class: "axis-note muted"},
      toScale ? "To scale. " : "Shortened by " + roundSpan(left) + ", at " + count(axis.cuts.length, "striped place") +
          " where no session begins or ends. ",
      el("button", {type: "button", onclick: () => drawTimeline(entries, open, !toScale)},
         toScale ? "Shorten the axis" : "Show to scale")));
}

function drawCuts(picture, axis, x, height) {
  for (const {from, to} of axis.cuts) {
    const [left, right] = [x(axis.first + from), x(axis.first + to)];
    let stripes = "";
    for (let at = left + 2; at < right; at += 5) stripes += "M" + at.toFixed(1) + " 0V" + (height + 4);
    const area = svg("rect", {class: "cut", x: left, y: 0, width: right - left, height: height + 4});
    addTip(area, () => ["Not to scale", [["from", "+" + duration(from)], ["to", "+" + duration(to)], ["length", duration(to - from)]]]);
    picture.append(svg("path", {class: "stripes", d: stripes}), area);
  }
}

// Round times in each stretch, as far as their words have room.
function drawTicks(picture, axis, x, width, height) {
  const room = 80;
  let free = 0;
  for (const [from, to] of axis.stretches()) {
    const part = x(axis.first + to) - x(axis.first + from);
    for (const at of part < 2 ? [from] : ticks(from, to, Math.max(1, Math.floor(part / 110)))) {
      const place = x(axis.first + at);
      const last = place > width - room;  // its words stand before it
      if (place - (last ? room : 0) < free) continue;
      free = last ? place : place + room;
      picture.append(svg("line", {class: "tick", x1: place, x2: place, y1: 0, y2: height + 4}),
                     svg("text", {x: last ? place - 3 : place + 3, y: height + 15, "text-anchor": last ? "end" : "start"},
                         at === 0 ? "0" : "+" + roundDuration(Math.round(at))));
    }
  }
}

function bars(entries, x, width, open) {
  const placed = lanesOf(entries);
  const lanes = 1 + Math.max(0, ...placed.map(each => each.lane));
  const height = lanes > 12 ? 7 : 14;
  const shapes = placed.map(({entry, lane}) => {
    const left = Math.min(x(entry.start), width - 3);
    const shape = svg("rect", {class: "fill bar-link " + entry.tone, x: left, y: lane * (height + 3) + 2,
                               width: Math.max(3, x(entry.start + entry.length) - left), height, rx: 2});
    addTip(shape, () => ["Session " + entry.id, [["outcome", words(entry.session.outcome)],
        ["server", entry.server], ["start", clock(entry.session.start || "")],
        ["took", duration(entry.session.duration_ns)]]]);
    shape.addEventListener("click", () => open(entry));
    return shape;
  });
  return {shapes, height: lanes * (height + 3) + 2};
}

// Too many sessions for a bar each: how many began when.
function buckets(entries, axis, width) {
  const size = Math.max(4, Math.round(width / 120));
  const columns = Math.ceil(width / size);
  const counts = Array.from({length: columns}, () => ({bad: 0, warn: 0, good: 0, plain: 0, all: 0}));
  for (const entry of entries) {
    const column = counts[Math.min(columns - 1, Math.floor(axis.at(entry.start) * columns))];
    ++column[entry.tone];
    ++column.all;
  }
  const most = counts.reduce((sum, column) => Math.max(sum, column.all), 0);
  const height = 110;
  const shapes = [];
  counts.forEach((column, index) => {
    let y = height;
    for (const tone of TONES) {
      if (column[tone] === 0) continue;
      const part = column[tone] / most * (height - 6);
      y -= part;
      const shape = svg("rect", {class: "fill " + tone, x: index * size, y, width: size - 1, height: part});
      addTip(shape, () => [count(column.all, "session") + " began here",
          [["from", "+" + duration(Math.round(axis.timeAt(index / columns)))], ...TONES.filter(each => column[each]).map(
              each => [NAME_OF_TONE[each], column[each]])]]);
      shapes.push(shape);
    }
  });
  return {shapes, height};
}

const NAME_OF_TONE = {bad: "failed", warn: "in part or delayed", good: "delivered", plain: "neither"};

// -- Latency --------------------------------------------------------------------------------------

const MAX_COMMANDS = 14;
const BINS_IN_DECADE = 6;
const FIRST_DECADE = 4;  // 10 microseconds

function latencies(entries) {
  const lists = new Map();
  const add = (name, value) => {
    if (value === undefined) return;
    if (!lists.has(name)) lists.set(name, []);
    lists.get(name).push(value);
  };
  for (const {session} of entries) {
    add("TCP handshake", session.tcp.handshake_ns);
    add("greeting", session.greeting && session.greeting.delay_ns);
    add("TLS handshake", session.tls && session.tls.handshake_ns);
    for (const command of session.commands) add(commandName(command), command.latency_ns);
  }
  const usual = ["TCP handshake", "greeting", "TLS handshake", "EHLO", "HELO", "LHLO", "STARTTLS", "AUTH",
                 "MAIL", "RCPT", "DATA", "BDAT", "end of data", "RSET", "NOOP", "QUIT"];
  const place = name => usual.includes(name) ? usual.indexOf(name) : usual.length;
  return [...lists].map(([name, values]) => ({name, values: values.sort((a, b) => a - b)}))
      .sort((a, b) => place(a.name) - place(b.name) || b.values.length - a.values.length);
}

function binOf(value) {
  return Math.max(0, Math.floor((Math.log10(Math.max(1, value)) - FIRST_DECADE) * BINS_IN_DECADE + 1e-9));
}

function binStart(bin) {
  return 10 ** (FIRST_DECADE + bin / BINS_IN_DECADE);
}

function histogram(row, from, to) {
  const counts = Array(to - from).fill(0);
  for (const value of row.values) ++counts[binOf(value) - from];
  const most = Math.max(...counts);
  const colour = {"TCP handshake": " h-connect", greeting: " h-greeting", "TLS handshake": " h-tls"}[row.name] || "";
  const box = el("div", {class: "histogram" + colour});
  counts.forEach((number, index) => {
    const bar = el("i", {class: number ? "" : "none"});
    bar.style.height = number ? Math.max(3, number / most * 24) + "px" : "1px";
    const bin = index + from;
    if (number) {
      addTip(bar, () => [row.name + ": " + number + " of " + row.values.length,
          [["from", duration(bin ? binStart(bin) : 0)], ["to", duration(binStart(bin + 1))]]]);
    }
    box.append(bar);
  });
  return box;
}

function drawLatency(entries) {
  const rows = latencies(entries);
  const shown = rows.slice(0, MAX_COMMANDS);
  const box = clear(byId("latency"));
  if (!shown.length) {
    box.append(el("p", {class: "muted"}, "No reply was timed."));
    return;
  }
  const least = Math.min(...shown.map(row => row.values[0]));
  const most = Math.max(...shown.map(row => row.values[row.values.length - 1]));
  // Whole decades, so that the scale has round numbers.
  const from = Math.floor(binOf(least) / BINS_IN_DECADE) * BINS_IN_DECADE;
  const to = (Math.floor(binOf(most) / BINS_IN_DECADE) + 1) * BINS_IN_DECADE;
  const scale = el("div", {class: "scale"});
  for (let bin = from; bin < to; bin += BINS_IN_DECADE) {
    scale.append(el("span", {}, bin === 0 ? "<" + roundDuration(binStart(BINS_IN_DECADE)) : roundDuration(binStart(bin))));
  }
  const head = [["command", ""], ["calls", "number"], ["p50", "number"], ["p95", "number"], ["max", "number"]]
      .map(([name, kind]) => el("th", {class: kind}, name));
  const body = el("tbody");
  for (const row of shown) {
    const cell = (name, value) => el("td", {class: "number " + name, "data-label": name}, value);
    body.append(el("tr", {}, el("td", {title: row.name}, row.name), cell("calls", row.values.length),
        cell("p50", duration(percentile(row.values, 0.5))), cell("p95", duration(percentile(row.values, 0.95))),
        cell("max", duration(row.values[row.values.length - 1])),
        el("td", {class: "distribution"}, histogram(row, from, to))));
  }
  box.append(el("table", {class: "latency"}, el("thead", {}, el("tr", {}, head, el("th", {}, scale))), body));
  if (rows.length > shown.length) {
    box.append(el("p", {class: "muted"}, count(rows.length - shown.length, "rarer command") + " not shown."));
  }
}
