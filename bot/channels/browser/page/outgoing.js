// What the person sent and the server has not yet taken: kept first, then sent one at a time, in order, until taken.

import { Busy, NoAnswer, Refused, Unknown, backOff } from "./server.js";

const TRIES_BEFORE_SAYING_SO = 4;
const KEPT_WITHIN = 3000; // ms; a shelf that does not answer must not hold a message back

/**
 * The line of unsent items. An item is {id, order, body} or {id, order, file: {kind, name, mime, album, reply_to, at}, bytes}.
 * `changed(item)` is told of every change of item.state (keeping, waiting, sending, failed, refused, held, kept, sent, dropped);
 * `unknown()` is called when the server no longer knows this device.
 */
export function openOutgoing({ shelf, server, changed, unknown }) {
  const line = [];
  let running = false;
  let opened = false;
  let stopped = false;
  let wake = () => {};
  let lastOrder = 0;

  const set = (item, state, more = {}) => {
    Object.assign(item, more, { state });
    changed(item);
  };

  /** Take up what an earlier page left; nothing goes out before open(). */
  async function load() {
    for (const item of await shelf.all()) {
      if (line.some((known) => known.id === item.id)) continue;
      line.push(item);
      set(item, stopped ? "kept" : item.held ? "held" : "waiting", { tries: 0 });
    }
    line.sort((one, other) => one.order - other.order);
  }

  /** The server knows this device: send from now on. */
  function open() {
    opened = true;
    run();
  }

  /** Keep `item`, then send it when its turn comes, before all others when it opens the conversation; resolves once it is kept. */
  async function add(item, opening = false) {
    lastOrder = Math.max(Date.now(), lastOrder + 1);
    Object.assign(item, { order: opening ? 0 : lastOrder, tries: 0 });
    if (opening) line.unshift(item);
    else line.push(item);
    set(item, "keeping");
    const kept = await Promise.race([shelf.put(stored(item)), new Promise((done) => setTimeout(done, KEPT_WITHIN))]);
    if (item.state === "keeping") set(item, "waiting", { fragile: !kept && Boolean(item.bytes) });
    run();
  }

  async function run() {
    if (running || stopped || !opened) return;
    running = true;
    try {
      for (let item = next(); item && !stopped; item = next()) {
        const pause = await attempt(item);
        if (pause > 0) await Promise.race([new Promise((done) => setTimeout(done, pause)), new Promise((done) => (wake = done))]);
      }
    } finally {
      running = false;
    }
  }

  const next = () => line.find((item) => item.state === "waiting" || item.state === "failed" || item.state === "sending");

  /** One try; returns the pause before the next in ms. */
  async function attempt(item) {
    if (item.state !== "failed") set(item, "sending", { progress: 0 });
    try {
      await hand(item);
      await take(item, "sent");
      return 0;
    } catch (trouble) {
      if (trouble instanceof Unknown) {
        unknown(); // stops the line
        return 0;
      }
      if (trouble instanceof Refused) {
        await take(item, "refused", { error: trouble.message });
        return 0;
      }
      if (!(trouble instanceof NoAnswer || trouble instanceof Busy)) throw trouble;
      item.tries += 1;
      set(item, item.tries < TRIES_BEFORE_SAYING_SO || navigator.onLine === false ? "waiting" : "failed");
      return Math.max(backOff(item.tries), (trouble.seconds || 0) * 1000);
    }
  }

  function hand(item) {
    if (!item.file) return server.post("send", item.body);
    const { kind, name, mime, album, reply_to, at } = item.file;
    const about = new URLSearchParams({ id: item.id, kind, name, at, ...(album ? { album } : {}), ...(reply_to ? { reply_to } : {}) });
    return server.upload(`upload?${about}`, item.bytes, mime, (progress) => set(item, item.state, { progress }));
  }

  async function take(item, state, more) {
    await shelf.remove(item.id);
    line.splice(line.indexOf(item), 1);
    set(item, state, more);
  }

  /** Send nothing more from this page. */
  function stop() {
    stopped = true;
    wake();
    for (const item of line) set(item, "kept");
  }

  /** Keep nothing, send nothing. */
  function clear() {
    stopped = true;
    line.length = 0;
    wake();
    return shelf.clear();
  }

  /** Try again now. */
  function again() {
    for (const item of line) item.tries = 0;
    wake();
    run();
  }

  /** Let one that waits, failed or is held go unsent. */
  async function drop(id) {
    const item = line.find((known) => known.id === id);
    if (item && item.state !== "sending") await take(item, "dropped");
  }

  /** Let a held one go out. */
  async function release(id) {
    const item = line.find((known) => known.id === id);
    if (!item) return;
    set(item, "waiting", { held: false });
    await shelf.put(stored(item));
    run();
  }

  /** The words and files go out only when the person says so; presses belong to a conversation that is gone. */
  async function holdAll() {
    for (const item of [...line]) {
      const spoken = item.file || item.body.kind === "text" || item.body.kind === "location";
      if (!spoken) await take(item, "dropped");
      else {
        set(item, "held", { held: true });
        await shelf.put(stored(item));
      }
    }
  }

  window.addEventListener("online", again);
  return { load, open, add, again, drop, release, holdAll, stop, clear, count: () => line.length };
}

function stored({ id, order, body, file, bytes, held, target, label }) {
  return { id, order, body, file, bytes, held: Boolean(held), target, label };
}
