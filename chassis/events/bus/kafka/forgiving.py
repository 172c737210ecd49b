"""One record that cannot be read must not stop those behind it.

A header whose name is not UTF-8 is taken by the broker from any client; kafka-python 3.0.12 raises once on meeting it
and then turns in an endless loop inside `poll` (seen; docs/decisions/0020). Here such a record is handed on empty.
"""

from __future__ import annotations

from typing import Any

from kafka.record import memory_records
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch
from kafka.record.util import decode_varint


class ForgivingBatch(DefaultRecordBatch):  # type: ignore[misc]
    """A batch that gives a record it cannot read without key, value and headers, and goes on behind it."""

    def _read_msg(self) -> Any:
        begin = self._pos
        try:
            return super()._read_msg()
        except (ValueError, IndexError):
            if self.is_control_batch:
                raise
            return self._empty_at(begin)

    def _empty_at(self, begin: int) -> Any:
        length, after = decode_varint(self._buffer, begin)
        _attributes, at = decode_varint(self._buffer, after)
        since, at = decode_varint(self._buffer, at)
        place, _ = decode_varint(self._buffer, at)
        self._pos = after + length
        moment = self.max_timestamp if self.timestamp_type == self.LOG_APPEND_TIME else self.first_timestamp + since
        return DefaultRecord(length, self.base_offset + place, moment, self.timestamp_type, None, None, [])


def put_in_place() -> None:
    """Makes every consumer of this process read by it."""
    memory_records.DefaultRecordBatch = ForgivingBatch
