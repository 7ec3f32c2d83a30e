"""What no table compares of the multimedia clock: the times that main and playback give it, with each other and with time.

Who sets the clock of a client is a table (:mod:`spiceproto.rules.lip_sync`); the times of frames are compared with it in
:mod:`spiceproto.video`. An observer knows what the clock showed, and how much time has passed since. Messages that wait for a
slow network come late, never early; a host that was suspended has a clock that stood still, so what comes behind a long
silence is not told to be late. Where the observer's own clock was set back, it is not known what has passed, and clocks drift
apart (:func:`spiceproto.video.apart`). Times are compared modulo 2^32, with a sign. What is not known, because a channel is
joined midway or something was missed, is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from spiceproto.finding import Finding
from spiceproto.multimedia_time import later
from spiceproto.samples import Samples
from spiceproto.video import AHEAD, BACK, BEHIND, SILENCE, apart

__all__ = ["ACROSS", "MORE", "REQUIREMENTS", "SHARE", "TIMED", "LipSync"]

_MAIN, _SOUND, _ORDER, _AMOUNT = "SPICE-SYNC-001", "SPICE-SYNC-002", "SPICE-SYNC-003", "SPICE-SYNC-004"

REQUIREMENTS: Final = {
    _MAIN: "compares a field with a clock",
    _SOUND: "compares a field with a clock",
    _ORDER: "compares a field with that of the message before, modulo 2^32",
    _AMOUNT: "compares an amount of sound with two fields",
}
"""Sentences that are judged here, and why no machine can."""

ACROSS: Final = frozenset({_SOUND})
"""Those of them that rest on what came on another connection."""

TIMED: Final = frozenset({_MAIN, _SOUND})
"""Those of them that rest on how much time has passed for the observer."""

MORE: Final = 5.0
"""Seconds of sound that a server may send before its time. Servers were seen to have some hundredths."""

SHARE: Final = 0.05
"""So much of the time that has passed may be added: clocks of sound cards are not that wrong."""

_Channel = tuple[int, int]


class _Told:
    """A time that the server gave, when that was, and whether its host may have been suspended since."""

    __slots__ = ("at", "sure", "time")

    def __init__(self, time: int, at: float) -> None:
        self.time = time
        self.at = at
        self.sure = True

    def passed(self, time: int, now: float) -> float | None:
        """Seconds that ``time`` is ahead of what the clock shows by this; less than 0 behind it; None for not known."""
        seconds = apart(time, self.time, now - self.at)
        return seconds if seconds >= 0 or self.sure else None


class _Sound:
    """What was sent since START: ``last`` is a time of the server, ``passed`` the seconds up to it, which may be more than 32
    bits can say; ``seconds`` of sound, None for not known.
    """

    __slots__ = ("far", "last", "much", "passed", "seconds")

    def __init__(self, time: int) -> None:
        self.last = time
        self.passed = 0.0
        self.seconds: float | None = 0.0
        self.far = self.much = False


class LipSync:
    """The times of one session, as main and the playback channels gave them."""

    __slots__ = ("_first", "_heard", "_last", "_sounds")

    def __init__(self) -> None:
        self._first: _Told | None = None
        self._last: _Told | None = None
        self._heard = 0.0
        self._sounds: dict[_Channel, _Sound] = {}

    def forget(self, table: str, channel: _Channel) -> None:
        """Something of the server was missed on such a channel."""
        if table == "main":
            self._first = self._last = None
        self._sounds.pop(channel, None)

    def judge(
        self, table: str, channel: _Channel, sender: str, name: str, value: Any, now: float, samples: Samples | None = None
    ) -> Iterable[Finding]:
        """A message of any channel of the session; ``samples`` knows how sound is encoded on this one."""
        if sender != "server":
            return ()
        if now - self._heard > SILENCE:
            for told in (self._first, self._last):
                if told is not None:
                    told.sure = False
        elif self._heard - now > BACK:
            self._first = self._last = None
        self._heard = now
        look = _LOOKS.get((table, name))
        return () if look is None or value is None else look(self, channel, value, now, samples)

    # -- main

    def _begun(self, channel: _Channel, value: Any, now: float, samples: Samples | None) -> Iterator[Finding]:
        self._first = self._last = _Told(value.multi_media_time, now)
        yield from ()

    def _set(self, channel: _Channel, value: Any, now: float, samples: Samples | None) -> Iterator[Finding]:
        distance = self._distance(value.time, now)
        told = _Told(value.time, now)
        if distance is not None and not -BEHIND <= distance <= AHEAD:
            text = "MULTI_MEDIA_TIME is far from what the multimedia clock showed before"
            yield _far(_MAIN, channel, text, distance, now)
        self._first = self._first or told
        self._last = told

    def _distance(self, time: int, now: float) -> float | None:
        """Seconds that ``time`` is ahead of the clock of main, the nearest if it was set more than once; None for not known."""
        found = []
        for told in (self._first, self._last):
            seconds = None if told is None else told.passed(time, now)
            if seconds is None:
                return None
            found.append(seconds)
        return min(found, key=abs)

    # -- sound

    def _started(self, channel: _Channel, value: Any, now: float, samples: Samples | None) -> Iterator[Finding]:
        self._sounds[channel] = sound = _Sound(value.time)
        yield from self._near("START", channel, sound, now)

    def _stopped(self, channel: _Channel, value: Any, now: float, samples: Samples | None) -> Iterator[Finding]:
        self._sounds.pop(channel, None)
        yield from ()

    def _played(self, channel: _Channel, value: Any, now: float, samples: Samples | None) -> Iterator[Finding]:
        sound = self._sounds.get(channel)
        if sound is None:
            return
        back = later(sound.last, value.time)
        if back > 0:
            text = "DATA has an earlier time than what came before it"
            yield Finding(_ORDER, "server", channel, text, f"not before {sound.last}", f"{value.time}, {back} ms earlier", now)
        sound.passed += max(-back, 0) / 1000  # what went back is told once: from here on time goes on
        sound.last = value.time
        yield from self._near("DATA", channel, sound, now)
        yield from self._amount(channel, sound, None if samples is None else samples.seconds(value.data), now)

    def _near(self, name: str, channel: _Channel, sound: _Sound, now: float) -> Iterator[Finding]:
        distance = self._distance(sound.last, now)
        if not sound.far and distance is not None and not -BEHIND <= distance <= AHEAD:
            sound.far = True
            text = f"{name} is far from the multimedia clock, as main has set it"
            yield _far(_SOUND, channel, text, distance, now)

    def _amount(self, channel: _Channel, sound: _Sound, seconds: float | None, now: float) -> Iterator[Finding]:
        if seconds is None or sound.seconds is None:
            sound.seconds = None
            return
        sound.seconds += seconds
        most = sound.passed + MORE + SHARE * sound.passed
        if not sound.much and sound.seconds > most:
            sound.much = True
            text = "more sound was sent than there was time for since START"
            expected = f"at most {_ms(most)} of sound, {_ms(sound.passed)} behind START"
            yield Finding(_AMOUNT, "server", channel, text, expected, _ms(sound.seconds), now)


def _ms(seconds: float) -> str:
    return f"{round(seconds * 1000)} ms"


def _far(requirement: str, channel: _Channel, text: str, distance: float, now: float) -> Finding:
    expected = f"at most {_ms(AHEAD)} ahead or {_ms(BEHIND)} behind"
    side = "ahead" if distance > 0 else "behind"
    return Finding(requirement, "server", channel, text, expected, f"{_ms(abs(distance))} {side}", now)


_Look = Callable[[LipSync, _Channel, Any, float, Samples | None], Iterator[Finding]]

_LOOKS: Final[Mapping[tuple[str, str], _Look]] = {
    ("main", "INIT"): LipSync._begun,
    ("main", "MULTI_MEDIA_TIME"): LipSync._set,
    ("playback", "START"): LipSync._started,
    ("playback", "DATA"): LipSync._played,
    ("playback", "STOP"): LipSync._stopped,
}
