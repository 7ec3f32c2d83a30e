"""The tunnel channel of 2010: network services of the client offered to the guest. History.

It was removed from spice-common and its number stays reserved; layouts are those of the last description that had them.
"""

from __future__ import annotations

from spiceproto.enums.link import ChannelType
from spiceproto.enums.tunnel import TunnelIpType, TunnelServiceType
from spiceproto.message import channel, message
from spiceproto.wire import REST, ZERO_TERMINATED, Record, data, enum, field, pointer, record, text, uint16, uint32, when

TunnelIpInfo = record(
    "tunnel.TunnelIpInfo",
    field("type", enum(TunnelIpType, uint16), "Kind of address"),
    field("ipv4", when("type", TunnelIpType.IPv4, data(4)), "Four bytes, first part first"),
    doc="An address.",
)

Init = record(
    "tunnel.Init",
    field("max_num_of_sockets", uint16, "Most connections at a time"),
    field("max_socket_data_size", uint32, "Most bytes in one SOCKET_DATA", unit="byte"),
    doc="Limits of the server.",
)

ServiceIpMap = record(
    "tunnel.ServiceIpMap",
    field("service_id", uint32, "The service"),
    field("virtual_ip", TunnelIpInfo, "Its address in the guest's network"),
    doc="The server gave a service an address.",
)

SocketOpen = record(
    "tunnel.SocketOpen",
    field("connection_id", uint16, "Number of the new connection"),
    field("service_id", uint32, "The service it goes to"),
    field("tokens", uint32, "Messages the client may send before it gets more"),
    doc="A program of the guest connects.",
)


def _socket(name: str, doc: str) -> Record:
    return record(f"tunnel.{name}", field("connection_id", uint16, "The connection"), doc=doc)


SocketFin = _socket("SocketFin", "No more data in this direction.")
SocketClose = _socket("SocketClose", "The connection is closed.")
SocketClosed = _socket("SocketClosed", "The connection is closed.")
SocketClosedAck = _socket("SocketClosedAck", "Answer to a close.")
SocketOpenNack = _socket("SocketOpenNack", "The connection could not be made.")

SocketData = record(
    "tunnel.SocketData",
    field("connection_id", uint16, "The connection"),
    field("data", data(REST), "Its bytes"),
    doc="Bytes of a connection.",
)

SocketToken = record(
    "tunnel.SocketToken",
    field("connection_id", uint16, "The connection"),
    field("num_tokens", uint32, "Messages the receiver may send on top"),
    doc="Flow control.",
)

ServiceAdd = record(
    "tunnel.ServiceAdd",
    field("type", enum(TunnelServiceType, uint16), "Kind of service"),
    field("id", uint32, "Number of the service"),
    field("group", uint32, "Group of the service"),
    field("port", uint32, "Its port at the client"),
    field("name", pointer(text(ZERO_TERMINATED), null=False), "Its name"),
    field("description", pointer(text(ZERO_TERMINATED), null=False), "What it is"),
    field("ip", when("type", TunnelServiceType.IPP, TunnelIpInfo), "Address of a printer"),
    doc="The client offers a service.",
)

ServiceRemove = record("tunnel.ServiceRemove", field("id", uint32, "The service"), doc="The service is gone.")

SocketOpenAck = record(
    "tunnel.SocketOpenAck",
    field("connection_id", uint16, "The connection"),
    field("tokens", uint32, "Messages the server may send before it gets more"),
    doc="The connection was made.",
)

TUNNEL = channel(
    "tunnel",
    ChannelType.TUNNEL,
    prefix="TUNNEL",
    server=(
        message(101, "INIT", Init, status="history"),
        message(102, "SERVICE_IP_MAP", ServiceIpMap, status="history"),
        message(103, "SOCKET_OPEN", SocketOpen, status="history"),
        message(104, "SOCKET_FIN", SocketFin, status="history"),
        message(105, "SOCKET_CLOSE", SocketClose, status="history"),
        message(106, "SOCKET_DATA", SocketData, status="history"),
        message(107, "SOCKET_CLOSED_ACK", SocketClosedAck, status="history"),
        message(108, "SOCKET_TOKEN", SocketToken, status="history"),
    ),
    client=(
        message(101, "SERVICE_ADD", ServiceAdd, status="history"),
        message(102, "SERVICE_REMOVE", ServiceRemove, status="history"),
        message(103, "SOCKET_OPEN_ACK", SocketOpenAck, status="history"),
        message(104, "SOCKET_OPEN_NACK", SocketOpenNack, status="history"),
        message(105, "SOCKET_FIN", SocketFin, status="history"),
        message(106, "SOCKET_CLOSED", SocketClosed, status="history"),
        message(107, "SOCKET_CLOSED_ACK", SocketClosedAck, status="history"),
        message(108, "SOCKET_DATA", SocketData, status="history"),
        message(109, "SOCKET_TOKEN", SocketToken, status="history"),
    ),
    doc="Obsolete: network services of the client.",
)
