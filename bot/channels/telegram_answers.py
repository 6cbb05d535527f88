"""What the Bot API answered, and what that says about delivery; shared by every Telegram driver.

Telegram has no key that makes a call repeatable, so an answer that was lost is `Unknown`, never a
guess. 500, 502 and 504 come from a server that may have done the work before it failed: `Unknown`.
503 is a front that turned the call away: `Failed`. Any other answer that is not the Bot API's own
(a proxy's page, a portal) means the call did not get there: `Failed`. 404 names a method the server
lacks: `Refused`, except for `sendMessage`, which every server has, so that the token must be wrong.
"""

import json
from collections.abc import Mapping

from bot.channels.contract import Failed, Gone, Outcome, Refused, RetryAfter, Sent, Unknown
from bot.channels.json_values import integer, mapping, text

_DEFAULT_WAIT = 5  # seconds, when a 429 does not say how long
_REASON_LIMIT = 200
_NOT_THERE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")
_NOTHING_TO_CHANGE = (
    "message is not modified",
    "message to edit not found",
    "message can't be edited",
    "query is too old",
)


class TransportError(Exception):
    """A call that did not end with the result it asked for; the words never hold the token."""


class NotSent(TransportError):
    """The call certainly never reached the server."""


class Lost(TransportError):
    """The call may have been carried out: its answer did not arrive or could not be read."""


class Answered(TransportError):
    """The server answered with an error.

    Args:
        status: HTTP status, or the answer's own `error_code` when it came with status 200.
        own: whether the answer has the Bot API's shape, and is not some proxy's page.
        retry_after: seconds, as the server asks.
    """

    def __init__(self, status: int, description: str, own: bool = True, retry_after: int | None = None):
        super().__init__(f"{status} {description}"[:_REASON_LIMIT])
        self.status = status
        self.description = description
        self.own = own
        self.retry_after = retry_after

    def says(self, *phrases: str) -> bool:
        """Whether the description holds one of these phrases, given in lower case."""
        words = self.description.lower()
        return any(phrase in words for phrase in phrases)


def read_answer(status: int, body: bytes) -> object:
    """The result of a call.

    Raises:
        Answered: the server answered with an error.
        Lost: success was announced but the answer cannot be read.
    """
    try:
        answer = mapping(json.loads(body.decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        answer = {}
    if 200 <= status <= 299 and answer.get("ok") is True and "result" in answer:
        return answer["result"]
    own = answer.get("ok") is False
    if 200 <= status <= 299 and not own:
        raise Lost(f"unreadable answer with status {status}")
    raise Answered(
        integer(answer.get("error_code")) or status, text(answer.get("description")), own, _wait(answer)
    )


def outcome_of(error: TransportError, method: str, target: str) -> Outcome:
    """What became of one outgoing message whose call ended with this error.

    Args:
        target: the message a call that edits was to change, else empty.
    """
    if isinstance(error, NotSent):
        return Failed(str(error))
    if not isinstance(error, Answered):
        return Unknown(str(error))
    if error.status == 429 or error.retry_after:
        return RetryAfter(float(error.retry_after or _DEFAULT_WAIT))
    if error.status >= 500:
        return Failed(str(error)) if error.status == 503 else Unknown(str(error))
    if error.own and error.status in (400, 403):
        return _rejected(error, target)
    lacking = error.status == 404 and method != "sendMessage"
    return Refused(str(error)) if lacking or error.status == 413 else Failed(str(error))


def _rejected(error: Answered, target: str) -> Outcome:
    if error.status == 403 or error.says(*_NOT_THERE):
        return Gone(str(error))
    if target and error.says(*_NOTHING_TO_CHANGE):
        return Sent(target)
    return Refused(str(error))


def _wait(answer: Mapping[str, object]) -> int | None:
    seconds = integer(mapping(answer.get("parameters")).get("retry_after"))
    return seconds if seconds and seconds > 0 else None
