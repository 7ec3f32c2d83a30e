"""The loops of CELT 0.5.1, a concept a file; :mod:`spiceproto.codecs.celt051` tells how they come together.

* ``mode``: the numbers of the format
* ``range_decoder``, ``range_encoder``: symbols from bytes, and bytes from symbols
* ``laplace``: small numbers, of which 0 is the most probable
* ``pulse_counts``, ``pulses``: how many vectors of pulses there are, and which one it is
* ``allocation``: bits to bands, and pulses for bits
* ``packet_reader``, ``packet_writer``: a packet from its first symbol to its last
* ``energies``, ``bands``, ``emphasis``: how loud bands are, what is in them, and what goes around all of it
* ``pulse_search``: the pulses that are nearest to a sound
"""
