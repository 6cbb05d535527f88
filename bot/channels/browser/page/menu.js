// The sheet behind the menu button: language, size of the text, the return code, forgetting this device.

import { say } from "./words.js";

const by = (id) => document.getElementById(id);
const PAGES = { "menu-main": "menu.title", "menu-return": "code.title", "menu-forget": "forget.ask" };
const FULL_WIDTH_ZERO = 0xff10;

/**
 * Wire the menu. `language()` and `size()` give what is set; `acts` are speak(language), resize(size), unsent() -> number,
 * comeBack(code) -> Promise of "" or the sentence that says what is wrong, and forget().
 */
export function openMenu({ language, size, acts }) {
  const sheet = by("menu");
  let shown = "menu.title";

  function show(page) {
    for (const name of Object.keys(PAGES)) by(name).hidden = name !== page;
    by("menu-title").textContent = say((shown = PAGES[page]));
    for (const radio of sheet.querySelectorAll("[name=language]")) radio.checked = radio.value === language();
    for (const radio of sheet.querySelectorAll("[name=size]")) radio.checked = radio.value === size();
    by("code-fault").textContent = "";
    by("code").value = "";
    if (!sheet.open) {
      if (sheet.showModal) sheet.showModal();
      else sheet.setAttribute("open", "");
    }
    const first = by(page).querySelector("input:checked, input:not([type=radio]), button");
    if (first) first.focus();
  }

  function close() {
    if (sheet.close) sheet.close();
    else sheet.removeAttribute("open");
  }

  async function comeBack(event) {
    event.preventDefault();
    const digits = plainDigits(by("code").value);
    by("code-fault").textContent = digits.length === 16 ? "" : say("code.digits", { count: digits.length });
    if (digits.length !== 16) return by("code").focus();
    by("code-fault").textContent = await acts.comeBack(digits);
    by("code").focus();
  }

  by("open-menu").addEventListener("click", () => show("menu-main"));
  by("menu-close").addEventListener("click", close);
  sheet.addEventListener("click", (event) => event.target === sheet && close());
  for (const radio of sheet.querySelectorAll("[name=language]")) radio.addEventListener("change", () => {
    acts.speak(radio.value);
    by("menu-title").textContent = say(shown);
  });
  for (const radio of sheet.querySelectorAll("[name=size]")) radio.addEventListener("change", () => acts.resize(radio.value));
  for (const back of sheet.querySelectorAll("[data-back]")) back.addEventListener("click", () => show("menu-main"));
  by("show-return").addEventListener("click", () => show("menu-return"));
  by("menu-return").addEventListener("submit", comeBack);
  by("show-forget").addEventListener("click", () => {
    const unsent = acts.unsent();
    by("forget-text").textContent = say("forget.sure") + (unsent ? ` ${say("forget.unsent", { count: unsent })}` : "");
    show("menu-forget");
  });
  by("forget-yes").addEventListener("click", () => {
    close();
    acts.forget();
  });

  return { show, close };
}

/** The digits of what was typed, full-width ones too. */
export function plainDigits(typed) {
  return typed.replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - FULL_WIDTH_ZERO)).replace(/\D/g, "");
}
