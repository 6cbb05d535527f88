"""The calendars the rules are tried on."""

import tomllib
from pathlib import Path

import pytest

from domain.calendars import Calendar, calendar_from

CALENDARS = Path(__file__).parents[2] / "knowledge" / "calendars"


@pytest.fixture(scope="session")
def china() -> Calendar:
    """Mainland China as shipped."""
    return calendar_from(tomllib.loads(path.read_text("utf-8")) for path in CALENDARS.glob("cn*.toml"))
