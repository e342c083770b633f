# SPDX-License-Identifier: LGPL-2.1-or-later
"""The other shape of a lab host: two cards, and representors that udev names r0, r1 …

Needs hosts booted otherwise than the rest of the suite, so it runs in the full level only.
"""

import json
import os

import pytest

from lab import Host

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
