"""Parsers of common. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import crowded, short
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.enums.common import MigrateFlags, NotifySeverity, NotifyVisibility
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.messages.common import Ack as common_Ack, AckSync as common_AckSync, BaseLast as common_BaseLast, ChannelWait as common_ChannelWait, Disconnecting as common_Disconnecting, List as common_List, Migrate as common_Migrate, MigrateData as common_MigrateData, MigrateFlushMark as common_MigrateFlushMark, Notify as common_Notify, Ping as common_Ping, Pong as common_Pong, SetAck as common_SetAck, WaitForChannels as common_WaitForChannels

_MigrateFlags = FlagsTable(MigrateFlags)
_l0 = ((0, 4, 'flags'),)
_u0 = Struct('<L').unpack_from
_l1 = ((0, 4, 'generation'), (4, 4, 'window'))
_u1 = Struct('<LL').unpack_from
_u2 = Struct('<LQ').unpack_from
_l2 = ((0, 4, 'id'), (4, 8, 'timestamp'))
_u3 = Struct('<B').unpack_from
_l3 = ((0, 1, 'wait_count'),)
_u4 = Struct('<BBQ').unpack_from
_ChannelType = EnumTable(ChannelType)
_u5 = Struct('<BBQBBQ').unpack_from
_u6 = Struct('<BBQBBQBBQ').unpack_from
_i0 = Struct('<BBQ').iter_unpack
_LinkErr = EnumTable(LinkErr)
_l4 = ((0, 8, 'time_stamp'), (8, 4, 'reason'))
_u7 = Struct('<QL').unpack_from
_NotifySeverity = EnumTable(NotifySeverity)
_NotifyVisibility = EnumTable(NotifyVisibility)
_u8 = Struct('<QLLLL').unpack_from
_l5 = ((0, 8, 'time_stamp'), (8, 4, 'severity'), (12, 4, 'visibilty'), (16, 4, 'what'), (20, 4, 'message_len'))
_l6 = ((0, 4, 'generation'),)


def parse_Migrate(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u0(b)
    return common_Migrate(_MigrateFlags[v1])


def parse_MigrateData(b, tail=None):
    n = len(b)
    v1 = b
    return common_MigrateData(v1)


def parse_SetAck(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u1(b)
    return common_SetAck(v1, v2)


def parse_Ping(b, tail=None):
    n = len(b)
    if n < 12:
        raise short(_l2, 0, n)
    v1, v2 = _u2(b)
    v3 = b[12:]
    return common_Ping(v1, v2, v3)


def parse_WaitForChannels(b, tail=None):
    n = len(b)
    if n < 1:
        raise short(_l3, 0, n)
    v1, = _u3(b)
    e = 1 + v1 * 10
    if e > n:
        raise crowded('wait_list', 1, v1, 10, n)
    if v1 == 1:
        w1, w2, w3 = _u4(b, 1)
        v2 = (common_ChannelWait(_ChannelType[w1], w2, w3),)
    elif v1 == 2:
        w1, w2, w3, w4, w5, w6 = _u5(b, 1)
        v2 = (common_ChannelWait(_ChannelType[w1], w2, w3), common_ChannelWait(_ChannelType[w4], w5, w6))
    elif v1 == 3:
        w1, w2, w3, w4, w5, w6, w7, w8, w9 = _u6(b, 1)
        v2 = (common_ChannelWait(_ChannelType[w1], w2, w3), common_ChannelWait(_ChannelType[w4], w5, w6), common_ChannelWait(_ChannelType[w7], w8, w9))
    else:
        v2 = tuple([common_ChannelWait(_ChannelType[w1], w2, w3) for w1, w2, w3 in _i0(b[1:e])])
    o = e
    if o < n and tail is not None:
        tail(o)
    return common_WaitForChannels(v2)


def parse_Disconnecting(b, tail=None):
    n = len(b)
    if n != 12:
        if n < 12:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(12)
    v1, v2 = _u7(b)
    return common_Disconnecting(v1, _LinkErr[v2])


def parse_Notify(b, tail=None):
    n = len(b)
    if n < 24:
        raise short(_l5, 0, n)
    v1, v2, v3, v4, v5 = _u8(b)
    o = 24
    e = o + v5
    if e > n:
        raise crowded('message', o, v5, 1, n)
    v6 = b[o:e]
    o = e
    v7 = b[o:]
    return common_Notify(v1, _NotifySeverity[v2], _NotifyVisibility[v3], v4, v6, v7)


def parse_List(b, tail=None):
    n = len(b)
    v1 = b
    return common_List(v1)


def parse_BaseLast(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return common_BaseLast()


def parse_AckSync(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l6, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u0(b)
    return common_AckSync(v1)


def parse_Ack(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return common_Ack()


def parse_Pong(b, tail=None):
    n = len(b)
    if n != 12:
        if n < 12:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(12)
    v1, v2 = _u2(b)
    return common_Pong(v1, v2)


def parse_MigrateFlushMark(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return common_MigrateFlushMark()
