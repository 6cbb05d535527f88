"""Nothing can be held about a person that is not declared, and so exportable and erasable (P13, P14)."""

from collections import Counter

import pytest
from sqlalchemy import LargeBinary

from storage.registry import NOBODYS, REGISTRY, Held
from storage.tables import metadata

BY_TABLE = {held.table.name: held for held in REGISTRY}
EACH = pytest.mark.parametrize("held", REGISTRY, ids=list(BY_TABLE))


def test_every_table_is_declared_once() -> None:
    assert sorted([*BY_TABLE, *NOBODYS]) == sorted(metadata.tables)
    assert len(BY_TABLE) == len(REGISTRY)


@EACH
def test_every_column_is_told_opened_or_kept_back_with_a_reason(held: Held) -> None:
    declared = Counter([*held.told, *held.opened, *held.kept_back])
    assert declared == Counter(column.name for column in held.table.columns)
    assert all(held.kept_back.values())


@EACH
def test_sealed_columns_are_opened_and_no_others(held: Held) -> None:
    sealed = {c.name for c in held.table.columns if isinstance(c.type, LargeBinary)}
    assert set(held.opened) == sealed - set(held.kept_back)


def test_a_table_of_nobody_points_to_nobody() -> None:
    pointing = {
        table
        for table in NOBODYS
        for key in metadata.tables[table].foreign_keys
        if key.column.table.name in ("people", "accounts", "cases")
    }
    assert pointing == set()
