"""Steps that cases about display channels share where the target is a server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.as_client import SuiteClient
from conformance.channels import COMMON
from conformance.client_wire import Ask
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display

__all__ = [
    "CACHES",
    "SEEN",
    "animated",
    "begin",
    "check_kept",
    "drawings",
    "init",
    "linked",
    "more_comes",
    "prefer",
    "screen",
    "settle",
    "shows",
]

SEEN: Final = (DisplayCapability.MONITORS_CONFIG, DisplayCapability.LZ4_COMPRESSION)
"""What the suite announces where it looks at images."""

CACHES: Final = 1 << 20
"""Pixels of a cache and of a window, unless a case is about them."""

_DRAWINGS: Final = 3
_WAITS: Final = 20
_BY_ITSELF: Final = 2
"""So few messages in a quiet time are no backlog: that comes as fast as it is acknowledged."""

_PICTURES: Final = ("DRAW_", "COPY_BITS", "STREAM_DATA")


def init(pixmaps: int = CACHES, window: int = CACHES, *, cache: int = 1, dictionary: int = 1) -> display.Init:
    """INIT of a client with so many pixels of each, under these ids."""
    return display.Init(
        pixmap_cache_id=cache,
        pixmap_cache_size=pixmaps,
        glz_dictionary_id=dictionary,
        glz_dictionary_window_size=window,
    )


def linked(client: SuiteClient, number: int = 0, *, announced: Iterable[WireEnum] = SEEN) -> Talk:
    """A display channel on which nothing was said yet. Raises NotApplicable if no list names it."""
    if client.listed is None:
        with client.preparing("a session"):
            client.session()
    client.need_listed(client.listed or (), (ChannelType.DISPLAY, number))
    capabilities = Capabilities(COMMON.common, NONE.with_(*announced).channel)
    with client.preparing(f"display:{number}, linked"):
        return client.link(Ask(ChannelType.DISPLAY, number, capabilities=capabilities))


def begin(client: SuiteClient, talk: Talk, value: display.Init | None = None) -> None:
    """INIT was said, and the screen has come. Raises Blocked if it does not."""
    talk.send(value or init())
    if not talk.wait_count("MARK"):
        talk.expect_open("INIT was said")
        raise Blocked(f"{talk.name}: no MARK has come")


def screen(client: SuiteClient, value: display.Init | None = None, *, announced: Iterable[WireEnum] = SEEN) -> Talk:
    """The first display channel of a new session, which has begun; what came lies in the inbox."""
    talk = linked(client, announced=announced)
    try:
        begin(client, talk, value)
    except Failure as failure:
        raise Blocked(f"a display that has begun: {failure}") from None
    return talk


# -- drawing


def drawings(talk: Talk) -> int:
    """How often something was drawn."""
    return sum(count for name, count in talk.heard.items() if name.startswith(_PICTURES))


def animated(client: SuiteClient, talk: Talk, count: int = _DRAWINGS) -> bool:
    """Whether something is drawn in a short time; the first display's guest is told to, where it can be, and waited for.

    What a guest draws by itself is not waited for more than once, nor at all where it has drawn nothing before.
    """
    before = drawings(talk)
    told = client.target.meets("control:animate") and talk.channel_id == 0
    if told:
        client.control("animate", count)
    wanted = before + (count if told else 1)
    still = not told and talk.channel_id in client.target.still
    within = None if told else 0.0 if still else 2 * client.network.quiet
    client.run(lambda: drawings(talk) >= wanted or talk.closed, within)
    if not told and not talk.closed and drawings(talk) == before:
        client.target.still.add(talk.channel_id)
    return drawings(talk) > before


def shows(client: SuiteClient, talk: Talk, guest: str) -> None:
    """The guest runs this program, which draws, and then nothing more comes for as long as the target may take to answer."""
    client.control("guest", guest)
    for _ in range(_WAITS):
        if not more_comes(client, talk):
            return
        settle(client, talk)


def settle(client: SuiteClient, talk: Talk, most: int = _WAITS) -> None:
    """Let pass what is under way, also where acknowledgements bring more: no longer than so many quiet times.

    Of a screen that draws by itself, as one whose text cursor blinks, something is always under way.
    """
    for _ in range(most):
        before = sum(talk.heard.values())
        client.wait_quiet()
        if talk.closed or sum(talk.heard.values()) <= before + _BY_ITSELF:
            return


def more_comes(client: SuiteClient, talk: Talk) -> bool:
    """Whether anything comes in the time in which the target is expected to answer."""
    before = sum(talk.heard.values())
    client.run(lambda: sum(talk.heard.values()) > before or talk.closed)
    return sum(talk.heard.values()) > before


def prefer(client: SuiteClient, talk: Talk, compression: ImageCompression | int) -> None:
    """PREFERRED_COMPRESSION, and what is under way from before has come.

    Raises NotApplicable if the server does not take one.
    """
    if not talk.server.has(DisplayCapability.PREF_COMPRESSION):
        raise NotApplicable(f"the server announced {talk.server.channel:#x} on display, without PREF_COMPRESSION")
    name = compression.name if isinstance(compression, ImageCompression) else str(compression)
    talk.send(display.PreferredCompression(compression), text=f"PREFERRED_COMPRESSION {name}")
    client.wait_quiet()


# -- what the rules find


def check_kept(client: SuiteClient, sentence: str) -> None:
    """The rules do not find this sentence broken in this conversation. Raises Failure."""
    client.step(f"expect the rules to find nothing against {sentence}")
    client.pump_all()
    for seen in client.network.transcript.seen:
        if seen.requirement == sentence and not seen.tolerated:
            raise Failure(seen.expected or "what the sentence asks for", f"{seen.text}: {seen.actual}")
