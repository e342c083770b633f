# SPDX-License-Identifier: LGPL-2.1-or-later
"""vgpucheck over facts documents, without any software of NVIDIA's: answers in both forms."""

import copy
import json
import pathlib
import xml.etree.ElementTree

import pytest

READY = json.loads((pathlib.Path(__file__).parent / "facts/ready.json").read_text())
VF = "0000:41:00.4"

VGPU = {
    "device": VF, "parent": VF, "type_id": 1153, "type": "NVIDIA L40S-4Q", "owner": "vm1",
    "users": ["domain vm1 (running)"], "blocking": [],
    "migratable": True, "guest_driver": "550.144.03", "guest_version": 15,
}
GPU = {
    "bdf": "0000:41:00.0", "name": "NVIDIA L40S", "uuid": "GPU-1", "vbios": None, "driver": "nvidia",
    "ecc_current": True, "ecc_pending": True, "mig_current": False, "mig_pending": False,
    "host_vgpu_mode": "sriov", "metadata": "NVIDIA L40S 26B9", "migration": True, "guest_version_min": 10,
    "guest_version_max": 20, "framework": "vendor-vfio", "no_framework": None,
    "types": [{"id": 1153, "name": "NVIDIA L40S-4Q", "framebuffer_mib": 4096, "creatable": 1}],
    "room": ["0000:41:00.5"], "vgpus": [],
}
UUID = "5f0e6c1a-0000-4000-8000-000000000001"
MDEV = {
    **GPU, "framework": "mdev", "room": ["0000:41:00.0"],
    "types": [{"id": 232, "name": "GRID T4-4Q", "framebuffer_mib": 4096, "creatable": 3}],
    "vgpus": [{**VGPU, "device": UUID, "parent": "0000:41:00.0", "type_id": 232, "type": "GRID T4-4Q"}],
}


def host(version="550.144.02", vgpus=(), **gpu):
    facts = copy.deepcopy(READY)
    gpus = [{**GPU, "vgpus": list(vgpus), **gpu}]
    facts["nvidia"] = {"driver_version": version, "driver_source": None, "nvml": True, "gpus": gpus}
    return facts


DOCUMENTS = {
    "a.json": host(vgpus=[VGPU]),
    "b.json": host(),
    "driver.json": host("550.127.06"),
    "full.json": host(types=[{**GPU["types"][0], "creatable": 0}]),
    "off.json": host(framework=None, no_framework="its VFs are off, which sriov-manage turns on", types=[]),
    "none.json": {**READY, "nvidia": {"driver_version": None, "driver_source": None, "nvml": None, "gpus": None}},
    "old.json": READY,
    "blocked.json": host(vgpus=[{**VGPU, "blocking": ["enable_uvm=1"]}]),
    "mdev.json": host(**MDEV),
    "free.json": host(vgpus=[{**VGPU, "owner": None}]),
}


def vm(device, managed="no"):
    address = "domain='0x0000' bus='0x{}' slot='0x{}' function='0x{}'".format(*device[5:].replace(".", ":").split(":"))
    return (
        "<domain type='kvm'><name>vm1</name><uuid>3f6c21e4-0d1f-4a9b-b6d1-52c1f4a7e006</uuid><memory>1</memory>"
        "<os><type arch='x86_64'>hvm</type></os><devices>"
        f"<hostdev mode='subsystem' type='pci' managed='{managed}'><source><address {address}/></source></hostdev>"
        "</devices></domain>"
    )


# golden's name, arguments, exit code
RUNS = [
    ("vgpu-match", ["a.json", "b.json"], 0),
    ("vgpu-driver", ["a.json", "driver.json"], 3),
    ("vgpu-full", ["a.json", "full.json"], 3),
    ("vgpu-off", ["a.json", "off.json"], 3),
    ("vgpu-vm", ["--vm", "vm.xml", "a.json", "b.json"], 0),
    ("vgpu-managed", ["--vm", "managed.xml", "a.json", "b.json"], 3),
]


# the same of 'status'
STATES = [
    ("vgpu-status-ready", ["a.json"], 0),
    ("vgpu-status-off", ["off.json"], 3),
    ("vgpu-status-none", ["none.json"], 3),
    ("vgpu-status-old", ["old.json"], 3),
    ("vgpu-status-blocked", ["blocked.json"], 3),
    ("vgpu-status-accepted", ["--accept", "vgpu-params-off", "blocked.json"], 0),
]

# libvirt's built-in driver: a host with the VM and what must never be shown
NODE = """<node><domain type='test'><name>vm1</name><uuid>3f6c21e4-0d1f-4a9b-b6d1-52c1f4a7e006</uuid>
<memory>8192</memory><os><type>hvm</type></os><devices>{}
<graphics type='vnc' port='-1' passwd='hunter2'/></devices></domain></node>"""


@pytest.fixture
def folder(tmp_path):
    for name, facts in DOCUMENTS.items():
        (tmp_path / name).write_text(json.dumps(facts))
    (tmp_path / "vm.xml").write_text(vm(VF))
    (tmp_path / "managed.xml").write_text(vm(VF, "yes"))
    (tmp_path / "other.xml").write_text(vm("0000:09:00.1"))
    device = vm(VF).split("<devices>")[1].split("</devices>")[0]
    (tmp_path / "node.xml").write_text(NODE.format(device))
    return tmp_path


@pytest.mark.parametrize("name,arguments,code", RUNS, ids=[run[0] for run in RUNS])
def test_both_forms(vgpucheck, golden, folder, name, arguments, code):
    text = vgpucheck("compare", *arguments, cwd=folder)
    document = vgpucheck("compare", "--json", *arguments, cwd=folder)
    assert (text.stderr, document.stderr) == ("", "")
    assert (text.returncode, document.returncode) == (code, code)
    assert json.loads(document.stdout)["exchange"] is (code == 0)
    golden(f"{name}.txt", text.stdout)
    golden(f"{name}.json", document.stdout)


@pytest.mark.parametrize("a,b", [("none.json", "none.json"), ("a.json", "none.json"), ("a.json", "old.json")])
def test_nothing_known_is_no_yes(vgpucheck, folder, a, b):
    assert vgpucheck("compare", a, b, cwd=folder).returncode == 3


def test_vm_of_another_host(vgpucheck, folder):
    ran = vgpucheck("compare", "--vm", "other.xml", "a.json", "b.json", cwd=folder)
    assert ran.returncode == 1
    assert "none of its devices is a vGPU of a.json" in ran.stderr
    assert ran.stdout == ""


def test_accept(vgpucheck, folder):
    ran = vgpucheck("compare", "--accept", "vgpu-driver-match", "a.json", "driver.json", cwd=folder)
    assert ran.returncode == 2


def test_one_stdin_only(vgpucheck, folder):
    assert vgpucheck("compare", "-", "-", stdin="", cwd=folder).returncode == 2


def test_rules(vgpucheck):
    rules = json.loads(vgpucheck("rules", "--json").stdout)["rules"]
    assert sum(rule["topic"] == "vgpu" for rule in rules) == 13
    assert sum(rule["topic"] == "vgpu-host" for rule in rules) == 9


@pytest.mark.parametrize("name,arguments,code", STATES, ids=[run[0] for run in STATES])
def test_status(vgpucheck, golden, folder, name, arguments, code):
    text = vgpucheck("status", *arguments, cwd=folder)
    document = vgpucheck("status", "--json", *arguments, cwd=folder)
    assert (text.stderr, document.stderr) == ("", "")
    assert (text.returncode, document.returncode) == (code, code)
    hosts = json.loads(document.stdout)["hosts"]
    assert [host["verdict"] for host in hosts] == ["ready" if code == 0 else "not-ready"]
    golden(f"{name}.txt", text.stdout)
    golden(f"{name}.json", document.stdout)


def test_status_by_stdin(vgpucheck, folder):
    ran = vgpucheck("status", "-", stdin=(folder / "a.json").read_text())
    assert ran.returncode == 0
    assert ran.stdout.startswith("-: ready")


@pytest.mark.parametrize("vm", ["vm1", "3f6c21e4-0d1f-4a9b-b6d1-52c1f4a7e006"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_vm_from_libvirt(vgpucheck, folder, vm, form):
    """As the VM's file, by name or UUID; its secrets are neither asked for nor shown."""
    uri = f"test://{folder}/node.xml"
    named = vgpucheck("compare", "--vm", vm, "--connect", uri, *form, "a.json", "b.json", cwd=folder)
    file = vgpucheck("compare", "--vm", "vm.xml", *form, "a.json", "b.json", cwd=folder)
    assert (named.returncode, named.stdout) == (0, file.stdout)
    assert "hunter2" not in named.stdout + named.stderr


def test_no_such_vm(vgpucheck, folder):
    ran = vgpucheck("compare", "--vm", "vm9", "--connect", f"test://{folder}/node.xml", "a.json", "b.json", cwd=folder)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "vm9" in ran.stderr


def test_connect_makes_it_a_name(vgpucheck, folder):
    """A file that is called as the VM is not read once a daemon is named; without one it is."""
    (folder / "vm1").write_text("no XML")
    uri = f"test://{folder}/node.xml"
    assert vgpucheck("compare", "--vm", "vm1", "--connect", uri, "a.json", "b.json", cwd=folder).returncode == 0
    assert vgpucheck("compare", "--vm", "vm1", "a.json", "b.json", cwd=folder).returncode == 1


# ---- xml ------------------------------------------------------------------------

# golden's name, arguments, is it there already
XML = [
    ("vgpu-xml-vf", ["--vf", VF, "--host", "a.json"], True),
    ("vgpu-xml-type", ["--type", "L40S-4Q", "--host", "free.json"], True),
    ("vgpu-xml-room", ["--type", "L40S-4Q", "--host", "a.json"], False),
    ("vgpu-xml-room", ["--type", "1153", "--gpu", "0000:41:00.0", "--host", "b.json"], False),
    ("vgpu-xml-mdev", ["--type", "GRID T4-4Q", "--uuid", UUID.upper(), "--display", "--host", "mdev.json"], True),
    ("vgpu-xml-display", ["--vf", "0000:41:00.5", "--display", "--host", "b.json"], False),
]


@pytest.mark.parametrize("name,arguments,there", XML, ids=[row[0] for row in XML])
def test_xml(vgpucheck, golden, folder, name, arguments, there):
    text = vgpucheck("xml", *arguments, cwd=folder)
    document = vgpucheck("xml", "--json", *arguments, cwd=folder)
    assert (text.returncode, document.returncode) == (0, 0)
    assert ("vgpucheck create" in text.stderr) is not there
    read = json.loads(document.stdout)
    assert (read["there"], read["xml"] + "\n") == (there, text.stdout)
    element = xml.etree.ElementTree.fromstring(text.stdout)
    assert element.get("managed") == ("no" if element.get("type") == "pci" else None)
    golden(f"{name}.txt", text.stdout)
    golden(f"{name}.json", document.stdout)


def test_xml_makes_uuids(vgpucheck, folder):
    made = {vgpucheck("xml", "--type", "232", "--host", "mdev.json", cwd=folder).stdout for _ in range(2)}
    assert len(made) == 2 and not any(UUID in text for text in made)


# arguments, exit code, words
NO_XML = [
    (["--type", "L40S-8Q", "--host", "b.json"], 3, "no GPU of this host takes the type L40S-8Q"),
    (["--type", "L40S-4Q", "--host", "full.json"], 3, "has no room for one more vGPU of the type NVIDIA L40S-4Q"),
    (["--type", "1155", "--vf", VF, "--host", "a.json"], 3, "is a vGPU of the type NVIDIA L40S-4Q"),
    (["--vf", "0000:09:00.1", "--host", "a.json"], 3, "is no VF that is, or can be made, a vGPU"),
    (["--type", "1153", "--host", "none.json"], 3, "this host has no NVIDIA GPU"),
    (["--type", "1153", "--host", "old.json"], 1, "what can be made is not known"),
    (["--host", "a.json"], 2, "name a type by --type, or a VF by --vf"),
    (["--vf", "41:00", "--host", "a.json"], 2, "--vf: '41:00' is no PCI address"),
    (["--type", "1", "--uuid", "5f0e", "--host", "a.json"], 2, "--uuid: '5f0e' is no UUID"),
]


@pytest.mark.parametrize("arguments,code,words", NO_XML, ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_no_xml(vgpucheck, folder, arguments, code, words):
    ran = vgpucheck("xml", *arguments, cwd=folder)
    assert words in ran.stderr
    assert (ran.returncode, ran.stdout) == (code, "")


@pytest.mark.parametrize("arguments,words", [
    (["create"], "--type: name the type of the vGPU"),
    (["create", "--type", "1", "--gpu", "x"], "--gpu: 'x' is no PCI address"),
    (["remove"], "needs UUID|VF"),
    (["remove", "x"], "is neither a UUID nor a PCI address"),
], ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_wrong_changes(vgpucheck, arguments, words):
    ran = vgpucheck(*arguments)
    assert words in ran.stderr
    assert (ran.returncode, ran.stdout) == (2, "")
