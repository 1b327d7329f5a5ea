#!/usr/bin/env python3
"""Says to a running node what the specification forbids, and checks what the node makes of it.

Every case quotes the rules that it provokes. It runs on a connection, and where it needs one on a channel, of its own,
against `salama start` on the regtest network of `salama chain`. The exit status is 0 where every rule is kept, 1 where
one is broken, and 2 where the cases could not be run.
"""

import argparse
import importlib
import json
import pathlib
import pkgutil
import sys
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import rules
from driver.rules import RULES, Test
from driver.stage import Stage
from driver.wire import Closed, Failed
from driver.world import WorldError

for _module in sorted(module.name for module in pkgutil.iter_modules(rules.__path__)):
    importlib.import_module(f"rules.{_module}")


class Result:
    """How a case went."""

    def __init__(self, case):
        self.case, self.reason, self.seconds, self.trace, self.said = case, None, 0.0, None, []

    def run(self, stage, channel):
        test = Test(stage, stage.nodes[self.case.node], channel)
        start = time.monotonic()
        try:
            self.case.script(test)
        except (Failed, WorldError, Closed) as problem:
            self.reason = str(problem) or type(problem).__name__
            self.trace = traceback.format_exc()
        except Exception as problem:  # A fault of the driver's counts against the case, not against the run.
            self.reason = f"{type(problem).__name__}: {problem}"
            self.trace = traceback.format_exc()
        self.seconds = time.monotonic() - start
        peers = test.peers + ([test.channel.peer] if test.channel else [])
        self.said = [repr(message) for peer in peers for message in peer.heard if message.name in ("warning", "error")]
        for peer in peers:
            peer.leave()
        return self

    def json(self):
        return {
            "name": self.case.name, "bolt": self.case.bolt, "rules": list(self.case.quotes),
            "passed": self.reason is None, "reason": self.reason, "seconds": round(self.seconds, 3)}


def run(cases, program, folder, jobs):
    stage = Stage(program, folder, sorted({"main", *(case.node for case in cases)}))
    try:
        channels = stage.open_all([(case.node, case.channel) for case in cases if case.channel])
        lock = threading.Lock()

        def one(case):
            with lock:
                channel = channels[(case.node, case.channel)].pop() if case.channel else None
            return Result(case).run(stage, channel)
        with ThreadPoolExecutor(jobs) as pool:
            # Those on nodes of their own wait longest, and come first.
            results = list(pool.map(one, sorted(cases, key=lambda case: case.node == "main")))
        results.sort(key=lambda result: (result.case.bolt, cases.index(result.case)))
        for name, node in stage.nodes.items():
            if node.process.process.poll() is not None:
                raise WorldError(f"the node {name} has ended: {node.process.said()[-2000:]}")
        return results
    finally:
        stage.end()


def rules_of(results):
    """The rules by BOLT, each with whether all of its cases passed."""
    kept = {}
    for result in results:
        for quote in result.case.quotes:
            kept.setdefault(result.case.bolt, {})
            kept[result.case.bolt][quote] = kept[result.case.bolt].get(quote, True) and result.reason is None
    return dict(sorted(kept.items()))


def report(results, seconds, verbose):
    for result in results:
        if result.reason is not None:
            print(f"BROKEN  BOLT {result.case.bolt}  {result.case.name}: {result.reason}")
            for quote in result.case.quotes:
                print(f'        "{quote}"')
            if verbose:
                print(result.trace)
        elif verbose:
            print(f"kept    BOLT {result.case.bolt}  {result.case.name}  {result.seconds:.2f} s  {' '.join(result.said)}")
    print(f"{'':10}{'cases':>8}{'rules':>8}{'MUST':>8}{'broken':>8}")
    total = [0, 0, 0, 0]
    for bolt, kept in rules_of(results).items():
        row = [
            sum(result.case.bolt == bolt for result in results), len(kept), sum("MUST" in quote for quote in kept),
            list(kept.values()).count(False)]
        total = [sum(pair) for pair in zip(total, row)]
        print(f"BOLT {bolt:<5}" + "".join(f"{value:>8}" for value in row))
    print(f"{'together':10}" + "".join(f"{value:>8}" for value in total) + f"   in {seconds:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--salama", default=".build/release/salama", help="the program under test")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="cases whose names contain this")
    parser.add_argument("--jobs", type=int, default=8, help="how many cases run at a time")
    parser.add_argument("--folder", help="keeps what the processes write there")
    parser.add_argument("--list", action="store_true", help="list the cases and their rules, and run none")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--verbose", action="store_true", help="print every case, and traces of what failed")
    options = parser.parse_args()
    cases = [
        case for case in RULES if not options.only or any(part in case.name for part in options.only)]
    if options.list:
        for case in cases:
            print(f"{case.name}\n" + "\n".join(f'    BOLT {case.bolt}: "{quote}"' for quote in case.quotes))
        return 0
    if not cases:
        print("conformance: no case has that name", file=sys.stderr)
        return 2
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="salama-conformance-") as temporary:
        folder = options.folder or temporary
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        try:
            results = run(cases, str(pathlib.Path(options.salama).resolve()), folder, options.jobs)
        except (WorldError, Failed, OSError) as problem:
            print(f"conformance: {problem}", file=sys.stderr)
            return 2
    seconds = time.monotonic() - start
    if options.json:
        counts = {
            str(bolt): {"rules": len(kept), "broken": list(kept.values()).count(False)}
            for bolt, kept in rules_of(results).items()}
        print(json.dumps({
            "cases": [result.json() for result in results], "rules": counts, "seconds": round(seconds, 1)}))
    else:
        report(results, seconds, options.verbose)
    return 1 if any(result.reason is not None for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
