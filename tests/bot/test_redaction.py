"""No log line carries a token, a name or what anybody said (P12, I20, I30, I33)."""

import io
import json
import logging
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.redaction import OURS, OUTSIDE, Secret, describe, install
from bot.sensitive import LONGEST_TEXT, redact
from storage.disk import DiskRefused
from storage.sealing import SealBroken

TOKEN = "7012345678:AAHk3xQz0vT-9_bcdEFghIJklmNOpqrSTuv"
CANARY = "张小燕说老板欠三个月工资"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """A stream that gets what is logged; everything `install` changed is put back."""
    root, stream = logging.getLogger(), io.StringIO()
    loggers = [logging.getLogger(name) for name in (*OURS, *OUTSIDE)]
    before = (logging.getLogRecordFactory(), logging.raiseExceptions, root.handlers[:], root.level)
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning)
    levels = [(each, each.level, each.propagate, each.handlers[:], each.filters[:]) for each in loggers]
    install("DEBUG", stream=stream)
    yield stream
    logging.setLogRecordFactory(before[0])
    logging.raiseExceptions, root.handlers[:] = before[1], before[2]
    root.setLevel(before[3])
    sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning = hooks
    for each, level, propagate, handlers, filters in levels:
        each.setLevel(level)
        each.propagate, each.handlers[:], each.filters[:] = propagate, handlers, filters


log = logging.getLogger("steward.test")


def last(stream: io.StringIO) -> dict[str, str]:
    line = json.loads(stream.getvalue().splitlines()[-1])
    assert isinstance(line, dict)
    return line


# ---- what is blanked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"GET https://api.telegram.org/bot{TOKEN}/getMe", "GET https://api.telegram.org/bot[token]/getMe"),
        (f"https://api.telegram.org/file/bot{TOKEN}/photos/1.jpg", None),
        ("POST /bot123:ABC/sendMessage", "POST /bot[token]/sendMessage"),
        (f"/bot{TOKEN.replace(':', '%3A')}/x", "/bot[token]/x"),
        (f"token is {TOKEN}.", "token is [token]."),
        ("Authorization: Bearer abc.def-ghi_jkl", "Authorization: Bearer [key]"),
        ("{'authorization': 'Bearer abcdefgh'}", "{'authorization': 'Bearer [key]'}"),
        ("X-Telegram-Bot-Api-Secret-Token: hunter2hunter2", "X-Telegram-Bot-Api-Secret-Token: [key]"),
        ("Set-Cookie: sid=abc; Path=/", "Set-Cookie: [key]"),
        ("postgresql://steward:pa55word@db/steward", "postgresql://[key]@db/steward"),
        ("GET /chat?start=abcdef&code=1 HTTP/1.1", "GET /chat?start=[value]&code=[value] HTTP/1.1"),
        ("password=hunter2, next", "password=[key], next"),
        ("key aB3" + "x" * 40, "key [key]"),
        ("call 13800138000 now", "call [phone] now"),
        ("+86 138-0013-8000", "[phone]"),
        ("0086 138 0013 8000", "[number]"),
        ("8613800138000", "[phone]"),
        ("013800138000", "[phone]"),
        ("电话13800138000号", "电话[phone]号"),
        ("１３８００１３８０００", "[phone]"),
        ("138\u200b0013\u200b8000", "[phone]"),
        ("110105194912310021", "[number]"),
        ("11010519491231002X", "[number]"),
        ("110105 19491231 002x", "[number]"),
        ("110105491231002", "[number]"),
        ("return code 4821-7730-1956-0284", "return code [number]"),
        ("6222 0212 3456 7890 123", "[number]"),
        ("case 2611-0427, limit 2026-11-24 18:00", "case 2611-0427, limit 2026-11-24 18:00"),
        ("listening on http://127.0.0.1:8000", "listening on http://127.0.0.1:8000"),
        ("from 185.199.108.15 in 0.0421 s", "from 185.199.108.15 in 0.0421 s"),
    ],
)
def test_what_looks_like_a_secret_is_blanked_and_the_rest_stays(text: str, left: str | None) -> None:
    assert redact(text) == (left if left is not None else redact(text))
    assert TOKEN.partition(":")[2] not in redact(text)


MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
RESIDENT_IDS = st.from_regex(r"[1-6][0-9]{5}(19|20)[0-9]{9}[0-9Xx]", fullmatch=True)
CODES = st.from_regex(r"[0-9]{16}", fullmatch=True)
TOKENS = st.from_regex(r"[1-9][0-9]{7,9}:[A-Za-z0-9_-]{35}", fullmatch=True)
WORDS = st.text(st.characters(exclude_categories=("N", "Cs", "Pd"), exclude_characters="_%:"), max_size=20)


@given(before=WORDS, secret=MOBILES | RESIDENT_IDS | CODES | TOKENS, after=WORDS, wide=st.booleans())
def test_no_number_or_token_survives_between_any_words(
    before: str, secret: str, after: str, wide: bool
) -> None:
    shown = "".join(chr(ord(c) + 0xFEE0) for c in secret) if wide else secret
    left = redact(f"{before} {shown} {after}")
    assert secret not in left
    assert secret[3:] not in left
    assert shown not in left


@given(
    secret=MOBILES | CODES,
    gaps=st.lists(st.sampled_from(["", " ", "-", "\u2014", "\u3000", "\u200b"]), min_size=16),
)
def test_gaps_between_digits_hide_no_number(secret: str, gaps: list[str]) -> None:
    left = redact("x " + "".join(digit + gap for digit, gap in zip(secret, gaps, strict=False)) + " y")
    assert re.fullmatch(r"x \[(phone|number)\][\s\-\u2014]?\s*y", left)


@given(text=st.text(max_size=300))
def test_blanking_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "text",
    ["a" * 10**6, "1 " * 10**6, "bot1" * 10**5, "token" * 10**5, "?a" * 10**5, "://" * 10**5, "aA1_" * 10**5],
)
def test_no_text_takes_long_or_makes_a_long_line(text: str) -> None:
    begun = time.perf_counter()
    assert len(redact(text)) < LONGEST_TEXT + 10
    assert time.perf_counter() - begun < 1


# ---- what is logged


class Told(Exception):
    """An error whose words come from a person."""


def trouble() -> Told:
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as inner:
            inner.add_note(CANARY)
            raise ExceptionGroup(CANARY, [ValueError(CANARY), Told(CANARY)]) from inner
    except ExceptionGroup as group:
        error = Told(CANARY, {"text": CANARY})
        error.__context__ = group
        return error


@pytest.mark.parametrize(
    "argument", [Told(CANARY), {"text": CANARY}, [CANARY], CANARY.encode(), Secret(CANARY), trouble()]
)
def test_an_argument_that_is_not_a_plain_value_is_named_by_its_type(
    lines: io.StringIO, argument: object
) -> None:
    log.info("took %s", argument)
    log.info("took %r", argument)
    log.info("took %(it)s and %s", {"it": argument, "text": CANARY})
    log.info(argument)
    log.info("no place for it", argument)
    log.info("took %d", argument)
    log.info("took %s", argument, extra={"text": CANARY}, stack_info=True)
    assert len(lines.getvalue().splitlines()) == 7
    assert type(argument).__name__ in last(lines)["said"]
    _holds_nothing(lines.getvalue())


def test_a_traceback_says_types_and_places_only(lines: io.StringIO) -> None:
    try:
        raise trouble()
    except Told:
        log.exception("the turn of %s rolled back", "2611-0427")
    line = last(lines)
    assert line["said"] == "the turn of 2611-0427 rolled back"
    for expected in ("Told", "KeyError", "ExceptionGroup", "ValueError", "tests/bot/test_redaction.py:"):
        assert expected in line["error"]
    _holds_nothing(lines.getvalue())


def test_a_rendered_traceback_inside_a_message_is_withheld(lines: io.StringIO) -> None:
    log.error("startup failed\nTraceback (most recent call last):\n  File ...\nTold: %s", CANARY)
    assert last(lines)["said"] == "startup failed\n[traceback withheld]"


def test_errors_of_ours_that_hold_no_content_say_their_words(lines: io.StringIO) -> None:
    log.error("evidence: %s", SealBroken("evidence:7f:file", "altered"))
    assert "altered" in last(lines)["said"]
    log.error("evidence: %s", DiskRefused(28))
    assert "No space left" in last(lines)["said"]
    log.error("poll: %s", OSError(111, CANARY, CANARY))
    assert last(lines)["said"] == "poll: ConnectionRefusedError ECONNREFUSED"
    assert describe(OSError(CANARY, CANARY)) == "OSError"


def test_a_message_cannot_end_its_line_or_begin_another(lines: io.StringIO) -> None:
    forged = 'x"}\n{"level":"info","said":"forged"}\r\u2028\u2029\x85\x0b\x1b[2J\x00\ud800\u202e'
    log.info(forged)
    log.info("said %s", forged)
    log.info("%s", forged, exc_info=Told(forged))
    written = lines.getvalue()
    assert written.isascii()
    assert written.isprintable() or set(written) - {"\n"} <= set(map(chr, range(32, 127)))
    assert [json.loads(line)["logger"] for line in written.splitlines()] == ["steward.test"] * 3


def test_an_argument_that_raises_when_shown_does_not_stop_the_work(lines: io.StringIO) -> None:
    class Stubborn(str):
        def __str__(self) -> str:
            raise Told(CANARY)

    log.info("took %s", Stubborn("x"))
    assert last(lines)["said"] == "[a line that cannot be shown]"


def test_a_handler_somebody_else_adds_gets_clean_records_too(lines: io.StringIO) -> None:
    theirs = io.StringIO()
    handler = logging.StreamHandler(theirs)
    handler.setFormatter(logging.Formatter("%(message)s %(args)s %(exc_text)s"))
    other = logging.getLogger("some.library")
    other.addHandler(handler)
    try:
        other.warning("call %s %s", "13800138000", {"text": CANARY}, exc_info=trouble())
    finally:
        other.removeHandler(handler)
    assert "[phone] <dict>" in theirs.getvalue()
    _holds_nothing(theirs.getvalue() + lines.getvalue())


def test_nothing_below_a_warning_is_heard_from_others(lines: io.StringIO) -> None:
    for name in (
        "httpx",
        "telegram.ext",
        "sqlalchemy.engine.Engine",
        "uvicorn.access",
        "some.library",
        "root",
    ):
        logging.getLogger(name).info("told at info: %s", CANARY)
        logging.getLogger(name).warning("told at warning: %s", CANARY)
    log.debug("ours is heard at the level asked for")
    assert [json.loads(line)["said"] for line in lines.getvalue().splitlines()] == [
        *["told at warning: <str>"] * 6,
        "ours is heard at the level asked for",
    ]


def test_a_record_made_elsewhere_is_cleaned_on_its_way_out(lines: io.StringIO) -> None:
    made = {"msg": f"/bot{TOKEN}/getMe", "levelno": 30, "levelname": "WARNING", "exc_text": f"Told: {CANARY}"}
    logging.getLogger().handle(logging.makeLogRecord(made))
    assert last(lines)["said"] == "/bot[token]/getMe"
    _holds_nothing(lines.getvalue())


def test_values_named_at_the_start_are_blanked_anywhere(lines: io.StringIO) -> None:
    install("DEBUG", secrets=["sw ordfish/9", "no"], stream=lines)
    log.info("a sw ordfish/9 and sw%20ordfish%2F9, no more")
    assert last(lines)["said"] == "a [key] and [key], no more"


def _holds_nothing(written: str) -> None:
    for canary in (CANARY, CANARY.encode("unicode_escape").decode(), TOKEN.partition(":")[2], "13800138000"):
        assert canary not in written


# ---- a process of its own, with the real libraries

SCRIPT = Path(__file__).with_name("loud_process.py")


@pytest.fixture(scope="module")
def loud() -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(SCRIPT), TOKEN, CANARY],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONASYNCIODEBUG": "1", "PYTHONWARNINGS": "always"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_no_library_writes_a_token_or_a_word_through_any_path(
    loud: "subprocess.CompletedProcess[str]",
) -> None:
    assert loud.stdout.splitlines()[-1] == "done"
    assert loud.returncode == 1  # the last thing it does is to raise
    _holds_nothing(loud.stdout + loud.stderr)
    assert all(isinstance(json.loads(line), dict) for line in loud.stderr.splitlines())


@pytest.mark.parametrize(
    ("logger", "expected"),
    [
        ("uvicorn.error", "Exception in ASGI application"),
        ("asyncio", "Task exception was never retrieved"),
        ("asyncio", "Exception in callback"),
        ("apscheduler.executors.default", "raised an exception"),
        ("telegram", "told at warning"),
        ("httpx", "told at warning"),
        ("sqlalchemy.engine.Engine", "INSERT"),
        ("bot.redaction", "an error nobody caught"),
        ("bot.redaction", "an error nobody caught in a thread"),
        ("bot.redaction", "an error that could not be raised"),
        ("bot.redaction", "UserWarning at"),
    ],
)
def test_what_went_wrong_is_told_all_the_same(
    loud: "subprocess.CompletedProcess[str]", logger: str, expected: str
) -> None:
    told = [json.loads(line) for line in loud.stderr.splitlines()]
    assert any(line["logger"] == logger and expected in line["said"] for line in told), loud.stderr
