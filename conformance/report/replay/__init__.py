"""What a reproducer does, as it is pasted into each of them.

A reproducer has to run where nothing of this project is, so these files use the standard library only, of Python 3.8 or
newer, and everything below the line ``# -- pasted`` is copied as it stands by :mod:`conformance.report.reproducer`.

    common      blocks of bytes, connections, what counts as a difference
    tickets     the ticket, encrypted anew
    as_client   plays a client against a server
    as_server   plays a server for a client
"""
