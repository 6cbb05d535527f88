"""Evidence as a cadre gets to see it: the copy without place and camera, the original stays sealed (R16)."""

from casework.authorize import allowed, authorize
from domain.roles import Act, Actor
from storage import cases, documents, evidence, union
from storage.cases import Case
from storage.evidence import Item
from storage.sealing import row_aad
from storage.tx import Tx

PICTURE_MIME = "image/jpeg"


def hand_over(tx: Tx, actor: Actor, case_id: str) -> tuple[Case, list[tuple[Item, str]]]:
    """Make the evidence of a case readable for one cadre; recorded.

    Returns:
        The case and its items, each with the id of a document, "" where there is nothing to show yet.
    """
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.READ, case)
    return case, [(item, _document(tx, actor, item)) for item in evidence.of_case(tx, case.id)]


def _document(tx: Tx, actor: Actor, item: Item) -> str:
    """A picture is shown as its safe copy only; anything else as it came."""
    column = "copy" if item.kind == "photo" or item.copy is not None else "file"
    stored = item.copy if column == "copy" else item.file
    if item.state != "kept" or stored is None:
        return ""
    name = str(item.detail.get("name") or item.kind)
    mime = PICTURE_MIME if column == "copy" else str(item.detail.get("mime") or "application/octet-stream")
    bound = row_aad("evidence", item.id, column)
    return documents.add(tx, actor.person, item.key_id, name, mime, stored, bound, item.case_id)


def may_fetch(tx: Tx, person_id: str, document_id: str) -> bool:
    """Whether a person may have a document now: their own, and of a case only while they may read it."""
    handle = documents.handle(tx, document_id)
    if handle is None or handle.person_id != person_id:
        return False
    if handle.case_id is None:
        return True
    return allowed(tx, union.actor(tx, person_id), Act.READ, cases.get(tx, handle.case_id))
