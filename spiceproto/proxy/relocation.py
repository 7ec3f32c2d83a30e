"""Messages that send a client to another server: they name the proxy instead, which goes there in the client's place.

MIGRATE_BEGIN, MIGRATE_BEGIN_SEAMLESS and MIGRATE_SWITCH_HOST are rewritten: the host becomes the address at which the client
has reached the proxy, the ports one where the proxy listens for this destination alone, and the subject of the certificate that
of the proxy's own. A port that is not named stays so. Nothing else of them is another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from spiceproto import dispatch
from spiceproto.errors import LocalError
from spiceproto.messages import main
from spiceproto.proxy.message import Fate, Message
from spiceproto.proxy.rules import Numbers
from spiceproto.transport import Place

__all__ = ["Here", "Relocation"]

_NUMBERS: Final = frozenset(
    number
    for number, row in dispatch.rows("main", "server").items()
    if row.name in ("MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS", "MIGRATE_SWITCH_HOST")
)


class Here(msgspec.Struct, frozen=True):
    """Where the proxy is for a destination.

    * ``host``: an address
    * ``port``: with and without TLS
    * ``subject``: of the certificate
    """

    host: str
    port: int
    subject: str


class Relocation:
    """Of one connection, from a server at ``host``. ``listen`` says where the proxy is for a place; it raises LocalError."""

    name = "migration"

    def __init__(self, host: str, listen: Callable[[Place], Here]) -> None:
        self._host = host
        self._listen = listen

    def wants(self, channel: str, channel_id: int, sender: str) -> Numbers:
        """Those of a server's main channel."""
        return _NUMBERS if (channel, sender) == ("main", "server") else frozenset()

    def apply(self, message: Message, fate: Fate) -> str:
        """Rewrite it. A rule before this one may have."""
        value = dispatch.parse("main", "server", message.number, fate.body)
        if message.has_inside:
            raise LocalError("a message that carries others is not changed", where=str(message))
        nested = not isinstance(value, main.MigrateSwitchHost)
        target: Any = value.dst_info if nested else value
        host = _text(target.host_data) or self._host
        place = Place(host, target.port, target.sport, _text(target.cert_subject_data))
        here = self._listen(place)
        moved = msgspec.structs.replace(
            target,
            port=here.port if target.port else 0,
            sport=here.port if target.sport else 0,
            host_data=_like(target.host_data, here.host),
            cert_subject_data=_like(target.cert_subject_data, here.subject) if place.subject else target.cert_subject_data,
        )
        whole = msgspec.structs.replace(value, dst_info=moved) if nested else moved
        fate.body = dispatch.build("main", "server", whole)[1]
        return f"{place.host}, ports {place.port} and {place.tls_port}, becomes {here.host}, port {here.port}"


def _text(data: Any) -> str:
    return data.removesuffix(b"\0").decode("utf-8", "replace") if isinstance(data, bytes) else ""


def _like(data: Any, text: str) -> bytes:
    """With a zero byte at the end if there was one."""
    zero = not isinstance(data, bytes) or data.endswith(b"\0")
    return text.encode() + (b"\0" if zero else b"")
