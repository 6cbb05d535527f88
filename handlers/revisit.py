"""The worker's own word on what came of a matter (R17)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from casework import outcome, worker
from casework.handling import name_of
from casework.timing import REVISIT
from domain.cases import Word
from domain.revisit import Verdict
from handlers.registry import button, flow
from handlers.turn import Turn, about
from storage import cases, dues, union
from storage.cases import Case
from talk.forms import Ask, Form, Sort
from talk.reply import Choice, Reply, Say, Value
from talk.words import at


class CommentForm(Form):
    """What else the worker has to say about a result. Words: texts/*/comment.toml."""

    flow: ClassVar[str] = "comment"
    review: ClassVar[bool] = False

    text: Annotated[str, Field(min_length=1, max_length=2000), Ask(Sort.TEXT)]


def _question(case: Case, key: str) -> Say:
    words = (Word.SOLVED, Word.PARTLY, Word.NOT_SOLVED)
    row = tuple(
        Choice(
            "revisit.word", label=f"revisit.button.{word.value}", args={"case": case.id, "word": word.value}
        )
        for word in words
    )
    return Say(key, {"number": case.number}, (row,), case_id=case.id)


@button("revisit.open")
def open_revisit(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Say what came of it without waiting to be asked, or change the answer."""
    case = worker.own(turn.tx, turn.person.id, args["case"])
    return Reply((_question(case, "revisit.choose"),))


@button("revisit.later")
def later(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Not now: the question stays open and comes again."""
    case = worker.own(turn.tx, turn.person.id, args["case"])
    return Reply((Say("revisit.later", {"number": case.number}, case_id=case.id),))


@button("revisit.word")
def say_word(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """One tap is recorded at once; the rest is optional."""
    case = worker.own(turn.tx, turn.person.id, args["case"])
    found = outcome.answer(turn.tx, turn.rules, turn.person.id, case.id, Word(args["word"]))
    return Reply((_thanks(turn, cases.get(turn.tx, case.id), found, args["word"]),))


def _thanks(turn: Turn, case: Case, found: Verdict, word: str) -> Say:
    values: dict[str, Value] = {
        "number": case.number,
        "owner": name_of(turn.tx, case.owner_id),
        "take_by": at(case.take_by),
        "due": at(case.due_at),
        "asked": at(_next_check(turn, case)),
    }
    scores = tuple(
        Choice("revisit.score", words=str(n), args={"case": case.id, "word": word, "score": n})
        for n in range(1, 6)
    )
    below = (
        Choice("revisit.open", label="revisit.button.change", args={"case": case.id}),
        Choice("revisit.comment", label="revisit.button.comment", args={"case": case.id}),
    )
    rows = (scores, below) if found is Verdict.CLOSE else (below,)
    return Say(f"revisit.followed.{_what_follows(turn, case, found)}", values, rows, case_id=case.id)


def _next_check(turn: Turn, case: Case) -> datetime:
    planned = dues.planned(turn.tx, case.id)
    return next((due.due_at for due in planned if due.kind == REVISIT), turn.tx.now)


def _what_follows(turn: Turn, case: Case, found: Verdict) -> str:
    """Nobody stands above the topmost unit: there the matter starts again where it is."""
    if found is Verdict.REOPEN_ABOVE and case.unit_id == union.tree(turn.tx).root.id:
        return "reopen_here"
    return found.value


@button("revisit.score")
def score(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """A score of 1 to 5; 1 or 2 reopens the case."""
    case = worker.own(turn.tx, turn.person.id, args["case"])
    found = outcome.answer(
        turn.tx, turn.rules, turn.person.id, case.id, Word(args["word"]), int(args["score"])
    )
    case = cases.get(turn.tx, case.id)
    if found is not Verdict.CLOSE:
        return Reply((_thanks(turn, case, found, args["word"]),))
    row = (
        Choice("revisit.open", label="revisit.button.change", args={"case": case.id}),
        Choice("revisit.comment", label="revisit.button.comment", args={"case": case.id}),
    )
    return Reply(
        (Say("revisit.scored", {"number": case.number, "score": args["score"]}, (row,), case_id=case.id),)
    )


@button("revisit.comment")
def comment(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Say more about the result."""
    case = worker.own(turn.tx, turn.person.id, args["case"])
    return turn.begin("comment", subject=about(case))


@flow(CommentForm)
def keep_comment(form: CommentForm, turn: Turn) -> Reply:
    """Keep the comment with the case; its handler may read it."""
    case = worker.own(turn.tx, turn.person.id, turn.subject["case"])
    cases.record(turn.tx, case, "comment", "worker", {"text": form.text}, actor_id=None, shown=True)
    worker.tell_owner(turn.tx, turn.rules, case, "desk.worker_added", buttons=case.open)
    return Reply((Say("revisit.comment_kept", {"number": case.number}, case_id=case.id),))
