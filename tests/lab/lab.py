# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab as test scenarios see it: two hosts that run commands.

scripts/lab raises and ends the hosts; this module only speaks with them, by
ssh over one kept connection each.  It asserts nothing but that commands which
must work do.
"""

import contextlib
import pathlib
import shlex
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import hosts  # noqa: E402
from hosts import TOP, CommandFailed  # noqa: E402, F401

PF = "0000:01:00.0"


class Host(hosts.Host):
    """One lab host."""

    def __init__(self, lab, name):
        super().__init__(lab, name)
        self.bridge_address = f"10.77.0.{self.number}"

    def argv(self, command, user):
        line = command if isinstance(command, str) else shlex.join(command)
        return ["ssh", "-F", str(self.pair.ssh_config), "-l", user, self.name, "--", line]

    def background(self, command):
        """Ends on the host too: who ends an ssh session ends nothing there, and a kept connection
        hands its output on for as long as that takes."""
        line = command if isinstance(command, str) else shlex.join(command)
        return super().background(
            f"exec 3<&0; {line} </dev/null 3<&- & held=$!; "
            "(cat <&3 >/dev/null; kill $held) >/dev/null 2>&1 & exec 3<&-; wait $held"
        )

    def serial(self):
        """All that the host has said on its serial line, over reboots."""
        return (self.pair.run_dir / f"{self.name}.serial").read_text(errors="replace")

    def dmesg(self):
        return self.out("dmesg")

    def reboot(self):
        self.pair.script("reboot", self.name)

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


class Lab(hosts.Pair):
    """Both hosts of one lab, by its name (VFMIG_LAB)."""

    def __init__(self, name="test"):
        super().__init__("lab", "VFMIG_LAB", name, Host)
        self.run_dir = self.ssh_config = None

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


class Guest(hosts.Guest):
    """The nested guest of one domain, with a VF."""

    def __init__(self, name="g1"):
        super().__init__(name, f"/run/lab/{name}.hb")
        self.address = "10.77.0.10"

    def start(self, host, vf=None, mac=None):
        """Starts the guest on a host with a VF; waits for its first beats and for the VF to be up."""
        options = [self.name] + ([vf] if vf else []) + ([mac] if mac else [])
        self.create(host, host.out(["/lab/host/guest-xml", *options]) + "\n")
        host.wait(f"tail -c +{self._from + 1} {self.path} | grep '^VF up' >/dev/null")

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
