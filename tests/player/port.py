"""What the player needs of a way in: to act as a person there, and to look at their screens."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.app import Steward
from bot.channels.contract import Channel
from storage.tx import Tx
from tests.player.acts import Act
from tests.player.screen import Screen


class Impossible(Exception):
    """This platform has no such thing; the line is left out on it."""


class Port(Protocol):
    """One way in, with everybody's phones; it outlives the process that is tested."""

    name: str

    def channels(self) -> Sequence[Channel]:
        """The channels a process is started with, beside the browser chat."""

    async def attach(self, steward: Steward) -> None:
        """Talk to this process from now on."""

    async def arrive(self, name: str, language: str) -> None:
        """Somebody takes out their phone for the first time."""

    def give_door(self, tx: Tx, name: str, person_id: str) -> None:
        """Let a cadre who is known already use this way in."""

    async def act(self, name: str, act: Act) -> None:
        """Do something; it is in the inbox afterwards.

        Raises:
            Impossible: the platform has no such thing.
        """

    async def again(self) -> None:
        """The platform delivers the last thing once more."""

    async def look(self) -> Mapping[str, Screen]:
        """Everybody's screen, in the order people are known."""

    def handle(self, name: str, label: str) -> str:
        """The handle of the newest button with these words that a person was ever shown; empty for none."""
