"""Builders of migration. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct, pack
from spiceproto.building import blame, place, raw, sequence

_p0 = Struct('<L').pack
_p1 = Struct('<LL').pack
_p2 = Struct('<LLLBLLLLL').pack
_p3 = Struct('<BLLLBLL').pack
_p4 = Struct('<LBLB').pack
_p5 = Struct('<LLQBBqB').pack
_p6 = Struct('<BLLQL').pack
_p7 = Struct('<LLH').pack
_p8 = Struct('<BLL').pack


def write_SurfacesAtClient(v, base, q):
    return _p0(v.num_surfaces) + v.surfaces


def build_MigrateDataHeader(v):
    try:
        return _p1(v.magic, v.version)
    except Exception as error:
        blame('migration.MigrateDataHeader', v, error)


def build_Main(v):
    try:
        q = []
        a1 = v.header
        a2 = v.agent_base
        if a2.write_data_ptr is not None:
            q.append((29, raw, a2.write_data_ptr))
        a3 = v.agent2client_chunk_header
        if v.agent2client_msg_header_ptr is not None:
            q.append((51, raw, v.agent2client_msg_header_ptr))
        return place(_p2(a1.magic, a1.version, a2.version, a2.connected, a2.num_client_tokens, a2.num_send_tokens, (0 if a2.write_data_ptr is None else len(a2.write_data_ptr)), a2.write_num_client_tokens, 0) + _p3(v.client_agent_started, v.agent2client_chunk_header_size, a3.port, a3.size, v.agent2client_msg_header_done, (0 if v.agent2client_msg_header_ptr is None else len(v.agent2client_msg_header_ptr)), 0) + _p4(v.agent2client_msg_remaining, v.agent2client_msg_filter_result, v.client2agent_msg_remaining, v.client2agent_msg_filter_result), q)
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
        a2 = pack(f'<{len(v.pixmap_cache_clients)}Q', *v.pixmap_cache_clients)
        o += len(a2)
        a3 = v.glz_dict_data
        o += 21
        if v.surfaces_at_client_ptr is not None:
            q.append((o - 4, write_SurfacesAtClient, v.surfaces_at_client_ptr))
        return place(_p5(a1.magic, a1.version, v.message_serial, v.low_bandwidth_setting, v.pixmap_cache_id, v.pixmap_cache_size, v.pixmap_cache_freezer) + a2 + _p6(v.glz_dict_id, a3.size, a3.max_encoders, a3.last_image_id, 0), q)
    except Exception as error:
        blame('migration.Display', v, error)


def build_Inputs(v):
    try:
        a1 = v.header
        return _p7(a1.magic, a1.version, v.motion_count)
    except Exception as error:
        blame('migration.Inputs', v, error)


def build_Spicevmc(v):
    try:
        q = []
        a1 = v.header
        a2 = v.base
        if a2.write_data_ptr is not None:
            q.append((29, raw, a2.write_data_ptr))
        return place(_p2(a1.magic, a1.version, a2.version, a2.connected, a2.num_client_tokens, a2.num_send_tokens, (0 if a2.write_data_ptr is None else len(a2.write_data_ptr)), a2.write_num_client_tokens, 0), q)
    except Exception as error:
        blame('migration.Spicevmc', v, error)


def build_Smartcard(v):
    try:
        q = []
        a1 = v.header
        a2 = v.base
        if a2.write_data_ptr is not None:
            q.append((29, raw, a2.write_data_ptr))
        if v.read_data_ptr is not None:
            q.append((38, raw, v.read_data_ptr))
        return place(_p2(a1.magic, a1.version, a2.version, a2.connected, a2.num_client_tokens, a2.num_send_tokens, (0 if a2.write_data_ptr is None else len(a2.write_data_ptr)), a2.write_num_client_tokens, 0) + _p8(v.reader_added, (0 if v.read_data_ptr is None else len(v.read_data_ptr)), 0), q)
    except Exception as error:
        blame('migration.Smartcard', v, error)
