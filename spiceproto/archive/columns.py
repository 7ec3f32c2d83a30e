"""The tables of an archive: names, types and meaning of their columns. Who writes and who documents them reads them here.

Names are those of JSON lines and of filters, where these have them.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from spiceproto import extras

__all__ = ["FORM", "TABLES", "WHAT", "Column", "schema"]

FORM: Final = "1"
"""Of the tables: another number is another form, and nothing is added to an archive of another form."""

WHAT: Final = "an archive of captures"


class Column(NamedTuple):
    """``type``: ``string``, ``strings`` (a list of them), ``bool``, ``time`` (UTC, in µs), or a type of numbers of Arrow."""

    name: str
    type: str
    text: str


_PLACE: Final = (
    Column("capture", "string", "folder as named to the command, and the path in it"),
    Column("session", "int32", "number of the session in the capture; null while nobody has said which one"),
    Column("connection", "int32", "number of the connection in the capture"),
)

_MESSAGES: Final = (
    *_PLACE,
    Column("row", "int64", "counts the rows of a capture, in its order"),
    Column("channel", "string", "`main`, `display`, ...; empty where nobody said"),
    Column("channel_id", "int32", "which channel of that type"),
    Column("direction", "string", "who sends: `client`, `server`"),
    Column(
        "protocol", "string", "`spice`; what is inside of it: `agent`, `usbredir`, `webdav`, `vsc`, `state`; `link` before it"
    ),
    Column("number", "int64", "of the message in the capture; of what is inside, that of the message around it"),
    Column("name", "string", "`DRAW_COPY`; `UNKNOWN_999` for a number that means nothing"),
    Column("type", "int64", "its number on the wire"),
    Column("serial", "uint64", "number of the message of its sender on the channel"),
    Column("time", "time", "when its last packet was captured"),
    Column("first_frame", "int64", "the packet in which it begins"),
    Column("frame", "int64", "the packet that completed it"),
    Column("size", "int64", "bytes without the header of SPICE"),
    Column("surface_id", "int64", "which surface is drawn on, begins, ends"),
    Column("left", "int64", "of the box that is drawn, in pixels"),
    Column("top", "int64", "of the same"),
    Column("right", "int64", "of the same"),
    Column("bottom", "int64", "of the same"),
    Column("image_id", "uint64", "key in the pixmap cache, of the first image of the message; masks are none"),
    Column("image_type", "string", "`QUIC`, `GLZ_RGB`, `FROM_CACHE`, ..."),
    Column("image_codec", "string", "of its first stream: `QUIC`, `LZ`, `GLZ`, `LZ4`, `JPEG`"),
    Column("image_width", "int64", "pixels"),
    Column("image_height", "int64", "pixels"),
    Column("image_bytes", "int64", "of its streams, or of its rows"),
    Column("width", "int64", "of a surface, a stream, a frame, a mode"),
    Column("height", "int64", "of the same"),
    Column("format", "string", "of a surface, or of sound"),
    Column("codec", "string", "of a video stream, or of sound"),
    Column("stream_id", "int64", "which video stream"),
    Column("multi_media_time", "int64", "when it is to be shown or heard, in ms"),
    Column("x", "int64", "where the pointer is"),
    Column("y", "int64", "of the same"),
    Column("fields", "string", "all fields as JSON; of bytes above 64 their number and the first"),
    Column("more", "string", "what else JSON lines have: headers of image streams, keys by name, bytes that are not decoded"),
)

_CONNECTIONS: Final = (
    *_PLACE,
    Column("connection_id", "uint64", "the session that the client named, 0 for a new one"),
    Column("channel", "string", "as in `messages`"),
    Column("channel_id", "int32", "as in `messages`"),
    Column("client", "string", "address and port"),
    Column("server", "string", "address and port"),
    Column("transport", "strings", "`tcp`, `tls1.3`, `websocket`, ..., the outermost first"),
    Column("target", "string", "where a proxy was asked to go"),
    Column("mini_header", "bool", "messages have the short header"),
    Column("recognised", "bool", "begun before the capture, recognised by its messages"),
    Column("client_capabilities", "strings", "common ones, and those of the channel"),
    Column("server_capabilities", "strings", "the same"),
    Column("time", "time", "of its first packet"),
    Column("frame", "int64", "its first packet"),
    Column("client_bytes", "int64", "that the client sent, as TCP counts them"),
    Column("server_bytes", "int64", "the same of the server"),
    Column("ends", "strings", "who ended it and how, in their order: `client FIN`, `server RST`"),
    Column("missing", "strings", "what the capture does not have of it, in words"),
)

_PROBLEMS: Final = (
    *_PLACE,
    Column("kind", "string", "`problem`: it could not be read as it should; `sentence`: it may not be sent"),
    Column("severity", "string", "`error`, `warning`, `note`; of sentences `broken`, `tolerated`"),
    Column("code", "string", "which problem, as JSON lines name it; which sentence of the specification"),
    Column("direction", "string", "who sent it"),
    Column("number", "int64", "of the message"),
    Column("time", "time", "when; null for sentences"),
    Column("frame", "int64", "where; null for sentences"),
    Column("place", "string", "inside of what was sent: path and byte"),
    Column("text", "string", "in words"),
    Column("expected", "string", "what should be there"),
    Column("actual", "string", "what is"),
)

_CAPTURES: Final = (
    Column("capture", "string", "as in the other tables"),
    Column("status", "string", "`whole`, `holes`, `sealed`, `empty`, `damaged`, `refused`: see above"),
    Column("reason", "string", "why it is not whole"),
    Column("missing", "strings", "what the capture does not have of its connections, in words"),
    Column("size", "int64", "bytes of the file"),
    Column("modified", "int64", "nanoseconds since 1970: when the file was changed"),
    Column("sha256", "string", "of the file; null for one that could not be opened"),
    Column("time", "time", "of the first packet of a connection"),
    Column("seconds", "double", "from there to the last packet"),
    Column("frames", "int64", "packets"),
    Column("truncated_frames", "int64", "packets that were cut by the capturing program"),
    Column("rows", "int64", "in `messages`"),
    Column("messages", "int64", "of SPICE, whether they fit the filter or not"),
    Column("connections", "int64", "with SPICE"),
    Column("sealed", "int64", "connections of SPICE that are encrypted, and whose secrets are missing"),
    Column("sessions", "int64", ""),
    Column("client_bytes", "int64", "that clients sent, as TCP counts them"),
    Column("server_bytes", "int64", "the same of servers"),
    Column("errors", "int64", "problems of this severity"),
    Column("warnings", "int64", "the same"),
    Column("notes", "int64", "the same"),
    Column("broken", "int64", "times that a sentence was broken; null with `--no-rules`"),
    Column("tolerated", "int64", "times that something is only tolerated"),
    Column("undecoded_bytes", "int64", "that nobody could read"),
    Column("incomplete_bytes", "int64", "of messages that the end of a stream cut off"),
    Column("trailing_bytes", "int64", "behind the end of messages"),
    Column("left_out", "int64", "rows without their fields, which are longer than 1 MiB as JSON"),
    Column("sums", "string", "images, video and sound as in the footer of JSON lines; null with a filter"),
    Column("outcomes", "strings", "migrations, takeovers, channels that nobody linked: records of JSON lines"),
    Column("asked", "string", "the options that it was read with: filter, `--decode-as`, rules"),
    Column("keylog", "string", "SHA-256 of the key log that it was read with"),
)

TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "messages": _MESSAGES,
    "connections": _CONNECTIONS,
    "problems": _PROBLEMS,
    "captures": _CAPTURES,
}
"""In the order in which parts are put into their places: ``captures`` last."""


_KINDS: Final = {"double": "float64", "bool": "bool_"}
"""Types that Arrow's function is not called like."""


def schema(table: str) -> Any:
    """The Arrow schema of a table. Raises MissingExtraError."""
    arrow = extras.load("pyarrow", WHAT)
    special = {"strings": arrow.list_(arrow.string()), "time": arrow.timestamp("us", tz="UTC")}
    kinds = [
        (name, special[type] if type in special else getattr(arrow, _KINDS.get(type, type))())
        for name, type, _ in TABLES[table]
    ]
    return arrow.schema(kinds, metadata={"spiceproto.archive": FORM})
