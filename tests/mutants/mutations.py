"""Each compare-and-set, lock, sequence check and delete of the eventing code, and what is left when it is taken out."""

from __future__ import annotations

from dataclasses import dataclass

EVENTS = "chassis/events/"


@dataclass(frozen=True)
class Mutation:
    """One line taken out: the text as it stands once in a file, and what stands in its place."""

    name: str
    path: str
    text: str
    instead: str


def _of(path: str, *rows: tuple[str, str, str]) -> tuple[Mutation, ...]:
    return tuple(Mutation(name, path, text, instead) for name, text, instead in rows)


MUTATIONS: tuple[Mutation, ...] = (
    *_of(
        EVENTS + "outbox.py",
        ("a stream's number rises", "SET number = streams.number + 1", "SET number = streams.number"),
        ("what is stated is to be sent", "    unit.gathering.add(\n        outbox,\n", "    dict(\n        outbox=\n"),
        ("a brake holds in its own room", "    if mark:\n", "    if False:\n"),
    ),
    *_of(
        EVENTS + "relay.py",
        ("a relay locks its buckets", " FOR UPDATE SKIP LOCKED", ""),
        ("of each bucket the first go out first", "WHERE outbox.bucket = these.bucket ORDER BY id LIMIT", "WHERE outbox.bucket = these.bucket ORDER BY id DESC LIMIT"),
        ("what goes out together goes out in order", "    ORDER BY first.id\n", "    ORDER BY first.id DESC\n"),
        ("what waits goes out in order", "    .order_by(outbox.c.id)\n", "    .order_by(outbox.c.id.desc())\n"),
        ("what was acknowledged is deleted", "            connection.execute(_SENT[connection.dialect.name], {\"these\": bound(connection, acknowledged)})\n", ""),
        ("nothing after an unacknowledged one is let go", "            elif row.stream not in broken:\n", "            else:\n"),
        ("what was not acknowledged stays", "            if not is_kept:\n", "            if False:\n"),
        ("one sweep at a time in a process", "        with self._one:\n", "        if True:\n"),
        ("what was left over is swept again", "        self._was_rung = self._was_rung or len(acknowledged) < len(rows) or len(rows) == BATCH\n", ""),
        ("a sweep that failed is made again", "        except BaseException:\n            self._was_rung = True\n            raise\n", "        finally:\n            pass\n"),
    ),
    *_of(
        EVENTS + "turn.py",
        ("a stream moves from where it was found (SQLite)", "        inbox.c.number == sa.bindparam(\"from\"),\n", "        sa.bindparam(\"from\") == sa.bindparam(\"from\"),\n"),
        ("a stream moves from where it was found (PostgreSQL)", " AND inbox.number = wanted.was\n", "\n"),
        ("a lost race is no success", "    if moved != len(streams):\n        raise LostRace()\n", ""),
    ),
    *_of(
        EVENTS + "inbox.py",
        ("a repeat is dropped", "        if found.number <= last.number:\n", "        if False:\n"),
        ("a fork is found", "found.number == last.number and found.id != last.fact_id", "False"),
        ("what is ahead of its turn waits", " or found.number > last.number + 1:", ":"),
        ("behind a parked fact a stream waits", "found.stream in going.parked or ", ""),
        ("what a fact requires is waited for", "        if missing := self._missing(going, found.requires):\n", "        if missing := None:\n"),
        ("what was settled waits no more", "                parking.stop_waiting(connection, self._consumer, going.settled)\n", ""),
        ("rows gathered by reactions are written", "            going.gathering.write()\n", ""),
        ("rows gathered by a reaction that stands alone are written", "                alone.write()\n", ""),
        ("a failing reaction's rows are not the next one's", "alone = Gathering(going.connection)", "alone = going.gathering"),
        ("the turn moves with the effect", "            turn.move(connection, self._consumer, was, going.now)\n", ""),
        ("the place moves with the effect", "            places.advance(connection, self._consumer, batch.records, batch.read)\n", ""),
        ("each fact of a careful pass stands alone", "            with going.connection.begin_nested():\n", "            if True:\n"),
        ("a fork given up parks nothing", "        if parking.is_given_up(going.connection, self._consumer, arrived.envelope):\n", "        if False:\n"),
        ("a race is no reason to park", "            self._check_race(going, arrived)\n", ""),
        ("a brake holds from its arrival", "        if found.brake:\n            hit(\"listen.before_brake\")\n", "        if False:\n            hit(\"listen.before_brake\")\n"),
    ),
    *_of(
        EVENTS + "parking.py",
        ("a mended stream is let go", "sa.delete(parked).where(parked.c.consumer == consumer, parked.c.stream == stream)", "sa.delete(parked).where(sa.false())"),
        ("a parked stream is not taken up", "    WHERE parked.stream IS NULL\n", ""),
        ("a parked first fact is not taken up", " AND parked.stream IS NULL\n", "\n"),
        ("what waits is taken up only when its needs are met", " AND inbox.number >= waiting.needs_number\n", "\n"),
        ("a fork is found while it waits", "        waiting.c.fact_id == found.id,\n", ""),
        ("a fork stays kept when what was applied comes again", "    waiting.c.fact_id == sa.bindparam(\"by\"),\n", "    sa.bindparam(\"by\").is_not(None),\n"),
    ),
    *_of(
        EVENTS + "askings.py",
        ("an asking is settled once", "sa.bindparam(\"this\"), askings.c.state == ASKED)", "sa.bindparam(\"this\"))"),
        ("whoever asked does not settle it", "    if row.asked_by == unit.who.id:\n        raise OwnAsking()\n", ""),
        ("what nobody settled in time is over", "    if row.ends_at <= unit.now:\n        raise AskingRanOut()\n", ""),
        ("of one thing one asking is open", "\"open_for\": aim.key", "\"open_for\": None"),
        ("what was settled can be asked about anew", "_CLOSE = sa.update(asked_of).where(asked_of.c.asking_id == sa.bindparam(\"this\"))", "_CLOSE = sa.update(asked_of).where(asked_of.c.asking_id == sa.bindparam(\"this\"), sa.false())"),
    ),
    *_of(
        EVENTS + "settling.py",
        ("a fact given up moves its stream on", "    turn.move(unit.connection, unit.service, was, {row.stream: Last(row.number, row.fact_id)})\n", ""),
        ("a fact given up waits no more", "    unit.connection.execute(sa.delete(waiting).where(this))\n", ""),
        ("what was acted on meanwhile is not given up", "    if was.get(row.stream, NOTHING).number != row.number - 1:\n        return False\n", ""),
        ("only the fact that was asked about is settled", "        parked.c.fact_id == line.fact_id,\n", ""),
    ),
    *_of(
        EVENTS + "places.py",
        ("a place never goes back", "WHEN positions.topic_id = excluded.topic_id AND positions.next > excluded.next THEN positions.next\n", "WHEN positions.next IS NULL THEN positions.next\n"),
        ("another topic is read from its start", "row.topic_id != topic_id or ", ""),
        ("a place past the end means the start", "row.next > end or ", ""),
    ),
    *_of(
        EVENTS + "foreign.py",
        ("a place is passed once", "    WHERE positions.topic_id <> excluded.topic_id OR positions.next < excluded.next\n", ""),
        ("a topic made anew is passed from its start", "positions.topic_id <> excluded.topic_id OR ", ""),
        ("what was not taken is read again", "            self._subscription.again()\n", ""),
    ),
    *_of(
        EVENTS + "brakes.py",
        ("an older fact changes no brake", ", brakes.c.number < number)", ")"),
        ("a fact that lifts does nothing out of its turn", "    if not mark.lifts:\n", "    if True:\n"),
    ),
    *_of(
        EVENTS + "listener.py",
        ("a batch that failed is read again", "            self._subscription.again()\n", "            pass\n"),
        ("too much parked stops the consumer", "        self.stopped = is_too_much\n", ""),
    ),
    *_of(
        EVENTS + "bus/embedded/__init__.py",
        ("one writer of the log at a time", "        self._one_writer = threading.RLock()\n", "        from contextlib import nullcontext\n        self._one_writer = nullcontext()\n"),
        ("a topic made again has another id", "                connection.execute(sa.delete(topics).where(topics.c.topic == name))\n", ""),
        ("a topic that is deleted keeps nothing", "                connection.execute(sa.delete(records).where(records.c.topic == name))\n", ""),
    ),
    *_of(
        EVENTS + "bus/embedded/ends.py",
        ("a topic made again is read from its start", "            if self._ids.get(topic) != topic_id:\n", "            if False:\n"),
    ),
    *_of(
        EVENTS + "bus/kafka/publishing.py",
        ("a producer that timed out is made anew", "            self._drop()\n            self.renewed += 1\n", "            self.renewed += 1\n"),
        ("a producer that timed out ends", "                producer._sender.force_close()\n", ""),
    ),
    *_of(
        EVENTS + "bus/kafka/reading.py",
        ("what was read ahead before a failure is thrown away", "            if batch.generation == self._shelf.generation:\n                return batch.records\n", "            return batch.records\n"),
    ),
    *_of(
        EVENTS + "bus/kafka/polling.py",
        ("reading begins where the database says", "                self._consumer.seek(part, place)\n", ""),
        ("what a partition gave before the seek is thrown away", " if part not in fresh for one in found]", " for one in found]"),
        ("a topic made anew counts as new", "        self._placed = {part for part in self._placed if part.topic not in changed}\n", ""),
        ("what came while all was full is read again", "                self._placed -= set(given)\n", ""),
        ("a full shelf pauses and goes on polling", "                given = self._consumer.poll(timeout_ms=_POLL_MS)\n", "                given = ()\n                time.sleep(0.02)\n"),
    ),
    *_of(
        "chassis/clocks.py",
        ("a clock fires once", "_OF_A_KIND = (clocks.c.kind == sa.bindparam(\"of\"), clocks.c.state == \"set\")", "_OF_A_KIND = (clocks.c.kind == sa.bindparam(\"of\"),)"),
        ("a clock claimed is claimed by one", "    return insert_or_ignore(unit.connection, clocks, [row]) == 1\n", "    insert_or_ignore(unit.connection, clocks, [row])\n    return True\n"),
        ("whoever did not fire a clock does not act", "execute(_FIRE, same).rowcount == 1\n", "execute(_FIRE, same).rowcount >= 0\n"),
    ),
    *_of(
        "chassis/once.py",
        ("an answer is kept with what it answers", "            keep_answer(unit, door=door, asker=asker, key=key, hashed=hashed, answer=answer)\n", ""),
        ("a key is not used for another body", "    if row.body_hash != hashed:\n", "    if False:\n"),
        ("a rival that was faster wins", "            if earlier := first_answer(unit, door=door, asker=asker, key=key, hashed=hashed):\n                return earlier\n            answer = work(unit)\n", "            answer = work(unit)\n"),
    ),
    *_of(
        "chassis/service.py",
        ("rows gathered are written with the commit", "            unit.gathering.write()\n            hit(", "            hit("),
    ),
    *_of(
        "chassis/database.py",
        ("a writer of SQLite locks from its start", "\"BEGIN\" if is_reading else \"BEGIN IMMEDIATE\"", "\"BEGIN\""),
        ("what reads cannot write", "PRAGMA query_only={'ON' if is_reading else 'OFF'}", "PRAGMA query_only=OFF"),
    ),
    *_of(
        "chassis/boundary/__init__.py",
        ("what is no id binds nothing", "    if bound_to != NOBODY and not _FIT.fullmatch(bound_to):\n", "    if False:\n"),
        ("what is bound is bound once", "    if _SETS.search(statement):\n", "    if False:\n"),
        ("a transaction is bound as it begins", "if bound_to else begins).encode()", "if False else begins).encode()"),
    ),
    *_of(
        "chassis/boundary/policies.py",
        ("the owner is held too", "ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", "ENABLE ROW LEVEL SECURITY"),
        ("nothing is given away", " WITH CHECK ({PREDICATE})\")", " WITH CHECK (true)\")"),
        ("the planner's guess stays", "THEN true END) IS NOT NULL", "THEN true END)"),
        ("whoever is refused leaves a row", "        if table.name in ADDED_BY_ALL:\n", "        if False:\n"),
    ),
    *_of(
        "chassis/boundary/statements.py",
        ("what nothing binds is refused", "    for table in wants.unbound:\n", "    for table in ():\n"),
        ("each run's values are looked at", "any(one.get(name) != bound_to for one in values)", "False"),
        ("text that reads is refused", "            if not (is_added_alone and (is_theirs or table in ADDED_BY_ALL)):\n", "            if False:\n"),
    ),
    *_of(
        "chassis/boundary/reading.py",
        ("an OR binds nothing", "condition.operator is operators.and_", "condition.operator is not None"),
        ("only = binds", "condition.operator is operators.eq", "condition.operator is not None"),
        ("an outer join binds its right side alone", "frozenset(self.tables[before:]) if one.isouter else None", "None"),
        ("a full join binds nothing", "frozenset() if one.full else only", "only"),
        ("what is kept apart reads anew", "        correlated = around if statement._auto_correlate else around & frozenset(statement._correlate or ())\n", "        correlated = around\n"),
        ("an alias is its table", "isinstance(one, Alias) and isinstance(one.element, sa.Table)", "False"),
        ("each row that is added says whose it is", "        self.bound += [(table.name, name) for name in said]\n", ""),
        ("a change gives nothing away", "            self.bound.append((changed.name, COLUMN))\n", "            pass\n"),
        ("what stands inside is read too", "        if isinstance(part, SelectBase):\n            self.select(part, known, here)\n            return\n", ""),
    ),
    *_of(
        "chassis/rows.py",
        ("what was gathered is written before anything is asked", "        if self._rows:\n            self.write()\n        return self.bare\n", "        return self.bare\n"),
        ("of one table what was gathered first is written first", "            # Of one table the order of statements matters.\n            self.write()\n", ""),
        ("an effect happens once a key", "        is_replacing = then == REPLACE and rest\n", "        is_replacing = rest\n"),
    ),
    *_of(
        "chassis/rows.py",
        ("nothing is done off the record", "                if table.name == _AUDIT:\n", "                if False:\n"),
    ),
    *_of(
        "chassis/audit/sealing.py",
        ("a row is sealed once on SQLite", "WHERE sequence = :sequence AND place IS NULL", "WHERE sequence = :sequence"),
        ("a row is sealed once on PostgreSQL", "given.sequence AND audit.place IS NULL", "given.sequence"),
    ),
    *_of(
        "chassis/audit/verifying.py",
        ("a row has the hash it was sealed with", "    if hashing(before, row) == row[\"hash\"]:\n", "    if True:\n"),
        ("a head is signed by us", "        if keys and not is_signed(head, keys):\n", "        if False:\n"),
        ("a chain passes through its heads", "            if (head.hash, head.sequence) != (before, sequence):\n", "            if False:\n"),
        ("what a head knows of is there", "Bad(place, sequence, CUT_OFF) if due else None", "None"),
        ("nothing is dated back before a head", "        if bad is None and oldest is not None and row[\"at\"] < oldest:\n", "        if False:\n"),
    ),
    *_of(
        "chassis/audit/telling.py",
        ("a head an hour", "    if last_at is not None and unit.now - last_at < HOURLY:\n", "    if False:\n"),
    ),
)  # fmt: skip
