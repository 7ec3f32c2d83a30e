"""Builders of common. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame, sequence
from spiceproto.messages.common import Ack as common_Ack, BaseLast as common_BaseLast, MigrateFlushMark as common_MigrateFlushMark

_p0 = Struct('<L').pack
_p1 = Struct('<LL').pack
_p2 = Struct('<LQ').pack
_p3 = Struct('<BBBQ').pack
_p4 = Struct('<BBBQBBQ').pack
_p5 = Struct('<BBBQBBQBBQ').pack
_p6 = Struct('<BBQ').pack
_p7 = Struct('<B').pack
_p8 = Struct('<QL').pack
_p9 = Struct('<QLLLL').pack


def build_Migrate(v):
    try:
        return _p0(v.flags)
    except Exception as error:
        blame('common.Migrate', v, error)


def build_MigrateData(v):
    try:
        a1 = v.data
        return b'' + a1
    except Exception as error:
        blame('common.MigrateData', v, error)


def build_SetAck(v):
    try:
        return _p1(v.generation, v.window)
    except Exception as error:
        blame('common.SetAck', v, error)


def build_Ping(v):
    try:
        a1 = v.data
        return _p2(v.id, v.timestamp) + a1
    except Exception as error:
        blame('common.Ping', v, error)


def build_WaitForChannels(v):
    try:
        a1 = v.wait_list
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p3(1, w.channel_type, w.channel_id, w.message_serial)
        elif len(a1) == 2:
            w, x = a1
            return _p4(2, w.channel_type, w.channel_id, w.message_serial, x.channel_type, x.channel_id, x.message_serial)
        elif len(a1) == 3:
            w, x, y = a1
            return _p5(3, w.channel_type, w.channel_id, w.message_serial, x.channel_type, x.channel_id, x.message_serial, y.channel_type, y.channel_id, y.message_serial)
        return _p7(len(a1)) + b''.join([_p6(x.channel_type, x.channel_id, x.message_serial) for x in a1])
    except Exception as error:
        blame('common.WaitForChannels', v, error)


def build_Disconnecting(v):
    try:
        return _p8(v.time_stamp, v.reason)
    except Exception as error:
        blame('common.Disconnecting', v, error)


def build_Notify(v):
    try:
        a1 = v.message
        a2 = v.terminator
        return b''.join((_p9(v.time_stamp, v.severity, v.visibilty, v.what, len(a1)), a1, a2))
    except Exception as error:
        blame('common.Notify', v, error)


def build_List(v):
    try:
        a1 = v.data
        return b'' + a1
    except Exception as error:
        blame('common.List', v, error)


def build_BaseLast(v):
    if not isinstance(v, common_BaseLast):
        blame('common.BaseLast', v, TypeError())
    return b''


def build_AckSync(v):
    try:
        return _p0(v.generation)
    except Exception as error:
        blame('common.AckSync', v, error)


def build_Ack(v):
    if not isinstance(v, common_Ack):
        blame('common.Ack', v, TypeError())
    return b''


def build_Pong(v):
    try:
        return _p2(v.id, v.timestamp)
    except Exception as error:
        blame('common.Pong', v, error)


def build_MigrateFlushMark(v):
    if not isinstance(v, common_MigrateFlushMark):
        blame('common.MigrateFlushMark', v, TypeError())
    return b''
