// Where a message is made: words, chosen files, a recording, a place.

import { icon, make } from "./plaintext.js";
import { newId } from "./memory.js";
import { canRecord, record } from "./voice.js";
import { length, say, size } from "./words.js";

const MOST_BYTES = 20 * 1024 * 1024;
const by = (id) => document.getElementById(id);

/**
 * Wire the composer. `send(item)` puts one item into the outgoing line, `notice(sentence)` shows a sentence to the person.
 * The answer has replyTo(data), put(text), share(kind) and clear().
 */
export function openComposer({ memory, send, notice }) {
  const text = by("text");
  const typing = window.matchMedia("(pointer: fine)");
  let files = []; // {file, mime, kind, address}
  let reply = null; // the message being answered
  let recording = null;
  let recorded = null;

  /** Back to the words, except where that would raise a keyboard over the conversation. */
  const settle = () => typing.matches && text.focus();

  // ---- words

  function grow() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
    memory.set("draft", text.value);
    offer();
  }

  function offer() {
    const empty = !text.value.trim() && files.length === 0;
    by("speak").hidden = !(empty && canRecord());
    by("send").hidden = !by("speak").hidden;
    by("send").classList.toggle("ready", !empty);
  }

  const envelope = (more) => ({ id: newId(), at: new Date().toISOString(), ...(reply ? { reply_to: reply.id } : {}), ...more });

  const parcel = (bytes, about, answered) => ({
    id: newId(),
    bytes,
    file: { ...about, reply_to: answered ? answered.id : "", at: new Date().toISOString() },
  });

  function post(body) {
    send({ id: body.id, body });
  }

  async function submit(event) {
    event.preventDefault();
    const words = text.value.trim();
    const chosen = files;
    if (!words && chosen.length === 0) return text.focus();
    if (words) post(envelope({ kind: "text", text: words }));
    const answered = reply;
    clear();
    settle();
    await sendFiles(chosen, answered);
  }

  async function sendFiles(chosen, answered) {
    const album = chosen.length > 1 ? newId() : "";
    for (const { file, mime, kind } of chosen) {
      const bytes = await bytesOf(file);
      if (bytes) send(parcel(bytes, { kind, name: file.name, mime, album }, answered));
    }
  }

  async function bytesOf(file) {
    try {
      return await new Response(file).arrayBuffer();
    } catch {
      notice(say("files.unreadable", { name: file.name }));
      return null;
    }
  }

  function clear() {
    for (const { address } of files) if (address) URL.revokeObjectURL(address);
    files = [];
    text.value = "";
    quote(null);
    tray(false);
    drawFiles();
    grow();
  }

  // ---- a reply

  function quote(data) {
    reply = data;
    by("quote").hidden = !data;
    if (!data) return;
    by("quote-case").textContent = say("reply.to", { case: data.case });
    by("quote-text").textContent = data.text.replace(/\s+/g, " ").slice(0, 60);
    text.focus();
  }

  // ---- files

  function choose(list, kindOf) {
    for (const file of list) {
      const name = file.name || "";
      if (file.size > MOST_BYTES) notice(say("files.big", { name, size: size(file.size) }));
      else if (file.size === 0) notice(say("files.empty", { name }));
      else {
        const mime = file.type || "application/octet-stream";
        const kind = kindOf(mime);
        files.push({ file, mime, kind, address: kind === "photo" ? URL.createObjectURL(file) : "" });
      }
    }
    tray(false);
    drawFiles();
    offer();
  }

  function drawFiles() {
    by("chosen").hidden = files.length === 0;
    by("chosen").replaceChildren(...files.map((one) => {
      const picture = one.address ? make("img", { src: one.address, alt: "" }) : icon(one.kind === "voice" ? "voice" : "file");
      if (one.address) picture.addEventListener("error", () => picture.replaceWith(icon("photo")));
      const drop = make("button", { type: "button", class: "plain", "aria-label": say("files.drop", { name: one.file.name }) }, icon("close"));
      drop.addEventListener("click", () => {
        files = files.filter((other) => other !== one);
        drawFiles();
        offer();
        settle();
      });
      return make("li", {}, picture, make("span", {}, one.file.name), make("small", {}, size(one.file.size)), drop);
    }));
  }

  const photoOrFile = (mime) => (mime.startsWith("image/") ? "photo" : "file");
  const pickers = { "pick-camera": ["file-camera", photoOrFile], "pick-photo": ["file-photo", photoOrFile], "pick-file": ["file-any", () => "file"] };
  for (const [button, [input, kindOf]] of Object.entries(pickers)) pick(button, input, kindOf);

  function pick(button, input, kindOf) {
    if (button) by(button).addEventListener("click", () => by(input).click());
    by(input).addEventListener("change", () => {
      choose(by(input).files, kindOf);
      by(input).value = "";
      settle();
    });
  }

  pick("", "file-voice", () => "voice");

  function tray(open) {
    by("tray").hidden = !open;
    by("more").setAttribute("aria-expanded", String(open));
  }

  // ---- voice

  async function startVoice() {
    tray(false);
    if (!canRecord()) {
      notice(say("voice.none"));
      if (window.matchMedia("(pointer: coarse)").matches) by("file-voice").click();
      return;
    }
    try {
      recording = await record((seconds) => clock(seconds), finishVoice);
    } catch {
      return notice(say("voice.refused"));
    }
    clock(0);
    voiceBar(true);
    by("voice-done").focus();
  }

  const clock = (seconds) => (by("voice-clock").lastElementChild.textContent = say("voice.running", { time: length(seconds) }));

  function voiceBar(open) {
    by("recording").hidden = !open;
    by("bar").hidden = open;
    by("voice-clock").hidden = Boolean(recorded);
    by("voice-play").hidden = !recorded;
    by("voice-done").textContent = say(recorded ? "voice.sending" : "voice.done");
  }

  async function finishVoice() {
    if (!recording) return;
    const running = recording;
    recording = null;
    recorded = await running.finish();
    by("voice-play").src = URL.createObjectURL(new Blob([recorded.bytes], { type: recorded.mime }));
    voiceBar(true);
    by("voice-done").focus();
  }

  function endVoice() {
    if (recording) recording.drop();
    recording = recorded = null;
    by("voice-play").pause();
    by("voice-play").removeAttribute("src");
    voiceBar(false);
    offer();
    settle();
  }

  function doneVoice() {
    if (recording) return finishVoice();
    const { bytes, mime, ending, seconds } = recorded;
    const name = `${say("voice.name", { time: length(seconds) }).replace(":", ".")}.${ending}`;
    send(parcel(bytes, { kind: "voice", name, mime, album: "" }, reply));
    quote(null);
    endVoice();
  }

  // ---- a place

  function shareLocation() {
    tray(false);
    if (!navigator.geolocation || !window.isSecureContext) {
      notice(say("location.none"));
      return text.focus();
    }
    notice(say("location.searching"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        notice("");
        post(envelope({ kind: "location", latitude: coords.latitude, longitude: coords.longitude }));
        quote(null);
      },
      (fault) => {
        notice(say(fault.code === fault.PERMISSION_DENIED ? "location.refused" : "location.none"));
        text.focus();
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  }

  function share(kind) {
    if (kind === "location") return shareLocation();
    notice(say("contact.typed"));
    text.focus();
  }

  by("composer").addEventListener("submit", submit);
  // A tap on the button leaves the keyboard of a phone where it is.
  by("send").addEventListener("mousedown", (event) => event.preventDefault());
  text.addEventListener("input", grow);
  window.addEventListener("resize", grow);
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    submit(event);
  });
  text.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    choose(event.clipboardData.files, photoOrFile);
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    choose(event.dataTransfer.files, photoOrFile);
  });
  by("more").addEventListener("click", () => tray(by("tray").hidden));
  by("composer").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    tray(false);
    quote(null);
  });
  by("quote-drop").addEventListener("click", () => {
    quote(null);
    text.focus();
  });
  by("speak").addEventListener("click", startVoice);
  by("pick-voice").addEventListener("click", startVoice);
  by("voice-cancel").addEventListener("click", endVoice);
  by("voice-done").addEventListener("click", doneVoice);
  by("pick-location").addEventListener("click", shareLocation);

  text.value = memory.get("draft");
  grow();
  return {
    replyTo: quote,
    share,
    clear,
    put(words) {
      text.value = text.value ? `${words}\n${text.value}` : words;
      grow();
      text.focus();
    },
  };
}
