"""People and the doors they use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from storage.ids import new_alias, new_id
from storage.tables import accounts, consents, members, people
from storage.tx import KeyDestroyed, Tx

Profile = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has written to us at least once."""

    id: str
    key_id: str
    alias: str
    language: str
    profile: Profile
    muted_until: datetime | None
    erased: bool

    def muted(self, now: datetime) -> bool:
        """Whether what is not about the person's own open matters is held back."""
        return self.muted_until is not None and now < self.muted_until


@dataclass(frozen=True, slots=True)
class Account:
    """One door of a person's: a Telegram chat, a browser."""

    id: str
    person_id: str
    key_id: str
    channel: str
    reachable: bool
    last_in_at: datetime | None
    asking: bool = False  # a keyboard that shares a phone number or a place is shown there


def find_account(tx: Tx, channel: str, address: str) -> Account | None:
    """The account at this address of a channel."""
    indexes = tx.sealer.blind_indexes("address", f"{channel}:{address}")
    return _account(tx, (accounts.c.channel == channel) & accounts.c.address_index.in_(indexes))


def account(tx: Tx, account_id: str) -> Account | None:
    """The account with this id."""
    return _account(tx, accounts.c.id == account_id)


def _account(tx: Tx, which: Any) -> Account | None:
    row = tx.conn.execute(
        select(accounts, people.c.key_id).join(people, people.c.id == accounts.c.person_id).where(which)
    ).one_or_none()
    return None if row is None else _to_account(row)


def _to_account(row: Row[Any]) -> Account:
    return Account(row.id, row.person_id, row.key_id, row.channel, row.reachable, row.last_in_at, row.asking)


def accounts_of(tx: Tx, person_id: str) -> list[Account]:
    """A person's doors, the one used last first."""
    rows = tx.conn.execute(
        select(accounts, people.c.key_id)
        .join(people, people.c.id == accounts.c.person_id)
        .where(accounts.c.person_id == person_id)
        .order_by(
            accounts.c.reachable.desc(), accounts.c.last_in_at.desc().nulls_last(), accounts.c.made_at.desc()
        )
    )
    return [_to_account(row) for row in rows]


def door(tx: Tx, person_id: str) -> Account | None:
    """Where a notice to this person goes: the reachable door used last, else the last one.

    Nowhere, when the person had everything erased: nothing could be sealed for them any more.
    """
    if person(tx, person_id).erased:
        return None
    return next(iter(accounts_of(tx, person_id)), None)


def address(tx: Tx, found: Account) -> str:
    """The platform's address of an account."""
    row = tx.conn.execute(select(accounts.c.address).where(accounts.c.id == found.id)).scalar_one()
    return str(tx.unseal(found.key_id, "accounts", found.id, "address", row))


def add_account(
    tx: Tx, channel: str, address: str, person_id: str | None = None, language: str = "zh"
) -> Account:
    """Open a door; a person nobody knows yet is made along with it."""
    owner = person(tx, person_id) if person_id else add_person(tx, language)
    account_id = new_id()
    tx.conn.execute(
        insert(accounts).values(
            id=account_id,
            person_id=owner.id,
            channel=channel,
            address_index=tx.sealer.blind_index("address", f"{channel}:{address}"),
            address=tx.seal(owner.key_id, "accounts", account_id, "address", address),
            reachable=True,
            asking=False,
            made_at=tx.now,
        )
    )
    return Account(account_id, owner.id, owner.key_id, channel, True, None)


def add_person(tx: Tx, language: str = "zh") -> Person:
    """Make a person known by nothing but an alias."""
    person_id, key_id = new_id(), tx.make_key()
    alias = new_alias()
    tx.conn.execute(
        insert(people).values(id=person_id, key_id=key_id, alias=alias, language=language, made_at=tx.now)
    )
    return Person(person_id, key_id, alias, language, {}, None, False)


def person(tx: Tx, person_id: str) -> Person:
    """The person with this id; an erased one has an empty profile."""
    row = tx.conn.execute(select(people).where(people.c.id == person_id)).one()
    return Person(
        row.id,
        row.key_id,
        row.alias,
        row.language,
        _profile(tx, row),
        row.muted_until,
        row.erased_at is not None,
    )


def _profile(tx: Tx, row: Row[Any]) -> Profile:
    if row.profile is None:
        return {}
    try:
        found: Profile = tx.unseal(row.key_id, "people", row.id, "profile", row.profile)
    except KeyDestroyed:
        return {}
    return found


def save_profile(tx: Tx, who: Person, profile: Profile) -> None:
    """Replace what is held about a person."""
    blob = tx.seal(who.key_id, "people", who.id, "profile", profile)
    tx.conn.execute(update(people).where(people.c.id == who.id).values(profile=blob))


def set_language(tx: Tx, person_id: str, language: str) -> None:
    """Speak to a person in this language from now on."""
    tx.conn.execute(update(people).where(people.c.id == person_id).values(language=language))


def mute(tx: Tx, person_id: str, until: datetime | None) -> None:
    """Hold back what is not about the person's own open matters until then."""
    tx.conn.execute(update(people).where(people.c.id == person_id).values(muted_until=until))


def erase(tx: Tx, who: Person) -> None:
    """Destroy what a person's own key seals and close every door; `storage.personal` takes the rows away."""
    tx.destroy_key(who.key_id)
    values = {"profile": None, "muted_until": None, "erased_at": tx.now}
    tx.conn.execute(update(people).where(people.c.id == who.id).values(**values))
    tx.conn.execute(
        update(accounts)
        .where(accounts.c.person_id == who.id)
        .values(reachable=False, address_index=accounts.c.id)
    )


def heard_from(tx: Tx, account_id: str) -> None:
    """Something came in through this door; it can be reached."""
    tx.conn.execute(
        update(accounts).where(accounts.c.id == account_id).values(last_in_at=tx.now, reachable=True)
    )


def set_asking(tx: Tx, account_id: str, asking: bool) -> None:
    """Note whether a keyboard that shares a phone number or a place is shown in a chat."""
    tx.conn.execute(update(accounts).where(accounts.c.id == account_id).values(asking=asking))


def set_reachable(tx: Tx, account_id: str, reachable: bool) -> bool:
    """Note whether a door is open; returns whether that is news."""
    changed = tx.conn.execute(
        update(accounts)
        .where((accounts.c.id == account_id) & (accounts.c.reachable != reachable))
        .values(reachable=reachable)
    )
    return changed.rowcount > 0


def give_consent(tx: Tx, person_id: str, what: str, version: str) -> None:
    """Record a consent; one that stands is not recorded again."""
    if not has_consent(tx, person_id, what):
        tx.conn.execute(
            insert(consents).values(
                id=new_id(), person_id=person_id, what=what, version=version, given_at=tx.now
            )
        )


def has_consent(tx: Tx, person_id: str, what: str) -> bool:
    """Whether a consent stands."""
    row = tx.conn.execute(
        select(consents.c.id).where(
            (consents.c.person_id == person_id)
            & (consents.c.what == what)
            & consents.c.withdrawn_at.is_(None)
        )
    ).first()
    return row is not None


def withdraw_consents(tx: Tx, person_id: str, *what: str) -> None:
    """Take consents back, of some kinds or all of them."""
    query = update(consents).where((consents.c.person_id == person_id) & consents.c.withdrawn_at.is_(None))
    if what:
        query = query.where(consents.c.what.in_(what))
    tx.conn.execute(query.values(withdrawn_at=tx.now))


def consents_of(tx: Tx, person_id: str) -> list[tuple[str, datetime]]:
    """What a person agreed to and when."""
    rows = tx.conn.execute(
        select(consents.c.what, consents.c.given_at)
        .where((consents.c.person_id == person_id) & consents.c.withdrawn_at.is_(None))
        .order_by(consents.c.given_at)
    )
    return [(row.what, row.given_at) for row in rows]


@dataclass(frozen=True, slots=True)
class Member:
    """A membership record."""

    person_id: str
    number: str
    unit_id: str
    state: str
    since: datetime
    until: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether the person is a member now."""
        return self.state == "active"


def member(tx: Tx, person_id: str) -> Member | None:
    """A person's membership record, active or left."""
    name = _member_name(person_id)
    if name not in tx.memo:
        tx.memo[name] = _member(tx, person_id)
    found: Member | None = tx.memo[name]
    return found


def _member_name(person_id: str) -> str:
    return f"member:{person_id}"


def _member(tx: Tx, person_id: str) -> Member | None:
    row = tx.conn.execute(select(members).where(members.c.person_id == person_id)).one_or_none()
    if row is None:
        return None
    return Member(row.person_id, row.number, row.unit_id, row.state, row.since, row.until)


def add_member(tx: Tx, person_id: str, number: str, unit_id: str) -> Member:
    """Enter a person as a member; one who left comes back under the number they had."""
    tx.memo.pop(_member_name(person_id), None)
    values = {"unit_id": unit_id, "state": "active", "since": tx.now, "until": None}
    changed = tx.conn.execute(update(members).where(members.c.person_id == person_id).values(**values))
    if changed.rowcount == 0:
        tx.conn.execute(insert(members).values(person_id=person_id, number=number, **values))
    entered = member(tx, person_id)
    assert entered is not None
    return entered


def leave(tx: Tx, person_id: str) -> None:
    """End a membership; its number is kept and never given to anybody else."""
    tx.memo.pop(_member_name(person_id), None)
    values = {"state": "left", "until": tx.now, "phone_index": None}
    mine = (members.c.person_id == person_id) & (members.c.state == "active")
    tx.conn.execute(update(members).where(mine).values(**values))


def next_in_year(tx: Tx, year: int) -> int:
    """The next sequence number of a year's members; records are never deleted."""
    which = members.c.number.like(f"{year % 100:02d}-%")
    return int(tx.conn.execute(select(func.count()).select_from(members).where(which)).scalar_one()) + 1


def note_phone(tx: Tx, person_id: str, phone: str | None) -> None:
    """Note a member's mobile number so that one used twice is seen."""
    index = tx.sealer.blind_index("mobile", phone) if phone else None
    tx.conn.execute(update(members).where(members.c.person_id == person_id).values(phone_index=index))


def others_with_phone(tx: Tx, person_id: str, phone: str) -> int:
    """How many other members gave this mobile number; never told to a worker (I95)."""
    which = (
        members.c.phone_index.in_(tx.sealer.blind_indexes("mobile", phone))
        & (members.c.person_id != person_id)
        & (members.c.state == "active")
    )
    return int(tx.conn.execute(select(func.count()).select_from(members).where(which)).scalar_one())
