"""What is held about a person: seen, corrected, muted, taken along (R8)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from casework import disclosure, membership, profile, return_codes
from casework.disclosure import MASKED
from casework.profile import ITEMS
from handlers import texting
from handlers.choosers import chooser
from handlers.joining import AboutMeForm, JoiningForm
from handlers.registry import button, flow
from handlers.turn import Turn
from storage import people
from talk.forms import Ask, Draft, Form, Guide, Option, Question, Sort
from talk.reply import Choice, Reply, Say
from talk.words import at

BACK = Choice("menu.profile", label="kit.button.back")


class CorrectionForm(Form):
    """Which item, and what it should say. Words: texts/*/correction.toml and the form that asked it first."""

    flow: ClassVar[str] = "correction"
    review: ClassVar[bool] = False

    item: Annotated[str, Ask(Sort.CHOICE, options="profile_items")]
    how: Annotated[
        Literal["change", "remove"] | None,
        Ask(Sort.CHOICE, options=("change", "remove"), skippable=False),
    ] = None

    @classmethod
    def questions(cls, draft: Draft, guide: Guide) -> tuple[Question, ...]:
        """The item, whether to change it or take it away, and the question it was asked with."""
        assert isinstance(guide, Turn)
        item, how = cls.asked
        name = draft.get("item")
        if name is None:
            return (item,)
        asked = next(q for q in _asked_first(draft, guide) if q.name == name)
        if not _removable(guide, name):
            return (item, replace(asked, optional=False))
        return (item, how) if draft.get("how") == "remove" else (item, how, replace(asked, optional=False))


def _asked_first(draft: Draft, guide: Guide) -> tuple[Question, ...]:
    return (*JoiningForm.questions(draft, guide), *AboutMeForm.questions(draft, guide))


def _removable(turn: Turn, name: str) -> bool:
    """What is held may go, but for what a membership stands on."""
    needed = name in JoiningForm.model_fields and membership.is_member(turn.tx, turn.person.id)
    return bool(turn.person.profile.get(name)) and not needed


@chooser("profile_items")
def profile_items(turn: Turn, _draft: Draft) -> Sequence[Option]:
    """What can be corrected: what is held, and for a member what could be."""
    member = membership.is_member(turn.tx, turn.person.id)
    offered = [name for name in ITEMS if member or turn.person.profile.get(name)]
    if turn.channel_abroad:
        offered = [name for name in offered if name != "resident_id"]
    return [Option(name, label=f"profile.item.{name}") for name in offered]


@button("menu.profile")
def show(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Everything that is held, in a plain list."""
    return Reply((_page(turn, MASKED),))


def _page(turn: Turn, masked: Collection[str]) -> Say:
    lines = disclosure.about(turn.tx, turn.rules, turn.person, masked=masked)
    return Say("profile.page", {"lines": {"$lines": lines}}, _rows(turn, masked=masked == MASKED))


def _rows(turn: Turn, *, masked: bool) -> tuple[tuple[Choice, ...], ...]:
    other = "zh" if turn.language == "en" else "en"
    first = []
    if profile_items(turn, {}):
        first.append(Choice("profile.correct", label="profile.button.correct"))
    if masked and any(turn.person.profile.get(name) for name in MASKED):
        first.append(Choice("profile.reveal", label="profile.button.reveal"))
    rows = (
        tuple(first),
        (
            Choice("profile.mute", label="profile.button.mute"),
            Choice("profile.export", label="profile.button.export"),
        ),
        (
            Choice("profile.language", label=f"welcome.button.{other}", args={"language": other}),
            Choice("profile.more", label="profile.button.more"),
        ),
        (Choice("menu.show", label="kit.button.menu"),),
    )
    return tuple(row for row in rows if row)


@button("profile.reveal")
def reveal(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """The same list with its numbers in full; a resident ID never leaves the country."""
    return Reply((_page(turn, ("resident_id",) if turn.channel_abroad else ()),))


@button("profile.more")
def more(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """What is needed seldom."""
    rows: list[tuple[Choice, ...]] = [*texting.ways(turn)]
    if not turn.channel_abroad:
        rows.append((Choice("profile.return_code", label="profile.button.return_code"),))
    if membership.is_member(turn.tx, turn.person.id):
        rows.append((Choice("profile.leave", label="profile.button.leave"),))
    rows.append((Choice("profile.erase", label="profile.button.erase"),))
    return Reply((Say("profile.more", choices=(*rows, (BACK,))),))


@button("profile.correct")
def correct(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Correct one item."""
    return turn.begin("correction")


@flow(CorrectionForm)
def keep_correction(form: CorrectionForm, turn: Turn) -> Reply:
    """Keep the item as it should be."""
    value = None if form.how == "remove" else (form.model_extra or {}).get(form.item)
    profile.keep(turn.tx, turn.person, {form.item: value})
    turn.person = people.person(turn.tx, turn.person.id)
    return Reply((Say("correction.kept"), _page(turn, MASKED)))


@button("profile.language")
def language(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Speak another language from now on."""
    people.set_language(turn.tx, turn.person.id, args["language"])
    turn.person = people.person(turn.tx, turn.person.id)
    return show(turn, {})


# ---- quiet


@button("profile.mute")
def ask_mute(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """For how long."""
    lengths = tuple(
        Choice("profile.mute_for", label=f"profile.mute.button.{name}", args={"days": days})
        for name, days in (("day", 1), ("week", 7), ("for_good", 0))
    )
    rows: list[tuple[Choice, ...]] = [lengths, (BACK,)]
    if turn.person.muted(turn.tx.now):
        rows.insert(1, (Choice("profile.unmute", label="profile.mute.button.off"),))
    return Reply((Say("profile.mute.ask", choices=tuple(rows)),))


@button("profile.mute_for")
def mute_for(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Be quiet about everything but the person's own open matters."""
    until = turn.tx.now + timedelta(days=args["days"]) if args["days"] else profile.FOR_GOOD
    profile.mute(turn.tx, turn.person.id, until)
    row = (Choice("profile.unmute", label="profile.mute.button.off"), BACK)
    if not args["days"]:
        return Reply((Say("profile.mute.on_for_good", choices=(row,)),))
    return Reply((Say("profile.mute.on", {"until": at(until)}, (row,)),))


@button("profile.unmute")
def unmute(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Say everything again."""
    profile.unmute(turn.tx, turn.person.id)
    return Reply((Say("profile.mute.off", choices=((BACK,),)),))


# ---- taking it along


@button("profile.return_code")
def return_code(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """A new return code; the earlier one stops working."""
    code = return_codes.make(turn.tx, turn.person.id)
    return Reply((Say("profile.return_code", {"code": code}, ((BACK,),)),))


@button("profile.export")
def ask_export(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Make the file; where it would leave the country, only once the person says so."""
    if not turn.channel_abroad:
        return export(turn, args)
    row = (Choice("profile.export_now", label="profile.button.export_here"), BACK)
    return Reply((Say("profile.export.abroad", choices=(row,)),))


@button("profile.export_now")
def export(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Everything held, as one file."""
    profile.ask_for_export(turn.tx, turn.person)
    return Reply((Say("profile.export.started", choices=((BACK,),)),))
