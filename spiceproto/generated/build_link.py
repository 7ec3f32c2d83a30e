"""Builders of link. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence

_p0 = Struct('<LLLL').pack
_p1 = Struct('<LBBLLL').pack
_p2 = Struct('<L').pack
_p3 = Struct('<LLL').pack
_p4 = Struct('<B').pack
_p5 = Struct('<QHLL').pack
_p6 = Struct('<HL').pack
_a0 = Packers('<', 'L')
_p7 = Struct('<H').pack


def build_LinkHeader(v):
    try:
        return _p0(v.magic, v.major_version, v.minor_version, v.size)
    except Exception as error:
        blame('link.LinkHeader', v, error)


def build_LinkMess(v):
    try:
        return _p1(v.connection_id, v.channel_type, v.channel_id, v.num_common_caps, v.num_channel_caps, v.caps_offset) + v.caps
    except Exception as error:
        blame('link.LinkMess', v, error)


def build_LinkReply(v):
    try:
        if len(v.pub_key) != 162:
            raise ValueError
        return b''.join((_p2(v.error), v.pub_key, _p3(v.num_common_caps, v.num_channel_caps, v.caps_offset), v.caps))
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
        if len(v.encrypted_data) != 128:
            raise ValueError
        return b'' + v.encrypted_data
    except Exception as error:
        blame('link.LinkEncryptedTicket', v, error)


def build_LinkResult(v):
    try:
        return _p2(v.error)
    except Exception as error:
        blame('link.LinkResult', v, error)


def build_SaslMechanismList(v):
    try:
        return _p2(len(v.mechanisms)) + v.mechanisms
    except Exception as error:
        blame('link.SaslMechanismList', v, error)


def build_SaslStart(v):
    try:
        return b''.join((_p2(len(v.mechanism)), v.mechanism, _p2(len(v.data)), v.data))
    except Exception as error:
        blame('link.SaslStart', v, error)


def build_SaslChallenge(v):
    try:
        return _p2(len(v.data)) + v.data + _p4(v.complete)
    except Exception as error:
        blame('link.SaslChallenge', v, error)


def build_SaslResponse(v):
    try:
        return _p2(len(v.data)) + v.data
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
        if type(v.sub_messages) is not tuple:
            sequence(v.sub_messages)
        return _p7(len(v.sub_messages)) + _a0[len(v.sub_messages)](*v.sub_messages)
    except Exception as error:
        blame('link.SubMessageList', v, error)


def build_SubMessage(v):
    try:
        return _p6(v.type, v.size)
    except Exception as error:
        blame('link.SubMessage', v, error)
