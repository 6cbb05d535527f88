"""The fake Bot API server does what the open server does; it is the oracle, so it is tested too."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.telegram_server import faults
from tests.telegram_server.ledger import Ledger
from tests.telegram_server.limits import TELEGRAM_SPEED, Speed, SpeedLimit, utf16_units
from tests.telegram_server.people import Person
from tests.telegram_server.server import TOKEN, TelegramServer


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


@pytest.fixture
def worker(server: TelegramServer) -> Person:
    return server.person("秀兰", "王")


def call(server: TelegramServer, method: str, token: str = TOKEN, **params: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/bot{token}/{method}", json=params, timeout=10, trust_env=False)


def result(server: TelegramServer, method: str, **params: Any) -> Any:
    answer = call(server, method, **params).json()
    assert answer["ok"], answer
    return answer["result"]


def refusal(server: TelegramServer, method: str, **params: Any) -> tuple[int, str]:
    answer = call(server, method, **params)
    assert answer.json()["error_code"] == answer.status_code
    return answer.status_code, answer.json()["description"]


def numbers(updates: list[dict[str, Any]]) -> list[int]:
    return [update["update_id"] for update in updates]


def until(true: Callable[[], object], seconds: float = 8.0) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if true():
            return
        pause.wait(0.01)
    raise TimeoutError


# --- polling


def test_updates_come_again_until_an_offset_confirms_them(server: TelegramServer, worker: Person) -> None:
    said = [worker.say("一"), worker.say("二"), worker.say("三")]
    assert numbers(result(server, "getUpdates", limit=2)) == said[:2]
    server.clock.advance(1)
    assert numbers(result(server, "getUpdates")) == said
    assert server.ledger.acknowledged() == set()
    assert numbers(result(server, "getUpdates", offset=said[1])) == said[1:]
    assert server.ledger.acknowledged() == {said[0]}
    assert result(server, "getUpdates", offset=said[2] + 1) == []
    assert server.ledger.acknowledged() == set(said)


def test_a_negative_offset_throws_away_all_but_the_last(server: TelegramServer, worker: Person) -> None:
    said = [worker.say("一"), worker.say("二"), worker.say("三")]
    assert numbers(result(server, "getUpdates", offset=-1)) == said[2:]
    assert server.ledger.acknowledged() == set()
    assert [entry.details["update_id"] for entry in server.ledger.entries("dropped")] == said[:2]


def test_an_offset_far_in_the_future_is_not_believed(server: TelegramServer, worker: Person) -> None:
    said = worker.say("一")
    assert numbers(result(server, "getUpdates", offset=said + 1000)) == [said]
    assert server.ledger.acknowledged() == set()


def test_the_same_offset_at_once_gets_one_at_a_time(server: TelegramServer, worker: Person) -> None:
    said = [worker.say("一"), worker.say("二")]
    assert len(result(server, "getUpdates", offset=said[0])) == 2
    assert len(result(server, "getUpdates", offset=said[0])) == 1


def test_a_long_poll_answers_as_soon_as_something_is_said(server: TelegramServer, worker: Person) -> None:
    with ThreadPoolExecutor() as pool:
        poll = pool.submit(result, server, "getUpdates", timeout=20)
        threading.Event().wait(0.2)
        said = worker.say("一")
        assert numbers(poll.result(5)) == [said]


def test_a_second_long_poll_ends_the_first(server: TelegramServer, worker: Person) -> None:
    with ThreadPoolExecutor() as pool:
        first = pool.submit(call, server, "getUpdates", timeout=20)
        threading.Event().wait(0.2)
        second = pool.submit(result, server, "getUpdates", timeout=20)
        assert first.result(5).status_code == 409
        said = worker.say("一")
        assert numbers(second.result(5)) == [said]


def test_horizons(server: TelegramServer, worker: Person) -> None:
    """A press is held 150 seconds, a message a day."""
    worker.start()
    result(server, "sendMessage", chat_id=worker.id, text="?", reply_markup=buttons("好"))
    pressed = worker.press("好")
    server.clock.advance(140)
    assert pressed in numbers(result(server, "getUpdates"))
    server.clock.advance(20)
    assert pressed not in numbers(result(server, "getUpdates"))
    server.clock.advance(86_400)
    assert result(server, "getUpdates") == []
    assert len(server.ledger.entries("expired")) == 2
    assert server.ledger.acknowledged() == set()


def test_only_kinds_asked_for_are_made(server: TelegramServer, worker: Person) -> None:
    result(server, "getUpdates", allowed_updates=["message"])
    assert worker.block() == 0
    said = worker.say("一")
    assert numbers(result(server, "getUpdates")) == [said]


# --- calls


def buttons(*labels: str, data: str = "b:1") -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": data} for label in labels]]}


def test_who_may_call_what(server: TelegramServer, worker: Person) -> None:
    assert call(server, "getMe", token="1:wrong").status_code == 401
    assert refusal(server, "inventSomething") == (404, "Not Found: method not found")
    assert result(server, "GETME")["username"] == "GongyouBangBot"
    assert refusal(server, "sendMessage", chat_id=worker.id, text="x")[1] == "Bad Request: chat not found"
    assert refusal(server, "sendMessage", chat_id=42, text="x")[1] == "Bad Request: chat not found"
    worker.start()
    result(server, "sendMessage", chat_id=str(worker.id), text="x")
    worker.block()
    blocked = refusal(server, "sendMessage", chat_id=worker.id, text="x")
    assert blocked == (403, "Forbidden: bot was blocked by the user")


def test_parameters_come_in_any_form(server: TelegramServer, worker: Person) -> None:
    worker.start()
    url, fields = f"{server.url}/bot{TOKEN}/sendMessage", {"chat_id": str(worker.id), "text": "三种"}
    for answer in (
        httpx.get(url, params=fields, trust_env=False),
        httpx.post(url, data=fields, trust_env=False),
        httpx.post(url, json=fields, trust_env=False),
        httpx.post(url, data=fields, files={"x": b"y"}, trust_env=False),
    ):
        assert answer.json()["result"]["text"] == "三种"


def test_sizes(server: TelegramServer, worker: Person) -> None:
    """Telegram counts UTF-16 units: 𠮷 is two."""
    worker.start()
    assert utf16_units("工𠮷") == 3
    result(server, "sendMessage", chat_id=worker.id, text="𠮷" * 2048)
    too_long = refusal(server, "sendMessage", chat_id=worker.id, text="𠮷" * 2048 + "a")
    assert too_long == (400, "Bad Request: message is too long")
    markup = buttons("好", data="b" * 64)
    result(server, "sendMessage", chat_id=worker.id, text="?", reply_markup=markup)
    markup = buttons("好", data="b" * 65)
    refused = refusal(server, "sendMessage", chat_id=worker.id, text="?", reply_markup=markup)
    assert refused == (400, "Bad Request: BUTTON_DATA_INVALID")
    many = buttons(*map(str, range(101)))
    assert refusal(server, "sendMessage", chat_id=worker.id, text="?", reply_markup=many)[0] == 400


def test_edits(server: TelegramServer, worker: Person) -> None:
    worker.start()
    sent = result(server, "sendMessage", chat_id=worker.id, text="?", reply_markup=buttons("好"))
    where = {"chat_id": worker.id, "message_id": sent["message_id"]}
    same = refusal(server, "editMessageText", **where, text="?", reply_markup=buttons("好"))
    assert "message is not modified" in same[1]
    result(server, "editMessageText", **where, text="!")
    assert (worker.messages[-1].text, worker.messages[-1].labels) == ("!", [])
    assert worker.messages[-1].edited
    keys = {"keyboard": [["打字"]], "one_time_keyboard": True}
    sent = result(server, "sendMessage", chat_id=worker.id, text="?", reply_markup=keys)
    where["message_id"] = sent["message_id"]
    assert refusal(server, "editMessageText", **where, text="!")[1] == "Bad Request: message can't be edited"


def test_a_press_is_answered_once_in_time(server: TelegramServer, worker: Person) -> None:
    worker.start()
    result(server, "sendMessage", chat_id=worker.id, text="?", reply_markup=buttons("好", "不"))
    worker.press("不")
    query = result(server, "getUpdates")[-1]["callback_query"]
    assert query["message"]["text"] == "?"
    result(server, "answerCallbackQuery", callback_query_id=query["id"])
    assert "query is too old" in refusal(server, "answerCallbackQuery", callback_query_id=query["id"])[1]


def test_a_button_nobody_sees_cannot_be_pressed(server: TelegramServer, worker: Person) -> None:
    worker.start()
    result(server, "sendMessage", chat_id=worker.id, text="?", reply_markup=buttons("好"))
    with pytest.raises(LookupError, match="好"):
        worker.press("不好")


def test_speed_limits() -> None:
    limit = SpeedLimit(TELEGRAM_SPEED)
    assert limit.wait(1, 0.0) == 0
    assert limit.wait(1, 0.5) == 1
    assert [limit.wait(chat, 0.5) for chat in range(2, 31)] == [0] * 29
    assert limit.wait(99, 0.6) == 1
    assert limit.wait(1, 1.6) == 0
    group = SpeedLimit(Speed(per_group_minute=20))
    assert [group.wait(-5, float(at)) for at in range(20)] == [0] * 20
    assert group.wait(-5, 20.0) == 40
    assert group.wait(-5, 60.5) == 0


def test_faults_strike_in_order_and_the_ledger_tells_the_truth(
    server: TelegramServer, worker: Person
) -> None:
    worker.start()
    server.faults.add("sendMessage", faults.RESET_BEFORE, faults.RESET_AFTER, faults.too_many(9))
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            call(server, "sendMessage", chat_id=worker.id, text="x")
    answer = call(server, "sendMessage", chat_id=worker.id, text="x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "9")
    assert len(server.ledger.delivered("sendMessage")) == 1
    assert [entry.details["kind"] for entry in server.ledger.entries("faulted")] == [
        "reset before",
        "reset after",
        "answer",
    ]


# --- webhook


class Hook:
    """A webhook that answers as told."""

    def __init__(self) -> None:
        self.got: list[int] = []
        self.secrets: set[str | None] = set()
        self.answer: Callable[[dict[str, Any]], tuple[int, dict[str, str]]] = lambda update: (200, {})
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.got.append(update["update_id"])
                hook.secrets.add(self.headers["X-Telegram-Bot-Api-Secret-Token"])
                status, headers = hook.answer(update)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.close()


def test_a_webhook_gets_updates_in_order_with_the_secret(
    server: TelegramServer, worker: Person, hook: Hook
) -> None:
    result(server, "setWebhook", url=hook.url, secret_token="s" * 32)
    said = [worker.say(str(number)) for number in range(5)]
    until(lambda: server.ledger.acknowledged() == set(said))
    assert hook.got == said
    assert hook.secrets == {"s" * 32}
    assert refusal(server, "getUpdates")[0] == 409
    assert result(server, "getWebhookInfo")["pending_update_count"] == 0


def test_a_refused_message_holds_its_chat_but_no_other_and_no_press(
    server: TelegramServer, worker: Person, hook: Hook
) -> None:
    other = server.person("乙")
    worker.start()
    result(server, "sendMessage", chat_id=worker.id, text="?", reply_markup=buttons("好"))
    result(server, "getUpdates", offset=worker.say("之前") + 1)
    hook.answer = lambda update: (500 if update.get("message", {}).get("text") == "毒" else 200, {})
    poison, behind = worker.say("毒"), worker.say("之后")
    pressed, elsewhere = worker.press("好"), other.say("别处")
    result(server, "setWebhook", url=hook.url)
    until(lambda: {pressed, elsewhere} <= server.ledger.acknowledged())
    assert behind not in hook.got
    hook.answer = lambda update: (200, {})
    server.clock.advance(200)
    until(lambda: {poison, behind} <= server.ledger.acknowledged())


def test_a_webhook_is_tried_at_once_then_ever_more_slowly(
    server: TelegramServer, worker: Person, hook: Hook
) -> None:
    hook.answer = lambda update: (500, {})
    result(server, "setWebhook", url=hook.url)
    worker.say("一")
    pushes: Callable[[], int] = lambda: len(server.ledger.entries("refused"))  # noqa: E731
    until(lambda: pushes() == 2)
    for pause in (2, 4, 8, 16):
        before = pushes()
        server.clock.advance(pause - 0.9)
        threading.Event().wait(0.2)
        assert pushes() == before
        server.clock.advance(0.9)
        until(lambda before=before: pushes() == before + 1)  # type: ignore[misc]
    assert "500" in result(server, "getWebhookInfo")["last_error_message"]


def test_the_webhooks_own_wait_is_obeyed(server: TelegramServer, worker: Person, hook: Hook) -> None:
    hook.answer = lambda update: (503, {"Retry-After": "30"})
    result(server, "setWebhook", url=hook.url)
    worker.say("一")
    until(lambda: len(server.ledger.entries("refused")) == 1)
    server.clock.advance(25)
    threading.Event().wait(0.2)
    assert len(hook.got) == 1
    server.clock.advance(6)
    until(lambda: len(hook.got) == 2)


def test_setting_a_webhook(server: TelegramServer, worker: Person, hook: Hook) -> None:
    assert refusal(server, "setWebhook", url=hook.url, secret_token="有")[0] == 400
    result(server, "setWebhook", url=hook.url)
    assert refusal(server, "setWebhook", url=hook.url)[0] == 429
    result(server, "deleteWebhook")
    worker.say("一")
    result(server, "deleteWebhook", drop_pending_updates=True)
    assert result(server, "getUpdates") == []
    assert len(server.ledger.entries("dropped")) == 1


# --- the ledger, and a server of its own


def test_a_ledger_file_outlives_its_server_and_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with TelegramServer(ledger=path) as server:
        said = server.person("甲").say("一")
        result(server, "getUpdates", offset=said + 1)
    with path.open("a") as file:
        file.write('{"number": 99, "what": "ackn')
    left = Ledger.read(path)
    assert left.created() == [said]
    assert left.acknowledged() == {said}


def test_the_server_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    command = [sys.executable, "-m", "tests.telegram_server", "--port", "0", "--ledger", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, _, token = process.stdout.readline().split()
        with httpx.Client(base_url=url, trust_env=False) as client:
            person = client.post("/control/person", json={"name": "秀兰"}).json()["person"]
            said = client.post("/control/say", json={"person": person, "text": "在吗"}).json()["update_id"]
            fault = {"method": "sendMessage", "kind": "answer", "status": 500}
            client.post("/control/fault", json=fault)
            reply = {"chat_id": person, "text": "在", "reply_markup": buttons("好")}
            assert client.post(f"/bot{token}/sendMessage", json=reply).status_code == 500
            client.post(f"/bot{token}/sendMessage", json=reply)
            client.post("/control/press", json={"person": person, "label": "好"})
            missing = client.post("/control/press", json={"person": person, "label": "无"})
            screen = client.get("/control/screen", params={"person": person}).json()["screen"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert missing.status_code == 400
    assert [shown["text"] for shown in screen] == ["在吗", "在"]
    ledger = Ledger.read(path)
    assert ledger.created()[0] == said
    assert len(ledger.created()) == 2
    assert len(ledger.delivered("sendMessage", chat_id=person)) == 1
