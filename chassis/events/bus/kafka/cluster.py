"""Looks at a Kafka cluster and changes it step by step, for whoever may; no service does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    NewTopic,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError
from kafka.protocol.admin import AlterClientQuotasRequest, DescribeClientQuotasRequest

from chassis.events.bus.kafka.signing_in import MECHANISM, OPEN, SignIn
from chassis.events.topology import differences as steps
from chassis.events.topology.cluster import ClusterAway, ClusterRefused
from chassis.events.topology.shape import Access, Names, Shape, Topic

_PRINCIPAL = "User:"
_ANY_USER = 2  # match type of the wire: every user that has a quota of its own


class KafkaCluster:
    """One cluster, by an admin client; `names` says what of it is ours."""

    def __init__(self, bootstrap: str, names: Names, sign_in: SignIn = OPEN) -> None:
        logging.getLogger("kafka").setLevel(logging.CRITICAL)
        self._names = names
        try:
            self._admin = KafkaAdminClient(
                bootstrap_servers=bootstrap.split(","), bootstrap_timeout_ms=10_000, request_timeout_ms=30_000,
                **sign_in.options(),
            )  # fmt: skip
        except KafkaError:
            raise ClusterAway() from None

    def close(self) -> None:
        """Lets go of the cluster."""
        self._admin.close()

    # ---- looking

    def look(self) -> Shape:
        """What of ours stands at the cluster now. Raises ClusterRefused for whoever may not look."""
        try:
            quotas, by_client = self._quotas()
            return Shape(self._topics(), self._users(), frozenset(self._accesses()), quotas, by_client)
        except KafkaError as refused:
            raise ClusterRefused(f"Kafka does not let this user look: {type(refused).__name__}.") from None

    def _topics(self) -> dict[str, Topic]:
        names = [name for name in self._admin.list_topics() if self._names.has_topic(name)]
        if not names:
            return {}
        described = {one["name"]: one["partitions"] for one in self._admin.describe_topics(names)}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        settings = self._admin.describe_configs(asked)["topic"]
        return {
            name: Topic(
                name,
                len(partitions),
                min(len(one["replica_nodes"]) for one in partitions),
                {key: str(one["value"]) for key, one in settings.get(name, {}).items() if _is_own(one)},
            )
            for name, partitions in described.items()
        }

    def _users(self) -> dict[str, dict[str, int]]:
        described = self._admin.describe_user_scram_credentials()
        return {
            user: {one["mechanism"].name.replace("_", "-"): one["iterations"] for one in found["credential_infos"]}
            for user, found in described.items()
            if self._names.has_user(user)
        }

    def _accesses(self) -> Iterable[Access]:
        everything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        # None stands for any, of names and of hosts.
        asked = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, everything)
        found, _ = self._admin.describe_acls(asked)
        return [access for access in map(_access, found) if self._names.touches(access)]

    def _quotas(self) -> tuple[dict[str, dict[str, float]], frozenset[str]]:
        component = DescribeClientQuotasRequest.ComponentData
        request = DescribeClientQuotasRequest(
            components=[component(entity_type="user", match_type=_ANY_USER, match=None)], strict=False
        )
        answer = self._send(request)
        found: dict[str, dict[str, float]] = {}
        by_client: set[str] = set()
        for entry in answer.entries or ():
            names = {one.entity_type: one.entity_name for one in entry.entity}
            user, quotas = names.pop("user", None), {one.key: float(one.value) for one in entry.values}
            if not user or not self._names.has_user(user):
                continue
            if names:
                client = names.get("client-id") or "any client"
                by_client |= {f"{user} as {client}: {name}={value:g}" for name, value in sorted(quotas.items())}
            else:
                found[user] = quotas
        return found, frozenset(by_client)

    # ---- changing

    def do(self, step: steps.Step, password: str = "") -> None:
        """Does one step; `password` is for a user that is made. Raises ClusterRefused, with the cluster's reason."""
        try:
            self._do(step, password)
        except KafkaError as refused:
            raise ClusterRefused(f"Kafka would not do it: {type(refused).__name__}.") from None

    def set_password(self, user: str, password: str, rounds: int) -> None:
        """Gives a user a password, in place of the one it had. Raises ClusterRefused, with the cluster's reason."""
        self.do(steps.MakeUser(user, rounds), password)

    def _do(self, step: steps.Step, password: str) -> None:
        match step:
            case steps.MakeTopic(topic):
                made = NewTopic(topic.name, topic.partitions, topic.copies, topic_configs=dict(topic.settings))
                self._admin.create_topics([made])
                self._admin.wait_for_topics([topic.name])
            case steps.ChangeSetting(topic, name, value):
                if value is None:
                    self._admin.reset_configs([ConfigResource(ConfigResourceType.TOPIC, topic, [name])])
                else:
                    self._admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {name: value})])
            case steps.MakeUser(user, rounds):
                self._alter_user(user, UserScramCredentialUpsertion(user, MECHANISM, password, iterations=rounds))
            case steps.DropPassword(user, mechanism):
                self._alter_user(user, UserScramCredentialDeletion(user, mechanism))
            case steps.ChangeQuota(user, name, value):
                self._change_quota(user, name, value)
            case steps.Allow(access):
                if self._admin.create_acls([_acl(access)])["failed"]:
                    raise ClusterRefused(f"Kafka would not allow: {access}.")
            case steps.Forbid(access):
                _, gone, _ = self._admin.delete_acls([_filter(access)])[0]
                if not gone:
                    raise ClusterRefused(f"Kafka would not take away: {access}.")

    def _alter_user(self, user: str, alteration: Any) -> None:
        said: Mapping[str, str | None] = self._admin.alter_user_scram_credentials([alteration])
        if said.get(user):
            raise ClusterRefused(f"Kafka would not change the password of {user}: {said[user]}")

    def _change_quota(self, user: str, name: str, value: float | None) -> None:
        entry = AlterClientQuotasRequest.EntryData
        request = AlterClientQuotasRequest(
            entries=[
                entry(
                    entity=[entry.EntityData(entity_type="user", entity_name=user)],
                    ops=[entry.OpData(key=name, value=value or 0.0, remove=value is None)],
                )
            ],
            validate_only=False,
        )
        for one in self._send(request).entries:
            if one.error_code:
                raise ClusterRefused(f"Kafka would not change the quota of {user}: {one.error_message}")

    def _send(self, request: Any) -> Any:
        # The admin client of 3.0.12 has no call for quotas, only their messages.
        return self._admin._manager.run(self._admin._manager.send, request)


def _is_own(setting: Mapping[str, Any]) -> bool:
    """Whether a setting was made at the topic, and is not the broker's own."""
    return bool(setting["config_source"] == "DYNAMIC_TOPIC_CONFIG")


def _access(found: Any) -> Access:
    pattern = found.resource_pattern
    return Access(
        user=found.principal.removeprefix(_PRINCIPAL),
        operation=found.operation.name,
        kind=pattern.resource_type.name,
        name=pattern.resource_name,
        is_prefix=pattern.pattern_type is ACLResourcePatternType.PREFIXED,
        host=found.host,
        is_allowed=found.permission_type is ACLPermissionType.ALLOW,
    )


def _acl(access: Access) -> Any:
    pattern = ResourcePattern(ResourceType[access.kind], access.name, _pattern_type(access))
    return ACL(_PRINCIPAL + access.user, access.host, ACLOperation[access.operation], _permission(access), pattern)


def _filter(access: Access) -> Any:
    pattern = ResourcePatternFilter(ResourceType[access.kind], access.name, _pattern_type(access))
    operation = ACLOperation[access.operation]
    return ACLFilter(_PRINCIPAL + access.user, access.host, operation, _permission(access), pattern)


def _pattern_type(access: Access) -> Any:
    return ACLResourcePatternType.PREFIXED if access.is_prefix else ACLResourcePatternType.LITERAL


def _permission(access: Access) -> Any:
    return ACLPermissionType.ALLOW if access.is_allowed else ACLPermissionType.DENY
