"""A session in a browser: ``spice-reference-client ADDRESS --view`` (docs/reference.md, "The live view").

    access      where the view listens; who may come in is the matter of spiceproto.page_access
    files       what a browser is given: the files in ``page/``, with their headers
    feature     what a part of the view is; :mod:`reference_client.view.parts` lists them
    open_page   one page that is open: what waits for it
    view        the server: pages come and go, and one of them controls
    displays    what the displays show, as frames     shadow, frames: what of it a page lacks, as bytes
    inputs      keyboard and mouse                    key_codes: what browsers call keys
    cursor      the guest's pointer
    sound       what the guest plays and hears
    clipboard   what is copied and pasted             transfer: contents, in pieces
    notices     what the server has to say to the user
    messages    what passes, as lines and fields      agent_words: what is in an AGENT_DATA

A page has one WebSocket. Text messages are JSON objects: ``{"do": VERB, ...}`` from the page, ``{"event": NAME, ...}`` to it.
The first byte of a binary message is its kind: 0 a frame, or its acknowledgement; others are those of the parts that have them.
"""
