# SPDX-License-Identifier: LGPL-2.1-or-later
"""'vfmigrate run' from end to end: each of its options does to a real guest what it says, and whoever
stops it leaves the guest where it was. Heartbeats prove that nothing was lost.
"""

import contextlib
import json
import os

import pytest

from runs import (JOURNALS, SLOW, Terminal, begin, ended, journal, of_host, proved, signal, slow_link,
                  vfmigrate, whole)
from twin import LOCAL, SHARED, disk_xml

if not os.environ.get("VFMIG_PROGRAMS"):
    pytest.skip("VFMIG_PROGRAMS names no programs", allow_module_level=True)

BUSY = {"mib": 64, "rate": 64}


@pytest.fixture(autouse=True)
def no_journals(twin):
    twin.each(lambda host: host.run(["rm", "-rf", JOURNALS]))


def move(guest, to, *words):
    """Moves it to the other host, by a transport or a URI; the document."""
    with guest.moving() as moving:
        document = vfmigrate(guest.host, "run", to, *words)
        moving.done = True
    return document


def statuses(document):
    """Of what was proved, by name."""
    return {check["name"]: check["status"] for check in document["checks"]}


def moved(document):
    """It says so, proved it, and tells what it took."""
    assert document["verdict"] == "moved" and document["message"] is None
    assert [(step["step"], step["result"]) for step in document["steps"]] == [("move-migrate", "done")]
    assert set(statuses(document).values()) <= {"ok", "skipped"}
    assert document["job"]["end"] == "moved"
    return document["job"]


def stayed(document, end):
    assert document["verdict"] == "stayed" and document["message"]
    assert document["job"]["end"] == end
    return document["job"]


# ---- it moves ----


def test_there_and_back(twin, guest):
    """A dry run touches nothing; then by a daemon of its own accord, and back by ssh through us."""
    guest.start(twin.a)
    before = twin.each(of_host)
    dry = vfmigrate(twin.a, "run", "tcp", "--dry-run")
    assert twin.each(of_host) == before
    assert dry["verdict"] == "can-move" and dry["steps"] == [] and dry["job"] is None
    assert {"VIR_MIGRATE_LIVE", "VIR_MIGRATE_PEER2PEER"} <= set(dry["flags"])
    job = moved(move(guest, "tcp"))
    assert job["memory_bytes"] > 0 and job["took_ms"] > 0 and job["switched_to_postcopy"] is False
    whole(guest, twin.b)
    assert journal(twin.a)["runs"][-1]["result"] == "done"
    moved(move(guest, "ssh"))
    whole(guest, twin.a)


def define(guest, host, start):
    guest.host = host
    host.run(["rm", "-f", guest.path])
    host.put("/run/twin/g1.xml", guest.xml())
    host.virsh("define", "/run/twin/g1.xml")
    if start:
        host.virsh("start", guest.name)
        guest.wait_beats(3)


def known(host):
    """How the host knows the guest: whether it runs there, and whether it is defined."""
    listed = host.out("virsh -q list --all --name").split()
    lasting = host.out("virsh -q list --all --persistent --name").split()
    running = host.out("virsh -q list --name").split()
    return tuple("g1" in names for names in (listed, running, lasting))


NOT_THERE = (False, False, False)
SHUT_OFF = (True, False, True)
RUNS = (True, True, False)
RUNS_DEFINED = (True, True, True)
# options, how the source knows it afterwards, and the destination
DEFINITIONS = [
    ("default", [], SHUT_OFF, RUNS),
    ("temporary", ["--temporary"], SHUT_OFF, RUNS),
    ("permanent", ["--permanent"], NOT_THERE, RUNS_DEFINED),
    ("persistent", ["--persistent"], SHUT_OFF, RUNS_DEFINED),
    ("both", ["--persistent", "--undefine-source"], NOT_THERE, RUNS_DEFINED),
]


@pytest.mark.full
@pytest.mark.parametrize("words,source,destination", [row[1:] for row in DEFINITIONS],
                         ids=[row[0] for row in DEFINITIONS])
def test_definition(twin, guest, words, source, destination):
    define(guest, twin.a, start=True)
    moved(move(guest, "tcp", *words))
    assert (known(twin.a), known(twin.b)) == (source, destination)
    proved(guest, twin.b)


@pytest.mark.full
@pytest.mark.parametrize("transport", ["tcp", "ssh"])
@pytest.mark.parametrize("words,source", [([], SHUT_OFF), (["--undefine-source"], NOT_THERE)],
                         ids=["kept", "undefined"])
def test_offline(twin, guest, transport, words, source):
    define(guest, twin.a, start=False)
    document = vfmigrate(twin.a, "run", transport, "--offline", *words)
    moved(document)
    assert document["mode"] == "offline"
    assert (known(twin.a), known(twin.b)) == (source, SHUT_OFF)


@pytest.mark.full
def test_socket_of_the_destination(twin, guest):
    """A daemon by its socket, with the host beside it named apart."""
    guest.start(twin.a)
    forward = ["ssh", "-nNT", "-o", "BatchMode=yes", "-L", "/run/b.sock:/run/libvirt/libvirt-sock", "root@b"]
    with twin.a.background(forward):
        twin.a.wait("[ -S /run/b.sock ]")
        document = move(guest, "qemu+unix:///system?socket=/run/b.sock", "--to-host", "ssh:b")
    twin.a.run("rm -f /run/b.sock")
    moved(document)
    assert document["peer_to_peer"] is False and document["destination"]["name"] == "b"
    whole(guest, twin.b)


# ---- by its options ----


def connections(ports):
    """How many the memory has, by the port of the destination."""
    return f"ss -Htn state established '( {ports} )' | wc -l"


LIBVIRTS_PORTS = "dport >= :49152 and dport <= :49215"
DOWNTIME = "virsh -q migrate-getmaxdowntime g1"
# options, what of the source is looked at while it moves, what is to be seen
SEEN = [
    ("default", [], DOWNTIME, "300"),
    ("one-connection", [], connections(LIBVIRTS_PORTS), "1"),
    # and one beside them that has no memory
    ("connections", ["--connections", "2"], connections(LIBVIRTS_PORTS), "3"),
    ("bandwidth", [], "virsh -q migrate-getspeed g1", SLOW[1]),
    ("max-downtime", ["--max-downtime", "777"], DOWNTIME, "777"),
    ("migrate-uri", ["--migrate-uri", "tcp://192.168.78.2:49999"], connections("dport = :49999"), "1"),
    ("compression", ["--compression", "xbzrle"], "virsh domjobinfo g1 | grep -c '^Compression cache:'", "1"),
]


@pytest.mark.full
@pytest.mark.parametrize("words,look,seen", [row[1:] for row in SEEN], ids=[row[0] for row in SEEN])
def test_seen_on_its_way(twin, guest, words, look, seen):
    guest.start(twin.a)
    with guest.moving() as moving:
        begin(twin.a, "tcp", *SLOW, *words)
        was = twin.a.out(look)
        twin.a.run(["vfmigrate", "set-speed", "g1", "1000"])
        document = ended(twin.a)
        moving.done = True
    assert was == seen
    moved(document)
    whole(guest, twin.b)


@pytest.mark.full
def test_events(twin, guest):
    """Each line is a JSON object; and a quiet run says nothing at all."""
    guest.start(twin.a)
    with guest.moving() as moving:
        begin(twin.a, "tcp", *SLOW)
        twin.a.run(["vfmigrate", "set-speed", "g1", "1000"])
        document = ended(twin.a)
        moving.done = True
    lines = [json.loads(line) for line in twin.a.get("/run/twin/run.err").splitlines()]
    phases = [line["phase"] for line in lines if line["event"] == "progress"]
    assert phases[0] == "prepares" and phases[-1] == "arrived" and "copies" in phases
    copies = next(line for line in lines if line.get("phase") == "copies")
    assert 0 < copies["memory_remaining_bytes"] <= copies["memory_total_bytes"]
    [step] = [line for line in lines if line["event"] == "step"]
    assert (step["step"], step["result"]) == ("move-migrate", "done")
    assert moved(document)["memory_total_bytes"] == copies["memory_total_bytes"]
    with guest.moving() as moving:
        quiet = twin.b.run(["vfmigrate", "run", "g1", "--to", twin.a.uri("tcp"), "--quiet"])
        moving.done = True
    assert quiet.stderr == "" and "moved" in quiet.stdout
    whole(guest, twin.a)


@pytest.mark.full
def test_slowed_down(twin, guest):
    """A guest whose writing takes processor time is slowed until it converges."""
    guest.start(twin.a, mib=64, toil=20000)
    words = ["--bandwidth", "24", "--auto-converge=40,20"]
    dry = vfmigrate(twin.a, "run", "tcp", *words, "--dry-run")
    asked = {parameter["name"]: parameter["value"] for parameter in dry["parameters"]}
    assert (asked["auto_converge.initial"], asked["auto_converge.increment"]) == ("40", "20")
    assert moved(move(guest, "tcp", *words))["throttle_percent"] >= 40
    whole(guest, twin.b)


@pytest.mark.full
@pytest.mark.parametrize("transport", ["tcp", "ssh"])
def test_postcopy(twin, guest, transport):
    guest.start(twin.a, **BUSY)
    job = moved(move(guest, transport, "--bandwidth", "16", "--postcopy", "--after", "1"))
    assert job["switched_to_postcopy"] and not job["timed_out"]
    whole(guest, twin.b)


@pytest.mark.full
def test_tls(twin, guest):
    """Without the destination's certificate for it there is no transfer: so it is encrypted with it."""
    guest.start(twin.a)
    certificate = "/etc/pki/qemu/server-cert.pem"
    twin.b.run(["mv", certificate, "/run/twin/hidden.pem"])
    try:
        failed = vfmigrate(twin.a, "run", "tls", "--tls", code=1)
        stayed(failed, "failed")
        whole(guest, twin.a)
    finally:
        twin.b.run(["mv", "/run/twin/hidden.pem", certificate])
    moved(move(guest, "tls", "--tls"))
    whole(guest, twin.b)


# ---- with its disks ----

DISK = f"{LOCAL}/run.qcow2"
TOGETHER = f"{SHARED}/run.qcow2"
OURS, THEIRS = "0x5a", "0xa5"


def holds(host, pattern):
    """Whether the image on this host begins with what was written to it."""
    command = ["qemu-io", "-r", "-f", "qcow2", "-c", f"read -P {pattern} 0 1M", DISK]
    return "Pattern verification failed" not in host.run(command).stdout


@pytest.fixture
def disks(twin, guest):
    """The image of a guest on host a, and one that both have; none of them is left."""
    twin.a.disk_image(DISK)
    twin.a.disk_image(TOGETHER)
    yield disk_xml(DISK) + disk_xml(TOGETHER, target="vdb")
    guest.end()
    twin.each(lambda host: host.run(["rm", "-f", DISK, TOGETHER]))


COPY = ["--to-host", "ssh:b", "--copy-storage", "all", "--disks", "vda", "--accept", "storage-identity"]


@pytest.mark.full
@pytest.mark.parametrize("transport", ["tcp", "ssh"])
def test_copies_a_disk(twin, guest, disks, transport):
    guest.start(twin.a, devices=disks)
    with twin.b.pool():
        document = move(guest, transport, *COPY)
    assert moved(document)["disk_bytes"] >= 1 << 20
    assert document["copy_storage"] is True
    whole(guest, twin.b)
    guest.end()
    assert holds(twin.b, OURS)


@pytest.mark.full
def test_target_is_kept(twin, guest, disks):
    """What the destination has in a disk's place is lost by nobody's mistake."""
    twin.b.disk_image(DISK)
    twin.b.run(["qemu-io", "-f", "qcow2", "-c", f"write -q -P {THEIRS} 0 1M", DISK])
    guest.start(twin.a, devices=disks)
    refused = vfmigrate(twin.a, "run", "tcp", *COPY, code=3)
    assert refused["verdict"] == "cannot-move" and refused["steps"] == []
    assert [f["id"] for f in refused["findings"] if f["severity"] == "refuse" and not f["accepted"]] == [
        "copy-target"]
    assert holds(twin.b, THEIRS)
    whole(guest, twin.a)
    moved(move(guest, "tcp", *COPY, "--overwrite-target", "vda"))
    whole(guest, twin.b)
    guest.end()
    assert holds(twin.b, OURS)


# ---- it is stopped ----


@pytest.mark.full
@pytest.mark.parametrize("transport", ["ssh", "tcp"])
def test_key_at_a_terminal(twin, guest, transport):
    """Ctrl-C goes to every program of the terminal, the ssh under libvirt's connection too."""
    guest.start(twin.a)
    line = f"vfmigrate run g1 --to {twin.b.uri(transport)} {' '.join(SLOW)}"
    with Terminal(twin.a, line) as terminal:
        terminal.until("g1: copies")
        terminal.press(b"\x03")
        assert terminal.code() == 1, terminal.shown
        assert terminal.is_as_before(), repr(terminal.shown)
    whole(guest, twin.a)
    assert journal(twin.a)["runs"][-1]["result"] == "undone"
    # nothing of it is in the way of the next
    moved(move(guest, transport))
    whole(guest, twin.b)


@pytest.mark.full
@pytest.mark.parametrize("name,transport", [("TERM", "tcp"), ("TERM", "ssh"), ("HUP", "tcp"), ("INT", "ssh")])
def test_signal(twin, guest, name, transport):
    guest.start(twin.a)
    begin(twin.a, transport, *SLOW)
    signal(twin.a, name)
    stayed(ended(twin.a, code=1), "stopped")
    whole(guest, twin.a)


ON_TIMEOUT = [
    ("default", [], False),
    ("abort", ["--on-timeout", "abort"], False),
    ("suspend", ["--on-timeout", "suspend"], False),
    ("postcopy", ["--on-timeout", "postcopy"], True),
]


@pytest.mark.full
@pytest.mark.parametrize("words,switched", [row[1:] for row in ON_TIMEOUT], ids=[row[0] for row in ON_TIMEOUT])
def test_time_limit(twin, guest, words, switched):
    """Of a guest that writes faster than its memory may go."""
    guest.start(twin.a, **BUSY)
    words = ["--bandwidth", "16", "--timeout", "2", *words]
    if words[-1] in ("suspend", "postcopy"):
        job = moved(move(guest, "tcp", *words))
    else:
        job = stayed(vfmigrate(twin.a, "run", "tcp", *words, code=1), "timed-out")
    assert (job["timed_out"], job["switched_to_postcopy"]) == (True, switched)
    whole(guest, guest.host)
    assert guest.host is (twin.b if job["end"] == "moved" else twin.a)


@pytest.mark.full
@pytest.mark.parametrize("transport,code", [("tcp", 4), ("ssh", 0)], ids=["p2p", "direct"])
def test_key_after_the_switch(twin, guest, transport, code):
    """There is no way back: it goes on, and is only looked at no longer where it needs us not."""
    guest.start(twin.a, **BUSY)
    line = f"vfmigrate run g1 --to {twin.b.uri(transport)} --postcopy --after 1"
    with guest.moving() as moving, slow_link(twin), Terminal(twin.a, line) as terminal:
        terminal.until("g1: post-copy")
        terminal.press(b"\x03")
        assert terminal.code() == code, terminal.shown
        assert terminal.is_as_before(), repr(terminal.shown)
        twin.a.wait("! virsh -q list --all --name | grep -qx g1", seconds=180)
        moving.done = True
    whole(guest, twin.b)
