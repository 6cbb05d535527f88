"""What every driver of Telegram makes of connections: what it finds, what it refuses, what it lets go."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.channels.contract import Outgoing, Sent
from bot.channels.telegram_answers import Answered, Lost, NotSent, TransportError
from bot.channels.telegram_drivers import Bot
from tests.telegram_server import connections, faults
from tests.telegram_server.server import TOKEN, TelegramServer

PATIENCE = 2.0


async def error_of(driver: Bot, api_base: str, **more: Any) -> tuple[object, ...]:
    """What a call that fails says for certain; its words and its file's hold no token."""
    channel = driver(TOKEN, api_base=api_base, **more)
    with pytest.raises(TransportError) as raised:
        await channel._transport.call("getMe", {}, 0.5)
    with pytest.raises(OSError, match=r"\w") as file:
        await channel._transport.download("photos/1.jpg", 100)
    await channel.close()
    for words in (str(raised.value), str(file.value)):
        assert TOKEN.partition(":")[2] not in words
        assert "geheim" not in words
    return certain(raised.value)


def certain(error: TransportError) -> tuple[object, ...]:
    """What an error says, without the name that a library gives it."""
    if isinstance(error, Answered):
        return Answered, error.status, error.description, error.own, error.retry_after
    return (type(error),)


async def test_a_call_that_finds_no_server_was_certainly_not_sent(driver: Bot) -> None:
    """Nobody listens, no such name, and TLS where none is spoken."""
    with TelegramServer() as server:
        plain = server.url.replace("http:", "https:")
        for base in ("http://127.0.0.1:9", "http://no-such-host.invalid", plain):
            assert await error_of(driver, base) == (NotSent,)


async def test_after_closing_nothing_goes_out(driver: Bot) -> None:
    with TelegramServer() as server:
        channel = driver(TOKEN, api_base=server.url)
        assert await channel._transport.call("getMe", {}, PATIENCE)
        assert connections._open
        await channel.close()
        await channel.close()
        async with asyncio.timeout(5):
            while connections._open:  # noqa: ASYNC110 - the server's thread sees it
                await asyncio.sleep(0.01)
        with pytest.raises(NotSent):
            await channel._transport.call("getMe", {}, PATIENCE)
        with pytest.raises(OSError, match="closed"):
            await channel._transport.download("photos/1.jpg", 100)


async def test_a_server_that_was_started_again_gets_the_next_message(driver: Bot) -> None:
    """A connection that died meanwhile is not tried, for its fault would leave the message in doubt."""
    with TelegramServer() as first:
        port = int(first.url.rsplit(":", 1)[1])
        channel = driver(TOKEN, api_base=first.url)
        assert await channel._transport.call("getMe", {}, PATIENCE)
    await asyncio.sleep(0.05)  # one library learns of it from the loop, the other looks
    with TelegramServer(port=port) as again:
        worker = again.person("秀兰")
        worker.start()
        assert isinstance(await channel.send(Outgoing("send", str(worker.id), "您好")), Sent)
    await channel.close()


async def test_polls_are_not_held_up_by_a_crowd_of_calls(driver: Bot) -> None:
    with TelegramServer() as server:
        server.faults.add("getMe", faults.slow(30.0), times=80)
        channel = driver(TOKEN, api_base=server.url)
        crowd = [asyncio.create_task(channel._transport.call("getMe", {}, 60)) for _ in range(80)]
        await asyncio.sleep(0.3)
        async with asyncio.timeout(5):
            assert await channel._transport.call("getUpdates", {"timeout": 0}, PATIENCE) == []
        for call in crowd:
            call.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        await channel.close()


# --- answers no Bot API server gives


class Canned:
    """Answers every connection with the same bytes, then closes it; `heads` is what was asked."""

    def __init__(self, answer: bytes):
        self.heads: list[str] = []
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        writer.write(self._answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def canned(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[Canned, int]]:
    made = Canned(answer)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield made, server.sockets[0].getsockname()[1]


def answer(body: bytes, head: str = "HTTP/1.1 200 OK", more: str = "") -> bytes:
    return f"{head}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n".encode() + body


ANSWERS: dict[str, tuple[bytes, tuple[object, ...]]] = {
    "none": (b"", (Lost,)),
    "garbage": (b"\x00\xff\x00 garbage\r\n\r\n", (Lost,)),
    "empty": (answer(b""), (Lost,)),
    "no content": (answer(b"", "HTTP/1.1 204 No Content"), (Lost,)),
    "no result": (answer(b'{"ok": true}'), (Lost,)),
    "a list": (answer(b"[1, 2]"), (Lost,)),
    "too deep": (answer(b"[" * 200_000), (Lost,)),
    "cut short": (answer(b'{"ok": true, "result": 1}').replace(b": 25", b": 99"), (Lost,)),
    "no gzip": (answer(b"no gzip", more="Content-Encoding: gzip\r\n"), (Lost,)),
    "elsewhere": (
        answer(b"", "HTTP/1.1 302 Found", "Location: /elsewhere\r\n"),
        (Answered, 302, "", False, None),
    ),
    "a proxy's 429": (
        answer(b"{}", "HTTP/1.1 429 Wait", "Retry-After: 9\r\n"),
        (Answered, 429, "", False, None),
    ),
    "429 without words": (
        answer(b'{"ok": false, "error_code": 429, "parameters": {"retry_after": 3}}', "HTTP/1.1 429 Wait"),
        (Answered, 429, "", True, 3),
    ),
    "no UTF-8": (
        answer(b'{"ok": false, "error_code": 400, "description": "\xff"}', "HTTP/1.1 400 No"),
        (Answered, 400, "\ufffd", True, None),
    ),
    "a group that moved": (
        answer(
            b'{"ok": false, "description": "x", "parameters": {"migrate_to_chat_id": -5}}', "HTTP/1.1 400 No"
        ),
        (Answered, 400, "x", True, None),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_strange_answers_are_read_the_same(driver: Bot, name: str) -> None:
    given, expected = ANSWERS[name]
    async with canned(given) as (server, port):
        channel = driver(TOKEN, api_base=f"http://127.0.0.1:{port}")
        with pytest.raises(TransportError) as raised:
            await channel._transport.call("getMe", {}, PATIENCE)
        await channel.close()
        assert certain(raised.value) == expected
        assert len(server.heads) == 1  # neither tried again nor followed elsewhere


@pytest.mark.parametrize("kind", ["text/plain; charset=nonsense", "application/json; charset=gb18030", ""])
async def test_a_result_is_json_in_utf_8_whatever_the_answer_calls_it(driver: Bot, kind: str) -> None:
    body = '{"ok": true, "result": {"name": "工友帮"}}'.encode()
    async with canned(answer(body, more=f"Content-Type: {kind}\r\n")) as (_, port):
        channel = driver(TOKEN, api_base=f"http://127.0.0.1:{port}")
        assert await channel._transport.call("getMyName", {}, PATIENCE) == {"name": "工友帮"}
        await channel.close()


# --- ways out

PROXIED = b'{"ok": true, "result": true}'


async def test_every_call_goes_through_the_proxy(driver: Bot) -> None:
    async with canned(answer(PROXIED)) as (proxy, port):
        channel = driver(TOKEN, api_base="http://api.invalid", proxy=f"http://name:geheim@127.0.0.1:{port}")
        assert await channel._transport.call("getMe", {}, PATIENCE) is True
        assert await channel._transport.call("getUpdates", {}, PATIENCE) is True
        assert await channel._transport.download("a b/文.jpg", 100) == PROXIED
        await channel.close()
    asked = [head.splitlines()[0].split()[:2] for head in proxy.heads]
    base = f"http://api.invalid/bot{TOKEN}"
    assert asked == [
        ["POST", f"{base}/getMe"],
        ["POST", f"{base}/getUpdates"],
        ["GET", f"http://api.invalid/file/bot{TOKEN}/a%20b/%E6%96%87.jpg"],
    ]
    assert all("proxy-authorization: basic bmftztpnzwhlaw0=" in head.lower() for head in proxy.heads)


@pytest.mark.parametrize("refusal", [403, 407, 502])
async def test_a_proxy_that_refuses_certainly_sent_nothing(driver: Bot, refusal: int) -> None:
    async with canned(answer(b"no", f"HTTP/1.1 {refusal} No")) as (proxy, port):
        way = f"http://name:geheim@127.0.0.1:{port}"
        assert await error_of(driver, "https://api.invalid", proxy=way) == (NotSent,)
        assert proxy.heads[0].startswith("CONNECT api.invalid:443 ")
    assert await error_of(driver, "https://api.invalid", proxy=way) == (NotSent,)


@pytest.mark.parametrize("name", ["http_proxy", "ALL_PROXY"])
async def test_the_environments_proxy_counts_except_on_this_machine(
    driver: Bot, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with canned(answer(PROXIED)) as (proxy, port):
        monkeypatch.setenv(name, f"127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "union.invalid")
        channel = driver(TOKEN, api_base="http://api.invalid")
        assert await channel._transport.call("getMe", {}, PATIENCE) is True
        await channel.close()
        assert await error_of(driver, "http://api.union.invalid") == (NotSent,)
        assert await error_of(driver, "http://127.0.0.1:9") == (NotSent,)
        assert len(proxy.heads) == 1


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "127.0.0.1:3128", "http://", "http://:3128"])
def test_a_proxy_of_another_kind_is_refused_with_a_sentence(driver: Bot, proxy: str) -> None:
    with pytest.raises(ValueError, match=r"^STEWARD_TELEGRAM_PROXY has to begin with http:// or https://$"):
        driver(TOKEN, proxy=proxy)


@pytest.mark.parametrize("token", ["", "x", "1:", ":a", "1:a b", "1:a/b", "1:a\n", "１:a"])
def test_what_is_no_token_is_refused_without_being_told(driver: Bot, token: str) -> None:
    with pytest.raises(ValueError, match=r"^STEWARD_TELEGRAM_TOKEN has to be"):
        driver(token)


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that vouches for itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "invented")])
    begins = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = tmp_path / "authority.pem", tmp_path / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, secret)
    return file, context


async def test_certificates_are_checked_against_the_authorities_that_count(
    driver: Bot, authority: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, context = authority
    async with canned(answer(PROXIED), context) as (_, port):
        base = f"https://127.0.0.1:{port}"
        assert await error_of(driver, base) == (NotSent,)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        channel = driver(TOKEN, api_base=base)
        assert await channel._transport.call("getMe", {}, PATIENCE) is True
        await channel.close()
