# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfaudit over facts documents: what is counted, what is named, exit codes, and that it agrees with
vfprep compare. What the documents hold is tested with the reports (tests/unit)."""

import copy
import json
import os
import pathlib

import pytest

READY = json.loads((pathlib.Path(__file__).parent / "facts" / "ready.json").read_text())


def host(name, firmware=None, psid=None):
    facts = copy.deepcopy(READY)
    facts["host"].update(hostname=name, uuid=f"uuid-{name}", boot_id=f"boot-{name}")
    facts["pfs"][0]["firmware_running"] = firmware or facts["pfs"][0]["firmware_running"]
    facts["pfs"][0]["psid"] = psid or facts["pfs"][0]["psid"]
    return facts


HOSTS = [host("a"), host("b"), host("c", firmware="28.42.1000"), host("d", psid="DEL0000000034")]


@pytest.fixture
def fleet(tmp_path):
    """A folder with a file a host."""
    folder = tmp_path / "fleet"
    folder.mkdir()
    for facts in HOSTS:
        (folder / f"{facts['host']['hostname']}.json").write_text(json.dumps(facts, indent=1))
    return folder


def audit(vfaudit, *arguments, code=0, **options):
    ran = vfaudit("audit", "--json", *arguments, **options)
    assert ran.returncode == code, ran.stderr
    return json.loads(ran.stdout)


def members(document):
    return [island["members"] for island in document["islands"]]


def test_forms_of_input_are_one(vfaudit, fleet, tmp_path):
    """A folder, its files, lines of a file, lines on stdin."""
    lines = "".join(json.dumps(facts) + "\n" for facts in HOSTS)
    (tmp_path / "all.jsonl").write_text(lines)
    files = sorted(str(path) for path in fleet.glob("*.json"))
    expected = [["a", "b"], ["d"], ["c"]]
    for document in (
        audit(vfaudit, "--dir", str(fleet)),
        audit(vfaudit, str(fleet)),
        audit(vfaudit, *files),
        audit(vfaudit, str(tmp_path / "all.jsonl")),
        audit(vfaudit, "-", stdin=lines),
    ):
        assert sorted(members(document)) == sorted(expected)
        assert members(document)[0] == ["a", "b"]
    # Without a command's name it is the same.
    assert vfaudit(str(fleet)).stdout == vfaudit("audit", str(fleet)).stdout


def test_bad_documents_are_named_and_others_counted(vfaudit, fleet):
    bad = {
        "cut.json": json.dumps(HOSTS[0])[:900],
        "future.json": json.dumps({**host("f"), "schema": 9}),
        "other.json": json.dumps({"schema": 1, "kind": "status"}),
        "deep.json": "[" * 100000,
        "empty.json": "",
        "nul.json": '{"schema":1,"kind":"facts"}\0',
        "type.json": json.dumps({**host("t"), "pfs": "none"}),
        "twice.json": json.dumps(host("a")),
        "lines.jsonl": json.dumps(host("l1")) + "\n{cut\n" + json.dumps(host("l2")) + "\n",
    }
    for name, text in bad.items():
        (fleet / name).write_text(text)
    (fleet / "gone.json").symlink_to("nowhere")
    os.mkfifo(fleet / "pipe.json")
    document = audit(vfaudit, str(fleet), code=4)
    named = {fault["source"].removeprefix(str(fleet) + "/") for fault in document["faults"]}
    assert named == set(bad) - {"lines.jsonl"} | {"lines.jsonl:2", "gone.json", "pipe.json"}
    assert document["summary"]["hosts"] == 6
    assert members(document)[0] == ["a", "b", "l1", "l2"]


def test_many_documents_by_several_processes(vfaudit, tmp_path):
    """Enough to be shared: the same result as one document at a time, in the same order."""
    names = [f"h{number:04}" for number in range(700)]
    lines = [json.dumps(host(name, firmware="28.42.1000" if number % 3 else None))
             for number, name in enumerate(names)]
    lines[5] = lines[5][:700]
    (tmp_path / "all.jsonl").write_text("\n".join(lines) + "\n")
    folder = tmp_path / "files"
    folder.mkdir()
    for name, line in zip(names, lines):
        (folder / f"{name}.json").write_text(line)
    shared = audit(vfaudit, str(tmp_path / "all.jsonl"), code=4)
    files = audit(vfaudit, str(folder), code=4)
    alone = audit(vfaudit, "-", stdin="\n".join(lines), code=4)
    assert members(shared) == members(files) == members(alone)
    assert [entry["name"] for entry in shared["hosts"]] == [n for n in names if n != "h0005"]
    assert [fault["source"] for fault in alone["faults"]] == ["-:6"]


def test_pair_is_compare(vfaudit, vfprep, fleet):
    for other, code in (("b", 0), ("c", 3), ("d", 3)):
        words = ["--json", "a.json", f"{other}.json"]
        pair, compare = vfaudit("pair", *words, cwd=fleet), vfprep("compare", *words, cwd=fleet)
        assert (pair.returncode, pair.stdout) == (compare.returncode, compare.stdout)
        assert pair.returncode == code


def test_plan_and_diff(vfaudit, fleet, tmp_path):
    plan = json.loads(vfaudit("plan", "--json", str(fleet)).stdout)
    assert [change["host"] for wave in plan["waves"] for change in wave["changes"]] == ["c"]
    assert (plan["pairs_before"], plan["pairs_after"]) == (1, 3)
    assert vfaudit("plan", "--target", "28.30.1000", str(fleet)).returncode == 3
    assert vfaudit("plan", "--target", "new", str(fleet)).returncode == 2
    later = tmp_path / "later"
    later.mkdir()
    for facts in [host("a"), host("b", firmware="28.42.1000"), HOSTS[2], HOSTS[3]]:
        (later / f"{facts['host']['hostname']}.json").write_text(json.dumps(facts))
    split = vfaudit("diff", "--json", str(fleet), str(later))
    assert split.returncode == 3
    assert json.loads(split.stdout)["verdict"] == "split"
    assert vfaudit("diff", str(fleet), str(fleet)).returncode == 0


def test_prometheus_file_is_replaced_whole(vfaudit, fleet, tmp_path):
    file = tmp_path / "vfmig.prom"
    file.write_text("old")
    assert vfaudit("--prometheus", str(file), str(fleet)).returncode == 0
    assert "\nvfmig_fleet_islands 3\n" in file.read_text()
    assert [path.name for path in tmp_path.iterdir() if "tmp" in path.name] == []


def test_usage(vfaudit, fleet):
    ran = vfaudit("plna", str(fleet))
    assert ran.returncode == 2 and "'plna' is neither a command nor a file" in ran.stderr
    assert vfaudit("plna.json", str(fleet)).returncode == 4  # a document that is not there is named
    assert vfaudit("fleet", cwd=fleet.parent).returncode == 0
    assert vfaudit("audit").returncode == 2
    assert vfaudit("audit", "-", "-", stdin="").returncode == 2
    assert vfaudit("--json", "--csv", str(fleet)).returncode == 2
    assert vfaudit("--accept", "psid-match", str(fleet)).returncode == 2
