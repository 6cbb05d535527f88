"""What somebody who means harm tried, and gets nothing by it any more (P9, P12, P23)."""

import pytest

from casework import files, handling
from domain.cases import Kind, Reader
from domain.errors import Refusal
from domain.people import PersonId
from domain.roles import Act, Actor, CaseSubject, Post, Role, decide
from domain.units import UnitId
from storage import cases, evidence, union
from storage.tables import documents as documents_table
from storage.tables import people as people_table
from storage.tx import Tx
from tests.casework.conftest import Office
from tests.player.house import sample

CANARY = "王小明的工资条13800138000.pdf"


def with_evidence(office: Office, tx: Tx) -> tuple[cases.Case, str]:
    """A taken case with one file, and the link its handler was given."""
    case = office.open(tx)
    case = handling.take(tx, office.rules, union.actor(tx, office.people["chen"]), case.id)
    worker = cases.worker_of(tx, case)
    item = evidence.add(tx, worker, "file", {"name": CANARY, "mime": "application/pdf"})
    evidence.attach(tx, [item.id], case.id, worker)
    evidence.kept(tx, item.id, "0" * 32, None, 10, "0" * 64)
    _, found = files.hand_over(tx, union.actor(tx, office.people["chen"]), case.id)
    return case, found[0][1]


def test_the_name_of_a_file_never_stands_in_the_open(office: Office) -> None:
    office.store.write(lambda tx: with_evidence(office, tx))
    rows = office.store.read(lambda tx: tx.conn.execute(documents_table.select()).all())
    assert rows
    assert all(CANARY.encode() not in row.name for row in rows)


def test_a_link_to_evidence_ends_with_the_right_to_read_it(office: Office) -> None:
    chen, li = office.people["chen"], office.people["li"]
    _, link = office.store.write(lambda tx: with_evidence(office, tx))
    assert office.store.read(lambda tx: files.may_fetch(tx, chen, link))
    assert not office.store.read(lambda tx: files.may_fetch(tx, li, link))
    office.store.write(lambda tx: union.end_posts(tx, chen))
    assert not office.store.read(lambda tx: files.may_fetch(tx, chen, link))


def test_the_alias_of_a_case_is_nobodys(office: Office) -> None:
    """Two anonymous cases of one worker do not show that they are one worker's."""

    def opened(tx: Tx) -> set[tuple[str, str]]:
        found = [office.open(tx, anonymous=True) for _ in range(40)]
        return {(case.alias, cases.worker_of(tx, case)) for case in found}

    pairs = office.store.write(opened)
    rows = office.store.read(lambda tx: tx.conn.execute(people_table.select()).all())
    people = {(row.alias, row.id) for row in rows}
    assert len({alias for alias, _ in pairs}) > 20
    assert len(pairs & people) <= 1  # by chance, of nine thousand


@pytest.mark.parametrize("second", [Post(UnitId("riders"), Role.COMMITTEE), Post(UnitId("city"), Role.CHAIR)])
def test_standing_in_lifts_no_barrier_of_ones_own(second: Post) -> None:
    own = Post(UnitId("riders"), Role.COMMITTEE, employer_side=True)
    case = CaseSubject(UnitId("riders"), Kind.HELP, Reader.AREA, None, against_employer=True)
    refusal = decide(Actor(PersonId("somebody"), (own, second)), Act.READ, case, sample().tree)
    assert isinstance(refusal, Refusal)
    assert refusal.key == "case.not_found"
