"""What was said before it could be acted on: kept with what retrieval made of it."""

from typing import Any

from handlers.turn import Turn
from law.finding import Confidence, Finding, Hit
from law.intent import Intent
from law.understanding import Understanding
from talk.incoming import Incoming, Kind

TEXT, FOUND = "held_text", "held_found"


def hold(turn: Turn) -> None:
    """Keep the words that just came in, after any kept before."""
    aside = turn.session.aside
    aside[TEXT] = f"{aside[TEXT]}\n{turn.incoming.text}" if aside.get(TEXT) else turn.incoming.text
    if isinstance(turn.found, Understanding):
        aside[FOUND] = _to_state(turn.found)


def take_up(turn: Turn) -> bool:
    """Let the turn be about the words kept, as if they came in now; returns whether there were any."""
    text, found = turn.session.aside.pop(TEXT, ""), turn.session.aside.pop(FOUND, None)
    if not text:
        return False
    turn.incoming = Incoming(Kind.TEXT, text=text)
    turn.found = None if found is None else _from_state(turn, found)
    return True


def _to_state(found: Understanding) -> dict[str, Any]:
    return {
        "kind": found.intent.kind,
        "category": found.intent.category,
        "hotlines": list(found.intent.hotlines),
        "confidence": found.finding.confidence,
        "strength": found.finding.strength,
        "cards": [[hit.card.id, hit.score] for hit in found.finding.best],
    }


def _from_state(turn: Turn, state: dict[str, Any]) -> Understanding:
    """Danger was answered when it came in; what is left is what the words want."""
    known = turn.house.cards
    hits = tuple(Hit(known[card], score) for card, score in state["cards"] if card in known)
    confidence: Confidence = state["confidence"] if hits else "none"
    intent = Intent(state["kind"], state["category"], tuple(state["hotlines"]))
    return Understanding(None, intent, Finding(hits, confidence, state["strength"]))
