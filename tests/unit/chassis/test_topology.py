"""What the topology file means, what it may not say, and how differences from it are named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chassis.events.topology.differences import Difference, differences
from chassis.events.topology.shape import Access, Names, Shape, Topic
from chassis.events.topology.written import TopologyFaulty, Written, read

FILE = Path(__file__).parents[3] / "deploy" / "kafka" / "topology.toml"
PARTNERS = 'codes = ["north-trust", "kindred"]'
LINE = '[[also_right]]\nuser = "monitor"\noperation = "DESCRIBE"\nkind = "CLUSTER"\nname = "kafka-cluster"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the house with two partners in it."""
    path = tmp_path / "topology.toml"
    path.write_text(FILE.read_text().replace("codes = []", PARTNERS))
    return path


def written(path: Path, copies: str = "single", prefix: str = "") -> Written:
    return read(path, copies, prefix)


def faults(path: Path, was: str, becomes: str, copies: str = "single") -> str:
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, becomes, 1))
    with pytest.raises(TopologyFaulty) as refused:
        read(path, copies)
    return refused.value.says


# ---- what it means


def test_a_topic_of_an_owner_is_kept_for_good_and_never_compacted(path: Path) -> None:
    topic = written(path).shape().topics["referrals"]
    assert (topic.partitions, topic.copies) == (4, 1)
    assert topic.settings["cleanup.policy"] == "delete"
    assert topic.settings["retention.ms"] == "-1"


def test_a_region_keeps_three_copies_of_which_two_must_be_in_step(path: Path) -> None:
    for topic in written(path, "region").shape().topics.values():
        assert topic.copies == 3
        assert topic.settings["min.insync.replicas"] == "2"
        assert topic.settings["unclean.leader.election.enable"] == "false"


def test_a_partner_has_two_topics_of_one_partition_kept_for_seven_days(path: Path) -> None:
    topics = written(path).shape().topics
    assert {name for name in topics if name.startswith("partner.north-trust")} == {
        "partner.north-trust.inbound", "partner.north-trust.outbound",
    }  # fmt: skip
    for way in ("inbound", "outbound"):
        topic = topics[f"partner.north-trust.{way}"]
        assert topic.partitions == 1
        assert topic.settings["retention.ms"] == str(7 * 24 * 3600 * 1000)
        assert topic.settings["max.message.bytes"] == str(256 * 1024)


def test_a_partner_may_write_its_inbound_read_its_outbound_and_use_groups_of_its_own_name_and_nothing_else(
    path: Path,
) -> None:
    shape = written(path).shape()
    theirs = {access for access in shape.accesses if access.user == "partner.kindred"}
    assert theirs == {
        Access("partner.kindred", "WRITE", "TOPIC", "partner.kindred.inbound"),
        Access("partner.kindred", "READ", "TOPIC", "partner.kindred.outbound"),
        Access("partner.kindred", "READ", "GROUP", "partner.kindred.", is_prefix=True),
    }
    assert shape.quotas["partner.kindred"] == {"producer_byte_rate": 131072, "consumer_byte_rate": 524288}


def test_referrals_alone_reads_every_inbound_and_writes_every_outbound(path: Path) -> None:
    accesses = written(path).shape().accesses
    for code in ("north-trust", "kindred"):
        readers = {a.user for a in accesses if (a.operation, a.name) == ("READ", f"partner.{code}.inbound")}
        writers = {a.user for a in accesses if (a.operation, a.name) == ("WRITE", f"partner.{code}.outbound")}
        assert readers == writers == {"service.referrals"}


def test_a_service_writes_its_own_topic_alone_and_holds_no_right_over_the_cluster(path: Path) -> None:
    accesses = written(path).shape().accesses
    written_by_matching = {a.name for a in accesses if a.user == "service.matching" and a.operation == "WRITE"}
    assert written_by_matching == {"matching"}
    assert {a.operation for a in accesses} == {"READ", "WRITE"}
    assert {a.kind for a in accesses} == {"TOPIC", "GROUP"}
    assert {a for a in accesses if a.is_prefix and not a.user.startswith("partner.")} == set()


def test_a_prefix_stands_before_every_name(path: Path) -> None:
    shape = written(path, prefix="t1.").shape()
    names = [*shape.topics, *shape.users, *shape.quotas, *(access.name for access in shape.accesses)]
    assert all(name.startswith("t1.") for name in names)


def test_a_line_that_is_also_right_is_wanted_as_it_stands(path: Path) -> None:
    path.write_text(path.read_text() + LINE + LINE.replace("CLUSTER", "GROUP"))
    whole, of_a_group = (Access("monitor", "DESCRIBE", kind, "kafka-cluster") for kind in ("CLUSTER", "GROUP"))
    assert {whole, of_a_group} <= written(path).shape().accesses
    # Whoever looks at the broker must find it there, or it would be missing for ever.
    assert written(path).names.touches(of_a_group)
    assert not OURS.touches(of_a_group)


# ---- what it may not say


@pytest.mark.parametrize(
    "code", ["North", "north.trust", "north_trust", "-north", "north-", "nor th", "*", "", "n" * 41]
)
def test_a_code_that_could_reach_other_names_is_refused(path: Path, code: str) -> None:
    assert f"{code} is no partner's code" in faults(path, PARTNERS, f'codes = ["{code}"]')


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("rounds = 8192", "rounds = 4096", "passwords.rounds must be 8192 to 16384"),
        ("rounds = 8192", "rounds = 20000", "passwords.rounds must be 8192 to 16384"),
        (PARTNERS, 'codes = ["north", "north"]', "north stands twice"),
        ('room = "referrals"', 'room = "letters"', "partners.room must be one of the rooms"),
        ('partners = ["referrals", "supervision"]', 'partners = ["letters"]', "rooms.partners reads letters, which is no room"),
        ("partitions = 1", "partitions = 0", "partner_topics.partitions must be a whole number"),
        ('"retention.ms" = "-1"', '"retention.ms" = -1', "owner_topics.settings must be a table of texts"),
        ("min_in_sync = 1", "min_in_sync = true", "copies.single needs replication and min_in_sync"),
        ("single = { replication = 1, min_in_sync = 1 }", "single = 3", "copies.single needs replication"),
        ('partners = ["referrals", "supervision"]', 'partners = "referrals"', "rooms.partners must be a list"),
        ('room = "referrals"', 'room = ["referrals"]', "partners.room must be one of the rooms"),
        ("producer_byte_rate = 131072", 'producer_byte_rate = "much"', "partner_quota.producer_byte_rate must be a"),
        ("producer_byte_rate = 131072", "producer_byte_rate = -5", "partner_quota.producer_byte_rate must be a"),
        ("producer_byte_rate = 131072", "produced = 5", "partner_quota.produced is no quota of Kafka's"),
        ("[passwords]", "[words]", "there is no table passwords"),
        ("[partners]", '[[also_right]]\nuser = "x"\n[partners]', "also_right: each needs"),
        ("[partners]", '[also_right]\nuser = "x"\n[partners]', "write each line as [[also_right]]"),
        ("[partners]", LINE.replace("DESCRIBE", "FLY") + "[partners]", "Kafka knows no FLY of CLUSTER"),
        ("[partners]", LINE.replace("CLUSTER", "BROKER") + "[partners]", "Kafka knows no DESCRIBE of BROKER"),
        ("[partners]", LINE.replace('"monitor"', "3") + "[partners]", "also_right: user, operation, kind"),
        ("[partners]", LINE + 'is_allowed = "no"\n[partners]', "is_prefix and is_allowed are true or false"),
        ("[copies]", "[copies", "is not TOML"),
    ],
)
def test_a_fault_in_the_file_is_named(path: Path, was: str, becomes: str, says: str) -> None:
    assert says in faults(path, was, becomes)


def test_copies_that_are_not_written_are_refused(path: Path) -> None:
    assert "copies has no three; it has single, region" in faults(path, "[copies]", "[copies]", "three")


def test_no_file_is_a_fault_too(tmp_path: Path) -> None:
    with pytest.raises(TopologyFaulty, match="cannot be read"):
        read(tmp_path / "nowhere.toml", "single")


def test_a_file_that_is_no_text_is_a_fault_too(tmp_path: Path) -> None:
    (tmp_path / "topology.toml").write_bytes(b"\x83\xff")
    with pytest.raises(TopologyFaulty, match="is not TOML"):
        read(tmp_path / "topology.toml", "single")


# ---- which names are ours

OURS = Names("", ("referrals", "matching"))


def test_names_of_others_on_the_same_broker_are_not_ours() -> None:
    assert not OURS.has_topic("orders")
    assert not OURS.has_user("orders")
    assert not OURS.touches(Access("orders", "READ", "TOPIC", "orders"))
    assert not OURS.touches(Access("orders", "READ", "GROUP", "orders", is_prefix=True))


@pytest.mark.parametrize(
    "access",
    [
        Access("*", "READ", "TOPIC", "orders"),
        Access("orders", "READ", "TOPIC", "*"),
        Access("orders", "READ", "TOPIC", "referrals"),
        Access("orders", "READ", "TOPIC", "ref", is_prefix=True),
        Access("orders", "READ", "TOPIC", "partner.kindred.", is_prefix=True),
        Access("orders", "READ", "TOPIC", "p", is_prefix=True),
        Access("service.matching", "ALTER", "CLUSTER", "kafka-cluster"),
        Access("orders", "ALTER", "CLUSTER", "kafka-cluster"),
        Access("orders", "READ", "GROUP", "referrals.partners"),
        Access("partner.kindred", "READ", "GROUP", "orders"),
    ],
)
def test_a_line_about_our_users_or_one_that_reaches_our_names_is_ours_to_judge(access: Access) -> None:
    assert OURS.touches(access)


# ---- differences

RIGHT = Access("partner.kindred", "READ", "TOPIC", "partner.kindred.outbound")
TOPIC = Topic("referrals", 4, 1, {"retention.ms": "-1", "min.insync.replicas": "1"})
WANTED = Shape(
    topics={"referrals": TOPIC},
    users={"partner.kindred": {"SCRAM-SHA-512": 8192}},
    accesses=frozenset({RIGHT}),
    quotas={"partner.kindred": {"producer_byte_rate": 100.0}},
)


def found(**changes: object) -> list[Difference]:
    return differences(WANTED, replace(WANTED, **changes))  # type: ignore[arg-type]


def test_where_all_is_as_written_there_is_no_difference() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"topics": {}}, "topic missing: referrals"),
        (
            {"topics": {"referrals": replace(TOPIC, settings={"retention.ms": "5", "min.insync.replicas": "1"})}},
            "topic referrals has retention.ms=5, not -1",
        ),
        (
            {"topics": {"referrals": replace(TOPIC, settings={**TOPIC.settings, "segment.ms": "9"})}},
            "topic referrals has segment.ms=9, not the broker's own",
        ),
        ({"users": {}}, "user missing: partner.kindred"),
        ({"users": {**WANTED.users, "partner.gone": {"SCRAM-SHA-512": 8192}}}, "user too much: partner.gone"),
        (
            {"users": {"partner.kindred": {"SCRAM-SHA-512": 8192, "SCRAM-SHA-256": 8192}}},
            "password too much: partner.kindred (SCRAM-SHA-256)",
        ),
        ({"accesses": frozenset()}, "access missing: partner.kindred may READ TOPIC partner.kindred.outbound"),
        (
            {"accesses": frozenset({RIGHT, replace(RIGHT, name="referrals")})},
            "access too much: partner.kindred may READ TOPIC referrals",
        ),
        (
            {"accesses": frozenset({RIGHT, replace(RIGHT, is_allowed=False)})},
            "access too much: partner.kindred may not READ TOPIC partner.kindred.outbound",
        ),
        (
            {"accesses": frozenset({RIGHT, Access("partner.kindred", "ALTER", "CLUSTER", "kafka-cluster")})},
            "access too much: partner.kindred may ALTER CLUSTER kafka-cluster",
        ),
        ({"quotas": {}}, "quota of partner.kindred: producer_byte_rate is not set, should be 100"),
        (
            {"quotas": {**WANTED.quotas, "partner.gone": {"producer_byte_rate": 1.5}}},
            "quota of partner.gone: producer_byte_rate is 1.5, should be not set",
        ),
    ],
)
def test_a_difference_is_named_and_apply_can_mend_it(changes: dict[str, object], says: str) -> None:
    (difference,) = found(**changes)
    assert difference.says.startswith(says)
    assert difference.step is not None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"topics": {"referrals": replace(TOPIC, partitions=8)}}, "topic referrals has 8 partitions, not 4"),
        ({"topics": {"referrals": replace(TOPIC, copies=2)}}, "topic referrals has 2 copies, not 1"),
        ({"topics": {"referrals": TOPIC, "partner.x.inbound": TOPIC}}, "topic too much: partner.x.inbound"),
        (
            {"users": {"partner.kindred": {"SCRAM-SHA-512": 4096}}},
            "password of partner.kindred is hashed in 4096 rounds",
        ),
        (
            {"quotas_by_client": frozenset({"partner.kindred as fast: producer_byte_rate=1e+09"})},
            "quota too much: partner.kindred as fast: producer_byte_rate=1e+09",
        ),
        (
            {"accesses": frozenset({RIGHT, Access("orders", "ALTER", "CLUSTER", "kafka-cluster")})},
            "access too much: orders may ALTER CLUSTER kafka-cluster",
        ),
    ],
)
def test_what_would_lose_something_is_named_and_left_to_a_person(changes: dict[str, object], says: str) -> None:
    (difference,) = found(**changes)
    assert difference.says.startswith(says)
    assert difference.step is None
    assert difference.will.startswith("by hand: ")


def test_copies_come_before_the_number_that_must_be_in_step_or_the_topic_would_take_no_fact() -> None:
    wanted = replace(WANTED, topics={"referrals": replace(TOPIC, copies=3, settings={"min.insync.replicas": "2"})})
    there = replace(WANTED, topics={"referrals": replace(TOPIC, settings={"min.insync.replicas": "1"})})
    assert [(one.step, one.says) for one in differences(wanted, there)] == [
        (None, "topic referrals has 1 copies, not 3"),
        (None, "topic referrals has min.insync.replicas=1, not 2"),
    ]


def test_rights_go_first_and_quotas_stand_before_a_new_user_may_come() -> None:
    there = Shape(accesses=frozenset({replace(RIGHT, user="partner.gone")}))
    steps = [type(one.step).__name__ for one in differences(WANTED, there)]
    assert steps == ["Forbid", "MakeTopic", "ChangeQuota", "MakeUser", "Allow"]
