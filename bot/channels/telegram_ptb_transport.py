"""Carry calls of the Bot API with python-telegram-bot's `Bot`.

The library takes a status of 404 for a bad token, makes one error of every 5xx, and logs bodies it
cannot read. `_Http` therefore reads the answers itself, before the library does.
"""

import importlib.util
import sys
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
from telegram import Bot, InputFile
from telegram.error import TelegramError
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from bot.channels.contract import Document, FileTooLarge
from bot.channels.telegram_answers import Lost, NotSent, TransportError, read_answer
from bot.channels.telegram_transport import check_file_status, file_name, quiet

_CONNECT_PATIENCE = 10.0
_POOL_PATIENCE = 30.0
_READ_PATIENCE = 30.0
_CONNECTIONS = 24  # the HTTP client looks at each idle one before every call
# Any other fault of the connection may come after the server had the whole call.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

if importlib.util.find_spec("sniffio") is None:
    # The HTTP client tries to import it for every lock it makes; a failed search of all folders is slow.
    sys.modules["sniffio"] = None  # type: ignore[assignment]


class _Http(HTTPXRequest):
    """The library's HTTP client, with our reading of answers."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Carry one request; a status that is no success raises."""
        status, body = await super().do_request(*args, **kwargs)
        if not 200 <= status <= 299:
            read_answer(status, body)
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The result of a success, in the envelope the library expects."""
        return {"result": read_answer(200, payload)}


class PtbTransport:
    """One `Bot`, used only to carry raw calls.

    Args:
        proxy: address of a proxy for everything, or none.
    """

    def __init__(self, token: str, api_base: str, proxy: str | None):
        quiet(token, "httpx", "httpcore", "telegram", "telegram.Bot", "telegram.HTTPXRequest")
        # Raw calls by name are what we want; the library would advise its typed methods on each one.
        warnings.filterwarnings("ignore", message="Please use 'Bot\\.", category=PTBUserWarning)
        self._files = f"{api_base}/file/bot{token}/"
        # Making a context reads every certificate authority; one serves all three clients.
        shared: dict[str, Any] = {"trust_env": False, "verify": httpx.create_ssl_context()}
        self._requests = [
            _Http(
                connection_pool_size=size,
                connect_timeout=_CONNECT_PATIENCE,
                pool_timeout=_POOL_PATIENCE,
                proxy=proxy,
                httpx_kwargs=shared,
            )
            for size in (1, _CONNECTIONS)
        ]
        self._bot = Bot(
            token,
            base_url=f"{api_base}/bot",
            base_file_url=f"{api_base}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )
        self._http = httpx.AsyncClient(proxy=proxy, timeout=_READ_PATIENCE, **shared)
        self._closed = False

    async def call(
        self, method: str, params: Mapping[str, object], patience: float, upload: Document | None = None
    ) -> object:
        """The raw result of one call."""
        if self._closed:
            raise NotSent("closed")
        sent = dict(params)
        if upload is not None:
            sent["document"] = file = InputFile(upload.content, filename=file_name(upload))
            file.mimetype = upload.mime
        try:
            return await self._bot.do_api_request(method, api_kwargs=sent, read_timeout=patience)
        except TelegramError as error:
            raise _what_happened(error) from None

    async def download(self, path: str, limit: int) -> bytes:
        """A file by the path `getFile` gave, read no further than the limit."""
        if self._closed:
            raise OSError("closed")
        content = bytearray()
        try:
            async with self._http.stream("GET", self._files + quote(path)) as response:
                check_file_status(response.status_code)
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > limit:
                        raise FileTooLarge(f"more than {limit} bytes")
        except httpx.HTTPError as error:
            raise OSError(f"a file did not come: {type(error).__name__}") from None
        return bytes(content)

    async def close(self) -> None:
        """Let connections go."""
        self._closed = True
        for request in self._requests:
            await request.shutdown()
        await self._http.aclose()


def _what_happened(error: TelegramError) -> TransportError:
    """The library wraps what `_Http` and its HTTP client raised; only the cause says what is certain."""
    cause = error.__cause__
    if isinstance(cause, TransportError):
        return cause
    name = type(cause or error).__name__
    return NotSent(name) if isinstance(cause, _NEVER_SENT) else Lost(name)
