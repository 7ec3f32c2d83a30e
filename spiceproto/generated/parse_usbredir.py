"""Parsers of usbredir. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, short
from spiceproto.enums.base import EnumTable
from spiceproto.enums.usbredir import UsbEndpointType, UsbSpeed, UsbStatus, UsbredirType
from spiceproto.messages.usbredir import AllocBulkStreams as usbredir_AllocBulkStreams, AltSettingStatus as usbredir_AltSettingStatus, BufferedBulkPacket as usbredir_BufferedBulkPacket, BulkPacket as usbredir_BulkPacket, BulkPacketShort as usbredir_BulkPacketShort, BulkReceivingStatus as usbredir_BulkReceivingStatus, BulkStreamsStatus as usbredir_BulkStreamsStatus, CancelDataPacket as usbredir_CancelDataPacket, ConfigurationStatus as usbredir_ConfigurationStatus, ControlPacket as usbredir_ControlPacket, DeviceConnect as usbredir_DeviceConnect, DeviceConnectShort as usbredir_DeviceConnectShort, DeviceDisconnect as usbredir_DeviceDisconnect, DeviceDisconnectAck as usbredir_DeviceDisconnectAck, EpInfo as usbredir_EpInfo, EpInfoShort as usbredir_EpInfoShort, EpInfoStreams as usbredir_EpInfoStreams, FilterFilter as usbredir_FilterFilter, FilterReject as usbredir_FilterReject, FreeBulkStreams as usbredir_FreeBulkStreams, GetAltSetting as usbredir_GetAltSetting, GetConfiguration as usbredir_GetConfiguration, InterfaceInfo as usbredir_InterfaceInfo, InterruptPacket as usbredir_InterruptPacket, InterruptReceivingStatus as usbredir_InterruptReceivingStatus, IsoPacket as usbredir_IsoPacket, IsoStreamStatus as usbredir_IsoStreamStatus, Reset as usbredir_Reset, SetAltSetting as usbredir_SetAltSetting, SetConfiguration as usbredir_SetConfiguration, StartBulkReceiving as usbredir_StartBulkReceiving, StartInterruptReceiving as usbredir_StartInterruptReceiving, StartIsoStream as usbredir_StartIsoStream, StopBulkReceiving as usbredir_StopBulkReceiving, StopInterruptReceiving as usbredir_StopInterruptReceiving, StopIsoStream as usbredir_StopIsoStream, UsbredirHeader as usbredir_UsbredirHeader, UsbredirHello as usbredir_UsbredirHello, UsbredirWideHeader as usbredir_UsbredirWideHeader

_UsbredirType = EnumTable(UsbredirType)
_l0 = ((0, 4, 'type'), (4, 4, 'length'), (8, 4, 'id'))
_u0 = Struct('<LLL').unpack_from
_l1 = ((0, 4, 'type'), (4, 4, 'length'), (8, 8, 'id'))
_u1 = Struct('<LLQ').unpack_from
_u2 = Struct('<64s').unpack_from
_l2 = ((0, 64, 'version'),)
_u3 = Struct('<L').unpack_from
_u4 = Struct('<LL').unpack_from
_u5 = Struct('<LLLL').unpack_from
_a0 = Unpackers('<', 'L')
_UsbSpeed = EnumTable(UsbSpeed)
_l3 = ((0, 1, 'speed'), (1, 1, 'device_class'), (2, 1, 'device_subclass'), (3, 1, 'device_protocol'), (4, 2, 'vendor_id'), (6, 2, 'product_id'))
_u6 = Struct('<BBBBHH').unpack_from
_l4 = ((0, 1, 'speed'), (1, 1, 'device_class'), (2, 1, 'device_subclass'), (3, 1, 'device_protocol'), (4, 2, 'vendor_id'), (6, 2, 'product_id'), (8, 2, 'device_version_bcd'))
_u7 = Struct('<BBBBHHH').unpack_from
_l5 = ((0, 4, 'interface_count'),)
_u8 = Struct('<B').unpack_from
_u9 = Struct('<BB').unpack_from
_u10 = Struct('<BBB').unpack_from
_u11 = Struct('<BBBB').unpack_from
_UsbEndpointType = EnumTable(UsbEndpointType)
_g0 = _UsbEndpointType.__getitem__
_u12 = Struct('<H').unpack_from
_u13 = Struct('<HH').unpack_from
_u14 = Struct('<HHH').unpack_from
_u15 = Struct('<HHHH').unpack_from
_a1 = Unpackers('<', 'H')
_l6 = ((0, 1, 'configuration'),)
_UsbStatus = EnumTable(UsbStatus)
_l7 = ((0, 1, 'status'), (1, 1, 'configuration'))
_l8 = ((0, 1, 'interface'), (1, 1, 'alt'))
_l9 = ((0, 1, 'interface'),)
_l10 = ((0, 1, 'status'), (1, 1, 'interface'), (2, 1, 'alt'))
_l11 = ((0, 1, 'endpoint'), (1, 1, 'pkts_per_urb'), (2, 1, 'no_urbs'))
_l12 = ((0, 1, 'endpoint'),)
_l13 = ((0, 1, 'status'), (1, 1, 'endpoint'))
_l14 = ((0, 4, 'endpoints'), (4, 4, 'no_streams'))
_l15 = ((0, 4, 'endpoints'),)
_l16 = ((0, 4, 'endpoints'), (4, 4, 'no_streams'), (8, 1, 'status'))
_u16 = Struct('<LLB').unpack_from
_l17 = ((0, 4, 'stream_id'), (4, 4, 'bytes_per_transfer'), (8, 1, 'endpoint'), (9, 1, 'no_transfers'))
_u17 = Struct('<LLBB').unpack_from
_l18 = ((0, 4, 'stream_id'), (4, 1, 'endpoint'))
_u18 = Struct('<LB').unpack_from
_l19 = ((0, 4, 'stream_id'), (4, 1, 'endpoint'), (5, 1, 'status'))
_u19 = Struct('<LBB').unpack_from
_l20 = ((0, 1, 'endpoint'), (1, 1, 'request'), (2, 1, 'requesttype'), (3, 1, 'status'), (4, 2, 'value'), (6, 2, 'index'), (8, 2, 'length'))
_u20 = Struct('<BBHL').unpack_from
_l21 = ((0, 1, 'endpoint'), (1, 1, 'status'), (2, 2, 'length'), (4, 4, 'stream_id'))
_u21 = Struct('<BBHLH').unpack_from
_l22 = ((0, 1, 'endpoint'), (1, 1, 'status'), (2, 2, 'length'), (4, 4, 'stream_id'), (8, 2, 'length_high'))
_u22 = Struct('<BBH').unpack_from
_l23 = ((0, 1, 'endpoint'), (1, 1, 'status'), (2, 2, 'length'))
_l24 = ((0, 4, 'stream_id'), (4, 4, 'length'), (8, 1, 'endpoint'), (9, 1, 'status'))


def parse_UsbredirHeader(b, tail=None):
    n = len(b)
    if n != 12:
        if n < 12:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(12)
    v1, v2, v3 = _u0(b)
    return usbredir_UsbredirHeader(_UsbredirType[v1], v2, v3)


def parse_UsbredirWideHeader(b, tail=None):
    n = len(b)
    if n != 16:
        if n < 16:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(16)
    v1, v2, v3 = _u1(b)
    return usbredir_UsbredirWideHeader(_UsbredirType[v1], v2, v3)


def parse_UsbredirHello(b, tail=None):
    n = len(b)
    if n < 64:
        raise short(_l2, 0, n)
    v1, = _u2(b)
    c = (n - 64) // 4
    e = 64 + c * 4
    if c == 1:
        v2 = _u3(b, 64)
    elif c == 2:
        v2 = _u4(b, 64)
    elif c == 3:
        v2 = _u0(b, 64)
    elif c == 4:
        v2 = _u5(b, 64)
    else:
        v2 = _a0[c](b, 64)
    o = e
    if o < n and tail is not None:
        tail(o)
    return usbredir_UsbredirHello(v1, v2)


def parse_DeviceConnectShort(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(8)
    v1, v2, v3, v4, v5, v6 = _u6(b)
    return usbredir_DeviceConnectShort(_UsbSpeed[v1], v2, v3, v4, v5, v6)


def parse_DeviceConnect(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3, v4, v5, v6, v7 = _u7(b)
    return usbredir_DeviceConnect(_UsbSpeed[v1], v2, v3, v4, v5, v6, v7)


def parse_DeviceDisconnect(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return usbredir_DeviceDisconnect()


def parse_Reset(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return usbredir_Reset()


def parse_InterfaceInfo(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l5, 0, n)
    v1, = _u3(b)
    e = 4 + 32
    if e > n:
        raise crowded('interface', 4, 32, 1, n)
    if 32 == 1:
        v2 = _u8(b, 4)
    elif 32 == 2:
        v2 = _u9(b, 4)
    elif 32 == 3:
        v2 = _u10(b, 4)
    elif 32 == 4:
        v2 = _u11(b, 4)
    else:
        v2 = tuple(b[4:e])
    o = e
    e = o + 32
    if e > n:
        raise crowded('interface_class', o, 32, 1, n)
    if 32 == 1:
        v3 = _u8(b, o)
    elif 32 == 2:
        v3 = _u9(b, o)
    elif 32 == 3:
        v3 = _u10(b, o)
    elif 32 == 4:
        v3 = _u11(b, o)
    else:
        v3 = tuple(b[o:e])
    o = e
    e = o + 32
    if e > n:
        raise crowded('interface_subclass', o, 32, 1, n)
    if 32 == 1:
        v4 = _u8(b, o)
    elif 32 == 2:
        v4 = _u9(b, o)
    elif 32 == 3:
        v4 = _u10(b, o)
    elif 32 == 4:
        v4 = _u11(b, o)
    else:
        v4 = tuple(b[o:e])
    o = e
    e = o + 32
    if e > n:
        raise crowded('interface_protocol', o, 32, 1, n)
    if 32 == 1:
        v5 = _u8(b, o)
    elif 32 == 2:
        v5 = _u9(b, o)
    elif 32 == 3:
        v5 = _u10(b, o)
    elif 32 == 4:
        v5 = _u11(b, o)
    else:
        v5 = tuple(b[o:e])
    o = e
    if o < n and tail is not None:
        tail(o)
    return usbredir_InterfaceInfo(v1, v2, v3, v4, v5)


def parse_EpInfoShort(b, tail=None):
    n = len(b)
    e = 0 + 32
    if e > n:
        raise crowded('type', 0, 32, 1, n)
    if 32 == 1:
        w1, = _u8(b, 0)
        v1 = (_UsbEndpointType[w1],)
    elif 32 == 2:
        w1, w2 = _u9(b, 0)
        v1 = (_UsbEndpointType[w1], _UsbEndpointType[w2])
    elif 32 == 3:
        w1, w2, w3 = _u10(b, 0)
        v1 = (_UsbEndpointType[w1], _UsbEndpointType[w2], _UsbEndpointType[w3])
    elif 32 == 4:
        w1, w2, w3, w4 = _u11(b, 0)
        v1 = (_UsbEndpointType[w1], _UsbEndpointType[w2], _UsbEndpointType[w3], _UsbEndpointType[w4])
    else:
        v1 = tuple(map(_g0, b[0:e]))
    o = e
    e = o + 32
    if e > n:
        raise crowded('interval', o, 32, 1, n)
    if 32 == 1:
        v2 = _u8(b, o)
    elif 32 == 2:
        v2 = _u9(b, o)
    elif 32 == 3:
        v2 = _u10(b, o)
    elif 32 == 4:
        v2 = _u11(b, o)
    else:
        v2 = tuple(b[o:e])
    o = e
    e = o + 32
    if e > n:
        raise crowded('interface', o, 32, 1, n)
    if 32 == 1:
        v3 = _u8(b, o)
    elif 32 == 2:
        v3 = _u9(b, o)
    elif 32 == 3:
        v3 = _u10(b, o)
    elif 32 == 4:
        v3 = _u11(b, o)
    else:
        v3 = tuple(b[o:e])
    o = e
    if o < n and tail is not None:
        tail(o)
    return usbredir_EpInfoShort(v1, v2, v3)


def parse_EpInfo(b, tail=None):
    n = len(b)
    e = 0 + 32
    if e > n:
        raise crowded('type', 0, 32, 1, n)
    if 32 == 1:
        w1, = _u8(b, 0)
        v1 = (_UsbEndpointType[w1],)
    elif 32 == 2:
        w1, w2 = _u9(b, 0)
        v1 = (_UsbEndpointType[w1], _UsbEndpointType[w2])
    elif 32 == 3:
        w1, w2, w3 = _u10(b, 0)
        v1 = (_UsbEndpointType[w1], _UsbEndpointType[w2], _UsbEndpointType[w3])
    elif 32 == 4:
        w1, w2, w3, w4 = _u11(b, 0)
        v1 = (_UsbEndpointType[w1], _UsbEndpointType[w2], _UsbEndpointType[w3], _UsbEndpointType[w4])
    else:
        v1 = tuple(map(_g0, b[0:e]))
    o = e
    e = o + 32
    if e > n:
        raise crowded('interval', o, 32, 1, n)
    if 32 == 1:
        v2 = _u8(b, o)
    elif 32 == 2:
        v2 = _u9(b, o)
    elif 32 == 3:
        v2 = _u10(b, o)
    elif 32 == 4:
        v2 = _u11(b, o)
    else:
        v2 = tuple(b[o:e])
    o = e
    e = o + 32
    if e > n:
        raise crowded('interface', o, 32, 1, n)
    if 32 == 1:
        v3 = _u8(b, o)
    elif 32 == 2:
        v3 = _u9(b, o)
    elif 32 == 3:
        v3 = _u10(b, o)
    elif 32 == 4:
        v3 = _u11(b, o)
    else:
        v3 = tuple(b[o:e])
    o = e
    e = o + 32 * 2
    if e > n:
        raise crowded('max_packet_size', o, 32, 2, n)
    if 32 == 1:
        v4 = _u12(b, o)
    elif 32 == 2:
        v4 = _u13(b, o)
    elif 32 == 3:
        v4 = _u14(b, o)
    elif 32 == 4:
        v4 = _u15(b, o)
    else:
        v4 = _a1[32](b, o)
    o = e
    if o < n and tail is not None:
        tail(o)
    return usbredir_EpInfo(v1, v2, v3, v4)


def parse_EpInfoStreams(b, tail=None):
    n = len(b)
    e = 0 + 32
    if e > n:
        raise crowded('type', 0, 32, 1, n)
    if 32 == 1:
        w1, = _u8(b, 0)
        v1 = (_UsbEndpointType[w1],)
    elif 32 == 2:
        w1, w2 = _u9(b, 0)
        v1 = (_UsbEndpointType[w1], _UsbEndpointType[w2])
    elif 32 == 3:
        w1, w2, w3 = _u10(b, 0)
        v1 = (_UsbEndpointType[w1], _UsbEndpointType[w2], _UsbEndpointType[w3])
    elif 32 == 4:
        w1, w2, w3, w4 = _u11(b, 0)
        v1 = (_UsbEndpointType[w1], _UsbEndpointType[w2], _UsbEndpointType[w3], _UsbEndpointType[w4])
    else:
        v1 = tuple(map(_g0, b[0:e]))
    o = e
    e = o + 32
    if e > n:
        raise crowded('interval', o, 32, 1, n)
    if 32 == 1:
        v2 = _u8(b, o)
    elif 32 == 2:
        v2 = _u9(b, o)
    elif 32 == 3:
        v2 = _u10(b, o)
    elif 32 == 4:
        v2 = _u11(b, o)
    else:
        v2 = tuple(b[o:e])
    o = e
    e = o + 32
    if e > n:
        raise crowded('interface', o, 32, 1, n)
    if 32 == 1:
        v3 = _u8(b, o)
    elif 32 == 2:
        v3 = _u9(b, o)
    elif 32 == 3:
        v3 = _u10(b, o)
    elif 32 == 4:
        v3 = _u11(b, o)
    else:
        v3 = tuple(b[o:e])
    o = e
    e = o + 32 * 2
    if e > n:
        raise crowded('max_packet_size', o, 32, 2, n)
    if 32 == 1:
        v4 = _u12(b, o)
    elif 32 == 2:
        v4 = _u13(b, o)
    elif 32 == 3:
        v4 = _u14(b, o)
    elif 32 == 4:
        v4 = _u15(b, o)
    else:
        v4 = _a1[32](b, o)
    o = e
    e = o + 32 * 4
    if e > n:
        raise crowded('max_streams', o, 32, 4, n)
    if 32 == 1:
        v5 = _u3(b, o)
    elif 32 == 2:
        v5 = _u4(b, o)
    elif 32 == 3:
        v5 = _u0(b, o)
    elif 32 == 4:
        v5 = _u5(b, o)
    else:
        v5 = _a0[32](b, o)
    o = e
    if o < n and tail is not None:
        tail(o)
    return usbredir_EpInfoStreams(v1, v2, v3, v4, v5)


def parse_SetConfiguration(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l6, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u8(b)
    return usbredir_SetConfiguration(v1)


def parse_GetConfiguration(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return usbredir_GetConfiguration()


def parse_ConfigurationStatus(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(2)
    v1, v2 = _u9(b)
    return usbredir_ConfigurationStatus(_UsbStatus[v1], v2)


def parse_SetAltSetting(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l8, 0, n)
        if tail is not None:
            tail(2)
    v1, v2 = _u9(b)
    return usbredir_SetAltSetting(v1, v2)


def parse_GetAltSetting(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l9, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u8(b)
    return usbredir_GetAltSetting(v1)


def parse_AltSettingStatus(b, tail=None):
    n = len(b)
    if n != 3:
        if n < 3:
            raise short(_l10, 0, n)
        if tail is not None:
            tail(3)
    v1, v2, v3 = _u10(b)
    return usbredir_AltSettingStatus(_UsbStatus[v1], v2, v3)


def parse_StartIsoStream(b, tail=None):
    n = len(b)
    if n != 3:
        if n < 3:
            raise short(_l11, 0, n)
        if tail is not None:
            tail(3)
    v1, v2, v3 = _u10(b)
    return usbredir_StartIsoStream(v1, v2, v3)


def parse_StopIsoStream(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l12, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u8(b)
    return usbredir_StopIsoStream(v1)


def parse_IsoStreamStatus(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l13, 0, n)
        if tail is not None:
            tail(2)
    v1, v2 = _u9(b)
    return usbredir_IsoStreamStatus(_UsbStatus[v1], v2)


def parse_StartInterruptReceiving(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l12, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u8(b)
    return usbredir_StartInterruptReceiving(v1)


def parse_StopInterruptReceiving(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l12, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u8(b)
    return usbredir_StopInterruptReceiving(v1)


def parse_InterruptReceivingStatus(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l13, 0, n)
        if tail is not None:
            tail(2)
    v1, v2 = _u9(b)
    return usbredir_InterruptReceivingStatus(_UsbStatus[v1], v2)


def parse_AllocBulkStreams(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l14, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u4(b)
    return usbredir_AllocBulkStreams(v1, v2)


def parse_FreeBulkStreams(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l15, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u3(b)
    return usbredir_FreeBulkStreams(v1)


def parse_BulkStreamsStatus(b, tail=None):
    n = len(b)
    if n != 9:
        if n < 9:
            raise short(_l16, 0, n)
        if tail is not None:
            tail(9)
    v1, v2, v3 = _u16(b)
    return usbredir_BulkStreamsStatus(v1, v2, _UsbStatus[v3])


def parse_CancelDataPacket(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return usbredir_CancelDataPacket()


def parse_FilterReject(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return usbredir_FilterReject()


def parse_FilterFilter(b, tail=None):
    n = len(b)
    v1 = b
    return usbredir_FilterFilter(v1)


def parse_DeviceDisconnectAck(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return usbredir_DeviceDisconnectAck()


def parse_StartBulkReceiving(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l17, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3, v4 = _u17(b)
    return usbredir_StartBulkReceiving(v1, v2, v3, v4)


def parse_StopBulkReceiving(b, tail=None):
    n = len(b)
    if n != 5:
        if n < 5:
            raise short(_l18, 0, n)
        if tail is not None:
            tail(5)
    v1, v2 = _u18(b)
    return usbredir_StopBulkReceiving(v1, v2)


def parse_BulkReceivingStatus(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l19, 0, n)
        if tail is not None:
            tail(6)
    v1, v2, v3 = _u19(b)
    return usbredir_BulkReceivingStatus(v1, v2, _UsbStatus[v3])


def parse_ControlPacket(b, tail=None):
    n = len(b)
    if n < 10:
        raise short(_l20, 0, n)
    v1, v2, v3, v4, v5, v6, v7 = _u7(b)
    v8 = b[10:]
    return usbredir_ControlPacket(v1, v2, v3, _UsbStatus[v4], v5, v6, v7, v8)


def parse_BulkPacketShort(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l21, 0, n)
    v1, v2, v3, v4 = _u20(b)
    v5 = b[8:]
    return usbredir_BulkPacketShort(v1, _UsbStatus[v2], v3, v4, v5)


def parse_BulkPacket(b, tail=None):
    n = len(b)
    if n < 10:
        raise short(_l22, 0, n)
    v1, v2, v3, v4, v5 = _u21(b)
    v6 = b[10:]
    return usbredir_BulkPacket(v1, _UsbStatus[v2], v3, v4, v5, v6)


def parse_IsoPacket(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l23, 0, n)
    v1, v2, v3 = _u22(b)
    v4 = b[4:]
    return usbredir_IsoPacket(v1, _UsbStatus[v2], v3, v4)


def parse_InterruptPacket(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l23, 0, n)
    v1, v2, v3 = _u22(b)
    v4 = b[4:]
    return usbredir_InterruptPacket(v1, _UsbStatus[v2], v3, v4)


def parse_BufferedBulkPacket(b, tail=None):
    n = len(b)
    if n < 10:
        raise short(_l24, 0, n)
    v1, v2, v3, v4 = _u17(b)
    v5 = b[10:]
    return usbredir_BufferedBulkPacket(v1, v2, v3, _UsbStatus[v4], v5)
