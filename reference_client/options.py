"""What a client is told before it connects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from spiceproto import limits, sound_modes
from spiceproto.agent.monitors import Monitor
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, MainCapability
from spiceproto.enums.display import ImageCompression, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.link.sasl import SaslClient

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reference_client.card import Card
    from reference_client.port_user import PortUser
    from reference_client.sharing import Visit
    from reference_client.usb.redirected import Attached

__all__ = [
    "ALL_CHANNELS",
    "COMMON_CAPABILITIES",
    "COMPRESSIONS",
    "MIGRATIONS",
    "Options",
    "channel_types",
    "codecs_named",
    "compression_named",
]

COMMON_CAPABILITIES: Final = NONE.with_(
    CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER
)
"""Announced on every channel; AUTH_SASL comes to it where SASL can be used."""

GLZ_PIXELS: Final = 1 << 25
"""Pixels of the largest GLZ dictionary that there can be."""

MIGRATIONS: Final = ("none", "switch-host", "semi-seamless", "seamless")
"""How far a client goes with its guest; each goes as far as the ones before it, too."""

ALL_CHANNELS: Final = frozenset(ChannelType) - {ChannelType.TUNNEL}

COMPRESSIONS: Final = {kind.name.lower().replace("_", "-"): kind for kind in ImageCompression if kind.value}
"""What can be preferred, by the names that people use."""

_MIGRATION_BITS: Final = {
    "semi-seamless": MainCapability.SEMI_SEAMLESS_MIGRATE,
    "seamless": MainCapability.SEAMLESS_MIGRATE,
}

_NAMES: Final = {kind.name.lower(): kind for kind in ALL_CHANNELS}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Facts about one client.

    * ``password``: of the ticket, and of SASL unless the login is made elsewhere
    * ``username``: of SASL
    * ``sasl``: False for none; True to log in by PLAIN or SCRAM where the server offers it; or what makes a login
    * ``channels``: types that are linked when the server lists them, None for the usual ones; main always is
    * ``capabilities``: channel type to what is announced instead of the usual
    * ``plain``: whether there is a way without TLS; ``tls``: whether there is one with it
    * ``secure_channels``: types that are linked with TLS only
    * ``connect_timeout``, ``link_timeout``: seconds for a connection, and for its link stage
    * ``leave_timeout``: seconds for which a session is kept that the user leaves, while a display channel has no MARK
    * ``prefer_client_mode``: ask for mouse mode CLIENT whenever it is supported and not the mode
    * ``link_order``: in which order the channels of a list are linked (:mod:`reference_client.link_order`)
    * ``canvas``: draw what the display channels say, for pictures
    * ``most_channels``: links of one session, however many a list names
    * ``pixmap_cache_size``, ``glz_window_size``: pixels, as INIT of the display channel says them; as many are kept, 0 for none
    * ``preferred_compression``: asked for on each display channel whose server takes that; None for what the server chooses
    * ``preferred_codecs``: of video, best first, in the same way
    * ``reference_timeout``: seconds for which a display waits for an image that another one may bring
    * ``play``: is called with what the guest plays: time on the multimedia clock, frames a second, ``int16 (frames, channels)``
    * ``held``: says how many seconds of sound wait in what ``play`` calls; None where nobody knows, and it is reckoned. With it
      silence is played where sound has to be held back
    * ``say``: gives what the guest is to hear: number of the first frame, how many, sound channels, frames a second
    * ``sound_mode``: the codec of sound that is announced and used: ``auto``, ``opus``, ``celt``, or ``raw`` for none
    * ``card``: the smart card that is put into a reader of the guest's; None for no reader
    * ``port``: is asked with the name of each port for who has it here; None for nobody, whose bytes are kept to be read
    * ``share``: makes what answers one connection of the guest to the shared folder; None if nothing is shared
    * ``usb``: what usbredir channels carry, by their ids
    * ``damage``: remember which parts of surfaces change, and tell when one has
    * ``agent``: talk to the guest agent where there is one
    * ``max_clipboard``: bytes of what may be copied and pasted, -1 for no limit of the client's own
    * ``monitors``: what the guest should have, none for what it has
    * ``disable_effects``: DisplayConfigFlags of desktop effects that it should do without
    * ``color_depth``: bits of a pixel that it should use, 0 for what it has
    * ``migration``: how far to go with a guest that moves to another server: one of :data:`MIGRATIONS`; what is not wanted is
      not announced, and with ``none`` the session ends where it began
    """

    password: bytes | str = b""
    username: str = ""
    sasl: bool | Callable[[], SaslClient] = False
    channels: tuple[int, ...] | None = None
    capabilities: Mapping[int, Capabilities] = MappingProxyType({})
    plain: bool = True
    tls: bool = False
    secure_channels: frozenset[int] = frozenset()
    connect_timeout: float = 15.0
    link_timeout: float = 15.0
    leave_timeout: float = 5.0
    prefer_client_mode: bool = True
    link_order: str = "parallel"
    canvas: bool = False
    most_channels: int = 64
    pixmap_cache_size: int = 1 << 22
    glz_window_size: int = 1 << 22
    preferred_compression: ImageCompression | int | None = None
    preferred_codecs: tuple[VideoCodecType | int, ...] = ()
    reference_timeout: float = 5.0
    play: Callable[[int, int, NDArray[np.int16]], None] | None = None
    held: Callable[[], float] | None = None
    say: Callable[[int, int, int, int], NDArray[np.int16]] | None = None
    sound_mode: str = "auto"
    card: Card | None = None
    port: Callable[[str], PortUser | None] | None = None
    share: Callable[[], Visit] | None = None
    usb: Mapping[int, Attached] = MappingProxyType({})
    damage: bool = False
    agent: bool = True
    max_clipboard: int = -1
    monitors: tuple[Monitor, ...] = ()
    disable_effects: int = 0
    color_depth: int = 0
    migration: str = "seamless"

    @property
    def ticket_password(self) -> bytes:
        """The password as bytes."""
        return self.password.encode() if isinstance(self.password, str) else self.password

    def check(self) -> None:
        """Raise LocalError for what cannot be said in SPICE."""
        password = self.ticket_password
        if len(password) > limits.PASSWORD and not self.sasl:
            raise LocalError(
                "the password is too long for a ticket",
                expected=f"at most {limits.PASSWORD} bytes",
                actual=f"{len(password)} bytes",
                requirement="SPICE-LINK-047",
            )
        if b"\0" in password:
            raise LocalError("a password with a zero byte would be cut there by the server")
        if self.migration not in MIGRATIONS:
            raise LocalError("no such kind of migration", expected=", ".join(MIGRATIONS), actual=self.migration)
        if not (self.plain or self.tls):
            raise LocalError("there is no way to the server", expected="a port, with TLS or without")
        for name, most in (("pixmap_cache_size", limits.IMAGE_PIXELS), ("glz_window_size", GLZ_PIXELS)):
            if not 0 <= getattr(self, name) <= most:
                raise LocalError(f"{name} is out of range", expected=f"0 to {most} pixels", actual=str(getattr(self, name)))

        if not -1 <= self.max_clipboard <= limits.AGENT_MESSAGE:
            expected = f"-1, or at most {limits.AGENT_MESSAGE} bytes"
            raise LocalError("max_clipboard is out of range", expected=expected, actual=str(self.max_clipboard))

    def announced(self, channel_type: int, usual: Capabilities = NONE) -> Capabilities:
        """What the link message of a channel says; ``usual`` is what the client announces for its type."""
        found = self.capabilities.get(channel_type)
        if found is not None:
            return found
        if channel_type == ChannelType.MAIN:
            usual = usual.without(*[bit for name, bit in _MIGRATION_BITS.items() if not self.migrates(name)])
        common = COMMON_CAPABILITIES.with_(CommonCapability.AUTH_SASL) if self.sasl else COMMON_CAPABILITIES
        return Capabilities(common.common, sound_modes.limited(channel_type, usual, self.sound_mode).channel)

    def migrates(self, kind: str) -> bool:
        """Whether a migration of this kind is followed."""
        return MIGRATIONS.index(self.migration) >= MIGRATIONS.index(kind)

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


def compression_named(name: str) -> ImageCompression:
    """A compression by its name. Raises LocalError for a name that is none."""
    found = COMPRESSIONS.get(name.lower().replace("_", "-"))
    if found is None:
        raise LocalError("no such compression", expected=", ".join(COMPRESSIONS), actual=name)
    return found


def codecs_named(names: str) -> tuple[VideoCodecType, ...]:
    """Codecs of video in a list of names: ``vp8,mjpeg``, or ``gstreamer:vp8;spice:mjpeg`` as servers have it, with encoders.

    Raises LocalError for a name that is none.
    """
    found = []
    for name in filter(None, [name.rpartition(":")[2].strip().upper() for name in names.replace(",", ";").split(";")]):
        if name not in VideoCodecType.__members__:
            raise LocalError("no such codec", expected=", ".join(VideoCodecType.__members__).lower(), actual=name.lower())
        found.append(VideoCodecType[name])
    return tuple(found)
