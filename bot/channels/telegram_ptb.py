"""Telegram through python-telegram-bot; the SDK is imported only when a bot is made."""

from collections.abc import Mapping

from bot.channels.telegram_channel import Commands, Mode, Telegram
from bot.channels.telegram_polling import Timing
from bot.channels.telegram_webhook import is_loopback

OFFICIAL_API = "https://api.telegram.org"


class TelegramPtb(Telegram):
    """One bot on Telegram, over python-telegram-bot.

    Args:
        api_base: the Bot API server, without the token.
        proxy: address of a proxy for every call, or none.
        secret, public_url: for mode `webhook`.
        commands: language -> (command, what it does); a language has two letters, empty for any other.
        names: language -> what the bot is called.

    Raises:
        ValueError: the webhook's settings are unsafe.
        ImportError: python-telegram-bot is not installed.
    """

    def __init__(
        self,
        token: str,
        *,
        api_base: str = OFFICIAL_API,
        proxy: str | None = None,
        mode: Mode = "polling",
        secret: str = "",
        public_url: str = "",
        commands: Commands | None = None,
        names: Mapping[str, str] | None = None,
        timing: Timing | None = None,
    ):
        from bot.channels.telegram_ptb_transport import PtbTransport

        super().__init__(
            PtbTransport(token, api_base.rstrip("/"), proxy, obey_environment=not is_loopback(api_base)),
            api_base=api_base,
            mode=mode,
            secret=secret,
            public_url=public_url,
            commands=commands,
            names=names,
            timing=timing,
        )
