/*
 * The browser chat: one conversation with the union, no account needed.
 *
 * How it stays whole. A key from `hello` (or a return code) is the identity; it lives in localStorage and travels in the
 * Authorization header only. Everything the person does is an item with an id made here, kept on the device before it is
 * sent and dropped only when the server has taken it (outgoing.js); the server is unique on that id. Everything the server
 * says is a numbered event; the page asks from 0 when it opens and from the last one seen when a connection broke
 * (incoming.js). So a reload, a dead network and a restarted server lose nothing and double nothing.
 *
 * Calls, all under /chat/api/: POST hello, send, upload, seen, return, forget; GET events, document/<handle>.
 * Events: message, edit, strip, seen {upto}, status {duty, name, zone}; a status ends the replay of the history.
 *
 * What opens the page: /chat#start=<handle> (once, then it leaves the address), /chat#lang=en, /chat?slot=<name> (demo: a
 * second phone in the same browser).
 */

import { openComposer } from "./composer.js";
import { listen } from "./incoming.js";
import { newId, openMemory, openShelf } from "./memory.js";
import { openMenu } from "./menu.js";
import { openOutgoing } from "./outgoing.js";
import { make } from "./plaintext.js";
import { followReading } from "./reading.js";
import { Busy, NoAnswer, Refused, Unknown, backOff, openServer } from "./server.js";
import { openThread } from "./thread.js";
import { guess, say, speak, spoken, useZone } from "./words.js";

const by = (id) => document.getElementById(id);
const QUIET_ENDS_REPLAY = 1500; // ms, for a server that sends no status after the history

const slot = new URLSearchParams(location.search).get("slot") || "own";
const memory = openMemory(slot);
const shelf = openShelf(slot, memory);
const server = openServer("/chat/api/", () => memory.get("key"));
const state = { locked: false, linked: null, duty: "", name: "", unread: 0, told: 0, stop: () => {}, replaying: true };

// ---- how it looks

function resize(size) {
  memory.set("size", size);
  document.documentElement.dataset.size = size;
  window.dispatchEvent(new Event("resize")); // what measures itself measures again
}

function title() {
  by("name").textContent = state.name || say("name");
  document.title = (state.unread ? `(${state.unread}) ` : "") + by("name").textContent;
}

function presence() {
  const words = state.linked === null ? "link.connecting" : state.linked ? "link.on" : "link.off";
  by("presence").textContent = state.linked && state.duty ? state.duty : say(words);
  document.body.classList.toggle("unlinked", state.linked === false);
}

function notice(sentence) {
  by("toast").textContent = sentence;
  by("toast").hidden = !sentence;
  clearTimeout(state.toasting);
  state.toasting = setTimeout(() => (by("toast").hidden = true), 3000 + 120 * sentence.length);
}

const tell = (sentence) => (by("spoken").textContent = sentence);

function fitScreen() {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    if (view.scale > 1.05) return; // pinched larger: leave the page as it is
    document.documentElement.style.setProperty("--screen", `${view.height}px`);
    window.scrollTo(0, 0);
  };
  view.addEventListener("resize", fit);
  fit();
}

// ---- the parts, and what they ask of each other

speak(memory.get("language") || guess());
useZone(memory.get("zone") || undefined);
resize(memory.get("size") || "normal");
presence();
title();
fitScreen();

const thread = openThread({
  log: by("log"),
  tell,
  acts: {
    press: (id, { label, press }) => {
      const body = { id: newId(), kind: "press", press, text: label, reply_to: id, at: new Date().toISOString() };
      outgoing.add({ id: body.id, body, target: id, label });
      reading.expect();
    },
    reply: (data) => composer.replyTo(data),
    share: (kind) => composer.share(kind),
    save: saveDocument,
    again: () => outgoing.again(),
    release: (id) => outgoing.release(id),
    drop: (id) => outgoing.drop(id),
    rewrite: (item) => {
      composer.put(item.body.text);
      thread.pending({ ...item, state: "dropped" });
    },
  },
});

const reading = followReading({
  log: by("log"),
  pill: by("newer"),
  bots: thread.bots,
  from: Number(memory.get("seen")),
  told: (upto) => {
    memory.set("seen", String(upto));
    tellSeen();
  },
  counted: (unread) => {
    state.unread = unread;
    title();
  },
});

const outgoing = openOutgoing({
  shelf,
  server,
  unknown: lock,
  changed: (item) => {
    reading.change(() => thread.pending(item));
    if (item.state === "failed" || item.state === "refused") tell(item.error || say(`state.failed`));
    if (item.state === "refused" && !item.file && item.body.kind !== "text") notice(item.error || say("fault.unknown"));
  },
});

const composer = openComposer({
  memory,
  notice,
  send: (item) => {
    outgoing.add(item);
    reading.toEnd();
  },
});

const menu = openMenu({
  language: spoken,
  size: () => memory.get("size") || "normal",
  acts: {
    speak: changeLanguage,
    resize: (size) => reading.change(() => resize(size)),
    unsent: outgoing.count,
    comeBack,
    forget,
  },
});

// ---- arriving

/** Take what the address carries, once: a handle that may be used one time must not stay in the history. */
function arrive() {
  const carried = new URLSearchParams(location.hash.slice(1));
  if (!carried.has("start") && !carried.has("lang")) return;
  history.replaceState(null, "", location.pathname + location.search);
  if (carried.get("start")) memory.set("arrival", carried.get("start"));
  if (carried.get("lang")) changeLanguage(carried.get("lang"));
}

async function begin() {
  if (memory.get("locked")) return lock();
  arrive();
  for (let tries = 1; !memory.get("key"); tries += 1) {
    if (await greet()) break;
    state.linked = false;
    presence();
    await new Promise((done) => setTimeout(done, backOff(tries)));
  }
  await outgoing.load();
  await knock();
  outgoing.open();
  state.stop = listen({ server, heard: hear, unknown: lock, linked: link });
}

async function greet() {
  // The same id again when the answer was lost: a link that is good for one use must not be used up by that.
  if (!memory.get("hello")) memory.set("hello", newId());
  const start = memory.get("arrival");
  try {
    const { key, name, lang } = await server.post("hello", { id: memory.get("hello"), lang: spoken(), ...(start ? { start } : {}) });
    memory.set("hello", "");
    memory.set("key", key);
    if (name) memory.set("name", name);
    if (lang) follow(lang);
    return true;
  } catch (trouble) {
    if (trouble instanceof Refused && memory.get("arrival")) {
      // A link that is used up must not keep anybody out.
      if (trouble.message) notice(trouble.message);
      memory.set("arrival", "");
      memory.set("hello", "");
    } else if (!(trouble instanceof NoAnswer || trouble instanceof Busy || trouble instanceof Refused)) throw trouble;
    return false;
  }
}

/** Open the conversation once for each identity, and again for each link that brought the person here. */
async function knock() {
  state.name = memory.get("name");
  title();
  if (memory.get("started") && !memory.get("arrival")) return;
  await start(memory.get("arrival"), !memory.get("started"));
  memory.set("started", "1");
  memory.set("arrival", "");
}

function start(payload, opening = false) {
  const body = { id: newId(), kind: "start", payload, lang: spoken(), at: new Date().toISOString() };
  return outgoing.add({ id: body.id, body }, opening);
}

// ---- hearing

let waiting = [];
let flushing = 0;

function hear(event, data) {
  waiting.push([event, data]);
  clearTimeout(state.replayEnds);
  if (state.replaying) state.replayEnds = setTimeout(endReplay, QUIET_ENDS_REPLAY);
  if (!flushing) flushing = setTimeout(flush, 16);
}

function flush() {
  flushing = 0;
  const batch = waiting;
  waiting = [];
  let first = null;
  reading.change(
    () => {
      for (const [event, data] of batch) {
        try {
          const fresh = show(event, data);
          first = first || fresh;
        } catch (fault) {
          console.error(event, fault); // one event that cannot be shown must not take the others with it
        }
      }
    },
    () => first,
  );
  if (state.replaying && batch.some(([event]) => event === "status")) endReplay();
}

/** Show one event; returns its node when it is something new to read. */
function show(event, data) {
  if (event === "status") status(data);
  else if (event === "edit" || event === "strip" || event === "seen") thread[event](data);
  if (event !== "message") return null;
  const shown = thread.message(data);
  return shown && data.from === "bot" ? shown.node : null;
}

function status({ duty, name, zone }) {
  if (zone && useZone(zone)) {
    memory.set("zone", zone);
    thread.redraw();
  }
  state.duty = duty || "";
  if (name) memory.set("name", (state.name = name));
  presence();
  title();
}

function endReplay() {
  if (!state.replaying) return;
  state.replaying = false;
  reading.replayed();
  by("log").setAttribute("aria-live", "polite");
}

function link(on) {
  if (on === state.linked) return;
  if (on && state.linked === false) {
    tell(say("link.again"));
    outgoing.again();
  }
  state.linked = on;
  presence();
  if (on) tellSeen();
  if (on && state.replaying) state.replayEnds = setTimeout(endReplay, QUIET_ENDS_REPLAY);
}

/** Told again after each broken connection: what the server believes unseen makes somebody phone. */
function tellSeen() {
  const upto = Number(memory.get("seen"));
  if (upto <= state.told) return;
  server.post("seen", { upto }).then(() => (state.told = Math.max(state.told, upto)), () => {});
}

// ---- what the person decides

function changeLanguage(language) {
  if (language !== "zh" && language !== "en") return;
  const changed = language !== spoken();
  follow(language);
  // The conversation follows the page; before the first hello there is none.
  if (changed && memory.get("started")) start(`lang-${language}`);
}

/** Speak as the conversation does. */
function follow(language) {
  memory.set("language", language);
  reading.change(() => {
    speak(language);
    thread.redraw();
  });
  presence();
  title();
}

async function saveDocument({ name, url }, button) {
  const words = button.lastElementChild;
  const path = new URL(url, location.href);
  if (path.origin !== location.origin || !path.pathname.startsWith("/chat/api/document/")) return;
  words.textContent = say("document.saving");
  try {
    const response = await server.open(path.pathname.slice("/chat/api/".length));
    if (!response.ok) throw new NoAnswer(String(response.status));
    const address = URL.createObjectURL(await response.blob());
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60e3);
    notice(say(/MicroMessenger|DingTalk|QQ\//i.test(navigator.userAgent) ? "document.inapp" : "document.saved"));
  } catch (trouble) {
    if (trouble instanceof Unknown) return lock();
    notice(say("document.failed"));
  } finally {
    words.textContent = say("document.save");
  }
}

async function comeBack(code) {
  try {
    const { key, name, lang } = await server.post("return", { code, lang: spoken() });
    for (const item of await shelf.all()) await shelf.put({ ...item, held: false });
    const back = { key, name: name || "", language: lang || spoken(), started: "1", locked: "", seen: "" };
    for (const [word, value] of Object.entries(back)) memory.set(word, value);
    location.reload();
    return "";
  } catch (trouble) {
    if (trouble instanceof Refused) return trouble.message || say("fault.unknown");
    return (trouble instanceof Busy && trouble.message) || say("code.offline");
  }
}

/** The server no longer knows this device: stop, keep what is unsent, and say so. */
function lock() {
  if (state.locked) return;
  state.locked = true;
  state.stop();
  outgoing.stop();
  memory.set("key", "");
  memory.set("locked", "1");
  closing("locked.title", "locked.text");
  outgoing.load().then(() => {
    const count = outgoing.count();
    if (count) by("locked-text").append(` ${say("locked.unsent", { count })}`);
  });
  by("enter-code").hidden = false;
}

async function beginAnew() {
  await outgoing.holdAll();
  for (const word of ["key", "locked", "started", "seen", "name"]) memory.set(word, "");
  location.reload();
}

async function forget() {
  state.stop();
  await Promise.race([server.post("forget", {}).catch(() => {}), new Promise((done) => setTimeout(done, 3000))]);
  composer.clear();
  memory.clear();
  await outgoing.clear();
  by("log").replaceChildren();
  closing("forgotten.title", "forgotten.text");
  by("enter-code").hidden = true;
  state.unread = 0;
  title();
}

function closing(heading, text) {
  by("composer").hidden = true;
  by("open-menu").hidden = true;
  by("locked").hidden = false;
  by("locked-title").textContent = say(heading);
  by("locked-text").textContent = say(text);
  by("locked-title").focus();
  by("presence").textContent = "";
}

by("begin-anew").addEventListener("click", beginAnew);
by("enter-code").addEventListener("click", () => menu.show("menu-return"));
window.addEventListener("hashchange", () => {
  arrive();
  if (memory.get("key") && memory.get("arrival")) knock();
});
begin();
