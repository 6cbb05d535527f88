"""People, their doors, consents, memberships and codes."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, UniqueConstraint

from storage.columns import Instant
from storage.tables.schema import Id, metadata

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
