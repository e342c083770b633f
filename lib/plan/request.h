/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an administrator asks of 'vfprep plan' and 'apply': a plain value, filled from the command
 * line or from a configuration file, checked on its own. Judging and planning read it together
 * with the facts.
 */
#ifndef VFM_PLAN_REQUEST_H
#define VFM_PLAN_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Parts of the preparation, as bits: at boot each is done when what it needs is there. */
enum vfm_phase {
	VFM_PHASE_DEVICE = 1 << 0, /* the card alone: needs neither libvirt nor Open vSwitch */
	VFM_PHASE_OVS = 1 << 1,    /* Open vSwitch and the links that it uses */
	VFM_PHASE_ALL = VFM_PHASE_DEVICE | VFM_PHASE_OVS,
};

/* What an idle VF is left with. */
enum vfm_bind {
	VFM_BIND_NONE,     /* no driver */
	VFM_BIND_PCI_STUB, /* pci-stub, as the source text has it */
	VFM_BIND_MAX,
};

enum {
	VFM_VLAN_NONE = -1,
	VFM_VLAN_MAX = 4094,
	VFM_MAX_VFS = 4096, /* more than any card has; the card's own number is a fact */
	VFM_MIN_MTU = 68,
	VFM_MAX_MTU = 65535,
	VFM_DEFAULT_MAX_IDLE_MS = 300000,
	VFM_MIN_MAX_IDLE_MS = 500, /* ovs-vswitchd.conf.db(5) */
	VFM_MAX_CONFIRM_S = 86400,
};

/* A VF of which something particular is asked. */
struct vfm_prep_vf {
	uint32_t number; /* from 0 */
	int32_t vlan;    /* access VLAN of its port; VFM_VLAN_NONE */
	char mac[18];    /* "52:54:00:00:00:01"; "": as it is */
};

struct vfm_prep_pf {
	char *bdf; /* the long form */
	uint32_t vfs;
	char *bridge;   /* NULL: only with phase device */
	char *uplink;   /* netdev that is to carry the traffic; NULL: the PF's own */
	bool no_uplink; /* '--uplink none': the bridge gets no uplink from us */
	uint32_t mtu;   /* of uplink and representors; 0: as it is */
	enum vfm_bind bind;
	struct vfm_prep_vf *named; /* by number, each once */
	size_t named_count;
};

struct vfm_prep_request {
	struct vfm_prep_pf *pfs; /* by BDF, each once */
	size_t pf_count;
	uint32_t max_idle_ms;
	unsigned int phases; /* enum vfm_phase bits */
	bool restart_ovs;
	bool set_firmware;
	bool replace_vfs;
	bool take_uplink;
	uint32_t confirm_within_s; /* 0: no confirmation is waited for */
};

/* Defaults: max_idle_ms, both phases, no PF. */
void vfm_prep_request_init(struct vfm_prep_request *request);
void vfm_prep_request_done(struct vfm_prep_request *request);
#define VFM_AUTO_PREP_REQUEST VFM_CLEANUP(vfm_prep_request_done)

/*
 * Adds a PF (BDF in any accepted form) in its place; *ret_pf stays valid until the next one is
 * added. -EINVAL: no BDF; -EEXIST: there already.
 */
int vfm_prep_request_add(struct vfm_prep_request *request, const char *bdf,
			 struct vfm_prep_pf **ret_pf, struct vfm_error *err);

/*
 * Settings by their words, as options and configuration give them; the option's name is the
 * error's object. -EINVAL, -ERANGE. "vlan" and "mac" take "VF=TAG" and "VF=MAC", and may be given
 * once a VF; "uplink" takes a netdev's name or "none"; "bind" takes "none" or "pci-stub".
 * Names: vfs, bridge, uplink, mtu, bind, vlan, mac.
 */
int vfm_prep_pf_set(struct vfm_prep_pf *pf, const char *name, const char *value,
		    struct vfm_error *err);
/* Of the whole request: max-idle, phase ("device", "ovs", "all"), confirm-within. */
int vfm_prep_request_set(struct vfm_prep_request *request, const char *name, const char *value,
			 struct vfm_error *err);

/*
 * Is it whole and free of contradictions? -EINVAL names what is missing or does not fit: no PF, no
 * VFs, no bridge while the phase asks for one, a VLAN or MAC of a VF beyond the count, one MAC
 * twice, --take-uplink and --confirm-within without each other.
 */
int vfm_prep_request_check(const struct vfm_prep_request *request, struct vfm_error *err);

/*
 * Reads a configuration (vfprep.conf(5)): a section [0000:e1:00.0] a PF with the names of
 * vfm_prep_pf_set (vlan and mac hold several, separated by blanks), and before them, without a
 * section, those of the whole. 'name' is what errors call it; they tell the line. *request is
 * initialised by the caller; on failure the caller releases it too.
 */
int vfm_prep_request_parse(const char *data, size_t size, const char *name,
			   struct vfm_prep_request *request, struct vfm_error *err);

/* What is asked of the VF, or NULL for nothing particular. */
const struct vfm_prep_vf *vfm_prep_pf_named(const struct vfm_prep_pf *pf, uint32_t number);
const struct vfm_prep_pf *vfm_prep_request_pf(const struct vfm_prep_request *request,
					      const char *bdf);

#endif
