# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate moves VMs with their VFs between two prepared hosts: real libvirt, QEMU, devlink and
Open vSwitch. Heartbeats prove that no memory was lost, numbered frames that the VF lost nothing.
"""

import json

import pytest

from lab import PF, Guest
from moving import MACS, MTU, TAG, begin, end, move, port, ports, prepare, refusals, same_vf, vf_address, vfmigrate
from traffic import beat_faults, parse_beats


@pytest.fixture(scope="module")
def hosts(lab):
    lab.each(prepare)
    return lab


@pytest.fixture
def guest(hosts):
    """g1 on host a, with VF 0 of its card."""
    guest = Guest("g1")
    begin(guest, hosts.a, 0)
    yield guest
    end(hosts, "g1")


def test_there_and_back(hosts, guest):
    """The VF, its VLAN and MTU go along; the network is told; nothing stays behind."""
    checked = vfmigrate(hosts.a, "check")
    assert checked["verdict"] == "can-move" and refusals(checked) == []
    for source, destination in ((hosts.a, hosts.b), (hosts.b, hosts.a)):
        document = move(guest)
        assert document["verdict"] == "moved"
        [vf] = document["vfs"]
        assert port(destination, 0) == ("br0", str(TAG), MTU, True)
        assert [step["step"] for step in document["steps"] if step["result"] != "done"] == []
        assert "move-announce" in [step["step"] for step in document["steps"]]
        assert [check for check in document["checks"] if check["status"] == "failed"] == []
        assert vf["mac"] == MACS[0]
        assert "g1" in destination.out("virsh -q list --name").split()
        assert "g1" not in source.out("virsh -q list --all --name").split()


@pytest.mark.full
def test_port_is_prepared(hosts, guest):
    """virsh would say success, and no frame would leave: the representor is in no bridge. What the
    source's port has beside its tag goes along."""
    name = hosts.b.representor(0)
    hosts.b.run(f"ovs-vsctl del-port {name}")
    hosts.a.run(f"ovs-vsctl set port {hosts.a.representor(0)} qos=@q -- --id=@q create qos "
                "type=linux-noop external_ids:wanted=here")
    checked = vfmigrate(hosts.a, "check", "--dest-vf", same_vf(hosts))
    assert checked["vfs"][0]["port"]["make"] is True
    document = move(guest, "--dest-vf", same_vf(hosts))
    assert document["verdict"] == "moved"
    assert port(hosts.b, 0)[:2] == ("br0", str(TAG))
    assert hosts.b.out(f"ovs-vsctl get qos $(ovs-vsctl get port {name} qos) type").strip() == "linux-noop"
    hosts.a.run(f"ovs-vsctl clear port {hosts.a.representor(0)} qos -- --all destroy qos")
    hosts.b.run(f"ovs-vsctl clear port {name} qos -- --all destroy qos")


@pytest.mark.full
def test_a_broken_dirty_log_would_be_seen(hosts, guest):
    """What all others rely on: memory that the VF wrote and nobody sent again shows in the beats."""
    knob = "/sys/module/mlx5_vfio_pci/parameters/no_dirty"
    hosts.a.run(f"echo Y >{knob}")
    try:
        with guest.moving() as moving:
            assert vfmigrate(hosts.a, "run")["verdict"] == "moved"
            moving.done = True
        guest.wait_beats(4)
    finally:
        hosts.a.run(f"echo N >{knob}")
    assert beat_faults(parse_beats(guest.words())) != []


@pytest.mark.full
def test_another_address(hosts, guest):
    """VF 0 of the destination is taken: another gets its VLAN, and the VM's XML its address."""
    other = vf_address(hosts.b, 2)
    document = move(guest, "--dest-vf", f"{vf_address(hosts.a, 0)}={other}")
    assert document["vfs"][0]["destination"] == other
    bus, slot, function = other[5:7], other[8:10], other[-1]
    xml = hosts.b.out("virsh -q dumpxml g1")
    assert f"bus='0x{bus}' slot='0x{slot}' function='0x{function}'" in xml
    assert port(hosts.b, 2)[:2] == ("br0", str(TAG))


@pytest.mark.parametrize("rule,arguments", [
    ("no-postcopy", ["--postcopy"]),
])
def test_refused(hosts, guest, rule, arguments):
    """By a rule, with nothing touched."""
    before = [host.out("ovs-vsctl list port; virsh -q list --all; devlink port show") for host in hosts.hosts]
    document = vfmigrate(hosts.a, "run", *arguments, code=3)
    assert document["verdict"] == "cannot-move"
    assert rule in refusals(document)
    assert before == [host.out("ovs-vsctl list port; virsh -q list --all; devlink port show")
                      for host in hosts.hosts]


@pytest.mark.full
def test_destination_not_ready(hosts, guest):
    """No VF there may be migrated: said for each, with the remedy."""
    unset = "; ".join(f"devlink port function set pci/{PF}/{index} migratable disable"
                      for index in ports(hosts.b))
    again = unset.replace("disable", "enable")
    hosts.b.run(unset)
    try:
        document = vfmigrate(hosts.a, "run", code=3)
    finally:
        hosts.b.run(again)
    assert "dest-vf-available" in refusals(document)
    assert {item["unfit"] for item in document["vfs"][0]["unfits"]} == {"not-migratable"}


@pytest.mark.full
def test_stopped_before_the_switch(hosts, guest):
    """Ctrl-C: the VM goes on where it was, and what was set on the destination is as before."""
    name = hosts.b.representor(0)
    hosts.b.run(f"ovs-vsctl del-port {name}")
    before = port(hosts.b, 0)
    hosts.a.run("rm -f /run/lab/move.*; (setsid vfmigrate run g1 --to qemu+ssh://b/system --bandwidth 1 "
                f"--accept downtime-estimate --dest-vf {same_vf(hosts)} --json --events "
                ">/run/lab/move.out 2>/run/lab/move.err & "
                "echo $! >/run/lab/move.pid; wait $!; echo $? >/run/lab/move.code) </dev/null >/dev/null 2>&1 &")
    hosts.a.wait("grep -q copies /run/lab/move.err", seconds=240)
    hosts.a.run("kill -INT $(cat /run/lab/move.pid)")
    hosts.a.wait("[ -s /run/lab/move.code ]", seconds=240)
    assert hosts.a.get("/run/lab/move.code").strip() == "1", hosts.a.get("/run/lab/move.err")
    assert json.loads(hosts.a.get("/run/lab/move.out"))["verdict"] == "stayed"
    guest.wait_beats(3)
    assert port(hosts.b, 0) == before
    assert "g1" not in hosts.b.out("virsh -q list --all --name").split()
    assert beat_faults(parse_beats(guest.words())) == []
    hosts.b.run(f"ovs-vsctl add-port br0 {name}")
