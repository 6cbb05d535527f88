"""`steward check`: whether this installation could run, without running it."""

import argparse
import importlib.util
import os
from collections.abc import Iterator

from bot import findings, init, sample, settings
from bot.channels.telegram_drivers import DRIVERS
from bot.findings import Finding, Look, fault, note, ok
from bot.settings import ROOT, Settings
from bot.union_file import described, parsed
from casework.rulebook import Rulebook
from law.understanding import Understander
from storage import schema
from storage.keys import KeyFile
from talk.words import Words


def command(_args: argparse.Namespace) -> int:
    """Print a line for everything looked at; 1 when something is wrong."""
    looks: list[tuple[str, Look]] = [
        ("settings", look_at_settings),
        ("texts", look_at_texts),
        ("knowledge", look_at_knowledge),
        ("unions", look_at_unions),
        ("channels", look_at_channels),
        ("key file", look_at_key_file),
        ("database", look_at_database),
    ]
    return findings.show(looks)


def look_at_settings() -> Iterator[Finding]:
    """Every setting is one that exists, and together they are safe."""
    strange = settings.unknown(os.environ)
    yield from (fault("settings", said) for said in strange)
    found = Settings()
    if not strange:
        yield ok("settings", f"{found.mode} mode, home {found.home.absolute()}, {found.base}")


def look_at_texts() -> Iterator[Finding]:
    """Every text is there in every language and takes the same values."""
    words = Words.load(ROOT / "texts")
    every = frozenset[str]().union(*(words.keys(language) for language in words.languages))
    wrong = [
        f"{key} is missing in {language}"
        for language in words.languages
        for key in sorted(every - words.keys(language))
    ]
    first, *others = words.languages
    wrong += [
        f"{key} takes other values in {language} than in {first}"
        for language in others
        for key in sorted(words.keys(first) & words.keys(language))
        if words.placeholders(first, key) != words.placeholders(language, key)
    ]
    yield from (fault("texts", said) for said in wrong)
    if not wrong:
        yield ok("texts", f"{len(every)} texts in {' and '.join(sorted(words.languages))}")


def look_at_knowledge() -> Iterator[Finding]:
    """Every file can be read."""
    rules = Rulebook.load(ROOT / "knowledge")
    cards = Understander.load(ROOT / "knowledge").cards
    yield ok("knowledge", f"{len(cards)} law cards, {len(list(rules.categories))} kinds of matter")
    for name, calendar in rules.calendars.items():
        listed = [str(year) for year, days in sorted(calendar.years.items()) if days.confirmed]
        yield ok("knowledge", f"calendar {name}, announced for {', '.join(listed)}")


def look_at_unions() -> Iterator[Finding]:
    """The sample union and the example to start from can be set up."""
    sample.sample_union()
    text = init.EXAMPLE.read_text(encoding="utf-8")
    described(parsed(text, init.EXAMPLE.name), init.calendars(), init.EXAMPLE.name)
    yield ok("unions", "the sample and the example can be set up")


def look_at_channels() -> Iterator[Finding]:
    """What a channel needs is installed."""
    yield ok("channels", "browser chat")
    found = Settings()
    if found.telegram_token is not None:
        driver = DRIVERS[found.telegram_driver]
        if importlib.util.find_spec(driver.package) is None:
            yield fault("channels", driver.lacking)
        else:
            yield ok("channels", "Telegram")


def look_at_key_file() -> Iterator[Finding]:
    """It is there when there is something to open with it, and nobody else can read it."""
    found = Settings()
    if not found.key_file.exists() and schema.current(found.database) is None:
        yield note("key file", f"{found.key_file} is made when a union is set up")
        return
    keys = KeyFile.open(found.key_file)
    count = len(keys.ids)
    yield ok("key file", f"{keys.path}, mode 0600, {count} {'key' if count == 1 else 'keys'}")


def look_at_database() -> Iterator[Finding]:
    """It is of this release."""
    found, newest = schema.current(Settings().database), schema.newest()
    if found is None:
        yield note("database", "empty; `steward init` sets a union up")
    elif found != newest:
        yield fault("database", f"at {found}, this release needs {newest}: run `steward migrate`")
    else:
        yield ok("database", f"at {found}")
