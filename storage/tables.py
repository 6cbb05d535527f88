"""Every table, each with what it is for; sealed columns are `LargeBinary`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(32)

# One row a fact about this store: the demo clock's offset, the last heartbeat, the union's name.
meta = Table(
    "meta",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

# Data keys, wrapped by the file key; deleting `wrapped` makes everything sealed with it unreadable.
data_keys = Table(
    "data_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("wrapped", LargeBinary),
    Column("made_at", Instant, nullable=False),
    Column("destroyed_at", Instant),
)

# ---- people

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key_id", Id, ForeignKey("data_keys.id"), nullable=False),
    Column("alias", String(20), nullable=False),  # what an anonymous worker is called
    Column("language", String(8), nullable=False),
    Column("profile", LargeBinary),  # name, mobile, employer ... (sealed JSON)
    Column("muted_until", Instant),
    Column("made_at", Instant, nullable=False),
    Column("erased_at", Instant),
)

# One row a door a person uses: a Telegram chat, a browser.
accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("address_index", String(64), nullable=False),  # blind index of the address
    Column("address", LargeBinary, nullable=False),
    Column("reachable", Boolean, nullable=False),
    Column("last_in_at", Instant),
    Column("asking", Boolean, nullable=False),  # a keyboard that shares a number or a place is shown
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("channel", "address_index"),
    Index("ix_accounts_person_id", "person_id"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("what", String(30), nullable=False),  # contact, abroad, joining ...
    Column("version", String(20), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),  # given again after that, it is a row of its own
    Index("ix_consents_person_id", "person_id"),
)

members = Table(
    "members",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("unit_id", Id, ForeignKey("units.id"), nullable=False),
    Column("state", String(12), nullable=False),  # active, left
    Column("phone_index", String(64)),  # blind index: reviewers see a number used twice
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Index("ix_members_phone_index", "phone_index"),
)

# Codes that bring a worker back to their matters from another device (a slow hash only).
return_codes = Table(
    "return_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

# ---- the union

units = Table(
    "units",
    metadata,
    Column("id", Id, primary_key=True),
    Column("parent_id", Id, ForeignKey("units.id")),
    Column("kind", String(20), nullable=False),
    Column("name", String(80), nullable=False),
    Column("calendar", String(20), nullable=False),
    Column("workplace", Boolean, nullable=False),  # run from inside an employer
    Column("retired_at", Instant),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("unit_id", Id, ForeignKey("units.id"), nullable=False),
    Column("role", String(20), nullable=False),
    Column("on_duty", Boolean, nullable=False),  # gets the pings of new cases
    Column("employer_side", Boolean, nullable=False),  # also manages for the employer
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Index("ix_posts_unit_id", "unit_id"),
    Index("ix_posts_person_id", "person_id"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("unit_id", Id, ForeignKey("units.id"), nullable=False),
    Column("role", String(20), nullable=False),
    Column("on_duty", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", Id),
)

absences = Table(
    "absences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("deputy_id", Id, ForeignKey("people.id"), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
)

# Employers to suggest, and the unit that looks after their people.
employers = Table(
    "employers",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("aliases", Text, nullable=False),  # a line each
    Column("unit_id", Id, ForeignKey("units.id"), nullable=False),
)

# Where a QR code leads: unit, site and source known before the first word.
entrances = Table(
    "entrances",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("unit_id", Id, ForeignKey("units.id"), nullable=False),
    Column("site", String(80), nullable=False),
    Column("source", String(20), nullable=False),
    Column("made_at", Instant, nullable=False),
)

# One-use links from a channel abroad to the union's own page.
passages = Table(
    "passages",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

# ---- the durable path

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
        sqlite_where=text("state in ('pending', 'sending')"),
        postgresql_where=text("state in ('pending', 'sending')"),
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

# ---- the ledger

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

# ---- the browser chat

browser_keys = Table(
    "browser_keys",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

# What a page rebuilds its conversation from; the id is the stream's last-event-id.
browser_feed = Table(
    "browser_feed",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", Id, ForeignKey("accounts.id"), nullable=False),
    Column("outbox_id", BigInteger, unique=True),
    Column("kind", String(8), nullable=False),  # message, edit, strip
    Column("body", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_browser_feed_account_id", "account_id", "id"),
)

# Files handed over in the browser chat, fetched once with the page's own key.
documents = Table(
    "documents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("key_id", Id, ForeignKey("data_keys.id"), nullable=False),
    Column("name", String(120), nullable=False),
    Column("mime", String(80), nullable=False),
    Column("file", String(64), nullable=False),
    Column("bound", String(80), nullable=False),  # what the file's frames are bound to
    Column("made_at", Instant, nullable=False),
)
