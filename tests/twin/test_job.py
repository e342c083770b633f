# SPDX-License-Identifier: LGPL-2.1-or-later
"""The migration job (lib/job) by itself: how it ends, who may end it, and where the VM is then.

Run by vfm-job (tests/job.c), since no rule is to keep anything from it here.
"""

import json
import os
import pathlib
import shutil

import pytest

from beats import beat_faults, parse_beats
from twin import LOCAL

PROGRAMS = os.environ.get("VFMIG_PROGRAMS")
# MiB a second that leave time to do something while it moves
SLOW = "bandwidth=4"


@pytest.fixture(scope="module")
def program(twin):
    if not PROGRAMS:
        pytest.skip("VFMIG_PROGRAMS names no programs")
    built = pathlib.Path(PROGRAMS).parent / "tests" / "vfm-job"
    shutil.copy(built, twin.run_dir / "share" / "bin" / "vfm-job")
    return "vfm-job"


def command(program, guest, *words, transport="tcp"):
    source = guest.host
    return [program, "qemu:///system", source.peer.uri(transport), guest.name, *words]


def job(program, guest, *words, code=0, transport="tcp"):
    """Runs it on the guest's host; its result."""
    with guest.moving() as move:
        ran = guest.host.run(command(program, guest, *words, transport=transport), check=False)
        move.done = ran.returncode == 0
    assert ran.returncode == code, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def begun(host, phase, path):
    host.wait(f"grep -qx {phase} {path}", seconds=120)


def job_with(program, guest, words, phase, act):
    """Likewise, and calls act(host) once the phase was met; (result or None, exit code)."""
    host = guest.host
    line = " ".join(command(program, guest, *words))
    with guest.moving() as move:
        host.run(f"rm -f /run/twin/job.*; ({line} >/run/twin/job.out 2>/run/twin/job.err & "
                 f"echo $! >/run/twin/job.pid; wait $!; echo $? >/run/twin/job.code) "
                 f"</dev/null >/dev/null 2>&1 &")
        begun(host, phase, "/run/twin/job.err")
        act(host)
        host.wait("[ -s /run/twin/job.code ]", seconds=180)
        code = int(host.get("/run/twin/job.code"))
        move.done = code == 0
    said = host.get("/run/twin/job.out")
    return (json.loads(said) if said else None), code


def interrupt(host):
    host.run("kill -INT $(cat /run/twin/job.pid)")


def kill(host):
    host.run("kill -KILL $(cat /run/twin/job.pid)")


def whole(guest, host):
    """It runs there alone, goes on, and has lost nothing."""
    assert guest.running_on(host)
    assert guest.gone_from(host.peer)
    guest.wait_beats(2)
    assert beat_faults(parse_beats(guest.words())) == [], guest.words()


# ---- it moves ---------------------------------------------------------------


MOVES = [(["p2p"], "tcp"), ([], "ssh")]


@pytest.mark.parametrize("words,transport", MOVES, ids=["p2p", "direct"])
def test_moves(twin, program, guest, words, transport):
    guest.start(twin.a)
    result = job(program, guest, *words, "downtime=500", transport=transport)
    assert result["end"] == "moved" and result["error"] is None
    assert result["arrived"] and not result["switched"] and not result["timed_out"]
    assert result["memory_total_bytes"] > 0 and result["downtime_ms"] >= 0
    whole(guest, twin.b)


@pytest.mark.full
def test_switches_to_postcopy(twin, program, guest):
    guest.start(twin.a, mib=64, rate=64)
    result = job(program, guest, "p2p", "postcopy", "switch-after=1", "bandwidth=16")
    assert result["end"] == "moved" and result["switched"]
    whole(guest, twin.b)


def test_definition_of_a_vm_that_is_off(twin, program, guest):
    guest.host = twin.a
    twin.a.put("/run/twin/g1.xml", guest.xml())
    twin.a.virsh("define", "/run/twin/g1.xml")
    result = job(program, guest, "p2p", "offline", "undefine")
    assert result["end"] == "moved"
    assert guest.gone_from(twin.a)
    assert twin.b.out("virsh -q list --all --name --state-shutoff").split() == ["g1"]


@pytest.mark.full
@pytest.mark.parametrize("words", [["connections=3"], ["auto-converge", "initial=40"],
                                   ["tls"], ["persist", "undefine"]], ids=lambda words: words[0])
def test_kinds(twin, program, guest, words):
    guest.start(twin.a)
    assert job(program, guest, "p2p", *words)["end"] == "moved"
    whole(guest, twin.b)


# ---- it is stopped ----------------------------------------------------------


@pytest.mark.parametrize("words", [
    pytest.param(["p2p"], id="p2p"),
    pytest.param([], id="direct", marks=pytest.mark.full),
])
def test_interrupt_leaves_it_on_the_source(twin, program, guest, words):
    guest.start(twin.a)
    result, code = job_with(program, guest, [*words, SLOW], "copies", interrupt)
    assert code == 1 and result["end"] == "stopped" and result["error"]
    whole(guest, twin.a)
    assert job(program, guest, *words)["end"] == "moved"
    whole(guest, twin.b)


ON_TIMEOUT = [
    ("abort", [], 1, {"end": "timed-out", "timed_out": True, "switched": False}),
    ("suspend", [], 0, {"end": "moved", "timed_out": True, "switched": False}),
    ("postcopy", ["postcopy"], 0, {"end": "moved", "timed_out": True, "switched": True}),
]


@pytest.mark.full
@pytest.mark.parametrize("action,words,code,expected", ON_TIMEOUT, ids=[row[0] for row in ON_TIMEOUT])
def test_time_limit(twin, program, guest, action, words, code, expected):
    guest.start(twin.a, mib=64, rate=64)
    result = job(program, guest, "p2p", *words, "bandwidth=16", "timeout=2",
                 f"on-timeout={action}", code=code)
    assert {key: result[key] for key in expected} == expected
    whole(guest, twin.b if code == 0 else twin.a)


@pytest.mark.full
def test_interrupt_after_the_switch_only_looks_away(twin, program, guest):
    guest.start(twin.a, mib=64, rate=64)
    words = ["p2p", "postcopy", "switch-after=1", "bandwidth=8"]
    result, code = job_with(program, guest, words, "post-copy", interrupt)
    assert code == 0 and result["end"] in ("detached", "moved") and result["switched"]
    twin.a.wait("! virsh -q list --all --name | grep -qx g1", seconds=180)
    whole(guest, twin.b)


@pytest.mark.full
def test_job_of_the_daemons_survives_the_client(twin, program, guest):
    guest.start(twin.a)
    source = guest.host
    with guest.moving() as move:
        job_with(program, guest, ["p2p", SLOW], "copies", kill)
        source.wait("! virsh -q list --all --name | grep -qx g1", seconds=180)
        move.done = True
    whole(guest, twin.b)


# ---- it fails ---------------------------------------------------------------


def test_refusal_is_in_libvirts_words(twin, program, guest):
    disk = f"{LOCAL}/refused.qcow2"
    twin.each(lambda host: host.disk_image(disk))
    devices = (f"<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
               f"<source file='{disk}'/><target dev='vda' bus='virtio'/></disk>")
    guest.start(twin.a, devices=devices)
    result = job(program, guest, "p2p", code=1)
    assert result["end"] == "failed" and "Unsafe migration" in result["error"]
    whole(guest, twin.a)


def test_contradiction_touches_nothing(twin, program, guest):
    guest.start(twin.a)
    result = job(program, guest, "p2p", "resume", code=1)
    assert "needs post-copy" in result["error"]
    whole(guest, twin.a)


def test_no_such_vm_and_no_such_host(twin, program, guest):
    guest.host = twin.a
    assert "g1" in job(program, guest, "p2p", code=1)["error"]
    ran = twin.a.run([program, "qemu:///system", "qemu+tcp://b:1/system", "g1", "p2p"], check=False)
    assert ran.returncode == 1 and json.loads(ran.stdout)["error"]


@pytest.mark.full
def test_destination_gone_on_the_way(twin, program, guest):
    """The cable is out: the job ends by keepalive and the VM has never stopped."""
    guest.start(twin.a)

    def pull(host):
        with twin.cut(twin.b):
            host.wait("[ -s /run/twin/job.code ]", seconds=240)

    result, code = job_with(program, guest, ["p2p", SLOW], "copies", pull)
    assert code == 1 and result["end"] == "failed"
    assert guest.running_on(twin.a)
    guest.wait_beats(2)
    assert beat_faults(parse_beats(guest.words())) == []
