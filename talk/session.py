"""Where a dialogue stands between two messages."""

from dataclasses import dataclass, field
from typing import Any

from talk.reply import Choice, Say
from talk.runs import Run

MOST_PARKED = 5


@dataclass(slots=True)
class Session:
    """Everything a dialogue needs to go on after a restart.

    Attributes:
        run: the form being filled in.
        resting: the open form waits until the person comes back; words are no longer taken as its answers.
        parked: forms put aside by another one, the latest last.
        question: id of the open question, shown by buttons so that a late press is told apart.
        prompt_row: outbox row of the message that asked it.
        prompt: the question itself when it is not a form's.
        count: how many questions were asked, for ids.
        last_press: the handle pressed last, to hear a double tap once.
        aside: small things a flow keeps between messages, such as words said before consent.
    """

    run: Run | None = None
    resting: bool = False
    parked: list[Run] = field(default_factory=list)
    question: str = ""
    prompt_row: int | None = None
    prompt: dict[str, Any] | None = None
    count: int = 0
    last_press: str = ""
    aside: dict[str, Any] = field(default_factory=dict)

    def park(self) -> None:
        """Put the open form aside; a draft of the same form already there gives way."""
        if self.run is not None and self.run.draft:
            self.parked = [run for run in self.parked if run.form != self.run.form][1 - MOST_PARKED :]
            self.parked.append(self.run)
        self.run = None
        self.resting = False

    def to_state(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "run": None if self.run is None else self.run.to_state(),
            "resting": self.resting,
            "parked": [run.to_state() for run in self.parked],
            "question": self.question,
            "prompt_row": self.prompt_row,
            "prompt": self.prompt,
            "count": self.count,
            "last_press": self.last_press,
            "aside": self.aside,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Session":
        """Back from plain data; what a newer release added is left out."""
        known = {name: value for name, value in state.items() if name in cls.__slots__}
        run = known.get("run")
        known["run"] = None if run is None else Run.from_state(run)
        known["parked"] = [Run.from_state(each) for each in known.get("parked", [])]
        return cls(**known)


def say_to_state(say: Say) -> dict[str, Any]:
    """A question as plain data, to be asked again after an outage."""
    rows = [
        [
            {
                "action": c.action,
                "label": c.label,
                "words": c.words,
                "args": dict(c.args),
                "values": dict(c.values),
            }
            for c in row
        ]
        for row in say.choices
    ]
    return {"key": say.key, "values": dict(say.values), "rows": rows, "case_id": say.case_id}


def say_from_state(state: dict[str, Any]) -> Say:
    """A question back from plain data."""
    rows = tuple(tuple(Choice(**choice) for choice in row) for row in state["rows"])
    return Say(state["key"], state["values"], rows, case_id=state.get("case_id", ""))
