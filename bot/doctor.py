"""`steward doctor`: what is wrong with an installation, running or not; changes nothing."""

import argparse
import http.client
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot import control, findings
from bot.check import look_at_channels, look_at_database, look_at_settings
from bot.findings import Finding, Look, fault, note, ok
from bot.settings import Settings, is_loopback
from storage import backup, inbox, inspection, meta, outbox, schema
from storage.clock import SystemClock
from storage.keys import KeyFile
from storage.tx import Tx

MIB = 1024 * 1024
LEAST_DISK, LOW_DISK = 512 * MIB, 2048 * MIB
LATE_INBOX, LATE_OUTBOX = timedelta(minutes=1), timedelta(minutes=15)  # P5
CLOCK_SLACK = timedelta(minutes=1)
COPIES_LIVE = timedelta(days=30)
WEBHOOK_PORTS = (None, 443, 80, 88, 8443)  # which Telegram calls
TOKEN = re.compile(r"[1-9]\d{5,11}:[\w-]{35}", re.ASCII)


def command(_args: argparse.Namespace) -> int:
    """Print a line for everything looked at; 1 when something is wrong."""
    looks: list[tuple[str, Look]] = [
        ("settings", look_at_settings),
        ("channels", look_at_channels),
        ("telegram", look_at_telegram),
        ("disk", look_at_disk),
        ("files", look_at_files),
        ("sqlite", look_at_sqlite),
        ("database", look_at_database),
        ("key file", look_at_key),
        ("clock", look_at_clock),
        ("process", look_at_process),
        ("backlog", look_at_backlog),
    ]
    return findings.show(looks)


def look_at_telegram() -> Iterator[Finding]:
    """The token looks like one, and a webhook can be called."""
    found = Settings()
    if found.telegram_token is None:
        return
    official = not is_loopback(found.telegram_api_base)
    if official and not TOKEN.fullmatch(found.telegram_token.get_secret_value()):
        yield fault("telegram", "STEWARD_TELEGRAM_TOKEN is not of the form BotFather gives, 123456789:...")
    else:
        yield ok("telegram", f"token of a known form, {found.telegram_mode}")
    if found.telegram_mode == "webhook":
        yield from _webhook(found, official)
    elif found.telegram_secret is not None:
        yield note("telegram", "STEWARD_TELEGRAM_SECRET is not used while polling")


def _webhook(found: Settings, official: bool) -> Iterator[Finding]:
    from bot.channels.telegram_webhook import PATH, check_webhook_settings

    secret = found.telegram_secret.get_secret_value() if found.telegram_secret else ""
    try:
        check_webhook_settings(secret, found.public_url, found.telegram_api_base)
    except ValueError as unsafe:
        yield fault("telegram", str(unsafe))
        return
    port = urlsplit(found.public_url).port
    if official and port not in WEBHOOK_PORTS:
        yield fault("telegram", f"Telegram does not call port {port}; it calls 443, 80, 88 and 8443")
    else:
        yield ok("telegram", f"webhook at {found.public_url.rstrip('/')}{PATH}")


def look_at_disk() -> Iterator[Finding]:
    """There is room for the database's log and for evidence."""
    home = Settings().home
    there = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    words = f"{free // MIB} MiB free at {home}"
    if free < LEAST_DISK:
        yield fault("disk", f"{words}: nothing can be stored soon")
    else:
        yield note("disk", f"{words}: little") if free < LOW_DISK else ok("disk", words)


def look_at_files() -> Iterator[Finding]:
    """Nobody else on this machine reads the folder, and no old copy of the database lies about."""
    found, now = Settings(), SystemClock().read()
    if found.home.exists() and found.home.stat().st_mode & 0o077:
        yield note("files", f"other users can look into {found.home}: chmod 700 {found.home}")
    elif found.home.exists():
        yield ok("files", f"{found.home} is closed to other users")
    for copy in backup.copies_of(found.database_file) if found.database_file else ():
        age = now - datetime.fromtimestamp(copy.stat().st_mtime, now.tzinfo)
        if age > COPIES_LIVE:
            yield fault("files", f"{copy} is {age.days} days old and holds what was erased since: remove it")


def look_at_sqlite() -> Iterator[Finding]:
    """The SQLite in use may break a file that two programs write."""
    file = Settings().database_file
    if file is None:
        return
    version = inspection.sqlite_version()
    shown = ".".join(map(str, version))
    if not inspection.has_reset_fault(version):
        yield ok("sqlite", shown)
        return
    about = f"{shown} has the WAL-reset fault (3.7.0 to 3.51.2): two programs writing at once can break it"
    if inspection.replicator_of(file) is not None:
        yield fault("sqlite", f"{about}, and Litestream is one: stop it, or use SQLite 3.51.3 or later")
    else:
        yield note("sqlite", f"{about}. Steward alone is safe; let no second one write to it, nor Litestream")


def look_at_key() -> Iterator[Finding]:
    """The key file is this database's own."""
    found = Settings()
    if schema.current(found.database) is None and not found.key_file.exists():
        return
    with _looking(found) as tx:
        inspection.try_key(tx)
    yield ok("key file", f"{found.key_file} opens this database")


def look_at_clock() -> Iterator[Finding]:
    """The machine's clock has not been set back, and in live it is the only one."""
    found = Settings()
    if schema.current(found.database) is None:
        return
    with _looking(found) as tx:
        last, offset = meta.heartbeat(tx), meta.clock_offset(tx)
        now = tx.now
    if last is not None and last - now > CLOCK_SLACK:
        yield fault("clock", f"it shows {_at(now)}, and Steward has run at {_at(last)} already")
    else:
        yield ok("clock", f"{_at(now)} UTC")
    if offset:
        weight = note if found.demo else fault
        yield weight("clock", f"the demo clock is {offset} ahead")


def look_at_process() -> Iterator[Finding]:
    """It answers, and its clock ticks."""
    found = Settings()
    if not control.listens(found.socket):
        yield note("process", "not running")
        return
    facts = health(found)
    if facts is None:
        where = f"{found.http_host} port {found.http_port}"
        yield fault("process", f"running, and /healthz does not answer on {where}")
    elif facts["tick_age"] is None or facts["tick_age"] > 30:
        yield fault("process", f"the clock last ticked {_ago(facts['tick_age'])}")
    else:
        yield ok("process", f"running, the clock last ticked {_ago(facts['tick_age'])}")


def health(found: Settings) -> dict[str, Any] | None:
    """What the running process says of itself, None when it does not answer."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(found.http_host, found.http_host)
    connection = http.client.HTTPConnection(host, found.http_port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        facts = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return facts if isinstance(facts, dict) and "tick_age" in facts else None


def look_at_backlog() -> Iterator[Finding]:
    """What came in is handled, and what is to be said is said."""
    found = Settings()
    if schema.current(found.database) is None:
        return
    with _looking(found) as tx:
        now, running = tx.now + meta.clock_offset(tx), control.listens(found.socket)
        came, leaves = inbox.backlog(tx), outbox.backlog(tx)
        oldest_in, oldest_out = inbox.oldest_waiting(tx), outbox.oldest_pending(tx)
    yield _waiting(f"{came.get('waiting', 0)} updates", oldest_in, now, LATE_INBOX if running else None)
    yield _waiting(f"{leaves.get('pending', 0)} messages", oldest_out, now, LATE_OUTBOX if running else None)
    dead, failed = came.get("dead", 0), leaves.get("failed", 0)
    if dead:
        yield note("backlog", f"{dead} updates are set aside after five tries; the log names the faults")
    if failed:
        yield note("backlog", f"{failed} messages could never be delivered")


def _waiting(what: str, oldest: datetime | None, now: datetime, late: timedelta | None) -> Finding:
    """How long something has waited; `late` is None while nothing runs that could end the wait."""
    if oldest is None:
        return ok("backlog", f"{what} wait")
    words = f"{what} wait, the oldest for {now - oldest}"
    if late is None:
        return note("backlog", f"{words}, until Steward runs again")
    return fault("backlog", words) if now - oldest > late else ok("backlog", words)


def _looking(found: Settings) -> AbstractContextManager[Tx]:
    return inspection.looking(found.database, KeyFile.open(found.key_file))


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def _ago(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.0f} s ago"
