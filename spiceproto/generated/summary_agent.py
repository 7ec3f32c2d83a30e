"""Summaries of agent. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.agent import AgentButtonMask, AgentMessageType, AgentReplyError, ClipboardType, DisplayConfigFlags, MonitorsConfigFlags
from spiceproto.enums.base import NameTable
from spiceproto.generated.parse_agent import parse_AnnounceCapabilities, parse_AudioVolumeSync, parse_Clipboard, parse_ClipboardGrab, parse_ClipboardGrabSelected, parse_ClipboardGrabSelectedSerial, parse_ClipboardGrabSerial, parse_ClipboardReleaseSelected, parse_ClipboardRequestSelected, parse_ClipboardSelected, parse_FileXferData, parse_FileXferStart, parse_FileXferStatusMessage, parse_GraphicsDeviceInfo, parse_MonitorsConfig
from spiceproto.shown import agent_capabilities, content, key_file, transfer_detail
from spiceproto.summary import line

_n0 = NameTable(AgentButtonMask)
_l0 = ((0, 4, 'x'), (4, 4, 'y'), (8, 4, 'buttons'), (12, 1, 'display_id'))
_u0 = Struct('<LLLB').unpack_from
_i0 = Struct('<LLLB').iter_unpack
_n1 = NameTable(MonitorsConfigFlags)
_n2 = NameTable(AgentMessageType)
_n3 = NameTable(AgentReplyError)
_l1 = ((0, 4, 'type'), (4, 4, 'error'))
_u1 = Struct('<LL').unpack_from
_i1 = Struct('<LL').iter_unpack
_n4 = NameTable(DisplayConfigFlags)
_l2 = ((0, 4, 'flags'), (4, 4, 'depth'))
_n5 = NameTable(ClipboardType)
_l3 = ((0, 4, 'type'),)
_u2 = Struct('<L').unpack_from
_i2 = Struct('<L').iter_unpack
_l4 = ((0, 4, 'max'),)
_u3 = Struct('<l').unpack_from
_i3 = Struct('<l').iter_unpack


def values_MouseState(b, tail=None):
    n = len(b)
    if n != 13:
        if n < 13:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(13)
    v1, v2, v3, v4 = _u0(b)
    return v1, v2, _n0[v3], v4,


def summary_MouseState(b, tail=None):
    return 'x=%d y=%d buttons=%s display_id=%d' % values_MouseState(b, tail)


def columns_MouseState(b):
    v1, v2, v3, v4 = zip(*_i0(b))
    return v1, v2, map(_n0.__getitem__, v3), v4,


summary_MouseState.fixed = 13, 'x=%d y=%d buttons=%s display_id=%d', values_MouseState, columns_MouseState


def summary_MonitorsConfig(b, tail=None):
    return line(parse_MonitorsConfig(b, tail), ('flags', 'monitors', 'physical_sizes'), {'flags': _n1.__getitem__})


def values_Reply(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u1(b)
    return _n2[v1], _n3[v2],


def summary_Reply(b, tail=None):
    return 'type=%s error=%s' % values_Reply(b, tail)


def columns_Reply(b):
    v1, v2 = zip(*_i1(b))
    return map(_n2.__getitem__, v1), map(_n3.__getitem__, v2),


summary_Reply.fixed = 8, 'type=%s error=%s', values_Reply, columns_Reply


def values_DisplayConfig(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u1(b)
    return _n4[v1], v2,


def summary_DisplayConfig(b, tail=None):
    return 'flags=%s depth=%d' % values_DisplayConfig(b, tail)


def columns_DisplayConfig(b):
    v1, v2 = zip(*_i1(b))
    return map(_n4.__getitem__, v1), v2,


summary_DisplayConfig.fixed = 8, 'flags=%s depth=%d', values_DisplayConfig, columns_DisplayConfig


def summary_AnnounceCapabilities(b, tail=None):
    return line(parse_AnnounceCapabilities(b, tail), ('request', 'caps'), {'caps': agent_capabilities})


summary_AnnounceCapabilities.shown = {'caps': agent_capabilities}


def summary_Clipboard(b, tail=None):
    return line(parse_Clipboard(b, tail), ('type', 'data'), {'data': content})


summary_Clipboard.shown = {'data': content}


def summary_ClipboardSelected(b, tail=None):
    return line(parse_ClipboardSelected(b, tail), ('selection', 'type', 'data'), {'data': content})


summary_ClipboardSelected.shown = {'data': content}


def summary_ClipboardGrab(b, tail=None):
    return line(parse_ClipboardGrab(b, tail), ('types',))


def summary_ClipboardGrabSelected(b, tail=None):
    return line(parse_ClipboardGrabSelected(b, tail), ('selection', 'types'))


def summary_ClipboardGrabSerial(b, tail=None):
    return line(parse_ClipboardGrabSerial(b, tail), ('serial', 'types'))


def summary_ClipboardGrabSelectedSerial(b, tail=None):
    return line(parse_ClipboardGrabSelectedSerial(b, tail), ('selection', 'serial', 'types'))


def values_ClipboardRequest(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return _n5[v1],


def summary_ClipboardRequest(b, tail=None):
    return 'type=%s' % values_ClipboardRequest(b, tail)


def columns_ClipboardRequest(b):
    v1, = zip(*_i2(b))
    return map(_n5.__getitem__, v1),


summary_ClipboardRequest.fixed = 4, 'type=%s', values_ClipboardRequest, columns_ClipboardRequest


def summary_ClipboardRequestSelected(b, tail=None):
    return line(parse_ClipboardRequestSelected(b, tail), ('selection', 'type'))


def summary_ClipboardRelease(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_ClipboardReleaseSelected(b, tail=None):
    return line(parse_ClipboardReleaseSelected(b, tail), ('selection',))


def summary_FileXferStart(b, tail=None):
    return line(parse_FileXferStart(b, tail), ('id', 'data'), {'data': key_file})


summary_FileXferStart.shown = {'data': key_file}


def summary_FileXferStatusMessage(b, tail=None):
    return line(parse_FileXferStatusMessage(b, tail), ('id', 'result', 'data'), {'data': transfer_detail})


summary_FileXferStatusMessage.shown = {'data': transfer_detail}


def summary_FileXferData(b, tail=None):
    return line(parse_FileXferData(b, tail), ('id', 'size'))


def summary_ClientDisconnected(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_MaxClipboard(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return v1,


def summary_MaxClipboard(b, tail=None):
    return 'max=%d' % values_MaxClipboard(b, tail)


def columns_MaxClipboard(b):
    v1, = zip(*_i3(b))
    return v1,


summary_MaxClipboard.fixed = 4, 'max=%d', values_MaxClipboard, columns_MaxClipboard


def summary_AudioVolumeSync(b, tail=None):
    return line(parse_AudioVolumeSync(b, tail), ('is_playback', 'mute', 'volume'))


def summary_GraphicsDeviceInfo(b, tail=None):
    return line(parse_GraphicsDeviceInfo(b, tail), ('count', 'display_info'))
