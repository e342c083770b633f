# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab as test scenarios see it: two hosts that run commands.

scripts/lab raises and ends the hosts; this module only speaks with them, by
ssh over one kept connection each.  It asserts nothing but that commands which
must work do.
"""

import concurrent.futures
import contextlib
import os
import pathlib
import shlex
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = TOP / "scripts" / "lab"
HOSTS = ("a", "b")
PF = "0000:01:00.0"
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
    """One lab host."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.number = HOSTS.index(name) + 1
        self.bridge_address = f"10.77.0.{self.number}"

    def __repr__(self):
        return f"Host({self.name})"

    @property
    def peer(self):
        return self.lab.b if self.name == "a" else self.lab.a

    def _argv(self, command, user):
        line = command if isinstance(command, str) else shlex.join(command)
        return ["ssh", "-F", str(self.lab.ssh_config), "-l", user, self.name, "--", line]

    def run(self, command, check=True, stdin=None, timeout=DEFAULT_TIMEOUT, user="root"):
        """Runs a shell line (str) or an argument vector; returns the CompletedProcess with text.

        check: a non-zero exit raises CommandFailed.
        """
        # ssh takes away its input's first bytes unless it has an input of its own
        given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        result = subprocess.run(
            self._argv(command, user),
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
            self._argv(command, "root"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
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

    def serial(self):
        """All that the host has said on its serial line, over reboots."""
        return (self.lab.run_dir / f"{self.name}.serial").read_text(errors="replace")

    def dmesg(self):
        return self.out("dmesg")

    def virsh(self, *words, check=True, timeout=DEFAULT_TIMEOUT):
        return self.run(["virsh", "-q", *words], check=check, timeout=timeout)

    def reset(self):
        """Makes the host bare again, without a reboot."""
        self.lab.script("reset", self.name)

    def reboot(self):
        self.lab.script("reboot", self.name)

    def prepare(self, *options):
        """Prepares the host for VF migration by the documented commands."""
        return self.run(["/lab/host/prepare-by-hand.sh", *options])

    def uplink(self):
        return self.port_netdev("p0")

    def representor(self, vf):
        return self.port_netdev(f"pf0vf{vf}")

    def port_netdev(self, port, pf=PF):
        """The netdev of a PF's port by the name the driver gives the port."""
        for line in self.out(
            f"cd /sys/bus/pci/devices/{pf}/net && for n in *; do "
            'echo "$n $(cat $n/phys_port_name 2>/dev/null)"; done'
        ).splitlines():
            netdev, _, name = line.partition(" ")
            if name in (port, "c0" + port):
                return netdev
        raise LookupError(f"host {self.name}: no netdev for port {port} of {pf}")


class Lab:
    """Both hosts of one lab, by its name (VFMIG_LAB)."""

    def __init__(self, name="test"):
        self.name = name
        self.environment = {**os.environ, "VFMIG_LAB": name}
        self.run_dir = self.ssh_config = None
        self.a = Host(self, "a")
        self.b = Host(self, "b")
        self.hosts = (self.a, self.b)

    def script(self, *words, check=True):
        """scripts/lab with these words; what it says goes to our stderr."""
        result = subprocess.run(
            [str(SCRIPT), *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        sys.stderr.write(result.stderr)
        if check and result.returncode:
            raise CommandFailed("-", f"scripts/lab {' '.join(words)}", result)
        return result

    def find(self):
        """Whether the lab is up already; then its files are known."""
        self.ssh_config = pathlib.Path(self.script("ssh-config").stdout.strip())
        self.run_dir = self.ssh_config.parent
        return self.script("status", check=False).returncode == 0

    def up(self, *options):
        if self.script("up", *options, check=False).returncode:
            # QEMU's own assertions were seen to end a host in its first seconds, once in many starts
            sys.stderr.write("lab: the first start failed, see above; once more\n")
            self.script("up", *options)
        self.find()

    def down(self):
        self.script("down")

    def reset(self):
        self.script("reset")

    def each(self, work, *arguments):
        """work(host, …) for both hosts side by side; what both returned, in their order."""
        with concurrent.futures.ThreadPoolExecutor(len(self.hosts)) as pool:
            return list(pool.map(lambda host: work(host, *arguments), self.hosts))


class Guest:
    """The nested guest of one domain: where it is and what it has said.

    Its serial file is appended to on whichever host it runs, and a host can be
    left in the middle of a line.  Only the pieces put one behind the other in
    the order of the moves are the guest's own words.
    """

    def __init__(self, name="g1"):
        self.name = name
        self.address = "10.77.0.10"
        self.path = f"/run/lab/{name}.hb"
        self.host = None
        self._past = ""
        self._from = 0

    def _size(self, host):
        return int(host.out(f"stat -c %s {self.path} 2>/dev/null || echo 0"))

    def _piece(self, host, start):
        return host.run(f"tail -c +{start + 1} {self.path} 2>/dev/null", check=False).stdout

    def start(self, host, vf=None, mac=None):
        """Starts the guest on a host with a VF; waits for its first beats and for the VF to be up."""
        self._past, self._from = "", self._size(host)
        self.host = host
        options = [self.name] + ([vf] if vf else []) + ([mac] if mac else [])
        host.put(f"/run/lab/{self.name}.xml", host.out(["/lab/host/guest-xml", *options]) + "\n")
        host.virsh("create", f"/run/lab/{self.name}.xml")
        self.wait_beats(3)
        host.wait(f"tail -c +{self._from + 1} {self.path} | grep '^VF up' >/dev/null")

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
        source, target = self.host, self.host.peer
        start = self._size(target)
        result = source.virsh("migrate", "--live", *options, self.name, uri, check=check)
        if result.returncode == 0:
            self._past += self._piece(source, self._from)
            self.host, self._from = target, start
        return result

    def running_on(self, host):
        return self.name in host.out("virsh -q list --name --state-running").split()

    def answers(self, host, count=3):
        """Whether it answers pings from a host's bridge."""
        return (
            host.run(
                ["ping", "-n", "-c", str(count), "-i", "0.3", "-W", "2", self.address], check=False
            ).returncode
            == 0
        )


@contextlib.contextmanager
def frame_watch(host, netdev):
    """Watches the guests' frames on a netdev for the length of the block; the
    list it yields is filled with lines when the block ends."""
    path = "/run/lab/frames"
    lines = []
    host.run(f"rm -f {path} {path}.pid; setsid /lab/host/framewatch {netdev} {path} </dev/null "
             f">/run/lab/frames.err 2>&1 & sleep 0.1")
    host.wait(f"[ -s {path}.pid ]")
    try:
        yield lines
    finally:
        time.sleep(0.5)
        lines += host.out(f"kill $(cat {path}.pid); rm -f {path}.pid; cat {path}").splitlines()
