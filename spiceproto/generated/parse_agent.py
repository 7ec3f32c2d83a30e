"""Parsers of agent. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, short
from spiceproto.enums.agent import AgentButtonMask, AgentMessageType, AgentPort, AgentReplyError, ClipboardSelection, ClipboardType, DisplayConfigFlags, FileXferStatus, MonitorsConfigFlags
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.errors import RemoteError
from spiceproto.messages.agent import AnnounceCapabilities as agent_AnnounceCapabilities, AudioVolumeSync as agent_AudioVolumeSync, ChunkHeader as agent_ChunkHeader, ClientDisconnected as agent_ClientDisconnected, Clipboard as agent_Clipboard, ClipboardGrab as agent_ClipboardGrab, ClipboardGrabSelected as agent_ClipboardGrabSelected, ClipboardGrabSelectedSerial as agent_ClipboardGrabSelectedSerial, ClipboardGrabSerial as agent_ClipboardGrabSerial, ClipboardRelease as agent_ClipboardRelease, ClipboardReleaseSelected as agent_ClipboardReleaseSelected, ClipboardRequest as agent_ClipboardRequest, ClipboardRequestSelected as agent_ClipboardRequestSelected, ClipboardSelected as agent_ClipboardSelected, DeviceDisplayInfo as agent_DeviceDisplayInfo, DisplayConfig as agent_DisplayConfig, FileXferData as agent_FileXferData, FileXferStart as agent_FileXferStart, FileXferStatusError as agent_FileXferStatusError, FileXferStatusMessage as agent_FileXferStatusMessage, FileXferStatusNotEnoughSpace as agent_FileXferStatusNotEnoughSpace, GraphicsDeviceInfo as agent_GraphicsDeviceInfo, MaxClipboard as agent_MaxClipboard, MessageHeader as agent_MessageHeader, MonConfig as agent_MonConfig, MonitorMM as agent_MonitorMM, MonitorsConfig as agent_MonitorsConfig, MouseState as agent_MouseState, Reply as agent_Reply

_u0 = Struct('<LLLL').unpack_from
_l0 = ((0, 4, 'channel_id'), (4, 4, 'monitor_id'), (8, 4, 'device_display_id'), (12, 4, 'device_address_len'))
_AgentPort = EnumTable(AgentPort)
_l1 = ((0, 4, 'port'), (4, 4, 'size'))
_u1 = Struct('<LL').unpack_from
_AgentMessageType = EnumTable(AgentMessageType)
_l2 = ((0, 4, 'protocol'), (4, 4, 'type'), (8, 8, 'opaque'), (16, 4, 'size'))
_u2 = Struct('<LLQL').unpack_from
_AgentButtonMask = FlagsTable(AgentButtonMask)
_l3 = ((0, 4, 'x'), (4, 4, 'y'), (8, 4, 'buttons'), (12, 1, 'display_id'))
_u3 = Struct('<LLLB').unpack_from
_MonitorsConfigFlags = FlagsTable(MonitorsConfigFlags)
_l4 = ((0, 4, 'num_of_monitors'), (4, 4, 'flags'))
_i0 = Struct('<LLLll').iter_unpack
_i1 = Struct('<HH').iter_unpack
_AgentReplyError = EnumTable(AgentReplyError)
_l5 = ((0, 4, 'type'), (4, 4, 'error'))
_DisplayConfigFlags = FlagsTable(DisplayConfigFlags)
_l6 = ((0, 4, 'flags'), (4, 4, 'depth'))
_u4 = Struct('<L').unpack_from
_l7 = ((0, 4, 'request'),)
_a0 = Unpackers('<', 'L')
_ClipboardType = EnumTable(ClipboardType)
_l8 = ((0, 4, 'type'),)
_ClipboardSelection = EnumTable(ClipboardSelection)
_u5 = Struct('<B3sL').unpack_from
_l9 = ((0, 1, 'selection'), (1, 3, 'reserved'), (4, 4, 'type'))
_g0 = _ClipboardType.__getitem__
_u6 = Struct('<B3s').unpack_from
_l10 = ((0, 1, 'selection'), (1, 3, 'reserved'))
_l11 = ((0, 4, 'serial'),)
_l12 = ((0, 1, 'selection'), (1, 3, 'reserved'), (4, 4, 'serial'))
_l13 = ((0, 4, 'id'),)
_FileXferStatus = EnumTable(FileXferStatus)
_l14 = ((0, 4, 'id'), (4, 4, 'result'))
_l15 = ((0, 8, 'disk_free_space'),)
_u7 = Struct('<Q').unpack_from
_l16 = ((0, 1, 'error_type'), (1, 4, 'error_code'))
_u8 = Struct('<BL').unpack_from
_u9 = Struct('<LQ').unpack_from
_l17 = ((0, 4, 'id'), (4, 8, 'size'))
_l18 = ((0, 4, 'max'),)
_u10 = Struct('<l').unpack_from
_u11 = Struct('<BBB').unpack_from
_l19 = ((0, 1, 'is_playback'), (1, 1, 'mute'), (2, 1, 'nchannels'))
_a1 = Unpackers('<', 'H')
_l20 = ((0, 4, 'count'),)


def read_DeviceDisplayInfo(b, o, n):
    if o + 16 > n:
        raise short(_l0, o, n)
    v1, v2, v3, v4 = _u0(b, o)
    o += 16
    e = o + v4
    if e > n:
        raise crowded('device_address', o, v4, 1, n)
    v5 = b[o:e]
    o = e
    return agent_DeviceDisplayInfo(v1, v2, v3, v5), o


def parse_ChunkHeader(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u1(b)
    return agent_ChunkHeader(_AgentPort[v1], v2)


def parse_MessageHeader(b, tail=None):
    n = len(b)
    if n != 20:
        if n < 20:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(20)
    v1, v2, v3, v4 = _u2(b)
    return agent_MessageHeader(v1, _AgentMessageType[v2], v3, v4)


def parse_MouseState(b, tail=None):
    n = len(b)
    if n != 13:
        if n < 13:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(13)
    v1, v2, v3, v4 = _u3(b)
    return agent_MouseState(v1, v2, _AgentButtonMask[v3], v4)


def parse_MonitorsConfig(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l4, 0, n)
    v1, v2 = _u1(b)
    o = 8
    if v1 * 20 > n - o:
        raise crowded('monitors', o, v1, 20, n)
    e = o + v1 * 20
    v3 = tuple([agent_MonConfig(w1, w2, w3, w4, w5) for w1, w2, w3, w4, w5 in _i0(b[o:e])])
    o = e
    v4 = None
    if v2 & 2:
        if v1 * 4 > n - o:
            raise crowded('physical_sizes', o, v1, 4, n)
        e = o + v1 * 4
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
            raise short(_l5, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u1(b)
    return agent_Reply(_AgentMessageType[v1], _AgentReplyError[v2])


def parse_DisplayConfig(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l6, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u1(b)
    return agent_DisplayConfig(_DisplayConfigFlags[v1], v2)


def parse_AnnounceCapabilities(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l7, 0, n)
    v1, = _u4(b)
    o = 4
    c = (n - o) // 4
    e = o + c * 4
    v2 = _a0[c](b, o)
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_AnnounceCapabilities(v1, v2)


def parse_Clipboard(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l8, 0, n)
    v1, = _u4(b)
    v2 = b[4:]
    o = 4
    o = n
    return agent_Clipboard(_ClipboardType[v1], v2)


def parse_ClipboardSelected(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l9, 0, n)
    v1, v2, v3 = _u5(b)
    v4 = b[8:]
    o = 8
    o = n
    return agent_ClipboardSelected(_ClipboardSelection[v1], v2, _ClipboardType[v3], v4)


def parse_ClipboardGrab(b, tail=None):
    n = len(b)
    o = 0
    c = (n - o) // 4
    e = o + c * 4
    v1 = tuple(map(_g0, _a0[c](b, o)))
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_ClipboardGrab(v1)


def parse_ClipboardGrabSelected(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l10, 0, n)
    v1, v2 = _u6(b)
    o = 4
    c = (n - o) // 4
    e = o + c * 4
    v3 = tuple(map(_g0, _a0[c](b, o)))
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_ClipboardGrabSelected(_ClipboardSelection[v1], v2, v3)


def parse_ClipboardGrabSerial(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l11, 0, n)
    v1, = _u4(b)
    o = 4
    c = (n - o) // 4
    e = o + c * 4
    v2 = tuple(map(_g0, _a0[c](b, o)))
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_ClipboardGrabSerial(v1, v2)


def parse_ClipboardGrabSelectedSerial(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l12, 0, n)
    v1, v2, v3 = _u5(b)
    o = 8
    c = (n - o) // 4
    e = o + c * 4
    v4 = tuple(map(_g0, _a0[c](b, o)))
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_ClipboardGrabSelectedSerial(_ClipboardSelection[v1], v2, v3, v4)


def parse_ClipboardRequest(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l8, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u4(b)
    return agent_ClipboardRequest(_ClipboardType[v1])


def parse_ClipboardRequestSelected(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l9, 0, n)
    v1, v2, v3 = _u5(b)
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
        raise short(_l10, 0, n)
    v1, v2 = _u6(b)
    if 4 < n and tail is not None:
        tail(4)
    return agent_ClipboardReleaseSelected(_ClipboardSelection[v1], v2)


def parse_FileXferStart(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l13, 0, n)
    v1, = _u4(b)
    v2 = b[4:]
    o = 4
    o = n
    return agent_FileXferStart(v1, v2)


def parse_FileXferStatusMessage(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l14, 0, n)
    v1, v2 = _u1(b)
    v3 = b[8:]
    o = 8
    o = n
    return agent_FileXferStatusMessage(v1, _FileXferStatus[v2], v3)


def parse_FileXferStatusNotEnoughSpace(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l15, 0, n)
        if tail is not None:
            tail(8)
    v1, = _u7(b)
    return agent_FileXferStatusNotEnoughSpace(v1)


def parse_FileXferStatusError(b, tail=None):
    n = len(b)
    if n != 5:
        if n < 5:
            raise short(_l16, 0, n)
        if tail is not None:
            tail(5)
    v1, v2 = _u8(b)
    return agent_FileXferStatusError(v1, v2)


def parse_FileXferData(b, tail=None):
    n = len(b)
    if n < 12:
        raise short(_l17, 0, n)
    v1, v2 = _u9(b)
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
            raise short(_l18, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u10(b)
    return agent_MaxClipboard(v1)


def parse_AudioVolumeSync(b, tail=None):
    n = len(b)
    if n < 3:
        raise short(_l19, 0, n)
    v1, v2, v3 = _u11(b)
    o = 3
    if v3 * 2 > n - o:
        raise crowded('volume', o, v3, 2, n)
    e = o + v3 * 2
    v4 = _a1[v3](b, o)
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_AudioVolumeSync(v1, v2, v4)


def parse_GraphicsDeviceInfo(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l20, 0, n)
    v1, = _u4(b)
    o = 4
    if v1 * 16 > n - o:
        raise crowded('display_info', o, v1, 16, n)
    v2 = []
    e = o
    for v3 in range(v1):
        try:
            x, e = read_DeviceDisplayInfo(b, e, n)
        except RemoteError as error:
            error.within(f'[{v3}]')
            error.within('display_info')
            raise
        v2.append(x)
    v2 = tuple(v2)
    o = e
    if o < n and tail is not None:
        tail(o)
    return agent_GraphicsDeviceInfo(v2)
