"""The session in bytes: parsers read it, observers find nothing wrong with it, and it is the same for everybody."""

from __future__ import annotations

import re

import pytest

from spiceproto.channel import Channel, MessageReceived
from spiceproto.derive import chapters, examples
from spiceproto.enums.link import ChannelType
from spiceproto.link import Established, LinkObserver
from spiceproto.link_stage import LinkStage
from spiceproto.session import Finding, Session

_PARTS = {
    ChannelType.MAIN: ("link", ("main", "acknowledgement")),
    ChannelType.INPUTS: ("inputs-link", ("inputs",)),
    ChannelType.DISPLAY: ("", ("display",)),
    ChannelType.PLAYBACK: ("", ("playback",)),
}


def test_an_observer_finds_nothing() -> None:
    session = Session()
    findings: list[Finding] = []
    heard: dict[str, list[str]] = {}
    for kind, (link, parts) in _PARTS.items():
        if link:
            observer, stage = LinkObserver(), LinkStage()
            for piece in examples.pieces(link):
                for item in observer.receive(piece.sender, piece.data):
                    findings += stage.feed(item)
            assert isinstance(item, Established) and item.mini_header
            id, client, server = item.message.connection_id, item.client, item.server
        member = session.link(kind, 0, id, client, server)
        messages = Channel("observer", member.table, True)
        for part in parts:
            for piece in examples.pieces(part):
                messages.receive(piece.data, sender=piece.sender)
                while (event := messages.next_event()) is not None:
                    assert isinstance(event, MessageReceived) and not event.tail
                    session.message(member, event.sender, event.row.name, event.value, size=event.size)
                    heard.setdefault(f"{member.table} {event.sender}", []).append(event.row.name)
    findings += session.take_findings()
    assert findings == []
    assert heard == {
        "main server": ["INIT", "CHANNELS_LIST", "SET_ACK", "PING", "SET_ACK", "PING"],
        "main client": ["ATTACH_CHANNELS", "ACK_SYNC", "ACK", "PONG", "ACK", "ACK_SYNC", "PONG"],
        "inputs server": ["INIT", "MOUSE_MOTION_ACK"],
        "inputs client": ["KEY_DOWN", "KEY_UP", *["MOUSE_MOTION"] * 4, "MOUSE_PRESS", "MOUSE_RELEASE"],
        "display client": ["INIT"],
        "display server": ["SURFACE_CREATE", "DRAW_FILL", "MARK", "DRAW_COPY", "STREAM_CREATE", "STREAM_DESTROY"],
        "playback server": ["MODE", "START", "DATA", "STOP"],
    }


def test_a_client_of_the_library_sends_the_acknowledgements_that_are_shown() -> None:
    client = Channel("client", "main", True)
    for piece in (*examples.pieces("main"), *examples.pieces("acknowledgement")):
        if piece.sender == "client":
            if "ATTACH" not in piece.title:
                assert client.bytes_to_send() == piece.data, piece.title
            continue
        client.receive(piece.data)
        while client.next_event() is not None:
            pass
    assert client.bytes_to_send() == b""


@pytest.mark.parametrize(("kind", "part"), [(ChannelType.MAIN, "link"), (ChannelType.INPUTS, "inputs-link")])
def test_the_ticket_opens_with_the_key_that_is_shown(kind: ChannelType, part: str) -> None:
    reply, login = examples.pieces(part)[1:3]
    key = examples.ticket_key(kind)
    assert key.public_key_der in reply.data
    assert key.decrypt_plaintext(login.data[4:]) == examples.PASSWORD + b"\0"


@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_every_byte_is_in_the_text_once(name: str) -> None:
    """The listing of a piece, put together, is the piece; so that nothing is left out and nothing is there twice."""
    listings = re.findall(r"\n\*\*\w+: .*?\*\*\n\n```text\n(.*?)```", "\n" + examples.example(name), re.DOTALL)
    pieces = examples.pieces(name)
    assert len(listings) == len(pieces)
    for listing, piece in zip(listings, pieces, strict=True):
        at = 0
        for line in listing.splitlines():
            assert int(line[:4]) == at
            data = bytes.fromhex(line[6:53])
            assert piece.data[at : at + len(data)] == data
            at += len(data)
        assert at == len(piece.data)


def test_all_parts_are_shown_and_in_order() -> None:
    text = (chapters.SPEC / "example.md").read_text()
    assert re.findall(r"<!-- generated: example (\S+) -->", text) == list(examples.EXAMPLES)
