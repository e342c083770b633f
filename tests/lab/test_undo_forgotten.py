# SPDX-License-Identifier: LGPL-2.1-or-later
"""That each kind of step is put back is seen by the tests: a vfprep that forgets one of them leaves
a host that is not as before, or says that it could not (tests/removal/forget.c).
"""

import json
import shutil

import pytest

from documents import KNOBS
from lab import PF
from preparing import ASKED, PROGRAMS, differences, full_facts, journal, vfprep

FORGETFUL = "/lab/share/vfprep-forgetful"
# One apply that does all kinds of steps; "vf-detach" has VFs with their driver before.
MORE = ("--mac", "0=52:54:00:aa:00:00", "--mtu", "9000", "--max-idle", "400000", "--bind", "pci-stub")
KINDS = ("file", "autoprobe", "tc-offload", "eswitch", "vfs", "vf-detach", "vf-migratable", "vf-hw-addr",
         "vf-bind", "ovs-setting", "ovs-bridge", "ovs-port", "mtu", "link")
# Of VFs that are there before and after: those that an apply makes go with what is theirs.
OF_VFS = {"vf-detach", "vf-migratable", "vf-hw-addr", "vf-bind"}
FILES = "cat /run/udev/rules.d/*vfmig* /run/systemd/network/*vfmig* 2>/dev/null"


def change(host, before):
    """What is not as it was: facts, and the files of ours, of which no fact tells."""
    facts, files = before
    now = host.run(FILES, check=False).stdout
    return differences(facts, full_facts(host)) + ([now] if now != files else [])


def state(host):
    return full_facts(host), host.run(FILES, check=False).stdout


@pytest.fixture(scope="module")
def forgetful(lab):
    shutil.copy(PROGRAMS.parent / "tests/removal/vfprep-forgetful", lab.run_dir / "share")

    def run(kind, *words):
        ran = lab.a.run(["env", f"VFM_FORGOTTEN={kind}", FORGETFUL, words[0], "--json", *words[1:]],
                        check=False)
        return json.loads(ran.stdout), ran.returncode

    yield run
    (lab.run_dir / "share" / "vfprep-forgetful").unlink()


@pytest.fixture
def bare(lab):
    lab.a.reset()
    return lab.a


def begin(host, kind):
    """The host's state before; for what is of VFs in switchdev mode, with two that have their driver."""
    if kind in OF_VFS:
        host.run(f"devlink dev eswitch set pci/{PF} mode switchdev && udevadm settle && "
                 f"echo 2 >/sys/bus/pci/devices/{PF}/sriov_numvfs; udevadm settle")
    return state(host)


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_undo_that_forgets_a_kind(bare, forgetful, kind):
    before = begin(bare, kind)
    vfprep(bare, "apply", *ASKED, *MORE)
    assert kind in {record["step"] for record in journal(bare)["records"]}
    document, code = forgetful(kind, "undo")
    assert (code, change(bare, before)) != (0, []), document
    # What was forgotten is on record still. The driver is one thing of two steps: what one leaves to
    # the other that forgets it is on record no more.
    vfprep(bare, "undo")
    assert change(bare, before) == [] or kind == "vf-bind"


@pytest.mark.full
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "link"])
def test_failure_that_forgets_a_kind(bare, forgetful, kind):
    """The last step fails, and all before it is put back but this."""
    before = begin(bare, kind)
    bare.run(f"echo 'netdev_up@2:EIO' >{KNOBS}/fail")
    document, code = forgetful(kind, "apply", *ASKED, *MORE)
    bare.run(f"echo >{KNOBS}/fail; udevadm settle")
    assert kind in {step["step"] for step in document["steps"] if step["result"] != "failed"}
    assert (code, change(bare, before)) != (1, []), document


@pytest.mark.full
def test_undo_that_forgets_the_firmware(bare, forgetful):
    bare.run("lab-firmware set VF_MIGRATION_MODE 1 SRIOV_EN 0 NUM_OF_VFS 1")
    before = state(bare)
    vfprep(bare, "apply", *ASKED, "--set-firmware", code=4)
    forgetful("firmware", "undo", "--firmware")
    assert change(bare, before) != []
    vfprep(bare, "undo", "--firmware")
    assert change(bare, before) == []
