"""The list of requirements says nothing that no test shows."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (R\d+) \| (\w+) \| (.*?) \| (.*?) ?\|$", re.MULTILINE)
FOLDED = {"R43", "R45"}


def rows() -> list[tuple[str, str, str, str]]:
    """Requirement, state, what there is, evidence."""
    return ROW.findall((ROOT / "docs" / "requirements.md").read_text(encoding="utf-8"))


def test_every_requirement_has_one_line() -> None:
    wanted = {f"R{n}" for n in range(1, 49)} - FOLDED
    named = [name for name, *_ in rows()]
    assert sorted(named) == sorted(set(named))
    assert wanted <= set(named)


def test_every_state_is_one_of_three_and_shown() -> None:
    for name, state, there_is, shown in rows():
        assert state in ("done", "part", "todo"), name
        assert there_is, name
        assert bool(shown) == (state != "todo"), name
        assert state != "part" or "Missing" in there_is, name


def test_every_test_that_is_named_exists() -> None:
    named = {path for *_, shown in rows() for path in re.findall(r"`([^`]+)`", shown)}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []
