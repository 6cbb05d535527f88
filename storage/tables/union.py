"""Units, posts, absences and the ways in."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text

from storage.columns import Instant
from storage.tables.schema import Id, metadata

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
