# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfmigrate explain: error texts as files and on stdin, in text and as documents."""

import json
import subprocess

import pytest

VIRSH = """\
error: Requested operation is not valid: cannot migrate domain: 0000:e1:00.1: VFIO migration is \
not supported in kernel; 0000:e1:00.1: Migration is currently not supported with vIOMMU enabled
"""

DEVLINK = """\
# devlink port function set pci/0000:e1:00.0/2 migratable enable
Error: mlx5_core: Device doesn't support migration.
kernel answers: Operation not supported
"""

DMESG = """\
[  511.203344] mlx5_core 0000:e1:00.0: E-Switch: Disable: mode(LEGACY), nvfs(4), necvfs(0)
[  511.417701] mlx5_core 0000:e1:00.0: mlx5_cmd_out_err:808:(pid 9120): MODIFY_ESW(0x1) op_mod(0x0) \
failed, status bad resource state(0x9), syndrome (0x98afbb), err(-22)
[  511.417733] mlx5_core 0000:e1:00.0: Failed setting eswitch to offloads
"""

# name, text, ids in their order
TEXTS = [
    ("virsh", VIRSH, ["vfio-no-kernel-support", "vfio-viommu"]),
    ("devlink", DEVLINK, ["mlx5-no-migration"]),
    ("dmesg", DMESG, ["mlx5-vfs-before-switchdev", "mlx5-mode-offloads-failed"]),
    ("many", VIRSH + DEVLINK + "noise\n" + VIRSH, ["vfio-no-kernel-support", "vfio-viommu", "mlx5-no-migration"]),
    ("nothing", "error: Disk is on fire\n", []),
]


@pytest.mark.parametrize("name,text,ids", TEXTS, ids=[row[0] for row in TEXTS])
def test_both_forms(vfmigrate, golden, tmp_path, name, text, ids):
    (tmp_path / "error.txt").write_text(text)
    shown = vfmigrate("explain", "error.txt", cwd=tmp_path)
    document = vfmigrate("explain", "--json", "-", stdin=text)
    assert (shown.stderr, document.stderr) == ("", "")
    assert shown.returncode == document.returncode == (0 if ids else 3)
    assert [row["id"] for row in json.loads(document.stdout)["messages"]] == ids
    golden(f"explain-{name}.txt", shown.stdout)
    golden(f"explain-{name}.json", document.stdout)


def test_stdin_is_the_default(vfmigrate):
    assert vfmigrate("explain", stdin=VIRSH).stdout == vfmigrate("explain", "-", stdin=VIRSH).stdout != ""


def test_bytes_of_any_kind(vfmigrate):
    """Junk before and behind, in the middle a message."""
    junk = bytes(range(256)) * 64
    ran = subprocess.run(
        [vfmigrate.path, "explain"], input=junk + b"\n" + VIRSH.encode() + junk,
        capture_output=True, check=False, timeout=60,
    )
    assert ran.returncode == 0
    assert b"vIOMMU" in ran.stdout
    assert all(byte >= 0x20 or byte == 0x0A for byte in ran.stdout)


def test_too_long(vfmigrate, tmp_path):
    (tmp_path / "long").write_bytes(b"x" * (1 << 20) + b"x")
    ran = vfmigrate("explain", "long", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "long" in ran.stderr


def test_no_such_file(vfmigrate):
    ran = vfmigrate("explain", "no-such-file")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "no-such-file" in ran.stderr


def test_rules_are_those_of_vfprep(vfmigrate, vfprep):
    assert vfmigrate("rules", "--json").stdout == vfprep("rules", "--json").stdout
