"""Settings: unsafe ones are refused in a sentence that names them, and no value of theirs is repeated."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import make_url

from bot import settings
from bot.settings import Settings

SECRET = "s" * 32


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("STEWARD_")]:
        monkeypatch.delenv(name)


def said(monkeypatch: pytest.MonkeyPatch, **values: str) -> list[str]:
    """What is wrong with these settings, given by their names without the prefix."""
    for name, value in values.items():
        monkeypatch.setenv(f"STEWARD_{name.upper()}", value)
    try:
        Settings()
    except ValidationError as fault:
        return settings.faults_in(fault)
    return []


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"mode": "prod"}, "STEWARD_MODE"),
        ({"http_port": "eighty"}, "STEWARD_HTTP_PORT"),
        ({"http_port": "70000"}, "STEWARD_HTTP_PORT"),
        ({"mode": "demo", "http_host": "0.0.0.0"}, "STEWARD_HTTP_HOST"),
        ({"mode": "demo", "public_url": "https://union.example.org"}, "STEWARD_PUBLIC_URL"),
        ({"mode": "demo", "telegram_mode": "webhook"}, "webhook mode"),
        ({"public_url": "http://union.example.org"}, "STEWARD_PUBLIC_URL"),
        ({"public_url": "union.example.org"}, "STEWARD_PUBLIC_URL"),
        ({"public_url": "https://union.example.org/?a=b"}, "STEWARD_PUBLIC_URL"),
        ({"public_url": "ftp://union.example.org"}, "STEWARD_PUBLIC_URL"),
        ({"telegram_mode": "webhook", "telegram_token": "1:a"}, "STEWARD_TELEGRAM_SECRET"),
        (
            {
                "telegram_mode": "webhook",
                "telegram_token": "1:a",
                "telegram_secret": "s" * 31,
                "public_url": "https://union.example.org",
            },
            "STEWARD_TELEGRAM_SECRET",
        ),
        ({"notice_hook": "https://text.example.org"}, "STEWARD_NOTICE_HOOK_SECRET"),
        ({"notice_hook": "http://text.example.org", "notice_hook_secret": SECRET}, "STEWARD_NOTICE_HOOK"),
        ({"database_url": "mysql://root@db/steward"}, "STEWARD_DATABASE_URL"),
        ({"database_url": "sqlite://"}, "STEWARD_DATABASE_URL"),
        ({"database_url": "sqlite:///:memory:"}, "STEWARD_DATABASE_URL"),
        ({"database_url": "sqlite:///a.db?mode=ro"}, "STEWARD_DATABASE_URL"),
    ],
)
def test_what_is_unsafe_or_nonsense_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], names: str
) -> None:
    found = said(monkeypatch, **values)
    assert len(found) == 1
    assert names in found[0]
    assert not any(value in found[0] for name, value in values.items() if "secret" in name)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"mode": "demo", "http_host": "::1"},
        {"public_url": "https://union.example.org/"},
        {"public_url": "http://127.0.0.1:9000", "telegram_api_base": "http://127.0.0.1:8081"},
        {
            "telegram_mode": "webhook",
            "telegram_token": "1:a",
            "telegram_secret": SECRET,
            "public_url": "https://union.example.org",
        },
        {"notice_hook": "http://127.0.0.1:9/x", "notice_hook_secret": SECRET},
        {"database_url": "postgresql://steward@db/steward", "home": ""},
    ],
)
def test_what_is_safe_is_taken(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    assert said(monkeypatch, **values) == []


def test_variables_that_look_like_settings_and_are_none_are_named() -> None:
    environment = {"STEWARD_TELEGRAM_TOKN": "1", "steward_hom": "1", "STEWARD_COLOUR": "1", "HOME": "1"}
    known = {"STEWARD_HOME": "1", "steward_mode": "demo", "STEWARD_TEST_POSTGRES": "1"}
    assert settings.unknown({**environment, **known}) == [
        "STEWARD_COLOUR is not a setting",
        "STEWARD_TELEGRAM_TOKN is not a setting; is STEWARD_TELEGRAM_TOKEN meant?",
        "steward_hom is not a setting; is STEWARD_HOME meant?",
    ]


def test_every_setting_says_what_it_is() -> None:
    described = dict(settings.described())
    assert len(described) == len(Settings.model_fields)
    assert all(len(what) > 10 for what in described.values())
    assert not any("None" in what for what in described.values())


@pytest.mark.parametrize("folder", ["var", "工会", "a b", "50%", "what?", "a#b", "x%20y"])
def test_the_database_is_the_file_its_address_names(tmp_path: Path, folder: str) -> None:
    found = Settings(home=tmp_path / folder)
    assert found.database_file == tmp_path / folder / "steward.db"
    assert make_url(found.database).database == str(found.database_file)
    assert found.socket == tmp_path / folder / "steward.sock"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_with_the_driver_that_is_installed(tmp_path: Path, scheme: str) -> None:
    found = Settings(home=tmp_path, database_url=f"{scheme}://steward:pa55word@db/steward")
    assert found.database == "postgresql+psycopg://steward:pa55word@db/steward"
    assert found.database_file is None
    assert "pa55word" in found.secrets


def test_no_secret_is_shown_when_settings_are() -> None:
    secret = "hunter2hunter2"
    hidden = SecretStr(secret)
    found = Settings(telegram_token=hidden, telegram_secret=hidden, notice_hook_secret=hidden)
    assert secret not in repr(found)
    assert found.secrets == [secret] * 3
