"""Builders of tunnel. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame, octets

_p0 = Struct('<HL').pack
_p1 = Struct('<LH4s').pack
_p2 = Struct('<LH').pack
_p3 = Struct('<HLL').pack
_p4 = Struct('<H').pack
_p5 = Struct('<HLLLLL').pack
_p6 = Struct('<L').pack


def build_Init(v):
    try:
        return _p0(v.max_num_of_sockets, v.max_socket_data_size)
    except Exception as error:
        blame('tunnel.Init', v, error)


def build_ServiceIpMap(v):
    try:
        a1 = v.virtual_ip
        t1 = +a1.type
        if t1 == 1:
            a2 = a1.ipv4
            if len(a2) != 4:
                raise ValueError
            if type(a2) is not bytes:
                a2 = octets(a2)
            return _p1(v.service_id, a1.type, a2)
        elif a1.ipv4 is not None:
            raise ValueError
        return _p2(v.service_id, a1.type)
    except Exception as error:
        blame('tunnel.ServiceIpMap', v, error)


def build_SocketOpen(v):
    try:
        return _p3(v.connection_id, v.service_id, v.tokens)
    except Exception as error:
        blame('tunnel.SocketOpen', v, error)


def build_SocketFin(v):
    try:
        return _p4(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketFin', v, error)


def build_SocketClose(v):
    try:
        return _p4(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketClose', v, error)


def build_SocketClosed(v):
    try:
        return _p4(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketClosed', v, error)


def build_SocketClosedAck(v):
    try:
        return _p4(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketClosedAck', v, error)


def build_SocketOpenNack(v):
    try:
        return _p4(v.connection_id)
    except Exception as error:
        blame('tunnel.SocketOpenNack', v, error)


def build_SocketData(v):
    try:
        a1 = v.data
        return _p4(v.connection_id) + a1
    except Exception as error:
        blame('tunnel.SocketData', v, error)


def build_SocketToken(v):
    try:
        return _p0(v.connection_id, v.num_tokens)
    except Exception as error:
        blame('tunnel.SocketToken', v, error)


def build_ServiceAdd(v):
    try:
        a1 = v.name
        a2 = v.description
        t1 = +v.type
        c1 = b''
        if t1 == 2:
            a3 = v.ip
            t2 = +a3.type
            c2 = b''
            if t2 == 1:
                a4 = a3.ipv4
                if len(a4) != 4:
                    raise ValueError
                if type(a4) is not bytes:
                    a4 = octets(a4)
                c2 = b'' + a4
            elif a3.ipv4 is not None:
                raise ValueError
            c1 = _p4(a3.type) + c2
        elif v.ip is not None:
            raise ValueError
        o = 22 + len(c1)
        if 0 in a1:
            raise ValueError
        r1 = o
        o += 1 + len(a1)
        if 0 in a2:
            raise ValueError
        r2 = o
        return b''.join((_p5(v.type, v.id, v.group, v.port, r1, r2), c1, a1, b'\0', a2, b'\0'))
    except Exception as error:
        blame('tunnel.ServiceAdd', v, error)


def build_ServiceRemove(v):
    try:
        return _p6(v.id)
    except Exception as error:
        blame('tunnel.ServiceRemove', v, error)


def build_SocketOpenAck(v):
    try:
        return _p0(v.connection_id, v.tokens)
    except Exception as error:
        blame('tunnel.SocketOpenAck', v, error)
