// The keyboard: keys go to the guest while a display has the focus, and none stays down when it loses it.

const LOCKS = { caps: "CapsLock", num: "NumLock", scroll: "ScrollLock" };
const MAC = navigator.platform.startsWith("Mac");

// Keys that browsers and desktops keep for themselves: what they are called, and the keys in the order in which they go down.
const CHORDS = [
  ["Ctrl+Alt+Delete", ["ControlLeft", "AltLeft", "Delete"]],
  ["Ctrl+Alt+Backspace", ["ControlLeft", "AltLeft", "Backspace"]],
  ...Array.from({ length: 12 }, (_, number) => [`Ctrl+Alt+F${number + 1}`, ["ControlLeft", "AltLeft", `F${number + 1}`]]),
  ["Alt+Tab", ["AltLeft", "Tab"]],
  ["Alt+F4", ["AltLeft", "F4"]],
  ["Ctrl+W", ["ControlLeft", "KeyW"]],
  ["Super", ["MetaLeft"]],
  ["Print Screen", ["PrintScreen"]],
  ["Pause", ["Pause"]],
  ["Shift+F12", ["ShiftLeft", "F12"]],
];

export class Keyboard {
  #connection;
  #down = new Set();
  #waiting = [];
  #fresh = true;

  constructor(connection) {
    this.#connection = connection;
    addEventListener("blur", () => this.release());
    document.addEventListener("visibilitychange", () => this.release());
    connection.on("closed", () => this.#down.clear());
  }

  follow(canvas, leave) {
    canvas.addEventListener("focus", () => (this.#fresh = true));
    canvas.addEventListener("blur", () => this.release());
    canvas.addEventListener("keydown", (event) => this.#pressed(event, leave));
    canvas.addEventListener("keyup", (event) => this.#released(event));
  }

  // The keys that cannot be typed, as options of a select element.
  offer(select) {
    select.replaceChildren(new Option("send", ""), ...CHORDS.map(([name], number) => new Option(name, number)));
    select.onchange = () => {
      const codes = CHORDS[select.value]?.[1] ?? [];
      select.value = "";
      for (const code of codes) this.#say({ do: "key", code, down: true });
      for (const code of codes.toReversed()) this.#say({ do: "key", code, down: false });
    };
  }

  // Lock keys may have changed while the focus was elsewhere: what they are here goes first.
  comeBack(event) {
    if (!this.#fresh) return;
    this.#fresh = false;
    const on = Object.fromEntries(Object.entries(LOCKS).map(([name, key]) => [name, event.getModifierState(key)]));
    if (!MAC) this.#say({ do: "locks", ...on }); // a Mac has one of three
  }

  release() {
    this.#fresh = true;
    this.#down.clear();
    this.#say({ do: "blur" });
  }

  #pressed(event, leave) {
    if (event.code === "F12" && event.shiftKey) {
      event.preventDefault();
      this.release();
      leave();
      return;
    }
    if (!event.code || event.isComposing) return;
    if (!Object.values(LOCKS).includes(event.code)) this.comeBack(event);
    const pastes = event.code === "KeyV" && (event.ctrlKey || event.metaKey);
    // The browser's own paste says what is on the clipboard here: the guest hears of the key behind that.
    if (!pastes) event.preventDefault();
    this.#down.add(event.code);
    this.#say({ do: "key", code: event.code, down: true }, pastes);
  }

  #released(event) {
    event.preventDefault();
    if (!event.code) return;
    // Some browsers tell of this key only when it goes up.
    if (event.code === "PrintScreen" && !this.#down.has(event.code)) this.#say({ do: "key", code: event.code, down: true });
    this.#down.delete(event.code);
    this.#say({ do: "key", code: event.code, down: false });
    // On a Mac no other key goes up while this one is down.
    if (MAC && event.code.startsWith("Meta")) this.release();
  }

  #say(message, later = false) {
    if (!later && !this.#waiting.length) {
      this.#connection.send(message);
      return;
    }
    this.#waiting.push(message);
    if (this.#waiting.length > 1) return;
    setTimeout(() => {
      for (const waiting of this.#waiting.splice(0)) this.#connection.send(waiting);
    });
  }
}
