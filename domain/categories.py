"""What a worker may ask help with: how each matter is named, asked about, proved and routed."""

import unicodedata
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.cases import Kind, Reader, Route, Track
from domain.tables import Table, Wording
from domain.terms import CaseTerms

MOST_BUTTONS = 6  # in one message, besides "back"
MOST_QUESTIONS = 2
FEWEST_EVIDENCE, MOST_EVIDENCE = 3, 6
LABEL = {"zh": 6, "en": 24}  # characters on a button
QUESTION = {"zh": 25, "en": 80}


class QuestionKind(StrEnum):
    """What an answer to an extra question is."""

    TEXT = "text"
    DATE = "date"
    YUAN = "yuan"
    NUMBER = "number"
    CHOICE = "choice"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose."""

    key: str
    label: Wording


@dataclass(frozen=True, slots=True)
class ExtraQuestion:
    """One question that only this category asks."""

    key: str
    question: Wording
    kind: QuestionKind
    choices: tuple[Option, ...]  # none unless the kind is CHOICE
    optional: bool


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One thing worth keeping, as the checklist names it."""

    key: str
    words: Wording


@dataclass(frozen=True, slots=True)
class Group:
    """One button of the first level of the menu."""

    key: str
    label: Wording


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of matter and what follows from it until a cadre decides otherwise (R9, R10, R11, R16)."""

    key: str
    group: str
    label: Wording
    synonyms: tuple[str, ...]  # words that open it when typed, in every language
    since: Wording | None  # its own way to ask when it began, where the general one does not fit
    questions: tuple[ExtraQuestion, ...]
    evidence: tuple[EvidenceItem, ...]
    kind: Kind
    route: Route
    short: bool  # coordination within 3 working days instead of 5
    track: Track
    level: Reader  # whose union reads it by default
    against_employer: bool
    sensitive: bool
    woman_cadre: bool  # a woman cadre is offered
    hotlines: tuple[str, ...]

    @property
    def terms(self) -> CaseTerms:
        """What intake needs of it."""
        return CaseTerms(
            key=self.key,
            kind=self.kind,
            route=self.route,
            short=self.short,
            track=self.track,
            level=self.level,
            against_employer=self.against_employer,
            sensitive=self.sensitive,
        )


class Categories:
    """All categories in the order of the menu.

    Raises:
        ValueError: a level of the menu has more buttons than one message, or two categories share a
            key or a word that opens them.
    """

    def __init__(self, groups: tuple[Group, ...], categories: tuple[Category, ...]) -> None:
        """Take the menu as written and check that it can be shown and typed."""
        self.groups = groups
        self._by_key = {category.key: category for category in categories}
        self._by_word = _by_word(categories)
        _check_menu(groups, categories)

    def __getitem__(self, key: str) -> Category:
        """The category with this key."""
        return self._by_key[key]

    def __contains__(self, key: object) -> bool:
        """Whether a category has this key."""
        return key in self._by_key

    def __iter__(self) -> Iterator[Category]:
        """Every category, in the order of the menu."""
        return iter(self._by_key.values())

    def of_group(self, group: str) -> tuple[Category, ...]:
        """The buttons of the second level."""
        return tuple(category for category in self if category.group == group)

    def named(self, typed: str) -> Category | None:
        """The category whose label or synonym was typed, or None."""
        return self._by_word.get(_folded(typed))


def categories_from(values: Mapping[str, object], hotlines: Container[str]) -> Categories:
    """The categories of `knowledge/categories.toml`.

    Args:
        hotlines: the numbers that may be shown.

    Raises:
        ValueError: naming the table and what is wrong with it.
    """
    file = Table("categories", values)
    file.only({"checked_on", "source", "verified", "group", "category"})
    file.day("checked_on")
    file.text("source")
    file.flag("verified")
    groups = tuple(Group(key, row.wording("label", LABEL)) for key, row in file.named_tables("group"))
    rows = file.named_tables("category")
    categories = Categories(groups, tuple(_category(key, row) for key, row in rows))
    for key, row in rows:
        _check(categories[key], row, hotlines)
    return categories


_FIELDS = frozenset(Category.__slots__) - {"key"}


def _category(key: str, row: Table) -> Category:
    row.only(_FIELDS)
    return Category(
        key=key,
        group=row.text("group"),
        label=row.wording("label", LABEL),
        synonyms=row.texts("synonyms"),
        since=row.wording("since", QUESTION) if "since" in row.values else None,
        questions=tuple(_question(table) for table in row.tables("questions")),
        evidence=tuple(_evidence(table) for table in row.tables("evidence")),
        kind=row.one_of(Kind, "kind", Kind.HELP),
        route=row.one_of(Route, "route"),
        short=row.flag("short"),
        track=row.one_of(Track, "track", Track.GENERAL),
        level=row.one_of(Reader, "level"),
        against_employer=row.flag("against_employer"),
        sensitive=row.flag("sensitive"),
        woman_cadre=row.flag("woman_cadre"),
        hotlines=row.texts("hotlines"),
    )


def _question(row: Table) -> ExtraQuestion:
    row.only({"key", "question", "kind", "choices", "optional"})
    question = ExtraQuestion(
        key=row.text("key"),
        question=row.wording("question", QUESTION),
        kind=row.one_of(QuestionKind, "kind"),
        choices=tuple(_option(table) for table in row.tables("choices")),
        optional=row.flag("optional"),
    )
    if bool(question.choices) != (question.kind is QuestionKind.CHOICE):
        raise row.fault("a choice, and nothing else, has choices")
    if len(question.choices) > MOST_BUTTONS:
        raise row.fault(f"more than {MOST_BUTTONS} choices")
    _unlike(row, [option.key for option in question.choices])
    return question


def _option(row: Table) -> Option:
    row.only({"key", "label"})
    return Option(row.text("key"), row.wording("label", LABEL))


def _evidence(row: Table) -> EvidenceItem:
    row.only({"key", "words"})
    return EvidenceItem(row.text("key"), row.wording("words"))


def _check(category: Category, row: Table, hotlines: Container[str]) -> None:
    if len(category.questions) > MOST_QUESTIONS:
        raise row.fault(f"more than {MOST_QUESTIONS} extra questions")
    if not FEWEST_EVIDENCE <= len(category.evidence) <= MOST_EVIDENCE:
        raise row.fault(
            f"evidence has {len(category.evidence)} items, not {FEWEST_EVIDENCE} to {MOST_EVIDENCE}"
        )
    _unlike(row, [question.key for question in category.questions])
    _unlike(row, [item.key for item in category.evidence])
    if category.short and category.route is not Route.COORDINATION:
        raise row.fault("only coordination has the short limit")
    if (category.against_employer or category.sensitive) and category.level is not Reader.AREA:
        raise row.fault("what is sensitive or against the employer goes to the area's union")
    for number in category.hotlines:
        if number not in hotlines:
            raise row.fault(f"hotline {number!r} is not known")


def _unlike(row: Table, keys: list[str]) -> None:
    if len(set(keys)) != len(keys):
        raise row.fault(f"two of {', '.join(keys)} are the same")


def _check_menu(groups: tuple[Group, ...], categories: tuple[Category, ...]) -> None:
    known = {group.key for group in groups}
    for category in categories:
        if category.group not in known:
            raise ValueError(
                f"category {category.key!r} is in group {category.group!r}, which does not exist"
            )
    sizes = {key: sum(category.group == key for category in categories) for key in known}
    if not 1 <= len(groups) <= MOST_BUTTONS:
        raise ValueError(f"the first menu has {len(groups)} buttons, not 1 to {MOST_BUTTONS}")
    for key, size in sizes.items():
        if not 1 <= size <= MOST_BUTTONS:
            raise ValueError(f"group {key!r} has {size} buttons, not 1 to {MOST_BUTTONS}")


def _by_word(categories: tuple[Category, ...]) -> Mapping[str, Category]:
    found: dict[str, Category] = {}
    for category in categories:
        for word in {*map(_folded, (*category.synonyms, *category.label.by_language.values()))}:
            if word in found:
                raise ValueError(f"{word!r} opens both {found[word].key!r} and {category.key!r}")
            found[word] = category
    return found


def _folded(words: str) -> str:
    visible = (sign for sign in unicodedata.normalize("NFKC", words) if unicodedata.category(sign) != "Cf")
    return " ".join("".join(visible).casefold().split()).strip(" .,!?。，、！？")
