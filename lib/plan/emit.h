/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Within lib/plan: what the order's rows (prep.c) are made of. A row's function looks at one object
 * of its scope and puts the step that leads from what the facts have to what is asked, or none.
 */
#ifndef VFM_PLAN_EMIT_H
#define VFM_PLAN_EMIT_H

#include "plan/prep.h"

#define VFM_FIRMWARE_VFS "NUM_OF_VFS"
/* What the database takes for a tag; what may be asked for is less (VFM_VLAN_MAX). */
enum { VFM_TAG_MAX = 4095 };

/* Room for every object's text but a file's. */
struct vfm_object {
	char text[64];
};

/* A plan in the making: the row in hand and what it is done for. */
struct vfm_plan {
	const struct vfm_facts *facts;
	const struct vfm_prep_request *request;
	struct vfm_steps *steps;
	int error; /* the first one; nothing is put after it */
	enum vfm_step_id id;
	unsigned int rank;
	/* scopes PF and VF */
	const struct vfm_prep_pf *asked;
	const struct vfm_pf_facts *pf;
	bool new_mode;  /* the plan changes the eswitch mode: netdevs may be made anew */
	bool new_vfs;   /* it changes the number of VFs: all are made anew */
	bool new_ports; /* either: representors and functions are made anew */
	/* scope VF */
	uint32_t number;
	const struct vfm_prep_vf *named; /* NULL: nothing particular is asked */
	const struct vfm_vf_facts *vf;   /* NULL: not in the facts */
};

typedef void (*vfm_emit)(struct vfm_plan *plan);

/* What the facts say an object was. */
struct vfm_was {
	enum {
		VFM_WAS_KNOWN,
		VFM_WAS_UNREAD, /* they do not say */
		VFM_WAS_FRESH,  /* it comes into being by a step before */
	} state;
	const char *text; /* of VFM_WAS_KNOWN; NULL: not there, or not set */
};

static inline struct vfm_was vfm_was(const char *text)
{
	return (struct vfm_was){.state = VFM_WAS_KNOWN, .text = text};
}

#define VFM_UNREAD ((struct vfm_was){.state = VFM_WAS_UNREAD})
#define VFM_FRESH  ((struct vfm_was){.state = VFM_WAS_FRESH})

struct vfm_was vfm_was_text(const struct vfm_fact_text *fact);
/* The text is in 'buffer'. */
struct vfm_was vfm_was_uint(const struct vfm_fact_uint *fact, char buffer[24]);
struct vfm_was vfm_was_bool(const struct vfm_fact_bool *fact, const char *yes, const char *no);

/* The same after a mode change that may make the netdev anew, with values of its own. */
struct vfm_was vfm_was_remade(struct vfm_was was, const char *want);

/* Puts the step of the row in hand, unless 'was' is known to do. */
void vfm_plan_put(struct vfm_plan *plan, const char *object, struct vfm_was was, const char *want);

/* There is such a step already. */
bool vfm_plan_has(const struct vfm_plan *plan, enum vfm_step_id id, const char *object);

struct vfm_object vfm_object_vf(const char *bdf, uint32_t number);
struct vfm_object vfm_object_uplink(const char *bdf);

/* card.c */
void vfm_emit_firmware(struct vfm_plan *plan);
void vfm_emit_udev_rules(struct vfm_plan *plan);
void vfm_emit_networkd(struct vfm_plan *plan);
void vfm_emit_autoprobe(struct vfm_plan *plan);
void vfm_emit_eswitch(struct vfm_plan *plan);
void vfm_emit_vfs(struct vfm_plan *plan);
void vfm_emit_detach(struct vfm_plan *plan);
void vfm_emit_migratable(struct vfm_plan *plan);
void vfm_emit_hw_addr(struct vfm_plan *plan);
void vfm_emit_bind(struct vfm_plan *plan);

/* switch.c */
void vfm_emit_leftovers(struct vfm_plan *plan);
void vfm_emit_hw_offload(struct vfm_plan *plan);
void vfm_emit_max_idle(struct vfm_plan *plan);
void vfm_emit_bridge(struct vfm_plan *plan);
void vfm_emit_uplink_port(struct vfm_plan *plan);
void vfm_emit_vf_port(struct vfm_plan *plan);
void vfm_emit_restart(struct vfm_plan *plan);
void vfm_emit_uplink_mtu(struct vfm_plan *plan);
void vfm_emit_vf_mtu(struct vfm_plan *plan);
void vfm_emit_tc_offload(struct vfm_plan *plan);
void vfm_emit_uplink_link(struct vfm_plan *plan);
void vfm_emit_vf_link(struct vfm_plan *plan);

/* files.c: pure texts, NULL when memory runs out */

/*
 * Marks the representors of the PF and the netdevs of its first 'vfs' VFs for udev: VFMIG tells
 * which of the two, VFMIG_PF whose. The VFs' addresses come of the PF's offset and stride; where
 * those are unknown, the addresses that the facts have for VFs are taken.
 */
char *vfm_file_udev_rules(const struct vfm_pf_facts *pf, uint32_t vfs);
/* Keeps systemd-networkd from what is so marked. */
char *vfm_file_networkd(const char *bdf);
/* The address of a VF by SR-IOV's arithmetic; false when it is not known, or beyond the domain. */
bool vfm_vf_address(const struct vfm_pf_facts *pf, uint32_t number, char text[20]);

#endif
