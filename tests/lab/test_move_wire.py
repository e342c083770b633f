# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the network sees of a move: it is told on the other host's wire, the switch of the source
forgets, a port that nobody prepared carries nothing, and the gap between the last frame from one
host and the first from the other is measured, beside that of virsh's own moves.
"""

import contextlib

import pytest

from lab import Guest
from moving import (
    MACS, TAG, begin, end, move, port, prepare, same_vf, vfmigrate, watch, watched,
)
from traffic import beat_faults, frame_faults, parse_beats, parse_frames, turns

TIMES = 5


@pytest.fixture(scope="module")
def hosts(lab):
    lab.each(prepare)
    return lab


@pytest.fixture
def guest(hosts):
    guest = Guest("g1")
    begin(guest, hosts.a, 0)
    yield guest
    end(hosts, "g1")


def whole(guest):
    guest.wait_beats(3)
    assert beat_faults(parse_beats(guest.words())) == []


def learned(host):
    """Tag and MAC address to the port that the bridge has them at."""
    rows = host.out("ovs-appctl fdb/show br0").splitlines()[1:]
    return {(row.split()[1], row.split()[2]): row.split()[0] for row in rows}


def number(host, netdev):
    """The OpenFlow number of a port."""
    return host.out(["ovs-vsctl", "get", "Interface", netdev, "ofport"])


@contextlib.contextmanager
def rarps(host):
    """The list is filled with the announcements that came in on the host's uplink, until TIMES."""
    seen = []
    with host.background(["timeout", "300", "/lab/host/rarpwatch", host.uplink()]) as process:
        assert process.stdout.readline() == "watching\n"
        yield seen
        for line in process.stdout:
            seen.append(line.split())
            if len(seen) == TIMES:
                break


@pytest.mark.full
def test_told_on_the_other_wire(hosts, guest):
    """Five times, with the port's tag, and not before the VM has left the source."""
    watch(hosts.a)
    with rarps(hosts.a) as seen:
        with guest.moving() as moving:
            document = vfmigrate(hosts.a, "run")
            moving.done = True
    whole(guest)
    frames = parse_frames(watched(hosts.a))
    assert frame_faults(frames) == []
    assert [line[1:] for line in seen] == TIMES * [[MACS[0], str(TAG), MACS[0]]]
    told = [float(line[0]) for line in seen]
    [turn] = turns(frames)
    assert (turn.before.direction, turn.after.direction) == ("out", "in")
    assert told[0] > turn.before.seconds
    print(f"\nfirst frame of the guest {turn.gap_seconds:.3f} s after the last one, the network was told "
          f"after {', '.join(f'{at - turn.before.seconds:.3f}' for at in told)} s")
    assert {step["step"]: step["result"] for step in document["steps"]}["move-announce"] == "done"


@pytest.mark.full
def test_the_source_forgets(hosts, guest):
    """Its bridge knows the VM at its representor, and would for five minutes. What comes in from the
    other host is dropped here before it could be learned from, so that only being told helps."""
    uplink, representor = (number(hosts.a, name) for name in (hosts.a.uplink(), hosts.a.representor(0)))
    address = (str(TAG), MACS[0])
    hosts.a.wait(f"ovs-appctl fdb/show br0 | grep -q {MACS[0]}")
    assert learned(hosts.a)[address] == representor
    hosts.a.run(f"ovs-ofctl add-flow br0 priority=100,in_port={uplink},actions=drop")
    try:
        with guest.moving() as moving:
            document = vfmigrate(hosts.a, "run")
            moving.done = True
        assert address not in learned(hosts.a)
        assert {step["step"]: step["result"] for step in document["steps"]}["move-forget"] == "done"
    finally:
        hosts.a.run(f"ovs-ofctl --strict del-flows br0 priority=100,in_port={uplink}")
    # and where nothing is dropped, it is known where the frames come from
    hosts.a.wait(f"ovs-appctl fdb/show br0 | grep -q {MACS[0]}")
    assert learned(hosts.a)[address] == uplink
    whole(guest)


def by_virsh(guest):
    """Moved as the documented command does it, to the VF of the same address; who watches there."""
    destination = guest.host.peer
    watch(destination)
    guest.migrate(f"qemu+ssh://{destination.name}/system")
    guest.wait_beats(4)
    return parse_frames(watched(destination))


@pytest.mark.full
def test_a_port_that_nobody_prepared(hosts, guest):
    """The representor there is in no bridge. virsh says success, and no frame of the guest leaves;
    'verify' says what is wrong, and 'run' would not have let it happen."""
    name = hosts.b.representor(0)
    hosts.b.run(f"ovs-vsctl del-port {name}")
    try:
        frames = by_virsh(guest)
        assert guest.running_on(hosts.b)
        assert frames and {frame.direction for frame in frames} == {"in"}
        proof = vfmigrate(hosts.a, "verify", code=4)
        assert proof["verdict"] == "not-verified"
        [wrong] = [check for check in proof["checks"] if check["status"] == "failed"]
        assert wrong["name"] == "port-bridge" and "in no bridge" in wrong["message"] and wrong["remedy"]
        # the guest itself is well, and sends: back at its old port it is heard again
        lost = parse_beats(guest.words())[-1]
        frames = by_virsh(guest)
        assert max(frame.sequence for frame in frames) > int(lost.fields["seq"])
        document = move(guest, "--dest-vf", same_vf(hosts))
        assert document["verdict"] == "moved"
        assert port(hosts.b, 0)[:2] == ("br0", str(TAG))
        [check] = [check for check in document["checks"] if check["name"] == "port-bridge"]
        assert check["status"] == "ok"
    finally:
        hosts.b.run(f"ovs-vsctl --may-exist add-port br0 {name} tag={TAG}")


# ---- round trips ---------------------------------------------------------------------


@pytest.fixture
def pinging(hosts):
    """An address of both hosts in the guest's VLAN; the first pings it all the time."""
    for host in hosts.hosts:
        host.run(f"ovs-vsctl add-port br0 lab0 tag={TAG} -- set Interface lab0 type=internal && "
                 f"ip link set lab0 up && ip address add {host.bridge_address}/24 dev lab0")
    yield
    for host in hosts.hosts:
        host.run("ovs-vsctl del-port lab0")


@contextlib.contextmanager
def pinged(host, address):
    """How many of the pings from the host were answered, in ret["answered"]."""
    ret = {}
    host.run(f"rm -f /run/lab/ping*; setsid ping -n -i 0.2 {address} >/run/lab/ping.out 2>&1 </dev/null & "
             "echo $! >/run/lab/ping.pid")
    yield ret
    host.run("kill -INT $(cat /run/lab/ping.pid); rm /run/lab/ping.pid")
    ret["answered"] = int(host.out("grep -c 'bytes from' /run/lab/ping.out; true"))


def there_and_back(guest, mover):
    """Two moves by this function; what each of them told of its downtime."""
    told = []
    for _ in range(2):
        with guest.moving() as moving:
            told.append(mover(guest.host))
            moving.done = True
        guest.wait_beats(2)
    return told


def by_vfmigrate(host):
    document = vfmigrate(host, "run")
    assert document["verdict"] == "moved"
    assert [check for check in document["checks"] if check["status"] == "failed"] == []
    return document["downtime"]["measured_ms"]


def by_virsh_alone(host):
    host.virsh("migrate", "--live", "g1", f"qemu+ssh://{host.peer.name}/system", timeout=600)
    told = host.peer.out("virsh domjobinfo g1 --completed | awk '$1 == \"Total\" && $2 == \"downtime:\" { print $3 }'")
    return int(told) if told else None


def say(mover, moved, told):
    for turn, downtime in zip(moved, told):
        print(f"{mover:10} gap on the wire {turn.gap_seconds * 1000:7.0f} ms, downtime told {downtime} ms")


@pytest.mark.full
@pytest.mark.parametrize("trips,beside", [(3, 1), (10, 3)])
def test_round_trips(hosts, guest, pinging, trips, beside):
    """By vfmigrate, and some by virsh to measure against. One watcher sees all of them: no frame and
    no beat is missing, and the guest answers through all of it."""
    told = {"vfmigrate": [], "virsh": []}
    watch(hosts.a)
    with pinged(hosts.b, guest.address) as pings:
        for _ in range(trips):
            told["vfmigrate"] += there_and_back(guest, by_vfmigrate)
        for _ in range(beside):
            told["virsh"] += there_and_back(guest, by_virsh_alone)
    frames = parse_frames(watched(hosts.a))
    moved = turns(frames)
    print()
    say("vfmigrate", moved[:2 * trips], told["vfmigrate"])
    say("virsh", moved[2 * trips:], told["virsh"])
    print(f"{pings['answered']} pings answered")
    assert frame_faults(frames) == []
    assert {frame.vlan for frame in frames} == {str(TAG)}
    assert [turn.after.direction for turn in moved] == (trips + beside) * ["in", "out"]
    whole(guest)
    # before, between and after: more than one for each stay on a host
    assert pings["answered"] > 2 * (trips + beside)
    for host in hosts.hosts:
        assert guest.answers(host)
