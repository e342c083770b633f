# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate and the devices of a move: several VFs, limits of a card, hosts that do not match, the
forms in which a VM has a VF. Both cards have seven VFs; those that no scenario names are idle.
"""

import contextlib
import json

import pytest

from lab import PF, Guest
from moving import (
    MACS, SLOWLY, begin, end, finding, move, no_claims, prepare, refusals, under_way, vf_address, vfmigrate,
    watch, watched,
)
from traffic import beat_faults, frame_faults, parse_beats, parse_frames

VFS = 7
NAMES = ("g1", "g2", "g5")


@pytest.fixture(scope="module")
def hosts(lab):
    lab.each(prepare, VFS)
    return lab


@pytest.fixture(autouse=True)
def no_guests(hosts):
    yield
    end(hosts, *NAMES)


def started(hosts, name, *vfs, **options):
    guest = Guest(name)
    begin(guest, hosts.a, *vfs, **options)
    return guest


def state(hosts):
    """What no refusal may change."""
    return [host.out("ovs-vsctl list port; virsh -q list --all; devlink port show; ls /var/lib/vfmig/*")
            for host in hosts.hosts]


def whole(guest):
    guest.wait_beats(3)
    assert beat_faults(parse_beats(guest.words())) == []


def unbroken(lines, *macs):
    """Each of these sent frames, and none is missing."""
    frames = parse_frames(lines)
    for mac in macs:
        sent = [frame for frame in frames if frame.mac == mac]
        assert sent and frame_faults(sent) == []


def nothing_left(hosts, *names):
    """The VMs are where they went, and no claim is held."""
    for name in names:
        assert name not in hosts.a.out("virsh -q list --all --name").split()
        assert name in hosts.b.out("virsh -q list --name --state-running").split()
    no_claims(hosts)


@pytest.mark.full
def test_four_vfs(hosts):
    """As many as a card can have in migration: each has its partner, driver, owner and port."""
    guest = started(hosts, "g1", 0, 1, 2, 3)
    document = move(guest)
    assert document["verdict"] == "moved"
    assert [vf["mac"] for vf in document["vfs"]] == MACS[:4]
    assert len({vf["destination"] for vf in document["vfs"]}) == 4
    for name in ("vf-attached", "vf-driver", "vf-owner", "port-bridge", "port-up"):
        found = [check["status"] for check in document["checks"] if check["name"] == name]
        assert found == ["ok"] * 4, (name, document["checks"])
    nothing_left(hosts, "g1")


@pytest.mark.full
def test_a_fifth_vf_has_no_place(hosts):
    """One VM cannot have five VFs of a card in migration; idle and attached ones do not count."""
    started(hosts, "g5", 0, 1, 2, 3, 4)
    before = state(hosts)
    document = vfmigrate(hosts.a, "run", vm="g5", code=3)
    assert "vf-limit" in refusals(document)
    assert state(hosts) == before
    # of seven VFs five are attached and two are idle: one of them moves
    other = started(hosts, "g2", 5)
    checked = vfmigrate(hosts.a, "check", vm="g2")
    assert finding(checked, "vf-limit")["status"] == "pass"
    whole(other)


@pytest.mark.full
def test_beside_a_move_that_holds_all_slots(hosts):
    """Four VFs are in migration: another VM of that card has to wait, and is told why."""
    first, second = started(hosts, "g1", 0, 1, 2, 3), started(hosts, "g2", 4)
    with first.moving() as moving:
        with under_way(hosts.a, "g1", *SLOWLY) as ended:
            refused = vfmigrate(hosts.a, "run", vm="g2", code=3)
            hosts.a.run(["vfmigrate", "set-speed", "g1", "1000"])
        assert ended["code"] == 0, ended["said"]
        moving.done = True
    assert "vf-limit" in refusals(refused) or "dest-vf-available" in refusals(refused)
    whole(first)
    whole(second)
    nothing_left(hosts, "g1")
    with second.moving() as moving:
        assert vfmigrate(hosts.a, "run", vm="g2")["verdict"] == "moved"
        moving.done = True
    whole(second)


@pytest.mark.full
def test_two_at_once(hosts):
    """Two VMs of two VFs each: both go at the same time, and no VF is taken twice."""
    guests = [started(hosts, "g1", 0, 1), started(hosts, "g2", 2, 3)]
    watch(hosts.b)
    with contextlib.ExitStack() as stack:
        moves = [stack.enter_context(guest.moving()) for guest in guests]
        with under_way(hosts.a, "g1", *SLOWLY) as first:
            with under_way(hosts.a, "g2") as second:
                pass
            hosts.a.run(["vfmigrate", "set-speed", "g1", "1000"], check=False)
        assert (first["code"], second["code"]) == (0, 0), first["said"] + second["said"]
        for moving in moves:
            moving.done = True
    taken = [vf["destination"] for ended in (first, second) for vf in ended["document"]["vfs"]]
    assert len(taken) == len(set(taken)) == 4
    for guest in guests:
        whole(guest)
    unbroken(watched(hosts.b), MACS[0], MACS[2])
    nothing_left(hosts, "g1", "g2")


KNOBS = "/sys/module/mlx5_core/parameters"
MISMATCHES = [
    ("psid", "MT_0000000999", "psid-match", ("MT_0000000838", "MT_0000000999")),
    ("fw_running", "28.44.1036", "firmware-match", ("28.43.1014", "28.44.1036")),
    ("cap_roce", "N", "vf-caps", ()),
]


@pytest.mark.full
@pytest.mark.parametrize("knob,value,rule,both", MISMATCHES, ids=[row[0] for row in MISMATCHES])
def test_cards_that_differ(hosts, knob, value, rule, both):
    """Said with what both have, and nothing is touched."""
    guest = started(hosts, "g1", 0)
    old = hosts.b.out(f"cat {KNOBS}/{knob}").strip()
    before = state(hosts)
    hosts.b.run(f"echo {value} >{KNOBS}/{knob}")
    try:
        document = vfmigrate(hosts.a, "run", code=3)
    finally:
        hosts.b.run(f"echo {old} >{KNOBS}/{knob}")
    found = [item for item in document["findings"] if item["id"] == rule and item["severity"] == "refuse"]
    unfit = json.dumps(document["vfs"][0]["unfits"])
    assert found or rule == "vf-caps" and "caps" in unfit, (refusals(document), unfit)
    for word in both:
        assert word in json.dumps(found)
    assert state(hosts) == before
    whole(guest)


@pytest.mark.full
def test_viommu_moves_when_it_is_off(hosts):
    """A running VM with a vIOMMU does not move with a VF; its definition does."""
    iommu = "<iommu model='intel'><driver caching_mode='on'/></iommu>"
    text = hosts.a.out(["/lab/host/guest-xml", "g1"]).replace("</devices>", iommu + "</devices>")
    hosts.a.put("/run/lab/viommu.xml", text + "\n")
    hosts.a.virsh("define", "/run/lab/viommu.xml")
    hosts.a.virsh("start", "g1")
    before = state(hosts)
    assert "no-viommu" in refusals(vfmigrate(hosts.a, "run", code=3))
    assert state(hosts) == before
    hosts.a.virsh("destroy", "g1")
    document = vfmigrate(hosts.a, "run", "--offline")
    assert document["verdict"] == "moved"
    assert finding(document, "no-viommu")["status"] == "skip"
    assert "<iommu model='intel'>" in hosts.b.virsh("dumpxml", "g1").stdout


@pytest.mark.full
def test_hostdev(hosts):
    """Its XML has no MAC: the VF there is given that of the source's by devlink, before libvirt has it."""
    guest = started(hosts, "g1", 0, form="hostdev")
    mac = hw_addr(hosts.a, 0)
    other = vf_address(hosts.b, 6)
    document = move(guest, "--dest-vf", f"{vf_address(hosts.a, 0)}={other}")
    assert document["verdict"] == "moved" and document["vfs"][0]["destination"] == other
    assert hw_addr(hosts.b, 6) == mac
    nothing_left(hosts, "g1")


def hw_addr(host, vf):
    """The MAC address of a VF, as its devlink port has it."""
    shown = json.loads(host.out("devlink -j port show"))["port"]
    [port] = [port for name, port in shown.items()
              if name.startswith(f"pci/{PF}/") and port.get("flavour") == "pcivf" and port["vfnum"] == vf]
    return port["function"]["hw_addr"]


POOL = """<network><name>vfs</name><forward mode='hostdev' managed='yes'>
<driver model='mlx5_vfio_pci'/><pf dev='UPLINK'/></forward></network>"""


@pytest.mark.full
def test_pool(hosts):
    """libvirt picks the VF there: it is found, its port set up, and that it was not claimed is said."""
    for host in hosts.hosts:
        host.put("/run/lab/pool.xml", POOL.replace("UPLINK", host.uplink()))
        host.virsh("net-define", "/run/lab/pool.xml")
        host.virsh("net-start", "vfs")
    try:
        guest = Guest("g1")
        hosts.a.put("/run/lab/device.xml",
                    f"<interface type='network'><mac address='{MACS[0]}'/><source network='vfs'/></interface>")
        guest.create(hosts.a, hosts.a.out(["/lab/host/guest-xml", "g1", "--device", "/run/lab/device.xml"]) + "\n")
        document = move(guest)
        assert document["verdict"] == "moved", document
        assert document["vfs"][0]["form"] == "pool" and document["vfs"][0]["libvirt_picks"]
        nothing_left(hosts, "g1")
    finally:
        end(hosts, "g1")
        for host in hosts.hosts:
            host.virsh("net-destroy", "vfs", check=False)
            host.virsh("net-undefine", "vfs", check=False)
