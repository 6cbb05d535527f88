// What stays on this device, apart for each slot: a few words in localStorage, what is not yet sent in IndexedDB.

/** Open the small memory of `slot`; without localStorage it lasts as long as the page. */
export function openMemory(slot) {
  const space = `steward.${slot}.`;
  const page = new Map();
  return {
    get(name) {
      try {
        return localStorage.getItem(space + name) ?? page.get(name) ?? "";
      } catch {
        return page.get(name) ?? "";
      }
    },
    set(name, value) {
      page.set(name, value);
      try {
        if (value === "") localStorage.removeItem(space + name);
        else localStorage.setItem(space + name, value);
      } catch {
        // A full or forbidden store: the page's own copy serves until it closes.
      }
    },
    clear() {
      page.clear();
      try {
        for (const name of Object.keys(localStorage)) if (name.startsWith(space)) localStorage.removeItem(name);
      } catch {
        // Nothing was kept where nothing may be kept.
      }
    },
  };
}

/**
 * Open the shelf of what is not yet sent from `slot`: all(), put(item), remove(id) and clear(), all promises.
 * `put` resolves to true only when the item outlives the page.
 */
export function openShelf(slot, memory) {
  const opened = openDatabase(`steward-${slot}`).then(lastingShelf, () => plainShelf(memory));
  const act = (name) => async (given) => (await opened)[name](given);
  return { all: act("all"), put: act("put"), remove: act("remove"), clear: act("clear") };
}

function openDatabase(name) {
  return new Promise((resolve, reject) => {
    // Some in-app browsers neither open the database nor say no.
    setTimeout(() => reject(new Error("no answer")), 3000);
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("unsent", { keyPath: "id" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

function lastingShelf(database) {
  const act = (mode, request) =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction("unsent", mode);
      const asked = request(transaction.objectStore("unsent"));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  const kept = (promise) => promise.then(() => true, () => false);
  return {
    all: () => act("readonly", (store) => store.getAll()).then(inOrder, () => []),
    put: (item) => kept(act("readwrite", (store) => store.put(item))),
    remove: (id) => kept(act("readwrite", (store) => store.delete(id))),
    clear: () => kept(act("readwrite", (store) => store.clear())),
  };
}

function plainShelf(memory) {
  const items = new Map(JSON.parse(memory.get("unsent") || "[]").map((item) => [item.id, item]));
  const write = () => memory.set("unsent", JSON.stringify([...items.values()].filter((item) => !item.bytes)));
  return {
    all: async () => inOrder([...items.values()]),
    async put(item) {
      items.set(item.id, item);
      write();
      return !item.bytes;
    },
    async remove(id) {
      items.delete(id);
      write();
    },
    async clear() {
      items.clear();
      write();
    },
  };
}

const inOrder = (items) => items.sort((one, other) => one.order - other.order);

/** A random identifier in the shape of a version 4 UUID; crypto.randomUUID needs https. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
