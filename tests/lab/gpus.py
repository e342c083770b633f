# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the scenarios of vGPUs share: hosts with GPUs of either layout, vGPUs on them, VMs with
vGPUs, and their moves.

Both layouts look alike from here, so that one scenario serves both; and so do those who move
a VM: a mover takes the guest and more options, and says how the program ended (code) and what it
said (said)."""

import collections
import json

from traffic import beat_faults, parse_beats

T4 = "0000:00:18.0"
KNOBS = "/sys/module/nvidia/parameters"
VERSION, OTHER_VERSION = "550.144.02", "535.129.03"

Ended = collections.namedtuple("Ended", "code said document", defaults=[None])


# ---- hosts ----------------------------------------------------------------------


def load(host, layout, **knobs):
    """Makes the host one of this layout, without vGPUs."""
    host.run("/lab/host/gpu unload")
    host.run(["/lab/host/gpu", "load", f"layout={layout}", *(f"{k}={v}" for k, v in knobs.items())])


def knob(host, name, value):
    host.run(f"echo {value} >{KNOBS}/{name}")


def vf_address(host, number):
    """VF number of the GPU with SR-IOV."""
    return host.out("for gpu in /sys/bus/pci/drivers/nvidia/0*; do "
                    f"[ ! -e $gpu/virtfn{number} ] || basename $(readlink $gpu/virtfn{number}); done")


def gpu_log(host):
    """What the driver has said about vGPUs that came."""
    return [line for line in host.dmesg().splitlines() if "NVRM: vGPU resume" in line]


def source(address):
    bus, slot, function = address[5:7], address[8:10], address[11:]
    return f"<address type='pci' domain='0x0000' bus='0x{bus}' slot='0x{slot}' function='0x{function}'/>"


# ---- vGPUs ----------------------------------------------------------------------


class Mdev:
    """A mediated device of the T4, by a UUID that is the same on both hosts."""

    type, other_type = 232, 322

    def __init__(self, number=0):
        self.uuid = f"5f0e6c1a-0000-4000-8000-{number:012d}"
        self.path = f"/sys/bus/mdev/devices/{self.uuid}"

    def directory(self, host):
        return self.path

    def create(self, host, type=None):
        host.run(f"echo {self.uuid} >/sys/class/mdev_bus/{T4}/mdev_supported_types/nvidia-{type or self.type}/create")

    def remove(self, host):
        host.run(f"[ ! -e {self.path} ] || echo 1 >{self.path}/remove")

    def xml(self, host):
        return ("<hostdev mode='subsystem' type='mdev' model='vfio-pci' managed='no'>"
                f"<source><address uuid='{self.uuid}'/></source></hostdev>")


class Vf:
    """A VF of the L40S."""

    type, other_type = 1153, 1173

    def __init__(self, number=0):
        self.number = number

    def directory(self, host):
        return f"/sys/bus/pci/devices/{vf_address(host, self.number)}"

    def create(self, host, type=None):
        host.run(f"echo {type or self.type} >{self.directory(host)}/nvidia/current_vgpu_type")

    def remove(self, host):
        host.run(f"echo 0 >{self.directory(host)}/nvidia/current_vgpu_type")

    def xml(self, host):
        return ("<hostdev mode='subsystem' type='pci' managed='no'>"
                f"<source>{source(vf_address(host, self.number))}</source></hostdev>")


OF_LAYOUT = {"mdev": Mdev, "vfio": Vf}


# ---- VMs ------------------------------------------------------------------------


def begin(guest, host, *devices):
    """Starts it with these devices, each a piece of XML."""
    path = f"/run/lab/{guest.name}.devices"
    host.put(path, "\n".join(devices) + "\n")
    guest.create(host, host.out(["/lab/host/guest-xml", guest.name, "--device", path]) + "\n")


def virsh(guest, *options):
    """Moves the VM to the other host."""
    result = guest.migrate(f"qemu+tcp://{guest.host.peer.name}/system", *options, check=False)
    return Ended(result.returncode, result.stdout + result.stderr)


def vfmigrate(guest, *options):
    """Moves the VM to the other host, by our own program; nobody has measured what its vGPU needs."""
    source = guest.host
    with guest.moving() as moving:
        ran = source.run(["vfmigrate", "run", guest.name, "--to", f"qemu+ssh://{source.peer.name}/system", "--json",
                          "--max-downtime", "600000", *options], check=False, timeout=600)
        moving.done = ran.returncode in (0, 4)
    return Ended(ran.returncode, ran.stdout + ran.stderr, json.loads(ran.stdout or "null"))


def clear(host):
    """The host is without vGPUs."""
    host.run("for mdev in /sys/bus/mdev/devices/*; do [ ! -e $mdev ] || echo 1 >$mdev/remove; done; "
             "for vf in /sys/bus/pci/drivers/nvidia/0*/nvidia/current_vgpu_type; do "
             "[ ! -e $vf ] || echo 0 >$vf; done")


def vgpus(host):
    """UUIDs, or addresses of VFs, of those that are there."""
    return host.out("ls /sys/bus/mdev/devices 2>/dev/null; for vf in /sys/bus/pci/drivers/nvidia/0*; do "
                    "type=$(cat $vf/nvidia/current_vgpu_type 2>/dev/null); "
                    "[ -z \"$type\" ] || [ $type = 0 ] || basename $vf; done").split()


def last_beat(guest):
    return parse_beats(guest.words())[-1].fields


def whole(guest):
    """Its beats go on without a gap, and all that its vGPUs hold is as it was left; the last beat."""
    guest.wait_beats(3)
    faults = beat_faults(parse_beats(guest.words()))
    assert not faults, faults
    return last_beat(guest)


def lost(guest):
    """What the guest has found lost, by name: words0 (stored by its first vGPU in its memory), fb0."""
    guest.wait_beats(3)
    return sorted(name for name, value in last_beat(guest).items() if value == "BAD")
