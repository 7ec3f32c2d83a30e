"""Faults in ticket and SASL (spec/01-link.md, 1.6 and 1.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client.tests.conversations import Make, fresh, plaintext
from reference_client.tests.hand import Hand, reply
from reference_client.tests.scripted import CHANNELS, COMMON, ScriptedServer
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.errors import LocalError
from spiceproto.link import mechanisms

_SASL = (COMMON.with_(CommonCapability.AUTH_SASL).without(CommonCapability.AUTH_SPICE)).common
_SASL_OPTIONS: dict[str, Any] = {"sasl": True, "username": "suite", "password": "sesame"}


def _ticket_is_right(make: Make) -> bool:
    hand = fresh(make(password="sesame"))
    hand.give(reply())
    return plaintext(hand) == b"sesame\0"


def _refuses_a_long_password(make: Make) -> bool:
    try:
        hand = fresh(make(password="x" * 61))
    except LocalError:
        return True
    hand.give(reply())
    return plaintext(hand) is None


def _sasl_hand(make: Make) -> Hand:
    hand = fresh(make(**_SASL_OPTIONS))
    hand.give(reply(common=(_SASL,), key=bytes(162)))
    return hand


def _key_is_not_looked_at(make: Make) -> bool:
    return _sasl_hand(make).taken() == (2).to_bytes(4, "little")


def _refuses_every_result(make: Make) -> bool:
    hand = Hand(make())
    hand.give(reply())
    hand.give(b"\x63\0\0\0")
    return not hand.established()


def _parts(data: bytes) -> list[bytes]:
    """Byte strings with their lengths before them."""
    found = []
    while data:
        size = int.from_bytes(data[:4], "little")
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found


def _sasl_response(make: Make) -> list[bytes]:
    hand = _sasl_hand(make)
    hand.taken()
    hand.give((5).to_bytes(4, "little") + b"PLAIN")
    return _parts(hand.taken())


def _sasl_ends_with_zero(make: Make) -> bool:
    return _sasl_response(make)[1] == b"\0suite\0sesame\0"


def _sasl_is_listed(make: Make) -> bool:
    return _sasl_response(make)[0] == b"PLAIN"


def _sasl_list_is_limited(make: Make) -> bool:
    hand = _sasl_hand(make)
    hand.give((301).to_bytes(4, "little"))
    return hand.closes == [0]


def _sasl_session(make: Make) -> bool:
    channels: dict[tuple[int, int], Capabilities] = {key: _with_sasl(value) for key, value in CHANNELS.items()}
    server = ScriptedServer(make(**_SASL_OPTIONS), channels=channels, sasl=lambda: mechanisms.server({"suite": "sesame"}))
    return bool(server.client.linked())


def _with_sasl(value: Any) -> Any:
    return value.without(CommonCapability.AUTH_SPICE).with_(CommonCapability.AUTH_SASL)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "ticket-without-zero-byte": _ticket_is_right,
    "ticket-with-other-padding": _ticket_is_right,
    "long-password": _refuses_a_long_password,
    "parses-key-early": _key_is_not_looked_at,
    "knows-one-refusal": _refuses_every_result,
    "sasl-without-zero-byte": _sasl_ends_with_zero,
    "no-sasl-limits": _sasl_list_is_limited,
    "sasl-mechanism-not-listed": _sasl_is_listed,
    "sasl-layer-too-early": _sasl_session,
}
