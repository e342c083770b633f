# SPDX-License-Identifier: LGPL-2.1-or-later
"""xml over facts documents: fragments in both forms, MAC addresses, and each refusal. What libvirt
itself makes of the fragments is tests/lab's."""

import copy
import json
import pathlib
import re
from xml.etree import ElementTree

import pytest

HERE = pathlib.Path(__file__).parent
READY = json.loads((HERE / "facts" / "ready.json").read_text())
PF, VF0, VF1 = "0000:01:00.0", "0000:01:00.1", "0000:01:00.2"
MACS = ["--mac", "52:54:00:AA:00:01", "--mac", "52:54:00:aa:00:02"]

# A host of libvirt's test driver: one domain at rest, with a VF and a tag.
NODE = """<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>sleeps</name>
    <memory>8192</memory>
    <os><type>hvm</type></os>
    <devices>
      <interface type='hostdev' managed='yes'>
        <mac address='52:54:00:00:00:01'/>
        <source><address type='pci' domain='0' bus='1' slot='0' function='1'/></source>
        <vlan><tag id='12'/></vlan>
      </interface>
    </devices>
    <test:runstate>5</test:runstate>
  </domain>
</node>
"""


def host(pf=(), vf=(), **rest):
    """The ready host with other values in its PF, in its first VF, and in libvirt."""
    facts = copy.deepcopy(READY)
    facts["pfs"][0].update(pf)
    facts["pfs"][0]["vfs"][0].update(vf)
    facts["libvirt"].update(rest)
    return facts


@pytest.fixture
def xml(vfprep, tmp_path):
    """vfprep xml on a host of these facts."""

    def run(facts, *arguments):
        (tmp_path / "host.json").write_text(json.dumps(facts))
        (tmp_path / "node.xml").write_text(NODE)
        return vfprep("xml", "--host", "host.json", *arguments, cwd=tmp_path)

    run.node = f"test://{tmp_path}/node.xml"
    return run


# golden's name, facts, arguments
RUNS = [
    ("xml-interface", host(), [VF0, PF + "/1", *MACS]),
    ("xml-hostdev", host(), ["--format", "hostdev", "01:00.0/0", VF1]),
    ("xml-unmanaged", host(version="9.10.0"), [VF0, VF1, *MACS]),
    ("xml-unmanaged-hostdev", host(version="9.7.0"), ["--format", "hostdev", VF0]),
]


@pytest.mark.parametrize("name,facts,arguments", RUNS, ids=[run[0] for run in RUNS])
def test_both_forms(xml, golden, name, facts, arguments):
    text, document = xml(facts, *arguments), xml(facts, "--json", *arguments)
    assert (text.returncode, document.returncode) == (0, 0)
    assert text.stderr == document.stderr
    devices = json.loads(document.stdout)["devices"]
    assert text.stdout == "".join(device["xml"] + "\n" for device in devices)
    for device in devices:
        assert ("note: this libvirt does not bind" in text.stderr) is (not device["managed"])
        assert all(command in text.stderr for command in device["driver_binding"])
        assert bool(device["driver_binding"]) is not device["managed"]
    golden(name + ".txt", text.stdout)
    golden(name + ".json", document.stdout)


def test_made_addresses(xml):
    """Locally administered, unicast, new each time, and not the host's own."""
    seen = set()
    for _ in range(5):
        devices = json.loads(xml(host(), "--json", VF0, VF1).stdout)["devices"]
        for device in devices:
            assert re.fullmatch(r"52:54:00(:[0-9a-f]{2}){3}", device["mac"])
            element = element_of(device["xml"])
            assert element.find("mac").get("address") == device["mac"]
            seen.add(device["mac"])
    assert len(seen) == 10


def element_of(text):
    element = ElementTree.fromstring(text)
    assert element.find(".//vlan") is None
    return element


def test_no_connection_is_told(xml):
    """Without libvirt nothing is known of other domains' addresses, and that is said."""
    assert "not compared with those of domains" in xml(host(), VF0).stderr
    assert xml(host(), "--format", "hostdev", VF0).stderr == ""


def test_address_of_the_vf_itself(xml):
    """What the VF has already is no other's."""
    assert xml(host(), "--mac", "02:00:00:00:00:00", VF0).returncode == 0


def test_hostdev_without_address(xml):
    ran = xml(host(vf={"hw_addr": None}), "--format", "hostdev", "--json", VF0)
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["devices"][0]["mac"] is None
    assert "vfprep apply --mac" in ran.stderr


def test_defined_elsewhere_is_told(xml):
    ran = xml(host(vf={"users": ["domain vm2 (defined)"]}), VF0)
    assert ran.returncode == 0
    assert f"{VF0}: note: domain vm2 (defined) has it too" in ran.stderr


UNREAD = {"unknown": "needs root"}

# what, facts, arguments, words of the refusal and of its remedy
REFUSALS = [
    ("the PF", host(), [PF], [PF, "is a physical function", "name a VF of it"]),
    ("no VF", host(), ["0000:07:00.1"], ["0000:07:00.1", "is no VF of a ConnectX card"]),
    ("no such number", host(), [PF + "/9"], [PF, "has no VF 9", "vfprep apply"]),
    ("no such PF", host(), ["07:00.0/0"], ["0000:07:00.0", "is no physical function"]),
    ("disabled", host(vf={"migratable": "disabled"}), [VF0], [VF0, "flag is off", "vfprep apply"]),
    (
        "not offered",
        host(vf={"migratable": "not-offered"}),
        [VF0],
        [VF0, "does not offer", "VF_MIGRATION_MODE", "--set-firmware"],
    ),
    ("flag unread", host(vf={"migratable": UNREAD}), [VF0], [VF0, "migratable is not known: needs root"]),
    ("in use", host(vf={"users": ["domain vm1 (running)"]}), [VF0], [VF0, "in use: domain vm1 (running)"]),
    ("claimed", host(vf={"users": ["claimed by vfmigrate"]}), [VF0], [VF0, "claimed by vfmigrate"]),
    ("users unread", host(vf={"users": UNREAD}), [VF0], [VF0, "who uses it is not known: needs root"]),
    (
        "legacy",
        host(pf={"eswitch_mode": "legacy"}, vf={"migratable": UNREAD}),
        [VF0],
        [PF, "not in switchdev mode, but in legacy", "vfprep apply"],
    ),
    ("mode unread", host(pf={"eswitch_mode": UNREAD}), [VF0], [PF, "eswitch mode", "needs root"]),
    ("old libvirt", host(version="9.6.0"), [VF0], ["libvirt", "version 9.6.0", "10.0 or later"]),
    ("no libvirt", host(version=None), [VF0], ["libvirt", "not installed", "--connect"]),
    ("libvirt unread", host(version=UNREAD), [VF0], ["libvirt", "needs root", "--connect"]),
    (
        "another VF's address",
        host(),
        ["--mac", "02:00:00:00:00:01", VF0],
        ["02:00:00:00:00:01", f"{VF1} has this address already", "name another"],
    ),
    (
        "the uplink's address",
        host(),
        ["--mac", "3E:00:00:00:00:FF", VF0],
        ["3e:00:00:00:00:ff", f"{PF} has this address already"],
    ),
    ("no connection for the VM", host(), ["--vm", "vm1", VF0], ["vm1", "--connect"]),
    ("one of two", host(vf={"migratable": "disabled"}), [VF1, VF0], [VF0, "flag is off"]),
]


@pytest.mark.parametrize("what,facts,arguments,words", REFUSALS, ids=[row[0] for row in REFUSALS])
def test_refused(xml, what, facts, arguments, words):
    for form in ([], ["--json"]):
        ran = xml(facts, *form, *arguments)
        assert ran.returncode == 3
        assert ran.stdout == ""
        for word in words:
            assert word in ran.stderr
        assert ran.stderr.startswith("vfprep: ")


def test_every_refusal_is_told(xml):
    facts = host(vf={"migratable": "disabled"})
    facts["pfs"][0]["vfs"][1]["users"] = ["open by pid 812"]
    ran = xml(facts, VF0, VF1)
    assert ran.returncode == 3
    assert f"{VF0}: is not migratable" in ran.stderr
    assert f"{VF1}: is in use: open by pid 812" in ran.stderr


# arguments, words on stderr
WRONG = [
    ([], "needs VF"),
    (["enp1s0v0"], "is no VF's name"),
    ([PF + "/x"], "is no VF's name"),
    (["--format", "pci", VF0], "'pci' is none of: interface, hostdev"),
    (["--format", "hostdev", "--mac", "52:54:00:00:00:01", VF0], "vfprep apply --mac VF=MAC"),
    (["--mac", "52:54:00:00:00:01", VF0, VF1], "one for each"),
    ([*MACS, VF0], "one for each"),
    (["--mac", "53:54:00:00:00:01", VF0], "multicast"),
    (["--mac", "'/><vlan/>", VF0], "is no MAC address"),
    (["--mac", "52:54:00:AA:00:01", "--mac", "52:54:00:aa:00:01", VF0, VF1], "given twice"),
    ([VF0, PF + "/0"], f"{VF0} is named twice"),
]


@pytest.mark.parametrize("arguments,words", WRONG, ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_wrong(xml, arguments, words):
    ran = xml(host(), *arguments)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert words in ran.stderr


# ---- domains: of libvirt's test driver, which is as old as the client library here, so that the
# ---- exit code may be its age's; what is said of domains does not depend on it


def test_address_of_another_domain(xml):
    ran = xml(host(), "--connect", xml.node, "--mac", "52:54:00:00:00:01", VF0)
    assert ran.returncode == 3
    assert ran.stdout == ""
    assert "52:54:00:00:00:01: domain sleeps (defined) has this address already" in ran.stderr


def test_vm_is_looked_at(xml):
    """Its own address is no other's; what it has of VFs is told."""
    ran = xml(host(), "--connect", xml.node, "--vm", "sleeps", "--mac", "52:54:00:00:00:01", VF0)
    assert "has this address already" not in ran.stderr
    assert f"{VF0}: note: domain sleeps (defined) has it already" in ran.stderr
    assert "sleeps: note: its VF with the address 52:54:00:00:00:01 (domain defined) has a <vlan>" in ran.stderr


def test_no_such_vm(xml):
    ran = xml(host(), "--connect", xml.node, "--vm", "nobody", VF0)
    assert ran.returncode == 3
    assert ran.stdout == ""
    assert f"nobody: no such domain at {xml.node}" in ran.stderr


def test_connection_fails(xml):
    ran = xml(host(), "--connect", "test:///no/such/file.xml", VF0)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "test:///no/such/file.xml: " in ran.stderr


def test_version_is_the_connections(xml):
    """With --connect it is that libvirt's, not the one of the facts."""
    ran = xml(host(version="0.9.0"), "--connect", xml.node, VF0)
    assert "0.9.0" not in ran.stderr


def test_documents_are_valid(xml):
    jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")
    schema = json.loads((HERE.parent.parent / "data" / "schema" / "xml.json").read_text())
    for _, facts, arguments in RUNS:
        jsonschema.validate(json.loads(xml(facts, "--json", *arguments).stdout), schema)
