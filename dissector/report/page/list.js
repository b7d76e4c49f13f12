// SPDX-License-Identifier: GPL-2.0-or-later
// The list of sessions: filtered, sorted, written as far as it is looked at.

const ROWS_AT_ONCE = 150;

const COLUMNS = [
  {key: "id", name: "Session", kind: "c-id", value: entry => entry.id},
  {key: "start", name: "Start", kind: "c-start", value: entry => entry.start},
  {key: "ends", name: "Client, server", kind: "c-ends", value: entry => entry.server + " " + endpoint(entry.session.client)},
  {key: "verdict", name: "Verdict", kind: "c-verdict",
   value: entry => TONES.indexOf(entry.tone) + " " + entry.worst + " " + entry.session.outcome},
  {key: "tls", name: "TLS", kind: "c-tls", value: entry => tlsText(entry.session)},
  {key: "slow", name: "Slowest reply", kind: "c-slow number", value: entry => entry.slowest ? entry.slowest.latency_ns : -1},
  {key: "total", name: "Duration", kind: "c-total number", value: entry => entry.length},
  {key: "mini", name: "Steps", kind: "c-mini"},
];

class SessionList {
  constructor(entries) {
    this.entries = entries;
    this.sort = {key: "id", down: false};
    this.filter = {text: "", outcome: "", finding: "", server: ""};
    this.body = document.querySelector("#sessions tbody");
    this.details = new Map();  // by row
    this.lazy = new IntersectionObserver(seen => {
      for (const each of seen) {
        if (!each.isIntersecting) continue;
        this.lazy.unobserve(each.target);
        this.drawSteps(each.target);
      }
    }, {rootMargin: "200px"});
    this.drawHead();
    const more = byId("more");
    more.firstElementChild.addEventListener("click", () => this.grow(ROWS_AT_ONCE));
    new IntersectionObserver(seen => {
      if (seen.some(each => each.isIntersecting)) this.grow(ROWS_AT_ONCE);
    }, {rootMargin: "600px"}).observe(more);
  }

  drawSteps(box) {
    if (!box.entry) return;
    drawMini(box, box.entry);
    box.entry = null;
  }

  drawHead() {
    const row = clear(document.querySelector("#sessions thead tr"));
    for (const column of COLUMNS) {
      const sorted = this.sort.key === column.key;
      row.append(el("th", {class: column.kind, scope: "col",
                           "aria-sort": sorted && (this.sort.down ? "descending" : "ascending")},
          column.value ? el("button", {type: "button", onclick: () => this.sortBy(column.key)}, column.name)
                       : el("button", {type: "button", disabled: true}, column.name)));
    }
  }

  // Numbers are looked at from the largest, the same column again turns the order.
  sortBy(key, down) {
    const again = this.sort.key === key;
    const usual = key === "slow" || key === "total";
    this.sort = {key, down: down === undefined ? (again ? !this.sort.down : usual) : down};
    byId("sort-key").value = key;
    this.drawHead();
    this.draw();
  }

  matches(entry) {
    const {text, outcome, finding, server} = this.filter;
    if (outcome && entry.session.outcome !== outcome) return false;
    if (server && entry.server !== server) return false;
    if (finding && !entry.session.findings.some(each => each.id === finding)) return false;
    if (!text) return true;
    if (entry.text === undefined) entry.text = searchText(entry.session);
    return text.split(" ").every(word => entry.text.includes(word));
  }

  draw() {
    const {value} = COLUMNS.find(column => column.key === this.sort.key);
    const sign = this.sort.down ? -1 : 1;
    this.shown = this.entries.filter(entry => this.matches(entry)).map(entry => [value(entry), entry]);
    this.shown.sort((a, b) => a[0] < b[0] ? -sign : a[0] > b[0] ? sign : a[1].id - b[1].id);
    this.shown = this.shown.map(each => each[1]);
    this.written = 0;
    this.details.clear();
    this.lazy.disconnect();
    clear(this.body);
    if (!this.shown.length) {
      this.body.append(el("tr", {}, el("td", {class: "empty", colspan: COLUMNS.length}, "No session matches.")));
    }
    byId("count").textContent = this.shown.length === this.entries.length
        ? String(this.entries.length) : this.shown.length + " of " + this.entries.length;
    this.grow(ROWS_AT_ONCE);
  }

  grow(number) {
    const end = Math.min(this.shown.length, this.written + number);
    for (; this.written < end; ++this.written) this.body.append(this.row(this.shown[this.written]));
    byId("more").hidden = this.written === this.shown.length;
    byId("rest-of-list").textContent = count(this.shown.length - this.written, "more session") + " not printed.";
  }

  row(entry) {
    const {session, slowest} = entry;
    const counts = countBy(session.findings, finding => finding.severity);
    const chips = SEVERITIES.filter(severity => counts.has(severity) && severity !== "chat").map(severity =>
        el("span", {class: "chip " + TONE_OF_SEVERITY[severity], title: "findings: " + severity},
           counts.get(severity) + " " + severity));
    const mini = el("div", {class: "mini", "aria-hidden": "true"});
    mini.entry = entry;
    const row = el("tr", {class: "session " + entry.tone, id: "session-" + entry.id},
        el("td", {}, el("button", {class: "open-button", type: "button", "aria-expanded": "false",
                                   "aria-label": "Session " + entry.id}, entry.id)),
        el("td", {}, session.start ? clock(session.start) : "\u2013"),
        el("td", {class: "ends"}, endpoint(session.client), el("span", {class: "sub"}, " \u2192 " + entry.server)),
        el("td", {class: "verdict-cell"}, el("span", {class: "badge"}, words(session.outcome)), chips,
           el("span", {class: "words-of-verdict"}, session.verdict)),
        el("td", {class: "tls"}, tlsText(session) || el("span", {class: "muted"}, "none")),
        el("td", {class: "slow number"}, slowest ? duration(slowest.latency_ns) : "\u2013",
           el("span", {class: "sub"}, slowest ? commandName(slowest) : "")),
        el("td", {class: "total number"}, duration(session.duration_ns)),
        el("td", {class: "mini-cell"}, mini));
    row.addEventListener("click", () => {
      if (String(window.getSelection()) === "") this.toggle(row, entry);
    });
    this.lazy.observe(mini);
    return row;
  }

  toggle(row, entry) {
    const open = !this.details.has(row);
    row.classList.toggle("open", open);
    row.querySelector(".open-button").setAttribute("aria-expanded", String(open));
    if (!open) {
      this.details.get(row).remove();
      this.details.delete(row);
      return;
    }
    const {node, waterfall} = detailOf(entry, this.entries.length > 1);
    const detail = el("tr", {class: "detail " + entry.tone}, el("td", {colspan: COLUMNS.length}, node));
    this.details.set(row, detail);
    row.after(detail);
    if (waterfall) waterfall.draw();  // now that its width is known
  }

  // Shows one session, whatever the filter.
  open(entry, behavior) {
    let at = this.shown.indexOf(entry);
    if (at < 0) {
      byId("filters").reset();
      at = this.shown.indexOf(entry);
    }
    if (at >= this.written) this.grow(at + 1 - this.written);
    const row = byId("session-" + entry.id);
    if (!this.details.has(row)) this.toggle(row, entry);
    row.scrollIntoView({block: "start", behavior});
  }
}
