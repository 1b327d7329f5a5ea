#!/usr/bin/env python3
"""Has a real Prometheus scrape the node's figures, and promtool check their form.

The exit status is 0 where both are content, 1 where one is not, and 2 where the node or Prometheus could not be had.
"""

import argparse
import json
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests/Conformance"))

from driver.world import Chain, Node, Process, WorldError, eventually  # noqa: E402

CONFIGURATION = """
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: salama
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(*arguments):
    """The path that the project's script gives."""
    found = subprocess.run([ROOT / "scripts/prometheus", *arguments], capture_output=True, text=True)
    if found.returncode:
        raise WorldError(found.stderr.strip() or "there is no Prometheus")
    return found.stdout.strip()


def fetch(url, headers=None, context=None):
    request = urllib.request.Request(url, headers=headers or {})
    with urllib.request.urlopen(request, timeout=30, context=context) as answer:
        return answer.headers, answer.read().decode()


class Prometheus:
    """A Prometheus that scrapes one port."""

    def __init__(self, folder, target):
        configuration = folder + "/prometheus.yml"
        pathlib.Path(configuration).write_text(CONFIGURATION % target, "utf-8")
        self.port = free_port()
        self.process = Process(
            [program("path"), "--config.file", configuration, "--storage.tsdb.path", folder + "/figures",
             "--web.listen-address", f"127.0.0.1:{self.port}"], folder + "/prometheus.log")

    def ask(self, path, **query):
        """The data of an answer; None while it is not there yet."""
        self.process.demand_running()
        try:
            _, text = fetch(f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}")
        except OSError:
            return None
        return json.loads(text)["data"]

    def target(self):
        """The one target, once it has been scraped."""
        targets = (self.ask("targets") or {}).get("activeTargets", [])
        return targets[0] if targets and targets[0]["health"] != "unknown" else None

    def value(self, series):
        result = (self.ask("query", query=series) or {}).get("result", [])
        return float(result[0]["value"][1]) if result else None


def scraped(node, chain, folder, port):
    """What is wrong with what Prometheus makes of the node's figures, as lines."""
    wrong = []
    headers, text = fetch(f"http://127.0.0.1:{port}/metrics")
    if not headers["Content-Type"].startswith("text/plain; version=0.0.4"):
        wrong.append(f"the type is {headers['Content-Type']}")
    checked = subprocess.run([program("tool-path"), "check", "metrics"], input=text, capture_output=True, text=True)
    if checked.returncode or checked.stdout.strip() or checked.stderr.strip():
        wrong.append(f"promtool check metrics: {checked.stdout}{checked.stderr}")
    prometheus = Prometheus(folder, port)
    try:
        target = eventually("a scrape", prometheus.target, 60)
        if target["health"] != "up":
            wrong.append(f"the scrape fails: {target['lastError']}")
        names = set(re.findall(r"^# TYPE (\S+)", text, re.M))
        known = prometheus.ask("label/__name__/values")
        missing = [name for name in names if not any(series.startswith(name) for series in known)]
        if missing or not names:
            wrong.append(f"Prometheus does not have {missing or 'anything'}")
        height = next((name for name in sorted(names) if name.endswith("block_height")), None)
        if height is None:
            wrong.append("there is no height among the figures")
        else:
            chain.mine(5)
            node.synchronise()
            tip = chain.call("getblockcount")
            eventually(f"a scrape of height {tip}", lambda: prometheus.value(height) == tip, 60)
    finally:
        prometheus.process.end()
    return wrong, len(names)


def over_tls(node):
    """What is wrong with the same figures on the interface's port, where they need a macaroon."""
    context = ssl.create_default_context(cafile=node.folder + "/tls.cert")
    url = f"https://127.0.0.1:{node.calls.port}/metrics"
    macaroon = pathlib.Path(node.data + "/readonly.macaroon")
    if not macaroon.exists():
        macaroon = pathlib.Path(node.data + "/admin.macaroon")
    _, text = fetch(url, {"Grpc-Metadata-macaroon": macaroon.read_bytes().hex()}, context)
    wrong = [] if "# TYPE" in text else ["the interface's port has no figures"]
    try:
        fetch(url, context=context)
        wrong.append("the interface's port tells figures to everybody")
    except urllib.error.HTTPError:
        pass
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--salama", default=".build/release/salama", help="the program under test")
    options = parser.parse_args()
    path = str(pathlib.Path(options.salama).resolve())
    processes = []
    with tempfile.TemporaryDirectory(prefix="salama-figures-") as folder:
        try:
            chain = Chain(path, folder + "/chain")
            processes.append(chain.process)
            chain.mine(10)
            port = free_port()
            node = Node(path, folder + "/node", chain, ["--prometheus.listen", f"127.0.0.1:{port}"])
            processes.append(node.process)
            node.synchronise()
            wrong, count = scraped(node, chain, folder, port)
            wrong += over_tls(node)
        except (WorldError, OSError) as problem:
            print(f"figures: {problem}", file=sys.stderr)
            return 2
        finally:
            for process in processes:
                process.end()
    for problem in wrong:
        print(f"FAILED: {problem}")
    print(f"Prometheus has scraped {count} figures, {'and' if not wrong else 'but'} promtool and it are "
          f"{'content' if not wrong else 'not content'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
