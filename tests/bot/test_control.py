"""Asking the running process: for its own user alone, and nothing that is said can harm it."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import control
from bot.control import NobodyAnswers, Request
from bot.faults import Exit, Stop
from storage import schema
from storage.keys import KeyFile
from storage.store import Store
from storage.tx import Tx
from tests.not_run import not_run


class House:
    """A process that answers, in a thread of its own."""

    def __init__(self, store: Store, path: Path) -> None:
        self.path = path
        self._ready, self._end = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._answer(store)))
        self._thread.start()
        assert self._ready.wait(10)

    async def _answer(self, store: Store) -> None:
        works = {"say": say, "refuse": refuse, "break": break_down}
        with control.listening(self.path) as here:
            async with control.answering(here, store, works):
                self._ready.set()
                await asyncio.to_thread(self._end.wait)

    def close(self) -> None:
        self._end.set()
        self._thread.join(10)


def say(tx: Tx, request: Request) -> str:
    return f"{request['words']} {tx.now.year > 2000}"


def refuse(_tx: Tx, _request: Request) -> str:
    raise Stop("no such unit", Exit.REFUSED)


def break_down(_tx: Tx, _request: Request) -> str:
    raise KeyError("王师傅")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    url = f"sqlite:///{tmp_path / 'steward.db'}"
    schema.upgrade(url)
    store = Store(url, KeyFile.open(tmp_path / "key", create=True))
    made = House(store, tmp_path / "steward.sock")
    yield made
    made.close()
    store.close()


def raw(house: House, *pieces: bytes) -> bytes:
    """Say these bytes and hang up."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(10)
        peer.connect(str(house.path))
        for piece in pieces:
            peer.sendall(piece)
        peer.shutdown(socket.SHUT_WR)
        with peer.makefile("rb") as answer:
            return answer.read()


def test_a_request_is_answered(house: House) -> None:
    assert control.ask(house.path, {"do": "say", "words": "工会\n"}) == "工会\n True"


def test_a_refusal_keeps_its_words_and_its_code(house: House) -> None:
    with pytest.raises(Stop, match="no such unit") as caught:
        control.ask(house.path, {"do": "refuse"})
    assert caught.value.code is Exit.REFUSED


def test_a_fault_in_the_program_names_no_value(house: House) -> None:
    with pytest.raises(Stop, match=r"KeyError at bot/test_control\.py") as caught:
        control.ask(house.path, {"do": "break"})
    assert caught.value.code is Exit.BUG
    assert "王师傅" not in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        b"\n",
        b"{\n",
        b"[]\n",
        b"null\n",
        b'"say"\n',
        b'{"do": "drop"}\n',
        b'{"do": ["say"]}\n',
        b'{"do": "say"',
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b"x" * (control.LONGEST_LINE + 10),
    ],
)
def test_nonsense_is_refused_and_the_next_one_is_answered(house: House, said: bytes) -> None:
    try:
        answer = raw(house, said)
    except (BrokenPipeError, ConnectionResetError):
        answer = b""  # it hung up on a line without end
    assert answer == b"" or "fault" in json.loads(answer)
    assert control.ask(house.path, {"do": "say", "words": "x"}) == "x True"


def test_many_may_ask_at_once(house: House) -> None:
    got: list[str] = []

    def ask(words: int) -> None:
        got.append(control.ask(house.path, {"do": "say", "words": words}))

    asking = [threading.Thread(target=ask, args=(n,)) for n in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(10)
    assert sorted(got) == sorted(f"{n} True" for n in range(20))


def test_only_its_own_user_can_reach_it(house: House) -> None:
    assert house.path.stat().st_mode & 0o777 == 0o600


def test_another_user_who_reaches_it_is_refused(house: House, tmp_path: Path) -> None:
    """As if the mode of the socket had been opened."""
    if os.geteuid() != 0:
        not_run("only root can become another user")
    house.path.chmod(0o666)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder.is_relative_to("/tmp/pytest-of-root"):
            folder.chmod(0o711)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # nothing is imported from here on
        try:
            os.setuid(65534)
            os.write(writing, raw(house, b'{"do": "say", "words": "x"}\n'))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    assert json.loads(os.read(reading, 4096))["fault"] == "only the user who runs Steward may ask it"


def test_when_it_ends_nobody_answers_and_nothing_is_left(house: House) -> None:
    assert control.listens(house.path)
    house.close()
    assert not house.path.exists()
    assert not control.listens(house.path)
    with pytest.raises(NobodyAnswers):
        control.ask(house.path, {"do": "say"})


def test_what_a_killed_process_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "steward.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with pytest.raises(NobodyAnswers):
        control.ask(path, {"do": "say"})
    with control.listening(path) as here:
        here.listen()
        assert control.listens(path)
    assert not path.exists()


def test_a_path_too_long_for_a_socket_works_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / ("工会" * 30)
    folder.mkdir()
    with control.listening(folder / "steward.sock") as here:
        here.listen()
        assert (folder / "steward.sock").stat().st_mode & 0o777 == 0o600
        assert control.listens(folder / "steward.sock")


def test_who_breaks_off_or_says_nothing_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "steward.sock"
    with control.listening(path) as here:
        here.listen()
        answering = threading.Thread(target=lambda: here.accept()[0].close())
        answering.start()
        with pytest.raises(Stop, match="broke off"):
            control.ask(path, {"do": "say"})
        answering.join(10)
        monkeypatch.setattr(control, "PATIENCE", 0.2)
        with pytest.raises(Stop, match="does not answer") as caught:
            control.ask(path, {"do": "say"})
        assert caught.value.code is Exit.BUSY
