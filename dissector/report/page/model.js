// SPDX-License-Identifier: GPL-2.0-or-later
// The data of the page: for each session its JSON (schema "smtp_session/1") and the bars of its
// waterfall, [kind, start, end, command], in nanoseconds from its first frame. Where there is not room
// for all sessions, the last element says what was left out.

const TONE_OF_OUTCOME = {
  delivered: "good",
  partial: "warn", deferred: "warn", delivery_unknown: "warn", aborted_by_client: "warn",
  no_mail: "plain", encrypted: "plain", incomplete: "plain",
};
const TONES = ["bad", "warn", "good", "plain"];
const TONE_OF_SEVERITY = {error: "bad", warn: "warn", note: "plain", chat: "plain"};
const SEVERITIES = ["error", "warn", "note", "chat"];

function toneOf(outcome) {
  return TONE_OF_OUTCOME[outcome] || "bad";
}

function commandName(command) {
  if (command.verb === ".") return "end of data";
  if (typeof command.verb === "string") return command.verb || "(empty line)";
  if (command.inferred) return "[" + (command.inferred === "." ? "end of data" : command.inferred) + "]";
  return command.encrypted ? "[encrypted]" : "[not captured]";
}

function slowestOf(session) {
  let slowest;
  for (const command of session.commands) {
    if (command.latency_ns === undefined) continue;
    if (!slowest || command.latency_ns > slowest.latency_ns) slowest = command;
  }
  return slowest;
}

function tlsText(session) {
  if (!session.tls) return "";
  return session.tls.version || session.tls.mode;
}

// All that the search looks at.
function searchText(session) {
  const parts = [String(session.session), endpoint(session.client), endpoint(session.server),
                 words(session.outcome), session.verdict, tlsText(session)];
  if (session.greeting) parts.push(session.greeting.text);
  if (session.tls) parts.push(session.tls.sni || "", session.tls.cipher || "");
  for (const command of session.commands) {
    parts.push(commandName(command), command.argument || "", String(command.code || ""), command.text || "");
  }
  for (const finding of session.findings) parts.push(finding.id, finding.text, finding.advice);
  for (const auth of session.auth || []) parts.push(auth.user || "");
  return parts.join("\n").toLowerCase();
}

function entryOf({session, bars}, base) {
  return {
    session, bars,
    id: session.session,
    start: session.start ? nanoseconds(session.start, base) : 0,
    length: session.duration_ns || 0,
    tone: toneOf(session.outcome),
    server: endpoint(session.server),
    slowest: slowestOf(session),
    worst: Math.min(...session.findings.map(finding => SEVERITIES.indexOf(finding.severity)), 9),
  };
}

// The sessions by number, and how many of each outcome have no room on the page: {outcome: count}.
function readData() {
  const data = JSON.parse(byId("data").textContent);
  const sessions = data.filter(each => each.session).sort((a, b) => a.session.session - b.session.session);
  const starts = sessions.map(each => each.session.start).filter(Boolean).sort();
  const base = starts.length ? Date.parse(starts[0].slice(0, 19) + "Z") : 0;
  const rest = data.find(each => each.left_out);
  return {entries: sessions.map(each => entryOf(each, base)), leftOut: rest ? rest.left_out : {}};
}
