"""Which number is which message. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit.

Table and sender -> lines of number, name, prefix of the wire constant (- for none), module, value class, and
``values`` if the message has a domain, otherwise ``any``.
They are text because a program uses a few tables, and text costs nothing until it is read.
"""

TABLES = {
    'main': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 MIGRATE_BEGIN MAIN main MigrateBegin values
102 MIGRATE_CANCEL MAIN main MigrateCancel any
103 INIT MAIN main Init values
104 CHANNELS_LIST MAIN main ChannelsList any
105 MOUSE_MODE MAIN main MouseModeMessage values
106 MULTI_MEDIA_TIME MAIN main MultiMediaTime any
107 AGENT_CONNECTED MAIN main AgentConnected any
108 AGENT_DISCONNECTED MAIN main AgentDisconnected values
109 AGENT_DATA MAIN main AgentData any
110 AGENT_TOKEN MAIN main AgentToken any
111 MIGRATE_SWITCH_HOST MAIN main MigrateSwitchHost values
112 MIGRATE_END MAIN main MigrateEnd any
113 NAME MAIN main Name values
114 UUID MAIN main Uuid any
115 AGENT_CONNECTED_TOKENS MAIN main AgentConnectedTokens any
116 MIGRATE_BEGIN_SEAMLESS MAIN main MigrateBeginSeamless values
117 MIGRATE_DST_SEAMLESS_ACK MAIN main MigrateDstSeamlessAck any
118 MIGRATE_DST_SEAMLESS_NACK MAIN main MigrateDstSeamlessNack any
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
101 CLIENT_INFO MAIN main ClientInfo any
102 MIGRATE_CONNECTED MAIN main MigrateConnected any
103 MIGRATE_CONNECT_ERROR MAIN main MigrateConnectError any
104 ATTACH_CHANNELS MAIN main AttachChannels any
105 MOUSE_MODE_REQUEST MAIN main MouseModeRequest values
106 AGENT_START MAIN main AgentStart any
107 AGENT_DATA MAIN main AgentData any
108 AGENT_TOKEN MAIN main AgentToken any
109 MIGRATE_END MAIN main MigrateEnd any
110 MIGRATE_DST_DO_SEAMLESS MAIN main MigrateDstDoSeamless any
111 MIGRATE_CONNECTED_SEAMLESS MAIN main MigrateConnectedSeamless any
112 QUALITY_INDICATOR MAIN main QualityIndicator any
""",
    },
    'display': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 MODE DISPLAY display Mode any
102 MARK DISPLAY display Mark any
103 RESET DISPLAY display Reset any
104 COPY_BITS DISPLAY display CopyBits values
105 INVAL_LIST DISPLAY display InvalList values
106 INVAL_ALL_PIXMAPS DISPLAY display InvalAllPixmaps any
107 INVAL_PALETTE DISPLAY display InvalPalette any
108 INVAL_ALL_PALETTES DISPLAY display InvalAllPalettes any
122 STREAM_CREATE DISPLAY display StreamCreate values
123 STREAM_DATA DISPLAY display StreamData values
124 STREAM_CLIP DISPLAY display StreamClip values
125 STREAM_DESTROY DISPLAY display StreamDestroy values
126 STREAM_DESTROY_ALL DISPLAY display StreamDestroyAll any
302 DRAW_FILL DISPLAY display DrawFill values
303 DRAW_OPAQUE DISPLAY display DrawOpaque values
304 DRAW_COPY DISPLAY display DrawCopy values
305 DRAW_BLEND DISPLAY display DrawBlend values
306 DRAW_BLACKNESS DISPLAY display DrawBlackness values
307 DRAW_WHITENESS DISPLAY display DrawWhiteness values
308 DRAW_INVERS DISPLAY display DrawInvers values
309 DRAW_ROP3 DISPLAY display DrawRop3 values
310 DRAW_STROKE DISPLAY display DrawStroke values
311 DRAW_TEXT DISPLAY display DrawText values
312 DRAW_TRANSPARENT DISPLAY display DrawTransparent values
313 DRAW_ALPHA_BLEND DISPLAY display DrawAlphaBlend values
314 SURFACE_CREATE DISPLAY display SurfaceCreate values
315 SURFACE_DESTROY DISPLAY display SurfaceDestroy any
316 STREAM_DATA_SIZED DISPLAY display StreamDataSized values
317 MONITORS_CONFIG DISPLAY display MonitorsConfig values
318 DRAW_COMPOSITE DISPLAY display DrawComposite values
319 STREAM_ACTIVATE_REPORT DISPLAY display StreamActivateReport values
320 GL_SCANOUT_UNIX DISPLAY display GlScanoutUnix values
321 GL_DRAW DISPLAY display GlDraw any
322 QUALITY_INDICATOR DISPLAY display QualityIndicator any
323 GL_SCANOUT2_UNIX DISPLAY display GlScanout2Unix values
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
101 INIT DISPLAY display Init values
102 STREAM_REPORT DISPLAY display StreamReport values
103 PREFERRED_COMPRESSION DISPLAY display PreferredCompression values
104 GL_DRAW_DONE DISPLAY display GlDrawDone any
105 PREFERRED_VIDEO_CODEC_TYPE DISPLAY display PreferredVideoCodecType values
""",
    },
    'inputs': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 INIT INPUTS inputs Init values
102 KEY_MODIFIERS INPUTS inputs KeyModifiers values
111 MOUSE_MOTION_ACK INPUTS inputs MouseMotionAck any
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
101 KEY_DOWN INPUTS inputs KeyDown values
102 KEY_UP INPUTS inputs KeyUp values
103 KEY_MODIFIERS INPUTS inputs KeyModifiers values
104 KEY_SCANCODE INPUTS inputs KeyScancode values
111 MOUSE_MOTION INPUTS inputs MouseMotion values
112 MOUSE_POSITION INPUTS inputs MousePosition values
113 MOUSE_PRESS INPUTS inputs MousePress values
114 MOUSE_RELEASE INPUTS inputs MouseRelease values
""",
    },
    'cursor': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 INIT CURSOR cursor Init values
102 RESET CURSOR cursor Reset any
103 SET CURSOR cursor Set values
104 MOVE CURSOR cursor Move any
105 HIDE CURSOR cursor Hide any
106 TRAIL CURSOR cursor Trail any
107 INVAL_ONE CURSOR cursor InvalOne any
108 INVAL_ALL CURSOR cursor InvalAll any
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
""",
    },
    'playback': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 DATA PLAYBACK playback Data any
102 MODE PLAYBACK playback Mode values
103 START PLAYBACK playback Start values
104 STOP PLAYBACK playback Stop any
105 VOLUME PLAYBACK playback Volume values
106 MUTE PLAYBACK playback Mute values
107 LATENCY PLAYBACK playback Latency any
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
""",
    },
    'record': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 START RECORD record Start values
102 STOP RECORD record Stop any
103 VOLUME RECORD record Volume values
104 MUTE RECORD record Mute values
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
101 DATA RECORD record Data any
102 MODE RECORD record Mode values
103 START_MARK RECORD record StartMark any
""",
    },
    'tunnel': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 INIT TUNNEL tunnel Init any
102 SERVICE_IP_MAP TUNNEL tunnel ServiceIpMap any
103 SOCKET_OPEN TUNNEL tunnel SocketOpen any
104 SOCKET_FIN TUNNEL tunnel SocketFin any
105 SOCKET_CLOSE TUNNEL tunnel SocketClose any
106 SOCKET_DATA TUNNEL tunnel SocketData any
107 SOCKET_CLOSED_ACK TUNNEL tunnel SocketClosedAck any
108 SOCKET_TOKEN TUNNEL tunnel SocketToken any
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
101 SERVICE_ADD TUNNEL tunnel ServiceAdd any
102 SERVICE_REMOVE TUNNEL tunnel ServiceRemove any
103 SOCKET_OPEN_ACK TUNNEL tunnel SocketOpenAck any
104 SOCKET_OPEN_NACK TUNNEL tunnel SocketOpenNack any
105 SOCKET_FIN TUNNEL tunnel SocketFin any
106 SOCKET_CLOSED TUNNEL tunnel SocketClosed any
107 SOCKET_CLOSED_ACK TUNNEL tunnel SocketClosedAck any
108 SOCKET_DATA TUNNEL tunnel SocketData any
109 SOCKET_TOKEN TUNNEL tunnel SocketToken any
""",
    },
    'smartcard': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 DATA SMARTCARD smartcard Data values
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
101 DATA SMARTCARD smartcard Data values
""",
    },
    'usbredir': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 DATA SPICEVMC spicevmc Data any
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData values
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
101 DATA SPICEVMC spicevmc Data any
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData values
""",
    },
    'port': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 DATA SPICEVMC spicevmc Data any
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData values
201 INIT PORT port Init values
202 EVENT PORT port Event values
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
101 DATA SPICEVMC spicevmc Data any
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData values
201 EVENT PORT port Event values
""",
    },
    'webdav': {
        'server': """\
1 MIGRATE - common Migrate values
2 MIGRATE_DATA - common MigrateData any
3 SET_ACK - common SetAck any
4 PING - common Ping any
5 WAIT_FOR_CHANNELS - common WaitForChannels any
6 DISCONNECTING - common Disconnecting values
7 NOTIFY - common Notify values
8 LIST - common List any
100 BASE_LAST - common BaseLast any
101 DATA SPICEVMC spicevmc Data any
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData values
201 INIT PORT port Init values
202 EVENT PORT port Event values
""",
        'client': """\
1 ACK_SYNC - common AckSync any
2 ACK - common Ack any
3 PONG - common Pong any
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark any
5 MIGRATE_DATA - common MigrateData any
6 DISCONNECTING - common Disconnecting values
101 DATA SPICEVMC spicevmc Data any
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData values
201 EVENT PORT port Event values
""",
    },
    'agent': {
        'server': """\
1 MOUSE_STATE VD_AGENT agent MouseState any
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig any
3 REPLY VD_AGENT agent Reply any
4 CLIPBOARD VD_AGENT agent Clipboard any
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig any
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities any
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrab any
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequest any
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardRelease any
10 FILE_XFER_START VD_AGENT agent FileXferStart any
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage any
12 FILE_XFER_DATA VD_AGENT agent FileXferData any
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected any
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard any
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync any
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo any
""",
        'client': """\
1 MOUSE_STATE VD_AGENT agent MouseState any
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig any
3 REPLY VD_AGENT agent Reply any
4 CLIPBOARD VD_AGENT agent Clipboard any
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig any
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities any
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrab any
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequest any
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardRelease any
10 FILE_XFER_START VD_AGENT agent FileXferStart any
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage any
12 FILE_XFER_DATA VD_AGENT agent FileXferData any
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected any
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard any
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync any
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo any
""",
    },
    'agent_selection': {
        'server': """\
1 MOUSE_STATE VD_AGENT agent MouseState any
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig any
3 REPLY VD_AGENT agent Reply any
4 CLIPBOARD VD_AGENT agent ClipboardSelected any
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig any
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities any
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSelected any
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequestSelected any
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardReleaseSelected any
10 FILE_XFER_START VD_AGENT agent FileXferStart any
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage any
12 FILE_XFER_DATA VD_AGENT agent FileXferData any
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected any
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard any
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync any
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo any
""",
        'client': """\
1 MOUSE_STATE VD_AGENT agent MouseState any
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig any
3 REPLY VD_AGENT agent Reply any
4 CLIPBOARD VD_AGENT agent ClipboardSelected any
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig any
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities any
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSelected any
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequestSelected any
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardReleaseSelected any
10 FILE_XFER_START VD_AGENT agent FileXferStart any
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage any
12 FILE_XFER_DATA VD_AGENT agent FileXferData any
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected any
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard any
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync any
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo any
""",
    },
    'agent_serial': {
        'server': """\
1 MOUSE_STATE VD_AGENT agent MouseState any
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig any
3 REPLY VD_AGENT agent Reply any
4 CLIPBOARD VD_AGENT agent Clipboard any
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig any
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities any
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSerial any
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequest any
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardRelease any
10 FILE_XFER_START VD_AGENT agent FileXferStart any
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage any
12 FILE_XFER_DATA VD_AGENT agent FileXferData any
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected any
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard any
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync any
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo any
""",
        'client': """\
1 MOUSE_STATE VD_AGENT agent MouseState any
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig any
3 REPLY VD_AGENT agent Reply any
4 CLIPBOARD VD_AGENT agent Clipboard any
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig any
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities any
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSerial any
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequest any
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardRelease any
10 FILE_XFER_START VD_AGENT agent FileXferStart any
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage any
12 FILE_XFER_DATA VD_AGENT agent FileXferData any
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected any
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard any
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync any
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo any
""",
    },
    'agent_selection_serial': {
        'server': """\
1 MOUSE_STATE VD_AGENT agent MouseState any
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig any
3 REPLY VD_AGENT agent Reply any
4 CLIPBOARD VD_AGENT agent ClipboardSelected any
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig any
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities any
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSelectedSerial any
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequestSelected any
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardReleaseSelected any
10 FILE_XFER_START VD_AGENT agent FileXferStart any
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage any
12 FILE_XFER_DATA VD_AGENT agent FileXferData any
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected any
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard any
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync any
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo any
""",
        'client': """\
1 MOUSE_STATE VD_AGENT agent MouseState any
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig any
3 REPLY VD_AGENT agent Reply any
4 CLIPBOARD VD_AGENT agent ClipboardSelected any
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig any
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities any
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSelectedSerial any
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequestSelected any
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardReleaseSelected any
10 FILE_XFER_START VD_AGENT agent FileXferStart any
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage any
12 FILE_XFER_DATA VD_AGENT agent FileXferData any
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected any
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard any
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync any
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo any
""",
    },
    'vsc': {
        'server': """\
1 Init VSC smartcard VscInit any
2 Error VSC smartcard VscError any
3 ReaderAdd VSC smartcard VscReaderAdd any
4 ReaderRemove VSC smartcard VscReaderRemove any
5 ATR VSC smartcard VscAtr any
6 CardRemove VSC smartcard VscCardRemove any
7 APDU VSC smartcard VscApdu any
8 Flush VSC smartcard VscFlush any
9 FlushComplete VSC smartcard VscFlushComplete any
""",
        'client': """\
1 Init VSC smartcard VscInit any
2 Error VSC smartcard VscError any
3 ReaderAdd VSC smartcard VscReaderAdd any
4 ReaderRemove VSC smartcard VscReaderRemove any
5 ATR VSC smartcard VscAtr any
6 CardRemove VSC smartcard VscCardRemove any
7 APDU VSC smartcard VscApdu any
8 Flush VSC smartcard VscFlush any
9 FlushComplete VSC smartcard VscFlushComplete any
""",
    },
    'usb': {
        'server': """\
0 HELLO USB_REDIR usbredir UsbredirHello any
3 RESET USB_REDIR usbredir Reset any
6 SET_CONFIGURATION USB_REDIR usbredir SetConfiguration any
7 GET_CONFIGURATION USB_REDIR usbredir GetConfiguration any
9 SET_ALT_SETTING USB_REDIR usbredir SetAltSetting any
10 GET_ALT_SETTING USB_REDIR usbredir GetAltSetting any
12 START_ISO_STREAM USB_REDIR usbredir StartIsoStream any
13 STOP_ISO_STREAM USB_REDIR usbredir StopIsoStream any
15 START_INTERRUPT_RECEIVING USB_REDIR usbredir StartInterruptReceiving any
16 STOP_INTERRUPT_RECEIVING USB_REDIR usbredir StopInterruptReceiving any
18 ALLOC_BULK_STREAMS USB_REDIR usbredir AllocBulkStreams any
19 FREE_BULK_STREAMS USB_REDIR usbredir FreeBulkStreams any
21 CANCEL_DATA_PACKET USB_REDIR usbredir CancelDataPacket any
22 FILTER_REJECT USB_REDIR usbredir FilterReject any
23 FILTER_FILTER USB_REDIR usbredir FilterFilter any
24 DEVICE_DISCONNECT_ACK USB_REDIR usbredir DeviceDisconnectAck any
25 START_BULK_RECEIVING USB_REDIR usbredir StartBulkReceiving any
26 STOP_BULK_RECEIVING USB_REDIR usbredir StopBulkReceiving any
100 CONTROL_PACKET USB_REDIR usbredir ControlPacket any
101 BULK_PACKET USB_REDIR usbredir BulkPacket any
102 ISO_PACKET USB_REDIR usbredir IsoPacket any
103 INTERRUPT_PACKET USB_REDIR usbredir InterruptPacket any
""",
        'client': """\
0 HELLO USB_REDIR usbredir UsbredirHello any
1 DEVICE_CONNECT USB_REDIR usbredir DeviceConnect any
2 DEVICE_DISCONNECT USB_REDIR usbredir DeviceDisconnect any
4 INTERFACE_INFO USB_REDIR usbredir InterfaceInfo any
5 EP_INFO USB_REDIR usbredir EpInfo any
8 CONFIGURATION_STATUS USB_REDIR usbredir ConfigurationStatus any
11 ALT_SETTING_STATUS USB_REDIR usbredir AltSettingStatus any
14 ISO_STREAM_STATUS USB_REDIR usbredir IsoStreamStatus any
17 INTERRUPT_RECEIVING_STATUS USB_REDIR usbredir InterruptReceivingStatus any
20 BULK_STREAMS_STATUS USB_REDIR usbredir BulkStreamsStatus any
23 FILTER_FILTER USB_REDIR usbredir FilterFilter any
27 BULK_RECEIVING_STATUS USB_REDIR usbredir BulkReceivingStatus any
100 CONTROL_PACKET USB_REDIR usbredir ControlPacket any
101 BULK_PACKET USB_REDIR usbredir BulkPacket any
102 ISO_PACKET USB_REDIR usbredir IsoPacket any
103 INTERRUPT_PACKET USB_REDIR usbredir InterruptPacket any
104 BUFFERED_BULK_PACKET USB_REDIR usbredir BufferedBulkPacket any
""",
    },
    'migration': {
        'server': """\
1145914180 DISPLAY MIGRATE_DATA migration Display any
1145914185 INPUTS MIGRATE_DATA migration Inputs any
1145914195 SMARTCARD MIGRATE_DATA migration Smartcard any
1145917005 MAIN MIGRATE_DATA migration Main any
1145919059 SPICEVMC MIGRATE_DATA migration Spicevmc any
""",
        'client': """\
1145914180 DISPLAY MIGRATE_DATA migration Display any
1145914185 INPUTS MIGRATE_DATA migration Inputs any
1145914195 SMARTCARD MIGRATE_DATA migration Smartcard any
1145917005 MAIN MIGRATE_DATA migration Main any
1145919059 SPICEVMC MIGRATE_DATA migration Spicevmc any
""",
    },
}

SENTENCES = frozenset(('SPICE-FRAME-040', 'SPICE-FRAME-046', 'SPICE-KEY-002', 'SPICE-KEY-007', 'SPICE-MAIN-003', 'SPICE-MONITOR-001', 'SPICE-MOUSE-001', 'SPICE-MOUSE-007',))
"""Sentences that the domains of all messages name."""
