"""A trial for each verb of the reference server: it is asked for at the control socket, and the client sees what came of it.

A trial gets a pair of programs whose client is connected; one in :data:`ALONE` has the pair for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import png
from spiceproto.tests.controlled import Program
from spiceproto.tests.peers import until

__all__ = ["ALONE", "TRIALS", "Pair"]

_FOLDER: Final = "shared"
_CARD: Final = 'atr = "3b 00"\n[[answer]]\ncommand = "00 a4 *"\nresponse = "90 00"\n'


class Pair:
    """A server, with all that its guest can have, and a client with all that its user can; ``plain`` ones can go elsewhere."""

    def __init__(self, folder: Path, *, plain: bool = False) -> None:
        self.folder = folder
        self._channels = 6 if plain else 9
        (folder / _FOLDER).mkdir()
        (folder / _FOLDER / "hello.txt").write_text("hello")
        (folder / "card.toml").write_text(_CARD)
        options = ("--port", "0", "--disable-ticketing", "--pointer", "absolute")
        devices = ("--smartcard", "--guest-port", "org.test.0", "--webdav-listen", "0")
        self.server = Program("server", folder, *options, *(() if plain else devices))
        try:
            shared = ("--smartcard", str(folder / "card.toml"), "--share-folder", str(folder / _FOLDER))
            self.client = Program("client", folder, *(() if plain else shared))
        except BaseException:
            self.server.__exit__()
            raise
        self.ask, self.tell = self.server.control.ask, self.client.control.ask
        self.refused, self.told = self.server.control.refused, self.client.control.told
        self.tell("events")
        self.connect()

    def connect(self, **more: Any) -> None:
        """Have a new session, and all of its channels."""
        self.reconnect(**more)
        until(lambda: len(self.channels()) == self._channels, what="all channels are linked")

    def reconnect(self, **more: Any) -> None:
        """Have a new session, or find that there is none to be had."""
        self.tell("connect", uri=f"spice://127.0.0.1:{self.server.place['port']}", **more)

    def channels(self) -> list[dict[str, Any]]:
        """Those of the first session."""
        found: list[dict[str, Any]] = [channel for client in self.ask("clients")[:1] for channel in client["channels"]]
        return found

    def shown(self, display: int = 0) -> NDArray[np.uint8]:
        """What the guest shows."""
        self.ask("picture", path=str(self.folder / "shown.png"), display=display)
        return png.decode((self.folder / "shown.png").read_bytes())

    def seen(self) -> NDArray[np.uint8]:
        """What the client shows."""
        self.tell("picture", path=str(self.folder / "seen.png"))
        return png.decode((self.folder / "seen.png").read_bytes())

    def same(self) -> None:
        """Wait until both show the same."""
        until(lambda: np.array_equal(self.shown(), self.seen()), what="the client shows what the guest does")

    def end(self) -> None:
        """End both."""
        for program in (self.client, self.server):
            program.__exit__()


Trial = Callable[[Pair], None]

TRIALS: Final[dict[str, Trial]] = {}
"""By verb."""

ALONE: Final[set[str]] = set()
"""Verbs whose trial has a pair of its own."""


def trial(*verbs: str, alone: bool = False) -> Callable[[Trial], Trial]:
    """What tries these."""

    def keep(found: Trial) -> Trial:
        TRIALS.update(dict.fromkeys(verbs, found))
        ALONE.update(verbs if alone else ())
        return found

    return keep


# -- the program


@trial("hello", "state")
def what_it_is(pair: Pair) -> None:
    hello, state = pair.ask("hello"), pair.ask("state")
    assert hello["role"] == "server" and set(TRIALS) == set(hello["verbs"])
    assert state["here"] and state["sessions"] == 1 and not state["ticket"]["wanted"]


@trial("events")
def events(pair: Pair) -> None:
    controller, other = pair.server.controller(), pair.server.controller()
    controller.ask("events")
    pair.tell("key", code=30)
    pair.tell("key", code=30, down=False)
    assert controller.told("input", input="key", code="1e", down=True)
    controller.ask("events", on=False)
    other.ask("hello")
    assert not other.events
    controller.close()
    other.close()


@trial("fault", alone=True)
def fault(pair: Pair) -> None:
    answer = pair.ask("fault", name="init-twice")
    assert answer["fault"] == "init-twice" and answer["was"] is None and answer["met_by"].startswith("connections")
    assert len(pair.channels()) == 9, "those that are there go on"
    pair.reconnect()
    for _ in range(2):
        pair.told("init")
    assert pair.ask("state")["fault"] == "init-twice"
    assert "that is not on; expected init-twice" in pair.refused("fault", name="session-id-zero", on=False)
    answer = pair.ask("fault", name="session-id-zero")
    assert answer["was"] == "init-twice" and answer["met_by"].startswith("everybody")
    assert "there is no fault" in pair.refused("fault", name="no-such-fault")
    pair.reconnect()
    pair.told("init", session_id=0)
    assert pair.ask("fault", on=False)["fault"] is None
    pair.connect()
    pair.same()


@trial("shutdown", alone=True)
def shutdown(pair: Pair) -> None:
    pair.ask("shutdown")
    pair.told("ended")
    assert pair.server.ended() == 0 and not pair.server.path.exists()


# -- who may log in, and who has


@trial("ticket", alone=True)
def ticket(pair: Pair) -> None:
    pair.ask("ticket", password="sesame")
    pair.reconnect(password="wrong")
    pair.told("refused", channel="main")
    pair.connect(password="sesame")
    pair.ask("ticket", password="sesame", seconds=0)
    assert pair.ask("state")["ticket"] == {"wanted": True, "seconds": 0}
    pair.reconnect(password="sesame")
    pair.told("refused", channel="main")
    pair.ask("ticket", password=None)
    pair.connect()


@trial("set-password", "expire-password", alone=True)
def password(pair: Pair) -> None:
    pair.ask("set-password", password="sesame")
    pair.connect(password="sesame")
    pair.ask("expire-password", seconds=0)
    pair.reconnect(password="sesame")
    pair.told("refused", channel="main")


@trial("clients")
def clients(pair: Pair) -> None:
    [client] = pair.ask("clients")
    assert {"main", "display", "inputs", "smartcard", "port", "webdav"} <= {each["channel"] for each in client["channels"]}
    main = client["channels"][0]
    assert main["address"].startswith("127.0.0.1:") and main["sent"] > 100 and main["received"] > 100
    until(lambda: pair.channels()[0]["latency"] is not None, what="a ping is answered")


@trial("drop", alone=True)
def drop(pair: Pair) -> None:
    display = next(each for each in pair.channels() if each["channel"] == "display")
    pair.ask("drop", connection=display["connection"])
    pair.told("closed", channel="display")
    [client] = pair.ask("clients")
    pair.ask("drop", session=client["session"])
    pair.told("ended")
    assert not pair.ask("clients")
    assert "there is no such session" in pair.refused("drop", session=client["session"])
    assert "which one" in pair.refused("drop") and "no such connection" in pair.refused("drop", connection=99)


@trial("notify")
def notify(pair: Pair) -> None:
    pair.ask("notify", text="lunch", severity="warn", visibility="low")
    assert pair.told("notify", text="lunch") == {
        "event": "notify",
        "channel": "main",
        "severity": 1,
        "visibility": 0,
        "what": 0,
        "text": "lunch",
    }
    [client] = pair.ask("clients")
    pair.ask("notify", text="you alone", session=client["session"])
    assert pair.told("notify", text="you alone")["severity"] == 0
    assert "no such session" in pair.refused("notify", text="nobody", session=0)


# -- what the guest shows


@trial("mouse-mode", "pointer")
def mouse_mode(pair: Pair) -> None:
    for mode, number in (("server", 1), ("client", 2)):
        pair.ask("mouse-mode", mode=mode)
        pair.told("mouse-mode", mode=number)
    pair.ask("pointer", kind="relative")
    pair.told("mouse-mode", mode=1, supported=1)
    assert "do not allow" in pair.refused("mouse-mode", mode="client")
    pair.ask("pointer", kind="absolute")


@trial("resolution", "picture")
def resolution(pair: Pair) -> None:
    for width, height in ((300, 200), (1920, 1080), (1, 1), (640, 480)):
        pair.ask("resolution", width=width, height=height)
        assert pair.shown().shape[:2] == (height, width)
        pair.same()
    assert "no such display" in pair.refused("resolution", width=1, height=1, display=1)
    assert "no such display" in pair.refused("picture", path="x.png", display=1)


@trial("heads", "monitors")
def heads(pair: Pair) -> None:
    pair.ask("resolution", width=640, height=480)
    pair.ask("heads", heads="320x480+0+0,320x480+320+0")
    pair.told("heads", heads=[[0, 0, 0, 0, 320, 480], [1, 0, 320, 0, 320, 480]])
    whole = pair.seen()
    pair.tell("picture", path=str(pair.folder / "head.png"), head=1)
    assert np.array_equal(png.decode((pair.folder / "head.png").read_bytes()), whole[:, 320:])
    assert [head["x"] for head in pair.ask("monitors")] == [0, 320]
    assert "outside of surface" in pair.refused("heads", heads="800x600")
    assert "no monitor" in pair.refused("heads", heads="wide")
    pair.ask("heads", heads="640x480")


@trial("scene")
def scene(pair: Pair) -> None:
    pictures = set()
    for number in range(7):
        answer = pair.ask("scene", number=number)
        assert answer["scene"] == answer["scenes"][number] and len(answer["scenes"]) == 7
        pair.same()
        pictures.add(pair.seen().tobytes())
    assert len(pictures) == 7


@trial("guest", "animate")
def guest(pair: Pair) -> None:
    pair.ask("guest", name="desktop")
    pair.ask("animate", count=3)
    pair.same()
    before = pair.seen()
    pair.tell("type", text="a")
    until(lambda: not np.array_equal(pair.seen(), before), what="what is typed appears")
    pair.ask("guest", name="chart")
    assert pair.ask("state")["guest"] == "chart"


@trial("image-compression", "streaming-video")
def compression(pair: Pair) -> None:
    pair.ask("image-compression", compression="glz")
    pair.ask("streaming-video", mode="all")
    state = pair.ask("state")
    assert (state["image_compression"], state["streaming_video"]) == ("glz", "all")
    pair.ask("streaming-video", mode="off")
    pair.ask("scene", number=1)
    pair.same()
    pair.ask("image-compression", compression="off")


# -- sound


@trial("sound", "volume")
def sound(pair: Pair) -> None:
    pair.ask("sound")
    pair.told("playback-started")
    assert pair.ask("state")["plays"]
    pair.ask("volume", left=1000, right=2000)
    pair.told("volume", channel="playback", volume=[1000, 2000])
    pair.ask("sound", on=False)
    pair.told("playback-stopped")


@trial("listen", "heard")
def listen(pair: Pair) -> None:
    path = pair.folder / "heard.wav"
    pair.tell("say", hertz=440)
    pair.ask("listen")
    pair.told("record-started")

    def heard() -> bool:
        pair.ask("heard", path=str(path))
        return path.exists()

    until(heard, what="the guest hears the client")
    pair.ask("listen", on=False)
    pair.told("record-stopped")


# -- keys, ports, a folder, a card


@trial("input-events", "lock-keys")
def keys(pair: Pair) -> None:
    pair.ask("input-events")
    pair.tell("key", code=48)
    pair.tell("key", code=48, down=False)
    found: list[Any] = []

    def arrived() -> bool:
        found.extend(pair.ask("input-events"))
        return len(found) >= 2

    until(arrived, what="a key arrives")
    assert [event["code"] for event in found] == ["30", "30"] and [event["down"] for event in found] == [True, False]
    pair.ask("lock-keys", flags=2)
    until(lambda: pair.tell("state")["key_modifiers"] == 2, what="the client knows the lock keys")
    pair.ask("lock-keys", flags=0)


@trial("port-open", "port-write", "port-break", "port-read")
def ports(pair: Pair) -> None:
    pair.ask("port-open", opened=True)
    pair.ask("port-write", data="00ff")
    pair.ask("port-break")
    got = bytearray()

    def came() -> bool:
        got.extend(bytes.fromhex(pair.tell("port-read")["data"]))
        return got == b"\0\xff"

    until(came, what="the client has read the port")
    pair.tell("port-write", data="4142")
    until(lambda: pair.ask("port-read")["data"] == "4142", what="the guest has read the port")
    pair.ask("port-open", opened=False)
    assert "no such port" in pair.refused("port-read", port=9)


@trial("browse", "browsed")
def browse(pair: Pair) -> None:
    pair.ask("browse", path="/hello.txt")
    got = b""

    def whole() -> bool:
        nonlocal got
        answers = pair.ask("browsed")
        got = b"".join(bytes.fromhex(answer["data"]) for answer in answers)
        return got.endswith(b"hello")

    until(whole, what="the guest has the file")


@trial("card-command", "card-events")
def card(pair: Pair) -> None:
    pair.ask("card-command", data="00a40000")
    found: list[Any] = []

    def answered() -> bool:
        found.extend(pair.ask("card-events"))
        return any(event.get("answer") == "9000" for event in found)

    until(answered, what="the card answers")
    assert any(event["event"] == "card" and event["atr"] == "3b00" for event in found)


# -- the agent


@trial("agent", "copy", "release-clipboard", "paste", "clipboard", "files")
def agent(pair: Pair) -> None:
    pair.ask("agent", present=True)
    pair.told("agent-capabilities")
    pair.ask("copy", text="of the guest")
    pair.told("clipboard-grabbed", selection="clipboard", formats=["text"])
    pair.ask("release-clipboard")
    pair.tell("copy", text="of the client")
    until(lambda: pair.ask("clipboard")["owner"] == "client", what="the guest knows who has copied")
    pair.ask("paste")
    until(lambda: pair.ask("clipboard").get("text") == "of the client", what="it is pasted")
    (pair.folder / "letter").write_text("hello")
    pair.tell("send-file", path=str(pair.folder / "letter"))
    pair.told("file-ended", result="success")
    assert pair.ask("files")[-1] == {"name": "letter", "size": 5, "have": 5, "whole": True}
    pair.ask("agent", present=False)
    pair.told("agent-gone")


@trial("agent-device")
def agent_device(pair: Pair) -> None:
    assert isinstance(pair.ask("agent-device", port=1, data=""), list)
    pair.told("agent")
    assert pair.ask("state")["agent"]
    pair.ask("agent", present=False)
    pair.told("agent-gone")


# -- channels that come, and a guest that goes


@trial("add-channel", alone=True)
def add_channel(pair: Pair) -> None:
    pair.ask("add-channel", channel_type=2, channel_id=1)
    pair.told("linked", channel="display", id=1)
    assert len(pair.ask("state")["displays"]) == 2


@trial("expect-migration", "migrate-begin", "migrate-finish", "migrate-cancel")
def nothing_beside(pair: Pair) -> None:
    pair.ask("expect-migration", session_id=7)
    for verb in ("migrate-begin", "migrate-finish"):
        assert "no server beside" in pair.refused(verb)
    assert "no migration is under way" in pair.refused("migrate-cancel")


@trial("migrate", alone=True)
def migrate(pair: Pair) -> None:
    guest = pair.folder / "guest"
    with Program("server", pair.folder / "there", "--port", "0", "--disable-ticketing", "--incoming", str(guest)) as there:
        other = pair.server.controller()
        other.ask("scene", number=4)
        pair.same()
        target = {"host": "127.0.0.1", "port": there.place["port"], "guest": str(guest)}
        pair.server.control.say({"do": "migrate"} | target)
        while other.ask("state")["here"]:
            pass  # others are answered while it goes
        answer = pair.server.control.hear()
        assert answer["answer"] == "ok" and answer["value"]["left"], answer
        pair.told("migrated")
        there.control.ask("picture", path=str(pair.folder / "there.png"))
        assert np.array_equal(png.decode((pair.folder / "there.png").read_bytes()), pair.seen())
        other.close()
