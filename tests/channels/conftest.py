"""Fixtures for tests that hold for every driver of Telegram."""

import pytest

from bot.channels.telegram_drivers import DRIVERS, Bot


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> Bot:
    """Each in turn."""
    return DRIVERS[request.param].bot
