"""What a client can be told: what its user does, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from spiceproto.controls.verb import SELECTION, UINT8, UINT32, Control, Value

__all__ = ["CONTROLS"]

_INT32: Final[Mapping[str, Any]] = {"least": -0x7FFFFFFF, "most": 0x7FFFFFFF}

_SCAN_CODE: Final = 0xFFFFFF
"""Three bytes, as E1 1D 45."""

_TURNS: Final = 100
"""Steps of a wheel."""

_BUTTON: Final = Value(
    "button", "integer", "1 left, 2 middle, 3 right, 4 wheel up, 5 wheel down, 6 side, 7 extra", least=1, most=7
)

_PORT_NAME: Final = Value("name", "text", "of the port; the first one for none", default="")

_FORMATS: Final = ("text", "png", "bmp", "tiff", "jpeg", "files")

CONTROLS: Final[tuple[Control, ...]] = (
    Control(
        "insert-disc",
        "client",
        "the client can be told to put a disc into the CD drive that it shares",
        (Value("path", "text", "of an image of the disc"),),
    ),
    Control("take-disc-out", "client", "the client can be told to take the disc out of the CD drive that it shares"),
    Control("unplug-usb", "client", "the client can be told to pull the CD drive out that it shares"),
    Control("plug-usb", "client", "the client can be told to put the CD drive in again that it shares"),
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
            Value("x", "integer", "from the left", **UINT32),
            Value("y", "integer", "from the top", **UINT32),
            Value("display", "integer", "of which display", default=0, **UINT8),
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
        "focus",
        "client",
        "the client can be told that its window has the keyboard, or has lost it",
        (Value("here", "boolean", "whether it has it"),),
    ),
    Control(
        "type",
        "client",
        "the client can be told to type a text",
        (Value("text", "text", "of characters of an American keyboard"),),
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
        (Value("path", "text", "of a PNG file"), Value("display", "integer", "which display", default=0, **UINT8)),
    ),
    Control(
        "picture-with-pointer",
        "client",
        "the client can be told to write what it shows, with the pointer over it, into a file",
        (Value("path", "text", "of a PNG file"), Value("display", "integer", "which display", default=0, **UINT8)),
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
        "card-reader",
        "client",
        "the client can be told to plug its card reader in, or to take it away",
        (Value("present", "boolean", "whether it is there"),),
    ),
    Control(
        "card",
        "client",
        "the client can be told to put the smart card into its reader, or to take it out",
        (Value("present", "boolean", "whether it is in it"),),
    ),
    Control(
        "port-write",
        "client",
        "the client can be told to write into a port",
        (Value("data", "hexadecimal", "what it writes"), _PORT_NAME),
    ),
    Control(
        "port-open",
        "client",
        "the client can be told to say that its user has opened or closed a port",
        (Value("opened", "boolean", "whether it is open"), _PORT_NAME),
    ),
    Control("port-break", "client", "the client can be told to send a break", (_PORT_NAME,)),
    Control("port-read", "client", "the client can be asked what has come out of a port", (_PORT_NAME,)),
    Control(
        "copy",
        "client",
        "the client can be told that its user has copied something",
        (
            Value("text", "text", "that was copied, instead of a file", default=None),
            Value("path", "text", "of a file with text or a picture that was copied", default=None),
            SELECTION,
        ),
    ),
    Control(
        "release-clipboard",
        "client",
        "the client can be told that what its user has copied is gone",
        (SELECTION,),
    ),
    Control(
        "paste",
        "client",
        "the client can be told to write what was copied in the guest into a file",
        (
            Value("path", "text", "of the file; clipboard-pasted says when it is there, or that nothing was to be had"),
            Value("format", "choice", "which; otherwise the best there is", (*_FORMATS, "best"), default="best"),
            SELECTION,
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
        (Value("file", "integer", "the number in the answer to send-file: the first of a session is 1", **UINT32),),
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
