"""Test reports that can travel between the processes of one session."""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, object, object]:
    """Spell half characters out: the suite sends them on purpose, and pytest-xdist cannot carry them."""
    return _portable((yield))


def _portable(value: object) -> object:
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _portable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_portable, value))
    return value
