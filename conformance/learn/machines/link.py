"""The link stage of a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.learn.alphabet import Alphabet, Letter
from conformance.learn.link_talk import HEADER, MECHANISM, MESSAGE, MESSAGE_SIZE, TICKET, LinkTalk
from conformance.wire_form import header, link_message
from spiceproto import ticket
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType
from spiceproto.sizes import LINK_HEADER_SIZE

__all__ = ["LINK"]

_SELECTION: Final = 1 << CommonCapability.PROTOCOL_AUTH_SELECTION
_USUAL: Final = _SELECTION | 1 << CommonCapability.AUTH_SPICE | 1 << CommonCapability.MINI_HEADER
_NO_CHANNEL: Final = 200
_NO_SESSION: Final = 0x5EED5EED
_A_MINUTE: Final = 61.0
_NO_TICKET: Final = b"\xa5" * 128
"""In place of a ticket while there is no key for one."""

_REPLY: Final = {"reply": "SPICE-LINK-001"}
_RESULT: Final = {"result": "SPICE-LINK-001"}


def _part(kind: str, data: bytes) -> Callable[[LinkTalk], None]:
    def act(talk: LinkTalk) -> None:
        talk.part(kind, data)

    return act


def _header(**freedom: int | bytes) -> Callable[[LinkTalk], None]:
    return _part(HEADER, header(**({"size": MESSAGE_SIZE} | freedom)))  # type: ignore[arg-type]


def _body(kind: int, connection_id: int = 0, *, common: int = _USUAL, offset: int | None = None) -> bytes:
    data = link_message(kind, 0, connection_id, common_caps=(common,), channel_caps=(0,), offset=offset)
    return data[LINK_HEADER_SIZE:]


def _message(
    kind: int, connection_id: int = 0, *, common: int = _USUAL, offset: int | None = None
) -> Callable[[LinkTalk], None]:
    data = _body(kind, connection_id, common=common, offset=offset)

    def act(talk: LinkTalk) -> None:
        if talk.due == MESSAGE:
            talk.selects = bool(common & _SELECTION)
        talk.part(MESSAGE, data)

    return act


def _ticket(wrong: str = "") -> Callable[[LinkTalk], None]:
    def act(talk: LinkTalk) -> None:
        key = talk.key()
        password = talk.client.password.encode() + wrong.encode()
        talk.part(TICKET, ticket.encrypt_plaintext(key, password + b"\0") if key and talk.due == TICKET else _NO_TICKET)

    return act


def _minute(talk: LinkTalk) -> None:
    talk.client.wait(_A_MINUTE)


LINK: Final = Alphabet(
    name="link",
    role="server",
    doc="The link stage, up to the first message.",
    begin=LinkTalk,
    letters=(
        Letter("header", _header()),
        Letter("header, another magic", _header(magic=b"SPCE")),
        Letter("header, version 3", _header(major=3)),
        Letter("header, a huge size", _header(size=1 << 24)),
        Letter("header, a size of nothing", _header(size=0)),
        Letter("message main", _message(ChannelType.MAIN), owed=_REPLY),
        Letter("message main, no mechanism", _message(ChannelType.MAIN, common=_USUAL & ~_SELECTION), owed=_REPLY),
        Letter("message, no such channel", _message(_NO_CHANNEL), owed=_REPLY),
        Letter("message inputs, no such session", _message(ChannelType.INPUTS, _NO_SESSION), owed=_REPLY),
        Letter("message main, no such session", _message(ChannelType.MAIN, _NO_SESSION), owed=_REPLY),
        Letter("message, capabilities outside", _message(ChannelType.MAIN, offset=1000), owed=_REPLY),
        Letter("mechanism ticket", _part(MECHANISM, (1).to_bytes(4, "little"))),
        Letter("mechanism SASL", _part(MECHANISM, (2).to_bytes(4, "little"))),
        Letter("mechanism other", _part(MECHANISM, (77).to_bytes(4, "little")), owed={"result": "SPICE-LINK-040"}),
        Letter("ticket", _ticket(), owed=_RESULT),
        Letter("ticket, another password", _ticket("x"), owed=_RESULT, needs=("ticket",)),
        Letter("a minute", _minute, owed={"closed": "SPICE-LINK-063"}, needs=("virtual",)),
    ),
)
