"""One turn: what came in meets where the dialogue stands, and everything that follows commits together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from casework.rulebook import Rulebook
from domain.calendars import Calendar
from domain.errors import Refusal
from domain.roles import Actor
from handlers import choosers
from handlers.registry import BUTTONS, FLOWS
from law.cards import Card
from law.statutes import Statute
from storage import case_messages, keyboards, meta, outbox, people, sessions, union
from storage.cases import Case
from storage.inbox import Received
from storage.people import Account, Person
from storage.tx import Tx
from talk.abroad import Crossing
from talk.answers import Wrote
from talk.dialogue import Dialogue, Given, Step
from talk.forms import Draft, Option
from talk.incoming import Incoming, Kind
from talk.reply import Choice, Reply, Say, Value
from talk.runs import Run
from talk.session import Session, say_from_state, say_to_state
from talk.words import Words

ABROAD = "abroad"  # the consent to let what is personal leave the country
ABROAD_VERSION = "2026-11"  # of the words it is asked for with
MOST_HEARD = 40


@dataclass(slots=True)
class House:
    """What every turn needs and none changes."""

    words: Words
    rules: Rulebook
    cards: Mapping[str, Card]
    statutes: Mapping[str, Statute]
    public_page: str = ""  # where the union's own chat page is reached, "" when it is not public
    abroad: frozenset[str] = frozenset()  # channels whose words leave the country

    def union_name(self, tx: Tx) -> str:
        """What the union is called."""
        return meta.read(tx, "union_name") or union.tree(tx).root.name


@dataclass
class Turn:
    """One message's turn in its person's lane."""

    tx: Tx
    house: House
    account: Account
    person: Person
    session: Session
    incoming: Incoming
    found: Any = None  # what retrieval made of the words, before the turn
    press: keyboards.Press | None = None
    receipt: bool = False  # what is said is the receipt for files
    sent: Run | None = None  # the form that was sent in this turn

    # ---- who and when

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.person.language

    @property
    def rules(self) -> Rulebook:
        """The dated rules."""
        return self.house.rules

    @cached_property
    def actor(self) -> Actor:
        """The person as authorisation sees them."""
        return union.actor(self.tx, self.person.id)

    @property
    def channel_abroad(self) -> bool:
        """Whether what is said here leaves the country; the clock speaks through the person's own door."""
        return self.account.channel in self.house.abroad

    @property
    def is_cadre(self) -> bool:
        """Whether the person holds a post."""
        return bool(self.actor.posts)

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar the person lives by."""
        member = people.member(self.tx, self.person.id)
        if member is not None:
            tree = union.tree(self.tx)
            return self.rules.calendar(next(u.calendar for u in tree if u.id == member.unit_id))
        return self.rules.default_calendar

    @property
    def today(self) -> date:
        """The civil date where the person is."""
        return self.calendar.local(self.tx.now).date()

    # ---- what a form may ask about the world (talk.forms.Guide)

    def label(self, key: str) -> str:
        """The words of a label in the reader's language."""
        return self.house.words.labels(self.language, key)

    def synonyms(self, key: str) -> tuple[str, ...]:
        """What else a person may type for a label."""
        return self.house.words.synonyms(self.language, key)

    def options(self, chooser: str, draft: Draft) -> Sequence[Option]:
        """The options a named chooser offers for this draft."""
        return choosers.CHOOSERS[chooser](self, draft)

    # ---- forms

    def begin(
        self, flow: str, draft: Mapping[str, Any] | None = None, subject: Mapping[str, Any] | None = None
    ) -> Reply:
        """Start a form; one under way is put aside and offered again later."""
        form = FLOWS[flow].form
        self.session.park()
        heard = tuple(self.session.aside.pop("held_marks", ())) if draft and "tell" in draft else ()
        run = Run(flow, form.version, dict(draft or {}), subject=dict(subject or {}), heard=heard)
        return self.follow(Dialogue(form, run, self, self.house.words, self._crossing).start())

    def dialogue(self) -> Dialogue:
        """The open form as a dialogue."""
        run = self.session.run
        assert run is not None
        return Dialogue(FLOWS[run.form].form, run, self, self.house.words, self._crossing)

    @property
    def _crossing(self) -> Crossing | None:
        """What it takes for words to leave the country, when they do here."""
        if not self.channel_abroad:
            return None
        agreed = people.has_consent(self.tx, self.person.id, ABROAD)
        return Crossing(agreed, page=bool(self.house.public_page))

    @property
    def filling_in(self) -> bool:
        """Whether a form waits for an answer."""
        return self.session.run is not None and not self.session.resting

    def mark(self, message_id: str) -> str:
        """What a message in this chat is remembered by."""
        return case_messages.mark(self.account.id, message_id)

    def wrote(self) -> Wrote:
        """What was typed, as an answer."""
        return Wrote(self.incoming.text, self.incoming.forwarded)

    def hear(self) -> None:
        """Remember that the message went into the open form, to know it again when it is changed."""
        run = self.session.run
        if run is not None and self.incoming.message_id and self.incoming.kind in (Kind.TEXT, Kind.MEDIA):
            mark = self.mark(self.incoming.message_id)
            self.session.run = replace(run, heard=(*run.heard, mark)[-MOST_HEARD:])

    def answer(self, given: Given) -> Reply:
        """Give the open form what came in."""
        self.hear()
        return self.follow(self.dialogue().take(given))

    def follow(self, step: Step) -> Reply:
        """Go where a step leads: on in the form, or out of it."""
        self.session.run, self.session.resting = step.run, False
        if step.agreed:
            people.give_consent(self.tx, self.person.id, ABROAD, ABROAD_VERSION)
        if step.end == "sent":
            return self._send(step)
        if step.end == "cancelled":
            self.session.run = None
            return Reply((Say("kit.cancelled"), *self._resume_offer()))
        if step.end == "later":
            self.session.resting = True
            return Reply((Say("kit.later"),))
        if step.end == "elsewhere":
            return BUTTONS["abroad.elsewhere"](self, {})
        if step.end == "person":
            self.session.aside.pop("question", None)
            return BUTTONS["law.person"](self, {})
        return Reply(step.says)

    def _send(self, step: Step) -> Reply:
        """Hand the finished form to its flow; a refusal leaves the draft where it was."""
        flow = FLOWS[step.run.form]
        reply = flow.finish(self.dialogue().finished(), self)
        self.sent = step.run
        if self.session.run is step.run:
            self.session.run = None
        return Reply((*reply.says, *self._resume_offer()))

    def _resume_offer(self) -> tuple[Say, ...]:
        """Offer the draft put aside last."""
        return resume_offer(self.session) if self.session.run is None else ()

    @property
    def subject(self) -> dict[str, Any]:
        """What the open form is about."""
        run = self.session.run
        return {} if run is None else run.subject


def about(case: Case) -> dict[str, str]:
    """A form's subject: the case it is about, and its number for the prompts."""
    return {"case": case.id, "number": case.number}


def resume_offer(session: Session) -> tuple[Say, ...]:
    """The question whether to go on with the draft put aside last."""
    if not session.parked:
        return ()
    title = FLOWS[session.parked[-1].form].form.title(session.parked[-1].draft)
    row = (
        Choice("draft.resume", label="kit.button.go_on"),
        Choice("draft.drop", label="kit.button.drop"),
        Choice("draft.later", label="kit.button.later"),
    )
    return (Say("kit.parked", {"title": title}, (row,)),)


def open_turn(tx: Tx, house: House, received: Received, incoming: Incoming, found: Any) -> Turn | None:
    """Load whose turn it is; None when the update belongs to nobody we know."""
    account = people.account(tx, received.account_id) if received.account_id else None
    if account is None:
        return None
    person = people.person(tx, account.person_id)
    if person.erased:
        return None
    session = Session.from_state(sessions.load(tx, person))
    return Turn(tx, house, account, person, session, incoming, found)


def close_turn(turn: Turn, reply: Reply) -> None:
    """Queue what is said, take used buttons away, keep the session."""
    tx, session = turn.tx, turn.session
    last = next((i for i in reversed(range(len(reply.says))) if reply.says[i].choices), None)
    if last is not None:
        _retire_prompt(turn, reply.says[last])
        session.count += 1
        session.question = f"q{session.count}"
    for place, say in enumerate(reply.says):
        is_prompt = place == last
        row = outbox.put(tx, turn.account, say, question=session.question if is_prompt else "")
        if is_prompt:
            session.prompt_row = row
            session.prompt = None if _is_form_page(say) else say_to_state(say)
            session.aside["receipt_row"] = row if turn.receipt else None
    sessions.save(tx, turn.person, session.to_state(), session.question)


def _is_form_page(say: Say) -> bool:
    return any(choice.action.startswith("form.") for row in say.choices for choice in row)


def _retire_prompt(turn: Turn, by: Say) -> None:
    """Take the buttons off the question that was open until now; an edit of it brings its own."""
    row = turn.session.prompt_row
    if row is not None and keyboards.close_under(turn.tx, row) and by.edits != row:
        outbox.strip(turn.tx, row)


def open_question(turn: Turn) -> tuple[Say, ...]:
    """The question that is open now, if any."""
    if turn.session.prompt is not None and turn.session.question:
        return (say_from_state(turn.session.prompt),)
    return (turn.dialogue().ask(),) if turn.filling_in else ()


def unanswered(turn: Turn) -> tuple[Say, ...]:
    """The open question when it really asks something: a receipt has buttons too, and waits for nothing.

    What asks ends with its question, as everything here is written.
    """
    said = open_question(turn)
    words = [turn.house.words.render(turn.language, each.key, each.values) for each in said]
    return said if turn.filling_in or all(each.rstrip().endswith(("？", "?")) for each in words) else ()


def moved_on(turn: Turn) -> Reply:
    """A late press changes nothing; the open question is shown again."""
    again = open_question(turn)
    if not again:
        return Reply((Say("kit.too_late", choices=((Choice("menu.show", label="kit.button.menu"),),)),))
    return Reply((Say("kit.moved_on"), *again))


def used(turn: Turn, press: keyboards.Press) -> None:
    """Take the buttons off the message one of them was pressed on."""
    if keyboards.close_under(turn.tx, press.outbox_id):
        outbox.strip(turn.tx, press.outbox_id, chosen=press.label)


def refused(refusal: Refusal) -> Reply:
    """What a person is told when a rule says no."""
    values: dict[str, Value] = {name: _plain(value) for name, value in refusal.values.items()}
    return Reply((Say(refusal.key, values),))


def _plain(value: object) -> Value:
    if isinstance(value, str | int | bool | dict | list) or value is None:
        return value
    return str(value)
