"""Builders of migration. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence

_p0 = Struct('<L').pack
_p1 = Struct('<LL').pack
_p2 = Struct('<LLLBLLLLLBLLLBLLLBLB').pack
_p3 = Struct('<LLQBBqBQ').pack
_p4 = Struct('<LLQBBqBQQ').pack
_p5 = Struct('<LLQBBqBQQQ').pack
_p6 = Struct('<LLQBBqBQQQQ').pack
_a0 = Packers('<LLQBBqB', 'Q')
_p7 = Struct('<BLLQL').pack
_p8 = Struct('<LLH').pack
_p9 = Struct('<LLLBLLLLL').pack
_p10 = Struct('<LLLBLLLLLBLL').pack


def write_SurfacesAtClient(v, base, q):
    a1 = v.surfaces
    return _p0(v.num_surfaces) + a1


def build_MigrateDataHeader(v):
    try:
        return _p1(v.magic, v.version)
    except Exception as error:
        blame('migration.MigrateDataHeader', v, error)


def build_Main(v):
    try:
        a1 = v.header
        a2 = v.agent_base
        a3 = a2.write_data_ptr
        a4 = v.agent2client_chunk_header
        a5 = v.agent2client_msg_header_ptr
        o = 65
        if a3 is None:
            a3 = b''
            r1 = 0
        else:
            r1 = o if a3 else 29
        o += len(a3)
        if a5 is None:
            a5 = b''
            r2 = 0
        else:
            r2 = o if a5 else 51
        return b''.join((_p2(a1.magic, a1.version, a2.version, a2.connected, a2.num_client_tokens, a2.num_send_tokens, len(a3), a2.write_num_client_tokens, r1, v.client_agent_started, v.agent2client_chunk_header_size, a4.port, a4.size, v.agent2client_msg_header_done, len(a5), r2, v.agent2client_msg_remaining, v.agent2client_msg_filter_result, v.client2agent_msg_remaining, v.client2agent_msg_filter_result), a3, a5))
    except Exception as error:
        blame('migration.Main', v, error)


def build_Display(v):
    try:
        a1 = v.header
        a2 = v.pixmap_cache_clients
        if len(a2) != 4:
            raise ValueError
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            c1 = _p3(a1.magic, a1.version, v.message_serial, v.low_bandwidth_setting, v.pixmap_cache_id, v.pixmap_cache_size, v.pixmap_cache_freezer, w)
        elif len(a2) == 2:
            w, x = a2
            c1 = _p4(a1.magic, a1.version, v.message_serial, v.low_bandwidth_setting, v.pixmap_cache_id, v.pixmap_cache_size, v.pixmap_cache_freezer, w, x)
        elif len(a2) == 3:
            w, x, y = a2
            c1 = _p5(a1.magic, a1.version, v.message_serial, v.low_bandwidth_setting, v.pixmap_cache_id, v.pixmap_cache_size, v.pixmap_cache_freezer, w, x, y)
        elif len(a2) == 4:
            w, x, y, z = a2
            c1 = _p6(a1.magic, a1.version, v.message_serial, v.low_bandwidth_setting, v.pixmap_cache_id, v.pixmap_cache_size, v.pixmap_cache_freezer, w, x, y, z)
        else:
            c1 = _a0[len(a2)](a1.magic, a1.version, v.message_serial, v.low_bandwidth_setting, v.pixmap_cache_id, v.pixmap_cache_size, v.pixmap_cache_freezer, *a2)
        a3 = v.glz_dict_data
        a4 = v.surfaces_at_client_ptr
        o = 21 + len(c1)
        if a4 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_SurfacesAtClient(a4, o, None)
            r1 = o
        return b''.join((c1, _p7(v.glz_dict_id, a3.size, a3.max_encoders, a3.last_image_id, r1), x1))
    except Exception as error:
        blame('migration.Display', v, error)


def build_Inputs(v):
    try:
        a1 = v.header
        return _p8(a1.magic, a1.version, v.motion_count)
    except Exception as error:
        blame('migration.Inputs', v, error)


def build_Spicevmc(v):
    try:
        a1 = v.header
        a2 = v.base
        a3 = a2.write_data_ptr
        o = 33
        if a3 is None:
            a3 = b''
            r1 = 0
        else:
            r1 = o if a3 else 29
        return _p9(a1.magic, a1.version, a2.version, a2.connected, a2.num_client_tokens, a2.num_send_tokens, len(a3), a2.write_num_client_tokens, r1) + a3
    except Exception as error:
        blame('migration.Spicevmc', v, error)


def build_Smartcard(v):
    try:
        a1 = v.header
        a2 = v.base
        a3 = a2.write_data_ptr
        a4 = v.read_data_ptr
        o = 42
        if a3 is None:
            a3 = b''
            r1 = 0
        else:
            r1 = o if a3 else 29
        o += len(a3)
        if a4 is None:
            a4 = b''
            r2 = 0
        else:
            r2 = o if a4 else 38
        return b''.join((_p10(a1.magic, a1.version, a2.version, a2.connected, a2.num_client_tokens, a2.num_send_tokens, len(a3), a2.write_num_client_tokens, r1, v.reader_added, len(a4), r2), a3, a4))
    except Exception as error:
        blame('migration.Smartcard', v, error)
