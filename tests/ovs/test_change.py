# SPDX-License-Identifier: LGPL-2.1-or-later
"""Changes to a real database of Open vSwitch, each batch one transaction; see change.c."""

import itertools
import json

import pytest

RUN = "/run/openvswitch"
MARK = "0000:01:00.0"


def setting(name, value):
    return {"kind": "setting", "name": name, "value": value}


def bridge(name, owner=None):
    return {"kind": "bridge", "name": name, "value": "there", "owner": owner or name}


def no_bridge(name):
    return {"kind": "bridge", "name": name, "value": None}


def port(name, where, tag=-1, owner=None):
    return {"kind": "port", "name": name, "value": where, "tag": tag,
            "owner": owner or f"{MARK}/{name}"}


def no_port(name):
    return {"kind": "port", "name": name, "value": None}


def commit(*changes, comment="ours", wait=False):
    return {"do": "commit", "changes": changes, "comment": comment, "wait": wait}


def run(command):
    return {"do": "run", "command": command}


SNAPSHOT = {"do": "snapshot"}
REFRESH = {"do": "refresh"}
OK = {"result": "ok"}


def shape(world):
    """Bridges, their ports, and what is told of each, by a connection of its own."""
    return world.change(SNAPSHOT)[0]


def ports(world, name):
    return shape(world)[name]["ports"]


@pytest.fixture
def db(world):
    """A database with a bridge of somebody else's, and no daemon."""
    world.database()
    world.run("ovs-vsctl", "--no-wait", "init")
    world.run("ovs-vsctl", "--no-wait", "add-br", "theirs", "--", "add-port", "theirs", "foreign",
              "--", "add-bond", "theirs", "bond0", "b1", "b2",
              "--", "set", "Open_vSwitch", ".", "other_config:other=kept")
    return world


def other_config(world):
    return world.run("ovs-vsctl", "get", "Open_vSwitch", ".", "other_config").stdout.strip()


# ---- what is made ------------------------------------------------------------------------------


WHOLE = (setting("hw-offload", "true"), setting("max-idle", "300000"), bridge("br0"),
         port("up", "br0", owner=f"{MARK}/uplink"), port("r0", "br0"), port("r1", "br0", 12))


def test_a_whole_host_is_one_transaction(db):
    before = db.log()
    assert db.change(commit(*WHOLE, comment="all of it")) == [OK]
    assert db.log() == before + ["all of it"]
    assert shape(db)["br0"] == {"owner": "br0", "ports": {
        "br0": {"owner": None, "tag": -1},
        "up": {"owner": f"{MARK}/uplink", "tag": -1},
        "r0": {"owner": f"{MARK}/r0", "tag": -1},
        "r1": {"owner": f"{MARK}/r1", "tag": 12},
    }}
    assert other_config(db) == '{hw-offload="true", max-idle="300000", other=kept}'


def test_nothing_to_change_is_no_transaction(db):
    db.change(commit(*WHOLE))
    before = db.log(), db.dump()
    assert db.change(commit(*WHOLE, wait=True)) == [OK]
    assert (db.log(), db.dump()) == before
    assert db.change(commit(), commit(no_port("x"), no_bridge("y"), setting("z", None))) == [OK, OK]
    assert (db.log(), db.dump()) == before


def test_all_of_it_taken_away(db):
    before = db.dump()
    db.change(commit(*WHOLE))
    logged = db.log()
    assert db.change(commit(no_bridge("br0"), no_port("r0"), no_port("r1"), no_port("up"),
                            setting("hw-offload", None), setting("max-idle", None),
                            comment="away")) == [OK]
    assert db.log() == logged + ["away"]
    assert db.dump() == before  # no row is left behind


def test_rows_are_those_of_ovs_vsctl(db):
    """Whoever reads the database cannot tell which of the two made a port, but by the mark."""
    def rows(table, *names):
        listed = json.loads(db.run("ovs-vsctl", "--no-wait", "--format=json", "list", table,
                                   *names).stdout)
        refer = {listed["headings"].index(name) for name in listed["headings"]
                 if name in ("_uuid", "name", "external_ids", "ports", "interfaces")}
        return [[cell for i, cell in enumerate(row) if i not in refer] for row in listed["data"]]

    db.change(commit(bridge("br0"), port("r0", "br0", 12), port("r1", "br0")))
    db.run("ovs-vsctl", "--no-wait", "add-br", "vsctl", "--", "add-port", "vsctl", "v0", "tag=12",
           "--", "add-port", "vsctl", "v1")
    assert rows("Bridge", "br0") == rows("Bridge", "vsctl")
    for table in ("Port", "Interface"):
        assert rows(table, "br0", "r0", "r1") == rows(table, "vsctl", "v0", "v1")


def test_database_never_initialized(world):
    world.database()
    assert world.change(commit(setting("hw-offload", None), no_bridge("br0"))) == [OK]
    assert "record 1" not in world.run("ovsdb-tool", "show-log", f"{RUN}/conf.db").stdout
    assert world.change(commit(*WHOLE)) == [OK]
    assert set(ports(world, "br0")) == {"br0", "up", "r0", "r1"}


def test_order_does_not_matter(db):
    """A port goes over to a new bridge while its old one goes away, in whatever order they come."""
    start = (bridge("old"), port("r0", "old"), port("r1", "old"))
    changes = (bridge("new"), port("r0", "new", 5), no_port("r1"), no_bridge("old"))
    end = (no_port("r0"), no_bridge("new"))
    actions = [action for order in itertools.permutations(changes)
               for action in (commit(*start), commit(*order), SNAPSHOT, commit(*end))]
    answers = db.change(*actions)
    for i in range(0, len(answers), 4):
        assert answers[i:i + 2] + [answers[i + 3]] == [OK] * 3, actions[i + 1]
        assert set(answers[i + 2]) == {"theirs", "new"}
        assert answers[i + 2]["new"]["ports"]["r0"] == {"owner": f"{MARK}/r0", "tag": 5}
    assert set(shape(db)) == {"theirs"}


# ---- ports -------------------------------------------------------------------------------------


def test_tags(db):
    tags = (12, 4095, 0, -1)
    db.change(commit(bridge("br0"), port("r0", "br0", 1)))
    answers = db.change(*(action for tag in tags
                          for action in (commit(port("r0", "br0", tag)), SNAPSHOT)))
    assert answers[::2] == [OK] * len(tags)
    seen = [answer["br0"]["ports"]["r0"] for answer in answers[1::2]]
    assert seen == [{"owner": f"{MARK}/r0", "tag": tag} for tag in tags]


def test_port_of_ours_goes_over(db):
    db.change(commit(bridge("br0"), bridge("br1"), port("r0", "br0", 3)))
    logged = db.log()
    # its mark stays, whatever the change says
    assert db.change(commit(port("r0", "br1", 4, owner="other"))) == [OK]
    assert ports(db, "br1")["r0"] == {"owner": f"{MARK}/r0", "tag": 4}
    assert set(ports(db, "br0")) == {"br0"}
    assert len(db.log()) == len(logged) + 1


def test_port_of_others_gets_its_tag_and_no_mark(db):
    assert db.change(commit(port("foreign", "theirs", 7), bridge("theirs"))) == [OK]
    assert ports(db, "theirs")["foreign"] == {"owner": None, "tag": 7}
    assert shape(db)["theirs"]["owner"] is None


def test_everything_else_of_a_port_stays(db):
    db.change(commit(bridge("br0"), bridge("br1"), port("r0", "br0")))
    db.run("ovs-vsctl", "--no-wait", "set", "Port", "r0", "external_ids:note=mine", "trunks=5,6",
           "other_config:x=y", "--", "set", "Interface", "r0", "mtu_request=1400")
    db.change(commit(port("r0", "br1", 9)))
    assert db.run("ovs-vsctl", "get", "Port", "r0", "external_ids", "trunks", "other_config", "tag"
                  ).stdout == f'{{note=mine, vfmig="{MARK}/r0"}}\n[5, 6]\n{{x=y}}\n9\n'
    assert db.run("ovs-vsctl", "get", "Interface", "r0", "mtu_request").stdout == "1400\n"


TRUNK = "vlan_mode=native-untagged trunks=5,7 ingress_policing_rate=1000 ingress_policing_burst=80"


def options(db, name):
    """By a tool of others: VLAN mode, trunks, rate, burst, kpkts rate."""
    return db.run("ovs-vsctl", "get", "Port", name, "vlan_mode", "trunks", "--", "get", "Interface",
                  name, "ingress_policing_rate", "ingress_policing_burst",
                  "ingress_policing_kpkts_rate").stdout.split("\n")[:-1]


def test_options_are_all_that_is_set(db):
    db.change(commit(bridge("br0"), {**port("r0", "br0", 9), "options": TRUNK}))
    assert options(db, "r0") == ["native-untagged", "[5, 7]", "1000", "80", "0"]
    # not named: they stay; an empty text: there is none
    db.change(commit(port("r0", "br0")))
    assert options(db, "r0") == ["native-untagged", "[5, 7]", "1000", "80", "0"]
    db.change(commit({**port("r0", "br0"), "options": "ingress_policing_kpkts_rate=3"}))
    assert options(db, "r0") == ["[]", "[]", "0", "0", "3"]
    db.change(commit({**port("r0", "br0"), "options": ""}))
    assert options(db, "r0") == ["[]", "[]", "0", "0", "0"]


QOS = "qos=linux-htb;max-rate=10000000;queue:0;min-rate=1000;queue:5;dscp:46;a%20b%3D=c%3B;max-rate=9000"


def qos_rows(db):
    """By a tool of others: how many QoS, how many queues."""
    return tuple(
        len(json.loads(db.run("ovs-vsctl", "--format=json", "list", table).stdout)["data"])
        for table in ("QoS", "Queue"))


def port_option(db, name):
    return ports(db, "br0")[name].get("options")


def test_qos_is_carried(db):
    db.change(commit(bridge("br0"), {**port("r0", "br0"), "options": QOS}, {**port("r1", "br0"), "options": QOS}))
    assert port_option(db, "r0") == port_option(db, "r1") == QOS
    assert qos_rows(db) == (2, 4)  # each port has rows of its own
    said = db.run("ovs-vsctl", "--columns=type,other_config", "list", "QoS").stdout
    assert "linux-htb" in said and 'max-rate="10000000"' in said
    said = db.run("ovs-vsctl", "--columns=dscp,other_config", "list", "Queue").stdout
    assert "46" in said and '"a b="="c;"' in said
    before = db.dump()
    db.change(commit({**port("r0", "br0"), "options": QOS}))  # the same again is nothing
    assert db.dump() == before
    db.change(commit({**port("r0", "br0"), "options": "qos=linux-hfsc"}))
    assert (port_option(db, "r0"), qos_rows(db)) == ("qos=linux-hfsc", (2, 2))
    db.change(commit({**port("r0", "br0"), "options": ""}))
    assert (port_option(db, "r0"), qos_rows(db)) == (None, (1, 2))
    db.change(commit(no_port("r1")))
    assert qos_rows(db) == (0, 0)


def test_qos_of_others_is_kept(db):
    db.change(commit(bridge("br0"), port("r0", "br0"), port("r1", "br0")))
    db.run("ovs-vsctl", "--no-wait", "--", "set", "Port", "r0", "qos=@q", "--", "set", "Port", "r1", "qos=@q",
           "--", "--id=@q", "create", "QoS", "type=linux-htb", "queues:1=@w",
           "--", "--id=@w", "create", "Queue", "other_config:min-rate=7")
    theirs = port_option(db, "r0")
    assert theirs == "qos=linux-htb;queue:1;min-rate=7"
    for name in ("r0", "r1"):
        db.change(commit({**port(name, "br0"), "options": QOS}))
    assert qos_rows(db) == (3, 5)
    # a port gets its own back, which only one can have where both had it
    db.change(commit({**port("r0", "br0"), "options": theirs}))
    assert qos_rows(db) == (2, 3)
    db.run("ovs-vsctl", "--no-wait", "clear", "Port", "r1", "qos")
    assert port_option(db, "r0") == theirs


BAD_QOS = ("", ";a=b", "linux-htb;", "linux-htb;a", "linux-htb;a=1;a=2", "linux-htb;b=1;a=2", "linux htb",
           "linux-htb;a=b=c", "linux-htb;a=%2", "linux-htb;a=%zz", "linux-htb;a=%41", "linux-htb;a=%00",
           "linux-htb;queue:1;queue:1", "linux-htb;queue:2;queue:1", "linux-htb;queue:", "linux-htb;queue:01",
           "linux-htb;queue:4294967296", "linux-htb;dscp:1", "linux-htb;queue:1;dscp:64", "linux-htb;=b",
           "linux-htb;queue:1;a=1;dscp:5")


@pytest.mark.parametrize("text", BAD_QOS)
def test_no_qos(db, text):
    answers = db.change(commit(bridge("br0"), {**port("r0", "br0"), "options": f"qos={text}"}))
    assert answers[0]["result"] == "EINVAL", text
    assert qos_rows(db) == (0, 0)


# ---- refusals: nothing of the batch is done ----------------------------------------------------


REFUSALS = {
    "port of others elsewhere": (
        [port("foreign", "br0")], "EEXIST", "foreign",
        "is a port of bridge 'theirs' already, and vfmig did not put it there"),
    "interface of a bond": (
        [port("b1", "br0")], "EEXIST", "b1",
        "is an interface of the port 'bond0' of bridge 'theirs'"),
    "bridge called as a port": (
        [bridge("foreign")], "EEXIST", "foreign",
        "is a port of bridge 'theirs' already, and vfmig did not put it there"),
    "bridge called as a bond": (
        [bridge("bond0")], "EEXIST", "bond0",
        "is a port of bridge 'theirs' already, and vfmig did not put it there"),
    "bridge called as an interface": (
        [bridge("b2")], "EEXIST", "b2", "is an interface of the port 'bond0' of bridge 'theirs'"),
    "bridge with ports of others": (
        [no_port("r0"), no_bridge("br0")], "ENOTEMPTY", "br0", "holds ports of others: p1, p2"),
    "no such bridge": (
        [port("r9", "nowhere")], "ENOENT", "nowhere", "no such bridge for the port 'r9'"),
    "options that are none": (
        [bridge("br1"), {**port("r9", "br1"), "options": "trunks=7,5"}], "EINVAL", "r9",
        "'trunks=7,5' are no options of a port"),
    "own port taken out": (
        [no_port("theirs")], "EBUSY", "theirs",
        "is the bridge's own port, and goes with the bridge alone"),
    "own port elsewhere": (
        [port("theirs", "br0")], "EBUSY", "theirs",
        "is the bridge's own port, and goes with the bridge alone"),
    "no VLAN": (
        [port("r9", "br0", 5000)], "EREMOTEIO", f"unix:{RUN}/db.sock", "constraint violation"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused(db, name):
    changes, result, obj, what = REFUSALS[name]
    db.change(commit(bridge("br0"), port("r0", "br0")))
    db.run("ovs-vsctl", "--no-wait", "add-port", "br0", "p2", "--", "add-port", "br0", "p1")
    before = db.log(), db.dump()
    answers = db.change(commit(setting("hw-offload", "true"), bridge("br7"), *changes),
                        commit(setting("max-idle", "7")))
    assert (answers[0]["result"], answers[0]["object"]) == (result, obj)
    assert answers[0]["what"] == what or (result == "EREMOTEIO" and what in answers[0]["what"])
    assert answers[1] == OK  # the connection is as good as before
    db.change(commit(setting("max-idle", None)))
    assert (db.log(), db.dump()) == (before[0] + ["ours", "ours"], before[1])


# ---- others who change things at the same time -------------------------------------------------


def test_refresh_shows_what_others_did(db):
    stale, fresh = db.change(run("ovs-vsctl --no-wait add-br br5"), SNAPSHOT, REFRESH,
                             SNAPSHOT)[1::2]
    assert "br5" not in stale and "br5" in fresh
    logged = db.log()
    assert db.change(REFRESH, REFRESH) == [OK, OK]
    assert db.log() == logged


RACES = {
    "another port": (
        "add-port br0 p9", [port("r1", "br0")], "ok", lambda w: {"p9", "r1"} <= set(ports(w, "br0"))),
    "another setting": (
        "set Open_vSwitch . other_config:p=q", [setting("hw-offload", "true")], "ok",
        lambda w: other_config(w) == '{hw-offload="true", other=kept, p=q}'),
    "another bridge": (
        "add-br br9", [bridge("br8")], "ok", lambda w: {"br8", "br9"} <= set(shape(w))),
    "the same bridge": (
        "add-br br8", [bridge("br8")], "ok", lambda w: shape(w)["br8"]["owner"] is None),
    "the same port": (
        "add-port br0 r1 tag=3", [port("r1", "br0", 4)], "ok",
        lambda w: ports(w, "br0")["r1"] == {"owner": None, "tag": 4}),
    "the bridge goes": (
        "del-br br0", [port("r1", "br0")], "ENOENT", lambda w: "br0" not in shape(w)),
    "a port comes into a bridge that goes": (
        "add-port br0 p9", [no_port("r0"), no_bridge("br0")], "ENOTEMPTY",
        lambda w: set(ports(w, "br0")) == {"br0", "r0", "p9"}),
    "a port comes into an empty bridge that goes": (
        "add-port br1 p9", [no_bridge("br1")], "ENOTEMPTY",
        lambda w: set(ports(w, "br1")) == {"br1", "p9"}),
    "another bridge while one goes": (
        "add-br br9", [no_bridge("br1")], "ok", lambda w: set(shape(w)) == {"br0", "br9", "theirs"}),
    "a port that goes over is made theirs": (
        "remove Port r0 external_ids vfmig", [port("r0", "br1")], "EEXIST",
        lambda w: "r0" in ports(w, "br0")),
    "the port goes": (
        "del-port br0 r0", [port("r0", "br0", 6)], "ok",
        lambda w: ports(w, "br0")["r0"] == {"owner": f"{MARK}/r0", "tag": 6}),
}


@pytest.mark.parametrize("name", RACES)
def test_somebody_was_faster(db, name):
    """What the replica says is not so any more when the transaction comes to the server."""
    theirs, changes, result, holds = RACES[name]
    db.change(commit(bridge("br0"), bridge("br1"), port("r0", "br0")))
    answers = db.change(run(f"ovs-vsctl --no-wait -- {theirs}"), commit(*changes))
    assert (answers[0], answers[1]["result"]) == (0, result)
    assert holds(db)


def test_writers_side_by_side(db):
    db.change(commit(bridge("br0")))
    writers = [db.change(*(commit(port(f"w{w}p{i}", "br0")) for i in range(8)), background=True)
               for w in range(4)]
    for writer in writers:
        assert db.answers(writer.communicate(timeout=60)[0]) == [OK] * 8
    assert set(ports(db, "br0")) == {"br0"} | {f"w{w}p{i}" for w in range(4) for i in range(8)}


def test_somebody_is_always_faster(db):
    before = db.dump()
    answers = db.change(commit(bridge("br0")), remote=db.proxy("conflict"))
    assert answers[0]["result"] == "EAGAIN"
    assert db.dump() == before


# ---- a server that goes, or says nothing -------------------------------------------------------


@pytest.mark.parametrize("what, done", [("hang-up", False), ("hang-up-after", True)])
@pytest.mark.parametrize("action", [commit(bridge("br0")), REFRESH], ids=["commit", "refresh"])
def test_server_hangs_up(db, action, what, done):
    answers = db.change(action, remote=db.proxy(what))
    assert answers[0]["result"] == "ECONNRESET"
    assert ("br0" in shape(db)) == (done and action is not REFRESH)


@pytest.mark.parametrize("action", [commit(bridge("br0")), REFRESH], ids=["commit", "refresh"])
def test_server_says_nothing(db, action):
    answers = db.change(action, remote=db.proxy("silence"), timeout_ms=300)
    assert answers[0] == {"result": "ETIMEDOUT", "object": f"unix:{RUN}/proxy.sock",
                          "what": "the database did not answer by the deadline"}


@pytest.mark.parametrize("action", [commit(bridge("br0")), REFRESH], ids=["commit", "refresh"])
def test_server_was_killed(db, action):
    """Writing to it is SIGPIPE, which would end this process."""
    pid = db.shell(f"cat {RUN}/ovsdb-server.pid").stdout.strip()
    answers = db.change(run(f"kill -KILL {pid}; while test -e /proc/{pid}/fd/0; do :; done"), action)
    assert answers[1]["result"] == "ECONNRESET"


def test_server_killed_in_the_middle(db):
    """The transaction is done, and no daemon is there to put it into effect."""
    waiting = db.change(commit(bridge("br0"), wait=True), background=True)
    db.wait_for("test $(ovs-vsctl get Open_vSwitch . next_cfg) != 0")
    db.kill("ovsdb-server")
    answers = db.answers(waiting.communicate(timeout=60)[0])
    assert answers[0]["result"] == "ECONNRESET"


# ---- the daemon --------------------------------------------------------------------------------


def numbers(world):
    return world.run("ovs-vsctl", "get", "Open_vSwitch", ".", "next_cfg", "cur_cfg").stdout.split()


def test_into_effect(world):
    world.database()
    world.daemon("=override")
    before = int(numbers(world)[0])
    assert world.change(commit(*WHOLE, wait=True, comment="waited")) == [OK]
    assert numbers(world) == [str(before + 1)] * 2
    assert world.run("ovs-vsctl", "get", "Interface", "r1", "ofport").stdout.strip().isdigit()
    assert world.run("ovs-appctl", "fdb/show", "br0").returncode == 0
    # not asked to wait: the daemon is not told to report
    assert world.change(commit(port("r2", "br0"))) == [OK]
    assert numbers(world) == [str(before + 1)] * 2
    assert world.change(commit(port("r2", "br0"), wait=True)) == [OK]
    assert world.log().count("waited") == 1


def test_port_without_device(world):
    """In the daemon's words; what was done stands."""
    world.database()
    world.daemon()
    world.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=dummy")
    world.run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there")
    answers = world.change(commit(port("here", "br0"), wait=True),
                           commit(port("there", "br0"), port("gone", "br0"), wait=True),
                           commit(port("gone", "br0", 3), wait=False),
                           commit(port("gone", "br0", 4), wait=True),
                           commit(setting("gone", "of that name"), wait=True),
                           commit(no_port("gone"), wait=True))
    words = {"result": "EIO", "object": "gone",
             "what": "could not open network device gone (No such device)"}
    assert answers == [OK, words, OK, words, OK, OK]
    assert set(ports(world, "br0")) == {"br0", "here", "there"}


def test_bridge_that_cannot_be(world):
    """Without a kernel datapath the daemon makes no such bridge, and says nothing of its ports."""
    world.database()
    world.daemon()
    answers = world.change(commit(bridge("br0"), wait=True), commit(port("r0", "br0"), wait=True))
    for name, answer in zip(("br0", "r0"), answers):
        assert answer == {"result": "EIO", "object": name,
                          "what": "ovs-vswitchd did not take it into the bridge"}


def test_daemon_hangs(world):
    world.database()
    world.daemon("=override")
    world.signal("STOP", "ovs-vswitchd")
    answers = world.change(commit(bridge("br0"), wait=True), timeout_ms=300)
    assert answers[0] == {"result": "ETIMEDOUT", "object": "ovs-vswitchd",
                          "what": "did not put the change into effect by the deadline"}
    assert shape(world)["br0"]["owner"] == "br0"
