"""A demo answers to its own machine's names only, so that no web page elsewhere can drive it."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.settings import Settings, is_loopback_host


class KnownHosts:
    """Refuses requests whose Host or Origin is not a loopback name; never looks at forwarded headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and not _ours(Headers(scope=scope)):
            await PlainTextResponse("unknown host", status_code=421)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _ours(headers: Headers) -> bool:
    """Whether the request is for this machine, and no page of another site sent it."""
    origin = headers.get("origin")
    from_here = origin is None or is_loopback_host(urlsplit(origin).hostname or "")
    return from_here and is_loopback_host(_host(headers.get("host", "")))


def _host(value: str) -> str:
    """The name in a Host header, without its port."""
    if value.startswith("["):
        return value[1:].partition("]")[0]
    return value.partition(":")[0]
