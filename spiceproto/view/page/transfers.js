// Transfers of the agent, one a line: files with their parts, and what was copied from the grab to the data.

import { button, counted, made } from "./element.js";

const SHOWN = 6; // messages of a transfer that have a button at first
const PAGE = 200; // transfers at a time

export class Transfers {
  element = made("div", { className: "pane transfers", tabIndex: 0 });
  #all;
  #capture;
  #choose;
  #body = made("tbody");
  #more = button("", () => this.#fill());

  // choose(row) is called with the row of a message of a transfer.
  constructor(capture, choose) {
    this.#capture = capture;
    this.#choose = choose;
    this.#all = capture.about.panes.transfers;
    const heads = ["Time", "What", "From", "Bytes", "Result", "Messages"].map((text) => made("th", { scope: "col" }, text));
    this.element.append(made("table", {}, made("caption", {}, "Files, and what was copied"), made("thead", {}, made("tr", {}, ...heads)), this.#body), this.#more);
    this.#fill();
  }

  #fill() {
    const from = this.#body.children.length;
    this.#body.append(...this.#all.slice(from, from + PAGE).map((item) => this.#line(item)));
    const left = this.#all.length - this.#body.children.length;
    this.#more.hidden = !left;
    this.#more.textContent = `${left} more`;
  }

  #line(item) {
    const [first, last] = item.seconds;
    const what = item.kind === "file" ? `file ${item.name || `(transfer ${item.number})`}` : `clipboard${item.selection && item.selection !== "CLIPBOARD" ? ` ${item.selection}` : ""}${item.name ? `: ${item.name}` : ""}`;
    const size = item.size === null ? `${item.sent}` : `${item.sent} of ${item.size}`;
    const whole = item.size === null || item.sent === item.size;
    const cells = [`${first.toFixed(3)} s${last > first ? `, ${(last - first).toFixed(3)} s long` : ""}`, what, item.from, `${size} in ${counted(item.parts, "part")}${whole ? "" : ", not whole"}`, item.result];
    const line = made("tr", { className: whole ? "" : "odd" }, ...cells.map((text) => made("td", {}, text)));
    const links = made("ul", { className: "links" });
    const add = (rows) => links.append(...rows.map((row) => this.#link(row)));
    add(item.rows.slice(0, SHOWN));
    if (item.rows.length > SHOWN) {
      const more = made("li", {}, button(`${item.rows.length - SHOWN} more`, () => {
        more.remove();
        add(item.rows.slice(SHOWN));
      }));
      links.append(more);
    }
    line.append(made("td", {}, links));
    return line;
  }

  #link([row, words]) {
    const show = button(words, () => this.#choose(row));
    show.title = `row ${row}, ${this.#capture.columns.time[row].toFixed(6)} s`;
    return made("li", {}, show);
  }
}
