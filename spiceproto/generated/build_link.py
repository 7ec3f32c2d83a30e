"""Builders of link. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct, pack
from spiceproto.building import blame

_p0 = Struct('<LLLL').pack
_p1 = Struct('<LBBLLL').pack
_p2 = Struct('<L').pack
_p3 = Struct('<LLL').pack
_p4 = Struct('<B').pack
_p5 = Struct('<QHLL').pack
_p6 = Struct('<HL').pack
_p7 = Struct('<H').pack


def build_LinkHeader(v):
    try:
        return _p0(v.magic, v.major_version, v.minor_version, v.size)
    except Exception as error:
        blame('link.LinkHeader', v, error)


def build_LinkMess(v):
    try:
        p = []
        p.append(_p1(v.connection_id, v.channel_type, v.channel_id, v.num_common_caps, v.num_channel_caps, v.caps_offset))
        p.append(v.caps)
        return b''.join(p)
    except Exception as error:
        blame('link.LinkMess', v, error)


def build_LinkReply(v):
    try:
        p = []
        if len(v.pub_key) != 162:
            raise ValueError
        p.append(_p2(v.error))
        p.append(v.pub_key)
        p.append(_p3(v.num_common_caps, v.num_channel_caps, v.caps_offset))
        p.append(v.caps)
        return b''.join(p)
    except Exception as error:
        blame('link.LinkReply', v, error)


def build_LinkError(v):
    try:
        return _p2(v.error)
    except Exception as error:
        blame('link.LinkError', v, error)


def build_LinkAuthMechanism(v):
    try:
        return _p2(v.auth_mechanism)
    except Exception as error:
        blame('link.LinkAuthMechanism', v, error)


def build_LinkEncryptedTicket(v):
    try:
        p = []
        if len(v.encrypted_data) != 128:
            raise ValueError
        p.append(v.encrypted_data)
        return b''.join(p)
    except Exception as error:
        blame('link.LinkEncryptedTicket', v, error)


def build_LinkResult(v):
    try:
        return _p2(v.error)
    except Exception as error:
        blame('link.LinkResult', v, error)


def build_SaslMechanismList(v):
    try:
        p = []
        p.append(_p2(len(v.mechanisms)))
        p.append(v.mechanisms)
        return b''.join(p)
    except Exception as error:
        blame('link.SaslMechanismList', v, error)


def build_SaslStart(v):
    try:
        p = []
        p.append(_p2(len(v.mechanism)))
        p.append(v.mechanism)
        p.append(_p2(len(v.data)))
        p.append(v.data)
        return b''.join(p)
    except Exception as error:
        blame('link.SaslStart', v, error)


def build_SaslChallenge(v):
    try:
        p = []
        p.append(_p2(len(v.data)))
        p.append(v.data)
        p.append(_p4(v.complete))
        return b''.join(p)
    except Exception as error:
        blame('link.SaslChallenge', v, error)


def build_SaslResponse(v):
    try:
        p = []
        p.append(_p2(len(v.data)))
        p.append(v.data)
        return b''.join(p)
    except Exception as error:
        blame('link.SaslResponse', v, error)


def build_DataHeader(v):
    try:
        return _p5(v.serial, v.type, v.size, v.sub_list)
    except Exception as error:
        blame('link.DataHeader', v, error)


def build_MiniDataHeader(v):
    try:
        return _p6(v.type, v.size)
    except Exception as error:
        blame('link.MiniDataHeader', v, error)


def build_SubMessageList(v):
    try:
        p = []
        p.append(_p7(len(v.sub_messages)))
        p.append(pack(f'<{len(v.sub_messages)}L', *v.sub_messages))
        return b''.join(p)
    except Exception as error:
        blame('link.SubMessageList', v, error)


def build_SubMessage(v):
    try:
        return _p6(v.type, v.size)
    except Exception as error:
        blame('link.SubMessage', v, error)
