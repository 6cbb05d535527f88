"""What time says inside somebody's dialogue, each in its own turn."""

from collections.abc import Callable
from datetime import timedelta

from domain.errors import Refusal
from handlers.turn import Turn, resume_offer, unanswered
from storage import dues
from talk.incoming import Kind
from talk.reply import Choice, Reply, Say
from talk.words import at

NUDGE_AFTER = timedelta(minutes=30)
REST_AFTER = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)

Handler = Callable[[Turn], Reply]
CLOCK: dict[str, Handler] = {}


def clock(name: str) -> Callable[[Handler], Handler]:
    """Register what a due row of this name does in its person's lane."""

    def register(handler: Handler) -> Handler:
        if name in CLOCK:
            raise ValueError(f"clock {name!r} is registered twice")
        CLOCK[name] = handler
        return handler

    return register


def plan_nudge(turn: Turn) -> None:
    """Plan the one nudge, or call it off, by where the dialogue stands now."""
    session = turn.session
    if turn.incoming.kind is Kind.CLOCK:
        return
    if session.run is not None and not session.resting:
        _nudge_later(turn)
    elif session.run is not None or session.parked:
        _plan_expiry(turn)
        dues.cancel(turn.tx, turn.person.id, "clock.nudge", "clock.rest")
    else:
        dues.cancel(turn.tx, turn.person.id, "clock.nudge", "clock.rest", "clock.expire")


def _nudge_later(turn: Turn) -> None:
    dues.put_or_move(
        turn.tx, turn.tx.now + NUDGE_AFTER, "clock.nudge", turn.person.id, f"nudge:{turn.person.id}"
    )


def _plan_expiry(turn: Turn) -> None:
    dues.put_or_move(
        turn.tx, turn.tx.now + KEPT_FOR, "clock.expire", turn.person.id, f"expire:{turn.person.id}"
    )


@clock("nudge")
def nudge(turn: Turn) -> Reply:
    """Half an hour of silence in the middle of a form: one gentle reminder, unless the person wants quiet."""
    if turn.session.run is None or turn.session.resting:
        return Reply()
    dues.put_or_move(
        turn.tx,
        turn.tx.now + REST_AFTER - NUDGE_AFTER,
        "clock.rest",
        turn.person.id,
        f"rest:{turn.person.id}",
    )
    return Reply() if turn.person.muted(turn.tx.now) else Reply((Say("kit.nudge"), turn.dialogue().ask()))


@clock("rest")
def rest(turn: Turn) -> Reply:
    """A day of silence: the form rests, the draft is kept."""
    if turn.session.run is None or turn.session.resting:
        return Reply()
    turn.session.resting = True
    turn.session.question = ""
    _plan_expiry(turn)
    if turn.person.muted(turn.tx.now):
        return Reply()
    return Reply((Say("kit.resting", {"until": at(turn.tx.now + KEPT_FOR)}),))


@clock("expire")
def expire(turn: Turn) -> Reply:
    """Thirty days: the draft goes."""
    had = turn.session.run is not None or turn.session.parked
    turn.session.run, turn.session.parked, turn.session.resting = None, [], False
    return Reply((Say("kit.expired"),)) if had else Reply()


@clock("reask")
def reask(turn: Turn) -> Reply:
    """We were away: the open question is asked again, once for as long as the person is silent (P24)."""
    again = unanswered(turn)
    if turn.incoming.note != turn.session.question or turn.session.aside.get("asked_again"):
        return Reply()
    turn.session.aside["asked_again"] = bool(again)
    if turn.session.run is not None and not turn.session.resting:
        _nudge_later(turn)
    return Reply((Say("kit.outage"), *again)) if again else Reply()


@clock("unsure")
def unsure(turn: Turn) -> Reply:
    """Nobody knows whether the open question arrived: it is asked anew, unless it has been answered."""
    again = unanswered(turn) if turn.incoming.note == turn.session.question else ()
    return Reply((Say("kit.outage"), *again)) if again else Reply()


def resume(turn: Turn) -> Reply:
    """Go on with the form that rests, or with the draft put aside last."""
    session = turn.session
    if session.run is None and session.parked:
        session.run = session.parked.pop()
    if session.run is None:
        raise Refusal("kit.nothing_to_resume")
    session.resting = False
    return Reply((Say("kit.resumed"), turn.dialogue().ask()))


def drop(turn: Turn) -> Reply:
    """Delete the draft put aside last."""
    session = turn.session
    if session.run is not None and session.resting:
        session.run, session.resting = None, False
    elif session.parked:
        session.parked.pop()
    return Reply((Say("kit.cancelled"), *resume_offer(session)))


def later_row() -> tuple[Choice, ...]:
    """The way back to a draft from the menu."""
    return (Choice("draft.resume", label="kit.button.go_on"),)
