# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfprep on real hosts: facts against what the system's own commands say, status in each half-way
state, its fixes typed until the host is ready, and two hosts compared, alike and not alike.

Each test begins with a host that the one before may have changed: what it needs it sets up itself
from bare (`bare`) or from prepared (`pair`).
"""

import json

import pytest

from lab import PF, Guest, Host

KNOBS = "/sys/module/mlx5_core/parameters"


def facts(host, *options):
    document = host.out(["vfprep", "facts", *options])
    return json.loads(document), len(document)


def vfprep_json(host, *arguments, codes=(0, 3)):
    """The document of status or compare; the exit code must be one of these."""
    ran = host.run(["vfprep", arguments[0], "--json", *arguments[1:]], check=False)
    assert ran.returncode in codes, ran.stderr + ran.stdout
    return json.loads(ran.stdout), ran.returncode


def all_findings(document):
    """Every finding of a status document."""
    for host in document["hosts"]:
        yield from host["findings"]
        for pf in host["pfs"]:
            yield from pf["findings"]


def refusing(findings):
    return {row["id"] for row in findings if row["severity"] == "refuse" and not row["accepted"]}


def devlink_json(host, *words):
    return json.loads(host.out(["devlink", "-j", *words]))


@pytest.fixture
def bare(lab):
    lab.a.reset()
    return lab.a


@pytest.fixture(scope="module")
def pair(lab):
    """Both hosts prepared by hand; tests put back what they change."""
    lab.each(Host.reset)
    lab.each(Host.prepare)
    return lab


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


def test_facts_of_a_prepared_host(pair):
    host = pair.a
    [pf] = facts(host)[0]["pfs"]
    bridges = facts(host)[0]["ovs"]["bridges"]
    ports = devlink_json(host, "port", "show")["port"]
    by_vf = {port["vfnum"]: port for port in ports.values() if port.get("flavour") == "pcivf"}
    assert pf["eswitch_mode"] == "switchdev"
    assert len(pf["vfs"]) == len(by_vf) == 2
    for vf in pf["vfs"]:
        port = by_vf[vf["number"]]
        assert vf["representor"]["name"] == port["netdev"] == host.representor(vf["number"])
        assert vf["hw_addr"] == port["function"]["hw_addr"]
        assert vf["migratable"] == port["function"]["migratable"] + "d" == "enabled"
        assert vf["driver"] is None
        assert vf["users"] == []
        assert vf["iommu_group_alone"] is True
        assert vf["bdf"] == host.out(
            f"basename $(readlink /sys/bus/pci/devices/{PF}/virtfn{vf['number']})"
        )
        link = json.loads(host.out(["ip", "-j", "link", "show", vf["representor"]["name"]]))[0]
        assert vf["representor"]["mtu"] == link["mtu"]
        assert vf["representor"]["up"] is ("UP" in link["flags"])
    [bridge] = bridges
    assert bridge["name"] == "br0"
    assert bridge["only_normal"] is True
    names = {port["name"] for port in bridge["ports"]}
    assert names >= set(host.out("ovs-vsctl list-ports br0").split())


def test_document_of_seven_vfs_stays_small(bare):
    bare.prepare("--vfs", "7")
    document, size = facts(bare)
    assert len(document["pfs"][0]["vfs"]) == 7
    print(f"facts of 1 PF and 7 VFs: {size} bytes")
    assert size < 6400
    full, full_size = facts(bare, "--full")
    assert full_size > size
    assert "hypervisor" in full["cpu"]["flags"]


def test_facts_without_root(pair):
    """What needs root is unknown with the reason; the rest is there."""
    ran = pair.a.run(["/lab/bin/vfprep", "facts"], user="admin")
    document = json.loads(ran.stdout)
    [pf] = document["pfs"]
    assert document["host"]["privileged"] is False
    assert "CAP_NET_ADMIN" in pf["eswitch_mode"]["unknown"]
    assert pf["psid"] == facts(pair.a)[0]["pfs"][0]["psid"]
    assert "unknown" in pf["firmware"]["vf_migration_mode"]["current"]


def test_vf_of_a_running_vm_names_its_user(pair):
    guest = Guest("used")
    guest.start(pair.a)
    try:
        vf = facts(pair.a)[0]["pfs"][0]["vfs"][0]
        document, code = vfprep_json(pair.a, "status")
        assert any("used (running)" in user for user in vf["users"])
        assert vf["driver"] == "mlx5_vfio_pci"
        assert code == 0, refusing(all_findings(document))
    finally:
        pair.a.virsh("destroy", "used")


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


@pytest.mark.parametrize("name,lines,wrong,right", HALFWAY, ids=[row[0] for row in HALFWAY])
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


# ---- compare ----------------------------------------------------------------


def compare(pair, *options):
    return vfprep_json(pair.a, "compare", *options, "local", "ssh:b")


def pair_refusals(document):
    rows = list(document["findings"])
    for pf in document["pfs"]:
        rows += pf["findings"]
    return refusing(rows)


def test_equal_hosts_can_exchange(pair):
    document, code = compare(pair)
    assert code == 0, pair_refusals(document)
    assert document["exchange"] is True


# what is changed on host b, how it is put back, the rule that must refuse
DIFFERENT = [
    ("psid-match", f"echo MT_0000000894 >{KNOBS}/psid", f"echo MT_0000000838 >{KNOBS}/psid"),
    (
        "firmware-match",
        f"echo 28.41.1000 >{KNOBS}/fw_running",
        f"echo 28.43.1014 >{KNOBS}/fw_running",
    ),
    (
        "vf-caps",
        f"devlink port function set pci/{PF}/1 roce disable",
        f"devlink port function set pci/{PF}/1 roce enable",
    ),
    (
        "ovs-parity",
        "ovs-vsctl del-port br0 {uplink} -- add-br other -- add-port other {uplink}",
        "ovs-vsctl del-br other -- add-port br0 {uplink}",
    ),
]


@pytest.mark.parametrize("rule,change,back", DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_hosts_that_differ(pair, rule, change, back):
    uplink = pair.b.uplink()
    pair.b.run(change.format(uplink=uplink))
    try:
        document, code = compare(pair)
    finally:
        pair.b.run(back.format(uplink=uplink))
    assert code == 3
    assert document["exchange"] is False
    assert rule in pair_refusals(document)


def test_compare_of_documents_equals_compare_by_ssh(pair):
    pair.a.run("vfprep facts -o /run/a.json && vfprep facts ssh:b -o /run/b.json")
    document, code = vfprep_json(pair.a, "compare", "/run/a.json", "/run/b.json")
    assert code == 0, pair_refusals(document)


def test_user_with_sudo_on_the_other_side(pair):
    """ssh as a user: with --sudo all is seen, without it the host is judged by what it could see."""
    document, code = vfprep_json(pair.a, "compare", "--sudo", "local", "ssh:admin@b")
    assert code == 0, pair_refusals(document)
    ran = pair.a.run(["vfprep", "facts", "ssh:admin@b"])
    assert json.loads(ran.stdout)["host"]["privileged"] is False


def test_host_without_the_agent_is_told(pair):
    pair.b.run("mount -t tmpfs none /lab/bin")
    try:
        ran = pair.a.run(["vfprep", "facts", "ssh:b"], check=False)
    finally:
        pair.b.run("umount /lab/bin")
    assert ran.returncode == 1
    assert "vfprep" in ran.stderr and "install" in ran.stderr


def test_host_that_is_not_there(pair):
    ran = pair.a.run(["vfprep", "facts", "ssh:no-such-host"], check=False)
    assert ran.returncode == 1
    assert "no-such-host" in ran.stderr
