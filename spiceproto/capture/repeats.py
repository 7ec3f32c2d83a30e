"""Connections that a capture has twice: on both sides of somebody who changes their addresses and none of their bytes.

No two link stages have the same bytes where a real ticket, or a real key, is among them: the client makes up what it pads its
ticket with, and where there is no ticket, there are the key that the server made for the link and the words of SASL.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from spiceproto.capture.conversation import Conversation
from spiceproto.capture.layers import Piece
from spiceproto.capture.limits import OUTCOMES

__all__ = ["Repeats"]

_RANDOM: Final = 32
"""So many different bytes, and so many different steps from one to the next, has what was made at random: of 128 there are more
in all but one of very many cases."""


_SHORT: Final = 512
"""Bytes of a link stage that are kept as they are: most have fewer, and the library of hashes takes a while to load."""


def _is_random(made: bytes) -> bool:
    """A ticket that somebody wrote by hand, for a test, counts up."""
    steps = {(after - before) & 0xFF for before, after in pairwise(made)}
    return min(len(set(made)), len(steps)) >= _RANDOM


class Repeats:
    """The link stages of a capture, to find one that comes again."""

    def __init__(self) -> None:
        self._known: dict[bytes, Conversation] = {}

    def find(self, conversation: Conversation, pieces: Sequence[Piece], ends: tuple[int, int], random: bytes) -> Conversation:
        """The conversation of which this is another view, or itself.

        ``pieces`` are those of the link stage, which ends at ``ends`` in what the client and what the server sent; ``random``
        is what one of them made for this link and no other.
        """
        if not _is_random(random) or len(self._known) >= OUTCOMES:
            return conversation
        said = b""
        for from_client, end in zip((True, False), ends, strict=True):
            sent = b"".join([what for client, what, *_ in pieces if client == from_client and not isinstance(what, int)])
            said += sent[:end]
        if len(said) > _SHORT:
            from hashlib import blake2b  # not at import

            said = blake2b(said, digest_size=16).digest()
        return self._known.setdefault(said, conversation)
