"""Parsers of main. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import crowded, null, outside, short
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages.main import AgentConnected as main_AgentConnected, AgentConnectedTokens as main_AgentConnectedTokens, AgentData as main_AgentData, AgentDisconnected as main_AgentDisconnected, AgentStart as main_AgentStart, AgentToken as main_AgentToken, AttachChannels as main_AttachChannels, ChannelId as main_ChannelId, ChannelsList as main_ChannelsList, ClientInfo as main_ClientInfo, DstInfo as main_DstInfo, Init as main_Init, MigrateBegin as main_MigrateBegin, MigrateBeginSeamless as main_MigrateBeginSeamless, MigrateCancel as main_MigrateCancel, MigrateConnectError as main_MigrateConnectError, MigrateConnected as main_MigrateConnected, MigrateConnectedSeamless as main_MigrateConnectedSeamless, MigrateDstDoSeamless as main_MigrateDstDoSeamless, MigrateDstSeamlessAck as main_MigrateDstSeamlessAck, MigrateDstSeamlessNack as main_MigrateDstSeamlessNack, MigrateEnd as main_MigrateEnd, MigrateSwitchHost as main_MigrateSwitchHost, MouseModeMessage as main_MouseModeMessage, MouseModeRequest as main_MouseModeRequest, MultiMediaTime as main_MultiMediaTime, Name as main_Name, QualityIndicator as main_QualityIndicator, Uuid as main_Uuid
from spiceproto.unsent import Unsent

_u0 = Struct('<HHLL').unpack_from
_l0 = ((0, 2, 'dst_info.port'), (2, 2, 'dst_info.sport'), (4, 4, 'dst_info.host_size'), (8, 4, 'dst_info.host_data'))
_u1 = Struct('<LL').unpack_from
_l1 = ((0, 4, 'dst_info.cert_subject_size'), (4, 4, 'dst_info.cert_subject_data'))
_MouseMode = FlagsTable(MouseMode)
_l2 = ((0, 4, 'session_id'), (4, 4, 'display_channels_hint'), (8, 4, 'supported_mouse_modes'), (12, 4, 'current_mouse_mode'), (16, 4, 'agent_connected'), (20, 4, 'agent_tokens'), (24, 4, 'multi_media_time'), (28, 4, 'ram_hint'))
_u2 = Struct('<LLLLLLLL').unpack_from
_u3 = Struct('<L').unpack_from
_l3 = ((0, 4, 'num_of_channels'),)
_u4 = Struct('<BB').unpack_from
_ChannelType = EnumTable(ChannelType)
_u5 = Struct('<BBBB').unpack_from
_u6 = Struct('<BBBBBB').unpack_from
_u7 = Struct('<BBBBBBBB').unpack_from
_i0 = Struct('<BB').iter_unpack
_l4 = ((0, 2, 'supported_modes'), (2, 2, 'current_mode'))
_u8 = Struct('<HH').unpack_from
_l5 = ((0, 4, 'time'),)
_LinkErr = EnumTable(LinkErr)
_l6 = ((0, 4, 'error_code'),)
_l7 = ((0, 4, 'num_tokens'),)
_l8 = ((0, 2, 'port'), (2, 2, 'sport'), (4, 4, 'host_size'), (8, 4, 'host_data'))
_l9 = ((0, 4, 'cert_subject_size'), (4, 4, 'cert_subject_data'))
_l10 = ((0, 4, 'name_len'),)
_u9 = Struct('<16s').unpack_from
_l11 = ((0, 16, 'uuid'),)
_l12 = ((0, 4, 'src_mig_version'),)
_l13 = ((0, 8, 'cache_size'),)
_u10 = Struct('<Q').unpack_from
_l14 = ((0, 2, 'mode'),)
_u11 = Struct('<H').unpack_from
_l15 = ((0, 4, 'src_version'),)


def parse_MigrateBegin(b, tail=None):
    n = len(b)
    h = 0
    if n < 12:
        raise short(_l0, 0, n)
    v1, v2, v3, v4 = _u0(b)
    if v4 == 0:
        raise null('dst_info.host_data', 8)
    elif v4 >= n:
        raise outside('dst_info.host_data', 8, v4, n)
    else:
        e = v4 + v3
        if e > n:
            raise crowded('dst_info.host_data', v4, v3, 1, n)
        v5 = b[v4:e]
        if e > h:
            h = e
    if n < 20:
        raise short(_l1, 12, n)
    v6, v7 = _u1(b, 12)
    if v7 == 0:
        if v6 > n:
            raise crowded('dst_info.cert_subject_data', 0, v6, 1, n)
        v8 = Unsent(v6) if v6 else None
    elif v7 >= n:
        raise outside('dst_info.cert_subject_data', 16, v7, n)
    else:
        e = v7 + v6
        if e > n:
            raise crowded('dst_info.cert_subject_data', v7, v6, 1, n)
        v8 = b[v7:e]
        if e > h:
            h = e
    if h < 20:
        h = 20
    if h < n and tail is not None:
        tail(h)
    return main_MigrateBegin(main_DstInfo(v1, v2, v5, v8))


def parse_MigrateCancel(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return main_MigrateCancel()


def parse_Init(b, tail=None):
    n = len(b)
    if n != 32:
        if n < 32:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(32)
    v1, v2, v3, v4, v5, v6, v7, v8 = _u2(b)
    return main_Init(v1, v2, _MouseMode[v3], _MouseMode[v4], v5, v6, v7, v8)


def parse_ChannelsList(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l3, 0, n)
    v1, = _u3(b)
    e = 4 + v1 * 2
    if e > n:
        raise crowded('channels', 4, v1, 2, n)
    if v1 == 1:
        w1, w2 = _u4(b, 4)
        v2 = (main_ChannelId(_ChannelType[w1], w2),)
    elif v1 == 2:
        w1, w2, w3, w4 = _u5(b, 4)
        v2 = (main_ChannelId(_ChannelType[w1], w2), main_ChannelId(_ChannelType[w3], w4))
    elif v1 == 3:
        w1, w2, w3, w4, w5, w6 = _u6(b, 4)
        v2 = (main_ChannelId(_ChannelType[w1], w2), main_ChannelId(_ChannelType[w3], w4), main_ChannelId(_ChannelType[w5], w6))
    elif v1 == 4:
        w1, w2, w3, w4, w5, w6, w7, w8 = _u7(b, 4)
        v2 = (main_ChannelId(_ChannelType[w1], w2), main_ChannelId(_ChannelType[w3], w4), main_ChannelId(_ChannelType[w5], w6), main_ChannelId(_ChannelType[w7], w8))
    else:
        v2 = tuple([main_ChannelId(_ChannelType[w1], w2) for w1, w2 in _i0(b[4:e])])
    o = e
    if o < n and tail is not None:
        tail(o)
    return main_ChannelsList(v2)


def parse_MouseModeMessage(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(4)
    v1, v2 = _u8(b)
    return main_MouseModeMessage(_MouseMode[v1], _MouseMode[v2])


def parse_MultiMediaTime(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return main_MultiMediaTime(v1)


def parse_AgentConnected(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return main_AgentConnected()


def parse_AgentDisconnected(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l6, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return main_AgentDisconnected(_LinkErr[v1])


def parse_AgentData(b, tail=None):
    n = len(b)
    v1 = b
    return main_AgentData(v1)


def parse_AgentToken(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return main_AgentToken(v1)


def parse_MigrateSwitchHost(b, tail=None):
    n = len(b)
    h = 0
    if n < 12:
        raise short(_l8, 0, n)
    v1, v2, v3, v4 = _u0(b)
    if v4 == 0:
        if v3 > n:
            raise crowded('host_data', 0, v3, 1, n)
        v5 = Unsent(v3) if v3 else None
    elif v4 >= n:
        raise outside('host_data', 8, v4, n)
    else:
        e = v4 + v3
        if e > n:
            raise crowded('host_data', v4, v3, 1, n)
        v5 = b[v4:e]
        if e > h:
            h = e
    if n < 20:
        raise short(_l9, 12, n)
    v6, v7 = _u1(b, 12)
    if v7 == 0:
        if v6 > n:
            raise crowded('cert_subject_data', 0, v6, 1, n)
        v8 = Unsent(v6) if v6 else None
    elif v7 >= n:
        raise outside('cert_subject_data', 16, v7, n)
    else:
        e = v7 + v6
        if e > n:
            raise crowded('cert_subject_data', v7, v6, 1, n)
        v8 = b[v7:e]
        if e > h:
            h = e
    if h < 20:
        h = 20
    if h < n and tail is not None:
        tail(h)
    return main_MigrateSwitchHost(v1, v2, v5, v8)


def parse_MigrateEnd(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return main_MigrateEnd()


def parse_Name(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l10, 0, n)
    v1, = _u3(b)
    o = 4
    e = o + v1
    if e > n:
        raise crowded('name', o, v1, 1, n)
    v2 = b[o:e]
    o = e
    if o < n and tail is not None:
        tail(o)
    return main_Name(v2)


def parse_Uuid(b, tail=None):
    n = len(b)
    if n < 16:
        raise short(_l11, 0, n)
    v1, = _u9(b)
    if 16 < n and tail is not None:
        tail(16)
    return main_Uuid(v1)


def parse_AgentConnectedTokens(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return main_AgentConnectedTokens(v1)


def parse_MigrateBeginSeamless(b, tail=None):
    n = len(b)
    h = 0
    if n < 12:
        raise short(_l0, 0, n)
    v1, v2, v3, v4 = _u0(b)
    if v4 == 0:
        raise null('dst_info.host_data', 8)
    elif v4 >= n:
        raise outside('dst_info.host_data', 8, v4, n)
    else:
        e = v4 + v3
        if e > n:
            raise crowded('dst_info.host_data', v4, v3, 1, n)
        v5 = b[v4:e]
        if e > h:
            h = e
    if n < 20:
        raise short(_l1, 12, n)
    v6, v7 = _u1(b, 12)
    if v7 == 0:
        if v6 > n:
            raise crowded('dst_info.cert_subject_data', 0, v6, 1, n)
        v8 = Unsent(v6) if v6 else None
    elif v7 >= n:
        raise outside('dst_info.cert_subject_data', 16, v7, n)
    else:
        e = v7 + v6
        if e > n:
            raise crowded('dst_info.cert_subject_data', v7, v6, 1, n)
        v8 = b[v7:e]
        if e > h:
            h = e
    if n < 24:
        raise short(_l12, 20, n)
    v9, = _u3(b, 20)
    if h < 24:
        h = 24
    if h < n and tail is not None:
        tail(h)
    return main_MigrateBeginSeamless(main_DstInfo(v1, v2, v5, v8), v9)


def parse_MigrateDstSeamlessAck(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return main_MigrateDstSeamlessAck()


def parse_MigrateDstSeamlessNack(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return main_MigrateDstSeamlessNack()


def parse_ClientInfo(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l13, 0, n)
        if tail is not None:
            tail(8)
    v1, = _u10(b)
    return main_ClientInfo(v1)


def parse_MigrateConnected(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return main_MigrateConnected()


def parse_MigrateConnectError(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return main_MigrateConnectError()


def parse_AttachChannels(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return main_AttachChannels()


def parse_MouseModeRequest(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l14, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u11(b)
    return main_MouseModeRequest(_MouseMode[v1])


def parse_AgentStart(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return main_AgentStart(v1)


def parse_MigrateDstDoSeamless(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l15, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return main_MigrateDstDoSeamless(v1)


def parse_MigrateConnectedSeamless(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return main_MigrateConnectedSeamless()


def parse_QualityIndicator(b, tail=None):
    n = len(b)
    v1 = b
    return main_QualityIndicator(v1)
