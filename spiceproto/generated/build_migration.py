"""Builders of migration. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, place, sequence

_p0 = Struct('<L').pack
_p1 = Struct('<LL').pack
_p2 = Struct('<LLLBLLLLLBLLLBLLLBLB').pack
_a0 = Packers('<', 'Q')
_p3 = Struct('<LLQBBqB').pack
_p4 = Struct('<BLLQL').pack
_p5 = Struct('<LLH').pack
_p6 = Struct('<LLLBLLLLL').pack
_p7 = Struct('<LLLBLLLLLBLL').pack


def write_SurfacesAtClient(v, base, q):
    return _p0(v.num_surfaces) + v.surfaces


def build_MigrateDataHeader(v):
    try:
        return _p1(v.magic, v.version)
    except Exception as error:
        blame('migration.MigrateDataHeader', v, error)


def build_Main(v):
    try:
        a2 = v.header
        a3 = v.agent_base
        a5 = v.agent2client_chunk_header
        if a3.write_data_ptr is None:
            a4 = b''
            oa4 = 0
        else:
            a4 = a3.write_data_ptr
            oa4 = 65 if a4 else 29
        if v.agent2client_msg_header_ptr is None:
            a1 = b''
            oa1 = 0
        else:
            a1 = v.agent2client_msg_header_ptr
            oa1 = 65 + len(a4) if a1 else 51
        return _p2(a2.magic, a2.version, a3.version, a3.connected, a3.num_client_tokens, a3.num_send_tokens, len(a4), a3.write_num_client_tokens, oa4, v.client_agent_started, v.agent2client_chunk_header_size, a5.port, a5.size, v.agent2client_msg_header_done, len(a1), oa1, v.agent2client_msg_remaining, v.agent2client_msg_filter_result, v.client2agent_msg_remaining, v.client2agent_msg_filter_result) + a4 + a1
    except Exception as error:
        blame('migration.Main', v, error)


def build_Display(v):
    try:
        q = []
        a1 = v.header
        if len(v.pixmap_cache_clients) != 4:
            raise ValueError
        if type(v.pixmap_cache_clients) is not tuple:
            sequence(v.pixmap_cache_clients)
        o = 27
        a2 = _a0[len(v.pixmap_cache_clients)](*v.pixmap_cache_clients)
        o += len(a2)
        a3 = v.glz_dict_data
        o += 21
        if v.surfaces_at_client_ptr is not None:
            q.append((o - 4, write_SurfacesAtClient, v.surfaces_at_client_ptr))
        return place(_p3(a1.magic, a1.version, v.message_serial, v.low_bandwidth_setting, v.pixmap_cache_id, v.pixmap_cache_size, v.pixmap_cache_freezer) + a2 + _p4(v.glz_dict_id, a3.size, a3.max_encoders, a3.last_image_id, 0), q)
    except Exception as error:
        blame('migration.Display', v, error)


def build_Inputs(v):
    try:
        a1 = v.header
        return _p5(a1.magic, a1.version, v.motion_count)
    except Exception as error:
        blame('migration.Inputs', v, error)


def build_Spicevmc(v):
    try:
        a1 = v.header
        a2 = v.base
        if a2.write_data_ptr is None:
            a3 = b''
            oa3 = 0
        else:
            a3 = a2.write_data_ptr
            oa3 = 33 if a3 else 29
        return _p6(a1.magic, a1.version, a2.version, a2.connected, a2.num_client_tokens, a2.num_send_tokens, len(a3), a2.write_num_client_tokens, oa3) + a3
    except Exception as error:
        blame('migration.Spicevmc', v, error)


def build_Smartcard(v):
    try:
        a2 = v.header
        a3 = v.base
        if a3.write_data_ptr is None:
            a4 = b''
            oa4 = 0
        else:
            a4 = a3.write_data_ptr
            oa4 = 42 if a4 else 29
        if v.read_data_ptr is None:
            a1 = b''
            oa1 = 0
        else:
            a1 = v.read_data_ptr
            oa1 = 42 + len(a4) if a1 else 38
        return _p7(a2.magic, a2.version, a3.version, a3.connected, a3.num_client_tokens, a3.num_send_tokens, len(a4), a3.write_num_client_tokens, oa4, v.reader_added, len(a1), oa1) + a4 + a1
    except Exception as error:
        blame('migration.Smartcard', v, error)
