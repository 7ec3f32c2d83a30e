"""What is filled in anew when a message of a recording is said again.

* INIT names the session by a number of its own, which later links repeat
* times on the multimedia clock keep their distance to it: the target's clock, where the target is the server
* serials in WAIT_FOR_CHANNELS are those that the same messages have now
* a report on a stream names the number that the target has given to it; the n-th of the recording is the n-th of the target

Everything else is sent as it was recorded, byte by byte: images, caches and dictionaries are begun anew by each channel, and
the numbers that one side has chosen mean the same again. Tickets, connection ids, ACK and PONG belong to whoever sends.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from conformance.replay.recording import Channel, Said
from spiceproto import dispatch
from spiceproto.channels import channel_name
from spiceproto.messages import common, display, main, playback, record

__all__ = ["Binding"]

_WRAPS: Final = 1 << 32

_TIMES: Final[dict[type, tuple[str, ...]]] = {
    main.Init: ("multi_media_time",),
    main.MultiMediaTime: ("time",),
    playback.Start: ("time",),
    playback.Data: ("time",),
    record.StartMark: ("time",),
    record.Data: ("time",),
    display.StreamReport: ("start_frame_mm_time", "end_frame_mm_time"),
}
"""Fields that are on the multimedia clock."""


class Binding:
    """What is known of the target.

    ``clock``       what its clock says minus what that of the recording said, in ms; 0 where the target is a client
    ``session_id``  of the session that it is in, for INIT
    """

    def __init__(self) -> None:
        self.clock = 0
        self.session_id = 0
        self._serials: dict[tuple[Channel, int], int] = {}
        self._recorded: list[tuple[Channel, Any]] = []
        self._found: list[tuple[Channel, Any]] = []

    def sent(self, said: Said, serial: int) -> None:
        """A message of the recording went out with this serial."""
        self._serials[said.channel, said.serial] = serial

    def recorded(self, channel: Channel, value: Any) -> None:
        """The other side of the recording said this."""
        if isinstance(value, display.StreamActivateReport):
            self._recorded.append((channel, value))

    def heard(self, channel: Channel, value: Any) -> None:
        """The target said this."""
        if isinstance(value, display.StreamActivateReport):
            self._found.append((channel, value))

    def missing(self, said: Said, value: Any) -> str:
        """What of the target a message needs that is not there; "" if it can be said."""
        if isinstance(value, display.StreamReport) and self._stream(said.channel, value) is None:
            return "the target has not asked for reports on such a stream"
        return ""

    def body(self, said: Said, value: Any, late: float) -> bytes:
        """The body as it is to be sent, ``late`` seconds later than in the recording."""
        shift = self.clock + round(late * 1000)
        changed = self._changed(said, value, shift)
        if changed is value:
            return said.body
        _, body = dispatch.build(said.channel[0], said.sender, changed)
        # Messages inside this one stand behind its fields, at offsets that do not move: sizes of fields stay.
        return body + said.body[len(body) :]

    def _changed(self, said: Said, value: Any, shift: int) -> Any:
        if isinstance(value, display.StreamReport):
            stream = self._stream(said.channel, value)
            if stream is not None:
                value = msgspec.structs.replace(value, stream_id=stream.stream_id, unique_id=stream.unique_id)
        if isinstance(value, common.WaitForChannels):
            return self._waits(value)
        if isinstance(value, display.StreamData | display.StreamDataSized) and shift:
            time = (value.base.multi_media_time + shift) % _WRAPS
            return msgspec.structs.replace(value, base=msgspec.structs.replace(value.base, multi_media_time=time))
        if isinstance(value, main.Init):
            value = msgspec.structs.replace(value, session_id=self.session_id)
        times = _TIMES.get(type(value), ())
        if times and shift:
            return msgspec.structs.replace(value, **{name: (getattr(value, name) + shift) % _WRAPS for name in times})
        return value

    def _waits(self, value: common.WaitForChannels) -> common.WaitForChannels:
        waits = []
        for item in value.wait_list:
            channel = channel_name(item.channel_type), item.channel_id
            serial = self._serials.get((channel, item.message_serial), item.message_serial)
            waits.append(msgspec.structs.replace(item, message_serial=serial))
        return common.WaitForChannels(tuple(waits))

    def _stream(self, channel: Channel, report: display.StreamReport) -> Any:
        asked = [value.unique_id for place, value in self._recorded if place == channel]
        given = [value for place, value in self._found if place == channel]
        number = asked.index(report.unique_id) if report.unique_id in asked else -1
        return given[number] if 0 <= number < len(given) else None
