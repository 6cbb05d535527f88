// A message is plain text; what can be tapped in it (an address, a number to call, a return code) is found here.

import { say } from "./words.js";

/** An element with its attributes, listeners (keys that start with "on") and children. */
export function make(tag, about = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** An icon of the page's own sheet. */
export function icon(name, about = {}) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  picture.setAttribute("aria-hidden", "true");
  for (const [key, value] of Object.entries(about)) picture.setAttribute(key, value);
  picture.append(use);
  return picture;
}

// Three digits are a number to call only where nothing makes them an amount, an article or part of a longer number.
const HOTLINES = "110|119|120|122|12122|12309|12315|12328|12333|12338|12345|12348|12351|12355|12356|12368";
const NOT_BEFORE = /[第¥$]\s?$|\d[.:：-]?$|(?:articles?|no\.)\s$/i;
const NOT_AFTER =
  /^(?:\d|[.:-]\d|%|\s?(?:条|元|块|天|日|月|年|人|个|件|次|小时|分|秒|岁|米|公里|斤|号楼|室|yuan|days?|hours?|people|weeks?|months?|minutes?))/i;
// "1,120" is an amount, "110,120" two numbers to call.
const THOUSANDS_BEFORE = new RegExp(`(?:^|\\D)(?!(?:${HOTLINES}),$)\\d+,$`);
const THOUSANDS_AFTER = new RegExp(`^,(?!(?:${HOTLINES})(?!\\d))\\d`);
const barred = (before, after) => NOT_BEFORE.test(before) || NOT_AFTER.test(after) || THOUSANDS_BEFORE.test(before) || THOUSANDS_AFTER.test(after);

const FINDS = new RegExp(
  `(https?://[^\\s<>"'，。；、（）《》]+[^\\s<>"'，。；、（）《》.,;:!?)])` +
    `|(\\d{4}[ -]\\d{4}[ -]\\d{4}[ -]\\d{4})` +
    `|(1[3-9]\\d{9}|0\\d{2,3}-\\d{7,8})` +
    `|(${HOTLINES})` +
    `|(🆘|📎)` +
    `|(\\d{4}年\\d{1,2}月\\d{1,2}日(?:\\(周[一二三四五六日]\\))?|周[一二三四五六日]\\(\\d{1,2}月\\d{1,2}日\\)(?:\\d{2}:\\d{2})?|\\d{2}-\\d{6}-\\d|\\d{4}-\\d{4})`,
  "gu",
);
const SIGNS = { "🆘": "danger", "📎": "clip" };

/** `text` as nodes: words as they are, addresses and numbers to call as links, the two signs drawn by us, dates and case numbers on one line. */
export function readable(text) {
  const found = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(FINDS)) {
    const [whole, address, code, phone, hotline, sign, unbroken] = match;
    const before = text.slice(0, match.index);
    const after = text.slice(match.index + whole.length);
    if (hotline && barred(before, after)) continue;
    if ((phone || code) && (/\d$/.test(before) || /^\d/.test(after))) continue;
    found.append(text.slice(from, match.index));
    if (address) found.append(make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, whole));
    else if (code) found.append(make("span", { class: "code" }, whole));
    else if (unbroken) found.append(make("span", { class: "whole" }, whole));
    else if (sign) found.append(make("span", { class: "sign" }, icon(SIGNS[sign]), make("span", { class: "hidden" }, sign)));
    else found.append(make("a", { href: `tel:${phone || hotline}`, class: hotline ? "hotline" : null }, whole));
    from = match.index + whole.length;
  }
  found.append(text.slice(from));
  return found;
}

/** A button that copies the return code in `words`, or "" when there is none or the browser cannot. */
export function copier(words) {
  const code = words.querySelector(".code");
  if (!code || !navigator.clipboard) return "";
  const button = make("button", { type: "button", class: "small" }, say("code.copy"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent).then(() => (button.textContent = say("code.copied")), () => button.remove());
  });
  return button;
}
