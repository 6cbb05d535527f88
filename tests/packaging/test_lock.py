"""The lock files: whole, small enough, in step with pyproject.toml, and free of anybody's addresses."""

import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.not_run import not_run

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {"core": [], "telegram": ["telegram"], "dev": list(PROJECT["optional-dependencies"])}

# Written so that this file does not hold what it looks for.
FOREIGN = re.compile(
    r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|--(?:extra-)?index[-]url|--find[-]links"
    r"|(?<![\w.~-])/(?:work|root|home)/"
)
PIN = re.compile(r"([\w.-]+)==([\w.]+)(?: ; [^-]+)?(?: +--hash=sha256:[0-9a-f]{64})+")


def pins(lock: Path) -> dict[str, str]:
    """Each pinned package and its version; a line that is not `name==version` with hashes is a fault."""
    found: dict[str, str] = {}
    for entry in re.sub(r"\\\n", "", lock.read_text()).splitlines():
        pin = PIN.fullmatch(entry.strip())
        assert pin, f"{lock.name}: {entry[:80]}"
        found[canonicalize_name(pin[1])] = pin[2]
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_holds_nothing_but_hashed_pins(lock: Path) -> None:
    assert pins(lock)


def test_the_core_stays_small() -> None:
    assert len(pins(ROOT / "requirements/core.txt")) <= 30


def test_all_locks_pin_the_same_versions() -> None:
    widest = pins(ROOT / "requirements/dev.txt")
    for name in ("core", "telegram"):
        assert pins(ROOT / f"requirements/{name}.txt").items() <= widest.items()


@pytest.mark.parametrize("name", EXTRAS)
def test_a_lock_satisfies_what_the_project_asks_for(name: str) -> None:
    held = pins(ROOT / f"requirements/{name}.txt")
    extras = PROJECT["optional-dependencies"]
    asked = [*PROJECT["dependencies"], *chain.from_iterable(extras[extra] for extra in EXTRAS[name])]
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(held[canonicalize_name(requirement.name)]), requirement


def test_no_tracked_file_names_a_registry_or_a_place_on_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        not_run("this copy is not a git clone, so what is tracked is not known")
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        text = path.read_bytes().decode(errors="ignore") if path.is_file() else ""
        found = FOREIGN.search(text)
        assert found is None, f"{name}: {found[0]}"
