"""From a capture file to SPICE messages.

A file becomes byte streams; nothing here knows a SPICE message, the only thing looked at is the magic ``REDQ`` at the start
of a stream:

    source          a path, standard input or an open file as a stream of large reads
    compression     gzip, bzip2, xz, zstd, lz4 undone
    live            a capture that is still being written: waiting, following, ending when asked to
    pcap, pcapng    the two file formats: records, clocks, interfaces, TLS secrets; each with its fast loop
    link_layer      where the IP header of a frame begins, behind VLAN tags and MPLS labels
    tunnels         GRE, ERSPAN, VXLAN, Geneve, GTP-U: IP inside IP packets
    internet        IPv4 and IPv6: options, extension headers, fragments
    segment         one TCP segment, as it is handed from one to the next
    order           packets in the order in which they were sent, for who has to know; glance and scout say whether a file
                    needs it
    tcp             the table of flows
    tcp_connection  reassembly of one connection: ordered bytes, gaps, port reuse; tcp_pieces has what came early
    seen_twice      packets that came again
    layers          what the layers above TCP have in common
    detect          what the first bytes of a stream say it is
    preface         what stands in front of a stream and then gives way to it:
    http            the HTTP request for a WebSocket, or for a proxy's tunnel
    socks           the request to a SOCKS proxy
    proxy_header    the PROXY header of a load balancer
    websocket       WebSocket frames (RFC 6455); websocket_deflate has their compression
    tls             TLS records
    tls_handshake   the handshake, as far as it leads to keys; tls_suites has the ciphers, tls_secrets the key log
    foreign         what there is besides SPICE
    streams         :class:`~spiceproto.capture.streams.Capture`, which joins them; events has the same as an iterator

Streams become messages, for a consumer that reports, draws or judges:

    spice           the topmost layer: link stage, then a lane in each direction
    lane            messages out of the bytes of one sender, and what becomes of holes
    conversation    what is known of a connection
    main_channel    what messages of main mean for the rest; agent_talk what client and agent say to each other in them
    repeats         connections that are there twice, under other addresses
    sessions        which connections belong together
    diagnostics     what is not as it should be
    consumer        who is told
    reading         :func:`spiceproto.read`: typed values for programs
    decode          :class:`~spiceproto.capture.decode.Decoder`, a whole file

    limits          every limit, with its reason

Everything is a push: the loop over the records calls the reassembly, which calls the transport layers, which call the
*sink* of the connection. A packet that carries the next bytes of a plain connection costs two ``struct`` calls, one
dictionary look-up and the sink's ``data``.
"""
