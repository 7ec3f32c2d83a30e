"""Parsers of link. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, short
from spiceproto.enums.base import EnumTable
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.messages.link import DataHeader as link_DataHeader, LinkAuthMechanism as link_LinkAuthMechanism, LinkEncryptedTicket as link_LinkEncryptedTicket, LinkError as link_LinkError, LinkHeader as link_LinkHeader, LinkMess as link_LinkMess, LinkReply as link_LinkReply, LinkResult as link_LinkResult, MiniDataHeader as link_MiniDataHeader, SaslChallenge as link_SaslChallenge, SaslMechanismList as link_SaslMechanismList, SaslResponse as link_SaslResponse, SaslStart as link_SaslStart, SubMessage as link_SubMessage, SubMessageList as link_SubMessageList

_l0 = ((0, 4, 'magic'), (4, 4, 'major_version'), (8, 4, 'minor_version'), (12, 4, 'size'))
_u0 = Struct('<LLLL').unpack_from
_ChannelType = EnumTable(ChannelType)
_u1 = Struct('<LBBLLL').unpack_from
_l1 = ((0, 4, 'connection_id'), (4, 1, 'channel_type'), (5, 1, 'channel_id'), (6, 4, 'num_common_caps'), (10, 4, 'num_channel_caps'), (14, 4, 'caps_offset'))
_LinkErr = EnumTable(LinkErr)
_u2 = Struct('<L162sLLL').unpack_from
_l2 = ((0, 4, 'error'), (4, 162, 'pub_key'), (166, 4, 'num_common_caps'), (170, 4, 'num_channel_caps'), (174, 4, 'caps_offset'))
_l3 = ((0, 4, 'error'),)
_u3 = Struct('<L').unpack_from
_AuthMechanism = EnumTable(AuthMechanism)
_l4 = ((0, 4, 'auth_mechanism'),)
_u4 = Struct('<128s').unpack_from
_l5 = ((0, 128, 'encrypted_data'),)
_l6 = ((0, 4, 'length'),)
_l7 = ((0, 4, 'mechanism_length'),)
_u5 = Struct('<B').unpack_from
_l8 = ((0, 1, 'complete'),)
_l9 = ((0, 8, 'serial'), (8, 2, 'type'), (10, 4, 'size'), (14, 4, 'sub_list'))
_u6 = Struct('<QHLL').unpack_from
_l10 = ((0, 2, 'type'), (2, 4, 'size'))
_u7 = Struct('<HL').unpack_from
_u8 = Struct('<H').unpack_from
_l11 = ((0, 2, 'size'),)
_u9 = Struct('<LL').unpack_from
_u10 = Struct('<LLL').unpack_from
_a0 = Unpackers('<', 'L')


def parse_LinkHeader(b, tail=None):
    n = len(b)
    if n != 16:
        if n < 16:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(16)
    v1, v2, v3, v4 = _u0(b)
    return link_LinkHeader(v1, v2, v3, v4)


def parse_LinkMess(b, tail=None):
    n = len(b)
    if n < 18:
        raise short(_l1, 0, n)
    v1, v2, v3, v4, v5, v6 = _u1(b)
    v7 = b[18:]
    return link_LinkMess(v1, _ChannelType[v2], v3, v4, v5, v6, v7)


def parse_LinkReply(b, tail=None):
    n = len(b)
    if n < 178:
        raise short(_l2, 0, n)
    v1, v2, v3, v4, v5 = _u2(b)
    v6 = b[178:]
    return link_LinkReply(_LinkErr[v1], v2, v3, v4, v5, v6)


def parse_LinkError(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return link_LinkError(_LinkErr[v1])


def parse_LinkAuthMechanism(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return link_LinkAuthMechanism(_AuthMechanism[v1])


def parse_LinkEncryptedTicket(b, tail=None):
    n = len(b)
    if n < 128:
        raise short(_l5, 0, n)
    v1, = _u4(b)
    if 128 < n and tail is not None:
        tail(128)
    return link_LinkEncryptedTicket(v1)


def parse_LinkResult(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return link_LinkResult(_LinkErr[v1])


def parse_SaslMechanismList(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l6, 0, n)
    v1, = _u3(b)
    o = 4
    e = o + v1
    if e > n:
        raise crowded('mechanisms', o, v1, 1, n)
    v2 = b[o:e]
    o = e
    if o < n and tail is not None:
        tail(o)
    return link_SaslMechanismList(v2)


def parse_SaslStart(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l7, 0, n)
    v1, = _u3(b)
    o = 4
    e = o + v1
    if e > n:
        raise crowded('mechanism', o, v1, 1, n)
    v2 = b[o:e]
    o = e
    if o + 4 > n:
        raise short(_l6, o, n)
    v3, = _u3(b, o)
    o += 4
    e = o + v3
    if e > n:
        raise crowded('data', o, v3, 1, n)
    v4 = b[o:e]
    o = e
    if o < n and tail is not None:
        tail(o)
    return link_SaslStart(v2, v4)


def parse_SaslChallenge(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l6, 0, n)
    v1, = _u3(b)
    o = 4
    e = o + v1
    if e > n:
        raise crowded('data', o, v1, 1, n)
    v2 = b[o:e]
    o = e
    if o + 1 > n:
        raise short(_l8, o, n)
    v3, = _u5(b, o)
    o += 1
    if o < n and tail is not None:
        tail(o)
    return link_SaslChallenge(v2, v3)


def parse_SaslResponse(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l6, 0, n)
    v1, = _u3(b)
    o = 4
    e = o + v1
    if e > n:
        raise crowded('data', o, v1, 1, n)
    v2 = b[o:e]
    o = e
    if o < n and tail is not None:
        tail(o)
    return link_SaslResponse(v2)


def parse_DataHeader(b, tail=None):
    n = len(b)
    if n != 18:
        if n < 18:
            raise short(_l9, 0, n)
        if tail is not None:
            tail(18)
    v1, v2, v3, v4 = _u6(b)
    return link_DataHeader(v1, v2, v3, v4)


def parse_MiniDataHeader(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l10, 0, n)
        if tail is not None:
            tail(6)
    v1, v2 = _u7(b)
    return link_MiniDataHeader(v1, v2)


def parse_SubMessageList(b, tail=None):
    n = len(b)
    if n < 2:
        raise short(_l11, 0, n)
    v1, = _u8(b)
    e = 2 + v1 * 4
    if e > n:
        raise crowded('sub_messages', 2, v1, 4, n)
    if v1 == 1:
        v2 = _u3(b, 2)
    elif v1 == 2:
        v2 = _u9(b, 2)
    elif v1 == 3:
        v2 = _u10(b, 2)
    elif v1 == 4:
        v2 = _u0(b, 2)
    else:
        v2 = _a0[v1](b, 2)
    o = e
    if o < n and tail is not None:
        tail(o)
    return link_SubMessageList(v2)


def parse_SubMessage(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l10, 0, n)
        if tail is not None:
            tail(6)
    v1, v2 = _u7(b)
    return link_SubMessage(v1, v2)
