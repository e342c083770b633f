/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the rule tables of this folder alone: what a judge function sees, how it answers.
 *
 * A judge reads facts from the subject and calls exactly one of vfm_pass, vfm_fail, vfm_skip,
 * vfm_unclear or vfm_unknown (the last call counts), before or after it names the values seen and
 * the fix. It never turns an unknown fact into a value.
 */
#ifndef VFM_JUDGE_RULE_H
#define VFM_JUDGE_RULE_H

#include "domain/domain.h"
#include "judge/judge.h"
#include "plan/move.h"
#include "plan/move_request.h"
#include "probe/probe.h"

struct vfm_subject {
	const struct vfm_case *given;
	const struct vfm_rule *rule;
	enum vfm_side side;            /* the host judged; of a pair, a VM, a device the source */
	const struct vfm_facts *facts; /* the host judged; of a pair the source.
					  Scopes DOMAIN and DEVICE: NULL where not read */
	const struct vfm_facts *other; /* of a pair the destination; likewise */
	const char *name;              /* of the host judged; of a pair the source */
	const char *other_name;
	const char *asked;             /* BDF asked for that the host does not have; or NULL */
	const struct vfm_pf_facts *pf; /* NULL: see judges_absence */
	const struct vfm_pf_facts *other_pf;
	const struct vfm_vf_facts *vf;
	const struct vfm_gpu_facts *gpu;  /* scope GPU */
	const struct vfm_move_vf *device; /* scope DEVICE: a VF of the VM, as it was chosen for */
};

struct vfm_outcome {
	enum vfm_status status;
	enum vfm_severity at_most; /* the finding is not more severe than this */
	struct vfm_buffer message;
	struct vfm_buffer fix;
	struct vfm_buffer seen[VFM_SIDE_MAX]; /* one host: the first */
};

void vfm_outcome_init(struct vfm_outcome *outcome);
void vfm_outcome_done(struct vfm_outcome *outcome);
#define VFM_AUTO_OUTCOME VFM_CLEANUP(vfm_outcome_done)

/* Sets status and message. */
void vfm_outcome_set(struct vfm_outcome *outcome, enum vfm_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
#define vfm_pass(outcome, ...)    vfm_outcome_set(outcome, VFM_STATUS_PASS, __VA_ARGS__)
#define vfm_fail(outcome, ...)    vfm_outcome_set(outcome, VFM_STATUS_FAIL, __VA_ARGS__)
#define vfm_skip(outcome, ...)    vfm_outcome_set(outcome, VFM_STATUS_SKIP, __VA_ARGS__)
#define vfm_unclear(outcome, ...) vfm_outcome_set(outcome, VFM_STATUS_UNKNOWN, __VA_ARGS__)

/* Unknown because of this fact: "WHAT is not known: reason", or "WHAT is not there". */
void vfm_unknown(struct vfm_outcome *outcome, const struct vfm_fact *fact, const char *what);

/* The value seen. */
void vfm_seen(struct vfm_outcome *outcome, enum vfm_side side, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Adds a line to the fix. The only conversion is %s, and each argument is quoted for a shell: a
 * name that came out of somebody's facts document cannot become a command.
 */
void vfm_fix(struct vfm_outcome *outcome, const char *line, ...)
	__attribute__((format(printf, 2, 3)));

/* Lines that several rules give; what they do to others is said in a line before. */
void vfm_fix_reboot(struct vfm_outcome *outcome);
void vfm_fix_reset_card(struct vfm_outcome *outcome, const struct vfm_pf_facts *pf);
void vfm_fix_firmware(struct vfm_outcome *outcome, const struct vfm_pf_facts *pf);
void vfm_fix_switchdev(struct vfm_outcome *outcome, const struct vfm_pf_facts *pf);
void vfm_fix_create_vf(struct vfm_outcome *outcome, const struct vfm_pf_facts *pf);
void vfm_fix_max_idle(struct vfm_outcome *outcome);

/* Idle flows have to be kept this long. */
#define VFM_MIN_IDLE_MS 300000

/* A fact as a key: its value, or why there is none. */
void vfm_key_copy(struct vfm_fact_text *ret_key, const struct vfm_fact_text *fact);

/* A known text, else "none" or "not known": for messages. */
const char *vfm_text_words(const struct vfm_fact_text *fact);

/* The distribution is Debian or one made from it: other service and package names. */
bool vfm_host_is_debian(const struct vfm_facts *facts);

/* What is asked of the PF in hand; NULL: nothing, or this is no preparation (an undo, a status). */
const struct vfm_prep_pf *vfm_asked(const struct vfm_subject *subject);
/* The same where the preparation comes to Open vSwitch and a bridge is named for the PF. */
const struct vfm_prep_pf *vfm_asked_bridge(const struct vfm_subject *subject);
/* The preparation comes to Open vSwitch: the phase has it, and no firmware is set first. */
bool vfm_touches_ovs(const struct vfm_subject *subject);

/* A step of this kind whose object is the PF itself. */
bool vfm_has_step(const struct vfm_subject *subject, enum vfm_step_id id);
/* Firmware is set, which is the whole plan then: what depends on it is judged after the restart. */
bool vfm_sets_firmware(const struct vfm_subject *subject);
/* Firmware of the PF's own card. */
bool vfm_sets_firmware_of(const struct vfm_subject *subject);

/* Whose a netdev's name is. The bond that an uplink is a member of stands for the uplink. */
const struct vfm_ovs_bridge_facts *vfm_bridge_called(const struct vfm_facts *facts,
						     const char *name);
bool vfm_uplink_is_called(const struct vfm_pf_facts *pf, const char *name);
bool vfm_is_any_uplink(const struct vfm_facts *facts, const char *name);
bool vfm_is_representor(const struct vfm_facts *facts, const char *name);
/* The port of the bridge that is another uplink than this PF's, of whatever card; NULL: there is
   none, or it is not known. */
const char *vfm_second_uplink(const struct vfm_subject *subject,
			      const struct vfm_ovs_bridge_facts *bridge);

/* Parsed firmware version; the words for "could not be read" are unknown. */
enum vfm_fact_state vfm_firmware_version(const struct vfm_fact_text *fact,
					 struct vfm_version *ret_version);

/* The VF's migratable flag is on: the VFs meant for migration. */
bool vfm_vf_migratable(const struct vfm_vf_facts *vf);

/* Teaming unplugs the device with this address before a move: none of its state goes over. */
bool vfm_is_unplugged(const struct vfm_domain *domain, const char *address);

/* The choice that has the VF in hand for its destination; NULL: none. */
const struct vfm_move_vf *vfm_moved_here(const struct vfm_subject *subject);
size_t vfm_pf_count_vfs(const struct vfm_pf_facts *pf, const char *migratable);

/* The uplink is enslaved to a master of this kind: "bond" of "bond0 (bond)". */
bool vfm_uplink_master_is(const struct vfm_pf_facts *pf, const char *kind);
bool vfm_uplink_in_bond(const struct vfm_pf_facts *pf);
/* The name under which the uplink is a port: its own, or that of its bond. To be freed; NULL when
   not known. */
char *vfm_uplink_port(const struct vfm_pf_facts *pf);
/* The unknown fact for which a port that was not found may be there after all; NULL: none. */
const struct vfm_fact *vfm_ports_unread(const struct vfm_ovs_facts *ovs);
/* The unknown fact that keeps the uplink's port from being known; NULL: there is none. */
const struct vfm_fact *vfm_uplink_unread(const struct vfm_pf_facts *pf);
/* The bridge that carries the uplink; NULL: none, or not known. */
const struct vfm_ovs_bridge_facts *vfm_uplink_bridge(const struct vfm_facts *facts,
						     const struct vfm_pf_facts *pf);

/* The tables, each ended by a row without an id. */
extern const struct vfm_rule vfm_rules_host[];
extern const struct vfm_rule vfm_rules_card[];
extern const struct vfm_rule vfm_rules_vf[];
extern const struct vfm_rule vfm_rules_ovs[];
extern const struct vfm_rule vfm_rules_pair[];
extern const struct vfm_rule vfm_rules_pf_pair[];
extern const struct vfm_rule vfm_rules_parity[];
extern const struct vfm_rule vfm_rules_prep_uplink[];
extern const struct vfm_rule vfm_rules_prep[];
extern const struct vfm_rule vfm_rules_move_reach[];
extern const struct vfm_rule vfm_rules_move_vm[];
extern const struct vfm_rule vfm_rules_move_device[];
extern const struct vfm_rule vfm_rules_move_vf[];
extern const struct vfm_rule vfm_rules_move_names[];
extern const struct vfm_rule vfm_rules_move_network[];
extern const struct vfm_rule vfm_rules_move_fit[];
extern const struct vfm_rule vfm_rules_move_numa[];
extern const struct vfm_rule vfm_rules_move_memory[];
extern const struct vfm_rule vfm_rules_move_storage[];
extern const struct vfm_rule vfm_rules_move_media[];
extern const struct vfm_rule vfm_rules_move_state[];
extern const struct vfm_rule vfm_rules_move_time[];
extern const struct vfm_rule vfm_rules_vgpu_host[];
extern const struct vfm_rule vfm_rules_vgpu[];
extern const struct vfm_rule vfm_rules_vgpu_vm[];

/* Of a move: memory and devices' state go over. */
#define VFM_APPLIES_RUNNING (VFM_APPLIES_LIVE | VFM_APPLIES_COPY)

/* Severities of a row: rhel10 fail, rhel10 unknown, nvidia fail, nvidia unknown. */
#define VFM_SEVERE(rf, ru, nf, nu)                                                                 \
	{                                                                                          \
		[VFM_PROFILE_RHEL10] = {VFM_SEVERITY_##rf, VFM_SEVERITY_##ru},                     \
		[VFM_PROFILE_NVIDIA] = {                                                           \
			VFM_SEVERITY_##nf,                                                         \
			VFM_SEVERITY_##nu                                                          \
		}                                                                                  \
	}

#endif
