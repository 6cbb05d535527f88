"""Every room is packaged and stands under the import contracts."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
ROOMS = {folder.parent.name for folder in ROOT.glob("*/__init__.py")} - {"tests"}


def test_every_room_is_packaged() -> None:
    patterns = CONFIG["setuptools"]["packages"]["find"]["include"]
    assert {room for room in ROOMS if not any(fnmatch(room, pattern) for pattern in patterns)} == set()


def test_every_room_stands_under_the_contracts() -> None:
    assert set(CONFIG["importlinter"]["root_packages"]) == ROOMS
