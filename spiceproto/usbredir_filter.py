"""Filters of usbredir: which devices one side lets in, as the text of FILTER_FILTER says it.

    0x08,-1,-1,-1,1|-1,-1,-1,-1,0        mass storage, and nothing else

Rules stand between bars; each has class, vendor, product, version and whether such a device is let in (1) or not (0). -1 stands
for any. The first rule that fits decides; what no rule fits is kept out. A device is let in if its class is, unless that is
0x00 or 0xEF, which say nothing, and if each of its interfaces is.
"""

from __future__ import annotations

from typing import Final

import msgspec

from spiceproto.errors import LimitError, RemoteError
from spiceproto.messages.usbredir import DeviceConnect, DeviceConnectShort, InterfaceInfo

__all__ = ["Filter", "FilterRule"]

RULES: Final = 1024
"""Most rules of one filter."""

_FIELDS: Final = 5
_ANY: Final = -1
_SAYS_NOTHING: Final = (0x00, 0xEF)
_MOST: Final = (0xFF, 0xFFFF, 0xFFFF, 0xFFFF, 1)
_NAMES: Final = ("class", "vendor", "product", "version", "allow")


class FilterRule(msgspec.Struct, frozen=True):
    """One rule; -1 stands for any."""

    device_class: int
    vendor: int
    product: int
    version: int
    allow: bool

    def fits(self, kind: int, connect: DeviceConnect | DeviceConnectShort) -> bool:
        """Whether it is about a device of this class."""
        version = connect.device_version_bcd if isinstance(connect, DeviceConnect) else 0
        found = (kind, connect.vendor_id, connect.product_id, version)
        wanted = (self.device_class, self.vendor, self.product, self.version)
        return all(wish in (_ANY, value) for wish, value in zip(wanted, found, strict=True))


class Filter(msgspec.Struct, frozen=True):
    """Rules in their order."""

    rules: tuple[FilterRule, ...]

    @classmethod
    def parse(cls, text: str) -> Filter:
        """From the text, without its zero byte. Raises RemoteError for what is none, LimitError for too many rules."""
        parts = [part for part in text.split("|") if part]
        if len(parts) > RULES:
            raise LimitError("too many rules in a filter", expected=f"at most {RULES}", actual=str(len(parts)))
        return cls(tuple([_rule(place, part) for place, part in enumerate(parts)]))

    def text(self) -> str:
        """The text, without a zero byte."""
        return "|".join(
            f"{_number(rule.device_class, 2)},{_number(rule.vendor, 4)},{_number(rule.product, 4)},"
            f"{_number(rule.version, 4)},{int(rule.allow)}"
            for rule in self.rules
        )

    def allows(self, connect: DeviceConnect | DeviceConnectShort, interfaces: InterfaceInfo) -> bool:
        """Whether a device is let in."""
        kinds = [] if connect.device_class in _SAYS_NOTHING else [connect.device_class]
        kinds += interfaces.interface_class[: interfaces.interface_count]
        return all(self._allows(kind, connect) for kind in kinds)

    def _allows(self, kind: int, connect: DeviceConnect | DeviceConnectShort) -> bool:
        return next((rule.allow for rule in self.rules if rule.fits(kind, connect)), False)


def _number(value: int, digits: int) -> str:
    return str(_ANY) if value == _ANY else f"0x{value:0{digits}x}"


def _rule(place: int, text: str) -> FilterRule:
    words = text.split(",")
    if len(words) != _FIELDS:
        raise RemoteError("not a rule", path=f"rules[{place}]", expected=f"{_FIELDS} fields", actual=repr(text[:60]))
    values = []
    for name, word, most in zip(_NAMES, words, _MOST, strict=True):
        try:
            value = int(word, 0)
        except ValueError:
            value = most + 1
        if not (0 <= value <= most or (value == _ANY and name != "allow")):
            expected = f"{'' if name == 'allow' else '-1, or '}0 to {most:#x}"
            raise RemoteError("not a field of a rule", path=f"rules[{place}].{name}", expected=expected, actual=repr(word[:20]))
        values.append(value)
    kind, vendor, product, version, allow = values
    return FilterRule(device_class=kind, vendor=vendor, product=product, version=version, allow=bool(allow))
