"""What follows from the sort of a matter until a cadre decides otherwise."""

from dataclasses import dataclass

from domain.cases import Kind, Reader, Route, Track


@dataclass(frozen=True, slots=True)
class CaseTerms:
    """How a matter is routed, limited and read (R9, R10, R11).

    Attributes:
        short: coordination within 3 working days instead of 5.
        level: whose union reads it unless the worker chose.
    """

    key: str
    kind: Kind
    route: Route
    short: bool
    track: Track
    level: Reader
    against_employer: bool = False
    sensitive: bool = False


# Reviewed where the worker works; the employer's own people never see it, see `domain.roles`.
APPLICATION = CaseTerms(
    key="application",
    kind=Kind.APPLICATION,
    route=Route.COORDINATION,
    short=True,
    track=Track.GENERAL,
    level=Reader.WORKPLACE,
)
