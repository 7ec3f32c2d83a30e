"""Summaries of common. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import NameTable
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import LinkErr
from spiceproto.generated.parse_common import parse_List, parse_MigrateData, parse_Notify, parse_Ping, parse_WaitForChannels
from spiceproto.summary import line

_n0 = NameTable(MigrateFlags)
_l0 = ((0, 4, 'flags'),)
_u0 = Struct('<L').unpack_from
_i0 = Struct('<L').iter_unpack
_l1 = ((0, 4, 'generation'), (4, 4, 'window'))
_u1 = Struct('<LL').unpack_from
_i1 = Struct('<LL').iter_unpack
_n1 = NameTable(LinkErr)
_l2 = ((0, 8, 'time_stamp'), (8, 4, 'reason'))
_u2 = Struct('<QL').unpack_from
_i2 = Struct('<QL').iter_unpack
_l3 = ((0, 4, 'generation'),)
_l4 = ((0, 4, 'id'), (4, 8, 'timestamp'))
_u3 = Struct('<LQ').unpack_from
_i3 = Struct('<LQ').iter_unpack


def values_Migrate(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u0(b)
    return _n0[v1],


def summary_Migrate(b, tail=None):
    return 'flags=%s' % values_Migrate(b, tail)


def columns_Migrate(b):
    v1, = zip(*_i0(b))
    return map(_n0.__getitem__, v1),


summary_Migrate.fixed = 4, 'flags=%s', values_Migrate, columns_Migrate


def summary_MigrateData(b, tail=None):
    return line(parse_MigrateData(b, tail), ('data',))


def values_SetAck(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u1(b)
    return v1, v2,


def summary_SetAck(b, tail=None):
    return 'generation=%d window=%d' % values_SetAck(b, tail)


def columns_SetAck(b):
    v1, v2 = zip(*_i1(b))
    return v1, v2,


summary_SetAck.fixed = 8, 'generation=%d window=%d', values_SetAck, columns_SetAck


def summary_Ping(b, tail=None):
    return line(parse_Ping(b, tail), ('id', 'timestamp'))


def summary_WaitForChannels(b, tail=None):
    return line(parse_WaitForChannels(b, tail), ('wait_count', 'wait_list'))


def values_Disconnecting(b, tail=None):
    n = len(b)
    if n != 12:
        if n < 12:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(12)
    v1, v2 = _u2(b)
    return v1, _n1[v2],


def summary_Disconnecting(b, tail=None):
    return 'time_stamp=%d reason=%s' % values_Disconnecting(b, tail)


def columns_Disconnecting(b):
    v1, v2 = zip(*_i2(b))
    return v1, map(_n1.__getitem__, v2),


summary_Disconnecting.fixed = 12, 'time_stamp=%d reason=%s', values_Disconnecting, columns_Disconnecting


def summary_Notify(b, tail=None):
    return line(parse_Notify(b, tail), ('severity', 'visibilty', 'message'))


def summary_List(b, tail=None):
    return line(parse_List(b, tail), ('data',))


def summary_BaseLast(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_AckSync(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u0(b)
    return v1,


def summary_AckSync(b, tail=None):
    return 'generation=%d' % values_AckSync(b, tail)


def columns_AckSync(b):
    v1, = zip(*_i0(b))
    return v1,


summary_AckSync.fixed = 4, 'generation=%d', values_AckSync, columns_AckSync


def summary_Ack(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_Pong(b, tail=None):
    n = len(b)
    if n != 12:
        if n < 12:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(12)
    v1, v2 = _u3(b)
    return v1, v2,


def summary_Pong(b, tail=None):
    return 'id=%d timestamp=%d' % values_Pong(b, tail)


def columns_Pong(b):
    v1, v2 = zip(*_i3(b))
    return v1, v2,


summary_Pong.fixed = 12, 'id=%d timestamp=%d', values_Pong, columns_Pong


def summary_MigrateFlushMark(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''
