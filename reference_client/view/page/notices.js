// What the server has to say to the user, in a row above the displays: the newest few, each until it is dismissed.

const MOST = 3;
const WORDS = { information: "Information", warning: "Warning", error: "Error" };

export function start(connection, root) {
  root.setAttribute("aria-label", "Notices of the server");
  root.setAttribute("role", "log");
  connection.on("opened", () => root.replaceChildren()); // the view says them again
  connection.on("notice", ({ severity, text }) => {
    const kind = document.createElement("strong");
    kind.textContent = WORDS[severity];
    const words = document.createElement("span");
    words.textContent = text;
    const dismiss = document.createElement("button");
    dismiss.type = "button";
    dismiss.textContent = "Dismiss";
    const notice = document.createElement("div");
    notice.className = `notice ${severity}`;
    notice.append(kind, words, dismiss);
    dismiss.onclick = () => {
      notice.remove();
      (root.querySelector("button") ?? document.querySelector("canvas"))?.focus();
    };
    root.append(notice);
    while (root.children.length > MOST) root.firstChild.remove();
  });
}
