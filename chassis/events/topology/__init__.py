"""What a broker should hold, as data: topics, users, access lists, quotas; compared with what it does hold.

`deploy/kafka/topology.toml` says what should be; `beenthere events topology plan | apply | drift` does the rest
(docs/runbook.md). Services hold no right to change any of it.
"""
