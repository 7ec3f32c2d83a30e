"""From addresses, connection files and options to a way and the options of a client."""

from __future__ import annotations

from pathlib import Path

import msgspec

from reference_client.address import Address, parse_address
from reference_client.connection_file import ConnectionFile, read_connection_file
from reference_client.options import DEFAULT_CHANNELS, Options, channel_types
from reference_client.proxy import parse_proxy
from reference_client.shell import Way

__all__ = ["Wish", "plan"]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a user says beside the address; "" and None leave it to the address or the file.

    * ``target``: an address, the path of a ``.vv`` file, or ``-`` for such a file on standard input
    * ``address``: instead of ``target``
    * ``ca_pem``, ``ca_file``: whom to trust
    * ``channels``: names of the channels to link; None for the usual ones
    * ``delete``: obey a file that asks to be deleted
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
    prefer_client_mode: bool = True


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
        file = read_connection_file(wish.target, delete=wish.delete)
        address = file.address
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
    wanted = DEFAULT_CHANNELS if wish.channels is None else tuple(sorted(channel_types(wish.channels)))
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
        prefer_client_mode=wish.prefer_client_mode,
    )
    return way, options
