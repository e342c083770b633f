# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate and the devices of a move: several VFs, limits of a card, hosts that do not
match. Both cards have seven VFs; those that no scenario names are idle.
"""

import json

import pytest

from lab import PF, Guest
from moving import MACS, begin, end, finding, move, prepare, refusals, vfmigrate
from traffic import beat_faults, parse_beats

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


def nothing_left(hosts, *names):
    """The VMs are where they went, and no claim is held: a claim is a lock of a process."""
    for name in names:
        assert name not in hosts.a.out("virsh -q list --all --name").split()
        assert name in hosts.b.out("virsh -q list --name --state-running").split()
    for host in hosts.hosts:
        host.wait("! for claim in /run/vfmig/claims/*; do "
                  "grep -q \":$(stat -c %i $claim) \" /proc/locks && echo held; done | grep -q held", seconds=60)


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
