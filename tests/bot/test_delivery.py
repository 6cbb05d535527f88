"""The way out: long texts in parts, keyboards that share taken away again, what was chosen left to read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.contract import Channel, Failed, Outcome, Outgoing, RetryAfter, Sent, Unknown
from bot.delivery import Delivery
from bot.wake import Wake
from storage import case_messages, outbox, people
from storage.files import Vault
from storage.people import Account
from storage.tx import Tx
from talk.reply import Choice, Say
from tests.casework.conftest import Office
from tests.player.engine import Engine, EngineChannel
from tests.player.house import words

LIMIT = 40
LONG = "".join(f"第{place}句话说到这里为止。" for place in range(1, 13))
BUTTON = ((Choice("menu.show", label="kit.button.menu"),),)


class Platform(EngineChannel):
    """A platform with short messages that answers what a test tells it to."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.capabilities = replace(self.capabilities, text_limit=LIMIT)
        self.sent: list[Outgoing] = []
        self.answers: dict[int, Outcome] = {}  # by the number of the call, from 1
        self.calls = 0

    async def send(self, outgoing: Outgoing) -> Outcome:
        """As told, else onto the screen."""
        self.calls += 1
        answer = self.answers.get(self.calls, Sent(str(self.calls)))
        if not isinstance(answer, Failed | RetryAfter):
            self.sent.append(outgoing)
        return answer


class Way:
    """One chat, and the loop that speaks in it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.platform = Platform(Engine())
        self.account = office.store.write(lambda tx: people.add_account(tx, "engine", "sun"))
        self.restart()

    def restart(self) -> None:
        """A new process: what was under way has an unknown end."""
        channels: dict[str, Channel] = {"engine": self.platform}
        store, rules = self.office.store, self.office.rules
        store.write(outbox.settle_after_crash)
        vault = Vault(Path("/nonexistent"))
        self.delivery = Delivery(store, words(), rules, channels, vault, Wake(), demo=False)

    def say(self, text: str, **more: object) -> int:
        """Queue a message."""
        said = Say("kit.plain", {"words": text}, **more)  # type: ignore[arg-type]
        return self.office.store.write(lambda tx: outbox.put(tx, self.account, said))

    async def deliver(self, after: timedelta = timedelta()) -> list[str]:
        """Do what is queued after a while; the texts that arrived so far."""
        self.office.clock.move(after)
        await self.delivery.drain()
        return [each.text for each in self.platform.sent]

    def now(self) -> Account:
        """The chat as it is kept."""
        found = self.office.store.read(lambda tx: people.account(tx, self.account.id))
        assert found is not None
        return found


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    office = Office(tmp_path)
    yield Way(office)
    office.store.close()


# ---- long texts


async def test_a_long_text_arrives_whole_and_in_order(way: Way) -> None:
    """I3: never cut off."""
    way.say(LONG, choices=BUTTON)
    parts = await way.deliver()
    assert len(parts) > 2
    assert "".join(parts) == LONG
    assert all(len(part) <= LIMIT for part in parts)


async def test_the_buttons_stand_under_the_last_part(way: Way) -> None:
    way.say(LONG, choices=BUTTON)
    await way.deliver()
    assert [bool(each.buttons) for each in way.platform.sent] == [False] * (len(way.platform.sent) - 1) + [
        True
    ]


async def test_what_is_said_next_comes_after_all_parts(way: Way) -> None:
    way.say(LONG)
    way.say("下一句")
    assert (await way.deliver())[-1] == "下一句"


@pytest.mark.parametrize("answer", [RetryAfter(1), Failed("no connection")])
@pytest.mark.parametrize("call", [1, 2, 3])
async def test_a_part_that_did_not_arrive_is_sent_again_and_no_other(
    way: Way, answer: Outcome, call: int
) -> None:
    way.platform.answers[call] = answer
    way.say(LONG, choices=BUTTON)
    assert len(await way.deliver()) == call - 1
    assert "".join(await way.deliver(timedelta(minutes=1))) == LONG


async def test_a_part_that_perhaps_arrived_is_sent_once_more(way: Way) -> None:
    way.platform.answers[2] = Unknown("the answer was lost")
    way.say(LONG)
    await way.deliver()
    parts = await way.deliver(timedelta(minutes=1))
    assert parts[1] == parts[2]
    assert "".join([*parts[:1], *parts[2:]]) == LONG


async def test_a_crash_between_two_parts_repeats_no_part_that_had_arrived(way: Way) -> None:
    class Killed(BaseException):
        """The process is gone."""

    send, way.platform.send = way.platform.send, None  # type: ignore[method-assign, assignment]

    async def die_at_third(outgoing: Outgoing) -> Outcome:
        if way.platform.calls == 2:
            way.platform.send = send  # type: ignore[method-assign]
            raise Killed
        return await send(outgoing)

    way.platform.send = die_at_third  # type: ignore[method-assign]
    way.say(LONG)
    with pytest.raises(Killed):
        await way.deliver()
    way.restart()
    assert "".join(await way.deliver(timedelta(minutes=1))) == LONG


async def test_an_answer_to_any_part_finds_the_case(way: Way) -> None:
    case = way.office.store.write(lambda tx: way.office.open(tx))
    way.say(LONG, case_id=case.id)
    parts = len(await way.deliver())
    numbers = [str(call) for call in range(1, parts + 1)]
    found = way.office.store.read(lambda tx: [_case_of(tx, way.account.id, number) for number in numbers])
    assert found == [case.id] * parts


def _case_of(tx: Tx, account_id: str, message_id: str) -> str | None:
    ours = outbox.case_of_message(tx, account_id, message_id)
    return ours or case_messages.case_of(tx, case_messages.mark(account_id, message_id))


async def test_a_longer_text_in_the_place_of_a_short_one_is_said_anew(way: Way) -> None:
    row = way.say("短")
    await way.deliver()
    way.say(LONG, edits=row)
    assert "".join((await way.deliver())[1:]) == LONG


# ---- keyboards that share a phone number or a place


async def test_the_next_message_takes_the_keyboard_away(way: Way) -> None:
    way.say("在哪里？", ask="location", choices=BUTTON)
    way.say("什么时候？")
    way.say("谁？")
    await way.deliver()
    assert [each.clear_ask for each in way.platform.sent] == [False, True, False]


async def test_it_is_known_after_a_restart_that_one_is_shown(way: Way) -> None:
    way.say("在哪里？", ask="location")
    await way.deliver()
    way.restart()
    way.say("什么时候？")
    await way.deliver()
    assert way.platform.sent[-1].clear_ask
    assert not way.now().asking


async def test_one_keyboard_takes_the_place_of_another(way: Way) -> None:
    way.say("在哪里？", ask="location")
    way.say("手机号？", ask="contact")
    await way.deliver()
    assert not way.platform.sent[-1].clear_ask
    assert way.now().asking


async def test_a_message_that_did_not_arrive_took_nothing_away(way: Way) -> None:
    way.say("在哪里？", ask="location")
    await way.deliver()
    way.platform.answers[2] = Failed("no connection")
    way.say("什么时候？")
    await way.deliver()
    assert way.now().asking
    await way.deliver(timedelta(minutes=1))
    assert way.platform.sent[-1].clear_ask


async def test_the_first_of_several_parts_takes_it_away(way: Way) -> None:
    way.say("在哪里？", ask="location")
    way.say(LONG)
    await way.deliver()
    assert way.platform.sent[1].clear_ask
    assert not way.now().asking


# ---- what was chosen


async def test_what_was_chosen_stays_readable_when_the_buttons_go(way: Way) -> None:
    row = way.say("要办什么？", choices=BUTTON)
    label = {"label": "kit.button.menu", "words": "", "values": {}}
    way.office.store.write(lambda tx: outbox.strip(tx, row, chosen=label))
    assert (await way.deliver())[-1] == "要办什么？\n› 菜单"


async def test_where_it_does_not_fit_only_the_buttons_go(way: Way) -> None:
    row = way.say("一二三四五六七八九十" * 4, choices=BUTTON)
    label = {"label": "kit.button.menu", "words": "", "values": {}}
    way.office.store.write(lambda tx: outbox.strip(tx, row, chosen=label))
    await way.deliver()
    assert (way.platform.sent[-1].op, way.platform.sent[-1].text) == ("strip", "")


async def test_buttons_are_taken_away_where_they_were_shown(way: Way) -> None:
    """A person with two doors: the press came through one, the buttons stand in the other."""
    row = way.say("要办什么？", choices=BUTTON)
    await way.deliver()
    other = way.office.store.write(
        lambda tx: people.add_account(tx, "browser", "page", way.account.person_id)
    )
    way.office.store.write(lambda tx: outbox.strip(tx, row))
    await way.deliver()
    assert way.platform.sent[-1].address == "sun"
    assert other.id != way.account.id


async def test_an_edit_for_another_door_is_a_message_of_its_own(way: Way) -> None:
    row = way.say("要办什么？")
    await way.deliver()
    other = way.office.store.write(
        lambda tx: people.add_account(tx, "engine", "elsewhere", way.account.person_id)
    )
    said = Say("kit.plain", {"words": "三个文件"}, edits=row)
    way.office.store.write(lambda tx: outbox.put(tx, other, said))
    await way.deliver()
    assert (way.platform.sent[-1].op, way.platform.sent[-1].address) == ("send", "elsewhere")


# ---- unknown outcomes


async def test_an_unknown_outcome_is_repeated_once_at_most(way: Way) -> None:
    """P6: a message is never seen three times."""
    way.platform.answers = {call: Unknown("lost") for call in range(1, 9)}
    way.say("您好")
    for _ in range(6):
        await way.deliver(timedelta(minutes=1))
    assert len(way.platform.sent) == 2
