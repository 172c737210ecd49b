"""Every client of the log must put a stream into the same partition, so the hash is held to known answers."""

from __future__ import annotations

import pytest

from chassis.events.partitions import BUCKETS, bucket_of, murmur2, partition_of


@pytest.mark.parametrize(
    ("text", "hashed"),
    [
        # The Java client's own test vectors for its default partitioner (sources.md, murmur2).
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_the_java_clients(text: bytes, hashed: int) -> None:
    assert murmur2(text) == hashed & 0xFFFFFFFF


def test_streams_spread_over_all_buckets_and_partitions() -> None:
    streams = [f"referrals/referral/{number}" for number in range(400)]
    assert {bucket_of(stream) for stream in streams} == set(range(BUCKETS))
    assert {partition_of(stream, 4) for stream in streams} == {0, 1, 2, 3}
