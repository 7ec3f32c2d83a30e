"""Summaries of usbredir. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import NameTable
from spiceproto.enums.usbredir import UsbSpeed, UsbStatus
from spiceproto.generated.parse_usbredir import parse_BufferedBulkPacket, parse_BulkPacket, parse_ControlPacket, parse_EpInfo, parse_FilterFilter, parse_InterfaceInfo, parse_InterruptPacket, parse_IsoPacket, parse_UsbredirHello
from spiceproto.summary import line

_n0 = NameTable(UsbSpeed)
_l0 = ((0, 1, 'speed'), (1, 1, 'device_class'), (2, 1, 'device_subclass'), (3, 1, 'device_protocol'), (4, 2, 'vendor_id'), (6, 2, 'product_id'), (8, 2, 'device_version_bcd'))
_u0 = Struct('<BBBBHHH').unpack_from
_i0 = Struct('<BBBBHHH').iter_unpack
_l1 = ((0, 1, 'configuration'),)
_u1 = Struct('<B').unpack_from
_i1 = Struct('<B').iter_unpack
_n1 = NameTable(UsbStatus)
_l2 = ((0, 1, 'status'), (1, 1, 'configuration'))
_u2 = Struct('<BB').unpack_from
_i2 = Struct('<BB').iter_unpack
_l3 = ((0, 1, 'interface'), (1, 1, 'alt'))
_l4 = ((0, 1, 'interface'),)
_l5 = ((0, 1, 'status'), (1, 1, 'interface'), (2, 1, 'alt'))
_u3 = Struct('<BBB').unpack_from
_i3 = Struct('<BBB').iter_unpack
_l6 = ((0, 1, 'endpoint'), (1, 1, 'pkts_per_urb'), (2, 1, 'no_urbs'))
_l7 = ((0, 1, 'endpoint'),)
_l8 = ((0, 1, 'status'), (1, 1, 'endpoint'))
_l9 = ((0, 4, 'endpoints'), (4, 4, 'no_streams'))
_u4 = Struct('<LL').unpack_from
_i4 = Struct('<LL').iter_unpack
_l10 = ((0, 4, 'endpoints'),)
_u5 = Struct('<L').unpack_from
_i5 = Struct('<L').iter_unpack
_l11 = ((0, 4, 'endpoints'), (4, 4, 'no_streams'), (8, 1, 'status'))
_u6 = Struct('<LLB').unpack_from
_i6 = Struct('<LLB').iter_unpack
_l12 = ((0, 4, 'stream_id'), (4, 4, 'bytes_per_transfer'), (8, 1, 'endpoint'), (9, 1, 'no_transfers'))
_u7 = Struct('<LLBB').unpack_from
_i7 = Struct('<LLBB').iter_unpack
_l13 = ((0, 4, 'stream_id'), (4, 1, 'endpoint'))
_u8 = Struct('<LB').unpack_from
_i8 = Struct('<LB').iter_unpack
_l14 = ((0, 4, 'stream_id'), (4, 1, 'endpoint'), (5, 1, 'status'))
_u9 = Struct('<LBB').unpack_from
_i9 = Struct('<LBB').iter_unpack


def summary_UsbredirHello(b, tail=None):
    return line(parse_UsbredirHello(b, tail), ('version',))


def values_DeviceConnect(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3, v4, v5, v6, v7 = _u0(b)
    return _n0[v1], v2, v3, v4, v5, v6, v7,


def summary_DeviceConnect(b, tail=None):
    return 'speed=%s device_class=%d device_subclass=%d device_protocol=%d vendor_id=%d product_id=%d device_version_bcd=%d' % values_DeviceConnect(b, tail)


def columns_DeviceConnect(b):
    v1, v2, v3, v4, v5, v6, v7 = zip(*_i0(b))
    return map(_n0.__getitem__, v1), v2, v3, v4, v5, v6, v7,


summary_DeviceConnect.fixed = 10, 'speed=%s device_class=%d device_subclass=%d device_protocol=%d vendor_id=%d product_id=%d device_version_bcd=%d', values_DeviceConnect, columns_DeviceConnect


def summary_DeviceDisconnect(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_Reset(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_InterfaceInfo(b, tail=None):
    return line(parse_InterfaceInfo(b, tail), ('interface_count',))


def summary_EpInfo(b, tail=None):
    return line(parse_EpInfo(b, tail), ())


def values_SetConfiguration(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u1(b)
    return v1,


def summary_SetConfiguration(b, tail=None):
    return 'configuration=%d' % values_SetConfiguration(b, tail)


def columns_SetConfiguration(b):
    v1, = zip(*_i1(b))
    return v1,


summary_SetConfiguration.fixed = 1, 'configuration=%d', values_SetConfiguration, columns_SetConfiguration


def summary_GetConfiguration(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_ConfigurationStatus(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(2)
    v1, v2 = _u2(b)
    return _n1[v1], v2,


def summary_ConfigurationStatus(b, tail=None):
    return 'status=%s configuration=%d' % values_ConfigurationStatus(b, tail)


def columns_ConfigurationStatus(b):
    v1, v2 = zip(*_i2(b))
    return map(_n1.__getitem__, v1), v2,


summary_ConfigurationStatus.fixed = 2, 'status=%s configuration=%d', values_ConfigurationStatus, columns_ConfigurationStatus


def values_SetAltSetting(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(2)
    v1, v2 = _u2(b)
    return v1, v2,


def summary_SetAltSetting(b, tail=None):
    return 'interface=%d alt=%d' % values_SetAltSetting(b, tail)


def columns_SetAltSetting(b):
    v1, v2 = zip(*_i2(b))
    return v1, v2,


summary_SetAltSetting.fixed = 2, 'interface=%d alt=%d', values_SetAltSetting, columns_SetAltSetting


def values_GetAltSetting(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u1(b)
    return v1,


def summary_GetAltSetting(b, tail=None):
    return 'interface=%d' % values_GetAltSetting(b, tail)


def columns_GetAltSetting(b):
    v1, = zip(*_i1(b))
    return v1,


summary_GetAltSetting.fixed = 1, 'interface=%d', values_GetAltSetting, columns_GetAltSetting


def values_AltSettingStatus(b, tail=None):
    n = len(b)
    if n != 3:
        if n < 3:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(3)
    v1, v2, v3 = _u3(b)
    return _n1[v1], v2, v3,


def summary_AltSettingStatus(b, tail=None):
    return 'status=%s interface=%d alt=%d' % values_AltSettingStatus(b, tail)


def columns_AltSettingStatus(b):
    v1, v2, v3 = zip(*_i3(b))
    return map(_n1.__getitem__, v1), v2, v3,


summary_AltSettingStatus.fixed = 3, 'status=%s interface=%d alt=%d', values_AltSettingStatus, columns_AltSettingStatus


def values_StartIsoStream(b, tail=None):
    n = len(b)
    if n != 3:
        if n < 3:
            raise short(_l6, 0, n)
        if tail is not None:
            tail(3)
    v1, v2, v3 = _u3(b)
    return v1, v2, v3,


def summary_StartIsoStream(b, tail=None):
    return 'endpoint=%d pkts_per_urb=%d no_urbs=%d' % values_StartIsoStream(b, tail)


def columns_StartIsoStream(b):
    v1, v2, v3 = zip(*_i3(b))
    return v1, v2, v3,


summary_StartIsoStream.fixed = 3, 'endpoint=%d pkts_per_urb=%d no_urbs=%d', values_StartIsoStream, columns_StartIsoStream


def values_StopIsoStream(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u1(b)
    return v1,


def summary_StopIsoStream(b, tail=None):
    return 'endpoint=%d' % values_StopIsoStream(b, tail)


def columns_StopIsoStream(b):
    v1, = zip(*_i1(b))
    return v1,


summary_StopIsoStream.fixed = 1, 'endpoint=%d', values_StopIsoStream, columns_StopIsoStream


def values_IsoStreamStatus(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l8, 0, n)
        if tail is not None:
            tail(2)
    v1, v2 = _u2(b)
    return _n1[v1], v2,


def summary_IsoStreamStatus(b, tail=None):
    return 'status=%s endpoint=%d' % values_IsoStreamStatus(b, tail)


def columns_IsoStreamStatus(b):
    v1, v2 = zip(*_i2(b))
    return map(_n1.__getitem__, v1), v2,


summary_IsoStreamStatus.fixed = 2, 'status=%s endpoint=%d', values_IsoStreamStatus, columns_IsoStreamStatus


def values_StartInterruptReceiving(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u1(b)
    return v1,


def summary_StartInterruptReceiving(b, tail=None):
    return 'endpoint=%d' % values_StartInterruptReceiving(b, tail)


def columns_StartInterruptReceiving(b):
    v1, = zip(*_i1(b))
    return v1,


summary_StartInterruptReceiving.fixed = 1, 'endpoint=%d', values_StartInterruptReceiving, columns_StartInterruptReceiving


def values_StopInterruptReceiving(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u1(b)
    return v1,


def summary_StopInterruptReceiving(b, tail=None):
    return 'endpoint=%d' % values_StopInterruptReceiving(b, tail)


def columns_StopInterruptReceiving(b):
    v1, = zip(*_i1(b))
    return v1,


summary_StopInterruptReceiving.fixed = 1, 'endpoint=%d', values_StopInterruptReceiving, columns_StopInterruptReceiving


def values_InterruptReceivingStatus(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l8, 0, n)
        if tail is not None:
            tail(2)
    v1, v2 = _u2(b)
    return _n1[v1], v2,


def summary_InterruptReceivingStatus(b, tail=None):
    return 'status=%s endpoint=%d' % values_InterruptReceivingStatus(b, tail)


def columns_InterruptReceivingStatus(b):
    v1, v2 = zip(*_i2(b))
    return map(_n1.__getitem__, v1), v2,


summary_InterruptReceivingStatus.fixed = 2, 'status=%s endpoint=%d', values_InterruptReceivingStatus, columns_InterruptReceivingStatus


def values_AllocBulkStreams(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l9, 0, n)
        if tail is not None:
            tail(8)
    v1, v2 = _u4(b)
    return v1, v2,


def summary_AllocBulkStreams(b, tail=None):
    return 'endpoints=%d no_streams=%d' % values_AllocBulkStreams(b, tail)


def columns_AllocBulkStreams(b):
    v1, v2 = zip(*_i4(b))
    return v1, v2,


summary_AllocBulkStreams.fixed = 8, 'endpoints=%d no_streams=%d', values_AllocBulkStreams, columns_AllocBulkStreams


def values_FreeBulkStreams(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l10, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u5(b)
    return v1,


def summary_FreeBulkStreams(b, tail=None):
    return 'endpoints=%d' % values_FreeBulkStreams(b, tail)


def columns_FreeBulkStreams(b):
    v1, = zip(*_i5(b))
    return v1,


summary_FreeBulkStreams.fixed = 4, 'endpoints=%d', values_FreeBulkStreams, columns_FreeBulkStreams


def values_BulkStreamsStatus(b, tail=None):
    n = len(b)
    if n != 9:
        if n < 9:
            raise short(_l11, 0, n)
        if tail is not None:
            tail(9)
    v1, v2, v3 = _u6(b)
    return v1, v2, _n1[v3],


def summary_BulkStreamsStatus(b, tail=None):
    return 'endpoints=%d no_streams=%d status=%s' % values_BulkStreamsStatus(b, tail)


def columns_BulkStreamsStatus(b):
    v1, v2, v3 = zip(*_i6(b))
    return v1, v2, map(_n1.__getitem__, v3),


summary_BulkStreamsStatus.fixed = 9, 'endpoints=%d no_streams=%d status=%s', values_BulkStreamsStatus, columns_BulkStreamsStatus


def summary_CancelDataPacket(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_FilterReject(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_FilterFilter(b, tail=None):
    return line(parse_FilterFilter(b, tail), ('filter',))


def summary_DeviceDisconnectAck(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_StartBulkReceiving(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l12, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3, v4 = _u7(b)
    return v1, v2, v3, v4,


def summary_StartBulkReceiving(b, tail=None):
    return 'stream_id=%d bytes_per_transfer=%d endpoint=%d no_transfers=%d' % values_StartBulkReceiving(b, tail)


def columns_StartBulkReceiving(b):
    v1, v2, v3, v4 = zip(*_i7(b))
    return v1, v2, v3, v4,


summary_StartBulkReceiving.fixed = 10, 'stream_id=%d bytes_per_transfer=%d endpoint=%d no_transfers=%d', values_StartBulkReceiving, columns_StartBulkReceiving


def values_StopBulkReceiving(b, tail=None):
    n = len(b)
    if n != 5:
        if n < 5:
            raise short(_l13, 0, n)
        if tail is not None:
            tail(5)
    v1, v2 = _u8(b)
    return v1, v2,


def summary_StopBulkReceiving(b, tail=None):
    return 'stream_id=%d endpoint=%d' % values_StopBulkReceiving(b, tail)


def columns_StopBulkReceiving(b):
    v1, v2 = zip(*_i8(b))
    return v1, v2,


summary_StopBulkReceiving.fixed = 5, 'stream_id=%d endpoint=%d', values_StopBulkReceiving, columns_StopBulkReceiving


def values_BulkReceivingStatus(b, tail=None):
    n = len(b)
    if n != 6:
        if n < 6:
            raise short(_l14, 0, n)
        if tail is not None:
            tail(6)
    v1, v2, v3 = _u9(b)
    return v1, v2, _n1[v3],


def summary_BulkReceivingStatus(b, tail=None):
    return 'stream_id=%d endpoint=%d status=%s' % values_BulkReceivingStatus(b, tail)


def columns_BulkReceivingStatus(b):
    v1, v2, v3 = zip(*_i9(b))
    return v1, v2, map(_n1.__getitem__, v3),


summary_BulkReceivingStatus.fixed = 6, 'stream_id=%d endpoint=%d status=%s', values_BulkReceivingStatus, columns_BulkReceivingStatus


def summary_ControlPacket(b, tail=None):
    return line(parse_ControlPacket(b, tail), ('endpoint', 'request', 'requesttype', 'status', 'value', 'index', 'length'))


def summary_BulkPacket(b, tail=None):
    return line(parse_BulkPacket(b, tail), ('endpoint', 'status', 'length', 'stream_id', 'length_high'))


def summary_IsoPacket(b, tail=None):
    return line(parse_IsoPacket(b, tail), ('endpoint', 'status', 'length'))


def summary_InterruptPacket(b, tail=None):
    return line(parse_InterruptPacket(b, tail), ('endpoint', 'status', 'length'))


def summary_BufferedBulkPacket(b, tail=None):
    return line(parse_BufferedBulkPacket(b, tail), ('stream_id', 'length', 'endpoint', 'status'))
