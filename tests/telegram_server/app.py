"""The fake server's HTTP side: calls in, answers out, scripted faults in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tests.telegram_server.connections import reset
from tests.telegram_server.faults import Fault, FaultScript
from tests.telegram_server.methods import METHODS
from tests.telegram_server.params import ApiError, Params, Upload
from tests.telegram_server.polls import LongPolls
from tests.telegram_server.webhooks import Pusher, set_webhook, webhook_info
from tests.telegram_server.world import World

# The server takes a method's name in any case.
_NAMES = {
    name.lower(): name for name in (*METHODS, "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")
}


class BotApi:
    """Answers calls for one world."""

    def __init__(self, world: World, faults: FaultScript):
        self.world = world
        self.faults = faults
        self.lacking: set[str] = set()  # methods this server does not know
        self.revoked = False
        self.listener: Callable[[str, Params], None] | None = None  # is told every call whose parameters came
        self._polls = LongPolls(world)
        self._loop: asyncio.AbstractEventLoop | None = None

    def close(self) -> None:
        """Let nobody wait any longer; called from another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._polls.close)

    def application(self, *more: Route) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/bot{token}/{method}", self.answer_call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self.answer_file),
            *more,
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        loop = self._loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._polls.wake)

        self.world.wakers.append(wake)
        pusher = asyncio.create_task(Pusher(self.world, self.faults).run())
        yield
        self.world.wakers.clear()
        pusher.cancel()

    async def answer_call(self, request: Request) -> Response:
        """One call of a method."""
        given = request.path_params["method"]
        method = _NAMES.get(given.lower(), given)
        fault = self.faults.next(method)
        if fault is not None:
            self._note("faulted", method, kind=fault.kind, status=fault.status)
        early = await self._instead(request, fault)
        if early is not None:
            return early
        try:
            params = await _params(request)
        except ClientDisconnect:
            return Response()  # nobody is there to read it
        if self.listener is not None:
            self.listener(method, params)
        answer, status = await self._carry_out(request.path_params["token"], method, params)
        return await self._after(request, fault, answer, status)

    async def answer_file(self, request: Request) -> Response:
        """The content of a file by its path."""
        fault = self.faults.next("file")
        early = await self._instead(request, fault)
        if early is not None:
            return early
        if request.path_params["token"] != self.world.token:
            return _json(ApiError(401, "Unauthorized").as_json(), 401)
        with self.world.lock:
            stored = [f for f in self.world.files.values() if f.path == request.path_params["path"]]
        if not stored:
            return _json(ApiError(404, "Not Found").as_json(), 404)
        return Response(stored[0].content, media_type="application/octet-stream")

    async def _carry_out(self, token: str, method: str, params: Params) -> tuple[Any, int]:
        try:
            if self.revoked or token != self.world.token:
                raise ApiError(401, "Unauthorized")
            if method in self.lacking:
                raise ApiError(404, "Not Found: method not found")
            return {"ok": True, "result": await self._result(method, params)}, 200
        except ApiError as error:
            self._note("refused", method, code=error.code, description=error.description)
            return error.as_json(), error.code

    async def _result(self, method: str, params: Params) -> Any:
        if method == "getUpdates":
            return await self._updates(params)
        with self.world.changed:
            if method == "getWebhookInfo":
                return webhook_info(self.world)
            if method in ("setWebhook", "deleteWebhook"):
                return self._set_webhook(method, params)
            if method not in METHODS:
                raise ApiError(404, "Not Found: method not found")
            result = METHODS[method](self.world, params)
            self._deliver(method, params, result)
            self.world.changed.notify_all()
            return result

    async def _updates(self, params: Params) -> Any:
        updates = await self._polls.get_updates(params)
        with self.world.lock:
            self.world.queue.handed(updates, "poll")
        return [update.as_json() for update in updates]

    def _set_webhook(self, method: str, params: Params) -> bool:
        wanted = params if method == "setWebhook" else Params({**params.values, "url": ""})
        set_webhook(self.world, wanted)
        if self.world.webhook["url"]:
            self._polls.end("terminated by setWebhook request")
        return True

    def _deliver(self, method: str, params: Params, result: Any) -> None:
        if method.startswith("get"):
            return
        details: dict[str, Any] = {"params": {key: params.text(key) for key in params.values}}
        if params.text("chat_id"):
            details["chat_id"] = params.integer("chat_id")
        if isinstance(result, dict):
            details["message_id"] = result.get("message_id")
        self._note("delivered", method, **details)

    async def _instead(self, request: Request, fault: Fault | None) -> Response | None:
        """What a fault answers without anything being done."""
        if fault is None:
            return None
        if fault.kind == "reset before":
            reset(request)
            return Response()
        if fault.kind == "page":
            return Response("<html><body>Bad Gateway</body></html>", fault.status, media_type="text/html")
        if fault.kind in ("answer", "not ok"):
            error = ApiError(fault.status, _phrase(fault), fault.retry_after)
            return _json(error.as_json(), fault.status if fault.kind == "answer" else 200)
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return None

    async def _after(self, request: Request, fault: Fault | None, answer: Any, status: int) -> Response:
        """The answer, as a fault leaves it."""
        kind = fault.kind if fault else ""
        if kind == "reset after":
            reset(request)
        if kind == "hang after" and fault:
            await asyncio.sleep(fault.seconds)
        if kind == "duplicate" and isinstance(answer.get("result"), list):
            answer = answer | {"result": [update for update in answer["result"] for _ in range(2)]}
        response = _json(answer, status)
        if kind == "truncated":
            body = bytes(response.body)
            return Response(body[: len(body) // 2], status, media_type="application/json")
        return response

    def _note(self, what: Any, method: str, **details: Any) -> None:
        self.world.ledger.write(what, self.world.clock.now(), method=method, **details)


def _phrase(fault: Fault) -> str:
    if fault.status == 429:
        return f"Too Many Requests: retry after {fault.retry_after}"
    phrases = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error"}
    return phrases.get(fault.status, "Error")


def _json(answer: Any, status: int) -> Response:
    headers = {}
    if isinstance(answer, dict) and "parameters" in answer:
        headers["Retry-After"] = str(answer["parameters"]["retry_after"])
    return Response(json.dumps(answer), status, headers, media_type="application/json")


async def _params(request: Request) -> Params:
    """Parameters from wherever the client put them."""
    values: dict[str, Any] = dict(request.query_params)
    files: dict[str, Upload] = {}
    if request.headers.get("content-type", "").startswith("application/json"):
        values |= await request.json()
        return Params(values)
    async with request.form(max_part_size=1024 * 1024) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                mime = value.content_type or "application/octet-stream"
                files[name] = Upload(value.filename or "", mime, await value.read())
            else:
                values[name] = value
    return Params(values, files)
