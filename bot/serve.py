"""`steward run`: take the database, bring it up to date, serve until told to stop."""

import argparse
import asyncio
import contextlib
import signal
import sys
import tomllib
from collections.abc import Iterator

import uvicorn

from bot import redaction
from bot.app import load
from bot.channels.contract import Channel
from bot.playground import CADRE
from bot.settings import ROOT, Settings
from casework import setup
from domain.unions import union_from
from storage import meta, schema, union
from storage.keys import KeyFile, KeyFileError
from storage.store import DatabaseLock, Store, StoreBusy

ANSWERING = "chen"  # the sample cadre whose phone the playground shows


def serve(settings: Settings, _args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    redaction.install(settings.log_level.upper(), secrets=_secrets(settings))
    lock = DatabaseLock(settings.database)
    try:
        lock.take()
        schema.upgrade(settings.database)
        keys = KeyFile.open(settings.key_file, create=not settings.key_file.exists())
    except StoreBusy:
        print("Steward already runs on this database; stop that process first.", file=sys.stderr)
        return 1
    except schema.DatabaseNewer:
        print(
            "This database was written by a newer Steward; update the program, not the data.", file=sys.stderr
        )
        return 1
    except KeyFileError as fault:
        print(f"The key file cannot be used: {fault}", file=sys.stderr)
        return 1
    try:
        return _run(settings, Store(settings.database, keys))
    finally:
        lock.release()


def _secrets(settings: Settings) -> list[str]:
    held = (settings.telegram_token, settings.telegram_secret, settings.notice_hook_secret)
    return [secret.get_secret_value() for secret in held if secret]


def _run(settings: Settings, store: Store) -> int:
    channels: list[Channel] = []
    if settings.telegram_token:
        channels.append(_telegram(settings))
    steward = load(settings, store, channels)
    if settings.demo:
        _load_sample(steward.store)
    elif not store.read(union.is_set_up):
        print("No union is set up yet: run `steward init` first.", file=sys.stderr)
        return 1
    try:
        asyncio.run(_serve(settings, steward.application()))
    finally:
        store.close()
    return 0


def _telegram(settings: Settings) -> Channel:
    from bot.channels.telegram_ptb import TelegramPtb

    assert settings.telegram_token is not None
    secret = settings.telegram_secret.get_secret_value() if settings.telegram_secret else ""
    return TelegramPtb(
        settings.telegram_token.get_secret_value(),
        api_base=settings.telegram_api_base,
        proxy=settings.telegram_proxy,
        mode=settings.telegram_mode,
        secret=secret,
        public_url=settings.public_url,
    )


def _load_sample(store: Store) -> None:
    """The sample union, once."""
    if store.read(union.is_set_up):
        return
    table = tomllib.loads((ROOT / "knowledge" / "sample_union.toml").read_text(encoding="utf-8"))
    file = union_from(table, {"cn"})

    def fill(tx) -> None:  # type: ignore[no-untyped-def]
        setup.set_up(tx, file)
        people = setup.add_sample_people(tx, file)
        meta.put(tx, CADRE, people[ANSWERING])

    store.write(fill)


async def _serve(settings: Settings, app) -> None:  # type: ignore[no-untyped-def]
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, lambda: setattr(server, "should_exit", True))
    _greet(settings)
    await server.serve()


class _Server(uvicorn.Server):
    """uvicorn raises a signal again after serving, which would end us before our own clean-up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to us."""
        yield


def _greet(settings: Settings) -> None:
    base = f"http://{settings.http_host}:{settings.http_port}"
    if settings.demo:
        print(f"Playground: {base}/play    two phones and a clock that moves")
    print(f"Chat page:  {base}/chat")
    print(f"Health:     {base}/healthz", flush=True)
