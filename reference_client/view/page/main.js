// The page of a live view: a connection, and the modules that use it.

import * as clipboard from "./clipboard.js";
import { Connection } from "./connection.js";
import * as messages from "./messages.js";
import * as sound from "./sound.js";

// Modules with a place of their own: each fills a section of the tool bar or of the panel.
const features = [
  ["sound", sound, "tools"],
  ["clipboard", clipboard, "tools"],
  ["messages", messages, "panel"],
];

const connection = new Connection();
const status = document.getElementById("status");
const connect = document.getElementById("connect");
const takeControl = document.getElementById("take-control");

function say(text) {
  status.textContent = text;
}

for (const [name, feature, place] of features) {
  const root = document.createElement("section");
  root.id = name;
  document.getElementById(place).append(root);
  feature.start(connection, root);
}

connection.on("opened", () => {
  connect.hidden = true;
  say("Connected");
});
connection.on("closed", ({ reason }) => {
  connect.hidden = false;
  say("The connection to the view is lost" + (reason ? ": " + reason : ""));
});
connection.on("control", ({ here }) => {
  takeControl.hidden = here;
  document.body.classList.toggle("looks", !here);
  say(here ? "Connected" : "Another page controls the guest");
});
connection.on("ended", ({ text }) => say("The session is over: " + text));
connection.on("refused", ({ text }) => say(text));
connection.on("name", ({ name }) => {
  document.title = name;
  document.getElementById("title").textContent = name;
});
connect.onclick = () => connection.open();
takeControl.onclick = () => connection.send({ do: "take-control" });
connection.open();
