"""The documents name only what exists, and the example in them works."""

import importlib
import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.commands import main
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
DOCS = [*READMES, *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLE = ROOT / "docs/howto/write-a-flow.md"
ROOMS = {folder.parent.name for folder in ROOT.glob("*/__init__.py")} - {"tests"}

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#]+)(?:#[\w-]+)?\)")
PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*/?")
ENDINGS = (".py", ".toml", ".md", ".txt", ".chat", ".js")
DOTTED = re.compile(r"[a-z]+(?:\.\w+)+")
FILE_IN_EXAMPLE = re.compile(r"`([\w/.]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BASE_URL = re.compile(r"https?://[\w.:-]+")

# What stands in documents and is made only once Steward runs.
MADE_LATER = ("var/", "/")
# Read by the tests and the Makefile, not by Steward.
OF_THE_SUITE = {"STEWARD_TEST_POSTGRES", "STEWARD_REQUIRE_ALL"}
NEVER_SAID = {
    "README.md": ("!", "simply", "easily", "powerful", "seamless", "please"),
    "README.zh-CN.md": ("！", "!", "你", "尽快", "及时", "请知悉", "予以", "特此", "赋能", "一键", "轻松"),
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """A document without its blocks of code."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def spans(path: Path) -> list[str]:
    """What stands between backticks in running text."""
    return SPAN.findall(prose(path))


def shell_lines(path: Path) -> Iterator[str]:
    """Every command a document shows, in blocks and in running text."""
    for language, block in FENCE.findall(path.read_text(encoding="utf-8")):
        if language in ("sh", "console"):
            yield from block.replace("\\\n", " ").splitlines()
    yield from (span for span in spans(path) if span.startswith(("make ", "steward ")))


def looks_like_a_path(span: str) -> bool:
    if span.startswith(MADE_LATER) or not PATH.fullmatch(span):
        return False
    return ("/" in span or span.endswith(ENDINGS)) and span.count(".") < len(span)


def example_files() -> dict[str, str]:
    """The files that the example makes, by path."""
    return dict(FILE_IN_EXAMPLE.findall(EXAMPLE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_links_lead_somewhere(path: Path) -> None:
    targets = [link for link in LINK.findall(prose(path)) if not BASE_URL.match(link)]
    assert [link for link in targets if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_paths_exist(path: Path) -> None:
    told = [span for span in spans(path) if looks_like_a_path(span) and span not in example_files()]
    missing = [span for span in told if not next(ROOT.glob(span.rstrip("/")), None)]
    assert missing == []


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_names_in_code_exist(path: Path) -> None:
    dotted = [span for span in spans(path) if DOTTED.fullmatch(span) and span.split(".")[0] in ROOMS]
    assert [name for name in dotted if not name.endswith(ENDINGS) and not exists(name)] == []


def exists(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            found = getattr(found, part, None)
        return found is not None
    return False


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_settings_exist(path: Path) -> None:
    said = set(re.findall(r"STEWARD_[A-Z_]+\b", path.read_text(encoding="utf-8")))
    assert said - {f"STEWARD_{name.upper()}" for name in Settings.model_fields} - OF_THE_SUITE == set()


@pytest.mark.parametrize("path", READMES, ids=named)
def test_a_readme_lists_every_setting_with_its_default(path: Path) -> None:
    rows = re.findall(r"^\| `STEWARD_(\w+)` \| ([^|]*) \|", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name.lower() for name, _ in rows] == list(Settings.model_fields)
    told = {name.lower(): default.strip().strip("`") for name, default in rows}
    assert told == {name: shown(field.default) for name, field in Settings.model_fields.items()}


def shown(default: object) -> str:
    return "" if default is None or isinstance(default, SecretStr) else str(default)


def test_both_readmes_say_the_same() -> None:
    english, chinese = ([set(spans(path)), blocks(path)] for path in READMES)
    assert english == chinese


def blocks(path: Path) -> list[str]:
    """The commands of a document, without what is said about them."""
    return [re.sub(r" +#.*", "", block) for _, block in FENCE.findall(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_make_has_every_target(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in shell_lines(path):
        if match := re.match(r"(?:sudo )?make ([a-z -]+)", line):
            assert set(match[1].split()) <= targets, line


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_steward_knows_every_command(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in shell_lines(path):
        if match := re.search(r"(?:^|bin/)steward ([a-z]+)(.*)", line):
            with pytest.raises(SystemExit) as ended:
                main([match[1], "--help"])
            assert ended.value.code == 0, line
            options = set(re.findall(r"--[a-z-]+", match[2]))
            assert options <= set(re.findall(r"--[a-z-]+", capsys.readouterr().out)), line


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_addresses_are_served(path: Path) -> None:
    """Routes of the server, commands of the chat."""
    sources = [each for room in ("bot", "handlers") for each in (ROOT / room).rglob("*.py")]
    known = "\n".join(each.read_text(encoding="utf-8") for each in sources)
    routes = [span for span in spans(path) if re.fullmatch(r"/(?!etc|srv)[a-z]+(?:/[a-z]+)*", span)]
    assert [route for route in routes if f'"{route}' not in known] == []


@pytest.mark.parametrize("path", READMES, ids=named)
def test_a_readme_speaks_plainly(path: Path) -> None:
    text = prose(path).casefold()
    assert [phrase for phrase in NEVER_SAID[path.name] if phrase in text] == []


def test_the_packaged_description_is_the_readme() -> None:
    assert 'readme = "README.md"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_example_flow_works(tmp_path: Path) -> None:
    """A copy of the tree, changed as the page says, plays the page's transcript on every port."""
    copy = tmp_path / "tree"
    for part in (*ROOMS, "tests", "texts", "knowledge", "pyproject.toml"):
        source = ROOT / part
        skip = shutil.ignore_patterns("__pycache__", "vendor")
        shutil.copytree(source, copy / part, ignore=skip) if source.is_dir() else shutil.copy(source, copy)
    for path, content in example_files().items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(content, encoding="utf-8")
    flows, menu = copy / "handlers/flows.py", copy / "handlers/menu.py"
    registered = flows.read_text(encoding="utf-8").replace("import (", "import (\n    lost,", 1)
    flows.write_text(registered.replace("ALL = (", "ALL = (lost, "), encoding="utf-8")
    last = re.compile(r"^    return Say\(\"menu\.ask\".*$", re.MULTILINE)
    ends = last.findall(EXAMPLE.read_text(encoding="utf-8"))
    changed, count = last.subn(ends[0], menu.read_text(encoding="utf-8"))
    assert count == 1, "the last line of _menu is no longer what the page takes it for"
    menu.write_text(changed, encoding="utf-8")
    run_in(copy, "tests/transcripts", "-k", "helmet", "--rewrite-transcripts")
    played = next(path for path in example_files() if path.endswith(".chat"))
    assert "已登记，编号" in (copy / played).read_text(encoding="utf-8")
    run_in(copy, "tests/texts", "-k", "lost or question or languages or label or house")


def run_in(tree: Path, *arguments: str) -> None:
    """Run a part of the suite over another tree, whatever this process was started with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "STEWARD"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=tree, env=kept, capture_output=True, text=True, check=False)
    tail = list(itertools.islice(reversed(done.stdout.splitlines()), 40))
    assert done.returncode == 0, "\n".join(reversed(tail)) + done.stderr
