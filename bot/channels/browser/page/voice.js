// Recording one's voice, where the browser offers it.

const MOST = 10 * 60; // seconds; about 5 MB, well under what may be sent
const KINDS = [
  ["audio/mp4;codecs=mp4a.40.2", "m4a"],
  ["audio/mp4", "m4a"],
  ["audio/ogg;codecs=opus", "ogg"],
  ["audio/webm;codecs=opus", "webm"],
];

/** Whether this browser, on this address, can record at all. */
export function canRecord() {
  return Boolean(window.MediaRecorder && navigator.mediaDevices && navigator.mediaDevices.getUserMedia && kind());
}

const kind = () => KINDS.find(([mime]) => MediaRecorder.isTypeSupported(mime));

/**
 * Ask for the microphone and start; rejects when it is not given.
 * `ticked(seconds)` is called each second, `ended()` when the longest time is over.
 * The answer has finish() -> Promise of {bytes, mime, ending, seconds} and drop().
 */
export async function record(ticked, ended) {
  const [mime, ending] = kind();
  const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(sound, { mimeType: mime, audioBitsPerSecond: 48000 });
  const parts = [];
  let seconds = 0;
  recorder.addEventListener("dataavailable", (event) => event.data.size && parts.push(event.data));
  const timer = setInterval(() => {
    ticked(++seconds);
    if (seconds >= MOST) ended();
  }, 1000);
  const quiet = () => {
    clearInterval(timer);
    for (const track of sound.getTracks()) track.stop();
  };
  recorder.start(1000);
  return {
    finish() {
      return new Promise((resolve) => {
        recorder.addEventListener("stop", async () => {
          quiet();
          const bytes = await new Response(new Blob(parts)).arrayBuffer();
          resolve({ bytes, mime: mime.split(";")[0], ending, seconds });
        });
        recorder.stop();
      });
    },
    drop() {
      recorder.stop();
      quiet();
    },
  };
}
