"""The link stage: both ends, and who looks on; cut anywhere, they say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from fuzz_targets.parts import joined, parts, pieces, same_in_pieces
from fuzz_targets.target import Target, holds
from spiceproto.link import ClientLink, LinkObserver, ServerLink
from spiceproto.tests.link_samples import CLIENT, LOGIN, MAIN, RECORDED, SERVER, WITH_SASL, ClientLogin, ServerLogin, policy

__all__ = ["TARGETS"]

_SENDERS: Final = ("client", "server")


def _words(link: ClientLink | ServerLink) -> Callable[[bytes], Iterator[str]]:
    """What an end tells, in words: tickets and keys are other ones each time."""

    def receive(data: bytes) -> Iterator[str]:
        if not link.finished:
            for event in link.receive(data):
                yield f"{type(event).__name__} {getattr(event, 'error', '')} {getattr(event, 'mechanism', '')}"

    return receive


def client(data: bytes) -> None:
    """The bytes of a server, behind a byte that says how the client logs in."""
    how, stream = data[:1], data[1:]
    login = bool(how and how[0] & 1)

    def make() -> Callable[[bytes], Iterator[str]]:
        return _words(ClientLink(MAIN, 0, 0, CLIENT, password=b"sesame", sasl=ClientLogin() if login else None))

    same_in_pieces(make, stream)


def server(data: bytes) -> None:
    """The bytes of a client, behind a byte that says what the server wants."""
    how, stream = data[:1] or b"\0", data[1:]
    password = b"sesame" if how[0] & 1 else None
    sasl, announced = (ServerLogin, WITH_SASL) if how[0] & 2 else (None, SERVER)
    secure = bool(how[0] & 4)

    def make() -> Callable[[bytes], Iterator[str]]:
        return _words(ServerLink(policy(announced, password=password, sasl=sasl), secure=secure))

    same_in_pieces(make, stream)


def observer(data: bytes) -> None:
    """Parts of either side, one after the other: nothing is raised, and it does not matter how they are cut."""
    said: dict[str, bytes] = dict.fromkeys(_SENDERS, b"")
    found: list[Any] = []
    whole = LinkObserver()
    for number, part in enumerate(parts(data)):
        sender = _SENDERS[number & 1]
        said[sender] += part
        if not whole.finished:
            found += whole.receive(sender, part)
    found += [] if whole.finished else whole.closed()
    cut, again = LinkObserver(), []
    for sender in _SENDERS:
        for piece in pieces(said[sender], 3):
            again += [] if cut.finished else cut.receive(sender, piece)
    again += [] if cut.finished else cut.closed()
    holds("cut in another way it sees something else", _kinds(found) == _kinds(again), found, again)


def _kinds(items: list[Any]) -> list[str]:
    """What there is to compare: what is behind the end of the link stage depends on when it was seen."""
    return [f"{type(item).__name__} {getattr(item, 'code', '')} {getattr(item, 'name', '')}" for item in items]


def client_seeds() -> Iterator[bytes]:
    """What servers have said."""
    for recording in [*RECORDED.values(), LOGIN]:
        yield b"\0" + recording["server"]
        yield b"\1" + recording["server"]


def server_seeds() -> Iterator[bytes]:
    """What clients have said."""
    for number, recording in enumerate([*RECORDED.values(), LOGIN]):
        yield bytes([number & 7]) + recording["client"]


def observer_seeds() -> Iterator[bytes]:
    """Recorded links, their turns one after the other."""
    for recording in [*RECORDED.values(), LOGIN]:
        turns: list[bytes] = []
        for sender, data in recording.steps:
            if sender != _SENDERS[len(turns) & 1]:
                turns.append(b"")
            turns.append(data)
        yield joined(turns)


TARGETS: Final = [
    Target("link-client", "events or RemoteError, the same in pieces", client, client_seeds, 2048),
    Target("link-server", "events, the same in pieces", server, server_seeds, 2048),
    Target("link-observer", "nothing is raised, and cut in another way it sees the same", observer, observer_seeds, 2048),
]
