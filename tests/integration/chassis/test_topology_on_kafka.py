"""`beenthere events topology` at a real broker: applied once it is as written, and whatever differs is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ConfigResource,
    ConfigResourceType,
    NewTopic,
    ResourcePattern,
    ResourceType,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from kafka.protocol.admin import AlterClientQuotasRequest

from services.__main__ import main
from tests.parts.kafka import Topics
from tests.parts.topology import Topology

PASSWORDS = {"KAFKA_PASSWORD_SERVICES": "for rooms", "KAFKA_PASSWORD_PARTNER_KINDRED": "for kindred"}


@pytest.fixture
def written(kafka: Topics, tmp_path: Path) -> Topology:
    """Two rooms and one partner, nothing applied yet."""
    if not kafka.broker.partners:
        pytest.skip("this broker has no guarded listeners")
    return Topology(kafka, tmp_path, ["kindred"], rooms=("partners", "referrals"))


def test_the_command_of_the_house_holds_it() -> None:
    assert set(main.commands["events"].commands["topology"].commands) == {"plan", "apply", "drift", "password"}  # type: ignore[attr-defined]


def test_applied_once_there_is_no_drift_and_nothing_more_to_do(written: Topology) -> None:
    planned = written.run("plan")
    assert written.run("drift").exit_code == 1
    first = written.run("apply", **PASSWORDS)
    assert first.exit_code == 0
    assert first.output == planned.output
    assert "for kindred" not in first.output
    drift = written.run("drift")
    assert (drift.exit_code, drift.output) == (0, "")
    for again in (written.run("apply"), written.run("plan")):
        assert (again.exit_code, again.output) == (0, "")


def test_every_kind_of_drift_is_named_and_applied_away(written: Topology) -> None:
    written.apply(**PASSWORDS)
    kafka = written.topics
    prefix, admin = kafka.prefix, kafka.broker.admin()
    inbound, user = f"{prefix}partner.kindred.inbound", f"{prefix}partner.kindred"

    def right(name: str, operation: ACLOperation) -> ACL:
        pattern = ResourcePattern(ResourceType.TOPIC, name)
        return ACL(f"User:{user}", "*", operation, ACLPermissionType.ALLOW, pattern)

    admin.create_acls([right(f"{prefix}referrals", ACLOperation.READ)])
    admin.delete_acls([_filter_of(right(inbound, ACLOperation.WRITE))])
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, inbound, {"retention.ms": "1000"})])
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, f"{prefix}referrals", {"segment.ms": "60000"})])
    admin.alter_user_scram_credentials(
        [
            UserScramCredentialUpsertion(f"{prefix}partner.gone", "SCRAM-SHA-512", "x", iterations=8192),
            UserScramCredentialUpsertion(user, "SCRAM-SHA-256", "x", iterations=8192),
            UserScramCredentialDeletion(f"{prefix}service.partners", "SCRAM-SHA-512"),
        ]
    )
    admin.create_topics([NewTopic(f"{prefix}partner.gone.inbound", 1, 1)])
    admin.delete_topics([f"{prefix}partners"])
    admin.close()
    drift = written.run("drift")
    assert drift.exit_code == 1
    by_hand = f"topic too much: {prefix}partner.gone.inbound"
    assert sorted(drift.output.splitlines()) == sorted(
        [
            f"access too much: {user} may READ TOPIC {prefix}referrals",
            f"access missing: {user} may WRITE TOPIC {inbound}",
            f"topic {inbound} has retention.ms=1000, not 604800000",
            f"topic {prefix}referrals has segment.ms=60000, not the broker's own",
            f"user too much: {prefix}partner.gone (SCRAM-SHA-512)",
            f"password too much: {user} (SCRAM-SHA-256)",
            f"user missing: {prefix}service.partners",
            f"topic missing: {prefix}partners",
            by_hand,
        ]
    )
    written.apply(**PASSWORDS)
    # What was kept is never deleted by apply.
    assert written.run("drift").output.splitlines() == [by_hand]


def test_a_line_of_a_stranger_that_is_also_right_is_applied_and_found_and_one_over_the_cluster_is_named(
    written: Topology,
) -> None:
    written.apply(**PASSWORDS)
    kafka = written.topics
    stranger = f"{kafka.prefix}monitor"
    line = f'[[also_right]]\nuser = "{stranger}"\noperation = "DESCRIBE"\nkind = "GROUP"\nname = "monitors"\n'
    written.path.write_text(f"{written.path.read_text()}\n{line}")
    assert written.run("apply").exit_code == 0
    assert written.run("drift").output == ""
    pattern = ResourcePattern(ResourceType.CLUSTER, "kafka-cluster")
    over_all = ACL(f"User:{stranger}", "*", ACLOperation.ALTER, ACLPermissionType.ALLOW, pattern)
    admin = kafka.broker.admin()
    admin.create_acls([over_all])
    try:
        named = f"access too much: {stranger} may ALTER CLUSTER kafka-cluster"
        assert written.run("drift").output.splitlines() == [named]
        # What others at a shared broker may need is taken away by a person.
        written.apply()
        assert written.run("drift").output.splitlines() == [named]
    finally:
        admin.delete_acls([_filter_of(over_all)])
        admin.close()


def test_a_quota_of_a_partner_under_a_client_id_of_its_choice_is_named(written: Topology) -> None:
    """Kafka heeds it before the partner's own, and a partner chooses its client id itself."""
    written.apply(**PASSWORDS)
    user, admin = f"{written.topics.prefix}partner.kindred", written.topics.broker.admin()
    entry = AlterClientQuotasRequest.EntryData
    pair = [("user", user), ("client-id", "fast")]
    whom = [entry.EntityData(entity_type=kind, entity_name=name) for kind, name in pair]
    ops = [entry.OpData(key="producer_byte_rate", value=1e9, remove=False)]
    request = AlterClientQuotasRequest(entries=[entry(entity=whom, ops=ops)], validate_only=False)
    assert [one.error_code for one in admin._manager.run(admin._manager.send, request).entries] == [0]
    admin.close()
    said = written.run("drift").output
    assert said.splitlines() == [f"quota too much: {user} as fast: producer_byte_rate=1e+09"]


def test_a_partner_that_is_taken_out_loses_its_name_its_rights_and_its_quota_but_nothing_it_sent(
    written: Topology,
) -> None:
    written.apply(**PASSWORDS)
    written.write([], ("partners", "referrals"))
    said = written.run("drift").output
    prefix = written.topics.prefix
    for what in ("user too much", "access too much", "quota of", "topic too much"):
        assert f"{what}" in said
    written.apply()
    assert written.run("drift").output.splitlines() == [
        f"topic too much: {prefix}partner.kindred.inbound", f"topic too much: {prefix}partner.kindred.outbound",
    ]  # fmt: skip


def test_a_password_that_nobody_gave_is_made_and_shown_once(written: Topology) -> None:
    first = written.run("apply", KAFKA_PASSWORD_SERVICES="for rooms")
    user = f"{written.topics.prefix}partner.kindred"
    (shown,) = re.findall(r"^password of (\S+), shown this once: (\S{40,})$", first.output, re.MULTILINE)
    assert shown[0] == user
    assert "shown this once" not in written.run("apply").output
    # Where what is said may be kept in a log, nobody is to find a password there.
    written.write(["kindred", "hearvale"], ("partners", "referrals"))
    silent = written.run("apply", "--silent").output
    assert f"nobody knows the password of {written.topics.prefix}partner.hearvale" in silent
    assert not re.search(r"\S{40,}$", silent, re.MULTILINE)
    anew = written.run("password", "partner.kindred")
    (again,) = re.findall(r"shown this once: (\S{40,})$", anew.output, re.MULTILINE)
    assert again != shown[1]


def test_what_cannot_be_done_is_said_in_plain_words(written: Topology) -> None:
    stranger = written.run("password", "partner.stranger")
    assert stranger.exit_code == 1
    assert "is no user of" in stranger.output
    refused = written.run("apply", "--copies", "region", **PASSWORDS)
    assert refused.exit_code == 2
    assert "Kafka would not do it: InvalidReplicationFactorError." in refused.output


def _filter_of(acl: ACL) -> object:
    from kafka.admin import ACLFilter, ResourcePatternFilter

    pattern = acl.resource_pattern
    where = ResourcePatternFilter(pattern.resource_type, pattern.resource_name, pattern.pattern_type)
    return ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, where)
