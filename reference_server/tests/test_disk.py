"""The disk of the guest: names that come again and again, and long ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_server.guest.disk import Disk, plain_name


def test_ten_thousand_files_of_one_name() -> None:
    disk = Disk()
    for _ in range(10_000):
        disk.create("a", 0).end(whole=True)
    assert len(disk.files) == 10_000 and "a (9999)" in disk.files
    for name in ("a", "b"):
        with pytest.raises(OSError, match=r"No space|of this name"):
            disk.create(name, 0)


@pytest.mark.parametrize("name", ("\u00e9" * 127, "x" * 255, "x" * 251 + ".txt", "." + "x" * 254, "x." + "y" * 253))
def test_a_long_name_twice(tmp_path: Path, name: str) -> None:
    disk = Disk(tmp_path)
    for _ in range(12):
        disk.create(name, 0).end(whole=True)
    found = [path.name for path in tmp_path.iterdir()]
    assert len(found) == 12 and name in found and all(plain_name(each) for each in found)
