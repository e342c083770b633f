# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate check between two real hosts: what each rule says of a VM without a device, what it saw
on both sides, and that nothing was touched by asking.

Rows of one table share a guest; each names what is done to the hosts before, and undone after.
"""

import contextlib
import json
import os
import uuid
import warnings

import pytest

from twin import LOCAL, MACHINE, SHARED, TOP, Guest, disk_xml

if not os.environ.get("VFMIG_PROGRAMS"):
    pytest.skip("VFMIG_PROGRAMS names no programs", allow_module_level=True)

MAC = "52:54:00:c4:ec:01"
OTHER_UUID = "0ddba11a-0000-4000-8000-00000000beef"
BY_SSH = "qemu+ssh://b/system"


@pytest.fixture(scope="session")
def valid():
    """Holds a document against the schema; without the validator its head alone."""
    try:
        import jsonschema
    except ImportError:
        warnings.warn("python3-jsonschema is not installed: no document is held against its schema")
        return lambda document: None
    schema = json.loads((TOP / "data" / "schema" / "move.json").read_text())
    return jsonschema.Draft202012Validator(schema).validate


def of_daemon(host):
    """What the daemon has: every domain's documents, networks and secrets; and all disks."""
    asked = ["net-list --all", "secret-list", "list --all"]
    for name in host.out("virsh -q list --all --uuid").split():
        asked += [f"dominfo {name}", f"dumpxml {name}", f"dumpxml --inactive {name}"]
    words = host.virsh("; ".join(asked)).stdout + host.out(f"ls -lR {LOCAL} {SHARED}")
    return [line for line in words.splitlines() if not line.startswith("CPU time")]


def everything(twin):
    return twin.each(of_daemon)


class Checks:
    """Runs 'vfmigrate check' on host a."""

    def __init__(self, twin, valid):
        self.twin = twin
        self.valid = valid

    def fails(self, *words, code=1):
        """What it says where there is nothing to judge."""
        ran = self.twin.a.run(["vfmigrate", "check", *words], check=False)
        assert (ran.returncode, ran.stdout) == (code, ""), ran.stdout + ran.stderr
        return ran.stderr

    def __call__(self, *words, code=0, vm="g1", to=BY_SSH):
        before = everything(self.twin)
        ran = self.twin.a.run(["vfmigrate", "check", vm, "--to", to, "--json", *words], check=False)
        assert everything(self.twin) == before
        assert ran.returncode == code, ran.stdout + ran.stderr
        document = json.loads(ran.stdout)
        self.valid(document)
        assert (document["schema"], document["kind"], document["command"]) == (1, "move", "check")
        assert document["verdict"] == {0: "can-move", 3: "cannot-move"}[code]
        assert document["steps"] == [] and document["job"] is None
        refused = [f for f in document["findings"] if f["severity"] == "refuse" and not f["accepted"]]
        assert bool(refused) == (code == 3)
        return document


@pytest.fixture(scope="module")
def check(twin, valid):
    return Checks(twin, valid)


@pytest.fixture(scope="module")
def vm(twin):
    """One guest for all rows that change nothing of it."""
    guest = Guest()
    guest.start(twin.a, devices=f"<interface type='user'><mac address='{MAC}'/></interface>")
    yield guest
    guest.end()


def finding(document, rule, about=None):
    """The one of this rule, on this side."""
    found = [
        f for f in document["findings"] if f["id"] == rule and about in (None, f["about"])
    ]
    assert len(found) == 1, found
    return found[0]


def refusing(document):
    """Which rules refuse."""
    return sorted({f["id"] for f in document["findings"] if f["severity"] == "refuse" and not f["accepted"]})


# ---- the ways to a destination ----


@pytest.mark.parametrize("transport", ["ssh", "tcp", "tls"])
def test_clean(twin, check, vm, transport):
    document = check("--to-host", "ssh:b", to=twin.b.uri(transport))
    assert document["vm"] == "g1" and document["mode"] == "live" and document["device"] == "none"
    assert (document["source"]["name"], document["destination"]["name"]) == ("a", "b")
    assert document["destination"]["uri"] == f"qemu+{transport}://b/system"
    # what the source's daemon can do by itself is not known of ssh
    assert document["peer_to_peer"] == (None if transport == "ssh" else True)
    # emulation and Debian: said, and no reason to refuse
    warned = {f["id"] for f in document["findings"] if f["severity"] == "warn"}
    assert warned == {"hypervisor", "support-path"}
    # the network of such hosts has no gateway, and no switch that names itself
    assert [f["id"] for f in document["findings"] if f["status"] == "unknown"] == ["l2-same"]


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_no_agent_there(twin, check, vm, transport):
    """By a URI that names no way for ssh libvirt alone is asked, which is said."""
    document = check(to=twin.b.uri(transport))
    assert "--to-host ssh:HOST" in " ".join(document["notes"])
    assert finding(document, "support-path")["status"] == "unknown"


def test_socket_of_the_destination(twin, check, vm):
    """A daemon by its socket: peer-to-peer is out, and its host is named apart."""
    forward = ["ssh", "-nNT", "-o", "BatchMode=yes", "-L", "/run/b.sock:/run/libvirt/libvirt-sock", "root@b"]
    with twin.a.background(forward):
        twin.a.wait("[ -S /run/b.sock ]")
        document = check("--to-host", "ssh:b", to="qemu+unix:///system?socket=/run/b.sock")
    twin.a.run("rm -f /run/b.sock")
    assert document["peer_to_peer"] is False and document["destination"]["name"] == "b"


def test_to_itself(check, vm):
    document = check(to="qemu:///system", code=3)
    same = finding(document, "same-host")
    assert (same["status"], same["severity"]) == ("fail", "refuse")
    assert same["source"] == same["destination"]


def test_no_daemon_there(twin, check, vm):
    twin.b.libvirt("stop")
    try:
        for transport in ("ssh", "tcp"):
            words = check.fails("g1", "--to", twin.b.uri(transport))
            assert twin.b.uri(transport) in words and "libvirt" in words
    finally:
        twin.b.libvirt("start")


def test_unknown_vm(check, vm):
    words = check.fails("nobody", "--to", BY_SSH)
    assert "nobody: no VM of this name at qemu:///system" in words
    assert 'virsh -c "qemu:///system" list --all' in words and "qemu:///session" in words


def test_unknown_host(check, vm):
    words = check.fails("g1", "--to", "qemu+tcp://nowhere.invalid/system")
    assert "nowhere.invalid" in words


# ---- who is there already ----


def definition(name, number, *, mac="52:54:00:c4:ec:99", devices="", cpu="", machine=MACHINE):
    """A domain that does not run."""
    return (
        f"<domain type='qemu'><name>{name}</name><uuid>{number}</uuid><memory unit='MiB'>64</memory>"
        f"<os><type arch='x86_64' machine='{machine}'>hvm</type></os>{cpu}<devices>{devices}"
        f"<interface type='user'><mac address='{mac}'/></interface></devices></domain>"
    )


@contextlib.contextmanager
def defined(host, xml, autostart=False):
    name = xml[xml.index("<name>") + 6:xml.index("</name>")]
    host.put("/run/twin/defined.xml", xml)
    host.virsh("define", "/run/twin/defined.xml")
    if autostart:
        host.virsh("autostart", name)
    try:
        yield
    finally:
        host.virsh("undefine", name)


VM_UUID = str(uuid.uuid5(uuid.NAMESPACE_OID, "vfmig twin g1"))
# what stands on the destination, the rule, its status, and what it saw there
THERE = [
    ("namesake", definition("g1", OTHER_UUID), "name-uuid-clash", "fail", f"g1 {OTHER_UUID}"),
    ("renamed", definition("old-g1", VM_UUID), "name-uuid-clash", "fail", f"old-g1 {VM_UUID}"),
    ("mac", definition("other", OTHER_UUID, mac=MAC), "mac-unique", "fail", "other"),
    ("mac-in-capitals", definition("other", OTHER_UUID, mac=MAC.upper()), "mac-unique", "fail", "other"),
    ("own-old", definition("g1", VM_UUID, mac=MAC), "name-uuid-clash", "pass", None),
    ("own-old-mac", definition("g1", VM_UUID, mac=MAC), "mac-unique", "pass", None),
    ("stranger", definition("other", OTHER_UUID), "mac-unique", "pass", None),
]


@pytest.mark.parametrize("xml,rule,status,seen", [row[1:] for row in THERE], ids=[row[0] for row in THERE])
def test_who_is_there(twin, check, vm, xml, rule, status, seen):
    with defined(twin.b, xml):
        document = check(code=3 if status == "fail" else 0)
    found = finding(document, rule)
    assert (found["status"], found["destination"]) == (status, seen)
    assert refusing(document) == ([rule] if status == "fail" else [])


def test_left_behind(twin, check, vm):
    """A definition that starts by itself is left on the source; --permanent leaves none."""
    xml = twin.a.out("virsh -q dumpxml --inactive g1")
    twin.a.put("/run/twin/defined.xml", xml)
    twin.a.virsh("define", "/run/twin/defined.xml")
    try:
        assert finding(check(), "stale-definition")["status"] == "pass"
        twin.a.virsh("autostart", "g1")
        stale = finding(check(), "stale-definition")
        assert (stale["status"], stale["severity"]) == ("fail", "warn")
        assert "virsh -c qemu:///system autostart --disable g1" in stale["fix"]
        assert finding(check("--permanent"), "stale-definition")["status"] == "pass"
    finally:
        twin.a.virsh("undefine", "g1")


# ---- what is asked of the move ----

# options, the rule, its status and severity, what was seen on both sides
ASKED = [
    (["--postcopy"], "no-postcopy", "skip", None, (None, None)),
    (["--offline"], "vm-state", "fail", "refuse", ("running", None)),
    (["--migrate-uri", "tcp://nowhere.invalid"], "migrate-uri-resolves", "fail", "refuse",
     ("none", "nowhere.invalid")),
    (["--migrate-uri", "tcp://localhost"], "migrate-uri-resolves", "fail", "refuse", ("127.0.0.1", "localhost")),
    # nobody waits at a port before a migration: refused is an open way
    (["--migrate-uri", "tcp://192.168.78.2"], "ports", "pass", None, (None, None)),
    # nobody has the address: no answer is none
    (["--migrate-uri", "tcp://192.168.78.99"], "ports", "fail", "refuse", (None, None)),
    (["--profile", "nvidia"], "vm-state", "pass", None, ("running", None)),
    (["--max-downtime", "20"], "downtime-estimate", "skip", None, (None, None)),
]


@pytest.mark.full
@pytest.mark.parametrize(
    "words,rule,status,severity,seen", ASKED, ids=[" ".join(row[0]) for row in ASKED]
)
def test_asked(check, vm, words, rule, status, severity, seen):
    document = check(*words, code=3 if severity == "refuse" else 0)
    found = finding(document, rule)
    assert (found["status"], found["severity"]) == (status, severity)
    assert (found["source"], found["destination"]) == seen
    assert refusing(document) == ([rule] if severity == "refuse" else [])


@pytest.mark.full
def test_dirty_rate_is_measured(check, vm):
    """Only where it is asked for; then it is a rate, not a guess."""
    assert finding(check(), "dirty-rate")["status"] == "skip"
    measured = finding(check("--measure-dirty", "1", "--bandwidth", "1000"), "dirty-rate")
    assert measured["status"] == "pass" and "MiB/s" in measured["source"]


@pytest.mark.full
def test_facts_from_a_file(twin, check, vm):
    twin.a.put("/run/twin/b.json", twin.b.out("vfprep facts"))
    document = check("--to-host", "/run/twin/b.json")
    assert document["destination"]["name"] == "b"
    assert finding(document, "same-host")["status"] == "pass"
    # of the guest's kernel nobody looked whether it is there
    assert finding(document, "host-paths")["status"] == "unknown"
    assert finding(document, "firmware-nvram")["status"] == "pass"


@pytest.mark.full
def test_never_accepted(check, vm):
    """What is no matter of judgement is refused as a wrong command line."""
    words = check.fails("g1", "--to", BY_SSH, "--accept", "storage-shared", code=2)
    assert "storage-shared: this rule can never be accepted" in words


def test_paused(twin, check, vm):
    twin.a.virsh("suspend", "g1")
    try:
        state = finding(check(), "vm-state")
    finally:
        twin.a.virsh("resume", "g1")
    assert state["status"] == "pass" and state["source"].startswith("paused")


# ---- VMs of another kind ----


@pytest.fixture
def other():
    """Another guest than the one of the rows above; gone after the test."""
    guest = Guest("g2")
    yield guest
    guest.end()


@contextlib.contextmanager
def images(path, *hosts):
    for host in hosts:
        host.disk_image(path)
    try:
        yield
    finally:
        for host in hosts:
            host.run(["rm", "-f", path])


def test_job_under_way(twin, check, other):
    """A migration that crawls: a second one would not begin."""
    other.start(twin.a, mib=64)
    with twin.a.background(["virsh", "migrate", "--live", "--bandwidth", "1", "g2", twin.b.uri()]) as move:
        twin.a.wait("virsh domjobinfo g2 | grep -q 'Memory remaining'")
        ran = twin.a.run(["vfmigrate", "check", "g2", "--to", BY_SSH, "--json"], check=False)
        twin.a.virsh("domjobabort", "g2")
        move.wait(timeout=60)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    document = json.loads(ran.stdout)
    check.valid(document)
    job = finding(document, "active-job")
    assert (job["status"], job["severity"]) == ("fail", "refuse")
    assert "virsh -c qemu:///system domjobabort g2" in job["fix"]
    # the VM that comes in is no stranger there, and still not to be moved onto
    assert "active-job" in refusing(document)
    assert other.running_on(twin.a)


def test_shut_off(twin, check):
    """The definition alone moves."""
    with defined(twin.a, definition("g2", OTHER_UUID)):
        live = finding(check(vm="g2", code=3), "vm-state")
        assert live["status"] == "fail" and any("--offline" in line for line in live["fix"])
        offline = check("--offline", vm="g2")
    assert offline["mode"] == "offline" and finding(offline, "vm-state")["source"] == "shut off"
    assert finding(offline, "machine-type")["status"] == "pass"
    assert finding(offline, "ports")["status"] == "skip"


SECRET = "0ddba11a-0000-4000-8000-00000000cafe"
RBD = (
    "<disk type='network' device='disk'><driver name='qemu' type='raw'/>"
    f"<auth username='vm'><secret type='ceph' uuid='{SECRET}'/></auth>"
    "<source protocol='rbd' name='pool/image'><host name='192.168.78.2' port='6789'/></source>"
    "<target dev='vda' bus='virtio'/></disk>"
)
BRIDGE = "<interface type='bridge'><source bridge='br-none'/></interface>"
SAPPHIRE = "<cpu mode='custom' match='exact'><model>SapphireRapids</model></cpu>"
# what the VM has, the rule that refuses, what was seen on both hosts, words of its message
MISSING = [
    ("secret", {"devices": RBD}, "secrets", (SECRET, f"without {SECRET}"), SECRET),
    ("bridge", {"devices": BRIDGE}, "bridge-network", (None, None), "there is no br-none"),
    # emulation has nothing of the newest
    ("cpu", {"cpu": SAPPHIRE}, "cpu-compatible", ("SapphireRapids", ...), "avx512"),
]


@pytest.mark.full
@pytest.mark.parametrize("has,rule,seen,words", [row[1:] for row in MISSING], ids=[row[0] for row in MISSING])
def test_missing_there(twin, check, has, rule, seen, words):
    with defined(twin.a, definition("g2", OTHER_UUID, **has)):
        document = check(vm="g2", code=3)
    found = finding(document, rule)
    assert (found["status"], found["severity"]) == ("fail", "refuse")
    assert found["source"] == seen[0] and seen[1] in (found["destination"], ...)
    assert words in found["message"] and found["fix"]
    # a disk by the network is the same for both by its name, and nobody can try it before
    assert refusing(document) == sorted([rule, "vm-state"])


@pytest.mark.full
def test_bridge_there(twin, check):
    """The daemon knows of a netdev when it starts, without udev."""
    devices = BRIDGE.replace("br-none", "eth0")
    with defined(twin.a, definition("g2", OTHER_UUID, devices=devices)):
        assert finding(check(vm="g2", code=3), "bridge-network")["status"] == "pass"


@pytest.mark.full
@pytest.mark.parametrize("words,status", [(["--to-host", "ssh:b"], "pass"), ([], "unknown")], ids=["agent", "libvirt"])
def test_bridge_made_later(twin, check, words, status):
    """Without udev a daemon never hears of it; the host does, and nobody takes silence for a no."""
    twin.b.run("ip link add br-none type bridge")
    try:
        with defined(twin.a, definition("g2", OTHER_UUID, devices=BRIDGE)):
            document = check(*words, vm="g2", to=twin.b.uri("tcp"), code=3)
    finally:
        twin.b.run("ip link del br-none")
    assert finding(document, "bridge-network")["status"] == status
    assert refusing(document) == ["vm-state"]


@pytest.mark.full
def test_machine_type(twin, check):
    """QEMU of the destination without the machine type of the VM: by its name, of the same length."""
    qemu = "/usr/bin/qemu-system-x86_64"
    with defined(twin.a, definition("g2", OTHER_UUID, machine="pc-q35-9.2")):
        assert finding(check("--offline", vm="g2"), "machine-type")["status"] == "pass"
        twin.b.run(f"cp -p {qemu} /twin/qemu && sed -i s/pc-q35-9[.]2/pc-q35-9.x/g {qemu}")
        try:
            twin.b.libvirt("restart")
            document = check("--offline", vm="g2", code=3)
        finally:
            twin.b.run(f"mv /twin/qemu {qemu}")
            twin.b.libvirt("restart")
    machine = finding(document, "machine-type")
    assert (machine["status"], machine["source"]) == ("fail", "pc-q35-9.2")
    assert refusing(document) == ["machine-type"]


@pytest.mark.full
@pytest.mark.parametrize("offline", [False, True], ids=["live", "offline"])
def test_snapshot(twin, check, offline):
    with images(ALONE, twin.a), defined(twin.a, definition("g2", OTHER_UUID, devices=disk_xml(ALONE))):
        twin.a.virsh("snapshot-create-as", "g2", "s1")
        try:
            document = check(*(["--offline"] if offline else []), vm="g2", code=3)
        finally:
            twin.a.virsh("snapshot-delete", "g2", "s1")
    refusals = finding(document, "libvirt-refusals")
    assert (refusals["status"], refusals["severity"]) == ("fail", "refuse")
    assert "snapshots (1)" in refusals["message"]
    if offline:
        assert refusing(document) == ["libvirt-refusals"]


@pytest.mark.full
def test_managed_save(twin, check, other):
    """It is read where it lies: a definition that moves would leave it behind."""
    name = "g2"
    twin.a.put("/run/twin/g2.xml", other.xml())
    other.host = twin.a
    twin.a.virsh("define", "/run/twin/g2.xml")
    twin.a.virsh("start", name)
    twin.a.virsh("managedsave", name)
    try:
        refusals = finding(check("--offline", vm=name, code=3), "libvirt-refusals")
    finally:
        twin.a.virsh("managedsave-remove", name)
    assert "saved state" in refusals["message"]
    assert "virsh -c qemu:///system managedsave-remove g2" in refusals["fix"]


NETWORK = "<network><name>n1</name><forward mode='bridge'/><bridge name='br9'/></network>"
# what is done on the destination next, what the rule then says
NETWORK_STEPS = [
    (None, "fail", "has no network n1"),
    ("net-define /run/twin/n1.xml", "fail", "network n1 is not active"),
    ("net-start n1", "pass", "networks of the VM's interfaces are on b"),
]


@pytest.mark.full
def test_network(twin, check):
    for host in twin.hosts:
        host.put("/run/twin/n1.xml", NETWORK)
    interface = "<interface type='network'><source network='n1'/></interface>"
    twin.a.virsh("net-define", "/run/twin/n1.xml")
    try:
        with defined(twin.a, definition("g2", OTHER_UUID, devices=interface)):
            for step, status, words in NETWORK_STEPS:
                if step:
                    twin.b.run(f"virsh -q {step}")
                found = finding(check(vm="g2", code=3), "bridge-network")
                assert found["status"] == status and words in found["message"]
    finally:
        twin.a.virsh("net-undefine", "n1")
        twin.b.run("virsh -q net-destroy n1; virsh -q net-undefine n1", check=False)


# ---- disks ----

ALONE = f"{LOCAL}/vda.qcow2"
TOGETHER = f"{SHARED}/vda.qcow2"
# where the disk is, whether the destination has a file in its place, options, which rules refuse
DISKS = [
    ("not-there", ALONE, False, [], ["storage-identity", "storage-shared"]),
    ("copied", ALONE, False, ["--copy-storage", "all"], []),
    ("no-base", ALONE, False, ["--copy-storage", "inc"], ["copy-target"]),
    ("no-such-disk", ALONE, True, ["--copy-storage", "all", "--disks", "vdx"], ["copy-target", "storage-identity"]),
    ("another-there", ALONE, True, [], ["storage-identity"]),
    ("not-proved", TOGETHER, False, [], ["storage-identity"]),
    ("not-proved-accepted", TOGETHER, False, ["--accept", "storage-identity"], []),
    ("onto-itself", TOGETHER, False, ["--copy-storage", "all", "--overwrite-target", "vda"], ["copy-target"]),
]


@pytest.mark.full
@pytest.mark.parametrize("path,there,words,refused", [row[1:] for row in DISKS], ids=[row[0] for row in DISKS])
def test_disk(twin, check, other, path, there, words, refused):
    with images(path, twin.a, *([twin.b] if there else [])), twin.b.pool():
        other.start(twin.a, devices=disk_xml(path))
        document = check(*words, vm="g2", code=3 if refused else 0)
        other.end()
    assert refusing(document) == refused
    if "--accept" in words:
        assert finding(document, "storage-identity")["accepted"] is True
        assert document["summary"]["accepted"] == 1


@pytest.mark.full
def test_no_pool(twin, check, other):
    """libvirt makes the file of a copy in the folder of a pool alone."""
    with images(ALONE, twin.a):
        other.start(twin.a, devices=disk_xml(ALONE))
        document = check("--copy-storage", "all", vm="g2", code=3)
        other.end()
    assert refusing(document) == ["copy-target"]
    target = finding(document, "copy-target")
    assert "only where an active storage pool has its folder" in target["message"]
    assert f"virsh pool-create-as copies dir --target {LOCAL}" in target["fix"]


def tell_uuid(host, number):
    """The UUID of the file system, as udev's database has it on a host with udev."""
    device = host.out(f"stat -c %Hd:%Ld {LOCAL}")
    host.run(f"mkdir -p /run/udev/data && echo E:ID_FS_UUID={number} >/run/udev/data/b{device}")


# each host's disk its own: whether udev knows their file systems, whether a domain there has it,
# options, what copy-target says
TARGETS = [
    ("kept", True, False, [], "fail", "is there on b already"),
    ("given-up", True, False, ["--overwrite-target", "vda"], "pass", "nothing is lost"),
    ("another-given-up", True, False, ["--overwrite-target", "vdb"], "fail", "is there on b already"),
    ("in-use", True, True, ["--overwrite-target", "vda"], "fail", "is used on b by the domain owner"),
    # then the kernel is asked, and files of one file system are told by their paths
    ("kept-no-udev", False, False, [], "fail", "is there on b already"),
    ("given-up-no-udev", False, False, ["--overwrite-target", "vda"], "pass", "nothing is lost"),
]


@pytest.mark.full
@pytest.mark.parametrize(
    "udev,used,words,status,said", [row[1:] for row in TARGETS], ids=[row[0] for row in TARGETS]
)
def test_copy_target(twin, check, other, udev, used, words, status, said):
    owner = definition("owner", OTHER_UUID, devices=disk_xml(ALONE))
    for host in twin.hosts if udev else ():
        tell_uuid(host, f"0ddba11a-0000-4000-8000-00000000000{host.number}")
    try:
        with images(ALONE, *twin.hosts), defined(twin.b, owner) if used else contextlib.nullcontext():
            other.start(twin.a, devices=disk_xml(ALONE))
            document = check("--copy-storage", "all", *words, vm="g2", code=3 if status == "fail" else 0)
            other.end()
    finally:
        twin.each(lambda host: host.run("rm -rf /run/udev"))
    target = finding(document, "copy-target")
    assert target["status"] == status and said in target["message"]
    assert refusing(document) == (["copy-target"] if status == "fail" else [])


@pytest.mark.full
def test_medium(twin, check, other):
    """A medium that is not there refuses, unless somebody says that it may."""
    drive = (
        "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
        f"<source file='{LOCAL}/cd.iso'/><target dev='sda' bus='sata'/><readonly/></disk>"
    )
    twin.a.run(f"truncate -s 1M {LOCAL}/cd.iso")
    try:
        other.start(twin.a, devices=drive)
        assert refusing(check(vm="g2", code=3)) == ["removable-media"]
        accepted = finding(check("--accept", "removable-media", vm="g2"), "removable-media")
    finally:
        other.end()
        twin.a.run(f"rm -f {LOCAL}/cd.iso")
    assert (accepted["status"], accepted["accepted"], accepted["destination"]) == ("fail", True, "sda: not there")
