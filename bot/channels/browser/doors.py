"""The ways in and out: a new identity, a one-use link, a return code, forgetting a device."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.browser.access import Access, Refused, bearer
from bot.channels.browser.bodies import read_as
from bot.channels.browser.pace import Pace
from bot.channels.browser.posts import HelloPost, ReturnPost
from bot.settings import is_loopback_host
from bot.wake import Wake
from casework import return_codes
from domain.errors import Refusal
from handlers.abroad import PASSAGE
from handlers.welcome import BACK
from storage import browser, inbox, meta, people, union
from storage.ids import new_id, token_hash
from storage.people import Account
from storage.tx import Tx
from talk.words import DEFAULT, Words

SAME_HELLO = timedelta(minutes=10)  # how long a page may ask again whose answer was lost


class Doors:
    """Identities of pages."""

    def __init__(self, access: Access, channel: str, words: Words, wake: Wake) -> None:
        self._access = access
        self._channel = channel
        self._words = words
        self._wake = wake
        self._by_address = Pace(5, timedelta(hours=1))
        # Behind a reverse proxy on this machine everybody has one address: a code has 15 digits that matter,
        # so a few hundred guesses an hour find nothing, and nobody can shut the others out with five.
        self._behind_proxy = Pace(300, timedelta(hours=1))

    async def hello(self, request: Request) -> Response:
        """A key for somebody new, or for the person a one-use link belongs to."""
        post = await read_as(HelloPost, request)
        return JSONResponse(await self._access.write(lambda tx: self._greet(tx, post, request)))

    def _greet(self, tx: Tx, post: HelloPost, request: Request) -> dict[str, str]:
        address = token_hash(f"{post.id} {post.start}")[:32] if post.id else new_id()
        known = people.find_account(tx, self._channel, address)
        if known is not None and browser.opened_since(tx, known.id, tx.now - SAME_HELLO):
            return self._opened(tx, known)
        language = self._language(post.lang, request)
        person_id = self._over_a_passage(tx, post.start, language)
        address = address if known is None else new_id()
        return self._opened(tx, people.add_account(tx, self._channel, address, person_id, language))

    def _over_a_passage(self, tx: Tx, start: str, language: str) -> str | None:
        """Whose link it is that brought somebody here, which is used up by that."""
        if not start.startswith(PASSAGE):
            return None
        person_id = union.use_passage(tx, start.removeprefix(PASSAGE))
        if person_id is None or people.person(tx, person_id).erased:
            raise Refused(422, self._words.render(language, "welcome.link_used"))
        return person_id

    def _opened(self, tx: Tx, account: Account) -> dict[str, str]:
        return {
            "key": browser.issue_key(tx, account.id),
            "name": meta.read(tx, "union_name") or "",
            "lang": people.person(tx, account.person_id).language,
        }

    async def come_back(self, request: Request) -> Response:
        """A key for the person a return code belongs to."""
        post = await read_as(ReturnPost, request)
        person_id = await self._owner(post.code, self._language(post.lang, request), request)
        opened = await self._access.write(lambda tx: self._come_back(tx, person_id))
        self._wake.inbox.set()
        return JSONResponse(opened)

    def _come_back(self, tx: Tx, person_id: str) -> dict[str, str]:
        """One more page for a person; its conversation begins with what is open."""
        address = new_id()
        account = people.add_account(tx, self._channel, address, person_id)
        raw = {"kind": "start", "payload": BACK, "id": BACK, "address": address}
        inbox.add(tx, self._channel, f"{address}:{BACK}", person_id, account.key_id, raw, account.id)
        return self._opened(tx, account)

    async def _owner(self, code: str, language: str, request: Request) -> str:
        """Whose code it is; reading it takes a while, so it is not done where others write.

        Only codes that are nobody's count as guesses: slips and successes are free.

        Raises:
            Refused: 422 nobody's or mistyped, 429 too many guesses.
        """
        address = request.client.host if request.client else ""
        now = self._access.store.clock.read()
        guesses = self._behind_proxy if is_loopback_host(address) else self._by_address
        wait = guesses.wait(address, now)
        if wait:
            sentence = self._words.render(language, "code.too_many_tries")
            raise Refused(429, sentence, int(wait.total_seconds()) + 1)
        guesses.note(address, now)
        try:
            person_id = await self._access.read(lambda tx: return_codes.owner(tx, code))
        except Refusal as refusal:
            guesses.take_back(address)
            values = {name: str(value) for name, value in refusal.values.items()}
            raise Refused(422, self._words.render(language, refusal.key, values)) from None
        if person_id is None:
            raise Refused(422, self._words.render(language, "code.unknown"))
        guesses.take_back(address)
        return person_id

    async def forget(self, request: Request) -> Response:
        """Stop knowing a device."""
        key = bearer(request)
        await self._access.write(lambda tx: browser.revoke_key(tx, key))
        return JSONResponse({})

    def _language(self, said: str, request: Request) -> str:
        """What the page speaks, else what the browser asks for, as far as we speak it."""
        wished = said or request.headers.get("accept-language", "")
        spoken = wished.strip()[:2].lower()
        return spoken if spoken in self._words.languages else DEFAULT
