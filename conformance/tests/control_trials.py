"""Trials of the verbs of the server about itself: the program, who may log in, what is shown, and where the guest goes."""

from __future__ import annotations

import numpy as np

from conformance.tests.control_pair import TRIALS, Pair, trial
from spiceproto import png
from spiceproto.tests.controlled import Program
from spiceproto.tests.peers import until

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
    assert f"there is no session {client['session']}: no client is there" in pair.refused("drop", session=client["session"])
    assert "which one" in pair.refused("drop") and "there is no connection 99" in pair.refused("drop", connection=99)


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
