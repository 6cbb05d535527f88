// Calls to the union's server: the key goes into the header of each, never into an address.

/** Nothing answered: no network, no server, or no answer in time. */
export class NoAnswer extends Error {}

/** The server no longer knows this device's key. */
export class Unknown extends Error {}

/** The server will never take this; the message is its sentence for the person. */
export class Refused extends Error {}

/** The server is there but cannot take it now; `seconds` is how long it asks for, 0 when it does not say; the message may be its sentence. */
export class Busy extends Error {
  constructor(seconds, sentence = "") {
    super(sentence);
    this.seconds = seconds;
  }
}

const ANSWER_WITHIN = 30e3; // ms, for a call with a small body
const STALLED_AFTER = 60e3; // ms without a byte of an upload moving

/** Calls under `base` with the key that `key()` gives at that moment. */
export function openServer(base, key) {
  const signed = (headers) => (key() ? { ...headers, Authorization: `Bearer ${key()}` } : headers);

  /** The bare response, for streams and documents; raises NoAnswer or Unknown. */
  async function open(path, { method = "GET", headers = {}, body, signal } = {}) {
    let response;
    try {
      response = await fetch(base + path, { method, headers: signed(headers), body, signal, cache: "no-store", credentials: "omit" });
    } catch (cause) {
      throw new NoAnswer(String(cause));
    }
    if (response.status === 401) throw new Unknown();
    return response;
  }

  /** Post `value` as JSON and return what came back as JSON; 409 means it was there already. */
  async function post(path, value) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ANSWER_WITHIN);
    try {
      const response = await open(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(value),
        signal: patience.signal,
      });
      const text = await response.text().catch(() => "");
      return judge(response.status, text, response.headers.get("Retry-After"));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Send bytes, telling `moved` the share (0 to 1) that has left; fetch cannot tell that. */
  function upload(path, bytes, mime, moved) {
    return new Promise((resolve, reject) => {
      const call = new XMLHttpRequest();
      let timer = setTimeout(() => call.abort(), STALLED_AFTER);
      call.open("POST", base + path);
      for (const [name, value] of Object.entries(signed({ "Content-Type": mime }))) call.setRequestHeader(name, value);
      call.upload.onprogress = (progress) => {
        clearTimeout(timer);
        timer = setTimeout(() => call.abort(), STALLED_AFTER);
        if (progress.lengthComputable) moved(progress.loaded / progress.total);
      };
      call.onload = () => {
        try {
          if (call.status === 401) throw new Unknown();
          resolve(judge(call.status, call.responseText, call.getResponseHeader("Retry-After")));
        } catch (verdict) {
          reject(verdict);
        }
      };
      call.onerror = call.onabort = () => reject(new NoAnswer("upload"));
      call.onloadend = () => clearTimeout(timer);
      call.send(bytes);
    });
  }

  return { open, post, upload };
}

function judge(status, text, retryAfter) {
  const said = readJson(text);
  if ((status >= 200 && status < 300) || status === 409) return said;
  if (status >= 500 || status === 408 || status === 425 || status === 429) throw new Busy(Number(retryAfter) || 0, said.error);
  throw new Refused(said.error || "");
}

function readJson(text) {
  try {
    return JSON.parse(text) || {};
  } catch {
    return {};
  }
}

/** Milliseconds before try number `tries` (from 1): doubling from half a second to `most`, spread so that phones do not return together. */
export function backOff(tries, most = 30e3) {
  return Math.min(most, 500 * 2 ** Math.min(tries - 1, 10)) * (0.5 + Math.random() / 2);
}
