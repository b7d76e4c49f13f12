// SPDX-License-Identifier: GPL-2.0-or-later
// One session in full, made when it is opened.

const POINTS = {client: "at the client", server: "at the server", middle: "between client and server"};
const MODES = {starttls: "STARTTLS", implicit: "implicit"};

const SHARES = {network: "network", server: "server", client: "client", tls: "TLS handshake", transfer: "message transfer"};

function factsOfSession(session) {
  const {tcp, tls, capture, proxy} = session;
  const tcpNotes = [[tcp.retransmissions, "retransmission"], [tcp.out_of_order, "segment"], [tcp.zero_windows, "zero window"]]
      .filter(([number]) => number).map(([number, noun]) => count(number, noun) + (noun === "segment" ? " out of order" : ""));
  const captureNotes = [POINTS[capture.point], capture.mid_stream ? "begins inside" : "", capture.gaps ? count(capture.gaps, "gap") : "",
                        session.complete ? "" : "not complete"].filter(Boolean);
  return [
    ["Client", endpoint(session.client)],
    ["Server", endpoint(session.server)],
    ["Proxied", proxy && proxy.source ? endpoint(proxy.source) + " to " + endpoint(proxy.destination) : ""],
    ["Start", session.start ? day(session.start) + " " + session.start.slice(11, 26) : ""],
    ["Duration", duration(session.duration_ns)],
    ["Frames", session.first_frame + " to " + session.last_frame],
    ["TLS", tls ? [MODES[tls.mode], tls.version, tls.cipher, tls.resumed ? "resumed" : ""].filter(Boolean).join(", ") : "none"],
    ["TLS content", tls ? words(tls.decrypt_state) : ""],
    ["Server name", tls && tls.sni],
    ["Client name", session.hellos.length ? session.hellos[session.hellos.length - 1].argument : ""],
    ["Extensions", session.hellos.length && (session.hellos[session.hellos.length - 1].extensions || []).join(", ")],
    ["Authentication", (session.auth || []).map(auth => [auth.mechanism, auth.user, auth.code].filter(Boolean).join(" ")).join("; ")],
    ["TCP", tcpNotes.join(", ")],
    ["Closed", tcp.close === "none" ? "" : "by the " + tcp.closed_by + ", " + tcp.close.toUpperCase()],
    ["Capture", captureNotes.join(", ")],
    ["In Wireshark", el("code", {}, "smtp_session.id == " + session.session)],
  ];
}

function drawShare(session) {
  const share = session.share;
  const total = session.duration_ns;
  if (!share || !total) return null;
  const kinds = Object.keys(SHARES).filter(kind => share[kind + "_ns"] > 0);
  const box = el("div", {class: "share"});
  const names = {};
  for (const kind of kinds) {
    const time = share[kind + "_ns"];
    const part = el("i", {class: "s-" + kind});
    part.style.flex = time + " 0 0";
    names[kind] = SHARES[kind] + " " + duration(time) + " (" + Math.round(time / total * 100) + " %)";
    addTip(part, () => [SHARES[kind], [["time", duration(time)], ["share", (time / total * 100).toFixed(1) + " %"]]]);
    box.append(part);
  }
  return el("section", {}, el("h3", {}, "Where the time went"), box, legend(kinds, names, "s-"));
}

function recipientText(recipient) {
  const result = recipient.final_code || recipient.code;
  return recipient.address + (result ? ": " + result : ": no reply seen") +
      (recipient.accepted === false ? ", not accepted" : "");
}

function drawMessages(session) {
  if (!session.messages) return null;
  const head = ["#", "From", "To", "Size", "Transfer", "Reply", "Id"];
  const body = session.messages.map(message => {
    const tone = message.accepted ? "good" : message.accepted === false ? "bad" : "plain";
    const result = (message.accepted ? "accepted" : message.accepted === false ? "not accepted" : "not known") +
        (message.code ? " " + message.code : "");
    const cells = [message.index, "<" + (message.from || "") + ">",
                   message.recipients.map(recipient => el("div", {}, recipientText(recipient))),
                   message.size === undefined ? "\u2013" : message.size + " B", duration(message.transfer_ns),
                   [el("span", {class: "badge " + tone}, result), " ", message.end_of_data_ns === undefined ? "" : duration(message.end_of_data_ns)],
                   message.id || "\u2013"];
    return el("tr", {}, cells.map((cell, index) => el("td", {"data-label": head[index]}, cell)));
  });
  return el("section", {}, el("h3", {}, "Messages"), el("table", {class: "small messages"},
      el("thead", {}, el("tr", {}, head.map(name => el("th", {}, name)))), el("tbody", {}, body)));
}

function drawFound(session) {
  if (!session.findings.length) return null;
  const order = [...session.findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return el("section", {}, el("h3", {}, "Findings"), el("ul", {class: "found"}, order.map(finding =>
      el("li", {class: TONE_OF_SEVERITY[finding.severity]},
         el("div", {}, el("span", {class: "badge"}, finding.severity + " " + finding.id), " ", finding.text,
            finding.frame ? el("span", {class: "muted"}, " (frame " + finding.frame + ")") : null),
         el("div", {class: "advice"}, el("b", {}, "Next: "), finding.advice)))));
}

// `verdict`: the page's headline does not say it yet.
function detailOf(entry, verdict) {
  const session = entry.session;
  const waterfall = entry.bars.length ? new Waterfall(entry) : null;
  const node = el("div", {class: "detail-body"},
      verdict && el("p", {class: "verdict " + entry.tone}, session.verdict), drawFound(session),
      waterfall && waterfall.node, drawShare(session), drawMessages(session),
      el("section", {}, el("h3", {}, "Facts"), terms("facts", factsOfSession(session))));
  return {node, waterfall};
}
