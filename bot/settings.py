"""Every setting there is, read from the environment, each refused when it is unsafe."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What an operator may set; the names are `STEWARD_` and the field's in capitals."""

    model_config = SettingsConfigDict(env_prefix="STEWARD_", env_ignore_empty=True)

    mode: Literal["live", "demo"] = "live"
    home: Path = Path("var")  # database, key file, evidence
    database_url: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    public_url: str = ""
    telegram_token: SecretStr | None = None
    telegram_api_base: str = "https://api.telegram.org"
    telegram_proxy: str | None = None
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_secret: SecretStr | None = None
    notice_hook: str = ""  # where a notice nobody saw is handed to a text-message service
    notice_hook_secret: SecretStr | None = None
    notice_hook_after: int = Field(default=30, ge=1, le=1440)  # minutes a notice goes unseen before that
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> "Settings":
        if self.mode == "demo":
            self._refuse_exposed_demo()
        if self.public_url.startswith("http:") and not is_loopback(self.telegram_api_base):
            raise ValueError(
                "STEWARD_PUBLIC_URL must be https; plain http is for a Bot API server on this machine"
            )
        if self.telegram_mode == "webhook" and self.telegram_token:
            secret = self.telegram_secret.get_secret_value() if self.telegram_secret else ""
            if len(secret) < 32 or not self.public_url:
                raise ValueError(
                    "webhook mode needs STEWARD_PUBLIC_URL and STEWARD_TELEGRAM_SECRET, 32 characters or more"
                )
        if self.notice_hook:
            self._refuse_unsafe_hook()
        return self

    def _refuse_exposed_demo(self) -> None:
        if self.public_url or self.telegram_mode == "webhook":
            raise ValueError("a demo has no public address: unset STEWARD_PUBLIC_URL and webhook mode")
        if not is_loopback_host(self.http_host):
            raise ValueError(
                "a demo listens on this machine only: STEWARD_HTTP_HOST must be a loopback address"
            )

    def _refuse_unsafe_hook(self) -> None:
        if not self.notice_hook_secret:
            raise ValueError("STEWARD_NOTICE_HOOK needs STEWARD_NOTICE_HOOK_SECRET, which signs what is sent")
        found = urlsplit(self.notice_hook)
        safe = found.scheme == "https" or (found.scheme == "http" and is_loopback(self.notice_hook))
        if not safe or not found.hostname:
            raise ValueError("STEWARD_NOTICE_HOOK must be an https address; plain http stays on this machine")

    @property
    def page(self) -> str:
        """Where people reach the union's own chat page; empty when no address leads there from outside."""
        if self.public_url:
            return f"{self.public_url.rstrip('/')}/chat"
        if self.demo or is_loopback(self.telegram_api_base):
            return f"http://{self.http_host}:{self.http_port}/chat"
        return ""

    @property
    def demo(self) -> bool:
        """Whether this is a demo."""
        return self.mode == "demo"

    @property
    def database(self) -> str:
        """The database's URL; a demo has a file of its own."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{self.home / ('demo.db' if self.demo else 'steward.db')}"

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
        """Where other commands reach the running process."""
        return self.home / ("demo.sock" if self.demo else "steward.sock")


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
