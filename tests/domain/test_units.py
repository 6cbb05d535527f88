"""The laws of the tree of units (R35)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Tree, Unit, UnitId, UnitKind


def unit(name: str, above: str | None, *, workplace: bool = False) -> Unit:
    """A unit whose kind does not matter."""
    parent = None if above is None else UnitId(above)
    return Unit(UnitId(name), parent, UnitKind.REGION, name, "cn", workplace)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Any tree of up to twelve units, workplaces only beneath workplaces or areas."""
    grown = [unit("u0", None)]
    for number in range(1, draw(st.integers(1, 12))):
        above = draw(st.sampled_from(grown))
        workplace = above.workplace or draw(st.booleans())
        grown.append(unit(f"u{number}", above.id, workplace=workplace))
    return Tree(draw(st.permutations(grown)))


@given(trees())
def test_every_path_leads_up_to_the_one_root(tree: Tree) -> None:
    for one in tree:
        path = tree.path_up(one.id)
        assert path[0] is one
        assert path[-1] is tree.root
        assert [below.parent_id for below in path] == [*(above.id for above in path[1:]), None]


@given(trees())
def test_above_and_beneath_are_the_same_relation(tree: Tree) -> None:
    for above in tree:
        beneath = tree.subtree(above.id)
        assert beneath == {one.id for one in tree if above in tree.path_up(one.id)}
        assert beneath == {one.id for one in tree if tree.covers(above.id, one.id)}
    assert tree.subtree(tree.root.id) == {one.id for one in tree}


@given(trees())
def test_two_units_cover_each_other_only_when_they_are_one(tree: Tree) -> None:
    for one in tree:
        for other in tree:
            both = tree.covers(one.id, other.id) and tree.covers(other.id, one.id)
            assert both == (one is other)


@given(trees())
def test_the_area_union_is_the_nearest_above_that_is_no_workplace(tree: Tree) -> None:
    for one in tree:
        area = tree.area_union(one.id)
        assert area is not None
        assert not area.workplace
        path = tree.path_up(one.id)
        assert all(below.workplace for below in path[: path.index(area)])


def test_a_union_of_one_workplace_has_no_area_union() -> None:
    tree = Tree([unit("works", None, workplace=True), unit("shop", "works", workplace=True)])
    assert tree.area_union(UnitId("shop")) is None


@pytest.mark.parametrize(
    ("units", "fault"),
    [
        ([], "one topmost unit, not 0"),
        ([unit("a", None), unit("b", None)], "one topmost unit, not 2"),
        ([unit("a", None), unit("a", None)], "given twice"),
        ([unit("a", None), unit("b", "gone")], "'gone', which does not exist"),
        ([unit("a", "a")], "ring"),
        ([unit("root", None), unit("a", "b"), unit("b", "a")], "ring"),
        ([unit("works", None, workplace=True), unit("area", "works")], "must be marked as one"),
        (
            [unit("root", None), unit("works", "root", workplace=True), unit("shop", "works")],
            "must be marked as one",
        ),
    ],
)
def test_what_is_no_tree_is_refused_at_once(units: list[Unit], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Tree(units)
