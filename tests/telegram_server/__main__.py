"""`python -m tests.telegram_server --port N --ledger FILE`: the fake server on its own."""

import argparse
import signal
import threading
from pathlib import Path

from tests.telegram_server.limits import TELEGRAM_SPEED, Speed
from tests.telegram_server.server import TOKEN, TelegramServer


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.telegram_server")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--ledger", type=Path, help="append every line to this file too")
    parser.add_argument("--limits", action="store_true", help="enforce 30 a second, 1 a second per chat")
    given = parser.parse_args()
    speed = TELEGRAM_SPEED if given.limits else Speed()
    server = TelegramServer(
        token=given.token, ledger=given.ledger, speed=speed, port=given.port, control=True
    )
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with server:
        print(f"{server.url} token {server.token}", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
