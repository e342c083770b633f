# SPDX-License-Identifier: LGPL-2.1-or-later
"""status and compare over facts documents: verdicts, exit codes, and both printed forms."""

import copy
import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import termios

import pytest

READY = json.loads((pathlib.Path(__file__).parent / "facts" / "ready.json").read_text())


def changed(**changes):
    """The ready host with values at dotted paths replaced; [n] indexes lists ("pfs[0].psid")."""
    facts = copy.deepcopy(READY)
    for path, value in changes.items():
        steps = path.replace("[", ".[").split(".")
        at = facts
        for step in steps[:-1]:
            at = at[int(step[1:-1])] if step.startswith("[") else at[step]
        last = steps[-1]
        at[int(last[1:-1]) if last.startswith("[") else last] = value
    return facts


OTHER_HOST = {
    "host.uuid": "99999999-1111-4222-8333-000000000002",
    "host.smbios_uuid": "99999999-1111-4222-8333-000000000002",
    "host.boot_id": "88888888-1111-4222-8333-000000000002",
    "host.hostname": "b",
}

# facts documents by file name
DOCUMENTS = {
    "a.json": changed(),
    "b.json": changed(**OTHER_HOST),
    "psid.json": changed(**OTHER_HOST, **{"pfs[0].psid": "MT_0000000894"}),
    "firmware.json": changed(**OTHER_HOST, **{"pfs[0].firmware_running": "28.41.1000"}),
    "bare.json": changed(
        **{
            "pfs[0].eswitch_mode": "legacy",
            "pfs[0].num_vfs": 0,
            "pfs[0].vfs": [],
            "ovs.hw_offload": False,
            "ovs.max_idle_ms": None,
            "ovs.bridges": [],
            "pfs[0].uplink.master": None,
        }
    ),
    "pending.json": changed(
        **{
            "pfs[0].firmware.vf_migration_mode.current": "DEVICE_DEFAULT(0)",
            "pfs[0].vfs": [
                {**vf, "migratable": "not-offered"} for vf in READY["pfs"][0]["vfs"]
            ],
        }
    ),
    "lockdown.json": changed(
        **{
            "host.lockdown": "integrity",
            "pfs[0].firmware.vf_migration_mode.current": {"unknown": "kernel lockdown"},
            "pfs[0].vfs": [
                {**vf, "migratable": {"unknown": "not visible in legacy mode"}}
                for vf in READY["pfs"][0]["vfs"]
            ],
        }
    ),
    "none.json": changed(pfs=[]),
}

# golden's name, arguments, exit code
RUNS = [
    ("status-ready", ["status", "a.json"], 0),
    ("status-bare", ["status", "bare.json"], 3),
    ("status-pending", ["status", "pending.json"], 3),
    ("status-lockdown", ["status", "lockdown.json"], 3),
    ("status-none", ["status", "none.json"], 3),
    ("status-nvidia", ["status", "--profile", "nvidia", "firmware.json"], None),
    ("status-no-such-pf", ["status", "--pf", "0000:77:00.0", "a.json"], 3),
    ("compare-match", ["compare", "a.json", "b.json"], 0),
    ("compare-same-host", ["compare", "a.json", "a.json"], 3),
    ("compare-psid", ["compare", "a.json", "psid.json"], 3),
    ("compare-firmware", ["compare", "a.json", "firmware.json"], 3),
    ("rules", ["rules"], 0),
]


@pytest.fixture
def folder(tmp_path):
    for name, facts in DOCUMENTS.items():
        (tmp_path / name).write_text(json.dumps(facts))
    return tmp_path


@pytest.mark.parametrize("name,arguments,code", RUNS, ids=[run[0] for run in RUNS])
def test_both_forms(vfprep, golden, folder, name, arguments, code):
    text = vfprep(*arguments, cwd=folder)
    document = vfprep(arguments[0], "--json", *arguments[1:], cwd=folder)
    assert (text.stderr, document.stderr) == ("", "")
    assert text.returncode == document.returncode
    if code is not None:
        assert text.returncode == code
    assert json.loads(document.stdout)["kind"] == arguments[0]
    golden(name + ".txt", text.stdout)
    golden(name + ".json", document.stdout)


def test_stdin_stands_for_a_document(vfprep, folder):
    ran = vfprep("status", "-", stdin=json.dumps(READY))
    assert ran.returncode == 0
    twice = vfprep("compare", "-", "-", stdin="")
    assert twice.returncode == 2


def test_accepted_rule_is_recorded(vfprep, folder):
    """ovs-hw-offload may be set aside, and the result says so."""
    facts = changed(**{"ovs.max_idle_ms": 500})
    (folder / "idle.json").write_text(json.dumps(facts))
    plain = json.loads(vfprep("status", "--json", "idle.json", cwd=folder).stdout)
    accepted = json.loads(
        vfprep("status", "--json", "--accept", "ovs-max-idle", "idle.json", cwd=folder).stdout
    )

    def finding(document):
        host = document["hosts"][0]
        rows = host["findings"] + [row for pf in host["pfs"] for row in pf["findings"]]
        return next(row for row in rows if row["id"] == "ovs-max-idle")

    assert finding(plain)["status"] == "fail"
    assert not finding(plain)["accepted"]
    assert finding(accepted)["accepted"]


def test_accept_what_is_never_waivable_is_usage(vfprep, folder):
    ran = vfprep("compare", "--accept", "psid-match", "a.json", "psid.json", cwd=folder)
    assert ran.returncode == 2
    assert "psid-match" in ran.stderr


def test_no_colour_without_terminal(vfprep, folder):
    ran = vfprep("status", "bare.json", cwd=folder, env={"NO_COLOR": ""})
    assert "\x1b" not in ran.stdout


def on_terminal(vfprep, columns, folder, *arguments):
    """What a terminal of that width is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen([vfprep.path, *arguments], stdout=theirs, cwd=folder, env=environment):
        os.close(theirs)
        text = b""
        try:
            while chunk := os.read(ours, 4096):
                text += chunk
        except OSError:  # the end of what a terminal has
            pass
    os.close(ours)
    return text.decode().replace("\r\n", "\n")


def widest(text):
    """Of lines that are wrapped: those of a fix are left as they are, to be copied."""
    return max(len(line) for line in text.splitlines() if not line.startswith(" " * 10 + "#"))


@pytest.mark.parametrize("columns,limit", [(80, 80), (100, 100), (300, 120), (20, 60)])
def test_fits_the_terminal(vfprep, folder, columns, limit):
    text = on_terminal(vfprep, columns, folder, "status", "lockdown.json")
    assert "lockdown.json: not ready" in text
    assert limit - 20 < widest(text) <= limit


def test_long_host_names(vfprep, folder):
    """They leave the messages their place."""
    a, b = (f"hypervisor-{x}-rack-17.production.region-2.example.com.json" for x in "ab")
    (folder / a).write_text((folder / "a.json").read_text())
    (folder / b).write_text(json.dumps(changed(**OTHER_HOST, **{"libvirt.version": "9.10.0", "ovs.running": False})))
    for arguments in (["status", b], ["compare", a, b]):
        text = vfprep(*arguments, cwd=folder).stdout
        assert widest(text) <= 100
        assert re.search(r"^  refuse  (ovs-running|libvirt-version) +[Ol]", text, re.M)
