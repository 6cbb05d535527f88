"""Everything held about a person as one file, and taking files off the disk that nobody may read any more."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.jobs import Jobs
from casework import disclosure, erasure, profile
from casework.rulebook import Rulebook
from domain.uploads import check_upload
from papers.archives import zip_of
from storage import documents, evidence, jobs, meta, people, personal
from storage.evidence import Item
from storage.files import SIZE_LIMIT, Stored, StoredFileMissing, Vault
from storage.jobs import Job
from storage.people import Person
from storage.sealing import row_aad
from storage.store import Store
from storage.tx import Tx
from talk.reply import Value
from talk.words import Words, at

T = TypeVar("T")
ZIP = "application/zip"
MOST = 2 * SIZE_LIMIT  # bytes of evidence in one file; platforms hand over 50 MB at most
ROOM = SIZE_LIMIT  # and for all the rest


class StillRead(Exception):
    """Somebody reads the database as it was before; the log is emptied on another try."""

    loggable = True  # its words hold no content


@dataclass(frozen=True, slots=True)
class Copy:
    """What goes into the file, read at one moment."""

    person: Person
    key: bytes
    data: Mapping[str, Any]
    lines: list[Value]
    matters: list[Value]
    items: list[tuple[Item, bytes]]
    union: str
    told: Value


class Exports:
    """Does jobs of kind `export` and `discard`."""

    def __init__(self, store: Store, words: Words, rules: Rulebook, vault: Vault) -> None:
        self._store = store
        self._words = words
        self._rules = rules
        self._vault = vault

    def join(self, loop: Jobs) -> None:
        """Teach the loop both kinds of work."""
        loop.add(profile.EXPORT, self.export, profile.could_not_export)
        loop.add(erasure.DISCARD, self.discard)

    async def export(self, job: Job) -> None:
        """Make the file and hand it over in chat."""
        copy = await asyncio.to_thread(self._store.read, lambda tx: self._copy(tx, job.detail["person"]))
        stored, left_out = await asyncio.to_thread(self._pack, copy)
        await self._write(lambda tx: self._hand_over(tx, job, copy, stored, left_out))

    async def discard(self, job: Job) -> None:
        """Take files off the disk, and what was deleted out of the database's log.

        Raises:
            StillRead: the log is emptied on another try.
        """
        for name in job.detail["files"]:
            await asyncio.to_thread(self._vault.remove, name)
        if not await asyncio.to_thread(self._store.scrub):
            raise StillRead
        await self._write(lambda tx: jobs.done(tx, job.id))

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self._store.submit(work))

    # ---- gathering

    def _copy(self, tx: Tx, person_id: str) -> Copy:
        person = people.person(tx, person_id)
        kept = [item for item in evidence.of_person(tx, person_id) if item.file is not None]
        return Copy(
            person=person,
            key=tx.data_key(person.key_id),
            data=personal.export(tx, person),
            lines=disclosure.about(tx, self._rules, person),
            matters=disclosure.matters(tx, self._rules, person),
            items=[(item, evidence.data_key(tx, item)) for item in kept],
            union=meta.read(tx, "union_name") or "",
            told=at(tx.now, year=True),
        )

    # ---- packing

    def _pack(self, copy: Copy) -> tuple[Stored, int]:
        """One sealed ZIP, and how many pieces of evidence did not fit."""
        data = json.dumps(copy.data, ensure_ascii=False, indent=1)
        files = {
            self._say(copy, "profile.export.text_name"): self._text(copy).encode("utf-8-sig"),
            "data.json": data.encode("utf-8", "backslashreplace"),  # half a character as JSON writes it
        }
        room, left_out = MOST, 0
        for number, (item, key) in enumerate(copy.items, 1):
            if (item.size or 0) > room:
                left_out += 1
                continue
            content = self._content(item, key)
            room -= len(content)
            files[f"evidence/{number:02d}-{_name(item, content)}"] = content
        stored = self._vault.store([zip_of(files)], copy.key, documents.BOUND, limit=MOST + ROOM)
        return stored, left_out

    def _content(self, item: Item, key: bytes) -> bytes:
        assert item.file is not None
        try:
            return b"".join(self._vault.read(item.file, key, row_aad("evidence", item.id, "file")))
        except StoredFileMissing:
            return b""

    def _text(self, copy: Copy) -> str:
        values: dict[str, Value] = {
            "union": copy.union,
            "at": copy.told,
            "lines": {"$lines": copy.lines},
            "matters": {"$lines": copy.matters or [{"$key": "profile.export.no_matters"}]},
        }
        return self._words.render(copy.person.language, "profile.export.text", values)

    def _say(self, copy: Copy, key: str) -> str:
        return self._words.labels(copy.person.language, key)

    # ---- handing over

    def _hand_over(self, tx: Tx, job: Job, copy: Copy, stored: Stored, left_out: int) -> None:
        """Queue the file for the person's chat; one made earlier is taken off the disk."""
        name = self._say(copy, "profile.export.file")
        earlier = documents.drop_made(tx, copy.person.id)
        document = documents.add(tx, copy.person.id, copy.person.key_id, name, ZIP, stored.name)
        profile.hand_over(tx, copy.person.id, document, left_out)
        jobs.done(tx, job.id)
        if earlier:
            erasure.discard(tx, earlier)


def _name(item: Item, content: bytes) -> str:
    return check_upload(item.detail["name"] or item.kind, content).name if content else "missing"
