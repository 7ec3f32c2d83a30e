"""Pictures of a session, once there is something to see: one of the first display, of each display, or of each monitor.

    guest.png                    the first display
    guest-{display}.png          each display
    guest-{display}-{head}.png   each monitor of each display, as MONITORS_CONFIG has them

Waiting ends. Once there is something to see, pictures are taken when all displays stand still, or after two seconds in which
they move or one of them shows nothing; and where nothing is shown, it is given up after thirty seconds, or when the user's time
is over.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from reference_client.channels import DisplayChannel
from reference_client.output_files import words
from reference_client.picture import write_png
from reference_client.shell import Shell
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError, SpiceError

__all__ = ["Screenshot"]

_STANDS_STILL: Final = 0.3
"""Seconds without a message after which a picture is taken for whole."""

_MOVES: Final = 2.0
"""Seconds after which a picture is taken as it is, because something moves for ever: a text cursor, a clock."""

_PICTURE_TIME: Final = 30.0
"""Seconds after which no picture is waited for any more."""

_LOOK: Final = 0.02


class Screenshot:
    """What ``--screenshot`` wants: files of this name, with the pointer or without it."""

    def __init__(self, name: str, *, cursor: bool = False) -> None:
        self.name = name
        self.cursor = cursor
        self._heads = "{head}" in name
        self._all = "{display}" in name or self._heads

    async def take(self, shell: Shell, patience: float | None = None) -> str:
        """Wait, and write what there is; what went wrong in words, "" for nothing."""
        late = False
        try:
            async with asyncio.timeout(patience or _PICTURE_TIME):
                while shell.client.ended is None and shell.failure is None and not self._seen(shell):
                    await asyncio.sleep(_LOOK)
                while not await self._stood_still(shell):
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            late = True
        if shell.failure is not None:
            return ""  # told by whoever asked for the picture
        displays = [display for display in self._displays(shell) if display.shown]
        if not displays:
            ended = shell.client.ended
            if shell.client.leaving is not None or (ended is not None and not ended.orderly):
                return ""  # the user's wish, or what the verdict tells
            return "there was no picture in time" if late else "the session ended before its picture"
        try:
            for display in displays:
                while display.finish():
                    await asyncio.sleep(0)
                self._write(display)
        except (SpiceError, OSError) as error:
            return words(error)
        return ""

    def _displays(self, shell: Shell) -> list[DisplayChannel]:
        found = list(shell.client.displays.values())
        return found if self._all else [display for display in found if display.id == 0]

    def _seen(self, shell: Shell) -> bool:
        """Whether there is something to see, and nothing of it waits to be drawn."""
        displays = self._displays(shell)
        return any(display.shown for display in displays) and not any(display.unfinished for display in displays)

    def _whole(self, shell: Shell) -> bool:
        """Whether each display that there will be shows something."""
        if self._all and shell.client.coming(ChannelType.DISPLAY):
            return False
        return all(display.shown for display in self._displays(shell))

    async def _stood_still(self, shell: Shell) -> bool:
        """Wait until nothing is missing and nothing moves any more, for :data:`_MOVES` seconds at most; False for once more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_MOVES):
                seen = -1
                while shell.client.ended is None and (seen != self._handled(shell) or not self._whole(shell)):
                    seen = self._handled(shell)
                    await asyncio.sleep(_STANDS_STILL)
        return shell.client.ended is not None or not any(display.unfinished for display in self._displays(shell))

    def _handled(self, shell: Shell) -> int:
        return sum(display.handled for display in self._displays(shell))

    def _write(self, display: DisplayChannel) -> None:
        name = self.name.replace("{display}", str(display.id))
        if not self._heads or not display.heads:
            write_png(name.replace("{head}", "0"), display.picture(cursor=self.cursor))
            return
        written = 0
        for head in display.heads:
            picture = display.picture(cursor=self.cursor, head=head.monitor_id)
            if picture.size:
                write_png(name.replace("{head}", str(head.monitor_id)), picture)
                written += 1
        if not written:
            raise LocalError(f"display {display.id} has no head inside of what it shows")
