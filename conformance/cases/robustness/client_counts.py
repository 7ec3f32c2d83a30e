"""Clients: counts, sizes and offsets that lead out of their message (20.5)."""

from __future__ import annotations

import struct
from typing import Any, Final

import msgspec
import numpy as np

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.drawing import clip, copy, fill, patch, pattern, picture, solid, stripes
from conformance.cases.display.screen import PICTURE, Screen
from conformance.cases.framing.client_steps import closed_in_order, notice, opened
from conformance.cases.streams.film import create, frame
from conformance.channels import LISTED
from conformance.outcome import Failure
from conformance.talk import Talk
from spiceproto import dispatch
from spiceproto.channels import channel_type
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display, main, playback
from spiceproto.messages.image import Palette

_WHERE: Final = (10, 10, 32, 29)
_COUNTS: Final = (0xFFFFFFFF, 0x80000000, (1 << 29) + 1, 1 << 28, 1 << 30)
"""Of these each, times 4, 8 or 16, is a small number where 32 bits are all there is."""


class _Wrong(msgspec.Struct, frozen=True):
    """A message with a number in it that is to be wrong.

    * ``value``: the message as it should be
    * ``at``: where the number stands
    * ``size``: its bytes
    * ``offset``: whether it is an offset; else a count or a size
    """

    table: str
    value: Any
    at: int
    size: int = 4
    offset: bool = False

    def bodies(self) -> list[tuple[int, bytes, str]]:
        """Type, body, and what is wrong about it."""
        number, body = dispatch.build(self.table, "server", self.value)
        name = dispatch.row_of(self.table, "server", self.value).name
        end = self.at + self.size
        old = int.from_bytes(body[self.at : end], "little")
        top = (1 << 8 * self.size) - 1
        wrong: tuple[int, ...]
        if self.offset:
            assert self.at < old < len(body), f"no offset at {self.at} of {name}"
            wrong = (len(body) - 1, len(body), len(body) + 1, 0x80000000, top)
        else:
            assert 0 < old < len(body), f"no count at {self.at} of {name}"
            wrong = (old + 1, *[count for count in _COUNTS if count <= top], top)
        return [
            (number, body[: self.at] + each.to_bytes(self.size, "little") + body[end:], f"{name} with {each:#x} for {old}")
            for each in dict.fromkeys(wrong)
        ]


def _goes_on(server: SuiteServer, talk: Talk, text: str) -> bool:
    """Whether the channel goes on behind something wrong; where it was closed, main goes on. Raises Failure for neither."""
    try:
        server.alive(talk, text)
    except Failure:
        if not closed_in_order(server, talk):
            raise
        if talk is not server.main_talk:
            server.alive(server.main_talk, f"no more than {talk.name} had {text}")
        return False
    return True


# -- what shows nothing


_LIST: Final = main.ChannelsList(tuple([main.ChannelId(*key) for key in LISTED]))
_IMAGES: Final = display.InvalList((display.ResourceID(1, 5), display.ResourceID(1, 6)))
_HEADS: Final = display.MonitorsConfig(1, (display.Head(monitor_id=0, surface_id=0, width=96, height=64, x=0, y=0, flags=0),))
_HIDDEN: Final = {
    "list-of-channels": _Wrong("main", _LIST, 0),
    "text-for-people": _Wrong("main", notice(b"careful"), 20),
    "images-to-drop": _Wrong("display", _IMAGES, 0, 2),
    "heads": _Wrong("display", _HEADS, 0, 2),
    "clip-of-a-stream": _Wrong("display", display.StreamClip(7, clip((0, 0, 9, 9))), 5),
    "stream": _Wrong("display", msgspec.structs.replace(create(), clip=clip((0, 0, 9, 9))), 51),
    "frame": _Wrong("display", frame(bytes(40), 1000), 8),
    "volume": _Wrong("playback", playback.Volume((9, 9)), 0, 1),
}


def _opened(server: SuiteServer, table: str) -> Talk:
    """The channel, which has answered a ping; the list names it."""
    kind = channel_type(table)
    if kind == ChannelType.MAIN or (kind, 0) in LISTED:
        return opened(server, table, answering=True)
    with server.preparing(f"{table}, linked"):
        server.session((kind, 0), listed=(*LISTED, (kind, 0)))
        talk = server.talks[int(kind), 0]
        server.alive(talk)
        return talk


def hidden(server: SuiteServer, which: str) -> None:
    """A message with a count or a size that leads out of it, one after the other: the client goes on, or closes it."""
    wrong = _HIDDEN[which]
    talk = _opened(server, wrong.table)
    for number, body, text in wrong.bodies():
        talk.send_raw(number, body, text=text)
        if not _goes_on(server, talk, text):
            return


for _which, _wrong in _HIDDEN.items():
    client_case(f"SPICE-ROBUST-006/{_which}", _which, channel=_wrong.table)(hidden)


# -- what would be drawn


def _at(value: Any, mark: bytes, behind: int) -> int:
    """Where a number stands: so far behind the only place of ``mark`` in the body."""
    _, body = dispatch.build("display", "server", value)
    assert body.count(mark) == 1
    return body.index(mark) + behind


_BASE: Final = 21
"""Bytes before what a drawing message without a clip has of its own."""

_PALETTE: Final = Palette(0x5EED5EED, tuple(range(0x101010, 0x101034)))
_INDICES: Final = np.arange(22 * 19, dtype=np.uint32).reshape(19, 22).astype(np.uint8) % 36
_IMAGE: Final = picture(patch(22, 19))
_WITH_PALETTE: Final = copy(picture(_INDICES.astype(np.uint8), palette=_PALETTE), _WHERE)
_BITMAP: Final = struct.pack("<III", 22, 19, 22)
_DRAWN: Final = {
    "image": _Wrong("display", copy(_IMAGE, _WHERE), _BASE, offset=True),
    "image-of-a-brush": _Wrong("display", fill(_WHERE, pattern(_IMAGE)), _BASE + 1, offset=True),
    "palette": _Wrong("display", _WITH_PALETTE, _at(_WITH_PALETTE, _BITMAP, 12), offset=True),
    "colours-of-a-palette": _Wrong("display", _WITH_PALETTE, _at(_WITH_PALETTE, struct.pack("<Q", 0x5EED5EED), 8), 2),
    "clip": _Wrong("display", fill(_WHERE, 0x205070, clip=clip(_WHERE)), _BASE),
}


def drawn(server: SuiteServer, which: str) -> None:
    """A drawing message with a count or an offset that leads out of it, one after the other: nothing is drawn of it."""
    screen = Screen(server)
    screen.draw(*stripes())
    for number, body, text in _DRAWN[which].bodies():
        screen.send_raw(number, body, text=text)
        if not _goes_on(server, screen.talk, text):
            return
    screen.draw(fill((60, 10, 80, 30), solid(0x204060)))
    screen.survives()


for _which in _DRAWN:
    client_case(f"SPICE-ROBUST-006/{_which}", _which, channel="display", tags=(PICTURE,))(drawn)
