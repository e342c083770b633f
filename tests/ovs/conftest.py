# SPDX-License-Identifier: LGPL-2.1-or-later
"""Open vSwitch: real daemons in a world of their own, for what is read there and changed.

$VFMIG_PROGRAMS names the folder of the programs under test, else PATH is searched.
"""

import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
RUN = "/run/openvswitch"
SCHEMAS = pathlib.Path("/usr/share/openvswitch")
NEEDED = ["unshare", "nsenter", "setpriv", "ovsdb-client", "ovsdb-tool", "ovsdb-server",
          "ovs-vswitchd", "ovs-vsctl"]


def why_not():
    """Why these tests cannot run here, or None."""
    if os.geteuid() != 0:
        return "needs root: private namespaces"
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [name for name in NEEDED if not shutil.which(name, path=path)]
    if missing:
        return f"not installed: {', '.join(missing)}"
    return None


class World:
    """Mounts, processes and network apart from the machine's; /run is empty at first."""

    def __init__(self, vfprep):
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc",
             "sh", "-c", "mount -t tmpfs none /run && mkdir -m 755 /run/openvswitch && "
             "echo ready && exec sleep infinity"],
            stdout=subprocess.PIPE, text=True,
        )
        assert self.process.stdout.readline() == "ready\n"
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.first = children.read_text().split()[0]
        # where every user may run it
        self.vfprep = "/run/vfprep"
        self.run("cp", vfprep, self.vfprep)
        self.ovs_change = pathlib.Path(vfprep).parent.parent / "tests" / "ovs-change"

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def run(self, *command, check=True):
        done = subprocess.run(
            ["nsenter", "-t", self.first, "-m", "-p", "-n", *map(str, command)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "LC_ALL": "C"},
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done

    def shell(self, text, check=True):
        return self.run("sh", "-c", text, check=check)

    def facts(self, *wrapper):
        """The ovs part of vfprep facts; it may say nothing beside the full document."""
        done = self.run(*wrapper, self.vfprep, "facts", "--full")
        said = [line for line in done.stderr.splitlines() if "profiling" not in line]
        assert not any("ovs" in line.lower() for line in said), said
        return json.loads(done.stdout)["ovs"]

    def database(self, schema="vswitch.ovsschema"):
        self.run("ovsdb-tool", "create", f"{RUN}/conf.db", SCHEMAS / schema)
        self.run("ovsdb-server", f"{RUN}/conf.db", f"--remote=punix:{RUN}/db.sock", "--pidfile",
                 "--detach", "--no-chdir", "--log-file=/dev/null", "-vconsole:off")

    def daemon(self, dummies=""):
        """A real ovs-vswitchd, with datapaths that need neither kernel module nor devices.

        dummies: "=override" makes dummies of all datapaths and devices.
        """
        self.run("ovs-vsctl", "--no-wait", "init")
        self.run("ovs-vswitchd", f"--enable-dummy{dummies}", "--pidfile", "--detach", "--no-chdir",
                 "--log-file=/dev/null", "-vconsole:off")

    def stand_in(self, answers):
        """A process of the daemon's name that gives these answers on the control socket."""
        self.shell(f"ln -s $(readlink -f /usr/bin/python3) {RUN}/ovs-vswitchd && "
                   f"cat >{RUN}/answers <<'END'\n{json.dumps(answers)}\nEND\n"
                   f"setsid {RUN}/ovs-vswitchd {HERE}/stand_in.py {RUN} >/dev/null 2>&1 &")
        self.wait_for(f"test -S {RUN}/ovs-vswitchd.$(cat {RUN}/ovs-vswitchd.pid).ctl")

    def change(self, *actions, remote=f"unix:{RUN}/db.sock", timeout_ms=20000, background=False):
        """What ovs-change answers to each of the actions."""
        assert self.ovs_change.exists(), f"{self.ovs_change} is not there: build the tests too"
        script = json.dumps({"remote": remote, "timeout_ms": timeout_ms, "actions": actions})
        if background:
            return subprocess.Popen(
                ["nsenter", "-t", self.first, "-m", "-p", "-n", self.ovs_change, script],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        return self.answers(self.run(self.ovs_change, script).stdout)

    @staticmethod
    def answers(text):
        """Of ovs-change, whose process must be as it was."""
        said = json.loads(text)
        assert said["changed"] == [], said
        return said["answers"]

    def proxy(self, what):
        """The address of a proxy that does that to a client's transactions."""
        self.shell(f"setsid python3 {HERE}/proxy.py {RUN} {what} >/dev/null 2>&1 &")
        self.wait_for(f"test -S {RUN}/proxy.sock")
        return f"unix:{RUN}/proxy.sock"

    def dump(self):
        """All that the database holds."""
        return self.run("ovsdb-client", "dump", f"unix:{RUN}/db.sock").stdout

    def log(self):
        """The comments of all transactions; None for one without."""
        lines = self.run("ovsdb-tool", "show-log", f"{RUN}/conf.db").stdout.splitlines()
        records = [line for line in lines if line.startswith("record ")]
        return [line.split('"')[1] if '"' in line else None for line in records]

    def vsctl(self, *arguments):
        return self.run("ovs-vsctl", "--timeout=20", *arguments).stdout

    def signal(self, name, daemon):
        self.shell(f"kill -{name} $(cat {RUN}/{daemon}.pid)")

    def kill(self, daemon):
        pid = self.shell(f"cat {RUN}/{daemon}.pid").stdout.strip()
        self.run("kill", "-KILL", pid)
        self.wait_for(f"! kill -0 {pid} 2>/dev/null || grep -q '^State:.Z' /proc/{pid}/status")

    def wait_for(self, condition):
        for _ in range(500):
            if self.shell(condition, check=False).returncode == 0:
                return
            time.sleep(0.02)
        pytest.fail(f"never came true: {condition}")


@pytest.fixture(scope="session")
def vfprep_path():
    reason = why_not()
    if reason:
        pytest.skip(reason)
    path = shutil.which("vfprep", path=os.environ.get("VFMIG_PROGRAMS"))
    assert path, "vfprep is neither in $VFMIG_PROGRAMS nor in PATH"
    return os.path.abspath(path)


@pytest.fixture
def world(vfprep_path):
    made = World(vfprep_path)
    yield made
    made.close()
