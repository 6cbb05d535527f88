"""Where Telegram posts updates: the secret first, then the body, and 200 only once it is kept."""

import asyncio
import hmac
import json
import logging
import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.contract import Take

log = logging.getLogger(__name__)

PATH = "/telegram/webhook"
BODY_LIMIT = 1024 * 1024  # bytes
BODY_PATIENCE = 20.0  # seconds for the whole body to arrive
RETRY_AFTER = "30"  # seconds Telegram waits when updates cannot be kept

_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}")
_SECRET_HEADER = "x-telegram-bot-api-secret-token"


def check_webhook_settings(secret: str, public_url: str, api_base: str) -> None:
    """Refuse to start with a webhook that strangers could use.

    Raises:
        ValueError: the secret is missing, short or has other characters than Telegram takes; or the
            public address is not https and the Bot API server is not on this machine.
    """
    if not _SECRET.fullmatch(secret):
        raise ValueError("STEWARD_TELEGRAM_SECRET needs 32 to 256 of the characters A-Z a-z 0-9 _ -")
    public = urlsplit(public_url)
    if not public.hostname or public.scheme not in ("https", "http"):
        raise ValueError("STEWARD_PUBLIC_URL is not an address")
    if public.scheme == "http" and not is_loopback(api_base):
        raise ValueError("STEWARD_PUBLIC_URL has to begin with https://")


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def webhook_route(secret: str, take: Take) -> Route:
    """The route that takes updates.

    Args:
        secret: what Telegram sends along, as set with the webhook.
    """
    expected = secret.encode()

    async def receive_update(request: Request) -> Response:
        given = request.headers.get(_SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, expected):
            return Response(status_code=401)
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return Response(status_code=408)
        if body is None:
            return Response(status_code=413)
        return await _keep(body, take)

    return Route(PATH, receive_update, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it grows past the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


async def _keep(body: bytes, take: Take) -> Response:
    try:
        update = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return Response(status_code=400)
    if not isinstance(update, dict):
        return Response(status_code=400)
    try:
        await take([update])
    except Exception as error:
        log.warning("an update could not be kept: %s", type(error).__name__)
        return Response(status_code=503, headers={"Retry-After": RETRY_AFTER})
    return Response(status_code=200)
