"""Runs Electrum as a Lightning peer of Salama on a regtest bitcoind, and tears all of it down.

  python3 Tests/Interop/electrum [NAME ...]   the scenarios whose names or sentences contain one of the words
    --quick          leave out those that take long
    --list           print the scenarios instead
    --jobs COUNT     how many run at a time, each on a chain of its own; two for each processor if not given
    --salama FILE    the node to test; .build/release/salama if not given
    --keep           keep what the nodes wrote, also where all is well

It ends with 0 where all scenarios hold, and 1 where one does not. Where Electrum or bitcoind cannot be had, it says that nothing
was tested and ends with 0; with SALAMA_INTEROP_REQUIRED=1 in the environment, with 1.
"""

import argparse
import glob
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from types import SimpleNamespace

import processes
from chain import Chain
from network import Network
from scenarios import TABLE
from waiting import Failure

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
# Where the scenarios have to run, and it is a failure that they cannot.
IS_REQUIRED = bool(os.environ.get("SALAMA_INTEROP_REQUIRED"))


class Unavailable(Exception):
    """A program that this machine does not have and cannot get."""


def ask_script(*arguments):
    """The path that a script of the project prints, which first gets the program if need be."""
    done = subprocess.run(
        [f"{ROOT}/scripts/{arguments[0]}", *arguments[1:]], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Unavailable(done.stderr.strip())
    return done.stdout.strip()


def find_programs(salama):
    ask_script("bitcoind", "path")
    return SimpleNamespace(
        bitcoind_script=f"{ROOT}/scripts/bitcoind", electrum=ask_script("electrum", "path"),
        electrum_server=ask_script("electrum", "server-path"), salama=os.path.abspath(salama))


class Run:
    """The scenarios that are chosen, on some chains side by side."""

    def __init__(self, programs, chosen, folder):
        self._programs, self._folder = programs, folder
        self._left = queue.SimpleQueue()
        for scenario in chosen:
            self._left.put(scenario)
        self._print_lock = threading.Lock()
        self.passed = []

    def work(self, number):
        """Runs scenarios one after another until none is left, on a chain of its own."""
        chain, count = None, 0
        while True:
            try:
                scenario = self._left.get_nowait()
            except queue.Empty:
                break
            began = time.monotonic()
            folder = f"{self._folder}/{scenario.name}"
            os.makedirs(folder)
            try:
                if chain is None:
                    count += 1
                    chain = Chain(self._programs, f"{self._folder}/chain-{number}-{count}")
                self._run(scenario, chain, folder)
                self._tell("ok", began, scenario)
                self.passed.append(scenario)
                if scenario.spoils_chain:
                    chain.stop()
                    chain = None
            except Exception as error:
                if processes.is_interrupted():
                    return
                self._tell("FAILED", began, scenario, self._explain(error, folder))
                # What the scenario has left in the mempool must not disturb the next.
                if chain:
                    chain.stop()
                    chain = None
        if chain:
            chain.stop()

    def _run(self, scenario, chain, folder):
        network = Network(self._programs, chain, folder)
        try:
            scenario.run(network)
        finally:
            network.stop()

    def _explain(self, error, folder):
        if isinstance(error, Failure):
            frames = traceback.extract_tb(error.__traceback__)
            where = "".join(
                f"  {os.path.basename(f.filename)}:{f.lineno}: {f.line}\n" for f in frames if "scenarios" in f.filename)
            where += str(error)
        else:
            where = "".join(traceback.format_exception(error))
        logs = []
        for log in sorted(glob.glob(f"{glob.escape(folder)}/*/*.log")):
            logs.append(f"--- the end of {log}\n{processes.last_lines(log, 15)}")
        return where.rstrip() + "\n" + "".join(logs)

    def _tell(self, verdict, began, scenario, details=""):
        with self._print_lock:
            print(f"{verdict:6} {time.monotonic() - began:6.1f} s  {scenario.sentence}", flush=True)
            if details:
                print(f"       ({scenario.name})\n{details}", flush=True)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="interop", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=2 * len(os.sched_getaffinity(0)))
    parser.add_argument("--salama", default=f"{ROOT}/.build/release/salama")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args(arguments)
    chosen = [
        scenario for scenario in TABLE
        if not (options.quick and scenario.is_long) and (
            not options.names
            or any(name in scenario.name or name in scenario.sentence for name in options.names))]
    if not chosen:
        parser.error("no scenario has such a name; --list prints them")
    if not options.list and not os.access(options.salama, os.X_OK):
        parser.error(f"{options.salama} is no program; `make build` makes it")
    return options, chosen


def interrupt(*_):
    raise KeyboardInterrupt


def main(arguments):
    options, chosen = parse(arguments)
    if options.list:
        for scenario in chosen:
            print(f"{scenario.name:40} {scenario.sentence}")
        return 0
    try:
        programs = find_programs(options.salama)
    except Unavailable as reason:
        print(f"interop: SKIPPED, nothing was tested: {reason}", file=sys.stderr)
        return 1 if IS_REQUIRED else 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    folder = tempfile.mkdtemp(prefix="salama-interop-")
    run = Run(programs, chosen, folder)
    began = time.monotonic()
    workers = [
        threading.Thread(target=run.work, args=(number,), daemon=True)
        for number in range(min(options.jobs, len(chosen)))]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        is_complete = len(run.passed) == len(chosen)
    except KeyboardInterrupt:
        print("interop: interrupted", file=sys.stderr)
        is_complete = False
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        processes.kill_all()
    print(
        f"{len(run.passed)} of {len(chosen)} scenarios hold, {time.monotonic() - began:.0f} s", flush=True)
    if is_complete and not options.keep:
        shutil.rmtree(folder)
    else:
        print(f"interop: the logs are in {folder}", file=sys.stderr)
    return 0 if is_complete else 1


sys.exit(main(sys.argv[1:]))
