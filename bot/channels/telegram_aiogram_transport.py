"""Carry calls of the Bot API with aiogram's `Bot`.

The library reads results into its own types, so that one update it does not understand fails a whole
batch; its own client follows redirects, and makes one error of a call never sent and of an answer
that was lost. `_Http` therefore carries the calls itself; the library writes and addresses them. A
result stays as it came.
"""

import os
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import cache
from typing import Any, cast
from urllib.parse import quote

import certifi
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods.base import TelegramMethod, TelegramType
from aiogram.types import BufferedInputFile
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    FormData,
    InvalidURL,
    TCPConnector,
)

from bot.channels.contract import Document, FileTooLarge
from bot.channels.telegram_answers import Lost, NotSent, read_answer
from bot.channels.telegram_transport import check_file_status, file_name, quiet

_CONNECT_PATIENCE = 10.0
_POOL_PATIENCE = 30.0
_READ_PATIENCE = 30.0
_WHOLE_PATIENCE = 600.0  # a call in all; a server that stops reading what is sent is given up by nothing else
_CONNECTIONS = 64
_LOGGERS = ("aiogram", "aiogram.event", "aiogram.dispatcher", "aiohttp.client", "aiohttp.internal")
# Any other fault of the connection may come after the server had the whole call.
_NEVER_SENT = (ClientConnectorError, ClientHttpProxyError, ConnectionTimeoutError, InvalidURL)


class _Upload(BufferedInputFile):
    """A file that goes under its parameter's own name; the library would invent one."""

    def __init__(self, document: Document):
        super().__init__(document.content, filename=file_name(document))
        self.mime = document.mime


class _Http(BaseSession):
    """One pool of connections.

    Args:
        connections: how many at once.
        proxy: address of a proxy, or none.
    """

    def __init__(self, api_base: str, connections: int, proxy: str | None, trusted: ssl.SSLContext):
        super().__init__(api=TelegramAPIServer.from_base(api_base))
        self._connections = connections
        self._proxy = proxy
        self._trusted = trusted
        self._client: ClientSession | None = None

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
    ) -> TelegramType:
        """Carry one call; its result stays as it came."""
        url = self.api.api_url(bot.token, method.__api_method__)
        try:
            async with self._open().post(
                url, data=self._form(bot, method), timeout=_patience(timeout), allow_redirects=False
            ) as response:
                body = await response.read()
        except _NEVER_SENT as error:
            raise NotSent(type(error).__name__) from None
        except (ClientError, OSError, ValueError) as error:
            raise Lost(type(error).__name__) from None
        return cast(TelegramType, read_answer(response.status, body))

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: float = _READ_PATIENCE,  # noqa: ASYNC109 - the library's signature
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """A file, piece by piece."""
        async with self._open().get(
            url, headers=headers, timeout=_patience(timeout), allow_redirects=False
        ) as response:
            if raise_for_status:
                check_file_status(response.status)
            async for chunk in response.content.iter_chunked(chunk_size):
                yield chunk

    async def close(self) -> None:
        """Let connections go."""
        if self._client is not None:
            await self._client.close()

    def _open(self) -> ClientSession:
        """The client; it can be made only where a loop runs."""
        if self._client is None:
            self._client = ClientSession(
                connector=TCPConnector(limit=self._connections, ssl=self._trusted),
                cookie_jar=DummyCookieJar(),
                proxy=self._proxy,
            )
        return self._client

    def _form(self, bot: Bot, method: TelegramMethod[Any]) -> FormData:
        form = FormData(quote_fields=False)
        for name, value in method.model_dump(warnings=False).items():
            if isinstance(value, _Upload):
                form.add_field(name, value.data, filename=value.filename, content_type=value.mime)
            elif value is not None:
                form.add_field(name, self.prepare_value(value, bot, files={}))
        return form


class AiogramTransport:
    """One `Bot`, used only to carry raw calls.

    Args:
        proxy: address of a proxy for everything, or none.
    """

    def __init__(self, token: str, api_base: str, proxy: str | None):
        quiet(token, *_LOGGERS)
        self._files = f"{api_base}/file/bot{token}/"
        trusted = _trusted_authorities()
        # Polls have a connection to themselves, so that a crowd of sends never holds them up.
        self._polls, self._others = (
            _Http(api_base, connections, proxy, trusted) for connections in (1, _CONNECTIONS)
        )
        self._bot = Bot(token, session=self._others)
        self._closed = False

    async def call(
        self, method: str, params: Mapping[str, object], patience: float, upload: Document | None = None
    ) -> object:
        """The raw result of one call."""
        if self._closed:
            raise NotSent("closed")
        sent = dict(params)
        if upload is not None:
            sent["document"] = _Upload(upload)
        http = self._polls if method == "getUpdates" else self._others
        return await http.make_request(self._bot, _by_name(method).model_validate(sent), patience)

    async def download(self, path: str, limit: int) -> bytes:
        """A file by the path `getFile` gave, read no further than the limit."""
        if self._closed:
            raise OSError("closed")
        content = bytearray()
        try:
            async with aclosing(self._others.stream_content(self._files + quote(path))) as chunks:
                async for chunk in chunks:
                    content += chunk
                    if len(content) > limit:
                        raise FileTooLarge(f"more than {limit} bytes")
        except (ClientError, TimeoutError) as error:
            raise OSError(f"a file did not come: {type(error).__name__}") from None
        return bytes(content)

    async def close(self) -> None:
        """Let connections go."""
        self._closed = True
        await self._polls.close()
        await self._others.close()


@cache
def _by_name(method: str) -> type[TelegramMethod[object]]:
    """A call by its name alone, with any parameters; the library need not know it."""
    members = {"__api_method__": method, "__returning__": object, "__module__": __name__}
    return cast(type[TelegramMethod[object]], type(method, (TelegramMethod[object],), members))


def _patience(seconds: float | None) -> ClientTimeout:
    return ClientTimeout(
        total=_WHOLE_PATIENCE,
        connect=_POOL_PATIENCE,
        sock_connect=_CONNECT_PATIENCE,
        sock_read=_READ_PATIENCE if seconds is None else seconds,
    )


def _trusted_authorities() -> ssl.SSLContext:
    """The certificate authorities the environment names, else the usual ones; as the other driver has it."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return ssl.create_default_context(cafile=file, capath=folder)
    return ssl.create_default_context(cafile=certifi.where())
