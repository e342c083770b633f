# SPDX-License-Identifier: LGPL-2.1-or-later
"""scripts/ansible against both hosts: ansible-playbook of this machine, over their ssh.

What a run changed is what its recap counts and what the hosts' facts say. The hosts have no systemd,
so nothing is enabled on them.
"""

import json
import os
import re
import subprocess

import pytest

from lab import PF, TOP
from preparing import PROGRAMS, differences, full_facts, journal, ready, vfprep

pytestmark = pytest.mark.full

FOLDER = TOP / "scripts" / "ansible"
CONF = "/etc/vfmig/vfprep.conf"
RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.M)
INSTALLED = "/usr/local/bin/vfprep"


class Fleet:
    """An inventory of the lab's hosts, and playbooks run on it."""

    def __init__(self, lab, folder):
        self.lab = lab
        self.folder = folder
        self.facts = folder / "facts"
        self.common = {
            "ansible_user": "root",
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_common_args": f"-F {lab.ssh_config}",
            "ansible_ssh_args": "-o ControlMaster=auto -o ControlPersist=20s",
            "ansible_pipelining": True,
            "vfmig_folder": str(self.facts),
            "vfmig_audit_program": str(PROGRAMS.resolve() / "vfaudit"),
            "vfmig_pfs": [{"pf": PF, "vfs": 2, "bridge": "br0", "vlan": {"1": 77}}],
        }
        self.hosts = {"a": {}, "b": {}}

    def play(self, playbook, *words, code=0, **variables):
        """Runs it; {host: changes} of the recap, and all that was said, warnings last."""
        inventory = self.folder / "inventory.json"
        inventory.write_text(json.dumps({"vfmig": {"hosts": self.hosts, "vars": self.common}}))
        ran = subprocess.run(
            ["ansible-playbook", "-i", str(inventory), *words, "-e", json.dumps(variables), str(FOLDER / playbook)],
            capture_output=True, text=True, timeout=1800, check=False, cwd=self.folder,
            env={**os.environ, "ANSIBLE_CONFIG": str(TOP / "tests" / "cli" / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1",
                 "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.lab.run_dir), "LC_ALL": "C.UTF-8"},
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        return {host: int(changed) for host, changed, *_ in RECAP.findall(ran.stdout)}, ran.stdout + ran.stderr


@pytest.fixture
def fleet(lab, tmp_path):
    lab.reset()
    return Fleet(lab, tmp_path)


@pytest.fixture
def archive(tmp_path):
    """What 'meson install' of the build under test puts on a host."""
    root, path = tmp_path / "root", tmp_path / "vfmig.tar.gz"
    subprocess.run(["meson", "install", "-C", str(PROGRAMS.resolve().parent), "--no-rebuild", "--strip", "--quiet",
                    "--destdir", str(root)], check=True, capture_output=True)
    files = subprocess.run(["find", ".", "!", "-type", "d"], cwd=root, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-C", str(root), "-czf", str(path), "-T", "-"], input=files, check=True)
    return path


def test_whole_way(fleet, archive):
    """Installed, looked at, prepared, prepared again, audited, put back: each as it says."""
    lab = fleet.lab
    lab.each(lambda host: host.run(f"rm -f {INSTALLED}"))
    fleet.common.update(vfmig_install="archive", vfmig_archive=str(archive), vfmig_install_dependencies=False,
                        vfmig_program=INSTALLED)
    before = lab.each(full_facts)

    # a host that has nothing yet
    changes, said = fleet.play("prepare.yml", "--check", "--diff")
    assert f"{INSTALLED} is not on this host yet" in said and min(changes.values()) > 0
    assert [host.run(["test", "-e", INSTALLED], check=False).returncode for host in lab.hosts] == [1, 1]

    assert min(fleet.play("install.yml")[0].values()) > 0
    assert fleet.play("install.yml")[0] == {"a": 0, "b": 0}

    # looked at: each step, and nothing is touched
    changes, said = fleet.play("prepare.yml", "--check", "--diff")
    assert min(changes.values()) > 0
    for line in (f"-{PF}: eswitch mode: legacy", f"+{PF}: eswitch mode: switchdev", "+Open vSwitch: bridge br0: ours",
                 f"+Open vSwitch: port VF 1 of {PF}: br0 tag=77", f"+[{PF}]", "+vlan = 1=77"):
        assert said.count("\n" + line) == 2, line
    assert lab.each(journal) == [None, None]
    assert [differences(*pair) for pair in zip(before, lab.each(full_facts))] == [[], []]
    assert [host.run(["test", "-e", CONF], check=False).returncode for host in lab.hosts] == [1, 1]

    # done, and a second time nothing is
    assert min(fleet.play("prepare.yml")[0].values()) > 0
    assert lab.each(ready) == [True, True]
    stood = lab.each(journal)
    assert fleet.play("prepare.yml")[0] == {"a": 0, "b": 0}
    changes, said = fleet.play("prepare.yml", "--check", "--diff")
    assert changes == {"a": 0, "b": 0} and "+++" not in said
    assert lab.each(journal) == stood
    # what was installed is what the options asked for
    for host in lab.hosts:
        assert vfprep(host, "plan", "--config", CONF)["verdict"] == "nothing-to-do"

    # one island of both
    _, said = fleet.play("audit.yml")
    documents = sorted(fleet.facts.iterdir())
    assert [path.name for path in documents] == ["a.json", "b.json"]
    ran = subprocess.run([fleet.common["vfmig_audit_program"], "audit", "--json", *map(str, documents)],
                         capture_output=True, text=True, check=True)
    assert [island["members"] for island in json.loads(ran.stdout)["islands"]] == [["a", "b"]]
    text = subprocess.run([fleet.common["vfmig_audit_program"], *map(str, documents)],
                          capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        assert json.dumps(line)[1:-1] in said, line

    # put back, looked at first
    changes, said = fleet.play("undo.yml", "--check", "--diff")
    assert min(changes.values()) > 0 and said.count(f"+{PF}: eswitch mode: legacy") == 2
    assert lab.each(journal) == stood
    assert min(fleet.play("undo.yml")[0].values()) > 0
    assert [differences(*pair) for pair in zip(before, lab.each(full_facts))] == [[], []]
    assert [host.run(["test", "-e", CONF], check=False).returncode for host in lab.hosts] == [1, 1]
    assert fleet.play("undo.yml")[0] == {"a": 0, "b": 0}
    lab.each(lambda host: host.run(f"rm -f {INSTALLED}"))


def test_refused_change(fleet):
    """It fails with the rule's remedy, the next host is not asked, and the next boot is as before."""
    a, b = fleet.lab.hosts
    fleet.play("prepare.yml", "-l", "a")
    before, conf = full_facts(a), a.get(CONF)
    fleet.common["vfmig_pfs"][0]["vfs"] = 3
    changes, said = fleet.play("prepare.yml", code=2)
    assert "refused, nothing was touched: vf-count: " in said and "(remedy: " in said and "--replace-vfs" in said
    assert changes == {"a": 0}
    assert differences(before, full_facts(a)) == [] and a.get(CONF) == conf
    assert journal(b) is None
    # what is looked at is refused as well
    assert "vf-count" in fleet.play("prepare.yml", "--check", "-l", "a", code=2)[1]
    fleet.play("prepare.yml", "-l", "a", vfmig_replace_vfs=True)
    assert ready(a) and "vfs = 3" in a.get(CONF)


def test_firmware_settings_take_a_reboot(fleet):
    """The play fails with the reason, and the next one after the reboot ends it."""
    a = fleet.lab.a
    a.run("lab-firmware set VF_MIGRATION_MODE 1 SRIOV_EN 0 NUM_OF_VFS 1")
    a.reboot()
    assert "migration-mode" in fleet.play("prepare.yml", "-l", "a", code=2)[1]
    changes, said = fleet.play("prepare.yml", "-l", "a", code=2, vfmig_set_firmware=True)
    assert "done, and a reboot is needed: " in said and changes["a"] > 0, said
    assert PF in a.get(CONF)
    a.reboot()
    fleet.play("prepare.yml", "-l", "a")
    assert ready(a)
    fleet.play("undo.yml", "-l", "a", vfmig_undo_firmware=True)
    assert "MIGRATION_DISABLED(1)" in a.out(f"mstconfig -d {PF} query VF_MIGRATION_MODE")


# ---- an uplink that is in use -----------------------------------------------


@pytest.fixture
def in_use(fleet):
    """Both hosts have addresses on their uplinks."""
    lab = fleet.lab
    for host in lab.hosts:
        host.run(f"ip link set {host.uplink()} up && ip addr add 10.99.0.{host.number}/24 dev {host.uplink()}")
    lab.b.wait("ping -c 1 -W 2 10.99.0.1", seconds=60)
    yield fleet
    lab.each(lambda host: host.run(f"ip addr flush dev {host.uplink()}"))


def test_taken_uplink_is_confirmed(in_use):
    """By another network, over which the host is still reached."""
    a = in_use.lab.a
    assert "uplink-in-use" in in_use.play("prepare.yml", "-l", "a", code=2)[1]
    changes, _ = in_use.play("prepare.yml", "-l", "a", vfmig_take_uplink=True, vfmig_confirm_within=300)
    assert changes["a"] > 0
    assert vfprep(a, "history")["runs"][-1]["result"] == "done"
    assert ready(a)
    taken = in_use.play("prepare.yml", "-l", "a", vfmig_take_uplink=True, vfmig_confirm_within=300)
    assert taken[0] == {"a": 0}


def test_uplink_that_carries_the_play(in_use):
    """Host a is reached over the uplink that is taken: it takes it back by itself, and the play says so."""
    lab, fleet = in_use.lab, in_use
    before = full_facts(lab.a)
    config = fleet.folder / "ssh_config"
    # first, for all: below a Host it would be for that host alone
    config.write_text(
        f"Include {lab.ssh_config}\nHost over\n HostName 10.99.0.1\n HostKeyAlias a\n Port 22\n ProxyJump b\n"
        f" IdentityFile {lab.run_dir}/key\n UserKnownHostsFile {lab.run_dir}/known_hosts\n IdentitiesOnly yes\n"
        " BatchMode yes\n ConnectTimeout 30\n ServerAliveInterval 5\n"
    )
    fleet.hosts = {"over": {}}
    fleet.common["ansible_ssh_common_args"] = f"-F {config}"
    _, said = fleet.play("prepare.yml", code=2, vfmig_take_uplink=True, vfmig_confirm_within=30)
    assert "was not confirmed in time and has undone itself" in said
    assert vfprep(lab.a, "history")["runs"][-1]["result"] == "reverted"
    assert lab.a.run(["test", "-e", CONF], check=False).returncode == 1
    assert differences(before, full_facts(lab.a)) == []
