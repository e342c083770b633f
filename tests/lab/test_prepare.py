# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfprep apply and undo: from bare to ready and back, and what keeps them from touching a host.

Each test begins with a bare host and looks at the facts afterwards: what was refused has left
nothing, what failed is undone, what was undone is as before.
"""

import json

import pytest

from documents import KNOBS
from lab import PF, Guest
from preparing import (
    ASKED,
    PROGRAMS,
    apply,
    differences,
    full_facts,
    journal,
    ready,
    refusals,
    step_lines,
    vfprep,
)


@pytest.fixture
def bare(lab):
    lab.a.reset()
    return lab.a


# ---- the whole way ----------------------------------------------------------


def test_bare_to_ready_and_back(lab):
    """Both hosts: ready after apply; a second apply does nothing; undone is as before."""
    lab.reset()
    before = lab.each(full_facts)
    documents = lab.each(apply)
    for document in documents:
        assert document["verdict"] == "done"
        assert document["status"]["hosts"][0]["verdict"] == "ready"
    assert lab.each(ready) == [True, True]
    prepared = lab.each(full_facts)
    assert all(differences(a, b) for a, b in zip(before, prepared))
    stood = lab.each(journal)
    for document in lab.each(apply):
        assert document["verdict"] == "nothing-to-do"
        assert document["steps"] == []
    assert lab.each(journal) == stood
    assert [differences(a, b) for a, b in zip(prepared, lab.each(full_facts))] == [[], []]
    for document in lab.each(lambda host: vfprep(host, "undo")):
        assert document["verdict"] == "undone"
    assert [differences(a, b) for a, b in zip(before, lab.each(full_facts))] == [[], []]
    assert [row["records"] for row in lab.each(journal)] == [[], []]
    for host in lab.hosts:
        assert host.run("ls /run/udev/rules.d/*vfmig* /run/systemd/network/*vfmig*", check=False).stdout == ""
    assert vfprep(lab.a, "undo")["verdict"] == "nothing-to-do"


@pytest.mark.full
def test_plan_touches_nothing_and_tells_what_apply_does(bare):
    before = full_facts(bare)
    planned = vfprep(bare, "plan", *ASKED)
    dry = apply(bare, "--dry-run")
    assert planned["verdict"] == dry["verdict"] == "planned"
    assert step_lines(planned) == step_lines(dry)
    assert differences(before, full_facts(bare)) == []
    assert journal(bare) is None
    done = apply(bare)
    assert step_lines(done) == step_lines(planned)


def test_what_is_asked_for_each_vf(bare):
    """Tag, MAC, MTU, bind and max-idle are what OVS, devlink, ip and sysfs say afterwards."""
    apply(
        bare, "--vlan", "1=77", "--mac", "1=52:54:00:aa:00:01", "--mtu", "9000", "--max-idle",
        "400000", "--bind", "pci-stub",
    )
    representor = bare.representor(1)
    assert bare.out(f"ovs-vsctl get port {representor} tag") == "77"
    assert bare.out(f"ovs-vsctl get port {representor} external_ids:vfmig") == f'"{PF}/1"'
    assert bare.out("ovs-vsctl get Open_vSwitch . other_config:max-idle") == '"400000"'
    assert "52:54:00:aa:00:01" in bare.out(f"devlink port show {representor}")
    assert bare.out(f"cat /sys/class/net/{representor}/mtu") == "9000"
    assert bare.out(f"cat /sys/class/net/{bare.uplink()}/mtu") == "9000"
    driver = f"basename $(readlink /sys/bus/pci/devices/{PF}/virtfn1/driver)"
    assert bare.out(driver) == "pci-stub"
    udev = bare.out(f"udevadm info /sys/class/net/{representor}")
    assert "NM_UNMANAGED=1" in udev
    apply(bare, "--max-idle", "400000", "--mtu", "9000", "--bind", "pci-stub")
    assert bare.out(f"ovs-vsctl get port {representor} tag") == "[]"


def test_one_transaction(bare):
    apply(bare)
    log = bare.out("ovsdb-tool show-log /etc/openvswitch/conf.db | grep -c vfmig:")
    assert log == "1"


@pytest.mark.full
def test_vfs_bound_to_their_driver_are_freed(bare):
    """VFs made by hand, bound to mlx5_core: detached, migratable, and bound again by undo."""
    bare.run(f"echo 2 >/sys/bus/pci/devices/{PF}/sriov_numvfs; udevadm settle")
    driver = f"basename $(readlink /sys/bus/pci/devices/{PF}/virtfn0/driver)"
    assert bare.out(driver) == "mlx5_core"
    before = full_facts(bare)
    apply(bare)
    assert ready(bare)
    assert bare.run(f"test -e /sys/bus/pci/devices/{PF}/virtfn0/driver", check=False).returncode == 1
    vfprep(bare, "undo")
    bare.run("udevadm settle")
    assert differences(before, full_facts(bare)) == []
    assert bare.out(driver) == "mlx5_core"


@pytest.mark.full
def test_phases_one_after_the_other(bare):
    """As at boot: the card without Open vSwitch, then Open vSwitch."""
    bare.run("systemctl stop openvswitch")
    config = f"[{PF}]\nvfs = 2\nbridge = br0\nvlan = 0=12\n"
    bare.put("/etc/vfmig/vfprep.conf", config)
    conf = ("--config", "/etc/vfmig/vfprep.conf")
    apply(bare, "--phase", "device", asked=conf)
    bare.run("systemctl start openvswitch")
    apply(bare, "--phase", "ovs", asked=conf)
    assert ready(bare)
    assert apply(bare, asked=conf)["verdict"] == "nothing-to-do"
    assert bare.out(f"ovs-vsctl get port {bare.representor(0)} tag") == "12"


@pytest.mark.full
def test_bridge_with_a_foreign_port_is_kept(bare):
    apply(bare)
    bare.run("ip link add tap7 type dummy && ovs-vsctl add-port br0 tap7")
    document = vfprep(bare, "undo", code=4)
    kept = [row for row in document["steps"] if row["result"] == "kept"]
    assert [row["object"] for row in kept] == ["br0"]
    assert "tap7" in kept[0]["message"]
    assert bare.out("ovs-vsctl list-ports br0") == "tap7"
    assert bare.out(f"devlink dev eswitch show pci/{PF}").split("mode ")[1].startswith("legacy")
    bare.run("ovs-vsctl del-br br0; ip link del tap7")


@pytest.mark.full
def test_what_others_changed_is_kept(bare):
    apply(bare)
    bare.run("ovs-vsctl set Open_vSwitch . other_config:max-idle=500000")
    document = vfprep(bare, "undo", code=4)
    assert [row["object"] for row in document["steps"] if row["result"] == "kept"] == ["max-idle"]
    assert bare.out("ovs-vsctl get Open_vSwitch . other_config:max-idle") == '"500000"'


@pytest.mark.full
def test_restart_of_ovs_only_when_asked(bare):
    pid = "cat /run/openvswitch/ovs-vswitchd.pid"
    first = bare.out(pid)
    apply(bare)
    assert bare.out(pid) == first
    status = vfprep(bare, "status")
    rows = [r for host in status["hosts"] for r in host["findings"] if r["id"] == "ovs-hw-offload"]
    assert rows and rows[0]["severity"] == "warn" and "restart" in " ".join(rows[0]["fix"])
    apply(bare, "--restart-ovs")
    assert bare.out(pid) != first
    assert ready(bare)
    assert apply(bare, "--restart-ovs")["verdict"] == "nothing-to-do"


@pytest.mark.full
def test_history_tells_the_runs(bare):
    apply(bare)
    apply(bare, "--max-idle", "400000")
    vfprep(bare, "undo")
    runs = vfprep(bare, "history")["runs"]
    assert [run["result"] for run in runs] == ["done", "done", "done"]
    assert runs[0]["command"].startswith("apply") and runs[2]["command"].startswith("undo")
    assert bare.run("vfprep history").stdout.count(PF) > 3


# runs its arguments while it holds the lock
HOLD_LOCK = """
import fcntl, os, struct, subprocess, sys
fd = os.open("/run/vfmig/prep.lock", os.O_RDWR)
fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack("hhlli", fcntl.F_WRLCK, 0, 0, 0, 0))
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""


@pytest.mark.full
def test_two_at_once(bare):
    """One waits for the other; both end well and the host is ready."""
    ran = bare.run(
        "vfprep apply --json %s >/run/lab/one 2>&1 & "
        "vfprep apply --json %s >/run/lab/two 2>&1; two=$?; wait $!; echo $? $two"
        % ((" ".join(ASKED),) * 2)
    )
    assert ran.stdout.split() == ["0", "0"], bare.get("/run/lab/one") + bare.get("/run/lab/two")
    assert ready(bare)
    ran = bare.run(["python3", "-c", HOLD_LOCK, "vfprep", "apply", "--wait", "0", *ASKED], check=False)
    assert ran.returncode == 1 and "prep.lock" in ran.stderr


# ---- refused with nothing touched -------------------------------------------

AUTOPROBE = f"echo 0 >/sys/bus/pci/devices/{PF}/sriov_drivers_autoprobe"
VFS = f"echo 3 >/sys/bus/pci/devices/{PF}/sriov_numvfs && udevadm settle"
BOND = "modprobe bonding max_bonds=0; ip link add bond7 type bond; ip link set {uplink} down; ip link set {uplink} master bond7"
VF_NETDEV = "ls /sys/bus/pci/devices/%s/virtfn0/net" % PF

# name, rule, shell lines from bare, options, shell lines that clean up
REFUSALS = [
    ("address", "uplink-in-use", ["ip addr add 192.0.2.1/24 dev {uplink}"], (), ["ip addr flush dev {uplink}"]),
    ("route", "uplink-in-use",
     ["ip link set {uplink} up", "ip route add 198.51.100.0/24 dev {uplink}"], (), ["ip route flush dev {uplink}"]),
    ("vlan", "uplink-in-use", ["ip link add link {uplink} name v7 type vlan id 7"], (), ["ip link del v7"]),
    ("macvlan", "uplink-in-use", ["ip link add link {uplink} name m7 type macvlan"], (), ["ip link del m7"]),
    ("linux-bridge-port", "uplink-elsewhere",
     ["ip link add lbr7 type bridge", "ip link set {uplink} master lbr7"], (), ["ip link del lbr7"]),
    ("bond", "uplink-elsewhere", [BOND], (), ["ip link del bond7"]),
    ("other-bridge", "uplink-elsewhere", ["ovs-vsctl add-br other -- add-port other {uplink}"], (),
     ["ovs-vsctl del-br other"]),
    ("linux-bridge", "bridge-name", ["ip link add br0 type bridge"], (), ["ip link del br0"]),
    # the cable between the hosts, by a bridge that leads out of the host already
    ("loop", "uplink-loop", ["ovs-vsctl add-br br0 -- add-port br0 mig0"], (), ["ovs-vsctl del-br br0"]),
    ("vf-count", "vf-count", [AUTOPROBE, VFS], (), []),
    ("vf-netdev", "vf-in-use",
     [VFS, "ip addr add 192.0.2.9/24 dev $(" + VF_NETDEV + ")"], ("--replace-vfs",), []),
    ("vf-namespace", "vf-in-use",
     [VFS, "ip netns add ns7 && ip link set $(" + VF_NETDEV + ") netns ns7"], ("--replace-vfs",), ["ip netns del ns7"]),
    ("too-many", "sriov-enabled", [], ("--vfs", "9"), []),
    ("migration-off", "migration-mode",
     ["lab-firmware set VF_MIGRATION_MODE 1", f"echo N >{KNOBS}/migration"], (), []),
    ("sriov-off", "sriov-enabled", ["lab-firmware set SRIOV_EN 0"], (), []),
    ("old-firmware", "firmware-min", [f"echo 28.35.1000 >{KNOBS}/fw_running"], (), []),
]


# the default run takes these; the full run all
SAMPLE = {"address", "other-bridge", "linux-bridge", "vf-netdev", "too-many", "eswitch", "migratable"}


def sampled(rows):
    return [pytest.param(*row, id=row[0], marks=() if row[0] in SAMPLE else pytest.mark.full) for row in rows]


@pytest.mark.parametrize("name,rule,lines,options,clean", sampled(REFUSALS))
def test_refused(bare, name, rule, lines, options, clean):
    uplink = bare.uplink()
    for line in lines:
        bare.run(line.format(uplink=uplink))
    before = full_facts(bare)
    asked = ("--pf", PF, "--bridge", "br0", *(() if "--vfs" in options else ("--vfs", "2")))
    document = apply(bare, *options, asked=asked, code=3)
    assert document["verdict"] == "refused"
    assert rule in refusals(document), document["findings"]
    for row in document["findings"]:
        if row["severity"] == "refuse":
            assert row["message"] and (row["fix"] or row["remedy"])
    assert differences(before, full_facts(bare)) == []
    assert journal(bare) is None
    for line in clean:
        bare.run(line.format(uplink=uplink))


def test_vf_of_a_running_vm_is_in_use(bare):
    """Neither replaced nor undone while a VM has it."""
    apply(bare)
    guest = Guest("holder")
    guest.start(bare, vf=None)
    try:
        before = full_facts(bare)
        more = ("--pf", PF, "--vfs", "4", "--bridge", "br0", "--replace-vfs")
        assert "vf-in-use" in refusals(apply(bare, asked=more, code=3))
        document = vfprep(bare, "undo", code=3)
        assert "vf-in-use" in refusals(document)
        assert "holder" in str(document["findings"])
        assert differences(before, full_facts(bare)) == []
    finally:
        bare.virsh("destroy", "holder")
    vfprep(bare, "undo")


@pytest.mark.full
def test_undo_is_refused_while_the_host_is_reached_over_the_bridge(bare):
    apply(bare)
    bare.run("ip link set br0 up && ip addr add 192.0.2.1/24 dev br0")
    document = vfprep(bare, "undo", code=3)
    assert "uplink-in-use" in refusals(document)
    bare.run("ip addr flush dev br0")
    vfprep(bare, "undo")


# ---- steps that fail --------------------------------------------------------

# shell lines: nothing can be written to this file of the kernel's any more, and again it can
HELD = "cat {0} >/run/lab/held 2>/dev/null; mount --bind /run/lab/held {0} && mount -o remount,bind,ro {0}"
FREED = "umount {0}"
PROBE = "/sys/bus/pci/drivers_probe"
UNBIND = "/sys/bus/pci/drivers/mlx5_core/unbind"
PF_AUTOPROBE = f"/sys/bus/pci/devices/{PF}/sriov_drivers_autoprobe"
UDEV_RULES = "/run/udev/rules.d"
READ_ONLY = "Read-only file system"

# name, the step that fails, its words, options, shell line that breaks it, shell line that mends it
FAILURES = [
    ("file", "file", READ_ONLY, (),
     f"mkdir -p {UDEV_RULES}; mount --bind {UDEV_RULES} {UDEV_RULES} && mount -o remount,bind,ro {UDEV_RULES}",
     FREED.format(UDEV_RULES)),
    ("autoprobe", "autoprobe", READ_ONLY, (), HELD.format(PF_AUTOPROBE), FREED.format(PF_AUTOPROBE)),
    ("tc-offload", "tc-offload", "", (), f"echo 'features:EIO' >{KNOBS}/fail", ""),
    ("eswitch", "eswitch", "Can not do it now", (),
     f"echo 'eswitch_mode@1:EBUSY:Can not do it now' >{KNOBS}/fail", ""),
    ("vfs", "vfs", "No space left", (), f"echo 'sriov@1:ENOSPC' >{KNOBS}/fail", ""),
    ("detach", "vf-detach", "", (), f"{{vfs}}; {HELD.format(UNBIND)}", FREED.format(UNBIND)),
    ("migratable", "vf-migratable", "Failed setting HCA migratable cap", (),
     f"echo 'migratable@2:EINVAL:Failed setting HCA migratable cap' >{KNOBS}/fail", ""),
    ("hw-addr", "vf-hw-addr", "No such address", ("--mac", "0=52:54:00:aa:00:00"),
     f"echo 'hw_addr@1:EINVAL:No such address' >{KNOBS}/fail", ""),
    ("bind", "vf-bind", READ_ONLY, ("--bind", "pci-stub"), HELD.format(PROBE), FREED.format(PROBE)),
    ("mtu", "mtu", "Invalid argument", ("--mtu", "9000"), f"echo 'mtu@2:EINVAL' >{KNOBS}/fail", ""),
    ("link", "link", "Input/output error", (), f"echo 'netdev_up@2:EIO' >{KNOBS}/fail", ""),
    ("not-offered", "vf-migratable", "migratable", (),
     f"echo N >{KNOBS}/migration && lab-firmware set lockdown on",
     f"echo Y >{KNOBS}/migration; lab-firmware set lockdown off"),
]


@pytest.mark.parametrize("name,step,words,options,break_it,mend", sampled(FAILURES))
def test_failing_step_is_undone(bare, name, step, words, options, break_it, mend):
    # two VFs bound to their driver are there before, where the step is about those
    vfs = f"echo 2 >/sys/bus/pci/devices/{PF}/sriov_numvfs; udevadm settle"
    made, break_it = "{vfs}" in break_it, break_it.replace("{vfs}; ", "")
    if made:
        bare.run(vfs)
    before = full_facts(bare)
    bare.run(break_it)
    document = apply(bare, *options, code=1)
    bare.run(f"echo >{KNOBS}/fail; {mend or 'true'}; udevadm settle")
    assert document["verdict"] == "undone"
    failed = [row for row in document["steps"] if row["result"] == "failed"]
    assert failed and failed[0]["step"] == step and words in str(document), document
    assert differences(before, full_facts(bare)) == []
    assert journal(bare)["records"] == []
    apply(bare, *options)
    assert ready(bare)


@pytest.mark.full
def test_open_vswitch_that_is_not_there(bare):
    """Refused as 'plan' refuses it, and not found out half way."""
    before = full_facts(bare)
    bare.run("systemctl stop openvswitch")
    for command in ("plan", "apply"):
        assert "ovs-running" in refusals(vfprep(bare, command, *ASKED, code=3))
    bare.run("systemctl start openvswitch")
    assert differences(before, full_facts(bare)) == []


@pytest.mark.full
def test_daemon_that_hangs(bare):
    """What is in the database stays there as long as the daemon does not follow: exit 5, and undo."""
    before = full_facts(bare)
    pid = "$(cat /run/openvswitch/ovs-vswitchd.pid)"
    bare.run(f"kill -STOP {pid}")
    document = apply(bare, code=5)
    bare.run(f"kill -CONT {pid}")
    assert document["verdict"] == "stuck"
    assert "ovs-vswitchd" in document["message"] and "vfprep undo" in str(document["notes"])
    vfprep(bare, "undo")
    assert differences(before, full_facts(bare)) == []


@pytest.mark.full
def test_what_cannot_be_put_back_is_told(bare):
    """The step fails, and so does putting back: exit 5, and undo ends it later."""
    before = full_facts(bare)
    bare.run(f"echo 'migratable@1:EINVAL:first;eswitch_mode@2:EBUSY:second' >{KNOBS}/fail")
    document = apply(bare, code=5)
    bare.run(f"echo >{KNOBS}/fail")
    assert document["verdict"] == "stuck"
    assert "first" in str(document) and "second" in str(document)
    assert "vfprep undo" in str(document)
    vfprep(bare, "undo")
    assert differences(before, full_facts(bare)) == []


# ---- firmware ---------------------------------------------------------------


@pytest.mark.full
def test_firmware_settings_take_a_reboot(bare):
    bare.run("lab-firmware set VF_MIGRATION_MODE 1 SRIOV_EN 0 NUM_OF_VFS 1")
    bare.reboot()
    assert "migration-mode" in refusals(apply(bare, code=3))
    document = apply(bare, "--set-firmware", code=4)
    assert document["verdict"] == "reboot-needed"
    assert any(PF in note for note in document["notes"])
    settings = bare.out("mstconfig -d %s query VF_MIGRATION_MODE SRIOV_EN NUM_OF_VFS" % PF)
    assert "MIGRATION_ENABLED(2)" in settings and "True(1)" in settings
    assert "migration-mode-pending" in refusals(apply(bare, code=3))
    bare.reboot()
    apply(bare)
    assert ready(bare)
    # undo leaves the settings alone but where it is told otherwise
    assert "MIGRATION_ENABLED(2)" in bare.out(f"mstconfig -d {PF} query VF_MIGRATION_MODE")
    vfprep(bare, "undo")
    assert "MIGRATION_ENABLED(2)" in bare.out(f"mstconfig -d {PF} query VF_MIGRATION_MODE")
    vfprep(bare, "undo", "--firmware")
    assert "MIGRATION_DISABLED(1)" in bare.out(f"mstconfig -d {PF} query VF_MIGRATION_MODE")


@pytest.mark.full
def test_number_of_vfs_is_never_lowered(bare):
    bare.run("lab-firmware set VF_MIGRATION_MODE.next 1 VF_MIGRATION_MODE.current 1")
    apply(bare, "--set-firmware", code=4)
    assert "NUM_OF_VFS" in bare.out(f"mstconfig -d {PF} query NUM_OF_VFS")
    assert bare.out(f"mstconfig -d {PF} query NUM_OF_VFS | awk '/NUM_OF_VFS/ {{ print $NF }}'") == "7"


# ---- an uplink that carries traffic -----------------------------------------

OVER_UPLINK = "ssh -oHostKeyAlias=a -oConnectTimeout=30 -oServerAliveInterval=5 root@10.99.0.1 "


@pytest.fixture
def over_uplink(lab):
    """Host b reaches host a over the uplinks; the test speaks with both over another network."""
    lab.reset()
    for host in lab.hosts:
        host.run(f"ip link set {host.uplink()} up && ip addr add 10.99.0.{host.number}/24 dev {host.uplink()}")
    lab.b.wait("ping -c 1 -W 2 10.99.0.1", seconds=60)
    yield lab
    lab.each(lambda host: host.run(f"ip addr flush dev {host.uplink()}"))


def test_uplink_that_carries_our_session(over_uplink):
    a, b = over_uplink.a, over_uplink.b
    before = full_facts(a)
    ran = b.run(OVER_UPLINK + "vfprep apply --json " + " ".join(ASKED), check=False)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    document = json.loads(ran.stdout)
    assert "uplink-in-use" in refusals(document)
    assert "ssh" in str(document["findings"]) and "10.99.0.2" in str(document["findings"])
    assert differences(before, full_facts(a)) == []


def test_unconfirmed_change_of_the_uplink_reverts(over_uplink):
    """The session that asked for it is cut off; the change undoes itself and it is reached again."""
    a, b = over_uplink.a, over_uplink.b
    before = full_facts(a)
    taking = " ".join((*ASKED, "--take-uplink", "--confirm-within", "20"))
    session = b.out(f"{OVER_UPLINK} 'vfprep apply {taking}' </dev/null >/dev/null 2>&1 & echo $!")
    # taken, and nobody is heard any more who would confirm
    b.wait("! ping -c 1 -W 1 10.99.0.1", seconds=120)
    b.run(f"kill {session}", check=False)
    assert "uplink-in-use" not in str(vfprep(a, "history")["runs"][-1]["result"])
    b.wait("ping -c 1 -W 1 10.99.0.1", seconds=120)
    a.wait("vfprep history --json | grep -q reverted", seconds=60)
    assert differences(before, full_facts(a)) == []
    assert "ingress" not in a.out(f"tc qdisc show dev {a.uplink()}")
    assert b.run(OVER_UPLINK + "true", check=False).returncode == 0


FLOW = "filter add dev {} ingress protocol ip flower src_mac {} action mirred egress redirect dev {}"


@pytest.mark.full
@pytest.mark.parametrize("whose", ["cookie 00112233445566778899aabbccddeeff", ""])
def test_flows_do_not_outlive_the_bridge(over_uplink, whose):
    """What Open vSwitch may leave at the uplink's ingress would swallow the host's own packets."""
    a, b = over_uplink.a, over_uplink.b
    apply(a, "--take-uplink", "--confirm-within", "600")
    uplink = a.uplink()
    # as Open vSwitch writes it, or as somebody else would
    mac = b.out(f"cat /sys/class/net/{b.uplink()}/address")
    a.run(f"tc {FLOW.format(uplink, mac, 'br0')} {whose}")
    vfprep(a, "undo")
    assert ("flower" in a.out(f"tc filter show dev {uplink} ingress")) == (not whose)
    assert b.run("ping -c 2 -W 2 10.99.0.1", check=False).returncode == (0 if whose else 1)
    a.run(f"tc qdisc del dev {uplink} ingress", check=False)
    b.wait("ping -c 1 -W 2 10.99.0.1", seconds=30)


@pytest.mark.full
def test_confirmed_change_of_the_uplink_stays(over_uplink):
    a = over_uplink.a
    document = apply(a, "--take-uplink", "--confirm-within", "15")
    assert document["verdict"] == "unconfirmed"
    assert apply(a, "--max-idle", "500000", code=3)["verdict"] == "refused"
    vfprep(a, "confirm")
    a.run("sleep 17")
    assert vfprep(a, "history")["runs"][-1]["result"] == "done"
    assert ready(a)
    assert vfprep(a, "confirm", code=3) is not None


@pytest.mark.full
def test_unconfirmed_change_does_not_survive_a_reboot(over_uplink):
    """The host dies before the confirmation: the next boot does not take the uplink again."""
    a = over_uplink.a
    apply(a, "--take-uplink", "--confirm-within", "3600")
    a.reboot()
    a.put("/etc/vfmig/vfprep.conf", f"[{PF}]\nvfs = 2\nbridge = br0\n")
    ran = a.run("vfprep apply --config /etc/vfmig/vfprep.conf --phase device", check=False)
    assert a.uplink() not in a.out("ovs-vsctl list-ports br0 2>/dev/null || true"), ran.stderr
    assert vfprep(a, "history")["runs"][0]["result"] == "reverted"


# ---- boot -------------------------------------------------------------------


def test_reboot_with_the_units_makes_it_ready_again(bare):
    """Another name order and settings that were pending are current: ready without a hand."""
    before = full_facts(bare)
    bare.put("/etc/vfmig/vfprep.conf", f"[{PF}]\nvfs = 2\nbridge = br0\n")
    for unit in ("vfprep-device", "vfprep-ovs"):
        text = (PROGRAMS.parent / "data" / f"{unit}.service").read_text()
        bare.run("mkdir -p /var/lib/vfmig-lab/units")
        bare.put(f"/var/lib/vfmig-lab/units/{unit}.service",
                 text.replace("/usr/local/bin/", "/lab/bin/"))
    apply(bare, asked=("--config", "/etc/vfmig/vfprep.conf"))
    records = {(r["step"], r["object"]): r["was"] for r in journal(bare)["records"]}
    bare.reboot()
    words = bare.serial()
    for unit in ("vfprep-device", "vfprep-ovs"):
        assert f"LAB: unit {unit} exited with 0" in words, bare.get(f"/run/lab/{unit}.log")
    assert ready(bare), bare.run("vfprep status", check=False).stdout
    again = {(r["step"], r["object"]): r["was"] for r in journal(bare)["records"]}
    persistent = {key for key in records if key[0].startswith("ovs-") or key[0] == "firmware"}
    assert {key: again[key] for key in persistent} == {key: records[key] for key in persistent}
    bare.run("rm /etc/vfmig/vfprep.conf; rm -r /var/lib/vfmig-lab/units")
    vfprep(bare, "undo")
    assert differences(before, full_facts(bare)) == []
