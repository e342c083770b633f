# SPDX-License-Identifier: LGPL-2.1-or-later
"""vgpucheck where NVML answers: on a host with a GPU, made of a /sys of its own and the stand-in of
tests/nvml, and with a VM of libvirt's built-in driver."""

import json
import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
GPU, VF, UUID = "0000:01:00.0", "0000:01:00.4", "aaaaaaaa-0000-4000-8000-000000000011"

# The host: an L40S in the vendor's layout, one VF of which is a vGPU.
MAKE = f"""
set -e
mount -t tmpfs none /sys
mount -t tmpfs none /proc/driver
pci=/sys/bus/pci/devices
mkdir -p $pci/{GPU} $pci/{VF}/nvidia /sys/bus/pci/drivers/nvidia /sys/module/nvidia
for function in {GPU} {VF}; do
    echo 0x10de >$pci/$function/vendor
    echo 0x030200 >$pci/$function/class
    ln -s ../../drivers/nvidia $pci/$function/driver
done
ln -s ../{GPU} $pci/{VF}/physfn
ln -s ../{VF} $pci/{GPU}/virtfn0
echo 550.144.02 >/sys/module/nvidia/version
echo 1153 >$pci/{VF}/nvidia/current_vgpu_type
echo frame_rate_limiter=0 >$pci/{VF}/nvidia/vgpu_params
echo 'ID    : vGPU Name' >$pci/{VF}/nvidia/creatable_vgpu_types
exec "$@"
"""

ANSWERS = f"""nvmlSystemGetDriverVersion - 550.144.02
nvmlDeviceGetName {GPU} NVIDIA L40S
nvmlDeviceGetUUID {GPU} GPU-1ab00000-0000-4000-8000-000000000100
nvmlDeviceGetVbiosVersion {GPU} 95.02.66.00.02
nvmlDeviceGetEccMode {GPU} 1 1
nvmlDeviceGetMigMode {GPU} 0 0
nvmlDeviceGetHostVgpuMode {GPU} 1
nvmlDeviceGetPgpuMetadataString {GPU} NVIDIA L40S 26B9 1851
nvmlDeviceGetVgpuMetadata {GPU} 1 0x70001 0xb0001
nvmlDeviceGetActiveVgpus {GPU} 7
nvmlVgpuTypeGetName 1153 NVIDIA L40S-4Q
nvmlVgpuTypeGetFramebufferSize 1153 4294967296
nvmlVgpuInstanceGetType 7 1153
nvmlVgpuInstanceGetVmID 7 {UUID}
nvmlVgpuInstanceGetMetadata 7 2 1 0xb0001 550.144.02 550.144.03 NVIDIA L40S
"""

NODE = f"""<node><domain type='test'><name>vm1</name><uuid>{UUID}</uuid><memory>8192</memory>
<os><type>hvm</type></os><devices><hostdev mode='subsystem' type='pci' managed='no'><source>
<address domain='0x0000' bus='0x01' slot='0x00' function='0x4'/></source></hostdev>
<graphics type='vnc' port='-1' passwd='hunter2'/></devices></domain>
<domain type='test'><name>vm2</name><uuid>bbbbbbbb-0000-4000-8000-000000000022</uuid><memory>8192</memory>
<os><type>hvm</type></os><devices><hostdev mode='subsystem' type='pci' managed='no'><source>
<address domain='0x0000' bus='0x09' slot='0x00' function='0x1'/></source></hostdev></devices></domain></node>"""


@pytest.fixture
def gpu_host(vgpucheck, tmp_path):
    """gpu_host(*arguments, answers=…): vgpucheck on that host."""
    library = pathlib.Path(vgpucheck.path).parent.parent / "tests" / "nvml" / "current"
    if not library.exists():
        pytest.skip("no stand-in of NVML beside the programs")
    apart = ["unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*apart, "mount", "-t", "tmpfs", "none", "/proc/driver"], capture_output=True).returncode:
        pytest.skip("no mount namespace: needs root")
    (tmp_path / "node.xml").write_text(NODE)

    def run(*arguments, answers=ANSWERS):
        (tmp_path / "answers").write_text(answers)
        return subprocess.run(
            [*apart, "bash", "-c", MAKE, "bash", vgpucheck.path, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
            env={**os.environ, "LC_ALL": "C", "NO_COLOR": "1", "LD_LIBRARY_PATH": str(library),
                 "NVML_ANSWERS": str(tmp_path / "answers")},
        )

    run.connect = ["--connect", f"test://{tmp_path}/node.xml"]
    run.folder = tmp_path
    return run


@pytest.fixture
def metadata(gpu_host):
    """The document of vm1, as its own host wrote it."""
    ran = gpu_host("metadata", "vm1", *gpu_host.connect, "-o", "m.json")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    return json.loads((gpu_host.folder / "m.json").read_text())


def finding(ran, rule):
    return next(found for found in json.loads(ran.stdout)["findings"] if found["id"] == rule)


def compare(gpu_host, *arguments, **options):
    return gpu_host("compare", "--json", "--profile", "nvidia", "--metadata", "m.json", *arguments, "local", "local",
                    **options)


def test_status(gpu_host):
    ran = gpu_host("status", "--json")
    host = json.loads(ran.stdout)["hosts"][0]
    gpu = host["gpus"][0]
    assert (ran.returncode, host["verdict"], host["driver_version"], host["nvml"]) == (0, "ready", "550.144.02", True)
    assert (gpu["bdf"], gpu["name"], gpu["vbios"]) == (GPU, "NVIDIA L40S", "95.02.66.00.02")
    assert (gpu["ecc"], gpu["mig"], gpu["host_vgpu_mode"], gpu["framework"]) == ("on", "off", "sriov", "vendor-vfio")
    assert [(vgpu["device"], vgpu["type"], vgpu["type_id"]) for vgpu in gpu["vgpus"]] == [(VF, "NVIDIA L40S-4Q", 1153)]
    assert (gpu["vgpus"][0]["owner"], gpu["vgpus"][0]["guest_driver"]) == (UUID, "550.144.03")


def test_status_without_nvml(gpu_host):
    """What sysfs says stays, and nothing is taken for a value."""
    ran = gpu_host("status", answers="nvmlInit_v2 - !18\n")
    assert ran.returncode == 0
    assert "library and loaded driver are of different versions" in ran.stdout
    assert "ECC not known" in ran.stdout
    assert f"vGPU {VF}" in ran.stdout


def test_metadata(metadata):
    (vgpu,) = metadata["vgpus"]
    assert (metadata["kind"], metadata["vm"], metadata["uuid"]) == ("vgpu-metadata", "vm1", UUID)
    assert (vgpu["device"], vgpu["gpu"], vgpu["type_id"], vgpu["type"]) == (VF, GPU, 1153, "NVIDIA L40S-4Q")
    assert (vgpu["host_driver"], vgpu["guest_driver"], vgpu["guest_version"]) == ("550.144.02", "550.144.03", 0xB0001)
    assert "hunter2" not in json.dumps(metadata)


def test_metadata_schema(metadata):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((HERE.parent.parent / "data/schema/vgpu-metadata.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    check.validate(metadata)
    assert not check.is_valid({**metadata, "vgpus": [{**metadata["vgpus"][0], "metadata": 7}]})


def test_metadata_on_stdout(gpu_host, metadata):
    ran = gpu_host("metadata", UUID, *gpu_host.connect)
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["vgpus"] == metadata["vgpus"]


def test_guest_driver_not_begun(gpu_host):
    """Unknown, and no failure: the metadata are whole."""
    answers = "nvmlVgpuInstanceGetMetadata 7 0 1 0 550.144.02 - NVIDIA L40S\n" + ANSWERS
    ran = gpu_host("metadata", "vm1", *gpu_host.connect, "-o", "m.json", answers=answers)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "the guest's driver is not initialized" in ran.stderr
    (vgpu,) = json.loads((gpu_host.folder / "m.json").read_text())["vgpus"]
    assert vgpu["guest_driver"] == vgpu["guest_version"] == {"unknown": "the guest's driver is not initialized"}
    assert isinstance(vgpu["metadata"], str)


# the first line of the answers, words of the refusal
REFUSED = [
    ("nvmlVgpuInstanceGetMetadata 7 !4", "needs root"),
    (f"nvmlDeviceGetActiveVgpus {GPU} ", "it is not in use"),
    ("nvmlInit_v2 - !9", "the driver is not loaded"),
]


@pytest.mark.parametrize("line,words", REFUSED, ids=[row[1] for row in REFUSED])
def test_metadata_not_to_be_had(gpu_host, line, words):
    ran = gpu_host("metadata", "vm1", *gpu_host.connect, "-o", "m.json", answers=f"{line}\n{ANSWERS}")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert VF in ran.stderr and words in ran.stderr
    assert not (gpu_host.folder / "m.json").exists()


def test_vm_without_vgpu(gpu_host):
    ran = gpu_host("metadata", "vm2", *gpu_host.connect)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "none of its devices is a vGPU of this host" in ran.stderr


def test_compare_live(gpu_host, metadata):
    found = finding(compare(gpu_host), "vgpu-nvml-compatibility")
    assert (found["status"], found["message"]) == ("pass", "NVML of local takes the vGPU live")


# what NVML of the destination says first, what limits it
LIMITS = [
    ("nvmlSystemGetDriverVersion - 550.127.06", "the host driver limits it"),
    (f"nvmlDeviceGetVgpuMetadata {GPU} 1 1 2", "the guest's driver limits it"),
    (f"nvmlDeviceGetName {GPU} NVIDIA A16", "the GPU limits it"),
    ("nvmlGetVgpuCompatibility - 1 0x80000000", "a limit it does not name"),
]


@pytest.mark.parametrize("line,words", LIMITS, ids=[row[1] for row in LIMITS])
def test_compare_limited(gpu_host, metadata, line, words):
    ran = compare(gpu_host, answers=f"{line}\n{ANSWERS}")
    found = finding(ran, "vgpu-nvml-compatibility")
    assert ran.returncode == 3
    assert (found["status"], found["severity"]) == ("fail", "refuse")
    assert found["message"] == f"NVML of local does not take the vGPU {VF} live: {words}"


@pytest.mark.parametrize("code,words", [(4, "needs root"), (999, "an error it does not name")])
def test_compare_not_told(gpu_host, metadata, code, words):
    found = finding(compare(gpu_host, answers=f"nvmlGetVgpuCompatibility - !{code}\n{ANSWERS}"),
                    "vgpu-nvml-compatibility")
    assert (found["status"], found["severity"]) == ("unknown", "warn")
    assert words in found["message"]


@pytest.mark.parametrize("change,words", [
    ({"arch": "sparc64"}, "the metadata are of sparc64"),
    ({"vgpus": {"host_driver": "535.129.03"}}, "the metadata are of the host driver 535.129.03"),
], ids=["arch", "driver"])
def test_compare_stale(gpu_host, metadata, change, words):
    """Metadata that say nothing about this move are not asked about."""
    if "vgpus" in change:
        change = {"vgpus": [{**metadata["vgpus"][0], **change["vgpus"]}]}
    (gpu_host.folder / "m.json").write_text(json.dumps({**metadata, **change}))
    found = finding(compare(gpu_host), "vgpu-nvml-compatibility")
    assert found["status"] == "unknown"
    assert words in found["message"]


def test_compare_of_the_vm(gpu_host, metadata):
    assert finding(compare(gpu_host, "--vm", "vm1", *gpu_host.connect), "vgpu-nvml-compatibility")["status"] == "pass"
    ran = compare(gpu_host, "--vm", "vm2", *gpu_host.connect)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "is of the VM vm1" in ran.stderr
