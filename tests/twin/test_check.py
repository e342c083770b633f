# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate check between two real hosts: what each rule says of a VM without a device, what it saw
on both sides, and that nothing was touched by asking.

Rows of one table share a guest; each names what is done to the hosts before, and undone after.
"""

import contextlib
import json
import os
import pathlib
import uuid

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
    assert "nobody" in words and "not found" in words


def test_unknown_host(check, vm):
    words = check.fails("g1", "--to", "qemu+tcp://nowhere.invalid/system")
    assert "nowhere.invalid" in words


# ---- who is there already ----


def definition(name, number, *, mac="52:54:00:c4:ec:99", devices="", machine=MACHINE):
    """A domain that does not run."""
    return (
        f"<domain type='qemu'><name>{name}</name><uuid>{number}</uuid><memory unit='MiB'>64</memory>"
        f"<os><type arch='x86_64' machine='{machine}'>hvm</type></os><devices>{devices}"
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
