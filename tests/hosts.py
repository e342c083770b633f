# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benches of two hosts have in common: hosts that run commands, the pair
of them that a script raises and ends, and a guest that moves between them.

tests/lab/lab.py and tests/twin/twin.py say how a command reaches a host.
Nothing is asserted here but that commands which must work do.
"""

import concurrent.futures
import contextlib
import os
import pathlib
import shlex
import subprocess
import sys
import types

TOP = pathlib.Path(__file__).resolve().parents[1]
HOSTS = ("a", "b")
# seconds; far more than a command takes on an idle machine
DEFAULT_TIMEOUT = 300


class CommandFailed(Exception):
    """A command that had to work did not; says all that it said."""

    def __init__(self, host, command, result):
        super().__init__(
            f"host {host}: {command}\nexit code {result.returncode}\n"
            f"stdout:\n{result.stdout}\nstderr:\n{result.stderr}"
        )
        self.result = result


class Host:
    """One host of a pair."""

    def __init__(self, pair, name):
        self.pair = pair
        self.name = name
        self.number = HOSTS.index(name) + 1

    def __repr__(self):
        return f"Host({self.name})"

    @property
    def peer(self):
        return self.pair.b if self.name == "a" else self.pair.a

    def argv(self, command, user):
        """The argument vector that runs a shell line (str) or an argument vector on the host."""
        raise NotImplementedError

    def run(self, command, check=True, stdin=None, timeout=DEFAULT_TIMEOUT, user="root"):
        """Runs a shell line (str) or an argument vector; returns the CompletedProcess with text.

        check: a non-zero exit raises CommandFailed.
        """
        # ssh takes away its input's first bytes unless it has an input of its own
        given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        result = subprocess.run(
            self.argv(command, user),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **given,
        )
        if check and result.returncode:
            raise CommandFailed(self.name, command, result)
        return result

    def out(self, command, **more):
        """What a command that works says on stdout, without the last newline."""
        return self.run(command, **more).stdout.rstrip("\n")

    @contextlib.contextmanager
    def background(self, command):
        """Runs a command on the host for as long as the block does; yields its Popen."""
        process = subprocess.Popen(
            self.argv(command, "root"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.stdin.close()
            process.stdin = None
            process.terminate()
            process.communicate()

    def put(self, path, data, mode="0644"):
        """Writes a file on the host; data is text."""
        quoted = shlex.quote(path)
        self.run(f"cat >{quoted} && chmod {mode} {quoted}", stdin=data)

    def get(self, path):
        return self.run(["cat", path]).stdout

    def wait(self, line, seconds=240, step=0.3):
        """Waits until a shell line succeeds on the host."""
        loop = f"until {line}; do sleep {step}; done"
        result = self.run(
            ["timeout", str(seconds), "bash", "-c", loop], check=False, timeout=seconds + 60
        )
        if result.returncode:
            raise CommandFailed(self.name, f"waited {seconds} s for: {line}", result)

    def virsh(self, *words, check=True, timeout=DEFAULT_TIMEOUT):
        return self.run(["virsh", "-q", *words], check=check, timeout=timeout)

    def reset(self):
        """Makes the host bare again."""
        self.pair.script("reset", self.name)


class Pair:
    """Both hosts, raised and ended by a program of scripts/ that takes their name from a variable."""

    def __init__(self, program, variable, name, host_type):
        self.program = TOP / "scripts" / program
        self.name = name
        self.environment = {**os.environ, variable: name}
        self.a = host_type(self, "a")
        self.b = host_type(self, "b")
        self.hosts = (self.a, self.b)

    def script(self, *words, check=True):
        """The bench's script with these words; what it says goes to our stderr."""
        result = subprocess.run(
            [str(self.program), *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        sys.stderr.write(result.stderr)
        if check and result.returncode:
            raise CommandFailed("-", f"scripts/{self.program.name} {' '.join(words)}", result)
        return result

    def down(self):
        self.script("down")

    def reset(self):
        self.script("reset")

    def each(self, work, *arguments):
        """work(host, …) for both hosts side by side; what both returned, in their order."""
        with concurrent.futures.ThreadPoolExecutor(len(self.hosts)) as pool:
            return list(pool.map(lambda host: work(host, *arguments), self.hosts))


class Guest:
    """The guest of one domain: where it is and what it has said.

    Its serial file is appended to on whichever host it runs, and a host can be
    left in the middle of a line.  Only the pieces put one behind the other in
    the order of the moves are the guest's own words.
    """

    def __init__(self, name, path):
        self.name = name
        self.path = path
        self.host = None
        self._past = ""
        self._from = 0

    def _size(self, host):
        return int(host.out(f"stat -c %s {self.path} 2>/dev/null || echo 0"))

    def _piece(self, host, start):
        return host.run(f"tail -c +{start + 1} {self.path} 2>/dev/null", check=False).stdout

    def create(self, host, xml):
        """Starts the domain of this document on a host; waits for its first beats."""
        self._past, self._from = "", self._size(host)
        self.host = host
        document = str(pathlib.PurePosixPath(self.path).with_suffix(".xml"))
        host.put(document, xml)
        host.virsh("create", document)
        self.wait_beats(3)

    def words(self):
        """All that it has said, over all hosts it was on."""
        return self._past + self._piece(self.host, self._from)

    def wait_beats(self, more):
        """Waits until it has said more heartbeats than now."""
        count = f"grep -c '^HB' {self.path} 2>/dev/null || true"
        now = int(self.host.out(count) or 0)
        self.host.wait(f"[ $({count}) -ge {now + more} ]")

    def migrate(self, uri, *options, check=True):
        """virsh migrate --live to the other host; returns the CompletedProcess."""
        with self.moving() as move:
            result = self.host.virsh("migrate", "--live", *options, self.name, uri, check=check)
            move.done = result.returncode == 0
        return result

    @contextlib.contextmanager
    def moving(self):
        """Around whatever may move it to the other host; sets what this yields to done if it did."""
        move = types.SimpleNamespace(done=False)
        source, target = self.host, self.host.peer
        start = self._size(target)
        yield move
        if move.done:
            self._past += self._piece(source, self._from)
            self.host, self._from = target, start

    def running_on(self, host):
        return self.name in host.out("virsh -q list --name --state-running").split()
