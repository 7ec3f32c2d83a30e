"""Builders of agent. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, octets, sequence
from spiceproto.messages.agent import ClientDisconnected as agent_ClientDisconnected, ClipboardRelease as agent_ClipboardRelease

_p0 = Struct('<LL').pack
_p1 = Struct('<LLQL').pack
_p2 = Struct('<LLLB').pack
_p3 = Struct('<LLLLLll').pack
_p4 = Struct('<LLLLLllLLLll').pack
_p5 = Struct('<LLLll').pack
_p6 = Struct('<HH').pack
_p7 = Struct('<HHHH').pack
_p8 = Struct('<HHHHHH').pack
_p9 = Struct('<HHHHHHHH').pack
_p10 = Struct('<LLL').pack
_p11 = Struct('<LLLL').pack
_p12 = Struct('<LLLLL').pack
_a0 = Packers('<L', 'L')
_p13 = Struct('<L').pack
_p14 = Struct('<B3sL').pack
_a1 = Packers('<', 'L')
_p15 = Struct('<B3sLL').pack
_p16 = Struct('<B3sLLL').pack
_p17 = Struct('<B3sLLLL').pack
_a2 = Packers('<B3s', 'L')
_p18 = Struct('<B3sLLLLL').pack
_a3 = Packers('<B3sL', 'L')
_p19 = Struct('<B3s').pack
_p20 = Struct('<Q').pack
_p21 = Struct('<BL').pack
_p22 = Struct('<LQ').pack
_p23 = Struct('<l').pack
_p24 = Struct('<BBBH').pack
_p25 = Struct('<BBBHH').pack
_p26 = Struct('<BBBHHH').pack
_p27 = Struct('<BBBHHHH').pack
_a4 = Packers('<BBB', 'H')


def build_ChunkHeader(v):
    try:
        return _p0(v.port, v.size)
    except Exception as error:
        blame('agent.ChunkHeader', v, error)


def build_MessageHeader(v):
    try:
        return _p1(v.protocol, v.type, v.opaque, v.size)
    except Exception as error:
        blame('agent.MessageHeader', v, error)


def build_MouseState(v):
    try:
        return _p2(v.x, v.y, v.buttons, v.display_id)
    except Exception as error:
        blame('agent.MouseState', v, error)


def build_MonitorsConfig(v):
    try:
        a1 = v.monitors
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            c1 = _p3(1, v.flags, w.height, w.width, w.depth, w.x, w.y)
        elif len(a1) == 2:
            w, x = a1
            c1 = _p4(2, v.flags, w.height, w.width, w.depth, w.x, w.y, x.height, x.width, x.depth, x.x, x.y)
        else:
            c1 = _p0(len(a1), v.flags) + b''.join([_p5(x.height, x.width, x.depth, x.x, x.y) for x in a1])
        t1 = +v.flags
        if t1 & 2:
            a2 = v.physical_sizes
            if len(a2) != len(a1):
                raise ValueError
            if type(a2) is not tuple:
                sequence(a2)
            if len(a2) == 1:
                w, = a2
                return c1 + _p6(w.height, w.width)
            elif len(a2) == 2:
                w, x = a2
                return c1 + _p7(w.height, w.width, x.height, x.width)
            elif len(a2) == 3:
                w, x, y = a2
                return c1 + _p8(w.height, w.width, x.height, x.width, y.height, y.width)
            elif len(a2) == 4:
                w, x, y, z = a2
                return c1 + _p9(w.height, w.width, x.height, x.width, y.height, y.width, z.height, z.width)
            return c1 + b''.join([_p6(x.height, x.width) for x in a2])
        elif v.physical_sizes is not None:
            raise ValueError
        return c1
    except Exception as error:
        blame('agent.MonitorsConfig', v, error)


def build_Reply(v):
    try:
        return _p0(v.type, v.error)
    except Exception as error:
        blame('agent.Reply', v, error)


def build_DisplayConfig(v):
    try:
        return _p0(v.flags, v.depth)
    except Exception as error:
        blame('agent.DisplayConfig', v, error)


def build_AnnounceCapabilities(v):
    try:
        a1 = v.caps
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p0(v.request, w)
        elif len(a1) == 2:
            w, x = a1
            return _p10(v.request, w, x)
        elif len(a1) == 3:
            w, x, y = a1
            return _p11(v.request, w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p12(v.request, w, x, y, z)
        return _a0[len(a1)](v.request, *a1)
    except Exception as error:
        blame('agent.AnnounceCapabilities', v, error)


def build_Clipboard(v):
    try:
        a1 = v.data
        return _p13(v.type) + a1
    except Exception as error:
        blame('agent.Clipboard', v, error)


def build_ClipboardSelected(v):
    try:
        a1 = v.reserved
        if len(a1) != 3:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        a2 = v.data
        return _p14(v.selection, a1, v.type) + a2
    except Exception as error:
        blame('agent.ClipboardSelected', v, error)


def build_ClipboardGrab(v):
    try:
        a1 = v.types
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p13(w)
        elif len(a1) == 2:
            w, x = a1
            return _p0(w, x)
        elif len(a1) == 3:
            w, x, y = a1
            return _p10(w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p11(w, x, y, z)
        return _a1[len(a1)](*a1)
    except Exception as error:
        blame('agent.ClipboardGrab', v, error)


def build_ClipboardGrabSelected(v):
    try:
        a1 = v.reserved
        if len(a1) != 3:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        a2 = v.types
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            return _p14(v.selection, a1, w)
        elif len(a2) == 2:
            w, x = a2
            return _p15(v.selection, a1, w, x)
        elif len(a2) == 3:
            w, x, y = a2
            return _p16(v.selection, a1, w, x, y)
        elif len(a2) == 4:
            w, x, y, z = a2
            return _p17(v.selection, a1, w, x, y, z)
        return _a2[len(a2)](v.selection, a1, *a2)
    except Exception as error:
        blame('agent.ClipboardGrabSelected', v, error)


def build_ClipboardGrabSerial(v):
    try:
        a1 = v.types
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p0(v.serial, w)
        elif len(a1) == 2:
            w, x = a1
            return _p10(v.serial, w, x)
        elif len(a1) == 3:
            w, x, y = a1
            return _p11(v.serial, w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p12(v.serial, w, x, y, z)
        return _a0[len(a1)](v.serial, *a1)
    except Exception as error:
        blame('agent.ClipboardGrabSerial', v, error)


def build_ClipboardGrabSelectedSerial(v):
    try:
        a1 = v.reserved
        if len(a1) != 3:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        a2 = v.types
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            return _p15(v.selection, a1, v.serial, w)
        elif len(a2) == 2:
            w, x = a2
            return _p16(v.selection, a1, v.serial, w, x)
        elif len(a2) == 3:
            w, x, y = a2
            return _p17(v.selection, a1, v.serial, w, x, y)
        elif len(a2) == 4:
            w, x, y, z = a2
            return _p18(v.selection, a1, v.serial, w, x, y, z)
        return _a3[len(a2)](v.selection, a1, v.serial, *a2)
    except Exception as error:
        blame('agent.ClipboardGrabSelectedSerial', v, error)


def build_ClipboardRequest(v):
    try:
        return _p13(v.type)
    except Exception as error:
        blame('agent.ClipboardRequest', v, error)


def build_ClipboardRequestSelected(v):
    try:
        a1 = v.reserved
        if len(a1) != 3:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        return _p14(v.selection, a1, v.type)
    except Exception as error:
        blame('agent.ClipboardRequestSelected', v, error)


def build_ClipboardRelease(v):
    if not isinstance(v, agent_ClipboardRelease):
        blame('agent.ClipboardRelease', v, TypeError())
    return b''


def build_ClipboardReleaseSelected(v):
    try:
        a1 = v.reserved
        if len(a1) != 3:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        return _p19(v.selection, a1)
    except Exception as error:
        blame('agent.ClipboardReleaseSelected', v, error)


def build_FileXferStart(v):
    try:
        a1 = v.data
        return _p13(v.id) + a1
    except Exception as error:
        blame('agent.FileXferStart', v, error)


def build_FileXferStatusMessage(v):
    try:
        a1 = v.data
        return _p0(v.id, v.result) + a1
    except Exception as error:
        blame('agent.FileXferStatusMessage', v, error)


def build_FileXferStatusNotEnoughSpace(v):
    try:
        return _p20(v.disk_free_space)
    except Exception as error:
        blame('agent.FileXferStatusNotEnoughSpace', v, error)


def build_FileXferStatusError(v):
    try:
        return _p21(v.error_type, v.error_code)
    except Exception as error:
        blame('agent.FileXferStatusError', v, error)


def build_FileXferData(v):
    try:
        a1 = v.data
        return _p22(v.id, len(a1)) + a1
    except Exception as error:
        blame('agent.FileXferData', v, error)


def build_ClientDisconnected(v):
    if not isinstance(v, agent_ClientDisconnected):
        blame('agent.ClientDisconnected', v, TypeError())
    return b''


def build_MaxClipboard(v):
    try:
        return _p23(v.max)
    except Exception as error:
        blame('agent.MaxClipboard', v, error)


def build_AudioVolumeSync(v):
    try:
        a1 = v.volume
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p24(v.is_playback, v.mute, 1, w)
        elif len(a1) == 2:
            w, x = a1
            return _p25(v.is_playback, v.mute, 2, w, x)
        elif len(a1) == 3:
            w, x, y = a1
            return _p26(v.is_playback, v.mute, 3, w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p27(v.is_playback, v.mute, 4, w, x, y, z)
        return _a4[len(a1)](v.is_playback, v.mute, len(a1), *a1)
    except Exception as error:
        blame('agent.AudioVolumeSync', v, error)


def build_GraphicsDeviceInfo(v):
    try:
        a1 = v.display_info
        if type(a1) is not tuple:
            sequence(a1)
        p1 = []
        for e1 in a1:
            a2 = e1.device_address
            p1.append(_p11(e1.channel_id, e1.monitor_id, e1.device_display_id, len(a2)) + a2)
        c1 = b''.join(p1)
        return _p13(len(a1)) + c1
    except Exception as error:
        blame('agent.GraphicsDeviceInfo', v, error)
