# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate's commands that stand alone: a migration that somebody else started is looked at,
steered and ended from another process; CPUs of the two hosts and of a VM are compared.

The migration is vfm-job's (tests/job.c), slow enough to be met.
"""

import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import time
from xml.etree import ElementTree

import pytest

from beats import beat_faults, parse_beats

PROGRAMS = os.environ.get("VFMIG_PROGRAMS")


@pytest.fixture(scope="module")
def job(twin):
    if not PROGRAMS:
        pytest.skip("VFMIG_PROGRAMS names no programs")
    built = pathlib.Path(PROGRAMS).parent / "tests" / "vfm-job"
    shutil.copy(built, twin.run_dir / "share" / "bin" / "vfm-job")
    return "vfm-job"


def vfmigrate(host, *words, code=0):
    """Runs it there; its JSON object."""
    ran = host.run(["vfmigrate", words[0], "--json", *words[1:]], check=False)
    assert ran.returncode == code, ran.stdout + ran.stderr
    document = json.loads(ran.stdout)
    assert document["schema"] == 1
    return document


def said(host, *words, code=0):
    """Likewise as text, and where it fails its words."""
    ran = host.run(["vfmigrate", *words], check=False)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def begin(job, guest, *words):
    """Starts a migration to the other host, and returns once data moves."""
    host = guest.host
    line = " ".join([job, "qemu:///system", host.peer.uri(), guest.name, "p2p", *words])
    host.run(f"rm -f /run/twin/job.*; ({line} >/run/twin/job.out 2>/run/twin/job.err; "
             f"echo $? >/run/twin/job.code) </dev/null >/dev/null 2>&1 &")
    host.wait("grep -qx copies /run/twin/job.err", seconds=120)


def ended(host):
    """The end of vfm-job's own document."""
    host.wait("[ -s /run/twin/job.code ]", seconds=180)
    return json.loads(host.get("/run/twin/job.out"))


def whole(guest, host):
    """It runs there alone, goes on, and has lost nothing."""
    assert guest.running_on(host)
    assert guest.gone_from(host.peer)
    guest.wait_beats(2)
    assert beat_faults(parse_beats(guest.words())) == [], guest.words()


def test_nothing_under_way(twin, job, guest):
    guest.start(twin.a)
    document = vfmigrate(twin.a, "status", "g1", code=3)
    assert (document["verdict"], document["state"], document["job"]) == ("no-job", "running", None)
    assert document["vm"] == "g1" and document["device"] is False
    by_uuid = vfmigrate(twin.a, "status", document["uuid"], code=3)
    assert by_uuid["vm"] == "g1"
    assert vfmigrate(twin.a, "abort", "g1", code=3)["verdict"] == "no-job"
    assert "no migration is under way" in said(twin.a, "status", "g1", code=3)
    whole(guest, twin.a)


def test_seen_steered_and_aborted(twin, job, guest):
    guest.start(twin.a, mib=64)
    begin(job, guest, "bandwidth=2")
    seen = vfmigrate(twin.a, "status", "g1")
    assert seen["verdict"] == "migrating" and seen["job"]["phase"] == "copies"
    assert seen["job"]["operation"] == "migration" and seen["setting"] is None
    assert 0 < seen["job"]["memory_remaining_bytes"] <= seen["job"]["memory_total_bytes"]
    assert "migrating: copies, " in said(twin.a, "status", "g1")
    # from the other host, too: the daemon is asked, not whoever started it
    assert vfmigrate(twin.b, "status", "g1", "--from", twin.a.uri())["verdict"] == "migrating"
    speed = vfmigrate(twin.a, "set-speed", "g1", "3")["setting"]
    assert speed == {"limit": "max-speed", "unit": "MiB/s", "asked": 3, "was": 2, "is": 3}
    downtime = vfmigrate(twin.a, "set-downtime", "g1", "777")["setting"]
    assert (downtime["asked"], downtime["is"]) == (777, 777) and downtime["was"] != 777
    assert vfmigrate(twin.a, "set-downtime", "g1", "500")["setting"]["was"] == 777
    assert twin.a.virsh("migrate-getspeed", "g1").stdout.split() == ["3"]
    aborted = vfmigrate(twin.a, "abort", "g1")
    assert (aborted["verdict"], aborted["state"], aborted["job"]) == ("aborted", "running", None)
    assert ended(twin.a)["end"] == "failed"
    whole(guest, twin.a)


@pytest.mark.full
def test_speed_set_from_outside_counts(twin, job, guest):
    """At a speed that would take minutes it ends once it may go faster; and is told afterwards."""
    guest.start(twin.a, mib=64)
    begin(job, guest, "bandwidth=1", "persist")
    with guest.moving() as move:
        vfmigrate(twin.a, "set-speed", "g1", "1000")
        assert ended(twin.a)["end"] == "moved"
        move.done = True
    here = vfmigrate(twin.b, "status", "g1", code=3)
    assert here["last"]["memory_processed_bytes"] > 0 and "downtime_ms" in here["last"]
    assert "the last job that was completed" in said(twin.b, "status", "g1", code=3)
    whole(guest, twin.b)


@pytest.mark.full
def test_destination_sends_to_the_source(twin, job, guest):
    """The daemon that a VM comes to has no statistics, and no job of its own to abort."""
    guest.start(twin.a, mib=64)
    begin(job, guest, "bandwidth=2")
    for command in ("status", "abort"):
        words = said(twin.b, command, "g1", code=1)
        assert "is coming in from another host" in words and "--from" in words
    vfmigrate(twin.a, "abort", "g1")
    ended(twin.a)
    whole(guest, twin.a)


@pytest.mark.full
def test_post_copy_is_not_aborted(twin, job, guest):
    guest.start(twin.a, mib=128, rate=16)
    with guest.moving() as move:
        begin(job, guest, "postcopy", "switch-after=4", "bandwidth=4")
        speed = vfmigrate(twin.a, "set-speed", "g1", "2", "--postcopy")["setting"]
        assert (speed["limit"], speed["was"], speed["is"]) == ("max-postcopy-speed", 0, 2)
        twin.a.wait("grep -qx post-copy /run/twin/job.err", seconds=120)
        # so that it is not over before it was looked at; shorter than libvirt's keepalive waits
        with twin.cut(twin.b):
            refused = vfmigrate(twin.a, "abort", "g1", code=3)
            seen = vfmigrate(twin.a, "status", "g1")
        assert (refused["verdict"], refused["state"]) == ("switched", "away")
        assert (seen["verdict"], seen["job"]["phase"]) == ("migrating", "post-copy")
        assert ended(twin.a)["end"] == "moved"
        move.done = True
    whole(guest, twin.b)


@pytest.mark.full
def test_watch_follows_to_the_end(twin, job, guest):
    guest.start(twin.a, mib=64)
    begin(job, guest, "bandwidth=2")
    twin.a.run("(vfmigrate status g1 --watch --json >/run/twin/watch.out 2>&1; "
               "echo $? >/run/twin/watch.code) </dev/null >/dev/null 2>&1 &")
    with guest.moving() as move:
        twin.a.wait("[ $(wc -l </run/twin/watch.out) -ge 2 ]", seconds=60)
        vfmigrate(twin.a, "set-speed", "g1", "1000")
        assert ended(twin.a)["end"] == "moved"
        move.done = True
    twin.a.wait("[ -s /run/twin/watch.code ]", seconds=60)
    lines = [json.loads(line) for line in twin.a.get("/run/twin/watch.out").splitlines()]
    assert twin.a.get("/run/twin/watch.code").strip() == "0"
    assert [line["verdict"] for line in lines[:-1]] == ["migrating"] * (len(lines) - 1)
    assert lines[-1]["verdict"] == "gone"
    whole(guest, twin.b)


@pytest.mark.full
def test_other_jobs_are_left_alone(twin, job, guest):
    """A memory dump is a job, too; to end it is nobody's wish here."""
    guest.start(twin.a, mib=64)
    dump = "virsh -q dump --memory-only g1 /run/twin/slow"
    reader = "exec </run/twin/slow; until [ -e /run/twin/read ]; do sleep 0.2; done; cat >/dev/null"
    twin.a.run("mkfifo /run/twin/slow")
    with twin.a.background(reader), twin.a.background(dump) as dumping:
        deadline = time.monotonic() + 60
        while vfmigrate_verdict(twin.a) != "other-job" and time.monotonic() < deadline:
            time.sleep(0.1)
        refused = vfmigrate(twin.a, "abort", "g1", code=3)
        assert (refused["verdict"], refused["job"]["operation"]) == ("other-job", "dump")
        assert dumping.poll() is None
        twin.a.run("touch /run/twin/read")
        assert dumping.wait(timeout=120) == 0
    whole(guest, twin.a)


def vfmigrate_verdict(host):
    return json.loads(host.run(["vfmigrate", "status", "--json", "g1"], check=False).stdout)["verdict"]


def test_errors_say_what_to_do(twin, job):
    words = said(twin.a, "status", "nobody", code=1)
    assert "nobody: no VM of this name at qemu:///system" in words and "--from" in words
    for command in (["status", "g1"], ["abort", "g1"], ["set-speed", "g1", "5"]):
        words = said(twin.a, *command, "--from", "qemu+tcp://b:1/system", code=1)
        assert "qemu+tcp://b:1/system: " in words and "nothing listens there" in words
    words = said(twin.a, "status", "g1", "--from", "qemu+unix:///system?socket=/nothing", code=1)
    assert "does not run there" in words
    words = said(twin.a, "status", "g1", "--from", "nonsense://b/system", code=1)
    assert "nonsense://b/system: " in words and "not one of QEMU's" in words


# ---- cpu-baseline -----------------------------------------------------------


def define(guest, host, cpu):
    """The guest as a definition with this CPU; it is not started."""
    guest.host = host
    xml = re.sub(r"<cpu\b.*?(/>|</cpu>)", "", guest.xml(), flags=re.S)
    host.put("/run/twin/cpu.xml", xml.replace("</os>", "</os>" + cpu))
    host.virsh("define", "/run/twin/cpu.xml")


@contextlib.contextmanager
def another_cpu(host, edit):
    """The host's QEMU seems to have another CPU: in the answers that its daemon starts with."""
    kept, changed = "/twin/capabilities", "/run/twin/capabilities"
    host.run(f"rm -rf {changed} && cp -a {kept} {changed} && sed -i -E {shlex.quote(edit)} {changed}/*.xml "
             f"&& mount --bind {changed} {kept}")
    try:
        host.libvirt("restart")
        yield
    finally:
        host.run(["umount", kept])
        host.libvirt("restart")


def test_cpu_of_two_hosts(twin, job):
    document = vfmigrate(twin.a, "cpu-baseline", "--to", twin.b.uri())
    assert document["verdict"] == "common-cpu" and document["vm"] is None
    assert [host["uri"] for host in document["hosts"]] == ["qemu:///system", twin.b.uri()]
    assert {host["fit"] for host in document["hosts"]} == {"identical"}
    assert [host["lost"] for host in document["hosts"]] == [[], []]
    cpu = ElementTree.fromstring(document["cpu"])
    assert (cpu.tag, cpu.get("mode"), cpu.get("match")) == ("cpu", "custom", "exact")
    assert cpu.findtext("model") == document["model"]
    assert "loses nothing" in said(twin.a, "cpu-baseline", "--to", twin.b.uri())
    twin.a.run(["vfmigrate", "cpu-baseline", "--to", twin.b.uri(), "--write", "/run/twin/cpu"])
    assert twin.a.get("/run/twin/cpu") == document["cpu"] + "\n"
    twin.a.virsh("hypervisor-cpu-compare", "--error", "/run/twin/cpu")


def test_cpu_that_one_host_has_less_of(twin, job):
    """Said of the host that loses it; the common CPU runs on both."""
    with another_cpu(twin.b, "s/(name='vaes' type='boolean' value=)'true'/\\1'false'/"):
        document = vfmigrate(twin.a, "cpu-baseline", "--to", twin.b.uri())
        assert [host["lost"] for host in document["hosts"]] == [["vaes"], []]
        assert [host["fit"] for host in document["hosts"]] == ["superset", "identical"]
        assert not re.search(r"require.*'vaes'", document["cpu"])
        # the other way round, with two destinations
        back = vfmigrate(twin.b, "cpu-baseline", "--to", twin.a.uri(), "--to", twin.a.uri())
        assert [host["lost"] for host in back["hosts"]] == [[], ["vaes"], ["vaes"]]


def test_cpus_of_two_vendors(twin, job):
    with another_cpu(twin.b, "s/AuthenticAMD/GenuineIntel/"):
        document = vfmigrate(twin.a, "cpu-baseline", "--to", twin.b.uri(), "--write", "/run/twin/none",
                             code=3)
    assert (document["verdict"], document["cpu"], document["file"]) == ("no-common-cpu", None, None)
    assert document["message"] and document["notes"]
    assert twin.a.run("[ -e /run/twin/none ]", check=False).returncode == 1


VM_CPUS = [
    ("<cpu mode='custom' match='exact'><model>Icelake-Server</model></cpu>", "custom", True, "incompatible"),
    ("<cpu mode='custom' match='exact'><model>qemu64</model></cpu>", "custom", False, "superset"),
    ("<cpu mode='host-model'/>", "host-model", False, "identical"),
    ("<cpu mode='host-passthrough'/>", "host-passthrough", True, None),
]


@pytest.mark.parametrize("cpu,mode,change,fit", VM_CPUS, ids=["too-much", "less", "host-model", "passthrough"])
def test_cpu_of_a_vm(twin, job, guest, cpu, mode, change, fit):
    define(guest, twin.a, cpu)
    document = vfmigrate(twin.a, "cpu-baseline", "--to", twin.b.uri(), "--vm", "g1",
                         "--write", "/run/twin/new.xml", code=3 if change else 0)
    vm = document["vm"]
    assert (vm["mode"], vm["change"], vm["restart"]) == (mode, change, False)
    assert {host["fit"] for host in vm["hosts"]} == ({fit} if fit else set())
    # what was written either way is a definition that libvirt takes, and then nothing is to be changed
    twin.a.virsh("define", "--validate", "/run/twin/new.xml")
    after = vfmigrate(twin.a, "cpu-baseline", "--to", twin.b.uri(), "--vm", "g1")["vm"]
    assert (after["mode"], after["change"], after["model"]) == ("custom", False, document["model"])


def test_cpu_of_a_running_vm(twin, job, guest):
    """It gets another CPU by a start alone."""
    define(guest, twin.a, "<cpu mode='maximum'/>")
    twin.a.virsh("start", "g1")
    vm = vfmigrate(twin.a, "cpu-baseline", "--to", twin.b.uri(), "--vm", "g1", code=3)["vm"]
    assert (vm["running"], vm["change"], vm["restart"]) == (True, True, True)
    words = said(twin.a, "cpu-baseline", "--to", twin.b.uri(), "--vm", "g1", code=3)
    assert "shut down and started" in words and "virsh -c qemu:///system edit g1" in words


def test_cpu_errors(twin, job):
    words = said(twin.a, "cpu-baseline", "--to", twin.b.uri(), "--vm", "g9", code=1)
    assert "g9: no VM of this name at qemu:///system" in words and "list --all" in words
    words = said(twin.a, "cpu-baseline", "--to", "qemu+tcp://b:1/system", code=1)
    assert "qemu+tcp://b:1/system: " in words and "nothing listens there" in words
