#!/usr/bin/python
# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfprep as an Ansible module: its exit codes and documents become changed, diff and failures.

What it is told and what it says is vfprep's alone: nothing is judged here. From the top: the
module's documentation; documents into results, which is pure; running the program; the states.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: vfprep
short_description: Prepare a host for the live migration of VMs with ConnectX-7 VFs
description:
  - Runs C(vfprep apply), C(confirm) or C(undo) on the host and reports what it did.
  - In check mode it runs C(vfprep plan) or C(vfprep undo --dry-run), which touch nothing.
  - What a rule of vfprep refuses is a failure with the rule's words and its remedy.
version_added: "0.1.0"
options:
  state:
    description:
      - C(prepared), the host is as I(config) says, by C(vfprep apply).
      - C(confirmed), what was done with I(confirm_within) stays, by C(vfprep confirm); give it over
        a connection that was made after that.
      - C(absent), what vfprep changed is put back, by C(vfprep undo).
    type: str
    choices: [prepared, confirmed, absent]
    default: prepared
  config:
    description:
      - The text of a vfprep.conf(5). Needed for I(state=prepared).
    type: str
  executable:
    description:
      - The program, by its name or its path.
    type: str
    default: vfprep
  profile:
    description:
      - Whose demands apply where documents differ.
    type: str
    choices: [rhel10, nvidia]
    default: rhel10
  accept:
    description:
      - Rules to set aside, by their ids. Only those that C(vfprep rules) calls waivable.
    type: list
    elements: str
    default: []
  replace_vfs:
    description:
      - Remove VFs that are there in another number.
    type: bool
    default: false
  set_firmware:
    description:
      - Set the card's firmware settings for the next boot where they are not as needed.
    type: bool
    default: false
  restart_ovs:
    description:
      - Restart Open vSwitch when hw-offload changes. Interrupts the traffic of every VM in it.
    type: bool
    default: false
  take_uplink:
    description:
      - Take an uplink although addresses or sessions are on it. Needs I(confirm_within).
    type: bool
    default: false
  confirm_within:
    description:
      - Seconds after which the change undoes itself unless I(state=confirmed) came.
    type: int
  firmware:
    description:
      - With I(state=absent), put firmware settings back too.
    type: bool
    default: false
  wait:
    description:
      - Seconds to wait for another vfprep to end; vfprep's own when not given.
    type: int
  not_ready:
    description:
      - What it is when all is done and the host is still not ready, waits for a reboot, or has
        something that was left alone, C(fail) or C(report), which only returns it.
    type: str
    choices: [fail, report]
    default: fail
author:
  - The vfmig project
"""

EXAMPLES = r"""
- name: Prepare a card
  vfprep:
    config: |
      [0000:e1:00.0]
      vfs = 8
      bridge = br-vm

- name: Put everything back
  vfprep:
    state: absent
"""

RETURN = r"""
verdict:
  description: vfprep's word for how it ended; null when it said none.
  returned: always
  type: str
  sample: done
refused:
  description: Whether a rule refused it, with nothing touched.
  returned: always
  type: bool
ready:
  description: Whether the host was found ready afterwards; null when it was not judged.
  returned: always
  type: bool
reboot_needed:
  description: Whether firmware settings wait for a reboot.
  returned: always
  type: bool
findings:
  description: What vfprep found wrong, of the request and then of the host as it is.
  returned: always
  type: list
  elements: dict
steps:
  description: Each step with its object, what was and what is wanted, and how it ended.
  returned: always
  type: list
  elements: dict
unmet:
  description: With I(not_ready=report), what would have been the failure; null when all is well.
  returned: always
  type: str
notes:
  description: What is still to be done or known.
  returned: always
  type: list
  elements: str
run:
  description: The run's number in vfprep history; null when nothing ran.
  returned: always
  type: int
"""

import json  # noqa: E402
import os  # noqa: E402
import tempfile  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402

# exit codes of vfprep(8)
DONE, FAILED, USAGE, REFUSED, UNVERIFIED, HANDS_NEEDED = range(6)

# ---- documents into results ------------------------------------------------------------------

# of the step's many keys
STEP_KEYS = ("step", "object", "was", "want", "change", "result", "message")
FINDING_KEYS = ("id", "severity", "accepted", "object", "message", "fix", "remedy")
# of an exit with UNVERIFIED
UNVERIFIED_WORDS = {
    "reboot-needed": "done, and a reboot is needed",
    "kept": "put back but for what was left alone",
}


def is_wrong(finding):
    return finding["severity"] is not None


def refuses(finding):
    return finding["severity"] == "refuse" and not finding["accepted"]


def status_findings(document):
    """What is wrong with the host as it is afterwards."""
    for host in (document.get("status") or {}).get("hosts", []):
        for part in [host] + host["pfs"]:
            for finding in part["findings"]:
                yield finding


def is_ready(document):
    """True, False, or None when it was not judged."""
    hosts = (document.get("status") or {}).get("hosts", [])
    return all(host["verdict"] == "ready" for host in hosts) if hosts else None


def finding_text(finding):
    """One line: the rule, its words, and the cure."""
    cure = finding["fix"] or ([finding["remedy"]] if finding["remedy"] else [])
    text = "%s: %s: %s" % (finding["id"], finding["object"], finding["message"])
    return text + (" (remedy: %s)" % "; ".join(cure) if cure else "")


def value_lines(step, value):
    subject = "%s: %s" % (step["group"], step["subject"])
    if "\n" not in value:
        return ["%s: %s" % (subject, value)]
    return [subject + ":"] + [("    " + line).rstrip() for line in value.splitlines()]


def diff_of(steps):
    """What was and what is wanted of each step, as the two sides of --diff."""
    before, after = [], []
    for step in steps:
        if step["unread"]:
            before += value_lines(step, "not known")
        elif step["was"] is not None:
            before += value_lines(step, step["was"])
        if step["want"] is not None:
            after += value_lines(step, step["want"])
    return {
        "before_header": "as it is",
        "after_header": "as it is wanted",
        "before": "".join(line + "\n" for line in before),
        "after": "".join(line + "\n" for line in after),
    }


def steps_changed(document):
    """The steps that something was changed by, or would be; what was undone again is not among
    them. A confirmation changes none: its document shows those of the run."""
    if document["verdict"] == "planned":
        return document["steps"]
    if document["command"] == "confirm":
        return []
    return [step for step in document["steps"] if step["result"] == "done"]


def result_of(document):
    """What the module returns of a document of vfprep, but for failures."""
    changed = steps_changed(document)
    confirmed = document["command"] == "confirm" and document["verdict"] == "done"
    findings = document["findings"] + list(status_findings(document))
    return {
        "changed": bool(changed) or confirmed,
        "verdict": document["verdict"],
        "refused": document["verdict"] == "refused",
        "ready": is_ready(document),
        "reboot_needed": document["verdict"] == "reboot-needed",
        "findings": [dict((key, row[key]) for key in FINDING_KEYS) for row in findings if is_wrong(row)],
        "steps": [dict((key, row[key]) for key in STEP_KEYS) for row in document["steps"]],
        "notes": document["notes"],
        "run": document["run"],
        "unmet": None,
        "diff": diff_of(changed),
    }


def without_document():
    """The same keys where vfprep said nothing."""
    return {
        "changed": False, "verdict": None, "refused": False, "ready": None, "reboot_needed": False,
        "findings": [], "steps": [], "notes": [], "run": None, "unmet": None,
    }


def refusal_text(document):
    rows = [finding_text(row) for row in document["findings"] if refuses(row)]
    return "refused, nothing was touched: " + " | ".join(rows or [document["message"] or "no reason given"])


def unverified_text(document):
    said = UNVERIFIED_WORDS.get(document["verdict"], "done, and the host is not ready")
    rows = [finding_text(row) for row in status_findings(document) if refuses(row)]
    rows += ["%s: left alone: %s" % (row["object"], row["message"] or "changed by others since")
             for row in document["steps"] if row["result"] == "kept"]
    return said + "".join(": " + row if n == 0 else " | " + row for n, row in enumerate(rows + document["notes"]))


def stuck_text(document):
    hints = document["notes"] or ["'vfprep undo' goes on from here"]
    return "stopped half way, hands are needed: %s (to recover: %s)" % (
        document["message"] or "a step failed", "; ".join(hints))


def failed_text(document):
    rows = [document["message"] or "a step failed"] + document["notes"]
    return "failed, and the host is as before: " + "; ".join(rows)


def failure_of(code, document, said):
    """Why the exit code is a failure, in words; None when it is none."""
    if not document:
        return (said or "vfprep said nothing") + (" (exit code %d)" % code)
    if code == DONE:
        return None
    words = {FAILED: failed_text, REFUSED: refusal_text, UNVERIFIED: unverified_text, HANDS_NEEDED: stuck_text}
    return words[code](document) if code in words else "vfprep ended with exit code %d: %s" % (code, said)


def document_of(text):
    """The document that vfprep prints with --json; None when it is none of its kind."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, dict) or document.get("schema") != 1 or document.get("kind") not in ("prep", "history"):
        return None
    return document


# ---- running it -------------------------------------------------------------------------------


def manner(params):
    words = ["--json"]
    if params["wait"] is not None:
        words += ["--wait", str(params["wait"])]
    return words


def judging(params):
    words = ["--profile", params["profile"]]
    for rule in params["accept"]:
        words += ["--accept", rule]
    return words


def prepare_words(params, config, check):
    """The arguments of 'vfprep plan' or 'apply'."""
    words = ["plan", "--json"] if check else ["apply"] + manner(params)
    words += ["--config", config] + judging(params)
    for name in ("replace_vfs", "set_firmware", "restart_ovs", "take_uplink"):
        if params[name]:
            words.append("--" + name.replace("_", "-"))
    if params["confirm_within"] is not None:
        words += ["--confirm-within", str(params["confirm_within"])]
    return words


def undo_words(params, check):
    words = ["undo"] + manner(params) + judging(params)
    return words + (["--firmware"] if params["firmware"] else []) + (["--dry-run"] if check else [])


class Vfprep:
    """The program on this host."""

    def __init__(self, module):
        self.module = module
        self.path = self.find()

    def find(self):
        name = self.module.params["executable"]
        if os.path.isabs(name):
            return name if os.access(name, os.X_OK) else None
        return self.module.get_bin_path(name, opt_dirs=["/usr/local/bin", "/usr/local/sbin"])

    def run(self, words):
        code, out, said = self.module.run_command(
            [self.path] + words, environ_update={"LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
        )
        return code, document_of(out), said.strip() or (out.strip() if not document_of(out) else "")

    def finish(self, code, document, said):
        """Ends the module with what the program's document says."""
        result = result_of(document) if document else without_document()
        failure = failure_of(code, document, said)
        if document and code == UNVERIFIED and self.module.params["not_ready"] == "report":
            result["unmet"], failure = failure, None
        if failure:
            self.module.fail_json(msg=failure, rc=code, **result)
        self.module.exit_json(rc=code, **result)


# ---- the states -------------------------------------------------------------------------------


def missing(module, name):
    """In check mode the program may come by a task that has only been looked at."""
    if not module.check_mode:
        module.fail_json(msg="%s is not on this host: install vfmig first" % name, **without_document())
    module.warn("%s is not on this host yet: what it would do is not known" % name)
    module.exit_json(**dict(without_document(), changed=module.params["state"] == "prepared"))


def prepare(vfprep):
    module = vfprep.module
    # removed with what else is in it when the module ends
    handle, path = tempfile.mkstemp(prefix="vfprep-", suffix=".conf", dir=module.tmpdir)
    module.add_cleanup_file(path)
    with os.fdopen(handle, "wb") as file:
        file.write(module.params["config"].encode("utf-8"))
    code, document, said = vfprep.run(prepare_words(module.params, path, module.check_mode))
    vfprep.finish(code, document, said.replace(path, "the configuration"))


def last_run(vfprep):
    code, document, said = vfprep.run(["history", "--json"])
    if code != DONE or not document:
        vfprep.module.fail_json(msg=said or "vfprep history failed", rc=code, **without_document())
    return document["runs"][-1] if document["runs"] else {"result": None, "number": None}


def confirm(vfprep):
    module = vfprep.module
    run = last_run(vfprep)
    result = dict(without_document(), run=run["number"], verdict=run["result"])
    if run["result"] == "reverted":
        module.fail_json(
            msg="run %s was not confirmed in time and has undone itself" % run["number"], **result)
    if run["result"] != "unconfirmed":
        module.exit_json(**result)
    if module.check_mode:
        module.exit_json(**dict(result, changed=True))
    vfprep.finish(*vfprep.run(["confirm"] + manner(module.params)))


def unmake(vfprep):
    vfprep.finish(*vfprep.run(undo_words(vfprep.module.params, vfprep.module.check_mode)))


STATES = {"prepared": prepare, "confirmed": confirm, "absent": unmake}


def main():
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["prepared", "confirmed", "absent"], "default": "prepared"},
            "config": {"type": "str"},
            "executable": {"type": "str", "default": "vfprep"},
            "profile": {"type": "str", "choices": ["rhel10", "nvidia"], "default": "rhel10"},
            "accept": {"type": "list", "elements": "str", "default": []},
            "replace_vfs": {"type": "bool", "default": False},
            "set_firmware": {"type": "bool", "default": False},
            "restart_ovs": {"type": "bool", "default": False},
            "take_uplink": {"type": "bool", "default": False},
            "confirm_within": {"type": "int"},
            "firmware": {"type": "bool", "default": False},
            "wait": {"type": "int"},
            "not_ready": {"type": "str", "choices": ["fail", "report"], "default": "fail"},
        },
        required_if=[("state", "prepared", ["config"]), ("take_uplink", True, ["confirm_within"])],
        supports_check_mode=True,
    )
    vfprep = Vfprep(module)
    if not vfprep.path:
        missing(module, module.params["executable"])
    STATES[module.params["state"]](vfprep)


if __name__ == "__main__":
    main()
