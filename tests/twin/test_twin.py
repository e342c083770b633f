# SPDX-License-Identifier: LGPL-2.1-or-later
"""The contract of the bench itself, by virsh alone: what scenarios of the move rely
on holds, and a guest that lost something would say so."""

import os
import re
import subprocess

import pytest

from beats import beat_faults, parse_beats
from twin import LOCAL, SHARED, CommandFailed, disk_xml


def arrived(guest, host):
    """The guest runs on this host alone, goes on, and has lost nothing since its start."""
    assert guest.running_on(host)
    assert guest.gone_from(host.peer)
    guest.wait_beats(2)
    words = guest.words()
    assert beat_faults(parse_beats(words)) == [], words
    return words


# ---- the hosts -----------------------------------------------------------------


def test_two_hosts(twin):
    seen = [
        (
            host.out("hostname"),
            re.search("<uuid>(.*)</uuid>", host.out("virsh -q capabilities"))[1],
            host.out("cat /proc/sys/kernel/random/boot_id"),
            host.out("cat /etc/machine-id"),
            host.out("readlink /proc/self/ns/net"),
        )
        for host in twin.hosts
    ]
    assert [names[0] for names in seen] == ["a", "b"]
    for one, other in zip(*seen):
        assert one != other
    assert all(host.out("virsh -q pool-list --all") == "" for host in twin.hosts)


@pytest.mark.parametrize("transport", ["tcp", "tls", "ssh"])
def test_each_reaches_the_other(twin, transport):
    for host in twin.hosts:
        uri = host.peer.uri(transport)
        assert host.out(["virsh", "-q", "-c", uri, "hostname"]) == host.peer.name


def test_commands(twin):
    host = twin.a
    assert host.out(["printf", "%s|", "two words", "$HOME"]) == "two words|$HOME|"
    assert host.out("cat", stdin="in and out\n") == "in and out"
    assert host.run("echo said; echo meant >&2; exit 7", check=False).returncode == 7
    assert host.out("id -un; sudo -n id -un", user="admin") == "admin\nroot"
    with pytest.raises(CommandFailed, match="meant"):
        host.run("echo meant >&2; exit 7")


def test_what_is_ended_here_ends_there(twin):
    with twin.a.background(["sleep", "1234"]):
        twin.a.wait("pgrep -f '^sleep 1234'", seconds=60)
    twin.a.wait("! pgrep -f '^sleep 1234'", seconds=60)


def test_programs_under_test_come_first(twin):
    if not os.environ.get("VFMIG_PROGRAMS"):
        pytest.skip("VFMIG_PROGRAMS names no programs")
    for host in twin.hosts:
        assert host.out("command -v vfprep") == "/twin/bin/vfprep"
        assert host.out("vfprep --version").startswith("vfmig ")


def test_cable_out(twin):
    reach = ["timeout", "2", "bash", "-c", "</dev/tcp/b/22"]
    with twin.cut(twin.b):
        assert twin.a.run(reach, check=False).returncode != 0
    twin.a.wait("timeout 2 bash -c '</dev/tcp/b/22'", seconds=60)


def test_machine_is_left_alone(twin):
    """Nothing of the hosts' network is in the machine's."""
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    assert "br0:" in twin.switch("ip", "-o", "link").stdout
    assert not re.search("port-[ab]", links)
    assert twin.a.run("touch /sys/kernel/uevent_helper", check=False).returncode != 0


# ---- the guest -----------------------------------------------------------------


POKE = """
import re, subprocess, sys
said = subprocess.run(["virsh", "-q", "qemu-monitor-command", "--hmp", "g1", "gpa2hva 0x1000000"],
                      capture_output=True, text=True, check=True).stdout
address = int(re.search(r"is (0x[0-9a-f]+)", said)[1], 16)
with open(f"/proc/{sys.argv[1]}/mem", "r+b", buffering=0) as memory:
    memory.seek(address)
    memory.write(b"lost")
"""


def test_guest_tells_a_lost_page(twin, guest):
    guest.start(twin.a, rate=0)
    assert beat_faults(parse_beats(guest.words())) == []
    pid = twin.a.out("cat /run/libvirt/qemu/g1.pid")
    twin.a.run(["python3", "-", pid], stdin=POKE)
    guest.wait_beats(2)
    assert any("memory is bad" in fault for fault in beat_faults(parse_beats(guest.words())))


# ---- moves ---------------------------------------------------------------------


def test_there_by_tcp_and_back_by_ssh(twin, guest):
    guest.start(twin.a, rate=16)
    guest.migrate(twin.b.uri("tcp"), "--p2p")
    arrived(guest, twin.b)
    guest.migrate(twin.a.uri("ssh"))
    arrived(guest, twin.a)


@pytest.mark.full
def test_memory_by_tls(twin, guest):
    guest.start(twin.a)
    guest.migrate(twin.b.uri("tls"), "--p2p", "--tls")
    arrived(guest, twin.b)


@pytest.mark.full
def test_postcopy(twin, guest):
    """Switched after the first pass, with more left than the last pass may take."""
    guest.start(twin.a, mib=64, rate=64)
    with twin.b.background(["virsh", "event", "--loop", "--event", "lifecycle"]) as events:
        guest.migrate(
            twin.b.uri(), "--p2p", "--bandwidth", "32", "--postcopy", "--postcopy-after-precopy"
        )
        arrived(guest, twin.b)
        events.terminate()
        told = events.stdout.read()
    assert "Post-copy" in told


@pytest.mark.full
def test_daemon_dies_guest_goes_on(twin, guest):
    guest.start(twin.a)
    twin.a.libvirt("kill")
    assert twin.a.virsh("list", check=False).returncode != 0
    guest.wait_beats(2)
    twin.a.libvirt("start")
    assert guest.running_on(twin.a)
    assert beat_faults(parse_beats(guest.words())) == []


# ---- storage -------------------------------------------------------------------


@pytest.mark.full
def test_shared_storage_is_accepted(twin, guest):
    disk = twin.a.disk_image(f"{SHARED}/d.qcow2")
    guest.start(twin.a, devices=disk_xml(disk))
    guest.migrate(twin.b.uri(), "--p2p")
    arrived(guest, twin.b)


@pytest.mark.full
def test_unshared_storage_is_unsafe(twin, guest):
    disk = f"{LOCAL}/unsafe.qcow2"
    twin.each(lambda host: host.disk_image(disk))
    guest.start(twin.a, devices=disk_xml(disk))
    refused = guest.migrate(twin.b.uri(), "--p2p", check=False)
    assert refused.returncode != 0
    assert "Unsafe migration" in refused.stderr
    arrived(guest, twin.a)


@pytest.mark.full
def test_storage_is_copied_into_a_pool(twin, guest):
    disk = twin.a.disk_image(f"{LOCAL}/copied.qcow2", mib=16)
    twin.b.virsh("pool-create-as", "local", "dir", "--target", LOCAL)
    guest.start(twin.a, devices=disk_xml(disk))
    guest.migrate(twin.b.uri(), "--p2p", "--copy-storage-all")
    arrived(guest, twin.b)
    guest.end()
    twin.b.run(["qemu-io", "-r", "-f", "qcow2", "-c", "read -q -P 0x5a 0 1M", disk])


# ---- the bench's own end -------------------------------------------------------


def test_reset_leaves_nothing(twin, guest):
    guest.start(twin.b)
    twin.b.run(f"touch {LOCAL}/left /etc/left")
    kept = twin.a.out("cat /proc/sys/kernel/random/boot_id")
    twin.b.reset()
    assert guest.gone_from(twin.b)
    assert twin.b.out(f"ls {LOCAL}; ls /etc/left 2>/dev/null || true") == ""
    assert twin.a.out("cat /proc/sys/kernel/random/boot_id") == kept
    assert twin.a.out(["virsh", "-q", "-c", twin.b.uri(), "hostname"]) == "b"


@pytest.mark.full
def test_auto_converge(twin, guest):
    """A guest whose writing takes processor time is slowed until it converges."""
    guest.start(twin.a, mib=64, toil=20000)
    move = ["virsh", "migrate", "--live", "--p2p", "--bandwidth", "24", "--auto-converge"]
    with guest.moving() as moved, twin.a.background([*move, "g1", twin.b.uri()]) as job:
        twin.a.wait("virsh -q domjobinfo g1 | grep -q '^Auto converge throttle: *[1-9]'")
        moved.done = job.wait(timeout=240) == 0
    assert moved.done
    arrived(guest, twin.b)


@pytest.mark.full
@pytest.mark.parametrize(
    "options",
    [
        ("--p2p", "--parallel", "--parallel-connections", "2"),
        ("--p2p", "--compressed", "--comp-methods", "xbzrle"),
        ("--p2p", "--tunnelled"),
        ("--p2p", "--persistent", "--undefinesource"),
        ("--bandwidth", "20"),
    ],
    ids=lambda options: options[-1] if options[-1].startswith("--") else options[-2],
)
def test_kinds_of_move(twin, guest, options):
    guest.start(twin.a, rate=16)
    guest.migrate(twin.b.uri(), *options)
    arrived(guest, twin.b)


@pytest.mark.full
def test_round_trips(twin, guest):
    guest.start(twin.a, rate=16)
    for host in (twin.b, twin.a) * 5:
        guest.migrate(host.uri(), "--p2p")
        arrived(guest, host)
