"""`steward run`: take the database, bring it up to date, serve until told to stop."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import uvicorn

from bot import control, init, invite, posters, redaction
from bot.app import Steward, load
from bot.channels.contract import Channel
from bot.faults import Exit, Stop
from bot.opening import opened
from bot.sample import load_sample
from bot.settings import ROOT, Settings
from casework import founding
from handlers.menu import listed_commands
from storage import meta, union
from storage.store import Store
from talk.words import Words

log = logging.getLogger(__name__)
WORKS = {"invite": invite.make, "posters": posters.list_or_add, "set_up": init.set_up}
REQUESTS_END = 3  # seconds open requests have to finish
ALL_ENDS = 9.5  # seconds until the process ends in any case; what it had begun is settled at the next start


def command(_args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    settings = Settings()
    redaction.install(settings.log_level.upper(), secrets=settings.secrets)
    channels = _channels(settings)
    with opened(settings, new=settings.demo) as store:
        _check_union(settings, store)
        with closing(listen(settings.http_host, settings.http_port)) as pages:
            settings = settings.model_copy(update={"http_port": pages.getsockname()[1]})
            steward = load(settings, store, channels)
            with control.listening(settings.socket) as commands:
                asyncio.run(_serve(steward, pages, commands))
    return Exit.DONE


def _channels(settings: Settings) -> list[Channel]:
    """The channels that are set up beside the browser chat.

    Raises:
        Stop: one of them cannot be used as it is set up.
    """
    if settings.telegram_token is None:
        return []
    from bot.channels.telegram_drivers import DRIVERS

    driver = DRIVERS[settings.telegram_driver]
    secret = settings.telegram_secret.get_secret_value() if settings.telegram_secret else ""
    try:
        telegram = driver.bot(
            settings.telegram_token.get_secret_value(),
            api_base=settings.telegram_api_base,
            proxy=settings.telegram_proxy,
            mode=settings.telegram_mode,
            secret=secret,
            public_url=settings.public_url,
            commands=listed_commands(Words.load(ROOT / "texts")),
        )
    except ImportError:
        raise Stop(driver.lacking, Exit.USAGE) from None
    except ValueError as fault:
        raise Stop(str(fault), Exit.USAGE) from None
    return [telegram]


def _check_union(settings: Settings, store: Store) -> None:
    """See that there is a union to serve: the sample in a demo, a real one in live.

    Raises:
        Stop: none is set up.
    """
    if settings.demo:
        load_sample(store)
    elif not store.read(union.is_set_up):
        raise Stop("no union is set up yet; `steward init` does that")
    wanted = store.read(lambda tx: meta.read(tx, founding.CHANNELS) or "")
    if "telegram" in wanted.split() and settings.telegram_token is None:
        print("steward: the union wants Telegram, and STEWARD_TELEGRAM_TOKEN is not set", file=sys.stderr)


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is promised.

    Raises:
        Stop: somebody else has it, or there is no such address here.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as fault:
        why = os.strerror(fault.errno) if fault.errno else "no such address"
        raise Stop(
            f"cannot listen on {host} port {port}: {why}; "
            "STEWARD_HTTP_HOST and STEWARD_HTTP_PORT name another place",
            Exit.BUSY,
        ) from None


async def _serve(steward: Steward, pages: socket.socket, commands: socket.socket) -> None:
    """Serve until a signal comes.

    Raises:
        Stop: it could not start.
    """
    server = _Server(
        uvicorn.Config(
            steward.application(),
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=REQUESTS_END,
        ),
        lambda: print("\n".join(greeting(steward)), flush=True),
    )
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, lambda: _stop(server, steward))
    async with control.answering(commands, steward.store, WORKS):
        await server.serve(sockets=[pages])
    if not server.started:
        raise Stop("it could not start; the log above says why", Exit.DATABASE)


def _stop(server: "_Server", steward: Steward) -> None:
    """End what would wait for more, then let the server wind down; saying it twice changes nothing."""
    if server.should_exit:
        return
    server.should_exit = True
    steward.wake.stopping.set()
    steward.wake.all()
    server.ending = asyncio.ensure_future(steward.browser.close())  # pages listen without end
    guard = threading.Timer(ALL_ENDS, _end_now)
    guard.daemon = True
    guard.start()


def _end_now() -> None:
    log.warning("something would not end in time; what it had begun is settled at the next start")
    os._exit(Exit.DONE)


class _Server(uvicorn.Server):
    """uvicorn raises a signal again after serving, which would end us before our own clean-up.

    Args:
        started: called once pages are served.
    """

    ending: "asyncio.Future[None]"

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._when_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to us."""
        yield


def greeting(steward: Steward) -> list[str]:
    """What there is to open, a line each."""
    settings = steward.settings
    here = f"http://{settings.http_host}:{settings.http_port}"
    if not settings.demo:
        return [
            f"Steward serves {steward.store.read(lambda tx: meta.read(tx, 'union_name'))}.",
            f"  Chat page   {settings.base}/chat",
            f"  Health      {here}/healthz",
        ]
    doors = steward.store.read(union.entrances_of)
    return [
        "This is a demo: the union and its people are invented, and the clock can be moved.",
        f"  Playground  {here}/play    two phones side by side",
        f"  Chat page   {here}/chat",
        *(f"  Poster      {here}/chat#start=e_{door.token}    {door.site}" for door in doors),
        f"  Health      {here}/healthz",
        "Ctrl-C stops it.",
    ]
