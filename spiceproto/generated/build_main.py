"""Builders of main. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame, octets, sequence
from spiceproto.messages.main import AgentConnected as main_AgentConnected, AttachChannels as main_AttachChannels, MigrateCancel as main_MigrateCancel, MigrateConnectError as main_MigrateConnectError, MigrateConnected as main_MigrateConnected, MigrateConnectedSeamless as main_MigrateConnectedSeamless, MigrateDstSeamlessAck as main_MigrateDstSeamlessAck, MigrateDstSeamlessNack as main_MigrateDstSeamlessNack, MigrateEnd as main_MigrateEnd
from spiceproto.unsent import Unsent, announced

_p0 = Struct('<HHLLLL').pack
_p1 = Struct('<LLLLLLLL').pack
_p2 = Struct('<LBB').pack
_p3 = Struct('<LBBBB').pack
_p4 = Struct('<LBBBBBB').pack
_p5 = Struct('<LBBBBBBBB').pack
_p6 = Struct('<BB').pack
_p7 = Struct('<L').pack
_p8 = Struct('<HH').pack
_p9 = Struct('<HHLLLLL').pack
_p10 = Struct('<Q').pack
_p11 = Struct('<H').pack


def build_MigrateBegin(v):
    try:
        a1 = v.dst_info
        a2 = a1.host_data
        a3 = a1.cert_subject_data
        n1 = announced(a3)
        o = 20
        r1 = o if a2 else 8
        o += len(a2)
        if a3 is None or isinstance(a3, Unsent):
            a3 = b''
            r2 = 0
        else:
            r2 = o if a3 else 16
        return b''.join((_p0(a1.port, a1.sport, len(a2), r1, n1, r2), a2, a3))
    except Exception as error:
        blame('main.MigrateBegin', v, error)


def build_MigrateCancel(v):
    if not isinstance(v, main_MigrateCancel):
        blame('main.MigrateCancel', v, TypeError())
    return b''


def build_Init(v):
    try:
        return _p1(v.session_id, v.display_channels_hint, v.supported_mouse_modes, v.current_mouse_mode, v.agent_connected, v.agent_tokens, v.multi_media_time, v.ram_hint)
    except Exception as error:
        blame('main.Init', v, error)


def build_ChannelsList(v):
    try:
        a1 = v.channels
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p2(1, w.type, w.id)
        elif len(a1) == 2:
            w, x = a1
            return _p3(2, w.type, w.id, x.type, x.id)
        elif len(a1) == 3:
            w, x, y = a1
            return _p4(3, w.type, w.id, x.type, x.id, y.type, y.id)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p5(4, w.type, w.id, x.type, x.id, y.type, y.id, z.type, z.id)
        return _p7(len(a1)) + b''.join([_p6(x.type, x.id) for x in a1])
    except Exception as error:
        blame('main.ChannelsList', v, error)


def build_MouseModeMessage(v):
    try:
        return _p8(v.supported_modes, v.current_mode)
    except Exception as error:
        blame('main.MouseModeMessage', v, error)


def build_MultiMediaTime(v):
    try:
        return _p7(v.time)
    except Exception as error:
        blame('main.MultiMediaTime', v, error)


def build_AgentConnected(v):
    if not isinstance(v, main_AgentConnected):
        blame('main.AgentConnected', v, TypeError())
    return b''


def build_AgentDisconnected(v):
    try:
        return _p7(v.error_code)
    except Exception as error:
        blame('main.AgentDisconnected', v, error)


def build_AgentData(v):
    try:
        a1 = v.data
        return b'' + a1
    except Exception as error:
        blame('main.AgentData', v, error)


def build_AgentToken(v):
    try:
        return _p7(v.num_tokens)
    except Exception as error:
        blame('main.AgentToken', v, error)


def build_MigrateSwitchHost(v):
    try:
        a1 = v.host_data
        n1 = announced(a1)
        a2 = v.cert_subject_data
        n2 = announced(a2)
        o = 20
        if a1 is None or isinstance(a1, Unsent):
            a1 = b''
            r1 = 0
        else:
            r1 = o if a1 else 8
        o += len(a1)
        if a2 is None or isinstance(a2, Unsent):
            a2 = b''
            r2 = 0
        else:
            r2 = o if a2 else 16
        return b''.join((_p0(v.port, v.sport, n1, r1, n2, r2), a1, a2))
    except Exception as error:
        blame('main.MigrateSwitchHost', v, error)


def build_MigrateEnd(v):
    if not isinstance(v, main_MigrateEnd):
        blame('main.MigrateEnd', v, TypeError())
    return b''


def build_Name(v):
    try:
        a1 = v.name
        return _p7(len(a1)) + a1
    except Exception as error:
        blame('main.Name', v, error)


def build_Uuid(v):
    try:
        a1 = v.uuid
        if len(a1) != 16:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        return b'' + a1
    except Exception as error:
        blame('main.Uuid', v, error)


def build_AgentConnectedTokens(v):
    try:
        return _p7(v.num_tokens)
    except Exception as error:
        blame('main.AgentConnectedTokens', v, error)


def build_MigrateBeginSeamless(v):
    try:
        a1 = v.dst_info
        a2 = a1.host_data
        a3 = a1.cert_subject_data
        n1 = announced(a3)
        o = 24
        r1 = o if a2 else 8
        o += len(a2)
        if a3 is None or isinstance(a3, Unsent):
            a3 = b''
            r2 = 0
        else:
            r2 = o if a3 else 16
        return b''.join((_p9(a1.port, a1.sport, len(a2), r1, n1, r2, v.src_mig_version), a2, a3))
    except Exception as error:
        blame('main.MigrateBeginSeamless', v, error)


def build_MigrateDstSeamlessAck(v):
    if not isinstance(v, main_MigrateDstSeamlessAck):
        blame('main.MigrateDstSeamlessAck', v, TypeError())
    return b''


def build_MigrateDstSeamlessNack(v):
    if not isinstance(v, main_MigrateDstSeamlessNack):
        blame('main.MigrateDstSeamlessNack', v, TypeError())
    return b''


def build_ClientInfo(v):
    try:
        return _p10(v.cache_size)
    except Exception as error:
        blame('main.ClientInfo', v, error)


def build_MigrateConnected(v):
    if not isinstance(v, main_MigrateConnected):
        blame('main.MigrateConnected', v, TypeError())
    return b''


def build_MigrateConnectError(v):
    if not isinstance(v, main_MigrateConnectError):
        blame('main.MigrateConnectError', v, TypeError())
    return b''


def build_AttachChannels(v):
    if not isinstance(v, main_AttachChannels):
        blame('main.AttachChannels', v, TypeError())
    return b''


def build_MouseModeRequest(v):
    try:
        return _p11(v.mode)
    except Exception as error:
        blame('main.MouseModeRequest', v, error)


def build_AgentStart(v):
    try:
        return _p7(v.num_tokens)
    except Exception as error:
        blame('main.AgentStart', v, error)


def build_MigrateDstDoSeamless(v):
    try:
        return _p7(v.src_version)
    except Exception as error:
        blame('main.MigrateDstDoSeamless', v, error)


def build_MigrateConnectedSeamless(v):
    if not isinstance(v, main_MigrateConnectedSeamless):
        blame('main.MigrateConnectedSeamless', v, TypeError())
    return b''


def build_QualityIndicator(v):
    try:
        a1 = v.data
        return b'' + a1
    except Exception as error:
        blame('main.QualityIndicator', v, error)
