# SPDX-License-Identifier: LGPL-2.1-or-later
"""vgpucheck create and remove on a made host of both layouts (vgpu_host.py); that needs root."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

HOST = pathlib.Path(__file__).parent / "vgpu_host.py"
VF, OTHER = "0000:41:00.4", "0000:41:00.5"
UUID = "5f0e6c1a-0000-4000-8000-000000000001"


@pytest.fixture
def on_host(vgpucheck):
    if os.geteuid() != 0:
        pytest.skip("no mount namespace without root")

    def run(*lines):
        ran = subprocess.run(["unshare", "-m", sys.executable, "-B", HOST, vgpucheck.path, json.dumps(lines)],
                             capture_output=True, text=True, timeout=300, check=False)
        assert ran.returncode == 0, ran.stderr
        return [json.loads(line) for line in ran.stdout.splitlines()]

    return run


def test_vf(on_host):
    made, again, full, gone, missing = on_host(
        ["create", "--type", "L40S-4Q", "--json"],
        ["create", "--type", "1153", "--vf", VF],
        ["create", "--type", "1153", "--vf", OTHER],
        ["remove", VF],
        ["remove", VF],
    )
    document = json.loads(made["stdout"])
    assert (made["code"], document["device"], document["there"]) == (0, VF, True), made
    assert "managed=\"no\"" in document["xml"]
    assert made["types"][VF] == "1153"
    assert again["code"] == 3 and "is a vGPU of the type" in again["stderr"]
    assert full["code"] == 0 and full["types"][OTHER] == "1153"
    assert gone["code"] == 0 and gone["types"] == {VF: "0", OTHER: "1153"}, gone
    assert missing["code"] == 3 and "is no vGPU of this host" in missing["stderr"]


def test_mdev(on_host):
    made, taken, full, gone = on_host(
        ["create", "--type", "GRID T4-4Q", "--uuid", UUID.upper()],
        ["create", "--type", "232", "--uuid", UUID],
        ["create", "--type", "232"],
        ["remove", UUID, "--json"],
    )
    assert made["code"] == 0 and made["types"][UUID] == "232", made
    assert made["stdout"] == f"{UUID}: made, a vGPU of the type GRID T4-4Q (232) on 0000:42:00.0\n"
    assert (taken["code"], full["code"]) == (3, 3) and "has no room" in full["stderr"]
    document = json.loads(gone["stdout"])
    assert (gone["code"], document["there"], document["xml"]) == (0, False, None)
    assert UUID not in gone["types"]


def test_in_use(on_host):
    """Nothing is written to one that a process has open."""
    made, refused = on_host(["create", "--type", "1153"], ["open", "7"], ["remove", VF])
    assert made["code"] == 0
    assert refused["code"] == 3 and "open by pid" in refused["stderr"], refused
    assert refused["types"][VF] == "1153"


def test_unknown_type(on_host):
    [refused] = on_host(["create", "--type", "L40S-48Q"])
    assert refused["code"] == 3 and "no GPU of this host takes the type L40S-48Q" in refused["stderr"]
    assert set(refused["types"].values()) == {"0"}
