"""Telegram as a channel, over whichever SDK carries the calls."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from starlette.routing import Route

from bot.channels.contract import (
    Capabilities,
    FileGone,
    FileTooLarge,
    Origin,
    Outcome,
    Outgoing,
    Raw,
    Refused,
    Sent,
    Take,
)
from bot.channels.json_values import identifier, integer, mapping, text
from bot.channels.telegram_answers import Answered, TransportError, outcome_of
from bot.channels.telegram_calls import Call, command_calls, keyboard_sweep, message_call
from bot.channels.telegram_polling import Poller, Timing
from bot.channels.telegram_transport import Transport
from bot.channels.telegram_updates import ALLOWED_UPDATES, origin, parse
from bot.channels.telegram_webhook import PATH, check_webhook_settings, webhook_route
from talk.incoming import Incoming

log = logging.getLogger(__name__)

Mode = Literal["polling", "webhook"]
Commands = Mapping[str, Sequence[tuple[str, str]]]


class Options(TypedDict, total=False):
    """What a bot may be told however its calls are carried; `Telegram` says what each means."""

    mode: Mode
    secret: str
    public_url: str
    commands: Commands | None
    names: Mapping[str, str] | None
    timing: Timing | None


FILE_LIMIT = 20 * 1024 * 1024  # bytes Telegram hands over
_ACKNOWLEDGE_PATIENCE = 5.0
_LONGEST_SWEEP_WAIT = 3


class Telegram:
    """One bot on Telegram.

    Args:
        transport: carries the calls.
        secret, public_url: for mode `webhook`, checked here so that an open webhook never starts.
        commands: language -> (command, what it does); a language has two letters, empty for any other.
        names: language -> what the bot is called.

    Raises:
        ValueError: the webhook's settings are unsafe.
    """

    name: str = "telegram"
    residency: Literal["domestic", "abroad"] = "abroad"
    capabilities: Capabilities = Capabilities(
        edits=True,
        shares_contact=True,
        shares_location=True,
        text_limit=4096,
        per_second=30.0,
        per_chat_second=1.0,
    )

    def __init__(
        self,
        transport: Transport,
        *,
        api_base: str,
        mode: Mode = "polling",
        secret: str = "",
        public_url: str = "",
        commands: Commands | None = None,
        names: Mapping[str, str] | None = None,
        timing: Timing | None = None,
    ):
        if mode == "webhook":
            check_webhook_settings(secret, public_url, api_base)
        self._transport = transport
        self._mode = mode
        self._secret = secret
        self._public_url = public_url
        self._commands = commands or {}
        self._names = names or {}
        self._timing = timing or Timing()
        self._username = ""

    def origin(self, raw: Raw) -> Origin | None:
        """Whose private chat it is."""
        return origin(raw)

    def parse(self, raw: Raw) -> Incoming:
        """Read one raw update."""
        return parse(raw, self._username)

    async def acknowledge(self, incoming: Incoming) -> None:
        """Stop the spinner on a pressed button, best effort."""
        if not incoming.press_id:
            return
        try:
            params = {"callback_query_id": incoming.press_id}
            await self._transport.call("answerCallbackQuery", params, _ACKNOWLEDGE_PATIENCE)
        except TransportError as error:
            log.debug("a press was not answered: %s", error)

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Deliver one thing; texts over the limit are the caller's to split."""
        try:
            call = message_call(outgoing)
        except ValueError:
            return Refused("an address or message id is not a number")
        try:
            result = await self._call(call)
        except TransportError as error:
            return self._failed(call, outgoing, error)
        if outgoing.clear_ask and outgoing.buttons and outgoing.op == "send":
            await self._sweep(outgoing.address)
        return Sent(identifier(mapping(result).get("message_id")) or outgoing.target)

    async def fetch(self, ref: str) -> bytes:
        """A file of at most 20 MiB; its address holds the token and is never logged."""
        try:
            found = mapping(await self._call(Call("getFile", {"file_id": ref})))
        except Answered as error:
            if error.says("file is too big"):
                raise FileTooLarge(str(error)) from None
            if error.says("invalid file_id", "wrong remote file", "wrong file identifier"):
                raise FileGone(str(error)) from None
            raise OSError(str(error)) from None
        except TransportError as error:
            raise OSError(str(error)) from None
        if (integer(found.get("file_size")) or 0) > FILE_LIMIT:
            raise FileTooLarge("over 20 MiB")
        path = text(found.get("file_path"))
        if not path or path.startswith("/"):
            raise OSError("the Bot API server hands out no files (local mode)")
        return await self._transport.download(path, FILE_LIMIT)

    async def receive(self, take: Take) -> None:
        """Poll until cancelled; in mode `webhook` set the webhook and return."""
        introduction = asyncio.create_task(self._introduce())
        try:
            if self._mode == "polling":
                await Poller(self._transport, self._timing).run(take)
            await self._set_webhook()
            await introduction
        finally:
            introduction.cancel()

    def routes(self, take: Take) -> Sequence[Route]:
        """Where Telegram posts updates, in mode `webhook`."""
        return [webhook_route(self._secret, take)] if self._mode == "webhook" else []

    async def close(self) -> None:
        """Let connections go."""
        await self._transport.close()

    async def _call(self, call: Call) -> object:
        return await self._transport.call(call.method, call.params, self._timing.answer, call.upload)

    def _failed(self, call: Call, outgoing: Outgoing, error: TransportError) -> Outcome:
        outcome = outcome_of(error, call.method, outgoing.target)
        if isinstance(outcome, Refused):
            log.warning("telegram refused %s: %s", call.method, error)
        return outcome

    async def _sweep(self, address: str) -> None:
        """Take an earlier keyboard away, best effort; tried once more when told to wait a moment."""
        for _ in range(2):
            try:
                swept = mapping(await self._call(keyboard_sweep(address)))
                gone = {"chat_id": int(address), "message_id": integer(swept.get("message_id"))}
                await self._call(Call("deleteMessage", gone))
                return
            except TransportError as error:
                log.info("a keyboard was not taken away: %s", error)
                wait = error.retry_after if isinstance(error, Answered) else None
                if wait is None or wait > _LONGEST_SWEEP_WAIT:
                    return
                await asyncio.sleep(wait)

    async def _set_webhook(self) -> None:
        """Point Telegram at us, trying until it does; nothing that waits there is dropped."""
        params = {
            "url": self._public_url.rstrip("/") + PATH,
            "secret_token": self._secret,
            "allowed_updates": list(ALLOWED_UPDATES),
            "drop_pending_updates": False,
        }
        pause = self._timing.first_pause
        while True:
            try:
                await self._transport.call("setWebhook", params, self._timing.answer)
                return
            except TransportError as error:
                log.warning("the webhook is not set: %s", error)
                wait = error.retry_after if isinstance(error, Answered) else None
                await asyncio.sleep(wait or pause)
                pause = min(2 * pause, self._timing.longest_pause)

    async def _introduce(self) -> None:
        """Learn our own name, show commands and the name people see; what a server lacks is logged."""
        await self._learn_username()
        for call in command_calls(self._commands):
            await self._attempt(call)
        for language, name in self._names.items():
            shown = mapping(await self._attempt(Call("getMyName", {"language_code": language})))
            if shown and shown.get("name") != name:
                await self._attempt(Call("setMyName", {"name": name, "language_code": language}))

    async def _learn_username(self) -> None:
        """Ask who we are until the server says; commands meant for another bot are told apart by it."""
        while True:
            try:
                self._username = text(mapping(await self._call(Call("getMe", {}))).get("username"))
                return
            except TransportError as error:
                log.warning("telegram getMe did not work: %s", error)
                if isinstance(error, Answered) and error.status == 404:
                    return
            await asyncio.sleep(self._timing.longest_pause)

    async def _attempt(self, call: Call) -> object:
        try:
            return await self._call(call)
        except TransportError as error:
            log.warning("telegram %s did not work: %s", call.method, error)
            return None
