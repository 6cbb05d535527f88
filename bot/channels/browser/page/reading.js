// Where the reader is: nothing moves under their eyes, what is new is counted, and what was really in view is told as seen.

import { make } from "./plaintext.js";
import { say } from "./words.js";

const AT_THE_END = 72; // px from the end that still count as being there
const ANSWER_WITHIN = 15000; // ms after a press in which a new message is its answer
const LOOKED_FOR = 500; // ms a message must have stayed in view

/**
 * Follow reading of `log`. `bots()` gives the union's messages in order, `told(upto)` is called when more was seen,
 * `counted(unread)` when the number of unseen messages changes; `from` is the last id seen before, 0 for none.
 */
export function followReading({ log, pill, bots, told, counted, from }) {
  let seen = from;
  let atEnd = true;
  let replaying = true;
  let expected = 0;
  let timer = 0;

  const end = () => log.scrollHeight - log.clientHeight;
  const note = () => (atEnd = log.scrollTop >= end() - AT_THE_END);

  /** Make a change to the log without moving what is being read; `fresh()` gives the first new message of the union, if any. */
  function change(act, fresh = () => null) {
    if (replaying) return act();
    const anchor = atEnd ? null : firstInView();
    const top = anchor && anchor.offsetTop - log.scrollTop;
    act();
    const first = fresh();
    if (first && Date.now() < expected) atEnd = true;
    if (first) expected = 0;
    if (atEnd) log.scrollTop = first ? Math.min(end(), topOf(first)) : end();
    else if (anchor && anchor.isConnected) log.scrollTop = anchor.offsetTop - top;
    note();
    look();
  }

  const topOf = (node) => node.offsetTop - 12;

  function firstInView() {
    for (const node of log.children) if (node.offsetTop + node.offsetHeight > log.scrollTop) return node;
    return null;
  }

  /** The history is there: begin at the first message not seen before, or at the end. */
  function replayed() {
    if (!replaying) return;
    replaying = false;
    const first = from ? bots().find((one) => one.id > from) : null;
    log.scrollTop = end();
    if (first) {
      first.node.prepend(make("p", { class: "mark fresh" }, make("span", { "data-words": "newer.divider" }, say("newer.divider"))));
      log.scrollTop = Math.min(end(), topOf(first.node));
    }
    note();
    look();
  }

  function shown() {
    // The playground keeps the other phone laid out but out of sight.
    const frame = window.frameElement;
    return document.visibilityState === "visible" && log.clientHeight > 0 && !(frame && getComputedStyle(frame).visibility === "hidden");
  }

  /** Count what is new now, and what has been in view for a moment as seen. */
  function look() {
    count();
    clearTimeout(timer);
    timer = setTimeout(settle, LOOKED_FOR);
  }

  function settle() {
    if (replaying || !shown()) return;
    const limit = log.scrollTop + log.clientHeight + 4;
    let upto = seen;
    for (const { id, node } of bots()) {
      const bubble = node.querySelector(".bubble");
      if (id > upto && bubble.offsetTop + bubble.offsetHeight <= limit) upto = id;
    }
    if (upto === seen) return;
    seen = upto;
    told(seen);
    count();
  }

  function count() {
    const unread = bots().filter(({ id }) => id > seen);
    const below = unread.filter(({ node }) => node.offsetTop > log.scrollTop + log.clientHeight - 24);
    pill.hidden = atEnd || below.length === 0;
    pill.lastElementChild.textContent = say("newer", { count: below.length });
    counted(unread.length);
  }

  pill.addEventListener("click", () => {
    const next = bots().find(({ id, node }) => id > seen && node.offsetTop > log.scrollTop + log.clientHeight - 24);
    log.scrollTop = next ? Math.min(end(), topOf(next.node)) : end();
    log.focus({ preventScroll: true });
    note();
    look();
  });
  log.addEventListener("scroll", () => {
    note();
    look();
  }, { passive: true });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("resize", look);

  // The keyboard of a phone or a growing message box takes room from below: the end stays in view.
  if (window.ResizeObserver) new ResizeObserver(() => atEnd && (log.scrollTop = end())).observe(log);

  return {
    change,
    replayed,
    toEnd() {
      log.scrollTop = end();
      note();
    },
    /** A button was pressed: the next message is what the reader waits for, wherever they are. */
    expect() {
      expected = Date.now() + ANSWER_WITHIN;
    },
  };
}
