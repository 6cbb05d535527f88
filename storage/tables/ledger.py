"""Cases, their timelines and evidence, and the record of who did what."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from storage.columns import Instant
from storage.tables.schema import Id, metadata

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(12), nullable=False, unique=True),
    Column("kind", String(12), nullable=False),  # help, legal, application
    Column("category", String(30), nullable=False),
    Column("source", String(20), nullable=False),
    Column("key_id", Id, ForeignKey("data_keys.id"), nullable=False),
    Column("worker_id", Id),  # null when anonymous: the link is sealed in `case_links`
    Column("alias", String(20), nullable=False),
    Column("unit_id", Id, ForeignKey("units.id"), nullable=False),
    Column("owner_id", Id),
    Column("taken", Boolean, nullable=False),
    Column("reader", String(10), nullable=False),  # workplace, area
    Column("against_employer", Boolean, nullable=False),
    Column("sensitive", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("route", String(16), nullable=False),
    Column("track", String(10), nullable=False),
    Column("state", String(16), nullable=False),
    Column("disposition", String(10)),
    Column("word", String(12)),  # the worker's own at the end
    Column("body", LargeBinary, nullable=False),  # what was said, sealed JSON
    Column("woman", Boolean, nullable=False),  # a woman cadre was asked for
    Column("opened_at", Instant, nullable=False),
    Column("clock_from", Instant, nullable=False),  # where the present limit is counted from
    Column("taken_at", Instant),
    Column("take_by", Instant, nullable=False),
    Column("soon_at", Instant, nullable=False),  # three quarters of the limit
    Column("due_at", Instant, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("paused_at", Instant),
    Column("level", Integer, nullable=False),  # highest escalation reached
    Column("round", Integer, nullable=False),  # 0, then +1 at each reopening
    Column("told_at", Instant),
    Column("closed_at", Instant),
    Index("ix_cases_unit_id_state", "unit_id", "state"),
    Index("ix_cases_owner_id_state", "owner_id", "state"),
    Index("ix_cases_worker_id", "worker_id"),
)

# Whose case it is, for the process that holds the identity key and for nobody else.
case_links = Table(
    "case_links",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("person_index", String(64), nullable=False),
    Column("person", LargeBinary, nullable=False),
    Index("ix_case_links_person_index", "person_index"),
)

# What happened to a case, never changed afterwards.
case_events = Table(
    "case_events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("by", String(8), nullable=False),  # worker, cadre, clock
    Column("actor_id", Id),  # a cadre's person id; never an anonymous worker's
    Column("shown", Boolean, nullable=False),  # the worker may see it
    Column("detail", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_case_events_case_id", "case_id", "id"),
)

# Which case a message of somebody's own went into, so that its edit and an answer to it find the way;
# who wrote it cannot be told from the row.
case_messages = Table(
    "case_messages",
    metadata,
    Column("message_index", String(64), primary_key=True),  # blind index of account and message id
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("at", Instant, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("person_index", String(64), nullable=False),
    Column("key_id", Id, ForeignKey("data_keys.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("state", String(10), nullable=False),  # fetching, kept, failed
    Column("detail", LargeBinary, nullable=False),  # shown name, where it came from
    Column("file", String(64)),
    Column("copy", String(64)),  # safe copy for cadres
    Column("size", BigInteger),
    Column("sha256", String(64)),
    Column("received_at", Instant, nullable=False),
    Column("kept_at", Instant),
    Index("ix_evidence_case_id", "case_id"),
)

# Which answer was given from which version of which card.
law_answers = Table(
    "law_answers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_index", String(64), nullable=False),
    Column("card", String(60), nullable=False),
    Column("checked_on", String(10), nullable=False),
    Column("at", Instant, nullable=False),
)

# Every read and change by a cadre; each row carries the hash of the one before.
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("act", String(30), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("outcome", String(60), nullable=False),
    Column("chain", String(64), nullable=False),
    Index("ix_audit_subject", "subject"),
)
