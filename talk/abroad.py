"""What a form does where words leave the country: no resident ID, a consent of its own for what is personal.

Source: PIPL art. 38, 39; R37.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from talk.forms import Question, Sort
from talk.reply import Choice, Say, Value
from talk.runs import Run

PAGE = "*abroad."  # a run that waits for the consent stands here, followed by the question's name
AGREE, WITHOUT, ELSEWHERE = "abroad_agree", "abroad_without", "elsewhere"


@dataclass(frozen=True, slots=True)
class Crossing:
    """That a channel carries words abroad.

    Attributes:
        agreed: the person agreed that personal words cross.
        page: there is a page of the union's own where the form can be gone on with.
    """

    agreed: bool
    page: bool


def asked_there(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions of a form that may be asked where words leave the country."""
    return tuple(question for question in questions if not question.at_home)


def waiting_for(run: Run) -> str:
    """The question that is asked once the person agrees; empty when no consent is waited for."""
    return run.at.removeprefix(PAGE) if run.at.startswith(PAGE) else ""


def held_back(question: Question, crossing: Crossing | None) -> bool:
    """Whether a question waits for a consent of its own."""
    return crossing is not None and not crossing.agreed and question.personal


def consent_page(label: Value, crossing: Crossing, *, without: bool) -> Say:
    """The consent asked for before the first personal question.

    Args:
        label: what is asked for next.
        without: the form can be sent without it.
    """
    first = [Choice(f"form.{AGREE}", label="abroad.button.agree")]
    if without:
        first.append(Choice(f"form.{WITHOUT}", label="abroad.button.without"))
    ways = (Choice("form.back", label="kit.button.back"), Choice("form.later", label="kit.button.later"))
    rows = (tuple(first), *elsewhere_row(crossing), ways)
    return Say("abroad.ask", {"what": label, "ways": {"$key": _WAYS[crossing.page, without]}}, rows)


# What else can be done, by whether there is a page of the union's own and whether it can be left out.
_WAYS = {
    (True, True): "abroad.ways.both",
    (True, False): "abroad.ways.page",
    (False, True): "abroad.ways.without",
    (False, False): "abroad.ways.none",
}


def elsewhere_row(crossing: Crossing | None) -> tuple[tuple[Choice, ...], ...]:
    """The way to the union's own page."""
    if crossing is None or not crossing.page:
        return ()
    return ((Choice(f"form.{ELSEWHERE}", label="abroad.button.elsewhere"),),)


def with_warning(question: Question, key: str, values: dict[str, Value]) -> tuple[str, dict[str, Value]]:
    """A question for pictures says not to send those of an ID: they could not be told apart."""
    if question.sort is not Sort.FILES:
        return key, values
    return "abroad.no_id_photo", {"question": {"$key": key, "values": values}}
