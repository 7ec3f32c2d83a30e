"""Summaries of main. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import NameTable
from spiceproto.enums.link import LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.generated.parse_main import parse_AgentData, parse_ChannelsList, parse_MigrateBegin, parse_MigrateBeginSeamless, parse_MigrateSwitchHost, parse_Name, parse_QualityIndicator, parse_Uuid
from spiceproto.summary import line

_n0 = NameTable(MouseMode)
_l0 = ((0, 4, 'session_id'), (4, 4, 'display_channels_hint'), (8, 4, 'supported_mouse_modes'), (12, 4, 'current_mouse_mode'), (16, 4, 'agent_connected'), (20, 4, 'agent_tokens'), (24, 4, 'multi_media_time'), (28, 4, 'ram_hint'))
_u0 = Struct('<LLLLLLLL').unpack_from
_i0 = Struct('<LLLLLLLL').iter_unpack
_l1 = ((0, 2, 'supported_modes'), (2, 2, 'current_mode'))
_u1 = Struct('<HH').unpack_from
_i1 = Struct('<HH').iter_unpack
_l2 = ((0, 4, 'time'),)
_u2 = Struct('<L').unpack_from
_i2 = Struct('<L').iter_unpack
_n1 = NameTable(LinkErr)
_l3 = ((0, 4, 'error_code'),)
_l4 = ((0, 4, 'num_tokens'),)
_l5 = ((0, 8, 'cache_size'),)
_u3 = Struct('<Q').unpack_from
_i3 = Struct('<Q').iter_unpack
_l6 = ((0, 2, 'mode'),)
_u4 = Struct('<H').unpack_from
_i4 = Struct('<H').iter_unpack
_l7 = ((0, 4, 'src_version'),)


def summary_MigrateBegin(b, tail=None):
    return line(parse_MigrateBegin(b, tail), ('dst_info.host_data', 'dst_info.port', 'dst_info.sport'))


def summary_MigrateCancel(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_Init(b, tail=None):
    n = len(b)
    if n != 32:
        if n < 32:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(32)
    v1, v2, v3, v4, v5, v6, v7, v8 = _u0(b)
    return v1, _n0[v3], _n0[v4], v5, v6, v7,


def summary_Init(b, tail=None):
    return 'session_id=%d supported_mouse_modes=%s current_mouse_mode=%s agent_connected=%d agent_tokens=%d multi_media_time=%d' % values_Init(b, tail)


def columns_Init(b):
    v1, v2, v3, v4, v5, v6, v7, v8 = zip(*_i0(b))
    return v1, map(_n0.__getitem__, v3), map(_n0.__getitem__, v4), v5, v6, v7,


summary_Init.fixed = 32, 'session_id=%d supported_mouse_modes=%s current_mouse_mode=%s agent_connected=%d agent_tokens=%d multi_media_time=%d', values_Init, columns_Init


def summary_ChannelsList(b, tail=None):
    return line(parse_ChannelsList(b, tail), ('num_of_channels', 'channels'))


def values_MouseModeMessage(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(4)
    v1, v2 = _u1(b)
    return _n0[v1], _n0[v2],


def summary_MouseModeMessage(b, tail=None):
    return 'supported_modes=%s current_mode=%s' % values_MouseModeMessage(b, tail)


def columns_MouseModeMessage(b):
    v1, v2 = zip(*_i1(b))
    return map(_n0.__getitem__, v1), map(_n0.__getitem__, v2),


summary_MouseModeMessage.fixed = 4, 'supported_modes=%s current_mode=%s', values_MouseModeMessage, columns_MouseModeMessage


def values_MultiMediaTime(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return v1,


def summary_MultiMediaTime(b, tail=None):
    return 'time=%d' % values_MultiMediaTime(b, tail)


def columns_MultiMediaTime(b):
    v1, = zip(*_i2(b))
    return v1,


summary_MultiMediaTime.fixed = 4, 'time=%d', values_MultiMediaTime, columns_MultiMediaTime


def summary_AgentConnected(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_AgentDisconnected(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return _n1[v1],


def summary_AgentDisconnected(b, tail=None):
    return 'error_code=%s' % values_AgentDisconnected(b, tail)


def columns_AgentDisconnected(b):
    v1, = zip(*_i2(b))
    return map(_n1.__getitem__, v1),


summary_AgentDisconnected.fixed = 4, 'error_code=%s', values_AgentDisconnected, columns_AgentDisconnected


def summary_AgentData(b, tail=None):
    return line(parse_AgentData(b, tail), ('data',))


def values_AgentToken(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return v1,


def summary_AgentToken(b, tail=None):
    return 'num_tokens=%d' % values_AgentToken(b, tail)


def columns_AgentToken(b):
    v1, = zip(*_i2(b))
    return v1,


summary_AgentToken.fixed = 4, 'num_tokens=%d', values_AgentToken, columns_AgentToken


def summary_MigrateSwitchHost(b, tail=None):
    return line(parse_MigrateSwitchHost(b, tail), ('host_data', 'port', 'sport'))


def summary_MigrateEnd(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_Name(b, tail=None):
    return line(parse_Name(b, tail), ('name',))


def summary_Uuid(b, tail=None):
    return line(parse_Uuid(b, tail), ('uuid',))


def values_AgentConnectedTokens(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return v1,


def summary_AgentConnectedTokens(b, tail=None):
    return 'num_tokens=%d' % values_AgentConnectedTokens(b, tail)


def columns_AgentConnectedTokens(b):
    v1, = zip(*_i2(b))
    return v1,


summary_AgentConnectedTokens.fixed = 4, 'num_tokens=%d', values_AgentConnectedTokens, columns_AgentConnectedTokens


def summary_MigrateBeginSeamless(b, tail=None):
    return line(parse_MigrateBeginSeamless(b, tail), ('dst_info.host_data', 'dst_info.port', 'dst_info.sport', 'src_mig_version'))


def summary_MigrateDstSeamlessAck(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_MigrateDstSeamlessNack(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_ClientInfo(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(8)
    v1, = _u3(b)
    return v1,


def summary_ClientInfo(b, tail=None):
    return 'cache_size=%d' % values_ClientInfo(b, tail)


def columns_ClientInfo(b):
    v1, = zip(*_i3(b))
    return v1,


summary_ClientInfo.fixed = 8, 'cache_size=%d', values_ClientInfo, columns_ClientInfo


def summary_MigrateConnected(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_MigrateConnectError(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_AttachChannels(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_MouseModeRequest(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l6, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u4(b)
    return _n0[v1],


def summary_MouseModeRequest(b, tail=None):
    return 'mode=%s' % values_MouseModeRequest(b, tail)


def columns_MouseModeRequest(b):
    v1, = zip(*_i4(b))
    return map(_n0.__getitem__, v1),


summary_MouseModeRequest.fixed = 2, 'mode=%s', values_MouseModeRequest, columns_MouseModeRequest


def values_AgentStart(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return v1,


def summary_AgentStart(b, tail=None):
    return 'num_tokens=%d' % values_AgentStart(b, tail)


def columns_AgentStart(b):
    v1, = zip(*_i2(b))
    return v1,


summary_AgentStart.fixed = 4, 'num_tokens=%d', values_AgentStart, columns_AgentStart


def values_MigrateDstDoSeamless(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return v1,


def summary_MigrateDstDoSeamless(b, tail=None):
    return 'src_version=%d' % values_MigrateDstDoSeamless(b, tail)


def columns_MigrateDstDoSeamless(b):
    v1, = zip(*_i2(b))
    return v1,


summary_MigrateDstDoSeamless.fixed = 4, 'src_version=%d', values_MigrateDstDoSeamless, columns_MigrateDstDoSeamless


def summary_MigrateConnectedSeamless(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_QualityIndicator(b, tail=None):
    return line(parse_QualityIndicator(b, tail), ('data',))
