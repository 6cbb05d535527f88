"""From what a person gave to a checked answer, and from an answer back to words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from domain.people import mobile_number
from talk import reading
from talk.forms import Guide, Option, Question, Sort
from talk.reading import Unread
from talk.reply import Choice, Value
from talk.typed import bare
from talk.words import Words


@dataclass(frozen=True, slots=True)
class Wrote:
    """Words typed, or passed on from somewhere else."""

    text: str
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """Evidence already stored, by its ids, with the words that came along."""

    items: tuple[str, ...]
    sort: str  # photo, file, voice, video
    text: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """A place pointed at, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Shared:
    """A contact shared; `own` says that it is the sender's."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A checked answer as the draft keeps it."""

    value: Any


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Files so far; more may come."""

    so_far: Any
    count: int


Material = Wrote | Attached | Located | Shared


def read(
    question: Question, given: Any, options: Sequence[Option], guide: Guide, before: Any
) -> Answered | Unanswered:
    """Read what was given to a question.

    Args:
        before: the answer given to the same question before, if any.

    Raises:
        Refusal: it is no answer to this question; its key says what is wanted.
    """
    if question.sort in (Sort.TELL, Sort.FILES):
        return _read_material(question, given, guide, before)
    if isinstance(given, Shared):
        return Answered(_checked(question, _phone_of(question, given)))
    if isinstance(given, Located):
        return Answered(_place_of(question, given))
    if isinstance(given, Attached):
        raise Unread("kit.fault.file_kept")
    chosen = reading.read_choice(given.text, _typed_options(options, guide)) if options else None
    if chosen is not None:
        return Answered(chosen)
    return Answered(_checked(question, _typed(question, given.text, guide)))


def _typed(question: Question, text: str, guide: Guide) -> Any:
    if not reading.normalise(text):
        raise Unread("kit.fault.empty")
    match question.sort:
        case Sort.NUMBER:
            return reading.read_int(text)
        case Sort.YUAN:
            return reading.read_yuan(text)
        case Sort.DAY:
            return reading.read_day(text, guide.today, past=question.past, ahead=question.ahead).isoformat()
        case Sort.YES_NO:
            return reading.read_yes_no(text)
        case Sort.CHOICE:
            raise Unread("kit.fault.not_choice")
        case Sort.PHONE:
            return mobile_number(text)
    return reading.clean(text).strip()


def _read_material(question: Question, given: Any, guide: Guide, before: Any) -> Answered | Unanswered:
    telling = question.sort is Sort.TELL
    held: dict[str, Any] = before if isinstance(before, dict) else {"text": "", "items": []}
    if isinstance(given, Attached):
        items = [*held["items"], *given.items][: question.most]
        said = "\n".join(part for part in (held["text"], given.text) if part)
        so_far = {"text": said, "items": items}
        at_once = telling and given.sort == "voice"
        return Answered(so_far) if at_once else Unanswered(so_far, len(items))
    if not isinstance(given, Wrote):
        raise Unread("kit.fault.not_picture" if not telling else "kit.fault.not_words")
    text = reading.clean(given.text).strip()
    if not reading.normalise(text):
        raise Unread("kit.fault.empty")
    if given.forwarded:
        text = f"{guide.label('kit.forwarded')}{text}"
    if not telling:
        raise Unread("kit.fault.not_picture")
    said = "\n".join(part for part in (held["text"], text) if part)
    return Answered(_checked(question, {"text": said, "items": held["items"]}))


def _phone_of(question: Question, given: Shared) -> str:
    if question.sort is not Sort.PHONE:
        raise Unread("kit.fault.other")
    if not given.own:
        raise Unread("kit.fault.not_own_contact")
    return mobile_number(given.phone)


def _place_of(question: Question, given: Located) -> str:
    if question.sort is not Sort.PLACE:
        raise Unread("kit.fault.other")
    return f"{given.latitude:.5f},{given.longitude:.5f}"


def _checked(question: Question, value: Any) -> Any:
    if question.check is None:
        return value
    try:
        checked = question.check.validate_python(value)
    except ValidationError as fault:
        raise _as_unread(fault) from None
    return question.check.dump_python(checked, mode="json")


_FAULTS: Mapping[str, str] = {
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "less_than": "too_large",
    "less_than_equal": "too_large",
    "too_short": "too_few",
    "too_long": "too_many",
    "int_parsing": "not_whole",
    "int_type": "not_whole",
    "bool_parsing": "not_yes_no",
    "date_from_datetime_parsing": "not_day",
    "literal_error": "not_choice",
    "enum": "not_choice",
}
_LIMITS: Mapping[str, str] = {
    "min_length": "min",
    "max_length": "max",
    "gt": "min",
    "ge": "min",
    "lt": "max",
    "le": "max",
}


def _as_unread(fault: ValidationError) -> Unread:
    """One sentence for the first thing that is wrong."""
    first = fault.errors(include_url=False)[0]
    reason = first.get("ctx", {}).get("error")
    if isinstance(reason, Unread):
        return reason
    limits = {_LIMITS[key]: value for key, value in first.get("ctx", {}).items() if key in _LIMITS}
    return Unread(f"kit.fault.{_FAULTS.get(first['type'], 'other')}", **limits)


def _typed_options(options: Sequence[Option], guide: Guide) -> list[reading.Option]:
    return [
        reading.Option(option.id, _option_label(option, guide), _also(option, guide), number)
        for number, option in enumerate(options, 1)
    ]


def _also(option: Option, guide: Guide) -> tuple[str, ...]:
    return (*option.also, *guide.synonyms(option.label)) if option.label else option.also


def _option_label(option: Option, guide: Guide) -> str:
    if option.label:
        return guide.label(option.label)
    if isinstance(option.words, str):
        return option.words
    return option.words.get(guide.language) or option.words["zh"]


def read_line(given: Any, count: int) -> int | None:
    """A line number of the review page, when that is what was typed."""
    if not isinstance(given, Wrote):
        return None
    try:
        number = reading.read_int(given.text)
    except Unread:
        return None
    return number if 1 <= number <= count else None


def says_yes(given: Wrote) -> bool | None:
    """Yes, no, or neither."""
    try:
        return reading.read_yes_no(given.text)
    except Unread:
        return None


def read_label(given: Wrote, rows: Sequence[Sequence[Choice]], words: Words, language: str) -> Choice | None:
    """The button whose words, or one of their synonyms, were typed."""
    flat = [choice for row in rows for choice in row]
    options = [
        reading.Option(
            str(place),
            choice.words or words.labels(language, choice.label, choice.values),
            words.synonyms(language, choice.label) if choice.label else (),
            place + 1,
        )
        for place, choice in enumerate(flat)
    ]
    chosen = reading.read_choice(given.text, options)
    return None if chosen is None else flat[int(chosen)]


def read_whole_label(text: str, choices: Iterable[Choice], words: Words, language: str) -> Choice | None:
    """The button whose words, or one of their synonyms, are the whole text; no number or beginning counts."""
    said = bare(text)
    for choice in choices if said else ():
        label = choice.words or words.labels(language, choice.label, choice.values)
        also = words.synonyms(language, choice.label) if choice.label else ()
        if said in (bare(each) for each in (label, *also)):
            return choice
    return None


def shown(question: Question, value: Any, options: Sequence[Option]) -> Value:
    """An answer as the review page shows it."""
    for option in options:
        if option.id == value:
            return _option_value(option)
    match question.sort:
        case Sort.YUAN:
            return {"$fen": value}
        case Sort.DAY:
            return {"$day": value}
        case Sort.TELL | Sort.FILES:
            return _material_value(value)
    shown_as: Value = value
    return shown_as


def _option_value(option: Option) -> Value:
    if option.label:
        return {"$key": option.label}
    return option.words if isinstance(option.words, str) else {"$text": dict(option.words)}


def _material_value(value: Any) -> Value:
    files: Value = {"$key": "kit.value.attachments", "values": {"count": len(value["items"])}}
    if not value["items"]:
        return str(value["text"]) or {"$key": "kit.value.none"}
    return {"$list": [str(value["text"]), files]} if value["text"] else files
