"""All that an encoder needs."""

from __future__ import annotations

from spiceproto.codecs.primitives import primitives

P = primitives()
WRITER = P.source("celt051.packet_writer")
ENERGIES = P.source("celt051.energies")
BANDS = P.source("celt051.bands")
EMPHASIS = P.source("celt051.emphasis")
MASKING = P.source("celt051.masking")
TRANSFORM = P.source("celt051.transform")

write, measure, predict, choose_gains, enlarge = (
    WRITER.write,
    BANDS.measure,
    BANDS.predict,
    BANDS.choose_gains,
    BANDS.enlarge,
)
amplify, told, strengthen, weigh = ENERGIES.amplify, ENERGIES.told, EMPHASIS.strengthen, MASKING.weigh
forward, backward, WORK = TRANSFORM.forward, TRANSFORM.backward, TRANSFORM.WORK
