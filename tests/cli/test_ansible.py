# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Ansible role on this machine: its module with a vfprep that says what a test wants, its
configuration read by the real one, its audit by the real vfaudit. tests/lab/test_ansible.py runs it
against hosts."""

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from test_audit import HOSTS
from test_plan import DOCUMENTS

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "ansible"
MODULE = FOLDER / "roles" / "vfmig" / "library" / "vfprep.py"
PLAYBOOKS = ("audit.yml", "install.yml", "prepare.yml", "undo.yml")
HERE = pathlib.Path(__file__).parent
GOLDEN = HERE / "golden"
CONFIGURATION = HERE / "ansible.cfg"

# A vfprep that notes its arguments, keeps the configuration, and says what "says" has for them.
STANDIN = """#!/usr/bin/python3
import json, pathlib, shutil, sys
here = pathlib.Path(__file__).parent
with open(here / "calls", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if "--config" in sys.argv:
    shutil.copy(sys.argv[sys.argv.index("--config") + 1], here / "config")
says = json.loads((here / "says").read_text())[sys.argv[1]]
sys.stdout.write(says["out"])
sys.stderr.write(says.get("err", ""))
sys.exit(says["code"])
"""


@pytest.fixture(scope="session")
def main():
    """The module's main(), as ansible-core's Python runs it."""
    spec = importlib.util.spec_from_file_location("vfprep_module", MODULE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


class Standin:
    """That vfprep, and the module run with it."""

    def __init__(self, folder, main):
        self.folder = folder
        self.main = main
        self.path = folder / "vfprep"
        self.path.write_text(STANDIN)
        self.path.chmod(0o755)

    def says(self, **commands):
        """For each command: its exit code, then its document or its words on stderr."""
        said = {
            name: {"code": code, "out": json.dumps(what) if isinstance(what, dict) else "",
                   "err": what if isinstance(what, str) else ""}
            for name, (code, what) in commands.items()
        }
        (self.folder / "says").write_text(json.dumps(said))

    def calls(self):
        path = self.folder / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def module(self, check=False, **params):
        """What the module answers, without Ansible around it."""
        params.setdefault("executable", str(self.path))
        own = {"_ansible_check_mode": check, "_ansible_remote_tmp": str(self.folder),
               "_ansible_keep_remote_files": False}
        arguments, said = self.folder / "arguments.json", self.folder / "answer"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**own, **params}}))
        # a process of its own, which need not import ansible-core once more
        process = os.fork()
        if process == 0:
            self.answer(arguments, said)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        answer = json.loads(said.read_text())
        assert code == (1 if answer.get("failed") else 0)
        return answer

    def answer(self, arguments, said):
        code = 70
        try:
            sys.argv = [str(MODULE), str(arguments)]
            with open(said, "w") as sys.stdout:
                self.main()
        except SystemExit as end:
            code = end.code
        finally:
            os._exit(code)


@pytest.fixture
def standin(tmp_path, main):
    return Standin(tmp_path, main)


def plan(**changes):
    """The document of a plan for a bare host."""
    document = json.loads((GOLDEN / "plan-bare.json").read_text())
    for step in document["steps"]:
        step["unread"] = False
    return {**document, **changes}


def ran(verdict, result="done", command="apply", **changes):
    """The document of a run, all of whose steps ended alike."""
    document = plan(command=command, verdict=verdict, run=7, **changes)
    document["steps"] = [{**step, "result": result} for step in document["steps"]]
    return document


def status(verdict):
    """Of the host afterwards, as it stands in the document of a run."""
    name = "ready" if verdict == "ready" else "bare"
    return json.loads((GOLDEN / f"status-{name}.json").read_text())


REFUSED = json.loads((GOLDEN / "plan-used.json").read_text())
NOTHING = plan(command="apply", verdict="nothing-to-do", steps=[], status=status("ready"))
KEPT = ran("kept", command="undo")
KEPT["steps"][-1].update(result="kept", message="tap7 is in it")
CONFIG = "[0000:01:00.0]\nvfs = 2\nbridge = br0\n"

# name, exit code, what vfprep says, part of the failure (None: no failure), what the answer holds
ANSWERS = [
    ("done", 0, ran("done", status=status("ready")), None,
     {"changed": True, "verdict": "done", "ready": True, "run": 7}),
    ("nothing", 0, NOTHING, None, {"changed": False, "verdict": "nothing-to-do", "ready": True}),
    ("unconfirmed", 0, ran("unconfirmed"), None, {"changed": True, "ready": None}),
    ("undone", 1, ran("undone", "undone", message="VF 0: no such address"),
     "failed, and the host is as before: VF 0: no such address", {"changed": False}),
    ("could-not-run", 1, "vfprep: needs root", "vfprep: needs root (exit code 1)", {"verdict": None}),
    ("configuration", 2, "vfprep: {config}: line 3: vfz: no such name",
     "the configuration: line 3: vfz: no such name (exit code 2)", {"changed": False}),
    ("refused", 3, REFUSED,
     "refused, nothing was touched: uplink-in-use: 0000:01:00.0: the uplink enp1s0np0 is in use",
     {"changed": False, "refused": True}),
    ("refused-without-rule", 3, plan(verdict="refused", steps=[], message="run 3 waits for its confirmation"),
     "refused, nothing was touched: run 3 waits for its confirmation", {"refused": True}),
    ("not-ready", 4, ran("unverified", status=status("not-ready")), "done, and the host is not ready: ",
     {"changed": True, "ready": False}),
    ("reboot", 4, ran("reboot-needed", notes=["reboot needed: of 0000:01:00.0"]),
     "done, and a reboot is needed: reboot needed: of 0000:01:00.0", {"changed": True, "reboot_needed": True}),
    ("stuck", 5, ran("stuck", message="ovs-vswitchd does not follow", notes=["'vfprep undo' goes on undoing"]),
     "hands are needed: ovs-vswitchd does not follow (to recover: 'vfprep undo' goes on undoing)",
     {"changed": True}),
    ("unheard-of", 9, ran("done"), "exit code 9", {}),
    ("says-nothing", 0, "", "vfprep said nothing", {"verdict": None}),
    ("newer", 0, {**NOTHING, "schema": 2}, "(exit code 0)", {"verdict": None}),
]


@pytest.mark.parametrize("name,code,said,failure,holds", ANSWERS, ids=[row[0] for row in ANSWERS])
def test_exit_codes(standin, name, code, said, failure, holds):
    if isinstance(said, str):
        # its own name of the configuration, which the stand-in does not know beforehand
        standin.path.write_text(STANDIN.replace(
            'says.get("err", "")', 'says.get("err", "").replace("{config}", sys.argv[sys.argv.index("--config") + 1])'))
    standin.says(apply=(code, said))
    answer = standin.module(config=CONFIG)
    assert answer.get("failed", False) == (failure is not None), answer
    assert (failure or "") in answer.get("msg", "")
    assert {key: answer[key] for key in holds} == holds
    assert (standin.folder / "config").read_text() == CONFIG
    assert not list(standin.folder.glob("**/vfprep-*.conf")), "the configuration was left behind"
    reported = standin.module(config=CONFIG, not_ready="report")
    if code == 4:
        assert reported["unmet"] == answer["msg"] and not reported.get("failed")
    else:
        assert reported.get("msg") == answer.get("msg") and reported.get("unmet") is None


def test_refusals_carry_the_remedy(standin):
    standin.says(apply=(3, REFUSED))
    answer = standin.module(config=CONFIG)
    assert "(remedy: # move what uses enp1s0np0 to another interface; " in answer["msg"]
    assert [row["id"] for row in answer["findings"]] == ["uplink-in-use"]


def test_words_for_vfprep(standin):
    """Every option reaches the program, and check mode asks for a plan."""
    standin.says(apply=(0, NOTHING), plan=(0, plan()), undo=(0, ran("undone", command="undo")))
    options = {"config": CONFIG, "profile": "nvidia", "accept": ["psid-readable", "vf-count"], "replace_vfs": True,
               "set_firmware": True, "restart_ovs": True, "take_uplink": True, "confirm_within": 60, "wait": 5}
    said = ["--profile", "nvidia", "--accept", "psid-readable", "--accept", "vf-count", "--replace-vfs",
            "--set-firmware", "--restart-ovs", "--take-uplink", "--confirm-within", "60"]
    standin.module(**options)
    standin.module(check=True, **options)
    standin.module(state="absent", firmware=True)
    standin.module(check=True, state="absent")
    calls = [[word for word in call if not word.endswith(".conf")] for call in standin.calls()]
    assert calls == [
        ["apply", "--json", "--wait", "5", "--config", *said],
        ["plan", "--json", "--config", *said],
        ["undo", "--json", "--profile", "rhel10", "--firmware"],
        ["undo", "--json", "--profile", "rhel10", "--dry-run"],
    ]
    assert "confirm_within" in standin.module(config=CONFIG, take_uplink=True)["msg"]
    assert "config" in standin.module()["msg"]
    assert len(standin.calls()) == 4


def test_difference(standin):
    standin.says(plan=(0, plan()))
    answer = standin.module(check=True, config=CONFIG)
    assert answer["changed"] and answer["verdict"] == "planned"
    before, after = answer["diff"]["before"], answer["diff"]["after"]
    assert "0000:01:00.0: eswitch mode: legacy\n" in before
    assert "0000:01:00.0: eswitch mode: switchdev\n" in after
    assert "bridge br0" not in before and "Open vSwitch: bridge br0: ours\n" in after
    assert '    LABEL="vfmig_end"\n' in after
    document = plan()
    document["steps"] = [{**document["steps"][0], "unread": True}]
    standin.says(plan=(0, document))
    assert standin.module(check=True, config=CONFIG)["diff"]["before"].endswith(".rules: not known\n")


def test_undo(standin):
    standin.says(undo=(0, ran("undone", command="undo")))
    assert standin.module(state="absent")["changed"] is True
    standin.says(undo=(0, plan(command="undo", verdict="nothing-to-do", steps=[])))
    assert standin.module(state="absent")["changed"] is False
    standin.says(undo=(4, KEPT))
    answer = standin.module(state="absent")
    assert answer["failed"] and "left alone: tap7 is in it" in answer["msg"] and answer["changed"]


def history(*results):
    return {"schema": 1, "kind": "history",
            "runs": [{"number": n, "result": result} for n, result in enumerate(results, 1)]}


def test_confirmation(standin):
    confirmed = ran("done", command="confirm")
    standin.says(history=(0, history("done", "unconfirmed")), confirm=(0, confirmed))
    assert standin.module(check=True, state="confirmed")["changed"] is True
    assert [call[0] for call in standin.calls()] == ["history"]
    answer = standin.module(state="confirmed")
    assert answer["changed"] and answer["diff"]["after"] == ""
    standin.says(history=(0, history("unconfirmed", "done")))
    assert standin.module(state="confirmed")["changed"] is False
    standin.says(history=(0, history()))
    assert standin.module(state="confirmed")["changed"] is False
    standin.says(history=(0, history("done", "reverted")))
    answer = standin.module(state="confirmed")
    assert answer["failed"] and "run 2 was not confirmed in time and has undone itself" in answer["msg"]


def test_program_that_is_not_there(standin):
    missing = str(standin.folder / "none")
    answer = standin.module(executable=missing, config=CONFIG)
    assert answer["failed"] and "install vfmig first" in answer["msg"]
    looked = standin.module(check=True, executable=missing, config=CONFIG)
    assert looked["changed"] and looked["verdict"] is None and "not known" in str(looked["warnings"])


# ---- with Ansible around it -------------------------------------------------


def ansible(program, *words, **environment):
    """A program of Ansible's, with nothing of this machine's configuration."""
    clean = {**os.environ, "ANSIBLE_CONFIG": str(CONFIGURATION), "ANSIBLE_NOCOLOR": "1",
             "ANSIBLE_LOCALHOST_WARNING": "0", "LC_ALL": "C.UTF-8", **environment}
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=600, env=clean,
                          cwd=FOLDER, check=False)


@pytest.fixture
def play(tmp_path):
    """play(PLAYBOOK, HOSTS, WORD...): runs it on hosts that are all this machine."""

    def run(playbook, hosts, *words, code=0, **variables):
        inventory = tmp_path / "inventory.json"
        common = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3",
                  "ansible_become": False, "ansible_remote_tmp": str(tmp_path / "remote"), "vfmig_boot": False,
                  **variables}
        inventory.write_text(json.dumps({"vfmig": {"hosts": hosts, "vars": common}}))
        done = ansible("ansible-playbook", "-i", inventory, *words, playbook)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run


def test_playbooks_and_documentation():
    """What ansible-core reads is sound, and what the module documents is what it takes."""
    done = ansible("ansible-playbook", "-i", "inventory.example.yml", "--syntax-check", *PLAYBOOKS)
    assert done.returncode == 0, done.stderr
    done = ansible("ansible-doc", "-t", "module", "-M", MODULE.parent, "--json", "vfprep")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)["vfprep"]
    spec = subprocess.run(
        ["/usr/bin/python3", "-B", "-c", "import sys, json, ansible.module_utils.basic as basic\n"
         "def show(argument_spec, **more): print(json.dumps(argument_spec)); sys.exit()\n"
         "basic.AnsibleModule = show\nsys.path.insert(0, sys.argv[1])\nimport vfprep\nvfprep.main()",
         str(MODULE.parent)],
        capture_output=True, text=True, check=True,
    )
    keys = ("type", "choices", "default", "elements")
    told = {name: {key: option[key] for key in keys if key in option}
            for name, option in document["doc"]["options"].items()}
    assert told == json.loads(spec.stdout)
    done = ansible("ansible-doc", "-t", "role", "-r", FOLDER / "roles", "--json", "vfmig")
    assert done.returncode == 0, done.stderr
    points = json.loads(done.stdout)["vfmig"]["entry_points"]
    assert set(points) == {"main", "install", "prepare", "undo", "collect", "audit"}


def test_every_variable_is_explained():
    """Each default has its row in the specification of arguments, with the same value."""
    code = ("import json, sys, yaml\n"
            "print(json.dumps([yaml.safe_load(open(f'{sys.argv[1]}/{name}.yml')) for name in "
            "('defaults/main', 'meta/argument_specs')]))")
    read = subprocess.run(["/usr/bin/python3", "-c", code, str(FOLDER / "roles" / "vfmig")],
                          capture_output=True, text=True, check=True)
    defaults, specs = json.loads(read.stdout)
    rows = {}
    for point in specs["argument_specs"].values():
        rows.update(point["options"])
    assert set(defaults) <= set(rows)
    told = {name: row["default"] for name, row in rows.items() if "default" in row}
    assert told == {name: value for name, value in defaults.items() if name != "vfmig_folder"}


def pf_of(address="0000:01:00.0", **more):
    return {"pf": address, "vfs": 2, "bridge": "br7", **more}


def test_configuration_is_vfpreps(vfprep, standin, play):
    """What the template makes of all that can be asked is what vfprep reads."""
    standin.says(plan=(0, plan()))
    asked = [pf_of(uplink="bond0", mtu=9000, bind="pci-stub", vlan={"0": 12, "1": 13}, mac={"1": "52:54:00:aa:00:01"}),
             pf_of("0000:01:00.1", uplink=None)]
    said = play("prepare.yml", {"h": {"vfmig_pfs": asked}}, "--check", "--diff", vfmig_max_idle=400000,
                vfmig_program=str(standin.path))
    assert "+0000:01:00.0: eswitch mode: switchdev" in said and "changed=1 " in said
    config = (standin.folder / "config").read_text()
    assert config.split("\n", 1)[1].split() == (
        "max-idle = 400000 [0000:01:00.0] vfs = 2 bridge = br7 uplink = bond0 mtu = 9000 bind = pci-stub "
        "vlan = 0=12 vlan = 1=13 mac = 1=52:54:00:aa:00:01 [0000:01:00.1] vfs = 2 bridge = br7").split()
    (standin.folder / "bare.json").write_text(json.dumps(DOCUMENTS["bare.json"]))
    read = vfprep("plan", "--json", "--config", "config", "bare.json", cwd=standin.folder)
    # understood, and judged: the second PF and the bond are not there
    assert read.returncode == 3, read.stderr
    assert {row["object"] for row in json.loads(read.stdout)["findings"]} >= {"0000:01:00.1"}


@pytest.mark.full
def test_example_inventory(vfprep, standin):
    """Both hosts of it, of which the second has two PFs."""
    standin.says(plan=(0, plan()))
    for host in ("kvm1.example.org", "kvm2.example.org"):
        given = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3",
                 "ansible_become": False, "vfmig_install": "none", "vfmig_boot": False,
                 "vfmig_program": str(standin.path)}
        done = ansible("ansible-playbook", "-i", "inventory.example.yml", "--check", "-l", host, "-e",
                       json.dumps(given), "prepare.yml", ANSIBLE_REMOTE_TMP=str(standin.folder / "remote"))
        assert done.returncode == 0, done.stdout + done.stderr
        (standin.folder / "bare.json").write_text(json.dumps(DOCUMENTS["bare.json"]))
        assert vfprep("plan", "--config", "config", "bare.json", cwd=standin.folder).returncode == 3


@pytest.mark.full
@pytest.mark.parametrize("pfs", [[], [{**pf_of(), "pf": 60.0}], [pf_of(mac={"0": 41135040001})]],
                         ids=["none", "address", "mac"])
def test_what_yaml_takes_for_numbers(standin, play, pfs):
    said = play("prepare.yml", {"h": {"vfmig_pfs": pfs}}, code=2, vfmig_program=str(standin.path))
    assert "in quotes" in said
    assert standin.calls() == []


@pytest.mark.full
def test_stops_at_the_first_that_fails(standin, play):
    """One host after the other: the second is not asked when the first is refused."""
    standin.says(apply=(3, REFUSED))
    hosts = {name: {"vfmig_pfs": [pf_of()]} for name in ("h1", "h2")}
    said = play("prepare.yml", hosts, code=2, vfmig_program=str(standin.path))
    assert "move what uses enp1s0np0 to another interface" in said
    assert [call[0] for call in standin.calls()] == ["apply"]


SYSTEMCTL = """#!/bin/sh
echo "$@" >>"$0.calls"
case $1 in
show) printf 'Id=%s\\nLoadState=loaded\\nActiveState=inactive\\nUnitFileState=disabled\\n' "$2" ;;
is-enabled) echo disabled; exit 1 ;;
is-active) exit 3 ;;
esac
"""


@pytest.mark.full
def test_units_where_systemd_runs(standin, play, monkeypatch):
    """What would be enabled, and that nothing is in check mode; the lab's hosts have no systemd."""
    standin.says(plan=(0, plan()))
    systemctl = standin.folder / "systemctl"
    systemctl.write_text(SYSTEMCTL)
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{standin.folder}:{os.environ['PATH']}")
    runs = json.dumps({"vfmig_systemd": {"stat": {"exists": True}}})
    said = play("prepare.yml", {"h": {"vfmig_pfs": [pf_of()]}}, "--check", "-e", runs, vfmig_boot=True,
                vfmig_program=str(standin.path))
    units = [path.name.removesuffix(".in") for path in sorted((FOLDER.parents[1] / "data" / "systemd").glob("*.in"))]
    for unit in units:
        assert f"changed: [h] => (item={unit})" in said
    asked = (standin.folder / "systemctl.calls").read_text().splitlines()
    assert {line.split()[0] for line in asked} == {"show", "is-enabled"}
    assert {line.split()[1] for line in asked} == set(units)


@pytest.mark.full
def test_taken_uplink(standin, play):
    """The job runs without the connection that began it; what comes after confirms, or says why not."""
    hosts = {"h": {"vfmig_pfs": [pf_of()]}}
    asked = {"vfmig_take_uplink": True, "vfmig_confirm_within": 20, "vfmig_program": str(standin.path)}
    standin.says(apply=(0, ran("unconfirmed")), history=(0, history("unconfirmed")),
                 confirm=(0, ran("done", command="confirm")))
    said = play("prepare.yml", hosts, **asked)
    assert "changed=2 " in said
    calls = standin.calls()
    assert [call[0] for call in calls] == ["apply", "history", "confirm"]
    assert calls[0][-3:] == ["--take-uplink", "--confirm-within", "20"]
    standin.says(apply=(0, ran("unconfirmed")), history=(0, history("reverted")))
    assert "has undone itself" in play("prepare.yml", hosts, code=2, **asked)
    # nothing to do, nothing to confirm
    standin.says(apply=(0, NOTHING), plan=(0, plan()))
    assert "changed=0 " in play("prepare.yml", hosts, **asked)
    assert "changed=1 " in play("prepare.yml", hosts, "--check", **asked)


@pytest.mark.parametrize("check", [False, pytest.param(True, marks=pytest.mark.full)], ids=["real", "check"])
def test_audit(vfaudit, play, tmp_path, check):
    """The facts of each host as they are, one report of all, and the host that gave none by its name."""
    hosts, folder = {}, tmp_path / "facts"
    for facts in HOSTS[:3]:
        name = facts["host"]["hostname"]
        document, program = tmp_path / f"{name}.facts", tmp_path / f"vfprep-{name}"
        document.write_text(json.dumps(facts) + "\n")
        program.write_text(f"#!/bin/sh\ncat {document}\n")
        program.chmod(0o755)
        hosts[name] = {"vfmig_program": str(program)}
    hosts["dead"] = {"vfmig_program": "/bin/false"}
    said = play("audit.yml", hosts, *(["--check"] if check else []), code=2, vfmig_folder=str(folder),
                vfmig_audit_program=vfaudit.path)
    assert "dead gave no facts" in said
    whole = vfaudit("audit", *[str(tmp_path / f"{name}.facts") for name in "abc"]).stdout
    for line in whole.splitlines():
        assert json.dumps(line)[1:-1] in said, line
    if check:
        assert not folder.exists()
    else:
        assert sorted(path.name for path in folder.iterdir()) == ["a.json", "b.json", "c.json"]
        for name in "abc":
            assert (folder / f"{name}.json").read_text() == (tmp_path / f"{name}.facts").read_text()


@pytest.mark.full
def test_lint():
    if not shutil.which("ansible-lint"):
        pytest.skip("ansible-lint is not installed: scripts/setup full")
    done = ansible("ansible-lint", "--offline", "--nocolor", "-p")
    assert done.returncode == 0, done.stdout + done.stderr
    # and it did look
    assert "production" in done.stderr, done.stderr
