#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what a program and the kernel say to each other, for the unit tests.

    tests/lab/record-netlink.py [SET [DIR]]      default: devlink, tests/unit/data/SET

A lab must be up (scripts/lab up).  Host a is made bare, taken through the rows
of the set below, and each row's netlink datagrams are written to
DIR/<name>.hex as an nlmon netdev saw them.  The second half of this file is
sent to the host and runs there; it keeps to what a minimal Python has.
"""
import os
import socket
import struct
import subprocess
import sys

PF = "pci/0000:01:00.0"
SYS = "/sys/bus/pci/devices/0000:01:00.0"
KNOB = "/sys/module/mlx5_core/parameters"
BIND = ("echo {drv} > {sys}/virtfn{vf}/driver_override; "
        "echo $(basename $(readlink {sys}/virtfn{vf})) > /sys/bus/pci/drivers_probe")
VFIO = "modprobe vfio-pci; modprobe mlx5_vfio_pci; " + BIND.format(drv="mlx5_vfio_pci", sys=SYS, vf=1)
NOT_ROOT = "setpriv --reuid=65534 --regid=65534 --clear-groups "

# name, what is done before, the command whose traffic is kept, its exit code
DEVLINK_ROWS = [
    ("dev-get-dump", "", "devlink dev show", 0),
    ("dev-get", "", f"devlink dev show {PF}", 0),
    ("dev-get-no-such", "", "devlink dev show pci/0000:7f:00.0", 1),
    ("info-get", "", f"devlink dev info {PF}", 0),
    ("info-get-serials", f"printf MT2314XZ00YA >{KNOB}/board_serial; "
     f"printf e4397f872caeed218000846daa7d2f49 >{KNOB}/serial; printf 28.45.1200 >{KNOB}/fw_stored",
     f"devlink dev info {PF}", 0),
    ("info-get-fails", f"printf info:ENODATA >{KNOB}/fail", f"devlink dev info {PF}", 1),
    ("eswitch-get-legacy", f"echo >{KNOB}/fail", f"devlink dev eswitch show {PF}", 0),
    ("eswitch-get-not-root", "", f"{NOT_ROOT}devlink dev eswitch show {PF}", 1),
    ("port-get-dump-legacy", "", "devlink port show", 0),
    ("eswitch-set-busy", f"printf \"eswitch_mode@1:EBUSY:Can't change mode, E-Switch is busy\" >{KNOB}/fail",
     f"devlink dev eswitch set {PF} mode switchdev", 1),
    ("eswitch-set-switchdev", "", f"devlink dev eswitch set {PF} mode switchdev", 0),
    ("eswitch-get-switchdev", "", f"devlink dev eswitch show {PF}", 0),
    ("eswitch-set-inline-refused", "", f"devlink dev eswitch set {PF} inline-mode transport", 1),
    ("port-get-dump-no-vf", "", "devlink port show", 0),
    ("port-set-migratable", f"echo 0 >{SYS}/sriov_drivers_autoprobe; echo 3 >{SYS}/sriov_numvfs",
     f"devlink port function set {PF}/1 migratable enable", 0),
    ("port-set-migratable-disable", f"devlink port function set {PF}/2 migratable enable",
     f"devlink port function set {PF}/2 migratable disable", 0),
    ("port-set-hw-addr", "", f"devlink port function set {PF}/1 hw_addr 02:00:00:00:01:01", 0),
    ("port-set-hw-addr-multicast", "", f"devlink port function set {PF}/1 hw_addr 01:00:5e:00:00:01", 1),
    ("port-set-bound", VFIO, f"devlink port function set {PF}/2 migratable enable", 1),
    ("port-set-not-root", "", f"{NOT_ROOT}devlink port function set {PF}/3 migratable enable", 1),
    ("port-get-dump", "", "devlink port show", 0),
    ("port-get", "", f"devlink port show {PF}/1", 0),
    ("port-set-not-offered", f"echo 0 >{KNOB}/migration",
     f"devlink port function set {PF}/3 migratable enable", 1),
    ("port-get-dump-not-offered", "", "devlink port show", 0),
    ("port-get-not-offered", "", f"devlink port show {PF}/1", 0),
    ("port-get-dump-ipsec", f"echo 1 >{KNOB}/migration; echo 1 >{KNOB}/cap_ipsec_crypto; "
     f"echo 1 >{KNOB}/cap_ipsec_packet; echo 0 >{KNOB}/max_io_eqs", "devlink port show", 0),
    ("port-set-uplink", "", f"devlink port function set {PF}/65535 migratable enable", 1),
]

UPLINK = "$(basename $(dirname $(grep -lx p0 %s/net/*/phys_port_name)))" % SYS
# One server for both kinds: its end of the first connection is an IPv6 socket that speaks IPv4.
TALK = """
python3 - >/dev/null 2>&1 <<'END' &
import socket, time
server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("::", 16510))
server.listen()
ends = []
for kind, address, port in (socket.AF_INET, "192.0.2.1", 51234), (socket.AF_INET6, "2001:db8::1", 51235):
    client = socket.socket(kind, socket.SOCK_STREAM)
    client.bind((address, port))
    client.connect((address, 16510))
    ends += [client, server.accept()]
open("/run/talking", "w").close()
time.sleep(20)
END
for i in $(seq 200); do [ -e /run/talking ] && break; sleep 0.1; done; rm -f /run/talking
"""
STATE = ("ip xfrm state add src 192.0.2.1 dst 192.0.2.{to} proto esp spi 0x10{to} reqid {to} mode transport "
         "aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128 {more}")
POLICY = ("ip xfrm policy add src 192.0.2.1/32 dst 192.0.2.{to}/32 dir out {more} "
          "tmpl src 192.0.2.1 dst 192.0.2.{to} proto esp reqid {to} mode transport")
IPSEC = "\n".join((
    "ip xfrm state flush; ip xfrm policy flush",
    STATE.format(to=2, more=f"offload dev {UPLINK} dir out"), STATE.format(to=3, more=""),
    POLICY.format(to=2, more=f"offload packet dev {UPLINK}"), POLICY.format(to=3, more=""),
))

TRAFFIC_ROWS = [
    ("sessions4", f"ip link set {UPLINK} up; ip address add 192.0.2.1/24 dev {UPLINK}; "
     f"ip address add 2001:db8::1/64 dev {UPLINK} nodad; {TALK}",
     "ss -4 -t -n state established", 0),
    ("sessions6", "", "ss -6 -t -n state established", 0),
    ("xfrm-states", IPSEC, "ip xfrm state", 0),
    ("xfrm-policies", "", "ip xfrm policy", 0),
    ("xfrm-states-not-root", "", f"{NOT_ROOT}ip xfrm state", 1),
]

# numbers of linux/netlink.h
NETLINK_SOCK_DIAG, NETLINK_XFRM, NETLINK_GENERIC = 4, 6, 16
# the netlink protocols that are kept, the rows, what made them
SETS = {
    "devlink": ((NETLINK_GENERIC,), DEVLINK_ROWS, "devlink(8)"),
    "traffic": ((NETLINK_SOCK_DIAG, NETLINK_XFRM), TRAFFIC_ROWS, "ss(8), ip-xfrm(8)"),
}

README = """\
<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->
# Recorded {name} traffic

What {programs} of Debian 13 (iproute2 6.15) and a Linux {kernel} kernel said to each other on a lab
host, as an nlmon netdev saw it. Made by `tests/lab/record-netlink.py {name}`, which has the
commands and what was done before each; not edited by hand.

A file is one command. Lines beginning with `#` are comments; every other line is one datagram in
lower-case hex, in the order of the conversation: `> ` from the program to the kernel, `< ` from
the kernel. A datagram may hold several netlink messages (a dump's replies), each beginning with
its struct nlmsghdr. Byte order is little endian.
"""
# of the generic family alone
FAMILY = """\
The first exchange of each file resolves the family: its id is in the reply, and is whatever it was
on that host.
"""


# ---- on the host ------------------------------------------------------------

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
NLM_F_REQUEST = 1


def sniffer():
    """A packet socket on an nlmon netdev: all netlink traffic of the host."""
    subprocess.run("modprobe nlmon; ip link show nlmon0 >/dev/null 2>&1 || ip link add nlmon0 type nlmon; "
                   "ip link set nlmon0 up", shell=True, check=True)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    sock.bind(("nlmon0", ETH_P_ALL))
    sock.setblocking(False)
    return sock


def frames(sock, protocols):
    """All netlink datagrams of these protocols there are."""
    found = []
    while True:
        try:
            data, address = sock.recvfrom(1 << 18)
        except BlockingIOError:
            return found
        if address[1] in protocols:
            found.append(data)


def conversation(found, port):
    """Those of one program: replies carry its port id, requests the replies' numbers.

    Which way a datagram went is in its flags: the frame does not say."""
    talk = []
    for data in found:
        _, _, flags, number, owner = struct.unpack_from("=IHHII", data)
        talk.append((">" if flags & NLM_F_REQUEST else "<", number, owner, data))
    numbers = {number for side, number, owner, _ in talk if side == "<" and owner == port}
    return [(side, data) for side, number, owner, data in talk
            if number in numbers and owner in ((0, port) if side == ">" else (port,))]


def on_host(which):
    sock = sniffer()
    protocols, rows, _ = SETS[which]
    bad = 0
    for name, before, command, wanted in rows:
        subprocess.run(before + "\nudevadm settle", shell=True, check=False,
                       stdin=subprocess.DEVNULL)
        frames(sock, protocols)
        child = subprocess.Popen("exec " + command, shell=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        words = child.communicate()[1].decode().split("\n")
        talk = conversation(frames(sock, protocols), child.pid)
        if child.returncode != wanted or not talk:
            print("%s: exit %d, %d datagrams: %s" % (name, child.returncode, len(talk), words),
                  file=sys.stderr)
            bad = 1
        print("= " + name)
        print("# " + command)
        for line in [word for word in words if word] + ["exit %d" % child.returncode]:
            print("# " + line)
        for side, data in talk:
            print(side, data.hex())
    return bad


# ---- here --------------------------------------------------------------------

def lab(*words, **more):
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return subprocess.run([os.path.join(top, "scripts/lab"), *words], check=True, text=True, **more)


def here(which, target):
    _, rows, programs = SETS[which]
    lab("reset", "a")
    with open(__file__, encoding="utf-8") as source:
        out = lab("exec", "a", f"python3 - --on-host {which}", stdin=source,
                  stdout=subprocess.PIPE).stdout
    kernel = lab("exec", "a", "uname -r", stdout=subprocess.PIPE).stdout.split("+")[0].split("-")[0]
    lab("reset", "a")
    os.makedirs(target, exist_ok=True)
    for part in ("\n" + out).split("\n= ")[1:]:
        name, text = part.split("\n", 1)
        with open(os.path.join(target, name + ".hex"), "w", encoding="ascii") as file:
            file.write("# SPDX-License-Identifier: LGPL-2.1-or-later\n" + text.rstrip("\n") + "\n")
    with open(os.path.join(target, "README.md"), "w", encoding="utf-8") as file:
        file.write(README.format(name=which, programs=programs,
                                 kernel=".".join(kernel.strip().split(".")[:2])))
        if which == "devlink":
            file.write(FAMILY)
    print("%d conversations in %s" % (len(rows), target))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--on-host"]:
        sys.exit(on_host(sys.argv[2]))
    chosen = sys.argv[1] if sys.argv[1:] else "devlink"
    if chosen not in SETS or len(sys.argv) > 3:
        sys.exit(__doc__)
    here(chosen, sys.argv[2] if sys.argv[2:] else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "../unit/data", chosen))
