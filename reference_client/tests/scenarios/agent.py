"""Faults of the talk with the guest agent (spec/14-agent.md): pieces, announcements, what comes and goes, monitors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client.agent.talk import CAPABILITIES
from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted_agent import ScriptedAgent, agreed, with_display
from spiceproto import limits
from spiceproto.agent import HEADER_SIZE
from spiceproto.agent.terms import mask
from spiceproto.enums.agent import AgentCapability, AgentMessageType, ClipboardType
from spiceproto.errors import RemoteError
from spiceproto.messages import agent, main

TEXT = int(ClipboardType.UTF8_TEXT)
_OURS = (mask(CAPABILITIES),)
_REQUEST = agent.ClipboardRequestSelected(0, bytes(3), TEXT)


def strict(body: Callable[[Make], bool]) -> Callable[[Make], bool]:
    """A conversation that fails where the client says what nobody can read."""

    def played(make: Make) -> bool:
        try:
            return body(make)
        except RemoteError:
            return False

    return played


def greeted(make: Make, *capabilities: int, **options: Any) -> ScriptedAgent:
    """An agent that has announced, and has taken what was said to it."""
    guest = agreed(make(**options), *capabilities)
    guest.take()
    return guest


def copied(guest: ScriptedAgent, content: bytes) -> list[Any]:
    guest.server.client.main.agent.clipboard.copy({TEXT: content})
    guest.server.run()
    return guest.take()


@strict
def _whole_pieces(make: Make) -> bool:
    """A message of several pieces, and some of one."""
    guest = greeted(make)
    copied(guest, b"x" * 5000)
    guest.say(_REQUEST)
    content = [value.data for value in guest.take() if isinstance(value, agent.ClipboardSelected)]
    sizes = [HEADER_SIZE + int.from_bytes(piece[16:20], "little") for piece in guest.data if piece[:4] == b"\1\0\0\0"]
    whole = all(len(piece) >= HEADER_SIZE for piece in guest.data[:2])
    return content == [b"x" * 5000] and whole and sum(sizes) == sum(map(len, guest.data))


@strict
def _any_pieces(make: Make) -> bool:
    """An announcement of the agent, byte by byte, is answered."""
    guest = greeted(make)
    body = (1).to_bytes(4, "little") + guest.terms.mine.to_bytes(4, "little")
    whole = b"".join(number.to_bytes(4, "little") for number in (1, 6, 0, 0, 8)) + body
    guest.server.main.send(*[main.AgentData(bytes([byte])) for byte in whole])
    return guest.take() == [agent.AnnounceCapabilities(0, _OURS)]


def _lives_with(*messages: tuple[int, bytes]) -> Callable[[Make], bool]:
    def body(make: Make) -> bool:
        guest = greeted(make)
        for type, content in messages:
            guest.say_raw(type, content)
        return alive(guest.server)

    return body


def _lives_with_4_gib(make: Make) -> bool:
    guest = greeted(make)
    header = b"".join(number.to_bytes(4, "little") for number in (1, 4, 0, 0, 0xFFFFFFFF))
    guest.server.main.send(main.AgentData(header))
    return alive(guest.server)


@strict
def _announces(make: Make) -> bool:
    """What is announced when: first, when it is asked for, and never else."""
    guest = greeted(make)
    if guest.take():
        return False
    for asked in (True, True, False):
        guest.announce(request=asked)
        if guest.take() != [agent.AnnounceCapabilities(0, _OURS)] * asked:
            return False
    return True


@strict
def _greets(make: Make) -> bool:
    """Each agent is greeted, and asked what it can do, before anything else is said; nobody announces unasked."""
    guest = agreed(make())
    first = [agent.AnnounceCapabilities(1, _OURS)]
    for _ in range(2):
        if guest.take():
            return False
        guest.rest.clear()
        guest.disconnect()
        guest.connect()
        if guest.take() != first or main.AgentStart not in map(type, guest.rest):
            return False
        guest.announce()
    return True


@strict
def _speaks_of_what_was_announced(make: Make) -> bool:
    """An agent that can only reply is told nothing of clipboards and settings."""
    guest = agreed(make(disable_effects=1, max_clipboard=10), AgentCapability.REPLY)
    return guest.take() == copied(guest, b"x") == []


@strict
def _no_words(make: Make) -> bool:
    guest = greeted(make)
    guest.say(agent.AnnounceCapabilities(0, ()))
    guest.terms.peer = guest.terms.mine = 0
    return copied(guest, b"x") == []


@strict
def _the_last_announcement_counts(make: Make) -> bool:
    guest = greeted(make)
    bare = mask((AgentCapability.CLIPBOARD_BY_DEMAND,))
    guest.say(agent.AnnounceCapabilities(0, (bare,)))
    guest.terms.mine = bare
    guest.take()
    return copied(guest, b"x") == [agent.ClipboardGrab((TEXT,))]


@strict
def _finishes_what_it_has_begun(make: Make) -> bool:
    """The agent goes when a message has left in part: the rest comes before the greeting of the next agent."""
    guest = agreed(make(), tokens=3)
    guest.take()
    copied(guest, b"x" * 50_000)
    guest.say(_REQUEST)
    guest.take()
    begun = sum(map(len, guest.data[-1:]))
    guest.disconnect()
    guest.data.clear()
    guest.server.main.send(main.AgentConnectedTokens(1000))
    guest._late = True
    said = guest.take()
    rest = sum(map(len, guest.data[:-1]))
    whole = begun == limits.AGENT_CHUNK and begun + rest == HEADER_SIZE + 8 + 50_000
    return whole and said == [agent.AnnounceCapabilities(1, _OURS)]


@strict
def _forgets_half_a_message(make: Make) -> bool:
    guest = greeted(make)
    guest.server.main.send(main.AgentData((1).to_bytes(4, "little") + bytes(9)))
    guest.disconnect()
    guest.connect()
    guest.take()
    guest.announce(request=True)
    return agent.AnnounceCapabilities(0, _OURS) in guest.take()


def _monitors(make: Make, check: Callable[[agent.MonitorsConfig], bool]) -> bool:
    guest = greeted(make, AgentCapability.MONITORS_CONFIG)
    with_display(guest)
    guest.server.client.wish("monitors", {"monitors": "640x480"})
    guest.server.run()
    found = [value for value in guest.take() if isinstance(value, agent.MonitorsConfig)]
    return len(found) == 1 and check(found[0])


@strict
def _monitors_have_sizes(make: Make) -> bool:
    return _monitors(make, lambda found: all(item.width and item.height for item in found.monitors))


@strict
def _monitors_are_plain(make: Make) -> bool:
    return _monitors(make, lambda found: found.physical_sizes is None)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "header-in-parts": _whole_pieces,
    "bytes-behind-messages": _whole_pieces,
    "agent-protocol-2": _whole_pieces,
    "no-header-in-parts": _any_pieces,
    "believes-any-size": _lives_with_4_gib,
    "half-an-announcement": _announces,
    "no-unknown-agent-messages": _lives_with((17, b""), (0xFFFFFFFF, b"x")),
    "replies-like-an-agent": _greets,
    "no-broken-agent-messages": _lives_with((AgentMessageType.CLIPBOARD_REQUEST, b"x")),
    "leaves-messages-unfinished": _finishes_what_it_has_begun,
    "monitors-first": _greets,
    "asks-for-no-announcement": _greets,
    "answers-no-announcement": _announces,
    "announces-unasked": _greets,
    "settings-for-anybody": _speaks_of_what_was_announced,
    "no-words-are-all": _no_words,
    "capabilities-add-up": _the_last_announcement_counts,
    "greets-one-agent": _greets,
    "keeps-half-a-message": _forgets_half_a_message,
    "monitors-of-no-size": _monitors_have_sizes,
    "monitors-in-millimetres": _monitors_are_plain,
}
