"""A link stage seen from outside, by somebody who has both directions but takes part in neither.

The observer always waits for one structure of one direction, in the order in which the ends have to wait for each
other; bytes of the other direction lie until it is their turn. So it does not matter how the two streams are
interleaved or cut: the items are the same. It never raises for what it is fed: what is wrong becomes a
:class:`Problem`, and the walk goes on as long as what follows can be told.

Where programs differ it looks rather than insists: a mechanism number is recognised by its value where only one end
announced AUTH_SELECTION, and a second link reply where a link result belongs.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

from spiceproto import capabilities as caps
from spiceproto import limits
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link import sasl as frames
from spiceproto.link.events import Established
from spiceproto.link.exchange import (
    HEADER_SIZE,
    MAGIC,
    MAJOR,
    MESSAGE_SIZE,
    MINOR,
    REPLY_SIZE,
    RESULT_SIZE,
    Inbox,
)
from spiceproto.link.records import Failed, Item, Opaque, Problem, Record, Severity
from spiceproto.link.structures import (
    parse_error,
    parse_header,
    parse_mechanism,
    parse_message,
    parse_reply,
    parse_result,
    parse_ticket,
)
from spiceproto.messages.link import LinkMess, LinkReply, SaslChallenge, SaslMechanismList, SaslResponse, SaslStart
from spiceproto.ticket import CIPHERTEXT_SIZE, PUBLIC_KEY_SIZE

__all__ = ["LinkObserver"]

_WAITING = 4 << 20
"""Bytes of one direction that may lie until their turn comes: SASL data and what a capture may show out of order."""

_ERROR_SIZE = 4
_CAPABILITY_FIELDS = {"num_common_caps": 12, "num_channel_caps": 8, "caps_offset": 4}
"""How far before the end of the fixed part each stands."""

_MECHANISM_SIZE = 4
_mini = Struct("<HL").unpack_from
_full = Struct("<QHLL").unpack_from

_Then = Callable[[bytes], None]
_Missing = Callable[[], None]


class LinkObserver:
    """Walks one link stage. The last item is :class:`Established`, :class:`Failed` or :class:`Opaque`.

    After :class:`Established`, bytes go to the message layer: first its ``client_rest`` and ``server_rest``, then all
    that comes. Bytes fed here after the end are not kept.
    """

    __slots__ = ("_client", "_inboxes", "_items", "_list", "_mechanism", "_message", "_missing",
                 "_public_key", "_reply_start", "_rounds", "_sasl_name", "_sasl_name_bytes", "_sasl_start",
                 "_sender", "_server", "_stage", "_then", "_want", "finished")  # fmt: skip

    def __init__(self) -> None:
        self.finished = False
        self._inboxes = {"client": Inbox(), "server": Inbox()}
        self._items: list[Item] = []
        self._client = caps.NONE
        self._server = caps.NONE
        self._message: LinkMess | None = None
        self._mechanism: AuthMechanism | int = AuthMechanism.SPICE
        self._list: tuple[str, ...] = ()
        self._sasl_name = ""
        self._sasl_name_bytes = b""
        self._sasl_start = 0
        self._rounds = 0
        self._public_key = b""
        self._reply_start = 0
        self._expect("header", "client", HEADER_SIZE, self._client_header, self._truncated_client)

    def receive(self, sender: str, data: bytes) -> list[Item]:
        """Bytes that ``sender`` ("client" or "server") sent."""
        if self.finished:
            return []
        inbox = self._inboxes[sender]
        inbox.add(data)
        self._run()
        if not self.finished and len(inbox) > _WAITING:
            self._problem("error", "too-much", sender, inbox.offset, f"at most {_WAITING} bytes", str(len(inbox)))
            self._fail(None, "bytes of one direction wait for too long")
        return self._take_items()

    def closed(self) -> list[Item]:
        """Nothing more comes, from either side. An unfinished link stage becomes :class:`Failed`."""
        while not self.finished:
            # What is missing either ends the walk or leads to another direction, which may have more.
            self._missing()
            self._run()
        return self._take_items()

    # -- waiting

    def _run(self) -> None:
        while not self.finished and len(self._inboxes[self._sender]) >= self._want:
            self._then(self._inboxes[self._sender].take(self._want))

    def _expect(self, stage: str, sender: str, size: int, then: _Then, missing: _Missing | None = None) -> None:
        """Wait for ``size`` bytes; ``missing`` acts if they never come."""
        self._stage = stage
        self._sender = sender
        self._want = size
        self._then = then
        self._missing: _Missing = missing or self._truncated

    def _take_items(self) -> list[Item]:
        items = self._items
        self._items = []
        return items

    def _at(self, sender: str, behind: int = 0) -> int:
        return self._inboxes[sender].offset - behind

    def _record(self, kind: str, size: int, value: object, *, sender: str = "") -> None:
        sender = sender or self._sender
        end = self._at(sender)
        self._items.append(Record(sender, kind, end - size, end, value))

    def _problem(self, severity: Severity, code: str, sender: str, offset: int, expected: str = "",
                 actual: str = "") -> None:  # fmt: skip
        self._items.append(Problem(severity, code, sender, offset, expected, actual))

    def _fail(self, error: LinkErr | int | None, text: str) -> None:
        self.finished = True
        rest = {sender: inbox.take(len(inbox)) for sender, inbox in self._inboxes.items()}
        self._items.append(Failed(self._stage, error, text, rest["client"], rest["server"]))

    def _truncated(self) -> None:
        """The sender stopped inside or before what was due."""
        have = len(self._inboxes[self._sender])
        if have:
            self._problem("error", "truncated", self._sender, self._at(self._sender), f"{self._want} bytes", str(have))
        self._fail(None, f"the connection ends before the {self._sender} has spoken")

    # -- header and link message

    def _truncated_client(self) -> None:
        """The client's part of the exchange is not whole; a server may have answered what there is."""
        have = len(self._inboxes["client"])
        if have:
            self._problem("error", "truncated", "client", self._at("client"), f"{self._want} bytes", str(have))
        self._expect(self._stage, "server", HEADER_SIZE, self._server_header)

    def _client_header(self, data: bytes) -> None:
        header = parse_header(data)
        self._record("link-header", HEADER_SIZE, header)
        least, most = limits.LINK_MESSAGE_SIZE
        if header.magic != MAGIC:
            self._problem("error", "magic", "client", 0, "REDQ", repr(data[:4]))
        else:
            self._version("client", 0, header.major_version, header.minor_version)
        if not least <= header.size <= most:
            self._problem("error", "link-message-size", "client", 12, f"{least} to {most}", str(header.size))
        elif header.magic == MAGIC:
            self._expect("message", "client", header.size, self._link_message, self._truncated_client)
            return
        self._await_reply()

    def _version(self, sender: str, start: int, major: int, minor: int) -> None:
        if major != MAJOR:
            self._problem("error", "version", sender, start + 4, str(MAJOR), str(major))
        elif minor != MINOR:
            self._problem("note", "minor-version", sender, start + 8, str(MINOR), str(minor))

    def _link_message(self, data: bytes) -> None:
        message = parse_message(data)
        self._message = message
        self._record("link-message", len(data), message)
        start = self._at("client", len(data))
        self._client = self._capabilities("client", start, data, MESSAGE_SIZE, message)
        if message.channel_type == ChannelType.MAIN:
            if message.connection_id:
                self._problem("note", "connection-id", "client", start, "0", str(message.connection_id))
        elif not message.connection_id:
            self._problem("warning", "connection-id", "client", start, "the id of a session", "0")
        self._await_reply()

    def _capabilities(self, sender: str, start: int, data: bytes, fixed: int,
                      value: LinkMess | LinkReply) -> Capabilities:  # fmt: skip
        common, channel, offset = value.num_common_caps, value.num_channel_caps, value.caps_offset
        try:
            found = caps.read(data, fixed, common, channel, offset)
        except RemoteError as error:
            at = start + fixed - _CAPABILITY_FIELDS[error.path]
            self._problem("error", "capability-words", sender, at, error.expected, error.actual)
            return caps.NONE
        words = common + channel
        end = offset + 4 * words if words else fixed
        if words and offset != fixed:
            self._problem("note", "capability-words-apart", sender, start + fixed - 4, str(fixed), str(offset))
        if end < len(data):
            self._problem("note", "bytes-behind-capabilities", sender, start + end, "", f"{len(data) - end} bytes")
        return found

    # -- link reply

    def _await_reply(self) -> None:
        self._expect("reply", "server", HEADER_SIZE, self._server_header, self._no_reply)

    def _no_reply(self) -> None:
        have = len(self._inboxes["server"])
        if have:
            self._truncated()
            return
        self._problem("warning", "no-reply", "server", 0, "a link reply with an error", "nothing")
        self._fail(None, "the server closes without an answer")

    def _server_header(self, data: bytes) -> None:
        header = parse_header(data)
        start = self._at("server", HEADER_SIZE)
        self._record("link-header", HEADER_SIZE, header)
        if header.magic != MAGIC:
            self._problem("error", "magic", "server", start, "REDQ", repr(data[:4]))
            self._fail(None, "the server does not speak SPICE")
            return
        self._version("server", start, header.major_version, header.minor_version)
        most = limits.LINK_REPLY_SIZE[1]
        if not _ERROR_SIZE <= header.size <= most:
            self._problem("error", "link-reply-size", "server", start + 12, f"{REPLY_SIZE} to {most}", str(header.size))
            self._fail(None, "the link reply has an impossible size")
            return
        self._expect(self._stage, "server", header.size, self._link_reply)

    def _link_reply(self, data: bytes) -> None:
        start = self._at("server", len(data))
        error = parse_error(data[:_ERROR_SIZE])
        if len(data) < REPLY_SIZE:
            self._record("link-error", len(data), error)
            code = "link-reply-size" if error.error == LinkErr.OK else "short-refusal"
            severity: Severity = "error" if error.error == LinkErr.OK else "note"
            self._problem(severity, code, "server", start - 4, f"at least {REPLY_SIZE}", str(len(data)))
            self._fail(error.error or None, "the server refuses")
            return
        reply = parse_reply(data)
        self._record("link-reply", len(data), reply)
        if reply.error != LinkErr.OK:
            self._fail(reply.error, "the server refuses")
            return
        if self._message is None:
            self._fail(None, "the server accepts what is no link message")
            return
        self._server = self._capabilities("server", start, data, REPLY_SIZE, reply)
        self._reply_start = start
        self._public_key = reply.pub_key
        self._login()

    # -- mechanism and ticket

    def _login(self) -> None:
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        client, server = self._client.has(selection), self._server.has(selection)
        if client and server:
            self._expect("mechanism", "client", _MECHANISM_SIZE, self._auth_mechanism)
        else:
            # Four bytes of a ticket are as good as never a 1 or a 2; a program with another rule shows itself so.
            self._expect("ticket", "client", _MECHANISM_SIZE, self._maybe_mechanism)

    def _maybe_mechanism(self, data: bytes) -> None:
        if int.from_bytes(data, "little") in (AuthMechanism.SPICE, AuthMechanism.SASL):
            at = self._at("client", _MECHANISM_SIZE)
            self._problem("warning", "mechanism-word-unexpected", "client", at, "a ticket", "a mechanism number")
            self._auth_mechanism(data)
        else:
            self._expect("ticket", "client", CIPHERTEXT_SIZE - len(data), lambda rest: self._ticket(data + rest))

    def _auth_mechanism(self, data: bytes) -> None:
        value = parse_mechanism(data)
        at = self._at("client", len(data))
        self._items.append(Record("client", "auth-mechanism", at, at + len(data), value))
        self._mechanism = value.auth_mechanism
        if self._mechanism == AuthMechanism.SPICE:
            if self._server.has(CommonCapability.AUTH_SASL) and not self._server.has(CommonCapability.AUTH_SPICE):
                self._problem("warning", "mechanism-not-announced", "client", at, "2", "1")
            self._expect("ticket", "client", CIPHERTEXT_SIZE, self._ticket)
        elif self._mechanism == AuthMechanism.SASL:
            if not self._server.has(CommonCapability.AUTH_SASL):
                self._problem("warning", "mechanism-not-announced", "client", at, "1", "2")
            self._expect("sasl", "server", 4, self._list_or_result)
        else:
            number = int(self._mechanism)
            # No mechanism will ever have so large a number; these are the first bytes of a ticket.
            code = "mechanism-word-missing" if number > 0xFFFF else "mechanism-unknown"
            self._problem("error", code, "client", at, "1 or 2", str(number))
            self._expect("mechanism", "server", RESULT_SIZE, self._after_bad_mechanism)

    def _after_bad_mechanism(self, data: bytes) -> None:
        if any(data):
            self._result(data)
        else:
            # A lenient server: what it let pass can only be a ticket.
            self._result_record("link-result", data)
            self._expect("ticket", "client", CIPHERTEXT_SIZE, self._late_ticket)

    def _late_ticket(self, data: bytes) -> None:
        self._record("ticket", len(data), parse_ticket(data))
        self._established()

    def _ticket(self, data: bytes) -> None:
        value = parse_ticket(data)
        end = self._at("client")
        self._items.append(Record("client", "ticket", end - CIPHERTEXT_SIZE, end, value))
        if not any(self._public_key):
            at = self._reply_start + 4
            self._problem("warning", "public-key", "server", at, "an RSA key", f"{PUBLIC_KEY_SIZE} zeros")
        self._expect("result", "server", RESULT_SIZE, self._result)

    # -- result

    def _result_record(self, kind: str, data: bytes) -> LinkErr | int:
        value = parse_result(data)
        self._record(kind, len(data), value, sender="server")
        return value.error

    def _result(self, data: bytes) -> None:
        if int.from_bytes(data, "little") == MAGIC:
            self._problem("error", "second-link-reply", "server", self._at("server", RESULT_SIZE), "a link result",
                          "a link header")  # fmt: skip
            self._expect(self._stage, "server", HEADER_SIZE - len(data), lambda rest: self._second_header(data + rest))
            return
        error = self._result_record("link-result", data)
        if error != LinkErr.OK:
            self._fail(error, "the server refuses the login")
        else:
            self._established()

    def _second_header(self, data: bytes) -> None:
        header = parse_header(data)
        end = self._at("server")
        self._items.append(Record("server", "link-header", end - HEADER_SIZE, end, header))
        if not REPLY_SIZE <= header.size <= limits.LINK_REPLY_SIZE[1]:
            self._fail(None, "the second link reply has an impossible size")
            return
        self._expect(self._stage, "server", header.size, self._second_reply)

    def _second_reply(self, data: bytes) -> None:
        reply = parse_reply(data)
        self._record("link-reply", len(data), reply)
        self._fail(reply.error or None, "the server answers the login with a second link reply")

    def _make_established(self) -> Established:
        assert self._message is not None
        client, server = self._inboxes["client"], self._inboxes["server"]
        return Established(
            self._message,
            self._client,
            self._server,
            caps.mini_header(self._client, self._server),
            self._mechanism,
            client.offset,
            server.offset,
            client.peek(len(client)),
            server.peek(len(server)),
        )

    def _established(self) -> None:
        self.finished = True
        self._items.append(self._make_established())

    # -- SASL

    def _list_or_result(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        if size == MAGIC:
            self._result(data)
        elif size > limits.SASL_MECHANISM_LIST:
            self._sasl_size("server", self._at("server", 4), limits.SASL_MECHANISM_LIST, size)
        else:
            # The same number may be the length of "PLAIN" or an error, behind which nothing comes.
            self._expect("sasl", "server", size, self._mechanism_list, lambda: self._no_list(data))

    def _no_list(self, data: bytes) -> None:
        if any(data) and not self._inboxes["server"]:
            self._stage = "mechanism"
            self._result(data)
        else:
            self._truncated()

    def _sasl_size(self, sender: str, offset: int, most: int, size: int) -> None:
        self._problem("error", "sasl-size", sender, offset, f"at most {most} bytes", str(size))
        self._fail(None, "SASL cannot be followed")

    def _mechanism_list(self, data: bytes) -> None:
        self._list = frames.split_mechanisms(data)
        self._record("sasl-mechanism-list", 4 + len(data), SaslMechanismList(data))
        if not self._server.has(CommonCapability.AUTH_SASL):
            self._problem("error", "unannounced-sasl", "server", self._at("server", 4 + len(data)), "a link result",
                          "a mechanism list")  # fmt: skip
        self._expect("sasl", "client", 4, self._name_length)

    def _name_length(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        self._sasl_start = self._at("client", 4)
        if not 1 <= size <= frames.MECHANISM_NAME:
            self._sasl_size("client", self._sasl_start, frames.MECHANISM_NAME, size)
            return
        self._expect("sasl", "client", size, self._name)

    def _name(self, data: bytes) -> None:
        self._sasl_name_bytes = data
        self._sasl_name = data.decode("ascii", "backslashreplace")
        if self._sasl_name not in self._list:
            at = self._sasl_start + 4
            self._problem("error", "sasl-mechanism", "client", at, ", ".join(self._list), self._sasl_name)
        self._expect("sasl", "client", 4, lambda size: self._data_length("client", size, self._first_response))

    def _data_length(self, sender: str, data: bytes, then: _Then, more: int = 0) -> None:
        size = int.from_bytes(data, "little")
        if size > limits.SASL_DATA:
            self._sasl_size(sender, self._at(sender, 4), limits.SASL_DATA, size)
            return
        self._expect("sasl", sender, size + more, then)

    def _terminator(self, sender: str, data: bytes, offset: int) -> None:
        if data and data[-1]:
            self._problem("warning", "sasl-terminator", sender, offset, "0", str(data[-1]))

    def _first_response(self, data: bytes) -> None:
        end = self._at("client")
        value = SaslStart(self._sasl_name_bytes, data)
        self._items.append(Record("client", "sasl-start", self._sasl_start, end, value))
        self._terminator("client", data, end - 1)
        self._await_challenge()

    def _await_challenge(self) -> None:
        self._rounds += 1
        if self._rounds > frames.ROUNDS:
            self._problem("error", "sasl-endless", "server", self._at("server"), f"at most {frames.ROUNDS} challenges")
            self._fail(None, "SASL does not come to an end")
            return
        self._expect("sasl", "server", 4, lambda size: self._data_length("server", size, self._challenge, 1))

    def _challenge(self, data: bytes) -> None:
        content, complete = data[:-1], data[-1]
        self._record("sasl-challenge", 4 + len(data), SaslChallenge(content, complete))
        self._terminator("server", content, self._at("server", 2))
        if complete:
            self._expect("sasl", "server", RESULT_SIZE, self._sasl_result)
        else:
            self._expect("sasl", "client", 4, lambda size: self._data_length("client", size, self._response))

    def _response(self, data: bytes) -> None:
        self._record("sasl-response", 4 + len(data), SaslResponse(data))
        self._terminator("client", data, self._at("client", 1))
        self._await_challenge()

    def _sasl_result(self, data: bytes) -> None:
        error = self._result_record("sasl-result", data)
        if error != LinkErr.OK:
            self._fail(error, "the server refuses the login")
        else:
            self._expect("result", "server", RESULT_SIZE, self._result_or_layer)

    def _result_or_layer(self, data: bytes) -> None:
        """The link result; or the big-endian length of the packet in which a security layer hides it."""
        may_hide = self._sasl_name not in frames.WITHOUT_LAYER and not self._sasl_name.startswith("SCRAM-")
        if not may_hide or int.from_bytes(data, "little") <= max(LinkErr):
            self._result(data)
            return
        self._inboxes["server"].give_back(data)
        self.finished = True
        self._items.append(Opaque(self._make_established(), self._sasl_name))
