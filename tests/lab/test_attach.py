# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate attach and detach against the real libvirt and QEMU: a running VM gets a VF and gives it
back, what must not be given is refused with nothing touched.

The host is prepared once, with VF 2 not migratable. The nested guest looks for its VF at its start
alone, and has no ACPI: a reset of the VM lets it find a VF that was plugged in, and the test answers
QEMU's request to release one in its place, by the ports of the ACPI hotplug controller.
"""

import json
import re

import pytest

from lab import PF, Guest
from traffic import beat_faults, parse_beats

# what a VM needs to be given a device while it runs
ROOT_PORTS = "<controller type='pci' index='0' model='pcie-root'/>" + "".join(
    f"<controller type='pci' index='{n}' model='pcie-root-port'/>" for n in (1, 2)
)
NO_PORT = "<controller type='pci' index='0' model='pcie-root'/>"
MAC = "52:54:00:77:0a:01"


@pytest.fixture(scope="module")
def host(lab):
    lab.a.prepare("--vfs", "3", "--not-migratable", "2")
    return lab.a


@pytest.fixture
def vms(host):
    """Makes VMs that end with the test: vms(name, what of PCI it has, starts=True)."""
    names = []

    def make(name, ports=ROOT_PORTS, starts=True):
        names.append(name)
        text = host.out(["/lab/host/guest-xml", name])
        text = re.sub(r"<interface.*</interface>", lambda _: ports, text, flags=re.S)
        host.put(f"/run/lab/{name}.xml", text + "\n")
        host.virsh("define", f"/run/lab/{name}.xml")
        guest = Guest(name)
        guest.host, guest._from = host, guest._size(host)
        if starts:
            host.virsh("start", name)
            guest.wait_beats(3)
        return guest

    yield make
    for name in names:
        host.virsh("destroy", name, check=False)
        host.virsh("undefine", name, check=False)


def vfmigrate(host, *arguments, code=0):
    ran = host.run(["vfmigrate", *arguments, "--json"], check=False)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def address(host, vf):
    return host.out(f"basename $(readlink /sys/bus/pci/devices/{PF}/virtfn{vf})")


def driver(host, vf):
    return host.out(f"basename $(readlink /sys/bus/pci/devices/{vf}/driver 2>/dev/null) 2>/dev/null || true")


def has(host, name, vf, *inactive):
    """Whether the VM's document has the VF, by its address on the host."""
    bus, slot, function = vf[5:7], vf[8:10], vf[-1]
    text = host.out(["virsh", "-q", "dumpxml", name, *inactive])
    return f"bus='0x{bus}' slot='0x{slot}' function='0x{function}'" in text


def places(host, name, vf):
    """Where the VM has it: as it runs, and in its definition."""
    return has(host, name, vf), has(host, name, vf, "--inactive")


def state(host, name):
    """All that an attach could touch."""
    return host.out(
        f"virsh -q dumpxml {name}; virsh -q dumpxml --inactive {name}; devlink port show; "
        f"for f in /sys/bus/pci/devices/{PF}/virtfn*; do readlink $f/driver || echo none; "
        "cat $f/driver_override; done"
    )


def checks(document):
    return {check["name"]: check["status"] for check in document["checks"]}


def release(host, name):
    """What a guest's ACPI does when it is asked to let a device go: ejects what is waiting."""
    for bus in range(4):
        host.virsh("qemu-monitor-command", name, "--hmp", f"o/4 0xcd0 {bus}")
        host.virsh("qemu-monitor-command", name, "--hmp", "o/4 0xcc8 1")


def test_given_and_taken(host, vms):
    """To the running VM and its definition; nobody else gets it; and back."""
    guest = vms("t1")
    vf = address(host, 0)
    given = vfmigrate(host, "attach", "t1", "--vf", "auto", "--mac", MAC, "--live", "--config")
    assert given["verdict"] == "attached"
    assert (given["vf"]["bdf"], given["vf"]["mac"]) == (vf, MAC)
    assert (given["live"], given["config"]) == ("done", "done")
    assert [row["object"] for row in given["passed"]] == [address(host, 2)]
    assert checks(given) == {name: "ok" for name in ("live", "config", "vf-driver", "vf-owner", "vf-mac")}
    assert places(host, "t1", vf) == (True, True)
    assert driver(host, vf) == "mlx5_vfio_pci"
    guest.wait_beats(3)

    before = state(host, "t1")
    refused = vfmigrate(host, "attach", "t1", "--vf", vf, code=3)
    assert refused["verdict"] == "refused"
    assert "is in use: domain t1 (running)" in refused["refusals"][0]["message"]
    assert refused["checks"] == []
    assert state(host, "t1") == before

    waits = vfmigrate(host, "detach", "t1", "--mac", MAC, "--live", "--config", "--timeout", "2", code=4)
    assert waits["verdict"] == "unreleased"
    assert (waits["live"], waits["config"]) == ("unreleased", "done")
    assert places(host, "t1", vf) == (True, False)
    release(host, "t1")
    host.wait("! virsh -q dumpxml t1 | grep mlx5_vfio_pci >/dev/null")
    guest.wait_beats(3)
    assert beat_faults(parse_beats(guest.words())) == []


@pytest.mark.parametrize("ports", [NO_PORT, ROOT_PORTS + "<iommu model='intel'/>"],
                         ids=["no port", "iommu"])
def test_no_place(host, vms, ports):
    """Refused before anything is touched, and said how to make one."""
    vms("t2", ports)
    before = state(host, "t2")
    refused = vfmigrate(host, "attach", "t2", "--vf", "auto", "--live", "--config", code=3)
    [refusal] = refused["refusals"]
    assert "virsh -c qemu:///system edit t2" in refusal["remedy"]
    assert ("no free PCIe root port (of 0)" in refusal["message"]) is (ports == NO_PORT)
    assert state(host, "t2") == before
