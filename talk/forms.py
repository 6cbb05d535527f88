"""Forms: what a flow asks, in order, each answer checked as it is given.

A flow declares a `Form`: a pydantic model whose fields carry an `Ask`. A mistake in a form
(a choice without options, a field the kit cannot ask for) fails when the module is imported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Protocol, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.fields import FieldInfo

from talk.reply import Value

Draft = Mapping[str, Any]


class Sort(StrEnum):
    """What kind of answer a question takes."""

    TEXT = "text"
    NUMBER = "number"
    YUAN = "yuan"
    DAY = "day"
    YES_NO = "yes_no"
    CHOICE = "choice"
    PHONE = "phone"
    PLACE = "place"
    TELL = "tell"  # words, a voice message or pictures
    FILES = "files"  # pictures, files and voice, several


@dataclass(frozen=True, slots=True)
class Option:
    """One answer a button offers."""

    id: str
    label: str = ""  # text key
    words: str | Mapping[str, str] = ""  # words as they are, or one for each language
    also: tuple[str, ...] = ()  # what else a person may type


@dataclass(frozen=True, slots=True)
class Ask:
    """How a field is asked for.

    Attributes:
        sort: taken from the field's type where that says it.
        options: ids whose words are `<flow>.<field>.option.<id>`, or the name of a chooser that knows them.
        when: asked only for drafts that satisfy it.
        past, ahead: a day must not lie ahead, or behind.
        most: how many files at most.
        shown: it has a line on the review page.
        skippable: taken from the field's default where it is not said here.
        personal: says who somebody is; a phone number always does.
        at_home: a resident ID, never asked for where words leave the country, so it can be skipped.
    """

    sort: Sort | None = None
    options: tuple[str, ...] | str = ()
    when: Callable[[Draft], bool] | None = None
    past: bool = False
    ahead: bool = False
    most: int = 10
    shown: bool = True
    skippable: bool | None = None
    personal: bool = False
    at_home: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question as the kit asks it."""

    name: str
    sort: Sort
    prompt: str = ""  # text key; empty when `words` carries the question
    words: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)  # what the prompt's placeholders hold
    label: str = ""  # text key of its short name on the review page
    label_words: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] | str = ()
    optional: bool = False
    when: Callable[[Draft], bool] | None = None
    past: bool = False
    ahead: bool = False
    most: int = 10
    shown: bool = True
    personal: bool = False
    at_home: bool = False
    check: TypeAdapter[Any] | None = None

    def asked(self, draft: Draft) -> bool:
        """Whether this draft needs it."""
        return self.when is None or self.when(draft)


class Guide(Protocol):
    """What a form may ask about the world while it runs; handlers provide it."""

    @property
    def language(self) -> str:
        """The reader's language."""

    @property
    def today(self) -> date:
        """The civil date where the reader is."""

    def label(self, key: str) -> str:
        """The words of a label in the reader's language."""

    def synonyms(self, key: str) -> tuple[str, ...]:
        """What else a person may type for a label."""

    def options(self, chooser: str, draft: Draft) -> Sequence[Option]:
        """The options a named chooser offers for this draft."""


class Form(BaseModel):
    """What a flow asks, in the order of its fields; a field with a default may be skipped."""

    model_config = ConfigDict(frozen=True, extra="allow")

    flow: ClassVar[str] = ""
    version: ClassVar[int] = 1
    review: ClassVar[bool] = True
    person: ClassVar[bool] = False  # a person is offered once a question was missed three times
    asked: ClassVar[tuple[Question, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Compile the questions once, when the form is defined."""
        super().__pydantic_init_subclass__(**kwargs)
        if cls.flow:
            cls.asked = tuple(_question(cls, name, info) for name, info in cls.model_fields.items())

    @classmethod
    def questions(cls, draft: Draft, guide: Guide) -> tuple[Question, ...]:
        """The questions this draft needs, in order; a form may add some that are data."""
        return tuple(question for question in cls.asked if question.asked(draft))

    @classmethod
    def without_personal(cls, draft: Draft) -> Draft:
        """The draft without what is personal; a form that can be sent anonymously changes it."""
        return draft

    @classmethod
    def title(cls, draft: Draft) -> Value:
        """What the draft is called when it is offered again."""
        return {"$key": f"{cls.flow}.title"}


_BY_TYPE: Mapping[type, Sort] = {
    bool: Sort.YES_NO,
    int: Sort.NUMBER,
    str: Sort.TEXT,
    date: Sort.DAY,
    list: Sort.FILES,
}


def _question(form: type[Form], name: str, info: FieldInfo) -> Question:
    ask = next((each for each in info.metadata if isinstance(each, Ask)), Ask())
    sort = ask.sort or _sort_of(form, name, info.annotation)
    if isinstance(ask.options, tuple):
        options: tuple[Option, ...] | str = tuple(
            Option(each, label=f"{form.flow}.{name}.option.{each}") for each in ask.options
        )
    else:
        options = ask.options
    if sort is Sort.CHOICE and not options:
        raise TypeError(f"{form.__name__}.{name}: a choice needs options")
    if ask.at_home and info.is_required():
        raise TypeError(f"{form.__name__}.{name}: what is not asked everywhere needs a default")
    rules = tuple(each for each in info.metadata if not isinstance(each, Ask))
    annotated: Any = Annotated[(info.annotation, *rules)] if rules else info.annotation
    return Question(
        name=name,
        sort=sort,
        prompt=f"{form.flow}.{name}.ask",
        label=f"{form.flow}.{name}.label",
        options=options,
        optional=not info.is_required() if ask.skippable is None else ask.skippable,
        when=ask.when,
        past=ask.past,
        ahead=ask.ahead,
        most=ask.most,
        shown=ask.shown,
        personal=ask.personal or ask.at_home or sort is Sort.PHONE,
        at_home=ask.at_home,
        check=TypeAdapter(annotated),
    )


def _sort_of(form: type[Form], name: str, annotation: Any) -> Sort:
    plain = [part for part in get_args(annotation) if part is not type(None)]
    kind = get_origin(annotation) or annotation
    candidates = [kind, *plain, *(get_origin(part) for part in plain)]
    for candidate in candidates:
        if isinstance(candidate, type) and candidate in _BY_TYPE:
            return _BY_TYPE[candidate]
    raise TypeError(f"{form.__name__}.{name}: the kit cannot ask for {annotation}")
