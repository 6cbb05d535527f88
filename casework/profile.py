"""What is held about a person, as they see it, correct it and take it along (R8)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import Refusal
from domain.people import work_tags
from domain.units import UnitId, UnitKind
from storage import dues, jobs, outbox, people, union
from storage.jobs import Job
from storage.people import Person, Profile
from storage.tx import Tx
from talk.reply import Say
from talk.words import at

EXPORT = "export"  # the job that makes the file
EXPORT_OVER = "person.export_over"  # the due row that takes it away again
EXPORT_KEPT = timedelta(days=7)
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)  # muted until the person says otherwise

# What somebody says of themselves, in the order it is shown.
ITEMS = (
    *("name", "phone", "employer", "place", "employment"),
    *("occupation", "shift", "skills", "resident_id"),
)


def keep(tx: Tx, person: Person, said: Mapping[str, Any]) -> Profile:
    """Keep what a person said of themselves; an empty answer takes the item away.

    Args:
        said: checked answers by the names of `ITEMS`.
    """
    held = {**people.person(tx, person.id).profile, **said}
    found = {name: value for name, value in held.items() if value not in (None, "")}
    tags = work_tags(found.get("employment"), found.get("occupation"), _at_platform(tx, person.id))
    found["tags"] = sorted(tags)
    people.save_profile(tx, person, found)
    member = people.member(tx, person.id)
    if member is not None and member.active:
        people.note_phone(tx, person.id, found.get("phone"))
    return found


def _at_platform(tx: Tx, person_id: str) -> bool:
    member = people.member(tx, person_id)
    tree = union.tree(tx)
    if member is None or member.unit_id not in tree:
        return False
    return any(unit.kind is UnitKind.PLATFORM for unit in tree.path_up(UnitId(member.unit_id)))


def mute(tx: Tx, person_id: str, until: datetime) -> None:
    """Hold back what is not about the person's own open matters until then."""
    people.mute(tx, person_id, until)


def unmute(tx: Tx, person_id: str) -> None:
    """Say everything again, what was held back first."""
    people.mute(tx, person_id, None)
    outbox.hold_no_longer(tx, person_id)
    dues.put(tx, tx.now, "notice.release", person_id, f"release:{person_id}:{tx.now.isoformat()}")


def ask_for_export(tx: Tx, person: Person) -> None:
    """Have everything held about a person made into one file, which is handed over in chat.

    Raises:
        Refusal: `profile.export.under_way` while one is being made.
    """
    if jobs.waiting(tx, EXPORT, person.key_id):
        raise Refusal("profile.export.under_way")
    jobs.add(tx, EXPORT, person.key_id, person=person.id)


def hand_over(tx: Tx, person_id: str, document: str, left_out: int) -> None:
    """Queue the file that was made for the person's chat.

    Args:
        left_out: how many pieces of evidence did not fit into it.
    """
    door = people.door(tx, person_id)
    if door is None:
        return
    over = tx.now + EXPORT_KEPT
    dues.put_or_move(tx, over, EXPORT_OVER, person_id, f"export:{person_id}")
    outbox.put(tx, door, Say("profile.export.ready", {"until": at(over)}, document=document))
    if left_out:
        outbox.put(tx, door, Say("profile.export.too_large", {"count": left_out}))


def could_not_export(tx: Tx, job: Job) -> None:
    """Tell the person that no file was made."""
    door = people.door(tx, job.detail["person"])
    if door is not None:
        outbox.put(tx, door, Say("profile.export.failed"))
