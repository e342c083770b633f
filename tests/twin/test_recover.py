# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate recover and verify, after moves by 'vfmigrate run' that were cut short: its process
killed, a daemon gone, a post-copy broken. Heartbeats prove that nothing was lost.
"""

import os

import pytest

from runs import JOURNALS, SLOW, begin, journal, kill, slow_link, vfmigrate, whole

if not os.environ.get("VFMIG_PROGRAMS"):
    pytest.skip("VFMIG_PROGRAMS names no programs", allow_module_level=True)


@pytest.fixture(autouse=True)
def no_journals(twin):
    twin.each(lambda host: host.run(["rm", "-rf", JOURNALS]))


def test_killed_while_the_daemons_go_on(twin, guest):
    """Peer to peer the job survives: nothing is touched until it is over, then the move is closed."""
    guest.start(twin.a)
    with guest.moving() as move:
        begin(twin.a, "tcp", *SLOW)
        kill(twin.a)
        waits = vfmigrate(twin.a, "recover", "tcp", code=3)
        assert (waits["verdict"], waits["now"], waits["did"]) == ("waits", "moving", [])
        assert "vfmigrate status" in waits["remedy"]
        twin.a.run(["vfmigrate", "set-speed", "g1", "1000"])
        twin.b.wait("virsh domstate --reason g1 | grep -q 'running (migrated)'", seconds=120)
        move.done = True
    looked = vfmigrate(twin.a, "recover", "tcp", "--dry-run")
    assert looked["verdict"] == "looked" and looked["now"] == "destination"
    assert journal(twin.a)["runs"][-1]["result"] == "running"
    closed = vfmigrate(twin.a, "recover", "tcp")
    assert closed["verdict"] == "recovered" and closed["moved"] and closed["journalled"]
    assert {check["status"] for check in closed["checks"]} <= {"ok", "skipped"}
    whole(guest, twin.b)
    assert vfmigrate(twin.a, "recover", "tcp")["verdict"] == "nothing-to-do"
    proof = vfmigrate(twin.a, "verify", "tcp")
    assert proof["verdict"] == "verified" and proof["journalled"]


def test_killed_and_the_source_goes_on(twin, guest):
    """Through its client the migration ends with it, and the VM has to go on where it was."""
    guest.start(twin.a)
    begin(twin.a, "ssh", *SLOW)
    kill(twin.a)
    twin.a.wait("! virsh domjobinfo g1 | grep -q Unbounded", seconds=180)
    closed = vfmigrate(twin.a, "recover", "ssh")
    assert closed["verdict"] == "recovered" and closed["now"] == "source"
    assert closed["journalled"] and not closed["moved"]
    whole(guest, twin.a)
    assert journal(twin.a)["runs"][-1]["result"] == "reverted"
    with guest.moving() as move:
        assert vfmigrate(twin.a, "run", "ssh")["verdict"] == "moved"
        move.done = True
    whole(guest, twin.b)


@pytest.mark.full
@pytest.mark.parametrize("silent", ["source", "destination"])
def test_nothing_is_done_while_a_daemon_is_silent(twin, guest, silent):
    guest.start(twin.a)
    begin(twin.a, "ssh", *SLOW)
    kill(twin.a)
    twin.a.wait("! virsh domjobinfo g1 | grep -q Unbounded", seconds=180)
    host = twin.a if silent == "source" else twin.b
    # its name is known to the source alone
    named = guest_uuid(guest)
    host.libvirt("stop")
    try:
        waits = vfmigrate(twin.a, "recover", "ssh", code=3, vm=named)
        proof = vfmigrate(twin.a, "verify", "ssh", code=4, vm=named)
    finally:
        host.libvirt("start")
    assert (waits["verdict"], waits["did"]) == ("waits", [])
    assert waits[silent]["state"] == "unknown" and waits["left"]
    assert proof["verdict"] == "not-verified"
    about = {"source": "nowhere-else", "destination": "running"}[silent]
    assert [c["status"] for c in proof["checks"] if c["name"] == about] == ["unknown"]
    assert vfmigrate(twin.a, "recover", "ssh")["now"] == "source"
    whole(guest, twin.a)


def guest_uuid(guest):
    text = guest.xml()
    return text[text.index("<uuid>") + 6:text.index("</uuid>")]


@pytest.mark.full
def test_broken_postcopy(twin, guest):
    """Half of its memory on either host: nothing but going on can save it. libvirt 11.3, which the
    hosts have, would not live through that: then nothing is touched, and it is said what helps."""
    guest.start(twin.a, mib=64, rate=64)
    with slow_link(twin):
        begin(twin.a, "tcp", "--postcopy", "--after", "1", phase="post-copy")
        twin.a.virsh("domjobabort", "--postcopy", "g1")
        twin.a.wait("[ -s /run/twin/run.code ]", seconds=120)
    assert twin.a.get("/run/twin/run.code").strip() == "5"
    assert vfmigrate(twin.a, "status", "tcp", code=5)["verdict"] == "broken"
    looked = vfmigrate(twin.a, "recover", "tcp", "--dry-run")
    assert (looked["now"], looked["act"]) == ("postcopy-broken", "resume-postcopy")
    said = twin.b.virsh("version").stdout
    if "libvirt 11.3." not in said:
        healed = vfmigrate(twin.a, "recover", "tcp")
        assert healed["verdict"] == "recovered" and healed["now"] == "destination"
        whole(guest, twin.b)
        return
    broken = vfmigrate(twin.a, "recover", "tcp", code=5)
    assert broken["verdict"] == "hands-needed" and broken["did"] == []
    assert "libvirt 11.3." in broken["message"] and "another libvirt" in broken["left"][0]
    assert "post-copy failed" in twin.b.virsh("domstate", "--reason", "g1").stdout


def test_what_is_not_well_is_said(twin, guest):
    """A VM that never moved, one that ended over there, one that nobody knows."""
    guest.start(twin.a)
    missing = vfmigrate(twin.a, "verify", "tcp", code=4)
    assert missing["verdict"] == "not-verified" and not missing["journalled"]
    failed = {check["name"] for check in missing["checks"] if check["status"] == "failed"}
    assert failed == {"running", "nowhere-else"}
    assert vfmigrate(twin.a, "recover", "tcp")["verdict"] == "nothing-to-do"
    whole(guest, twin.a)
    for command in ("verify", "recover"):
        ran = twin.a.run(["vfmigrate", command, "nobody", "--to", twin.b.uri("tcp")], check=False)
        assert ran.returncode == 1 and "neither host that answers knows a VM" in ran.stderr
