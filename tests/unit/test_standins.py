# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab's stand-ins for mstconfig and mstflint.

Their outputs are kept as files under data/, which the tests of our own parser read as well: what a
stand-in prints and what the parser reads cannot drift apart. VFM_REWRITE_GOLDENS=1 rewrites them.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
BIN = HERE.parent / "lab" / "host" / "bin"
DATA = HERE / "data"
PF = "0000:01:00.0"
SECOND_PF = "0000:02:00.0"

PENDING = ["VF_MIGRATION_MODE.current", "0"]
ASKED = ["VF_MIGRATION_MODE", "SRIOV_EN", "NUM_OF_VFS", "LINK_TYPE_P1"]
QUERY = ["-d", PF, "-e", "q"]

# golden, settings changed before, mstconfig's arguments, exit status
MSTCONFIG = [
    ("old", ["layout", "old", *PENDING], QUERY, 0),
    ("mid", ["layout", "mid", *PENDING], QUERY, 0),
    ("new", ["layout", "new", *PENDING], QUERY, 0),
    ("newest", ["layout", "newest", *PENDING], QUERY, 0),
    ("asked", [], [*QUERY, *ASKED], 0),
    ("old-no-e", ["layout", "old"], ["-d", PF, "query", *ASKED], 0),
    ("new-no-e", [], ["-d", PF, "q", *ASKED], 0),
    ("overrun", [], [*QUERY, "PCI_ATOMIC_MODE", *ASKED], 0),
    ("read-only", ["read_only", "NUM_OF_VFS,SRIOV_EN", "NUM_OF_VFS.next", "4"],
     [*QUERY, *ASKED], 0),
    ("unsupported-row-absent", ["unsupported", "VF_MIGRATION_MODE"], QUERY, 0),
    ("unsupported", ["unsupported", "VF_MIGRATION_MODE"], [*QUERY, *ASKED], 3),
    ("unknown-parameter", ["layout", "old", "unsupported", "VF_MIGRATION_MODE"],
     [*QUERY, *ASKED], 3),
    ("error-open", [], ["-d", "0000:03:00.0", "-e", "q"], 3),
    ("error-lockdown", ["lockdown", "on"], QUERY, 3),
    ("error-livefish", ["livefish", "on"], QUERY, 3),
    ("error-e-refused", ["e_refused", "on"], [*QUERY, *ASKED], 0),
    ("set-ok", [], ["-d", PF, "-y", "set", "VF_MIGRATION_MODE=1", "NUM_OF_VFS=4"], 0),
    ("set-power-cycle", ["cold_power_cycle_needed", "NUM_OF_VFS"],
     ["-d", PF, "-e", "-y", "set", "NUM_OF_VFS=4"], 0),
    ("set-aborted", ["layout", "old"], ["-d", PF, "set", "VF_MIGRATION_MODE=1"], 2),
]  # fmt: skip


class Host:
    """A root of its own with two PFs, and the stand-ins run on it."""

    def __init__(self, root):
        self.root = root
        for bdf in (PF, SECOND_PF):
            (root / "sys/bus/pci/devices" / bdf).mkdir(parents=True)
        self.lockdown = root / "sys/kernel/security/lockdown"
        self.lockdown.parent.mkdir(parents=True)
        self.lockdown.write_text("[none] integrity confidentiality\n")

    def run(self, program, *words, stdin=""):
        return subprocess.run(
            [BIN / program, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": "/usr/bin:/bin", "VFMIG_LAB_ROOT": str(self.root)},
        )

    def firmware(self, *words):
        result = self.run("lab-firmware", *words)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def set(self, *words):
        return self.firmware("set", *words)

    def parameters(self):
        return dict(word.split("=", 1) for word in self.firmware("params").split())

    def values(self, bdf=PF, name="NUM_OF_VFS"):
        """Default, current and next as the tool prints them."""
        result = self.run("mstconfig", "-d", bdf, "-e", "q", name)
        assert result.returncode == 0, result.stdout
        line = next(line for line in result.stdout.splitlines() if f" {name} " in line)
        return line.split()[-3:]


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def check_golden(path, text):
    if os.environ.get("VFM_REWRITE_GOLDENS") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize(
    "golden, settings, words, status", MSTCONFIG, ids=[row[0] for row in MSTCONFIG]
)
def test_mstconfig_golden(host, golden, settings, words, status):
    if settings:
        host.set(*settings)
    result = host.run("mstconfig", *words)
    assert (result.returncode, result.stderr) == (status, "")
    check_golden(DATA / "mstconfig" / f"{golden}.txt", result.stdout)


@pytest.mark.parametrize("golden, words", [("json", ["-e"]), ("json-no-e", [])])
def test_mstconfig_json(host, tmp_path, golden, words):
    host.set("layout", "json", *PENDING)
    file = tmp_path / "out.json"
    result = host.run("mstconfig", "-d", PF, *words, "-j", str(file), "q")
    assert result.returncode == 0
    assert result.stdout == f"Query output saved to {file} successfully\n"
    check_golden(DATA / "mstconfig" / f"{golden}.json", file.read_text())
    entry = json.loads(file.read_text())["Device #1"]["tlv_configuration"]["VF_MIGRATION_MODE"]
    expected = {"read_only": False, "next_value": "MIGRATION_ENABLED(2)"}
    if words:
        expected |= {"modified": True, "default_value": "DEVICE_DEFAULT(0)"}
        expected |= {"current_value": "DEVICE_DEFAULT(0)"}
    assert entry == expected


def test_json_is_refused_where_the_version_has_none(host, tmp_path):
    for layout in ("old", "mid", "new"):
        host.set("layout", layout)
        result = host.run("mstconfig", "-d", PF, "-j", str(tmp_path / "out.json"), "q")
        assert result.returncode == 3
        assert result.stdout.startswith("-E- ")
        assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize(
    "golden, settings", [("query", []), ("pending", ["fw_stored", "28.44.1036"])]
)
def test_mstflint_golden(host, golden, settings):
    if settings:
        host.set(*settings)
    for words in (["query"], ["-qq", "q"]):
        result = host.run("mstflint", "-d", PF, *words)
        assert (result.returncode, result.stderr) == (0, "")
        check_golden(DATA / "mstflint" / f"{golden}.txt", result.stdout)
    assert ("FW Version(Running):" in result.stdout) == bool(settings)


def test_mstflint_that_cannot_open(host):
    result = host.run("mstflint", "-d", "0000:03:00.0", "query")
    assert result.returncode == 1
    assert result.stdout.startswith("-E- Cannot open Device: 0000:03:00.0.")


def test_set_changes_next_and_a_boot_makes_it_current(host):
    assert host.values() == ["8", "7", "7"]
    assert host.run("mstconfig", "-d", PF, "-y", "set", "NUM_OF_VFS=4").returncode == 0
    assert host.values() == ["8", "7", "4"]
    assert host.parameters()["total_vfs"] == "7,7"
    host.firmware("boot")
    assert host.values() == ["8", "4", "4"]
    assert host.parameters()["total_vfs"] == "4,7"
    assert host.values(SECOND_PF) == ["8", "7", "7"]


def test_cold_power_cycle_keeps_a_parameter_pending_over_reboots(host):
    host.set("cold_power_cycle_needed", "NUM_OF_VFS", "fw_stored", "28.44.1036")
    host.run("mstconfig", "-d", PF, "-y", "set", "NUM_OF_VFS=4", "VF_MIGRATION_MODE=0")
    host.firmware("boot")
    host.firmware("boot")
    assert host.values() == ["8", "7", "4"]
    assert host.values(name="VF_MIGRATION_MODE")[1] == "DEVICE_DEFAULT(0)"
    assert host.parameters()["fw_running"] == "28.44.1036,28.43.1014"
    host.firmware("boot", "--cold")
    assert host.values() == ["8", "4", "4"]


def test_functions_of_one_card_share_its_settings(host):
    (host.root / "sys/bus/pci/devices/0000:01:00.1").mkdir()
    host.set("functions", "0000:01:00.0,0000:01:00.1")
    host.run("mstconfig", "-d", "01:00.1", "-y", "set", "SRIOV_EN=False", "LINK_TYPE_P2=IB")
    host.firmware("boot")
    assert host.values(PF, "SRIOV_EN")[1:] == ["False(0)", "False(0)"]
    parameters = host.parameters()
    assert parameters["sriov"] == "0,0,1"
    assert parameters["link_type"] == "ETH,IB,ETH"


def test_a_function_joins_another_card(host):
    host.set("functions", f"{PF},{SECOND_PF}", "NUM_OF_VFS", "3")
    assert host.parameters()["total_vfs"] == "3,3"
    assert host.values(SECOND_PF)[1] == "3"


def test_settings_of_the_second_card(host):
    host.firmware("-d", "02:00.0", "set", "psid", "MT_0000000894", "VF_MIGRATION_MODE", "1")
    parameters = host.parameters()
    assert parameters["psid"] == "MT_0000000838,MT_0000000894"
    assert parameters["migration"] == "1,0"
    assert host.values(PF, "VF_MIGRATION_MODE")[1] == "MIGRATION_ENABLED(2)"


def test_module_parameters_say_what_the_firmware_does_not_have(host):
    host.set("unsupported", "VF_MIGRATION_MODE")
    assert host.parameters()["migration"] == "0,1"


def test_default_forgets_everything(host):
    before = host.firmware("show")
    host.set("layout", "old", "psid", "MT_1", "SRIOV_EN", "0")
    assert host.firmware("show") != before
    host.firmware("default")
    assert host.firmware("show") == before


def test_the_kernels_own_lockdown_refuses_too(host):
    host.lockdown.write_text("none [integrity] confidentiality\n")
    result = host.run("mstconfig", *QUERY)
    assert (result.returncode, result.stdout) == (3, "-E- Failed to open the device\n")
    host.lockdown.unlink()
    assert host.run("mstconfig", *QUERY).returncode == 0


@pytest.mark.parametrize(
    "answer, status", [("y\n", 0), ("Yes\n", 0), ("n\n", 2), ("\n", 2), ("", 2)]
)
def test_set_asks(host, answer, status):
    result = host.run("mstconfig", "-d", PF, "set", "NUM_OF_VFS=2", stdin=answer)
    assert result.returncode == status
    assert "Apply new Configuration? (y/n) [n] : " in result.stdout
    assert host.values()[2] == ("2" if status == 0 else "7")


@pytest.mark.parametrize(
    "word",
    ["NUM_OF_VFS", "NUM_OF_VFS=", "NUM_OF_VFS=-1", "NUM_OF_VFS=4294967296", "SRIOV_EN=2",
     "VF_MIGRATION_MODE=SOMETHING", "LINK_TYPE_P1=0", "MEMIC_BAR_SIZE=1", "NO_SUCH=1",
     "PCI_DOWNSTREAM_PORT_OWNER=1"],
)  # fmt: skip
def test_set_refuses(host, word):
    before = host.firmware("show")
    result = host.run("mstconfig", "-d", PF, "-y", "set", word)
    assert result.returncode == 3
    assert result.stdout.startswith("-E- ")
    assert host.firmware("show") == before


@pytest.mark.parametrize(
    "words",
    [[], ["nonsense"], ["set"], ["set", "layout"], ["set", "layout", "5"], ["set", "lockdown", "1"],
     ["set", "NO_SUCH", "1"], ["set", "NUM_OF_VFS.now", "1"], ["set", "psid", "a b"],
     ["set", "unsupported", "NO_SUCH"], ["boot", "--warm"]],
)  # fmt: skip
def test_lab_firmware_refuses(host, words):
    result = host.run("lab-firmware", *words)
    assert result.returncode == 2
    assert result.stderr.startswith("lab-firmware: ")
    assert not (host.root / "var/lib/vfmig-lab/firmware.json").exists()


def test_settings_survive_in_one_whole_file(host):
    host.set("psid", "MT_0000000892")
    directory = host.root / "var/lib/vfmig-lab"
    settings = json.loads((directory / "firmware.json").read_text())
    assert settings["cards"][0]["psid"] == "MT_0000000892"
    names = sorted(path.name for path in directory.iterdir())
    assert names == ["firmware.json", "firmware.json.lock"]
