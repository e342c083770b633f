# SPDX-License-Identifier: LGPL-2.1-or-later
"""The ops of Open vSwitch on real daemons: what each kind of step reads and sets.

What needs a card (a port by its PF and VF) is in tests/unit/test_ovs_ops.c and tests/lab.
"""

import os

import pytest

RUN = "/run/openvswitch"
OK = {"result": "ok"}
BATCH = [
    ("ovs-setting", "hw-offload", "true"),
    ("ovs-setting", "max-idle", "300000"),
    ("ovs-bridge", "br0", "ours"),
    ("ovs-port", "netdev/up", "br0"),
    ("ovs-port", "netdev/r1", "br0 tag=12"),
]
GONE = [(kind, obj, None) for kind, obj, _ in reversed(BATCH)]


def steps(rows):
    return {"do": "set", "steps": [dict(zip(("kind", "object", "value"), row)) for row in rows]}


def read(kind, obj, **more):
    return {"do": "read", "kind": kind, "object": obj, **more}


def value(text):
    return {"result": "ok", "value": text}


@pytest.fixture
def db(world):
    world.database()
    world.run("ovs-vsctl", "--no-wait", "init")
    return world


def test_what_is_set_is_read(db):
    """One transaction each way, told in the log, and nobody waits for a daemon that is not."""
    before, logged = db.dump(), db.log()
    looks = [read(kind, obj) for kind, obj, _ in BATCH]
    answers = db.change(*looks, steps(BATCH), *looks, steps(GONE), *looks)
    assert answers[:5] == answers[12:] == [value(None)] * 5
    assert answers[6:11] == [value(text) for _, _, text in BATCH]
    assert answers[5] == answers[11] == OK
    assert db.log() == logged + [
        "vfmig: ovs-setting hw-offload true, ovs-setting max-idle 300000, ovs-bridge br0 ours, "
        "ovs-port netdev/up br0, ovs-port netdev/r1 br0 tag=12",
        "vfmig: ovs-port netdev/r1 -, ovs-port netdev/up -, ovs-bridge br0 -, "
        "ovs-setting max-idle -, ovs-setting hw-offload -"]
    assert db.dump() == before


def test_marks(db):
    db.change(steps(BATCH))
    got = db.run("ovs-vsctl", "get", "Bridge", "br0", "external_ids", "--", "get", "Port", "r1",
                 "external_ids").stdout
    assert got == '{vfmig=br0}\n{vfmig="netdev/r1"}\n'


def test_whose_bridge(db):
    db.run("ovs-vsctl", "--no-wait", "add-br", "theirs")
    db.change(steps([("ovs-bridge", "ours", "ours")]))
    assert db.change(read("ovs-bridge", "ours"), read("ovs-bridge", "theirs")) == [
        value("ours"), value("foreign")]


def test_port_by_its_name(db):
    """Of a representor that is gone, with nothing but its port left."""
    db.change(steps([("ovs-bridge", "br0", "ours"), ("ovs-port", "netdev/old", "br0 tag=3")]))
    assert db.change(read("ovs-port", "port/old"), steps([("ovs-port", "port/old", None)]),
                     read("ovs-port", "port/old")) == [value("br0 tag=3"), OK, value(None)]


def test_bridge_with_ports_of_others(db):
    """The batch is refused whole, and the error is the one that going back can tell."""
    db.change(steps(BATCH))
    db.run("ovs-vsctl", "--no-wait", "add-port", "br0", "foreign")
    before = db.dump()
    answer = db.change(steps(GONE))[0]
    assert (answer["result"], answer["object"]) == ("ENOTEMPTY", "br0")
    assert "foreign" in answer["what"] and "r1" not in answer["what"]
    assert db.dump() == before


def test_wrong_values(db):
    answers = db.change(steps([("ovs-port", "netdev/x", "br0 vlan=3")]),
                        read("ovs-setting", "n-dpdk-rxqs"))
    assert [answer["result"] for answer in answers] == ["EINVAL", "EINVAL"]


def test_another_connection_after_a_failure(db):
    """The server was restarted between two steps."""
    restart = (f"kill -KILL $(cat {RUN}/ovsdb-server.pid); sleep 0.2; rm -f {RUN}/db.sock; "
               f"ovsdb-server {RUN}/conf.db --remote=punix:{RUN}/db.sock --pidfile --detach "
               "--no-chdir --log-file=/dev/null -vconsole:off")
    answers = db.change(steps(BATCH), {"do": "run", "command": restart},
                        read("ovs-bridge", "br0"), read("ovs-bridge", "br0"))
    assert answers[1] == 0
    assert answers[2]["result"] == "ECONNRESET"
    assert answers[3] == value("ours")


def test_with_the_daemon(world):
    """Then a step is done when the daemon has taken it, and its error is the step's."""
    world.database()
    world.daemon()
    world.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=dummy")
    world.run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there")
    answers = world.change(steps([("ovs-port", "netdev/here", "br0")]),
                           steps([("ovs-port", "netdev/gone", "br0")]),
                           steps([("ovs-port", "netdev/gone", None)]))
    assert answers == [OK, {"result": "EIO", "object": "gone",
                            "what": "could not open network device gone (No such device)"}, OK]
    assert world.vsctl("list-ports", "br0").split() == ["here"]
    assert world.vsctl("get", "Interface", "here", "ofport").strip().isdigit()


def test_daemon_that_hangs(world):
    world.database()
    world.daemon("=override")
    world.signal("STOP", "ovs-vswitchd")
    answers = world.change(steps(BATCH), timeout_ms=500)
    assert (answers[0]["result"], answers[0]["object"]) == ("ETIMEDOUT", "ovs-vswitchd")


# ---- the restart -------------------------------------------------------------------------------


def systemctl(world, active, restart="true"):
    """A stand-in that knows one active unit, and notes how it is called."""
    world.shell(f"""mkdir -p /run/bin && cat >/run/bin/systemctl <<'END'
#!/bin/sh
echo "$@" >>/run/calls
case "$*" in
"is-active --quiet {active}") exit 0 ;;
is-active*) exit 3 ;;
"restart {active}") {restart} ;;
*) exit 1 ;;
esac
END
chmod 755 /run/bin/systemctl""")


def calls(world):
    return world.shell("cat /run/calls").stdout.splitlines()


ANEW = f"""kill -KILL $(cat {RUN}/ovs-vswitchd.pid) && sleep 0.2 &&
 ovs-vswitchd --enable-dummy --pidfile --overwrite-pidfile --detach --no-chdir \
 --log-file=/dev/null -vconsole:off"""


@pytest.fixture
def daemon(world, monkeypatch):
    monkeypatch.setenv("PATH", "/run/bin:" + os.environ["PATH"])
    world.database()
    world.daemon()
    return world


def who(world):
    pid = world.shell(f"cat {RUN}/ovs-vswitchd.pid").stdout.strip()
    return f"{pid}@" + world.shell(f"cut -d' ' -f22 /proc/{pid}/stat").stdout.strip()


RESTART = steps([("ovs-restart", "ovs-vswitchd", "restarted")])


@pytest.mark.parametrize("unit, asked", [
    ("openvswitch", ["openvswitch"]),
    ("openvswitch-switch", ["openvswitch", "openvswitch-switch"]),
])
def test_restart(daemon, unit, asked):
    systemctl(daemon, unit, ANEW)
    was = who(daemon)
    look = read("ovs-restart", "ovs-vswitchd", was=was)
    answers = daemon.change(look, RESTART, look, read("ovs-bridge", "br0"))
    assert answers == [value(was), OK, value("restarted"), value(None)]
    assert calls(daemon) == [f"is-active --quiet {name}" for name in asked] + [f"restart {unit}"]
    assert who(daemon) != was


def test_restart_unread(daemon):
    assert daemon.change(read("ovs-restart", "ovs-vswitchd", unread=True)) == [value(who(daemon))]
    daemon.kill("ovs-vswitchd")
    assert daemon.change(read("ovs-restart", "ovs-vswitchd", unread=True),
                         read("ovs-restart", "ovs-vswitchd", was="1@2")) == [value(None)] * 2


def test_restart_of_no_unit(daemon):
    systemctl(daemon, "something-else", ANEW)
    was = who(daemon)
    assert daemon.change(RESTART) == [{
        "result": "ENOENT", "object": "ovs-vswitchd",
        "what": "neither unit 'openvswitch' nor 'openvswitch-switch' is active"}]
    assert who(daemon) == was


def test_restart_fails(daemon):
    systemctl(daemon, "openvswitch", "echo Job for it failed >&2; exit 1")
    answer = daemon.change(RESTART)[0]
    assert (answer["result"], answer["object"]) == ("EIO", "ovs-vswitchd")
    assert "Job for it failed" in answer["what"]


def test_restart_that_changes_nothing(daemon):
    systemctl(daemon, "openvswitch", "true")
    answer = daemon.change(RESTART, timeout_ms=500)[0]
    assert answer == {"result": "ETIMEDOUT", "object": "ovs-vswitchd",
                      "what": "no new daemon answers after the restart"}


def test_restart_is_all_it_can(daemon):
    answer = daemon.change(steps([("ovs-restart", "ovs-vswitchd", "1@2")]))[0]
    assert answer["result"] == "EINVAL"


def test_daemon_in_container(db):
    db.shell("unshare --pid --fork --kill-child ovs-vswitchd --enable-dummy --pidfile "
             "--no-chdir --log-file=/dev/null -vconsole:off >/dev/null 2>&1 &")
    db.wait_for(f"test -S {RUN}/ovs-vswitchd.1.ctl")
    answers = db.change(read("ovs-restart", "ovs-vswitchd", was="1@2"), RESTART)
    assert [answer["result"] for answer in answers] == ["EOPNOTSUPP"] * 2
