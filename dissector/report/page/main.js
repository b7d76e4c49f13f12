// SPDX-License-Identifier: GPL-2.0-or-later
// The whole page.

// `leftOut`: what the page has no room for, it is counted all the same.
function drawHeadline(entries, leftOut) {
  const box = byId("verdict");
  const more = byId("headline-more");
  const numbers = countBy(entries, entry => entry.session.outcome);
  for (const [outcome, number] of Object.entries(leftOut)) numbers.set(outcome, (numbers.get(outcome) || 0) + number);
  const numberOf = test => [...numbers].reduce((sum, [outcome, number]) => sum + (test(outcome) ? number : 0), 0);
  const all = numberOf(() => true);
  const failed = numberOf(outcome => toneOf(outcome) === "bad");
  const doubtful = numberOf(outcome => toneOf(outcome) === "warn");
  const delivered = numbers.get("delivered") || 0;
  box.classList.add(failed ? "bad" : doubtful ? "warn" : delivered ? "good" : "plain");
  const headline = byId("headline");
  if (!entries.length) {
    headline.textContent = "No SMTP session in this capture.";
    return;
  }
  let slowest;
  for (const entry of entries) {
    if (entry.slowest && (!slowest || entry.slowest.latency_ns > slowest.slowest.latency_ns)) slowest = entry;
  }
  const slow = slowest ? "The slowest reply took " + duration(slowest.slowest.latency_ns) + ", to " +
      printable(commandName(slowest.slowest)) : "";
  if (all === 1) {
    headline.textContent = printable(entries[0].session.verdict);
    more.textContent = slow ? slow + "." : "";
    return;
  }
  const parts = [];
  if (failed) parts.push(failed + " failed");
  if (doubtful) parts.push(doubtful + " delivered in part, were deferred or broke off");
  const rest = all - failed - doubtful - delivered;
  const others = [delivered ? delivered + " delivered" : "", rest ? rest + " did not try, or cannot be judged" : ""].filter(Boolean);
  headline.textContent = parts.length
      ? "Of " + count(all, "session") + ", " + parts.join(" and ") + "."
      : delivered === all ? "All " + count(all, "session") + " delivered." : "No session failed.";
  const sentence = others.length && !(delivered === all) ? others.join(", ") + ". " : "";
  more.textContent = sentence.charAt(0).toUpperCase() + sentence.slice(1) + (slow ? slow + " in session " + slowest.id + "." : "");
  if (all === entries.length) return;
  const note = byId("left-out");
  note.hidden = false;
  note.textContent = "There is room for " + entries.length + " of these sessions here, those that failed first. All that follows is " +
      "about them alone, and so is the slowest reply. Left out: " +
      Object.entries(leftOut).map(([outcome, number]) => number + " " + words(outcome)).join(", ") +
      ". A display filter behind the name of the file (-z smtp_session,html,FILE,FILTER) chooses others.";
}

function drawRange(entries) {
  const timed = entries.filter(entry => entry.session.start).sort((a, b) => a.start - b.start);
  if (!timed.length) return;
  const first = timed[0];
  const end = timed.reduce((last, entry) => Math.max(last, entry.start + entry.length), 0);
  const servers = new Set(entries.map(entry => entry.server)).size;
  const clients = new Set(entries.map(entry => entry.session.client.address)).size;
  byId("range").textContent = [day(first.session.start) + " " + clock(first.session.start) + " UTC",
      roundSpan(end - first.start), count(entries.length, "session"), count(clients, "client"), count(servers, "server")].join(" \u00b7 ");
}

function roundSpan(ns) {
  const seconds = ns / 1e9;
  if (seconds < 120) return duration(ns);
  return seconds < 7200 ? Math.round(seconds / 60) + " minutes" : Math.round(seconds / 3600) + " hours";
}

function options(select, first, values) {
  clear(select).append(el("option", {value: ""}, first));
  for (const [value, text] of values) {
    const option = el("option", {}, text);
    option.value = value;
    select.append(option);
  }
}

const ROWS_IN_PRINT = 1000;  // some 80 pages

function main() {
  const {entries, leftOut} = readData();
  const kinds = findingCounts(entries);
  const list = new SessionList(entries);
  drawHeadline(entries, leftOut);
  drawRange(entries);
  for (const name of ["cards", "timeline-card", "latency-card", "sessions-card"]) {
    byId(name).hidden = entries.length === 0;
  }
  if (!entries.length) return;
  if (entries.length === 1) {
    for (const name of ["cards", "timeline-card", "filters"]) byId(name).hidden = true;
    byId("timeline-card").before(byId("sessions-card"));
  }

  options(byId("filter-outcome"), "any", [...countBy(entries, entry => entry.session.outcome)].sort()
      .map(([outcome, number]) => [outcome, words(outcome) + " (" + number + ")"]));
  options(byId("filter-finding"), "any", kinds.map(kind => [kind.id, kind.id + " (" + kind.sessions + ") " + kind.text.slice(0, 60)]));
  options(byId("filter-server"), "any", [...countBy(entries, entry => entry.server)].sort()
      .map(([server, number]) => [server, server + " (" + number + ")"]));
  clear(byId("sort-key"));
  for (const column of COLUMNS.filter(each => each.value)) {
    const option = el("option", {}, column.name);
    option.value = column.key;
    byId("sort-key").append(option);
  }

  const inputs = {text: byId("filter-text"), outcome: byId("filter-outcome"), finding: byId("filter-finding"), server: byId("filter-server")};
  const choose = name => value => {
    inputs[name].value = value;
    apply();
  };
  function apply() {
    for (const [name, input] of Object.entries(inputs)) list.filter[name] = input.value;
    list.filter.text = inputs.text.value.trim().toLowerCase();
    byId("filter-reset").disabled = !Object.values(list.filter).some(Boolean);
    drawOutcomes(entries, list.filter.outcome, choose("outcome"));
    drawFindings(kinds, list.filter.finding, choose("finding"));
    list.draw();
  }
  let timer;
  inputs.text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  for (const name of ["outcome", "finding", "server"]) inputs[name].addEventListener("change", apply);
  byId("sort-key").addEventListener("change", () => list.sortBy(byId("sort-key").value));
  byId("filters").addEventListener("submit", event => event.preventDefault());
  byId("filters").addEventListener("reset", () => {
    for (const input of Object.values(inputs)) input.value = "";
    apply();
  });
  apply();

  const open = entry => list.open(entry, "smooth");
  const draw = () => entries.length > 1 && drawTimeline(entries, open);
  draw();
  drawLatency(entries);
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (width === window.innerWidth) return;
    width = window.innerWidth;
    clearTimeout(timer);
    timer = setTimeout(draw, 150);
  });
  window.addEventListener("beforeprint", () => list.grow(Math.max(0, ROWS_IN_PRINT - list.written)));

  // page.html#session-3 opens that session; a single one is open from the start.
  const named = () => entries.find(entry => "#session-" + entry.id === location.hash);
  window.addEventListener("hashchange", () => named() && list.open(named(), "auto"));
  if (named()) list.open(named(), "auto");
  else if (entries.length === 1) list.toggle(byId("session-" + entries[0].id), entries[0]);
}

main();
