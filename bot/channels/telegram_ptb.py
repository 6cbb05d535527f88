"""Telegram through python-telegram-bot; the SDK is imported only when a bot is made."""

from typing import Unpack

from bot.channels.telegram_channel import Options, Telegram
from bot.channels.telegram_transport import OFFICIAL_API, check_token, proxy_for


class TelegramPtb(Telegram):
    """One bot on Telegram, over python-telegram-bot.

    Args:
        api_base: the Bot API server, without the token.
        proxy: address of a proxy for every call; none: the environment's, if it names one.
        options: as `Telegram` takes them.

    Raises:
        ValueError: the token, the proxy or the webhook's settings cannot be used or are unsafe.
        ImportError: python-telegram-bot is not installed.
    """

    def __init__(
        self,
        token: str,
        *,
        api_base: str = OFFICIAL_API,
        proxy: str | None = None,
        **options: Unpack[Options],
    ):
        from bot.channels.telegram_ptb_transport import PtbTransport

        transport = PtbTransport(check_token(token), api_base.rstrip("/"), proxy_for(api_base, proxy))
        super().__init__(transport, api_base=api_base, **options)
