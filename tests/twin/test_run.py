# SPDX-License-Identifier: LGPL-2.1-or-later
"""'vfmigrate run' from end to end: each of its options does to a real guest what it says, and whoever
stops it leaves the guest where it was. Heartbeats prove that nothing was lost.
"""

import os

import pytest

from runs import JOURNALS, SLOW, Terminal, begin, ended, journal, of_host, proved, signal, vfmigrate, whole

if not os.environ.get("VFMIG_PROGRAMS"):
    pytest.skip("VFMIG_PROGRAMS names no programs", allow_module_level=True)

BUSY = {"mib": 64, "rate": 64}


@pytest.fixture(autouse=True)
def no_journals(twin):
    twin.each(lambda host: host.run(["rm", "-rf", JOURNALS]))


def move(guest, transport, *words):
    """Moves it to the other host; the document."""
    with guest.moving() as moving:
        document = vfmigrate(guest.host, "run", transport, *words)
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
