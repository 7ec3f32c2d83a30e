// The sound of a capture: the form of its wave, which plays from where one clicks, with marks where something is not in it.

import { blobOf } from "./data.js";
import { button, counted, drawn, made } from "./element.js";

const HEIGHT = 100; // units of the drawing
const LISTED = 24; // marks that have a button
const WORDS = { stop: "stopped", gap: "time passed without sound", lost: "could not be decoded", hole: "bytes are missing from the capture" };

export class Sound {
  element = made("div", { className: "pane sound", tabIndex: 0 });

  // choose(row) is called with the row of what is heard.
  constructor(capture, choose) {
    this.tracks = capture.about.panes.sound.map((track, place) => new Track(track, place, choose));
    this.element.append(...this.tracks.map((track) => track.element));
  }
}

class Track {
  element = made("section");
  audio = null;
  #track;
  #place;
  #choose;
  #wave;
  #head = made("div", { className: "head" });
  #play = button("Play", () => this.#toggle());
  #words = made("span", { className: "at" });
  #at = 0;

  constructor(track, place, choose) {
    this.#track = track;
    this.#place = place;
    this.#choose = choose;
    const title = made("h2", { id: `sound-${place}` }, `${track.name}: ${track.what}, ${track.seconds.toFixed(2)} s${track.full ? ", of which there is more" : ""}`);
    this.#wave = made("div", { className: "wave", tabIndex: 0, role: "slider", "aria-label": `Place in the sound of ${track.name}`, "aria-valuemin": "0", "aria-valuemax": track.seconds.toFixed(3) }, this.#drawn(), this.#head);
    this.#wave.addEventListener("pointerdown", (event) => {
      const box = this.#wave.getBoundingClientRect();
      this.seek(((event.clientX - box.left) / box.width) * track.seconds);
    });
    this.#wave.addEventListener("keydown", (event) => this.#key(event));
    const show = button("Show the message", () => this.#choose(this.row));
    this.#play.setAttribute("aria-describedby", title.id);
    this.element.setAttribute("aria-labelledby", title.id);
    this.element.append(title, this.#wave, made("p", {}, this.#play, " ", show, " ", this.#words), this.#marks());
    this.#tell();
  }

  // The row of what is heard.
  get row() {
    let found = this.#track.rows[0]?.[1] ?? -1;
    for (const [second, row] of this.#track.rows) if (second <= this.#at + 1e-3) found = row;
    return found;
  }

  get at() {
    return this.#at;
  }

  seek(seconds) {
    this.#at = Math.max(0, Math.min(this.#track.seconds, seconds));
    if (this.audio) this.audio.currentTime = this.#at;
    this.#tell();
  }

  #drawn() {
    const { peaks, marks, seconds } = this.#track;
    const width = Math.max(peaks.length, 1);
    const middle = HEIGHT / 2;
    const y = (value) => (middle - value * middle).toFixed(1);
    const upper = peaks.map(([, high], place) => `${place} ${y(Math.max(high, 0.01))}`);
    const lower = peaks.map(([low], place) => `${place} ${y(Math.min(low, -0.01))}`).reverse();
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    if (peaks.length) svg.append(drawn("path", { class: "form", d: `M${[...upper, ...lower].join("L")}Z` }));
    for (const [at, kind] of marks) {
      const x = (width * at) / (seconds || 1);
      svg.append(drawn("line", { class: `mark ${kind}`, x1: x, x2: x, y1: 0, y2: HEIGHT }));
    }
    return svg;
  }

  #marks() {
    const { marks } = this.#track;
    const list = made("ul", { className: "links" });
    for (const [at, kind, passed, row] of marks.slice(0, LISTED)) {
      const words = `${at.toFixed(2)} s: ${WORDS[kind]}${passed ? `, ${passed.toFixed(3)} s` : ""}`;
      list.append(made("li", { className: kind }, button(words, () => {
        this.seek(at);
        if (row >= 0) this.#choose(row);
      })));
    }
    if (marks.length > LISTED) list.append(made("li", {}, `and ${counted(marks.length - LISTED, "mark")} more`));
    return list;
  }

  #toggle() {
    if (!this.audio) {
      this.audio = new Audio(URL.createObjectURL(blobOf(`sound-${this.#place}`, this.#track.type)));
      for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.#told());
      this.audio.addEventListener("error", () => (this.#words.textContent = `This browser can not play ${this.#track.type}.`));
      this.audio.currentTime = this.#at;
    }
    if (!this.audio.paused) return this.audio.pause();
    if (this.#at >= this.#track.seconds - 0.01) this.seek(0);
    this.audio.play().catch((error) => (this.#words.textContent = `It does not play: ${error.message}`));
  }

  #told() {
    this.#play.textContent = this.audio.paused ? "Play" : "Pause";
    const step = () => {
      this.#at = Math.min(this.audio.currentTime, this.#track.seconds);
      this.#tell();
      if (!this.audio.paused) requestAnimationFrame(step);
    };
    step();
  }

  #tell() {
    this.#head.style.left = `${(100 * this.#at) / (this.#track.seconds || 1)}%`;
    this.#words.textContent = `${this.#at.toFixed(2)} s`;
    this.#wave.setAttribute("aria-valuenow", this.#at.toFixed(3));
    this.#wave.setAttribute("aria-valuetext", `${this.#at.toFixed(2)} of ${this.#track.seconds.toFixed(2)} seconds`);
  }

  #key(event) {
    const { seconds } = this.#track;
    const steps = { ArrowRight: 0.1, ArrowUp: 0.1, ArrowLeft: -0.1, ArrowDown: -0.1, PageUp: 1, PageDown: -1, Home: -seconds, End: seconds };
    if (event.key !== " " && event.key !== "Enter" && !(event.key in steps)) return;
    event.preventDefault();
    if (event.key in steps) this.seek(this.#at + steps[event.key]);
    else this.#toggle();
  }
}
