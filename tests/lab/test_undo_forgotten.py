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
# What goes with the VFs is not seen to be forgotten where they go too.
OF_VFS = {"vf-migratable", "vf-hw-addr", "vf-bind"}


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


def with_vfs(host):
    """Two VFs that are there before: what is theirs outlives the undo."""
    host.run(f"echo 2 >/sys/bus/pci/devices/{PF}/sriov_numvfs; udevadm settle")


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_undo_that_forgets_a_kind(bare, forgetful, kind):
    if kind in OF_VFS | {"vf-detach"}:
        with_vfs(bare)
    before = full_facts(bare)
    vfprep(bare, "apply", *ASKED, *MORE)
    assert kind in {record["step"] for record in journal(bare)["records"]}
    document, code = forgetful(kind, "undo")
    assert (code, differences(before, full_facts(bare))) != (0, []), document
    # What was forgotten is on record still.
    vfprep(bare, "undo")
    assert differences(before, full_facts(bare)) == []


@pytest.mark.full
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "link"])
def test_failure_that_forgets_a_kind(bare, forgetful, kind):
    """The last step fails, and all before it is put back but this."""
    if kind in OF_VFS | {"vf-detach"}:
        with_vfs(bare)
    before = full_facts(bare)
    bare.run(f"echo 'netdev_up@2:EIO' >{KNOBS}/fail")
    document, code = forgetful(kind, "apply", *ASKED, *MORE)
    bare.run(f"echo >{KNOBS}/fail; udevadm settle")
    assert kind in {step["step"] for step in document["steps"] if step["result"] != "failed"}
    assert (code, differences(before, full_facts(bare))) != (1, []), document


@pytest.mark.full
def test_undo_that_forgets_the_firmware(bare, forgetful):
    bare.run("lab-firmware set VF_MIGRATION_MODE 1 SRIOV_EN 0 NUM_OF_VFS 1")
    before = full_facts(bare)
    vfprep(bare, "apply", *ASKED, "--set-firmware", code=4)
    forgetful("firmware", "undo", "--firmware")
    assert differences(before, full_facts(bare)) != []
    vfprep(bare, "undo", "--firmware")
    assert differences(before, full_facts(bare)) == []
