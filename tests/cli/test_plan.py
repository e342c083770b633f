# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfprep plan over facts documents, and the options that say what is asked: each value that is
wrong, each that is missing, and what a configuration and an option both say."""

import json

import pytest

from test_judging import READY, changed

PF = "0000:01:00.0"
ASKED = ["--pf", PF, "--vfs", "2", "--bridge", "br0"]

BARE = {
    "pfs[0].eswitch_mode": "legacy",
    "pfs[0].num_vfs": 0,
    "pfs[0].vf_autoprobe": True,
    "pfs[0].vfs": [],
    "pfs[0].uplink.master": None,
    "pfs[0].uplink.hw_tc_offload": False,
    "ovs.hw_offload": False,
    "ovs.offloaded_flow_seen": False,
    "ovs.max_idle_ms": None,
    "ovs.bridges": [],
}


def ports_left_out(*names):
    """The one bridge without these ports."""
    bridge = READY["ovs"]["bridges"][0]
    return [{**bridge, "ports": [port for port in bridge["ports"] if port["name"] not in names]}]


# facts documents by file name
DOCUMENTS = {
    "ready.json": changed(),
    "bare.json": changed(**BARE),
    # VFs made by hand and bound to their driver, the bridge without one of its ports
    "half.json": changed(
        **{
            "pfs[0].vfs[1].driver": "mlx5_core",
            "pfs[0].vfs[1].migratable": "disabled",
            "ovs.max_idle_ms": None,
            "ovs.bridges": ports_left_out("enp1s0npf0vf1"),
        }
    ),
    "used.json": changed(
        **BARE,
        **{
            "pfs[0].uplink.addresses": ["192.0.2.1/24"],
            "pfs[0].uplink.routes": ["default via 192.0.2.254"],
            "pfs[0].uplink.sessions": ["ssh: 192.0.2.1:22 from 192.0.2.9:51234"],
        },
    ),
    "firmware.json": changed(
        **BARE,
        **{
            "pfs[0].firmware.vf_migration_mode.current": "MIGRATION_DISABLED(1)",
            "pfs[0].firmware.vf_migration_mode.next": "MIGRATION_DISABLED(1)",
            "pfs[0].firmware.num_of_vfs.current": "1",
            "pfs[0].firmware.num_of_vfs.next": "1",
        },
    ),
    "unknown.json": changed(
        **{
            "pfs[0].eswitch_mode": {"unknown": "needs root"},
            "pfs[0].vfs": {"unknown": "needs root"},
            "pfs[0].uplink.addresses": {"unknown": "needs root"},
            "pfs[0].uplink.hw_tc_offload": {"unknown": "needs root"},
            "ovs.bridges": {"unknown": "needs root"},
        }
    ),
}

CONFIGURATION = f"""
max-idle = 400000

[{PF}]
vfs = 2
bridge = br7
vlan = 0=12 1=13
mac = 0=52:54:00:aa:00:00
mtu = 9000
"""

# golden's name, arguments, exit code
RUNS = [
    ("plan-bare", [*ASKED, "--vlan", "1=12", "--mac", "0=52:54:00:aa:00:00", "bare.json"], 0),
    ("plan-bare-more", [*ASKED, "--mtu", "9000", "--max-idle", "400000", "--bind", "pci-stub",
                        "--restart-ovs", "bare.json"], 0),
    ("plan-bare-device", [*ASKED, "--phase", "device", "bare.json"], 0),
    ("plan-bare-ovs", [*ASKED, "--phase", "ovs", "bare.json"], None),
    ("plan-no-uplink", [*ASKED, "--uplink", "none", "bare.json"], 0),
    ("plan-config", ["--config", "vfprep.conf", "bare.json"], 0),
    ("plan-half", [*ASKED, "half.json"], 0),
    ("plan-ready", [*ASKED, "ready.json"], 0),
    ("plan-tagged", [*ASKED, "--vlan", "0=5", "ready.json"], 0),
    ("plan-used", [*ASKED, "used.json"], 3),
    ("plan-taken", [*ASKED, "--take-uplink", "--confirm-within", "60", "used.json"], None),
    ("plan-other-count", ["--pf", PF, "--vfs", "4", "--bridge", "br0", "ready.json"], 3),
    ("plan-replaced", ["--pf", PF, "--vfs", "4", "--bridge", "br0", "--replace-vfs", "ready.json"], 0),
    ("plan-firmware-wrong", [*ASKED, "firmware.json"], 3),
    ("plan-firmware-set", [*ASKED, "--set-firmware", "firmware.json"], 0),
    ("plan-no-such-pf", ["--pf", "0000:77:00.0", "--vfs", "2", "--bridge", "br0", "ready.json"], 3),
    ("plan-unknown", [*ASKED, "unknown.json"], None),
]


@pytest.fixture
def folder(tmp_path):
    for name, facts in DOCUMENTS.items():
        (tmp_path / name).write_text(json.dumps(facts))
    (tmp_path / "vfprep.conf").write_text(CONFIGURATION)
    return tmp_path


@pytest.mark.parametrize("name,arguments,code", RUNS, ids=[run[0] for run in RUNS])
def test_both_forms(vfprep, golden, folder, name, arguments, code):
    text = vfprep("plan", *arguments, cwd=folder)
    ran = vfprep("plan", "--json", *arguments, cwd=folder)
    assert (text.stderr, ran.stderr) == ("", "")
    assert text.returncode == ran.returncode
    if code is not None:
        assert text.returncode == code
    document = json.loads(ran.stdout)
    assert (document["kind"], document["command"]) == ("prep", "plan")
    refused = any(row["severity"] == "refuse" and not row["accepted"] for row in document["findings"])
    assert document["verdict"] == (
        "refused" if refused else "planned" if document["steps"] else "nothing-to-do"
    )
    assert text.returncode == (3 if refused else 0)
    golden(name + ".txt", text.stdout)
    golden(name + ".json", ran.stdout)


def test_refusals_stand_first(vfprep, folder):
    rank = ["refuse", "warn", "info", None]
    for name in DOCUMENTS:
        document = json.loads(vfprep("plan", "--json", *ASKED, name, cwd=folder).stdout)
        order = [rank.index(row["severity"]) for row in document["findings"]]
        assert order == sorted(order)


def test_firmware_is_the_whole_plan(vfprep, folder):
    ran = vfprep("plan", "--json", *ASKED, "--set-firmware", "firmware.json", cwd=folder)
    assert {row["step"] for row in json.loads(ran.stdout)["steps"]} == {"firmware"}


# ---- what is asked ----------------------------------------------------------

# arguments, words on stderr; none of these gets as far as a host
WRONG = [
    ([], "needs --pf BDF, or --config FILE"),
    (["--pf", "e1:00", "--vfs", "2", "--bridge", "br0"], "'e1:00' is no PCI address"),
    (["--pf", PF, "--pf", "0000:02:00.0", "--vfs", "2", "--bridge", "br0"], "--pf: one at a time"),
    (["--pf", PF, "--bridge", "br0"], "vfs"),
    (["--pf", PF, "--vfs", "2"], "bridge"),
    (["--pf", PF, "--vfs", "0", "--bridge", "br0"], "vfs"),
    (["--pf", PF, "--vfs", "two", "--bridge", "br0"], "vfs"),
    (["--pf", PF, "--vfs", "99999", "--bridge", "br0"], "vfs"),
    (["--pf", PF, "--vfs", "2", "--bridge", "b" * 16], "bridge"),
    (["--pf", PF, "--vfs", "2", "--bridge", "a/b"], "bridge"),
    ([*ASKED, "--uplink", ""], "--uplink: empty value"),
    ([*ASKED, "--uplink", "u" * 16], "uplink"),
    ([*ASKED, "--vlan", "12"], "vlan"),
    ([*ASKED, "--vlan", "2=12"], "a VLAN is given for VF 2 of 2"),
    ([*ASKED, "--vlan", "0=4095"], "vlan"),
    ([*ASKED, "--vlan", "0=1", "--vlan", "0=2"], "vlan"),
    ([*ASKED, "--mac", "0=nonsense"], "mac"),
    ([*ASKED, "--mac", "0=01:00:5e:00:00:01"], "mac"),
    ([*ASKED, "--mac", "0=52:54:00:00:00:01", "--mac", "1=52:54:00:00:00:01"], "52:54:00:00:00:01"),
    ([*ASKED, "--mtu", "67"], "mtu"),
    ([*ASKED, "--mtu", "65536"], "mtu"),
    ([*ASKED, "--max-idle", "499"], "max-idle"),
    ([*ASKED, "--max-idle", "-1"], "max-idle"),
    ([*ASKED, "--bind", "vfio-pci"], "--bind: 'vfio-pci' is none of: none, pci-stub"),
    ([*ASKED, "--phase", "first"], "--phase: 'first' is none of: device, ovs, all"),
    ([*ASKED, "--take-uplink"], "confirm-within"),
    ([*ASKED, "--confirm-within", "60"], "take-uplink"),
    ([*ASKED, "--take-uplink", "--confirm-within", "86401"], "confirm-within"),
    ([*ASKED, "--accept", "no-such-rule"], "no-such-rule"),
    ([*ASKED, "--profile", "rhel3"], "'rhel3' is none of: rhel10, nvidia"),
    (["--config", "no-such.conf"], "no-such.conf"),
    (["--config", "vfprep.conf", "--accept", "no-such-rule"], "no-such-rule"),
]
# what a configuration says, it says alone
BESIDE = [
    ["--pf", PF], ["--vfs", "2"], ["--bridge", "br0"], ["--uplink", "none"], ["--vlan", "0=1"],
    ["--mac", "0=52:54:00:00:00:01"], ["--mtu", "1500"], ["--max-idle", "500"], ["--bind", "none"],
]


@pytest.mark.parametrize("command", ["plan", "apply"])
@pytest.mark.parametrize("arguments,words", WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_wrong(vfprep, folder, command, arguments, words):
    ran = vfprep(command, *arguments, cwd=folder)
    assert words in ran.stderr
    assert (ran.returncode, ran.stdout) == (2, "")


@pytest.mark.parametrize("arguments", BESIDE, ids=lambda value: value[0])
def test_beside_a_configuration(vfprep, folder, arguments):
    ran = vfprep("plan", "--config", "vfprep.conf", *arguments, "bare.json", cwd=folder)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"{arguments[0]}: is for the configuration to say" in ran.stderr


def test_beside_a_configuration_that_does_not_say_it(vfprep, folder):
    """Which part is done, and how, is for the command to say."""
    ran = vfprep("plan", "--config", "vfprep.conf", "--phase", "device", "--restart-ovs", "--json",
                 "bare.json", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    assert {row["phase"] for row in json.loads(ran.stdout)["steps"]} == {"device"}


def test_a_time_to_confirm_is_no_hindrance_where_no_uplink_is_taken(vfprep, folder):
    """The units read the same configuration at every boot."""
    (folder / "time.conf").write_text("confirm-within = 60\n" + CONFIGURATION)
    plain, taking = (
        vfprep("plan", "--config", "time.conf", *more, "--json", "bare.json", cwd=folder)
        for more in ([], ["--take-uplink"])
    )
    assert (plain.returncode, taking.returncode) == (0, 0), plain.stderr + taking.stderr
    ran = vfprep("plan", "--config", "time.conf", "--confirm-within", "5", "bare.json", cwd=folder)
    assert ran.returncode == 2 and "belong together" in ran.stderr


def test_wrong_configuration_names_its_line(vfprep, folder):
    (folder / "wrong.conf").write_text(f"[{PF}]\nvfs = 2\nbrigde = br0\n")
    ran = vfprep("plan", "--config", "wrong.conf", "bare.json", cwd=folder)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "wrong.conf" in ran.stderr and "3" in ran.stderr and "brigde" in ran.stderr


# ---- the commands that change a host ----------------------------------------

# none of these gets as far as the lock
CHANGING_WRONG = [
    (["apply", *ASKED, "host.json"], "too many arguments: 'host.json'"),
    (["apply", *ASKED, "--sudo"], "--sudo"),
    (["apply", *ASKED, "--wait", "soon"], "--wait: 'soon' is no number of seconds"),
    (["undo", "local"], "too many arguments: 'local'"),
    (["undo", "--wait", "-1"], "--wait: '-1' is no number of seconds"),
    (["undo", "--after", "5"], "--after: only with --unconfirmed"),
    (["undo", "--unconfirmed", "last"], "--unconfirmed: 'last' is no number of a run"),
    (["undo", "--unconfirmed", "1", "--after", "x"], "--after: 'x' is no number of seconds"),
    (["undo", "--accept", "no-such-rule"], "no-such-rule"),
    (["confirm", "7"], "too many arguments: '7'"),
    (["confirm", "--wait", "86401"], "--wait: '86401' is no number of seconds"),
    (["history", "local"], "too many arguments: 'local'"),
]


@pytest.mark.parametrize("arguments,words", CHANGING_WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_changing_wrong(vfprep, arguments, words):
    ran = vfprep(*arguments)
    assert words in ran.stderr
    assert (ran.returncode, ran.stdout) == (2, "")
