"""Trials of the verbs of the server about devices of its guest: sound, keys, ports, a folder, a card, the agent."""

from __future__ import annotations

from typing import Any

from conformance.tests.control_pair import Pair, trial
from spiceproto.tests.peers import until

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
