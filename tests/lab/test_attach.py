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

from lab import PF, Guest, frame_watch
from traffic import beat_faults, frame_faults, parse_beats, parse_frames

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


@pytest.mark.full
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


@pytest.mark.full
def test_frames_leave(host, vms):
    """The guest that finds its VF has the MAC address, and its frames leave the host untouched."""
    guest = vms("t3")
    given = vfmigrate(host, "attach", "t3", "--vf", PF + "/0", "--live")
    assert (given["live"], given["config"]) == ("done", "not-asked")
    assert given["why"] is None and given["passed"] == []
    assert not any("neither --live" in note for note in given["notes"])
    host.virsh("reset", "t3")
    host.wait(f"grep '^VF up mac={given['vf']['mac'].replace(':', '')}' {guest.path} >/dev/null")
    with frame_watch(host, host.uplink()) as lines:
        guest.wait_beats(3)
    frames = parse_frames(lines)
    assert frames and frame_faults(frames) == []
    assert {(frame.mac, frame.direction) for frame in frames} == {(given["vf"]["mac"], "out")}


@pytest.mark.full
def test_definition_of_what_runs(host, vms):
    """A VF that the VM runs with gets into its definition, by the same address; at rest it is taken from
    there, and given there without an option."""
    vms("t4")
    vf = address(host, 1)
    live = vfmigrate(host, "attach", "t4", "--vf", vf)
    assert (live["live"], live["config"]) == ("done", "not-asked")
    assert any("neither --live nor --config" in note for note in live["notes"])
    config = vfmigrate(host, "attach", "t4", "--vf", vf, "--config")
    assert (config["live"], config["config"]) == ("not-asked", "done")
    assert config["vf"]["mac"] == live["vf"]["mac"]
    assert places(host, "t4", vf) == (True, True)
    again = vfmigrate(host, "attach", "t4", "--vf", vf, "--config", code=3)
    assert "the definition of t4 has it already" in again["refusals"][0]["message"]
    host.virsh("destroy", "t4")
    taken = vfmigrate(host, "detach", "t4", "--mac", live["vf"]["mac"])
    assert (taken["verdict"], taken["live"], taken["config"]) == ("released", "not-asked", "done")
    assert not has(host, "t4", vf, "--inactive")
    given = vfmigrate(host, "attach", "t4", "--vf", "auto")
    assert (given["live"], given["config"]) == ("not-asked", "done")
    assert has(host, "t4", given["vf"]["bdf"], "--inactive")


@pytest.mark.full
def test_two_at_once(host, vms):
    """Nobody gets what another has claimed."""
    for name in ("t5", "t6"):
        vms(name, starts=False)
    host.run("for vm in t5 t6; do vfmigrate attach $vm --vf auto --json >/run/lab/$vm.json & done; wait")
    documents = [json.loads(host.get(f"/run/lab/{name}.json")) for name in ("t5", "t6")]
    assert [document["verdict"] for document in documents] == ["attached", "attached"]
    assert {document["vf"]["bdf"] for document in documents} == {address(host, 0), address(host, 1)}
    assert len({document["vf"]["mac"] for document in documents}) == 2


@pytest.mark.full
def test_what_is_refused(host, vms):
    """A driver of the host's, another's MAC address, a VF that is not migratable: nothing is touched."""
    vms("t7")
    vms("t8", starts=False)
    mac = vfmigrate(host, "attach", "t8", "--vf", PF + "/0")["vf"]["mac"]
    vf = address(host, 1)
    host.run(f"echo mlx5_core >/sys/bus/pci/devices/{vf}/driver_override; echo {vf} >/sys/bus/pci/drivers_probe")
    try:
        before = state(host, "t7")
        for arguments, words in (
            ([PF + "/1"], "is bound to mlx5_core"),
            ([PF + "/2"], "is not migratable"),
            ([PF + "/0", "--mac", mac.upper()], "domain t8 (defined) has this address already"),
            ([PF], "is a physical function"),
        ):
            refused = vfmigrate(host, "attach", "t7", "--vf", *arguments, code=3)
            assert [words in row["message"] for row in refused["refusals"]] == [True], refused
        # the one that is left is defined elsewhere, and taken all the same
        last = vfmigrate(host, "attach", "t7", "--vf", "auto", "--live")
        assert last["vf"]["bdf"] == address(host, 0)
        assert "a domain that does not run is defined with it" in last["why"]
        assert state(host, "t7") != before
    finally:
        host.run(f"echo {vf} >/sys/bus/pci/devices/{vf}/driver/unbind; "
                 f"echo >/sys/bus/pci/devices/{vf}/driver_override", check=False)


@pytest.mark.full
def test_from_another_machine(host, vms):
    """The daemon by ssh, and vfprep beside it."""
    vms("t9", starts=False)
    document = vfmigrate(host.peer, "attach", "t9", "--from", "qemu+ssh://a/system", "--vf", "auto")
    assert document["verdict"] == "attached"
    assert has(host, "t9", document["vf"]["bdf"], "--inactive")
    taken = vfmigrate(host.peer, "detach", "t9", "--from", "qemu+ssh://a/system", "--from-host", "none",
                      "--vf", document["vf"]["bdf"])
    assert taken["verdict"] == "released"


@pytest.mark.full
def test_libvirt_does_not_answer(host, vms):
    """A QEMU that hangs holds libvirt's call: it is not known what comes of it, and that is said."""
    vms("t10")
    pid = host.out("cat /run/libvirt/qemu/t10.pid")
    host.run(f"kill -STOP {pid}")
    try:
        document = vfmigrate(host, "attach", "t10", "--vf", PF + "/0", "--live", "--config", code=5)
    finally:
        host.run(f"kill -CONT {pid}")
    assert document["verdict"] == "stuck"
    assert (document["live"], document["config"]) == ("uncertain", "done")
    assert any("vfmigrate detach t10" in note for note in document["notes"])
    host.wait("virsh -q dumpxml t10 | grep mlx5_vfio_pci >/dev/null")
    assert vfmigrate(host, "detach", "t10", "--vf", PF + "/0", "--config")["verdict"] == "released"
