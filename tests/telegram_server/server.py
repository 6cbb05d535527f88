"""Run the fake server in a thread, for tests."""

import asyncio
import socket
import threading
from pathlib import Path
from types import TracebackType

import uvicorn

from tests.telegram_server.app import BotApi
from tests.telegram_server.clock import Clock
from tests.telegram_server.connections import BreakableProtocol
from tests.telegram_server.control import control_routes
from tests.telegram_server.faults import FaultScript
from tests.telegram_server.ledger import Ledger
from tests.telegram_server.limits import Speed
from tests.telegram_server.people import Person
from tests.telegram_server.world import World

TOKEN = "7000000001:AAFakeTokenForTheFakeServerOnly_12345"
USERNAME = "GongyouBangBot"
_START_LOOKS = 1000


class _Server(uvicorn.Server):
    """Uvicorn, noticing within a hundredth of a second that it should stop."""

    async def main_loop(self) -> None:
        """Until told to stop."""
        while not self.should_exit:  # noqa: ASYNC110 - another thread tells it
            await asyncio.sleep(0.01)


class TelegramServer:
    """A fake Bot API server on a free port of this machine; use as a context manager.

    Args:
        ledger: also written to this file.
        speed: limits on sending; none unless given.
        port: 0 takes a free one.
        control: also let people be played over HTTP, for a server in a process of its own.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = USERNAME,
        ledger: Path | None = None,
        speed: Speed | None = None,
        port: int = 0,
        control: bool = False,
    ):
        self.token = token
        self.clock = Clock()
        self.ledger = Ledger(ledger)
        self.faults = FaultScript()
        self.world = World(token, username, self.clock, self.ledger, speed or Speed())
        self.api = BotApi(self.world, self.faults)
        self._routes = control_routes(self.world, self.faults) if control else []
        self._socket = socket.create_server(("127.0.0.1", port))
        self._server = _Server(self._config())
        self._thread = threading.Thread(target=self._run, name="fake telegram", daemon=True)

    @property
    def url(self) -> str:
        """Where the bot finds it."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def person(self, first_name: str, last_name: str = "", language: str = "zh-hans") -> Person:
        """Somebody new with a phone."""
        return Person(self.world, self.world.add_person(first_name, last_name, language))

    def __enter__(self) -> "TelegramServer":
        self._thread.start()
        pause = threading.Event()
        for _ in range(_START_LOOKS):
            if self._server.started:
                return self
            pause.wait(0.01)
        raise TimeoutError("the fake server did not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.api.close()
        self._server.should_exit = True
        self._thread.join()
        self.ledger.close()

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self.api.application(*self._routes),
            http=BreakableProtocol,
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=1,
            proxy_headers=False,
        )

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
