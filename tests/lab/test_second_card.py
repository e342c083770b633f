# SPDX-License-Identifier: LGPL-2.1-or-later
"""The other shape of a lab host: two cards, and representors that udev names r0, r1 …

Needs hosts booted otherwise than the rest of the suite, so it runs in the full level only.
"""

import json
import os

import pytest

from lab import PF, Host
from preparing import ASKED, apply, differences, full_facts, step_lines, vfprep

pytestmark = pytest.mark.full

SECOND = "0000:02:00.0"


@pytest.fixture(scope="module")
def two_cards(raised_lab):
    programs = os.environ.get("VFMIG_PROGRAMS")
    push = ["--push", programs] if programs else []
    raised_lab.down()
    raised_lab.up("--pfs", "2", "--names", "r0", *push)
    yield raised_lab
    raised_lab.down()
    raised_lab.up(*push)


def status(host, *options):
    ran = host.run(["vfprep", "status", "--json", *options], check=False)
    assert ran.returncode in (0, 3), ran.stderr
    return json.loads(ran.stdout)["hosts"][0], ran.returncode


def verdicts(host):
    return {pf["bdf"]: pf["verdict"] for pf in host["pfs"]}


def test_each_card_is_judged_by_itself(two_cards):
    """One prepared card of two: the host is not ready, that card is."""
    two_cards.a.prepare()
    document, code = status(two_cards.a)
    assert len(document["pfs"]) == 2
    assert verdicts(document)["0000:01:00.0"] == "ready"
    assert verdicts(document)[SECOND] == "not-ready"
    assert code == 3
    assert status(two_cards.a, "--pf", "01:00.0")[1] == 0
    assert status(two_cards.a, "--pf", SECOND)[1] == 3


def test_names_do_not_matter(two_cards):
    """Representors called r0 and r1 are found by their devlink ports."""
    document = json.loads(two_cards.a.out("vfprep facts"))
    first = document["pfs"][0]
    names = [vf["representor"]["name"] for vf in first["vfs"]]
    assert len(names) == 2
    assert all(name.endswith(f"r{number}") for number, name in enumerate(names)), names


def test_second_card_alone_can_match(two_cards):
    """Cards of different PSIDs in one host: each finds the one that is like it."""
    two_cards.each(Host.reset)
    two_cards.each(Host.prepare)
    knob = "/sys/module/mlx5_core/parameters/psid"
    two_cards.a.run(f"echo MT_0000000838,MT_0000000894 >{knob}")
    two_cards.b.run(f"echo MT_0000000894,MT_0000000838 >{knob}")
    ran = two_cards.a.run(["vfprep", "compare", "--json", "local", "ssh:b"], check=False)
    document = json.loads(ran.stdout)
    partners = {row["source"]: row["destination"] for row in document["pfs"]}
    assert partners["0000:01:00.0"] == SECOND


# ---- prepared and undone ----------------------------------------------------

ASKED_SECOND = ("--pf", SECOND, "--vfs", "3", "--bridge", "br1")
BOTH = f"[{PF}]\nvfs = 2\nbridge = br0\nvlan = 1=12\n\n[{SECOND}]\nvfs = 3\nbridge = br1\n"


@pytest.fixture
def bare_two(two_cards):
    two_cards.a.reset()
    return two_cards.a


def ports(host, bridge):
    return set(host.out(f"ovs-vsctl list-ports {bridge}").split())


def test_apply_by_any_name(bare_two):
    """Representors called r0, r1 become ports, tagged and up; undo leads back."""
    before = full_facts(bare_two)
    apply(bare_two, "--vlan", "1=12")
    names = [bare_two.representor(vf) for vf in range(2)]
    assert all(name.endswith(f"r{number}") for number, name in enumerate(names)), names
    assert ports(bare_two, "br0") == {bare_two.uplink(), *names}
    assert bare_two.out(f"ovs-vsctl get port {names[1]} tag") == "12"
    assert status(bare_two, "--pf", PF)[1] == 0
    vfprep(bare_two, "undo")
    assert differences(before, full_facts(bare_two)) == []


def test_second_card_alone(bare_two):
    """Only the card that was asked for is touched."""
    document = apply(bare_two, asked=ASKED_SECOND)
    assert not [line for line in step_lines(document) if PF in line]
    assert status(bare_two, "--pf", SECOND)[1] == 0
    assert status(bare_two, "--pf", PF)[1] == 3
    assert bare_two.out(f"cat /sys/bus/pci/devices/{PF}/sriov_numvfs") == "0"
    vfprep(bare_two, "undo")


def test_both_cards_by_one_configuration(bare_two):
    """One run, one transaction, both ready; and each taken back by one undo."""
    before = full_facts(bare_two)
    bare_two.put("/run/lab/both.conf", BOTH)
    apply(bare_two, asked=("--config", "/run/lab/both.conf"))
    assert status(bare_two)[1] == 0
    assert len(ports(bare_two, "br0")) == 3 and len(ports(bare_two, "br1")) == 4
    assert bare_two.out("ovsdb-tool show-log /etc/openvswitch/conf.db | grep -c vfmig:") == "1"
    assert apply(bare_two, asked=("--config", "/run/lab/both.conf"))["verdict"] == "nothing-to-do"
    vfprep(bare_two, "undo")
    assert differences(before, full_facts(bare_two)) == []


def test_two_uplinks_in_one_bridge_are_a_loop(bare_two):
    bare_two.put("/run/lab/loop.conf", BOTH.replace("br1", "br0"))
    document = apply(bare_two, asked=("--config", "/run/lab/loop.conf"), code=3)
    assert "uplink-loop" in {row["id"] for row in document["findings"] if row["severity"] == "refuse"}


def test_second_card_joins_the_first(bare_two):
    """A second apply adds to what the first has made, and undo takes both back."""
    before = full_facts(bare_two)
    apply(bare_two, asked=ASKED)
    apply(bare_two, asked=ASKED_SECOND)
    assert status(bare_two)[1] == 0
    vfprep(bare_two, "undo")
    assert differences(before, full_facts(bare_two)) == []
