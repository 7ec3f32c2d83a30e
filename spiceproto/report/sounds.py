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

from spiceproto import sound
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.enums.audio import AudioDataMode
from spiceproto.errors import LocalError, RemoteError
from spiceproto.report.extraction.extraction import HOLES, Extraction
from spiceproto.report.extraction.folder import Folder
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


class Sounds(Extraction):
    """The consumer behind ``spiceproto extract CAPTURE sound``.

    * ``tracks``: by number of the connection
    """

    kind = "sound"
    noun = "sound"
    tables = _CHANNELS

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder)
        self.tracks: dict[int, Track] = {}
        self._names: Counter[str] = Counter()
        self._places: dict[int, tuple[Conversation, At, set[str]]] = {}
        self._heard: dict[int, list[int]] = {}

    def conclude(self) -> None:
        """The files are whole; each has a record."""
        for number, track in self.tracks.items():
            track.writer.close()
            conversation, at, holes = self._places[number]
            first, last = self._heard.get(number, [0, 0])
            for path in track.writer.files:
                self.folder.files.append(path.name)
                whole = not holes and not track.lost
                said = {"record": "file", "file": path.name, "size": path.stat().st_size, "message": first, "last": last}
                said |= {"stretches": track.stretches, "whole": whole}
                self.folder.write(said | self.origin(conversation, at))

    @property
    def said(self) -> list[str]:
        """What people should know, a line each."""
        lines = super().said
        for track in self.tracks.values():
            lines += [f"{track.name}: {count} DATA not written: {why}" for why, count in track.lost.items()]
        return lines

    def _track(self, conversation: Conversation, at: At) -> Track:
        number = conversation.connection.number
        found = self.tracks.get(number)
        if found is None:
            session = conversation.session.number if conversation.session is not None else 0
            id = f"-{conversation.channel_id}" if conversation.channel_id else ""
            name = f"session{session}-{conversation.channel}{id}"
            self._names[name] += 1
            if self._names[name] > 1:
                name = f"{name}-link{self._names[name]}"
            found = self.tracks[number] = Track(name, self.folder.path)
            self._places[number] = conversation, at, set()
        return found

    def message(self, conversation: Conversation, at: At, name: str, value: Any) -> None:
        """A message of either end."""
        if name not in _READ:
            return
        track = self._track(conversation, at)
        before = track.stretches
        track.message(name, value)
        if track.stretches > before:
            number = self.decoder.number
            self._heard.setdefault(conversation.connection.number, [number, number])[1] = number

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        super().problem(problem)
        if problem.code in HOLES and problem.conversation is not None:
            place = self._places.get(problem.conversation.connection.number)
            if place is not None:
                place[2].add(problem.code)

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended."""
        super().closed(conversation, at)
        place = self._places.get(conversation.connection.number)
        if place is not None and (conversation.connection.midstream or conversation.connection.missing):
            place[2].add("missing")
