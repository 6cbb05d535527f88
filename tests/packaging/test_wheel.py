"""A wheel holds all that runs, and runs without the folder it was made from."""

import os
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
FIND = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]["find"]
FOLDERS = sorted(name.rstrip("*") for name in FIND["include"] if (ROOT / name.rstrip("*")).is_dir())
STEWARD = "import sys; from bot.commands import main; sys.exit(main(sys.argv[1:]))"
CACHES = shutil.ignore_patterns("__pycache__", ".*")

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from a copy of what is shipped."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, ignore=CACHES)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--wheel-dir", made, source], check=True, stdin=subprocess.DEVNULL)
    (found,) = made.glob("*.whl")
    return found


def test_it_holds_every_file_of_every_folder(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        file.relative_to(ROOT).as_posix()
        for name in FOLDERS
        for file in (ROOT / name).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith(".")
    }
    assert "texts" in FOLDERS
    assert "knowledge" in FOLDERS
    assert sorted(wanted - held) == []


def test_a_demo_runs_from_it_alone(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("STEWARD_")}
    environment = kept | {
        "PYTHONPATH": str(installed),
        "STEWARD_MODE": "demo",
        "STEWARD_HOME": str(tmp_path / "var"),
        "STEWARD_HTTP_PORT": "0",
    }
    told = subprocess.run(
        [sys.executable, "-c", "from bot.settings import ROOT; print(ROOT)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(told.stdout.strip()) == installed
    running = subprocess.Popen(
        [sys.executable, "-c", STEWARD, "run"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(3)]
        chat = lines[2].split()[-1]
        assert chat.endswith("/chat"), lines
        with urlopen(chat, timeout=20) as page:
            assert "chat.js" in page.read().decode()
        with urlopen(f"{chat}/page/words.js", timeout=20) as words:
            assert words.status == 200
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(20)
