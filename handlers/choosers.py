"""The answers a question offers when only the running union knows them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from casework import cadres
from domain.units import UnitId
from storage import cases, people, union
from talk.forms import Draft, Option

if TYPE_CHECKING:
    from handlers.turn import Turn

Chooser = Callable[["Turn", Draft], Sequence[Option]]
CHOOSERS: dict[str, Chooser] = {}


def chooser(name: str) -> Callable[[Chooser], Chooser]:
    """Register who knows the answers a form names."""

    def register(know: Chooser) -> Chooser:
        if name in CHOOSERS:
            raise ValueError(f"chooser {name!r} is registered twice")
        CHOOSERS[name] = know
        return know

    return register


@chooser("groups")
def groups(turn: "Turn", _draft: Draft) -> Sequence[Option]:
    """The first level of the menu of matters."""
    return [Option(group.key, words=group.label.by_language) for group in turn.rules.categories.groups]


@chooser("categories")
def categories(turn: "Turn", draft: Draft) -> Sequence[Option]:
    """The matters of the chosen group, each openable by its synonyms."""
    found = turn.rules.categories
    listed = found.of_group(draft["group"]) if "group" in draft else tuple(found)
    return [Option(each.key, words=each.label.by_language, also=each.synonyms) for each in listed]


@chooser("employers")
def employers(turn: "Turn", _draft: Draft) -> Sequence[Option]:
    """Employers this worker named before, then those of the unit whose poster they came through, then all."""
    tree, poster = union.tree(turn.tx), turn.session.aside.get("entrance", {}).get("unit")
    near = [unit.id for unit in tree.path_up(UnitId(poster))] if poster in tree else []
    own = [turn.person.profile.get("employer")]
    earlier = [
        cases.body(turn.tx, case).get("employer") for case in cases.of_worker(turn.tx, turn.person.id)[:3]
    ]
    listed = sorted(union.all_employers(turn.tx), key=lambda each: each.unit_id not in near[:2])
    known = {each.name: each.aliases for each in listed}
    names = dict.fromkeys(name for name in (*own, *earlier, *known) if name)
    return [Option(name, words=name, also=known.get(name, ())) for name in names]


@chooser("readers")
def readers(turn: "Turn", _draft: Draft) -> Sequence[Option]:
    """Whose union may read the matter."""
    return [Option(each, label=f"help.reader.option.{each}") for each in ("area", "workplace")]


@chooser("colleagues")
def colleagues(turn: "Turn", _draft: Draft) -> Sequence[Option]:
    """The others of the cadre's own units."""
    found = (people.person(turn.tx, each) for each in cadres.colleagues(turn.tx, turn.person.id))
    return [Option(each.id, words=each.profile.get("name") or each.alias) for each in found]


@chooser("recipients")
def recipients(turn: "Turn", draft: Draft) -> Sequence[Option]:
    """Where a case can be passed: colleagues first, then the units around."""
    tree = union.tree(turn.tx)
    mine = {post.unit for post in turn.actor.posts}
    near = {unit for post in mine for unit in tree.subtree(post)} | {
        above.id for post in mine for above in tree.path_up(UnitId(post))
    }
    units = [Option(f"unit:{u.id}", words=u.name) for u in tree if u.id in near and u.id not in mine]
    others = [Option(f"person:{o.id}", words=o.words) for o in colleagues(turn, draft)]
    return [*others, *units]
