"""Logs that tell an operator what went wrong, and nothing about anybody.

Records are cleaned where they are made, so a handler somebody else adds sees only clean ones.
"""

import errno
import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from pathlib import PurePath
from traceback import walk_tb
from types import TracebackType
from typing import Any, TextIO

from pydantic import SecretStr

from bot.sensitive import redact, remember

Secret = SecretStr
"""A value that prints as stars; ask for it with `get_secret_value()` at the last moment."""

# Loggers of ours are named after their modules. Everybody else writes addresses, parameters or whole updates:
# nothing below a warning is heard from them, and of the texts among their arguments only single plain words.
OURS = (
    "bot",
    "desk",
    "handlers",
    "scheduler",
    "casework",
    "law",
    "papers",
    "storage",
    "talk",
    "domain",
    "steward",
)
OUTSIDE = (
    *("aiogram", "apscheduler", "asyncio", "httpcore", "httpx", "sqlalchemy", "telegram"),
    *("uvicorn", "uvicorn.access", "uvicorn.error"),
)
ONE_WORD = re.compile(r"[\w./:-]{1,60}", re.ASCII)

FRAMES = 30


def describe(error: BaseException) -> str:
    """An error by its type, and by its words only where its class says that they hold no content.

    A class of ours says so with `loggable = True`; of the operating system's errors the number is named.
    """
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if getattr(kind, "loggable", False) is True:
        return f"{name}: {redact(str(error))}"
    number: object = error.errno if isinstance(error, OSError) else None
    return f"{name} {errno.errorcode.get(number, number)}" if isinstance(number, int) else name


class RedactionFilter(logging.Filter):
    """Cleans a record in place and lets it through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the clean message in place of message, arguments and traceback."""
        clean(record)
        return True


class JsonFormatter(logging.Formatter):
    """One line of ASCII JSON a record: at, level, logger, said, where, and error when there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; what a message contains can neither end it nor begin another."""
        clean(record)
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": record.msg,
            "where": f"{record.filename}:{record.lineno}",
        }
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line)


def clean(record: logging.LogRecord) -> None:
    """Replace message, arguments and traceback of a record by what may be written down."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    trace = getattr(record, "clean_trace", None)
    try:
        said = redact(_message(record))
        trace = redact(_trace(error)) if error else trace
    except Exception:  # a value that cannot even be shown must not stop what logs it
        said = "[a line that cannot be shown]"
    record.msg, record.args = said, ()
    record.exc_text = record.clean_trace = trace  # whatever else stood there is somebody's own rendering
    record.exc_info = record.stack_info = None


def _message(record: logging.LogRecord) -> str:
    if not isinstance(record.msg, str):
        return _said(record.msg)
    said = _filled(record) if record.args else record.msg
    if record.name == "asyncio":  # it writes the arguments of callbacks and the errors of tasks
        said = re.split(r"[\n<(:'\"=]", said, maxsplit=1)[0]
    before, traced, _ = said.partition("Traceback (most recent call last)")
    return before + "[traceback withheld]" if traced else said


class _Named(dict[str, object]):
    """Arguments asked for by name; asked for all at once it names its type."""

    __str__ = __repr__ = lambda self: "<dict>"


def _filled(record: logging.LogRecord) -> str:
    outside = record.name.partition(".")[0] not in OURS
    given = record.args
    arguments: object
    if isinstance(given, Mapping):
        arguments = _Named({key: _argument(value, outside) for key, value in given.items()})
    else:
        arguments = tuple(_argument(value, outside) for value in given or ())
    try:
        return str(record.msg) % arguments
    except (TypeError, ValueError, KeyError, OverflowError):
        return f"{record.msg} [its arguments do not fit]"


def _argument(value: object, outside: bool) -> object:
    """Numbers stay numbers for %d; everything else becomes words that may be written down.

    Args:
        outside: whether somebody else's code logs it; of its texts only single plain words are kept.
    """
    if type(value) in (int, float, bool):
        return value
    if outside and isinstance(value, str) and not ONE_WORD.fullmatch(value):
        return "<str>"
    return _said(value)


def _said(value: object) -> str:
    if isinstance(value, BaseException):
        return describe(value)
    if isinstance(value, type):
        return value.__qualname__
    if value is None or isinstance(value, str | int | float | date | time | timedelta | PurePath | Enum):
        return str(value)
    if type(value).__name__ == "URL":
        return str(value).partition("?")[0]
    return f"<{type(value).__qualname__}>"


def _trace(error: BaseException, depth: int = 0) -> str:
    """Types and places of an error, its causes and its parts; no words and no values."""
    lines = [
        f"{_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
    ][-FRAMES:]
    lines.append(describe(error))
    if depth < FRAMES:
        if isinstance(error, BaseExceptionGroup):
            lines += [f"part: {_trace(part, depth + FRAMES // 3)}" for part in error.exceptions[:FRAMES]]
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is not None:
            lines.append(f"after: {_trace(cause, depth + 1)}")
    return "\n".join(lines)


def _place(path: str) -> str:
    return "/".join(PurePath(path).parts[-3:])


def install(
    level: int | str = logging.INFO, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Make every logger of this process write clean JSON lines, and nothing else write any.

    A server must be started without a log configuration of its own (uvicorn: `log_config=None`).

    Args:
        secrets: values to blank wherever they turn up, besides what looks like a secret.
        stream: where to; standard error when not given.
    """
    remember(secrets)
    logging.setLogRecordFactory(_clean_record)
    logging.raiseExceptions = False  # its own complaint would print the record's arguments
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RedactionFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    root.setLevel(max(logging.getLogger("bot").level, logging.WARNING))
    for name in OUTSIDE:
        _quieten(logging.getLogger(name), root.level)
    sys.excepthook, threading.excepthook, sys.unraisablehook = _uncaught, _uncaught_in_thread, _unraisable
    warnings.showwarning = _warned


def _quieten(logger: logging.Logger, level: int) -> None:
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(level)
    if not any(isinstance(known, RedactionFilter) for known in logger.filters):
        logger.addFilter(RedactionFilter())


def _clean_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **kwargs)
    clean(record)
    return record


log = logging.getLogger(__name__)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("an error nobody caught", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    error = args.exc_value or args.exc_type()
    log.critical("an error nobody caught in a thread", exc_info=(args.exc_type, error, args.exc_traceback))


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    error = args.exc_value or args.exc_type()
    log.error("an error that could not be raised", exc_info=(args.exc_type, error, args.exc_traceback))


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    log.warning("%s at %s:%d", category, _place(filename), lineno)
