"""The clipboard of the live view: text and pictures both ways, with the reference server's guest and with spice-vdagent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.tests.live_view import LiveView, live_view
from conformance.adapters.tests.real_agent import desktop, real_agent
from conformance.adapters.tests.reference_pair import Reference
from spiceproto import png
from spiceproto.tests.peers import end, until

_CTRL = 2
_PERMISSIONS = ("clipboardReadWrite", "clipboardSanitizedWrite")

_PICTURE = """(async (width, height) => {
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  let noise = 1;
  pixels.data.forEach((_, place, data) => {
    noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
    data[place] = place % 4 === 3 ? 255 : noise >>> 24;
  });
  context.putImageData(pixels, 0, 0);
  const picture = await canvas.convertToBlob({ type: "image/png" });
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
  return picture.size;
})"""

_FIRST = [60, 94, 129]
"""Red, green and blue of its first pixel."""

_READ = """(async () => {
  const items = await navigator.clipboard.read();
  const picture = await createImageBitmap(await items[0].getType("image/png"));
  const canvas = new OffscreenCanvas(picture.width, picture.height), context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  return [picture.width, picture.height, ...context.getImageData(0, 0, 1, 1).data];
})()"""


def words(view: LiveView) -> str:
    return str(view.js("document.querySelector('#clipboard-words').textContent"))


def say(view: LiveView, text: str) -> None:
    until(lambda: words(view) == text, what=f"the page says: {text}; it says: {words(view)}")


def copy(view: LiveView, text: str) -> None:
    """Somebody copies on the page's machine."""
    view.js(f"navigator.clipboard.writeText({json.dumps(text)})")


def pasted(view: LiveView) -> str:
    return str(view.js("navigator.clipboard.readText()"))


def give(view: LiveView) -> None:
    view.press("#clipboard button:nth-of-type(1)")


def take(view: LiveView) -> None:
    view.press("#clipboard button:nth-of-type(2)")


def paste_by_keys(view: LiveView) -> None:
    """Ctrl+V on the display."""
    view.js("document.getElementById('display-0').focus()")
    view.key("ControlLeft", True, modifiers=_CTRL)
    values = {"type": "rawKeyDown", "code": "KeyV", "key": "v", "modifiers": _CTRL, "commands": ["paste"]}
    view.browser.command("Input.dispatchKeyEvent", values)
    view.key("KeyV", False, modifiers=_CTRL)
    view.key("ControlLeft", False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Reference]:
    found = Reference(tmp_path / "server", "--disable-ticketing", "--guest", "agent", "--pointer", "absolute")
    try:
        yield found
    finally:
        end(found.process)


def holds(server: Reference, **wanted: Any) -> None:
    """Wait until the guest's clipboard has this."""
    until(lambda: wanted.items() <= server.ask("clipboard").items(), what=f"the guest's clipboard has {wanted}")


def test_text_goes_both_ways_and_by_keys(tmp_path: Path, server: Reference) -> None:
    with live_view(tmp_path, f"spice://127.0.0.1:{server.place['port']}") as view:
        view.until("!document.querySelector('#clipboard button').disabled")
        view.click(9, 9)
        copy(view, "by keys: größer\nzwei")  # what has been touched may write
        paste_by_keys(view)
        holds(server, owner="guest", text="by keys: größer\nzwei")
        server.got(input="key", code="2f", down=True)
        server.got(input="key", code="2f", down=False)
        server.got(input="key", code="1d", down=False)
        give(view)
        say(view, "the browser does not let the page read the clipboard; Ctrl+V on a display needs no permission")
        view.browser.permit(*_PERMISSIONS)
        copy(view, "by the button")
        give(view)
        holds(server, text="by the button")
        server.ask("copy", text="of the guest")
        say(view, "copied in the guest: text")
        assert pasted(view) == "by the button", "nothing comes before it is wanted"
        take(view)
        say(view, "copied from the guest: text")
        assert pasted(view) == "of the guest"


def test_what_the_guest_has_copied_is_not_told_to_it_again(tmp_path: Path, server: Reference) -> None:
    with live_view(tmp_path, f"spice://127.0.0.1:{server.place['port']}") as view:
        view.browser.permit(*_PERMISSIONS)
        view.until("!document.querySelector('#clipboard button').disabled")
        view.click(9, 9)
        copy(view, "copied here")
        paste_by_keys(view)
        holds(server, text="copied here")
        server.ask("copy", text="newer, of the guest")
        say(view, "copied in the guest: text")
        paste_by_keys(view)
        server.got(input="key", code="2f", down=False)
        server.got(input="key", code="2f", down=False)
        holds(server, text="newer, of the guest")
        copy(view, "newest, copied here")
        paste_by_keys(view)
        holds(server, text="newest, copied here")
        said = [line["type"] for line in server.lines("agent-message") if line["from"] == "client"]
        assert said.count("CLIPBOARD_GRAB") == 2


def test_a_picture_goes_both_ways(tmp_path: Path, server: Reference) -> None:
    with live_view(tmp_path, f"spice://127.0.0.1:{server.place['port']}") as view:
        view.browser.permit(*_PERMISSIONS)
        view.until("!document.querySelector('#clipboard button').disabled")
        view.click(9, 9)
        assert view.js(f"{_PICTURE}(700, 500)") > 300_000, "more than a piece"
        give(view)
        holds(server, owner="guest", types=["png"])
        copy(view, "something else")
        take(view)
        say(view, "copied from the guest: png")
        assert view.js(_READ) == [700, 500, *_FIRST, 255]
        say(view, "copied from the guest: png")


def test_by_itself(tmp_path: Path, server: Reference) -> None:
    with live_view(tmp_path, f"spice://127.0.0.1:{server.place['port']}") as view:
        view.until("!document.querySelector('#clipboard button').disabled")
        view.press("#clipboard input")
        say(view, "the browser does not let the page read the clipboard; Ctrl+V on a display needs no permission")
        view.until("!document.querySelector('#clipboard input').checked")
        view.browser.permit(*_PERMISSIONS)
        copy(view, "before")
        view.press("#clipboard input")
        holds(server, text="before")
        server.ask("copy", text="of the guest")
        until(lambda: pasted(view) == "of the guest", what="it comes by itself")
        copy(view, "after")
        view.js("dispatchEvent(new Event('focus'))")
        holds(server, text="after")


def test_spice_vdagent(tmp_path: Path) -> None:
    """Between a page and a desktop with the agent that Linux guests have."""
    with (
        desktop(tmp_path / "display") as guest,
        real_agent(tmp_path, guest) as port,
        live_view(tmp_path, f"spice://127.0.0.1:{port}") as view,
    ):
        view.browser.permit(*_PERMISSIONS)
        view.until("!document.querySelector('#clipboard button').disabled")
        view.js("document.body.focus()")
        copy(view, "grüße\naus der Seite")
        give(view)
        until(lambda: guest.paste() == "grüße\naus der Seite".encode(), what="the text is pasted in the guest")
        assert view.js(f"{_PICTURE}(60, 40)")
        give(view)
        until(lambda: guest.paste("image/png").startswith(b"\x89PNG"), what="the picture is pasted in the guest")
        picture = png.decode(guest.paste("image/png"))
        assert picture.shape[:2] == (40, 60) and picture[0, 0].tolist()[:3] == _FIRST
        guest.copy(b"copied in X")
        say(view, "copied in the guest: text")
        take(view)
        until(lambda: pasted(view) == "copied in X", what="the text is pasted here")
        guest.copy(png.encode(picture[:7, :9]), "image/png")
        say(view, "copied in the guest: png")
        take(view)
        say(view, "copied from the guest: png")
        assert view.js(_READ) == [9, 7, *_FIRST, 255]
