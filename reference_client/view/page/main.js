// The page of a live view: a connection, and the modules that use it.

import * as clipboard from "./clipboard.js";
import { Connection } from "./connection.js";
import { Cursor } from "./cursor.js";
import { Displays } from "./displays.js";
import { Keyboard } from "./keyboard.js";
import * as messages from "./messages.js";
import * as notices from "./notices.js";
import { Mouse } from "./mouse.js";
import * as sound from "./sound.js";

// Modules that fill a section of their own: its name, the module, and the element that the section is in.
const features = [
  ["sound", sound, "tools"],
  ["clipboard", clipboard, "tools"],
  ["messages", messages, "panel"],
  ["notices", notices, "stage"],
];

let ended = false;
let bothModes = false;
const part = (name) => document.getElementById(name);
const say = (text) => (part("status").textContent = text);

const connection = new Connection();
const displays = new Displays(connection, part("displays"));
const keyboard = new Keyboard(connection);
const mouse = new Mouse(connection, keyboard, say);
new Cursor(connection, displays);

displays.onAdded((display) => {
  keyboard.follow(display.canvas, leave);
  mouse.follow(display);
});

for (const [name, feature, place] of features) {
  const root = document.createElement("section");
  root.id = name;
  part(place).append(root);
  feature.start(connection, root);
}

// The way out for who has only a keyboard.
function leave() {
  if (mouse.locked) document.exitPointerLock();
  part("size").focus();
}

connection.on("opened", () => {
  ended = false;
  part("connect").hidden = true;
  say("Connected");
});
connection.on("closed", ({ opened, reason }) => {
  if (ended) return;
  part("connect").hidden = false;
  if (opened) say("The connection to the view is lost" + (reason ? `: ${reason}` : ""));
  else say("The view does not answer, or does not let this page in: open the address that the client has printed");
});
connection.on("control", ({ here }) => {
  part("take-control").hidden = here;
  say(here ? "Connected" : "Another page controls the guest, and this one looks");
});
connection.on("ended", ({ text }) => {
  ended = true;
  part("take-control").hidden = true;
  say(text);
});
// What only a page that acts can do is not offered to others.
connection.on("acts", ({ acts }) => {
  part("mouse-mode").disabled = !acts || !bothModes;
  part("keys").disabled = part("follow").disabled = !acts;
});
connection.on("refused", ({ text }) => say(text));
connection.on("name", ({ name }) => (document.title = part("title").textContent = name));
connection.on("locks", (on) => {
  part("locks").textContent = ["caps", "num", "scroll"].filter((name) => on[name]).map((name) => `${name} lock`).join(", ");
});
connection.on("mouse", ({ mode, both }) => {
  part("mouse-mode").value = mode;
  bothModes = both;
  part("mouse-mode").disabled = !both || !connection.acts;
});

part("size").onchange = ({ target }) => displays.setSize(target.value);
part("mouse-mode").onchange = ({ target }) => connection.send({ do: "mouse-mode", mode: target.value });
part("full-screen").onclick = () => displays.fullScreen().catch((error) => say(`No full screen: ${error.message}`));
part("screenshot").onclick = () => displays.save();
part("take-control").onclick = () => connection.send({ do: "take-control" });
part("connect").onclick = () => connection.open();
keyboard.offer(part("keys"));
displays.setSize(part("size").value);
connection.open();
