# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfaudit --hosts: a fleet asked by ssh, of which a script in PATH plays each host.

What a host is like is told by its name: plainN answers; flakyN is not reached the first time; dead
keeps silent until all others have answered; refused, locked, noisy and broken fail in their ways.
"""

import copy
import json
import pathlib
import stat

import pytest

READY = json.loads((pathlib.Path(__file__).parent / "facts" / "ready.json").read_text())
PLAIN, FLAKY = 160, 34

# $HOME is the test's folder: of the environment it is one of the few that come through.
SSH = """#!/bin/sh
for word; do
	[ "$word" = vfprep ] && break
	[ "$word" = sudo ] && { sudo=yes; break; }
	host=$word
done
echo "$host ${sudo:-}" >>"$HOME/asked"
answer() {
	echo '{"schema":1,"kind":"vfprep-serve","program":"test"}'
	read -r request
	echo "$host" >>"$HOME/answered" # before: whoever has the answer ends the session
	cat "$HOME/answers/$host"
}
not_reached() { echo "ssh: connect to host $host port 22: Connection refused" >&2; exit 255; }
case $host in
plain*) answer ;;
flaky*) mkdir "$HOME/seen-$host" 2>/dev/null && not_reached; answer ;;
dead)
	mkdir "$HOME/seen-dead" 2>/dev/null || { echo "ssh: connect: Connection timed out" >&2; exit 255; }
	while [ "$(wc -l <"$HOME/answered")" -lt "$(cat "$HOME/others")" ]; do sleep 0.1; done
	echo >"$HOME/all-others-came"
	echo "ssh: connect: Connection timed out" >&2
	exit 255 ;;
refused) not_reached ;;
locked) echo "root@$host: Permission denied (publickey)." >&2; exit 255 ;;
noisy) echo "Welcome!" ;;
broken) echo '{"schema":1,"kind":"vfprep-serve","program":"test"}'; read -r request; echo '{"schema":1,"ok":true,"facts":{' ;;
gone) echo "sh: 1: vfprep: not found" >&2; exit 127 ;;
esac
"""


def answer_of(name):
    facts = copy.deepcopy(READY)
    facts["host"].update(hostname=name, uuid=f"uuid-{name}", boot_id=f"boot-{name}")
    return json.dumps({"schema": 1, "ok": True, "facts": facts}) + "\n"


class Fleet:
    def __init__(self, folder):
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "answers").mkdir()
        (folder / "answered").touch()
        (folder / "asked").touch()
        ssh = folder / "bin" / "ssh"
        ssh.write_text(SSH)
        ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR)

    def list(self, *names):
        for name in names:
            (self.folder / "answers" / name).write_text(answer_of(name))
        answering = [name for name in names if name.startswith(("plain", "flaky"))]
        (self.folder / "others").write_text(str(len(answering)))
        path = self.folder / "hosts"
        path.write_text("".join(f"{name}\n" for name in names))
        return str(path)

    def asked(self):
        return [line.split()[0] for line in (self.folder / "asked").read_text().splitlines()]

    def environment(self):
        return {"HOME": str(self.folder), "PATH": f"{self.folder}/bin:/usr/bin:/bin"}


@pytest.fixture
def fleet(tmp_path):
    return Fleet(tmp_path)


def collect(vfaudit, fleet, *words, code=0, **options):
    ran = vfaudit("--json", *words, cwd=fleet.folder, env=fleet.environment(), **options)
    assert ran.returncode == code, ran.stderr
    return json.loads(ran.stdout)


def faults(document):
    return {fault["source"]: fault["message"] for fault in document["faults"]}


def test_two_hundred_hosts(vfaudit, fleet):
    """All that answer are counted, however others fail; nobody waits for the dead one."""
    bad = ["dead", "refused", "locked", "noisy", "broken", "gone"]
    plain = [f"plain{i}" for i in range(PLAIN)]
    flaky = [f"flaky{i}" for i in range(FLAKY)]
    words = ("--hosts", fleet.list(*bad, *plain, *flaky), "--jobs", "64", "--timeout", "600")
    document = collect(vfaudit, fleet, *words, code=4, timeout=900)
    assert document["summary"]["hosts"] == PLAIN + FLAKY
    assert (fleet.folder / "all-others-came").exists()
    named = faults(document)
    assert set(named) == {f"ssh:{name}" for name in bad}
    assert "timed out" in named["ssh:dead"]
    assert "nothing listens" in named["ssh:refused"]
    assert "the login was refused" in named["ssh:locked"]
    assert "printed 'Welcome!'" in named["ssh:noisy"]
    assert "not found" in named["ssh:gone"]
    # What may pass is tried again, a login is not: accounts are locked by that.
    asked = fleet.asked()
    assert [asked.count(name) for name in ("dead", "refused")] == [3, 3]
    assert [asked.count(name) for name in ("locked", "noisy", "broken", "gone")] == [1, 1, 1, 1]
    assert all(asked.count(name) == 2 for name in flaky)
    stored = {path.name for path in (fleet.folder / "vfaudit.d").iterdir()}
    assert stored == {f"{name}.json" for name in (*plain, *flaky)}


def test_goes_on_where_it_was(vfaudit, fleet):
    """With --max-age nobody is asked twice; without it everybody is."""
    words = ("--hosts", fleet.list("plain1", "plain2"), "--store", "kept")
    collect(vfaudit, fleet, *words)
    (fleet.folder / "kept" / "plain2.json").unlink()
    document = collect(vfaudit, fleet, *words, "--max-age", "86400")
    assert document["summary"]["hosts"] == 2
    assert sorted(fleet.asked()) == ["plain1", "plain2", "plain2"]
    collect(vfaudit, fleet, *words)
    assert sorted(fleet.asked()) == ["plain1", "plain1", "plain2", "plain2", "plain2"]


def test_old_document_of_a_silent_host_is_not_counted(vfaudit, fleet):
    (fleet.folder / "vfaudit.d").mkdir()
    (fleet.folder / "vfaudit.d" / "locked.json").write_text(json.dumps(READY))
    document = collect(vfaudit, fleet, "--hosts", fleet.list("plain1", "locked"), code=4)
    assert document["summary"]["hosts"] == 1
    assert set(faults(document)) == {"ssh:locked"}
    assert (fleet.folder / "vfaudit.d" / "locked.json").exists()


def test_stored_documents_are_those_of_facts(vfaudit, fleet):
    collect(vfaudit, fleet, "--hosts", fleet.list("plain7"))
    stored = fleet.folder / "vfaudit.d" / "plain7.json"
    assert json.loads(stored.read_text())["host"]["hostname"] == "plain7"
    assert collect(vfaudit, fleet, str(stored))["summary"]["hosts"] == 1


def test_plan_asks_too(vfaudit, fleet):
    fleet.list("plain1")
    ran = vfaudit(
        "plan", "--hosts", "hosts", cwd=fleet.folder, env=fleet.environment()
    )
    assert ran.returncode == 0, ran.stderr
    assert fleet.asked() == ["plain1"]


def test_list_on_stdin_with_comments_and_sudo(vfaudit, fleet):
    fleet.list("plain1", "plain2")
    text = "# racks 1 to 3\n\n  plain1 # the first\nssh:plain2\r\n"
    document = collect(vfaudit, fleet, "--hosts", "-", "--sudo", stdin=text)
    assert document["summary"]["hosts"] == 2
    asked = (fleet.folder / "asked").read_text().splitlines()
    assert sorted(asked) == ["plain1 yes", "plain2 yes"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain1\nssh:plain1\n", "hosts: 'plain1' of line 2 is in line 1 already"),
        ("plain1\n-oProxyCommand=x\n", "hosts:2: 'ssh:-oProxyCommand=x' is no host"),
        ("a b\n", "hosts:1: 'ssh:a b' is no host"),
        ("a/../b\n", "hosts:1: 'ssh:a/../b' is no host"),
        ("# nobody\n", "hosts: names no host"),
        ("", "hosts: names no host"),
        ("a\0b\n", "hosts: is no text"),
    ],
)
def test_lists_that_are_none(vfaudit, fleet, text, said):
    (fleet.folder / "hosts").write_text(text)
    ran = vfaudit("--hosts", "hosts", cwd=fleet.folder, env=fleet.environment())
    assert ran.returncode == 2
    assert said in ran.stderr
    assert fleet.asked() == []


@pytest.mark.parametrize(
    "words",
    [
        ("--jobs", "0"),
        ("--jobs", "129"),
        ("--jobs", "many"),
        ("--timeout", "0"),
        ("--timeout", "601"),
        ("--max-age", "-1"),
    ],
)
def test_numbers_that_are_none(vfaudit, fleet, words):
    path = fleet.list("plain1")
    ran = vfaudit("--hosts", path, *words, cwd=fleet.folder, env=fleet.environment())
    assert ran.returncode == 2
    assert f"{words[0]}: '{words[1]}' is no number from " in ran.stderr
    assert fleet.asked() == []


def test_options_without_a_list(vfaudit, fleet):
    ran = vfaudit("--jobs", "4", "--dir", ".", cwd=fleet.folder)
    assert ran.returncode == 2
    assert "go with --hosts" in ran.stderr


def test_store_that_is_no_folder(vfaudit, fleet):
    path = fleet.list("plain1")
    ran = vfaudit(
        "--hosts", path, "--store", "hosts", cwd=fleet.folder, env=fleet.environment()
    )
    assert ran.returncode == 1
    assert "hosts: is no folder" in ran.stderr
    assert fleet.asked() == []
