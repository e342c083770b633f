# SPDX-License-Identifier: LGPL-2.1-or-later
"""One twin for all scenarios: raised once, started afresh before each module.

VFMIG_PROGRAMS   folder with the programs under test, in both hosts' PATH
VFMIG_TWIN       name of the twin (default: test); one that is up is used as it is and left up
"""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from twin import Guest, Twin  # noqa: E402


def show_ends(twin):
    """The last words of both daemons, for a failure nobody can look at afterwards."""
    for host in twin.hosts:
        for log in sorted((twin.run_dir / host.name / "log").rglob("*.log")):
            lines = log.read_text(errors="replace").splitlines()
            sys.stderr.write(f"---- {log} (end)\n" + "\n".join(lines[-30:]) + "\n")


@pytest.fixture(scope="session")
def raised_twin(request):
    if os.geteuid() != 0:
        pytest.skip("the twin's hosts are namespaces with accounts of their own: run as root")
    twin = Twin(os.environ.get("VFMIG_TWIN", "test"))
    programs = os.environ.get("VFMIG_PROGRAMS")
    if programs and not pathlib.Path(programs).is_dir():
        pytest.fail(f"VFMIG_PROGRAMS={programs} is no folder: build first")
    found = twin.find()
    if not found:
        twin.up(*(["--push", programs] if programs else []))
    elif programs:
        twin.script("push", programs)
    # raised just now, it is fresh
    twin.fresh = not found
    yield twin
    if request.session.testsfailed:
        show_ends(twin)
    if not found:
        twin.down()


@pytest.fixture(scope="module")
def twin(raised_twin):
    """Both hosts, as after their start."""
    if not raised_twin.fresh:
        raised_twin.reset()
    raised_twin.fresh = False
    return raised_twin


@pytest.fixture
def guest(twin):
    """A guest to be started; gone after the test."""
    guest = Guest()
    yield guest
    guest.end()
