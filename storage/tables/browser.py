"""The browser chat's keys and feed, and files handed over."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table

from storage.columns import Instant
from storage.tables.schema import Id, metadata

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
    Column("name", LargeBinary, nullable=False),  # a person gave it to their file
    Column("mime", String(80), nullable=False),
    Column("file", String(64), nullable=False),
    Column("bound", String(80), nullable=False),  # what the file's frames are bound to
    Column("case_id", Id),  # evidence of this case: handed out only while its reader may read it
    Column("made_at", Instant, nullable=False),
)
