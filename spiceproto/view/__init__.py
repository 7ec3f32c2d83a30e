"""A capture as one page that opens in a browser, with nothing else and no network: ``spiceproto view``.

    rows       what the list has, as columns
    blocks     bodies of messages, in pieces that are opened when one of them is looked at
    recorder   the consumer of a capture that fills both, and notes what is wrong
    broken     which sentences were broken, and by which of the rows
    displays   what displays showed
    panes      what stands beside the list: sounds, shapes, films, transfers, numbers; every_pane has all of them
    played     sound as a file that browsers play
    document   the page: its files, and what was recorded

Of a capture that still runs (``--live``):

    latest, latest_displays   rows, bodies and moments, of which the oldest go
    live_recorder             the recorder that keeps no more than that
    watch                     a thread that reads the capture
    feed                      what a page does not have yet, as bytes
    page_server               who gives pages that

The page reads fields itself: it has the structures of all messages as the inventory gives them, and the bodies. So a capture
is read about as fast as it is printed, and the page is about as large as the capture.
"""
