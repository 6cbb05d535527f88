"""Tests that lack something on this machine say so at the end, and fail where nothing may be missing."""

import os
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

MARK = "NOT RUN: "
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def not_run(reason: str) -> NoReturn:
    """End the running test as NOT RUN.

    Args:
        reason: what is missing and how to get it.
    Raises:
        pytest.skip.Exception, or pytest.fail.Exception when STEWARD_REQUIRE_ALL is 1.
    """
    if os.environ.get("STEWARD_REQUIRE_ALL") == "1":
        pytest.fail(MARK + reason, pytrace=False)
    pytest.skip(MARK + reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium: STEWARD_CHROMIUM, or the first found on the search path."""
    named = os.environ.get("STEWARD_CHROMIUM")
    if named:
        return named if Path(named).is_file() else not_run(f"STEWARD_CHROMIUM is {named}, which is not there")
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    return found or not_run("no Chromium found; `make test-system` installs it")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [r for kind in ("skipped", "failed", "error") for r in terminalreporter.getreports(kind)]
    groups = Counter(reason for report in reports if (reason := _reason(report)))
    if groups:
        terminalreporter.section("NOT RUN")
    for reason, tests in groups.most_common():
        terminalreporter.write_line(f"{MARK}{tests} {'test' if tests == 1 else 'tests'}: {reason}")


def _reason(report: pytest.TestReport) -> str | None:
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    found = re.search(f"{MARK}(.+)", told)
    return found.group(1) if found else None
