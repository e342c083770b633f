# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs command lines on a made host, within a mount namespace of its own (unshare -m):

vgpu_host.py PROGRAM JSON   JSON: a list of command lines; prints one object a line: code, stdout, stderr, types

The host has a GPU with two VFs in the vendor's layout and one with mediated devices, and a thread does
what the host driver does with what is written. A command "open N" has /dev/vfio/N open from there on.
"""

import json
import os
import pathlib
import subprocess
import sys
import threading
import time

PCI = pathlib.Path("/sys/bus/pci/devices")
L40S, T4 = "0000:41:00.0", "0000:42:00.0"
VFS = ["0000:41:00.4", "0000:41:00.5"]
OFFER = "ID    : vGPU Name\n1153  : NVIDIA L40S-4Q\n"
MDEV_TYPE = PCI / T4 / "mdev_supported_types/nvidia-232"


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def mount(where):
    where = pathlib.Path(where)
    if where.is_dir():
        subprocess.run(["mount", "-t", "tmpfs", "none", where], check=True)


def build():
    for where in ("/sys", "/run", "/var/lib", "/proc/driver"):
        mount(where)
    put(pathlib.Path("/sys/module/nvidia/version"), "550.144.02\n")
    put(pathlib.Path("/sys/bus/pci/drivers/nvidia/bind"), "")
    for gpu in (L40S, T4):
        put(PCI / gpu / "vendor", "0x10de\n")
        put(PCI / gpu / "class", "0x030200\n")
        link(PCI / gpu / "driver", "../../drivers/nvidia")
    for number, vf in enumerate(VFS):
        put(PCI / vf / "vendor", "0x10de\n")
        put(PCI / vf / "class", "0x030200\n")
        link(PCI / vf / "physfn", f"../{L40S}")
        link(PCI / L40S / f"virtfn{number}", f"../{vf}")
        put(PCI / vf / "nvidia/current_vgpu_type", "0\n")
        put(PCI / vf / "nvidia/creatable_vgpu_types", OFFER)
        put(PCI / vf / "nvidia/vgpu_params", "\n")
        put(pathlib.Path(f"/sys/kernel/iommu_groups/{number + 7}/type"), "DMA\n")
        link(PCI / vf / "iommu_group", f"/sys/kernel/iommu_groups/{number + 7}")
    put(MDEV_TYPE / "create", "")
    put(MDEV_TYPE / "name", "GRID T4-4Q\n")
    put(MDEV_TYPE / "available_instances", "1\n")
    put(MDEV_TYPE / "description", "framebuffer=4096M, max_instance=1\n")
    (MDEV_TYPE / "devices").mkdir()
    pathlib.Path("/sys/bus/mdev/devices").mkdir(parents=True)


def serve_vf(vf):
    current, offer = PCI / vf / "nvidia/current_vgpu_type", PCI / vf / "nvidia/creatable_vgpu_types"
    text = current.read_text()
    if text == "1153":
        offer.write_text("ID    : vGPU Name\n")
        current.write_text("1153\n")
    elif text == "0153\n":
        current.write_text("0\n")
        offer.write_text(OFFER)


def serve_mdev():
    uuid = (MDEV_TYPE / "create").read_text()
    if len(uuid) == 36:
        (MDEV_TYPE / "create").write_text("")
        put(PCI / T4 / uuid / "remove", "")
        link(PCI / T4 / uuid / "mdev_type", "../mdev_supported_types/nvidia-232")
        put(PCI / T4 / uuid / "nvidia/vgpu_params", "\n")
        link(MDEV_TYPE / f"devices/{uuid}", f"../../../{uuid}")
        link(pathlib.Path(f"/sys/bus/mdev/devices/{uuid}"), f"../../pci/devices/{T4}/{uuid}")
        (MDEV_TYPE / "available_instances").write_text("0\n")
    for remove in (PCI / T4).glob("*/remove"):
        if remove.read_text() == "1":
            uuid = remove.parent.name
            for path in (MDEV_TYPE / f"devices/{uuid}", pathlib.Path(f"/sys/bus/mdev/devices/{uuid}"),
                         remove.parent / "mdev_type", remove.parent / "nvidia/vgpu_params", remove):
                path.unlink()
            (remove.parent / "nvidia").rmdir()
            remove.parent.rmdir()
            (MDEV_TYPE / "available_instances").write_text("1\n")


def serve():
    while True:
        for vf in VFS:
            serve_vf(vf)
        serve_mdev()
        time.sleep(0.005)


def types():
    """What there is now: by VF and UUID."""
    seen = {vf: (PCI / vf / "nvidia/current_vgpu_type").read_text().strip() for vf in VFS}
    seen.update({path.parent.name: "232" for path in (PCI / T4).glob("*/remove")})
    return seen


def open_node(node):
    """A /dev of our own, with what programs need of the other."""
    kept = pathlib.Path("/run/dev")
    kept.mkdir()
    subprocess.run(["mount", "--bind", "/dev", kept], check=True)
    mount("/dev")
    for name in ("null", "urandom"):
        put(pathlib.Path("/dev") / name, "")
        subprocess.run(["mount", "--bind", kept / name, pathlib.Path("/dev") / name], check=True)
    put(node, "")
    os.open(node, os.O_RDWR)


def main():
    program, lines = sys.argv[1], json.loads(sys.argv[2])
    build()
    threading.Thread(target=serve, daemon=True).start()
    for line in lines:
        if line[0] == "open":
            open_node(pathlib.Path(f"/dev/vfio/{line[1]}"))
            continue
        ran = subprocess.run([program, *line], capture_output=True, text=True, timeout=120, check=False)
        print(json.dumps({"code": ran.returncode, "stdout": ran.stdout, "stderr": ran.stderr, "types": types()}))


main()
