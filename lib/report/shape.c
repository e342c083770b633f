/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of shape.h. */
#include "report/shape.h"

#include <stddef.h>
#include <string.h>

#include "report/shape_rows.h"

static const char *const profile_words[] = {"rhel10", "nvidia", NULL};
static const char *const status_words[] = {"pass", "fail", "unknown", "skip", NULL};
static const char *const severity_words[] = {"info", "warn", "refuse", NULL};
static const char *const verdict_words[] = {"ready", "not-ready", NULL};
static const char *const match_words[] = {"match", "no-match", NULL};
static const char *const role_words[] = {"source", "destination", NULL};
static const char *const topic_words[] = {"host", "pair",      "prep", "move",
					  "vgpu", "vgpu-host", NULL};
static const char *const scope_words[] = {"host",   "pf",     "vf",  "pair", "pf-pair",
					  "domain", "device", "gpu", NULL};
static const char *const waivable_words[] = {"never", "unknown", "yes", NULL};

static const char *const layer_words[] = {
	"devlink", "mlx5", "kernel", "qemu", "libvirt", "ovs", "tool", NULL,
};

static const char *const command_words[] = {"plan", "apply", "undo", "confirm", NULL};
static const char *const prep_words[] = {
	"planned", "nothing-to-do", "done", "unconfirmed", "unverified", "reboot-needed",
	"refused", "undone",        "kept", "stuck",       NULL,
};
static const char *const move_command_words[] = {"check", "run", NULL};
static const char *const move_verdict_words[] = {
	"can-move", "cannot-move", "moved", "moved-unverified", "detached", "stayed", "stuck", NULL,
};
static const char *const move_mode_words[] = {"live", "offline", NULL};
static const char *const move_device_words[] = {"none", "vf", "vgpu", "vf+vgpu", NULL};
static const char *const move_form_words[] = {"interface", "hostdev", "pool", NULL};
static const char *const about_words[] = {
	"source", "destination", "both hosts", "the VM and its move", NULL,
};
static const char *const phase_words[] = {"device", "ovs", NULL};
static const char *const step_result_words[] = {
	"planned", "done", "already", "undone", "kept", "failed", NULL,
};
static const char *const run_result_words[] = {
	"running", "cut-short", "done", "unconfirmed", "undone", "reverted", "stuck", NULL,
};

/* clang-format off */
#define FINDING_HEAD \
	TEXT("id", "rule"), \
	WORD("status", status_words, "what the rule says; unknown: a fact could not be read"), \
	WORD0("severity", severity_words, "null for pass and skip"), \
	BOOL("accepted", "set aside by --accept"), \
	TEXT("object", "what it is about: a host, a PCI address, or both sides")
#define FINDING_TAIL \
	TEXT("message", "what is wrong and what was seen"), \
	TEXTS("fix", "commands that cure it; lines that begin with # are words"), \
	TEXT0("remedy", "what to do in general; null for pass and skip")
/* clang-format on */

const struct vfm_shape vfm_shape_finding[] = {
	FINDING_HEAD,
	TEXT0("seen", "the value seen"),
	FINDING_TAIL,
	END,
};

static const struct vfm_shape pair_finding_shape[] = {
	FINDING_HEAD,
	TEXT0("source", "the value seen on the source"),
	TEXT0("destination", "the value seen on the destination"),
	FINDING_TAIL,
	END,
};

const struct vfm_shape vfm_shape_counts[] = {
	UINT("refused", "findings that refuse"),
	UINT("warned", "findings that warn"),
	UINT("informed", "findings that inform"),
	UINT("unknown", "those of the three that are unknown"),
	UINT("accepted", "findings set aside by --accept, counted nowhere else"),
	UINT("passed", "rules that pass"),
	UINT("skipped", "rules that do not apply"),
	END,
};

static const struct vfm_shape status_pf_shape[] = {
	TEXT("bdf", "PCI address"),
	TEXT0("model", "product"),
	TEXT0("uplink", "interface of the uplink"),
	WORD("verdict", verdict_words, "ready for migration, the host's own findings counted in"),
	LIST("findings", vfm_shape_finding, "about the PF and its VFs"),
	END,
};

static const struct vfm_shape status_host_shape[] = {
	TEXT("name", "what the command line calls it"),
	TEXT0("time", "when its facts were read, UTC"),
	WORD("verdict", verdict_words, "ready when all PFs asked for are"),
	LIST("findings", vfm_shape_finding, "about the host as a whole"),
	LIST("pfs", status_pf_shape, "PFs asked for"),
	END,
};

static const struct vfm_shape status_shape[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "status"),
	WORD("profile", profile_words, "whose documents are followed"),
	LIST("hosts", status_host_shape, "hosts judged"),
	OBJECT("summary", vfm_shape_counts, "counts of all findings"),
	END,
};

static const struct vfm_shape compare_host_shape[] = {
	WORD("role", role_words, "its part in the comparison"),
	TEXT("name", "what the command line calls it"),
	TEXT0("time", "when its facts were read, UTC"),
	WORD0("verdict", verdict_words, "whether it is ready by itself; null: not judged"),
	UINT("refused", "findings that refuse it by itself"),
	END,
};

static const struct vfm_shape compare_pf_shape[] = {
	TEXT("source", "PCI address of the source's PF"),
	TEXT0("destination", "PCI address of the best partner; null: there is none"),
	WORD("verdict", match_words, "whether VFs can move between the two"),
	LIST("findings", pair_finding_shape, "about the two PFs"),
	END,
};

static const struct vfm_shape compare_shape[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "compare"),
	WORD("profile", profile_words, "whose documents are followed"),
	LIST("hosts", compare_host_shape, "source and destination"),
	BOOL("exchange", "the hosts can exchange VMs with VFs, once both are ready"),
	LIST("findings", pair_finding_shape, "about the two hosts"),
	LIST("pfs", compare_pf_shape, "PFs of the source with their partners"),
	OBJECT("summary", vfm_shape_counts, "counts of the findings about the pair"),
	END,
};

static const struct vfm_shape severities_shape[] = {
	WORD0("fail", severity_words, "when it does not hold; null: cannot be"),
	WORD0("unknown", severity_words, "when it cannot be told; null: skipped"),
	END,
};

static const struct vfm_shape rule_shape[] = {
	TEXT("id", "never changes"),
	WORD("topic", topic_words, "which question it belongs to"),
	WORD("scope", scope_words, "what it is judged over"),
	BOOL("equality", "a value of both sides must be equal"),
	TEXT("protects", "what must hold"),
	TEXT("remedy", "what to do in general"),
	TEXT("ref", "where the demand comes from"),
	WORD("waivable", waivable_words, "whether --accept may set it aside"),
	OBJECT("rhel10", severities_shape, "severities in this profile"),
	OBJECT("nvidia", severities_shape, "severities in this profile"),
	END,
};

static const struct vfm_shape rules_shape[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "rules"),
	LIST("rules", rule_shape, "the rules, in the order they are judged"),
	END,
};

static const struct vfm_shape xml_device_shape[] = {
	TEXT("bdf", "PCI address of the VF"),
	TEXT("pf", "PCI address of its PF"),
	UINT("number", "of the PF's VFs, from 0"),
	TEXT0("mac", "MAC address that the VM will see; null: none is set"),
	BOOL("managed", "libvirt binds the driver by itself"),
	TEXTS("driver_binding", "commands that bind it before; none where managed"),
	TEXT("xml", "libvirt's device element"),
	END,
};

static const struct vfm_shape xml_shape[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "xml"),
	LIST("devices", xml_device_shape, "in the order of the command line"),
	END,
};

static const struct vfm_shape step_shape[] = {
	TEXT("step", "what kind of thing is set"),
	TEXT("object", "which one: a PF, \"PF/VF\", \"PF/uplink\", a name, a file"),
	WORD("phase", phase_words, "device: needs neither libvirt nor Open vSwitch"),
	BOOL("persistent", "outlives a reboot"),
	TEXT("group", "PCI address of the PF, or \"Open vSwitch\""),
	TEXT("subject", "the object in words"),
	TEXT0("was", "the value before; null: not there, not set"),
	TEXT0("want", "the value after; null: not there, not set"),
	BOOL("fresh", "the object comes into being by an earlier step, or is a leftover"),
	BOOL("unread", "it is not known what it was: looked at before anything is done"),
	TEXT("change", "from what to what, in words"),
	WORD0("result", step_result_words, "how it ended; planned: not reached; null: nothing ran"),
	TEXT0("message", "why it failed or was left alone"),
	END,
};

static const struct vfm_shape prep_shape[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "prep"),
	WORD("command", command_words, "what was asked; apply --dry-run is a plan"),
	TEXT("host", "what the command line calls it"),
	WORD("verdict", prep_words, "how it ended"),
	WORD("profile", profile_words, "whose documents are followed"),
	UINT0("run", "number of the run in the history; null: nothing ran"),
	TEXT0("message", "the first error, or why it was refused where no rule says so"),
	LIST("findings", vfm_shape_finding, "what refuses first, then what warns, informs, passes"),
	LIST("steps", step_shape, "in the order of doing"),
	TEXTS("notes", "what is still to be done or known"),
	OBJECT0("status", status_shape, "the host judged as it is; null: not looked at"),
	OBJECT("summary", vfm_shape_counts, "counts of the findings"),
	END,
};

static const struct vfm_shape run_shape[] = {
	UINT("number", "from 1"),
	TEXT("command", "the command with its options"),
	TEXT("begun", "UTC"),
	TEXT0("ended", "UTC; null: it has not"),
	TEXT("boot_id", "the boot it ran in"),
	WORD("result", run_result_words, "how it ended"),
	UINT("confirm_within_s", "0: no confirmation was waited for"),
	TEXT0("message", "the first error"),
	LIST("steps", step_shape, "in the order of doing"),
	END,
};

static const struct vfm_shape history_shape[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "history"),
	LIST("runs", run_shape, "oldest first"),
	END,
};

static const struct vfm_shape explanation_shape[] = {
	TEXT("id", "of what is known; never changes"),
	WORD("layer", layer_words, "who says it"),
	TEXT("said", "the message as it stands in the text"),
	TEXT0("object", "PCI address, mdev, disk, … it is about; null: the text does not say"),
	TEXT("cause", "what it means"),
	TEXTS("remedy", "commands that cure it; lines that begin with # are words"),
	TEXT0("rule", "the rule that tells beforehand; null: none does"),
	TEXT("ref", "where the knowledge is from"),
	END,
};

static const struct vfm_shape explain_shape[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "explain"),
	LIST("messages", explanation_shape, "those known, in order of appearance"),
	END,
};

static const struct vfm_shape move_side_shape[] = {
	TEXT("name", "its host name"),
	TEXT("uri", "of libvirt's daemon"),
	TEXT0("time", "when its facts were read, UTC; null: only libvirt was asked"),
	END,
};

static const struct vfm_shape move_port_shape[] = {
	TEXT("representor", "netdev of the destination's VF"),
	TEXT0("bridge", "the Open vSwitch bridge it is to be in; null: none"),
	UINT0("vlan", "access VLAN of the port; null: none"),
	TEXT0("options", "VLAN mode, trunks and policing it is to have; null: none"),
	BOOL("queues", "the source's has a QoS row, which is among the options"),
	UINT("mtu", "of the representor; 0: as it is"),
	BOOL("make", "it is no port yet"),
	BOOL("set_up", "it is down"),
	END,
};

static const struct vfm_shape move_unfit_shape[] = {
	TEXT("object", "PCI address of a VF of the destination, or of a PF with all its VFs"),
	TEXT("unfit", "why it cannot take over, as a word"),
	TEXT("words", "the same as text"),
	END,
};

static const struct vfm_shape move_vf_shape[] = {
	TEXT("source", "PCI address of the VF of the VM"),
	TEXT0("source_pf", "its PF"),
	TEXT0("destination", "the VF that takes over; null: none does, or libvirt picks it"),
	TEXT0("destination_pf", "its PF"),
	WORD("form", move_form_words, "how the VM's XML has it"),
	TEXT0("alias", "of the device"),
	TEXT0("mac", "MAC address"),
	TEXT0("network", "the pool it is from"),
	BOOL("libvirt_picks", "out of the pool; it cannot be claimed before"),
	BOOL("asked_for", "by --dest-vf"),
	BOOL("doubtful", "it fits as far as is known"),
	OBJECT0("port", move_port_shape, "its port in Open vSwitch; null: not known before"),
	TEXT0("unfit", "why there is none, as a word"),
	TEXT("why", "the choice, or why there is none"),
	LIST("unfits", move_unfit_shape, "those that cannot take over"),
	END,
};

static const struct vfm_shape move_finding_shape[] = {
	FINDING_HEAD,
	TEXT0("source", "the value seen on the source"),
	TEXT0("destination", "the value seen on the destination"),
	FINDING_TAIL,
	WORD("about", about_words, "which part of the move"),
	END,
};

static const struct vfm_shape parameter_shape[] = {
	TEXT("name", "libvirt's VIR_MIGRATE_PARAM_…"),
	TEXT("value", "as text"),
	END,
};

static const struct vfm_shape move_document_shape[] = {
	TEXT("name", "which of the VM's documents"),
	TEXTS("diff", "lines of a unified difference, secrets left out"),
	END,
};

static const struct vfm_shape move_job_shape[] = {
	TEXT("end", "how libvirt's job ended"),
	BOOL("switched_to_postcopy", "it was switched to post-copy"),
	BOOL("timed_out", "--on-timeout was done"),
	UINT("took_ms", "from the call to its end"),
	UINT0("downtime_ms", "how long the VM stood still; null: libvirt did not tell"),
	UINT0("setup_ms", "before data went"),
	UINT0("memory_bytes", "of memory that went"),
	UINT0("memory_total_bytes", "of memory that the VM has"),
	UINT0("device_bytes", "of devices' state; null: libvirt before 10.6, or no device"),
	UINT0("disk_bytes", "of disks that went"),
	UINT0("iterations", "rounds over memory"),
	UINT0("throttle_percent", "how much auto-converge slowed the VM down"),
	END,
};

static const struct vfm_shape move_downtime_shape[] = {
	UINT("allowed_ms", "what --max-downtime allows"),
	UINT0("estimated_ms", "reckoned before; null: not known"),
	TEXT("words", "the arithmetic of the estimate, or why there is none"),
	UINT0("measured_ms", "by libvirt; null: it has not moved, or libvirt did not tell"),
	END,
};

static const struct vfm_shape move_step_shape[] = {
	TEXT("step", "what kind of thing is done"),
	TEXT("object", "to what, and on which side"),
	TEXT0("was", "the value before"),
	TEXT0("want", "the value after"),
	TEXT("result", "how it ended"),
	TEXT0("message", "why it failed"),
	END,
};

static const struct vfm_shape move_shape[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "move"),
	WORD("command", move_command_words, "what was asked; run --dry-run is a check"),
	WORD("verdict", move_verdict_words, "how it ended"),
	WORD("profile", profile_words, "whose documents are followed"),
	TEXT0("message", "the first error"),
	TEXT0("remedy", "what to do about it; null: nothing, or it is not known"),
	TEXT("vm", "its name"),
	TEXT("uuid", "of the VM"),
	OBJECT("source", move_side_shape, "the host it runs on"),
	OBJECT("destination", move_side_shape, "the host it is to run on"),
	WORD("mode", move_mode_words, "live: it keeps running"),
	BOOL("copy_storage", "disks are copied too"),
	WORD("device", move_device_words, "what of the host's hardware it holds"),
	BOOL0("peer_to_peer", "the source's daemon reaches the destination's, and goes on without "
			      "us; null: not known"),
	LIST("vfs", move_vf_shape, "VFs of the VM, in device order"),
	LIST("findings", move_finding_shape, "hosts, then both, then the VM"),
	LIST("steps", move_step_shape, "what was done; none where nothing was touched"),
	LIST("checks", vfm_shape_check, "what was proved afterwards"),
	OBJECT0("job", move_job_shape, "libvirt's job; null: none was begun"),
	OBJECT0("downtime", move_downtime_shape, "null: it is shut off"),
	TEXTS("flags", "of libvirt's call; none where they were not asked for"),
	LIST("parameters", parameter_shape, "of libvirt's call, likewise"),
	LIST("documents", move_document_shape, "what changes in the VM's XML"),
	TEXTS("notes", "what else is to be known"),
	OBJECT("summary", vfm_shape_counts, "counts of all findings"),
	END,
};

const struct vfm_shape *vfm_shape_of(const char *kind)
{
	static const struct {
		const char *kind;
		const struct vfm_shape *shape;
	} kinds[] = {
		{"status", status_shape},
		{"compare", compare_shape},
		{"rules", rules_shape},
		{"xml", xml_shape},
		{"vgpu-device", vfm_shape_vgpu},
		{"prep", prep_shape},
		{"history", history_shape},
		{"explain", explain_shape},
		{"job", vfm_shape_job},
		{"cpu-baseline", vfm_shape_baseline},
		{"move", move_shape},
		{"recover", vfm_shape_recover},
		{"verify", vfm_shape_verify},
		{"attach", vfm_shape_attach},
		{"audit", vfm_shape_audit},
		{"fleet-plan", vfm_shape_fleet_plan},
		{"fleet-diff", vfm_shape_fleet_diff},
		{"vgpus", vfm_shape_vgpus},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].shape;
	}
	return NULL;
}
