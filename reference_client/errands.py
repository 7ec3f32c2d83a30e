"""What the command does for its user with the guest agent: copy, paste, and send files.

    --copy FILE       is on the guest's clipboard for as long as the session lasts
    --paste FILE      waits until something is copied in the guest, and writes it
    --send-file FILE  waits until the guest has the file

Who waits for something leaves when all of it is done, and is told what of it failed. Without an agent waiting ends after thirty
seconds, or when the user's time is over.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reference_client.agent.clipboard import ClipboardGrabbed, format_of
from reference_client.agent.files import FileBegun, FileEnded, FileProgress
from reference_client.agent.talk import AgentAnnounced, AgentGone
from reference_client.events import ChannelLinked, Event
from reference_client.local_file import content_of, local_file
from reference_client.shell import Shell
from spiceproto.errors import SpiceError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["Errands"]

_AGENT_TIME: Final = 30.0
"""Seconds after which no agent is waited for any more."""

_LOOK: Final = 0.02


class Errands:
    """Options ``--copy``, ``--paste`` and ``--send-file``; ``-`` is standard input and output.

    Raises LocalError for files that can not be sent or copied; OSError.
    """

    def __init__(self, *, copy: str = "", paste: str = "", files: Sequence[str] = ()) -> None:
        content = b"" if not copy else sys.stdin.buffer.read() if copy == "-" else content_of(copy)
        self._copied = {format_of(content): content} if copy else {}
        self._paste = paste
        self._files = [local_file(path) for path in files]
        self._under_way = len(self._files)
        self._agreed = self._asked = False
        self._failures: list[str] = []
        self._shell: Shell | None = None
        self._bars = _Bars() if files and sys.stderr.isatty() else None

    @property
    def waits(self) -> bool:
        """Whether there is something that is over at some time."""
        return bool(self._paste or self._files)

    @property
    def _done(self) -> bool:
        return not self._under_way and not self._paste

    def begin(self, shell: Shell) -> None:
        """Do it in this session, which has not begun."""
        self._shell = shell

    def on_event(self, event: Event) -> None:
        """Go on when it is time."""
        if isinstance(event, ChannelLinked) and event.channel == "main":
            self._soon(self._start)
        elif isinstance(event, AgentAnnounced):
            self._agreed = True
        elif isinstance(event, AgentGone):
            self._asked = False
        elif isinstance(event, ClipboardGrabbed) and event.selection == "clipboard" and self._paste and not self._asked:
            self._asked = True
            self._soon(self._ask)
        elif isinstance(event, FileEnded):
            self._under_way -= 1
            if event.text:
                self._failures.append(f"{event.name} was not sent: {event.text}")
        if self._bars is not None:
            self._bars.on_event(event)

    def _soon(self, act: Any) -> None:
        """Not at once: whoever tells of events is in the middle of something."""
        asyncio.get_running_loop().call_soon(act)

    def _start(self) -> None:
        assert self._shell is not None
        if self._shell.client.ended is not None:
            return
        agent = self._shell.client.main.agent
        if self._copied:
            agent.clipboard.copy(self._copied)
        for file in self._files:
            agent.files.send(file.name, file.size, file.read)
        self._shell.pump()

    def _ask(self) -> None:
        assert self._shell is not None
        try:
            self._shell.client.main.agent.clipboard.paste(self._pasted)
        except SpiceError:
            self._asked = False  # it was there for a moment: what is copied next will do
        else:
            self._shell.pump()

    def _pasted(self, kind: int, content: bytes) -> None:
        if not kind:
            self._asked = False
            return
        path, self._paste = self._paste, ""
        try:
            if path == "-":
                sys.stdout.buffer.write(content)
                sys.stdout.buffer.flush()
            else:
                Path(path).write_bytes(content)
        except OSError as error:
            self._failures.append(f"{path}: {error.strerror}")

    async def wait(self, shell: Shell, patience: float | None = None) -> str:
        """Wait until all is done; what went wrong in words, "" for nothing."""
        late = False
        try:
            async with asyncio.timeout(patience):
                begun = shell.now
                while not self._done and shell.client.ended is None and shell.failure is None:
                    if not self._agreed and shell.now - begun > _AGENT_TIME:
                        break
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            late = True
        if self._bars is not None:
            self._bars.close()
        if not self._done and shell.failure is None and shell.client.leaving is None:
            self._failures.append(self._unfinished(late))
        return "; ".join(filter(None, self._failures))

    def _unfinished(self, late: bool) -> str:
        ended = None if self._shell is None else self._shell.client.ended
        if ended is not None and not ended.orderly and not self._agreed:
            return ""  # there was no session: whoever knows why says it
        if not self._agreed:
            return "the guest has no agent that could be asked"
        what = "a file" if self._under_way else "what was copied in the guest"
        return f"{what} was not there in time" if late else f"the session ended before {what} was there"


class _Bars:
    """Progress on a terminal."""

    def __init__(self) -> None:
        # Imported where it is used: whoever has no terminal needs none of it.
        from rich.console import Console
        from rich.progress import Progress

        self._progress: Progress = Progress(console=Console(stderr=True))
        self._tasks: dict[int, TaskID] = {}
        self._progress.start()

    def on_event(self, event: Event) -> None:
        if isinstance(event, FileBegun) and event.file not in self._tasks:
            self._tasks[event.file] = self._progress.add_task(event.name, total=event.size)
        elif isinstance(event, FileProgress) and event.file in self._tasks:
            self._progress.update(self._tasks[event.file], completed=event.sent)

    def close(self) -> None:
        self._progress.stop()
