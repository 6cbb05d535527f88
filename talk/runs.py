"""A form under way, small enough to be kept between any two messages."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

REVIEW = "*review"
CHANGE = "*change"
CANCEL = "*cancel"


@dataclass(frozen=True, slots=True)
class Run:
    """Where somebody is in a form.

    Attributes:
        at: the question asked last, or one of the kit's own pages (`REVIEW`, `CHANGE`, `CANCEL`).
        editing: the answer goes back to the review page instead of on.
        subject: what the form is about, for example a case id; set by the flow, never by the person.
        first: the question the form began with.
        heard: marks of the messages that went into it.
        edits: what such messages say since they were changed, by their marks.
        faults: how often the open question was answered in a way it cannot take.
    """

    form: str
    version: int
    draft: dict[str, Any] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    at: str = ""
    editing: bool = False
    subject: dict[str, Any] = field(default_factory=dict)
    faults: int = 0
    page: int = 0
    first: str = ""
    heard: tuple[str, ...] = ()
    edits: dict[str, list[str]] = field(default_factory=dict)

    def answered(self, name: str, value: Any) -> "Run":
        """With one more answer."""
        kept = tuple(each for each in self.skipped if each != name)
        return replace(self, draft={**self.draft, name: value}, skipped=kept, faults=0, page=0)

    def passed_over(self, name: str) -> "Run":
        """With a question skipped."""
        draft = {key: value for key, value in self.draft.items() if key != name}
        skipped = (*(each for each in self.skipped if each != name), name)
        return replace(self, draft=draft, skipped=skipped, faults=0, page=0)

    def moved(self, at: str, editing: bool | None = None) -> "Run":
        """At another question or page."""
        return replace(self, at=at, editing=self.editing if editing is None else editing, faults=0, page=0)

    def edited(self, mark: str, text: str) -> "Run":
        """With a changed message."""
        return replace(self, edits={**self.edits, mark: [*self.edits.get(mark, ()), text]})

    def to_state(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Run":
        """Back from plain data; fields of an older or newer release are tolerated."""
        known = {key: value for key, value in state.items() if key in cls.__slots__}
        lists = {name: tuple(known.get(name, ())) for name in ("skipped", "heard")}
        return cls(**{**known, **lists})
