"""What happens between clients and the guest, for a log: an event and its fields for each thing.

    input       what a client did to keyboard and pointer
    card-reader, card, card-answer   a reader and what is in it, see :func:`~reference_server.guest.card_events.on_cards`
    usb-...     what the guest finds in a USB socket, see :mod:`reference_server.guest.usb`
    stream      a stream of video begins or ends, on the connection of a display
    sound       a client is to hear something, or is asked for what its microphone hears, or no more
    agent       it has come or gone, or was given up
    agent-message   a message begins: who says it, its type, its size, and whether a filter took it out
    clipboard   whose it is, and in which types
    file        a file begins to come, has come a tenth further, is whole, or will not be
    monitors    what the displays show

Those from ``agent`` on are the agent's; its movements of the pointer and the bytes of files are not among them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from reference_server.agent_line import AgentBroken, AgentMessage
from reference_server.encoding import SoundBegan, SoundEnded
from reference_server.guest import (
    AgentChanged,
    Cleared,
    Copied,
    FileBegun,
    FileEnded,
    FileGrown,
    Guest,
    HeadsChanged,
    InputEvent,
    Offered,
    Resized,
    on_cards,
    on_input,
)
from reference_server.server import Server
from reference_server.streaming import StreamBegan, StreamEnded
from spiceproto.enums.agent import AgentMessageType, ClipboardSelection, ClipboardType
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.display import VideoCodecType

__all__ = ["log_agent", "log_all", "log_media"]

Log = Callable[[str, dict[str, Any]], None]

_QUIET: Final = (AgentMessageType.FILE_XFER_DATA, AgentMessageType.MOUSE_STATE)
_TENTHS: Final = 10
_CAPITAL: Final = re.compile("([A-Z])")


def _name(kind: Any, number: int) -> str:
    found = kind._value2member_map_.get(number)
    return str(number) if found is None else str(found.name)


class _Log:
    def __init__(self, guest: Guest, displays: int, log: Log) -> None:
        self._guest = guest
        self._displays = displays
        self._log = log
        self._tenths: dict[str, int] = {}

    def changed(self, news: AgentChanged) -> None:
        self._log("agent", {"present": news.present})

    def broken(self, news: AgentBroken) -> None:
        self._log("agent", {"present": False, "text": news.text})

    def message(self, news: AgentMessage) -> None:
        if news.type not in _QUIET:
            fields = {"from": news.sender, "type": _name(AgentMessageType, news.type), "size": news.size}
            self._log("agent-message", fields | ({"filtered": True} if news.filtered else {}))

    def clipboard(self, news: Copied | Cleared | Offered) -> None:
        clipboard, selection = self._guest.clipboard, news.selection
        fields = {
            "selection": _name(ClipboardSelection, selection),
            "owner": clipboard.owner(selection),
            "types": [_name(ClipboardType, kind) for kind in clipboard.types(selection)],
        }
        self._log("clipboard", fields)

    def file(self, news: FileBegun | FileGrown | FileEnded) -> None:
        have = 0 if isinstance(news, FileBegun) else news.have
        if isinstance(news, FileGrown):
            tenths = _TENTHS * have // max(news.size, 1)
            if tenths == self._tenths.get(news.name, 0):
                return
            self._tenths[news.name] = tenths
        else:
            self._tenths.pop(news.name, None)
        state = ("whole" if news.whole else "given up") if isinstance(news, FileEnded) else "coming"
        self._log("file", {"name": news.name, "size": news.size, "have": have, "state": state})

    def monitors(self, news: Resized | HeadsChanged) -> None:
        heads = [
            {"display": number, "monitor": head.monitor_id, "size": [head.width, head.height], "at": [head.x, head.y]}
            for number in range(self._displays)
            for head in self._guest.screens[number].heads
        ]
        self._log("monitors", {"monitors": heads})


def log_all(server: Server, log: Log) -> None:
    """Tell ``log`` of all of it from now on."""

    def acted(event: InputEvent) -> None:
        log("input", msgspec.to_builtins(event))

    def found(news: Any) -> None:
        log(_CAPITAL.sub(r"-\1", type(news).__name__).strip("-").lower(), msgspec.to_builtins(news))

    on_input(server.guest, acted)
    on_cards(server.guest, log)
    for socket in server.guest.usb.values():
        socket.watch(found)
    log_media(server, log)
    log_agent(server, log)


def log_media(server: Server, log: Log) -> None:
    """Tell ``log`` of video and sound from now on."""

    def stream_began(news: StreamBegan) -> None:
        said = news.created
        fields = {"stream": said.id, "codec": _name(VideoCodecType, said.codec_type)}
        size = {"width": said.stream_width, "height": said.stream_height, "left": said.dest.left, "top": said.dest.top}
        log("stream", {"connection": news.connection.number, "began": True} | fields | size)

    def stream_ended(news: StreamEnded) -> None:
        log("stream", {"connection": news.connection.number, "began": False, "stream": news.stream})

    def sound_began(news: SoundBegan) -> None:
        mode = {} if news.mode is None else {"mode": _name(AudioDataMode, news.mode)}
        log("sound", {"connection": news.connection.number, "began": True} | mode | {"frequency": news.frequency})

    def sound_ended(news: SoundEnded) -> None:
        log("sound", {"connection": news.connection.number, "began": False})

    server.streaming.watch(stream_began, StreamBegan)
    server.streaming.watch(stream_ended, StreamEnded)
    server.encoding.watch(sound_began, SoundBegan)
    server.encoding.watch(sound_ended, SoundEnded)


def log_agent(server: Server, log: Log) -> None:
    """Tell ``log`` of the agent from now on."""
    guest, displays = server.guest, server.listing.displays
    told = _Log(guest, displays, log)
    guest.agent.watch(told.changed, AgentChanged)
    server.agent.watch(told.broken, AgentBroken)
    server.agent.watch(told.message, AgentMessage)
    guest.clipboard.watch(told.clipboard, Copied, Cleared, Offered)
    guest.disk.watch(told.file, FileBegun, FileGrown, FileEnded)
    for number in range(displays):
        guest.screens[number].watch(told.monitors, Resized, HeadsChanged)
