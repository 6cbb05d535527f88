"""Every key that code speaks has its words and is given their values; derived keys and families included.

Keys that no code mentions are warned about; with STEWARD_UNUSED_KEYS=1 they fail the test.
"""

import ast
import importlib
import os
import pkgutil
import warnings
from collections.abc import Iterable, Iterator

import pytest

import domain
import handlers
from bot.playground import SHOWN_DUES
from casework import disclosure
from casework.danger import CATEGORY
from casework.profile import ITEMS
from casework.unseen import TEXTS_TO
from domain.cases import Disposition, Reader, State, Word
from domain.people import OCCUPATIONS, Employment, Shift
from domain.revisit import Verdict
from domain.roles import Role
from handlers import desk
from handlers.registry import FLOWS
from talk.answers import _FAULTS
from talk.forms import Form
from tests.texts.scan import (
    FILES,
    KEY,
    ROOT,
    WORDS,
    Said,
    constants,
    events,
    everything_said,
    literal,
    mentioned,
    said,
    sources,
    strings,
)

EVENTS, SHOWN_EVENTS = events()

# Keys that code puts together, and what its holes can be.
FAMILIES: dict[str, Iterable[str]] = {
    "about_me.occupation.option.{}": OCCUPATIONS,
    "about_me.shift.option.{}": Shift,
    "case.outcome.{}": Disposition,
    "case.state.{}": State,
    "case.state.closed_{}": Word,
    "danger.{}": CATEGORY,
    "desk.button.{}": [name for name, _, _ in desk._ACTS],
    "desk.event.{}": EVENTS,
    "desk.files.{}": ("kept", "unshown", "fetching", "failed"),
    "desk.files.kind.{}": ("photo", "file", "voice", "video"),
    "desk.line.{}": ("plain", "urgent", "overdue", State.WAITING_WORKER, State.OUTCOME_TOLD),
    "desk.ping.{}": ("take", "soon", "take_above", "overdue", "overdue_above"),
    "desk.role.{}": Role,
    "help.reader.option.{}": Reader,
    "joining.employment.option.{}": Employment,
    "joining.next.{}": ("approved", "declined"),
    "joining.state.{}": ("approved", "declined"),
    "kit.button.{}": ("back", "cancel", "done", "drop", "later", "send", "skip"),
    "kit.fault.{}": {*_FAULTS.values(), "other"},
    "kit.other.{}": ("sticker", "poll"),
    "my.event.{}": SHOWN_EVENTS,
    "my.next.{}": set(State) - {State.SUBMITTED, State.IN_PROGRESS},
    "profile.channel.{}": ("browser", "telegram"),
    "profile.consent.{}": disclosure.SHOWN_CONSENTS,
    "profile.item.{}": (*ITEMS, TEXTS_TO, "member", "consent", "matters", "doors", "language", "muted"),
    "profile.language.{}": WORDS.languages,
    "profile.mute.button.{}": ("day", "week", "for_good"),
    "revisit.button.{}": (Word.SOLVED, Word.PARTLY, Word.NOT_SOLVED),
    "page.weekday.{}": [str(day) for day in range(1, 8)],
    "play.due.{}": SHOWN_DUES,
    "play.event.{}": EVENTS,
    "revisit.followed.{}": [*Verdict, "reopen_here"],
    "welcome.button.{}": WORDS.languages,
    "{}_none": ("desk.mine", "desk.waiting"),
}
# Put together from the names of a form and its fields; looked at form by form below.
DERIVED = {"{}.title", "{}.{}.ask", "{}.{}.label", "{}.{}.option.{}"}

# Told with its values by the act that refuses; the state table alone never gets to it.
REFUSED_BEFORE_THE_TABLE = {"case.taken"}

# Due rows and actions of buttons are named like keys and are never shown.
DUE_ROWS = {"case.ping", "case.waiting", "case.revisit", "case.check", "case.remind", "case.silent"}

# A form about a case has its number for every prompt, and the state table's refusals get it too.
NUMBER = {"number"}

SAID = everything_said()


def keys_of(each: Said) -> list[str]:
    """The keys one place can say."""
    if "{}" not in each.key:
        return [each.key]
    return [each.key.format(member) for member in FAMILIES.get(each.key, ())]


def forms() -> list[type[Form]]:
    """Every form a person can be asked to fill in."""
    for module in pkgutil.iter_modules(handlers.__path__, "handlers."):
        importlib.import_module(module.name)
    return [flow.form for _, flow in sorted(FLOWS.items())]


def derived(form: type[Form]) -> Iterator[str]:
    """The keys a form's names give: its title, and each field's question, short name and options."""
    title = form.title({})
    if isinstance(title, dict):
        yield str(title["$key"])
    for question in form.asked:
        yield from (question.prompt, question.label)
        if not isinstance(question.options, str):
            yield from (option.label for option in question.options if option.label)


def actions(tree: ast.Module) -> set[str]:
    """What the buttons of a module do."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    doing = [each for each in calls if getattr(each.func, "id", "") in ("Choice", "button", "clock")]
    return {literal(each.args[0], {}) for each in doing}


FORMS = forms()


def test_every_key_that_code_speaks_has_its_words() -> None:
    missing = {
        f"{each.where}: {key}" for each in SAID for key in keys_of(each) if key not in WORDS.keys("zh")
    }
    assert sorted(missing) == []


def test_every_string_that_looks_like_a_key_is_one() -> None:
    """Keys handed on through a variable or an argument are seen here."""
    known = WORDS.keys("zh") | DUE_ROWS | {action for _, tree in sources() for action in actions(tree)}
    missing = {
        f"{path}: {each}"
        for path, tree in sources()
        for each in strings(tree) - known
        if KEY.fullmatch(each) and each.split(".")[0] in FILES and not each.endswith(".toml")
    }
    assert sorted(missing) == []


def test_every_family_of_keys_is_declared() -> None:
    families = {(each.key, each.where) for each in SAID if "{}" in each.key}
    assert sorted(each for each in families if each[0] not in FAMILIES and each[0] not in DERIVED) == []
    assert sorted(FAMILIES.keys() - {key for key, _ in families}) == []


@pytest.mark.parametrize("form", FORMS, ids=[form.flow for form in FORMS])
def test_a_form_has_its_words(form: type[Form]) -> None:
    keys = set(derived(form))
    assert sorted(keys - WORDS.keys("zh")) == []
    assert sorted(key for key in keys if WORDS.placeholders("zh", key) - NUMBER) == []


@pytest.mark.parametrize("lang", sorted(WORDS.languages))
def test_the_question_is_the_last_line(lang: str) -> None:
    prompts = {question.prompt for form in FORMS for question in form.asked} & WORDS.keys(lang)
    unasked = [
        key
        for key in sorted(prompts)
        for words in WORDS.forms(lang, key)
        if not set("？?") & set(words.splitlines()[-1])
    ]
    assert unasked == []


def test_every_value_that_words_need_is_given() -> None:
    lacking = {
        (each.where, key, name)
        for each in SAID
        if each.values is not None
        for key in keys_of(each)
        if key in WORDS.keys("zh")
        for name in WORDS.placeholders("zh", key) - each.values
    }
    assert sorted(lacking) == []


def test_every_message_about_a_case_carries_its_number() -> None:
    silent = {
        (each.where, key)
        for each in SAID
        if each.about_case
        for key in keys_of(each)
        if key in WORDS.keys("zh") and "number" not in WORDS.placeholders("zh", key)
    }
    assert sorted(silent) == []


def test_every_refusal_a_rule_declares_has_its_words() -> None:
    """Rules list the keys they refuse with in REFUSALS, also where a table chooses between them."""
    declared: set[str] = set()
    for module in pkgutil.iter_modules(domain.__path__, "domain."):
        declared |= set(getattr(importlib.import_module(module.name), "REFUSALS", ()))
    assert sorted(declared - WORDS.keys("zh")) == []
    by_table = declared - {each.key for each in SAID if each.values} - REFUSED_BEFORE_THE_TABLE
    assert sorted(key for key in by_table if WORDS.placeholders("zh", key) - NUMBER) == []


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
        'Say("kit.bug"); Refusal(TAKEN, who=1); talk.words.key("category.wages")\n'
        'Say("my.page", {"number": 1}, case_id=case.id); Say("kit.one" if it else f"kit.{two}", values)\n'
        'Choice("form.pick", label="kit.button.back"); replace(say, key="kit.again", values={"a": 1})\n'
        'notices.tell_worker(tx, rules, case, "case.told.taken", rows, survey=True, who=name)\n'
        'values = {"$key": "kit.value.none", "values": {"count": 1}, "other": "not.this"}\n'
        'open("a.toml"); Say("no key"); Say(f"{self}")\n'
    )
    nothing: frozenset[str] = frozenset()
    assert {(each.key, each.values, each.about_case) for each in said("here", tree)} == {
        ("kit.bug", nothing, False),
        ("case.taken", frozenset({"who"}), False),
        ("category.wages", nothing, False),
        ("my.page", frozenset({"number"}), True),
        ("kit.one", None, False),
        ("kit.{}", None, False),
        ("kit.button.back", nothing, False),
        ("kit.again", frozenset({"a"}), False),
        ("case.told.taken", frozenset({"number", "who"}), True),
        ("kit.value.none", frozenset({"count"}), False),
    }
    assert constants(tree) == {"TAKEN": "case.taken"}
    assert any(pattern.fullmatch("kit.later") for pattern in mentioned(tree))
