"""Joining: where it is reviewed, by whom, what is decided, and what a membership is (R5; I92, I95)."""

from dataclasses import asdict, replace

import pytest

from casework import handling, membership, notices, profile, worker
from casework.membership import Application
from domain.cases import Disposition, Kind, State
from domain.errors import Refusal
from domain.numbers import read_membership_number
from domain.people import Tag
from domain.roles import NOT_FOUND, OWN_MATTER, ROLE, Actor, Role
from domain.windows import RIDER_RUSH
from storage import audit, cases, dues, people, personal, union
from storage.cases import Case
from storage.people import Person
from storage.tx import Tx
from tests.casework.conftest import Office

RIDER = Application("孙国强", "13800138000", "蜂信", "江州", "crowd")


def apply(
    office: Office, tx: Tx, said: Application = RIDER, entrance: str | None = None
) -> tuple[Person, Case]:
    """Somebody new who wants to join."""
    person = office.worker(tx)
    people.give_consent(tx, person.id, membership.JOINING, membership.CONSENT_VERSION)
    return person, membership.apply(tx, office.rules, person, said, entrance, "browser")


def reviewer(office: Office, tx: Tx, name: str) -> Actor:
    """A cadre of the sample union."""
    return union.actor(tx, office.people[name])


def told(tx: Tx, person_id: str) -> list[str]:
    """The text keys a person was told, oldest first."""
    rows = personal.export(tx, people.person(tx, person_id))["outbox"]
    return [row["payload"]["key"] for row in rows if row["op"] == "send"]


# ---- where it goes


@pytest.mark.parametrize(
    ("employer", "place", "entrance", "unit"),
    [
        ("蜂信外卖", "江州", None, "riders"),
        ("蜂信", "城南站", None, "chengnan"),
        ("蜂信外卖", "江州", "chengnan", "chengnan"),
        ("明达电子厂", "江州", "chengnan", "mingda"),
        ("没听说过的店", "江州", "chengnan", "chengnan"),
        ("没听说过的店", "江州", None, "city"),
        ("明达电子", "城南配送站", None, "mingda"),
    ],
)
def test_the_place_of_work_says_the_unit(
    office: Office, employer: str, place: str, entrance: str | None, unit: str
) -> None:
    found = office.store.read(lambda tx: membership.place_of_work(tx, employer, place, entrance))
    assert found == unit


def test_it_goes_to_where_somebody_may_review_it(office: Office) -> None:
    """Past a station with a group leader only, and past a works whose chair is its head of personnel."""

    def enter(tx: Tx, employer: str) -> tuple[str, str | None]:
        _, case = apply(office, tx, replace(RIDER, employer=employer))
        return case.unit_id, case.owner_id

    assert office.store.write(lambda tx: enter(tx, "城南站")) == ("riders", office.people["chen"])
    assert office.store.write(lambda tx: enter(tx, "明达电子厂")) == ("linjiang", office.people["liu"])


def test_who_speaks_for_the_employer_learns_nothing(office: Office) -> None:
    def look(tx: Tx) -> None:
        _, case = apply(office, tx, replace(RIDER, employer="明达电子厂"))
        assert told(tx, office.people["zhao"]) == []
        with pytest.raises(Refusal, match=NOT_FOUND):
            handling.take(tx, office.rules, reviewer(office, tx, "zhao"), case.id)

    office.store.write(look)


def test_it_is_a_case_with_a_limit_and_a_ladder(office: Office) -> None:
    def enter(tx: Tx) -> None:
        _, case = apply(office, tx)
        assert (case.kind, case.state, case.anonymous) == (Kind.APPLICATION, State.SUBMITTED, False)
        assert "case.ping" in {due.kind for due in dues.planned(tx, case.id)}
        assert told(tx, office.people["chen"]) == ["desk.new_case.plain"]

    office.store.write(enter)


def test_where_reviewers_pass_it_is_where_the_applicant_is_entered(office: Office) -> None:
    """Also to a unit with nobody in it: the reviewers above take it, the member belongs below."""

    def pass_on(tx: Tx) -> None:
        _, case = apply(office, tx, replace(RIDER, employer="满川货运"))
        zhou = reviewer(office, tx, "zhou")
        case = handling.take(tx, office.rules, zhou, case.id)
        before = told(tx, cases.worker_of(tx, case))
        assert handling.pass_to_unit(tx, office.rules, zhou, case.id, "tongtu", "人是通途的") == case
        assert membership.home_unit(tx, case) == "tongtu"
        assert told(tx, cases.worker_of(tx, case)) == before
        case = handling.pass_to_unit(tx, office.rules, zhou, case.id, "chengnan", "人在城南站")
        assert (case.unit_id, case.taken, case.owner_id) == ("riders", False, office.people["chen"])
        assert membership.home_unit(tx, case) == "chengnan"

    office.store.write(pass_on)


# ---- who may decide


def test_a_group_leader_does_not_review_and_nobody_reviews_their_own(office: Office) -> None:
    def try_it(tx: Tx) -> None:
        _, case = apply(office, tx)
        leader = office.people["wang"]
        union.add_post(tx, leader, "riders", Role.GROUP_LEADER, True)
        with pytest.raises(Refusal, match=ROLE):
            membership.approve(tx, office.rules, union.actor(tx, leader), case.id)
        own = membership.apply(
            tx, office.rules, people.person(tx, office.people["li"]), RIDER, None, "browser"
        )
        with pytest.raises(Refusal, match=OWN_MATTER):
            membership.approve(tx, office.rules, reviewer(office, tx, "li"), own.id)
        refused = {entry.outcome for entry in audit.entries(tx, own.id)}
        assert refused == {OWN_MATTER}

    office.store.write(try_it)


def test_a_matter_that_is_no_application_cannot_be_approved(office: Office) -> None:
    def try_it(tx: Tx) -> None:
        case = office.open(tx, unit="riders")
        with pytest.raises(Refusal, match=ROLE):
            membership.approve(tx, office.rules, reviewer(office, tx, "chen"), case.id)

    office.store.write(try_it)


# ---- what is decided


def test_approved_is_entered_with_a_number_and_told(office: Office) -> None:
    def approve(tx: Tx) -> None:
        person, case = apply(office, tx, replace(RIDER, place="城南配送站"))
        member = membership.approve(tx, office.rules, reviewer(office, tx, "chen"), case.id)
        assert member.unit_id == "chengnan"
        assert read_membership_number(member.number) == member.number
        assert member.number.startswith("26-000001-")
        case = cases.get(tx, case.id)
        assert (case.state, case.disposition) == (State.CLOSED, Disposition.RESOLVED)
        assert not any(due.kind == "case.ping" for due in dues.planned(tx, case.id))
        held = people.person(tx, person.id).profile
        assert {name: held[name] for name in membership.ASKED} == asdict(replace(RIDER, place="城南配送站"))
        assert told(tx, person.id)[-1] == "joining.approved"
        assert [entry.outcome for entry in audit.entries(tx, case.id) if entry.act == "review"] == ["done"]

    office.store.write(approve)


def test_declined_keeps_nothing_in_the_profile_and_takes_the_consent_back(office: Office) -> None:
    def decline(tx: Tx) -> None:
        person, case = apply(office, tx)
        membership.decline(tx, office.rules, reviewer(office, tx, "chen"), case.id, "不在本市干活")
        assert people.person(tx, person.id).profile == {}
        assert not people.has_consent(tx, person.id, membership.JOINING)
        assert people.member(tx, person.id) is None
        assert told(tx, person.id)[-1] == "joining.declined"
        with pytest.raises(Refusal, match=r"joining\.decided"):
            worker.reopen(tx, office.rules, person.id, case.id)

    office.store.write(decline)


def test_it_is_decided_once(office: Office) -> None:
    def twice(tx: Tx) -> None:
        person, case = apply(office, tx)
        chen = reviewer(office, tx, "chen")
        number = membership.approve(tx, office.rules, chen, case.id).number
        with pytest.raises(Refusal, match=r"case\.closed"):
            membership.decline(tx, office.rules, chen, case.id, "改主意了")
        found = people.member(tx, person.id)
        assert found is not None
        assert (found.number, found.active) == (number, True)

    office.store.write(twice)


def test_nobody_applies_twice_at_once(office: Office) -> None:
    def twice(tx: Tx) -> None:
        person, case = apply(office, tx)
        with pytest.raises(Refusal, match=r"joining\.already_applied"):
            membership.apply(tx, office.rules, person, RIDER, None, "browser")
        membership.approve(tx, office.rules, reviewer(office, tx, "chen"), case.id)
        with pytest.raises(Refusal, match=r"joining\.already_member"):
            membership.apply(tx, office.rules, person, RIDER, None, "browser")

    office.store.write(twice)


def test_a_withdrawn_application_comes_back_only_while_no_other_followed(office: Office) -> None:
    def withdraw(tx: Tx) -> tuple[Person, Case]:
        person, first = apply(office, tx)
        worker.withdraw(tx, office.rules, person.id, first.id)
        assert worker.reopen(tx, office.rules, person.id, first.id).state is State.SUBMITTED
        worker.withdraw(tx, office.rules, person.id, first.id)
        return person, first

    def follow(tx: Tx, person: Person, first: Case) -> None:
        membership.apply(tx, office.rules, person, RIDER, None, "browser")
        with pytest.raises(Refusal, match=r"joining\.decided"):
            worker.reopen(tx, office.rules, person.id, first.id)

    person, first = office.store.write(withdraw)
    office.at("2026-11-24 10:05")
    office.store.write(lambda tx: follow(tx, person, first))


# ---- what a membership is


def test_numbers_are_given_once_and_come_back_to_who_had_them(office: Office) -> None:
    def join(tx: Tx) -> tuple[Person, str]:
        person, case = apply(office, tx)
        return person, membership.approve(tx, office.rules, reviewer(office, tx, "chen"), case.id).number

    first, number = office.store.write(join)
    _, second = office.store.write(join)
    office.store.write(lambda tx: membership.leave(tx, first))
    _, third = office.store.write(join)
    assert len({number, second, third}) == 3

    def again(tx: Tx) -> str:
        people.give_consent(tx, first.id, membership.JOINING, membership.CONSENT_VERSION)
        case = membership.apply(tx, office.rules, first, RIDER, None, "browser")
        return membership.approve(tx, office.rules, reviewer(office, tx, "chen"), case.id).number

    left = office.store.read(lambda tx: people.member(tx, first.id))
    assert left is not None
    assert not left.active
    assert office.store.write(again) == number


def test_leaving_ends_the_consent_and_can_be_done_once(office: Office) -> None:
    def leave(tx: Tx) -> None:
        person, case = apply(office, tx)
        membership.approve(tx, office.rules, reviewer(office, tx, "chen"), case.id)
        membership.leave(tx, person)
        assert not people.has_consent(tx, person.id, membership.JOINING)
        with pytest.raises(Refusal, match=r"joining\.not_member"):
            membership.leave(tx, person)

    office.store.write(leave)


def test_a_number_used_twice_is_seen_by_reviewers_and_stops_nobody(office: Office) -> None:
    def join(tx: Tx) -> None:
        person, case = apply(office, tx)
        assert people.others_with_phone(tx, person.id, RIDER.phone) == 0
        membership.approve(tx, office.rules, reviewer(office, tx, "chen"), case.id)
        other, _ = apply(office, tx)
        assert people.others_with_phone(tx, other.id, RIDER.phone) == 1
        membership.leave(tx, person)
        assert people.others_with_phone(tx, other.id, RIDER.phone) == 0

    office.store.write(join)


def test_how_somebody_works_says_when_they_are_left_in_peace(office: Office) -> None:
    def quiet(tx: Tx, employment: str, employer: str) -> bool:
        person, case = apply(office, tx, replace(RIDER, employment=employment, employer=employer))
        name = {"蜂信": "chen", "通途约车": "zhou"}[employer]
        membership.approve(tx, office.rules, reviewer(office, tx, name), case.id)
        found = people.person(tx, person.id)
        assert (Tag.PLATFORM in found.profile["tags"]) == bool(
            set(RIDER_RUSH) & set(notices.quiet_hours(found))
        )
        return Tag.PLATFORM in found.profile["tags"]

    assert office.store.write(lambda tx: quiet(tx, "crowd", "蜂信"))
    assert office.store.write(lambda tx: quiet(tx, "employee", "通途约车"))
    assert not office.store.write(lambda tx: quiet(tx, "employee", "蜂信"))


def test_muting_holds_back_no_decision(office: Office) -> None:
    def decide(tx: Tx) -> None:
        person, case = apply(office, tx)
        people.heard_from(tx, people.accounts_of(tx, person.id)[0].id)
        profile.mute(tx, person.id, profile.FOR_GOOD)
        membership.approve(tx, office.rules, reviewer(office, tx, "chen"), case.id)
        rows = personal.export(tx, people.person(tx, person.id))["outbox"]
        assert [row["state"] for row in rows] == ["pending"]

    office.store.write(decide)
