"""The key of one direction of a TCP connection: addresses and ports of source and destination, as they lie in the packet."""

from __future__ import annotations

__all__ = ["endpoints", "reverse"]


def reverse(key: bytes) -> bytes:
    """The key of the other direction: two addresses and two ports exchanged."""
    if len(key) == 12:
        return key[4:8] + key[:4] + key[10:] + key[8:10]
    return key[16:32] + key[:16] + key[34:] + key[32:34]


def endpoints(key: bytes) -> tuple[tuple[str, int], tuple[str, int]]:
    """Source and destination in text form."""
    size = (len(key) - 4) // 2
    if size == 4:
        source, destination = ".".join(map(str, key[:4])), ".".join(map(str, key[4:8]))
    else:
        from socket import AF_INET6, inet_ntop  # not at import: it costs milliseconds

        source, destination = inet_ntop(AF_INET6, key[:16]), inet_ntop(AF_INET6, key[16:32])
    ports = key[2 * size :]
    return (source, int.from_bytes(ports[:2], "big")), (destination, int.from_bytes(ports[2:], "big"))
