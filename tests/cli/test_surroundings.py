# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a program inherits from whoever starts it."""

import signal
import subprocess

import pytest


def test_ignored_children(vfprep, tmp_path):
    """Some daemons ignore SIGCHLD, and so do the programs they start."""
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\necho 'ssh: connect to host b port 22: Connection refused' >&2\nexit 255\n")
    ssh.chmod(0o755)
    ran = vfprep(
        "facts",
        "ssh:b",
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
    )
    assert ran.returncode == 1
    assert "nothing listens on its ssh port" in ran.stderr


def test_output_is_no_file(vfprep, tmp_path):
    """Nothing is put in the place of a device or of a link."""
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    ran = vfprep("facts", "-o", str(link), "ready.json")
    assert ran.returncode == 1
    assert "no regular file" in ran.stderr
    assert link.is_symlink()


@pytest.mark.parametrize("name", ["vfprep", "vfmigrate"])
def test_closed_standard_files(request, name):
    """What a program opens does not take the place of what it was started without."""
    program = request.getfixturevalue(name)
    ran = subprocess.run(f'"{program.path}" rules <&- >&- 2>&-', shell=True, check=False)
    assert ran.returncode == 0
