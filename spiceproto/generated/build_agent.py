"""Builders of agent. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence
from spiceproto.messages.agent import ClientDisconnected as agent_ClientDisconnected, ClipboardRelease as agent_ClipboardRelease

_p0 = Struct('<LLLL').pack
_p1 = Struct('<LL').pack
_p2 = Struct('<LLQL').pack
_p3 = Struct('<LLLB').pack
_p4 = Struct('<LLLll').pack
_p5 = Struct('<HH').pack
_a0 = Packers('<', 'L')
_p6 = Struct('<L').pack
_p7 = Struct('<B').pack
_p8 = Struct('<Q').pack
_p9 = Struct('<BL').pack
_p10 = Struct('<LQ').pack
_p11 = Struct('<l').pack
_a1 = Packers('<', 'H')
_p12 = Struct('<BBB').pack


def write_DeviceDisplayInfo(v, base, q):
    return _p0(v.channel_id, v.monitor_id, v.device_display_id, len(v.device_address)) + v.device_address


def build_ChunkHeader(v):
    try:
        return _p1(v.port, v.size)
    except Exception as error:
        blame('agent.ChunkHeader', v, error)


def build_MessageHeader(v):
    try:
        return _p2(v.protocol, v.type, v.opaque, v.size)
    except Exception as error:
        blame('agent.MessageHeader', v, error)


def build_MouseState(v):
    try:
        return _p3(v.x, v.y, v.buttons, v.display_id)
    except Exception as error:
        blame('agent.MouseState', v, error)


def build_MonitorsConfig(v):
    try:
        if type(v.monitors) is not tuple:
            sequence(v.monitors)
        p = [_p1(len(v.monitors), v.flags), b''.join([_p4(x.height, x.width, x.depth, x.x, x.y) for x in v.monitors])]
        a1 = v.flags
        if a1 & 2:
            if len(v.physical_sizes) != len(v.monitors):
                raise ValueError
            if type(v.physical_sizes) is not tuple:
                sequence(v.physical_sizes)
            p.append(b''.join([_p5(x.height, x.width) for x in v.physical_sizes]))
        elif v.physical_sizes is not None:
            raise ValueError
        return b''.join(p)
    except Exception as error:
        blame('agent.MonitorsConfig', v, error)


def build_Reply(v):
    try:
        return _p1(v.type, v.error)
    except Exception as error:
        blame('agent.Reply', v, error)


def build_DisplayConfig(v):
    try:
        return _p1(v.flags, v.depth)
    except Exception as error:
        blame('agent.DisplayConfig', v, error)


def build_AnnounceCapabilities(v):
    try:
        if type(v.caps) is not tuple:
            sequence(v.caps)
        return _p6(v.request) + _a0[len(v.caps)](*v.caps)
    except Exception as error:
        blame('agent.AnnounceCapabilities', v, error)


def build_Clipboard(v):
    try:
        return _p6(v.type) + v.data
    except Exception as error:
        blame('agent.Clipboard', v, error)


def build_ClipboardSelected(v):
    try:
        if len(v.reserved) != 3:
            raise ValueError
        return b''.join((_p7(v.selection), v.reserved, _p6(v.type), v.data))
    except Exception as error:
        blame('agent.ClipboardSelected', v, error)


def build_ClipboardGrab(v):
    try:
        if type(v.types) is not tuple:
            sequence(v.types)
        return b'' + _a0[len(v.types)](*v.types)
    except Exception as error:
        blame('agent.ClipboardGrab', v, error)


def build_ClipboardGrabSelected(v):
    try:
        if len(v.reserved) != 3:
            raise ValueError
        if type(v.types) is not tuple:
            sequence(v.types)
        return _p7(v.selection) + v.reserved + _a0[len(v.types)](*v.types)
    except Exception as error:
        blame('agent.ClipboardGrabSelected', v, error)


def build_ClipboardGrabSerial(v):
    try:
        if type(v.types) is not tuple:
            sequence(v.types)
        return _p6(v.serial) + _a0[len(v.types)](*v.types)
    except Exception as error:
        blame('agent.ClipboardGrabSerial', v, error)


def build_ClipboardGrabSelectedSerial(v):
    try:
        if len(v.reserved) != 3:
            raise ValueError
        if type(v.types) is not tuple:
            sequence(v.types)
        return b''.join((_p7(v.selection), v.reserved, _p6(v.serial), _a0[len(v.types)](*v.types)))
    except Exception as error:
        blame('agent.ClipboardGrabSelectedSerial', v, error)


def build_ClipboardRequest(v):
    try:
        return _p6(v.type)
    except Exception as error:
        blame('agent.ClipboardRequest', v, error)


def build_ClipboardRequestSelected(v):
    try:
        if len(v.reserved) != 3:
            raise ValueError
        return _p7(v.selection) + v.reserved + _p6(v.type)
    except Exception as error:
        blame('agent.ClipboardRequestSelected', v, error)


def build_ClipboardRelease(v):
    if not isinstance(v, agent_ClipboardRelease):
        blame('agent.ClipboardRelease', v, TypeError())
    return b''


def build_ClipboardReleaseSelected(v):
    try:
        if len(v.reserved) != 3:
            raise ValueError
        return _p7(v.selection) + v.reserved
    except Exception as error:
        blame('agent.ClipboardReleaseSelected', v, error)


def build_FileXferStart(v):
    try:
        return _p6(v.id) + v.data
    except Exception as error:
        blame('agent.FileXferStart', v, error)


def build_FileXferStatusMessage(v):
    try:
        return _p1(v.id, v.result) + v.data
    except Exception as error:
        blame('agent.FileXferStatusMessage', v, error)


def build_FileXferStatusNotEnoughSpace(v):
    try:
        return _p8(v.disk_free_space)
    except Exception as error:
        blame('agent.FileXferStatusNotEnoughSpace', v, error)


def build_FileXferStatusError(v):
    try:
        return _p9(v.error_type, v.error_code)
    except Exception as error:
        blame('agent.FileXferStatusError', v, error)


def build_FileXferData(v):
    try:
        return _p10(v.id, len(v.data)) + v.data
    except Exception as error:
        blame('agent.FileXferData', v, error)


def build_ClientDisconnected(v):
    if not isinstance(v, agent_ClientDisconnected):
        blame('agent.ClientDisconnected', v, TypeError())
    return b''


def build_MaxClipboard(v):
    try:
        return _p11(v.max)
    except Exception as error:
        blame('agent.MaxClipboard', v, error)


def build_AudioVolumeSync(v):
    try:
        if type(v.volume) is not tuple:
            sequence(v.volume)
        return _p12(v.is_playback, v.mute, len(v.volume)) + _a1[len(v.volume)](*v.volume)
    except Exception as error:
        blame('agent.AudioVolumeSync', v, error)


def build_GraphicsDeviceInfo(v):
    try:
        if type(v.display_info) is not tuple:
            sequence(v.display_info)
        return _p6(len(v.display_info)) + b''.join([write_DeviceDisplayInfo(x, 0, None) for x in v.display_info])
    except Exception as error:
        blame('agent.GraphicsDeviceInfo', v, error)
