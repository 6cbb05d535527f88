"""What code says, read from its source: text keys, families of keys, and the values it hands over."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from talk.words import Words

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "desk", "handlers", "scheduler", "casework", "law", "papers", "storage", "talk", "domain")
WORDS = Words.load(ROOT / "texts", strict=True)
FILES = frozenset(path.stem for path in (ROOT / "texts").glob("*/*.toml"))

KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
FAMILY = re.compile(r"(?:[a-z0-9_.]|\{\})*\{\}(?:[a-z0-9_.]|\{\})*")  # a key with holes

REFUSING = {"Refusal", "Unread"}
# Calls about a case, and the values they put in themselves.
TELLING = {
    "tell_worker": {"number"},
    "tell_cadre": {"number", "category"},
    "tell_owner": {"number", "category"},
    "_done": {"number"},
}
NOT_VALUES = {"spoken", "survey", "fold", "buttons"}


@dataclass(frozen=True, slots=True)
class Said:
    """One key, or family of keys, as one place says it.

    Attributes:
        values: names of what it is given; None when that cannot be seen without running the code.
        about_case: the message is about a case.
    """

    where: str
    key: str
    values: frozenset[str] | None
    about_case: bool = False


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file of the rooms."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def everything_said() -> list[Said]:
    """What all the code says."""
    return [each for path, tree in sources() for each in said(str(path), tree)]


def said(where: str, tree: ast.Module) -> Iterator[Said]:
    """What a module certainly says."""
    named = constants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _said_in_call(where, node, named)
        elif isinstance(node, ast.Dict):
            entries = {literal(k, {}): v for k, v in zip(node.keys, node.values, strict=True)}
            values = _names(entries.get("values"))
            yield from (Said(where, key, values) for key in _keys(entries.get("$key"), named))


def _said_in_call(where: str, call: ast.Call, named: dict[str, str]) -> Iterator[Said]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    by_name = {word.arg: word.value for word in call.keywords}
    given = None if None in by_name else frozenset(str(word) for word in by_name)
    first = call.args[0] if call.args else None
    if name == "Say":
        values = _names(call.args[1] if len(call.args) > 1 else by_name.get("values"))
        about = "case_id" in by_name
        yield from (Said(where, key, values, about) for key in _keys(first, named))
    elif name in REFUSING or name == "key":
        yield from (Said(where, key, given) for key in _keys(first, named))
    elif name in TELLING:
        told = given if given is None else (given - NOT_VALUES) | TELLING[name]
        keys = {key for arg in call.args for key in _keys(arg, named)}
        yield from (Said(where, key, told, True) for key in sorted(keys))
    elif name == "render":
        yield from (Said(where, key, None) for arg in call.args[1:2] for key in _keys(arg, named))
    for word in ("label", "prompt"):
        values = _names(by_name.get("values"))
        yield from (Said(where, key, values) for key in _keys(by_name.get(word), named))
    values = _names(by_name["values"]) if "values" in by_name else None
    yield from (Said(where, key, values) for key in _keys(by_name.get("key"), named))


def _keys(node: ast.expr | None, named: dict[str, str]) -> list[str]:
    """The keys an expression can be, "{}" standing for what is filled in when it runs."""
    if isinstance(node, ast.IfExp):
        return [*_keys(node.body, named), *_keys(node.orelse, named)]
    found = _shape(node) if isinstance(node, ast.JoinedStr) else literal(node, named)
    return [found] if KEY.fullmatch(found) or (found != "{}" and FAMILY.fullmatch(found)) else []


def _shape(joined: ast.JoinedStr) -> str:
    return "".join(literal(part, {}) or "{}" for part in joined.values)


def _names(values: ast.expr | None) -> frozenset[str] | None:
    if values is None:
        return frozenset()
    if not isinstance(values, ast.Dict) or None in values.keys:
        return None
    return frozenset(literal(key, {}) for key in values.keys)


def constants(tree: ast.Module) -> dict[str, str]:
    """The module's names for strings."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


def literal(node: ast.expr | None, named: dict[str, str]) -> str:
    """The string an expression is, as far as it can be seen without running it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return named.get(node.id, "") if isinstance(node, ast.Name) else ""


def strings(tree: ast.Module) -> set[str]:
    """Every string a module writes out whole."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    whole = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in parts]
    return {node.value for node in whole if isinstance(node.value, str)}


def mentioned(tree: ast.Module) -> Iterator[re.Pattern[str]]:
    """What the module's strings, and strings with holes in them, could be as keys."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
            yield re.compile(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = [literal(part, {}) for part in node.values]
            if FAMILY.fullmatch(_shape(node)) and any(re.search(r"\.[a-z]|[a-z]\.|_[a-z]", p) for p in parts):
                yield re.compile("".join(re.escape(part) if part else r"[a-z0-9_.]+" for part in parts))


def events() -> tuple[set[str], set[str]]:
    """The kinds of line a case's timeline can have: all, and those its worker sees."""
    every, shown = set(), set()
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "cases.record":
                kind = literal(node.args[2], {})
                hidden = any(word.arg == "shown" and literal_false(word.value) for word in node.keywords)
                every.add(kind)
                shown |= set() if hidden else {kind}
    return every, shown


def literal_false(node: ast.expr) -> bool:
    """Whether an expression is the word False."""
    return isinstance(node, ast.Constant) and node.value is False
