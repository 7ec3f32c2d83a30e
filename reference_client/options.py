"""What a client is told before it connects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from spiceproto import limits
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability, MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.link.sasl import SaslClient

__all__ = ["ALL_CHANNELS", "CHANNEL_CAPABILITIES", "COMMON_CAPABILITIES", "DEFAULT_CHANNELS", "Options", "channel_types"]

COMMON_CAPABILITIES: Final = NONE.with_(
    CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER
)
"""Announced on every channel; AUTH_SASL comes to it where SASL can be used."""

CHANNEL_CAPABILITIES: Final[Mapping[int, Capabilities]] = MappingProxyType(
    {
        # Without the migration bits a server that leaves its host says SWITCH_HOST.
        ChannelType.MAIN: NONE.with_(MainCapability.NAME_AND_UUID, MainCapability.AGENT_CONNECTED_TOKENS),
        ChannelType.DISPLAY: NONE.with_(
            DisplayCapability.SIZED_STREAM,
            DisplayCapability.MONITORS_CONFIG,
            DisplayCapability.COMPOSITE,
            DisplayCapability.A8_SURFACE,
            DisplayCapability.LZ4_COMPRESSION,
            DisplayCapability.MULTI_CODEC,
            DisplayCapability.CODEC_MJPEG,
        ),
    }
)
"""Announced besides, by channel type: what the canvas can draw, and what this client lives up to."""

DEFAULT_CHANNELS: Final = (ChannelType.MAIN, ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR)
ALL_CHANNELS: Final = frozenset(ChannelType) - {ChannelType.TUNNEL}

_NAMES: Final = {kind.name.lower(): kind for kind in ALL_CHANNELS}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Facts about one client.

    * ``password``: of the ticket, and of SASL unless the login is made elsewhere
    * ``username``: of SASL
    * ``sasl``: False for none; True to log in by PLAIN or SCRAM where the server offers it; or what makes a login
    * ``channels``: types that are linked when the server lists them; main always is
    * ``capabilities``: channel type to what is announced instead of the usual
    * ``plain``: whether there is a way without TLS; ``tls``: whether there is one with it
    * ``secure_channels``: types that are linked with TLS only
    * ``connect_timeout``, ``link_timeout``: seconds for a connection, and for its link stage
    * ``prefer_client_mode``: ask for mouse mode CLIENT whenever it is supported and not the mode
    * ``canvas``: draw what the display channels say, for pictures
    * ``most_channels``: links of one session, however many a list names
    * ``pixmap_cache_size``, ``glz_window_size``: pixels, as INIT of the display channel says them
    """

    password: bytes | str = b""
    username: str = ""
    sasl: bool | Callable[[], SaslClient] = False
    channels: tuple[int, ...] = DEFAULT_CHANNELS
    capabilities: Mapping[int, Capabilities] = MappingProxyType({})
    plain: bool = True
    tls: bool = False
    secure_channels: frozenset[int] = frozenset()
    connect_timeout: float = 15.0
    link_timeout: float = 15.0
    prefer_client_mode: bool = True
    canvas: bool = False
    most_channels: int = 64
    pixmap_cache_size: int = 1 << 22
    glz_window_size: int = 1 << 22

    @property
    def ticket_password(self) -> bytes:
        """The password as bytes."""
        return self.password.encode() if isinstance(self.password, str) else self.password

    def check(self) -> None:
        """Raise LocalError for what cannot be said in SPICE."""
        password = self.ticket_password
        if len(password) > limits.PASSWORD and not self.sasl:
            raise LocalError("the password is too long for a ticket", expected=f"at most {limits.PASSWORD} bytes",
                             actual=f"{len(password)} bytes", requirement="SPICE-LINK-047")  # fmt: skip
        if b"\0" in password:
            raise LocalError("a password with a zero byte would be cut there by the server")
        if not (self.plain or self.tls):
            raise LocalError("there is no way to the server", expected="a port, with TLS or without")

    def announced(self, channel_type: int) -> Capabilities:
        """What the link message of a channel says."""
        found = self.capabilities.get(channel_type)
        if found is not None:
            return found
        common = COMMON_CAPABILITIES.with_(CommonCapability.AUTH_SASL) if self.sasl else COMMON_CAPABILITIES
        return Capabilities(common.common, CHANNEL_CAPABILITIES.get(channel_type, NONE).channel)

    def secure(self, channel_type: int) -> bool:
        """Whether a channel is to begin with TLS."""
        return not self.plain or channel_type in self.secure_channels

    def sasl_login(self) -> SaslClient | None:
        """A login for one link, or None if there is to be none."""
        if self.sasl is True:
            # Imported where it is used: most logins are tickets.
            from spiceproto.link import mechanisms

            return mechanisms.client(self.username, self.password if isinstance(self.password, str) else self.password.decode())
        return self.sasl() if self.sasl else None


def channel_types(names: str) -> frozenset[int]:
    """Types in a list of names as .vv files and command lines have it: ``main;inputs``, ``main,display`` or ``all``.

    Raises LocalError for a name that is none.
    """
    found: set[int] = set()
    for name in names.replace(",", ";").split(";"):
        name = name.strip().lower()
        if name == "all":
            found |= ALL_CHANNELS
        elif name in _NAMES:
            found.add(_NAMES[name])
        elif name:
            raise LocalError("no such channel", expected=", ".join(sorted(_NAMES)), actual=name)
    return frozenset(found)
