"""How other commands ask the running process: a line of JSON there and one back, over a socket.

It lies beside the database. Only the user who runs the process may ask: the socket has mode 0600, and where
the system names the peer that is checked as well. A request is `{"do": name, ...}`, an answer is
`{"done": value}` or `{"fault": sentence, "code": number}`.
"""

import asyncio
import json
import logging
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from bot.faults import Exit, Stop, explain
from bot.opening import opened
from bot.settings import Settings
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)

Request = Mapping[str, Any]
Work = Callable[[Tx, Request], Any]
"""Answers one kind of request inside one transaction with a JSON value."""

LONGEST_LINE = 1024 * 1024  # bytes
PATIENCE = 30.0  # seconds for an answer
LONGEST_ADDRESS = 100  # bytes a UNIX socket's path may have everywhere


class NobodyAnswers(Exception):
    """No process listens there."""


# ---- the side that runs


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """A socket at this path; who opens one holds the database, so that an older one is left from a crash."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as made:
        os.fchmod(made.fileno(), 0o600)  # on Linux the file is never there with another mode
        with _address(path) as address:
            made.bind(address)
        try:
            path.chmod(0o600)
            yield made
        finally:
            path.unlink(missing_ok=True)


@asynccontextmanager
async def answering(here: socket.socket, store: Store, works: Mapping[str, Work]) -> AsyncIterator[None]:
    """Answer requests while the block runs."""
    server = await asyncio.start_unix_server(
        lambda reader, writer: _answer(reader, writer, store, works), sock=here, limit=LONGEST_LINE
    )
    try:
        yield
    finally:
        server.close()


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, store: Store, works: Mapping[str, Work]
) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            line = await reader.readline()
        if line:  # an empty one only asks whether somebody is here
            known = same_user(writer.get_extra_info("socket"))
            said = (
                await _said(line, store, works)
                if known
                else _refused("only the user who runs Steward may ask it")
            )
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
    except (OSError, TimeoutError, ValueError):
        log.info("whoever asked has gone, or said more than a line")
    finally:
        writer.close()


async def _said(line: bytes, store: Store, works: Mapping[str, Work]) -> dict[str, Any]:
    try:
        request = json.loads(line)
        work = works[request["do"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _refused("the running Steward does not know this request; is it of another release?")
    try:
        return {"done": await asyncio.wrap_future(store.submit(lambda tx: work(tx, request)))}
    except Exception as fault:
        sentences, code = explain(fault)
        if code is Exit.BUG:
            log.exception("a request failed")
        return _refused("; ".join(sentences), code)


def _refused(sentence: str, code: Exit = Exit.REFUSED) -> dict[str, Any]:
    return {"fault": sentence, "code": code}


def same_user(peer: socket.socket) -> bool:
    """Whether the other end is a process of ours; where no system call tells, the socket's mode decides."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    _pid, user, _group = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return bool(user == os.geteuid())


# ---- the side that asks


def ask(path: Path, request: Request) -> Any:
    """Ask the running process and return its answer.

    Raises:
        NobodyAnswers: none runs.
        Stop: it refuses, or does not answer in time.
    """
    try:
        line = _exchange(path, json.dumps(request).encode() + b"\n")
    except (FileNotFoundError, ConnectionRefusedError):
        raise NobodyAnswers from None
    except TimeoutError:
        raise Stop("the running Steward does not answer; see its log", Exit.BUSY) from None
    except PermissionError:
        raise Stop(f"{path} belongs to another user; run this as the one who runs Steward") from None
    except (ConnectionResetError, BrokenPipeError):
        line = b""
    if not line.endswith(b"\n"):
        raise Stop("the running Steward broke off, perhaps after it was done; see its log", Exit.BUSY)
    answer = json.loads(line)
    if "fault" in answer:
        raise Stop(answer["fault"], Exit(answer["code"]))
    return answer["done"]


def listens(path: Path) -> bool:
    """Whether a process answers there."""
    try:
        with socket.socket(socket.AF_UNIX) as peer, _address(path) as address:
            peer.settimeout(PATIENCE)
            peer.connect(address)
    except OSError:
        return False
    return True


def _exchange(path: Path, line: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(PATIENCE)
        with _address(path) as address:
            peer.connect(address)
        peer.sendall(line)
        peer.shutdown(socket.SHUT_WR)
        with peer.makefile("rb") as answer:
            return answer.readline(LONGEST_LINE)


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """A name short enough for a socket; a long one is reached through its open folder (Linux)."""
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def do(settings: Settings, request: Request, work: Work, *, new: bool = False) -> tuple[Any, bool]:
    """Have the running process do it, or do it here when none runs.

    Args:
        new: make the database when there is none.

    Returns:
        The answer, and whether a running process gave it.
    """
    try:
        return ask(settings.socket, request), True
    except NobodyAnswers:
        with opened(settings, new=new) as store:
            return store.write(lambda tx: work(tx, request)), False
