// Video streams as films: one frame large, those around it as a strip, and all of them on a line of time with what was dropped.

import { decoded, blobOf } from "./data.js";
import { button, counted, drawn, made } from "./element.js";

const STRIP = 9; // frames of the strip
const KEPT = 48; // pictures that stay decoded
const LONGEST = 2000; // milliseconds that a film waits for a frame
const IN_BODY = -1;
const DROPPED = 1;
const HOLE = 2;

export class Films {
  element = made("div", { className: "pane films", tabIndex: 0 });
  #capture;
  #choose;
  #films;
  #film = 0;
  #frame = 0;
  #turn = 0;
  #timer = 0;
  #pictures = new Map();
  #stage = made("canvas", { role: "img", "aria-label": "frame" });
  #words = made("p", { role: "status" });
  #about = made("p", { className: "faint" });
  #strip = made("div", { className: "strip", role: "group", "aria-label": "Frames around this one" });
  #line = made("div", { className: "line" });
  #slider = made("input", { type: "range", min: "0", step: "1", "aria-label": "Frame" });
  #play = button("Play", () => (this.#timer ? this.stop() : this.play()));

  // choose(row) is called with the row of a frame.
  constructor(capture, choose) {
    this.#capture = capture;
    this.#choose = choose;
    this.#films = capture.about.panes.films;
    const picked = made("select", { id: "film" });
    this.#films.forEach((film, place) => picked.append(made("option", { value: place }, `${film.name}: ${film.codec} ${film.width} x ${film.height}, ${counted(film.frames.length, "frame")}`)));
    picked.addEventListener("change", () => this.pick(Number(picked.value), 0));
    this.#slider.addEventListener("input", () => this.pick(this.#film, Number(this.#slider.value)));
    const step = (by) => () => {
      this.stop();
      this.pick(this.#film, this.#frame + by);
    };
    const shown = button("Show the message", () => this.#choose(this.frame[0]));
    const acts = made("p", {}, button("Previous", step(-1)), " ", this.#play, " ", button("Next", step(1)), " ", shown);
    this.element.append(made("p", {}, made("label", { htmlFor: "film" }, "Stream "), picked), this.#about, this.#stage, this.#words, acts, this.#line, this.#slider, this.#strip);
  }

  // The tab is looked at.
  opened() {
    if (!this.#strip.children.length) this.pick(this.#film, this.#frame);
  }

  get film() {
    return this.#films[this.#film];
  }

  // What is known of the frame that is shown.
  get frame() {
    return this.film.frames[this.#frame];
  }

  get place() {
    return this.#frame;
  }

  get playing() {
    return this.#timer !== 0;
  }

  // Shows a frame of a film; promises that it is there.
  async pick(film, frame) {
    if (film !== this.#film) this.stop();
    this.#film = film;
    const { frames } = this.film;
    this.#frame = Math.max(0, Math.min(frames.length - 1, frame));
    this.#slider.max = Math.max(frames.length - 1, 0);
    this.#slider.value = this.#frame;
    this.#tell();
    const turn = (this.#turn += 1);
    if (!frames.length) return;
    const middle = Math.max(0, Math.min(frames.length - STRIP, this.#frame - (STRIP >> 1)));
    const places = frames.slice(middle, middle + STRIP).map((_, place) => middle + place);
    const picture = await this.#picture(film, this.#frame);
    if (turn !== this.#turn) return;
    this.#put(this.#stage, picture);
    if (this.#timer) return this.#mark(places);
    this.#strip.replaceChildren(...places.map((place) => this.#thumb(film, place)));
    this.#mark(places);
  }

  play() {
    const { frames } = this.film;
    if (this.#frame >= frames.length - 1) this.#frame = 0;
    const next = async () => {
      await this.pick(this.#film, this.#frame);
      if (!this.#timer) return;
      if (this.#frame >= frames.length - 1) return this.stop();
      const wait = Math.max(0, Math.min(LONGEST, after(frames[this.#frame], frames[this.#frame + 1])));
      this.#timer = setTimeout(() => {
        this.#frame += 1;
        next();
      }, wait);
    };
    this.#timer = -1;
    this.#play.textContent = "Pause";
    next();
  }

  stop() {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#play.textContent = "Play";
    this.pick(this.#film, this.#frame);
  }

  #tell() {
    const { film } = this;
    const { frames } = film;
    const first = frames[0];
    const said = [film.rows[1] < 0 ? "its end was not seen" : ""];
    if (film.reports) said.push(`${counted(film.reports, "report")} of the client, ${film.dropped} frames dropped${film.undecodable ? `, ${film.undecodable} times that it can not be decoded` : ""}`);
    said.push(film.failed);
    this.#about.textContent = said.filter(Boolean).join("; ");
    if (this.#line.dataset.film !== String(this.#film)) {
      this.#line.dataset.film = this.#film;
      this.#line.replaceChildren(this.#ticks());
    }
    if (!first) {
      this.#words.textContent = "There are no frames.";
      return;
    }
    const at = this.frame;
    const before = frames[this.#frame - 1];
    const words = [`frame ${this.#frame + 1} of ${frames.length}`, `${after(first, at)} ms after the first`, before ? `${after(before, at)} ms after the one before` : "", `at ${at[2].toFixed(3)} s of the capture`];
    if (at[6] & DROPPED) words.push("frames around it were dropped");
    if (at[6] & HOLE) words.push("the capture lacks something before it");
    if (at[5] < IN_BODY) words.push("it has no picture");
    this.#words.textContent = words.filter(Boolean).join(", ");
    this.#stage.setAttribute("aria-label", `frame ${this.#frame + 1}`);
    this.#slider.setAttribute("aria-valuetext", this.#words.textContent);
    const share = this.#share(at);
    this.#line.firstChild.lastChild.setAttribute("x1", share);
    this.#line.firstChild.lastChild.setAttribute("x2", share);
  }

  #share(frame) {
    const { frames } = this.film;
    return (1000 * after(frames[0], frame)) / (after(frames[0], frames.at(-1)) || 1);
  }

  // All frames on the line of their times; longer where something is wrong.
  #ticks() {
    const { frames } = this.film;
    const svg = drawn("svg", { viewBox: "0 0 1000 20", preserveAspectRatio: "none", role: "img" });
    const plain = [];
    const odd = [];
    const usual = middle(frames.slice(1).map((frame, place) => after(frames[place], frame)));
    frames.forEach((frame, place) => {
      const gap = place > 0 && after(frames[place - 1], frame) > Math.max(2.5 * usual, 100);
      (frame[6] || gap ? odd : plain).push(`M${this.#share(frame).toFixed(1)} `);
    });
    svg.setAttribute("aria-label", `${counted(frames.length, "frame")} in time, ${odd.length} of them where frames were dropped, bytes are missing, or time passed without one`);
    svg.append(drawn("path", { class: "tick", d: plain.map((at) => `${at}7V20`).join("") }), drawn("path", { class: "odd", d: odd.map((at) => `${at}0V20`).join("") }), drawn("line", { class: "now", x1: 0, x2: 0, y1: 0, y2: 20 }));
    return svg;
  }

  #thumb(film, place) {
    const frame = this.#films[film].frames[place];
    const canvas = made("canvas", { width: 96, height: 72, "aria-hidden": "true" });
    const time = `${(after(this.#films[film].frames[0], frame) / 1000).toFixed(3)} s`;
    const thumb = button("", () => {
      this.stop();
      this.pick(film, place).then(() => this.#strip.querySelector("[aria-current]")?.focus());
    });
    thumb.append(canvas, made("span", {}, time));
    thumb.dataset.place = place;
    thumb.className = frame[6] ? "odd" : "";
    thumb.setAttribute("aria-label", `frame ${place + 1}, ${time}${frame[6] & DROPPED ? ", dropped frames" : ""}${frame[6] & HOLE ? ", something is missing before it" : ""}`);
    this.#picture(film, place).then((picture) => {
      if (picture) this.#put(canvas, picture, 96, 72);
    });
    return thumb;
  }

  #mark() {
    for (const thumb of this.#strip.children) {
      if (Number(thumb.dataset.place) === this.#frame) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    }
    this.element.dataset.shown = this.#frame;
  }

  #put(canvas, picture, width, height) {
    if (!picture) {
      canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
    const scale = width ? Math.min(width / picture.width, height / picture.height) : 1;
    canvas.width = Math.max(Math.round(picture.width * scale), 1);
    canvas.height = Math.max(Math.round(picture.height * scale), 1);
    const context = canvas.getContext("2d");
    if (!this.film.top_down && this.film.codec === "MJPEG") context.setTransform(1, 0, 0, -1, 0, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  }

  // Promises the picture of a frame, null where there is none.
  #picture(film, place) {
    const key = `${film} ${place}`;
    let found = this.#pictures.get(key);
    this.#pictures.delete(key);
    found ??= this.#opened(this.#films[film], place).catch(() => null);
    this.#pictures.set(key, found);
    if (this.#pictures.size > KEPT) this.#pictures.delete(this.#pictures.keys().next().value);
    return found;
  }

  async #opened(film, place) {
    const [row, , , begin, tables, picture] = film.frames[place];
    if (picture < IN_BODY) return null;
    if (picture > IN_BODY) return createImageBitmap(blobOf(`films-${picture}`, "image/jpeg"));
    const body = await this.#capture.body(row);
    if (!body) return null;
    const data = body.subarray(begin);
    const parts = tables < 0 ? [data] : [data.subarray(0, 2), decoded(film.tables[tables]), data.subarray(2)];
    return createImageBitmap(new Blob(parts, { type: "image/jpeg" }));
  }
}

// Milliseconds from one frame to another, of a clock of 32 bits.
function after(before, frame) {
  return (frame[1] - before[1]) | 0;
}

function middle(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}
