"""What a Telegram driver needs of an SDK: carry calls, fetch files, keep the token out of logs."""

import logging
import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.channels.contract import Document, FileGone
from bot.channels.json_values import clean
from bot.channels.telegram_webhook import is_loopback

OFFICIAL_API = "https://api.telegram.org"

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f"\\/]')  # they end or change a name on its way to Telegram


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


def check_token(token: str) -> str:
    """The token, when it looks like one.

    Raises:
        ValueError: it does not; no server would know it.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError("STEWARD_TELEGRAM_TOKEN has to be digits, a colon, then letters, digits, _ and -")
    return token


def proxy_for(api_base: str, given: str | None) -> str | None:
    """The proxy for everything: the one given, else the environment's unless the server is on this machine.

    Raises:
        ValueError: it is of a kind that no driver can use.
    """
    found = given or _proxy_in_environment(api_base)
    if not found:
        return None
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        whose = "STEWARD_TELEGRAM_PROXY" if given else "the proxy that the environment names"
        raise ValueError(f"{whose} has to begin with http:// or https://")
    return found


def _proxy_in_environment(api_base: str) -> str:
    server = urlsplit(api_base)
    host = server.hostname or ""
    if is_loopback(api_base) or proxy_bypass(host):
        return ""
    named = getproxies()
    found = named.get(server.scheme) or named.get("all") or ""
    return found if "://" in found or not found else f"http://{found}"


def file_name(document: Document) -> str:
    """The name a file is sent under."""
    return _NOT_IN_A_NAME.sub("_", clean(document.name))


def check_file_status(status: int) -> None:
    """See that a file is coming.

    Raises:
        FileGone, OSError: it is not.
    """
    if status == 404:
        raise FileGone("the server no longer has the file")
    if status != 200:
        raise OSError(f"status {status} for a file")
