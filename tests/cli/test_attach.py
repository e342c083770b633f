# SPDX-License-Identifier: LGPL-2.1-or-later
"""attach and detach over a facts document and libvirt's test driver: what is refused, and how it is
told. The driver is as old as the client library, which may be too old for VFs itself: then that is
one refusal more. What is done to real VMs is tests/lab's."""

import copy
import json
import pathlib

import pytest

HERE = pathlib.Path(__file__).parent
READY = json.loads((HERE / "facts" / "ready.json").read_text())
PF, VF0, VF1 = "0000:01:00.0", "0000:01:00.1", "0000:01:00.2"
MAC0, MAC1, MAC2 = (f"52:54:00:00:00:0{n}" for n in range(3))

INTERFACE = """
      <interface type='hostdev' managed='yes'>
        <mac address='{mac}'/>
        <source><address type='pci' domain='0' bus='1' slot='0' function='{function}'/></source>
      </interface>"""
DOMAIN = """
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>{name}</name>
    <uuid>6695eb01-f6a4-8304-79aa-97f2502e19{number:02d}</uuid>
    <memory>8192</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices>{devices}
    </devices>
    <test:runstate>{state}</test:runstate>
  </domain>"""
PCIE = "<controller type='pci' index='0' model='pcie-root'/>"
BRIDGE = f"<interface type='network'><mac address='{MAC2}'/><source network='default'/></interface>"
RUNS, RESTS = 1, 5
NODE = "<node>" + "".join(DOMAIN.format(name=name, number=n, devices=devices, state=state) for n, (name, devices, state) in enumerate([
    ("rests", INTERFACE.format(mac=MAC0, function=1) + BRIDGE, RESTS),
    ("runs", PCIE + INTERFACE.format(mac=MAC1, function=2), RUNS),
])) + "</node>"


@pytest.fixture
def ask(vfmigrate, tmp_path):
    """A command on the VM of that node, whose host has these facts; (exit code, document)."""

    def run(command, vm, *arguments, pf=(), vf=(), text=False, **rest):
        facts = copy.deepcopy(READY)
        facts["pfs"][0].update(pf)
        facts["pfs"][0]["vfs"][0].update(vf)
        facts.update(rest)
        (tmp_path / "host.json").write_text(json.dumps(facts))
        (tmp_path / "node.xml").write_text(NODE)
        ran = vfmigrate(command, vm, "--from", f"test://{tmp_path}/node.xml", "--from-host", "host.json",
                        *([] if text else ["--json"]), *arguments, cwd=tmp_path)
        return ran.returncode, ran.stdout if text else json.loads(ran.stdout or "null"), ran.stderr

    return run


# what, VM, arguments, facts of the first VF, object, words, remedy
REFUSED = [
    ("in use", "rests", ["--vf", VF0], {"users": ["domain vm9 (running)"]}, VF0, "is in use: domain vm9 (running)", "free it"),
    ("not migratable", "rests", ["--vf", VF0], {"migratable": "disabled"}, VF0, "flag is off", "vfprep apply"),
    ("the PF", "rests", ["--vf", PF], {}, PF, "is a physical function", "name a VF of it"),
    ("no VF", "rests", ["--vf", "0000:07:00.1"], {}, "0000:07:00.1", "is no VF of a ConnectX card", "vfprep facts"),
    ("the VM does not run", "rests", ["--vf", VF1, "--live"], {}, "rests", "does not run", "leave out --live"),
    ("no free root port", "runs", ["--vf", VF0], {}, "runs", "no free PCIe root port (of 0)", "pcie-root-port"),
]


@pytest.mark.parametrize("what,vm,arguments,vf,name,words,remedy", REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(ask, what, vm, arguments, vf, name, words, remedy):
    code, document, _ = ask("attach", vm, *arguments, vf=vf)
    assert (code, document["verdict"]) == (3, "refused")
    [found] = [row for row in document["refusals"] if row["object"] == name]
    assert words in found["message"]
    assert remedy in found["remedy"]
    assert document["checks"] == [] and "done" not in (document["live"], document["config"])
    code, text, _ = ask("attach", vm, *arguments, vf=vf, text=True)
    assert code == 3
    assert text.startswith(f"{vm}: refused: nothing was touched\n")
    assert f"\n  {name}: " in text


def test_parts_without_an_option(ask):
    """As virsh: the VM as it is now."""
    parts = {vm: ask("attach", vm, "--vf", PF)[1] for vm in ("runs", "rests")}
    assert (parts["runs"]["live"], parts["runs"]["config"]) == ("not-reached", "not-asked")
    assert (parts["rests"]["live"], parts["rests"]["config"]) == ("not-asked", "not-reached")


def test_module_is_missing(ask):
    code, document, _ = ask("attach", "rests", "--vf", VF1, vfio={**READY["vfio"], "module_available": False})
    assert code == 3
    assert "rule vfio-module" in [row for row in document["refusals"] if row["object"] == "mlx5_vfio_pci"][0]["message"]


def test_no_agent(vfmigrate, tmp_path):
    """Nothing is known of the VFs, and the way is named."""
    (tmp_path / "node.xml").write_text(NODE)
    ran = vfmigrate("attach", "rests", "--vf", "auto", "--from", f"test://{tmp_path}/node.xml", "--from-host", "none")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "--from-host ssh:HOST" in ran.stderr


def test_no_such_vm(ask):
    code, document, words = ask("attach", "nobody", "--vf", VF0)
    assert (code, document) == (1, None)
    assert "nobody: no VM of this name at test://" in words


# what, arguments, object, words
NOT_TAKEN = [
    ("not of this VM", ["--vf", VF1], VF1, "the definition of rests does not have it"),
    ("no such MAC address", ["--mac", MAC1.upper()], MAC1, "the definition of rests does not have it"),
    ("no VF", ["--mac", MAC2], MAC2, "is no VF in the definition of rests, but an interface of type network"),
    ("does not run", ["--vf", VF0, "--live"], "rests", "does not run"),
    ("no VF of the card", ["--vf", PF + "/9"], PF, "has no VF 9"),
]


@pytest.mark.parametrize("what,arguments,name,words", NOT_TAKEN, ids=[row[0] for row in NOT_TAKEN])
def test_not_taken(ask, what, arguments, name, words):
    code, document, _ = ask("detach", "rests", *arguments)
    assert (code, document["verdict"], document["command"]) == (3, "refused", "detach")
    [found] = document["refusals"]
    assert (found["object"], found["message"]) == (name, words) or words in found["message"]


def test_driver_takes_none(ask):
    """libvirt's own words, and all is as it was: its test driver knows no detach."""
    code, document, _ = ask("detach", "rests", "--vf", PF + "/0")
    assert (code, document["verdict"]) == (1, "not-changed")
    assert (document["live"], document["config"]) == ("not-asked", "failed")
    assert document["vf"]["bdf"] == VF0 and document["vf"]["mac"] == MAC0
    assert document["error"]


def test_documents_are_valid(ask):
    jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")
    schema = json.loads((HERE.parent.parent / "data" / "schema" / "attach.json").read_text())
    for command, vm, vf in (("attach", "runs", "auto"), ("attach", "rests", VF1), ("detach", "rests", VF0), ("detach", "runs", VF0)):
        document = ask(command, vm, "--vf", vf)[1]
        if document:
            jsonschema.validate(document, schema)
