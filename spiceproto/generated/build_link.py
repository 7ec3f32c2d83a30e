"""Builders of link. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, octets, sequence

_p0 = Struct('<LLLL').pack
_p1 = Struct('<LBBLLL').pack
_p2 = Struct('<L162sLLL').pack
_p3 = Struct('<L').pack
_p4 = Struct('<B').pack
_p5 = Struct('<QHLL').pack
_p6 = Struct('<HL').pack
_p7 = Struct('<HLL').pack
_p8 = Struct('<HLLL').pack
_p9 = Struct('<HLLLL').pack
_a0 = Packers('<H', 'L')


def build_LinkHeader(v):
    try:
        return _p0(v.magic, v.major_version, v.minor_version, v.size)
    except Exception as error:
        blame('link.LinkHeader', v, error)


def build_LinkMess(v):
    try:
        a1 = v.caps
        return _p1(v.connection_id, v.channel_type, v.channel_id, v.num_common_caps, v.num_channel_caps, v.caps_offset) + a1
    except Exception as error:
        blame('link.LinkMess', v, error)


def build_LinkReply(v):
    try:
        a1 = v.pub_key
        if len(a1) != 162:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        a2 = v.caps
        return _p2(v.error, a1, v.num_common_caps, v.num_channel_caps, v.caps_offset) + a2
    except Exception as error:
        blame('link.LinkReply', v, error)


def build_LinkError(v):
    try:
        return _p3(v.error)
    except Exception as error:
        blame('link.LinkError', v, error)


def build_LinkAuthMechanism(v):
    try:
        return _p3(v.auth_mechanism)
    except Exception as error:
        blame('link.LinkAuthMechanism', v, error)


def build_LinkEncryptedTicket(v):
    try:
        a1 = v.encrypted_data
        if len(a1) != 128:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        return b'' + a1
    except Exception as error:
        blame('link.LinkEncryptedTicket', v, error)


def build_LinkResult(v):
    try:
        return _p3(v.error)
    except Exception as error:
        blame('link.LinkResult', v, error)


def build_SaslMechanismList(v):
    try:
        a1 = v.mechanisms
        return _p3(len(a1)) + a1
    except Exception as error:
        blame('link.SaslMechanismList', v, error)


def build_SaslStart(v):
    try:
        a1 = v.mechanism
        a2 = v.data
        return b''.join((_p3(len(a1)), a1, _p3(len(a2)), a2))
    except Exception as error:
        blame('link.SaslStart', v, error)


def build_SaslChallenge(v):
    try:
        a1 = v.data
        return b''.join((_p3(len(a1)), a1, _p4(v.complete)))
    except Exception as error:
        blame('link.SaslChallenge', v, error)


def build_SaslResponse(v):
    try:
        a1 = v.data
        return _p3(len(a1)) + a1
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
        a1 = v.sub_messages
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p6(1, w)
        elif len(a1) == 2:
            w, x = a1
            return _p7(2, w, x)
        elif len(a1) == 3:
            w, x, y = a1
            return _p8(3, w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p9(4, w, x, y, z)
        return _a0[len(a1)](len(a1), *a1)
    except Exception as error:
        blame('link.SubMessageList', v, error)


def build_SubMessage(v):
    try:
        return _p6(v.type, v.size)
    except Exception as error:
        blame('link.SubMessage', v, error)
