// The messages of the session as they pass: a line for each, and the fields of the one that is chosen.

import { List } from "./list.js";

const MOST = 4000; // lines that are kept
const MOST_BYTES = 16; // of one field that its line shows

export function start(connection, root) {
  const panel = new Panel(connection, root);
  root.setAttribute("aria-label", "Messages");
  document.getElementById("screenshot").after(panel.opener);
}

function make(name, values = {}, ...inside) {
  const made = Object.assign(document.createElement(name), values);
  made.append(...inside);
  return made;
}

// The lines of fields, as `decode --verbose` has them: what a field is, and beside it, where a line shows them, its bytes.
function fieldLines(text) {
  return text.split("\n").map((line) => {
    const place = /^ *\[(\d+):(\d+)\]/.exec(line);
    const size = place ? Number(place[2]) - Number(place[1]) : 0;
    const bytes = `(?: [0-9a-f]{2}){${Math.min(size, MOST_BYTES)}}${size > MOST_BYTES ? " \\.\\." : ""}$`;
    const found = size > 0 ? new RegExp(bytes).exec(line) : null;
    const words = make("span", { textContent: (found ? line.slice(0, found.index) : line).trimEnd() });
    // Deeper fields are further in, and so is the rest of a long line.
    words.style.paddingLeft = `${/^ */.exec(line)[0].length / 2 + 2}ch`;
    words.textContent = words.textContent.trimStart();
    return make("div", {}, words, ...(found ? [make("span", { textContent: found[0].trimStart() })] : []));
  });
}

class Panel {
  #connection;
  #root;
  #open = false;
  #paused = false;
  #rows = [];
  #dropped = 0; // lines that were here
  #left = 0; // messages without a line
  #channels = new Set();
  #list;
  #channel = make("select", { onchange: () => this.#narrow() }, make("option", { value: "", textContent: "all" }));
  #text = make("input", { type: "search", autocomplete: "off", spellcheck: false, oninput: () => this.#narrow() });
  #pause = make("button", { type: "button", textContent: "Pause", onclick: () => this.#setPaused(!this.#paused) });
  #count = make("p", { className: "count" });
  #title = make("h2", { textContent: "Fields" });
  #fields = make("div", { className: "fields", tabIndex: 0 });

  constructor(connection, root) {
    this.#connection = connection;
    this.#root = root;
    this.opener = make("button", { type: "button", id: "open-messages", textContent: "Messages", onclick: () => this.#setOpen(!this.#open) });
    this.opener.setAttribute("aria-expanded", "false");
    this.#pause.setAttribute("aria-pressed", "false");
    this.#fields.setAttribute("role", "region");
    this.#fields.setAttribute("aria-label", "Fields of the message");
    this.#list = new List("Messages", (row) => this.#choose(row));
    const clear = make("button", { type: "button", textContent: "Clear", onclick: () => this.#clear() });
    const tools = make("div", { className: "tools" });
    tools.append(this.#pause, clear, make("label", {}, "Channel ", this.#channel), make("label", {}, "Text ", this.#text));
    root.hidden = true;
    root.append(tools, this.#count, this.#list.element, this.#title, this.#fields);
    connection.on("messages", (message) => this.#take(message));
    connection.on("message-fields", ({ number, text }) => {
      if (number === this.#list.chosen?.[0]) this.#fields.replaceChildren(...fieldLines(text || "no fields"));
    });
    connection.on("opened", () => {
      this.#clear();
      this.#ask();
    });
  }

  #setOpen(open) {
    this.#open = open;
    this.#root.hidden = !open;
    this.opener.setAttribute("aria-expanded", open);
    document.body.classList.toggle("messages", open);
    if (!open) this.#clear(); // their fields are not kept
    this.#ask();
  }

  #setPaused(paused) {
    this.#paused = paused;
    this.#pause.setAttribute("aria-pressed", paused);
    this.#ask();
    this.#tell();
  }

  // Summaries are made of what is asked for alone.
  #ask() {
    if (!this.#open) {
      this.#connection.send({ do: "messages-close" });
      return;
    }
    const channels = this.#paused ? [] : this.#channel.value ? [this.#channel.value] : null;
    this.#connection.send({ do: "messages-open", channels });
  }

  #take({ rows, left, channels }) {
    for (const name of channels) {
      if (this.#channels.has(name)) continue;
      this.#channels.add(name);
      this.#channel.append(make("option", { value: name, textContent: name }));
    }
    if (!this.#open || this.#paused) return;
    for (const count of Object.values(left)) this.#left += count;
    this.#rows.push(...rows);
    const over = Math.max(this.#rows.length - MOST, 0);
    const gone = this.#rows.splice(0, over);
    this.#dropped += over;
    this.#list.append(rows.filter((row) => this.#fits(row)), gone.filter((row) => this.#fits(row)).length);
    this.#tell();
  }

  #fits([, , channel, sender, name, , , summary]) {
    if (this.#channel.value && channel !== this.#channel.value) return false;
    const text = this.#text.value.trim().toLowerCase();
    return !text || `${channel} ${sender} ${name} ${summary}`.toLowerCase().includes(text);
  }

  #narrow() {
    this.#ask();
    this.#list.replace(this.#rows.filter((row) => this.#fits(row)));
    this.#tell();
  }

  #clear() {
    this.#rows = [];
    this.#left = this.#dropped = 0;
    this.#list.replace([]);
    this.#title.textContent = "Fields";
    this.#fields.textContent = "";
    this.#tell();
  }

  #tell() {
    const parts = [`${this.#list.length} of ${this.#rows.length} lines`];
    if (this.#dropped) parts.push(`${this.#dropped} older ones are gone`);
    if (this.#left) parts.push(`${this.#left} messages came too fast for a line`);
    if (this.#paused) parts.push("paused");
    this.#count.textContent = parts.join("; ");
  }

  #choose(row) {
    this.#title.textContent = `${row[4]}, serial ${row[5]}, ${row[6]} bytes, ${row[2]} from ${row[3]}`;
    this.#fields.textContent = "";
    this.#connection.send({ do: "message-fields", number: row[0] });
  }
}
