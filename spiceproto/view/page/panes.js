// What stands beside the list of messages, of that there is something to show.

import { Sound } from "./sound.js";
import { Shapes } from "./shapes.js";
import { Films } from "./films.js";
import { Transfers } from "./transfers.js";
import { Plots } from "./plots.js";

const KINDS = [
  ["sound", "Sound", Sound, (found) => found.length],
  ["shapes", "Shapes", Shapes, (found) => found.shapes.length],
  ["films", "Video", Films, (found) => found.length],
  ["transfers", "Transfers", Transfers, (found) => found.length],
];

// Panes as tabs: {name, title, count(), element, pane}; choose(row) is called with a row that somebody wants to see, jump(seconds)
// with a time.
export function panes(capture, choose, jump) {
  const found = capture.about.panes ?? {};
  const tabs = [];
  for (const [name, title, Kind, count] of KINDS) {
    if (!found[name] || !count(found[name])) continue;
    const pane = new Kind(capture, choose);
    tabs.push({ name, title, count: () => count(found[name]), element: pane.element, pane });
  }
  if (found.numbers) {
    const pane = new Plots(capture, jump);
    tabs.push({ name: "plots", title: "Plots", count: () => "", element: pane.element, pane });
  }
  return tabs;
}
