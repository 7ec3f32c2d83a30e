"""The sound of a capture, decoded and coded anew for browsers, with the form of its wave and marks where it lacks some.

Stretches stand one behind the other; where time passed between them, or something is missing, there is a mark.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import sound
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import Diagnostic
from spiceproto.enums.audio import AudioDataMode
from spiceproto.errors import LocalError, MissingExtraError, RemoteError
from spiceproto.multimedia_time import later
from spiceproto.report.extraction.extraction import HOLES
from spiceproto.view.panes import Pane, Spot
from spiceproto.view.played import played

__all__ = ["ROOM", "Sounds"]

ROOM: Final = 12 << 20
"""Bytes of sound that a page has."""

_SECONDS: Final = 1800.0
"""Of one track: more takes long to be coded."""

_RATES: Final = range(4000, 192_001)
"""Frames a second of sound that a page has: a few bytes of what is slower are hours."""

_APART: Final = 0.1
"""Seconds by which the time of DATA may differ from the end of the DATA before it. Servers send times in milliseconds."""

_PEAKS: Final = 100
"""Peaks a second, as sound comes; a page has fewer of a long track."""

_COLUMNS: Final = 2400
"""Peaks of a track that a page has."""

_MARKS: Final = 2000

_TRACKS: Final = 64

_REASONS: Final = 20
"""Why something is not there, told apart."""


class _Track:
    """One format of one channel."""

    def __init__(self, conversation: Conversation, form: tuple[int, int], what: str) -> None:
        session = conversation.session.number if conversation.session is not None else 0
        self.name = f"session {session}, {conversation.place}"
        self.what = what
        self.frequency, self.channels = form
        self.seconds = 0.0
        self.rows: list[tuple[float, int]] = []
        self.marks: list[tuple[float, str, float, int]] = []
        self.peaks: list[tuple[float, float]] = []
        self.file = played(*form)
        self.full = False
        self._due = 0.0
        self._rest = np.zeros(0, np.int16)

    def mark(self, kind: str, row: int, seconds: float = 0.0) -> None:
        """Something is to be seen here; what is alike at one place is one."""
        at = round(self.seconds, 4)
        if self.marks and self.marks[-1][:2] == (at, kind):
            return
        if len(self.marks) < _MARKS:
            self.marks.append((at, kind, round(seconds, 4), row))

    def add(self, spot: Spot, samples: NDArray[np.int16]) -> None:
        """The sound of one DATA."""
        if self.seconds >= self._due:
            self.rows.append((round(self.seconds, 4), spot.row))
            self._due = self.seconds + 1 / 20
        self.seconds += len(samples) / self.frequency
        mixed = np.concatenate([self._rest, samples[:, 0] if self.channels == 1 else samples.mean(axis=1).astype(np.int16)])
        step = max(self.frequency // _PEAKS, 1)
        whole = len(mixed) // step
        for part in mixed[: whole * step].reshape(whole, step):
            self.peaks.append((int(part.min()), int(part.max())))
        self._rest = mixed[whole * step :]

    def form(self) -> list[list[float]]:
        """Lowest and highest of each column, from -1 to 1."""
        peaks = self.peaks + ([(int(self._rest.min()), int(self._rest.max()))] if len(self._rest) else [])
        step = -(-len(peaks) // _COLUMNS) or 1
        groups = [peaks[place : place + step] for place in range(0, len(peaks), step)]
        ends = [(min(low for low, _ in group), max(high for _, high in group)) for group in groups]
        return [[round(low / 32768, 3), round(high / 32768, 3)] for low, high in ends]


class _Line:
    """One connection: what its messages said last."""

    def __init__(self) -> None:
        self.mode: int | None = None
        self.form: tuple[int, int] | None = None
        self.known: tuple[Any, Any] = (None, None)
        self.decoder: sound.Decoder | None = None
        self.why = ""
        self.track: _Track | None = None
        self.end: int | None = None
        self.stopped = False


class Sounds(Pane):
    """A list of tracks: ``name``, ``what`` it was, ``seconds``, ``peaks``, ``rows`` (second, row), and ``marks`` (second, kind,
    seconds that passed, row); kinds are ``stop``, ``gap``, ``lost`` (DATA that could not be decoded), ``hole`` (bytes that the
    capture lacks). ``type`` is that of its text, "" where it has none."""

    name: ClassVar = "sound"

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[int, _Line] = {}
        self._tracks: list[_Track] = []
        self._room = ROOM
        self._lost: dict[str, int] = {}

    def wanted(self, table: str, sender: str) -> Collection[str]:
        # Of record the client sends DATA and MODE, and the server says START.
        return ("MODE", "START", "STOP", "DATA") if table in ("playback", "record") else ()

    def message(self, conversation: Conversation, spot: Spot, name: str, value: Any, body: bytes) -> None:
        line = self._lines.setdefault(conversation.connection.number, _Line())
        if name == "MODE":
            line.mode = int(value.mode)
        elif name == "START":
            line.form = (value.channels, value.frequency)
        elif name == "STOP":
            line.stopped = True
        else:
            self._data(conversation, line, spot, value)

    def problem(self, conversation: Conversation, problem: Diagnostic) -> None:
        line = self._lines.get(conversation.connection.number)
        if problem.code in HOLES and line is not None and line.track is not None:
            line.track.mark("hole", -1)

    def _data(self, conversation: Conversation, line: _Line, spot: Spot, value: Any) -> None:
        if (line.mode, line.form) != line.known:
            line.known = (line.mode, line.form)
            line.decoder, line.why = _decoder(line.mode, line.form)
            line.track = None
        if line.decoder is None:
            self._lose(line.why)
            return
        try:
            samples = line.decoder.decode(bytes(value.data))
        except RemoteError as error:
            self._lose(str(error))
            if line.track is not None:
                line.track.mark("lost", spot.row)
            return
        track = line.track or self._begin(conversation, line, samples)
        if track is None or not len(samples):
            return
        if line.end is not None and track.seconds:
            passed = later(value.time, line.end) / 1000
            if line.stopped or abs(passed) > _APART:
                track.mark("stop" if line.stopped else "gap", spot.row, passed)
        line.stopped = False
        line.end = int(value.time + round(1000 * len(samples) / track.frequency)) & 0xFFFFFFFF
        if self._room <= 0 or track.seconds >= _SECONDS:
            track.full = True
            return
        room = int((_SECONDS - track.seconds) * track.frequency) + 1
        track.full = len(samples) > room
        samples = samples[:room]
        track.add(spot, samples)
        self._room -= track.file.add(samples)

    def _begin(self, conversation: Conversation, line: _Line, samples: NDArray[np.int16]) -> _Track | None:
        assert line.decoder is not None
        if len(self._tracks) >= _TRACKS:
            self._lose(f"there are more than {_TRACKS} tracks")
            return None
        mode = AudioDataMode._value2member_map_.get(line.mode or 0)
        form = line.decoder.frequency, samples.shape[1]
        channels = "one channel" if form[1] == 1 else "two channels"
        kind = mode.name if mode is not None else f"mode {line.mode}"
        line.track = _Track(conversation, form, f"{kind}, {channels}, {form[0]} Hz")
        line.end, line.stopped = None, False
        self._tracks.append(line.track)
        return line.track

    def _lose(self, why: str) -> None:
        if why not in self._lost and len(self._lost) >= _REASONS:
            why = "for other reasons"
        self._lost[why] = self._lost.get(why, 0) + 1

    def as_values(self) -> list[dict[str, Any]]:
        found = []
        for track in self._tracks:
            data = track.file.close()
            self.texts.append(b64encode(data).decode("ascii"))
            found.append(
                {
                    "name": track.name,
                    "what": track.what,
                    "seconds": round(track.seconds, 4),
                    "type": track.file.type,
                    "peaks": track.form(),
                    "rows": track.rows,
                    "marks": track.marks,
                    "full": track.full,
                }
            )
            if track.full:
                self.said.append(
                    f"sound of {track.name} ends at {track.seconds:.1f} s in this page: "
                    f"there is room for {ROOM >> 20} MiB, and for {_SECONDS:.0f} s of a track"
                )
        self.said += [f"{count} DATA of sound are not in this page: {why}" for why, count in self._lost.items()]
        return found


def _decoder(mode: int | None, form: tuple[int, int] | None) -> tuple[sound.Decoder | None, str]:
    """What decodes DATA, or why there is nothing."""
    if mode is None or form is None:
        return None, f"{'MODE' if mode is None else 'START'} was not seen before it"
    # What packets of a codec are decoded to does not depend on START.
    channels, frequency = form if mode == AudioDataMode.RAW else (2, 48000)
    if frequency not in _RATES:
        return None, f"START says {frequency} Hz, and a page has sound of {_RATES[0]} to {_RATES[-1]} Hz"
    try:
        return sound.decoder(mode, channels, frequency), ""
    except (LocalError, MissingExtraError) as error:
        return None, str(error)
