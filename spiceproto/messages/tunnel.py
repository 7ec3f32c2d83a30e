"""Values of tunnel. Made from spiceproto/schema/tunnel.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.tunnel import TunnelIpType, TunnelServiceType


class TunnelIpInfo(msgspec.Struct, frozen=True, gc=False):
    """An address.

    * ``type`` uint16: Kind of address
    * ``ipv4`` 4 bytes if ``type`` is IPv4: Four bytes, first part first
    """

    type: TunnelIpType | int
    ipv4: bytes | None = None


class Init(msgspec.Struct, frozen=True, gc=False):
    """Limits of the server.

    * ``max_num_of_sockets`` uint16: Most connections at a time
    * ``max_socket_data_size`` uint32: Most bytes in one SOCKET_DATA (byte)
    """

    max_num_of_sockets: int
    max_socket_data_size: int


class ServiceIpMap(msgspec.Struct, frozen=True, gc=False):
    """The server gave a service an address.

    * ``service_id`` uint32: The service
    * ``virtual_ip`` TunnelIpInfo: Its address in the guest's network
    """

    service_id: int
    virtual_ip: TunnelIpInfo


class SocketOpen(msgspec.Struct, frozen=True, gc=False):
    """A program of the guest connects.

    * ``connection_id`` uint16: Number of the new connection
    * ``service_id`` uint32: The service it goes to
    * ``tokens`` uint32: Messages the client may send before it gets more
    """

    connection_id: int
    service_id: int
    tokens: int


class SocketFin(msgspec.Struct, frozen=True, gc=False):
    """No more data in this direction.

    * ``connection_id`` uint16: The connection
    """

    connection_id: int


class SocketClose(msgspec.Struct, frozen=True, gc=False):
    """The connection is closed.

    * ``connection_id`` uint16: The connection
    """

    connection_id: int


class SocketClosed(msgspec.Struct, frozen=True, gc=False):
    """The connection is closed.

    * ``connection_id`` uint16: The connection
    """

    connection_id: int


class SocketClosedAck(msgspec.Struct, frozen=True, gc=False):
    """Answer to a close.

    * ``connection_id`` uint16: The connection
    """

    connection_id: int


class SocketOpenNack(msgspec.Struct, frozen=True, gc=False):
    """The connection could not be made.

    * ``connection_id`` uint16: The connection
    """

    connection_id: int


class SocketData(msgspec.Struct, frozen=True, gc=False):
    """Bytes of a connection.

    * ``connection_id`` uint16: The connection
    * ``data`` bytes: Its bytes
    """

    connection_id: int
    data: bytes


class SocketToken(msgspec.Struct, frozen=True, gc=False):
    """Flow control.

    * ``connection_id`` uint16: The connection
    * ``num_tokens`` uint32: Messages the receiver may send on top
    """

    connection_id: int
    num_tokens: int


class ServiceAdd(msgspec.Struct, frozen=True, gc=False):
    """The client offers a service.

    * ``type`` uint16: Kind of service
    * ``id`` uint32: Number of the service
    * ``group`` uint32: Group of the service
    * ``port`` uint32: Its port at the client
    * ``name`` offset to bytes: Its name
    * ``description`` offset to bytes: What it is
    * ``ip`` TunnelIpInfo if ``type`` is IPP: Address of a printer
    """

    type: TunnelServiceType | int
    id: int
    group: int
    port: int
    name: bytes
    description: bytes
    ip: TunnelIpInfo | None = None


class ServiceRemove(msgspec.Struct, frozen=True, gc=False):
    """The service is gone.

    * ``id`` uint32: The service
    """

    id: int


class SocketOpenAck(msgspec.Struct, frozen=True, gc=False):
    """The connection was made.

    * ``connection_id`` uint16: The connection
    * ``tokens`` uint32: Messages the server may send before it gets more
    """

    connection_id: int
    tokens: int
