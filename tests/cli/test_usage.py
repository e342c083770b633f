# SPDX-License-Identifier: LGPL-2.1-or-later
"""Command lines that are wrong, and help: each says what to do, none touches anything."""

import json
import re
import subprocess

import pytest

COMMANDS = {
    "vfprep": [
        "status", "plan", "apply", "confirm", "undo", "history", "xml", "compare", "facts", "rules", "serve",
    ],
    "vfmigrate": [
        "attach", "detach", "check", "run", "verify", "recover", "status", "abort", "set-downtime", "set-speed", "cpu-baseline",
        "explain", "rules",
    ],
    "vgpucheck": ["status", "compare", "metadata", "xml", "create", "remove", "rules"],
}
EACH = [(program, command) for program, commands in COMMANDS.items() for command in commands]


@pytest.fixture
def program(request):
    """The program that a test is given by its name."""
    return request.getfixturevalue(request.param)

# arguments, exit code, words on stderr
WRONG = [
    ([], 2, "Usage: vfprep COMMAND"),
    (["nonsense"], 2, "no such command: nonsense"),
    (["facts", "--nonsense"], 2, "--nonsense"),
    (["facts", "-z"], 2, "-z"),
    (["facts", "-o"], 2, "-o needs a value"),
    (["facts", "--output="], 2, "--output: empty value"),
    (["facts", "--full=1"], 2, "--full"),
    (["facts", "a", "b"], 2, "too many arguments: 'b'"),
    (["compare"], 2, "needs A B"),
    (["compare", "a"], 2, "needs A B"),
    (["status", "--profile", "rhel3"], 2, "'rhel3' is none of: rhel10, nvidia"),
    (["status", "--pf", "e1:00"], 2, "e1:00"),
    (["status", "--accept", "no-such-rule", "ready.json"], 2, "no-such-rule"),
    (["status", "--accept", "psid-readable", "ready.json"], 2, "psid-readable"),
    (["facts", "ssh:"], 2, "ssh:"),
    (["facts", "ssh:-oProxyCommand=x"], 2, "must not begin with '-'"),
    (["facts", "no-such-file.json"], 1, "no-such-file.json"),
    (["status", "/dev/null"], 1, "/dev/null"),
    (["rules", "extra"], 2, "too many arguments"),
]


@pytest.mark.parametrize("arguments,code,words", WRONG, ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_wrong(vfprep, arguments, code, words):
    ran = vfprep(*arguments)
    assert words in ran.stderr
    assert ran.stdout == ""
    assert ran.returncode == code


# of a move to a destination that is named: options, words on stderr
MOVE_WRONG = [
    (["--live", "--offline"], "--live and --offline exclude each other"),
    (["--temporary", "--permanent"], "--temporary and --permanent exclude each other"),
    (["--temporary", "--undefine-source"], "--temporary excludes --persistent and --undefine-source"),
    (["--temporary", "--offline"], "--temporary and --offline exclude each other"),
    (["--after", "3"], "--after needs --postcopy"),
    (["--on-timeout", "suspend"], "--on-timeout needs --timeout"),
    (["--timeout", "3", "--on-timeout", "wait"], "'wait' is none of: abort, suspend, postcopy"),
    (["--disks", "vda"], "--disks needs --copy-storage"),
    (["--overwrite-target", "vda"], "--overwrite-target needs --copy-storage"),
    (["--copy-storage", "some"], "'some' is none of: all, inc"),
    (["--copy-storage", "all", "--disks", "vda,,vdb"], "'vda,,vdb' has an empty name"),
    (["--connections", "0"], "--connections: '0' is no whole number from 1 to 255"),
    (["--connections", "many"], "--connections: 'many' is no whole number"),
    (["--max-downtime", "0"], "--max-downtime: '0' is no whole number from 1 to 3600000"),
    (["--bandwidth", "1.5"], "--bandwidth: '1.5' is no whole number from 1 to 1048576"),
    (["--timeout", "-1"], "--timeout: '-1' is no whole number from 1 to 604800"),
    (["--auto-converge=100"], "--auto-converge: '100' is no whole number from 1 to 99"),
    (["--auto-converge=20,"], "--auto-converge: '' is no whole number from 1 to 99"),
    (["--measure-dirty", "61"], "--measure-dirty: '61' is no whole number from 1 to 60"),
    (["--dest-vf", "0000:e1:00.2"], "'0000:e1:00.2' is not of the form"),
    (["--dest-vf", "0000:e1:00.2=0000:e1:00.5", "--dest-vf", "0000:e1:00.3=0000:e1:00.5"],
     "names a VF that another does"),
    (["--accept", "no-such-rule"], "no-such-rule"),
    (["--accept", "storage-shared"], "storage-shared"),
    (["--profile", "rhel3"], "'rhel3' is none of: rhel10, nvidia"),
    (["--to-host", "ssh:"], "ssh:"),
    (["--from-host", "ssh:-oProxyCommand=x"], "must not begin with '-'"),
]
WRONG_MIGRATE = [
    ([], 2, "Usage: vfmigrate COMMAND"),
    (["nonsense"], 2, "no such command: nonsense"),
    (["check"], 2, "needs VM"),
    (["check", "g1"], 2, "--to is needed"),
    (["check", "g1", "g2", "--to", "x"], 2, "too many arguments: 'g2'"),
    *[(["check", "g1", "--to", "qemu+ssh://b/system", *words], 2, said) for words, said in MOVE_WRONG],
    (["check", "g1", "--from", "qemu+unix:///system?socket=/nonexistent", "--to",
      "qemu+unix:///system?socket=/nowhere", "--from-host", "none", "--to-host", "none"], 1,
     "qemu+unix:///system?socket=/nonexistent"),
    (["verify"], 2, "needs VM"),
    (["verify", "g1"], 2, "--to is needed"),
    (["verify", "g1", "--to", "x", "--ping", "host.example"], 2, "'host.example' is no IP address"),
    (["run", "g1", "--to", "x", "--ping", "-f"], 2, "'-f' is no IP address"),
    (["recover", "g1", "g2", "--to", "x"], 2, "too many arguments: 'g2'"),
    (["recover", "g1"], 2, "--to is needed"),
    (["recover", "g1", "--to", "qemu+ssh://b/system", "--to-host", "ssh:-oX"], 2, "must not begin with '-'"),
    *[([command, "g1", "--from", "qemu+unix:///system?socket=/nonexistent", "--to",
        "qemu+unix:///system?socket=/nowhere", "--from-host", "none", "--to-host", "none"], 1,
       "neither host that answers knows a VM of this name") for command in ("verify", "recover")],
    (["status"], 2, "needs VM"),
    (["status", "g1", "g2"], 2, "too many arguments: 'g2'"),
    (["abort", "g1", "--watch"], 2, "--watch"),
    (["set-downtime", "g1"], 2, "needs VM MS"),
    (["set-downtime", "g1", "0"], 2, "'0' is no number from 1 to 2000000"),
    (["set-downtime", "g1", "2000001"], 2, "'2000001' is no number from 1 to 2000000"),
    (["set-speed", "g1", "1k"], 2, "'1k' is no number from 1 to 8796093022207"),
    (["set-speed", "g1", "8796093022208"], 2, "'8796093022208' is no number"),
    (["cpu-baseline"], 2, "--to is missing"),
    (["cpu-baseline", "g1", "--to", "x"], 2, "too many arguments: 'g1'"),
    (["cpu-baseline", "--from", "qemu+unix:///system?socket=/nonexistent", "--to", "x"], 1,
     "libvirt's daemon does not run there"),
    (["status", "g1", "--from", "qemu+unix:///system?socket=/nonexistent"], 1,
     "libvirt's daemon does not run there"),
    (["attach"], 2, "needs VM"),
    (["attach", "g1"], 2, "--vf is needed"),
    (["attach", "g1", "g2", "--vf", "auto"], 2, "too many arguments: 'g2'"),
    (["attach", "g1", "--vf", "enp1s0v0"], 2, "is no VF's name"),
    (["attach", "g1", "--vf", "0000:e1:00.0/-1"], 2, "is no VF's name"),
    (["attach", "g1", "--vf", "auto", "--mac", "53:54:00:00:00:01"], 2, "--mac: '53:54:00:00:00:01' is a multicast address"),
    (["attach", "g1", "--vf", "auto", "--mac", "52:54"], 2, "--mac: '52:54' is no MAC address"),
    (["attach", "g1", "--vf", "auto", "--timeout", "3"], 2, "--timeout"),
    (["attach", "g1", "--vf", "auto", "--from-host", "ssh:-oX"], 2, "must not begin with '-'"),
    (["attach", "g1", "--vf", "auto", "--from", "qemu+unix:///system?socket=/nonexistent", "--from-host", "none"], 1,
     "libvirt's daemon does not run there"),
    (["detach", "g1"], 2, "--vf or --mac is needed, and not both"),
    (["detach", "g1", "--vf", "0000:e1:00.1", "--mac", "52:54:00:00:00:01"], 2, "--vf or --mac is needed, and not both"),
    (["detach", "g1", "--vf", "auto"], 2, "is no VF's name"),
    (["detach", "g1", "--mac", "00:00:00:00:00:00"], 2, "stands for no address"),
    (["detach", "g1", "--vf", "0000:e1:00.1", "--timeout", "0"], 2, "--timeout: '0' is no whole number from 1 to 3600"),
    (["detach", "g1", "--vf", "0000:e1:00.1", "--timeout", "3601"], 2, "'3601' is no whole number from 1 to 3600"),
    (["detach", "g1", "--vf", "0000:e1:00.1", "--from", "qemu+unix:///system?socket=/nonexistent"], 1,
     "libvirt's daemon does not run there"),
    (["explain", "a", "b"], 2, "too many arguments: 'b'"),
    (["explain", "--text"], 2, "--text"),
    (["rules", "extra"], 2, "too many arguments"),
]


@pytest.mark.parametrize("arguments,code,words", WRONG_MIGRATE, ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_wrong_vfmigrate(vfmigrate, arguments, code, words):
    test_wrong(vfmigrate, arguments, code, words)


WRONG_VGPU = [
    ([], 2, "Usage: vgpucheck COMMAND"),
    (["nonsense"], 2, "no such command: nonsense"),
    (["status", "a", "b"], 2, "too many arguments: 'b'"),
    (["status", "--pf", "x"], 2, "--pf"),
    (["status", "--profile", "rhel3"], 2, "'rhel3' is none of: rhel10, nvidia"),
    (["status", "--accept", "no-such-rule", "ready.json"], 2, "no-such-rule"),
    (["status", "--accept", "vgpu-offered", "ready.json"], 2, "vgpu-offered"),
    (["status", "ssh:-oX"], 2, "must not begin with '-'"),
    (["status", "no-such-file.json"], 1, "no-such-file.json"),
    (["compare", "a"], 2, "needs A B"),
    (["compare", "--connect", "test:///default", "a", "b"], 2, "--connect needs --vm"),
    (["compare", "--metadata", "m.json", "local", "ready.json"], 2, "--metadata asks NVML of B"),
    (["compare", "--metadata", "m.json", "local", "-"], 2, "not '-'"),
    (["compare", "--metadata", "no-such-file.json", "ready.json", "local"], 1, "no-such-file.json"),
    (["compare", "--metadata", "ready.json", "ready.json", "local"], 1, "is no vgpu-metadata document"),
    (["compare", "--vm", "./no-such-file", "ready.json", "ready.json"], 1, "./no-such-file"),
    (["compare", "--vm", "no-such-file.xml", "ready.json", "ready.json"], 1, "no-such-file.xml"),
    (["compare", "--vm", "vm1", "--connect", "test:///no/such.xml", "ready.json", "ready.json"], 1, "such.xml"),
    (["metadata"], 2, "needs VM"),
    (["metadata", "a", "b"], 2, "too many arguments: 'b'"),
    (["metadata", "a", "-o"], 2, "-o needs a value"),
    (["metadata", "a", "--connect", "test:///no/such.xml"], 1, "such.xml"),
    (["rules", "extra"], 2, "too many arguments"),
]


@pytest.mark.parametrize("arguments,code,words", WRONG_VGPU, ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_wrong_vgpucheck(vgpucheck, arguments, code, words):
    test_wrong(vgpucheck, arguments, code, words)


@pytest.mark.parametrize("program,command", EACH, indirect=["program"])
def test_help(program, command):
    ran = program(command, "--help")
    assert ran.returncode == 0
    assert ran.stdout.startswith(f"Usage: {program.name} {command}")
    assert program("help", command).stdout == ran.stdout
    assert max(len(line) for line in ran.stdout.splitlines()) <= 80


@pytest.mark.parametrize("program", COMMANDS, indirect=True)
def test_program_help_lists_commands(program):
    ran = program("--help")
    assert ran.returncode == 0
    assert max(len(line) for line in ran.stdout.splitlines()) <= 80
    listed = ran.stdout.split("\nCommands:\n")[1].split("\n\n")[0]
    assert re.findall(r"^  ([\w-]+) ", listed, re.M) == COMMANDS[program.name]


@pytest.mark.parametrize("program", COMMANDS, indirect=True)
def test_version(program):
    ran = program("--version")
    assert re.fullmatch(r"vfmig \d+\.\d+\.\d+\n", ran.stdout)


def test_full_disk_is_an_error(vfprep):
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [vfprep.path, "rules"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ran.returncode == 1
    assert "No space left" in ran.stderr


def test_facts_of_this_machine(vfprep, tmp_path):
    """Works on a machine without any card, and writes in one step."""
    file = tmp_path / "facts.json"
    ran = vfprep("facts", "--output", str(file))
    assert (ran.returncode, ran.stdout) == (0, "")
    facts = json.loads(file.read_text())
    assert (facts["schema"], facts["kind"]) == (1, "facts")
    assert facts["pfs"] == []
    assert [path.name for path in tmp_path.iterdir()] == ["facts.json"]
    again = vfprep("facts", "-", stdin=file.read_text())
    assert json.loads(again.stdout) == facts
