"""A reference server and a client of it, both driven at their control sockets, and what is tried with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import png
from spiceproto.tests.controlled import Program
from spiceproto.tests.peers import until

__all__ = ["ALONE", "TRIALS", "Pair", "trial"]

_FOLDER: Final = "shared"
_CARD: Final = 'atr = "3b 00"\n[[answer]]\ncommand = "00 a4 *"\nresponse = "90 00"\n'


class Pair:
    """A server, with all that its guest can have, and a client with all that its user can; ``plain`` ones can go elsewhere."""

    def __init__(self, folder: Path, *, plain: bool = False) -> None:
        self.folder = folder
        self._channels = 6 if plain else 9
        (folder / _FOLDER).mkdir()
        (folder / _FOLDER / "hello.txt").write_text("hello")
        (folder / "card.toml").write_text(_CARD)
        options = ("--port", "0", "--disable-ticketing", "--pointer", "absolute")
        devices = ("--smartcard", "--guest-port", "org.test.0", "--webdav-listen", "0")
        self.server = Program("server", folder, *options, *(() if plain else devices))
        try:
            shared = ("--smartcard", str(folder / "card.toml"), "--share-folder", str(folder / _FOLDER))
            self.client = Program("client", folder, *(() if plain else shared))
        except BaseException:
            self.server.__exit__()
            raise
        self.ask, self.tell = self.server.control.ask, self.client.control.ask
        self.refused, self.told = self.server.control.refused, self.client.control.told
        self.tell("events")
        self.connect()

    def connect(self, **more: Any) -> None:
        """Have a new session, and all of its channels."""
        self.reconnect(**more)
        until(lambda: len(self.channels()) == self._channels, what="all channels are linked")

    def reconnect(self, **more: Any) -> None:
        """Have a new session, or find that there is none to be had."""
        self.tell("connect", uri=f"spice://127.0.0.1:{self.server.place['port']}", **more)

    def channels(self) -> list[dict[str, Any]]:
        """Those of the first session."""
        found: list[dict[str, Any]] = [channel for client in self.ask("clients")[:1] for channel in client["channels"]]
        return found

    def shown(self, display: int = 0) -> NDArray[np.uint8]:
        """What the guest shows."""
        self.ask("picture", path=str(self.folder / "shown.png"), display=display)
        return png.decode((self.folder / "shown.png").read_bytes())

    def seen(self) -> NDArray[np.uint8]:
        """What the client shows."""
        self.tell("picture", path=str(self.folder / "seen.png"))
        return png.decode((self.folder / "seen.png").read_bytes())

    def same(self) -> None:
        """Wait until both show the same."""
        until(lambda: np.array_equal(self.shown(), self.seen()), what="the client shows what the guest does")

    def end(self) -> None:
        """End both."""
        for program in (self.client, self.server):
            program.__exit__()


Trial = Callable[[Pair], None]

TRIALS: Final[dict[str, Trial]] = {}
"""By verb."""

ALONE: Final[set[str]] = set()
"""Verbs whose trial has a pair of its own."""


def trial(*verbs: str, alone: bool = False) -> Callable[[Trial], Trial]:
    """What tries these."""

    def keep(found: Trial) -> Trial:
        TRIALS.update(dict.fromkeys(verbs, found))
        ALONE.update(verbs if alone else ())
        return found

    return keep
