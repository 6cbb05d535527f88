/*
 * The playground, in demo mode only: two phones over one sample union, and a clock that moves.
 *
 * Each phone is the real chat page in a frame with its own slot, so its key never meets the other's. The key comes from
 * POST /play/api/enter {as, lang}; POST /play/api/clock {advance} moves time; GET /play/api/state?lang= is read each second.
 */

import { openMemory, openShelf } from "./memory.js";
import { make } from "./plaintext.js";
import { Refused, Unknown, openServer } from "./server.js";
import { day, guess, hour, moment, say, speak, spoken, useZone } from "./words.js";

const PHONES = ["worker", "cadre"];
const SOON = 4 * 3600e3; // ms before a limit from which it is shown as near
const by = (id) => document.getElementById(id);
const frame = (slot) => document.querySelector(`iframe[data-slot=${slot}]`);
const own = openMemory("playground");
const play = openServer("/play/api/", () => "");
const counts = {};
let drawn = "";
let state = null;

// ---- the phones

async function enter(slot) {
  const memory = openMemory(slot);
  if (memory.get("key") && !(await known(memory))) await wipe(slot);
  if (!memory.get("key")) {
    const { key, start } = await play.post("enter", { as: slot, lang: spoken() });
    memory.set("key", key);
    if (start) memory.set("arrival", start);
  }
  memory.set("language", spoken());
  frame(slot).src = `/chat?slot=${slot}`;
}

async function known(memory) {
  try {
    await openServer("/chat/api/", () => memory.get("key")).post("seen", { upto: 0 });
    return true;
  } catch (trouble) {
    return !(trouble instanceof Unknown);
  }
}

async function wipe(slot) {
  openMemory(slot).clear();
  await openShelf(slot, openMemory(slot)).clear();
}

async function startOver() {
  for (const slot of PHONES) {
    frame(slot).src = "about:blank";
    await wipe(slot);
    await enter(slot);
  }
}

function show(slot) {
  document.body.dataset.phone = slot;
  for (const tab of document.querySelectorAll("[data-show]")) tab.setAttribute("aria-pressed", String(tab.dataset.show === slot));
  frame(slot).contentWindow.dispatchEvent(new Event("resize"));
  unread();
}

/** A phone out of sight says how much it has to show; its page counts that in its title. */
function unread() {
  for (const tab of document.querySelectorAll("[data-show]")) {
    const page = frame(tab.dataset.show).contentDocument;
    const [, count] = (page && /^\((\d+)\)/.exec(page.title)) || [];
    tab.lastElementChild.hidden = !count || document.body.dataset.phone === tab.dataset.show;
    tab.lastElementChild.textContent = count || "";
  }
}

// ---- the clock and the line

async function advance(button) {
  const buttons = document.querySelectorAll("[data-advance]");
  for (const one of buttons) one.setAttribute("aria-disabled", "true");
  try {
    await play.post("clock", { advance: button.dataset.advance });
    await look();
  } catch {
    remark(say("play.lost"));
  } finally {
    for (const one of buttons) one.removeAttribute("aria-disabled");
  }
}

async function look() {
  try {
    const response = await play.open(`state?lang=${spoken()}`);
    if (response.status === 404) return remark(say("play.closed"));
    if (!response.ok) throw new Error(String(response.status));
    state = await response.json();
    draw();
    remark(state.provisional ? say("play.provisional") : "");
  } catch {
    remark(say("play.lost"));
  }
  unread();
}

function remark(sentence) {
  if (by("remark").textContent !== sentence) by("remark").textContent = sentence;
}

function draw() {
  const now = new Date(state.now);
  if (state.zone) useZone(state.zone);
  by("now").dateTime = state.now;
  by("now").firstElementChild.textContent = hour(now);
  by("now").lastElementChild.textContent = day(now);
  if (state.cadre.who) by("cadre-title").textContent = say("play.cadre.of", state.cadre);
  const facts = JSON.stringify([spoken(), state.inbox, state.outbox, state.dues, state.cases, state.feed, hour(now)]);
  if (facts === drawn) return; // nothing is drawn twice: a screen reader and a selection stay where they are
  drawn = facts;
  drawLine(now);
  fill("matters", urgent(state.cases).map((one) => matter(one, now)), "play.matters.none");
  fill("waiting", state.dues.slice(0, 5).map((due) => waiting(due, now)), "play.dues.none");
  report(state.feed.slice(-8), now);
}

/** Those with a limit first, the nearest on top; what is closed last. */
const rank = ({ open, due }) => due || (open ? "~" : "~~");
const urgent = (cases) => [...cases].sort((one, other) => (rank(one) < rank(other) ? -1 : 1)).slice(0, 6);

function drawLine(now) {
  const { inbox, outbox, dues, cases } = state;
  const next = dues.length ? moment(new Date(dues[0].at), now) : say("play.dues.none");
  const out = outbox.failed ? ["failed", outbox.failed] : outbox.pending ? ["pending", outbox.pending] : ["idle", outbox.sent];
  step("inbox", inbox.done, inbox.waiting ? say("play.inbox.waiting", { count: inbox.waiting }) : say("play.inbox.idle", { count: inbox.done }));
  step("cases", cases.map((one) => one.number + one.state + one.owner).join(), say("play.cases.count", { count: cases.filter((one) => one.open).length }));
  step("dues", dues.map((due) => due.kind + due.case + due.at).join(), next);
  step("outbox", outbox.sent, say(`play.outbox.${out[0]}`, { count: out[1] }));
}

/** Write what a step of the line holds; it lights up for a moment when `measure` changed. */
function step(name, measure, words) {
  const node = by(`step-${name}`);
  node.lastElementChild.textContent = words;
  if (name in counts && counts[name] !== measure) {
    node.classList.remove("lit");
    void node.offsetWidth; // starts the light again
    node.classList.add("lit");
  }
  counts[name] = measure;
}

function fill(id, items, none) {
  by(id).replaceChildren(...(items.length ? items : [make("li", { class: "none" }, say(none))]));
}

/** Put what happened since on top of the list, one line each, so that only the new lines are read out. */
function report(feed, now) {
  const list = by("feed");
  const here = new Map([...list.children].map((item) => [item.dataset.what, item]));
  const wanted = feed.map(({ at, text }) => `${at} ${text}`);
  for (const [what, item] of here) {
    const time = item.querySelector("time");
    if (!wanted.includes(what)) item.remove();
    else if (time.textContent !== since(new Date(time.dateTime), now)) time.textContent = since(new Date(time.dateTime), now);
  }
  feed.forEach((one, place) => here.has(wanted[place]) || list.prepend(happened(one, wanted[place], now)));
  if (!feed.length) list.replaceChildren(make("li", { class: "none" }, say("play.feed.none")));
}

function matter({ number, state: words, open, owner, due }, now) {
  const item = make("li", {}, make("b", {}, number), make("span", { class: open ? null : "done" }, words));
  if (owner) item.append(make("span", {}, say("play.owner", { owner })));
  if (due) item.append(limit(new Date(due), now));
  return item;
}

function limit(due, now) {
  const when = make("span", {}, say("play.due", { when: moment(due, now) }));
  if (due > now && due - now > SOON) return when;
  const late = due <= now;
  return make("span", { class: late ? "late" : "soon" }, `${when.textContent} · ${say(late ? "play.overdue" : "play.soon")}`);
}

function waiting({ kind, label, case: number, at }, now) {
  return make("li", {}, make("time", { datetime: at }, moment(new Date(at), now)), make("span", {}, label || kind), make("span", {}, number || ""));
}

function happened({ at, text }, what, now) {
  return make("li", { "data-what": what }, make("time", { datetime: at }, since(new Date(at), now)), make("span", {}, text));
}

/** "10:00" today, "周一 10:00" before. */
const since = (then, now) => (day(then) === day(now) ? hour(then) : moment(then, now));

// ---- language

function change(language) {
  own.set("language", language);
  speak(language);
  document.title = say("play.title");
  by("language").lang = language === "en" ? "zh-CN" : "en";
  for (const one of document.querySelectorAll("iframe")) one.title = say(one.dataset.title);
  if (state) draw();
}

function changeBoth() {
  change(spoken() === "en" ? "zh" : "en");
  for (const slot of PHONES) frame(slot).contentWindow.location.hash = `lang=${spoken()}`;
  look();
}

async function open() {
  change(own.get("language") || guess());
  try {
    for (const slot of PHONES) await enter(slot);
  } catch (trouble) {
    remark(say(trouble instanceof Refused ? "play.closed" : "play.lost"));
  }
  await look();
  setInterval(() => document.visibilityState === "visible" && look(), 1000);
}

for (const tab of document.querySelectorAll("[data-show]")) tab.addEventListener("click", () => show(tab.dataset.show));
for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => button.getAttribute("aria-disabled") !== "true" && advance(button));
}
by("language").addEventListener("click", changeBoth);
by("again").addEventListener("click", () => by("sure").showModal());
by("sure").addEventListener("close", () => by("sure").returnValue === "yes" && startOver());
open();
