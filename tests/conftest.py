"""Options and fixtures every test may use."""

import pytest

pytest_plugins = ["tests.not_run", "tests.postgres", "tests.reports"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-transcripts",
        action="store_true",
        help="write what was said into the transcripts instead of comparing",
    )
