"""What a Telegram driver needs of an SDK: carry calls, fetch files, keep the token out of logs."""

import logging
from collections.abc import Mapping
from typing import Protocol

from bot.channels.contract import Document


class Transport(Protocol):
    """Carries calls to a Bot API server; both drivers stand on one of these."""

    async def call(
        self, method: str, params: Mapping[str, object], patience: float, upload: Document | None = None
    ) -> object:
        """The raw result of one call.

        Args:
            patience: seconds to wait for the answer.
            upload: a file that goes along under the name `document`.

        Raises:
            TransportError: `Answered`, `NotSent` or `Lost`.
        """

    async def download(self, path: str, limit: int) -> bytes:
        """A file by the path `getFile` gave.

        Raises:
            FileTooLarge: more than `limit` bytes came.
            FileGone: the server does not have it.
            OSError: it could not be had this time; the words hold no address.
        """

    async def close(self) -> None:
        """Let connections go."""


class OnlyTroubles(logging.Filter):
    """Lets an SDK log its warnings, without the token, and nothing else, whatever level is set.

    Below a warning these loggers write addresses, which hold the token, and what people wrote.
    """

    def __init__(self, token: str):
        super().__init__()
        self._secrets = [part for part in (token, token.partition(":")[2]) if part]

    def filter(self, record: logging.LogRecord) -> bool:
        """Let warnings and errors through, without the token."""
        if record.levelno < logging.WARNING:
            return False
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            return True  # a faulty record; the handler says so
        hidden = hide(message, self._secrets)
        if hidden != message:
            record.msg, record.args = hidden, ()
        return True


def hide(words: str, secrets: list[str]) -> str:
    """The words with every secret blanked."""
    for secret in secrets:
        words = words.replace(secret, "***")
    return words


def quiet(token: str, *loggers: str) -> None:
    """Keep the token, and what people wrote, out of these loggers."""
    for name in loggers:
        logging.getLogger(name).addFilter(OnlyTroubles(token))
