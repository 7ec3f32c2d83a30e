// What is chosen, and who is told of it.

import { isWhole, openCapture } from "./data.js";
import { dissect, hex, uncovered } from "./fields.js";
import { parseQuery } from "./query.js";
import { Lanes } from "./lanes.js";
import { List } from "./list.js";
import { Tree } from "./tree.js";
import { Bytes } from "./bytes.js";
import { Displays, imagesOf } from "./displays.js";
import { panes } from "./panes.js";
import { findingLists, notes, paragraph } from "./findings.js";
import { openLive } from "./live.js";

const KEYS = [
  ["/", "find"],
  ["j, k", "next and previous row"],
  ["n, p", "next and previous row with something wrong"],
  ["m, b, w", "messages, broken sentences, problems"],
  ["f, x", "fields, bytes"],
  ["1 to 9", "the tabs, from the left"],
  ["Arrows, Page, Home, End", "move in a list, the tree, the bytes, or in time"],
  ["Escape", "empty the search"],
];

const COLUMNS = [["mark", ""], ["number", "No."], ["seconds", "Time"], ["channel", "Channel"], ["sender", "From"], ["name", "Message"], ["size", "Bytes"], ["summary", "Fields"]];

const LANES = 500; // milliseconds from one drawing of lanes to the next, of a live capture

const get = (id) => document.getElementById(id);

class View {
  #capture;
  #rows = new Uint32Array(0);
  #row = -1;
  #list;
  #tree;
  #bytes;
  #lanes;
  #displays;
  #panes;
  #tabs = new Map();
  #tab = "messages";
  #quiet = true; // what the address says is read first
  #turn = 0;
  #fields = [];
  #more = []; // notes about reading the row
  #lost = false;
  #drawing = false;
  #said = document.createElement("div");
  #path = "";

  constructor(capture) {
    this.#capture = capture;
    this.#list = new List("Messages", COLUMNS, (place) => this.#line(this.#rows[place]), (place) => this.choose(this.#rows[place]));
    this.#tree = new Tree(get("fields"), (item) => this.#field(item));
    this.#bytes = new Bytes(get("bytes"), (place, byte) => this.#byte(place, byte));
    this.#lanes = new Lanes(get("lanes"), capture, (seconds) => this.#jump(seconds), (connection) => this.find(`connection == ${connection}`));
    this.#displays = new Displays(get("display"), capture, (row) => this.choose(row));
    this.#said.className = "said";
    this.#said.tabIndex = 0;
    this.#about();
    this.#panes = panes(capture, (row) => row >= 0 && this.choose(row), (seconds) => this.#jump(seconds));
    const panels = [
      { name: "messages", title: "Messages", count: () => capture.length, element: this.#list.element, heads: this.#list.heads },
      ...findingLists(capture, (row) => row >= 0 && this.choose(row)),
      ...this.#panes,
      { name: "about", title: "About", count: () => "", element: this.#said },
    ];
    for (const panel of panels) this.#addTab(panel);
    get("query").addEventListener("input", () => this.#narrow());
    get("search").addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("hashchange", () => this.#read());
    this.#status();
    this.#narrow();
    this.#read();
    if (this.#row < 0 && capture.length) this.choose(0);
  }

  get capture() {
    return this.#capture;
  }

  get length() {
    return this.#capture.length;
  }

  // The rows that are listed.
  get rows() {
    return this.#rows;
  }

  get row() {
    return this.#row;
  }

  // What is said of the whole.
  #about() {
    const capture = this.#capture;
    const { about } = capture;
    const lines = [`${about.capture}, written by ${about.program}`, ...about.said];
    for (const item of capture.connections.values()) {
      lines.push(`connection ${item.connection}: ${item.channel || "unknown"}:${item.channel_id}, ${item.client} to ${item.server} over ${item.transport.join("/")}${item.ended ? `; ${item.ended}` : ""}`);
    }
    this.#said.replaceChildren(...lines.map((text) => {
      const line = paragraph("");
      line.textContent = text;
      return line;
    }));
  }

  // A live capture has changed: see LiveCapture.take.
  grown(changes) {
    const capture = this.#capture;
    if (changes.gone) {
      this.#list.shift(this.#after(changes.gone));
      this.#row -= changes.gone;
      if (this.#row < 0) this.#lose();
    }
    if (changes.gone || changes.rows || changes.broken || changes.problems) {
      if (!this.#sift() && changes.gone) this.#rows = this.#rows.subarray(this.#after(changes.gone)).map((row) => row - changes.gone);
      this.#list.grow(this.#rows.length, this.#placeOf(this.#row));
    }
    for (const { tab, title, count, grow } of this.#tabs.values()) {
      tab.textContent = titled(title, count());
      grow?.();
    }
    this.#status();
    this.#drawLater();
    if (this.#row < 0 && capture.length && !this.#lost) this.choose(0);
    else if (this.#row >= 0 && (changes.broken || changes.problems)) this.#notes();
    if (this.#row >= 0 && changes.displays) this.#displays.show(this.#row, this.#fields);
  }

  // The row that was chosen is not kept any more.
  #lose() {
    this.#row = -1;
    this.#lost = true;
    this.#turn += 1;
    this.#path = "";
    this.#fields = [];
    get("title").textContent = "The row that was chosen is not kept any more";
    get("summary").textContent = get("summary").title = "";
    get("notes").replaceChildren();
    get("images").replaceChildren();
    this.#tree.fill([]);
    this.#bytes.fill(new Uint8Array(0), []);
  }

  // Lanes and what is said of the whole take longer than the rest, and are not done with every piece.
  #drawLater() {
    if (this.#drawing) return;
    this.#drawing = true;
    setTimeout(() => {
      this.#drawing = false;
      this.#lanes.fill();
      this.#about();
    }, LANES);
  }

  // Whether more comes, and what was left out.
  #status() {
    const { live, state, left } = this.#capture;
    if (!live) return;
    const words = [state || "live"];
    if (this.#capture.first) words.push(`the first ${this.#capture.first} rows are not kept any more`);
    if (left.bodies) words.push(`${left.bodies} rows came without their bytes`);
    get("live").hidden = false;
    get("live").className = state ? "over" : "on";
    get("live").textContent = words.join("; ");
  }

  // What stands beside the list, by name.
  pane(name) {
    return this.#panes.find((one) => one.name === name)?.pane;
  }

  #addTab({ name, title, count, element, heads, grow }) {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${name}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", `panel-${name}`);
    tab.textContent = titled(title, count());
    tab.addEventListener("click", () => this.open(name));
    tab.addEventListener("keydown", (event) => {
      const names = [...this.#tabs.keys()];
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = names[(names.indexOf(name) + step + names.length) % names.length];
      this.open(next);
      get(`tab-${next}`).focus();
    });
    const panel = document.createElement("div");
    panel.id = `panel-${name}`;
    panel.className = "panel";
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.append(...(heads ? [heads] : []), element);
    this.#tabs.set(name, { tab, panel, element, title, count, grow });
    get("tabs").append(tab);
    get("panels").append(panel);
  }

  open(name) {
    if (!this.#tabs.has(name)) name = "messages";
    this.#tab = name;
    for (const [one, { tab, panel }] of this.#tabs) {
      tab.setAttribute("aria-selected", one === name);
      tab.tabIndex = one === name ? 0 : -1;
      panel.hidden = one !== name;
    }
    this.#panes.find((one) => one.name === name)?.pane.opened?.();
    this.#write();
  }

  // -- the list

  #line(row) {
    const { columns, summaries, marks } = this.#capture;
    const kind = this.#capture.kind(row);
    const sender = this.#capture.sender(row);
    const mark = marks[row] & 4 ? "broken" : marks[row] & 1 ? "problem" : marks[row] & 2 ? "tolerated" : "";
    return {
      cells: [
        ["mark", mark ? { broken: "✗", problem: "!", tolerated: "~" }[mark] : ""],
        ["number", columns.number[row] || ""],
        ["seconds", columns.time[row].toFixed(6)],
        ["channel", this.#capture.channel(row)],
        ["sender", sender],
        ["name", kind.layer === "message" ? kind.name : `${kind.layer} ${kind.name}`],
        ["size", columns.size[row]],
        ["summary", summaries[row]],
      ],
      classes: `${sender} ${mark}`,
    };
  }

  #narrow() {
    if (!this.#sift()) return;
    this.#list.fill(this.#rows.length, this.#placeOf(this.#row));
    this.#write();
  }

  // Finds the rows that fit; false if nobody can say which.
  #sift() {
    const query = parseQuery(get("query").value, this.#capture);
    get("query").setAttribute("aria-invalid", Boolean(query.error));
    if (query.error) {
      get("count").textContent = query.error;
      return false;
    }
    const found = new Uint32Array(this.#capture.length);
    let count = 0;
    for (let row = 0; row < this.#capture.length; row += 1) {
      if (query.all || query.test(row)) {
        found[count] = row;
        count += 1;
      }
    }
    this.#rows = found.subarray(0, count);
    get("count").textContent = query.all ? `${count} rows` : `${count} of ${this.#capture.length} rows`;
    return true;
  }

  find(words) {
    get("query").value = words;
    this.#narrow();
    this.open("messages");
  }

  // Place of a row among those that are listed, -1 if it is not.
  #placeOf(row) {
    const place = this.#after(row);
    return this.#rows[place] === row ? place : -1;
  }

  // Place of the first that is not before a row.
  #after(row) {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rows[middle] < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #jump(seconds) {
    const { time } = this.#capture.columns;
    let best = -1;
    for (const row of this.#rows) if (best < 0 || Math.abs(time[row] - seconds) < Math.abs(time[best] - seconds)) best = row;
    if (best >= 0) this.choose(best);
  }

  // The colours are others.
  recolour() {
    this.#lanes.fill();
  }

  // -- one row

  async choose(row, path = "") {
    if (row < 0 || row >= this.#capture.length) return;
    this.#row = row;
    this.#path = path;
    const turn = (this.#turn += 1);
    const { columns } = this.#capture;
    const kind = this.#capture.kind(row);
    this.#list.mark(this.#placeOf(row));
    this.#lanes.show(columns.time[row]);
    const number = columns.number[row] ? `message ${columns.number[row]}` : `row ${this.#capture.first + row}`;
    get("title").textContent = `${kind.layer === "message" ? "" : `${kind.layer} `}${kind.name}: ${number}, ${this.#capture.channel(row)}${this.#capture.sender(row) ? ` from ${this.#capture.sender(row)}` : ""}, ${columns.size[row]} bytes, frame ${columns.frame[row]}`;
    get("summary").textContent = get("summary").title = this.#capture.summaries[row];
    this.#more = [];
    this.#notes();
    this.#write();
    const { body, found, gaps } = await this.dissected(row);
    if (turn !== this.#turn) return;
    this.#fields = found.children;
    get("images").replaceChildren(...imagesOf(this.#capture, row));
    this.#displays.show(row, found.children);
    for (const { pane } of this.#panes) pane.show?.(row);
    this.#tree.fill(found.children);
    this.#bytes.fill(body ?? new Uint8Array(0), gaps);
    get("byte-words").textContent = body ? "" : columns.size[row] ? "Its bytes are not in this page." : "It has no bytes.";
    if (found.error) {
      const note = paragraph("note error");
      note.textContent = `reading stops: ${found.error}`;
      this.#more.push(note);
    }
    if (gaps.length) {
      const note = paragraph("note");
      note.textContent = `no field covers ${gaps.map(([start, end]) => `${start}–${end}`).join(", ")}`;
      this.#more.push(note);
    }
    this.#notes();
    if (path) this.#tree.pickPath(path);
    document.body.dataset.row = row; // it is shown
  }

  // What is to be said of the row that is chosen, and of reading it.
  #notes() {
    get("notes").replaceChildren(...notes(this.#capture, this.#row, (words) => this.find(words)), ...this.#more);
  }

  // Promises the bytes of a row, its fields, and ranges of the bytes that are of no field.
  async dissected(row) {
    const { structures } = this.#capture.kind(row);
    const body = await this.#capture.body(row);
    const found = body ? dissect(this.#capture.about, structures, body) : { children: [], error: "" };
    return { body, structures, found, gaps: body && structures.length ? uncovered(found.children, body.length) : [] };
  }

  #field(item) {
    this.#path = item?.path ?? "";
    if (!item) this.#bytes.light([], []);
    else {
      const behind = [];
      const visit = (children, inside) => {
        for (const child of children) {
          if (inside) behind.push([child.start, child.end]);
          visit(child.children, inside || child.pointer);
        }
      };
      visit(item.children, item.pointer);
      this.#bytes.light([[item.start, item.end]], behind);
      get("byte-words").textContent = `${item.path}: bytes ${item.start} to ${item.end}${item.doc ? `. ${item.doc}` : ""}`;
    }
    this.#write();
  }

  #byte(place, byte) {
    this.#tree.pickByte(place);
    const path = this.#tree.path;
    get("byte-words").textContent = `byte ${place}: ${hex([byte])} (${byte}), ${path || "of no field"}`;
  }

  // -- keyboard

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.target === get("query") && event.key === "Escape") {
      get("query").value = "";
      this.#narrow();
      this.#list.element.focus();
    }
    if (typing) return;
    const wrong = (step) => {
      let place = this.#after(this.#row);
      do place += step;
      while (place >= 0 && place < this.#rows.length && !(this.#capture.marks[this.#rows[place]] & 7));
      if (place >= 0 && place < this.#rows.length) this.choose(this.#rows[place]);
    };
    const acts = {
      "/": () => get("query").focus(),
      j: () => this.#list.pick(this.#placeOf(this.#row) + 1),
      k: () => this.#list.pick(this.#placeOf(this.#row) - 1),
      n: () => wrong(1),
      p: () => wrong(-1),
      m: () => this.#focusTab("messages"),
      b: () => this.#focusTab("broken"),
      w: () => this.#focusTab("problems"),
      f: () => get("fields").focus(),
      x: () => get("bytes").focus(),
    };
    // Nothing has the focus, and the page does not scroll.
    if (event.target === document.body && document.documentElement.scrollHeight <= innerHeight && this.#list.moves(event)) return;
    const name = [...this.#tabs.keys()][Number(event.key) - 1];
    if (name) acts[event.key] = () => this.#focusTab(name);
    if (!(event.key in acts)) return;
    event.preventDefault();
    acts[event.key]();
  }

  #focusTab(name) {
    this.open(name);
    this.#tabs.get(name).element.focus();
  }

  // -- the address

  #write() {
    if (this.#quiet) return;
    const values = new URLSearchParams();
    if (this.#row > 0) values.set("row", this.#capture.first + this.#row);
    if (this.#path) values.set("field", this.#path);
    if (get("query").value) values.set("q", get("query").value);
    if (this.#tab !== "messages") values.set("tab", this.#tab);
    const text = values.toString();
    if (text !== location.hash.slice(1)) history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  }

  #read() {
    const values = new URLSearchParams(location.hash.slice(1));
    this.#quiet = true;
    if ((values.get("q") ?? "") !== get("query").value) {
      get("query").value = values.get("q") ?? "";
      this.#narrow();
    }
    this.open(values.get("tab") ?? "messages");
    const message = Number(values.get("message"));
    const row = message ? this.#capture.columns.number.indexOf(message) : Number(values.get("row") ?? -1) - this.#capture.first;
    if (Number.isInteger(row) && (row !== this.#row || values.get("field"))) this.choose(row, values.get("field") ?? "");
    this.#quiet = false;
  }
}

function titled(title, count) {
  return count === "" ? title : `${title} (${count})`;
}

function setScheme(dark) {
  document.documentElement.dataset.scheme = dark ? "dark" : "light";
  get("scheme").textContent = dark ? "Light" : "Dark";
}

setScheme(matchMedia("(prefers-color-scheme: dark)").matches);
get("scheme").addEventListener("click", () => {
  setScheme(document.documentElement.dataset.scheme !== "dark");
  globalThis.view?.recolour();
});
get("keys-button").addEventListener("click", () => {
  get("keys").hidden = !get("keys").hidden;
  get("keys-button").setAttribute("aria-expanded", !get("keys").hidden);
});
const keys = document.createElement("dl");
for (const [name, words] of KEYS) {
  const term = document.createElement("dt");
  const meaning = document.createElement("dd");
  term.textContent = name;
  meaning.textContent = words;
  keys.append(term, meaning);
}
get("keys").append(keys);
globalThis.view = new View(isWhole() ? await openCapture() : await openLive((changes) => globalThis.view.grown(changes)));
document.body.dataset.ready = "yes";
