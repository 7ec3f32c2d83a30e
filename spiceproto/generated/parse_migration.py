"""Parsers of migration. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, null_with_count, outside, short
from spiceproto.enums.agent import AgentPort
from spiceproto.enums.base import EnumTable
from spiceproto.errors import RemoteError
from spiceproto.messages.migration import CharDevice as migration_CharDevice, ChunkHeader as migration_ChunkHeader, Display as migration_Display, GlzDictionary as migration_GlzDictionary, Inputs as migration_Inputs, Main as migration_Main, MigrateDataHeader as migration_MigrateDataHeader, Smartcard as migration_Smartcard, Spicevmc as migration_Spicevmc, SurfacesAtClient as migration_SurfacesAtClient

_u0 = Struct('<L').unpack_from
_l0 = ((0, 4, 'num_surfaces'),)
_l1 = ((0, 4, 'magic'), (4, 4, 'version'))
_u1 = Struct('<LL').unpack_from
_u2 = Struct('<LLLBLLLLL').unpack_from
_l2 = ((0, 4, 'header.magic'), (4, 4, 'header.version'), (8, 4, 'agent_base.version'), (12, 1, 'agent_base.connected'), (13, 4, 'agent_base.num_client_tokens'), (17, 4, 'agent_base.num_send_tokens'), (21, 4, 'agent_base.write_size'), (25, 4, 'agent_base.write_num_client_tokens'), (29, 4, 'agent_base.write_data_ptr'))
_AgentPort = EnumTable(AgentPort)
_u3 = Struct('<BLLLBLL').unpack_from
_l3 = ((0, 1, 'client_agent_started'), (1, 4, 'agent2client_chunk_header_size'), (5, 4, 'agent2client_chunk_header.port'), (9, 4, 'agent2client_chunk_header.size'), (13, 1, 'agent2client_msg_header_done'), (14, 4, 'agent2client_msg_header_partial_len'), (18, 4, 'agent2client_msg_header_ptr'))
_u4 = Struct('<LBLB').unpack_from
_l4 = ((0, 4, 'agent2client_msg_remaining'), (4, 1, 'agent2client_msg_filter_result'), (5, 4, 'client2agent_msg_remaining'), (9, 1, 'client2agent_msg_filter_result'))
_u5 = Struct('<LLQBBqB').unpack_from
_l5 = ((0, 4, 'header.magic'), (4, 4, 'header.version'), (8, 8, 'message_serial'), (16, 1, 'low_bandwidth_setting'), (17, 1, 'pixmap_cache_id'), (18, 8, 'pixmap_cache_size'), (26, 1, 'pixmap_cache_freezer'))
_u6 = Struct('<Q').unpack_from
_u7 = Struct('<QQ').unpack_from
_u8 = Struct('<QQQ').unpack_from
_u9 = Struct('<QQQQ').unpack_from
_a0 = Unpackers('<', 'Q')
_u10 = Struct('<BLLQL').unpack_from
_l6 = ((0, 1, 'glz_dict_id'), (1, 4, 'glz_dict_data.size'), (5, 4, 'glz_dict_data.max_encoders'), (9, 8, 'glz_dict_data.last_image_id'), (17, 4, 'surfaces_at_client_ptr'))
_l7 = ((0, 4, 'header.magic'), (4, 4, 'header.version'), (8, 2, 'motion_count'))
_u11 = Struct('<LLH').unpack_from
_l8 = ((0, 4, 'header.magic'), (4, 4, 'header.version'), (8, 4, 'base.version'), (12, 1, 'base.connected'), (13, 4, 'base.num_client_tokens'), (17, 4, 'base.num_send_tokens'), (21, 4, 'base.write_size'), (25, 4, 'base.write_num_client_tokens'), (29, 4, 'base.write_data_ptr'))
_u12 = Struct('<BLL').unpack_from
_l9 = ((0, 1, 'reader_added'), (1, 4, 'read_size'), (5, 4, 'read_data_ptr'))


def read_SurfacesAtClient(b, o, n):
    if o + 4 > n:
        raise short(_l0, o, n)
    v1, = _u0(b, o)
    o += 4
    v2 = b[o:]
    o = n
    return migration_SurfacesAtClient(v1, v2), o


def parse_MigrateDataHeader(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u1(b)
    return migration_MigrateDataHeader(v1, v2)


def parse_Main(b, tail=None):
    n = len(b)
    h = 0
    if n < 33:
        raise short(_l2, 0, n)
    v1, v2, v3, v4, v5, v6, v7, v8, v9 = _u2(b)
    if v9 == 0:
        if v7:
            raise null_with_count('agent_base.write_data_ptr', 29, v7)
        v10 = None
    elif v9 >= n:
        raise outside('agent_base.write_data_ptr', 29, v9, n)
    else:
        e = v9 + v7
        if e > n:
            raise crowded('agent_base.write_data_ptr', v9, v7, 1, n)
        v10 = b[v9:e]
        if e > h:
            h = e
    if n < 55:
        raise short(_l3, 33, n)
    v11, v12, v13, v14, v15, v16, v17 = _u3(b, 33)
    if v17 == 0:
        if v16:
            raise null_with_count('agent2client_msg_header_ptr', 51, v16)
        v18 = None
    elif v17 >= n:
        raise outside('agent2client_msg_header_ptr', 51, v17, n)
    else:
        e = v17 + v16
        if e > n:
            raise crowded('agent2client_msg_header_ptr', v17, v16, 1, n)
        v18 = b[v17:e]
        if e > h:
            h = e
    if n < 65:
        raise short(_l4, 55, n)
    v19, v20, v21, v22 = _u4(b, 55)
    if h < 65:
        h = 65
    if h < n and tail is not None:
        tail(h)
    return migration_Main(migration_MigrateDataHeader(v1, v2), migration_CharDevice(v3, v4, v5, v6, v8, v10), v11, v12, migration_ChunkHeader(_AgentPort[v13], v14), v15, v18, v19, v20, v21, v22)


def parse_Display(b, tail=None):
    n = len(b)
    h = 0
    if n < 27:
        raise short(_l5, 0, n)
    v1, v2, v3, v4, v5, v6, v7 = _u5(b)
    e = 27 + 4 * 8
    if e > n:
        raise crowded('pixmap_cache_clients', 27, 4, 8, n)
    if 4 == 1:
        v8 = _u6(b, 27)
    elif 4 == 2:
        v8 = _u7(b, 27)
    elif 4 == 3:
        v8 = _u8(b, 27)
    elif 4 == 4:
        v8 = _u9(b, 27)
    else:
        v8 = _a0[4](b, 27)
    o = e
    if o + 21 > n:
        raise short(_l6, o, n)
    v9, v10, v11, v12, v13 = _u10(b, o)
    o += 21
    if v13 == 0:
        v14 = None
    elif v13 >= n:
        raise outside('surfaces_at_client_ptr', o - 4, v13, n)
    else:
        try:
            v14, e = read_SurfacesAtClient(b, v13, n)
        except RemoteError as error:
            error.within('surfaces_at_client_ptr')
            raise
        if e > h:
            h = e
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return migration_Display(migration_MigrateDataHeader(v1, v2), v3, v4, v5, v6, v7, v8, v9, migration_GlzDictionary(v10, v11, v12), v14)


def parse_Inputs(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3 = _u11(b)
    return migration_Inputs(migration_MigrateDataHeader(v1, v2), v3)


def parse_Spicevmc(b, tail=None):
    n = len(b)
    h = 0
    if n < 33:
        raise short(_l8, 0, n)
    v1, v2, v3, v4, v5, v6, v7, v8, v9 = _u2(b)
    if v9 == 0:
        if v7:
            raise null_with_count('base.write_data_ptr', 29, v7)
        v10 = None
    elif v9 >= n:
        raise outside('base.write_data_ptr', 29, v9, n)
    else:
        e = v9 + v7
        if e > n:
            raise crowded('base.write_data_ptr', v9, v7, 1, n)
        v10 = b[v9:e]
        if e > h:
            h = e
    if h < 33:
        h = 33
    if h < n and tail is not None:
        tail(h)
    return migration_Spicevmc(migration_MigrateDataHeader(v1, v2), migration_CharDevice(v3, v4, v5, v6, v8, v10))


def parse_Smartcard(b, tail=None):
    n = len(b)
    h = 0
    if n < 33:
        raise short(_l8, 0, n)
    v1, v2, v3, v4, v5, v6, v7, v8, v9 = _u2(b)
    if v9 == 0:
        if v7:
            raise null_with_count('base.write_data_ptr', 29, v7)
        v10 = None
    elif v9 >= n:
        raise outside('base.write_data_ptr', 29, v9, n)
    else:
        e = v9 + v7
        if e > n:
            raise crowded('base.write_data_ptr', v9, v7, 1, n)
        v10 = b[v9:e]
        if e > h:
            h = e
    if n < 42:
        raise short(_l9, 33, n)
    v11, v12, v13 = _u12(b, 33)
    if v13 == 0:
        if v12:
            raise null_with_count('read_data_ptr', 38, v12)
        v14 = None
    elif v13 >= n:
        raise outside('read_data_ptr', 38, v13, n)
    else:
        e = v13 + v12
        if e > n:
            raise crowded('read_data_ptr', v13, v12, 1, n)
        v14 = b[v13:e]
        if e > h:
            h = e
    if h < 42:
        h = 42
    if h < n and tail is not None:
        tail(h)
    return migration_Smartcard(migration_MigrateDataHeader(v1, v2), migration_CharDevice(v3, v4, v5, v6, v8, v10), v11, v14)
