"""Parsers of tunnel. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import null, outside, short, unterminated
from spiceproto.enums.base import EnumTable
from spiceproto.enums.tunnel import TunnelIpType, TunnelServiceType
from spiceproto.messages.tunnel import Init as tunnel_Init, ServiceAdd as tunnel_ServiceAdd, ServiceIpMap as tunnel_ServiceIpMap, ServiceRemove as tunnel_ServiceRemove, SocketClose as tunnel_SocketClose, SocketClosed as tunnel_SocketClosed, SocketClosedAck as tunnel_SocketClosedAck, SocketData as tunnel_SocketData, SocketFin as tunnel_SocketFin, SocketOpen as tunnel_SocketOpen, SocketOpenAck as tunnel_SocketOpenAck, SocketOpenNack as tunnel_SocketOpenNack, SocketToken as tunnel_SocketToken, TunnelIpInfo as tunnel_TunnelIpInfo

_l0 = ((0, 2, 'max_num_of_sockets'), (2, 4, 'max_socket_data_size'))
_u0 = Struct('<HL').unpack_from
_TunnelIpType = EnumTable(TunnelIpType)
_u1 = Struct('<LH').unpack_from
_l1 = ((0, 4, 'service_id'), (4, 2, 'virtual_ip.type'))
_u2 = Struct('<4s').unpack_from
_l2 = ((0, 4, 'virtual_ip.ipv4'),)
_l3 = ((0, 2, 'connection_id'), (2, 4, 'service_id'), (6, 4, 'tokens'))
_u3 = Struct('<HLL').unpack_from
_l4 = ((0, 2, 'connection_id'),)
_u4 = Struct('<H').unpack_from
_l5 = ((0, 2, 'connection_id'), (2, 4, 'num_tokens'))
_TunnelServiceType = EnumTable(TunnelServiceType)
_u5 = Struct('<HLLLL').unpack_from
_l6 = ((0, 2, 'type'), (2, 4, 'id'), (6, 4, 'group'), (10, 4, 'port'), (14, 4, 'name'))
_u6 = Struct('<L').unpack_from
_l7 = ((0, 4, 'description'),)
_l8 = ((0, 2, 'ip.type'),)
_l9 = ((0, 4, 'ip.ipv4'),)
_l10 = ((0, 4, 'id'),)
_l11 = ((0, 2, 'connection_id'), (2, 4, 'tokens'))


def parse_Init(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(6)
    v1, v2 = _u0(b)
    return tunnel_Init(v1, v2)


def parse_ServiceIpMap(b, tail=None):
    n = len(b)
    if n < 6:
        raise short(_l1, 0, n)
    v1, v2 = _u1(b)
    o = 6
    v3 = None
    if v2 == 1:
        if o + 4 > n:
            raise short(_l2, o, n)
        v4, = _u2(b, o)
        o += 4
        v3 = v4
    if o < n and tail is not None:
        tail(o)
    return tunnel_ServiceIpMap(v1, tunnel_TunnelIpInfo(_TunnelIpType[v2], v3))


def parse_SocketOpen(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3 = _u3(b)
    return tunnel_SocketOpen(v1, v2, v3)


def parse_SocketFin(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u4(b)
    return tunnel_SocketFin(v1)


def parse_SocketClose(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u4(b)
    return tunnel_SocketClose(v1)


def parse_SocketClosed(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u4(b)
    return tunnel_SocketClosed(v1)


def parse_SocketClosedAck(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u4(b)
    return tunnel_SocketClosedAck(v1)


def parse_SocketOpenNack(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u4(b)
    return tunnel_SocketOpenNack(v1)


def parse_SocketData(b, tail=None):
    n = len(b)
    if n < 2:
        raise short(_l4, 0, n)
    v1, = _u4(b)
    v2 = b[2:]
    return tunnel_SocketData(v1, v2)


def parse_SocketToken(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(6)
    v1, v2 = _u0(b)
    return tunnel_SocketToken(v1, v2)


def parse_ServiceAdd(b, tail=None):
    n = len(b)
    h = 0
    if n < 18:
        raise short(_l6, 0, n)
    v1, v2, v3, v4, v5 = _u5(b)
    if v5 == 0:
        raise null('name', 14)
    elif v5 >= n:
        raise outside('name', 14, v5, n)
    else:
        e = b.find(0, v5)
        if e < 0:
            raise unterminated('name', v5, n)
        v6 = b[v5:e]
        e += 1
        if e > h:
            h = e
    if n < 22:
        raise short(_l7, 18, n)
    v7, = _u6(b, 18)
    if v7 == 0:
        raise null('description', 18)
    elif v7 >= n:
        raise outside('description', 18, v7, n)
    else:
        e = b.find(0, v7)
        if e < 0:
            raise unterminated('description', v7, n)
        v8 = b[v7:e]
        e += 1
        if e > h:
            h = e
    o = 22
    v9 = None
    if v1 == 2:
        if o + 2 > n:
            raise short(_l8, o, n)
        v10, = _u4(b, o)
        o += 2
        v11 = None
        if v10 == 1:
            if o + 4 > n:
                raise short(_l9, o, n)
            v12, = _u2(b, o)
            o += 4
            v11 = v12
        v9 = tunnel_TunnelIpInfo(_TunnelIpType[v10], v11)
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return tunnel_ServiceAdd(_TunnelServiceType[v1], v2, v3, v4, v6, v8, v9)


def parse_ServiceRemove(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l10, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u6(b)
    return tunnel_ServiceRemove(v1)


def parse_SocketOpenAck(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l11, 0, n)
        if tail is not None:
            tail(6)
    v1, v2 = _u0(b)
    return tunnel_SocketOpenAck(v1, v2)
