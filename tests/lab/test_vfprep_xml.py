# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfprep xml against the real libvirt: its fragments validate, start a VM and are attached to one,
the VM sees the MAC address, and what must not be given to a VM is refused.

The host is prepared once, with VF 2 not migratable; each test leaves its VFs free.
"""

import json
import re

import pytest

from lab import PF, Guest

FORMATS = ["interface", "hostdev"]
# what a VM needs to be given a device while it runs
ROOT_PORTS = "<controller type='pci' index='0' model='pcie-root'/>" + "".join(
    f"<controller type='pci' index='{n}' model='pcie-root-port'/>" for n in (1, 2)
)
OWN_ADDRESS = "52:54:00:77:00:00"  # of VF 0, by prepare-by-hand.sh


@pytest.fixture(scope="module")
def host(lab):
    lab.a.prepare("--vfs", "3", "--not-migratable", "2")
    return lab.a


@pytest.fixture
def domains(host):
    """Domains that a test makes end with it."""
    names = []
    yield names
    for name in names:
        host.virsh("destroy", name, check=False)
        host.virsh("undefine", name, check=False)


def xml(host, *arguments, code=0, user="root"):
    ran = host.run(["/lab/bin/vfprep", "xml", *arguments], check=False, user=user)
    assert ran.returncode == code, ran.stdout + ran.stderr
    if code:
        assert ran.stdout == ""
        return ran.stderr
    return ran.stdout


def device(host, *arguments):
    """The one device of a document."""
    [found] = json.loads(xml(host, "--json", *arguments))["devices"]
    return found


def domain(host, name, fragment, extra=""):
    """The lab's domain with this fragment in place of its VF."""
    text = host.out(["/lab/host/guest-xml", name])
    return re.sub(r"<interface.*</interface>", lambda _: fragment + extra, text, flags=re.S)


def define(host, domains, name, fragment, extra=""):
    path = f"/run/lab/{name}.xml"
    host.put(path, domain(host, name, fragment, extra) + "\n")
    domains.append(name)
    host.virsh("define", "--validate", path)


def driver(host, vf):
    return host.out(f"basename $(readlink /sys/bus/pci/devices/{vf}/driver 2>/dev/null) 2>/dev/null || true")


def started(host, name):
    """Starts a defined domain; the words of its guest from then on."""
    guest = Guest(name)
    guest.host, guest._from = host, guest._size(host)
    host.virsh("start", name)
    guest.wait_beats(3)
    return guest


@pytest.mark.parametrize("form", [FORMATS[0], pytest.param(FORMATS[1], marks=pytest.mark.full)])
def test_starts_a_vm(host, domains, form):
    """libvirt validates it, binds the variant driver, and the VM drives a VF with that address."""
    found = device(host, "--format", form, PF + "/0")
    assert found["managed"] is True
    assert (found["mac"] == OWN_ADDRESS) is (form == "hostdev")
    name = f"x{form}"
    define(host, domains, name, found["xml"])
    guest = started(host, name)
    host.wait(f"tail -c +{guest._from + 1} {guest.path} | grep '^VF up' >/dev/null")
    seen = re.search(r"^VF up mac=([0-9a-f]{12})", guest.words(), re.M).group(1)
    assert seen == found["mac"].replace(":", "")
    assert driver(host, found["bdf"]) == "mlx5_vfio_pci"
    words = xml(host, PF + "/0", code=3)
    assert f"{found['bdf']}: is in use: domain {name} (running)" in words
    # the other VF is still free for another
    assert device(host, PF + "/1")["mac"] != found["mac"]


@pytest.mark.full
@pytest.mark.parametrize("form", FORMATS)
def test_attached_to_a_running_vm(host, domains, form):
    name = f"y{form}"
    define(host, domains, name, "", ROOT_PORTS)
    started(host, name)
    vf = device(host, PF + "/1")["bdf"]
    host.put("/run/lab/vf.xml", xml(host, "--format", form, "--vm", name, vf))
    host.virsh("attach-device", name, "/run/lab/vf.xml", "--live")
    assert driver(host, vf) == "mlx5_vfio_pci"
    live = host.out(["virsh", "-q", "dumpxml", name])
    assert "mlx5_vfio_pci" in live
    assert f"domain {name} (running)" in xml(host, vf, code=3)


@pytest.mark.full
def test_addresses_are_no_other_domains(host, domains):
    """A given one that a domain at rest has is refused, unless it is that domain's own."""
    found = device(host, PF + "/0")
    define(host, domains, "rests", found["xml"])
    words = xml(host, "--mac", found["mac"].upper(), PF + "/1", code=3)
    assert f"{found['mac']}: domain rests (defined) has this address already" in words
    again = device(host, "--mac", found["mac"], "--vm", "rests", PF + "/1")
    assert again["mac"] == found["mac"]
    made = json.loads(xml(host, "--json", PF + "/0", PF + "/1"))["devices"]
    assert len({found["mac"], *(one["mac"] for one in made)}) == 3


@pytest.mark.full
def test_address_of_another_vf(host):
    owner = device(host, PF + "/0")["bdf"]
    words = xml(host, "--mac", OWN_ADDRESS, PF + "/1", code=3)
    assert f"{OWN_ADDRESS}: {owner} has this address already" in words


@pytest.mark.full
def test_definition_is_told(host, domains):
    """A domain at rest is no use, but is named; a <vlan> in it too."""
    found = device(host, PF + "/0")
    tagged = found["xml"].replace("</interface>", "<vlan><tag id='12'/></vlan></interface>")
    define(host, domains, "tagged", tagged)
    ran = host.run(["vfprep", "xml", "--vm", "tagged", PF + "/0"])
    assert f"{found['bdf']}: note: domain tagged (defined) has it already" in ran.stderr
    assert "has a <vlan>" in ran.stderr
    assert "<vlan" not in ran.stdout
    ran = host.run(["vfprep", "xml", PF + "/0"])
    assert f"{found['bdf']}: note: domain tagged (defined) has it too" in ran.stderr


@pytest.mark.full
def test_other_connections(host):
    """The daemon reached by TCP is asked like the own one; one that is not there is an error."""
    assert device(host, "--connect", "qemu+tcp://127.0.0.1/system", PF + "/0")["managed"] is True
    assert "test:///no/such.xml: " in xml(host, "--connect", "test:///no/such.xml", PF + "/0", code=1)


def refuses(host, words, *arguments, user="root"):
    said = xml(host, *arguments, code=3, user=user)
    for word in words:
        assert word in said


def test_refusals(host):
    refuses(host, [PF, "is a physical function"], PF)
    refuses(host, ["0000:00:00.0", "is no VF of a ConnectX card"], "0000:00:00.0")
    refuses(host, [PF, "has no VF 3"], PF + "/3")
    refuses(host, ["migratable flag is off", "vfprep apply"], PF + "/2")
    refuses(host, ["nobody: no such domain at qemu:///system"], "--vm", "nobody", PF + "/0")
    refuses(host, ["is not known", "as root"], PF + "/0", user="admin")


@pytest.mark.full
def test_open_vf_is_in_use(host):
    """A VF that a program drives by VFIO is somebody's, without any domain."""
    vf = device(host, PF + "/1")["bdf"]
    node = "pci_" + re.sub("[:.]", "_", vf)
    host.virsh("nodedev-detach", node, "--driver", "mlx5_vfio_pci")
    try:
        group = host.out(f"basename $(readlink /sys/bus/pci/devices/{vf}/iommu_group)")
        host.run(f"setsid sleep 600 9<>/dev/vfio/{group} </dev/null >/dev/null 2>&1 & echo $! >/run/lab/holder")
        host.wait("vfprep facts | grep -F 'open by' >/dev/null")
        refuses(host, [vf, "is in use: ", "open by pid"], vf)
        host.run("kill $(cat /run/lab/holder)")
        host.wait(f"vfprep xml {vf} >/dev/null 2>&1")
    finally:
        host.virsh("nodedev-reattach", node, check=False)


@pytest.mark.full
def test_not_offered_and_legacy(host):
    """Last: it takes the card's preparation away."""
    host.reset()
    host.run(f"echo 0 >/sys/bus/pci/devices/{PF}/sriov_drivers_autoprobe")
    host.run(f"echo 1 >/sys/bus/pci/devices/{PF}/sriov_numvfs && udevadm settle")
    refuses(host, [PF, "is not in switchdev mode, but in legacy", "vfprep apply"], PF + "/0")
    host.reset()
    host.run("echo N >/sys/module/mlx5_core/parameters/migration")
    host.run(f"devlink dev eswitch set pci/{PF} mode switchdev")
    host.run(f"echo 0 >/sys/bus/pci/devices/{PF}/sriov_drivers_autoprobe")
    host.run(f"echo 1 >/sys/bus/pci/devices/{PF}/sriov_numvfs && udevadm settle")
    refuses(host, ["does not offer the flag", "--set-firmware"], PF + "/0")
