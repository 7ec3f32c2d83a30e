"""What a server can be told: who may log in, what its guest does, and what the guest got."""

from __future__ import annotations

from typing import Final

from spiceproto.controls.verb import SELECTION, UINT8, UINT32, Control, Value

__all__ = ["CONTROLS"]

_PICTURES: Final = 10_000
"""For one question: many acknowledgement windows."""

_FORMAT: Final = Value(
    "format", "choice", "text in UTF-8, or which picture", ("text", "png", "bmp", "tiff", "jpeg"), default="text"
)

CONTROLS: Final[tuple[Control, ...]] = (
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
        "lock-keys",
        "server",
        "the guest can be made to switch its lock keys",
        (Value("flags", "integer", "those that are on: sum of 1 scroll lock, 2 num lock, 4 caps lock", least=0, most=7),),
    ),
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
        (Value("path", "text", "of a PNG file"), Value("display", "integer", "which display", default=0, **UINT8)),
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
                    *("chart", "gallery", "desktop", "two-displays", "tone", "sweep", "meter", "flash", "video", "card"),
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
            Value("channel_type", "integer", "number of its type", **UINT8),
            Value("channel_id", "integer", "its id", **UINT8),
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
            SELECTION,
        ),
    ),
    Control("release-clipboard", "server", "the guest can be made to give up what it has copied", (SELECTION,)),
    Control(
        "paste",
        "server",
        "the guest can be made to ask for what the client has copied",
        (_FORMAT, SELECTION),
    ),
    Control(
        "clipboard",
        "server",
        "whose clipboard it is can be asked, in which types, and what the guest has copied or pasted",
        (
            Value("path", "text", "of a file for the content; nothing is written if there is none", default=""),
            _FORMAT,
            SELECTION,
        ),
    ),
    Control("files", "server", "the guest can be asked which files have come, and how much of each"),
    Control("monitors", "server", "the guest can be asked which monitors it has"),
    Control(
        "expect-migration",
        "server",
        "the server can be told to expect a migration",
        (Value("session_id", "integer", "of the session that comes", **UINT32),),
    ),
    Control(
        "migrate-begin",
        "server",
        "the server can be told to announce the server beside it as the destination of a migration",
    ),
    Control("migrate-finish", "server", "the guest can be handed over to the destination that was announced"),
    Control("migrate-cancel", "server", "the migration that was announced can be called off"),
    Control(
        "migrate",
        "server",
        "the guest can be handed over to another server, and what came of it is the answer",
        (
            Value("host", "text", "of the other server, as clients reach it"),
            Value("port", "integer", "without TLS; 0 if there is none", default=0, least=0, most=0xFFFF),
            Value("guest", "text", "where it waits for the guest: the path of a Unix socket, or HOST:PORT"),
            Value("tls_port", "integer", "with TLS; 0 if there is none", default=0, least=0, most=0xFFFF),
            Value("subject", "text", "of its certificate; nothing for the name of the host", default=""),
            Value(
                "kind",
                "choice",
                "what clients keep, if they can: all, their links, or nothing",
                ("seamless", "semi-seamless", "switch-host"),
                default="seamless",
            ),
        ),
    ),
    Control(
        "card-command",
        "server",
        "the guest can be made to send a command to the card that was put in last",
        (Value("data", "hexadecimal", "of the command"),),
    ),
    Control("card-events", "server", "what the guest knows of readers and cards can be read from outside"),
    Control(
        "port-write",
        "server",
        "the guest can be made to write into a port",
        (Value("data", "hexadecimal", "what it writes"), Value("port", "integer", "id of its channel", default=0, **UINT8)),
    ),
    Control(
        "port-open",
        "server",
        "the guest can be made to open and close a port",
        (
            Value("opened", "boolean", "whether it has it open"),
            Value("port", "integer", "id of its channel", default=0, **UINT8),
        ),
    ),
    Control(
        "port-break",
        "server",
        "the guest can be made to send a break",
        (Value("port", "integer", "id of its channel", default=0, **UINT8),),
    ),
    Control(
        "port-read",
        "server",
        "what the guest has read from a port can be asked for",
        (Value("port", "integer", "id of its channel", default=0, **UINT8),),
    ),
    Control(
        "browse",
        "server",
        "the guest can be made to ask for a file of the folder that a client shares",
        (Value("path", "text", "of the file, from the folder: /hello.txt"),),
    ),
    Control("browsed", "server", "what the guest was answered can be asked for"),
    Control("shutdown", "server", "the server can be told to end the session in order"),
)
