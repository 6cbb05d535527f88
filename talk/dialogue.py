"""How a form is asked: order, skip, back, edit, review, cancel, and answers pressed or typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from domain.errors import Refusal
from talk import abroad, answers
from talk.abroad import Crossing
from talk.answers import Answered, Attached, Located, Shared, Unanswered, Wrote
from talk.forms import Form, Guide, Question, Sort
from talk.pages import Pages
from talk.reading import Unread, read_command
from talk.reply import Choice, Say, Value
from talk.runs import CANCEL, CHANGE, REVIEW, Run
from talk.words import Words

MISSED = 3  # tries at one question, after which a person is offered
_WAYS_TYPED = ("form.more", "form.keep", f"form.{abroad.ELSEWHERE}")


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of the kit's own, `form.<what>`."""

    what: str
    args: Mapping[str, Any]


Given = Pressed | Wrote | Attached | Located | Shared


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one answer.

    Attributes:
        agreed: the person agreed that what is personal leaves the country.
    """

    run: Run
    says: tuple[Say, ...] = ()
    end: Literal["", "sent", "cancelled", "later", "elsewhere", "person"] = ""
    agreed: bool = False


class Dialogue:
    """One form, one run, one reader; `crossing` when their channel carries words abroad."""

    def __init__(
        self, form: type[Form], run: Run, guide: Guide, words: Words, crossing: Crossing | None = None
    ) -> None:
        self.form = form
        self.guide = guide
        self.words = words
        self.pages = Pages(form, guide, crossing)
        self.run = self._standing(run)

    # ---- asking

    def start(self) -> Step:
        """Ask the first question the draft does not answer yet."""
        return self._onward(replace(self.run, first=self._next(self.run).at))

    def ask(self) -> Say:
        """The open question, as it is asked now."""
        return self.pages.page(self.run)

    @property
    def takes_files(self) -> bool:
        """Whether the open question can be answered with pictures, files or voice."""
        return not self._on_page() and self._open_question().sort in (Sort.FILES, Sort.TELL)

    def files(self) -> list[str]:
        """Ids of the files the open question has been given."""
        held = self.run.draft.get(self.run.at)
        return list(held["items"]) if self.takes_files and held else []

    def with_files(self, items: Sequence[str]) -> Run:
        """The run with these files alone under the open question."""
        held = {**self.run.draft[self.run.at], "items": list(items)}
        draft = {**self.run.draft, self.run.at: held}
        if not items and not held["text"]:
            del draft[self.run.at]
        return replace(self.run, draft=draft)

    def so_far(self) -> Say | None:
        """The receipt for the files the open question has been given, if it has any."""
        items = self.files()
        return self.pages.more(self._open_question(), Unanswered(None, len(items))) if items else None

    def take(self, given: Given) -> Step:
        """Take what the person gave to the open question."""
        if isinstance(given, Pressed):
            return self._press(given)
        if isinstance(given, Wrote):
            command = read_command(given.text)
            if command in ("back", "skip", "cancel", "later", "done") and self._commanded(command):
                return self._press(Pressed(command, {}))
        if self._on_page():
            return self._take_on_page(given)
        way = self.typed_way(given) if isinstance(given, Wrote) else None
        if way is not None:
            return self._press(way)
        return self._answer(self._open_question(), given)

    def finished(self) -> Form:
        """The form as it was sent, without answers to questions that no longer apply."""
        names = {question.name for question in self.pages.questions(self.run)}
        extra = {key: value for key, value in self.run.draft.items() if key in names}
        return self.form.model_validate(extra)

    # ---- moving

    def _onward(self, run: Run) -> Step:
        """To the next open question, or to the review page."""
        run = self._next(run)
        if run.at == REVIEW and not self.form.review:
            return Step(run, end="sent")
        return self._at(run)

    def _next(self, run: Run) -> Run:
        for question in self.pages.questions(run):
            if question.name not in run.draft and question.name not in run.skipped:
                return run.moved(question.name, editing=False)
        return run.moved(REVIEW, editing=False)

    def _standing(self, run: Run) -> Run:
        """Where a kept run stands now: its question may be gone, or wait for a consent on this channel."""
        at = abroad.waiting_for(run) or run.at
        if at in ("", REVIEW, CHANGE, CANCEL):
            return run
        question = next((each for each in self.pages.questions(run) if each.name == at), None)
        if question is None:
            return self._next(run)
        held_back = abroad.held_back(question, self.pages.crossing)
        return replace(run, at=f"{abroad.PAGE}{at}" if held_back else at)

    def _at(self, run: Run) -> Step:
        run = self._standing(run)
        return Step(run, (self.pages.page(run),))

    def _on_page(self) -> bool:
        """Whether one of the kit's own pages is open, and no question."""
        return self.run.at in (REVIEW, CHANGE, CANCEL) or bool(abroad.waiting_for(self.run))

    def _agreed(self) -> Step:
        """What is personal may be asked now."""
        if self.pages.crossing is not None:
            self.pages.crossing = replace(self.pages.crossing, agreed=True)
        return replace(self._at(self.run), agreed=True)

    def _nothing_personal(self) -> Step:
        """On without what is personal, as far as the form can be sent without it."""
        run = replace(self.run, draft=dict(self.form.without_personal(self.run.draft)))
        for question in self.pages.questions(run):
            if question.personal and question.optional and question.name not in run.draft:
                run = run.passed_over(question.name)
        return self._onward(run)

    def _back(self) -> Step:
        run = replace(self.run, at=abroad.waiting_for(self.run) or self.run.at)
        names = [question.name for question in self.pages.questions(run)]
        if run.at in (CHANGE, CANCEL) or run.editing:
            return self._at(run.moved(REVIEW, editing=False)) if self._complete() else self._onward(run)
        before = names[: names.index(run.at)] if run.at in names else names
        return self._at(run.moved(before[-1])) if before else self._at(run)

    def _complete(self) -> bool:
        run = self.run
        return all(q.name in run.draft or q.name in run.skipped for q in self.pages.questions(run))

    def _press(self, press: Pressed) -> Step:
        run = self.run
        match press.what:
            case "back":
                return self._back()
            case "later":
                return Step(run, end="later")
            case "cancel" if run.at != CANCEL:
                return self._at(run.moved(CANCEL))
            case "cancel" | "drop":
                return Step(run, end="cancelled")
            case abroad.ELSEWHERE:
                return Step(run, end="elsewhere")
            case "person":
                return Step(run, end="person")
            case abroad.AGREE if abroad.waiting_for(run):
                return self._agreed()
            case abroad.WITHOUT if abroad.waiting_for(run):
                return self._nothing_personal()
            case "send" if run.at == REVIEW:
                return Step(run, end="sent") if self._complete() else self._onward(run)
            case "change" if run.at == REVIEW:
                return self._at(run.moved(CHANGE))
            case "change_one" | "pick" | "skip" | "done" | "keep" | "more":
                return self._press_in_question(press)
        return self._onward(run)

    def _press_in_question(self, press: Pressed) -> Step:
        run = self.run
        if press.what == "change_one":
            return self._at(run.moved(str(press.args["name"]), editing=True))
        if self._on_page():
            return Step(run, end="sent") if press.what == "done" and run.at == REVIEW else self._onward(run)
        question = self._open_question()
        if press.what == "more":
            return self._at(replace(run, page=run.page + 1))
        if press.what == "pick":
            return self._settle(run.answered(question.name, press.args["value"]))
        if question.name in run.draft:  # done with files, or kept as it was
            return self._settle(run)
        if question.optional:
            return self._settle(run.passed_over(question.name))
        return self._fault(question, Unread("kit.fault.empty"))

    def _settle(self, run: Run) -> Step:
        """After an answer: on, or back to the review page when it was an edit."""
        return self._onward(run.moved(REVIEW) if run.editing else run)

    # ---- answering

    def _answer(self, question: Question, given: Given) -> Step:
        run = self.run
        options = self.pages.options(question, run)
        try:
            found = answers.read(question, given, options, self.guide, run.draft.get(question.name))
        except Refusal as fault:
            return self._fault(question, fault)
        if isinstance(found, Unanswered):
            return Step(run.answered(question.name, found.so_far), (self.pages.more(question, found),))
        assert isinstance(found, Answered)
        return self._settle(run.answered(question.name, found.value))

    def _fault(self, question: Question, fault: Refusal) -> Step:
        run = replace(self.run, faults=self.run.faults + 1)
        asked = self.pages.page(run)
        values: dict[str, Value] = {
            "fault": {"$key": fault.key, "values": cast(dict[str, Value], fault.values)},
            "question": {"$key": asked.key, "values": asked.values},
        }
        rows = asked.choices
        if self.form.person and run.faults >= MISSED:
            rows = (*rows, (Choice("form.person", label="kit.button.person"),))
        return Step(run, (replace(asked, key="kit.again", values=values, choices=rows),))

    def _take_on_page(self, given: Given) -> Step:
        run = self.run
        number = answers.read_line(given, len(self.pages.lines(run))) if run.at in (REVIEW, CHANGE) else None
        if number is not None:
            return self._at(run.moved(self.pages.lines(run)[number - 1].name, editing=True))
        if run.at == CANCEL and isinstance(given, Wrote):
            yes = answers.says_yes(given)
            if yes is not None:
                return Step(run, end="cancelled") if yes else self._back()
        if isinstance(given, Wrote):
            chosen = answers.read_label(given, self.pages.page(run).choices, self.words, self.guide.language)
            if chosen is not None:
                return self._press(Pressed(chosen.action.removeprefix("form."), chosen.args))
        asked = self.pages.page(run)
        kept = isinstance(given, Attached)
        values: dict[str, Value] = {
            "fault": {"$key": "kit.fault.file_kept" if kept else "kit.fault.not_choice"},
            "question": {"$key": asked.key, "values": asked.values},
        }
        return Step(run, (replace(asked, key="kit.again", values=values),))

    def _commanded(self, command: str) -> bool:
        """Whether a typed command means the command here and is not the answer itself."""
        if self._on_page():
            return command != "skip"
        question = self._open_question()
        if command == "skip":
            return question.optional
        if command == "done":
            return question.sort in (Sort.FILES, Sort.TELL)
        return True

    def typed_way(self, given: Wrote) -> Pressed | None:
        """A way on that stands on a button beside the answers, typed in full; anything less is an answer."""
        shown = (choice for row in self.pages.page(self.run).choices for choice in row)
        ways = [choice for choice in shown if choice.action in _WAYS_TYPED]
        chosen = answers.read_whole_label(given.text, ways, self.words, self.guide.language)
        return None if chosen is None else Pressed(chosen.action.removeprefix("form."), chosen.args)

    def _open_question(self) -> Question:
        return self.pages.named(self.run, self.run.at)
