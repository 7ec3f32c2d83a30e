"""CELT 0.5.1: the sound of SPICE until 2014, in both directions.

Each DATA message of the playback and record channels in mode ``CELT_0_5_1`` is one packet: 256 samples of two
channels at 44100 Hz, 5.8 ms, in 47 bytes. How the coding works is told in ``spec/celt051.md``; here and in
:mod:`spiceproto.codecs.kernels.celt051` is a concept a file:

* ``decoder``, ``encoder``: packets to sound, sound to packets
* ``transform``, ``synthesis``: between sound and spectra
* ``pitch``, ``transient``: what was there before, and what was not
* the kernels: range coder, energies, bits, pulses, and the numbers of the format (``mode``)

The kernels read whole numbers exactly; sound is float64, where the reference calculates with float32. So a sample of
ours is at most 2 away from the reference's (1, in nearly all sound).

Source: CELT 0.5.1.3 as a library, which SPICE programs used; measured, and its tables (see ``mode``).
"""

from spiceproto.codecs.celt051.decoder import Decoder
from spiceproto.codecs.celt051.encoder import LEAST_BYTES, PACKET, Encoder
from spiceproto.codecs.kernels.celt051.mode import CHANNELS, FRAME, RATE

__all__ = ["CHANNELS", "FRAME", "LEAST_BYTES", "PACKET", "RATE", "Decoder", "Encoder"]
