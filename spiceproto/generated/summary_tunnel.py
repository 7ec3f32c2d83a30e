"""Summaries of tunnel. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.generated.parse_tunnel import parse_ServiceAdd, parse_ServiceIpMap, parse_SocketData
from spiceproto.summary import line

_l0 = ((0, 2, 'max_num_of_sockets'), (2, 4, 'max_socket_data_size'))
_u0 = Struct('<HL').unpack_from
_i0 = Struct('<HL').iter_unpack
_l1 = ((0, 2, 'connection_id'), (2, 4, 'service_id'), (6, 4, 'tokens'))
_u1 = Struct('<HLL').unpack_from
_i1 = Struct('<HLL').iter_unpack
_l2 = ((0, 2, 'connection_id'),)
_u2 = Struct('<H').unpack_from
_i2 = Struct('<H').iter_unpack
_l3 = ((0, 2, 'connection_id'), (2, 4, 'num_tokens'))
_l4 = ((0, 4, 'id'),)
_u3 = Struct('<L').unpack_from
_i3 = Struct('<L').iter_unpack
_l5 = ((0, 2, 'connection_id'), (2, 4, 'tokens'))


def values_Init(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(6)
    v1, v2 = _u0(b)
    return v1, v2,


def summary_Init(b, tail=None):
    return 'max_num_of_sockets=%d max_socket_data_size=%d' % values_Init(b, tail)


def columns_Init(b):
    v1, v2 = zip(*_i0(b))
    return v1, v2,


summary_Init.fixed = 6, 'max_num_of_sockets=%d max_socket_data_size=%d', values_Init, columns_Init


def summary_ServiceIpMap(b, tail=None):
    return line(parse_ServiceIpMap(b, tail), ('service_id',))


def values_SocketOpen(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3 = _u1(b)
    return v1, v2, v3,


def summary_SocketOpen(b, tail=None):
    return 'connection_id=%d service_id=%d tokens=%d' % values_SocketOpen(b, tail)


def columns_SocketOpen(b):
    v1, v2, v3 = zip(*_i1(b))
    return v1, v2, v3,


summary_SocketOpen.fixed = 10, 'connection_id=%d service_id=%d tokens=%d', values_SocketOpen, columns_SocketOpen


def values_SocketFin(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u2(b)
    return v1,


def summary_SocketFin(b, tail=None):
    return 'connection_id=%d' % values_SocketFin(b, tail)


def columns_SocketFin(b):
    v1, = zip(*_i2(b))
    return v1,


summary_SocketFin.fixed = 2, 'connection_id=%d', values_SocketFin, columns_SocketFin


def values_SocketClose(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u2(b)
    return v1,


def summary_SocketClose(b, tail=None):
    return 'connection_id=%d' % values_SocketClose(b, tail)


def columns_SocketClose(b):
    v1, = zip(*_i2(b))
    return v1,


summary_SocketClose.fixed = 2, 'connection_id=%d', values_SocketClose, columns_SocketClose


def values_SocketClosed(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u2(b)
    return v1,


def summary_SocketClosed(b, tail=None):
    return 'connection_id=%d' % values_SocketClosed(b, tail)


def columns_SocketClosed(b):
    v1, = zip(*_i2(b))
    return v1,


summary_SocketClosed.fixed = 2, 'connection_id=%d', values_SocketClosed, columns_SocketClosed


def values_SocketClosedAck(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u2(b)
    return v1,


def summary_SocketClosedAck(b, tail=None):
    return 'connection_id=%d' % values_SocketClosedAck(b, tail)


def columns_SocketClosedAck(b):
    v1, = zip(*_i2(b))
    return v1,


summary_SocketClosedAck.fixed = 2, 'connection_id=%d', values_SocketClosedAck, columns_SocketClosedAck


def values_SocketOpenNack(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u2(b)
    return v1,


def summary_SocketOpenNack(b, tail=None):
    return 'connection_id=%d' % values_SocketOpenNack(b, tail)


def columns_SocketOpenNack(b):
    v1, = zip(*_i2(b))
    return v1,


summary_SocketOpenNack.fixed = 2, 'connection_id=%d', values_SocketOpenNack, columns_SocketOpenNack


def summary_SocketData(b, tail=None):
    return line(parse_SocketData(b, tail), ('connection_id',))


def values_SocketToken(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(6)
    v1, v2 = _u0(b)
    return v1, v2,


def summary_SocketToken(b, tail=None):
    return 'connection_id=%d num_tokens=%d' % values_SocketToken(b, tail)


def columns_SocketToken(b):
    v1, v2 = zip(*_i0(b))
    return v1, v2,


summary_SocketToken.fixed = 6, 'connection_id=%d num_tokens=%d', values_SocketToken, columns_SocketToken


def summary_ServiceAdd(b, tail=None):
    return line(parse_ServiceAdd(b, tail), ('type', 'id', 'group', 'port'))


def values_ServiceRemove(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return v1,


def summary_ServiceRemove(b, tail=None):
    return 'id=%d' % values_ServiceRemove(b, tail)


def columns_ServiceRemove(b):
    v1, = zip(*_i3(b))
    return v1,


summary_ServiceRemove.fixed = 4, 'id=%d', values_ServiceRemove, columns_ServiceRemove


def values_SocketOpenAck(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(6)
    v1, v2 = _u0(b)
    return v1, v2,


def summary_SocketOpenAck(b, tail=None):
    return 'connection_id=%d tokens=%d' % values_SocketOpenAck(b, tail)


def columns_SocketOpenAck(b):
    v1, v2 = zip(*_i0(b))
    return v1, v2,


summary_SocketOpenAck.fixed = 6, 'connection_id=%d tokens=%d', values_SocketOpenAck, columns_SocketOpenAck
