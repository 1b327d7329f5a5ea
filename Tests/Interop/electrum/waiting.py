"""Waiting for what other processes do: for states, never for a time."""

import threading
import time

# What one step may take on a loaded machine.
PATIENCE = 180


class Failure(Exception):
    """What a scenario says went wrong."""


class Timeout(Failure):
    """A state that did not come."""


def expect(condition, what):
    if not condition:
        raise Failure(what)


def eventually(what, condition, patience=PATIENCE):
    """Returns the first true value of the condition; a failing call counts as not yet."""
    deadline = time.monotonic() + patience
    pause = 0.02
    while True:
        try:
            last = condition()
            if last:
                return last
        except (Failure, OSError) as error:
            last = error
        if time.monotonic() > deadline:
            raise Timeout(f"after {patience} s: not {what}; at last {last!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


class Background:
    """A call that runs beside the scenario, such as a payment that is held."""

    def __init__(self, call):
        self._outcome = None
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call):
        try:
            self._outcome = (call(), None)
        except Exception as error:  # handed to whoever asks for the result
            self._outcome = (None, error)

    @property
    def is_done(self):
        return self._outcome is not None

    def result(self, patience=PATIENCE):
        self._thread.join(patience)
        if self._outcome is None:
            raise Timeout(f"after {patience} s: a call has not returned")
        value, error = self._outcome
        if error is not None:
            raise error
        return value
