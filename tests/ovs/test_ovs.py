# SPDX-License-Identifier: LGPL-2.1-or-later
"""What vfprep facts says of Open vSwitch in each state it can be found in."""

import json

NO_SERVER = {"unknown": "the database server is not running"}
NO_ROOT = {"unknown": "needs root"}
NO_DAEMON = {"unknown": "ovs-vswitchd is not running"}
CONFIGURED = ["version", "hw_offload", "max_idle_ms", "tc_policy", "bridges"]
NORMAL = "duration=1s, n_packets=0, n_bytes=0, priority=0,actions=NORMAL\n"
FLOW = "recirc_id(0),in_port(2),eth(),eth_type(0x0800), packets:1, bytes:9, used:0.1s, actions:3\n"


def bridge(facts, name):
    return {item["name"]: item for item in facts["bridges"]}[name]


def ports(facts, name):
    return {item["name"]: item for item in bridge(facts, name)["ports"]}


def make_bridges(world):
    """Two datapaths, and a port of each sort."""
    world.vsctl(
        "--", "set", "Open_vSwitch", ".", "ovs_version=3.1.0", "other_config:hw-offload=true",
        "other_config:max-idle=300000", "other_config:tc-policy=skip_sw",
        "--", "add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=dummy",
        "--", "add-port", "br0", "p1", "--", "set", "Interface", "p1", "type=dummy",
        "--", "add-port", "br0", "p2", "tag=5", "--", "set", "Interface", "p2", "type=dummy",
        "--", "set", "Port", "p2", "external_ids:vfmig=vm1",
        "--", "add-port", "br0", "p3", "trunks=10,20",
        "--", "set", "Interface", "p3", "type=dummy", "ingress_policing_rate=1000",
        "--", "add-port", "br0", "p4", "--", "set", "Interface", "p4", "type=dummy",
        "--", "set", "Port", "p4", "qos=@q", "--", "--id=@q", "create", "QoS", "type=linux-htb",
        "--", "add-bond", "br0", "bond0", "b1", "b2", "--", "set", "Interface", "b1", "type=dummy",
        "mtu_request=1400", "--", "set", "Interface", "b2", "type=dummy",
        "--", "add-br", "br1", "--", "set", "Bridge", "br1", "datapath_type=netdev",
        "rstp_enable=true", "external_ids:vfmig=br1",
    )


def test_not_there(world):
    facts = world.facts()
    assert facts["running"] is False
    assert facts["pid"] is None and facts["start_time"] is None
    assert [facts[name] for name in CONFIGURED] == [NO_SERVER] * len(CONFIGURED)
    assert facts["offloaded_flow_seen"] == NO_SERVER


def test_no_directory(world):
    world.shell("rmdir /run/openvswitch")
    assert world.facts()["running"] is False


def test_socket_without_server(world):
    world.database()
    world.kill("ovsdb-server")
    facts = world.facts()
    assert facts["running"] is False
    assert facts["bridges"] == NO_SERVER


def test_database_alone(world):
    """As it is created: not even the row that the start scripts make."""
    world.database()
    facts = world.facts()
    assert facts == {
        "running": False, "version": None, "pid": None, "start_time": None, "hw_offload": False,
        "offloaded_flow_seen": NO_DAEMON, "max_idle_ms": None, "tc_policy": None, "bridges": [],
        "restart_needed": False,
    }


def test_database_of_something_else(world):
    world.database("local-config.ovsschema")
    facts = world.facts()
    assert facts["running"] is False  # no daemon
    assert "hung up" in facts["hw_offload"]["unknown"]


def test_no_bridges(world):
    world.database()
    world.daemon()
    facts = world.facts()
    assert facts["running"] is True
    assert facts["bridges"] == []
    assert facts["offloaded_flow_seen"] is False
    assert facts["pid"] == int(world.shell("cat /run/openvswitch/ovs-vswitchd.pid").stdout)
    started = world.shell(f"cut -d' ' -f22 /proc/{facts['pid']}/stat").stdout
    assert facts["start_time"] == int(started)


def test_bridges(world):
    world.database()
    world.daemon()
    make_bridges(world)
    facts = world.facts()
    assert facts["version"] == "3.1.0"
    assert facts["hw_offload"] is True
    assert facts["max_idle_ms"] == 300000
    assert facts["tc_policy"] == "skip_sw"
    assert facts["offloaded_flow_seen"] is False
    assert [item["name"] for item in facts["bridges"]] == ["br0", "br1"]
    br0, br1 = facts["bridges"]
    assert (br0["datapath_type"], br0["rstp"], br0["controller"]) == ("dummy", False, False)
    assert (br1["datapath_type"], br1["rstp"], br1["controller"]) == ("netdev", True, False)
    assert br0["only_normal"] is True and br1["only_normal"] is True
    assert (br0["owner"], br1["owner"]) == (None, "br1")
    found = ports(facts, "br0")
    assert list(found) == ["bond0", "br0", "p1", "p2", "p3", "p4"]
    assert found["p1"] == {
        "name": "p1", "tag": None, "trunks": None, "options": None, "mtu": 1500, "error": None, "link_up": True,
        "owner": None, "qos": False, "queues": False, "physical": None,
    }
    assert (found["p2"]["tag"], found["p2"]["owner"]) == (5, "vm1")
    assert (found["p3"]["trunks"], found["p3"]["qos"]) == (["10", "20"], True)
    assert found["p4"]["qos"] is True
    assert found["p3"]["options"] == "trunks=10,20 ingress_policing_rate=1000"
    assert (found["p3"]["queues"], found["p4"]["queues"]) == (False, True)
    assert found["p4"]["options"] == "qos=linux-htb"
    assert found["bond0"]["mtu"] == 1400  # the smaller one


def test_a_bond_is_what_its_interfaces_are(world):
    """Not of the port's own name: lo is an interface of the kernel's, and no device."""
    world.database()
    world.daemon()
    make_bridges(world)
    world.vsctl(
        "add-bond", "br0", "bond9", "lo", "q1",
        "--", "set", "Interface", "lo", "type=dummy", "--", "set", "Interface", "q1", "type=dummy",
    )
    found = ports(world.facts(), "br0")
    assert (found["bond9"]["physical"], found["bond0"]["physical"]) == (False, None)


def test_agrees_with_ovs_vsctl(world):
    """Both ask the same database: what ovs-vsctl lists is what the facts say."""
    world.database()
    world.daemon()
    make_bridges(world)
    facts = world.facts()
    for item in facts["bridges"]:
        names = world.vsctl("list-ports", item["name"]).split() + [item["name"]]
        assert sorted(names) == [port["name"] for port in item["ports"]]
    listed = json.loads(world.vsctl("--format=json", "--columns=name,mtu,link_state", "list",
                                    "Interface"))["data"]
    told = {p["name"]: p for item in facts["bridges"] for p in item["ports"]}
    compared = 0
    for name, mtu, link in listed:
        if name in told:
            assert (told[name]["mtu"], told[name]["link_up"]) == (mtu, link == "up")
            compared += 1
    assert compared == 6


def test_port_without_device(world):
    world.database()
    world.daemon()
    world.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=dummy")
    world.run("ovs-vsctl", "add-port", "br0", "gone", check=False)
    port = ports(world.facts(), "br0")["gone"]
    assert port["error"] == "could not open network device gone (No such device)"
    assert port["mtu"] is None and port["link_up"] is None


def test_default_datapath_is_named(world):
    """A bridge of the kernel's datapath, as the database holds it before any daemon runs."""
    world.database()
    world.run("ovs-vsctl", "--no-wait", "init")
    world.run("ovs-vsctl", "--no-wait", "add-br", "br0")
    assert bridge(world.facts(), "br0")["datapath_type"] == "system"


def test_settings_that_are_none(world):
    world.database()
    world.run("ovs-vsctl", "--no-wait", "init")
    world.run("ovs-vsctl", "--no-wait", "set", "Open_vSwitch", ".", "other_config:hw-offload=yes",
              "other_config:max-idle=forever")
    facts = world.facts()
    assert facts["hw_offload"] is False
    assert facts["max_idle_ms"] == {"unknown": "other_config:max-idle is no number: 'forever'"}


def test_rules(world):
    world.database()
    world.daemon()
    world.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=dummy")

    def after(*rules):
        world.run("ovs-ofctl", "del-flows", "br0")
        for rule in rules:
            world.run("ovs-ofctl", "add-flow", "br0", rule)
        return bridge(world.facts(), "br0")["only_normal"]

    assert after("actions=NORMAL") is True
    assert after("priority=0,actions=NORMAL", "in_port=1,actions=drop") is False
    assert after("ip,actions=NORMAL") is False
    assert after("table=1,actions=NORMAL") is False
    assert after("actions=learn(table=1,priority=0),NORMAL") is False
    assert after() is False


def test_controller(world):
    """In-band rules are the daemon's own; the controller has taken NORMAL away."""
    world.database()
    world.daemon()
    world.shell("ip link set lo up")
    world.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=dummy",
                "--", "set-controller", "br0", "tcp:127.0.0.1:6653",
                "--", "set-fail-mode", "br0", "secure")
    world.wait_for("ovs-appctl bridge/dump-flows br0 | grep -q priority=18")
    found = bridge(world.facts(), "br0")
    assert (found["controller"], found["only_normal"]) == (True, False)


def test_not_root(world):
    world.database()
    world.daemon()
    make_bridges(world)
    facts = world.facts("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    assert facts["running"] == NO_ROOT
    assert [facts[name] for name in CONFIGURED] == [NO_ROOT] * len(CONFIGURED)
    assert isinstance(facts["pid"], int)  # anybody may read that


def test_daemon_hangs(world):
    world.database()
    world.daemon()
    make_bridges(world)
    world.signal("STOP", "ovs-vswitchd")
    facts = world.facts()
    silent = {"unknown": "ovs-vswitchd: did not answer by the deadline"}
    assert facts["running"] is True
    assert facts["offloaded_flow_seen"] == silent
    assert [item["only_normal"] for item in facts["bridges"]] == [silent, silent]
    assert ports(facts, "br0")["p2"]["tag"] == 5


def test_database_hangs(world):
    world.database()
    world.daemon()
    world.signal("STOP", "ovsdb-server")
    facts = world.facts()
    silent = {"unknown": "the database did not answer by the deadline"}
    assert facts["running"] == silent
    assert [facts[name] for name in CONFIGURED] == [silent] * len(CONFIGURED)


def test_daemon_died(world):
    """Configuration stays; what the dead daemon wrote of its ports is the past."""
    world.database()
    world.daemon()
    make_bridges(world)
    world.kill("ovs-vswitchd")
    facts = world.facts()
    assert facts["running"] is False
    assert facts["pid"] is None and facts["start_time"] is None
    assert facts["hw_offload"] is True
    assert facts["offloaded_flow_seen"] == NO_DAEMON
    assert bridge(facts, "br0")["only_normal"] == NO_DAEMON
    port = ports(facts, "br0")["p2"]
    assert [port[name] for name in ("mtu", "error", "link_up")] == [NO_DAEMON] * 3
    assert (port["tag"], port["owner"]) == (5, "vm1")


def test_pid_of_another(world):
    """A pid file that outlived its daemon, and whose number was given again."""
    world.database()
    world.shell("echo 1 >/run/openvswitch/ovs-vswitchd.pid")
    facts = world.facts()
    assert facts["running"] is False and facts["pid"] is None


def test_daemon_in_container(world):
    """Its pid file holds a number that only its own PID namespace knows."""
    world.database()
    world.run("ovs-vsctl", "--no-wait", "init")
    world.shell("unshare --pid --fork --kill-child ovs-vswitchd --enable-dummy --pidfile "
                "--no-chdir --log-file=/dev/null -vconsole:off >/dev/null 2>&1 &")
    world.wait_for("test -S /run/openvswitch/ovs-vswitchd.1.ctl")
    make_bridges(world)
    facts = world.facts()
    elsewhere = {"unknown": "ovs-vswitchd runs in another PID namespace"}
    assert facts["running"] is True
    assert facts["pid"] == elsewhere and facts["start_time"] == elsewhere
    assert bridge(facts, "br0")["only_normal"] is True
    facts = world.facts("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    assert facts["running"] == NO_ROOT and facts["pid"] == NO_ROOT


def test_pid_file_broken(world):
    world.database()
    world.shell("echo one >/run/openvswitch/ovs-vswitchd.pid")
    facts = world.facts()
    assert "unknown" in facts["running"] and "unknown" in facts["pid"]


def two_bridges(world, answers):
    world.database()
    world.run("ovs-vsctl", "--no-wait", "init")
    for name, kind in (("br0", ""), ("br1", "netdev"), ("br2", "")):
        world.run("ovs-vsctl", "--no-wait", "add-br", name,
                  "--", "set", "Bridge", name, f'datapath_type="{kind}"')
    world.stand_in(answers)
    return world.facts()


def test_flow_in_hardware(world):
    facts = two_bridges(world, {
        "dpctl/dump-flows system@ovs-system type=offloaded": FLOW,
        "dpctl/dump-flows netdev@ovs-netdev type=offloaded": "",
        "bridge/dump-flows br0": NORMAL,
        "bridge/dump-flows br1": "what is this\n",
    })
    assert facts["running"] is True
    assert facts["offloaded_flow_seen"] is True
    assert bridge(facts, "br0")["only_normal"] is True
    assert bridge(facts, "br1")["only_normal"] == {
        "unknown": "ovs-vswitchd bridge/dump-flows: answer not understood"}
    assert bridge(facts, "br2")["only_normal"] == {
        "unknown": 'ovs-vswitchd: "bridge/dump-flows br2" is not a valid command'}


def test_flow_in_one_of_two(world):
    """One datapath that cannot be asked does not hide the other's flow."""
    facts = two_bridges(world, {
        "dpctl/dump-flows netdev@ovs-netdev type=offloaded": FLOW})
    assert facts["offloaded_flow_seen"] is True


def test_flow_unknown(world):
    """No flow where we could look, and one place where we could not: not known."""
    facts = two_bridges(world, {
        "dpctl/dump-flows netdev@ovs-netdev type=offloaded": "",
        "dpctl/dump-flows system@ovs-system type=offloaded":
            {"error": "ovs-vswitchd: datapath not found (Invalid argument)\n"}})
    assert facts["offloaded_flow_seen"] == {
        "unknown": "ovs-vswitchd: datapath not found (Invalid argument)"}


def test_more_flows_than_we_read(world):
    facts = two_bridges(world, {
        "dpctl/dump-flows system@ovs-system type=offloaded": {"repeat": [FLOW, 200000]},
        "dpctl/dump-flows netdev@ovs-netdev type=offloaded": "",
        "bridge/dump-flows br0": {"repeat": [NORMAL, 300000]}})
    assert facts["offloaded_flow_seen"] is True
    assert bridge(facts, "br0")["only_normal"] is False
