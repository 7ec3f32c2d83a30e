// The connection to the view: JSON objects as text messages, and binary messages by their first byte.

const TOKEN = "token";
const ANOTHER = 4000; // the code of a close: another session is shown

// The token of this view: from the address, and from then on from the tab, which keeps it when the page is loaded again.
function token() {
  const named = location.hash.slice(1);
  if (named) {
    sessionStorage.setItem(TOKEN, named);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(TOKEN) ?? "";
}

// The address of another view in the same tab differs in the token alone.
addEventListener("hashchange", () => location.hash && location.reload());

export class Connection {
  #token = token();
  #socket = null;
  #events = new Map();
  #kinds = new Map();
  #acts = false;
  #ended = false;

  constructor() {
    this.on("opened", () => (this.#ended = false));
    this.on("control", ({ here }) => this.#setActs(here && !this.#ended));
    this.on("closed", () => this.#setActs(false));
    this.on("ended", () => {
      this.#ended = true;
      this.#setActs(false);
    });
  }

  // Handlers of events: on("mouse", (message) => ...). There are three of the connection itself: "opened"; "closed", which says
  // whether it had been opened, and the reason that the view gave; and "acts", when that may have changed.
  on(event, handler) {
    this.#events.set(event, [...(this.#events.get(event) ?? []), handler]);
  }

  // The handler of binary messages of a kind: onKind(0, (data) => ...), an ArrayBuffer with its first byte.
  onKind(kind, handler) {
    this.#kinds.set(kind, handler);
  }

  open() {
    const place = location.origin.replace(/^http/, "ws") + "/socket";
    let opened = false;
    const socket = (this.#socket = new WebSocket(place, this.#token ? ["t." + this.#token] : []));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      opened = true;
      this.#tell("opened", {});
    };
    socket.onclose = ({ code, reason }) => {
      this.#tell("closed", { opened, reason });
      if (code === ANOTHER) this.open();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") {
        const message = JSON.parse(data);
        this.#tell(message.event, message);
      } else {
        this.#kinds.get(new Uint8Array(data, 0, 1)[0])?.(data);
      }
    };
  }

  // Whether this page may act on the guest: the session lasts, and no other page is in control.
  get acts() {
    return this.#acts;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  // What is said while there is no connection is lost.
  send(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }

  sendBytes(bytes) {
    if (this.isOpen) this.#socket.send(bytes);
  }

  #setActs(acts) {
    this.#acts = acts;
    this.#tell("acts", { acts });
  }

  #tell(event, message) {
    for (const handler of this.#events.get(event) ?? []) handler(message);
  }
}
