"""Who may do what to which case: the whole matrix, and laws no combination breaks (R9, R35; P9, P10)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import Kind, Reader
from domain.people import PersonId
from domain.roles import (
    ALLOWED,
    KEPT,
    NOT_FOUND,
    OWN_MATTER,
    REFUSALS,
    ROLE,
    UNIT_ACTS,
    Act,
    Actor,
    CaseSubject,
    Post,
    Role,
    UnitSubject,
    decide,
    may,
)
from domain.units import Tree, Unit, UnitId, UnitKind

CITY, DISTRICT, WORKS, SHOP, RIDERS, STATION = map(
    UnitId, ("city", "district", "works", "shop", "riders", "station")
)
TREE = Tree(
    [
        Unit(CITY, None, UnitKind.FEDERATION, "城市", "cn", workplace=False),
        Unit(DISTRICT, CITY, UnitKind.REGION, "区", "cn", workplace=False),
        Unit(WORKS, DISTRICT, UnitKind.ENTERPRISE, "厂", "cn", workplace=True),
        Unit(SHOP, WORKS, UnitKind.GROUP, "车间", "cn", workplace=True),
        Unit(RIDERS, CITY, UnitKind.SECTOR, "骑手", "cn", workplace=False),
        Unit(STATION, RIDERS, UnitKind.SITE, "站点", "cn", workplace=True),
    ]
)
CADRE, WORKER, MANAGER = map(PersonId, ("cadre", "worker", "manager"))
CASE_ACTS = [act for act in Act if act not in UNIT_ACTS]
CONTENT = [act for act in CASE_ACTS if act not in {Act.SUPERVISE, Act.ACKNOWLEDGE, Act.PASS_ON, Act.TAKE}]
READERS_OF_SENSITIVE = {Role.COMMITTEE, Role.CHAIR, Role.LEGAL}

UNITS = st.sampled_from([unit.id for unit in TREE])
POSTS = st.builds(Post, unit=UNITS, role=st.sampled_from(Role), employer_side=st.booleans())
ACTORS = st.builds(
    Actor, person=st.sampled_from([CADRE, MANAGER]), posts=st.lists(POSTS, max_size=3).map(tuple)
)
CASES = st.builds(
    CaseSubject,
    unit=UNITS,
    kind=st.sampled_from(Kind),
    reader=st.sampled_from(Reader),
    worker=st.sampled_from([WORKER, CADRE, None]),
    concerns=st.frozensets(st.sampled_from([MANAGER, WORKER])),
    against_employer=st.booleans(),
    sensitive=st.booleans(),
)
ACTS = st.sampled_from(Act)


def case(unit: UnitId = WORKS, reader: Reader = Reader.WORKPLACE, kind: Kind = Kind.HELP) -> CaseSubject:
    """A plain matter of a worker."""
    return CaseSubject(unit, kind, reader, WORKER)


def key(role: Role, unit: UnitId, act: Act, subject: CaseSubject | UnitSubject) -> str | None:
    """The refusal a cadre with one post gets, or None."""
    refused = decide(Actor(CADRE, (Post(unit, role),)), act, subject, TREE)
    return None if refused is None else refused.key


MATRIX = """
                group_leader liaison committee chair legal admin
supervise       yes          yes     yes       yes   yes   no
acknowledge     yes          yes     yes       yes   yes   no
read            yes          yes     yes       yes   yes   no
take            yes          yes     yes       yes   yes   no
reply           yes          yes     yes       yes   yes   no
ask_worker      yes          yes     yes       yes   yes   no
note            yes          yes     yes       yes   yes   no
pass_on         yes          yes     yes       yes   yes   no
tell_outcome    yes          yes     yes       yes   yes   no
export          no           no      yes       yes   yes   no
review          no           no      yes       yes   no    no
invite          no           no      no        yes   no    yes
manage_roster   no           no      no        yes   no    yes
manage_units    no           no      no        no    no    yes
"""


def test_the_table_of_roles_is_the_one_written_here() -> None:
    head, *rows = [line.split() for line in MATRIX.strip().splitlines()]
    written = {
        (Role(role), Act(act)): answer == "yes"
        for act, *answers in rows
        for role, answer in zip(head, answers, strict=True)
    }
    assert written == {(role, act): may(role, act) for role in Role for act in Act}


@pytest.mark.parametrize("act", CASE_ACTS)
@pytest.mark.parametrize("role", [Role.GROUP_LEADER, Role.LIAISON, Role.COMMITTEE, Role.CHAIR])
def test_in_the_cases_own_unit_the_role_decides(role: Role, act: Act) -> None:
    allowed = may(role, act) and act is not Act.REVIEW
    assert key(role, WORKS, act, case()) == (None if allowed else ROLE)


@pytest.mark.parametrize("act", Act)
def test_the_administrator_sees_no_case(act: Act) -> None:
    assert key(Role.ADMIN, CITY, act, case()) == NOT_FOUND


@pytest.mark.parametrize("act", [Act.READ, Act.TAKE, Act.TELL_OUTCOME, Act.EXPORT])
def test_legal_aid_sees_legal_cases_beneath_it_and_no_others(act: Act) -> None:
    asked = case(DISTRICT, Reader.AREA, Kind.LEGAL)
    assert key(Role.LEGAL, CITY, act, asked) is None
    assert key(Role.LEGAL, CITY, act, replace(asked, kind=Kind.HELP)) == NOT_FOUND
    assert key(Role.LEGAL, RIDERS, act, asked) == NOT_FOUND


@pytest.mark.parametrize("act", CASE_ACTS)
@pytest.mark.parametrize("unit", [WORKS, SHOP])
def test_what_the_worker_kept_from_the_workplace_does_not_exist_there(unit: UnitId, act: Act) -> None:
    for role in Role:
        assert key(role, unit, act, case(unit, Reader.AREA)) == NOT_FOUND


@pytest.mark.parametrize("act", CASE_ACTS)
def test_an_application_kept_from_the_workplace_is_reviewed_by_the_area(act: Act) -> None:
    joining = case(STATION, Reader.AREA, Kind.APPLICATION)
    assert key(Role.CHAIR, STATION, act, joining) == NOT_FOUND
    assert key(Role.CHAIR, RIDERS, act, joining) is None


@pytest.mark.parametrize("act", CONTENT)
def test_what_was_told_to_the_workplace_is_supervised_from_above_unread(act: Act) -> None:
    expected = ROLE if act is Act.REVIEW else KEPT
    assert key(Role.CHAIR, DISTRICT, act, case(SHOP)) == expected
    assert key(Role.CHAIR, DISTRICT, Act.SUPERVISE, case(SHOP)) is None


def test_a_unit_above_takes_the_case_up_and_then_reads_it() -> None:
    waiting = case(SHOP)
    assert key(Role.CHAIR, DISTRICT, Act.TAKE, waiting) is None
    assert key(Role.CHAIR, DISTRICT, Act.READ, replace(waiting, unit=DISTRICT)) is None


def test_within_the_workplace_the_unit_above_reads_with_it() -> None:
    assert key(Role.CHAIR, WORKS, Act.READ, case(SHOP)) is None


@pytest.mark.parametrize("act", [Act.READ, Act.TAKE, Act.REPLY])
def test_a_sensitive_matter_is_kept_from_group_leaders_and_liaisons(act: Act) -> None:
    matter = replace(case(DISTRICT, Reader.AREA), sensitive=True)
    assert key(Role.GROUP_LEADER, DISTRICT, act, matter) == KEPT
    assert key(Role.LIAISON, DISTRICT, act, matter) == KEPT
    assert key(Role.COMMITTEE, DISTRICT, act, matter) is None


def test_a_sensitive_matter_is_read_only_in_its_own_unit() -> None:
    matter = replace(case(DISTRICT, Reader.AREA), sensitive=True)
    assert key(Role.CHAIR, CITY, Act.READ, matter) == KEPT
    assert key(Role.CHAIR, CITY, Act.ACKNOWLEDGE, matter) is None


@pytest.mark.parametrize("act", CASE_ACTS)
def test_nobody_handles_their_own_matter(act: Act) -> None:
    own = replace(case(), worker=CADRE)
    assert key(Role.CHAIR, WORKS, act, own) == OWN_MATTER


@pytest.mark.parametrize("act", CASE_ACTS)
def test_the_one_complained_of_does_not_learn_of_it(act: Act) -> None:
    about_me = replace(case(), concerns=frozenset({CADRE}))
    assert key(Role.CHAIR, WORKS, act, about_me) == NOT_FOUND


@pytest.mark.parametrize("act", CASE_ACTS)
def test_who_speaks_for_the_employer_sees_nothing_against_the_employer(act: Act) -> None:
    actor = Actor(CADRE, (Post(WORKS, Role.CHAIR, employer_side=True),))
    refused = decide(actor, act, replace(case(), against_employer=True), TREE)
    assert refused is not None
    assert refused.key == NOT_FOUND


@pytest.mark.parametrize("act", CASE_ACTS)
@pytest.mark.parametrize("unit", [WORKS, DISTRICT])
def test_who_speaks_for_the_employer_does_not_learn_who_joins(act: Act, unit: UnitId) -> None:
    actor = Actor(CADRE, (Post(unit, Role.CHAIR, employer_side=True),))
    refused = decide(actor, act, case(kind=Kind.APPLICATION), TREE)
    assert refused is not None
    assert refused.key == NOT_FOUND


@pytest.mark.parametrize("role", [Role.GROUP_LEADER, Role.LIAISON, Role.LEGAL])
def test_applications_are_opened_by_reviewers_only(role: Role) -> None:
    joining = case(kind=Kind.APPLICATION)
    assert key(role, WORKS, Act.READ, joining) in {ROLE, NOT_FOUND}
    assert key(Role.COMMITTEE, WORKS, Act.REVIEW, joining) is None


@pytest.mark.parametrize(
    ("role", "unit", "granted", "expected"),
    [
        (Role.CHAIR, WORKS, Role.GROUP_LEADER, None),
        (Role.CHAIR, WORKS, Role.CHAIR, ROLE),
        (Role.CHAIR, WORKS, Role.ADMIN, ROLE),
        (Role.CHAIR, RIDERS, Role.GROUP_LEADER, ROLE),
        (Role.ADMIN, CITY, Role.ADMIN, None),
        (Role.ADMIN, CITY, Role.CHAIR, None),
        (Role.COMMITTEE, WORKS, Role.GROUP_LEADER, ROLE),
    ],
)
def test_an_invitation_gives_no_more_than_its_maker_may_give(
    role: Role, unit: UnitId, granted: Role, expected: str | None
) -> None:
    assert key(role, unit, Act.INVITE, UnitSubject(SHOP, granted)) == expected


def test_units_are_managed_beneath_the_administrators_own() -> None:
    assert key(Role.ADMIN, RIDERS, Act.MANAGE_UNITS, UnitSubject(STATION)) is None
    assert key(Role.ADMIN, RIDERS, Act.MANAGE_UNITS, UnitSubject(WORKS)) == ROLE
    assert key(Role.CHAIR, CITY, Act.READ, UnitSubject(WORKS)) == ROLE


@given(ACTORS, ACTS, CASES)
def test_every_answer_is_none_or_in_known_words(actor: Actor, act: Act, subject: CaseSubject) -> None:
    refused = decide(actor, act, subject, TREE)
    assert refused is None or refused.key in REFUSALS


@given(ACTORS, ACTS, CASES)
def test_moving_a_case_out_of_every_subtree_always_refuses(
    actor: Actor, act: Act, subject: CaseSubject
) -> None:
    for unit in TREE:
        if not any(TREE.covers(post.unit, unit.id) for post in actor.posts):
            assert decide(actor, act, replace(subject, unit=unit.id), TREE) is not None


@given(ACTORS, ACTS, CASES)
def test_nothing_outside_ones_reach_tells_that_it_exists(
    actor: Actor, act: Act, subject: CaseSubject
) -> None:
    if subject.worker != actor.person and not any(
        TREE.covers(post.unit, subject.unit) for post in actor.posts
    ):
        refused = decide(actor, act, subject, TREE)
        assert refused is not None
        assert refused.key == NOT_FOUND


@given(ACTORS, ACTS, CASES)
def test_whoever_may_read_a_sensitive_matter_sits_in_its_unit(
    actor: Actor, act: Act, subject: CaseSubject
) -> None:
    if act in CONTENT and decide(actor, act, replace(subject, sensitive=True), TREE) is None:
        assert any(post.unit == subject.unit and post.role in READERS_OF_SENSITIVE for post in actor.posts)


@given(ACTORS, ACTS, CASES)
def test_keeping_it_from_the_workplace_never_opens_it_to_a_workplace(
    actor: Actor, act: Act, subject: CaseSubject
) -> None:
    if decide(actor, act, replace(subject, reader=Reader.AREA), TREE) is None:
        assert any(not TREE[post.unit].workplace for post in actor.posts)


@given(ACTORS, ACTS, CASES, POSTS)
def test_another_post_takes_no_right_away_unless_it_speaks_for_the_employer(
    actor: Actor, act: Act, subject: CaseSubject, post: Post
) -> None:
    both = replace(actor, posts=(*actor.posts, post))
    if post.employer_side and subject.against_employer:
        assert decide(both, act, subject, TREE) is not None
    elif decide(actor, act, subject, TREE) is None:
        assert decide(both, act, subject, TREE) is None


@given(ACTORS, ACTS, CASES)
def test_no_allowed_act_lies_outside_the_table(actor: Actor, act: Act, subject: CaseSubject) -> None:
    if decide(actor, act, subject, TREE) is None:
        assert any(act in ALLOWED[post.role] for post in actor.posts)
