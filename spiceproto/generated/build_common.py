"""Builders of common. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame, sequence
from spiceproto.messages.common import Ack as common_Ack, BaseLast as common_BaseLast, MigrateFlushMark as common_MigrateFlushMark

_p0 = Struct('<L').pack
_p1 = Struct('<LL').pack
_p2 = Struct('<LQ').pack
_p3 = Struct('<BBQ').pack
_p4 = Struct('<B').pack
_p5 = Struct('<QL').pack
_p6 = Struct('<QLLLL').pack


def build_Migrate(v):
    try:
        return _p0(v.flags)
    except Exception as error:
        blame('common.Migrate', v, error)


def build_MigrateData(v):
    try:
        return b'' + v.data
    except Exception as error:
        blame('common.MigrateData', v, error)


def build_SetAck(v):
    try:
        return _p1(v.generation, v.window)
    except Exception as error:
        blame('common.SetAck', v, error)


def build_Ping(v):
    try:
        return _p2(v.id, v.timestamp) + v.data
    except Exception as error:
        blame('common.Ping', v, error)


def build_WaitForChannels(v):
    try:
        if type(v.wait_list) is not tuple:
            sequence(v.wait_list)
        return _p4(len(v.wait_list)) + b''.join([_p3(x.channel_type, x.channel_id, x.message_serial) for x in v.wait_list])
    except Exception as error:
        blame('common.WaitForChannels', v, error)


def build_Disconnecting(v):
    try:
        return _p5(v.time_stamp, v.reason)
    except Exception as error:
        blame('common.Disconnecting', v, error)


def build_Notify(v):
    try:
        return _p6(v.time_stamp, v.severity, v.visibilty, v.what, len(v.message)) + v.message + v.terminator
    except Exception as error:
        blame('common.Notify', v, error)


def build_List(v):
    try:
        return b'' + v.data
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
