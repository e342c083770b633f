# SPDX-License-Identifier: LGPL-2.1-or-later
"""The units of vfprep beside those of Open vSwitch, libvirt, udev and systemd: systemd itself says
whether there is a cycle, and in which order they come.
"""

import os
import pathlib
import re
import subprocess

import pytest

from lab import TOP
from preparing import PROGRAMS

UNITS = ("vfprep-device.service", "vfprep-ovs.service")
# what they stand beside: units of the lab's distribution
OTHERS = (
    "ovsdb-server.service", "ovs-vswitchd.service", "openvswitch-switch.service",
    "libvirtd.service", "libvirtd.socket", "libvirtd-ro.socket", "libvirt-guests.service",
    "systemd-networkd.service",
    "systemd-udevd.service", "network-pre.target", "network.target",
)


@pytest.fixture(scope="module")
def unit_path(tmp_path_factory):
    """Ours with programs that exist, the lab's root, this machine's systemd, in this order."""
    ours = tmp_path_factory.mktemp("units")
    for unit in UNITS:
        text = (PROGRAMS.parent / "data" / unit).read_text()
        program = PROGRAMS / "vfprep"
        (ours / unit).write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={program}", text, flags=re.M))
    root = subprocess.run(
        [TOP / "scripts" / "setup.d" / "lab"], capture_output=True, text=True, check=True
    ).stdout
    lab_root = re.search(r"^ROOT=(\S+)", root, re.M).group(1)
    wanted = ours / "multi-user.target.wants"
    wanted.mkdir()
    theirs = pathlib.Path(lab_root, "usr/lib/systemd/system")
    for unit in (*UNITS, *(u for u in OTHERS if (theirs / u).exists())):
        (wanted / unit).symlink_to(ours / unit if unit in UNITS else theirs / unit)
    return f"{ours}:{theirs}:/usr/lib/systemd/system:/lib/systemd/system"


def analyze(unit_path, *words):
    return subprocess.run(
        ["systemd-analyze", *words],
        env={**os.environ, "SYSTEMD_UNIT_PATH": unit_path, "SYSTEMD_LOG_LEVEL": "info"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_our_units_are_sound(unit_path):
    ran = analyze(unit_path, "verify", "--recursive-errors=no", "--man=no", *UNITS)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""


def test_no_cycle_with_theirs(unit_path):
    ran = analyze(unit_path, "verify", "--man=no", "multi-user.target", *UNITS, *OTHERS)
    assert "cycle" not in ran.stderr, ran.stderr
    # the same look finds a cycle where there is one
    folder = pathlib.Path(unit_path.split(":", maxsplit=1)[0])
    text = (folder / UNITS[1]).read_text()
    try:
        (folder / UNITS[1]).write_text(text.replace("Before=ovs", "After=network.target\nBefore=ovs"))
        ran = analyze(unit_path, "verify", "--man=no", "multi-user.target", *UNITS, *OTHERS)
        assert "cycle" in ran.stderr
    finally:
        (folder / UNITS[1]).write_text(text)


def directives(unit_path, unit, key):
    for folder in unit_path.split(":"):
        path = pathlib.Path(folder, unit)
        if path.exists():
            lines = re.findall(rf"^{key}=(.*)$", path.read_text(), re.M)
            return {word for line in lines for word in line.split()}
    return set()


ORDER = [
    ("vfprep-device.service", "network-pre.target"),
    ("vfprep-device.service", "vfprep-ovs.service"),
    ("ovsdb-server.service", "vfprep-ovs.service"),
    ("vfprep-ovs.service", "ovs-vswitchd.service"),
    ("vfprep-device.service", "libvirtd.service"),
    ("vfprep-device.service", "libvirtd-ro.socket"),
    ("vfprep-device.service", "virtqemud-ro.socket"),
    ("vfprep-ovs.service", "libvirtd.service"),
    ("vfprep-ovs.service", "virtqemud.service"),
    ("vfprep-ovs.service", "libvirt-guests.service"),
]


@pytest.mark.parametrize("first,then", ORDER, ids=["<".join(row) for row in ORDER])
def test_order(unit_path, first, then):
    assert then in directives(unit_path, first, "Before") or first in directives(
        unit_path, then, "After"
    )


def test_device_phase_needs_no_daemon(unit_path):
    """Neither libvirt nor Open vSwitch is waited for, or pulled in, by the card's unit."""
    for key in ("After", "Requires", "Wants", "BindsTo"):
        for word in directives(unit_path, UNITS[0], key):
            assert not re.search("ovs|openvswitch|virt", word), (key, word)
