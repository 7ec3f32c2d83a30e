"""What a server or a client can be told from outside: one table of verbs.

A conformance suite has to move a client's mouse, give a guest another pointer, or change a password. Each row here is one
such verb: who can be told, with which values, and what it means. Everything else derives from the rows: what a case may
need, the JSON lines that drive a client (:mod:`reference_client.control`), the check of values, and the documents.

In JSON a question is ``{"do": VERB, NAME: VALUE, ...}``; see :mod:`reference_client.control` for the answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from spiceproto.errors import LocalError

__all__ = ["CONTROLS", "REQUIRED", "Control", "Role", "Value", "control"]

Role = Literal["server", "client"]
Kind = Literal["integer", "number", "boolean", "text", "hexadecimal", "choice"]

REQUIRED: Final = object()
"""Default of a value that has to be given."""


class Value(msgspec.Struct, frozen=True):
    """One value of a verb.

    * ``kind``: integer, number (of seconds), boolean, text, hexadecimal (digits of bytes), choice (one of ``choices``)
    * ``default``: what it is when it is not given; :data:`REQUIRED` if it has to be
    * ``least``, ``most``: the range of a number, both included
    """

    name: str
    kind: Kind
    meaning: str
    choices: tuple[str, ...] = ()
    default: Any = REQUIRED
    least: int | None = None
    most: int | None = None

    def read(self, found: Any) -> Any:
        """The value of a JSON value. Raises LocalError."""
        good = {
            "integer": isinstance(found, int) and not isinstance(found, bool),
            "number": isinstance(found, int | float) and not isinstance(found, bool),
            "boolean": isinstance(found, bool),
            "text": isinstance(found, str),
            "hexadecimal": isinstance(found, str),
            "choice": found in self.choices,
        }[self.kind]
        if good and self.kind in ("integer", "number"):
            # Whoever sends what no message can say is told so here, and not by what becomes of it.
            good = (self.least is None or found >= self.least) and (self.most is None or found <= self.most)
        if good and self.kind == "hexadecimal":
            try:
                return bytes.fromhex(found)
            except ValueError:
                good = False
        if not good:
            raise LocalError(f"{self.name} is not what it should be", expected=self.described, actual=repr(found)[:80])
        return found

    @property
    def described(self) -> str:
        """What may stand there, in words."""
        if self.choices:
            return " or ".join(self.choices)
        if self.most is not None:
            return f"{self.kind} from {self.least or 0} to {self.most}"
        least = f" of {self.least} or more" if self.least is not None else ""
        return self.kind + (" digits" if self.kind == "hexadecimal" else least)


class Control(msgspec.Struct, frozen=True):
    """One verb.

    * ``role``: who can be told
    * ``meaning``: what it does, as a sentence about whoever can be told; a case that needs it is not applicable where that
      is not so
    * ``values``: in the order in which they are given where they have no names
    """

    verb: str
    role: Role
    meaning: str
    values: tuple[Value, ...] = ()

    @property
    def need(self) -> str:
        """How a case says that it needs this."""
        return f"{'control' if self.role == 'server' else 'act'}:{self.verb}"

    @property
    def method(self) -> str:
        """Name of the method that does it, where methods do such things: ``do_mouse_mode``."""
        return f"do_{self.verb.replace('-', '_')}"

    def read(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Values by name, those with a default filled in. Raises LocalError for one that is missing, wrong or unknown."""
        unknown = set(found) - {value.name for value in self.values}
        if unknown:
            names = ", ".join(value.name for value in self.values) or "none"
            raise LocalError(f"a value that {self.verb} does not have", expected=names, actual=", ".join(sorted(unknown)))
        read: dict[str, Any] = {}
        for value in self.values:
            if value.name in found:
                read[value.name] = value.read(found[value.name])
            elif value.default is REQUIRED:
                raise LocalError(f"a value is missing: {value.name}", expected=value.described)
            else:
                read[value.name] = value.default
        return read


_UINT8: Final[Mapping[str, Any]] = {"least": 0, "most": 0xFF}
_UINT32: Final[Mapping[str, Any]] = {"least": 0, "most": 0xFFFFFFFF}
_INT32: Final[Mapping[str, Any]] = {"least": -0x7FFFFFFF, "most": 0x7FFFFFFF}
_SCAN_CODE: Final = 0xFFFFFF
"""Three bytes, as E1 1D 45."""
_TURNS: Final = 100
"""Steps of a wheel."""
_PICTURES: Final = 10_000
"""For one question: many acknowledgement windows."""

_FORMAT: Final = Value(
    "format", "choice", "text in UTF-8, or which picture", ("text", "png", "bmp", "tiff", "jpeg"), default="text"
)

_BUTTON: Final = Value(
    "button", "integer", "1 left, 2 middle, 3 right, 4 wheel up, 5 wheel down, 6 side, 7 extra", least=1, most=7
)

_FORMATS: Final = ("text", "png", "bmp", "tiff", "jpeg", "files")

_SELECTION: Final = Value(
    "selection",
    "choice",
    "what is copied on purpose, or what is marked in X11",
    ("clipboard", "primary", "secondary"),
    default="clipboard",
)

CONTROLS: Final[tuple[Control, ...]] = (
    # -- servers
    Control(
        "set-password",
        "server",
        "the password can be changed from outside",
        (Value("password", "text", "from now on"),),
    ),
    Control(
        "expire-password",
        "server",
        "the password can be made to expire from outside",
        (Value("seconds", "number", "from now", least=0),),
    ),
    Control(
        "pointer",
        "server",
        "the guest's pointing device can be changed from outside",
        (Value("kind", "choice", "a mouse, or a tablet", ("relative", "absolute")),),
    ),
    Control("input-events", "server", "what the guest got can be read from outside"),
    Control(
        "animate",
        "server",
        "the guest can be made to draw",
        (Value("count", "integer", "how often", least=0, most=_PICTURES),),
    ),
    Control(
        "picture",
        "server",
        "what a display of the guest shows can be written into a file",
        (Value("path", "text", "of a PNG file"), Value("display", "integer", "which display", default=0, **_UINT8)),
    ),
    Control(
        "guest",
        "server",
        "the guest can be given something else to show",
        (
            Value(
                "name",
                "choice",
                "what runs in it",
                (
                    *("chart", "gallery", "desktop", "two-displays", "tone", "sweep", "meter", "flash", "video"),
                    *("agent", "agent-crlf"),
                ),
            ),
        ),
    ),
    Control(
        "heard",
        "server",
        "what the guest has heard can be written into a file",
        (Value("path", "text", "of a WAV file; nothing is written if nothing was heard since the last time"),),
    ),
    Control(
        "volume",
        "server",
        "the guest can be made to set how loud it plays and listens",
        (
            Value("left", "integer", "65535 is full", least=0, most=0xFFFF),
            Value("right", "integer", "65535 is full", least=0, most=0xFFFF),
            Value("muted", "boolean", "whether nothing is to be heard", default=False),
        ),
    ),
    Control(
        "image-compression",
        "server",
        "the compression of images can be changed from outside",
        (
            Value(
                "compression",
                "choice",
                "of all displays, from now on",
                ("off", "auto_glz", "auto_lz", "quic", "glz", "lz", "lz4"),
            ),
        ),
    ),
    Control(
        "streaming-video",
        "server",
        "what is sent as video can be changed from outside",
        (Value("mode", "choice", "of what changes fast: nothing, films, or all of it", ("off", "filter", "all")),),
    ),
    Control(
        "add-channel",
        "server",
        "a channel can be added at run time",
        (
            Value("channel_type", "integer", "number of its type", **_UINT8),
            Value("channel_id", "integer", "its id", **_UINT8),
        ),
    ),
    Control(
        "agent",
        "server",
        "a guest agent can be made to appear and to go",
        (Value("present", "boolean", "whether it is there"),),
    ),
    Control(
        "agent-device",
        "server",
        "what an agent says on its device can be said from outside, in its place, and what it is told is the answer",
        (
            Value("port", "integer", "whose stream it belongs to: 1 the client's, 2 the server's", least=1, most=2),
            Value("data", "hexadecimal", "one chunk without its header; nothing is said if it is empty"),
        ),
    ),
    Control(
        "copy",
        "server",
        "the guest can be made to copy",
        (
            Value("text", "text", "what is copied", default=""),
            Value("path", "text", "of a file whose content is copied instead", default=""),
            _FORMAT,
            _SELECTION,
        ),
    ),
    Control("release-clipboard", "server", "the guest can be made to give up what it has copied", (_SELECTION,)),
    Control(
        "paste",
        "server",
        "the guest can be made to ask for what the client has copied",
        (_FORMAT, _SELECTION),
    ),
    Control(
        "clipboard",
        "server",
        "whose clipboard it is can be asked, in which types, and what the guest has copied or pasted",
        (
            Value("path", "text", "of a file for the content; nothing is written if there is none", default=""),
            _FORMAT,
            _SELECTION,
        ),
    ),
    Control("files", "server", "the guest can be asked which files have come, and how much of each"),
    Control("monitors", "server", "the guest can be asked which monitors it has"),
    Control(
        "expect-migration",
        "server",
        "the server can be told to expect a migration",
        (Value("session_id", "integer", "of the session that comes", **_UINT32),),
    ),
    Control("shutdown", "server", "the server can be told to end the session in order"),
    # -- clients
    Control(
        "motion",
        "client",
        "the client can be told to move the mouse",
        (
            Value("dx", "integer", "to the right", **_INT32),
            Value("dy", "integer", "downwards", **_INT32),
        ),
    ),
    Control(
        "position",
        "client",
        "the client can be told to place the pointer",
        (
            Value("x", "integer", "from the left", **_UINT32),
            Value("y", "integer", "from the top", **_UINT32),
            Value("display", "integer", "of which display", default=0, **_UINT8),
        ),
    ),
    Control("press", "client", "the client can be told to press a button", (_BUTTON,)),
    Control("release", "client", "the client can be told to release a button", (_BUTTON,)),
    Control(
        "wheel",
        "client",
        "the client can be told to turn the wheel",
        (Value("steps", "integer", "up is positive", least=-_TURNS, most=_TURNS),),
    ),
    Control(
        "key",
        "client",
        "the client can be told to press a key",
        (
            Value(
                "code",
                "integer",
                "scan code of its press: 30, which is 0x1E, for A; for E0 1D 285, which is 0x11D, or 57373, which is 0xE01D",
                least=1,
                most=_SCAN_CODE,
            ),
            Value("down", "boolean", "whether it goes down", default=True),
        ),
    ),
    Control(
        "scancode",
        "client",
        "the client can be told to send scan codes as bytes",
        (Value("data", "hexadecimal", "as a keyboard gives them"),),
    ),
    Control(
        "modifiers",
        "client",
        "the client can be told which lock keys should be on",
        (Value("flags", "integer", "sum of 1 scroll lock, 2 num lock, 4 caps lock", least=0, most=7),),
    ),
    Control(
        "mouse-mode",
        "client",
        "the client can be told to ask for a mouse mode",
        (Value("mode", "choice", "which", ("server", "client")),),
    ),
    Control(
        "preferred-compression",
        "client",
        "the client can be told which compression of images to ask for",
        (Value("compression", "choice", "which", ("off", "auto-glz", "auto-lz", "quic", "glz", "lz", "lz4")),),
    ),
    Control("disconnect", "client", "the client can be told to disconnect"),
    Control(
        "password", "client", "the client can be given another password", (Value("text", "text", "for its next connection"),)
    ),
    Control(
        "picture",
        "client",
        "the client can be told to write what it shows into a file",
        (Value("path", "text", "of a PNG file"), Value("display", "integer", "which display", default=0, **_UINT8)),
    ),
    Control(
        "picture-with-pointer",
        "client",
        "the client can be told to write what it shows, with the pointer over it, into a file",
        (Value("path", "text", "of a PNG file"), Value("display", "integer", "which display", default=0, **_UINT8)),
    ),
    Control(
        "heard",
        "client",
        "the client can be told to write what it has heard into a file",
        (Value("path", "text", "of a WAV file; nothing is written if nothing was heard since the last time"),),
    ),
    Control(
        "say",
        "client",
        "the client can be told to say a tone when the guest listens",
        (Value("hertz", "integer", "of the tone; 0 for silence", least=0, most=20_000),),
    ),
    Control(
        "copy",
        "client",
        "the client can be told that its user has copied something",
        (
            Value("text", "text", "that was copied, instead of a file", default=None),
            Value("path", "text", "of a file with text or a picture that was copied", default=None),
            _SELECTION,
        ),
    ),
    Control(
        "release-clipboard",
        "client",
        "the client can be told that what its user has copied is gone",
        (_SELECTION,),
    ),
    Control(
        "paste",
        "client",
        "the client can be told to write what was copied in the guest into a file",
        (
            Value("path", "text", "of the file; clipboard-pasted says when it is there, or that nothing was to be had"),
            Value("format", "choice", "which; otherwise the best there is", (*_FORMATS, "best"), default="best"),
            _SELECTION,
        ),
    ),
    Control(
        "send-file",
        "client",
        "the client can be told to send a file to the guest",
        (
            Value("path", "text", "of the file"),
            Value("name", "text", "that it has in the guest; otherwise its own", default=None),
        ),
    ),
    Control(
        "cancel-file",
        "client",
        "the client can be told to send a file no further",
        (Value("file", "integer", "the number in the answer to send-file: the first of a session is 1", **_UINT32),),
    ),
    Control(
        "monitors",
        "client",
        "the client can be told which monitors the guest should have",
        (Value("monitors", "text", "as 1920x1080, 2x1920x1080, or 800x600+0+0,640x480+800+0"),),
    ),
    Control(
        "guest-volume",
        "client",
        "the client can be told how loud the guest should be",
        (
            Value("level", "integer", "65535 is full", least=0, most=0xFFFF),
            Value("playback", "boolean", "what it plays, or else what it hears", default=True),
            Value("muted", "boolean", "whether nothing is to be heard", default=False),
        ),
    ),
    Control("state", "client", "the client can be asked what it knows"),
)
"""Every verb, those of servers first."""

_BY_VERB: Final = {(item.role, item.verb): item for item in CONTROLS}


def control(role: Role, verb: str) -> Control:
    """The row of a verb. Raises LocalError for one that is none."""
    found = _BY_VERB.get((role, verb))
    if found is None:
        verbs = ", ".join(item.verb for item in CONTROLS if item.role == role)
        raise LocalError(f"a {role} can not be told this", expected=verbs, actual=verb)
    return found
