"""Every setting there is, read from the environment, each refused when it is unsafe."""

import difflib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "STEWARD_"
OF_THE_TESTS = frozenset({"STEWARD_TEST_POSTGRES", "STEWARD_REQUIRE_ALL", "STEWARD_CHROMIUM"})
SQLITE, POSTGRES = "sqlite:///", ("postgresql+psycopg://", "postgresql://", "postgres://")


class Settings(BaseSettings):
    """What an operator may set; the names are `STEWARD_` and the field's in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, hide_input_in_errors=True)

    mode: Literal["live", "demo"] = Field(
        default="live",
        description="live, or demo: an invented union with a movable clock, on this machine only",
    )
    home: Path = Field(
        default=Path("var"), description="folder of the database, the key file and the evidence"
    )
    database_url: str = Field(
        default="",
        description="sqlite:///file or postgresql://...; when not set, steward.db in the home folder",
    )
    http_host: str = Field(default="127.0.0.1", description="address to listen on")
    http_port: int = Field(default=8000, ge=0, le=65535, description="port to listen on")
    public_url: str = Field(default="", description="where people reach this from outside, https://...")
    telegram_token: SecretStr | None = Field(
        default=None, description="token of the Telegram bot; none: no Telegram"
    )
    telegram_api_base: str = Field(default="https://api.telegram.org", description="Bot API server")
    telegram_proxy: str | None = Field(default=None, description="proxy for calls to the Bot API server")
    telegram_driver: Literal["ptb", "aiogram"] = Field(
        default="ptb", description="what carries calls to Telegram: ptb (python-telegram-bot) or aiogram"
    )
    telegram_mode: Literal["polling", "webhook"] = Field(default="polling", description="polling or webhook")
    telegram_secret: SecretStr | None = Field(
        default=None, description="for webhook: 32 to 256 of the characters A-Z a-z 0-9 _ -"
    )
    notice_hook: str = Field(
        default="", description="service that sends a text message for news nobody saw, https://..."
    )
    notice_hook_secret: SecretStr | None = Field(default=None, description="signs what that service is sent")
    notice_hook_after: int = Field(
        default=30, ge=1, le=1440, description="minutes news go unseen before that service is asked"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> "Settings":
        if self.database_url:
            self._refuse_strange_database()
        if self.mode == "demo":
            self._refuse_exposed_demo()
        if self.public_url:
            self._refuse_open_address()
        if self.telegram_mode == "webhook" and self.telegram_token:
            secret = self.telegram_secret.get_secret_value() if self.telegram_secret else ""
            if len(secret) < 32 or not self.public_url:
                raise ValueError(
                    "webhook mode needs STEWARD_PUBLIC_URL and STEWARD_TELEGRAM_SECRET, 32 characters or more"
                )
        if self.notice_hook:
            self._refuse_unsafe_hook()
        return self

    def _refuse_strange_database(self) -> None:
        if not self.database_url.startswith((SQLITE, *POSTGRES)):
            raise ValueError("STEWARD_DATABASE_URL must be sqlite:///file or postgresql://...")
        if self.database_url.startswith(SQLITE):
            file = self.database_url.removeprefix(SQLITE)
            if file in ("", ":memory:") or "?" in file:
                raise ValueError("STEWARD_DATABASE_URL must name a file after sqlite:///")

    def _refuse_exposed_demo(self) -> None:
        if self.public_url or self.telegram_mode == "webhook":
            raise ValueError("a demo has no public address: unset STEWARD_PUBLIC_URL and webhook mode")
        if not is_loopback_host(self.http_host):
            raise ValueError(
                "a demo listens on this machine only: STEWARD_HTTP_HOST must be a loopback address"
            )

    def _refuse_open_address(self) -> None:
        found = urlsplit(self.public_url)
        if found.scheme not in ("https", "http") or not found.hostname or found.query or found.fragment:
            raise ValueError("STEWARD_PUBLIC_URL must be an address such as https://union.example.org")
        if found.scheme == "http" and not is_loopback(self.telegram_api_base):
            raise ValueError(
                "STEWARD_PUBLIC_URL must be https; plain http is for a Bot API server on this machine"
            )

    def _refuse_unsafe_hook(self) -> None:
        if not self.notice_hook_secret:
            raise ValueError("STEWARD_NOTICE_HOOK needs STEWARD_NOTICE_HOOK_SECRET, which signs what is sent")
        found = urlsplit(self.notice_hook)
        safe = found.scheme == "https" or (found.scheme == "http" and is_loopback(self.notice_hook))
        if not safe or not found.hostname:
            raise ValueError("STEWARD_NOTICE_HOOK must be an https address; plain http stays on this machine")

    @property
    def base(self) -> str:
        """The address of everything served here, as far as it is known."""
        host = f"[{self.http_host}]" if ":" in self.http_host else self.http_host
        return self.public_url.rstrip("/") or f"http://{host}:{self.http_port}"

    @property
    def page(self) -> str:
        """Where people reach the union's own chat page; empty when no address leads there from outside."""
        outside = self.public_url or self.demo or is_loopback(self.telegram_api_base)
        return f"{self.base}/chat" if outside else ""

    @property
    def demo(self) -> bool:
        """Whether this is a demo."""
        return self.mode == "demo"

    @property
    def database(self) -> str:
        """The database's URL with its driver; a demo has a file of its own."""
        if self.database_url.startswith(POSTGRES):
            return POSTGRES[0] + self.database_url.partition("://")[2]
        file = self.home / ("demo.db" if self.demo else "steward.db")
        return self.database_url or f"{SQLITE}{quote(str(file))}"

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, None on PostgreSQL."""
        found = self.database.removeprefix(SQLITE)
        return Path(unquote(found)) if found != self.database else None

    @property
    def key_file(self) -> Path:
        """The key file, outside the database."""
        return self.home / ("demo.key" if self.demo else "steward.key")

    @property
    def evidence(self) -> Path:
        """Where sealed files lie."""
        return self.home / ("demo-files" if self.demo else "files")

    @property
    def socket(self) -> Path:
        """Where other commands reach the running process: beside the database."""
        return (self.database_file or self.home / self.mode).with_suffix(".sock")

    @property
    def secrets(self) -> list[str]:
        """What must never be written down."""
        held = (self.telegram_token, self.telegram_secret, self.notice_hook_secret)
        password = urlsplit(self.database_url).password if not self.database_file else None
        return [secret.get_secret_value() for secret in held if secret] + ([password] if password else [])


def described() -> list[tuple[str, str]]:
    """Every setting's name and what it is, with its default."""
    return [
        (f"{PREFIX}{name.upper()}", f"{field.description}{_default(field.default)}")
        for name, field in Settings.model_fields.items()
    ]


def _default(value: object) -> str:
    return f" (default: {value})" if value not in (None, "") else ""


def faults_in(error: ValidationError) -> list[str]:
    """What is wrong with the settings, a sentence each, without any value."""
    found = []
    for each in error.errors(include_url=False, include_input=False):
        said = each["msg"].removeprefix("Value error, ")
        found.append(f"{PREFIX}{str(each['loc'][0]).upper()}: {said}" if each["loc"] else said)
    return found


def unknown(environment: Mapping[str, str]) -> list[str]:
    """Variables that look like settings and are none, a sentence each."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    strange = {name for name in environment if name.upper().startswith(PREFIX)}
    return [
        f"{name} is not a setting{_perhaps(name.upper(), known)}"
        for name in sorted(strange)
        if name.upper() not in known and name.upper() not in OF_THE_TESTS
    ]


def _perhaps(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1, cutoff=0.8)
    return f"; is {near[0]} meant?" if near else ""


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this very machine."""
    return is_loopback_host(urlsplit(url).hostname or "")


def is_loopback_host(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
