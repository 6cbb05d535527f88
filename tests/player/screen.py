"""What people have before their eyes, and how a change of it is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of ours as a person sees it now.

    Attributes:
        rows: what its buttons say.
        ask: what the button says that shares a phone number or a place.
        document: name of a file.
    """

    id: str
    text: str
    rows: Rows = ()
    ask: str = ""
    document: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """What all its buttons say."""
        return tuple(label for row in self.rows for label in row)


Screen = Sequence[Bubble]
Items = list[list[str]]


def changes(before: Screen, after: Screen, head: str, *, tell_taken_away: bool) -> Items:
    """What is new on a person's screen, each thing as its lines in a transcript.

    Args:
        head: the person's name and a blank, empty for the one who acts.
        tell_taken_away: also tell of buttons that are gone, unless something new was said.
    """
    known = {bubble.id: bubble for bubble in before}
    new = [bubble for bubble in after if bubble.id not in known]
    items: Items = []
    for bubble in after:
        earlier = known.get(bubble.id)
        if earlier is None:
            items.append(_written(bubble, f"  {head}> "))
        elif bubble.text != earlier.text and not _chosen(earlier, bubble):
            items.append(_written(bubble, f"  {head}~ "))
        elif tell_taken_away and not new and earlier.rows and not bubble.rows:
            items.append([f"  {head}x {' '.join(_row(row) for row in earlier.rows)}"])
    return items


def _chosen(before: Bubble, after: Bubble) -> bool:
    """Whether all that changed is that a button was pressed: its words stay, the buttons go."""
    return not after.rows and after.text.startswith(f"{before.text}\n› ")


def _written(bubble: Bubble, mark: str) -> list[str]:
    lines = bubble.text.split("\n") if bubble.text else []
    if bubble.document:
        lines.append(f"<{bubble.document}>")
    if bubble.ask:
        lines.append(f"{{{bubble.ask}}}")
    lines.extend(_row(row) for row in bubble.rows)
    first, *rest = lines or [""]
    return [f"{mark}{first}".rstrip(), *(f"    {line}".rstrip() for line in rest)]


def _row(labels: Sequence[str]) -> str:
    return " ".join(f"[{label}]" for label in labels)


def differences(before: Mapping[str, Screen], after: Mapping[str, Screen], actor: str) -> Items:
    """What changed on everybody's screen: the actor's first, then the others' in the order they are known."""
    items = changes(before.get(actor, ()), after.get(actor, ()), "", tell_taken_away=False) if actor else []
    for name in after:
        if name != actor:
            items.extend(changes(before.get(name, ()), after[name], f"{name} ", tell_taken_away=True))
    return items
