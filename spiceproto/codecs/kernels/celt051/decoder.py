"""All that a decoder needs."""

from __future__ import annotations

from spiceproto.codecs.primitives import primitives

P = primitives()
READER = P.source("celt051.packet_reader")
ENERGIES = P.source("celt051.energies")
BANDS = P.source("celt051.bands")
EMPHASIS = P.source("celt051.emphasis")
MASKING = P.source("celt051.masking")
TRANSFORM = P.source("celt051.transform")

read, advance, amplify = READER.read, ENERGIES.advance, ENERGIES.amplify
decode, enlarge = BANDS.decode, BANDS.enlarge
predict, weaken, weigh = BANDS.predict, EMPHASIS.weaken, MASKING.weigh
forward, backward, WORK = TRANSFORM.forward, TRANSFORM.backward, TRANSFORM.WORK
