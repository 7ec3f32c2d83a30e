"""What the command does beside the client, as its options ask for it: files, devices, programs and the desktop.

It is made before the client is, which is told who hears its sound and who has its ports; then it follows one session.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from reference_client.channels.inputs import KeyModifiersChanged
from reference_client.channels.main import ChannelsListed
from reference_client.errands import Errands
from reference_client.events import Event
from reference_client.output_files import ENDINGS, check
from reference_client.plan import Wish
from reference_client.port_programs import PortPrograms
from reference_client.screenshot import Screenshot
from reference_client.shell import Shell
from reference_client.system_clipboard import SystemClipboard
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError

if TYPE_CHECKING:
    from reference_client.audio import Audio
    from reference_client.recording import Recording
    from reference_client.sharing import Folder
    from reference_client.view.view import View

__all__ = ["Beside"]

_USES: Final = {
    ChannelType.USBREDIR: "the USB devices",
    ChannelType.WEBDAV: "the folder",
    ChannelType.SMARTCARD: "the smart card",
}


class Beside:
    """``options`` go together. Raises LocalError and OSError for what can not be done with them, MissingExtraError.

    * ``audio``, ``view``: what is done with sound, and what shows sessions in a browser; None for nothing, and for several
      sessions too
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self.audio: Audio | None = None
        self._recording: Recording | None = None
        self._folder: Folder | None = None
        for option, path in zip(ENDINGS, (options.screenshot, options.record_video, options.record_wav), strict=True):
            if path:
                check(option, path)
        if options.record_wav or options.play_wav or options.speaker or options.microphone:
            from reference_client.audio import Audio  # who has no sound needs no numpy

            self.audio = Audio(options)
        if options.share_folder:
            from reference_client.sharing import Folder  # who shares nothing needs no server

            self._folder = Folder(options.share_folder, writable=options.share_folder_writable)
        self._programs = PortPrograms(options.port) if options.port else None
        if self._programs is not None and self._programs.uses_pipes and (options.log or options.address == "-"):
            raise LocalError("standard input and output are a port's")
        if options.record_video:
            from reference_client.recording import Recording  # who keeps no pictures needs no numpy

            self._recording = Recording(options.record_video, cursor=options.cursor)
        self.view: View | None = None
        if options.view:
            from reference_client.view.view import View  # who shows nothing needs no numpy

            self.view = View.at(options.view, tls=options.view_tls, plain=options.view_plain)
            self._tell_view = _tell_json if options.log or options.control else _tell_people
        self._errands = None
        if options.copy or options.paste or options.send_file:
            self._errands = Errands(copy=options.copy, paste=options.paste, files=options.send_file)
        self._clipboard = SystemClipboard() if options.clipboard else None
        self._screenshot = Screenshot(options.screenshot, cursor=options.cursor) if options.screenshot else None
        self._typist = _Typist(options.type) if options.type else None
        self._needs = Counter(
            {
                ChannelType.USBREDIR: len(options.share_cd or ()) + len(options.usbredir or ()),
                ChannelType.WEBDAV: int(bool(options.share_folder)),
                ChannelType.SMARTCARD: int(bool(options.smartcard)),
            }
        )
        self._listed: set[tuple[int, int]] = set()

    def wish(self, wish: Wish) -> Wish:
        """The same, with whom a client tells of sound and ports."""
        if self.audio is not None:
            wish = msgspec.structs.replace(wish, play=self.audio.play, say=self.audio.say)
        if self._folder is not None:
            wish = msgspec.structs.replace(wish, share=self._folder.visit)
        if self._programs is not None:
            wish = msgspec.structs.replace(wish, port=self._programs.user)
        return wish

    async def begin(self, shell: Shell) -> None:
        """Follow this session, which has not begun. Raises OSError."""
        if self._programs is not None:
            self._programs.moved = shell.go_on
            await self._programs.begin()
        for follower in (self._typist, self._recording, self._errands, self._clipboard):
            if follower is not None:
                follower.begin(shell)
        if self.view is not None:
            self.view.show(shell)
            await self.listen()

    async def listen(self) -> None:
        """The view, if there is one, listens, and its user is told where. Raises OSError."""
        if self.view is not None:
            self._tell_view(await self.view.listen())

    def on_event(self, event: Event) -> None:
        """What the client tells."""
        if isinstance(event, ChannelsListed):
            self._listed |= set(event.channels)
        for follower in (self._typist, self.audio, self._recording, self._errands, self._clipboard, self.view):
            if follower is not None:
                follower.on_event(event)

    async def wait(self, shell: Shell, patience: float | None) -> str:
        """Until all is done that has an end, or else until the session is over; what went wrong in words, "" for nothing.

        ``patience`` is how many seconds the session may last, None for any time.
        """
        if self._screenshot is not None:
            return await self._screenshot.take(shell, patience)
        if self._errands is not None and self._errands.waits:
            return await self._errands.wait(shell, patience)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await shell.ended.wait()
        return ""

    async def stop(self) -> None:
        """The session is about to end."""
        if self._clipboard is not None:
            await self._clipboard.stop()
        if self.view is not None:
            await self.view.stop()

    def close(self) -> list[str]:
        """The session is over: what went wrong, in words."""
        failures: list[str] = []
        if self._recording is not None and (failure := self._recording.close()):
            failures.append(failure)
        unmet = [] if self._programs is None else [f"the guest has no port {name}" for name in self._programs.close()]
        unmet += self._unmet()
        return failures + unmet if self._listed else failures  # without a session it is told why there is none

    def _unmet(self) -> Iterator[str]:
        """What the user shares, and the server has too few channels for."""
        there = Counter(kind for kind, _ in self._listed)
        for kind, needed in self._needs.items():
            if there[kind] < needed:
                have = "too few channels" if there[kind] else "no channel"
                yield f"the server has {have} for {_USES[kind]}, of type {kind.name.lower()}"


def _tell_json(address: str) -> None:
    print(json.dumps({"event": "view", "address": address}), flush=True)


def _tell_people(address: str) -> None:
    print(f"the session is shown at {address}", flush=True)


class _Typist:
    """Types a text once there is an inputs channel."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._begun = False
        self._shell: Shell | None = None

    def begin(self, shell: Shell) -> None:
        self._shell = shell

    def on_event(self, event: Event) -> None:
        if not self._begun and isinstance(event, KeyModifiersChanged):
            # The first of them comes with INIT.
            self._begun = True
            asyncio.get_running_loop().call_soon(self._type)

    def _type(self) -> None:
        assert self._shell is not None
        with contextlib.suppress(LocalError):  # the channel was closed meanwhile
            self._shell.client.inputs.type(self._text)
            self._shell.pump()
