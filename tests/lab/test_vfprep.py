# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfprep on one host that begins bare: its facts against what the system's own commands say, status
in each half-way state, and its fixes typed until the host is ready.
"""

import pytest

from documents import KNOBS, all_findings, devlink_json, facts, refusing, vfprep_json
from lab import PF


@pytest.fixture
def bare(lab):
    lab.a.reset()
    return lab.a


# ---- facts ------------------------------------------------------------------


def test_facts_of_a_bare_host(bare):
    document, size = facts(bare)
    assert size < 6144
    [pf] = document["pfs"]
    info = devlink_json(bare, "dev", "info", f"pci/{PF}")["info"][f"pci/{PF}"]["versions"]
    assert pf["bdf"] == PF
    assert (pf["device_id"], pf["model"], pf["driver"]) == ("15b3:1021", "ConnectX-7", "mlx5_core")
    assert pf["psid"] == info["fixed"]["fw.psid"]
    assert pf["firmware_running"] == info["running"]["fw.version"]
    assert (pf["eswitch_mode"], pf["num_vfs"], pf["vfs"]) == ("legacy", 0, [])
    assert pf["total_vfs"] == 7
    assert pf["firmware"]["vf_migration_mode"]["current"] == "MIGRATION_ENABLED(2)"
    assert pf["uplink"]["netdev"]["name"] == bare.uplink()
    assert document["iommu"] == {"enabled": True, "interrupt_remapping": True}
    assert document["vfio"]["module_available"] is True
    assert document["vfio"]["module_alias"] is True
    assert document["ovs"]["running"] is True
    assert document["ovs"]["bridges"] == []
    assert document["libvirt"]["version"] in bare.out("virsh version --daemon")
    assert document["host"]["kernel"] == bare.out("uname -r")
    assert document["host"]["privileged"] is True


@pytest.mark.full
def test_document_of_seven_vfs_stays_small(bare):
    bare.prepare("--vfs", "7")
    document, size = facts(bare)
    assert len(document["pfs"][0]["vfs"]) == 7
    print(f"facts of 1 PF and 7 VFs: {size} bytes")
    assert size < 6400
    full, full_size = facts(bare, "--full")
    assert full_size > size
    assert "hypervisor" in full["cpu"]["flags"]


# ---- status -----------------------------------------------------------------

AUTOPROBE = f"echo 0 >/sys/bus/pci/devices/{PF}/sriov_drivers_autoprobe"
VFS = f"echo 2 >/sys/bus/pci/devices/{PF}/sriov_numvfs && udevadm settle"
SWITCHDEV = f"devlink dev eswitch set pci/{PF} mode switchdev"
MIGRATABLE = "for v in 1 2; do devlink port function set pci/%s/$v migratable enable; done" % PF
BRIDGE = "ovs-vsctl add-br br0"
UPLINK = "ovs-vsctl add-port br0 {uplink} && ip link set {uplink} up"

# name, shell lines from bare, rules that must refuse, rules that must not
HALFWAY = [
    ("bare", [], {"switchdev", "vf-migratable", "ovs-bridge", "ovs-uplink-port"}, {"psid-readable"}),
    ("switchdev", [SWITCHDEV], {"vf-migratable", "ovs-bridge"}, {"switchdev"}),
    ("legacy-vfs", [AUTOPROBE, VFS], {"switchdev", "vf-migratable"}, set()),
    ("bound", [SWITCHDEV, VFS], {"vf-migratable"}, {"switchdev"}),
    ("unbound", [SWITCHDEV, AUTOPROBE, VFS], {"vf-migratable"}, {"vf-driver"}),
    (
        "migratable",
        [SWITCHDEV, AUTOPROBE, VFS, MIGRATABLE],
        {"ovs-bridge", "ovs-uplink-port"},
        {"vf-migratable", "vf-driver", "iommu-group", "migration-mode"},
    ),
    (
        "uplink",
        [SWITCHDEV, AUTOPROBE, VFS, MIGRATABLE, BRIDGE, UPLINK],
        {"ovs-vf-port"},
        {"ovs-bridge", "ovs-uplink-port", "pf-link"},
    ),
    (
        "not-offered",
        [f"echo N >{KNOBS}/migration", SWITCHDEV, AUTOPROBE, VFS],
        {"vf-migratable"},
        {"switchdev"},
    ),
    ("no-firmware-answer", [f"echo 255.255.65535 >{KNOBS}/fw_running"], {"firmware-readable"}, set()),
    ("old-firmware", [f"echo 28.35.1000 >{KNOBS}/fw_running"], {"firmware-min"}, {"firmware-readable"}),
    ("no-ovs", ["systemctl stop openvswitch"], {"ovs-running"}, set()),
]


# rows that run by default too
SAMPLE = {"bare", "uplink", "not-offered", "no-ovs"}


@pytest.mark.parametrize("name,lines,wrong,right", [
    pytest.param(*row, id=row[0], marks=() if row[0] in SAMPLE else pytest.mark.full) for row in HALFWAY
])
def test_halfway(bare, name, lines, wrong, right):
    uplink = bare.uplink()
    for line in lines:
        bare.run(line.format(uplink=uplink))
    document, code = vfprep_json(bare, "status")
    found = refusing(all_findings(document))
    assert code == 3
    assert wrong <= found
    assert not right & found
    for row in all_findings(document):
        if row["status"] == "fail":
            assert row["fix"] or row["remedy"], row
    if name == "no-ovs":
        bare.run("systemctl start openvswitch")


def test_fixes_lead_to_ready(bare):
    """Typing the commands under each refusing finding, again and again, makes the host ready."""
    for _ in range(8):
        document, code = vfprep_json(bare, "status")
        if code == 0:
            break
        lines = [
            line
            for row in all_findings(document)
            if row["severity"] == "refuse"
            for line in row["fix"]
            if not line.startswith("#")
        ]
        assert lines, refusing(all_findings(document))
        for line in dict.fromkeys(lines):
            bare.run(line)
        bare.run("udevadm settle")
    assert code == 0, refusing(all_findings(document))
    assert [vf["migratable"] for vf in facts(bare)[0]["pfs"][0]["vfs"]] == ["enabled"]


def test_pending_setting_names_the_reboot(bare):
    """Enabled from the next boot only: refused, and current after a reboot."""
    bare.run("lab-firmware set VF_MIGRATION_MODE.current 0")
    document, code = vfprep_json(bare, "status")
    assert code == 3
    assert {"migration-mode", "migration-mode-pending"} <= refusing(all_findings(document))
    bare.reboot()
    document, _ = vfprep_json(bare, "status")
    assert not {"migration-mode", "migration-mode-pending"} & refusing(all_findings(document))


def test_kernel_lockdown_is_named(bare):
    bare.run("lab-firmware set lockdown on")
    document, code = vfprep_json(bare, "status")
    row = next(row for row in all_findings(document) if row["id"] == "migration-mode")
    assert code == 3
    assert row["status"] == "unknown"
    bare.run("lab-firmware set lockdown off")
