# SPDX-License-Identifier: LGPL-2.1-or-later
"""A move as lib/move drives it: on the runner, journalled, stopped, cut short, recovered and proved.

Run by vfm-move (tests/move.c), since no rule is to keep anything from it here.
"""

import json
import os
import pathlib
import shutil

import pytest

from beats import beat_faults, parse_beats

PROGRAMS = os.environ.get("VFMIG_PROGRAMS")
# MiB a second that leave time to do something while it moves
SLOW = "bandwidth=4"
JOURNALS = "/run/twin/moves"
WAYS = pytest.mark.parametrize("words", [
    pytest.param(["p2p"], id="p2p"),
    pytest.param([], id="direct", marks=pytest.mark.full),
])


@pytest.fixture(scope="module")
def program(twin):
    if not PROGRAMS:
        pytest.skip("VFMIG_PROGRAMS names no programs")
    built = pathlib.Path(PROGRAMS).parent / "tests" / "vfm-move"
    shutil.copy(built, twin.run_dir / "share" / "bin" / "vfm-move")
    return "vfm-move"


@pytest.fixture(autouse=True)
def no_journals(twin):
    twin.a.run(["rm", "-rf", JOURNALS])


class Mover:
    """vfm-move on host a, from a to b."""

    def __init__(self, twin, program, guest):
        self.twin, self.program, self.guest = twin, program, guest

    def command(self, what, *words):
        return [self.program, what, "qemu:///system", self.twin.b.uri("tcp"), self.guest.name,
                JOURNALS, *words]

    def call(self, what, *words, code=0):
        ran = self.twin.a.run(self.command(what, *words), check=False)
        assert ran.returncode == code, ran.stdout + ran.stderr
        return json.loads(ran.stdout)

    def run(self, *words, code=0):
        with self.guest.moving() as move:
            result = self.call("run", *words, code=code)
            move.done = result["moved"]
        return result

    def run_and(self, words, phase, act):
        """Runs it, and calls act(host) once the phase was met; (result or None, exit code)."""
        host = self.twin.a
        line = " ".join(self.command("run", *words))
        with self.guest.moving() as move:
            host.run(f"rm -f /run/twin/move.*; ({line} >/run/twin/move.out 2>/run/twin/move.err & "
                     f"echo $! >/run/twin/move.pid; wait $!; echo $? >/run/twin/move.code) "
                     f"</dev/null >/dev/null 2>&1 &")
            host.wait(f"grep -qx {phase} /run/twin/move.err", seconds=120)
            act(host)
            host.wait("[ -s /run/twin/move.code ]", seconds=180)
            code = int(host.get("/run/twin/move.code"))
            move.done = code == 0
        said = host.get("/run/twin/move.out")
        return (json.loads(said) if said else None), code

    def journal(self):
        files = self.twin.a.out(f"ls {JOURNALS}").split()
        names = [name for name in files if name.endswith(".json")]
        assert len(names) == 1
        return json.loads(self.twin.a.get(f"{JOURNALS}/{names[0]}"))


@pytest.fixture
def mover(twin, program, guest):
    return Mover(twin, program, guest)


def kill(host):
    host.run("kill -KILL $(cat /run/twin/move.pid)")


def interrupt(host):
    host.run("kill -INT $(cat /run/twin/move.pid)")


def whole(guest, host):
    """It runs there alone, goes on, and has lost nothing."""
    assert guest.running_on(host)
    assert guest.gone_from(host.peer)
    guest.wait_beats(2)
    assert beat_faults(parse_beats(guest.words())) == [], guest.words()


@WAYS
def test_moves_and_proves(twin, mover, guest, words):
    guest.start(twin.a)
    result = mover.run(*words)
    assert result["moved"] and result["run"] == "done" and result["end"] == "moved"
    assert result["resumed"]
    whole(guest, twin.b)
    journal = mover.journal()
    assert journal["records"] == []
    assert journal["runs"][-1]["result"] == "done"
    assert [step["step"] for step in journal["runs"][-1]["steps"]] == ["move-migrate"]
    assert journal["move"]["vm"] == guest.name and journal["move"]["running"]
    proof = mover.call("verify")
    assert proof["status"] == "ok", proof
    # There is nothing to recover, and that is no error.
    again = mover.call("recover")
    assert again["now"] == "destination" and again["moved"] and not again["journalled"]


@WAYS
def test_stop_leaves_it_on_the_source(twin, mover, guest, words):
    guest.start(twin.a)
    result, code = mover.run_and([*words, SLOW], "copies", interrupt)
    assert code == 1 and result["end"] == "stopped"
    assert result["run"] == "undone" and not result["moved"]
    whole(guest, twin.a)
    # And it can be tried again at once.
    assert mover.run(*words)["moved"]
    whole(guest, twin.b)


@pytest.mark.full
def test_killed_while_the_daemons_go_on(twin, mover, guest):
    """Peer to peer the job survives: as long as it runs nothing is done, and then it is closed."""
    guest.start(twin.a)
    with guest.moving() as move:
        mover.run_and(["p2p", SLOW], "copies", kill)
        busy = mover.call("recover", code=1)
        assert busy["now"] == "moving" and busy["did"] == []
        # Another move of it is kept out until then.
        assert "cut short" in mover.call("run", "p2p", code=1)["error"]
        twin.a.virsh("migrate-setspeed", guest.name, "1000")
        twin.b.wait(f"virsh domstate --reason {guest.name} | grep -q 'running (migrated)'",
                    seconds=120)
        move.done = True
    closed = mover.call("recover")
    assert closed["now"] == "destination" and closed["moved"] and closed["journalled"]
    whole(guest, twin.b)
    assert mover.journal()["runs"][-1]["result"] == "incomplete"
    assert not mover.call("recover")["journalled"]


@pytest.mark.full
def test_killed_and_the_source_goes_on(twin, mover, guest):
    """Without the client the migration ends, and the VM has to be running where it was."""
    guest.start(twin.a)
    mover.run_and([SLOW], "copies", kill)
    twin.a.wait(f"! virsh domjobinfo {guest.name} | grep -q Unbounded", seconds=180)
    closed = mover.call("recover")
    assert closed["now"] == "source" and not closed["moved"] and closed["journalled"], closed
    whole(guest, twin.a)
    assert mover.journal()["runs"][-1]["result"] == "reverted"
    assert mover.run()["moved"]
    whole(guest, twin.b)


@pytest.mark.full
def test_nothing_is_done_while_a_daemon_is_silent(twin, mover, guest):
    guest.start(twin.a)
    with twin.cut(twin.b):
        told = mover.call("recover", code=1)
    assert told["now"] == "undecidable" and told["did"] == []
    assert told["left"] and "must never run twice" in told["error"]
    whole(guest, twin.a)


@pytest.mark.full
def test_look_does_nothing(twin, mover, guest):
    guest.start(twin.a)
    mover.run_and(["p2p", SLOW], "copies", kill)
    twin.a.virsh("domjobabort", guest.name)
    looked = mover.call("recover", "look")
    assert looked["now"] == "source" and looked["did"] == [] and not looked["journalled"]
    assert mover.journal()["runs"][-1]["result"] == "running"
    assert mover.call("recover")["journalled"]
    whole(guest, twin.a)


def test_definition_moves_and_is_proved(twin, mover, guest):
    guest.host = twin.a
    twin.a.put("/run/twin/g1.xml", guest.xml())
    twin.a.virsh("define", "/run/twin/g1.xml")
    result = mover.call("run", "p2p", "offline", "persist", "undefine")
    assert result["moved"] and result["run"] == "done"
    proof = mover.call("verify")
    assert proof["status"] == "ok", proof
    assert proof["checks"]["running"] == "skipped"
    assert proof["checks"]["definition-source"] == "ok"
    # What it was told to leave is told from what it left.
    twin.a.virsh("define", "/run/twin/g1.xml")
    assert mover.call("verify")["checks"]["definition-source"] == "failed"
