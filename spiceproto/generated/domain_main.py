"""Domains of main. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside, within
from spiceproto.unsent import Unsent

_n0 = frozenset((1, 2))
_n1 = frozenset((0, 1))
_n2 = frozenset((0, 1, 2, 3, 4, 5, 6, 7, 8, 9))


def outside_DstInfo(v):
    o = ()
    x = v.host_data
    if 0 in x[:-1]:
        o += (Outside('host_data', 'no zero byte but at the end', repr(x[:40])),)
    x = v.cert_subject_data
    if isinstance(x, Unsent):
        o += (Outside('cert_subject_data', 'bytes, or none announced', f'{x.size} bytes announced behind a null pointer', 'SPICE-FRAME-046', True),)
    if x is not None:
        if 0 in x[:-1]:
            o += (Outside('cert_subject_data', 'no zero byte but at the end', repr(x[:40])),)
    return o


def outside_MigrateBegin(v):
    o = ()
    x = v.dst_info
    f = outside_DstInfo(x)
    if f:
        o += within('dst_info', f)
    return o


def outside_Init(v):
    o = ()
    x = v.session_id
    if x < 1:
        o += (Outside('session_id', 'not 0', str(int(x)), 'SPICE-MAIN-003'),)
    x = v.current_mouse_mode
    if x not in _n0:
        o += (Outside('current_mouse_mode', 'SERVER or CLIENT', str(int(x)), 'SPICE-MOUSE-001'),)
    x = v.agent_connected
    if x not in _n1:
        o += (Outside('agent_connected', '0 or 1', str(int(x))),)
    return o


def outside_MouseModeMessage(v):
    o = ()
    x = v.current_mode
    if x not in _n0:
        o += (Outside('current_mode', 'SERVER or CLIENT', str(int(x)), 'SPICE-MOUSE-001'),)
    return o


def outside_AgentDisconnected(v):
    o = ()
    x = v.error_code
    if x not in _n2:
        o += (Outside('error_code', 'a name', str(int(x))),)
    return o


def outside_MigrateSwitchHost(v):
    o = ()
    x = v.host_data
    if isinstance(x, Unsent):
        o += (Outside('host_data', 'bytes, or none announced', f'{x.size} bytes announced behind a null pointer', 'SPICE-FRAME-046', True),)
    if x is not None:
        if 0 in x[:-1]:
            o += (Outside('host_data', 'no zero byte but at the end', repr(x[:40])),)
    x = v.cert_subject_data
    if isinstance(x, Unsent):
        o += (Outside('cert_subject_data', 'bytes, or none announced', f'{x.size} bytes announced behind a null pointer', 'SPICE-FRAME-046', True),)
    if x is not None:
        if 0 in x[:-1]:
            o += (Outside('cert_subject_data', 'no zero byte but at the end', repr(x[:40])),)
    return o


def outside_Name(v):
    o = ()
    x = v.name
    if 0 in x[:-1]:
        o += (Outside('name', 'no zero byte but at the end', repr(x[:40])),)
    return o


def outside_MigrateBeginSeamless(v):
    o = ()
    x = v.dst_info
    f = outside_DstInfo(x)
    if f:
        o += within('dst_info', f)
    return o


def outside_MouseModeRequest(v):
    o = ()
    x = v.mode
    if x not in _n0:
        o += (Outside('mode', 'SERVER or CLIENT', str(int(x)), 'SPICE-MOUSE-007', True),)
    return o
