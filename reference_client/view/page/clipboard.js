// The clipboard of this machine and that of the guest.
//
// What the user copied here is told to the guest when he pastes on a display (Ctrl+V), presses the button, or lets the page
// share by itself; it stays here until somebody pastes in the guest. What is copied in the guest comes when he asks for it.
// Browsers give the content of their clipboard to a paste; for anything else they ask the user, who may refuse.

import { Pieces, pieces } from "./pieces.js";

const TYPES = { text: "text/plain", png: "image/png" };
const LARGEST = 16 << 20; // bytes
const SETTLE = 80; // ms between the news of a copy and the keys that paste it: the guest hears of them in two ways
const NO_PASTE = 300; // ms after which no paste event is waited for

export function start(connection, root) {
  const text = document.getElementById("clipboard-words");
  const say = (words) => (text.textContent = text.title = words);
  const here = new Here(connection, say);
  const guest = new Guest(connection, here, say);
  const automatic = document.createElement("input");
  automatic.type = "checkbox";
  automatic.id = "share";
  const label = document.createElement("label");
  label.append(automatic, " Share by itself");
  const give = button("Copy to guest", () => here.offer());
  const take = button("Copy from guest", () => guest.copy());
  root.setAttribute("aria-label", "Clipboard");
  root.append(give, take, label);

  let agent = false;
  const offer = () => {
    give.disabled = !agent || !connection.acts;
    take.disabled = !guest.formats.length || !connection.acts;
    automatic.disabled = !connection.acts;
  };
  connection.on("acts", offer);
  offer();
  connection.on("clipboard", (state) => {
    agent = state.agent;
    here.agent = state.agent;
    guest.formats = state.formats;
    offer();
    if (!agent) say("the guest has no agent for it");
    else if (!state.formats.length) say("");
    else say(`copied in the guest: ${state.formats.join(", ")}`);
    if (automatic.checked && connection.acts && state.formats.length) guest.copy();
  });

  // Alone it never asks the user anything: it does what he has allowed before.
  const look = () => automatic.checked && agent && connection.acts && document.hasFocus() && here.offer({ again: false });
  automatic.onchange = async () => {
    if (automatic.checked && !(await here.offer({ again: false }))) automatic.checked = false;
  };
  addEventListener("focus", look);
  navigator.clipboard?.addEventListener?.("clipboardchange", look);
  new Paste(here).watch(document.getElementById("displays"));
}

function button(name, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = name;
  made.disabled = true;
  made.onclick = act;
  return made;
}

function refused(what, error) {
  if (error?.name === "NotAllowedError") return `the browser does not let the page ${what} the clipboard`;
  return `the clipboard can not be ${what === "read" ? "read" : "written"}: ${error?.message ?? error}`;
}

// What is the same content: its text, and the bytes of its picture.
async function mark(content) {
  const picture = content.png ? await crypto.subtle.digest("SHA-256", await content.png.arrayBuffer()) : new ArrayBuffer(0);
  return JSON.stringify([content.text ?? "", [...new Uint8Array(picture)]]);
}

// What is on the clipboard. Throws what the browser has against it.
async function read() {
  if (!navigator.clipboard?.read) throw new Error("the page needs https, or an address of this machine");
  const found = {};
  for (const item of await navigator.clipboard.read()) {
    for (const [name, type] of Object.entries(TYPES)) {
      if (!found[name] && item.types.includes(type)) found[name] = await item.getType(type);
    }
  }
  if (found.text) found.text = await found.text.text();
  return found;
}

// What was copied here, and is kept for the guest.
class Here {
  agent = false;
  #connection;
  #say;
  #content = {};
  #known = ""; // mark of what the guest was told of, or has copied itself

  constructor(connection, say) {
    this.#connection = connection;
    this.#say = say;
    connection.on("clipboard-wanted", (wanted) => this.#hand(wanted));
    connection.on("clipboard", ({ formats }) => {
      if (formats.length) this.#content = {}; // somebody has copied in the guest
    });
    connection.on("closed", () => {
      this.#content = {};
      this.#known = "";
    });
  }

  // Tell the guest of what is on the clipboard; whether it could be read.
  async offer({ again = true } = {}) {
    let content;
    try {
      content = await read();
    } catch (error) {
      this.#say(`${refused("read", error)}; Ctrl+V on a display needs no permission`);
      return false;
    }
    if (!Object.keys(content).length) this.#say("there is neither text nor a picture on the clipboard");
    else if ((await this.tell(content, again)) && again) this.#say(`the guest can paste: ${Object.keys(content).join(", ")}`);
    return true;
  }

  // Tell the guest of this; whether it is news.
  async tell(content, again = false) {
    const formats = Object.keys(TYPES).filter((name) => content[name]);
    if (!formats.length || !this.agent) return false;
    const found = await mark(content);
    if (found === this.#known && !again) return false;
    this.#known = found;
    this.#content = content;
    this.#connection.send({ do: "clipboard-grab", formats });
    return true;
  }

  // This is on the clipboard, and comes from the guest.
  async came(content) {
    let found = content;
    if (content.png) {
      // Browsers make another PNG of it, which only they know.
      try {
        found = await read();
      } catch {
        found = content;
      }
    }
    this.#known = await mark(found);
  }

  async #hand({ number, format }) {
    const content = this.#content[format];
    const bytes = content === undefined ? null : new Uint8Array(await new Blob([content]).arrayBuffer());
    if (bytes === null || bytes.length > LARGEST) {
      if (bytes !== null) this.#say(`what was copied is larger than ${LARGEST >> 20} MiB`);
      this.#connection.send({ do: "clipboard-none", number });
      return;
    }
    for (const piece of pieces(number, bytes)) this.#connection.sendBytes(piece);
  }
}

// What was copied in the guest.
class Guest {
  formats = [];
  #connection;
  #here;
  #say;
  #number = 0;
  #waiting = new Map();

  constructor(connection, here, say) {
    this.#connection = connection;
    this.#here = here;
    this.#say = say;
    const incoming = new Pieces(LARGEST);
    connection.onKind(Pieces.KIND, (data) => {
      const found = incoming.take(data);
      if (found) this.#waiting.get(found.number)?.resolve(found.bytes);
    });
    connection.on("clipboard-none", ({ number, text }) => this.#waiting.get(number)?.reject(new Error(text)));
    connection.on("closed", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the connection is lost"));
      incoming.forget();
      this.formats = [];
    });
  }

  // Onto the clipboard of this machine. The browser is told at once, while it knows that the user wants it.
  async copy() {
    const wanted = Object.fromEntries(this.formats.map((name) => [name, this.#fetch(name)]));
    const got = {};
    for (const [name, promise] of Object.entries(wanted)) promise.then((blob) => (got[name] = blob), () => {});
    const items = Object.entries(wanted).map(([name, promise]) => [TYPES[name], promise]);
    try {
      if (!navigator.clipboard?.write) throw new Error("the page needs https, or an address of this machine");
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(items))]);
      this.#say(`copied from the guest: ${Object.keys(wanted).join(", ")}`);
    } catch (error) {
      await Promise.allSettled(Object.values(wanted));
      this.#say(refused("write", error));
      return;
    }
    if (got.text) got.text = await got.text.text();
    await this.#here.came(got);
  }

  async #fetch(name) {
    const number = (this.#number += 1);
    const answer = new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    this.#connection.send({ do: "clipboard-fetch", number, format: name });
    try {
      return new Blob([await answer], { type: TYPES[name] });
    } finally {
      this.#waiting.delete(number);
    }
  }
}

// A paste on a display: the keys reach it behind the news of what is pasted.
class Paste {
  #here;
  #held = null; // keys that wait; null while none do
  #handed = new WeakSet();
  #timer = 0;

  constructor(here) {
    this.#here = here;
  }

  watch(displays) {
    const options = { capture: true };
    addEventListener("keydown", (event) => this.#key(event, displays), options);
    addEventListener("keyup", (event) => this.#key(event, displays), options);
    addEventListener("paste", (event) => this.#paste(event), options);
    // Who loses the keyboard lets go of all keys.
    addEventListener("blur", () => this.#held && (this.#held = []), options);
  }

  #key(event, displays) {
    if (this.#handed.has(event)) return;
    const pastes = event.type === "keydown" && !event.repeat && isPaste(event) && displays.contains(event.target);
    if (this.#held === null && (!pastes || !this.#here.agent)) return;
    // The browser's own deed of these keys is the paste, and goes on.
    event.stopImmediatePropagation();
    if (!pastes) event.preventDefault();
    if (this.#held === null) {
      this.#held = [];
      this.#timer = setTimeout(() => this.#release(), NO_PASTE);
    }
    this.#held.push(event);
  }

  async #paste(event) {
    if (this.#held === null) return;
    clearTimeout(this.#timer);
    const content = { text: event.clipboardData.getData("text/plain") };
    content.png = [...event.clipboardData.files].find((file) => file.type === TYPES.png);
    event.preventDefault();
    let news = false;
    try {
      news = await this.#here.tell(content);
    } finally {
      this.#timer = setTimeout(() => this.#release(), news ? SETTLE : 0);
    }
  }

  #release() {
    clearTimeout(this.#timer);
    const held = this.#held ?? [];
    this.#held = null;
    for (const event of held) {
      const { type, key, code, location, repeat, ctrlKey, shiftKey, altKey, metaKey } = event;
      const modifiers = { modifierCapsLock: "CapsLock", modifierNumLock: "NumLock", modifierScrollLock: "ScrollLock" };
      const locks = Object.entries(modifiers).map(([name, lock]) => [name, event.getModifierState(lock)]);
      const values = { key, code, location, repeat, ctrlKey, shiftKey, altKey, metaKey, ...Object.fromEntries(locks) };
      const again = new KeyboardEvent(type, { ...values, bubbles: true, cancelable: true });
      this.#handed.add(again);
      event.target.dispatchEvent(again);
    }
  }
}

function isPaste(event) {
  const control = event.ctrlKey && !event.altKey && !event.metaKey && event.code === "KeyV";
  return control || (event.shiftKey && !event.ctrlKey && !event.altKey && event.code === "Insert");
}
