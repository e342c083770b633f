/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps: what changes on a host, as values. A plan is an array of them in the order of doing; undo
 * goes backwards.
 *
 * A step sets one object to one value, both texts: object and value are what the journal keeps and
 * what 'vfprep plan' prints. To undo is to set the value that was there before, so a kind of step
 * needs no more than reading and setting (lib/run). A value of NULL is "not there" or "not set".
 *
 * Objects:
 *   "0000:e1:00.0"            a PF (eswitch, autoprobe, vfs)
 *   "0000:e1:00.0/2"          VF 2 of that PF, or its representor (vf-…, link, mtu, ovs-port)
 *   "0000:e1:00.0/uplink"     the PF's uplink
 *   "netdev/bond0"            a netdev by its name, where the request names one
 *   "port/enp1s0r7"           an OVS port by its name (one that we made for a representor gone)
 *   "br0", "hw-offload"       a bridge, a setting of Open vSwitch
 *   "0000:e1:00.0 SRIOV_EN"   a firmware setting
 *   "/run/…"                  a file
 *   "ovs-vswitchd"            the daemon
 *   "vgpu/0000:01:00.4"       the vGPU of a VF (vendor's layout)
 *   "vgpu/0000:01:00.0/UUID"  the mediated device of that UUID on that function
 * of a move, where a device is on one of two hosts:
 *   "destination 0000:e1:00.2"  a PF (move-slots, move-announce) or a VF
 *   "destination vgpu/0000:01:00.4"  a vGPU there (move-claim, move-vgpu)
 *   "6c9f…"                     the VM, by its UUID
 */
#ifndef VFM_PLAN_STEP_H
#define VFM_PLAN_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/request.h"

enum { VFM_OBJECT_UUID_SIZE = 37 };

enum vfm_step_id {
	VFM_STEP_FIRMWARE,    /* next-boot value as a number: "2"; one mstconfig call a PF */
	VFM_STEP_FILE,        /* the whole text of a file of ours under /run */
	VFM_STEP_AUTOPROBE,   /* "0", "1" */
	VFM_STEP_ESWITCH,     /* "legacy", "switchdev" */
	VFM_STEP_VFS,         /* "0", "4" */
	VFM_STEP_VF_DETACH,   /* driver bound, NULL: none; wants NULL */
	VFM_STEP_MIGRATABLE,  /* "enabled", "disabled", "not-offered" */
	VFM_STEP_HW_ADDR,     /* MAC; NULL: not set */
	VFM_STEP_VF_BIND,     /* driver bound, NULL: none; wants "pci-stub" */
	VFM_STEP_OVS_SETTING, /* of other_config */
	VFM_STEP_OVS_BRIDGE,  /* "ours", "foreign"; NULL: no such bridge */
	VFM_STEP_OVS_PORT,    /* "br0", "br0 tag=12"; NULL: in no bridge */
	VFM_STEP_OVS_RESTART, /* "PID@START" of the daemon; wants "restarted" */
	VFM_STEP_MTU,         /* "1500" */
	VFM_STEP_TC_OFFLOAD,  /* "on", "off"; NULL: the netdev does not offer it */
	VFM_STEP_LINK,        /* "up", "down" */
	VFM_STEP_VGPU,        /* number of the type: "1153"; NULL: there is none */
	/* of a move: lib/move */
	VFM_STEP_MOVE_SLOTS,   /* how many this move has: "2"; NULL: none */
	VFM_STEP_MOVE_CLAIM,   /* "claimed"; NULL */
	VFM_STEP_MOVE_PORT,    /* "br0 tag=12 trunks=5 mtu=9000 up"; "-": in no bridge */
	VFM_STEP_MOVE_HW_ADDR, /* MAC; NULL: not set */
	VFM_STEP_MOVE_VGPU,    /* number of the type: "1153"; NULL: there is none */
	VFM_STEP_MOVE_MIGRATE, /* where the VM is: "source", "destination" */
	VFM_STEP_MOVE_PICKED,  /* port of the VF that libvirt took: "br0 mtu=1500"; NULL: not set */
	VFM_STEP_MOVE_ANNOUNCE, /* addresses: "52:54:00:00:00:01 tag=12,…"; NULL: not told */
	VFM_STEP_MOVE_FORGET,   /* address that the source's bridge is to forget; NULL: not told */
	VFM_STEP_MOVE_VGPU_REMOVE, /* of the source; "removed"; NULL */
	VFM_STEP_MOVE_RELEASE,     /* "released"; NULL */
	VFM_STEP_MAX,
};

/* Steps of one batch number that stand side by side are set in one go. */
enum vfm_batch {
	VFM_BATCH_NONE,
	VFM_BATCH_FIRMWARE, /* one call of mstconfig; only steps of one PF */
	VFM_BATCH_OVS,      /* one transaction */
};

struct vfm_step_kind {
	const char *name;     /* in documents: "eswitch", "vf-migratable" */
	const char *doc;      /* one line, for people */
	enum vfm_phase phase; /* of preparing */
	enum vfm_batch batch;
	bool persistent; /* outlives a reboot of the machine that has the journal */
	/*
	 * A value that setting passes through and that may be found when it was cut short
	 * (sriov_numvfs is 0 between two counts); NULL: there is none. Undo takes it for ours.
	 */
	const char *between;
	bool of_move; /* of lib/move; else of preparing a host */
	bool one_way; /* there is nothing to put back after it */
	/* Once it is done there is no way back for the whole run; it is one_way itself. */
	bool point_of_no_return;
};

extern const struct vfm_step_kind vfm_step_kinds[VFM_STEP_MAX];

/* The kind called so, or VFM_STEP_MAX. */
enum vfm_step_id vfm_step_find(const char *name);

struct vfm_step {
	enum vfm_step_id id;
	char *object;
	char *was; /* as the facts had it when the plan was made */
	char *want;
	/*
	 * The object comes into being by an earlier step of the plan (a new VF's driver), or is a
	 * leftover that nobody wants back: 'was' is NULL and says nothing, and there is nothing to
	 * put back but what that step does. Never so for what outlives the object's boot (a port).
	 */
	bool fresh;
	/* The facts do not say what it was: vfm_steps_look() has to see before anything is done. */
	bool unread;
	unsigned int rank; /* place in the order; what ranks higher is undone first */
};

struct vfm_steps {
	struct vfm_step *items;
	size_t count;
};

/* Appends a step with copies of the texts. 0 or -ENOMEM with the array as it was. */
int vfm_steps_add(struct vfm_steps *steps, const struct vfm_step *step);
void vfm_steps_done(struct vfm_steps *steps);
#define VFM_AUTO_STEPS VFM_CLEANUP(vfm_steps_done)

/*
 * Reads the object of each step that is 'unread', by 'look', and drops the steps that it finds done
 * already: what remains is what there is to do. To be called before a plan is judged, shown or run.
 * A step whose object cannot be read stays as it is, all others are looked at, and the first error
 * is returned: one who only shows the plan may pass over it.
 */
typedef int (*vfm_step_look)(const struct vfm_step *step, void *data, char **ret_value,
			     struct vfm_error *err);
int vfm_steps_look(struct vfm_steps *steps, vfm_step_look look, void *data, struct vfm_error *err);

/* Whether 'value' is as good as what the step wants, when it goes forward. */
bool vfm_step_met(const struct vfm_step *step, const char *value);

/* Both NULL, or the same text. */
bool vfm_value_is(const char *a, const char *b);

/*
 * "0000:e1:00.0/2" → its parts; pieces of other forms are left zero and false is returned.
 * number is the VF's, or VFM_OBJECT_UPLINK.
 */
#define VFM_OBJECT_UPLINK UINT32_MAX
struct vfm_object_port {
	char bdf[20];
	uint32_t number;
};
bool vfm_object_port(const char *object, struct vfm_object_port *ret_port);
/* What follows "netdev/" or "port/"; NULL for other objects. */
const char *vfm_object_netdev(const char *object);
const char *vfm_object_ovs_port(const char *object);

/* "vgpu/0000:01:00.4" or "vgpu/0000:01:00.0/UUID" → its parts; false for other objects. */
struct vfm_object_vgpu {
	char function[VFM_BDF_TEXT_SIZE];
	char uuid[VFM_OBJECT_UUID_SIZE]; /* lower case; "": the function is the vGPU */
};
bool vfm_object_vgpu(const char *object, struct vfm_object_vgpu *ret_vgpu);
/* NULL: no memory. uuid NULL or "": the function is the vGPU. */
char *vfm_object_vgpu_text(const char *function, const char *uuid);
/* UUID or function: what the vGPU is called. */
const char *vfm_object_vgpu_name(const struct vfm_object_vgpu *vgpu);

/* "br0 tag=12" → "br0" and 12 (VFM_VLAN_NONE). -EINVAL. The bridge is the caller's to free. */
int vfm_port_value_parse(const char *value, char **ret_bridge, int32_t *ret_vlan);
char *vfm_port_value(const char *bridge, int32_t vlan);

#endif
