"""Play people over HTTP, for a fake server that runs in a process of its own.

`POST /control/person {"name": ...}` makes somebody and answers their id. `POST /control/<act>` with
`{"person": id, ...}` does what the methods of `Person` do; `GET /control/screen?person=id` shows
their chat; `POST /control/fault {"method": ..., "kind": ..., "times": ...}` scripts a fault.
"""

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.telegram_server.faults import Fault, FaultScript
from tests.telegram_server.people import Person
from tests.telegram_server.world import World

_ACTS = ("say", "start", "press", "share_contact", "share_location", "edit", "block", "unblock")


def control_routes(world: World, faults: FaultScript) -> list[Route]:
    """The routes; they are for tests on this machine and ask for no secret."""

    async def make_person(request: Request) -> JSONResponse:
        name = (await request.json())["name"]
        return JSONResponse({"person": world.add_person(name)})

    async def act(request: Request) -> JSONResponse:
        given: dict[str, Any] = await request.json()
        name = request.path_params["act"]
        if name not in _ACTS:
            return JSONResponse({"error": f"one of {_ACTS}"}, 404)
        person = Person(world, given.pop("person"))
        try:
            return JSONResponse({"update_id": getattr(person, name)(**given)})
        except (LookupError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)

    async def show(request: Request) -> JSONResponse:
        person = Person(world, int(request.query_params["person"]))
        return JSONResponse({"screen": [asdict(shown) for shown in person.screen], "keys": person.keyboard})

    async def script(request: Request) -> JSONResponse:
        given: dict[str, Any] = await request.json()
        method, times = given.pop("method"), given.pop("times", 1)
        faults.add(method, Fault(**given), times=times)
        return JSONResponse({"method": method})

    return [
        Route("/control/person", make_person, methods=["POST"]),
        Route("/control/screen", show, methods=["GET"]),
        Route("/control/fault", script, methods=["POST"]),
        Route("/control/{act}", act, methods=["POST"]),
    ]
