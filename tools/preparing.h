/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What 'vfprep plan' and 'vfprep apply' share: the options that say what is asked, the request they
 * become, what it would change and whether it may; and how all commands that prepare or unmake a
 * host print what came of it.
 */
#ifndef VFM_TOOLS_PREPARING_H
#define VFM_TOOLS_PREPARING_H

#include "judging.h"
#include "plan/prep.h"
#include "run/ops.h"

#define PREPARING_CONFIG "/etc/vfmig/vfprep.conf"

struct preparing_values {
	struct judging_values judging; /* pfs: as typed, then those of the request */
	const char *config;
	const char *vfs, *bridge, *uplink, *mtu, *bind;
	struct vfm_strings vlans, macs;
	const char *max_idle, *phase, *confirm_within;
	bool restart_ovs, set_firmware, replace_vfs, take_uplink;
};

extern const char *const preparing_binds[];
extern const char *const preparing_phases[];

#define PREPARING_TEXT(option, shown, values_type, at, text)                                       \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_TEXT, .argument = shown,                        \
		.offset = offsetof(struct values_type, at), .help = text                           \
	}
#define PREPARING_TEXTS(option, shown, values_type, at, text)                                      \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_TEXTS, .argument = shown,                       \
		.offset = offsetof(struct values_type, at), .help = text                           \
	}
#define PREPARING_WORD(option, shown, all, values_type, at, text)                                  \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_TEXT, .argument = shown, .words = all,          \
		.offset = offsetof(struct values_type, at), .help = text                           \
	}
#define PREPARING_FLAG(option, values_type, at, text)                                              \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_FLAG,                                           \
		.offset = offsetof(struct values_type, at), .help = text                           \
	}

/* clang-format off */
#define PREPARING_OPTIONS(v, m) \
	PREPARING_TEXTS("pf", "BDF", v, m.judging.pfs, \
		"the physical function, as 0000:e1:00.0; several are sections of a configuration"), \
	PREPARING_TEXT("vfs", "N", v, m.vfs, "how many VFs it is to have"), \
	PREPARING_TEXT("bridge", "NAME", v, m.bridge, \
		"the Open vSwitch bridge of its uplink and its VFs' representors"), \
	PREPARING_TEXT("uplink", "NAME", v, m.uplink, \
		"netdev that carries the bridge's traffic, such as a bond; 'none': the bridge gets " \
		"none from here; without this option the PF's own uplink"), \
	PREPARING_TEXTS("vlan", "VF=TAG", v, m.vlans, \
		"access VLAN of the VF's port; once a VF"), \
	PREPARING_TEXTS("mac", "VF=MAC", v, m.macs, "MAC address of the VF; once a VF"), \
	PREPARING_TEXT("mtu", "N", v, m.mtu, "MTU of uplink and representors"), \
	PREPARING_TEXT("max-idle", "MS", v, m.max_idle, \
		"how long Open vSwitch keeps an idle flow; 300000 without this option"), \
	PREPARING_WORD("bind", "DRIVER", preparing_binds, v, m.bind, \
		"what an idle VF is left with: none (default) or pci-stub"), \
	PREPARING_TEXT("config", "FILE", v, m.config, \
		"take what is asked from a configuration, a section a physical function, in place " \
		"of the options above; the services read " PREPARING_CONFIG), \
	PREPARING_WORD("phase", "PART", preparing_phases, v, m.phase, \
		"device: the card alone, needs neither libvirt nor Open vSwitch; ovs: Open vSwitch " \
		"and its links; all (default)"), \
	PREPARING_FLAG("restart-ovs", v, m.restart_ovs, \
		"restart Open vSwitch when hw-offload changes, or was changed and not yet taken up: " \
		"interrupts the traffic of every VM in it"), \
	PREPARING_FLAG("set-firmware", v, m.set_firmware, \
		"where firmware settings are not as needed, set SRIOV_EN, NUM_OF_VFS and " \
		"VF_MIGRATION_MODE for the next boot, and nothing else"), \
	PREPARING_FLAG("replace-vfs", v, m.replace_vfs, \
		"remove VFs that are there in another number"), \
	PREPARING_FLAG("take-uplink", v, m.take_uplink, \
		"take the uplink although addresses or sessions are on it; with --confirm-within"), \
	PREPARING_TEXT("confirm-within", "S", v, m.confirm_within, \
		"undo the change by itself unless 'vfprep confirm' comes within that many seconds"), \
	JUDGING_MANNER_OPTIONS(v, m.judging)
/* clang-format on */

/*
 * The request that options and configuration make, whole and free of contradictions; the values'
 * PFs become its own. *ret_request is initialised by the caller, who releases it. 0 or an exit
 * code, the error printed.
 */
int preparing_request(const struct vfm_call *call, struct preparing_values *values,
		      struct vfm_prep_request *ret_request);

/* What a command knows and found out about a host that it is to change. */
struct preparation {
	struct vfm_facts facts;
	struct vfm_steps steps;
	struct vfm_findings findings;
	struct vfm_case given;
	struct vfm_strings notes;
};

void preparation_done(struct preparation *preparation);
#define AUTO_PREPARATION VFM_CLEANUP(preparation_done)

/*
 * Judges what the steps would do; request NULL: they undo. Facts and steps are in *preparation.
 * 0 or an exit code, the error printed.
 */
int preparing_judge(const struct vfm_call *call, const struct judging_values *values,
		    const char *host, const struct vfm_prep_request *request,
		    struct preparation *preparation);

/*
 * Facts and request to steps. world: this host, whose objects are looked at where the facts do not
 * say what they are; NULL: a host that is not at hand. What cannot be looked at stays 'unread'.
 */
int preparing_look(const struct vfm_call *call, const struct vfm_prep_request *request,
		   struct vfm_world *world, struct preparation *preparation);
/*
 * What is still 'unread' is an error: to be asked once nothing refuses the steps, since what
 * refuses them (Open vSwitch does not run) says more.
 */
int preparing_check_seen(const struct vfm_call *call, struct vfm_world *world,
			 const struct preparation *preparation);

/* Whether the steps may be done: PLANNED, NOTHING or REFUSED. */
int preparing_plan(const struct vfm_call *call, const struct judging_values *values,
		   const char *host, const struct vfm_prep_request *request,
		   struct preparation *preparation, enum vfm_prep_verdict *ret_verdict);

/*
 * Notes what the steps mean for Open vSwitch's daemon, where it runs: hw-offload waits for its
 * restart, or a restart that is still to come interrupts.
 */
void preparing_note_restart(struct preparation *preparation, bool done);

/* Is a step of that kind among them? */
bool preparing_has(const struct vfm_steps *steps, enum vfm_step_id id);

/* Seconds of an option, or 'otherwise' when it was not given. 0 or an exit code. */
int preparing_seconds(const struct vfm_call *call, const char *option, const char *text,
		      uint32_t otherwise, uint32_t *ret_seconds);

/* The exit code of a verdict; an UNDONE apply has another, VFM_EXIT_FAILED. */
int preparing_exit(enum vfm_prep_verdict verdict);

/*
 * Prints what came of it. When the host was changed and stdout is gone, the code says that much
 * and no more: VFM_EXIT_UNVERIFIED in place of VFM_EXIT_OK.
 */
int preparing_print(const struct vfm_call *call, const struct judging_values *values,
		    const struct vfm_prep_outcome *outcome, int code);

#endif
