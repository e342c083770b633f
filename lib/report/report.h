/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reports: findings and rules as one JSON document each, and such a document as text.
 *
 * A document is filled once and printed twice: the text renderer sees nothing but the document, so
 * no value can stand in one form alone. Pure, as judging is. Documents keep one shape for no, one
 * and many items; keys have a fixed order; lists are in the order of judging.
 */
#ifndef VFM_REPORT_REPORT_H
#define VFM_REPORT_REPORT_H

#include <json-c/json.h>
#include <stdbool.h>

#include "explain/explain.h"
#include "job/baseline.h"
#include "job/steer.h"
#include "judge/assign.h"
#include "judge/judge.h"
#include "move/attach.h"
#include "move/move.h"
#include "move/recover.h"
#include "move/verify.h"
#include "run/journal.h"

#define VFM_REPORT_SCHEMA 1

/*
 * Kind "status": each host of the case with its verdict and findings, and its PFs with theirs.
 * Findings of the topic VFM_TOPIC_HOST only. NULL when memory runs out, as all that follow.
 */
json_object *vfm_report_status(const struct vfm_case *given, const struct vfm_findings *findings);

/*
 * Kind "compare": whether the two hosts can exchange VMs, the findings about the pair and about
 * each PF of the source with its partner. The hosts' own verdicts stand beside it where the topic
 * VFM_TOPIC_HOST was judged too (null otherwise); they do not count for "exchange".
 */
json_object *vfm_report_compare(const struct vfm_case *given, const struct vfm_findings *findings);

/* Kind "compare" too, by the topic VFM_TOPIC_VGPU alone: whether vGPUs can go from one to the
 * other. */
json_object *vfm_report_vgpus(const struct vfm_case *given, const struct vfm_findings *findings);

/*
 * Kind "vgpus": each host of the case with its NVIDIA GPUs, what is on them, their verdicts and
 * findings, by the topic VFM_TOPIC_VGPU_HOST.
 */
json_object *vfm_report_gpus(const struct vfm_case *given, const struct vfm_findings *findings);

/* Kind "rules": the rule tables. */
json_object *vfm_report_rules(void);

/* A VF as libvirt takes it. */
struct vfm_xml_device {
	const char *bdf;
	const char *pf; /* BDF */
	uint64_t number;
	const char *mac; /* NULL: none is set */
	bool managed;
	const struct vfm_strings *driver_binding; /* commands */
	const char *xml;
};

/* Kind "xml": the fragments of these VFs. */
json_object *vfm_report_xml(const struct vfm_xml_device *devices, size_t count);

/* One vGPU, and what was done with it. */
struct vfm_vgpu_outcome {
	const char *command;  /* "create", "remove", "xml" */
	const char *message;  /* NULL: nothing was done */
	const char *device;   /* UUID of the mediated device, or BDF of the VF */
	const char *function; /* BDF */
	const char *gpu;      /* BDF; NULL: not known */
	uint64_t type_id;     /* 0: it has none */
	const char *type;     /* NULL: it has none, or it is not known */
	bool there;
	const char *xml; /* NULL: it is gone */
};

/* Kind "vgpu-device". */
json_object *vfm_report_vgpu(const struct vfm_vgpu_outcome *outcome);

/* How a command that prepares a host, or unmakes it, ended. */
enum vfm_prep_verdict {
	VFM_PREP_PLANNED,
	VFM_PREP_NOTHING, /* all is as asked, or there is nothing to undo */
	VFM_PREP_DONE,
	VFM_PREP_UNCONFIRMED, /* done, and undone by itself unless it is confirmed */
	VFM_PREP_UNVERIFIED,  /* done, but the host is not ready */
	VFM_PREP_REBOOT,      /* done as far as goes before a reboot */
	VFM_PREP_REFUSED,
	VFM_PREP_UNDONE, /* an undo; or an apply that failed and left the host as it was */
	VFM_PREP_KEPT,   /* undone but for what others changed since */
	VFM_PREP_STUCK,
	VFM_PREP_MAX,
};

/* What there is to tell of such a command. All that is pointed to stays the caller's. */
struct vfm_prep_outcome {
	const char *command; /* "plan", "apply", "undo", "confirm" */
	enum vfm_prep_verdict verdict;
	const struct vfm_case *given;        /* for the host's name and the profile */
	const struct vfm_facts *facts;       /* for names of netdevs; NULL: none are told */
	const struct vfm_findings *findings; /* NULL: nothing was judged */
	const struct vfm_steps *steps;       /* planned; not looked at where there is a run */
	const struct vfm_run_entry *run;     /* NULL: nothing ran */
	const char *message;                 /* NULL: the run's own, if any */
	const struct vfm_strings *notes;     /* NULL: none */
	json_object *status;                 /* a document of kind "status"; NULL: none */
};

/* Kind "prep". */
json_object *vfm_report_prep(const struct vfm_prep_outcome *outcome);

/* Kind "history": the runs of the journal. busy: somebody holds the lock, so the last one runs. */
json_object *vfm_report_history(const struct vfm_journal *journal, bool busy);

/* "eswitch 0000:e1:00.0: legacy -> switchdev", and how it ended where that is not "done". */
void vfm_report_step_line(const struct vfm_run_step *step, struct vfm_buffer *out);

/* Kind "explain": what the messages of an error text mean. */
json_object *vfm_report_explain(const struct vfm_explanations *explanations);

/* How the job of another process was found, or what came of steering it. */
enum vfm_steer_verdict {
	VFM_STEER_MIGRATES,
	VFM_STEER_BROKEN, /* a post-copy that failed */
	VFM_STEER_NO_JOB,
	VFM_STEER_OTHER_JOB,
	VFM_STEER_GONE, /* the VM was there before */
	VFM_STEER_ABORTED,
	VFM_STEER_SWITCHED, /* not aborted: it is in post-copy */
	VFM_STEER_TOO_LATE, /* not aborted: it was over */
	VFM_STEER_SET,
	VFM_STEER_NOT_SET, /* another value reads back */
	VFM_STEER_MAX,
};

/* What there is to tell of it. All that is pointed to stays the caller's. */
struct vfm_steer_outcome {
	const char *command; /* "status", "abort", "set-downtime", "set-speed" */
	enum vfm_steer_verdict verdict;
	const char *vm, *uuid, *uri;
	const struct vfm_job_look *look; /* NULL: not looked */
	enum vfm_limit limit;            /* SET, NOT_SET: these four */
	uint64_t asked, old, new;
};

/* Kind "job". */
json_object *vfm_report_job(const struct vfm_steer_outcome *outcome);

/* What several hosts have in common, and what was done with it. All stays the caller's. */
struct vfm_baseline_outcome {
	const struct vfm_baseline *baseline;
	const struct vfm_strings *uris; /* of its hosts */
	const char *file;               /* that it was written to; NULL: none */
};

/* Kind "cpu-baseline". */
json_object *vfm_report_baseline(const struct vfm_baseline_outcome *outcome);

/* How a move, or the question whether it can be, ended. */
enum vfm_move_verdict {
	VFM_MOVED_CAN, /* nothing refuses it; nothing was touched */
	VFM_MOVED_CANNOT,
	VFM_MOVED_DONE,
	VFM_MOVED_UNVERIFIED, /* moved, and not all is well there */
	VFM_MOVED_DETACHED,   /* switched to post-copy, and goes on without us */
	VFM_MOVED_STAYED,     /* failed or stopped: it is where it was, nothing is left of it */
	VFM_MOVED_STUCK,
	VFM_MOVED_MAX,
};

const char *vfm_move_verdict_name(enum vfm_move_verdict verdict);

/* What there is to tell of it. All that is pointed to stays the caller's. */
struct vfm_move_outcome {
	const char *command; /* "check", "run" */
	enum vfm_move_verdict verdict;
	const struct vfm_case *given; /* with domain, move and probe */
	const struct vfm_findings *findings;
	const struct vfm_migration *migration;      /* what libvirt is given; NULL: not told */
	const struct vfm_strings *destination_diff; /* lines; NULL: nothing changes */
	const struct vfm_strings *persistent_diff;
	const struct vfm_move_result *result; /* NULL: nothing was touched */
	const struct vfm_checks *checks;      /* NULL: nothing was proved */
	const char *message, *remedy;         /* of the first error; NULL */
	const struct vfm_strings *notes;
};

/* Kind "move". */
json_object *vfm_report_move(const struct vfm_move_outcome *outcome);

/* How the recovery of a move ended. */
enum vfm_recover_verdict {
	VFM_RECOVERED_DONE,
	VFM_RECOVERED_NOTHING,    /* all was well */
	VFM_RECOVERED_LOOKED,     /* nothing was to be touched */
	VFM_RECOVERED_UNVERIFIED, /* done, and not all is well there */
	VFM_RECOVERED_WAITS,      /* nothing touched: a daemon or a job has to be waited for */
	VFM_RECOVERED_HANDS_NEEDED,
	VFM_RECOVERED_FAILED,
	VFM_RECOVERED_MAX,
};

/* What there is to tell of it. All that is pointed to stays the caller's. */
struct vfm_recover_outcome {
	enum vfm_recover_verdict verdict;
	const char *vm, *const *uris; /* as named; by side */
	const struct vfm_recovery *recovery;
	const struct vfm_checks *checks; /* NULL: nothing was proved */
	const char *message, *remedy;    /* NULL */
	const struct vfm_strings *notes;
};

/* Kind "recover". */
json_object *vfm_report_recover(const struct vfm_recover_outcome *outcome);

struct vfm_verify_outcome {
	const char *const *uris; /* by side */
	const struct vfm_seen *seen;
	const struct vfm_checks *checks;
	const struct vfm_strings *notes;
};

/* Kind "verify". */
json_object *vfm_report_verify(const struct vfm_verify_outcome *outcome);

/* How giving a VF to a VM ended, or taking it. */
enum vfm_attach_verdict {
	VFM_ATTACH_DONE,
	VFM_ATTACH_TAKEN,
	VFM_ATTACH_UNVERIFIED, /* done, and it does not read back as asked */
	VFM_ATTACH_UNRELEASED, /* asked for, and the guest still has it */
	VFM_ATTACH_REFUSED,
	VFM_ATTACH_FAILED, /* libvirt would not: all is as it was */
	VFM_ATTACH_STUCK,
	VFM_ATTACH_MAX,
};

struct vfm_attach_vf {
	const char *bdf; /* NULL: none was found */
	const char *pf;  /* NULL: not known, nor the number */
	uint32_t number;
	const char *mac; /* NULL: none is set */
};

/* What there is to tell of it. All that is pointed to stays the caller's. */
struct vfm_attach_outcome {
	bool detach;
	enum vfm_attach_verdict verdict;
	const char *vm, *uuid, *uri;
	bool running;
	struct vfm_attach_vf vf;
	const char *why;                    /* NULL: the VF was named */
	const struct vfm_vf_spares *spares; /* NULL: likewise */
	bool asked[VFM_VM_PART_MAX];
	enum vfm_part_end ends[VFM_VM_PART_MAX];
	const struct vfm_error *error;    /* of libvirt; NULL: none */
	const struct vfm_error *refusals; /* an array */
	size_t refusal_count;
	const struct vfm_checks *checks; /* NULL: nothing was done */
	const struct vfm_strings *notes;
};

/* Kind "attach". */
json_object *vfm_report_attach(const struct vfm_attach_outcome *outcome);

/* JSON Schema of a kind: of the documents above, "facts" and "vgpu-metadata"; NULL for others. */
json_object *vfm_report_schema(const char *kind);
json_object *vfm_report_facts_schema(void);

struct vfm_text_options {
	bool verbose; /* also findings that pass or are skipped */
	bool colour;
	unsigned int width; /* columns to wrap messages at; 0: 100 */
};

/*
 * A document of one of these kinds, but facts, as text; nothing for other kinds. What came from
 * outside is made printable. Failure sticks in the buffer.
 */
void vfm_report_text(json_object *document, const struct vfm_text_options *options,
		     struct vfm_buffer *out);

/* vfmig-rules(7) in scdoc's form, from the rule tables. */
void vfm_report_rules_page(struct vfm_buffer *out);

#endif
