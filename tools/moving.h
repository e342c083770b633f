/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What 'vfmigrate check' and 'vfmigrate run' share: the options that say what is asked, the request
 * they become, and all that is known and judged of the move before anything is touched.
 */
#ifndef VFM_TOOLS_MOVING_H
#define VFM_TOOLS_MOVING_H

#include "domain/domain.h"
#include "judging.h"
#include "moving_hosts.h"
#include "plan/choose.h"
#include "plan/move_request.h"
#include "probe/gather.h"

struct moving_values {
	struct judging_values judging;
	struct moving_hosts_values hosts;
	bool offline, live;
	bool permanent, temporary, persistent, undefine_source;
	const char *connections, *max_downtime, *bandwidth, *auto_converge;
	bool postcopy;
	const char *after, *timeout, *on_timeout;
	const char *copy_storage;
	struct vfm_strings disks, overwrite_targets, dest_vfs;
	bool tls;
	bool keep_vgpu;
	const char *migrate_uri, *compression, *measure_dirty, *ping;
};

extern const char *const moving_on_timeouts[];
extern const char *const moving_copies[];

#define MOVING_TEXT(option, shown, v, at, text)                                                    \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_TEXT, .argument = shown,                        \
		.offset = offsetof(struct v, at), .help = text                                     \
	}
#define MOVING_MAYBE(option, shown, v, at, text)                                                   \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_MAYBE, .argument = shown,                       \
		.offset = offsetof(struct v, at), .help = text                                     \
	}
#define MOVING_TEXTS(option, shown, v, at, text)                                                   \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_TEXTS, .argument = shown,                       \
		.offset = offsetof(struct v, at), .help = text                                     \
	}
#define MOVING_WORD(option, shown, all, v, at, text)                                               \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_TEXT, .argument = shown, .words = all,          \
		.offset = offsetof(struct v, at), .help = text                                     \
	}
#define MOVING_FLAG(option, v, at, text)                                                           \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_FLAG, .offset = offsetof(struct v, at),         \
		.help = text                                                                       \
	}

/* clang-format off */
/* What is asked of the move. */
#define MOVING_OPTIONS(v, m) \
	MOVING_HOST_OPTIONS(v, m.hosts), \
	MOVING_FLAG("live", v, m.live, "the VM keeps running; the default"), \
	MOVING_FLAG("offline", v, m.offline, \
		"the definition of a VM that is shut off; it is persistent there"), \
	MOVING_FLAG("permanent", v, m.permanent, \
		"defined on the destination and no longer on the source: --persistent and " \
		"--undefine-source"), \
	MOVING_FLAG("temporary", v, m.temporary, \
		"defined on the source alone, and gone from the destination when it is shut off: " \
		"the default, as with virsh"), \
	MOVING_FLAG("persistent", v, m.persistent, "defined on the destination"), \
	MOVING_FLAG("undefine-source", v, m.undefine_source, "no longer defined on the source"), \
	MOVING_TEXT("connections", "N|auto", v, m.connections, \
		"parallel connections for memory; auto: one for each 10 Gbit/s of the link, at " \
		"most 8; one without this option"), \
	MOVING_TEXT("max-downtime", "MS", v, m.max_downtime, \
		"how long the VM may stand still at the switch; 300 without this option"), \
	MOVING_TEXT("bandwidth", "MIB_S", v, m.bandwidth, \
		"what the transfer may use, in MiB/s; libvirt's default without this option"), \
	MOVING_MAYBE("auto-converge", "I,S", v, m.auto_converge, \
		"slow the VM down when it changes its memory faster than that can be copied: by I " \
		"percent at first, and S more each time"), \
	MOVING_FLAG("postcopy", v, m.postcopy, \
		"may be switched to post-copy; not for a VM that holds a device"), \
	MOVING_TEXT("after", "S", v, m.after, "with --postcopy: switch after so many seconds"), \
	MOVING_TEXT("timeout", "S", v, m.timeout, \
		"do what --on-timeout says when the switch has not come after so many seconds"), \
	MOVING_WORD("on-timeout", "ACTION", moving_on_timeouts, v, m.on_timeout, \
		"abort (default): the VM stays where it is; suspend: it stands still until it has " \
		"arrived; postcopy"), \
	MOVING_WORD("copy-storage", "all|inc", moving_copies, v, m.copy_storage, \
		"copy disks too: all of each, or what differs from a base that both have"), \
	MOVING_TEXTS("disks", "TARGET,…", v, m.disks, \
		"with --copy-storage: only these disks, as vda; may be repeated"), \
	MOVING_TEXTS("overwrite-target", "TARGET", v, m.overwrite_targets, \
		"with --copy-storage: what the destination has in the place of this disk is lost; " \
		"may be repeated"), \
	MOVING_FLAG("tls", v, m.tls, "encrypt the transfer by libvirt's TLS certificates"), \
	MOVING_TEXT("migrate-uri", "URI", v, m.migrate_uri, \
		"where memory goes, as tcp://10.0.0.2 or tcp://10.0.0.2:49152"), \
	MOVING_TEXT("compression", "METHOD", v, m.compression, \
		"compress memory: zstd, zlib, xbzrle, mt"), \
	MOVING_TEXTS("dest-vf", "SRC=DST", v, m.dest_vfs, \
		"take this VF of the destination for that of the source, by PCI addresses; may be " \
		"repeated"), \
	MOVING_FLAG("keep-vgpu", v, m.keep_vgpu, \
		"leave the vGPUs of the source where they are; without this option they are " \
		"removed when the VM has left them, and a definition of it that stays on the " \
		"source needs them made again ('vgpucheck create')"), \
	MOVING_TEXT("measure-dirty", "S", v, m.measure_dirty, \
		"measure for so many seconds how fast the VM changes its memory"), \
	JUDGING_MANNER_OPTIONS(v, m.judging)
/* clang-format on */

/* What the options become; lists and texts that are not in argv are its own. */
struct moving_request {
	struct vfm_move_request request;
	struct vfm_move_pick *picks;
	char *destination_host;
	struct vfm_strings disks;
};

/* Pure: 0 or VFM_EXIT_USAGE, the error printed. *ret is zeroed by the caller. */
int moving_request(const struct vfm_call *call, const struct moving_values *values,
		   struct moving_request *ret);
void moving_request_done(struct moving_request *request);
#define AUTO_MOVING_REQUEST VFM_CLEANUP(moving_request_done)

/* All that is known of a move, and what the rules say of it. */
struct moving {
	const struct vfm_call *call;
	struct moving_values *values;
	struct moving_request request;
	struct vfm_ends *ends;
	struct moving_hosts hosts;
	char *name[VFM_SIDE_MAX]; /* what messages call the host */
	struct vfm_facts facts[VFM_SIDE_MAX];
	bool has_facts[VFM_SIDE_MAX];
	struct vfm_vm_documents documents;
	struct vfm_domain domain;
	struct vfm_probe probe;
	struct vfm_strings pool_networks; /* of the VM's, those that give VFs */
	struct vfm_strings *pools;        /* PFs of each, by pool_networks */
	struct vfm_choose_vf *vfs;
	size_t vf_count;
	struct vfm_choose_busy *busy[VFM_SIDE_MAX];
	size_t busy_count[VFM_SIDE_MAX];
	struct vfm_move_devices devices;
	bool chosen; /* devices were chosen for */
	struct vfm_strings pfs[VFM_SIDE_MAX], asked_vfs[VFM_SIDE_MAX];
	struct vfm_strings notes;
	struct vfm_case given;
	struct vfm_findings findings;
};

void moving_done(struct moving *moving);
#define AUTO_MOVING VFM_CLEANUP(moving_done)

/*
 * For moving.c: from the VM's XML, facts and probes, which VFs need a place on the destination, out
 * of which pools, and which slots other moves have. 0 or -ENOMEM.
 */
int moving_find_devices(struct moving *moving);

/*
 * From the options to the findings: both daemons and both hosts are asked, nothing is touched.
 * *moving is zeroed by the caller. 0 or an exit code, the error printed.
 */
int moving_look(const struct vfm_call *call, struct moving_values *values, struct moving *moving);

#endif
