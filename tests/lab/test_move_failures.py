# SPDX-License-Identifier: LGPL-2.1-or-later
"""Moves that fail before the switch: the VM goes on where it was, nothing of it is left over there,
the result says why and what helps, and the next move succeeds.

The destination's representor is in no bridge before each of them: that a move had put it into one,
with its tag, is what there is to be undone.
"""

import contextlib

import pytest

from lab import Guest
from moving import (
    SLOWLY, begin, end, move, no_claims, port, prepare, same_vf, under_way, vfmigrate, watch, watched,
)
from traffic import beat_faults, frame_faults, parse_beats, parse_frames

KNOBS = "/sys/module/mlx5_vfio_pci/parameters"
VFS = 3
# of linux/vfio.h
STOP_COPY = 3


@pytest.fixture(scope="module")
def hosts(lab):
    lab.each(prepare, VFS)
    return lab


@contextlib.contextmanager
def knob(host, name, value):
    """A knob of the variant driver's, for the length of the block."""
    host.run("modprobe mlx5_vfio_pci")
    old = host.out(f"cat {KNOBS}/{name}")
    host.run(f"echo {value} >{KNOBS}/{name}")
    try:
        yield
    finally:
        host.run(f"echo {old} >{KNOBS}/{name}")


@pytest.fixture
def early_bytes():
    """What of the device state goes before the stop, in KiB."""
    return 4


@pytest.fixture
def guest(hosts, early_bytes):
    """g1 on host a, and a port on host b that wants making."""
    name = hosts.b.representor(0)
    hosts.b.run(f"ovs-vsctl del-port {name}")
    guest = Guest("g1")
    with knob(hosts.a, "precopy_kb", early_bytes):
        begin(guest, hosts.a, 0)
    yield guest
    end(hosts, "g1")
    hosts.b.run(f"ovs-vsctl --may-exist add-port br0 {name}")


def there(hosts):
    """All of the destination that a move may change."""
    ports = [port(hosts.b, vf) for vf in range(VFS)]
    return ports, hosts.b.out("ovs-vsctl list port; devlink port show; ls -A /run/libvirt/qemu/*.pid 2>&1")


@contextlib.contextmanager
def fails(hosts, guest, frames=True):
    """The block's move comes to nothing. frames: none of the guest's is lost by that."""
    before = there(hosts)
    watch(hosts.a)
    yield
    stays(hosts, guest, before)
    seen = parse_frames(watched(hosts.a))
    assert seen and {frame.direction for frame in seen} == {"out"}
    if frames:
        assert frame_faults(seen) == []


def stays(hosts, guest, before):
    """It runs here, as it did, and there is nothing of it there."""
    guest.wait_beats(4)
    beats = parse_beats(guest.words())
    assert [fault for fault in beat_faults(beats) if "set up anew" not in fault] == []
    assert "seq" in beats[-1].fields, "its VF is not up"
    assert guest.running_on(hosts.a)
    assert "g1" not in hosts.b.out("virsh -q list --all --name").split()
    assert there(hosts) == before
    no_claims(hosts)


def explained(document, *words):
    """It stayed, and the result says by which words, and what to do."""
    assert document["verdict"] == "stayed", document
    for word in words:
        assert word in document["message"]
    assert document["remedy"], document["message"]
    steps = {step["step"]: step["result"] for step in document["steps"]}
    assert steps["move-migrate"] == "failed"
    assert steps["move-port"] == "undone"


def moves(hosts, guest):
    """What failed has left nothing that hinders the next one."""
    document = move(guest, "--dest-vf", same_vf(hosts))
    assert document["verdict"] == "moved"
    assert guest.running_on(hosts.b)


def test_the_device_cannot_be_resumed(hosts, guest):
    """The destination's VF takes what was sent early, and refuses the state: after the source has
    stopped, which has to let the VM go on."""
    with fails(hosts, guest), knob(hosts.b, "refuse_write", 5000):
        document = vfmigrate(hosts.a, "run", "--dest-vf", same_vf(hosts), code=1)
    explained(document)
    moves(hosts, guest)


@pytest.mark.full
def test_the_device_cannot_begin_to_resume(hosts, guest):
    """It is refused with the first bytes, before anything was stopped."""
    with fails(hosts, guest), knob(hosts.b, "refuse_write", 1):
        document = vfmigrate(hosts.a, "run", "--dest-vf", same_vf(hosts), code=1)
    explained(document)
    moves(hosts, guest)


@pytest.mark.full
@pytest.mark.parametrize("early_bytes,whole", [(4, False), (0, True)])
def test_the_state_cannot_be_saved(hosts, guest, early_bytes, whole):
    """The source's VF fails to enter the state of saving. Where part of it was sent early, QEMU has
    no other way back than to reset the VF, and the guest sets it up anew; else nothing is lost."""
    with fails(hosts, guest, frames=whole), knob(hosts.a, "fail_state", STOP_COPY):
        document = vfmigrate(hosts.a, "run", "--dest-vf", same_vf(hosts), code=1)
    explained(document)
    inits = {beat.fields.get("init") for beat in parse_beats(guest.words())}
    assert (len(inits) == 1) == whole
    if whole:
        moves(hosts, guest)
    else:
        moves_on(hosts, guest)


def moves_on(hosts, guest):
    """As moves(), for a guest that has lost frames before."""
    with guest.moving() as moving:
        assert vfmigrate(hosts.a, "run", "--dest-vf", same_vf(hosts))["verdict"] == "moved"
        moving.done = True
    guest.wait_beats(3)
    assert guest.running_on(hosts.b)


@pytest.mark.full
def test_the_other_qemu_is_killed(hosts, guest):
    with fails(hosts, guest):
        with under_way(hosts.a, "g1", *SLOWLY, "--dest-vf", same_vf(hosts)) as ended:
            hosts.b.run("kill -KILL $(cat /run/libvirt/qemu/g1.pid)")
        assert ended["code"] == 1, ended["said"]
    explained(ended["document"])
    moves(hosts, guest)


# the netdev that libvirt, QEMU and ssh reach the other host by
LINK = "mig0"


@pytest.mark.full
def test_the_link_is_cut(hosts, guest):
    """Nobody can say what the destination has, so nothing is touched; once it answers again,
    'recover' proves that the VM is here and puts back what was set there."""
    with fails(hosts, guest):
        with under_way(hosts.a, "g1", *SLOWLY, "--dest-vf", same_vf(hosts)) as ended:
            hosts.b.run(f"ip link set {LINK} down")
            try:
                hosts.a.wait("[ -s /run/lab/g1-run.code ]", seconds=300)
                waits = vfmigrate(hosts.a, "recover", code=3)
                assert guest.running_on(hosts.a)
            finally:
                hosts.b.run(f"ip link set {LINK} up")
        assert ended["code"] == 5, ended["said"]
        assert ended["document"]["verdict"] == "stuck"
        assert "recover" in ended["document"]["remedy"]
        assert waits["verdict"] == "waits" and waits["did"] == []
        hosts.a.wait("virsh -c qemu+ssh://b/system version", seconds=120)
        refused = hosts.a.run("vfmigrate run g1 --to qemu+ssh://b/system --json", check=False, timeout=600)
        assert refused.returncode != 0 and "recover" in refused.stdout + refused.stderr
        closed = vfmigrate(hosts.a, "recover")
        assert closed["verdict"] == "recovered" and closed["now"] == "source"
    moves(hosts, guest)


@pytest.mark.full
def test_vfmigrate_is_killed(hosts, guest):
    """What it had set on the destination is in the journal, and 'recover' puts it back."""
    with fails(hosts, guest):
        with under_way(hosts.a, "g1", *SLOWLY, "--dest-vf", same_vf(hosts)) as ended:
            assert port(hosts.b, 0)[0] == "br0"
            hosts.a.run(f"kill -KILL {ended['process']}")
        # peer to peer the daemons go on by themselves
        hosts.a.run("vfmigrate abort g1", check=False)
        hosts.a.wait("! virsh domjobinfo g1 | grep -q Unbounded", seconds=180)
        assert port(hosts.b, 0)[0] == "br0"
        closed = vfmigrate(hosts.a, "recover")
        assert closed["verdict"] == "recovered" and closed["now"] == "source"
        assert any("port" in line for line in closed["did"]), closed["did"]
        assert vfmigrate(hosts.a, "recover")["verdict"] == "nothing-to-do"
    moves(hosts, guest)
