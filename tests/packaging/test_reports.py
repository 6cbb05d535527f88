"""What the suite itself must survive."""

import pytest


def test_half_a_character_in_a_log_can_travel_between_processes(pytestconfig: pytest.Config) -> None:
    log = [("Captured log call", "half of a character: \ud800")]
    report = pytest.TestReport("a.py::t", ("a.py", 1, "t"), {}, "passed", None, "call", sections=log)
    sent = pytestconfig.hook.pytest_report_to_serializable(config=pytestconfig, report=report)
    assert sent["sections"] == [("Captured log call", "half of a character: \\ud800")]
