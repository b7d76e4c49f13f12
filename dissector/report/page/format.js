// SPDX-License-Identifier: GPL-2.0-or-later
// Values as people read them.

// What would act on the reader's screen: control characters, and those that change the direction of
// writing (Unicode Standard Annex 9). The words of a server must not be able to forge a report.
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function printable(text) {
  return String(text).replace(ACTIVE, "?");
}

// As in the other reports: "0.511 ms" below one second, "2.021 s" from there on.
function duration(ns) {
  if (ns === undefined || ns === null) return "\u2013";
  const sign = ns < 0 ? "-" : "";
  const size = Math.abs(ns);
  const us = Math.round(size / 1e3);
  if (us < 1e6) return sign + (us / 1e3).toFixed(3) + " ms";
  return sign + (Math.round(size / 1e6) / 1e3).toFixed(3) + " s";
}

// A round number of the axis: "20 ms", "0.5 s".
function roundDuration(ns) {
  for (const [unit, name] of [[1e9, " s"], [1e6, " ms"], [1e3, " \u00b5s"]]) {
    if (Math.abs(ns) >= unit) return String(Number((ns / unit).toPrecision(6))) + name;
  }
  return ns === 0 ? "0" : ns + " ns";
}

// "2026-01-05T10:00:00.000000000Z" in nanoseconds since `base`, a time in milliseconds.
function nanoseconds(time, base) {
  const whole = Date.parse(time.slice(0, 19) + "Z");
  return (whole - base) * 1e6 + Number(time.slice(20, 29));
}

function day(time) {
  return time.slice(0, 10);
}

function clock(time) {
  return time.slice(11, 23);
}

function endpoint(end) {
  return end.address.includes(":") ? "[" + end.address + "]:" + end.port
                                   : end.address + ":" + end.port;
}

function count(number, noun) {
  return number + " " + noun + (number === 1 ? "" : "s");
}

function words(name) {
  return name.replace(/_/g, " ");
}

// Of a sorted list: the smallest value that `share` of all do not exceed.
function percentile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
