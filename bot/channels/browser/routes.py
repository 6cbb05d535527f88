"""Everything under /chat."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.channels.browser.access import Access, guarded
from bot.channels.browser.channel import BrowserChat
from bot.channels.browser.doors import Doors
from bot.channels.browser.feed import Feed
from bot.channels.browser.files import HEADERS, PAGE, PageFiles
from bot.channels.browser.messages import Messages
from bot.channels.browser.presence import Presence
from bot.wake import Wake
from casework.rulebook import Rulebook
from storage.store import Store
from talk.words import Words


class BrowserRoutes:
    """The page and its calls."""

    def __init__(self, store: Store, channel: BrowserChat, words: Words, rules: Rulebook, wake: Wake) -> None:
        access = Access(store)
        self._doors = Doors(access, channel.name, words, wake)
        self._messages = Messages(access, channel, words, wake)
        self._feed = Feed(access, channel, Presence(words, rules), wake)

    def routes(self) -> list[BaseRoute]:
        """The routes of the page."""
        calls = {
            "hello": self._doors.hello,
            "return": self._doors.come_back,
            "forget": self._doors.forget,
            "send": self._messages.send,
            "upload": self._messages.upload,
            "seen": self._feed.seen,
        }
        return [
            Route("/chat", self._page),
            Mount("/chat/page", PageFiles()),
            *(Route(f"/chat/api/{name}", guarded(call), methods=["POST"]) for name, call in calls.items()),
            Route("/chat/api/events", guarded(self._feed.events)),
            Route("/chat/api/document/{id}", guarded(self._feed.document)),
        ]

    async def _page(self, _request: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers=HEADERS)
