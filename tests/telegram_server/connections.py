"""Break a connection the way a network does, which an ASGI application cannot."""

import asyncio
import socket
import struct
from typing import Any

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

_open: dict[tuple[str, int], asyncio.Transport] = {}
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class BreakableProtocol(H11Protocol):
    """Uvicorn's protocol, with its connections kept by the client's address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(transport)
        _open[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """A client went."""
        for peer in [peer for peer, transport in _open.items() if transport is self.transport]:
            del _open[peer]
        super().connection_lost(exc)


def reset(request: Request) -> None:
    """Send a reset instead of an answer."""
    client: Any = request.scope["client"]
    transport = _open[tuple(client)]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
