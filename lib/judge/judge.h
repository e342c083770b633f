/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Judging: host facts in, findings out. One engine and one set of rule tables for every command.
 *
 * Everything here is pure: no I/O, no clock, no environment; whoever calls says what time it is.
 * The facts, names and lists a case points to stay the caller's and must outlive the findings
 * only while vfm_judge() runs: findings own their strings.
 */
#ifndef VFM_JUDGE_JUDGE_H
#define VFM_JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "facts/facts.h"
#include "facts/vgpu_metadata.h"
#include "plan/prep.h"

/* Whose documents are followed where they differ. */
enum vfm_profile {
	VFM_PROFILE_RHEL10,
	VFM_PROFILE_NVIDIA,
	VFM_PROFILE_MAX,
};

enum vfm_topic {
	VFM_TOPIC_HOST,      /* is this host ready? */
	VFM_TOPIC_PAIR,      /* can these two hosts exchange VMs? */
	VFM_TOPIC_PREP,      /* may the host be prepared, or undone, so? */
	VFM_TOPIC_MOVE,      /* may this VM move so? */
	VFM_TOPIC_VGPU,      /* can vGPUs go from this host to that one? */
	VFM_TOPIC_VGPU_HOST, /* are this host's GPUs ready for vGPUs that move? */
	VFM_TOPIC_MAX,
};
#define VFM_TOPIC_BIT(topic) (1u << (topic))

/* What a rule is judged over, and so how often. */
enum vfm_scope {
	VFM_SCOPE_HOST,    /* once a host */
	VFM_SCOPE_PF,      /* once a PF asked for */
	VFM_SCOPE_VF,      /* once a VF of such a PF */
	VFM_SCOPE_GPU,     /* once an NVIDIA GPU of the host */
	VFM_SCOPE_PAIR,    /* once */
	VFM_SCOPE_PF_PAIR, /* once a PF of the source, with the PF of the destination that fits best
			    */
	VFM_SCOPE_DOMAIN,  /* once: the VM and its move */
	VFM_SCOPE_DEVICE,  /* once a device of the VM: a VF that it has */
	VFM_SCOPE_MAX,
};

enum vfm_status {
	VFM_STATUS_PASS,
	VFM_STATUS_FAIL,
	VFM_STATUS_UNKNOWN, /* a fact it needs could not be read */
	VFM_STATUS_SKIP,    /* does not apply here */
	VFM_STATUS_MAX,
};

enum vfm_severity {
	VFM_SEVERITY_NONE,
	VFM_SEVERITY_INFO,
	VFM_SEVERITY_WARN,
	VFM_SEVERITY_REFUSE,
	VFM_SEVERITY_MAX,
};

/* Whether --accept may set the rule aside. */
enum vfm_waivable {
	VFM_WAIVABLE_NEVER,
	VFM_WAIVABLE_UNKNOWN, /* only when the answer is unknown, not when it is no */
	VFM_WAIVABLE_YES,
	VFM_WAIVABLE_MAX,
};

/* The host of a one-host case is the source. */
enum vfm_side {
	VFM_SOURCE,
	VFM_DESTINATION,
	VFM_SIDE_MAX,
};

/* What a rule needs beside the host it is judged over. */
enum vfm_need {
	VFM_NEED_BOTH = 1 << 0,    /* source and destination */
	VFM_NEED_TIME = 1 << 1,    /* the present time */
	VFM_NEED_PREP = 1 << 2,    /* what is asked of the preparation */
	VFM_NEED_STEPS = 1 << 3,   /* the steps that would be done or undone */
	VFM_NEED_MOVE = 1 << 4,    /* the VM and what is asked of its move */
	VFM_NEED_PROBE = 1 << 5,   /* what the daemons say */
	VFM_NEED_DEVICES = 1 << 6, /* the choice of devices */
};

struct vfm_subject;
struct vfm_outcome;
struct vfm_domain;
struct vfm_probe;
struct vfm_move_request;
struct vfm_move_devices;

struct vfm_rule {
	const char *id;       /* never changes once released */
	const char *protects; /* one line: what must hold; also the line of the manual */
	const char *remedy;   /* what to do in general; a finding has the exact command */
	const char *ref;      /* where the demand comes from */
	const char *noun;     /* equality rules: what is compared, "PSID" */
	enum vfm_topic topic;
	enum vfm_scope scope;
	enum vfm_waivable waivable;
	unsigned int needs; /* enum vfm_need bits */
	bool before_prep;   /* topic HOST: judged for the topic PREP too where there is a request,
			       since no step cures it */
	/*
	 * enum vfm_applies bits; 0: always. Of a move it has to have one of LIVE, OFFLINE, COPY and
	 * one of NONE, VF, VGPU of those that are given here; a group without a bit asks for
	 * nothing. Where there is no move, it is judged.
	 */
	unsigned int applies;
	bool judges_absence; /* judged with pf NULL for a host without a PF, or without the one
				asked for */
	struct vfm_severities {
		enum vfm_severity fail, unknown; /* NONE: reported as skip */
	} in[VFM_PROFILE_MAX];
	/*
	 * Equality rules: writes the value that must be equal. pf is NULL for the scope PAIR.
	 * *ret_key is zeroed by the caller, who releases it.
	 */
	void (*key)(const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
		    struct vfm_fact_text *ret_key);
	/* All others. An equality rule may have one too: it is called after the comparison and may
	   add a fix to it, or turn a pass into something else. */
	void (*judge)(const struct vfm_subject *subject, struct vfm_outcome *outcome);
};

/* One host of a case. */
struct vfm_party {
	const struct vfm_facts *facts; /* NULL: there is no such host in the case */
	const char *name;              /* what messages call it */
	const struct vfm_strings *pfs; /* BDFs asked for; NULL or empty: all of the host */
	/*
	 * Of a move: pfs are all that is asked for, even where empty, and of their VFs only these
	 * (BDFs) are judged.
	 */
	bool only;
	const struct vfm_strings *vfs; /* NULL: every one */
};

/* What NVML of the destination says of the metadata of the source's vGPU. */
struct vfm_vgpu_answer {
	struct vfm_fact_uint compatibility; /* VFM_NVML_LIVE and other bits */
	struct vfm_fact_uint limit;         /* VFM_NVML_LIMIT_* */
	const char *device;                 /* the vGPU that it is about; NULL: not known */
};

/*
 * Of several vGPUs the answer about the one that is worst off: one that is not taken live, then one
 * of which it is not known. The device is the document's. *ret_answer is zeroed by the caller.
 */
void vfm_vgpu_answer_of(const struct vfm_vgpu_document *document, const struct vfm_vgpu_fits *fits,
			struct vfm_vgpu_answer *ret_answer);
void vfm_vgpu_answer_done(struct vfm_vgpu_answer *answer);
#define VFM_AUTO_VGPU_ANSWER VFM_CLEANUP(vfm_vgpu_answer_done)

struct vfm_case {
	struct vfm_party party[VFM_SIDE_MAX];
	enum vfm_profile profile;
	const struct vfm_prep_request *prep;    /* NULL: nothing is asked (an undo has none) */
	const struct vfm_steps *steps;          /* NULL: nothing is to be done */
	const struct vfm_domain *domain;        /* with a move */
	const struct vfm_move_request *move;    /* NULL: nothing is to move */
	unsigned int applies;                   /* of the move: enum vfm_applies bits */
	const struct vfm_probe *probe;          /* NULL: no daemon was asked */
	const struct vfm_move_devices *devices; /* NULL: nothing was chosen */
	const struct vfm_vgpu_answer *vgpu;     /* NULL: NVML was not asked */
	int64_t now_s; /* Unix time; 0: none, rules that need it are left out */
	const struct vfm_strings *accepted; /* ids of rules set aside; may be NULL */
	bool terse; /* what passes, or does not apply, is left out of the findings */
};

struct vfm_finding {
	const struct vfm_rule *rule;
	enum vfm_status status;
	enum vfm_severity severity; /* NONE for pass and skip */
	bool accepted;              /* set aside by --accept: does not refuse */
	enum vfm_side side;         /* the host judged; scopes PAIR and PF_PAIR: the source */
	char *pf;          /* BDF: scopes PF and VF, and the source's of a PF_PAIR; scope GPU: the
			      GPU's; else NULL */
	char *device;      /* scope DEVICE: what it is on the source; else NULL */
	char *partner;     /* scope PF_PAIR: BDF of the destination's PF; else NULL */
	char *object;      /* what it is about: host name, BDF, or both sides "A -> B" */
	char *source;      /* the value seen there; NULL: none */
	char *destination; /* likewise */
	char *message;     /* what is wrong and what was seen */
	char *fix;         /* commands that cure it, one a line, '#' lines are words; or NULL */
};

/*
 * In the order: hosts (source first), their GPUs and PFs, the pair, its PFs, the VM and its move,
 * its devices; each in table order.
 */
struct vfm_findings {
	struct vfm_finding *items;
	size_t count;
};

/*
 * Judges the case by every rule of the topics (VFM_TOPIC_BIT) whose needs are met. *ret_findings
 * is zeroed by the caller. 0 or -ENOMEM.
 */
int vfm_judge(const struct vfm_case *given, unsigned int topics, struct vfm_findings *ret_findings,
	      struct vfm_error *err);

void vfm_findings_done(struct vfm_findings *findings);
#define VFM_AUTO_FINDINGS VFM_CLEANUP(vfm_findings_done)

/*
 * Whether the ids may be accepted: -EINVAL for an id that is no rule's, a rule that is never
 * waivable, or one waivable only while unknown that is known to fail. findings may be NULL (then
 * only what can be said without them).
 */
int vfm_accept_check(const struct vfm_strings *accepted, const struct vfm_findings *findings,
		     struct vfm_error *err);

/* Counts of findings. Accepted ones are counted as accepted only. */
struct vfm_summary {
	size_t refused, warned, informed; /* failing or unknown, by severity */
	size_t unknown;                   /* those of the three that are unknown */
	size_t accepted;
	size_t passed, skipped;
};

/* Which findings to count: all that agree with every member that is set. */
struct vfm_selection {
	unsigned int topics; /* VFM_TOPIC_BIT; 0: every topic */
	unsigned int scopes; /* 1 << enum vfm_scope; 0: every scope */
	bool one_side;       /* then only those of 'side' */
	enum vfm_side side;
	const char *pf; /* only those with this PF; NULL: every */
};

struct vfm_summary vfm_findings_count(const struct vfm_findings *findings,
				      const struct vfm_selection *selection);

/* Nothing of the host itself and nothing of this PF and its VFs refuses. */
bool vfm_pf_ready(const struct vfm_findings *findings, enum vfm_side side, const char *pf);

/* Every PF asked for is ready, and there is one. */
bool vfm_host_ready(const struct vfm_case *given, const struct vfm_findings *findings,
		    enum vfm_side side);

/*
 * Nothing refuses what was judged by the topic PREP: no rule of that topic, and none of the topic
 * HOST that must hold before a preparation. Others that were judged along with them do not count.
 */
bool vfm_may_prepare(const struct vfm_findings *findings);

/* Nothing that was judged refuses: what counts for a move. */
bool vfm_may_move(const struct vfm_findings *findings);

/* Nothing refuses this PF of the source together with the partner it was judged with. */
bool vfm_pf_has_partner(const struct vfm_findings *findings, const char *pf);

/*
 * The two hosts match: nothing of the pair refuses, and every PF of the source that was asked for
 * has a partner; where none was asked for, at least one has.
 */
bool vfm_pair_matches(const struct vfm_case *given, const struct vfm_findings *findings);

/* Nothing of the host itself and nothing of this GPU (BDF) refuses: topic VGPU_HOST. */
bool vfm_gpu_ready(const struct vfm_findings *findings, enum vfm_side side, const char *gpu);
/* Every GPU is, and there is one. */
bool vfm_gpus_ready(const struct vfm_case *given, const struct vfm_findings *findings,
		    enum vfm_side side);

/* Nothing about vGPUs refuses, and there was something to judge: both hosts have GPUs. */
bool vfm_vgpus_match(const struct vfm_findings *findings);
/* A vGPU of the case was judged: of the VM where it has one, else of the source. */
bool vfm_vgpus_judged(const struct vfm_findings *findings);

/* The rules in table order: NULL gives the first, the last gives NULL. */
const struct vfm_rule *vfm_rule_next(const struct vfm_rule *rule);
const struct vfm_rule *vfm_rule_find(const char *id);

/*
 * The value by which an equality rule compares (rule->key): hosts or PFs match when the values are
 * equal. *ret_key is replaced; release with vfm_key_done(). pf is NULL for the scope PAIR.
 */
void vfm_rule_key(const struct vfm_rule *rule, const struct vfm_facts *facts,
		  const struct vfm_pf_facts *pf, struct vfm_fact_text *ret_key);
void vfm_key_done(struct vfm_fact_text *key);
#define VFM_AUTO_KEY VFM_CLEANUP(vfm_key_done)

/* The PF is of a model the profile allows, or its model could not be read. */
bool vfm_pf_eligible(enum vfm_profile profile, const struct vfm_pf_facts *pf);

/*
 * Both are functions of one card, and share its firmware: by the serial number; where one's is not
 * known, by the slot.
 */
bool vfm_pf_same_card(const struct vfm_pf_facts *a, const struct vfm_pf_facts *b);

/* Whether the party asks for this PF. */
bool vfm_party_asks(const struct vfm_party *party, const struct vfm_pf_facts *pf);

/* Words of documents and options: "rhel10", "pair", "pf-pair", "fail", "refuse", "never". */
const char *vfm_profile_name(enum vfm_profile profile);
const char *vfm_topic_name(enum vfm_topic topic);
const char *vfm_scope_name(enum vfm_scope scope);
const char *vfm_status_name(enum vfm_status status);
const char *vfm_severity_name(enum vfm_severity severity);
const char *vfm_waivable_name(enum vfm_waivable waivable);

#endif
