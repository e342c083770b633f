# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the programs print is valid by the schemas that are installed with them; completion offers
what the option tables have."""

import json
import pathlib
import re
import subprocess

import pytest

from test_usage import EACH, program  # noqa: F401

jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")

READY = pathlib.Path(__file__).parent / "facts" / "ready.json"


@pytest.fixture(scope="session")
def built(vfprep):
    """The build's folder with schemas and completion, beside the one with the programs."""
    folder = pathlib.Path(vfprep.path).resolve().parent.parent / "data"
    if not (folder / "vfprep").exists():
        pytest.skip(f"{folder} has no schemas: vfprep is not that of a build")
    return folder


@pytest.fixture(scope="session")
def validator(built):
    def load(kind):
        schema = json.loads((built / f"{kind}.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        return jsonschema.Draft202012Validator(schema)

    return load


# kind, arguments
RUNS = [
    ("facts", ["facts"]),
    ("facts", ["facts", "--full"]),
    ("facts", ["facts", "ready.json"]),
    ("status", ["status", "--json"]),
    ("status", ["status", "--json", "ready.json"]),
    ("status", ["status", "--json", "--pf", "0000:77:00.0", "ready.json"]),
    ("status", ["status", "--json", "--profile", "nvidia", "--accept", "ovs-max-idle", "ready.json"]),
    ("compare", ["compare", "--json", "ready.json", "ready.json"]),
    ("compare", ["compare", "--json", "ready.json", "local"]),
    ("compare", ["compare", "--json", "local", "ready.json"]),
    ("xml", ["xml", "--json", "--host", "ready.json", "0000:01:00.1"]),
    ("rules", ["rules", "--json"]),
    ("prep", ["plan", "--json", "--pf", "0000:01:00.0", "--vfs", "4", "--bridge", "br9", "ready.json"]),
    ("prep", ["plan", "--json", "--pf", "0000:77:00.0", "--vfs", "4", "--bridge", "br9", "ready.json"]),
    ("history", ["history", "--json"]),
]


@pytest.mark.parametrize("kind,arguments", RUNS, ids=lambda value: value if isinstance(value, str) else " ".join(value))
def test_document_is_valid(vfprep, validator, kind, arguments):
    ran = vfprep(*arguments)
    assert ran.returncode in (0, 3), ran.stderr
    document = json.loads(ran.stdout)
    assert (document["schema"], document["kind"]) == (1, kind)
    validator(kind).validate(document)


def shapes(items):
    """The different orders of keys among objects."""
    return {tuple(item) for item in items}


def test_shape_is_the_same_for_no_one_and_two_pfs(vfprep):
    one = json.loads(READY.read_text())
    none = {**one, "pfs": []}
    two = {**one, "pfs": [one["pfs"][0], {**one["pfs"][0], "bdf": "0000:02:00.0"}]}
    documents = [
        json.loads(vfprep("status", "--json", "-", stdin=json.dumps(facts)).stdout)
        for facts in (none, one, two)
    ]
    hosts = [host for document in documents for host in document["hosts"]]
    pfs = [pf for host in hosts for pf in host["pfs"]]
    assert [len(host["pfs"]) for host in hosts] == [0, 1, 2]
    assert len(shapes(documents)) == len(shapes(hosts)) == len(shapes(pfs)) == 1
    assert len(shapes(row for place in hosts + pfs for row in place["findings"])) == 1


@pytest.mark.parametrize("kind", ["facts", "status", "compare", "rules", "prep", "history"])
def test_schema_refuses(vfprep, validator, kind):
    """Another kind, a higher number, nothing at all."""
    arguments = next(arguments for row, arguments in RUNS if row == kind)
    document = json.loads(vfprep(*arguments).stdout)
    check = validator(kind)
    for change in ({"kind": "other"}, {"schema": 2}, {"schema": "1"}):
        assert not check.is_valid({**document, **change})
    assert not check.is_valid({})


def complete(built, folder, *words, program="vfprep"):
    """What bash offers for the last of these words."""
    script = (
        f'source "{built}/{program}"; compopt() {{ :; }}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        f'_{program}; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    ran = subprocess.run(
        ["bash", "-c", script, "bash", program, *words],
        capture_output=True, text=True, check=True, cwd=folder,
    )
    assert ran.stderr == ""
    return sorted(ran.stdout.split("\n")[:-1])


def test_completion(built, tmp_path):
    (tmp_path / "host a.json").write_text("{}")
    assert complete(built, tmp_path, "st") == ["status"]
    assert complete(built, tmp_path, "status", "--pro") == ["--profile"]
    assert complete(built, tmp_path, "status", "--profile", "") == ["nvidia", "rhel10"]
    assert complete(built, tmp_path, "apply", "--bind", "p") == ["pci-stub"]
    assert complete(built, tmp_path, "plan", "--phase", "") == ["all", "device", "ovs"]
    assert complete(built, tmp_path, "compare", "--profile", "=", "nv") == ["nvidia"]
    assert complete(built, tmp_path, "compare", "--profile", "=") == ["nvidia", "rhel10"]
    assert complete(built, tmp_path, "compare", "h") == ["host a.json"]
    assert complete(built, tmp_path, "compare", "host a.json", "") == ["host a.json", "local", "ssh:"]
    assert complete(built, tmp_path, "facts", "-o", "ho") == ["host a.json"]


@pytest.mark.parametrize("program,command", EACH, indirect=["program"])
def test_completion_has_every_option(built, program, command, tmp_path):
    help_text = program(command, "--help").stdout
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", help_text, re.M))
    assert set(complete(built, tmp_path, command, "--", program=program.name)) == options


def test_completion_of_vfmigrate(built, tmp_path):
    """An error text is a file: no host is offered."""
    (tmp_path / "error.txt").write_text("")
    assert complete(built, tmp_path, "e", program="vfmigrate") == ["explain"]
    assert complete(built, tmp_path, "set", program="vfmigrate") == ["set-downtime", "set-speed"]
    assert complete(built, tmp_path, "explain", "", program="vfmigrate") == ["error.txt"]


@pytest.mark.parametrize("program,command", EACH, indirect=["program"])
def test_man_page_has_every_command(built, program, command):
    """With all of its options, in the section of the command."""
    [path] = (built.parent / "man").glob(f"{program.name}.?.scd")
    page = path.read_text()
    section = page.split(f"## {program.name} {command} [options]")[1].split("\n#")[0]
    help_text = program(command, "--help").stdout
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", help_text, re.M)) - {"--help"}
    assert set(re.findall(r"^(?:\*-\w\*, )?\*(--[\w-]+)\*", section, re.M)) == options


def test_explain_is_valid(vfmigrate, validator):
    for text in ("VFIO migration is not supported in kernel\n", "nothing"):
        document = json.loads(vfmigrate("explain", "--json", stdin=text).stdout)
        validator("explain").validate(document)
        for change in ({"kind": "other"}, {"schema": 2}, {"messages": None}):
            assert not validator("explain").is_valid({**document, **change})
