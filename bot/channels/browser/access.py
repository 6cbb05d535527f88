"""Who calls, how a call reaches the store, and how one that is not taken is answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from storage import browser, people
from storage.disk import DiskRefused
from storage.people import Account
from storage.store import Store
from storage.tx import KeyDestroyed, Tx
from storage.writer import StoreClosed

T = TypeVar("T")
Handle = Callable[[Request], Awaitable[Response]]
KEPT_NOWHERE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
DISK_PAUSE = 30  # seconds


class Refused(Exception):
    """A call that is not taken as it is.

    Args:
        sentence: what the person is told, in their language.
        wait: seconds after which the same call is taken.
    """

    def __init__(self, status: int, sentence: str = "", wait: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.wait = wait


class Access:
    """The way from a call to the store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Do a unit of work and wait for its commit."""
        return await asyncio.wrap_future(self.store.submit(work))

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Read without holding up others."""
        return await asyncio.to_thread(self.store.read, work)

    async def account(self, request: Request) -> Account:
        """Whose key the call carries.

        Raises:
            Refused: 401, it carries none that is known.
        """
        key = bearer(request)
        account = await self.read(lambda tx: account_of(tx, key)) if key else None
        if account is None:
            raise Refused(401)
        return account


def account_of(tx: Tx, key: str) -> Account | None:
    """The account a key opens."""
    account_id = browser.account_of_key(tx, key)
    return people.account(tx, account_id) if account_id else None


def bearer(request: Request) -> str:
    """The key a call carries."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" else ""


def guarded(handle: Handle) -> Handle:
    """Answer what is refused with its sentence, and a disk or an end in between with "try again"."""

    async def answer(request: Request) -> Response:
        try:
            response = await handle(request)
        except Refused as refused:
            response = _refusal(refused)
        except KeyDestroyed:  # everything was erased while the page stayed open
            response = _refusal(Refused(401))
        except (OSError, DiskRefused, StoreClosed):
            response = _refusal(Refused(503, wait=DISK_PAUSE))
        except ClientDisconnect:
            response = Response(status_code=400)  # nobody is there to read it
        for name, value in KEPT_NOWHERE.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def _refusal(refused: Refused) -> Response:
    headers = {"Retry-After": str(refused.wait)} if refused.wait else {}
    return JSONResponse({"error": refused.sentence}, status_code=refused.status, headers=headers)
