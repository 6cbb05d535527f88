"""What a page sends, read within bounds of size and time."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from bot.channels.browser.access import Refused

M = TypeVar("M", bound=BaseModel)
MOST_JSON = 96 * 1024  # bytes
JSON_WITHIN = 60.0  # seconds
UPLOAD_WITHIN = 300.0


async def pieces(request: Request, within: float) -> AsyncIterator[bytes]:
    """The body as it comes.

    Raises:
        Refused: 408, it is not there within so many seconds.
    """
    ends = asyncio.get_running_loop().time() + within
    body = request.stream()
    while True:
        try:
            async with asyncio.timeout_at(ends):
                piece = await anext(body, None)
        except TimeoutError:
            raise Refused(408) from None
        if piece is None:
            return
        yield piece


async def read_json(request: Request, within: float = JSON_WITHIN) -> dict[str, Any]:
    """A body that is one JSON object; nothing at all is an empty one.

    Raises:
        Refused: 413 too large, 408 too slow, 422 something else.
    """
    body = bytearray()
    async for piece in pieces(request, within):
        body += piece
        if len(body) > MOST_JSON:
            raise Refused(413)
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refused(422) from None
    if not isinstance(value, dict):
        raise Refused(422)
    return value


async def read_as(model: type[M], request: Request) -> M:
    """A body of a known shape.

    Raises:
        Refused: as for `read_json`, and 422 for another shape.
    """
    try:
        return model.model_validate(await read_json(request))
    except ValidationError:
        raise Refused(422) from None
