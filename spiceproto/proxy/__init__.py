"""A proxy between a client and a server: everything that they say passes, and is seen; what a rule names is changed.

    proxy       listens, reaches the server, has all connections
    arrival     what a client begins with: TLS, HTTP CONNECT, or SPICE
    dial        the way to the server
    stream      one side of a connection, with what lies between it and SPICE
    relay       a connection: two streams, and a direction each way
    direction   bytes from one side to the other
    editor      messages that are looked at before they go on, cut out of the rest
    rules       what is to be done with which messages; toml_rules and python_rules read them
    relocation  messages that send a client to another server keep it here
    faults      what a bad network does, by name
    traffic     who looks on: a Protocol; observers and decoder have those there are

**Bytes go on first.** What comes is written to the other side in the same turn, and only then shown to observers; so an
observer may fail, or be slow, and no byte is another. Messages are waited for only in a direction, and of a type, that a rule
names.
"""
