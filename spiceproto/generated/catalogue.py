"""Which number is which message. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit.

Table and sender -> lines of number, name, prefix of the wire constant (- for none), module, value class.
They are text because a program uses a few tables, and text costs nothing until it is read.
"""

TABLES = {
    'main': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 MIGRATE_BEGIN MAIN main MigrateBegin
102 MIGRATE_CANCEL MAIN main MigrateCancel
103 INIT MAIN main Init
104 CHANNELS_LIST MAIN main ChannelsList
105 MOUSE_MODE MAIN main MouseModeMessage
106 MULTI_MEDIA_TIME MAIN main MultiMediaTime
107 AGENT_CONNECTED MAIN main AgentConnected
108 AGENT_DISCONNECTED MAIN main AgentDisconnected
109 AGENT_DATA MAIN main AgentData
110 AGENT_TOKEN MAIN main AgentToken
111 MIGRATE_SWITCH_HOST MAIN main MigrateSwitchHost
112 MIGRATE_END MAIN main MigrateEnd
113 NAME MAIN main Name
114 UUID MAIN main Uuid
115 AGENT_CONNECTED_TOKENS MAIN main AgentConnectedTokens
116 MIGRATE_BEGIN_SEAMLESS MAIN main MigrateBeginSeamless
117 MIGRATE_DST_SEAMLESS_ACK MAIN main MigrateDstSeamlessAck
118 MIGRATE_DST_SEAMLESS_NACK MAIN main MigrateDstSeamlessNack
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
101 CLIENT_INFO MAIN main ClientInfo
102 MIGRATE_CONNECTED MAIN main MigrateConnected
103 MIGRATE_CONNECT_ERROR MAIN main MigrateConnectError
104 ATTACH_CHANNELS MAIN main AttachChannels
105 MOUSE_MODE_REQUEST MAIN main MouseModeRequest
106 AGENT_START MAIN main AgentStart
107 AGENT_DATA MAIN main AgentData
108 AGENT_TOKEN MAIN main AgentToken
109 MIGRATE_END MAIN main MigrateEnd
110 MIGRATE_DST_DO_SEAMLESS MAIN main MigrateDstDoSeamless
111 MIGRATE_CONNECTED_SEAMLESS MAIN main MigrateConnectedSeamless
112 QUALITY_INDICATOR MAIN main QualityIndicator
""",
    },
    'display': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 MODE DISPLAY display Mode
102 MARK DISPLAY display Mark
103 RESET DISPLAY display Reset
104 COPY_BITS DISPLAY display CopyBits
105 INVAL_LIST DISPLAY display InvalList
106 INVAL_ALL_PIXMAPS DISPLAY display InvalAllPixmaps
107 INVAL_PALETTE DISPLAY display InvalPalette
108 INVAL_ALL_PALETTES DISPLAY display InvalAllPalettes
122 STREAM_CREATE DISPLAY display StreamCreate
123 STREAM_DATA DISPLAY display StreamData
124 STREAM_CLIP DISPLAY display StreamClip
125 STREAM_DESTROY DISPLAY display StreamDestroy
126 STREAM_DESTROY_ALL DISPLAY display StreamDestroyAll
302 DRAW_FILL DISPLAY display DrawFill
303 DRAW_OPAQUE DISPLAY display DrawOpaque
304 DRAW_COPY DISPLAY display DrawCopy
305 DRAW_BLEND DISPLAY display DrawBlend
306 DRAW_BLACKNESS DISPLAY display DrawBlackness
307 DRAW_WHITENESS DISPLAY display DrawWhiteness
308 DRAW_INVERS DISPLAY display DrawInvers
309 DRAW_ROP3 DISPLAY display DrawRop3
310 DRAW_STROKE DISPLAY display DrawStroke
311 DRAW_TEXT DISPLAY display DrawText
312 DRAW_TRANSPARENT DISPLAY display DrawTransparent
313 DRAW_ALPHA_BLEND DISPLAY display DrawAlphaBlend
314 SURFACE_CREATE DISPLAY display SurfaceCreate
315 SURFACE_DESTROY DISPLAY display SurfaceDestroy
316 STREAM_DATA_SIZED DISPLAY display StreamDataSized
317 MONITORS_CONFIG DISPLAY display MonitorsConfig
318 DRAW_COMPOSITE DISPLAY display DrawComposite
319 STREAM_ACTIVATE_REPORT DISPLAY display StreamActivateReport
320 GL_SCANOUT_UNIX DISPLAY display GlScanoutUnix
321 GL_DRAW DISPLAY display GlDraw
322 QUALITY_INDICATOR DISPLAY display QualityIndicator
323 GL_SCANOUT2_UNIX DISPLAY display GlScanout2Unix
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
101 INIT DISPLAY display Init
102 STREAM_REPORT DISPLAY display StreamReport
103 PREFERRED_COMPRESSION DISPLAY display PreferredCompression
104 GL_DRAW_DONE DISPLAY display GlDrawDone
105 PREFERRED_VIDEO_CODEC_TYPE DISPLAY display PreferredVideoCodecType
""",
    },
    'inputs': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 INIT INPUTS inputs Init
102 KEY_MODIFIERS INPUTS inputs KeyModifiers
111 MOUSE_MOTION_ACK INPUTS inputs MouseMotionAck
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
101 KEY_DOWN INPUTS inputs KeyDown
102 KEY_UP INPUTS inputs KeyUp
103 KEY_MODIFIERS INPUTS inputs KeyModifiers
104 KEY_SCANCODE INPUTS inputs KeyScancode
111 MOUSE_MOTION INPUTS inputs MouseMotion
112 MOUSE_POSITION INPUTS inputs MousePosition
113 MOUSE_PRESS INPUTS inputs MousePress
114 MOUSE_RELEASE INPUTS inputs MouseRelease
""",
    },
    'cursor': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 INIT CURSOR cursor Init
102 RESET CURSOR cursor Reset
103 SET CURSOR cursor Set
104 MOVE CURSOR cursor Move
105 HIDE CURSOR cursor Hide
106 TRAIL CURSOR cursor Trail
107 INVAL_ONE CURSOR cursor InvalOne
108 INVAL_ALL CURSOR cursor InvalAll
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
""",
    },
    'playback': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 DATA PLAYBACK playback Data
102 MODE PLAYBACK playback Mode
103 START PLAYBACK playback Start
104 STOP PLAYBACK playback Stop
105 VOLUME PLAYBACK playback Volume
106 MUTE PLAYBACK playback Mute
107 LATENCY PLAYBACK playback Latency
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
""",
    },
    'record': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 START RECORD record Start
102 STOP RECORD record Stop
103 VOLUME RECORD record Volume
104 MUTE RECORD record Mute
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
101 DATA RECORD record Data
102 MODE RECORD record Mode
103 START_MARK RECORD record StartMark
""",
    },
    'tunnel': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 INIT TUNNEL tunnel Init
102 SERVICE_IP_MAP TUNNEL tunnel ServiceIpMap
103 SOCKET_OPEN TUNNEL tunnel SocketOpen
104 SOCKET_FIN TUNNEL tunnel SocketFin
105 SOCKET_CLOSE TUNNEL tunnel SocketClose
106 SOCKET_DATA TUNNEL tunnel SocketData
107 SOCKET_CLOSED_ACK TUNNEL tunnel SocketClosedAck
108 SOCKET_TOKEN TUNNEL tunnel SocketToken
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
101 SERVICE_ADD TUNNEL tunnel ServiceAdd
102 SERVICE_REMOVE TUNNEL tunnel ServiceRemove
103 SOCKET_OPEN_ACK TUNNEL tunnel SocketOpenAck
104 SOCKET_OPEN_NACK TUNNEL tunnel SocketOpenNack
105 SOCKET_FIN TUNNEL tunnel SocketFin
106 SOCKET_CLOSED TUNNEL tunnel SocketClosed
107 SOCKET_CLOSED_ACK TUNNEL tunnel SocketClosedAck
108 SOCKET_DATA TUNNEL tunnel SocketData
109 SOCKET_TOKEN TUNNEL tunnel SocketToken
""",
    },
    'smartcard': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 DATA SMARTCARD smartcard Data
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
101 DATA SMARTCARD smartcard Data
""",
    },
    'usbredir': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 DATA SPICEVMC spicevmc Data
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
101 DATA SPICEVMC spicevmc Data
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData
""",
    },
    'port': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 DATA SPICEVMC spicevmc Data
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData
201 INIT PORT port Init
202 EVENT PORT port Event
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
101 DATA SPICEVMC spicevmc Data
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData
201 EVENT PORT port Event
""",
    },
    'webdav': {
        'server': """\
1 MIGRATE - common Migrate
2 MIGRATE_DATA - common MigrateData
3 SET_ACK - common SetAck
4 PING - common Ping
5 WAIT_FOR_CHANNELS - common WaitForChannels
6 DISCONNECTING - common Disconnecting
7 NOTIFY - common Notify
8 LIST - common List
100 BASE_LAST - common BaseLast
101 DATA SPICEVMC spicevmc Data
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData
201 INIT PORT port Init
202 EVENT PORT port Event
""",
        'client': """\
1 ACK_SYNC - common AckSync
2 ACK - common Ack
3 PONG - common Pong
4 MIGRATE_FLUSH_MARK - common MigrateFlushMark
5 MIGRATE_DATA - common MigrateData
6 DISCONNECTING - common Disconnecting
101 DATA SPICEVMC spicevmc Data
102 COMPRESSED_DATA SPICEVMC spicevmc CompressedData
201 EVENT PORT port Event
""",
    },
    'agent': {
        'server': """\
1 MOUSE_STATE VD_AGENT agent MouseState
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig
3 REPLY VD_AGENT agent Reply
4 CLIPBOARD VD_AGENT agent Clipboard
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrab
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequest
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardRelease
10 FILE_XFER_START VD_AGENT agent FileXferStart
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage
12 FILE_XFER_DATA VD_AGENT agent FileXferData
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo
""",
        'client': """\
1 MOUSE_STATE VD_AGENT agent MouseState
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig
3 REPLY VD_AGENT agent Reply
4 CLIPBOARD VD_AGENT agent Clipboard
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrab
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequest
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardRelease
10 FILE_XFER_START VD_AGENT agent FileXferStart
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage
12 FILE_XFER_DATA VD_AGENT agent FileXferData
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo
""",
    },
    'agent_selection': {
        'server': """\
1 MOUSE_STATE VD_AGENT agent MouseState
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig
3 REPLY VD_AGENT agent Reply
4 CLIPBOARD VD_AGENT agent ClipboardSelected
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSelected
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequestSelected
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardReleaseSelected
10 FILE_XFER_START VD_AGENT agent FileXferStart
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage
12 FILE_XFER_DATA VD_AGENT agent FileXferData
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo
""",
        'client': """\
1 MOUSE_STATE VD_AGENT agent MouseState
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig
3 REPLY VD_AGENT agent Reply
4 CLIPBOARD VD_AGENT agent ClipboardSelected
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSelected
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequestSelected
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardReleaseSelected
10 FILE_XFER_START VD_AGENT agent FileXferStart
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage
12 FILE_XFER_DATA VD_AGENT agent FileXferData
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo
""",
    },
    'agent_serial': {
        'server': """\
1 MOUSE_STATE VD_AGENT agent MouseState
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig
3 REPLY VD_AGENT agent Reply
4 CLIPBOARD VD_AGENT agent Clipboard
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSerial
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequest
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardRelease
10 FILE_XFER_START VD_AGENT agent FileXferStart
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage
12 FILE_XFER_DATA VD_AGENT agent FileXferData
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo
""",
        'client': """\
1 MOUSE_STATE VD_AGENT agent MouseState
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig
3 REPLY VD_AGENT agent Reply
4 CLIPBOARD VD_AGENT agent Clipboard
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSerial
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequest
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardRelease
10 FILE_XFER_START VD_AGENT agent FileXferStart
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage
12 FILE_XFER_DATA VD_AGENT agent FileXferData
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo
""",
    },
    'agent_selection_serial': {
        'server': """\
1 MOUSE_STATE VD_AGENT agent MouseState
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig
3 REPLY VD_AGENT agent Reply
4 CLIPBOARD VD_AGENT agent ClipboardSelected
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSelectedSerial
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequestSelected
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardReleaseSelected
10 FILE_XFER_START VD_AGENT agent FileXferStart
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage
12 FILE_XFER_DATA VD_AGENT agent FileXferData
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo
""",
        'client': """\
1 MOUSE_STATE VD_AGENT agent MouseState
2 MONITORS_CONFIG VD_AGENT agent MonitorsConfig
3 REPLY VD_AGENT agent Reply
4 CLIPBOARD VD_AGENT agent ClipboardSelected
5 DISPLAY_CONFIG VD_AGENT agent DisplayConfig
6 ANNOUNCE_CAPABILITIES VD_AGENT agent AnnounceCapabilities
7 CLIPBOARD_GRAB VD_AGENT agent ClipboardGrabSelectedSerial
8 CLIPBOARD_REQUEST VD_AGENT agent ClipboardRequestSelected
9 CLIPBOARD_RELEASE VD_AGENT agent ClipboardReleaseSelected
10 FILE_XFER_START VD_AGENT agent FileXferStart
11 FILE_XFER_STATUS VD_AGENT agent FileXferStatusMessage
12 FILE_XFER_DATA VD_AGENT agent FileXferData
13 CLIENT_DISCONNECTED VD_AGENT agent ClientDisconnected
14 MAX_CLIPBOARD VD_AGENT agent MaxClipboard
15 AUDIO_VOLUME_SYNC VD_AGENT agent AudioVolumeSync
16 GRAPHICS_DEVICE_INFO VD_AGENT agent GraphicsDeviceInfo
""",
    },
    'vsc': {
        'server': """\
1 Init VSC smartcard VscInit
2 Error VSC smartcard VscError
3 ReaderAdd VSC smartcard VscReaderAdd
4 ReaderRemove VSC smartcard VscReaderRemove
5 ATR VSC smartcard VscAtr
6 CardRemove VSC smartcard VscCardRemove
7 APDU VSC smartcard VscApdu
8 Flush VSC smartcard VscFlush
9 FlushComplete VSC smartcard VscFlushComplete
""",
        'client': """\
1 Init VSC smartcard VscInit
2 Error VSC smartcard VscError
3 ReaderAdd VSC smartcard VscReaderAdd
4 ReaderRemove VSC smartcard VscReaderRemove
5 ATR VSC smartcard VscAtr
6 CardRemove VSC smartcard VscCardRemove
7 APDU VSC smartcard VscApdu
8 Flush VSC smartcard VscFlush
9 FlushComplete VSC smartcard VscFlushComplete
""",
    },
    'migration': {
        'server': """\
1145914180 DISPLAY MIGRATE_DATA migration Display
1145914185 INPUTS MIGRATE_DATA migration Inputs
1145914195 SMARTCARD MIGRATE_DATA migration Smartcard
1145917005 MAIN MIGRATE_DATA migration Main
1145919059 SPICEVMC MIGRATE_DATA migration Spicevmc
""",
        'client': """\
1145914180 DISPLAY MIGRATE_DATA migration Display
1145914185 INPUTS MIGRATE_DATA migration Inputs
1145914195 SMARTCARD MIGRATE_DATA migration Smartcard
1145917005 MAIN MIGRATE_DATA migration Main
1145919059 SPICEVMC MIGRATE_DATA migration Spicevmc
""",
    },
}
