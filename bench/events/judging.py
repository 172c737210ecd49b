"""What is no race with a peer: waking, the embedded log, from write to effect, and coming back after a kill."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from bench.events.ground import Ground, run
from bench.figures import Figure

WAKING_BAR = 0.90
SUSTAINED_BAR, SINGLE_BAR = 8_000, 0.5
# Milliseconds: p50, p99.
REACHING_BARS = {"embedded": (30, 100), "on_kafka": (50, 250)}
# Seconds.
RESUMING_BARS = {"under_its_own_id": 3, "replaced": 12, "again_and_again": 15}


def waking(ground: Ground, _runs: int) -> list[Figure]:
    """The middle ratio of slices side by side; unproven where the bar lies inside what chance explains."""
    pairs = run("bench.events.writing:woken_and_not", ground.place())
    ratios = sorted(woken / without for without, woken in pairs)
    low, high = _of_median(ratios)
    verdict = "" if low >= WAKING_BAR or high < WAKING_BAR else "; UNPROVEN, the bar lies between"
    return [
        Figure(
            f"outbox: 16 writers woken after each commit; 95% of chance {low:.2f} to {high:.2f}{verdict}",
            round(statistics.median(woken for _, woken in pairs)), "commits/s", bar=WAKING_BAR, better="higher",
            peer="the same not woken", peer_value=round(statistics.median(without for without, _ in pairs)),
            ratio=round(statistics.median(ratios), 3),
        )
    ]  # fmt: skip


def _of_median(ordered: Sequence[float]) -> tuple[float, float]:
    """Between which two of these the median lies with 95%: by order alone, whatever their shape."""
    count = len(ordered)
    aside = max(0, int(count / 2 - 0.98 * count**0.5))
    return ordered[aside], ordered[count - 1 - aside]


def embedded(ground: Ground, runs: int) -> list[Figure]:
    """In batches from publish to effect, and one fact a synced transaction beside a bare insert."""

    def rates(function: str, count: int = 0) -> list[float]:
        return [
            float(run(f"bench.events.embedded:{function}", ground.place(count, has_database=False, has_broker=False)))
            for _ in range(runs)
        ]

    sustained = [
        Figure(
            f"embedded: in batches, publish to effect, {count} facts",
            round(statistics.median(rates("sustained", count))), "facts/s", bar=SUSTAINED_BAR, better="higher",
        )
        for count in (20_000, 60_000)
    ]  # fmt: skip
    ours, bare = statistics.median(rates("one_by_one")), statistics.median(rates("bare_insert"))
    single = Figure(
        "embedded: one fact a synced transaction", round(ours), "facts/s", bar=SINGLE_BAR, better="higher",
        peer="bare synced insert", peer_value=round(bare), ratio=round(ours / bare, 3),
    )  # fmt: skip
    return [*sustained, single]


def reaching(ground: Ground, runs: int) -> list[Figure]:
    """Milliseconds from the begin of a write to the commit of its effect, 50 a second."""
    figures = []
    for carrier, bars in REACHING_BARS.items():
        is_kafka = carrier == "on_kafka"
        found = [
            sorted(run(f"bench.events.reaching:{carrier}", ground.place(has_database=is_kafka, has_broker=is_kafka)))
            for _ in range(runs)
        ]
        for share, bar in zip((0.50, 0.99), bars, strict=True):
            each = [times[int(len(times) * share)] for times in found]
            figures.append(
                Figure(
                    f"write to effect, p{share * 100:.0f}, {carrier.replace('_', ' ')}"
                    f" (median of {runs} runs: {', '.join(f'{one:.0f}' for one in each)})",
                    round(statistics.median(each), 1), "ms", bar=bar,
                )
            )  # fmt: skip
    return figures


def resuming(ground: Ground, _runs: int) -> list[Figure]:
    """Seconds until what is stated after a kill is applied on every partition; the slowest counts."""
    figures = []
    for way, bar in RESUMING_BARS.items():
        found = run(f"bench.events.resuming:{way}", ground.place())
        each = ", ".join(f"{one:.1f}" for one in found)
        words = f"a killed member back, {way.replace('_', ' ')} ({each})"
        figures.append(Figure(words, round(max(found), 1), "s", bar=bar))
    return figures


OTHERS: dict[str, Callable[[Ground, int], list[Figure]]] = {
    "waking": waking, "embedded": embedded, "reaching": reaching, "resuming": resuming,
}  # fmt: skip
