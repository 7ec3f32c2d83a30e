"""The disc of a client's drive, copied by the guest of the reference server."""

from __future__ import annotations

import errno
import os
from typing import Any

from reference_client.usb.cd import CdDrive
from reference_client.usb.disc import Disc, Drive
from reference_server import Guest
from reference_server.guest import UsbFailed
from reference_server.tests.test_channels_usbredir import talk
from spiceproto.usbredir_device import DeviceSide


def test_a_copy_that_can_not_be_written() -> None:
    guest = Guest()
    told: list[Any] = []
    guest.usb[0].watch(told.append)

    def full(first: int, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    guest.usb[0].copy = full
    line = talk(guest, DeviceSide(CdDrive(Drive(Disc(bytes(2048 * 20)))), "x"))
    assert isinstance(told[-1], UsbFailed) and "No space left" in told[-1].text
    line.wire.wait(1)
    assert not line.closed and line.read(), "it looks on whether there is another disc"
