// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of a session to scale.

const NAME_OF_BAR = {
  connect: "TCP handshake", greeting: "greeting", tls: "TLS handshake", think: "client thinks",
  idle: "idle", send: "command sent", transfer: "message sent", wait: "reply awaited", close: "close",
};

function segment(kind, start, end, view) {
  const span = view.to - view.from;
  if (end < view.from || start > view.to) return null;
  const left = Math.max(0, (start - view.from) / span * 100);
  const right = Math.min(100, (end - view.from) / span * 100);
  const part = el("i", {class: "seg s-" + kind});
  // A bar at the very end keeps its least width inside the track.
  if (left > 99) part.style.right = 100 - right + "%";
  else part.style.left = left + "%";
  part.style.width = right - left + "%";
  return part;
}

function wholeView(entry) {
  return {from: 0, to: Math.max(1, entry.length)};
}

// The whole session in one track.
function drawMini(box, entry) {
  for (const [kind, start, end] of entry.bars) {
    const part = segment(kind, start, end, wholeView(entry));
    if (part) box.append(part);
  }
}

function rowsOf(entry) {
  const rows = new Map();
  for (const bar of entry.bars) {
    const [kind, start, end, command] = bar;
    const key = command || kind;
    if (!rows.has(key)) rows.set(key, {kind, command: entry.session.commands[command - 1], bars: [], from: start, to: end});
    const row = rows.get(key);
    row.bars.push(bar);
    row.from = Math.min(row.from, start);
    row.to = Math.max(row.to, end);
    // A command stands where it was sent, not where the client began to think.
    if (kind !== "think" && kind !== "idle" && row.at === undefined) row.at = start;
  }
  const place = row => row.at === undefined ? row.from : row.at;
  return [...rows.values()].sort((a, b) => place(a) - place(b));
}

function frames(first, last) {
  return last && last !== first ? first + ", reply " + last : first;
}

function factsOfCommand(command) {
  return [
    ["argument", command.argument],
    ["reply", command.code ? command.code + " " + (command.text || "") : command.reply_frame ? "encrypted" : "none seen"],
    ["frame", frames(command.frame, command.reply_frame)],
    ["latency", command.latency_ns === undefined ? undefined : duration(command.latency_ns)],
    ["service", command.service_ns === undefined || command.service_ns === command.latency_ns
        ? undefined : duration(command.service_ns) + " (this command alone)"],
    ["client before", command.think_ns === undefined ? undefined : duration(command.think_ns)],
    ["idle before", command.idle_ns === undefined ? undefined : duration(command.idle_ns)],
    ["inferred", command.inferred ? "from sizes, " + Math.round(command.confidence * 100) + " %" : undefined],
    ["bytes", command.request_bytes === undefined ? undefined
        : command.request_bytes + " encrypted, reply " + (command.reply_bytes || 0)],
    ["pipelined", command.pipelined ? "yes" : undefined],
    ["encrypted", command.encrypted ? "yes" : undefined],
    ["exact", command.exact ? undefined : "no: a gap of the capture touches it"],
  ];
}

function toneOfCode(code) {
  return code >= 500 ? "bad" : code >= 400 ? "warn" : "plain";
}

// What a row says: its name, argument, code, time, and the facts to tell on hovering.
function describe(row, session) {
  const command = row.command;
  if (command) {
    return {name: commandName(command), argument: command.argument, code: command.code,
            time: command.latency_ns, facts: factsOfCommand(command)};
  }
  const {tcp, greeting, tls} = session;
  if (row.kind === "connect") {
    return {name: NAME_OF_BAR.connect, time: tcp.handshake_ns, argument: tcp.synack_frame ? "" : "not answered", facts: [
      ["frames", [tcp.syn_frame, tcp.synack_frame, tcp.ack_frame].filter(Boolean).join(", ")],
      ["SYNs", tcp.syn_count > 1 ? tcp.syn_count : undefined],
      ["round trip", tcp.rtt_server_ns === undefined ? undefined : duration(tcp.rtt_server_ns)]]};
  }
  if (row.kind === "greeting" && !greeting) {
    return {name: NAME_OF_BAR.greeting, argument: "none seen", facts: []};
  }
  if (row.kind === "greeting") {
    return {name: NAME_OF_BAR.greeting, argument: greeting.text, code: greeting.code, time: greeting.delay_ns,
            facts: [["text", greeting.text], ["frame", greeting.frame], ["delay", duration(greeting.delay_ns)]]};
  }
  if (row.kind === "tls" && tls) {
    return {name: NAME_OF_BAR.tls, time: tls.handshake_ns,
            argument: [tls.version, tls.cipher].filter(Boolean).join(", ") || "not completed", facts: [
      ["version", tls.version], ["cipher", tls.cipher], ["server name", tls.sni], ["ALPN", tls.alpn],
      ["resumed", tls.resumed ? "yes" : undefined],
      ["alert", tls.alert ? tls.alert.description + " of the " + tls.alert.sender : undefined],
      ["frames", [tls.client_hello_frame, tls.finished_frame].filter(Boolean).join(" to ")]]};
  }
  return {name: NAME_OF_BAR.close, argument: tcp.close.toUpperCase() + " of the " + tcp.closed_by,
          facts: [["frame", tcp.close === "rst" ? tcp.rst_frame : tcp.fin_frame]]};
}

const MAX_ROWS = 300;

function legend(kinds, names, prefix) {
  return el("div", {class: "legend"}, kinds.map(kind =>
      el("span", {}, el("i", {class: prefix + kind}), names[kind])));
}

class Waterfall {
  constructor(entry) {
    this.entry = entry;
    this.view = wholeView(entry);
    this.rows = rowsOf(entry);
    this.most = MAX_ROWS;
    this.reset = el("button", {type: "button", hidden: true, onclick: () => this.show(wholeView(entry))}, "Whole session");
    this.window = el("i", {class: "window"});
    this.overview = el("div", {class: "overview", title: "Drag to look closer"});
    drawMini(this.overview, entry);
    this.overview.append(this.window);
    this.ticks = el("div", {class: "ticks"});
    this.list = el("div", {class: "fall"});
    const kinds = Object.keys(NAME_OF_BAR).filter(kind => entry.bars.some(bar => bar[0] === kind));
    this.node = el("section", {}, el("h3", {}, "Steps, to scale"), legend(kinds, NAME_OF_BAR, "s-"),
        el("div", {class: "overview-row"}, this.overview, this.reset),
        el("div", {class: "axis"}, el("span", {}, ""), this.ticks, el("span", {class: "number"}, "")), this.list);
    this.listen();
    this.draw();
  }

  show(view) {
    this.view = view;
    this.draw();
  }

  // Dragging over the whole session chooses a part of it.
  listen() {
    let start;
    const at = event => {
      const box = this.overview.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * Math.max(1, this.entry.length);
    };
    this.overview.addEventListener("pointerdown", event => {
      start = at(event);
      this.overview.setPointerCapture(event.pointerId);
    });
    this.overview.addEventListener("pointerup", event => {
      if (start === undefined) return;
      const end = at(event);
      const [from, to] = [Math.min(start, end), Math.max(start, end)];
      start = undefined;
      if ((to - from) / Math.max(1, this.entry.length) > 0.005) this.show({from, to});
    });
  }

  zoomTo(row) {
    const margin = Math.max((row.to - row.from) * 0.15, this.entry.length / 2000, 1);
    const view = {from: Math.max(0, row.from - margin), to: Math.min(Math.max(1, this.entry.length), row.to + margin)};
    const same = view.from === this.view.from && view.to === this.view.to;
    this.show(same ? wholeView(this.entry) : view);
  }

  draw() {
    const {from, to} = this.view;
    const span = to - from;
    const length = Math.max(1, this.entry.length);
    const whole = from === 0 && to === length;
    this.reset.hidden = whole;
    this.window.hidden = whole;
    this.window.style.display = whole ? "none" : "block";
    this.window.style.left = from / length * 100 + "%";
    this.window.style.width = span / length * 100 + "%";
    const list = ticks(from, to, Math.max(2, Math.floor((this.ticks.clientWidth || 600) / 90)));
    clear(this.ticks);
    for (const time of list) {
      const mark = el("span", {}, roundDuration(Math.round(time)));
      mark.style.left = (time - from) / span * 100 + "%";
      if ((time - from) / span > 0.97) mark.style.transform = "translateX(-100%)";
      this.ticks.append(mark);
    }
    this.drawGrid(list, from, span);
    clear(this.list);
    for (const row of this.rows.slice(0, this.most)) this.list.append(this.drawRow(row));
    if (this.rows.length > this.most) {
      this.list.append(el("p", {class: "more"}, el("button", {type: "button", onclick: () => {
        this.most = this.rows.length;
        this.draw();
      }}, "Show all " + this.rows.length + " steps")));
    }
  }

  // Lines at the ticks, as a background that repeats.
  drawGrid(list, from, span) {
    const step = list.length > 1 ? (list[1] - list[0]) / span : 1;
    const shift = list.length ? (list[0] - from) / span : 0;
    this.list.style.setProperty("--step", step * 100 + "%");
    // A percentage of a background's place counts the room that its size leaves.
    this.list.style.setProperty("--shift", step < 1 ? shift / (1 - step) * 100 + "%" : "0");
  }

  drawRow(row) {
    const told = describe(row, this.entry.session);
    const track = el("div", {class: "track"});
    for (const [kind, start, end] of row.bars) {
      const part = segment(kind, start, end, this.view);
      if (!part) continue;
      addTip(part, () => [told.name + ": " + NAME_OF_BAR[kind], [
        ["took", end > start ? duration(end - start) : undefined], ["from", "+" + duration(start)],
        ["to", end > start ? "+" + duration(end) : undefined], ...told.facts]]);
      track.append(part);
    }
    const node = el("div", {class: "fall-row", tabindex: "0", role: "button",
                            "aria-label": told.name + ", " + duration(told.time)},
        el("span", {class: "what"}, el("b", {}, told.name),
           told.argument && el("span", {class: "argument"}, told.argument),
           told.code && el("span", {class: "code " + toneOfCode(told.code)}, told.code)),
        track, el("span", {class: "time"}, told.time === undefined ? "" : duration(told.time)));
    addTip(node, () => [told.name, told.facts]);
    node.addEventListener("click", () => this.zoomTo(row));
    node.addEventListener("keydown", event => {
      if (event.key === "Enter") this.zoomTo(row);
    });
    return node;
  }
}
