// The conversation as it is shown: bubbles in the order the server gave them, what is not yet sent below them.

import { copier, icon, make, readable } from "./plaintext.js";
import { day, hour, say, size } from "./words.js";

const UNANSWERED_AFTER = 4000; // ms after which a press that changed nothing gives its buttons back
// What is urgent, or begins with a number to call: the numbers are made easy to hit.
const DANGER = /^(?:🆘|(?:110|119|120|122|12351|12356)(?!\d))/u;
const QUIET_STATES = { keeping: "state.sending", sent: "state.sent", kept: "state.held" };
const last = Number.MAX_SAFE_INTEGER;

/**
 * The thread inside `log`. `acts` are press(target, button), reply(data), share(kind), save(document, button), and
 * again(), release(id), drop(id), rewrite(item) for what is not yet sent; `tell(sentence)` speaks to a screen reader.
 */
export function openThread({ log, acts, tell }) {
  const heard = new Map(); // id -> message
  const mine = new Map(); // client id -> message
  const marked = {}; // mark -> the node that carries it
  let seenUpto = 0;

  // ---- what the server says

  function message(data) {
    if (heard.has(data.id)) return null;
    if (data.from === "me") return ownMessage(data);
    const shown = { id: data.id, data, node: make("div", { class: "message bot" }) };
    heard.set(data.id, shown);
    fill(shown);
    place(shown, data.id);
    return shown;
  }

  function ownMessage(data) {
    const known = mine.get(data.client_id);
    if (data.kind === "press") return pressEcho(data, known);
    const shown = known || { node: make("div", { class: "message me" }) };
    Object.assign(shown, { id: data.id, data });
    heard.set(data.id, shown);
    if (shown.item) Object.assign(shown.item, { state: "sent" });
    fillOwn(shown);
    place(shown, data.id);
    return shown;
  }

  function pressEcho(data, known) {
    const target = heard.get(data.reply_to);
    const echo = known?.echo || { id: data.id, data, node: make("div", { class: "message me" }), press: true };
    Object.assign(echo, { id: data.id, data });
    heard.set(data.id, echo);
    fillOwn(echo);
    if (target?.keys) {
      target.echo = echo;
      choose(target, data.text);
      later(target);
    } else place(echo, data.id);
    return null;
  }

  function edit({ target, text, buttons }) {
    const shown = heard.get(target);
    if (!shown) return;
    const spoken = text !== shown.data.text;
    Object.assign(shown.data, { text, buttons: buttons || [] });
    shown.echo = shown.chosen = null;
    keepFocus(shown, () => fill(shown));
    if (spoken) tell(say("edited", { text }));
  }

  function strip({ target }) {
    const shown = heard.get(target);
    if (!shown || !shown.keys) return;
    Object.assign(shown.data, { buttons: [], ask: "" });
    const echo = shown.echo || (shown.chosen && chosenEcho(shown));
    shown.echo = shown.chosen = null;
    keepFocus(shown, () => fill(shown));
    if (echo) place(echo, echo.id);
  }

  function chosenEcho(shown) {
    const echo = { id: shown.id, press: true, data: { text: shown.chosen, at: shown.data.at }, node: make("div", { class: "message me" }) };
    const waiting = [...mine.values()].find((one) => one.target === shown.id);
    if (waiting) waiting.echo = echo;
    fillOwn(echo);
    return echo;
  }

  function seen({ upto }) {
    seenUpto = Math.max(seenUpto, upto);
    for (const shown of heard.values()) if (shown.node.classList.contains("me")) fillOwn(shown);
  }

  // ---- what the person does

  /** Show `item` of the outgoing line in its present state. */
  function pending(item) {
    if (item.body && item.body.kind === "start") return;
    const shown = mine.get(item.id) || { item, node: make("div", { class: "message me" }) };
    if (item.state === "dropped") {
      mine.delete(item.id);
      if (item.target) return unchoose(heard.get(item.target));
      return shown.node.remove();
    }
    mine.set(item.id, shown);
    if (item.target) {
      shown.target = item.target;
      return pressPending(item);
    }
    if (shown.id) return;
    fillOwn(shown);
    if (!shown.node.isConnected) place(shown, last);
  }

  function pressPending(item) {
    const target = heard.get(item.target);
    if (!target || !target.keys) return;
    if (item.state === "refused") return unchoose(target);
    if (target.chosen !== item.label) choose(target, item.label);
    pressState(target, item);
    if (item.state === "sent") later(target);
  }

  function choose(shown, label) {
    shown.chosen = label;
    shown.keys.classList.add("answered");
    let marked = false;
    for (const key of shown.keys.querySelectorAll(".key")) {
      const chosen = !marked && key.dataset.shown === label;
      marked = marked || chosen;
      key.setAttribute("aria-disabled", "true");
      if (!chosen) continue;
      key.setAttribute("aria-pressed", "true");
      if (!key.querySelector("svg")) key.prepend(icon("check"));
    }
  }

  function pressState(shown, item) {
    shown.keys.querySelector(".under")?.remove();
    if (item.state !== "sent") shown.keys.append(stateLine(item));
  }

  function unchoose(shown) {
    if (!shown || !shown.chosen) return;
    const echo = shown.echo;
    shown.chosen = shown.echo = null;
    keepFocus(shown, () => fill(shown));
    if (echo) place(echo, echo.id);
  }

  /** Nobody stripped or edited the message: the buttons are still good, so give them back. */
  function later(shown) {
    clearTimeout(shown.timer);
    const label = shown.chosen;
    shown.timer = setTimeout(() => shown.chosen === label && unchoose(shown), UNANSWERED_AFTER);
  }

  // ---- drawing

  function fill(shown) {
    const { data, node } = shown;
    node.classList.toggle("danger", DANGER.test(data.text));
    node.classList.toggle("about", Boolean(data.case));
    const bubble = make("div", { class: "bubble", tabindex: "-1" }, make("span", { class: "hidden" }, say("from.bot")));
    if (data.text) {
      const words = make("div", { class: "words" }, readable(data.text));
      bubble.append(words, copier(words));
    }
    if (data.document) bubble.append(documentCard(data.document));
    for (const { kind, name } of data.attachments || []) bubble.append(fileCard(kind, name));
    shown.keys = keyboard(data);
    node.replaceChildren(...marks(node), bubble, ...(shown.keys ? [shown.keys] : []), underBot(data));
  }

  const marks = (node) => [...node.children].filter((child) => child.classList.contains("mark"));

  function keyboard(data) {
    const rows = (data.buttons || []).map((row) => {
      const widest = Math.max(...row.map(({ label }) => width(label)));
      return make("div", { class: "row" }, ...row.map((button) => key(data, button, widest)));
    });
    if (data.ask) rows.push(make("div", { class: "row ask" }, askKey(data)));
    return rows.length ? make("div", { class: "keys" }, ...rows) : null;
  }

  /** About how many em a label takes, so that the buttons of a row are equal and wrap only when they must. */
  const width = (label) => Array.from(label).reduce((sum, letter) => sum + (letter > "\u2e7f" ? 1 : 0.6), 2);

  function key(data, button, widest) {
    const node = make("button", { type: "button", class: "key", "data-shown": button.label }, make("span", {}, button.label));
    node.style.minWidth = `min(100%, ${widest}em)`;
    node.addEventListener("click", () => {
      if (node.getAttribute("aria-disabled") !== "true") acts.press(data.id, button);
    });
    return node;
  }

  function askKey(data) {
    const picture = data.ask === "location" ? icon("location") : "";
    return make("button", { type: "button", class: "key", onclick: () => acts.share(data.ask) }, picture, make("span", {}, data.ask_label));
  }

  function underBot(data) {
    const under = make("p", { class: "under" }, stamp(data.at));
    if (data.case) {
      const label = `${say("reply.case")} ${data.case}`;
      under.append(make("button", { type: "button", class: "small", "aria-label": label, onclick: () => acts.reply(data) }, say("reply.case")));
    }
    return under;
  }

  const stamp = (at) => make("time", { datetime: at }, hour(new Date(at)));

  function fillOwn(shown) {
    const { data, item, node } = shown;
    node.classList.toggle("pressed", Boolean(shown.press));
    // Drawn once: a picture that reloads or a recording that stops with every change of state would be no state at all.
    shown.bubble = shown.bubble || ownBubble(shown);
    const under = data ? make("p", { class: "under" }, stamp(data.at), ownState(shown)) : stateLine(item);
    node.replaceChildren(...marks(node), shown.bubble, under);
  }

  function ownBubble(shown) {
    const { data, item } = shown;
    const bubble = make("div", { class: "bubble", tabindex: "-1" }, make("span", { class: "hidden" }, say("from.me")));
    const text = data ? data.text : item.body ? wordsOf(item.body) : "";
    if (text) bubble.append(make("div", { class: "words" }, text));
    if (item && item.file) bubble.append(preview(item));
    else for (const { kind, name } of (data && data.attachments) || []) bubble.append(fileCard(kind, name));
    return bubble;
  }

  function ownState(shown) {
    const state = shown.id <= seenUpto ? "seen" : "sent";
    return make("span", { class: `state ${state}` }, say(`state.${state}`));
  }

  function wordsOf(body) {
    if (body.kind === "location") return `${say("location.mine")} ${body.latitude.toFixed(5)}, ${body.longitude.toFixed(5)}`;
    return body.text;
  }

  function stateLine(item) {
    const button = (key, act) => make("button", { type: "button", class: "small", onclick: act }, say(key));
    const line = make("p", { class: `under ${item.state}` });
    if (item.state === "sending") {
      const percent = Math.round((item.progress || 0) * 100);
      line.append(percent ? say("state.percent", { percent }) : say("state.sending"));
    } else if (item.state === "failed") {
      line.append(make("strong", {}, say("state.failed")), button("state.resend", acts.again), button("state.discard", () => acts.drop(item.id)));
    } else if (item.state === "refused") {
      line.append(make("strong", {}, item.error || say("fault.unknown")));
      if (item.body && item.body.kind === "text") line.append(button("state.rewrite", () => acts.rewrite(item)));
    } else if (item.state === "held") {
      line.append(make("strong", {}, say("state.held")), button("state.release", () => acts.release(item.id)), button("state.discard", () => acts.drop(item.id)));
    } else line.append(say(QUIET_STATES[item.state] || (navigator.onLine === false ? "state.offline" : "state.waiting")));
    if (item.fragile && item.state !== "sent") line.append(make("span", {}, say("files.fragile")));
    return line;
  }

  function preview({ file, bytes }) {
    if (!bytes || file.kind === "file") return fileCard(file.kind, file.name, bytes && bytes.byteLength);
    const address = URL.createObjectURL(new Blob([bytes], { type: file.mime }));
    if (file.kind === "voice") return make("audio", { controls: true, src: address, "aria-label": file.name });
    const picture = make("img", { class: "photo", src: address, alt: file.name });
    picture.addEventListener("error", () => picture.replaceWith(fileCard(file.kind, file.name, bytes.byteLength)));
    return picture;
  }

  function fileCard(kind, name, bytes) {
    const picture = { photo: "photo", voice: "voice" }[kind] || "file";
    return make("p", { class: "file" }, icon(picture), make("span", {}, name), bytes ? make("small", {}, size(bytes)) : "");
  }

  function documentCard(document) {
    const button = make("button", { type: "button", class: "small strong" }, icon("save"), make("span", {}, say("document.save")));
    button.addEventListener("click", () => acts.save(document, button));
    return make("div", { class: "file document" }, icon("file"), make("span", {}, document.name), button);
  }

  // ---- order, days, the latest keyboard

  function place(shown, order) {
    const { node } = shown;
    node.order = order;
    let before = log.lastElementChild;
    while (before && (before === node || before.order > order)) before = before.previousElementSibling;
    if (!node.isConnected && log.getAttribute("aria-live") === "polite") node.classList.add("arriving");
    if (!node.isConnected || node.previousElementSibling !== before) {
      if (before) before.after(node);
      else log.prepend(node);
    }
    marksOfDays(node);
    if (node.nextElementSibling) marksOfDays(node.nextElementSibling);
    latest("bot", "latest");
    latest("me", "newest");
  }

  function marksOfDays(node) {
    const at = (one) => one && one.querySelector("time")?.dateTime;
    node.querySelector(".mark.day")?.remove();
    if (!at(node)) return;
    const today = day(new Date(at(node)));
    const before = at(node.previousElementSibling);
    if (!before || day(new Date(before)) !== today) node.prepend(make("p", { class: "mark day" }, make("span", {}, today)));
  }

  /** Mark the last message of a side; found from the end, so that a long history does not slow each line of it. */
  function latest(side, mark) {
    let node = log.lastElementChild;
    while (node && !node.classList.contains(side)) node = node.previousElementSibling;
    if (marked[mark] === node) return;
    if (marked[mark]) marked[mark].classList.remove(mark);
    if (node) node.classList.add(mark);
    marked[mark] = node;
  }

  /** Where a button had the focus, its message keeps it, so that a keyboard user stays in place. */
  function keepFocus(shown, change) {
    const inside = shown.node.contains(document.activeElement);
    change();
    if (inside) shown.node.querySelector(".bubble").focus({ preventScroll: true });
  }

  /** Write everything again, in another language. */
  function redraw() {
    for (const shown of heard.values()) {
      if (shown.node.classList.contains("bot")) {
        const label = shown.chosen;
        fill(shown);
        if (label) choose(shown, label);
      } else redrawOwn(shown);
    }
    for (const shown of mine.values()) if (!shown.id && !shown.target) redrawOwn(shown);
    for (const node of log.children) marksOfDays(node);
  }

  function redrawOwn(shown) {
    shown.bubble = null;
    fillOwn(shown);
  }

  return { message, edit, strip, seen, pending, redraw, bots: () => [...heard.values()].filter((one) => one.data.from === "bot") };
}
