"""Summaries of migration. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.generated.parse_migration import parse_Display, parse_Main, parse_Smartcard, parse_Spicevmc
from spiceproto.summary import line

_l0 = ((0, 4, 'header.magic'), (4, 4, 'header.version'), (8, 2, 'motion_count'))
_u0 = Struct('<LLH').unpack_from
_i0 = Struct('<LLH').iter_unpack


def summary_Main(b, tail=None):
    return line(parse_Main(b, tail), ('client_agent_started', 'agent2client_chunk_header_size', 'agent2client_msg_header_done', 'agent2client_msg_remaining', 'agent2client_msg_filter_result', 'client2agent_msg_remaining', 'client2agent_msg_filter_result'))


def summary_Display(b, tail=None):
    return line(parse_Display(b, tail), ('message_serial', 'low_bandwidth_setting', 'pixmap_cache_id', 'pixmap_cache_size', 'pixmap_cache_freezer', 'glz_dict_id'))


def values_Inputs(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3 = _u0(b)
    return v3,


def summary_Inputs(b, tail=None):
    return 'motion_count=%d' % values_Inputs(b, tail)


def columns_Inputs(b):
    v1, v2, v3 = zip(*_i0(b))
    return v3,


summary_Inputs.fixed = 10, 'motion_count=%d', values_Inputs, columns_Inputs


def summary_Spicevmc(b, tail=None):
    return line(parse_Spicevmc(b, tail), ('header', 'base'))


def summary_Smartcard(b, tail=None):
    return line(parse_Smartcard(b, tail), ('reader_added',))
