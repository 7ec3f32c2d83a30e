"""What a capture has of sound: what the guest played, and what it heard, as WAV files.

A file a channel: ``session1-playback.wav``, ``session1-record.wav``; sound of another kind goes into
``session1-playback-2.wav``. Stretches stand one behind the other as they were sent, and what was silent in between is not in
the file. A decoder lives on over STOP and START, as those of programs do, and begins anew with another mode. DATA of which
the mode or the format was not seen, and what can not be decoded, is counted and said.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

from spiceproto import dispatch, sound
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.channel_state import State
from spiceproto.enums.audio import AudioDataMode
from spiceproto.errors import LocalError, RemoteError
from spiceproto.framing import Spans
from spiceproto.report.said import Said
from spiceproto.wav import Writer

__all__ = ["Sounds", "Track"]

_CHANNELS: Final = ("playback", "record")
_READ: Final = ("MODE", "START", "DATA")


class Track:
    """The sound of one channel.

    * ``name``: as files are called
    * ``stretches``: DATA that are in the files
    * ``lost``: why others are not, and how many
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.writer = Writer(folder / f"{name}.wav")
        self.stretches = 0
        self.lost: Counter[str] = Counter()
        self._mode: int | None = None
        self._format: tuple[int, int] | None = None
        self._known: tuple[int | None, tuple[int, int] | None] = (self._mode, self._format)
        self._decoder, self._why = self._found()

    def message(self, name: str, value: Any) -> None:
        """A message of either end. Raises OSError, MissingExtraError."""
        if name == "MODE":
            self._mode = int(value.mode)
        elif name == "START":
            self._format = (value.channels, value.frequency)
        elif name == "DATA":
            self._data(value)

    def _data(self, value: Any) -> None:
        if (self._mode, self._format) != self._known:
            self._known = (self._mode, self._format)
            self._decoder, self._why = self._found()
        if self._decoder is None:
            self.lost[self._why] += 1
            return
        try:
            samples = self._decoder.decode(bytes(value.data))
        except RemoteError as error:
            self.lost[str(error)] += 1
            return
        self.stretches += 1
        if len(samples):
            self.writer.play(value.time, self._decoder.frequency, samples)

    def _found(self) -> tuple[sound.Decoder | None, str]:
        if self._mode is None or self._format is None:
            return None, f"{'MODE' if self._mode is None else 'START'} was not seen before it"
        # What packets of a codec are decoded to does not depend on START.
        channels, frequency = self._format
        if self._mode != AudioDataMode.RAW:
            channels, frequency = 2, 48000
        try:
            return sound.decoder(self._mode, channels, frequency), ""
        except LocalError as error:
            return None, str(error)


class Sounds:
    """The consumer behind ``spiceproto extract CAPTURE sound``.

    * ``tracks``: by session, channel type and id, and how often that channel was linked
    * ``problems``: how many, by severity
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tracks: dict[int, Track] = {}
        self.problems: Counter[str] = Counter()
        self._names: Counter[str] = Counter()
        self._said = Said()

    def begin(self, decoder: Decoder) -> None:
        """Before anything is read."""
        self.decoder = decoder

    def finish(self) -> None:
        """The files are whole."""
        for track in self.tracks.values():
            track.writer.close()

    @property
    def said(self) -> list[str]:
        """What people should know, a line each."""
        lines = self._said.lines()
        for track in self.tracks.values():
            lines += [f"{track.name}: {count} DATA not written: {why}" for why, count in track.lost.items()]
        return lines

    def _track(self, conversation: Conversation) -> Track:
        found = self.tracks.get(conversation.connection.number)
        if found is None:
            session = conversation.session.number if conversation.session is not None else 0
            number = f"-{conversation.channel_id}" if conversation.channel_id else ""
            name = f"session{session}-{conversation.channel}{number}"
            self._names[name] += 1
            if self._names[name] > 1:
                name = f"{name}-link{self._names[name]}"
            found = self.tracks[conversation.connection.number] = Track(name, self.folder)
        return found

    # -- what the capture holds

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        if conversation.channel not in _CHANNELS:
            return self._skip
        track = self._track(conversation)
        rows = dispatch.rows(conversation.table, sender)

        def emit(type: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self.decoder.number += 1
            row = rows.get(type)
            if row is None or row.name not in _READ:
                return
            try:
                value = row.parse(body)
            except RemoteError as error:
                at = At(sender, time_ns, frames[-1])
                self.problem(Diagnostic.malformed(row.name, error, conversation, at, number=self.decoder.number))
                return
            track.message(row.name, value)

        return emit

    def _skip(self, type: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
        self.decoder.number += 1

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """Agent messages make no sound."""

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """Nor does what byte channels carry."""

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """States of channels have no sound."""

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        self.problems[problem.severity] += 1
        if problem.severity != "note":
            self._said.problem(problem)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """Messages inside of others come by themselves."""

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """There was a problem, too."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """There was a problem, too."""

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended."""
