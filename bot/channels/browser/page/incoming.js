// What the server says: a stream of events, asked for again from the last one seen; a long poll where a proxy holds streams back.

import { NoAnswer, Unknown, backOff } from "./server.js";

const FIRST_BYTE_WITHIN = 20e3; // ms; the server pings every 15 s
const QUIET_AT_MOST = 45e3; // ms between bytes before a stream counts as dead
const POLL_WITHIN = 60e3; // ms
const POLL_EVERY = 1500; // ms at least, should the server answer an empty poll at once

/**
 * Listen until stop(). `heard(event, data)` gets each event once and in order, `linked(on)` whether we are connected,
 * `unknown()` that the server no longer knows this device.
 */
export function listen({ server, heard, linked, unknown }) {
  let last = 0;
  let polling = false;
  let stopped = false;
  let tries = 0;
  let current = new AbortController();
  let wake = () => {};
  let quietSince = Date.now();

  function pass(event, id, data) {
    if (id) {
      if (id <= last) return;
      last = id;
    }
    heard(event, data);
  }

  async function stream() {
    const guard = watch(FIRST_BYTE_WITHIN);
    try {
      const response = await server.open("events", {
        headers: { Accept: "text/event-stream", "Last-Event-ID": String(last) },
        signal: current.signal,
      });
      if (!response.ok) throw new NoAnswer(String(response.status));
      if (!response.body || !response.body.getReader) {
        polling = true;
        return;
      }
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      const read = frames(pass);
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        guard.fed();
        connected();
        read(decoder.decode(value, { stream: true }));
      }
    } finally {
      // A server that is there but whose stream stays silent sits behind something that buffers.
      if (guard.starved) polling = navigator.onLine !== false;
      guard.end();
    }
  }

  async function poll() {
    const timer = setTimeout(() => current.abort(), POLL_WITHIN);
    try {
      const response = await server.open(`events?poll=1&after=${last}`, { signal: current.signal });
      if (!response.ok) throw new NoAnswer(String(response.status));
      const { events, more } = await response.json();
      connected();
      for (const { event, id, data } of events) pass(event, id, data);
      return Boolean(more);
    } finally {
      clearTimeout(timer);
    }
  }

  function watch(firstWithin) {
    const guard = { starved: false };
    let timer = setTimeout(() => {
      guard.starved = true;
      current.abort();
    }, firstWithin);
    guard.fed = () => {
      quietSince = Date.now();
      clearTimeout(timer);
      timer = setTimeout(() => current.abort(), QUIET_AT_MOST);
    };
    guard.end = () => clearTimeout(timer);
    return guard;
  }

  function connected() {
    tries = 0;
    quietSince = Date.now();
    linked(true);
  }

  const pause = (ms) => Promise.race([new Promise((done) => setTimeout(done, ms)), new Promise((done) => (wake = done))]);

  async function run() {
    while (!stopped) {
      current = new AbortController();
      const began = Date.now();
      try {
        const more = await (polling ? poll() : stream());
        if (polling && tries === 0) {
          if (!more) await pause(began + POLL_EVERY - Date.now());
          continue;
        }
      } catch (trouble) {
        if (trouble instanceof Unknown) {
          stopped = true;
          return unknown();
        }
      }
      if (stopped) return;
      tries = Date.now() - began > 60e3 ? 1 : tries + 1;
      if (tries > 1) linked(false);
      await pause(backOff(tries));
    }
  }

  function hurry() {
    tries = 0;
    if (Date.now() - quietSince > FIRST_BYTE_WITHIN) current.abort();
    wake();
  }

  const lost = () => linked(false);
  const shown = () => document.visibilityState === "visible" && hurry();
  window.addEventListener("online", hurry);
  window.addEventListener("pageshow", hurry);
  window.addEventListener("offline", lost);
  document.addEventListener("visibilitychange", shown);
  run();

  return function stop() {
    stopped = true;
    current.abort();
    wake();
    window.removeEventListener("online", hurry);
    window.removeEventListener("pageshow", hurry);
    window.removeEventListener("offline", lost);
    document.removeEventListener("visibilitychange", shown);
  };
}

/** A reader of server-sent events: give it text as it comes, it calls `pass(event, id, data)` for each whole event. */
function frames(pass) {
  let rest = "";
  let event = "message";
  let id = 0;
  let data = [];
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const ended of lines) {
      const line = ended.replace(/\r$/, "");
      if (line === "") {
        if (data.length) pass(event, id, JSON.parse(data.join("\n")));
        event = "message";
        id = 0;
        data = [];
        continue;
      }
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === "event") event = value;
      else if (field === "id") id = Number(value) || 0;
      else if (field === "data") data.push(value);
    }
  };
}
