"""Every case with what it guarantees, and which ratios are held against which bars."""

from __future__ import annotations

from dataclasses import dataclass, replace

LENGTHS = (20_000, 60_000)


@dataclass(frozen=True)
class Case:
    """One way to do the same work, in a process of its own; `before` readies its place and is not measured."""

    name: str
    function: str
    promise: str
    before: str = ""
    needs_database: bool = False
    # Whether garbage is looked for as rarely as in our processes; a peer's does as its interpreter was shipped.
    as_ours: bool = False
    lengths: tuple[int, ...] = LENGTHS


@dataclass(frozen=True)
class Bar:
    """One of ours beside one peer: the least ratio, and the one we aim at where it is another."""

    ours: str
    peer: str
    least: float | None
    aim: float | None = None


_HERE = "bench.events."
_CONFIRMED = "every send acknowledged"
_MAY_LOSE = "no database; place kept by a timer, which may lose"
_MAY_REPEAT = "no database; place kept once a second, may repeat"
_FILL, _STATE = _HERE + "publishing:fill", _HERE + "publishing:state_all"

CASES: tuple[Case, ...] = (
    Case(
        "publish: ours", _HERE + "publishing:ours", f"{_CONFIRMED} before the next batch; envelope made on the way",
        as_ours=True,
    ),
    Case("publish: bare", _HERE + "publishing:bare", f"{_CONFIRMED} at the end; bytes made beforehand"),
    Case(
        "publish: bare, partition given", _HERE + "publishing:bare_partition_given",
        f"{_CONFIRMED} at the end; bytes made beforehand",
    ),
    Case(
        "publish: FastStream confluent, singly", _HERE + "peers:awaited_singly", f"{_CONFIRMED} before the next",
        lengths=(20_000,),
    ),
    Case(
        "publish: FastStream confluent, 500 at once", _HERE + "peers:awaited_together",
        f"{_CONFIRMED} before the next 500",
    ),
    Case(
        "publish: FastStream confluent, unconfirmed", _HERE + "peers:unconfirmed",
        "nothing told of a send that failed; flushed at the end",
    ),
    Case("publish: FastStream aiokafka, in batches", _HERE + "peers:futures_awaited", f"{_CONFIRMED} at the end"),
    Case(
        "relay: ours", _HERE + "publishing:relayed", "in order per stream; deleted only when acknowledged", _STATE,
        needs_database=True, as_ours=True,
    ),
    Case(
        "consume: ours", _HERE + "consuming:ours", "effect, inbox and place in one transaction, on the disk", _FILL,
        needs_database=True, as_ours=True,
    ),
    Case("consume: bare", _HERE + "consuming:bare", "none: no group, no place kept", _FILL),
    Case("consume: FastStream confluent", _HERE + "peers:faststream_confluent", _MAY_LOSE, _FILL),
    Case("consume: FastStream aiokafka", _HERE + "peers:faststream_aiokafka", _MAY_LOSE, _FILL),
    Case("consume: Arroyo RunTask as shipped", _HERE + "peers:arroyo_as_shipped", _MAY_REPEAT, _FILL),
    Case("consume: Arroyo RunTask, queue limit lifted", _HERE + "peers:arroyo_lifted", _MAY_REPEAT, _FILL),
)  # fmt: skip
# The same peers with garbage looked for as rarely as we do: no bar is held against them, and none is hidden.
_HARDER = (
    "publish: bare, partition given", "publish: FastStream aiokafka, in batches", "consume: bare",
    "consume: FastStream aiokafka", "consume: Arroyo RunTask, queue limit lifted",
)  # fmt: skip
CASES += tuple(
    replace(case, name=f"{case.name} (spared as ours)", as_ours=True, lengths=LENGTHS[:1])
    for case in CASES
    if case.name in _HARDER
)

BARS: tuple[Bar, ...] = (
    Bar("publish: ours", "publish: bare", None),
    Bar("publish: ours", "publish: bare, partition given", 0.60),
    Bar("publish: ours", "publish: FastStream confluent, singly", 2.0),
    Bar("publish: ours", "publish: FastStream confluent, 500 at once", None),
    Bar("publish: ours", "publish: FastStream confluent, unconfirmed", None),
    Bar("publish: ours", "publish: FastStream aiokafka, in batches", 0.60),
    Bar("relay: ours", "publish: bare, partition given", 0.40, aim=0.60),
    Bar("consume: ours", "consume: bare", 0.25, aim=0.60),
    Bar("consume: ours", "consume: FastStream confluent", 2.0),
    Bar("consume: ours", "consume: FastStream aiokafka", 1.3),
    Bar("consume: ours", "consume: Arroyo RunTask as shipped", None),
    Bar("consume: ours", "consume: Arroyo RunTask, queue limit lifted", 0.30),
)
BARS += tuple(Bar(f"{name.partition(':')[0]}: ours", f"{name} (spared as ours)", None) for name in _HARDER)
