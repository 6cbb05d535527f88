"""What came in, where dialogues stand, what goes out, what falls due."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import Instant
from storage.tables.schema import Id, metadata

# A raw update, committed before it is acknowledged.
inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel", String(20), nullable=False),
    Column("update_key", String(80), nullable=False),
    Column("account_id", Id, ForeignKey("accounts.id")),
    Column("lane", String(32), nullable=False),  # one turn at a time in each
    Column("key_id", Id, ForeignKey("data_keys.id"), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),  # waiting, done, dead
    Column("tries", Integer, nullable=False),
    Column("not_before", Instant),
    Column("fault", String(200)),
    Column("received_at", Instant, nullable=False),
    Column("done_at", Instant),
    UniqueConstraint("channel", "update_key"),
    Index(
        "ix_inbox_waiting",
        "lane",
        "id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_inbox_dead",
        "id",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
)

# Where a person's dialogue stands.
sessions = Table(
    "sessions",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("question", String(16), nullable=False),  # id of the open question, "" when none
    Column("updated_at", Instant, nullable=False),
)

# One thing to do in one chat, in order per account.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", Id, ForeignKey("accounts.id"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("op", String(6), nullable=False),  # send, edit, strip
    Column("urgency", Integer, nullable=False),  # 0 urgent, 1 reply and status, 2 survey and broadcast
    Column("repeatable", Boolean, nullable=False),  # may be sent once more after an unknown outcome
    Column("payload", LargeBinary, nullable=False),  # key, values, choices
    Column("rendered", LargeBinary),
    Column("case_id", Id),
    Column("notice", Boolean, nullable=False),  # news of a case, not the answer to something just said
    Column("target_id", BigInteger),  # outbox row whose message is edited or stripped
    Column("fold", String(80)),  # rows with the same fold are copies of one notice
    Column("state", String(10), nullable=False),  # held, pending, sending, sent, failed, unknown, cancelled
    Column("tries", Integer, nullable=False),
    Column("doubts", Integer, nullable=False),  # calls of it that ended without an answer
    Column("not_before", Instant),
    Column("message_id", String(40)),
    Column("fault", String(200)),
    Column("made_at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("sent_at", Instant),
    Column("seen_at", Instant),
    Index(
        "ix_outbox_pending",
        "account_id",
        "id",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "ix_outbox_sending",
        "id",
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
    Index(
        "ix_outbox_unseen",
        "account_id",
        sqlite_where=text("notice = 1 and seen_at is null"),
        postgresql_where=text("notice and seen_at is null"),
    ),
    Index("ix_outbox_case_id", "case_id"),
    Index("ix_outbox_fold", "fold"),
    Index("ix_outbox_account_message", "account_id", "message_id"),
)

# What the buttons under one message mean; a handle is the token and the button's place.
keyboards = Table(
    "keyboards",
    metadata,
    Column("token", String(22), primary_key=True),
    Column("outbox_id", BigInteger, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("question", String(16), nullable=False),
    Column("choices", LargeBinary, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index("ix_keyboards_outbox_id", "outbox_id"),
)

# What will fall due: the only truth about the future.
dues = Table(
    "dues",
    metadata,
    Column("id", Id, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("unique_key", String(120), nullable=False, unique=True),
    Column("detail", Text, nullable=False),  # JSON without anything personal
    Column("made_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index(
        "ix_dues_open",
        "due_at",
        sqlite_where=text("done_at is null"),
        postgresql_where=text("done_at is null"),
    ),
    Index("ix_dues_subject", "subject"),
)

# Slow work that follows a turn: downloads, safe copies, exports, hooks.
jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("key_id", Id, ForeignKey("data_keys.id"), nullable=False),
    Column("detail", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),  # waiting, done, failed
    Column("tries", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index(
        "ix_jobs_waiting",
        "not_before",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)
