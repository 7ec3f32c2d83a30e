"""One step that is wrong, or strange: what is put into a legal conversation, which goes on behind it.

    field      a legal message of which one field is changed, lengths and pointers left wrong or made to agree
    stray      ... of which one field is outside of its values, and nothing else is wrong
    damage     ... of which some bytes are others: images, streams of codecs, fragments
    stream     a picture of the vectors, some bytes of whose stream are others
    illegal    a message that a table forbids in this state
    again      a step that was there before: twice, or in another order
    unknown    a message of a type without a meaning, or the body of another type
    agent      messages for an agent that may not be there, and pieces that fit nothing
    moving     a message of a migration that is not under way
    answer     an answer to nothing: ACK, ACK_SYNC, PONG
    link       another link: words, sizes, versions, ids; or bytes in its place
    bare       a channel that is linked with other capabilities, and not greeted
    header     a header that announces what does not come, or a part of one
    transport  pieces, several messages at once, silence, and the ends that a connection may have
    tls        records cut small, several or parts of one in a write, alerts, records that nobody made; where there is TLS
    websocket  fragments, frames of every kind, right and wrong; where there is WebSocket

Its place, and all that is in it, is drawn; what it does is found out when it is played.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Final

from conformance.fuzz import layer_mutation, streams
from conformance.fuzz.chance import Chance
from conformance.fuzz.ends import MAIN, Place, name_of
from conformance.fuzz.layer_mutation import LAYERED
from conformance.fuzz.play import Play
from conformance.fuzz.steps import Step
from conformance.fuzz.value_text import change_of, compact, encoded, fields_of, row_named
from conformance.fuzz.walk import Walk
from conformance.wire_form import link_message
from spiceproto import schema
from spiceproto.channels import channel_name
from spiceproto.derive.legal import legal_value
from spiceproto.derive.mutators import Mutator
from spiceproto.errors import LocalError
from spiceproto.message import Sender

__all__ = ["KINDS", "Mutations"]

KINDS: Final = {
    "field": 8,
    "stray": 4,
    "damage": 2,
    "stream": 3,
    "illegal": 4,
    "again": 3,
    "unknown": 2,
    "agent": 2,
    "moving": 1,
    "answer": 2,
    "link": 2,
    "bare": 1,
    "header": 2,
    "transport": 3,
    "tls": 6,
    "websocket": 6,
}
"""Kind to its weight."""

_LARGEST: Final = 64
"""Bytes of a body that is made up."""

_HUGE: Final = (0, 1, 4096, 65536, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
_NUMBERS: Final = (0, 1, 2, 17, 18, 4096, 4097, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WORDS_OF_A_LINK: Final = (
    "counts",
    "offset",
    "gap",
    "padding",
    "size",
    "magic",
    "major",
    "minor",
    "common_caps",
    "channel_caps",
)
_MINI: Final = 6


class Mutations:
    """Draws mutations for the conversations of a walk.

    ``sender`` is the suite's role, ``layers`` what is around the bytes of SPICE there. Raises LocalError where nothing is left.
    """

    def __init__(
        self, chance: Chance, sender: Sender, kinds: Sequence[str] = tuple(KINDS), layers: Container[str] = frozenset()
    ) -> None:
        self._chance = chance
        self._sender = sender
        self._kinds = [kind for kind in kinds if kind not in LAYERED or LAYERED[kind] in layers]
        if not self._kinds:
            raise LocalError(
                "mistakes that nobody can make there", expected="connections with TLS or WebSocket", actual=kinds[0]
            )
        self._weights = [KINDS[kind] for kind in self._kinds]

    def step(self, walk: Walk, play: Play) -> Step | None:
        """One of any kind; None where there is none of it here."""
        (kind,) = self._chance.random.choices(self._kinds, self._weights)
        draw: Callable[[Walk, Play], Step | None] = getattr(self, f"_{kind}")
        return draw(walk, play)

    def _place(self, walk: Walk) -> Place:
        return self._chance.one_of(walk.places)

    # -- of a message

    def _message(self, walk: Walk) -> tuple[Place, str, str, bytes] | None:
        place = self._place(walk)
        name, text, _ = walk.draw(place)
        return place, name, text, encoded(channel_name(place[0]), self._sender, name, text)[1]

    def _field(self, walk: Walk, play: Play) -> Step | None:
        place, name, text, body = self._message(walk) or (MAIN, "", "", b"")
        mutator = Mutator(row_named(channel_name(place[0]), self._sender, name).body, body)
        return Step(name_of(place), name, text, change_of(mutator.random(self._chance.random)))

    def _stray(self, walk: Walk, play: Play) -> Step | None:
        place, name, text, body = self._message(walk) or (MAIN, "", "", b"")
        found = list(Mutator(row_named(channel_name(place[0]), self._sender, name).body, body).strays())
        return Step(name_of(place), name, text, change_of(self._chance.one_of(found))) if found else None

    def _damage(self, walk: Walk, play: Play) -> Step | None:
        place, name, text, body = self._message(walk) or (MAIN, "", "", b"")
        if not body:
            return None
        at = self._chance.random.randrange(len(body))
        digits = self._chance.random.randbytes(self._chance.one_of((1, 1, 2, 4))).hex()
        return Step(name_of(place), name, text, f"poke {at} {digits}")

    def _stream(self, walk: Walk, play: Play) -> Step | None:
        place = next((place for place in walk.places if channel_name(place[0]) == "display"), None)
        if self._sender == "client" or place is None:
            return None
        text, stream = streams.drawn(self._chance)
        body = encoded("display", "server", "DRAW_COPY", text)[1]
        at = body.find(stream) + self._chance.random.randrange(len(stream))
        digits = self._chance.random.randbytes(self._chance.one_of((1, 1, 2, 4))).hex()
        return Step(name_of(place), "DRAW_COPY", text, f"poke {at} {digits}")

    def _illegal(self, walk: Walk, play: Play) -> Step | None:
        return walk.illegal(play)

    def _again(self, walk: Walk, play: Play) -> Step | None:
        return self._chance.one_of(play.steps) if play.steps else None

    def _unknown(self, walk: Walk, play: Play) -> Step | None:
        place = self._place(walk)
        rows = schema.rows(channel_name(place[0]), self._sender)
        number = self._chance.one_of((0, max(rows) + 1, 999, 0xFFFF, *rows))
        return Step(name_of(place), "type", f"{number} {self._octets()}".rstrip())

    def _octets(self) -> str:
        return self._chance.random.randbytes(self._chance.values.number(0, _LARGEST)).hex()

    def _named(self, walk: Walk, start: Sequence[str], place: Place) -> Step | None:
        table = channel_name(place[0])
        rows = [row for row in schema.rows(table, self._sender).values() if row.name.startswith(tuple(start))]
        if not rows:
            return None
        row = self._chance.one_of(rows)
        text = fields_of(legal_value(row.body, self._chance.values, odd=True))
        return Step(name_of(place), row.name, text)

    def _agent(self, walk: Walk, play: Play) -> Step | None:
        return self._named(walk, ("AGENT",), MAIN)

    def _moving(self, walk: Walk, play: Play) -> Step | None:
        return self._named(walk, ("MIGRATE",), self._place(walk))

    def _answer(self, walk: Walk, play: Play) -> Step | None:
        return self._named(walk, ("ACK", "PONG"), self._place(walk))

    # -- of a link

    def _link(self, walk: Walk, play: Play) -> Step | None:
        if self._sender == "server":
            return None
        place = self._place(walk)
        if self._chance.happens(0.3):
            kind, number = place
            data = bytearray(link_message(kind, number, 0, common_caps=9))
            for _ in range(self._chance.random.randint(1, 3)):
                data[self._chance.random.randrange(len(data))] = self._chance.random.randrange(256)
            size = self._chance.random.randint(1, len(data)) if self._chance.happens(0.3) else len(data)
            return Step(name_of(place), "raw-link", bytes(data[:size]).hex())
        return Step(name_of(place), "link", compact(self._words()))

    def _words(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for name in self._chance.some(_WORDS_OF_A_LINK, 2):
            number = self._chance.one_of(_NUMBERS)
            match name:
                case "counts":
                    found[name] = [number, self._chance.one_of(_NUMBERS)]
                case "gap" | "padding":
                    found[name] = self._octets()
                case "magic":
                    found[name] = self._chance.random.randbytes(4).hex()
                case "common_caps" | "channel_caps":
                    found[name] = self._chance.random.getrandbits(32)
                case _:
                    found[name] = number
        if self._chance.happens(0.2):
            found["connection_id"] = self._chance.random.getrandbits(32)
        return found

    def _bare(self, walk: Walk, play: Play) -> Step | None:
        left = [place for place in walk.places if place not in play.talks]
        if not left or self._sender == "server":
            return None
        words = {"common_caps": self._chance.one_of((9, 11, 1, 13)), "channel_caps": self._chance.random.getrandbits(16)}
        return Step(name_of(self._chance.one_of(left)), "bare", compact(words))

    # -- of bytes

    def _header(self, walk: Walk, play: Play) -> Step | None:
        place = self._place(walk)
        number = self._chance.one_of(list(schema.rows(channel_name(place[0]), self._sender)))
        size = self._chance.one_of(_HUGE)
        data = number.to_bytes(2, "little") + size.to_bytes(4, "little")
        if self._chance.happens(0.4):
            return Step(name_of(place), "bytes", data[: self._chance.random.randint(1, _MINI - 1)].hex())
        return Step(name_of(place), "bytes", data.hex() + self._octets())

    def _transport(self, walk: Walk, play: Play) -> Step | None:
        place = self._place(walk)
        word = self._chance.one_of(("pieces", "together", "silent", "close", "half-close", "reset"))
        values = {"pieces": str(self._chance.one_of((1, 2, 5, 100))), "together": str(self._chance.random.randint(2, 5))}
        return Step(name_of(place), word, values.get(word, ""))

    # -- of what is around them

    def _tls(self, walk: Walk, play: Play) -> Step | None:
        return layer_mutation.of_tls(self._chance, self._place(walk))

    def _websocket(self, walk: Walk, play: Play) -> Step | None:
        return layer_mutation.of_websocket(self._chance, self._place(walk))
