"""Builders of usbredir. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, octets, sequence
from spiceproto.messages.usbredir import CancelDataPacket as usbredir_CancelDataPacket, DeviceDisconnect as usbredir_DeviceDisconnect, DeviceDisconnectAck as usbredir_DeviceDisconnectAck, FilterReject as usbredir_FilterReject, GetConfiguration as usbredir_GetConfiguration, Reset as usbredir_Reset

_p0 = Struct('<LLL').pack
_p1 = Struct('<LLQ').pack
_p2 = Struct('<64sL').pack
_p3 = Struct('<64sLL').pack
_p4 = Struct('<64sLLL').pack
_p5 = Struct('<64sLLLL').pack
_a0 = Packers('<64s', 'L')
_p6 = Struct('<BBBBHH').pack
_p7 = Struct('<BBBBHHH').pack
_p8 = Struct('<LB').pack
_p9 = Struct('<LBB').pack
_p10 = Struct('<LBBB').pack
_p11 = Struct('<LBBBB').pack
_a1 = Packers('<L', 'B')
_p12 = Struct('<B').pack
_p13 = Struct('<BB').pack
_p14 = Struct('<BBB').pack
_p15 = Struct('<BBBB').pack
_a2 = Packers('<', 'B')
_p16 = Struct('<H').pack
_p17 = Struct('<HH').pack
_p18 = Struct('<HHH').pack
_p19 = Struct('<HHHH').pack
_a3 = Packers('<', 'H')
_p20 = Struct('<L').pack
_p21 = Struct('<LL').pack
_p22 = Struct('<LLLL').pack
_a4 = Packers('<', 'L')
_p23 = Struct('<LLB').pack
_p24 = Struct('<LLBB').pack
_p25 = Struct('<BBHL').pack
_p26 = Struct('<BBHLH').pack
_p27 = Struct('<BBH').pack


def build_UsbredirHeader(v):
    try:
        return _p0(v.type, v.length, v.id)
    except Exception as error:
        blame('usbredir.UsbredirHeader', v, error)


def build_UsbredirWideHeader(v):
    try:
        return _p1(v.type, v.length, v.id)
    except Exception as error:
        blame('usbredir.UsbredirWideHeader', v, error)


def build_UsbredirHello(v):
    try:
        a1 = v.version
        if len(a1) != 64:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        a2 = v.capabilities
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            return _p2(a1, w)
        elif len(a2) == 2:
            w, x = a2
            return _p3(a1, w, x)
        elif len(a2) == 3:
            w, x, y = a2
            return _p4(a1, w, x, y)
        elif len(a2) == 4:
            w, x, y, z = a2
            return _p5(a1, w, x, y, z)
        return _a0[len(a2)](a1, *a2)
    except Exception as error:
        blame('usbredir.UsbredirHello', v, error)


def build_DeviceConnectShort(v):
    try:
        return _p6(v.speed, v.device_class, v.device_subclass, v.device_protocol, v.vendor_id, v.product_id)
    except Exception as error:
        blame('usbredir.DeviceConnectShort', v, error)


def build_DeviceConnect(v):
    try:
        return _p7(v.speed, v.device_class, v.device_subclass, v.device_protocol, v.vendor_id, v.product_id, v.device_version_bcd)
    except Exception as error:
        blame('usbredir.DeviceConnect', v, error)


def build_DeviceDisconnect(v):
    if not isinstance(v, usbredir_DeviceDisconnect):
        blame('usbredir.DeviceDisconnect', v, TypeError())
    return b''


def build_Reset(v):
    if not isinstance(v, usbredir_Reset):
        blame('usbredir.Reset', v, TypeError())
    return b''


def build_InterfaceInfo(v):
    try:
        a1 = v.interface
        if len(a1) != 32:
            raise ValueError
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            c1 = _p8(v.interface_count, w)
        elif len(a1) == 2:
            w, x = a1
            c1 = _p9(v.interface_count, w, x)
        elif len(a1) == 3:
            w, x, y = a1
            c1 = _p10(v.interface_count, w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            c1 = _p11(v.interface_count, w, x, y, z)
        else:
            c1 = _a1[len(a1)](v.interface_count, *a1)
        a2 = v.interface_class
        if len(a2) != 32:
            raise ValueError
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            c2 = _p12(w)
        elif len(a2) == 2:
            w, x = a2
            c2 = _p13(w, x)
        elif len(a2) == 3:
            w, x, y = a2
            c2 = _p14(w, x, y)
        elif len(a2) == 4:
            w, x, y, z = a2
            c2 = _p15(w, x, y, z)
        else:
            c2 = _a2[len(a2)](*a2)
        a3 = v.interface_subclass
        if len(a3) != 32:
            raise ValueError
        if type(a3) is not tuple:
            sequence(a3)
        if len(a3) == 1:
            w, = a3
            c3 = _p12(w)
        elif len(a3) == 2:
            w, x = a3
            c3 = _p13(w, x)
        elif len(a3) == 3:
            w, x, y = a3
            c3 = _p14(w, x, y)
        elif len(a3) == 4:
            w, x, y, z = a3
            c3 = _p15(w, x, y, z)
        else:
            c3 = _a2[len(a3)](*a3)
        a4 = v.interface_protocol
        if len(a4) != 32:
            raise ValueError
        if type(a4) is not tuple:
            sequence(a4)
        if len(a4) == 1:
            w, = a4
            return b''.join((c1, c2, c3, _p12(w)))
        elif len(a4) == 2:
            w, x = a4
            return b''.join((c1, c2, c3, _p13(w, x)))
        elif len(a4) == 3:
            w, x, y = a4
            return b''.join((c1, c2, c3, _p14(w, x, y)))
        elif len(a4) == 4:
            w, x, y, z = a4
            return b''.join((c1, c2, c3, _p15(w, x, y, z)))
        return b''.join((c1, c2, c3, _a2[len(a4)](*a4)))
    except Exception as error:
        blame('usbredir.InterfaceInfo', v, error)


def build_EpInfoShort(v):
    try:
        a1 = v.type
        if len(a1) != 32:
            raise ValueError
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            c1 = _p12(w)
        elif len(a1) == 2:
            w, x = a1
            c1 = _p13(w, x)
        elif len(a1) == 3:
            w, x, y = a1
            c1 = _p14(w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            c1 = _p15(w, x, y, z)
        else:
            c1 = _a2[len(a1)](*a1)
        a2 = v.interval
        if len(a2) != 32:
            raise ValueError
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            c2 = _p12(w)
        elif len(a2) == 2:
            w, x = a2
            c2 = _p13(w, x)
        elif len(a2) == 3:
            w, x, y = a2
            c2 = _p14(w, x, y)
        elif len(a2) == 4:
            w, x, y, z = a2
            c2 = _p15(w, x, y, z)
        else:
            c2 = _a2[len(a2)](*a2)
        a3 = v.interface
        if len(a3) != 32:
            raise ValueError
        if type(a3) is not tuple:
            sequence(a3)
        if len(a3) == 1:
            w, = a3
            return b''.join((c1, c2, _p12(w)))
        elif len(a3) == 2:
            w, x = a3
            return b''.join((c1, c2, _p13(w, x)))
        elif len(a3) == 3:
            w, x, y = a3
            return b''.join((c1, c2, _p14(w, x, y)))
        elif len(a3) == 4:
            w, x, y, z = a3
            return b''.join((c1, c2, _p15(w, x, y, z)))
        return b''.join((c1, c2, _a2[len(a3)](*a3)))
    except Exception as error:
        blame('usbredir.EpInfoShort', v, error)


def build_EpInfo(v):
    try:
        a1 = v.type
        if len(a1) != 32:
            raise ValueError
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            c1 = _p12(w)
        elif len(a1) == 2:
            w, x = a1
            c1 = _p13(w, x)
        elif len(a1) == 3:
            w, x, y = a1
            c1 = _p14(w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            c1 = _p15(w, x, y, z)
        else:
            c1 = _a2[len(a1)](*a1)
        a2 = v.interval
        if len(a2) != 32:
            raise ValueError
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            c2 = _p12(w)
        elif len(a2) == 2:
            w, x = a2
            c2 = _p13(w, x)
        elif len(a2) == 3:
            w, x, y = a2
            c2 = _p14(w, x, y)
        elif len(a2) == 4:
            w, x, y, z = a2
            c2 = _p15(w, x, y, z)
        else:
            c2 = _a2[len(a2)](*a2)
        a3 = v.interface
        if len(a3) != 32:
            raise ValueError
        if type(a3) is not tuple:
            sequence(a3)
        if len(a3) == 1:
            w, = a3
            c3 = _p12(w)
        elif len(a3) == 2:
            w, x = a3
            c3 = _p13(w, x)
        elif len(a3) == 3:
            w, x, y = a3
            c3 = _p14(w, x, y)
        elif len(a3) == 4:
            w, x, y, z = a3
            c3 = _p15(w, x, y, z)
        else:
            c3 = _a2[len(a3)](*a3)
        a4 = v.max_packet_size
        if len(a4) != 32:
            raise ValueError
        if type(a4) is not tuple:
            sequence(a4)
        if len(a4) == 1:
            w, = a4
            return b''.join((c1, c2, c3, _p16(w)))
        elif len(a4) == 2:
            w, x = a4
            return b''.join((c1, c2, c3, _p17(w, x)))
        elif len(a4) == 3:
            w, x, y = a4
            return b''.join((c1, c2, c3, _p18(w, x, y)))
        elif len(a4) == 4:
            w, x, y, z = a4
            return b''.join((c1, c2, c3, _p19(w, x, y, z)))
        return b''.join((c1, c2, c3, _a3[len(a4)](*a4)))
    except Exception as error:
        blame('usbredir.EpInfo', v, error)


def build_EpInfoStreams(v):
    try:
        a1 = v.type
        if len(a1) != 32:
            raise ValueError
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            c1 = _p12(w)
        elif len(a1) == 2:
            w, x = a1
            c1 = _p13(w, x)
        elif len(a1) == 3:
            w, x, y = a1
            c1 = _p14(w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            c1 = _p15(w, x, y, z)
        else:
            c1 = _a2[len(a1)](*a1)
        a2 = v.interval
        if len(a2) != 32:
            raise ValueError
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            c2 = _p12(w)
        elif len(a2) == 2:
            w, x = a2
            c2 = _p13(w, x)
        elif len(a2) == 3:
            w, x, y = a2
            c2 = _p14(w, x, y)
        elif len(a2) == 4:
            w, x, y, z = a2
            c2 = _p15(w, x, y, z)
        else:
            c2 = _a2[len(a2)](*a2)
        a3 = v.interface
        if len(a3) != 32:
            raise ValueError
        if type(a3) is not tuple:
            sequence(a3)
        if len(a3) == 1:
            w, = a3
            c3 = _p12(w)
        elif len(a3) == 2:
            w, x = a3
            c3 = _p13(w, x)
        elif len(a3) == 3:
            w, x, y = a3
            c3 = _p14(w, x, y)
        elif len(a3) == 4:
            w, x, y, z = a3
            c3 = _p15(w, x, y, z)
        else:
            c3 = _a2[len(a3)](*a3)
        a4 = v.max_packet_size
        if len(a4) != 32:
            raise ValueError
        if type(a4) is not tuple:
            sequence(a4)
        if len(a4) == 1:
            w, = a4
            c4 = _p16(w)
        elif len(a4) == 2:
            w, x = a4
            c4 = _p17(w, x)
        elif len(a4) == 3:
            w, x, y = a4
            c4 = _p18(w, x, y)
        elif len(a4) == 4:
            w, x, y, z = a4
            c4 = _p19(w, x, y, z)
        else:
            c4 = _a3[len(a4)](*a4)
        a5 = v.max_streams
        if len(a5) != 32:
            raise ValueError
        if type(a5) is not tuple:
            sequence(a5)
        if len(a5) == 1:
            w, = a5
            return b''.join((c1, c2, c3, c4, _p20(w)))
        elif len(a5) == 2:
            w, x = a5
            return b''.join((c1, c2, c3, c4, _p21(w, x)))
        elif len(a5) == 3:
            w, x, y = a5
            return b''.join((c1, c2, c3, c4, _p0(w, x, y)))
        elif len(a5) == 4:
            w, x, y, z = a5
            return b''.join((c1, c2, c3, c4, _p22(w, x, y, z)))
        return b''.join((c1, c2, c3, c4, _a4[len(a5)](*a5)))
    except Exception as error:
        blame('usbredir.EpInfoStreams', v, error)


def build_SetConfiguration(v):
    try:
        return _p12(v.configuration)
    except Exception as error:
        blame('usbredir.SetConfiguration', v, error)


def build_GetConfiguration(v):
    if not isinstance(v, usbredir_GetConfiguration):
        blame('usbredir.GetConfiguration', v, TypeError())
    return b''


def build_ConfigurationStatus(v):
    try:
        return _p13(v.status, v.configuration)
    except Exception as error:
        blame('usbredir.ConfigurationStatus', v, error)


def build_SetAltSetting(v):
    try:
        return _p13(v.interface, v.alt)
    except Exception as error:
        blame('usbredir.SetAltSetting', v, error)


def build_GetAltSetting(v):
    try:
        return _p12(v.interface)
    except Exception as error:
        blame('usbredir.GetAltSetting', v, error)


def build_AltSettingStatus(v):
    try:
        return _p14(v.status, v.interface, v.alt)
    except Exception as error:
        blame('usbredir.AltSettingStatus', v, error)


def build_StartIsoStream(v):
    try:
        return _p14(v.endpoint, v.pkts_per_urb, v.no_urbs)
    except Exception as error:
        blame('usbredir.StartIsoStream', v, error)


def build_StopIsoStream(v):
    try:
        return _p12(v.endpoint)
    except Exception as error:
        blame('usbredir.StopIsoStream', v, error)


def build_IsoStreamStatus(v):
    try:
        return _p13(v.status, v.endpoint)
    except Exception as error:
        blame('usbredir.IsoStreamStatus', v, error)


def build_StartInterruptReceiving(v):
    try:
        return _p12(v.endpoint)
    except Exception as error:
        blame('usbredir.StartInterruptReceiving', v, error)


def build_StopInterruptReceiving(v):
    try:
        return _p12(v.endpoint)
    except Exception as error:
        blame('usbredir.StopInterruptReceiving', v, error)


def build_InterruptReceivingStatus(v):
    try:
        return _p13(v.status, v.endpoint)
    except Exception as error:
        blame('usbredir.InterruptReceivingStatus', v, error)


def build_AllocBulkStreams(v):
    try:
        return _p21(v.endpoints, v.no_streams)
    except Exception as error:
        blame('usbredir.AllocBulkStreams', v, error)


def build_FreeBulkStreams(v):
    try:
        return _p20(v.endpoints)
    except Exception as error:
        blame('usbredir.FreeBulkStreams', v, error)


def build_BulkStreamsStatus(v):
    try:
        return _p23(v.endpoints, v.no_streams, v.status)
    except Exception as error:
        blame('usbredir.BulkStreamsStatus', v, error)


def build_CancelDataPacket(v):
    if not isinstance(v, usbredir_CancelDataPacket):
        blame('usbredir.CancelDataPacket', v, TypeError())
    return b''


def build_FilterReject(v):
    if not isinstance(v, usbredir_FilterReject):
        blame('usbredir.FilterReject', v, TypeError())
    return b''


def build_FilterFilter(v):
    try:
        a1 = v.filter
        return b'' + a1
    except Exception as error:
        blame('usbredir.FilterFilter', v, error)


def build_DeviceDisconnectAck(v):
    if not isinstance(v, usbredir_DeviceDisconnectAck):
        blame('usbredir.DeviceDisconnectAck', v, TypeError())
    return b''


def build_StartBulkReceiving(v):
    try:
        return _p24(v.stream_id, v.bytes_per_transfer, v.endpoint, v.no_transfers)
    except Exception as error:
        blame('usbredir.StartBulkReceiving', v, error)


def build_StopBulkReceiving(v):
    try:
        return _p8(v.stream_id, v.endpoint)
    except Exception as error:
        blame('usbredir.StopBulkReceiving', v, error)


def build_BulkReceivingStatus(v):
    try:
        return _p9(v.stream_id, v.endpoint, v.status)
    except Exception as error:
        blame('usbredir.BulkReceivingStatus', v, error)


def build_ControlPacket(v):
    try:
        a1 = v.data
        return _p7(v.endpoint, v.request, v.requesttype, v.status, v.value, v.index, v.length) + a1
    except Exception as error:
        blame('usbredir.ControlPacket', v, error)


def build_BulkPacketShort(v):
    try:
        a1 = v.data
        return _p25(v.endpoint, v.status, v.length, v.stream_id) + a1
    except Exception as error:
        blame('usbredir.BulkPacketShort', v, error)


def build_BulkPacket(v):
    try:
        a1 = v.data
        return _p26(v.endpoint, v.status, v.length, v.stream_id, v.length_high) + a1
    except Exception as error:
        blame('usbredir.BulkPacket', v, error)


def build_IsoPacket(v):
    try:
        a1 = v.data
        return _p27(v.endpoint, v.status, v.length) + a1
    except Exception as error:
        blame('usbredir.IsoPacket', v, error)


def build_InterruptPacket(v):
    try:
        a1 = v.data
        return _p27(v.endpoint, v.status, v.length) + a1
    except Exception as error:
        blame('usbredir.InterruptPacket', v, error)


def build_BufferedBulkPacket(v):
    try:
        a1 = v.data
        return _p24(v.stream_id, v.length, v.endpoint, v.status) + a1
    except Exception as error:
        blame('usbredir.BufferedBulkPacket', v, error)
