"""The table of scenarios. Each module adds its own, in the order in which they are to run."""

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Scenario:
    sentence: str
    run: Callable
    # Whether it mines hundreds of blocks, or restarts nodes many times.
    is_long: bool
    # Whether it teaches its chain what must not be there for the next scenario.
    spoils_chain: bool

    @property
    def name(self):
        module = self.run.__module__.rsplit(".", 1)[-1]
        return f"{module}.{self.run.__name__}"


TABLE = []


def scenario(sentence, is_long=False, spoils_chain=False):
    """Adds a function that takes a network to the table, under a sentence that says what holds."""
    def add(function):
        TABLE.append(Scenario(sentence, function, is_long, spoils_chain))
        return function
    return add


from . import (  # noqa: E402,F401
    opening, paying, forwarding, interrupting, closing, forcing, reorganizing, relaying, cheating, losing,
    straining)
