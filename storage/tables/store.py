"""Facts about the store itself and the keys everything is sealed with."""

from sqlalchemy import Column, LargeBinary, String, Table, Text

from storage.columns import Instant
from storage.tables.schema import Id, metadata

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
