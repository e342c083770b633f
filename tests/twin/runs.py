# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate as scenarios of moves run it: its documents held against their schemas, a move met on its
way, a move at a terminal; and what has to be true of hosts and guest afterwards.
"""

import contextlib
import json
import os
import pty
import re
import select
import subprocess
import termios
import time

import pytest

from beats import beat_faults, parse_beats
from twin import LOCAL, SHARED, TOP

JOURNALS = "/var/lib/vfmig/moves"
# MiB a second that leave time to do something while it moves
SLOW = ["--bandwidth", "4"]


def schema(kind):
    try:
        import jsonschema
    except ImportError:
        pytest.skip("python3-jsonschema is not installed: no document is held against its schema")
    text = (TOP / "data" / "schema" / f"{kind}.json").read_text()
    return jsonschema.Draft202012Validator(json.loads(text))


def valid(text):
    """A document that a command printed."""
    document = json.loads(text)
    schema(document["kind"]).validate(document)
    return document


def vfmigrate(host, command, to, *words, code=0, vm="g1"):
    """The document of a command about a VM and its move to the other host, by a transport or a URI."""
    uri = to if "://" in to else host.peer.uri(to)
    to = [] if command == "status" else ["--to", uri]
    ran = host.run(["vfmigrate", command, vm, *to, "--json", *words], check=False, timeout=300)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return valid(ran.stdout)


def begin(host, transport, *words, phase="copies"):
    """'vfmigrate run' in the background, met in a phase."""
    line = f"vfmigrate run g1 --to {host.peer.uri(transport)} --json --events {' '.join(words)}"
    host.run(f"rm -f /run/twin/run.*; ({line} >/run/twin/run.out 2>/run/twin/run.err & "
             "echo $! >/run/twin/run.pid; wait $!; echo $? >/run/twin/run.code) "
             "</dev/null >/dev/null 2>&1 &")
    host.wait(f"grep -q '\"phase\":\"{phase}\"' /run/twin/run.err", seconds=120)


def signal(host, name):
    """To the run that begin() started."""
    host.run(f"kill -{name} $(cat /run/twin/run.pid)")


def ended(host, code=0):
    """The document of the run that begin() started."""
    host.wait("[ -s /run/twin/run.code ]", seconds=180)
    said = host.get("/run/twin/run.out")
    assert int(host.get("/run/twin/run.code")) == code, said + host.get("/run/twin/run.err")
    return valid(said)


def kill(host):
    signal(host, "KILL")
    host.wait("[ -s /run/twin/run.code ]", seconds=60)


def journal(host):
    [name] = [name for name in host.out(f"ls {JOURNALS}").split() if name.endswith(".json")]
    return json.loads(host.get(f"{JOURNALS}/{name}"))


def proved(guest, host):
    """It runs there, goes on, and has lost nothing; whatever is defined elsewhere."""
    assert guest.running_on(host)
    assert not guest.running_on(host.peer)
    guest.wait_beats(2)
    assert beat_faults(parse_beats(guest.words())) == [], guest.words()


def whole(guest, host):
    """Likewise, and no other host knows it."""
    assert guest.gone_from(host.peer)
    proved(guest, host)


def of_host(host):
    """What the daemon has: every domain's documents, networks and secrets; all disks, and what moves leave."""
    asked = ["net-list --all", "secret-list", "list --all"]
    for name in host.out("virsh -q list --all --uuid").split():
        asked += [f"dominfo {name}", f"dumpxml {name}", f"dumpxml --inactive {name}"]
    files = host.out(f"ls -lR {LOCAL} {SHARED}; ls -lR /var/lib/vfmig 2>&1; true")
    words = host.virsh("; ".join(asked)).stdout + files
    return [line for line in words.splitlines() if not line.startswith("CPU time")]


@contextlib.contextmanager
def slow_link(twin, rate="30mbit"):
    """What goes to host b goes by this rate: post-copy knows no other limit."""
    twin.switch("tc", "qdisc", "add", "dev", "port-b", "root", "tbf", "rate", rate, "burst", "64k",
                "latency", "400ms")
    try:
        yield
    finally:
        twin.switch("tc", "qdisc", "del", "dev", "port-b", "root")


class Terminal:
    """A shell line on a host with a terminal of its own, as somebody at a keyboard has it."""

    SAYS_CODE = re.compile(r"ended with (\d+)")

    def __init__(self, host, line):
        self.keyboard, self._line = pty.openpty()
        self._was = termios.tcgetattr(self._line)
        self.shown = ""
        # the session of that terminal is the line's, so that a key reaches it and all it has started
        argv = host.argv(["setsid", "-c", "bash", "-c", f"{line}; echo ended with $?"], "root")
        self._process = subprocess.Popen(
            argv, stdin=self._line, stdout=self._line, stderr=self._line,
            env={**os.environ, "TERM": "xterm"},
        )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._process.terminate()
        self._process.wait()
        os.close(self.keyboard)
        os.close(self._line)

    def _read(self):
        if select.select([self.keyboard], [], [], 0.5)[0]:
            self.shown += os.read(self.keyboard, 65536).decode(errors="replace")

    def until(self, pattern, seconds=120):
        """Reads until this was shown; the match."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.shown)):
            assert time.monotonic() < deadline, self.shown
            self._read()
        return found

    def press(self, key):
        os.write(self.keyboard, key)

    def code(self):
        """The line's exit code, once it has ended."""
        return int(self.until(self.SAYS_CODE)[1])

    def is_as_before(self):
        """Whether its settings are, the cursor is seen, and what was said last ends its line."""
        last = self.shown[:self.SAYS_CODE.search(self.shown).start()]
        return (termios.tcgetattr(self._line) == self._was and last.endswith("\n")
                and last.count("\x1b[?25l") == last.count("\x1b[?25h"))
