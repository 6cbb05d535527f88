"""A queued thing in its reader's words, as a channel takes it."""

from collections.abc import Mapping
from typing import Any

from bot.channels.contract import Button, Channel, Document, Outgoing
from storage.outbox import Queued
from talk.splitting import split, units
from talk.words import Words

DEMO_MARK = "【演示】"
_ASK_LABELS = {"contact": "kit.button.share_phone", "location": "kit.button.share_place"}


class Rendering:
    """Puts words to keys, in one union's channels."""

    def __init__(self, words: Words, channels: Mapping[str, Channel], *, demo: bool) -> None:
        self._words = words
        self._channels = channels
        self._demo = demo

    def render(self, item: Queued) -> dict[str, Any]:
        """The words of a queued message in its reader's language."""
        payload = item.payload
        text = self._words.render(item.language, payload["key"], payload["values"])
        if self._demo and item.channel != "browser":
            text = DEMO_MARK + text
        parts = split(text, self._limit(item))
        ask = payload["ask"] if payload["ask"] in self._shared(item) else ""
        return {
            "text": parts[-1] if parts else "",
            "before": parts[:-1],
            "rows": [
                [[self._label(item.language, face), face["press"]] for face in row] for row in payload["rows"]
            ],
            "ask": ask,
            "ask_label": self._words.labels(item.language, _ASK_LABELS[ask]) if ask else "",
            "document": payload["document"],
            "case": str(payload["values"].get("number", "")) if item.case_id else "",
        }

    def strip(self, item: Queued) -> Outgoing:
        """Take buttons away; the words of the chosen one stay under the question."""
        chosen = item.payload.get("chosen")
        text = ""
        if chosen and item.target_text:
            text = f"{item.target_text}\n› {self._label(item.language, chosen)}"
        if units(text) > self._limit(item):
            text = ""
        return Outgoing("strip", item.address, text, target=item.target or "", key=str(item.id))

    def _shared(self, item: Queued) -> set[str]:
        """What the channel has a button for; where it has none, typing is asked for all the same."""
        can = self._channels[item.channel].capabilities
        return {
            what
            for what, shares in (("contact", can.shares_contact), ("location", can.shares_location))
            if shares
        }

    def _limit(self, item: Queued) -> int:
        return self._channels[item.channel].capabilities.text_limit

    def _label(self, language: str, face: dict[str, Any]) -> str:
        if face["words"]:
            return str(face["words"])
        return self._words.labels(language, face["label"], face["values"])


def message(item: Queued, rendered: dict[str, Any], document: Document | None) -> Outgoing:
    """What a channel sends, or edits in place where that is what was asked and one part holds it."""
    in_place = item.op == "edit" and not rendered["before"]
    rows: list[list[list[str]]] = rendered["rows"]
    return Outgoing(
        op="edit" if in_place else "send",
        address=item.address,
        text=rendered["text"],
        buttons=tuple(tuple(Button(label, press) for label, press in row) for row in rows),
        ask=rendered["ask"],
        ask_label=rendered["ask_label"],
        clear_ask=item.asking and not rendered["ask"],
        target=(item.target or "") if in_place else "",
        document=document,
        key=str(item.id),
        case=rendered["case"],
    )
