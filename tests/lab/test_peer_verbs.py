# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verbs of a move on real hosts: what a session with 'vfprep serve' reserves, changes and tells.

Both hosts are prepared by hand once; a test that changes something puts it back by the same verb.
"""

import contextlib
import errno
import json
import subprocess
import time

import pytest

from lab import PF, Host

OWNER = "vfmigrate: vm1 from host-a, pid 812"
MAC = "52:54:00:77:12:34"

# A port at which nobody accepts and no place is left: who comes is not answered.
FULL = r"""
import socket, time
listener = socket.socket()
listener.bind(("", 49215))
listener.listen(0)
waiting = [socket.socket() for _ in range(8)]
for client in waiting:
    client.setblocking(False)
    client.connect_ex(("127.0.0.1", 49215))
print("full", flush=True)
time.sleep(60)
"""


class Refused(Exception):
    """The other side's error."""

    def __init__(self, error):
        super().__init__(json.dumps(error))
        self.code = error["code"]
        self.what = error["what"]


class Session:
    """One 'vfprep serve' over ssh."""

    def __init__(self, host):
        self.process = subprocess.Popen(
            host.argv(["vfprep", "serve"], "root"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert json.loads(self.process.stdout.readline())["kind"] == "vfprep-serve"

    def ask(self, verb, **members):
        request = {"schema": 1, "verb": verb, **members}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if not answer["ok"]:
            raise Refused(answer["error"])
        [value] = [value for key, value in answer.items() if key not in ("schema", "ok")]
        return value

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


@contextlib.contextmanager
def session(host):
    made = Session(host)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def pair(lab):
    lab.each(Host.prepare)
    return lab


def vf_address(host, number):
    return host.out(f"basename $(readlink /sys/bus/pci/devices/{PF}/virtfn{number})")


def users(asker, name, number=0):
    """Who uses the VF, as another host sees it."""
    facts = json.loads(asker.out(["vfprep", "facts", name]))
    return facts["pfs"][0]["vfs"][number]["users"]


def hw_addr(host, number):
    ports = json.loads(host.out(["devlink", "-j", "port", "show"]))["port"].values()
    [port] = [p for p in ports if p.get("flavour") == "pcivf" and p.get("vfnum") == number]
    return port["function"]["hw_addr"]


# What is carried beside bridge and tag: table and column, and what stands there when it is not set.
OPTIONS = (
    ("Port", "vlan_mode", "[]"),
    ("Port", "trunks", "[]"),
    ("Interface", "ingress_policing_rate", "0"),
    ("Interface", "ingress_policing_burst", "0"),
)


def options(host, representor):
    """As a request has them, out of the words of Open vSwitch's own tool."""
    words = []
    for table, column, unset in OPTIONS:
        value = host.out(["ovs-vsctl", "get", table, representor, column])
        if value != unset:
            words.append(f"{column}={value.strip('[]').replace(' ', '')}")
    return " ".join(words) or None


def place(host, representor):
    """Bridge, tag and options of a port, and the netdev's MTU and link, by the tools of others."""
    bridge = host.run(["ovs-vsctl", "port-to-br", representor], check=False)
    mtu = int(host.out(f"cat /sys/class/net/{representor}/mtu"))
    up = bool(int(host.out(f"cat /sys/class/net/{representor}/flags"), 16) & 1)
    if bridge.returncode:
        return {"bridge": None, "tag": None, "options": None, "mtu": mtu, "up": up}
    tag = host.out(["ovs-vsctl", "get", "Port", representor, "tag"])
    return {
        "bridge": bridge.stdout.strip(),
        "tag": None if tag == "[]" else int(tag),
        "options": options(host, representor),
        "mtu": mtu,
        "up": up,
    }


# ---- claims -----------------------------------------------------------------


def test_claim_is_seen_from_the_other_host(pair):
    vf = vf_address(pair.b, 0)
    assert users(pair.a, "ssh:b") == []
    with session(pair.b) as moving:
        state = moving.ask("claim", vf=vf, owner=OWNER)
        assert state["bdf"] == vf
        assert state["migratable"] == "enabled"
        assert state["driver"] is None
        assert state["users"] == []
        assert state["representor"]["name"] == pair.b.representor(0)
        assert users(pair.a, "ssh:b") == [f"claimed by {OWNER}"]
        assert moving.ask("release", device=vf) == 1
        assert users(pair.a, "ssh:b") == []
        moving.ask("claim", vf=vf, owner=OWNER)
    assert users(pair.a, "ssh:b") == []


def test_two_sessions_want_one_vf(pair):
    vf = vf_address(pair.b, 0)
    with session(pair.b) as first, session(pair.b) as second:
        first.ask("claim", vf=vf, owner=OWNER)
        with pytest.raises(Refused) as refused:
            second.ask("claim", vf=vf, owner="another")
        assert refused.value.code == errno.EBUSY
        assert OWNER in refused.value.what
        # however the first one ends; sshd takes a moment to see it
        first.process.kill()
        for _ in range(300):
            with contextlib.suppress(Refused):
                second.ask("claim", vf=vf, owner="another")
                break
            time.sleep(0.1)
        assert users(pair.a, "ssh:b") == ["claimed by another"]


def test_vf_that_is_used_is_not_claimed(pair):
    vf = vf_address(pair.b, 1)
    sysfs = f"/sys/bus/pci/devices/{vf}"
    pair.b.run(f"echo mlx5_core >{sysfs}/driver_override && echo {vf} >/sys/bus/pci/drivers_probe")
    pair.b.run("udevadm settle")
    try:
        netdev = pair.b.out(f"ls {sysfs}/net")
        pair.b.run(["ip", "link", "set", netdev, "up"])
        with session(pair.b) as moving:
            with pytest.raises(Refused) as refused:
                moving.ask("claim", vf=vf, owner=OWNER)
            assert refused.value.code == errno.EBUSY
            assert f"netdev {netdev}" in refused.value.what
            pair.b.run(["ip", "link", "set", netdev, "down"])
            # what is bound, but used by nobody, can be claimed and gets no address
            assert moving.ask("claim", vf=vf, owner=OWNER)["driver"] == "mlx5_core"
            with pytest.raises(Refused) as refused:
                moving.ask("hw-addr", vf=vf, mac=MAC)
            assert refused.value.code == errno.EBUSY
    finally:
        pair.b.run(f"echo {vf} >{sysfs}/driver/unbind; echo >{sysfs}/driver_override")


def test_slots(pair):
    with session(pair.a) as first, session(pair.a) as second:
        assert first.ask("slots", pf=PF, count=3, owner=OWNER) == 3
        with pytest.raises(Refused) as refused:
            second.ask("slots", pf=PF, count=2, owner="another")
        assert refused.value.code == errno.EBUSY
        assert OWNER in refused.value.what
        assert second.ask("slots", pf=PF, count=1, owner="another") == 1
        assert first.ask("release", device=PF) == 3
        assert second.ask("slots", pf=PF, count=3, owner="another") == 3


# ---- the VF made fit --------------------------------------------------------


def test_port_is_carried_and_undone(pair):
    vf, representor = vf_address(pair.b, 0), pair.b.representor(0)
    pair.b.run(["ovs-vsctl", "del-port", "br0", representor])
    bare = place(pair.b, representor)
    try:
        with session(pair.b) as moving:
            moving.ask("claim", vf=vf, owner=OWNER)
            answer = moving.ask("port", vf=vf, bridge="br0", tag=77, mtu=1400)
            assert answer == {"name": representor, "before": bare}
            carried = {**bare, "bridge": "br0", "tag": 77, "mtu": 1400}
            assert place(pair.b, representor) == carried
            again = moving.ask("port", vf=vf, bridge="br0")
            assert again["before"] == carried
            assert place(pair.b, representor) == {**carried, "tag": None}
            moving.ask("port", vf=vf, **answer["before"])
            assert place(pair.b, representor) == bare
    finally:
        pair.b.run(["ovs-vsctl", "--may-exist", "add-port", "br0", representor])


TRUNK = "vlan_mode=trunk trunks=5,7 ingress_policing_rate=100000 ingress_policing_burst=8000"


def test_options_and_link_are_carried_and_undone(pair):
    """VLAN mode, trunks and policing; a representor that is down is set up, and down again."""
    vf, representor = vf_address(pair.b, 0), pair.b.representor(0)
    pair.b.run(["ip", "link", "set", representor, "down"])
    pair.b.run(["ovs-vsctl", "set", "Interface", representor, "ingress_policing_rate=7"])
    before = place(pair.b, representor)
    assert (before["options"], before["up"]) == ("ingress_policing_rate=7", False)
    try:
        with session(pair.b) as moving:
            moving.ask("claim", vf=vf, owner=OWNER)
            answer = moving.ask("port", vf=vf, bridge="br0", options=TRUNK, up=True)
            assert answer["before"] == before
            assert place(pair.b, representor) == {**before, "options": TRUNK, "up": True}
            # what is not said of MTU and link stays; options are all that are named
            moving.ask("port", vf=vf, bridge="br0", options="trunks=9")
            assert place(pair.b, representor) == {**before, "options": "trunks=9", "up": True}
            moving.ask("port", vf=vf, **answer["before"])
            assert place(pair.b, representor) == before
    finally:
        pair.b.run(["ovs-vsctl", "set", "Interface", representor, "ingress_policing_rate=0"])
        pair.b.run(["ip", "link", "set", representor, "up"])


def test_options_are_facts_of_the_port(pair):
    """What the source's port has is known there."""
    representor = pair.a.representor(0)
    pair.a.run(["ovs-vsctl", "set", "Port", representor, "vlan_mode=trunk", "trunks=5,7"])
    pair.a.run(
        ["ovs-vsctl", "set", "Interface", representor, "ingress_policing_rate=100000",
         "ingress_policing_burst=8000", "--", "set", "Port", representor, "qos=@q", "--",
         "--id=@q", "create", "QoS", "type=linux-noop"]
    )  # fmt: skip
    try:
        facts = json.loads(pair.b.out(["vfprep", "facts", "ssh:a"]))
        [port] = [
            port
            for bridge in facts["ovs"]["bridges"]
            for port in bridge["ports"]
            if port["name"] == representor
        ]
        assert (port["options"], port["queues"]) == (f"{TRUNK} qos=linux-noop", True)
    finally:
        pair.a.run(["ovs-vsctl", "clear", "Port", representor, "vlan_mode", "trunks", "qos"])
        pair.a.run(["ovs-vsctl", "--all", "destroy", "QoS"])
        pair.a.run(
            ["ovs-vsctl", "set", "Interface", representor, "ingress_policing_rate=0",
             "ingress_policing_burst=0"]
        )  # fmt: skip


def test_slots_are_facts_of_the_host(pair):
    """As long as their owner lives, another host sees who has them."""

    def owners():
        return json.loads(pair.a.out(["vfprep", "facts", "ssh:b"]))["pfs"][0]["slot_owners"]

    assert owners() == []
    with session(pair.b) as moving:
        moving.ask("slots", pf=PF, count=3, owner=OWNER)
        assert owners() == [f"{number}: {OWNER}" for number in range(3)]
    assert owners() == []


def test_port_that_fails_leaves_all_as_it_was(pair):
    vf, representor = vf_address(pair.b, 0), pair.b.representor(0)
    before = place(pair.b, representor)
    with session(pair.b) as moving:
        moving.ask("claim", vf=vf, owner=OWNER)
        with pytest.raises(Refused) as refused:
            moving.ask("port", vf=vf, bridge="br9", tag=5, mtu=1400, up=False)
        assert refused.value.code == errno.ENOENT
        # put there by hand: what else is set of it would be lost
        with pytest.raises(Refused) as refused:
            moving.ask("port", vf=vf, bridge=None, mtu=1400)
        assert refused.value.code == errno.EEXIST
    assert place(pair.b, representor) == before


def test_nothing_is_changed_without_a_claim(pair):
    vf, representor = vf_address(pair.b, 0), pair.b.representor(0)
    before, address = place(pair.b, representor), hw_addr(pair.b, 0)
    with session(pair.b) as claiming, session(pair.b) as moving:
        claiming.ask("claim", vf=vf, owner=OWNER)
        for verb, members in (("port", {"bridge": "br0", "tag": 5}), ("hw-addr", {"mac": MAC})):
            with pytest.raises(Refused) as refused:
                moving.ask(verb, vf=vf, **members)
            assert refused.value.code == errno.EPERM
    assert (place(pair.b, representor), hw_addr(pair.b, 0)) == (before, address)


def test_hw_addr_is_set_and_undone(pair):
    vf, before = vf_address(pair.b, 0), hw_addr(pair.b, 0)
    with session(pair.b) as moving:
        moving.ask("claim", vf=vf, owner=OWNER)
        assert moving.ask("hw-addr", vf=vf, mac=MAC) == {"before": before}
        assert hw_addr(pair.b, 0) == MAC
        assert moving.ask("hw-addr", vf=vf, mac=before) == {"before": MAC}
    assert hw_addr(pair.b, 0) == before


# ---- the network ------------------------------------------------------------


def test_announced_on_the_uplink_with_its_tag(pair):
    with pair.b.background(["timeout", "60", "/lab/host/rarpwatch", pair.b.uplink()]) as watch:
        assert watch.stdout.readline() == "watching\n"
        with session(pair.a) as moving:
            sent = moving.ask(
                "announce",
                pf=PF,
                addresses=[{"mac": MAC, "tag": 77}, {"mac": "52:54:00:77:12:35"}],
            )
        assert sent == 10
        seen = [watch.stdout.readline().split()[1:] for _ in range(10)]
    assert seen == 5 * [[MAC, "77", MAC], ["52:54:00:77:12:35", "-", "52:54:00:77:12:35"]]


def learned(host):
    rows = host.out(["ovs-appctl", "fdb/show", "br0"]).splitlines()[1:]
    return {(row.split()[1], row.split()[2]) for row in rows}


def test_what_the_bridge_learned_is_forgotten(pair):
    """Learned from the other host's announcement, tagged as the VF's port is."""
    vf, representor = vf_address(pair.a, 0), pair.a.representor(0)
    pair.a.run(["ovs-vsctl", "set", "Port", representor, "tag=77"])
    try:
        with session(pair.a) as here, session(pair.b) as there:
            assert here.ask("forget", vf=vf, mac=MAC) == "none"
            there.ask("announce", pf=PF, addresses=[{"mac": MAC, "tag": 77}])
            # the last of the frames can still be on its way, and would be learned anew
            aged = f"ovs-appctl fdb/show br0 | awk '$3 == \"{MAC}\" && $4 >= 2' | grep -q ."
            pair.a.wait(aged, seconds=60)
            assert ("77", MAC) in learned(pair.a)
            assert here.ask("forget", vf=vf, mac=MAC) == "dropped"
            assert ("77", MAC) not in learned(pair.a)
            assert here.ask("forget", vf=vf, mac=MAC) == "none"
    finally:
        pair.a.run(["ovs-vsctl", "clear", "Port", representor, "tag"])


# ---- what a host has, and what it reaches -----------------------------------


def sides(moving, *paths):
    return moving.ask("storage", paths=list(paths))["sides"]


def test_local_storage_is_not_shared(pair):
    """Hosts made of one image: a file of the same name on both is two files, and nobody's cluster."""
    path = "/var/tmp/vfmig-storage.img"
    pair.each(lambda host: host.run(["truncate", "-s", "1M", path]))
    try:
        with session(pair.a) as here, session(pair.b) as there:
            for moving in (here, there):
                [side, none] = sides(moving, path, "/no/such/place/x.img")
                assert (side["reachable"], side["kind"]) == (True, "file")
                assert (side["size_bytes"], side["cluster"]) == (1 << 20, False)
                assert side["free_bytes"] > 0
                assert side["locks"] is None
                assert (none["reachable"], none["directory"]) == (False, False)
                assert (none["identity"], none["filesystem"]) == (None, None)
    finally:
        pair.each(lambda host: host.run(["rm", "-f", path]))


def test_reached_from_the_other_host(pair):
    """sshd answers; a port where nobody listens is refused, and one that drops who comes is silent."""
    address = pair.a.out("getent ahostsv4 b | awk '{ print $1; exit }'")
    pair.b.put("/tmp/fullport", FULL)
    with pair.b.background(["timeout", "60", "python3", "/tmp/fullport"]) as full:
        assert full.stdout.readline() == "full\n"
        with session(pair.a) as here:
            targets = [
                {"what": "control", "host": "b", "port": 22},
                {"what": "migration", "host": "b", "port": 49214},
                {"what": "filtered", "host": "b", "port": 49215},
                {"what": "itself", "host": "127.0.0.1", "port": 22},
                {"what": "nobody", "host": "no-such-host.invalid", "port": 22},
            ]
            answers = here.ask("reach", targets=targets)["answers"]
    assert [answer["what"] for answer in answers] == [target["what"] for target in targets]
    assert [answer["answer"] for answer in answers[:4]] == ["open", "refused", "timeout", "open"]
    assert [answer["loopback"] for answer in answers[:4]] == [False, False, False, True]
    assert [answer["address"] for answer in answers[:3]] == 3 * [address]
    # without a name server nobody can say that there is no such name
    assert answers[4]["answer"] is None or "unknown" in answers[4]["answer"]


def test_place(pair):
    with session(pair.b) as there:
        place = there.ask("place")
    assert (place["migration_port_min"], place["migration_port_max"]) == (49152, 49215)
    assert place["nfs_sebool"] is None
    assert set(place) == {
        "nfs_sebool",
        "memlock_kib",
        "migration_port_min",
        "migration_port_max",
        "gateway_mac",
        "lldp",
        "netdevs",
    }
    assert "lo" in place["netdevs"]
