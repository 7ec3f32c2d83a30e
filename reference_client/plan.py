"""From addresses, connection files and options to a way and the options of a client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from reference_client.agent.monitors import effects_named, monitors_of
from reference_client.card import read_card
from reference_client.channels import WANTED
from reference_client.events import Event, KeyUnused
from reference_client.options import Options, channel_types, codecs_named, compression_named
from spiceproto.address import SCHEMES, Address, parse_address
from spiceproto.connection_file import ConnectionFile, read_connection_file
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.http_proxy import parse_proxy
from spiceproto.way import Way

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reference_client.port_user import PortUser
    from reference_client.sharing import Visit
    from reference_client.usb.redirected import Attached

__all__ = ["Wish", "plan"]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a user says beside the address; "" and None leave it to the address or the file.

    * ``target``: an address, the path of a ``.vv`` file, or ``-`` for such a file on standard input
    * ``address``: instead of ``target``
    * ``ca_pem``, ``ca_file``: whom to trust
    * ``channels``: names of the channels to link; None for the usual ones
    * ``preferred_compression``: name of the compression of images to ask for
    * ``preferred_codecs``: names of the codecs of video to ask for, best first
    * ``delete``: obey a file that asks to be deleted
    * ``sound_mode``: the codec of sound to use
    * ``canvas``, ``damage``: as in :class:`~reference_client.options.Options`
    * ``card``: path of the script of a smart card
    * ``port``, ``share``: who has ports, and the shared folder, as in :class:`~reference_client.options.Options`
    * ``usb``: what usbredir channels carry, the first the first; they are linked if there is anything
    * ``agent``, ``max_clipboard``, ``color_depth``: as there
    * ``monitors``: that the guest should have, as :func:`~reference_client.agent.monitors.monitors_of` reads them
    * ``disable_effects``: names of desktop effects that it should do without
    * ``migration``: how far to go with a guest that moves, as there
    * ``tell``: is called with each event of a connection file, before there is a client
    * ``play``, ``say``: what is done with sound, as in :class:`~reference_client.options.Options`
    """

    target: str = ""
    address: Address | None = None
    password: str | None = None
    username: str | None = None
    ca_pem: str = ""
    ca_file: str = ""
    host_subject: str = ""
    secure_channels: str = ""
    disable_channels: str = ""
    channels: str | None = None
    proxy: str = ""
    delete: bool = False
    sasl: bool = True
    canvas: bool = False
    damage: bool = False
    prefer_client_mode: bool = True
    link_order: str = "parallel"
    preferred_compression: str = ""
    preferred_codecs: str = ""
    sound_mode: str = "auto"
    card: str = ""
    port: Callable[[str], PortUser | None] | None = None
    share: Callable[[], Visit] | None = None
    usb: tuple[Attached, ...] = ()
    agent: bool = True
    max_clipboard: int = -1
    monitors: str = ""
    disable_effects: str = ""
    color_depth: int = 0
    migration: str = "seamless"
    tell: Callable[[Event], None] | None = None
    play: Callable[[int, int, NDArray[np.int16]], None] | None = None
    held: Callable[[], float] | None = None
    say: Callable[[int, int, int, int], NDArray[np.int16]] | None = None


def plan(wish: Wish) -> tuple[Way, Options]:
    """Where to go and how to behave there. Raises LocalError, and OSError for files that cannot be read.

    What the user says goes before what a file says, and that before what the environment says.
    """
    file: ConnectionFile | None = None
    if wish.address is not None:
        address = wish.address
    elif "://" in wish.target:
        address = parse_address(wish.target)
    else:
        try:
            file = read_connection_file(wish.target, delete=wish.delete)
        except FileNotFoundError:
            expected = f"one that is there, or an address with {' or '.join(SCHEMES)} before it"
            raise LocalError("not a connection file", expected=expected, actual=repr(wish.target)) from None
        address = file.address
        if wish.tell is not None:
            for key, text in file.unused:
                wish.tell(KeyUnused(key, text))
    ca_pem = wish.ca_pem or (Path(wish.ca_file).read_text() if wish.ca_file else "") or (file.ca if file else "")
    proxy = (file.proxy if file else "") or wish.proxy
    way = Way(
        address=address,
        ca_pem=ca_pem,
        host_subject=wish.host_subject or (file.host_subject if file else ""),
        tls_ciphers=file.tls_ciphers if file else "",
        proxy=parse_proxy(proxy) if proxy and address.unix_path is None else None,
    )
    way.check()
    # Who demands TLS where there is none is refused, not heard half; only a Unix socket crosses no network.
    secure = channel_types(wish.secure_channels or ";".join(file.secure_channels if file else ()))
    disabled = channel_types(wish.disable_channels or ";".join(file.disable_channels if file else ()))
    wanted = WANTED if wish.channels is None else tuple(sorted(channel_types(wish.channels)))
    if wish.usb:
        wanted = (*wanted, *({int(ChannelType.USBREDIR)} - set(wanted)))
    username = wish.username if wish.username is not None else address.username or ""
    options = Options(
        password=wish.password if wish.password is not None else address.password or "",
        username=username,
        # Without a name there is nothing to say in SASL.
        sasl=wish.sasl and bool(username),
        channels=tuple([kind for kind in wanted if kind not in disabled]),
        plain=way.plain,
        tls=way.tls,
        secure_channels=secure if address.unix_path is None else frozenset(),
        canvas=wish.canvas,
        damage=wish.damage,
        prefer_client_mode=wish.prefer_client_mode,
        link_order=wish.link_order,
        preferred_compression=compression_named(wish.preferred_compression) if wish.preferred_compression else None,
        preferred_codecs=codecs_named(wish.preferred_codecs),
        sound_mode=wish.sound_mode,
        card=read_card(wish.card) if wish.card else None,
        port=wish.port,
        share=wish.share,
        usb=dict(enumerate(wish.usb)),
        agent=wish.agent,
        max_clipboard=wish.max_clipboard,
        monitors=monitors_of(wish.monitors) if wish.monitors else (),
        disable_effects=effects_named(wish.disable_effects or ",".join(file.disable_effects if file else ())),
        color_depth=wish.color_depth or (file.color_depth if file else 0),
        migration=wish.migration,
        play=wish.play,
        held=wish.held,
        say=wish.say,
    )
    return way, options
