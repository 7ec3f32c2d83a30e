"""A link stage seen from outside, by somebody who has both directions but takes part in neither.

The observer always waits for one structure of one direction, in the order in which the ends have to wait for each
other; bytes of the other direction lie until it is their turn. So it does not matter how the two streams are
interleaved or cut: the items are the same. It never raises for what it is fed: what is wrong becomes a
:class:`Problem`, and the walk goes on as long as what follows can be told.

Where programs differ it looks rather than insists: a mechanism number is recognised by its value where only one end
announced AUTH_SELECTION, and a second link reply where a link result belongs.
"""

from __future__ import annotations

from collections.abc import Collection

from spiceproto import capabilities as caps
from spiceproto import limits
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.events import Established
from spiceproto.link.records import Item, Opaque, Severity
from spiceproto.link.structures import (
    MAGIC,
    MAJOR,
    MINOR,
    parse_error,
    parse_header,
    parse_mechanism,
    parse_message,
    parse_reply,
    parse_result,
    parse_ticket,
)
from spiceproto.link.watch import Then, Watch
from spiceproto.messages.link import LinkMess, LinkReply
from spiceproto.sizes import (
    LINK_HEADER_SIZE,
    LINK_MESSAGE_SIZE,
    LINK_REPLY_SIZE,
    LINK_RESULT_SIZE,
    PUBLIC_KEY_SIZE,
    TICKET_SIZE,
)

__all__ = ["LinkObserver"]

_ERROR_SIZE = 4
_CAPABILITY_FIELDS = {"num_common_caps": 12, "num_channel_caps": 8, "caps_offset": 4}
"""How far before the end of the fixed part each stands."""

_MECHANISM_SIZE = 4
_LETTERS = MAGIC.to_bytes(4, "little")
"""With which a link header begins."""


class LinkObserver:
    """Walks one link stage. The last item is :class:`Established`, :class:`Failed` or :class:`Opaque`.

    After :class:`Established`, bytes go to the message layer: first its ``client_rest`` and ``server_rest``, then all
    that comes. Bytes fed here after the end are not kept.
    """

    __slots__ = ("_client", "_mechanism", "_message", "_public_key", "_reply_start", "_server", "_watch")

    def __init__(self) -> None:
        self._client = caps.NONE
        self._server = caps.NONE
        self._message: LinkMess | None = None
        self._mechanism: AuthMechanism | int = AuthMechanism.SPICE
        self._public_key = b""
        self._reply_start = 0
        self._watch = Watch(LINK_HEADER_SIZE, self._client_header, self._truncated_client)

    @property
    def finished(self) -> bool:
        """The last item was told."""
        return self._watch.finished

    def ahead(self, sender: str) -> str:
        """The part that the other end has to send, if ``sender`` has said something behind it already; else "".

        Of whoever hears both in the order in which they spoke, this says who did not wait. Of a client whose link message could
        not be read, what is behind its header may be that.
        """
        if sender == "client" and self._message is None:
            return ""
        return self._watch.stage if self._watch.ahead(sender) else ""

    def receive(self, sender: str, data: bytes) -> list[Item]:
        """Bytes that ``sender`` ("client" or "server") sent."""
        return self._watch.receive(sender, data)

    def closed(self, ends: Collection[str] = ("client", "server")) -> list[Item]:
        """Nothing more comes. An unfinished link stage becomes :class:`Failed`.

        ``ends`` are those who ended. What another one had to say may have been said: it breaks nothing.
        """
        return self._watch.closed(ends)

    # -- header and link message

    def _truncated_client(self) -> None:
        """The client's part of the exchange is not whole; a server may have answered what there is."""
        self._watch.cut_off()
        self._watch.expect(self._watch.stage, "server", LINK_HEADER_SIZE, self._server_header)

    def _client_header(self, data: bytes) -> None:
        if not self._misplaced("client", data, self._whole_client_header):
            self._whole_client_header(data)

    def _whole_client_header(self, data: bytes) -> None:
        header = parse_header(data)
        self._watch.step("link-header", LINK_HEADER_SIZE, header)
        least, most = limits.LINK_MESSAGE_SIZE
        if header.magic != MAGIC:
            self._watch.problem("error", "magic", "client", 0, "REDQ", repr(data[:4]))
        else:
            self._version("client", 0, header.major_version, header.minor_version)
        if not least <= header.size <= most:
            self._watch.problem("error", "link-message-size", "client", 12, f"{least} to {most}", str(header.size))
        elif header.magic == MAGIC:
            self._watch.expect("message", "client", header.size, self._link_message, self._truncated_client)
            return
        self._await_reply()

    def _misplaced(self, sender: str, data: bytes, then: Then) -> bool:
        """Whether another part stands before a link header, which is then waited for, and handed to ``then``.

        ``data`` is what stands where the header belongs.
        """
        at = data.find(_LETTERS)
        if at > 0:
            self._before_header(sender, len(data), f"{at} bytes before it: {data[:at].hex()}")
            self._watch.expect(self._watch.stage, sender, at, lambda rest: then(data[at:] + rest))
        return at > 0

    def _before_header(self, sender: str, size: int, found: str) -> None:
        self._watch.problem("error", "before-the-header", sender, self._watch.at(sender, size), "a link header", found)

    def _version(self, sender: str, start: int, major: int, minor: int) -> None:
        if major != MAJOR:
            self._watch.problem("error", "version", sender, start + 4, str(MAJOR), str(major))
        elif minor != MINOR:
            self._watch.problem("warning", "minor-version", sender, start + 8, str(MINOR), str(minor))

    def _link_message(self, data: bytes) -> None:
        message = parse_message(data)
        self._message = message
        self._watch.step("link-message", len(data), message)
        start = self._watch.at("client", len(data))
        self._client = self._capabilities("client", start, data, LINK_MESSAGE_SIZE, message)
        if message.channel_type == ChannelType.MAIN:
            if message.connection_id:
                self._watch.problem("note", "connection-id", "client", start, "0", str(message.connection_id))
        elif not message.connection_id:
            self._watch.problem("warning", "connection-id", "client", start, "the id of a session", "0")
        self._await_reply()

    def _capabilities(self, sender: str, start: int, data: bytes, fixed: int, value: LinkMess | LinkReply) -> Capabilities:
        common, channel, offset = value.num_common_caps, value.num_channel_caps, value.caps_offset
        try:
            found = caps.read(data, fixed, common, channel, offset)
        except RemoteError as error:
            at = start + fixed - _CAPABILITY_FIELDS[error.path]
            self._watch.problem("error", "capability-words", sender, at, error.expected, error.actual)
            return caps.NONE
        words = common + channel
        end = offset + 4 * words if words else fixed
        if words and offset != fixed:
            self._watch.problem("note", "capability-words-apart", sender, start + fixed - 4, str(fixed), str(offset))
        if end < len(data):
            self._watch.problem("note", "bytes-behind-capabilities", sender, start + end, "", f"{len(data) - end} bytes")
        return found

    # -- link reply

    def _await_reply(self) -> None:
        self._watch.expect("reply", "server", LINK_HEADER_SIZE, self._server_header, self._no_reply)

    def _no_reply(self) -> None:
        if self._watch.inboxes["server"]:
            self._watch.truncated()
            return
        if self._message is not None:  # else no channel was asked for
            self._watch.problem("warning", "no-reply", "server", 0, "a link reply with an error", "nothing")
        self._watch.fail(None, "the server closes without an answer")

    def _server_header(self, data: bytes) -> None:
        if self._misplaced("server", data, self._whole_server_header):
            return
        # A list of SASL mechanisms says how long it is.
        size = 4 + int.from_bytes(data[:4], "little")
        if not data.startswith(_LETTERS) and LINK_HEADER_SIZE - len(_LETTERS) < size <= 4 + limits.SASL_MECHANISM_LIST:
            behind, stage = self._behind_list, self._watch.stage
            self._watch.expect(
                stage, "server", size, lambda rest: behind(data + rest, size), lambda: self._whole_server_header(data)
            )
        else:
            self._whole_server_header(data)

    def _behind_list(self, data: bytes, size: int) -> None:
        if data[size:].startswith(_LETTERS):
            self._before_header("server", len(data), f"a list of {size} bytes before it")
            self._whole_server_header(data[size:])
        else:
            self._whole_server_header(data[:LINK_HEADER_SIZE])

    def _whole_server_header(self, data: bytes) -> None:
        header = parse_header(data)
        start = self._watch.at("server", LINK_HEADER_SIZE)
        self._watch.step("link-header", LINK_HEADER_SIZE, header)
        if header.magic != MAGIC:
            self._watch.problem("error", "magic", "server", start, "REDQ", repr(data[:4]))
            self._watch.fail(None, "the server does not speak SPICE")
            return
        self._version("server", start, header.major_version, header.minor_version)
        most = limits.LINK_REPLY_SIZE[1]
        if not _ERROR_SIZE <= header.size <= most:
            self._watch.problem(
                "error", "link-reply-size", "server", start + 12, f"{LINK_REPLY_SIZE} to {most}", str(header.size)
            )
            self._watch.fail(None, "the link reply has an impossible size")
            return
        self._watch.expect(self._watch.stage, "server", header.size, self._link_reply)

    def _link_reply(self, data: bytes) -> None:
        start = self._watch.at("server", len(data))
        error = parse_error(data[:_ERROR_SIZE])
        if len(data) < LINK_REPLY_SIZE:
            self._watch.step("link-error", len(data), error)
            code = "link-reply-size" if error.error == LinkErr.OK else "short-refusal"
            severity: Severity = "error" if error.error == LinkErr.OK else "note"
            self._watch.problem(severity, code, "server", start - 4, f"at least {LINK_REPLY_SIZE}", str(len(data)))
            self._watch.fail(error.error or None, "the server refuses")
            return
        reply = parse_reply(data)
        self._watch.step("link-reply", len(data), reply)
        if reply.error != LinkErr.OK:
            self._watch.fail(reply.error, "the server refuses")
            return
        if self._message is None:
            self._watch.fail(None, "the server accepts what is no link message")
            return
        self._server = self._capabilities("server", start, data, LINK_REPLY_SIZE, reply)
        self._reply_start = start
        self._public_key = reply.pub_key
        self._login()

    # -- mechanism and ticket

    def _login(self) -> None:
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        client, server = self._client.has(selection), self._server.has(selection)
        if client and server:
            self._watch.expect("mechanism", "client", _MECHANISM_SIZE, self._auth_mechanism)
        else:
            # Four bytes of a ticket are as good as never a 1 or a 2; a program with another rule shows itself so.
            self._watch.expect("ticket", "client", _MECHANISM_SIZE, self._maybe_mechanism)

    def _maybe_mechanism(self, data: bytes) -> None:
        if int.from_bytes(data, "little") in (AuthMechanism.SPICE, AuthMechanism.SASL):
            at = self._watch.at("client", _MECHANISM_SIZE)
            self._watch.problem("warning", "mechanism-word-unexpected", "client", at, "a ticket", "a mechanism number")
            self._auth_mechanism(data)
        else:
            self._watch.expect("ticket", "client", TICKET_SIZE - len(data), lambda rest: self._ticket(data + rest))

    def _auth_mechanism(self, data: bytes) -> None:
        value = parse_mechanism(data)
        at = self._watch.at("client", len(data))
        self._watch.step("auth-mechanism", len(data), value)
        self._mechanism = value.auth_mechanism
        if self._mechanism == AuthMechanism.SPICE:
            if self._server.has(CommonCapability.AUTH_SASL) and not self._server.has(CommonCapability.AUTH_SPICE):
                self._watch.problem("warning", "mechanism-not-announced", "client", at, "2", "1")
            self._watch.expect("ticket", "client", TICKET_SIZE, self._ticket)
        elif self._mechanism == AuthMechanism.SASL:
            if not self._server.has(CommonCapability.AUTH_SASL):
                self._watch.problem("warning", "mechanism-not-announced", "client", at, "1", "2")
            announced = self._server.has(CommonCapability.AUTH_SASL)
            from spiceproto.link.sasl_observer import SaslObserver  # not at import: few connections need it

            SaslObserver(self._watch, announced=announced, result=self._result, hidden=self._hidden).begin()
        else:
            number = int(self._mechanism)
            # No mechanism will ever have so large a number; these are the first bytes of a ticket.
            code = "mechanism-word-missing" if number > 0xFFFF else "mechanism-unknown"
            self._watch.problem("error", code, "client", at, "1 or 2", str(number))
            self._watch.expect("mechanism", "server", LINK_RESULT_SIZE, self._after_bad_mechanism)

    def _after_bad_mechanism(self, data: bytes) -> None:
        if any(data):
            self._result(data)
        else:
            # A lenient server: what it let pass can only be a ticket.
            self._result_record("link-result", data)
            self._watch.expect("ticket", "client", TICKET_SIZE, self._late_ticket)

    def _late_ticket(self, data: bytes) -> None:
        self._watch.step("ticket", len(data), parse_ticket(data))
        self._established()

    def _ticket(self, data: bytes) -> None:
        value = parse_ticket(data)
        self._watch.step("ticket", TICKET_SIZE, value)
        if not any(self._public_key):
            at = self._reply_start + 4
            self._watch.problem("warning", "public-key", "server", at, "an RSA key", f"{PUBLIC_KEY_SIZE} zeros")
        self._watch.expect("result", "server", LINK_RESULT_SIZE, self._result)

    # -- result

    def _result_record(self, kind: str, data: bytes) -> LinkErr | int:
        value = parse_result(data)
        self._watch.step(kind, len(data), value, sender="server")
        return value.error

    def _result(self, data: bytes) -> None:
        if int.from_bytes(data, "little") == MAGIC:
            self._watch.problem(
                "error",
                "second-link-reply",
                "server",
                self._watch.at("server", LINK_RESULT_SIZE),
                "a link result",
                "a link header",
            )
            self._watch.expect(
                self._watch.stage, "server", LINK_HEADER_SIZE - len(data), lambda rest: self._second_header(data + rest)
            )
            return
        error = self._result_record("link-result", data)
        if error != LinkErr.OK:
            self._watch.fail(error, "the server refuses the login")
        else:
            self._established()

    def _second_header(self, data: bytes) -> None:
        header = parse_header(data)
        self._watch.step("link-header", LINK_HEADER_SIZE, header)
        if not LINK_REPLY_SIZE <= header.size <= limits.LINK_REPLY_SIZE[1]:
            self._watch.fail(None, "the second link reply has an impossible size")
            return
        self._watch.expect(self._watch.stage, "server", header.size, self._second_reply)

    def _second_reply(self, data: bytes) -> None:
        reply = parse_reply(data)
        self._watch.step("link-reply", len(data), reply)
        self._watch.fail(reply.error or None, "the server answers the login with a second link reply")

    def _make_established(self) -> Established:
        assert self._message is not None
        client, server = self._watch.inboxes["client"], self._watch.inboxes["server"]
        return Established(
            message=self._message,
            client=self._client,
            server=self._server,
            mini_header=caps.mini_header(self._client, self._server),
            mechanism=self._mechanism,
            client_offset=client.offset,
            server_offset=server.offset,
            client_rest=client.peek(len(client)),
            server_rest=server.peek(len(server)),
        )

    def _established(self) -> None:
        self._watch.finish(self._make_established())

    def _hidden(self, mechanism: str) -> None:
        self._watch.finish(Opaque(self._make_established(), mechanism))
