"""The table of scenarios. Each module adds its own, in the order in which they are to run."""

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Scenario:
    sentence: str
    run: Callable

    @property
    def name(self):
        module = self.run.__module__.rsplit(".", 1)[-1]
        return f"{module}.{self.run.__name__}"


TABLE = []


def scenario(sentence):
    """Adds a function that takes a network to the table, under a sentence that says what holds."""
    def add(function):
        TABLE.append(Scenario(sentence, function))
        return function
    return add


from . import (  # noqa: E402,F401
    opening, paying, forwarding, interrupting, closing, forcing, relaying, cheating, losing, straining)
