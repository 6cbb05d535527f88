"""What a handler says back: text keys with values and choices, never words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Union

Value = Union[str, int, bool, None, Mapping[str, "Value"], list["Value"]]  # noqa: UP007  (a name not yet defined)


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: what it says (a text key, or `words` as they are) and what pressing it does.

    `action` names a registered action or one of the kit's own (`form.pick`, `form.skip` ...);
    `args` are its arguments and stay on the server.
    """

    action: str
    label: str = ""  # text key
    words: str = ""  # words as they are, for example an employer's name
    args: Mapping[str, Value] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say:
    """One message to one reader."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    choices: tuple[tuple[Choice, ...], ...] = ()  # rows
    ask: Literal["", "contact", "location"] = ""
    case_id: str = ""  # the case it is about
    document: str = ""  # id of a file to hand over
    edits: int | None = None  # outbox row of the message it replaces


@dataclass(frozen=True, slots=True)
class Reply:
    """Messages in the order they are to be read."""

    says: tuple[Say, ...] = ()
