# SPDX-License-Identifier: LGPL-2.1-or-later
"""The twin as test scenarios see it: two libvirt hosts that run commands, the
network between them, and small guests that prove that nothing of them is lost.

scripts/twin raises and ends the hosts; a command enters a host's namespaces.
Nothing is asserted here but that commands which must work do.
"""

import contextlib
import pathlib
import shlex
import sys
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import hosts  # noqa: E402
from hosts import TOP, CommandFailed  # noqa: E402, F401

TEMPLATE = HERE / "guest-domain.xml.in"
MACHINE = "pc-q35-10.0"
SHARED = "/srv/shared"
LOCAL = "/srv/local"


class Host(hosts.Host):
    """One twin host."""

    def argv(self, command, user):
        words = [command] if isinstance(command, str) else list(command)
        if user != "root":
            line = command if isinstance(command, str) else shlex.join(command)
            words = ["ssh", "-o", "BatchMode=yes", f"{user}@{self.name}", "--", line]
        return ["env", f"VFMIG_TWIN={self.pair.name}", str(self.pair.program), "exec", self.name, *words]

    def uri(self, transport="tcp"):
        """How the other host's libvirt reaches this one."""
        return f"qemu+{transport}://{self.name}/system"

    def libvirt(self, verb):
        """start, stop, kill or restart libvirtd; guests go on without it."""
        return self.run(["/twin/host/libvirt", verb])

    def disk_image(self, path, mib=64):
        """A qcow2 image of this size with something in its first MiB."""
        self.run(["qemu-img", "create", "-q", "-f", "qcow2", path, f"{mib}M"])
        self.run(["qemu-io", "-f", "qcow2", "-c", "write -q -P 0x5a 0 1M", path])
        return path

    @contextlib.contextmanager
    def pool(self, path=LOCAL):
        """libvirt makes files in this folder for the length of the block."""
        self.virsh("pool-create-as", "copies", "dir", "--target", path)
        try:
            yield
        finally:
            self.virsh("pool-destroy", "copies")


class Twin(hosts.Pair):
    """Both hosts of one twin, by its name (VFMIG_TWIN)."""

    def __init__(self, name="test"):
        super().__init__("twin", "VFMIG_TWIN", name, Host)
        self.run_dir = None

    def find(self):
        """Whether the twin is up already; then its files are known."""
        self.run_dir = pathlib.Path(self.script("run-dir").stdout.strip())
        return self.script("status", check=False).returncode == 0

    def up(self, *options):
        self.script("up", *options)
        self.find()

    def switch(self, *words):
        """Runs a program of this machine in the network between the hosts."""
        return self.script("exec", "switch", *words)

    @contextlib.contextmanager
    def cut(self, host):
        """The host's cable is out for the length of the block."""
        self.switch("ip", "link", "set", f"port-{host.name}", "down")
        try:
            yield
        finally:
            self.switch("ip", "link", "set", f"port-{host.name}", "up")


def disk_xml(path, target="vda", driver="type='qcow2'"):
    """A disk of the guest, which never touches it."""
    return (
        f"<disk type='file' device='disk'><driver name='qemu' {driver}/>"
        f"<source file='{path}'/><target dev='{target}' bus='virtio'/></disk>"
    )


class Guest(hosts.Guest):
    """A guest that writes and checks its memory; main.c of guest/ says how."""

    def __init__(self, name="g1"):
        super().__init__(name, f"/run/twin/{name}.hb")

    def xml(self, *, mib=32, rate=4, toil=0, devices="", machine=MACHINE, memory_mib=None):
        """Its domain.  mib: the work set; rate: MiB it writes a second; toil: in place of a rate."""
        values = {
            "NAME": self.name,
            "UUID": str(uuid.uuid5(uuid.NAMESPACE_OID, f"vfmig twin {self.name}")),
            "MEMORY": str(memory_mib or mib + 32),
            "MACHINE": machine,
            "WORDS": f"mib={mib} toil={toil}" if toil else f"mib={mib} rate={rate}",
            "DEVICES": devices,
            "SERIAL": self.path,
        }
        text = TEMPLATE.read_text()
        for word, value in values.items():
            text = text.replace(f"@{word}@", value)
        return text[text.index("<domain"):]

    def start(self, host, **options):
        """Starts it on a host; waits for its first beats."""
        self.create(host, self.xml(**options))

    def gone_from(self, host):
        """Whether the host knows no domain of its name."""
        return self.name not in host.out("virsh -q list --all --name").split()

    def end(self):
        """Ends it on whichever host has it, and what is defined of it."""
        for host in self.host.pair.hosts if self.host else ():
            host.virsh("destroy", self.name, check=False)
            host.virsh("undefine", self.name, check=False)
