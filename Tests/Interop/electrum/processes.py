"""Programs that the scenarios run, each with a log of its own, and none left behind."""

import ctypes
import os
import signal
import socket
import subprocess
import threading

from waiting import PATIENCE, Timeout

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_running = set()
_lock = threading.Lock()
_is_closed = False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Ended(Exception):
    """A program that has ended by itself, for which no wait helps."""


class Interrupted(Exception):
    """Nothing is to be started any more."""


class Process:
    """A program in a session of its own, which the kernel ends with the thread that started it."""

    def __init__(self, arguments, log, environment=None):
        self.name = os.path.basename(arguments[0])
        self.log = log
        with _lock:
            if _is_closed:
                raise Interrupted
            with open(log, "ab") as output:
                self._child = subprocess.Popen(
                    arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    env={**os.environ, **(environment or {})}, start_new_session=True,
                    preexec_fn=_die_with_parent)
            _running.add(self)

    @property
    def is_running(self):
        return self._child.poll() is None

    def check(self):
        """Fails where the program has ended by itself."""
        if not self.is_running:
            raise Ended(
                f"{self.name} ended with {self._child.returncode}; the end of {self.log}:\n"
                + last_lines(self.log, 20))

    def stop(self):
        """Asks the program to end."""
        self._child.terminate()
        self.wait()

    def wait(self, patience=PATIENCE):
        """Waits for the end of a program that was asked to end."""
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            raise Timeout(f"after {patience} s: {self.name} has not ended") from None
        finally:
            self.kill()

    def kill(self):
        """Ends the program and its children at once, as a power failure would."""
        try:
            os.killpg(self._child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._child.wait()
        with _lock:
            _running.discard(self)


def is_interrupted():
    return _is_closed


def kill_all():
    """Ends everything, and lets nothing be started any more."""
    global _is_closed
    with _lock:
        _is_closed = True
        left = list(_running)
    for process in left:
        process.kill()


def last_lines(path, count):
    try:
        with open(path, errors="replace") as file:
            return "".join(file.readlines()[-count:])
    except OSError as error:
        return str(error)
