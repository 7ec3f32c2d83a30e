// The shapes of the pointer as pictures, with their hot spots; which one was there at the row that is looked at.

import { held } from "./data.js";
import { button, counted, drawn, made } from "./element.js";

export class Shapes {
  element = made("div", { className: "pane shapes", tabIndex: 0 });
  #found;
  #figures = [];
  #now = made("p", { role: "status" });
  #capture;

  // choose(row) is called with the row where a shape is first shown.
  constructor(capture, choose) {
    this.#capture = capture;
    this.#found = capture.about.panes.shapes;
    const { shapes, uses } = this.#found;
    const list = made("ul", { className: "figures" });
    shapes.forEach((shape, place) => {
      const rows = uses.filter((use) => use[2] === place);
      const taken = rows.filter((use) => use[3]).length;
      const title = `Shape ${place + 1}: ${shape.type}, ${shape.width} x ${shape.height}`;
      const picture = this.#picture(shape, place);
      const words = made("div", {}, `hot spot ${shape.x}, ${shape.y}; shown ${counted(rows.length, "time")}${taken ? `, ${taken} of them from the cache` : ""}${shape.inverts ? "; inverts the screen where it is grey" : ""}`);
      let next = 0;
      const show = button(title, () => {
        choose(rows[next % rows.length][0]);
        next += 1;
      });
      show.title = "Show the message that brought it, then the others that showed it";
      const item = made("li", {}, picture, made("div", {}, show, words));
      this.#figures.push(item);
      list.append(item);
    });
    this.element.append(this.#now, list);
    this.show(-1);
  }

  #picture(shape, place) {
    const scale = Math.max(1, Math.min(4, Math.floor(96 / Math.max(shape.width, shape.height))));
    const image = made("img", { src: `data:image/png;base64,${held(`shapes-${place}`)}`, alt: `shape ${place + 1}`, width: shape.width * scale, height: shape.height * scale });
    const spot = drawn("svg", { viewBox: `0 0 ${shape.width} ${shape.height}`, width: shape.width * scale, height: shape.height * scale, "aria-hidden": "true" });
    const [x, y, arm] = [shape.x + 0.5, shape.y + 0.5, 5 / scale];
    for (const name of ["around", "cross"]) spot.append(drawn("path", { class: name, d: `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}` }));
    return made("div", { className: "shape" }, image, spot);
  }

  // The shape that each pointer has behind a row.
  show(row) {
    const now = new Map();
    for (const [at, where, shape] of this.#found.uses) if (at <= row) now.set(where, shape);
    const current = new Set(now.values());
    this.#figures.forEach((item, place) => {
      item.classList.toggle("current", current.has(place));
      if (current.has(place)) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    });
    const words = [...now].map(([where, shape]) => `${where} shows ${shape < 0 ? "no shape" : `shape ${shape + 1}`}`);
    const behind = row < 0 ? "" : `Behind ${this.#capture.columns.number[row] ? `message ${this.#capture.columns.number[row]}` : `row ${row}`}: `;
    this.#now.textContent = `${behind}${words.join("; ") || "no shape was said yet"}.`;
  }
}
