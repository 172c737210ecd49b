"""Which bucket and which partition a stream belongs to: one hash on every carrier, so order is the same everywhere."""

from __future__ import annotations

from functools import lru_cache

BUCKETS = 16
_MASK = 0xFFFFFFFF
_MIX = 0x5BD1E995
_SEED = 0x9747B28C


def murmur2(data: bytes) -> int:
    """The hash of the Java client's default partitioner, so that every client agrees (sources.md, murmur2)."""
    hashed = (_SEED ^ len(data)) & _MASK
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        part = int.from_bytes(data[at : at + 4], "little") * _MIX & _MASK
        part = (part ^ (part >> 24)) * _MIX & _MASK
        hashed = (hashed * _MIX & _MASK) ^ part
    if rest := data[whole:]:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * _MIX & _MASK
    hashed = (hashed ^ (hashed >> 13)) * _MIX & _MASK
    return hashed ^ (hashed >> 15)


@lru_cache(100_000)
def _slot(stream: str) -> int:
    # Hashing in Python at every send cost a third of the rate (measured); streams repeat.
    return murmur2(stream.encode()) & 0x7FFFFFFF


def bucket_of(stream: str) -> int:
    """The bucket whose row a relay locks while it publishes this stream."""
    return _slot(stream) % BUCKETS


def partition_of(stream: str, partitions: int) -> int:
    """The partition this stream lives in, of a topic with so many partitions."""
    return _slot(stream) % partitions
