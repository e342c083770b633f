/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Within lib/plan: can this VF of the destination take over that one of the source? What is asked
 * of a card or a VF there alone is asked once; what depends on both, of each pair.
 */
#ifndef VFM_PLAN_CHOOSE_FIT_H
#define VFM_PLAN_CHOOSE_FIT_H

#include "plan/choose.h"

/* A PF of one host, by its place in the order of addresses. */
struct vfm_choose_card {
	const struct vfm_pf_facts *pf;
	const char *bdf;
	uint32_t busy; /* slots of other moves */
	enum vfm_unfit unfit;
	char *words;
};

struct vfm_choose_cards {
	struct vfm_choose_card *items;
	size_t count;
};

/* A VF of the destination. */
struct vfm_choose_place {
	const struct vfm_choose_card *card;
	const struct vfm_vf_facts *vf;
	const char *bdf;
	uint32_t number;
	enum vfm_unfit unfit;
	char *words;
	char *doubt;         /* what is not known and does not refuse; NULL: nothing */
	const char *defined; /* an inactive domain of another name has it; NULL: none */
	struct vfm_fact_text caps;
	const struct vfm_ovs_bridge_facts *bridge; /* of its port; NULL: it has none */
	enum vfm_unfit port_unfit;                 /* of the port itself */
	char *port_words;
	bool down; /* the representor */
};

struct vfm_choose_places {
	struct vfm_choose_place *items; /* by card and number */
	size_t count;
};

/* A VF of the VM. */
struct vfm_choose_source {
	const struct vfm_choose_vf *asked;
	size_t index;                       /* in the request */
	const struct vfm_choose_card *card; /* NULL: not found */
	const struct vfm_vf_facts *vf;
	uint32_t number;
	struct vfm_fact_text caps;
	const struct vfm_ovs_bridge_facts *bridge; /* of its port; NULL: none */
	const struct vfm_ovs_port_facts *port;
	enum vfm_unfit unfit;
	char *words;
};

/* Everything that is known before pairs are looked at. */
struct vfm_choosing {
	const struct vfm_choose_request *request;
	struct vfm_findings findings;
	struct vfm_choose_cards cards[VFM_SIDE_MAX];
	struct vfm_choose_places places;
	struct vfm_choose_source *sources; /* by address */
	size_t source_count;
};

/* Zeroed by the caller, who releases it also on failure. */
int vfm_choosing_init(struct vfm_choosing *choosing, const struct vfm_choose_request *request,
		      struct vfm_error *err);
void vfm_choosing_done(struct vfm_choosing *choosing);

struct vfm_fit {
	enum vfm_unfit unfit;
	char *words; /* why not; NULL where it fits */
	char *doubt; /* it fits, as far as is known; NULL: no doubt */
	bool make;   /* a port is to be made */
};

void vfm_fit_done(struct vfm_fit *fit);
#define VFM_AUTO_FIT VFM_CLEANUP(vfm_fit_done)

/* The card with all of its VFs, for this one; *ret_fit is zeroed by the caller. 0 or -ENOMEM. */
int vfm_choose_fit_card(const struct vfm_choosing *choosing, const struct vfm_choose_source *source,
			const struct vfm_choose_card *card, struct vfm_fit *ret_fit);
/* The VF, on a card that fits. */
int vfm_choose_fit_place(const struct vfm_choosing *choosing,
			 const struct vfm_choose_source *source,
			 const struct vfm_choose_place *place, struct vfm_fit *ret_fit);

#endif
