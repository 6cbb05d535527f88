"""A process in which every library has a secret to tell; run by test_redaction.py.

Arguments: a bot token and words of a person, neither of which may come out.
"""

import asyncio
import contextlib
import gc
import logging
import socket
import sys
import threading
import warnings

import httpx
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from pydantic import BaseModel
from sqlalchemy import create_engine, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot

from bot.redaction import install

TOKEN, CANARY = sys.argv[1:3]


def fail(*_: object) -> None:
    """Raise what a person said."""
    raise RuntimeError(CANARY)


class Tells:
    """Raises when it is thrown away."""

    def __del__(self) -> None:
        fail()


class Age(BaseModel):
    """A model whose serialiser warns with the value in its words."""

    years: int


async def serve_and_fail() -> None:
    """A real server whose application raises, asked by a real client with secrets in the address."""

    async def broken(_: Request) -> Response:
        raise RuntimeError(CANARY)

    app = Starlette(routes=[Route("/bot{token}/sendMessage", broken, methods=["POST"])])
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient() as client:
        await client.post(f"{base}/bot{TOKEN}/sendMessage?text={CANARY}", json={"text": CANARY})
    bot = Bot(TOKEN, base_url=f"{base}/bot")
    with contextlib.suppress(Exception):
        await bot.send_message(1, CANARY)
    await bot.shutdown()
    server.should_exit = True
    await serving


async def fail_in_the_background() -> None:
    """A task, a callback and a job that raise."""
    loop = asyncio.get_running_loop()

    async def task() -> None:
        fail()

    forgotten = asyncio.create_task(task(), name=CANARY)
    loop.call_soon(fail, CANARY)
    scheduler = AsyncIOScheduler()
    scheduler.add_job(fail, args=[CANARY], name=CANARY)
    scheduler.start()
    await asyncio.sleep(0.2)
    scheduler.shutdown()
    del forgotten
    gc.collect()


def fail_in_the_database() -> None:
    """A statement with a person's words among its parameters that breaks a rule."""
    engine = create_engine("sqlite://", echo="debug")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE said (words TEXT UNIQUE)"))
        for _ in range(2):
            try:
                connection.execute(text("INSERT INTO said VALUES (:words)"), {"words": CANARY})
            except Exception as error:
                logging.getLogger("steward").exception("not kept: %s", error)


def main() -> None:
    """Make every path tell."""
    install("DEBUG", secrets=[TOKEN])
    for name in (
        "httpx",
        "httpcore",
        "telegram",
        "telegram.ext",
        "uvicorn.access",
        "sqlalchemy",
        "apscheduler",
    ):
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.warning("told at warning: /bot%s/x %s", TOKEN, {"text": CANARY})
        logger.debug("told at debug: %s", {"text": CANARY}, exc_info=RuntimeError(CANARY))
    asyncio.run(serve_and_fail())
    asyncio.run(fail_in_the_background())
    fail_in_the_database()
    warnings.warn(f"about {CANARY}", stacklevel=1)
    Age.model_construct(years=CANARY).model_dump()
    thread = threading.Thread(target=fail, name=CANARY)
    thread.start()
    thread.join()
    Tells()
    print("done", flush=True)
    fail()


if __name__ == "__main__":
    main()
