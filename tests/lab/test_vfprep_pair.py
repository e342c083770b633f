# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfprep on two prepared hosts: facts, a VM's VF, and comparing, alike and not alike.

Both hosts are prepared by hand once; a test that changes something puts it back.
"""

import json

import pytest

from documents import KNOBS, all_findings, devlink_json, facts, refusing, vfprep_json
from lab import PF, Guest, Host


@pytest.fixture(scope="module")
def pair(lab):
    lab.each(Host.prepare)
    return lab


# ---- facts ------------------------------------------------------------------


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


def test_facts_without_root(pair):
    """What needs root is unknown with the reason; the rest is there."""
    ran = pair.a.run(["/lab/bin/vfprep", "facts"], user="admin")
    document = json.loads(ran.stdout)
    [pf] = document["pfs"]
    assert document["host"]["privileged"] is False
    assert "CAP_NET_ADMIN" in pf["eswitch_mode"]["unknown"]
    assert pf["psid"] == facts(pair.a)[0]["pfs"][0]["psid"]
    assert "unknown" in pf["firmware"]["vf_migration_mode"]["current"]


@pytest.mark.full
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
    assert [host["verdict"] for host in document["hosts"]] == ["ready", "ready"]


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
