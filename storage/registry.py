"""Every column that holds something about a person: how it is found, told and taken away (R8; P13, P14).

A column that is in no entry here fails a test, so that nothing can be held without being exportable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, Table, select

from storage import tables as t
from storage.people import Person
from storage.tx import Tx

Mine = Callable[[Tx, Person], ColumnElement[bool]]

OWN = "names the row or the person only inside this store"
SECRET = "a fingerprint of something that opens a door"
LINK = "a fingerprint that finds the person's rows"


@dataclass(frozen=True, slots=True)
class Held:
    """What one table holds about a person.

    Attributes:
        mine: the person's rows.
        told: columns exported as they are.
        opened: sealed columns, exported once opened.
        kept_back: columns that are not exported, and why.
        key: the column that names the data key; the person's own key where there is none.
        stays: why the rows stay when everything is erased; without it they are deleted.
    """

    table: Table
    mine: Mine
    told: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    kept_back: Mapping[str, str] = field(default_factory=dict)
    key: ColumnElement[str] | None = None
    stays: str = ""


# Tables without a word about anybody, and why.
NOBODYS: Mapping[str, str] = {
    "meta": "facts about this store",
    "data_keys": "keys alone; destroying one is what erases",
    "units": "the union's own tree",
    "employers": "employers the union knows",
    "entrances": "posters",
}


def _by(column: ColumnElement[str]) -> Mine:
    return lambda _tx, who: column == who.id


def _by_account(column: ColumnElement[str]) -> Mine:
    return lambda _tx, who: column.in_(select(t.accounts.c.id).where(t.accounts.c.person_id == who.id))


def _by_index(column: ColumnElement[str]) -> Mine:
    return lambda tx, who: column.in_(tx.sealer.blind_indexes("identity", who.id))


def _by_case(column: ColumnElement[str]) -> Mine:
    return lambda tx, who: column.in_(_my_cases(tx, who))


def _my_cases(tx: Tx, who: Person) -> Select[tuple[str]]:
    indexes = tx.sealer.blind_indexes("identity", who.id)
    return select(t.case_links.c.case_id).where(t.case_links.c.person_index.in_(indexes))


def _shown_events(tx: Tx, who: Person) -> ColumnElement[bool]:
    mine = t.case_events.c.case_id.in_(_my_cases(tx, who))
    return mine & t.case_events.c.shown & (t.case_events.c.case_id == t.cases.c.id)


REGISTRY: tuple[Held, ...] = (
    Held(
        t.people,
        _by(t.people.c.id),
        told=("alias", "language", "muted_until", "made_at", "erased_at"),
        opened=("profile",),
        kept_back={"id": OWN, "key_id": OWN},
        stays="rows of others, such as an audit entry, point to it; nothing in it says who it was",
    ),
    Held(
        t.accounts,
        _by(t.accounts.c.person_id),
        told=("channel", "reachable", "last_in_at", "asking", "made_at"),
        opened=("address",),
        kept_back={"id": OWN, "person_id": OWN, "address_index": LINK},
        stays="what was received points to it; its address cannot be read or found any more",
    ),
    Held(
        t.consents,
        _by(t.consents.c.person_id),
        told=("what", "version", "given_at", "withdrawn_at"),
        kept_back={"id": OWN, "person_id": OWN},
        stays="shows that what was done was agreed to, and when that ended",
    ),
    Held(
        t.members,
        _by(t.members.c.person_id),
        told=("number", "unit_id", "state", "since", "until"),
        kept_back={"person_id": OWN, "phone_index": LINK},
        stays="a number is never given twice",
    ),
    Held(
        t.return_codes,
        _by(t.return_codes.c.person_id),
        told=("made_at", "revoked_at"),
        kept_back={"code_hash": SECRET, "person_id": OWN},
    ),
    Held(
        t.passages,
        _by(t.passages.c.person_id),
        told=("expires_at", "used_at"),
        kept_back={"token_hash": SECRET, "person_id": OWN},
    ),
    Held(
        t.sessions,
        _by(t.sessions.c.person_id),
        told=("updated_at",),
        opened=("state",),
        kept_back={"person_id": OWN, "question": OWN},
    ),
    Held(
        t.inbox,
        lambda _tx, who: t.inbox.c.key_id == who.key_id,
        told=("channel", "state", "received_at", "done_at"),
        opened=("raw",),
        kept_back={
            **dict.fromkeys(("id", "account_id", "lane", "key_id"), OWN),
            "update_key": "the platform's own count of updates",
            **dict.fromkeys(("tries", "not_before", "fault"), "how this store fared with it"),
        },
        stays="a second copy of an update is known by its key; the words are gone",
    ),
    Held(
        t.outbox,
        _by(t.outbox.c.person_id),
        told=("op", "state", "made_at", "sent_at", "seen_at"),
        opened=("payload", "rendered"),
        kept_back={
            **dict.fromkeys(("id", "account_id", "person_id", "case_id", "target_id", "message_id"), OWN),
            **dict.fromkeys(("urgency", "repeatable", "notice", "fold"), "how it was to be sent"),
            **dict.fromkeys(("tries", "doubts", "not_before", "fault", "tried_at"), "how sending it went"),
        },
    ),
    Held(
        t.keyboards,
        _by(t.keyboards.c.person_id),
        told=("expires_at", "closed_at"),
        opened=("choices",),
        kept_back={"token": SECRET, "outbox_id": OWN, "person_id": OWN, "question": OWN},
    ),
    Held(
        t.dues,
        _by(t.dues.c.subject),
        told=("due_at", "kind", "made_at", "done_at"),
        kept_back={"id": OWN, "subject": OWN, "unique_key": OWN, "detail": OWN},
    ),
    Held(
        t.jobs,
        lambda _tx, who: t.jobs.c.key_id == who.key_id,
        told=("kind", "state", "made_at", "done_at"),
        opened=("detail",),
        kept_back={"id": OWN, "key_id": OWN, "tries": "how it went", "not_before": "how it went"},
    ),
    Held(
        t.cases,
        _by_case(t.cases.c.id),
        told=(
            *("number", "kind", "category", "source", "alias", "unit_id", "taken", "reader"),
            *("against_employer", "sensitive", "urgent", "route", "track", "state", "disposition", "word"),
            *("opened_at", "taken_at", "take_by", "soon_at", "due_at", "provisional", "paused_at"),
            *("level", "round", "told_at", "closed_at", "clock_from", "woman"),
        ),
        opened=("body",),
        kept_back={"id": OWN, "key_id": OWN, "worker_id": OWN, "owner_id": "another person"},
        key=t.cases.c.key_id,
        stays="counted without a name; what was said goes, or loses the name, as the person chooses",
    ),
    Held(
        t.case_links,
        _by_case(t.case_links.c.case_id),
        kept_back={"case_id": OWN, "person_index": LINK, "person": "the link itself"},
        stays="it leads to somebody of whom nothing is known any more",
    ),
    Held(
        t.case_events,
        _shown_events,
        told=("kind", "by", "shown", "at"),
        opened=("detail",),
        kept_back={"id": OWN, "case_id": OWN, "actor_id": "another person"},
        key=t.cases.c.key_id,
        stays="what was said in a case goes with the case's key, or stays without a name",
    ),
    Held(
        t.case_messages,
        _by_case(t.case_messages.c.case_id),
        told=("at",),
        kept_back={"message_index": LINK, "case_id": OWN},
    ),
    Held(
        t.evidence,
        _by_index(t.evidence.c.person_index),
        told=("kind", "state", "size", "sha256", "received_at", "kept_at"),
        opened=("detail",),
        kept_back={
            **dict.fromkeys(("id", "case_id", "key_id"), OWN),
            "person_index": LINK,
            **dict.fromkeys(("file", "copy"), "a name on this disk; the file itself is handed over"),
        },
        key=t.evidence.c.key_id,
        stays="evidence of a case that goes on without a name stays with it; all other is deleted",
    ),
    Held(
        t.law_answers,
        _by_index(t.law_answers.c.person_index),
        told=("card", "checked_on", "at"),
        kept_back={"id": OWN, "person_index": LINK},
    ),
    Held(
        t.browser_keys,
        _by_account(t.browser_keys.c.account_id),
        told=("made_at", "revoked_at"),
        kept_back={"key_hash": SECRET, "account_id": OWN},
    ),
    Held(
        t.browser_feed,
        _by_account(t.browser_feed.c.account_id),
        told=("kind", "at"),
        opened=("body",),
        kept_back={"id": OWN, "account_id": OWN, "outbox_id": OWN},
    ),
    Held(
        t.documents,
        _by(t.documents.c.person_id),
        told=("mime", "made_at"),
        kept_back={
            "id": OWN,
            "person_id": OWN,
            "key_id": OWN,
            "file": "a name on this disk",
            "bound": OWN,
            "case_id": OWN,
            "name": "the name of a file that is exported itself, or of another person's evidence",
        },
    ),
    Held(
        t.posts,
        _by(t.posts.c.person_id),
        told=("unit_id", "role", "on_duty", "employer_side", "since", "until"),
        kept_back={"id": OWN, "person_id": OWN},
        stays="who held an office, and when",
    ),
    Held(
        t.absences,
        _by(t.absences.c.person_id),
        told=("since", "until"),
        kept_back={"id": OWN, "person_id": OWN, "deputy_id": "another person"},
    ),
    Held(
        t.invitations,
        _by(t.invitations.c.used_by),
        told=("unit_id", "role", "on_duty", "made_at", "expires_at", "used_at"),
        kept_back={"token_hash": SECRET, "used_by": OWN},
        stays="who was let into an office, and when",
    ),
    Held(
        t.audit,
        _by(t.audit.c.actor_id),
        told=("at", "act", "outcome"),
        kept_back={"id": OWN, "actor_id": OWN, "subject": "other people's matters", "chain": OWN},
        stays="each row is bound to the one before; ids only",
    ),
)
