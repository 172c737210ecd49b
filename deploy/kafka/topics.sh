#!/bin/bash
# Makes the owner topics, kept for good and never compacted (docs/decisions); running it again changes nothing.
set -euo pipefail
for owner in home partners referrals matching support supervision reporting; do
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --create --if-not-exists --topic "$owner" \
    --partitions 4 --replication-factor 1 --config cleanup.policy=delete --config retention.ms=-1
done
