"""A demo is driven from its own machine's pages only."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.hosts import KnownHosts
from bot.settings import Settings


async def done(_request: Request) -> Response:
    """What must not be reached from elsewhere."""
    return PlainTextResponse("done")


def client() -> httpx.AsyncClient:
    """Calls to a demo with one door."""
    guard = Middleware(KnownHosts, settings=Settings(mode="demo"))
    app = Starlette(routes=[Route("/play/api/clock", done, methods=["POST"])], middleware=[guard])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"origin": "http://localhost:8000"}, 200),
        ({"host": "localhost:8000"}, 200),
        ({"host": "[::1]:8000"}, 200),
        ({"origin": "https://evil.example"}, 421),
        ({"origin": "null"}, 421),
        ({"origin": "http://127.0.0.1.evil.example"}, 421),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
    ],
)
async def test_only_this_machines_own_pages_drive_a_demo(headers: dict[str, str], status: int) -> None:
    async with client() as page:
        answer = await page.post("/play/api/clock", content="{}", headers=headers)
    assert answer.status_code == status
