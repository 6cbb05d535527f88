"""The ways into the page: a lost answer to hello, one-use links, return codes, languages (R2, P23)."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from casework import return_codes
from handlers.abroad import PASSAGE_LIVES
from storage import people
from storage import union as units
from storage.tx import Tx
from tests.channels.pages import Page, Union

HELLO = {"id": "0000-hello-1", "lang": "zh"}


def person_of(union: Union, key: str) -> str:
    """Who a page belongs to."""
    return union.store.read(lambda tx: Page(union, key).read_account(tx).person_id)


async def greet(union: Union, **body: str) -> httpx.Response:
    """One hello as it stands."""
    return await union.client.post("/chat/api/hello", json=body)


async def test_a_hello_whose_answer_was_lost_opens_the_same_page_again(union: Union) -> None:
    first, again = [(await greet(union, **HELLO)).json()["key"] for _ in range(2)]
    assert first != again
    assert union.store.read(lambda tx: Page(union, first).read_account(tx)) == union.store.read(
        lambda tx: Page(union, again).read_account(tx)
    )
    other = (await greet(union, id="0000-hello-2", lang="zh")).json()["key"]
    assert person_of(union, other) != person_of(union, first)


async def test_an_old_hello_opens_nobody_elses_page(union: Union) -> None:
    first = (await greet(union, **HELLO)).json()["key"]
    union.clock.move(timedelta(minutes=11))
    later = (await greet(union, **HELLO)).json()["key"]
    assert person_of(union, later) != person_of(union, first)


async def passage_for(union: Union, page: Page) -> str:
    """A link to the union's page, as a chat abroad hands it out."""
    person_id = person_of(union, page.key)
    return "p_" + union.store.write(lambda tx: units.add_passage(tx, person_id, PASSAGE_LIVES))


async def test_a_one_use_link_survives_a_lost_answer_and_no_second_device(union: Union) -> None:
    abroad = await union.known(lang="en")
    link = await passage_for(union, abroad)
    answers = [(await greet(union, **HELLO, start=link)).json() for _ in range(2)]
    assert {person_of(union, answer["key"]) for answer in answers} == {person_of(union, abroad.key)}
    assert [answer["lang"] for answer in answers] == ["en", "en"]
    refused = await greet(union, id="another-device", lang="zh", start=link)
    assert refused.status_code == 422
    assert "用过了" in refused.json()["error"]
    union.clock.move(timedelta(minutes=11))
    assert (await greet(union, **HELLO, start=link)).status_code == 422


async def test_a_link_said_again_to_its_own_person_goes_on_with_what_they_were_at(union: Union) -> None:
    abroad = await union.known()
    await abroad.press("要帮忙")
    link = await passage_for(union, abroad)
    page = Page(union, (await greet(union, **HELLO, start=link)).json()["key"])
    for _ in range(2):
        await page.send(kind="start", payload=link)
        said = (await page.messages())[-2:]
        assert "填过的都在" in said[0]["text"]
        assert "哪一类" in said[1]["text"]


async def test_somebody_elses_link_changes_nothing_here(union: Union) -> None:
    abroad, here = await union.known(), await union.known()
    link = await passage_for(union, abroad)
    await here.send(kind="start", payload=link)
    assert "另一个人" in (await here.messages())[-2]["text"]
    opened = await greet(union, **HELLO, start=link)
    assert person_of(union, opened.json()["key"]) == person_of(union, abroad.key)


async def test_a_link_of_nobodys_greets_like_any_opening(union: Union) -> None:
    page = await union.hello()
    await page.send(kind="start", payload="p_nobodys")
    assert (await page.messages())[-1]["buttons"][0][0]["label"] == "同意，开始"


@pytest.mark.parametrize(("lang", "button"), [("en", "I agree, start"), ("zh", "同意，开始")])
async def test_the_first_words_are_in_the_language_the_page_opens_with(
    union: Union, lang: str, button: str
) -> None:
    page = await union.hello(lang="zh" if lang == "en" else "en")
    await page.send(kind="start", lang=lang)
    assert (await page.messages())[-1]["buttons"][0][0]["label"] == button


async def test_changing_the_language_asks_the_open_question_again_in_it(union: Union) -> None:
    page = await union.known()
    await page.press("要帮忙")
    await page.send(kind="start", payload="lang-en")
    last = (await page.messages())[-1]
    assert last["text"] == union.house.steward.words.render("en", "help.group.ask")
    await page.send(kind="start", payload="lang-xx")
    assert last["text"] != (await page.messages())[-1]["text"], (
        "an unknown language is an opening like any other"
    )


async def test_changing_the_language_before_agreeing_greets_anew(union: Union) -> None:
    page = await union.hello()
    await page.send(kind="start")
    await page.send(kind="start", payload="lang-en")
    assert (await page.messages())[-1]["buttons"][0][0]["label"] == "I agree, start"


# ---- return codes


def code_of(union: Union, page: Page) -> str:
    """A return code for the person of a page."""
    person_id = person_of(union, page.key)
    return union.store.write(lambda tx: return_codes.make(tx, person_id))


async def come_back(
    union: Union, code: str, headers: dict[str, str] | None = None, **body: Any
) -> httpx.Response:
    """One try of a code."""
    return await union.client.post("/chat/api/return", json={"code": code, **body}, headers=headers or {})


async def nobodys(union: Union) -> str:
    """A code that is well formed and nobody's any more."""
    page = await union.known()
    old = code_of(union, page)
    code_of(union, page)
    return old


async def test_a_code_opens_the_persons_own_chat_with_what_is_open(union: Union) -> None:
    before = await union.known()
    number = await ask_the_law(before)
    answer = await come_back(union, code_of(union, before))
    assert answer.json()["name"] == "江州市总工会"
    page = Page(union, answer.json()["key"])
    await union.work()
    said = await page.messages()
    assert [message["from"] for message in said] == ["bot", "bot"]
    assert number in said[0]["text"]
    assert said[-1]["buttons"]


async def test_a_code_brings_back_to_the_open_question(union: Union) -> None:
    before = await union.known()
    await before.press("要帮忙")
    page = Page(union, (await come_back(union, code_of(union, before))).json()["key"])
    await union.work()
    assert (await page.messages())[-1]["text"] == (await before.messages())[-1]["text"]


async def ask_the_law(page: Page) -> str:
    """Put a question to a person; returns the number it was given."""
    await page.press("问法律")
    await page.send(kind="text", text="食堂的饭菜里有头发怎么办")
    await page.press("转给人问")
    return str((await page.messages())[-1]["text"].split("编号 ")[1][:9])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"lang": "en"}, "There is no such return code"),
        ({"lang": "zh"}, "没有找到这个找回码"),
        ({"headers": {"accept-language": "en-GB,en;q=0.9"}}, "There is no such return code"),
        ({"headers": {"accept-language": "fr"}}, "没有找到这个找回码"),
        ({}, "没有找到这个找回码"),
    ],
)
async def test_a_code_of_nobodys_is_explained_in_the_readers_language(
    union: Union, asked: dict[str, Any], said: str
) -> None:
    answer = await come_back(union, await nobodys(union), **asked)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(said)


@pytest.mark.parametrize("code", ["", "12", "0000 0000 0000 0001", "一二三四", "x" * 200])
async def test_no_code_at_all_locks_the_page(union: Union, code: str) -> None:
    answer = await come_back(union, code)
    assert answer.status_code == 422
    assert answer.json()["error"]


async def test_behind_a_proxy_nobody_shuts_the_others_out(union: Union) -> None:
    good, bad = code_of(union, await union.known()), await nobodys(union)
    for _ in range(8):
        assert (await come_back(union, bad)).status_code == 422
    assert (await come_back(union, good)).status_code == 200


async def test_five_codes_of_nobodys_an_hour_and_then_a_sentence(union: Union) -> None:
    page = await union.known()
    union.call_from("203.0.113.9")
    good, bad = code_of(union, page), await nobodys(union)
    for _ in range(5):
        assert (await come_back(union, bad)).status_code == 422
    answer = await come_back(union, good, lang="en")
    assert answer.status_code == 429
    assert answer.json()["error"] == "That was too many tries. Try again in an hour."
    assert 3500 < int(answer.headers["retry-after"]) <= 3601
    union.clock.move(timedelta(minutes=61))
    assert (await come_back(union, good)).status_code == 200


async def test_slips_and_codes_that_fit_are_not_guesses(union: Union) -> None:
    good = code_of(union, await union.known())
    wrong_digit = f"{good[:-1]}{(int(good[-1]) + 1) % 10}"
    for _ in range(4):
        assert (await come_back(union, wrong_digit)).status_code == 422
        assert (await come_back(union, good)).status_code == 200


async def test_a_page_of_somebody_erased_is_no_longer_known(union: Union) -> None:
    page = await union.known()
    link = await passage_for(union, page)

    def erase(tx: Tx) -> None:
        people.erase(tx, people.person(tx, page.read_account(tx).person_id))

    union.store.write(erase)
    assert (
        await page.post("send", json={"id": "client-9", "kind": "text", "text": "还在吗"})
    ).status_code == 401
    assert (await greet(union, **HELLO, start=link)).status_code == 422
