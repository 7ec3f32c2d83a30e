"""A link stage seen from outside: recorded ones, in any cutting and interleaving, damaged, cut off."""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto.enums.link import LinkErr
from spiceproto.link import (
    Established,
    Failed,
    Item,
    LinkObserver,
    Opaque,
    Problem,
    Step,
)
from spiceproto.link.exchange import link_message, link_reply
from spiceproto.link.records import CODES
from spiceproto.tests.link_samples import (
    AUTH_SELECTION,
    CLIENT,
    LOGIN,
    MAIN,
    RECORDED,
    WITH_SASL,
    pieces,
)


def observe(steps: list[tuple[str, bytes]]) -> list[Item]:
    observer = LinkObserver()
    items = [item for sender, data in steps for item in observer.receive(sender, data)]
    return items + observer.closed()


OUTCOMES = {
    "bad-magic": ("reply", LinkErr.INVALID_MAGIC, ["magic"]),
    "lowercase-magic": ("reply", LinkErr.INVALID_MAGIC, ["magic"]),
    "major-1": ("reply", LinkErr.VERSION_MISMATCH, ["version"]),
    "major-3": ("reply", LinkErr.VERSION_MISMATCH, ["version"]),
    "size-0": ("reply", LinkErr.INVALID_DATA, ["link-message-size"]),
    "size-17": ("reply", LinkErr.INVALID_DATA, ["link-message-size"]),
    "size-4097": ("reply", LinkErr.INVALID_DATA, ["link-message-size"]),
    "size-huge": ("reply", LinkErr.INVALID_DATA, ["link-message-size"]),
    "caps-offset-huge": ("reply", LinkErr.INVALID_DATA, ["capability-words"]),
    "caps-offset-0": ("reply", LinkErr.INVALID_DATA, ["capability-words"]),
    "caps-count-huge": ("reply", LinkErr.INVALID_DATA, ["capability-words"]),
    "caps-count-beyond-end": ("reply", LinkErr.INVALID_DATA, ["capability-words"]),
    "channel-type-0": ("reply", None, ["connection-id", "no-reply"]),
    "channel-type-99": ("reply", None, ["connection-id", "no-reply"]),
    "display-with-connection-id-0": ("result", LinkErr.BAD_CONNECTION_ID, ["connection-id"]),
    "display-wrong-connection-id": ("result", LinkErr.BAD_CONNECTION_ID, []),
    "display-id-77": ("reply", None, ["no-reply"]),
    "auth-mech-0": ("mechanism", LinkErr.INVALID_DATA, ["mechanism-unknown", "second-link-reply"]),
    "auth-mech-7": ("mechanism", LinkErr.INVALID_DATA, ["mechanism-unknown", "second-link-reply"]),
    "auth-mech-sasl-unoffered": ("sasl", None, ["mechanism-not-announced", "unannounced-sasl"]),
    "ticket-garbage": ("result", LinkErr.PERMISSION_DENIED, []),
    "ticket-zero": ("result", LinkErr.PERMISSION_DENIED, []),
    "ticket-wrong": ("result", LinkErr.PERMISSION_DENIED, []),
    "ticket-empty": ("result", LinkErr.PERMISSION_DENIED, []),
    "ticket-60-chars": ("result", LinkErr.PERMISSION_DENIED, []),
    "half-header-1.5s": ("header", None, ["truncated"]),
    "byte-by-byte": ("mechanism", None, []),
}
"""How the links that came to nothing ended: stage, error, codes of the problems."""

NOTES = {
    "minor-0": ["minor-version"],
    "minor-99": ["minor-version"],
    "size-4096-padded": ["bytes-behind-capabilities"],
    "main-with-connection-id": ["connection-id"],
}


@pytest.mark.parametrize("name", RECORDED)
def test_observer_of_recorded_links(name: str) -> None:
    recording = RECORDED[name]
    items = observe(recording.steps)
    codes = [item.code for item in items if isinstance(item, Problem)]
    end = items[-1]
    if name in OUTCOMES:
        stage, error, problems = OUTCOMES[name]
        assert isinstance(end, Failed)
        assert (end.stage, end.error, codes) == (stage, error, problems)
        assert recording.seen.get("error", 0) == (error if stage == "reply" and error else 0)
    else:
        assert isinstance(end, Established)
        assert codes == NOTES.get(name, [])
        assert recording.seen["auth_result"] == 0
        assert [hex(end.server.common)] == recording.seen["common"]
        assert [hex(end.server.channel)] == recording.seen["channel"]
        assert end.mini_header == (name not in ("good-main-full-header", "no-caps-at-all"))
        assert recording["client"][end.client_offset :] == end.client_rest
        assert recording["server"][end.server_offset :].startswith(end.server_rest)
    for sender in ("client", "server"):
        records = [item for item in items if isinstance(item, Step) and item.sender == sender]
        assert all(one.end == other.start for one, other in pairwise(records))
        assert all(
            0 <= item.offset <= len(recording[sender]) for item in items if isinstance(item, Problem) and item.sender == sender
        )


def comparable(items: list[Item], later: dict[str, bytes]) -> list[Any]:
    """The items, with what came behind the last one added to its rest."""
    *others, end = items
    base = end.established if isinstance(end, Opaque) else end
    assert isinstance(base, Established | Failed)
    rests = [base.client_rest + later["client"], base.server_rest + later["server"]]
    bare = [getattr(base, name) for name in base.__struct_fields__ if not name.endswith("_rest")]
    return [*others, type(end), bare, rests]


def walk(steps: list[tuple[str, bytes]]) -> list[Any]:
    observer = LinkObserver()
    items: list[Item] = []
    later = {"client": b"", "server": b""}
    for sender, data in steps:
        if observer.finished:
            later[sender] += data
        items += observer.receive(sender, data)
    return comparable(items + observer.closed(), later)


@settings(max_examples=60)
@given(st.sampled_from([*RECORDED, "sasl"]), st.randoms(use_true_random=False), st.lists(st.integers(0, 5000), max_size=20))
def test_observer_in_any_interleaving(name: str, random: Any, places: list[int]) -> None:
    recording = RECORDED.get(name, LOGIN)
    cut = {sender: pieces(recording[sender], places) for sender in ("client", "server")}
    steps = []
    while cut["client"] or cut["server"]:
        sender = random.choice([sender for sender in cut if cut[sender]])
        steps.append((sender, cut[sender].pop(0)))
    assert walk(steps) == walk(recording.steps)


def test_observer_byte_by_byte() -> None:
    for recording in [*RECORDED.values(), LOGIN]:
        single = [(sender, data[at : at + 1]) for sender, data in recording.steps for at in range(len(data))]
        assert walk(single) == walk(recording.steps)


@pytest.mark.parametrize("name", ["good-main", "auth-mech-0", "no-caps-at-all", "sasl"])
def test_observer_truncated(name: str) -> None:
    recording = RECORDED.get(name, LOGIN)
    for sender in ("client", "server"):
        for size in range(0, len(recording[sender]), 7):
            other = "server" if sender == "client" else "client"
            items = observe([(sender, recording[sender][:size]), (other, recording[other])])
            assert isinstance(items[-1], Failed | Established | Opaque)


@given(st.lists(st.tuples(st.sampled_from(["client", "server"]), st.binary(max_size=200)), max_size=8))
def test_observer_never_raises(steps: list[tuple[str, bytes]]) -> None:
    assert isinstance(observe(steps)[-1], Failed | Established | Opaque)


@given(st.sampled_from([*RECORDED, "sasl"]), st.data())
def test_observer_of_damaged_links_never_raises(name: str, data: st.DataObject) -> None:
    steps = [(sender, bytearray(content)) for sender, content in RECORDED.get(name, LOGIN).steps]
    for _ in range(data.draw(st.integers(1, 5))):
        _, content = data.draw(st.sampled_from(steps))
        content[data.draw(st.integers(0, min(len(content), 300) - 1))] = data.draw(st.integers(0, 255))
    items = observe([(sender, bytes(content)) for sender, content in steps])
    assert isinstance(items[-1], Failed | Established | Opaque)
    assert all(item.code in CODES and item.rule for item in items if isinstance(item, Problem))


def test_observer_of_a_client_that_leaves_the_mechanism_out() -> None:
    recording = RECORDED["auth-mech-0"]
    steps = list(recording.steps)
    steps[2] = ("client", b"\xa5" * 128)
    items = observe(steps)
    codes = [item.code for item in items if isinstance(item, Problem)]
    assert codes == ["mechanism-word-missing", "second-link-reply"]


def test_observer_of_a_short_list_and_of_a_refusal_that_looks_like_one() -> None:
    start = [
        ("client", link_message(MAIN, 0, 0, CLIENT) + struct.pack("<L", 2)),
        ("server", link_reply(b"", WITH_SASL)),
    ]
    end = observe([*start, ("server", struct.pack("<L", 7))])[-1]
    assert isinstance(end, Failed) and (end.stage, end.error) == ("mechanism", LinkErr.PERMISSION_DENIED)
    items = observe([*start, ("server", struct.pack("<L5s", 5, b"PLAIN"))])
    assert isinstance(items[-2], Step) and items[-2].kind == "sasl-mechanism-list"


@pytest.mark.parametrize(
    "before", [struct.pack("<L", 1), bytes(4), struct.pack("<L5s", 5, b"PLAIN"), struct.pack("<L30s", 30, b"x")]
)
@pytest.mark.parametrize("size", [1, 5, 4096])
def test_observer_of_another_part_before_the_link_reply(before: bytes, size: int) -> None:
    """It is named, and the rest is seen as it would be without it, however the bytes are cut."""
    recording = RECORDED["good-main"]
    steps = list(recording.steps)
    first = next(number for number, (sender, _) in enumerate(steps) if sender == "server")
    steps[first] = ("server", before + steps[first][1])
    cut = [(sender, data[at : at + size]) for sender, data in steps for at in range(0, len(data), size)]
    found = [item for item in observe(cut) if not isinstance(item, Established)]
    clean = [item for item in observe(list(recording.steps)) if not isinstance(item, Established)]
    (problem,) = [item for item in found if isinstance(item, Problem)]
    assert (problem.code, problem.sender, problem.offset) == ("before-the-header", "server", 0)
    kinds = [[item.kind for item in items if isinstance(item, Step)] for items in (found, clean)]
    assert kinds[0] == kinds[1] and isinstance(observe(cut)[-1], Established)


def test_observer_of_another_part_before_the_link_message() -> None:
    items = observe([("client", bytes(4) + link_message(MAIN, 0, 0, CLIENT))])
    problem = next(item for item in items if isinstance(item, Problem))
    assert (problem.code, problem.sender, problem.offset) == ("before-the-header", "client", 0)
    assert [item.kind for item in items if isinstance(item, Step)] == ["link-header", "link-message"]


def test_observer_of_what_looks_like_a_list_and_is_none() -> None:
    steps = [("client", link_message(MAIN, 0, 0, CLIENT)), ("server", struct.pack("<L", 20) + bytes(40))]
    assert [item.code for item in observe(steps) if isinstance(item, Problem)] == ["magic"]
    assert [item.code for item in observe([steps[0], ("server", steps[1][1][:16])]) if isinstance(item, Problem)] == ["magic"]


def test_observer_of_one_direction() -> None:
    recording = RECORDED["good-main"]
    for sender in ("client", "server"):
        assert isinstance(observe([(sender, recording[sender])])[-1], Failed)


def test_observer_needs_neither_client_nor_server() -> None:
    import subprocess
    import sys

    code = "import sys; from spiceproto.link import LinkObserver; print([m for m in sys.modules if '.link.' in m])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "observer" in found and "client" not in found and "server'" not in found.replace("observer'", "")


def test_every_code_is_used() -> None:
    import spiceproto.link

    folder = Path(spiceproto.link.__file__).parent
    text = "".join((folder / name).read_text() for name in ("watch.py", "sasl_observer.py", "observer.py"))
    assert not [code for code in CODES if f'"{code}"' not in text]


def test_observer_too_much() -> None:
    observer = LinkObserver()
    items: list[Item] = observer.receive("client", b"R")
    for _ in range(200):
        items += observer.receive("server", bytes(1 << 16))
    assert isinstance(items[-1], Failed) and items[-1].seen
    assert [item.code for item in items if isinstance(item, Problem)] == ["too-much"]


def test_observer_of_one_side_only() -> None:
    observer = LinkObserver()
    items = [item for _ in range(200) for item in observer.receive("server", bytes(1 << 16))]
    (failed,) = items
    assert isinstance(failed, Failed) and not failed.seen


@pytest.mark.parametrize(
    ("ends", "seen", "codes"), [((), False, []), (("client",), False, []), (("server",), True, ["no-reply"])]
)
def test_observer_blames_those_who_ended(ends: tuple[str, ...], seen: bool, codes: list[str]) -> None:
    """A server that was not seen to close may have answered."""
    observer = LinkObserver()
    items = observer.receive("client", link_message(MAIN, 0, 0, CLIENT)) + observer.closed(ends)
    assert isinstance(items[-1], Failed) and items[-1].seen == seen
    assert [item.code for item in items if isinstance(item, Problem)] == codes


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        (b"RFB 003.008\n" + bytes(22), ["magic", "link-message-size"]),
        (b"REDQ" + bytes([2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]), ["link-message-size"]),
    ],
)
def test_a_server_that_was_asked_for_no_channel_owes_no_answer_about_one(said: bytes, codes: list[str]) -> None:
    observer = LinkObserver()
    items = observer.receive("client", said) + observer.closed()
    assert [item.code for item in items if isinstance(item, Problem) and item.severity != "note"] == codes
    assert any(isinstance(item, Failed) for item in items)


def test_observer_tells_a_security_layer_from_clear_text() -> None:
    end = observe(LOGIN.steps)[-1]
    assert isinstance(end, Opaque)
    assert (end.sasl_mechanism, end.established.server_offset, end.established.client_offset) == (
        "DIGEST-MD5",
        423,
        331,
    )
    messages = struct.pack("<HLL", 103, 4, 0)
    before, sasl_result = LOGIN.steps[:-1], LOGIN.steps[-1][1][:50]
    end = observe([*before, ("server", sasl_result + bytes(4) + messages)])[-1]
    assert isinstance(end, Established) and end.server_rest == messages
    end = observe([*before, ("server", sasl_result + struct.pack("<L", LinkErr.BAD_CONNECTION_ID))])[-1]
    assert isinstance(end, Failed) and end.error == LinkErr.BAD_CONNECTION_ID
    assert isinstance(observe([*before, ("server", sasl_result)])[-1], Failed)


def test_observer_recognises_a_mechanism_by_its_number() -> None:
    recording = RECORDED["good-main"]
    steps = list(recording.steps)
    message = link_message(MAIN, 0, 0, CLIENT.without(AUTH_SELECTION))
    steps[0] = ("client", message)
    items = observe(steps)
    assert isinstance(items[-1], Established)
    assert [item.code for item in items if isinstance(item, Problem)] == ["mechanism-word-unexpected"]
