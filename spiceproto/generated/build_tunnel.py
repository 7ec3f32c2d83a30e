"""Builders of tunnel. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame, place, terminated

_p0 = Struct('<HL').pack
_p1 = Struct('<LH').pack
_p2 = Struct('<HLL').pack
_p3 = Struct('<H').pack
_p4 = Struct('<HLLLL').pack
_p5 = Struct('<L').pack


def build_Init(v):
    try:
        return _p0(v.max_num_of_sockets, v.max_socket_data_size)
    except Exception as error:
        blame('tunnel.Init', v, error)


def build_ServiceIpMap(v):
    try:
        a1 = v.virtual_ip
        p = [_p1(v.service_id, a1.type)]
        a2 = a1.type
        if a2 == 1:
            if len(a1.ipv4) != 4:
                raise ValueError
            p.append(a1.ipv4)
        elif a1.ipv4 is not None:
            raise ValueError
        return b''.join(p)
    except Exception as error:
        blame('tunnel.ServiceIpMap', v, error)


def build_SocketOpen(v):
    try:
        return _p2(v.connection_id, v.service_id, v.tokens)
    except Exception as error:
        blame('tunnel.SocketOpen', v, error)


def build_SocketFin(v):
    try:
        return _p3(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketFin', v, error)


def build_SocketClose(v):
    try:
        return _p3(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketClose', v, error)


def build_SocketClosed(v):
    try:
        return _p3(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketClosed', v, error)


def build_SocketClosedAck(v):
    try:
        return _p3(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketClosedAck', v, error)


def build_SocketOpenNack(v):
    try:
        return _p3(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketOpenNack', v, error)


def build_SocketData(v):
    try:
        return _p3(v.connection_id) + v.data
    except Exception as error:
        blame('tunnel.SocketData', v, error)


def build_SocketToken(v):
    try:
        return _p0(v.connection_id, v.num_tokens)
    except Exception as error:
        blame('tunnel.SocketToken', v, error)


def build_ServiceAdd(v):
    try:
        q = []
        if v.name is None:
            raise ValueError
        q.append((14, terminated, v.name))
        if v.description is None:
            raise ValueError
        q.append((18, terminated, v.description))
        p = [_p4(v.type, v.id, v.group, v.port, 0), _p5(0)]
        a1 = v.type
        if a1 == 2:
            a2 = v.ip
            p.append(_p3(a2.type))
            a3 = a2.type
            if a3 == 1:
                if len(a2.ipv4) != 4:
                    raise ValueError
                a4 = a2.ipv4
                p.append(a4)
            elif a2.ipv4 is not None:
                raise ValueError
        elif v.ip is not None:
            raise ValueError
        return place(b''.join(p), q)
    except Exception as error:
        blame('tunnel.ServiceAdd', v, error)


def build_ServiceRemove(v):
    try:
        return _p5(v.id)
    except Exception as error:
        blame('tunnel.ServiceRemove', v, error)


def build_SocketOpenAck(v):
    try:
        return _p0(v.connection_id, v.tokens)
    except Exception as error:
        blame('tunnel.SocketOpenAck', v, error)
