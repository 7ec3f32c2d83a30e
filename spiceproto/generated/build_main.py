"""Builders of main. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame, sequence
from spiceproto.messages.main import AgentConnected as main_AgentConnected, AttachChannels as main_AttachChannels, MigrateCancel as main_MigrateCancel, MigrateConnectError as main_MigrateConnectError, MigrateConnected as main_MigrateConnected, MigrateConnectedSeamless as main_MigrateConnectedSeamless, MigrateDstSeamlessAck as main_MigrateDstSeamlessAck, MigrateDstSeamlessNack as main_MigrateDstSeamlessNack, MigrateEnd as main_MigrateEnd

_p0 = Struct('<HHLLLL').pack
_p1 = Struct('<LLLLLLLL').pack
_p2 = Struct('<BB').pack
_p3 = Struct('<L').pack
_p4 = Struct('<HH').pack
_p5 = Struct('<HHLLLLL').pack
_p6 = Struct('<Q').pack
_p7 = Struct('<H').pack


def build_MigrateBegin(v):
    try:
        a1 = v.dst_info
        a2 = a1.host_data
        oa2 = 20 if a2 else 8
        if a1.cert_subject_data is None:
            a3 = b''
            oa3 = 0
        else:
            a3 = a1.cert_subject_data
            oa3 = 20 + len(a2) if a3 else 16
        return _p0(a1.port, a1.sport, len(a2), oa2, len(a3), oa3) + a2 + a3
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
        if type(v.channels) is not tuple:
            sequence(v.channels)
        return _p3(len(v.channels)) + b''.join([_p2(x.type, x.id) for x in v.channels])
    except Exception as error:
        blame('main.ChannelsList', v, error)


def build_MouseModeMessage(v):
    try:
        return _p4(v.supported_modes, v.current_mode)
    except Exception as error:
        blame('main.MouseModeMessage', v, error)


def build_MultiMediaTime(v):
    try:
        return _p3(v.time)
    except Exception as error:
        blame('main.MultiMediaTime', v, error)


def build_AgentConnected(v):
    if not isinstance(v, main_AgentConnected):
        blame('main.AgentConnected', v, TypeError())
    return b''


def build_AgentDisconnected(v):
    try:
        return _p3(v.error_code)
    except Exception as error:
        blame('main.AgentDisconnected', v, error)


def build_AgentData(v):
    try:
        return b'' + v.data
    except Exception as error:
        blame('main.AgentData', v, error)


def build_AgentToken(v):
    try:
        return _p3(v.num_tokens)
    except Exception as error:
        blame('main.AgentToken', v, error)


def build_MigrateSwitchHost(v):
    try:
        if v.host_data is None:
            a1 = b''
            oa1 = 0
        else:
            a1 = v.host_data
            oa1 = 20 if a1 else 8
        if v.cert_subject_data is None:
            a2 = b''
            oa2 = 0
        else:
            a2 = v.cert_subject_data
            oa2 = 20 + len(a1) if a2 else 16
        return _p0(v.port, v.sport, len(a1), oa1, len(a2), oa2) + a1 + a2
    except Exception as error:
        blame('main.MigrateSwitchHost', v, error)


def build_MigrateEnd(v):
    if not isinstance(v, main_MigrateEnd):
        blame('main.MigrateEnd', v, TypeError())
    return b''


def build_Name(v):
    try:
        return _p3(len(v.name)) + v.name
    except Exception as error:
        blame('main.Name', v, error)


def build_Uuid(v):
    try:
        if len(v.uuid) != 16:
            raise ValueError
        return b'' + v.uuid
    except Exception as error:
        blame('main.Uuid', v, error)


def build_AgentConnectedTokens(v):
    try:
        return _p3(v.num_tokens)
    except Exception as error:
        blame('main.AgentConnectedTokens', v, error)


def build_MigrateBeginSeamless(v):
    try:
        a1 = v.dst_info
        a2 = a1.host_data
        oa2 = 24 if a2 else 8
        if a1.cert_subject_data is None:
            a3 = b''
            oa3 = 0
        else:
            a3 = a1.cert_subject_data
            oa3 = 24 + len(a2) if a3 else 16
        return _p5(a1.port, a1.sport, len(a2), oa2, len(a3), oa3, v.src_mig_version) + a2 + a3
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
        return _p6(v.cache_size)
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
        return _p7(v.mode)
    except Exception as error:
        blame('main.MouseModeRequest', v, error)


def build_AgentStart(v):
    try:
        return _p3(v.num_tokens)
    except Exception as error:
        blame('main.AgentStart', v, error)


def build_MigrateDstDoSeamless(v):
    try:
        return _p3(v.src_version)
    except Exception as error:
        blame('main.MigrateDstDoSeamless', v, error)


def build_MigrateConnectedSeamless(v):
    if not isinstance(v, main_MigrateConnectedSeamless):
        blame('main.MigrateConnectedSeamless', v, TypeError())
    return b''


def build_QualityIndicator(v):
    try:
        return b'' + v.data
    except Exception as error:
        blame('main.QualityIndicator', v, error)
