/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A move, as values: which VF of the destination takes over which VF of the source. Made by
 * plan/choose.h; the plan of the move, its documents and its report read it.
 */
#ifndef VFM_PLAN_MOVE_H
#define VFM_PLAN_MOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "judge/judge.h"
#include "plan/step.h"

/* VFs of one PF that can be in migration at once, in or out. */
#define VFM_MOVE_SLOTS 4

/* How the line of who owns a claim or a slot begins; the VM's name and " from " follow. */
#define VFM_MOVE_OWNER_BEGIN "vfmigrate: "

/* How the domain has the VF. */
enum vfm_move_form {
	VFM_MOVE_INTERFACE, /* <interface type='hostdev'> */
	VFM_MOVE_HOSTDEV,   /* <hostdev> */
	VFM_MOVE_POOL,      /* <interface type='network'>: libvirt picks the VF */
	VFM_MOVE_FORM_MAX,
};

/* Why a VF of the destination, or a PF with all of its VFs, cannot take over one of the source. */
enum vfm_unfit {
	VFM_UNFIT_NOT, /* it can */
	/* the PF */
	VFM_UNFIT_PF_NOT_ASKED,
	VFM_UNFIT_PF_NOT_IN_POOL,
	VFM_UNFIT_PF_NOT_READY, /* a rule refuses it */
	VFM_UNFIT_PF_SLOTS,     /* as many of its VFs as can be are in migration */
	VFM_UNFIT_PF_UNREAD,    /* its VFs are not known */
	VFM_UNFIT_PSID,
	VFM_UNFIT_PSID_UNKNOWN,
	VFM_UNFIT_FIRMWARE,
	VFM_UNFIT_FIRMWARE_UNKNOWN,
	/* the VF */
	VFM_UNFIT_ADDRESS_UNKNOWN,
	VFM_UNFIT_NOT_SWITCHDEV,
	VFM_UNFIT_NOT_MIGRATABLE,
	VFM_UNFIT_MIGRATABLE_UNKNOWN,
	VFM_UNFIT_IN_USE,
	VFM_UNFIT_USERS_UNKNOWN,
	VFM_UNFIT_DRIVER,
	VFM_UNFIT_NOT_READY, /* another rule refuses it */
	VFM_UNFIT_REPRESENTOR_UNKNOWN,
	VFM_UNFIT_NO_BRIDGE,    /* no bridge is called as that of the source's port */
	VFM_UNFIT_OTHER_BRIDGE, /* its port is in another */
	VFM_UNFIT_NO_PORT,      /* of a pool: which port to make is not known before */
	VFM_UNFIT_PORT,         /* Open vSwitch has an error for it */
	VFM_UNFIT_PORT_UNKNOWN,
	VFM_UNFIT_CAPS,
	VFM_UNFIT_CAPS_UNKNOWN,
	/* of a VF of the source: why none takes it over */
	VFM_UNFIT_SOURCE_UNKNOWN, /* the facts do not have it, or not enough of it */
	VFM_UNFIT_SOURCE_SLOTS,   /* too many VFs of its PF would be in migration */
	VFM_UNFIT_NOT_NAMED,      /* --dest-vf names what is no VF there, or fits no pool */
	VFM_UNFIT_NONE_FITS,
	VFM_UNFIT_NONE_LEFT, /* those that fit go to others, or their PFs have no slot left */
	VFM_UNFIT_MAX,
};

/* Words of documents: "in-use", "psid-unknown". */
const char *vfm_unfit_name(enum vfm_unfit unfit);
const char *vfm_move_form_name(enum vfm_move_form form);

/* One that cannot take over. */
struct vfm_move_unfit {
	char bdf[VFM_BDF_TEXT_SIZE]; /* of the VF; of the PF, where it is all of its VFs */
	enum vfm_unfit unfit;
	char *words; /* "is in use: domain x (running)" */
};

/* What the source's port has, and the destination's is to have. */
struct vfm_move_port {
	char *representor; /* of the destination; NULL: libvirt picks the VF */
	char *bridge;      /* on both sides; NULL: the source's is in none, or this is waived */
	bool make;         /* the representor is no port yet */
	bool set_up;       /* the representor is down */
	int32_t vlan;      /* access VLAN; VFM_VLAN_NONE */
	char *options;     /* VLAN mode, trunks, policing: ovs/ovs.h; NULL: none */
	bool queues;       /* the source's has a QoS row, which is among the options */
	uint32_t mtu;      /* of the representor; 0: not known */
};

struct vfm_move_vf {
	enum vfm_move_form form;
	char *alias;                         /* NULL: none */
	char *mac;                           /* NULL: none */
	char *network;                       /* the pool; NULL: none */
	char source[VFM_BDF_TEXT_SIZE];      /* as it was given */
	char source_pf[VFM_BDF_TEXT_SIZE];   /* "": not in the facts */
	uint32_t source_number;              /* of the PF's VFs, from 0 */
	char destination[VFM_BDF_TEXT_SIZE]; /* "": there is none, or libvirt picks it */
	char destination_pf[VFM_BDF_TEXT_SIZE];
	uint32_t destination_number;
	bool libvirt_picks; /* there is a VF for it in the pool; none can be claimed */
	bool fixed;         /* --dest-vf named it */
	bool doubtful;      /* it fits as far as is known: what is not is in 'why' */
	struct vfm_move_port port;
	enum vfm_unfit unfit;          /* VFM_UNFIT_NOT: it is taken over */
	char *why;                     /* one line: the choice, or why there is none */
	struct vfm_move_unfit *unfits; /* those that cannot, by address; the others can */
	size_t unfit_count;
};

/* A vGPU of the VM: a mediated device, or the VF of a vGPU. Objects as in plan/step.h. */
struct vfm_move_vgpu {
	char *alias;                            /* NULL: none */
	char source[VFM_OBJECT_UUID_SIZE];      /* UUID or BDF, as the VM names it */
	char *source_object;                    /* NULL: the facts do not have it */
	char destination[VFM_OBJECT_UUID_SIZE]; /* "": there is none */
	char *destination_object;               /* NULL: there is none */
	uint64_t type_id;
	char *type; /* its name; NULL: not known */
	bool make;  /* by the move; else it is there */
	char *why;  /* one line: the choice, or why there is none */
};

void vfm_move_vgpu_done(struct vfm_move_vgpu *vgpu);

/* Migration slots of one PF. */
struct vfm_move_slots {
	char pf[VFM_BDF_TEXT_SIZE];
	uint32_t busy;   /* of other moves */
	uint32_t needed; /* of this one; a pool's are counted where one was found for them */
};

struct vfm_move_devices {
	struct vfm_move_vf *vfs; /* in device order */
	size_t count;
	struct vfm_move_slots *slots[VFM_SIDE_MAX]; /* PFs with a busy or needed one, by BDF */
	size_t slot_count[VFM_SIDE_MAX];
	bool complete;               /* each VF is taken over */
	struct vfm_move_vgpu *vgpus; /* in device order */
	size_t vgpu_count;
	size_t vgpus_missing; /* of them those that none takes over */
};

void vfm_move_devices_done(struct vfm_move_devices *devices);
#define VFM_AUTO_MOVE_DEVICES VFM_CLEANUP(vfm_move_devices_done)

#endif
