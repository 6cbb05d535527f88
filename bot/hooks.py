"""Hands a text message to the union's own service: the case's number and a link, signed, nothing else.

The service gets a POST of JSON `{"case", "link", "at", "phone"}`. `X-Steward-Timestamp` holds the second it
was signed, `X-Steward-Signature` the HMAC-SHA256 in hex over that timestamp followed at once by the body, and
`X-Steward-Delivery` an id that is the same for every try. Any 2xx means taken; a redirect is never followed.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import ssl
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from casework import unseen
from casework.unseen import TextMessage
from storage import jobs
from storage.jobs import Job
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)
T = TypeVar("T")
PATIENCE = 10.0  # seconds for one try, from the first packet to the status line
LONGEST_LINE = 4096  # bytes
_WORTH_ANOTHER_TRY = (408, 425, 429)


class HookFailed(Exception):
    """The service did not take it this time."""

    loggable = True  # its words hold a status and nothing else


class Hook:
    """Does jobs of kind `hook`.

    Args:
        url: https, or http on this machine.
        page: the union's own chat page.
        patience: seconds for one try.
    """

    def __init__(self, store: Store, url: str, secret: str, page: str, patience: float = PATIENCE) -> None:
        self._store = store
        self._url = url
        self._secret = secret.encode()
        self._page = page
        self._patience = patience

    async def work(self, job: Job) -> None:
        """Hand one text message over, unless the worker has seen the news by now.

        Raises:
            HookFailed: another try is worth it.
            OSError: no connection.
        """
        message = await asyncio.to_thread(
            self._store.read, lambda tx: unseen.text_message(tx, job.detail["case"])
        )
        status = 204 if message is None else await self._post(job, message)
        if 200 <= status <= 299:
            await self._write(lambda tx: jobs.done(tx, job.id))
        elif status >= 500 or status in _WORTH_ANOTHER_TRY:
            raise HookFailed(f"status {status}")
        else:
            log.warning("the notice hook refused a text message: status %s", status)
            await self._write(lambda tx: jobs.failed(tx, job, final=True))

    async def _post(self, job: Job, message: TextMessage) -> int:
        said = {
            "case": message.number,
            "link": self._page,
            "at": message.at.isoformat(),
            "phone": message.phone,
        }
        body = json.dumps(said).encode()
        timestamp = str(int(self._store.clock.read().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Steward-Timestamp": timestamp,
            "X-Steward-Signature": sign(self._secret, timestamp, body),
            "X-Steward-Delivery": job.id,
        }
        return await post(self._url, headers, body, self._patience)

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self._store.submit(work))


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a call, in hex."""
    return hmac.new(secret, timestamp.encode() + body, hashlib.sha256).hexdigest()


async def post(url: str, headers: dict[str, str], body: bytes, patience: float) -> int:
    """Send one POST over a connection of its own.

    Returns:
        The status; what else the server says is not read.

    Raises:
        HookFailed: the answer is not HTTP.
        OSError: no connection, no trust in the certificate, or no answer in time.
    """
    where = urlsplit(url)
    secure = where.scheme == "https"
    tls = ssl.create_default_context() if secure else None
    async with asyncio.timeout(patience):
        reader, writer = await asyncio.open_connection(
            where.hostname, where.port or (443 if secure else 80), ssl=tls, limit=LONGEST_LINE
        )
        try:
            writer.write(_request(where.netloc.rpartition("@")[2], _target(url), headers, body))
            await writer.drain()
            return _status(await reader.readline())
        except (ValueError, IndexError):
            raise HookFailed("the answer is not HTTP") from None
        finally:
            writer.close()


def _target(url: str) -> str:
    where = urlsplit(url)
    return (where.path or "/") + (f"?{where.query}" if where.query else "")


def _request(host: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
    fixed = {"Host": host, "Connection": "close", "Content-Length": str(len(body)), "User-Agent": "steward"}
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in {**fixed, **headers}.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _status(line: bytes) -> int:
    version, status, *_ = line.decode("latin-1").split(None, 2)
    if not version.startswith("HTTP/1.") or len(status) != 3:
        raise ValueError(line)
    return int(status)
