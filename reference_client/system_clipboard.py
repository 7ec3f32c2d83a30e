"""The clipboard of the desktop that the client runs on, through the programs that each desktop has for it.

    X11       xclip
    Wayland   wl-copy and wl-paste (package wl-clipboard)

They are run when something is copied or pasted; nothing is linked. Neither tells when something is copied, so that is looked at
twice a second: where the owner says since when it owns the selection (TIMESTAMP of X11), by that, else by the content.
Neither can wait until somebody pastes, so what is copied in the guest is fetched at once: text, or else a PNG picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
from collections.abc import Coroutine, Mapping
from types import MappingProxyType
from typing import Any, Final

from reference_client.agent.clipboard import FORMATS, SELECTIONS, ClipboardGrabbed, ClipboardWanted
from reference_client.events import ChannelLinked, Event
from reference_client.shell import Shell
from spiceproto.errors import LocalError, SpiceError

__all__ = ["Programs", "SystemClipboard", "programs"]

_LOOK: Final = 0.5
"""Seconds between two looks."""

_PROGRAM_TIME: Final = 5.0
"""Seconds for one program: an owner that does not answer keeps it waiting for ever."""

_SELECTIONS: Final = ("clipboard", "primary")


class Programs:
    """X11's. ``needed`` are in ``package``; ``formats`` are our names to what the desktop calls them."""

    package = "xclip"
    needed: tuple[str, ...] = ("xclip",)
    formats: Mapping[str, str] = MappingProxyType({"text": "UTF8_STRING", "png": "image/png"})

    def targets(self, selection: str) -> list[str]:
        """The command that prints what there is."""
        return self.read(selection, "TARGETS")

    def read(self, selection: str, target: str) -> list[str]:
        """The command that prints the content."""
        return ["xclip", "-selection", selection, "-t", target, "-o"]

    def write(self, selection: str, target: str) -> list[str]:
        """The command that takes the content."""
        return ["xclip", "-selection", selection, "-t", target, "-i"]


class _Wayland(Programs):
    package = "wl-clipboard"
    needed = ("wl-copy", "wl-paste")
    formats = MappingProxyType({"text": "text/plain;charset=utf-8", "png": "image/png"})

    def targets(self, selection: str) -> list[str]:
        return ["wl-paste", *_which(selection), "--list-types"]

    def read(self, selection: str, target: str) -> list[str]:
        return ["wl-paste", *_which(selection), "--no-newline", "--type", target]

    def write(self, selection: str, target: str) -> list[str]:
        return ["wl-copy", *_which(selection), "--type", target]


def _which(selection: str) -> list[str]:
    return ["--primary"] if selection == "primary" else []


def programs() -> Programs:
    """Those of the desktop there is. Raises LocalError without a desktop, and without its programs."""
    if not (os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")):
        raise LocalError("there is no clipboard", expected="a desktop: DISPLAY or WAYLAND_DISPLAY")
    found = _Wayland() if os.environ.get("WAYLAND_DISPLAY") else Programs()
    missing = [name for name in found.needed if shutil.which(name) is None]
    if missing:
        raise LocalError("the clipboard can not be reached", expected=f"the package {found.package}", actual=f"no {missing[0]}")
    return found


class SystemClipboard:
    """Both clipboards are one while this runs, and so is what is marked with the mouse, the primary selection."""

    def __init__(self) -> None:
        self._programs = programs()
        self._seen: dict[str, bytes] = {}
        self._one = asyncio.Lock()  # what is put there is not looked at before it is known whose it is
        self._shell: Shell | None = None
        self._looking: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, shell: Shell) -> None:
        """Do it in this session."""
        self._shell = shell

    def on_event(self, event: Event) -> None:
        """Somebody copies or pastes in the guest, or there is a guest."""
        if isinstance(event, ChannelLinked) and event.channel == "main":
            self._looking = asyncio.get_running_loop().create_task(self._look())
        elif isinstance(event, ClipboardGrabbed) and event.selection in _SELECTIONS:
            name = next((name for name in self._programs.formats if name in event.formats), None)
            if name is not None:
                self._later(self._fetch(event.selection, name))
        elif isinstance(event, ClipboardWanted) and event.selection in _SELECTIONS:
            self._later(self._give(event.selection, event.format))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Have nothing to do with it any more; what was copied last stays."""
        tasks = [*self._tasks, *([self._looking] if self._looking is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- copied here

    async def _look(self) -> None:
        """Offer to the guest what is copied here."""
        while True:
            for selection in _SELECTIONS:
                async with self._one:
                    offered = await self._offered(selection)
                    mark = await self._mark(selection, offered)
                    if mark != self._seen.get(selection, b""):
                        self._seen[selection] = mark
                        self._copy(selection, [name for name, target in self._programs.formats.items() if target in offered])
            await asyncio.sleep(_LOOK)

    async def _offered(self, selection: str) -> list[str]:
        return (await _run(self._programs.targets(selection))).decode("utf-8", "replace").split()

    async def _mark(self, selection: str, offered: list[str]) -> bytes:
        """What is another one when something else is copied; b"" for nothing."""
        if "TIMESTAMP" in offered:
            return await _run(self._programs.read(selection, "TIMESTAMP"))
        for name, target in self._programs.formats.items():
            if target in offered:
                return _digest(name, await _run(self._programs.read(selection, target)))
        return b""

    def _copy(self, selection: str, names: list[str]) -> None:
        shell = self._shell
        if shell is None or shell.client.ended is not None:
            return
        clipboard = shell.client.main.agent.clipboard
        if names:
            clipboard.copy({FORMATS[name]: None for name in names}, SELECTIONS[selection])
        else:
            clipboard.release(SELECTIONS[selection])
        shell.pump()

    async def _give(self, selection: str, name: str) -> None:
        """What somebody pastes in the guest."""
        content = await _run(self._programs.read(selection, self._programs.formats.get(name, name)))
        if self._shell is not None and self._shell.client.ended is None:
            self._shell.client.main.agent.clipboard.supply(SELECTIONS[selection], FORMATS[name], content or None)
            self._shell.pump()

    # -- copied in the guest

    async def _fetch(self, selection: str, name: str) -> None:
        shell = self._shell
        if shell is None or shell.client.ended is not None:
            return

        def then(kind: int, content: bytes) -> None:
            if kind:
                self._later(self._put(selection, name, content))

        with contextlib.suppress(SpiceError):  # it was there for a moment only
            shell.client.main.agent.clipboard.paste(then, SELECTIONS[selection], FORMATS[name])
            shell.pump()

    async def _put(self, selection: str, name: str, content: bytes) -> None:
        async with self._one:
            # What is put there is not to be offered to the guest it comes from; what is copied a moment later is.
            self._seen[selection] = _digest(name, content)
            await _run(self._programs.write(selection, self._programs.formats[name]), content)


def _digest(name: str, content: bytes) -> bytes:
    return name.encode() + hashlib.sha256(content).digest()


async def _run(command: list[str], content: bytes | None = None) -> bytes:
    """What a program prints; b"" if it fails, or takes too long. With ``content`` it prints nothing, and may live on."""
    taken = asyncio.subprocess.DEVNULL if content is None else asyncio.subprocess.PIPE
    given = asyncio.subprocess.PIPE if content is None else asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=taken, stdout=given, stderr=asyncio.subprocess.DEVNULL)
    except OSError:
        return b""
    try:
        async with asyncio.timeout(_PROGRAM_TIME):
            found, _ = await process.communicate(content)
    except TimeoutError:
        found = b""
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return found if process.returncode == 0 and found else b""
