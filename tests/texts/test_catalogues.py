"""The words themselves: both languages complete, in the house's voice, and every key that code speaks there.

Keys that no code mentions are warned about; with STEWARD_UNUSED_KEYS=1 they fail the test.
"""

import ast
import importlib
import os
import pkgutil
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import domain
from talk.words import Words

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "desk", "handlers", "scheduler", "casework", "law", "papers", "storage", "talk", "domain")
SPEAKERS = {"Say", "Refusal", "Unread", "key"}  # calls whose first argument is a text key
KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
LONGEST_LABEL = 6  # characters on a Chinese button

FORBIDDEN = {
    "zh": (
        *(
            "根据相关规定",
            "请知悉",
            "予以",
            "兹",
            "特此",
            "系统",
            "提交成功",
            "非法输入",
            "有误",
            "尽快",
            "及时",
        ),
        *("贵司", "贵方", "贵单位", "贵公司", "你", "！", "!"),
    ),
    "en": (
        *("as soon as possible", "promptly", "in a timely", "please be advised", "hereby", "pursuant to"),
        *("kindly", "the system", "submitted successfully", "illegal input", "invalid", "!", "！"),
    ),
}

WORDS = Words.load(ROOT / "texts", strict=True)
EVERY = [(lang, key) for lang in sorted(WORDS.languages) for key in sorted(WORDS.keys(lang))]


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file of the rooms."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def constants(tree: ast.Module) -> dict[str, str]:
    """The module's names for strings."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


def spoken(tree: ast.Module) -> set[str]:
    """The text keys a module certainly speaks: first arguments of SPEAKERS, `label=`, `key=` and "$key"."""
    named = constants(tree)
    found: set[str] = set()
    for node in ast.walk(tree):
        said: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            said += node.args[:1] if name in SPEAKERS else []
            said += [word.value for word in node.keywords if word.arg in ("label", "key")]
        elif isinstance(node, ast.Dict):
            said += [v for k, v in zip(node.keys, node.values, strict=True) if literal(k, {}) == "$key"]
        found |= {key for each in said if KEY.fullmatch(key := literal(each, named))}
    return found


def literal(node: ast.expr | None, named: dict[str, str]) -> str:
    """The string an expression is, as far as it can be seen without running it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return named.get(node.id, "") if isinstance(node, ast.Name) else ""


def mentioned(tree: ast.Module) -> Iterator[re.Pattern[str]]:
    """What the module's strings, and strings with holes in them, could be as keys."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
            yield re.compile(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = [literal(part, {}) for part in node.values]
            if any(re.search(r"\.[a-z]|[a-z]\.", part) for part in parts) and not any(
                " " in p for p in parts
            ):
                yield re.compile("".join(re.escape(part) if part else r"[a-z0-9_.]+" for part in parts))


def test_both_languages_have_the_same_keys() -> None:
    assert set(WORDS.languages) == {"zh", "en"}
    assert sorted(WORDS.keys("zh") ^ WORDS.keys("en")) == []


def test_both_languages_take_the_same_values() -> None:
    both = WORDS.keys("zh") & WORDS.keys("en")
    differing = {key for key in both if WORDS.placeholders("zh", key) != WORDS.placeholders("en", key)}
    assert sorted(differing) == []


@pytest.mark.parametrize("lang", sorted(WORDS.languages))
def test_nothing_is_said_that_the_house_does_not_say(lang: str) -> None:
    said = [
        (key, phrase)
        for key in sorted(WORDS.keys(lang))
        for words in (*WORDS.forms(lang, key), *WORDS.synonyms(lang, key))
        for phrase in FORBIDDEN[lang]
        if phrase in words.casefold()
    ]
    assert said == []


def test_chinese_labels_fit_on_a_button() -> None:
    long = [
        (key, words)
        for key in sorted(WORDS.keys("zh"))
        if {"button", "buttons"} & set(key.split("."))
        for words in WORDS.forms("zh", key)
        if len(words) > LONGEST_LABEL
    ]
    assert long == []


def test_labels_are_one_line() -> None:
    broken = [
        key
        for lang, key in EVERY
        if {"button", "buttons", "option", "label"} & set(key.split("."))
        for words in WORDS.forms(lang, key)
        if "\n" in words
    ]
    assert broken == []


def test_chinese_is_written_with_chinese_marks() -> None:
    """A half-width comma or question mark beside a Chinese character is a slip of the keyboard."""
    slips = [
        (key, found[0])
        for key in sorted(WORDS.keys("zh"))
        for words in WORDS.forms("zh", key)
        for found in re.finditer(r"[\u4e00-\u9fff][,;?:]|[,;?][\u4e00-\u9fff]", words)
    ]
    assert slips == []


def test_every_key_that_code_speaks_has_its_words() -> None:
    missing = {f"{path}: {key}" for path, tree in sources() for key in spoken(tree) - WORDS.keys("zh")}
    assert sorted(missing) == []


def test_every_refusal_a_rule_declares_has_its_words() -> None:
    """Rules list the keys they refuse with in REFUSALS, also where a table chooses between them."""
    missing: set[str] = set()
    for module in pkgutil.iter_modules(domain.__path__, "domain."):
        declared = getattr(importlib.import_module(module.name), "REFUSALS", ())
        missing |= {f"{module.name}: {key}" for key in declared if key not in WORDS.keys("zh")}
    assert sorted(missing) == []


def test_no_key_is_left_over() -> None:
    patterns = {pattern for _, tree in sources() for pattern in mentioned(tree)}
    data = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "knowledge").rglob("*.toml"))
    )
    unused = [
        key
        for key in sorted(WORDS.keys("zh"))
        if f'"{key}"' not in data and not any(pattern.fullmatch(key) for pattern in patterns)
    ]
    if os.environ.get("STEWARD_UNUSED_KEYS"):
        assert unused == []
    elif unused:
        warnings.warn(f"keys no code mentions: {', '.join(unused)}", stacklevel=1)


def test_keys_are_found_wherever_code_may_speak_them() -> None:
    """The scan itself: what it must see, and what only looks like a key."""
    tree = ast.parse(
        'TAKEN = "case.taken"\n'
        'Say("kit.bug"); Refusal(TAKEN); talk.words.key("category.wages")\n'
        'Choice("form.pick", label="kit.button.back"); replace(say, key="kit.again")\n'
        'values = {"$key": "kit.value.none", "other": "not.this"}\n'
        'open("a.toml"); Say("no key")\n'
        'Say(f"kit.button.{what}")\n'
    )
    assert spoken(tree) == {
        *("kit.bug", "case.taken", "category.wages", "kit.button.back", "kit.again", "kit.value.none"),
    }
    assert any(pattern.fullmatch("kit.button.later") for pattern in mentioned(tree))
