"""The drivers of Telegram that there are; naming one imports no SDK, making a bot with it does."""

from dataclasses import dataclass
from typing import Literal

from bot.channels.telegram_aiogram import TelegramAiogram
from bot.channels.telegram_ptb import TelegramPtb

Name = Literal["ptb", "aiogram"]
Bot = type[TelegramPtb] | type[TelegramAiogram]


@dataclass(frozen=True, slots=True)
class Driver:
    """One of them; `package` is what it imports, `extra` what installs that."""

    bot: Bot
    package: str
    extra: str

    @property
    def lacking(self) -> str:
        """What to say when the package is not there."""
        return f"Telegram needs a package more: install steward[{self.extra}]"


DRIVERS: dict[Name, Driver] = {
    "ptb": Driver(TelegramPtb, package="telegram", extra="telegram"),
    "aiogram": Driver(TelegramAiogram, package="aiogram", extra="aiogram"),
}
