"""What a form shows: its questions with their buttons, the review page, what to change, whether to stop."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from talk import abroad, answers
from talk.abroad import Crossing
from talk.answers import Unanswered
from talk.forms import Form, Guide, Option, Question, Sort
from talk.reply import Choice, Say, Value
from talk.runs import CANCEL, CHANGE, REVIEW, Run

PER_PAGE = 6


class Pages:
    """The pages of one form for one reader; `crossing` when their channel carries words abroad."""

    def __init__(self, form: type[Form], guide: Guide, crossing: Crossing | None) -> None:
        self.form = form
        self.guide = guide
        self.crossing = crossing

    def page(self, run: Run) -> Say:
        """What is shown where the run stands."""
        if run.at == REVIEW:
            return self._review(run)
        if run.at == CHANGE:
            return self._change(run)
        if run.at == CANCEL:
            rows = ((_button("drop"), Choice("form.back", label="kit.button.keep")),)
            return Say("kit.cancel_ask", choices=rows)
        if self.crossing is not None and abroad.waiting_for(run):
            what = self._label(self.named(run, abroad.waiting_for(run)))
            return abroad.consent_page(what, self.crossing, without=self._can_be_anonymous(run))
        return self._question_page(self.named(run, run.at), run)

    def _question_page(self, question: Question, run: Run) -> Say:
        options = self.options(question, run)
        rows = [*self._option_rows(options, run.page), tuple(self._way_row(question, run))]
        if question.name == run.first:
            rows.extend(abroad.elsewhere_row(self.crossing))
        values: dict[str, Value] = {**question.values}
        if "number" in run.subject:
            values["number"] = run.subject["number"]
        key = question.prompt
        if question.words:
            key, values = "kit.plain", {"words": {"$text": dict(question.words)}}
        if question.sort is Sort.FILES and run.draft.get(question.name):
            values = {**values, "count": len(run.draft[question.name]["items"])}
        if self.crossing is not None:
            key, values = abroad.with_warning(question, key, values)
        ask: Literal["", "contact", "location"] = ""
        if question.sort is Sort.PHONE:
            ask = "contact"
        elif question.sort is Sort.PLACE:
            ask = "location"
        return Say(key, values=values, choices=tuple(row for row in rows if row), ask=ask)

    def _option_rows(self, options: Sequence[Option], page: int) -> list[tuple[Choice, ...]]:
        start = (page * PER_PAGE) % max(len(options), 1)
        shown = options[start : start + PER_PAGE]
        choices = [
            Choice("form.pick", label=o.label, words=self._option_words(o), args={"value": o.id})
            for o in shown
        ]
        if len(options) > PER_PAGE:
            choices.append(Choice("form.more", label="kit.button.more"))
        wide = any(len(choice.words) > 12 for choice in choices)
        per_row = 1 if wide else 2
        return [tuple(choices[i : i + per_row]) for i in range(0, len(choices), per_row)]

    def _option_words(self, option: Option) -> str:
        if isinstance(option.words, str):
            return option.words
        return option.words.get(self.guide.language) or option.words["zh"]

    def _way_row(self, question: Question, run: Run) -> list[Choice]:
        row = []
        first = next(iter(self.questions(run)), None)
        if run.editing or (first is not None and first.name != question.name):
            row.append(_button("back"))
        has = question.name in run.draft
        if has and question.sort in (Sort.FILES, Sort.TELL):
            row.append(_button("done"))
        elif has:
            row.append(Choice("form.keep", label="kit.button.keep_answer"))
        elif question.optional:
            row.append(_button("skip"))
        row.append(_button("later"))
        return row

    def more(self, question: Question, found: Unanswered) -> Say:
        """The receipt for files so far, with room for more."""
        rows = ((_button("done"), _button("later")),)
        full = found.count >= question.most
        return Say("kit.file.full" if full else "kit.file.more", {"count": found.count}, choices=rows)

    def _review(self, run: Run) -> Say:
        lines: list[Value] = [
            {
                "$key": "kit.review.line",
                "values": {"number": i, "label": self._label(q), "answer": self._shown(q, run)},
            }
            for i, q in enumerate(self.lines(run), 1)
        ]
        rows = (
            (_button("send"), Choice("form.change", label="kit.button.edit")),
            (_button("later"), _button("cancel")),
        )
        title = self.form.title(run.draft)
        return Say("kit.review.page", {"title": title, "lines": {"$lines": lines}}, choices=rows)

    def _change(self, run: Run) -> Say:
        choices = [
            Choice(
                "form.change_one",
                label="kit.review.pick",
                values={"number": i, "label": self._label(q)},
                args={"name": q.name},
            )
            for i, q in enumerate(self.lines(run), 1)
        ]
        rows = [tuple(choices[i : i + 2]) for i in range(0, len(choices), 2)]
        return Say("kit.review.edit_ask", choices=(*rows, (_button("back"),)))

    def lines(self, run: Run) -> list[Question]:
        """The questions that have a line on the review page."""
        return [question for question in self.questions(run) if question.shown]

    def _label(self, question: Question) -> Value:
        if question.label_words:
            return {"$text": dict(question.label_words)}
        return {"$key": question.label}

    def _shown(self, question: Question, run: Run) -> Value:
        if question.name not in run.draft:
            return {"$key": "kit.value.skipped"}
        value = run.draft[question.name]
        if question.sort is Sort.DAY and not str(value).startswith(f"{self.guide.today.year}-"):
            return {"$day": value, "year": True}
        return answers.shown(question, value, self.options(question, run))

    def questions(self, run: Run) -> tuple[Question, ...]:
        """The questions this draft needs on this channel."""
        questions = self.form.questions(run.draft, self.guide)
        return questions if self.crossing is None else abroad.asked_there(questions)

    def options(self, question: Question, run: Run) -> Sequence[Option]:
        """The answers a question offers."""
        if isinstance(question.options, str):
            return self.guide.options(question.options, run.draft)
        return question.options

    def named(self, run: Run, name: str) -> Question:
        """The question of this name, or the first when it is gone."""
        questions = self.questions(run)
        return next((q for q in questions if q.name == name), questions[0])

    def _can_be_anonymous(self, run: Run) -> bool:
        rest = replace(run, draft=dict(self.form.without_personal(run.draft)))
        return all(q.optional or q.name in rest.draft for q in self.questions(rest) if q.personal)


def _button(what: str) -> Choice:
    return Choice(f"form.{what}", label=f"kit.button.{what}")
