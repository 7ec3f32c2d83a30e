"""From a capture file to the byte streams that SPICE was spoken on.

    source        a path, standard input or an open file as a stream of large reads; gzip undone
    pcap, pcapng  the two file formats: records, clocks, interfaces, TLS secrets; each with its fast loop
    link_layer    where the IP header of a frame begins
    internet      IPv4 and IPv6: options, extension headers, fragments, tunnels
    tcp           flow table and reassembly: ordered bytes, gaps, port reuse
    detect        what the first bytes of a stream say it is
    http          the HTTP request in front of a WebSocket, or of a proxy's tunnel
    websocket     WebSocket frames (RFC 6455)
    tls           TLS records and handshakes; tls_suites has the ciphers, tls_secrets the key log
    streams       :class:`~spiceproto.capture.streams.Capture`, which joins them: the one to use
    limits        every limit, with its reason

Nothing here knows a SPICE message; the only thing looked at is the magic ``REDQ`` at the start of a stream.
Everything is a push: the loop over the records calls the reassembly, which calls the transport layers, which call the
*sink* of the connection.  A packet that carries the next bytes of a plain connection costs two ``struct`` calls, one
dictionary look-up and the sink's ``data``.
"""
