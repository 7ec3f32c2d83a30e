"""What the screen of a guest with an agent shows: a line for each thing that an agent is for, on every monitor a ground.

Letters that are typed stand in the last line. Ctrl+C copies them, Ctrl+V pastes what the clipboard has, Backspace takes one
away.
"""

from __future__ import annotations

from typing import Final

from reference_server.guest import (
    Cleared,
    Copied,
    FileBegun,
    FileEnded,
    FileGrown,
    HeadsChanged,
    Key,
    LevelChanged,
    Offered,
    Pasted,
    Resized,
)
from reference_server.guest.image import NO_CLIP, NO_MASK
from reference_server.guests.agent.played import DesktopConfigured, PlayedAgent
from reference_server.guests.desktop.font import HEIGHT, WIDTH, glyph
from reference_server.guests.program import Program
from spiceproto.enums.agent import ClipboardType, DisplayConfigFlags
from spiceproto.enums.display import BrushType, Ropd, StringFlags
from spiceproto.messages import display
from spiceproto.messages.draw import Brush, DisplayBase, Fill, String, Text
from spiceproto.messages.geometry import Rect
from spiceproto.scan_codes import key_name

__all__ = ["Board"]

_GROUNDS: Final = (0x205080, 0x206050, 0x604030, 0x503070)
"""Of the monitors, with a wallpaper; a plain desktop is grey."""

_PLAIN: Final = 0x404040
_INK: Final = 0xFFFFF4
_EDGE: Final = 8
_STEP: Final = HEIGHT + 3
_TYPED: Final = 500
_TEXT: Final = 40
"""Letters of a text that are shown."""

_CONTROL: Final = ("LeftCtrl", "RightCtrl")


def _solid(colour: int) -> Brush:
    return Brush(BrushType.SOLID, colour)


class Board:
    """``lines`` is what is shown; ``typed`` the last of them."""

    def __init__(self, program: Program, agent: PlayedAgent) -> None:
        self.guest = guest = program.guest
        self.typed = program.had("typed", str, "")
        self._displays = program.displays
        self._control, self._plain, self._pasting = program.had("flags", tuple[bool, bool, bool], (False, False, False))
        self._shown = -1
        self.lines = program.had("lines", list[str], ["AN AGENT", *[""] * 5])
        program.keep("typed", lambda: self.typed)
        program.keep("flags", lambda: (self._control, self._plain, self._pasting))
        program.keep("lines", lambda: self.lines)
        for number in range(program.displays):
            program.watch(guest.screens[number], self._laid_out, Resized, HeadsChanged)
        program.watch(guest.keyboard, self._key, Key)
        program.watch(guest.clipboard, self._clipboard, Copied, Cleared, Offered)
        program.watch(guest.clipboard, self._pasted, Pasted)
        program.watch(guest.disk, self._file, FileBegun, FileGrown, FileEnded)
        program.watch(guest.speaker, self._level, LevelChanged)
        program.watch(agent, self._configured, DesktopConfigured)
        if not program.resumed:
            self._tell_level()
            self._tell_clipboard()
            self._paint()

    # -- pictures

    def _fill(self, number: int, box: Rect, colour: int) -> None:
        base = DisplayBase(0, box, NO_CLIP)
        self.guest.screens[number].push(display.DrawFill(base, Fill(_solid(colour), Ropd.OP_PUT, NO_MASK)))

    def _ground(self, monitor: int) -> int:
        return _PLAIN if self._plain else _GROUNDS[monitor % len(_GROUNDS)]

    def _paint(self) -> None:
        """All monitors, and the lines."""
        for number in range(self._displays):
            for head in self.guest.screens[number].heads:
                box = Rect(top=head.y, left=head.x, bottom=head.y + head.height, right=head.x + head.width)
                self._fill(number, box, self._ground(number + head.monitor_id))
        for line in range(len(self.lines)):
            self._write(line)

    def _write(self, line: int) -> None:
        screen = self.guest.screens[0]
        head = screen.heads[0]
        left, top = head.x + _EDGE, head.y + _EDGE + line * _STEP
        right = head.x + head.width - _EDGE
        if left >= right or top + HEIGHT > head.y + head.height:
            return
        ground = self._ground(head.monitor_id)
        self._fill(0, Rect(top=top, left=left, bottom=top + HEIGHT, right=right), ground)
        for place, letter in enumerate(self.lines[line].upper()[: (right - left) // WIDTH]):
            if letter == " ":
                continue
            box = Rect(top=top, left=left + place * WIDTH, bottom=top + HEIGHT, right=left + (place + 1) * WIDTH)
            text = Text(
                str=String(StringFlags.RASTER_A1, (glyph(letter, box.left, box.top + 1),)),
                back_area=box,
                fore_brush=_solid(_INK),
                back_brush=_solid(ground),
                fore_mode=Ropd.OP_PUT,
                back_mode=Ropd.OP_PUT,
            )
            screen.push(display.DrawText(DisplayBase(0, box, NO_CLIP), text))

    def _show(self, line: int, text: str) -> None:
        if self.lines[line] != text:
            self.lines[line] = text
            self._write(line)

    def _laid_out(self, news: Resized | HeadsChanged) -> None:
        heads = [head for number in range(self._displays) for head in self.guest.screens[number].heads]
        self.lines[4] = "MONITORS: " + ", ".join([f"{head.width}X{head.height}+{head.x}+{head.y}" for head in heads])
        self._paint()

    # -- what is shown

    def _configured(self, news: DesktopConfigured) -> None:
        self._plain = bool(news.flags & DisplayConfigFlags.DISABLE_WALLPAPER)
        self._paint()

    def _tell_clipboard(self) -> None:
        clipboard = self.guest.clipboard
        text = clipboard.contents().get(ClipboardType.UTF8_TEXT, b"")[: 4 * _TEXT].decode(errors="replace")
        kinds = " ".join([_kind(kind) for kind in clipboard.types()])
        self._show(1, f"CLIPBOARD: OF {clipboard.owner()}, {kinds or '-'} {' '.join(text.split())[:_TEXT]}")

    def _clipboard(self, news: Copied | Cleared | Offered) -> None:
        self._tell_clipboard()

    def _file(self, news: FileBegun | FileGrown | FileEnded) -> None:
        if isinstance(news, FileEnded):
            text = "RECEIVED" if news.whole else "NOT RECEIVED"
        else:
            percent = 100 * getattr(news, "have", 0) // max(news.size, 1)
            if isinstance(news, FileGrown) and percent == self._shown:
                return
            self._shown = percent
            text = f"{percent} OF 100"
        self._show(2, f"FILE: {text} {news.name}")

    def _tell_level(self) -> None:
        speaker = self.guest.speaker
        left, right = [100 * side // 0xFFFF for side in speaker.volume]
        self._show(3, f"VOLUME: {left} {right}" + " MUTED" * speaker.muted)

    def _level(self, news: LevelChanged) -> None:
        self._tell_level()

    # -- typing

    def _key(self, news: Key) -> None:
        name = key_name(int.from_bytes(bytes.fromhex(news.code), "little"))
        if name in _CONTROL:
            self._control = news.down
        elif not news.down:
            return
        elif self._control and name == "C":
            self.guest.clipboard.copy({ClipboardType.UTF8_TEXT: self.typed.encode()})
        elif self._control and name == "V":
            self._pasting = True
            self.guest.clipboard.paste(ClipboardType.UTF8_TEXT)
        elif name == "Backspace":
            self._type(self.typed[:-1])
        elif name == "Space" or len(name) == 1:
            self._type(self.typed + (" " if name == "Space" else name.lower()))

    def _type(self, text: str) -> None:
        self.typed = text[-_TYPED:]
        self._show(5, f"TYPED: {self.typed}")

    def _pasted(self, news: Pasted) -> None:
        if self._pasting and news.type in (0, ClipboardType.UTF8_TEXT):
            self._pasting = False
            self._type(self.typed + news.data[:_TYPED].decode(errors="replace"))


def _kind(kind: int) -> str:
    found = ClipboardType._value2member_map_.get(kind)
    return str(kind) if found is None else str(found.name).replace("_", " ")
