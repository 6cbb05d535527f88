"""The union: units, who holds which post, who is away, and the ways in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from domain.people import PersonId
from domain.roles import Actor, Post, Role
from domain.units import Tree, Unit, UnitId, UnitKind
from storage.ids import new_id, new_secret, new_token, token_hash
from storage.tables import absences, employers, entrances, invitations, passages, posts, units
from storage.tx import Tx


def add_unit(tx: Tx, unit: Unit) -> None:
    """Add a unit, or change the one with this id."""
    tx.memo.pop("tree", None)
    values = {
        "parent_id": unit.parent_id,
        "kind": unit.kind.value,
        "name": unit.name,
        "calendar": unit.calendar,
        "workplace": unit.workplace,
        "retired_at": None,
    }
    changed = tx.conn.execute(update(units).where(units.c.id == unit.id).values(**values))
    if changed.rowcount == 0:
        tx.conn.execute(insert(units).values(id=unit.id, **values))


def tree(tx: Tx) -> Tree:
    """All units."""
    if "tree" not in tx.memo:
        tx.memo["tree"] = _tree(tx)
    found: Tree = tx.memo["tree"]
    return found


def _tree(tx: Tx) -> Tree:
    rows = tx.conn.execute(select(units).where(units.c.retired_at.is_(None)).order_by(units.c.id))
    return Tree(
        Unit(
            UnitId(row.id),
            UnitId(row.parent_id) if row.parent_id else None,
            UnitKind(row.kind),
            row.name,
            row.calendar,
            row.workplace,
        )
        for row in rows
    )


def is_set_up(tx: Tx) -> bool:
    """Whether a union has been set up in this store."""
    return tx.conn.execute(select(units.c.id).limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a post."""

    person_id: str
    unit_id: str
    role: Role
    on_duty: bool
    employer_side: bool = False


def add_post(
    tx: Tx, person_id: str, unit_id: str, role: Role, on_duty: bool, employer_side: bool = False
) -> None:
    """Give a person a post; holding it already is fine."""
    held = any(h.unit_id == unit_id and h.role is role for h in posts_of(tx, person_id))
    if not held:
        tx.conn.execute(
            insert(posts).values(
                id=new_id(),
                person_id=person_id,
                unit_id=unit_id,
                role=role.value,
                on_duty=on_duty,
                employer_side=employer_side,
                since=tx.now,
            )
        )


def end_posts(tx: Tx, person_id: str) -> None:
    """Take every post from a person."""
    tx.conn.execute(
        update(posts).where((posts.c.person_id == person_id) & posts.c.until.is_(None)).values(until=tx.now)
    )


def posts_of(tx: Tx, person_id: str) -> list[Holder]:
    """The posts a person holds."""
    return _holders(tx, posts.c.person_id == person_id)


def holders(tx: Tx, unit_id: str) -> list[Holder]:
    """Everybody who holds a post in a unit."""
    return _holders(tx, posts.c.unit_id == unit_id)


def all_holders(tx: Tx) -> list[Holder]:
    """Everybody who holds a post."""
    return _holders(tx, posts.c.id.is_not(None))


def _holders(tx: Tx, which: object) -> list[Holder]:
    rows = tx.conn.execute(
        select(posts).where(which & posts.c.until.is_(None)).order_by(posts.c.since, posts.c.id)  # type: ignore[operator]
    )
    return [
        Holder(row.person_id, row.unit_id, Role(row.role), row.on_duty, row.employer_side) for row in rows
    ]


def actor(tx: Tx, person_id: str) -> Actor:
    """A person as authorisation sees them: own posts and those held as a deputy."""
    stand_in_for = tx.conn.execute(
        select(absences.c.person_id).where(
            (absences.c.deputy_id == person_id) & (absences.c.since <= tx.now) & (absences.c.until > tx.now)
        )
    ).scalars()
    held = [holder for who in (person_id, *stand_in_for) for holder in posts_of(tx, who)]
    return Actor(PersonId(person_id), tuple(Post(UnitId(h.unit_id), h.role, h.employer_side) for h in held))


def go_away(tx: Tx, person_id: str, deputy_id: str, until: datetime) -> None:
    """Hand one's matters to a deputy until an instant; an earlier absence ends now."""
    come_back(tx, person_id)
    plan_absence(tx, person_id, deputy_id, tx.now, until)


def plan_absence(tx: Tx, person_id: str, deputy_id: str, since: datetime, until: datetime) -> None:
    """Note a time in which a deputy stands in."""
    tx.conn.execute(
        insert(absences).values(
            id=new_id(), person_id=person_id, deputy_id=deputy_id, since=since, until=until
        )
    )


def come_back(tx: Tx, person_id: str) -> None:
    """End an absence."""
    tx.conn.execute(
        update(absences)
        .where((absences.c.person_id == person_id) & (absences.c.until > tx.now))
        .values(until=tx.now)
    )


def deputy(tx: Tx, person_id: str) -> str | None:
    """Who stands in for a person now."""
    return tx.conn.execute(
        select(absences.c.deputy_id)
        .where(
            (absences.c.person_id == person_id) & (absences.c.since <= tx.now) & (absences.c.until > tx.now)
        )
        .order_by(absences.c.since.desc())
        .limit(1)
    ).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Invitation:
    """A way into a post, good for one use."""

    token_hash: str
    unit_id: str
    role: Role
    on_duty: bool


def invite(tx: Tx, unit_id: str, role: Role, on_duty: bool, lives: timedelta) -> str:
    """Make an invitation and return the token that is told once."""
    token = new_secret()
    tx.conn.execute(
        insert(invitations).values(
            token_hash=token_hash(token),
            unit_id=unit_id,
            role=role.value,
            on_duty=on_duty,
            made_at=tx.now,
            expires_at=tx.now + lives,
        )
    )
    return token


def use_invitation(tx: Tx, token: str, person_id: str) -> Invitation | None:
    """Use an invitation up; None when it is unknown, used or expired, all alike."""
    hashed = token_hash(token)
    row = tx.conn.execute(select(invitations).where(invitations.c.token_hash == hashed)).one_or_none()
    if row is None or row.used_at is not None or row.expires_at <= tx.now:
        return None
    tx.conn.execute(
        update(invitations)
        .where(invitations.c.token_hash == hashed)
        .values(used_at=tx.now, used_by=person_id)
    )
    return Invitation(hashed, row.unit_id, Role(row.role), row.on_duty)


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where a QR code leads."""

    token: str
    unit_id: str
    site: str
    source: str


def add_entrance(tx: Tx, unit_id: str, site: str, source: str) -> Entrance:
    """Make a QR code's handle."""
    token = new_token()
    tx.conn.execute(
        insert(entrances).values(token=token, unit_id=unit_id, site=site, source=source, made_at=tx.now)
    )
    return Entrance(token, unit_id, site, source)


def entrance(tx: Tx, token: str) -> Entrance | None:
    """What a QR code's handle stands for."""
    row = tx.conn.execute(select(entrances).where(entrances.c.token == token)).one_or_none()
    return None if row is None else Entrance(row.token, row.unit_id, row.site, row.source)


def entrances_of(tx: Tx) -> Sequence[Entrance]:
    """Every QR code's handle."""
    rows = tx.conn.execute(select(entrances).order_by(entrances.c.made_at))
    return [Entrance(row.token, row.unit_id, row.site, row.source) for row in rows]


def put_employer(tx: Tx, name: str, aliases: Sequence[str], unit_id: str) -> None:
    """Know an employer, or change what is known."""
    tx.memo.pop("employers", None)
    tx.conn.execute(employers.delete().where(employers.c.name == name))
    tx.conn.execute(insert(employers).values(name=name, aliases="\n".join(aliases), unit_id=unit_id))


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer the union knows."""

    name: str
    aliases: tuple[str, ...]
    unit_id: str


def all_employers(tx: Tx) -> list[Employer]:
    """Every employer the union knows."""
    if "employers" not in tx.memo:
        rows = tx.conn.execute(select(employers).order_by(employers.c.name))
        tx.memo["employers"] = [_employer(row) for row in rows]
    found: list[Employer] = tx.memo["employers"]
    return found


def _employer(row: Row[Any]) -> Employer:
    return Employer(row.name, tuple(row.aliases.split("\n")) if row.aliases else (), row.unit_id)


def unit_of_employer(tx: Tx, name: str) -> str | None:
    """The unit that looks after an employer's people, by its name or an alias."""
    wanted = name.strip().casefold()
    for employer in all_employers(tx):
        if wanted in (each.casefold() for each in (employer.name, *employer.aliases)):
            return employer.unit_id
    return None


def add_passage(tx: Tx, person_id: str, lives: timedelta) -> str:
    """Make a one-use link that carries a person to the union's own page."""
    token = new_secret()
    tx.conn.execute(
        insert(passages).values(token_hash=token_hash(token), person_id=person_id, expires_at=tx.now + lives)
    )
    return token


def owner_of_passage(tx: Tx, token: str) -> str | None:
    """Whose link this is, used up or not."""
    row = _passage(tx, token)
    return None if row is None else str(row.person_id)


def passage_opens(tx: Tx, token: str) -> bool:
    """Whether a link is still good."""
    row = _passage(tx, token)
    return row is not None and row.used_at is None and row.expires_at > tx.now


def use_passage(tx: Tx, token: str) -> str | None:
    """Use a link up and return whose it is; None when it is unknown, used or expired, all alike."""
    if not passage_opens(tx, token):
        return None
    hashed = token_hash(token)
    tx.conn.execute(update(passages).where(passages.c.token_hash == hashed).values(used_at=tx.now))
    return owner_of_passage(tx, token)


def _passage(tx: Tx, token: str) -> Row[Any] | None:
    return tx.conn.execute(select(passages).where(passages.c.token_hash == token_hash(token))).one_or_none()
