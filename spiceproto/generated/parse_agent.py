"""Parsers of agent. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, short
from spiceproto.enums.agent import AgentButtonMask, AgentMessageType, AgentPort, AgentReplyError, ClipboardSelection, ClipboardType, DisplayConfigFlags, FileXferStatus, MonitorsConfigFlags
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.errors import RemoteError
from spiceproto.messages.agent import AnnounceCapabilities as agent_AnnounceCapabilities, AudioVolumeSync as agent_AudioVolumeSync, ChunkHeader as agent_ChunkHeader, ClientDisconnected as agent_ClientDisconnected, Clipboard as agent_Clipboard, ClipboardGrab as agent_ClipboardGrab, ClipboardGrabSelected as agent_ClipboardGrabSelected, ClipboardGrabSelectedSerial as agent_ClipboardGrabSelectedSerial, ClipboardGrabSerial as agent_ClipboardGrabSerial, ClipboardRelease as agent_ClipboardRelease, ClipboardReleaseSelected as agent_ClipboardReleaseSelected, ClipboardRequest as agent_ClipboardRequest, ClipboardRequestSelected as agent_ClipboardRequestSelected, ClipboardSelected as agent_ClipboardSelected, DeviceDisplayInfo as agent_DeviceDisplayInfo, DisplayConfig as agent_DisplayConfig, FileXferData as agent_FileXferData, FileXferStart as agent_FileXferStart, FileXferStatusError as agent_FileXferStatusError, FileXferStatusMessage as agent_FileXferStatusMessage, FileXferStatusNotEnoughSpace as agent_FileXferStatusNotEnoughSpace, GraphicsDeviceInfo as agent_GraphicsDeviceInfo, MaxClipboard as agent_MaxClipboard, MessageHeader as agent_MessageHeader, MonConfig as agent_MonConfig, MonitorMM as agent_MonitorMM, MonitorsConfig as agent_MonitorsConfig, MouseState as agent_MouseState, Reply as agent_Reply

_AgentPort = EnumTable(AgentPort)
_l0 = ((0, 4, 'port'), (4, 4, 'size'))
_u0 = Struct('<LL').unpack_from
_AgentMessageType = EnumTable(AgentMessageType)
_l1 = ((0, 4, 'protocol'), (4, 4, 'type'), (8, 8, 'opaque'), (16, 4, 'size'))
_u1 = Struct('<LLQL').unpack_from
_AgentButtonMask = FlagsTable(AgentButtonMask)
_l2 = ((0, 4, 'x'), (4, 4, 'y'), (8, 4, 'buttons'), (12, 1, 'display_id'))
_u2 = Struct('<LLLB').unpack_from
_MonitorsConfigFlags = FlagsTable(MonitorsConfigFlags)
_l3 = ((0, 4, 'num_of_monitors'), (4, 4, 'flags'))
_u3 = Struct('<LLLll').unpack_from
_u4 = Struct('<LLLllLLLll').unpack_from
_i0 = Struct('<LLLll').iter_unpack
_u5 = Struct('<HH').unpack_from
_u6 = Struct('<HHHH').unpack_from
_u7 = Struct('<HHHHHH').unpack_from
_u8 = Struct('<HHHHHHHH').unpack_from
_i1 = Struct('<HH').iter_unpack
_AgentReplyError = EnumTable(AgentReplyError)
_l4 = ((0, 4, 'type'), (4, 4, 'error'))
_DisplayConfigFlags = FlagsTable(DisplayConfigFlags)
_l5 = ((0, 4, 'flags'), (4, 4, 'depth'))
_u9 = Struct('<L').unpack_from
_l6 = ((0, 4, 'request'),)
_u10 = Struct('<LLL').unpack_from
_u11 = Struct('<LLLL').unpack_from
_a0 = Unpackers('<', 'L')
_ClipboardType = EnumTable(ClipboardType)
_l7 = ((0, 4, 'type'),)
_ClipboardSelection = EnumTable(ClipboardSelection)
_u12 = Struct('<B3sL').unpack_from
_l8 = ((0, 1, 'selection'), (1, 3, 'reserved'), (4, 4, 'type'))
_g0 = _ClipboardType.__getitem__
_u13 = Struct('<B3s').unpack_from
_l9 = ((0, 1, 'selection'), (1, 3, 'reserved'))
_l10 = ((0, 4, 'serial'),)
_l11 = ((0, 1, 'selection'), (1, 3, 'reserved'), (4, 4, 'serial'))
_l12 = ((0, 4, 'id'),)
_FileXferStatus = EnumTable(FileXferStatus)
_l13 = ((0, 4, 'id'), (4, 4, 'result'))
_l14 = ((0, 8, 'disk_free_space'),)
_u14 = Struct('<Q').unpack_from
_l15 = ((0, 1, 'error_type'), (1, 4, 'error_code'))
_u15 = Struct('<BL').unpack_from
_u16 = Struct('<LQ').unpack_from
_l16 = ((0, 4, 'id'), (4, 8, 'size'))
_l17 = ((0, 4, 'max'),)
_u17 = Struct('<l').unpack_from
_u18 = Struct('<BBB').unpack_from
_l18 = ((0, 1, 'is_playback'), (1, 1, 'mute'), (2, 1, 'nchannels'))
_u19 = Struct('<H').unpack_from
_u20 = Struct('<HHH').unpack_from
_a1 = Unpackers('<', 'H')
_l19 = ((0, 4, 'count'),)
_l20 = ((0, 4, 'channel_id'), (4, 4, 'monitor_id'), (8, 4, 'device_display_id'), (12, 4, 'device_address_len'))


def parse_ChunkHeader(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u0(b)
    return agent_ChunkHeader(_AgentPort[v1], v2)


def parse_MessageHeader(b, tail=None):
    n = len(b)
    if n != 20:
        if n < 20:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(20)
    v1, v2, v3, v4 = _u1(b)
    return agent_MessageHeader(v1, _AgentMessageType[v2], v3, v4)


def parse_MouseState(b, tail=None):
    n = len(b)
    if n != 13:
        if n < 13:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(13)
    v1, v2, v3, v4 = _u2(b)
    return agent_MouseState(v1, v2, _AgentButtonMask[v3], v4)


def parse_MonitorsConfig(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l3, 0, n)
    v1, v2 = _u0(b)
    e = 8 + v1 * 20
    if e > n:
        raise crowded('monitors', 8, v1, 20, n)
    if v1 == 1:
        w1, w2, w3, w4, w5 = _u3(b, 8)
        v3 = (agent_MonConfig(w1, w2, w3, w4, w5),)
    elif v1 == 2:
        w1, w2, w3, w4, w5, w6, w7, w8, w9, w10 = _u4(b, 8)
        v3 = (agent_MonConfig(w1, w2, w3, w4, w5), agent_MonConfig(w6, w7, w8, w9, w10))
    else:
        v3 = tuple([agent_MonConfig(w1, w2, w3, w4, w5) for w1, w2, w3, w4, w5 in _i0(b[8:e])])
    o = e
    v4 = None
    if v2 & 2:
        e = o + v1 * 4
        if e > n:
            raise crowded('physical_sizes', o, v1, 4, n)
        if v1 == 1:
            w1, w2 = _u5(b, o)
            v5 = (agent_MonitorMM(w1, w2),)
        elif v1 == 2:
            w1, w2, w3, w4 = _u6(b, o)
            v5 = (agent_MonitorMM(w1, w2), agent_MonitorMM(w3, w4))
        elif v1 == 3:
            w1, w2, w3, w4, w5, w6 = _u7(b, o)
            v5 = (agent_MonitorMM(w1, w2), agent_MonitorMM(w3, w4), agent_MonitorMM(w5, w6))
        elif v1 == 4:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u8(b, o)
            v5 = (agent_MonitorMM(w1, w2), agent_MonitorMM(w3, w4), agent_MonitorMM(w5, w6), agent_MonitorMM(w7, w8))
        else:
            v5 = tuple([agent_MonitorMM(w1, w2) for w1, w2 in _i1(b[o:e])])
        o = e
        v4 = v5
    if o < n and tail is not None:
        tail(o)
    return agent_MonitorsConfig(_MonitorsConfigFlags[v2], v3, v4)


def parse_Reply(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u0(b)
    return agent_Reply(_AgentMessageType[v1], _AgentReplyError[v2])


def parse_DisplayConfig(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u0(b)
    return agent_DisplayConfig(_DisplayConfigFlags[v1], v2)


def parse_AnnounceCapabilities(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l6, 0, n)
    v1, = _u9(b)
    c = (n - 4) // 4
    e = 4 + c * 4
    if c == 1:
        v2 = _u9(b, 4)
    elif c == 2:
        v2 = _u0(b, 4)
    elif c == 3:
        v2 = _u10(b, 4)
    elif c == 4:
        v2 = _u11(b, 4)
    else:
        v2 = _a0[c](b, 4)
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_AnnounceCapabilities(v1, v2)


def parse_Clipboard(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l7, 0, n)
    v1, = _u9(b)
    v2 = b[4:]
    return agent_Clipboard(_ClipboardType[v1], v2)


def parse_ClipboardSelected(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l8, 0, n)
    v1, v2, v3 = _u12(b)
    v4 = b[8:]
    return agent_ClipboardSelected(_ClipboardSelection[v1], v2, _ClipboardType[v3], v4)


def parse_ClipboardGrab(b, tail=None):
    n = len(b)
    c = (n - 0) // 4
    e = 0 + c * 4
    if c == 1:
        w1, = _u9(b, 0)
        v1 = (_ClipboardType[w1],)
    elif c == 2:
        w1, w2 = _u0(b, 0)
        v1 = (_ClipboardType[w1], _ClipboardType[w2])
    elif c == 3:
        w1, w2, w3 = _u10(b, 0)
        v1 = (_ClipboardType[w1], _ClipboardType[w2], _ClipboardType[w3])
    elif c == 4:
        w1, w2, w3, w4 = _u11(b, 0)
        v1 = (_ClipboardType[w1], _ClipboardType[w2], _ClipboardType[w3], _ClipboardType[w4])
    else:
        v1 = tuple(map(_g0, _a0[c](b, 0)))
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_ClipboardGrab(v1)


def parse_ClipboardGrabSelected(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l9, 0, n)
    v1, v2 = _u13(b)
    c = (n - 4) // 4
    e = 4 + c * 4
    if c == 1:
        w1, = _u9(b, 4)
        v3 = (_ClipboardType[w1],)
    elif c == 2:
        w1, w2 = _u0(b, 4)
        v3 = (_ClipboardType[w1], _ClipboardType[w2])
    elif c == 3:
        w1, w2, w3 = _u10(b, 4)
        v3 = (_ClipboardType[w1], _ClipboardType[w2], _ClipboardType[w3])
    elif c == 4:
        w1, w2, w3, w4 = _u11(b, 4)
        v3 = (_ClipboardType[w1], _ClipboardType[w2], _ClipboardType[w3], _ClipboardType[w4])
    else:
        v3 = tuple(map(_g0, _a0[c](b, 4)))
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_ClipboardGrabSelected(_ClipboardSelection[v1], v2, v3)


def parse_ClipboardGrabSerial(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l10, 0, n)
    v1, = _u9(b)
    c = (n - 4) // 4
    e = 4 + c * 4
    if c == 1:
        w1, = _u9(b, 4)
        v2 = (_ClipboardType[w1],)
    elif c == 2:
        w1, w2 = _u0(b, 4)
        v2 = (_ClipboardType[w1], _ClipboardType[w2])
    elif c == 3:
        w1, w2, w3 = _u10(b, 4)
        v2 = (_ClipboardType[w1], _ClipboardType[w2], _ClipboardType[w3])
    elif c == 4:
        w1, w2, w3, w4 = _u11(b, 4)
        v2 = (_ClipboardType[w1], _ClipboardType[w2], _ClipboardType[w3], _ClipboardType[w4])
    else:
        v2 = tuple(map(_g0, _a0[c](b, 4)))
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_ClipboardGrabSerial(v1, v2)


def parse_ClipboardGrabSelectedSerial(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l11, 0, n)
    v1, v2, v3 = _u12(b)
    c = (n - 8) // 4
    e = 8 + c * 4
    if c == 1:
        w1, = _u9(b, 8)
        v4 = (_ClipboardType[w1],)
    elif c == 2:
        w1, w2 = _u0(b, 8)
        v4 = (_ClipboardType[w1], _ClipboardType[w2])
    elif c == 3:
        w1, w2, w3 = _u10(b, 8)
        v4 = (_ClipboardType[w1], _ClipboardType[w2], _ClipboardType[w3])
    elif c == 4:
        w1, w2, w3, w4 = _u11(b, 8)
        v4 = (_ClipboardType[w1], _ClipboardType[w2], _ClipboardType[w3], _ClipboardType[w4])
    else:
        v4 = tuple(map(_g0, _a0[c](b, 8)))
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_ClipboardGrabSelectedSerial(_ClipboardSelection[v1], v2, v3, v4)


def parse_ClipboardRequest(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u9(b)
    return agent_ClipboardRequest(_ClipboardType[v1])


def parse_ClipboardRequestSelected(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l8, 0, n)
    v1, v2, v3 = _u12(b)
    if 8 < n and tail is not None:
        tail(8)
    return agent_ClipboardRequestSelected(_ClipboardSelection[v1], v2, _ClipboardType[v3])


def parse_ClipboardRelease(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return agent_ClipboardRelease()


def parse_ClipboardReleaseSelected(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l9, 0, n)
    v1, v2 = _u13(b)
    if 4 < n and tail is not None:
        tail(4)
    return agent_ClipboardReleaseSelected(_ClipboardSelection[v1], v2)


def parse_FileXferStart(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l12, 0, n)
    v1, = _u9(b)
    v2 = b[4:]
    return agent_FileXferStart(v1, v2)


def parse_FileXferStatusMessage(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l13, 0, n)
    v1, v2 = _u0(b)
    v3 = b[8:]
    return agent_FileXferStatusMessage(v1, _FileXferStatus[v2], v3)


def parse_FileXferStatusNotEnoughSpace(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l14, 0, n)
        if tail is not None:
            tail(8)
    v1, = _u14(b)
    return agent_FileXferStatusNotEnoughSpace(v1)


def parse_FileXferStatusError(b, tail=None):
    n = len(b)
    if n != 5:
        if n < 5:
            raise short(_l15, 0, n)
        if tail is not None:
            tail(5)
    v1, v2 = _u15(b)
    return agent_FileXferStatusError(v1, v2)


def parse_FileXferData(b, tail=None):
    n = len(b)
    if n < 12:
        raise short(_l16, 0, n)
    v1, v2 = _u16(b)
    o = 12
    e = o + v2
    if e > n:
        raise crowded('data', o, v2, 1, n)
    v3 = b[o:e]
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_FileXferData(v1, v3)


def parse_ClientDisconnected(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return agent_ClientDisconnected()


def parse_MaxClipboard(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l17, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u17(b)
    return agent_MaxClipboard(v1)


def parse_AudioVolumeSync(b, tail=None):
    n = len(b)
    if n < 3:
        raise short(_l18, 0, n)
    v1, v2, v3 = _u18(b)
    e = 3 + v3 * 2
    if e > n:
        raise crowded('volume', 3, v3, 2, n)
    if v3 == 1:
        v4 = _u19(b, 3)
    elif v3 == 2:
        v4 = _u5(b, 3)
    elif v3 == 3:
        v4 = _u20(b, 3)
    elif v3 == 4:
        v4 = _u6(b, 3)
    else:
        v4 = _a1[v3](b, 3)
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_AudioVolumeSync(v1, v2, v4)


def parse_GraphicsDeviceInfo(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l19, 0, n)
    v1, = _u9(b)
    e = 4 + v1 * 16
    if e > n:
        raise crowded('display_info', 4, v1, 16, n)
    v2 = []
    o = 4
    for v3 in range(v1):
        try:
            if o + 16 > n:
                raise short(_l20, o, n)
            v3_1, v3_2, v3_3, v3_4 = _u11(b, o)
            o += 16
            e = o + v3_4
            if e > n:
                raise crowded('device_address', o, v3_4, 1, n)
            v3_5 = b[o:e]
            o = e
            x = agent_DeviceDisplayInfo(v3_1, v3_2, v3_3, v3_5)
        except RemoteError as error:
            error.within(f'[{v3}]')
            error.within('display_info')
            raise
        v2.append(x)
    v2 = tuple(v2)
    if o < n and tail is not None:
        tail(o)
    return agent_GraphicsDeviceInfo(v2)
