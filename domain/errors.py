"""The one error a rule may raise at a person."""


class Refusal(Exception):
    """A rule says no: the person is told why in the words of `key`, and the draft is kept.

    Args:
        key: text key of the sentence the person gets, such as "case.taken".
        values: what fills the placeholders of that sentence.
    """

    key: str
    values: dict[str, object]

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return self.key
