"""The figures are counted as they are defined."""

import json
from pathlib import Path

import pytest

from law.intent import Intent
from law.measure import Answered, intent_lines, law_lines, main


def answered(category: str, *right: bool, confidence: str = "maybe") -> Answered:
    return Answered(category, right, confidence, 0.001)


def test_macro_figures_weigh_every_category_alike() -> None:
    lines = law_lines(
        [
            answered("wages", True, False, False),
            answered("wages", True, False, False),
            answered("wages", True, False, False),
            answered("injury", False, False, True),
        ]
    )
    assert lines[-2:] == ["hit@1 macro 0.50", "hit@3 macro 1.00"]
    assert "hit@1 micro 0.75" in lines


def test_a_wrong_card_shown_alone_is_counted() -> None:
    lines = law_lines(
        [answered("wages", False, confidence="sure"), answered("wages", True, confidence="sure")]
    )
    assert "answered alone and wrong 1 (50.0%)" in lines


def test_adjacent_messages_are_left_out_of_the_intent_figure() -> None:
    ours, theirs = Intent("law"), Intent("elsewhere")
    lines = intent_lines(
        [("core", ours, True), ("core", theirs, False), ("none", theirs, False), ("adjacent", ours, True)]
    )
    assert lines[-2:] == ["intent precision 1.00 recall 0.50", "intent F1 0.67"]


def test_the_command_prints_figures_for_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    law = {"query": "老板拖欠工资", "gold": [{"law": "劳动合同法", "article": 30}], "category": "wages"}
    message = {"text": "老板拖欠工资", "union_scope": "core"}
    for name, row in (("law.jsonl", law), ("intents.jsonl", message)):
        (tmp_path / name).write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    arguments = ["--law", str(tmp_path / "law.jsonl"), "--intents", str(tmp_path / "intents.jsonl")]
    monkeypatch.setattr("sys.argv", ["measure", *arguments])
    main()
    printed = capsys.readouterr().out
    assert "hit@3 macro 1.00" in printed
    assert printed.rstrip().endswith("intent F1 1.00")
