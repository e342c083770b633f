# SPDX-License-Identifier: LGPL-2.1-or-later
"""The facts that decide whether a host may be prepared, against what ip, ss and ip-xfrm say.

The hosts talk over their uplinks: with addresses on the uplinks themselves, and on what an
administrator may have made of them.
"""

import json

import pytest

from documents import facts
from lab import PF

# the tools go through all of this in the default run; each by itself belongs to the full one
pytestmark = pytest.mark.full

SYS = f"/sys/bus/pci/devices/{PF}"
NETS = ("198.51.100.", "2001:db8:1::")
SSH = ("ssh -n -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
       "-o LogLevel=ERROR -o ControlMaster=no -o ControlPath=none")

# What carries the addresses (@ is the uplink): how it is made, its netdev, how it goes away
PLACES = {
    "uplink": ("true", "@", "true"),
    "vlan": ("ip link add up.7 link @ type vlan id 7", "up.7", "ip link del up.7"),
    "macvlan": ("ip link add mv0 link @ type macvlan mode bridge", "mv0", "ip link del mv0"),
    "bridge": ("ip link add lbr0 type bridge; ip link set @ master lbr0", "lbr0", "ip link del lbr0"),
    "bond": ("ip link set @ down; ip link add bond7 type bond mode active-backup; ip link set @ master bond7",
             "bond7", "ip link del bond7"),
    "ovs": ("ovs-vsctl add-br ovsbr0 -- add-port ovsbr0 @", "ovsbr0", "ovs-vsctl del-br ovsbr0"),
    "ovs-internal": ("ovs-vsctl add-br ovsbr0 -- add-port ovsbr0 @ "
                     "-- add-port ovsbr0 host0 -- set interface host0 type=internal",
                     "host0", "ovs-vsctl del-br ovsbr0"),
    "vlan-of-ovs": ("ovs-vsctl add-br ovsbr0 -- add-port ovsbr0 @; ip link set ovsbr0 up; "
                    "ip link add ovsbr0.7 link ovsbr0 type vlan id 7", "ovsbr0.7",
                    "ip link del ovsbr0.7; ovs-vsctl del-br ovsbr0"),
}


def on_uplink(host, line):
    return host.run(line.replace("@", host.uplink()))


def address_hosts(lab, place):
    """Makes the place on both hosts, with an address of each family."""
    make, netdev, _ = PLACES[place]
    for host in lab.hosts:
        on_uplink(host, make)
        on_uplink(host, f"ip link set @ up; ip link set {netdev} up; "
                        f"ip address add {NETS[0]}{host.number}/24 dev {netdev}; "
                        f"ip address add {NETS[1]}{host.number}/64 dev {netdev} nodad")


def clear_hosts(lab, place):
    _, netdev, remove = PLACES[place]
    for host in lab.hosts:
        on_uplink(host, f"ip address flush dev {netdev} scope global; {remove}; ip link set @ down")


@pytest.fixture(scope="module")
def places(lab):
    """A function that gives both hosts a place; the one before goes."""
    made = []

    def change(place):
        if made:
            clear_hosts(lab, made.pop())
        if place:
            address_hosts(lab, place)
            made.append(place)

    yield change
    change(None)


def uplink_facts(host, *options):
    return facts(host, *options)[0]["pfs"][0]["uplink"]


def background(host, name, line):
    """Starts a line on the host, to be ended by end() or with the host's next reset."""
    host.run(f"setsid {line} </dev/null >/run/lab/{name}.log 2>&1 & echo $! >/run/lab/{name}.pid")


def end(host, *names):
    for name in names:
        host.run(f"kill $(cat /run/lab/{name}.pid); rm -f /run/lab/{name}.pid", check=False)


def established(host, kind, port):
    """What ss says of the sessions of a port with an end in NETS, as the facts tell them."""
    said = host.out(f"ss -Htn state established '( sport = :{port} or dport = :{port} )'")
    texts = []
    for line in said.splitlines():
        local, remote = (end.replace("%0", "") for end in line.split()[2:4])
        if local.lstrip("[").startswith(NETS):
            word = "from" if local.endswith(f":{port}") else "to"
            texts.append(f"{kind}: {local} {word} {remote}")
    return sorted(texts)


def connect(lab, port):
    """One session of each family from b to the port of a."""
    for number, net in enumerate(NETS):
        address = f"[{net}1]" if ":" in net else f"{net}1"
        background(lab.b, f"client{number}", f"socat -u TCP:{address}:{port} STDOUT")
    lab.b.wait(f"[ $(ss -Htn state established dport = :{port} | wc -l) -ge 2 ]", seconds=60)


@pytest.mark.parametrize("place", PLACES)
def test_ssh_sessions_by_where_the_address_is(lab, places, place):
    places(place)
    lab.b.wait(f"ping -c 1 -W 1 {NETS[0]}1", seconds=60)
    lab.b.wait(f"ping -c 1 -W 1 {NETS[1]}1", seconds=60)
    connect(lab, 22)
    try:
        for host in lab.hosts:
            expected = established(host, "ssh", 22)
            assert len(expected) == 2
            assert uplink_facts(host)["sessions"] == expected
    finally:
        end(lab.b, "client0", "client1")


def test_addresses_and_what_is_stacked(lab, places):
    places("vlan")
    uplink = uplink_facts(lab.a)
    assert uplink["uppers"] == ["up.7 (vlan)"]
    assert uplink["addresses"] == []
    places("uplink")
    rows = json.loads(lab.a.out(f"ip -j address show dev {lab.a.uplink()} scope global"))
    said = [f"{row['local']}/{row['prefixlen']}" for row in rows[0]["addr_info"] if row]
    assert len(said) == 2
    assert uplink_facts(lab.a)["addresses"] == sorted(said)


@pytest.mark.parametrize("kind,port", [("libvirt", 16514), ("nfs", 2049), ("iscsi", 3260), ("nvme", 4420)])
def test_sessions_of_services(lab, places, kind, port):
    places("uplink")
    # one socket for both families, as libvirtd has it
    background(lab.a, "server", f"socat -u TCP6-LISTEN:{port},ipv6only=0,fork,reuseaddr STDOUT")
    lab.a.wait(f"ss -Hltn sport = :{port} | grep -q .", seconds=60)
    connect(lab, port)
    try:
        for host in lab.hosts:
            expected = [text.replace("[::ffff:198.51.100.1]", "198.51.100.1")
                        .replace("[::ffff:198.51.100.2]", "198.51.100.2")
                        for text in established(host, kind, port)]
            told = uplink_facts(host)["sessions"]
            assert len(told) == 2
            assert set(expected) <= set(told)
            assert all(text.startswith(f"{kind}: ") for text in told)
    finally:
        end(lab.b, "client0", "client1")
        end(lab.a, "server")


def test_ssh_on_another_port(lab, places):
    """The session that calls us is found by its socket, whatever its port; others of it are not."""
    places("uplink")
    lab.a.run("/usr/sbin/sshd -p 2222 -o PidFile=/run/lab/sshd2.pid")
    line = f"{SSH} -p 2222 root@{NETS[0]}1"
    try:
        called = json.loads(lab.b.out(f"{line} vfprep facts"))
        [told] = called["pfs"][0]["uplink"]["sessions"]
        assert told.startswith(f"ssh: {NETS[0]}1:2222 from {NETS[0]}2:")
        background(lab.b, "client0", f"{line} sleep 300")
        lab.b.wait("ss -Htn state established dport = :2222 | grep -q .", seconds=60)
        assert uplink_facts(lab.a)["sessions"] == []
        # not root: the server's sockets cannot be seen
        said = lab.b.out(f"{line} setpriv --reuid=65534 --regid=65534 --clear-groups vfprep facts")
        assert "needs root" in json.loads(said)["pfs"][0]["uplink"]["sessions"]["unknown"]
    finally:
        end(lab.b, "client0")
        end(lab.a, "sshd2")


def test_many_sessions_are_bounded(lab, places):
    places("uplink")
    background(lab.a, "server", "socat -u TCP4-LISTEN:2049,fork,reuseaddr STDOUT")
    lab.a.wait("ss -Hltn sport = :2049 | grep -q .", seconds=60)
    background(lab.b, "client0", "bash -c 'for i in $(seq 20); do exec {fd}<>/dev/tcp/198.51.100.1/2049; "
               "done; sleep 300'")
    lab.b.wait("[ $(ss -Htn state established dport = :2049 | wc -l) -eq 20 ]", seconds=60)
    try:
        told = uplink_facts(lab.a)["sessions"]
        assert len(told) == 17
        assert told[-1] == "with 4 more"
        assert set(told[:-1]) <= set(established(lab.a, "nfs", 2049))
    finally:
        end(lab.b, "client0")
        end(lab.a, "server")


# ---- IPsec ---------------------------------------------------------------------

STATE = ("ip xfrm state add src 192.0.2.1 dst 192.0.2.{to} proto esp spi 0x10{to} reqid {to} mode transport "
         "aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128 {more}")
POLICY = ("ip xfrm policy add src 192.0.2.1/32 dst 192.0.2.{to}/32 dir out {more} "
          "tmpl src 192.0.2.1 dst 192.0.2.{to} proto esp reqid {to} mode transport")


def said_of_ipsec(host):
    return sum(host.out(f"ip xfrm {what}").count(f"dev {host.uplink()}") for what in ("state", "policy"))


def test_ipsec(lab, places):
    places(None)
    host = lab.a
    on_uplink(host, "ip link set @ up")
    rows = [
        (STATE.format(to=2, more=""), 0),
        (STATE.format(to=3, more="offload dev @ dir out"), 1),
        (POLICY.format(to=2, more=""), 1),
        (POLICY.format(to=3, more="offload packet dev @"), 2),
        (STATE.format(to=4, more="offload packet dev @ dir out"), 3),
    ]
    try:
        assert uplink_facts(host)["ipsec_count"] == 0
        for line, count in rows:
            on_uplink(host, line)
            assert uplink_facts(host)["ipsec_count"] == count == said_of_ipsec(host)
        said = host.out("setpriv --reuid=65534 --regid=65534 --clear-groups vfprep facts")
        assert json.loads(said)["pfs"][0]["uplink"]["ipsec_count"] == {"unknown": "needs root"}
    finally:
        host.run("ip xfrm state flush; ip xfrm policy flush")
    assert uplink_facts(host)["ipsec_count"] == 0
    on_uplink(host, "ip link set @ down")


# ---- bridges -------------------------------------------------------------------


def test_linux_bridges(lab, places):
    places(None)
    assert facts(lab.a)[0]["network"]["bridges"] == []
    lab.a.run("ip link add lbr1 type bridge; ip link add br-lan type bridge; ip link add dummy7 type dummy")
    try:
        said = [row["ifname"] for row in json.loads(lab.a.out("ip -j link show type bridge"))]
        assert facts(lab.a)[0]["network"]["bridges"] == sorted(said) == ["br-lan", "lbr1"]
    finally:
        lab.a.run("ip link del lbr1; ip link del br-lan; ip link del dummy7")


def test_bridges_of_open_vswitch(lab, places):
    places(None)
    lab.a.run("ovs-vsctl add-br br0 -- set bridge br0 external_ids:vfmig=br0 -- add-br br1; "
              "ip link set br0 up; ip address add 203.0.113.1/24 dev br0; "
              "ip address add 2001:db8:2::1/64 dev br0 nodad; ip link set br1 up")
    try:
        bridges = {row["name"]: row for row in facts(lab.a)[0]["ovs"]["bridges"]}
        assert bridges["br0"]["addresses"] == ["2001:db8:2::1/64", "203.0.113.1/24"]
        assert bridges["br0"]["owner"] == "br0"
        assert (bridges["br1"]["addresses"], bridges["br1"]["owner"]) == ([], None)
        assert facts(lab.a)[0]["network"]["bridges"] == []
    finally:
        lab.a.run("ovs-vsctl del-br br0 -- del-br br1")


# ---- the rest ------------------------------------------------------------------


def test_where_vfs_will_be(lab):
    [pf] = facts(lab.a, "--full")[0]["pfs"]
    for fact in "vf_offset", "vf_stride":
        assert pf[fact] == int(lab.a.out(f"cat {SYS}/sriov_{fact[3:]}"))
    lab.a.run(f"echo 0 >{SYS}/sriov_drivers_autoprobe; echo 2 >{SYS}/sriov_numvfs")
    try:
        for vf in facts(lab.a, "--full")[0]["pfs"][0]["vfs"]:
            bus, slot, function = (int(part, 16) for part in vf["bdf"][5:].replace(".", ":").split(":"))
            routing = (1 << 8) + pf["vf_offset"] + vf["number"] * pf["vf_stride"]
            assert bus << 8 | slot << 3 | function == routing
    finally:
        lab.a.run(f"echo 0 >{SYS}/sriov_numvfs; echo 1 >{SYS}/sriov_drivers_autoprobe")


def test_restart_needed(lab):
    """What the journal holds of it is the business of its own scenarios."""
    journal = "/var/lib/vfmig/prep.json"
    lab.a.run(f"rm -f {journal}")
    assert facts(lab.a)[0]["ovs"]["restart_needed"] is False
    lab.a.put(journal, "{")
    try:
        assert "unknown" in facts(lab.a)[0]["ovs"]["restart_needed"]
    finally:
        lab.a.run(f"rm -f {journal}")
