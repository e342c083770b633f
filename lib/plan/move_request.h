/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is asked of a move, as values: filled from the command line, read by the rules, the choice
 * of devices, the plan and the migration call. Texts and lists are the caller's.
 */
#ifndef VFM_PLAN_MOVE_REQUEST_H
#define VFM_PLAN_MOVE_REQUEST_H

#include "job/job.h"
#include "job/migration.h"

enum {
	VFM_MOVE_MAX_DOWNTIME_MS = 300, /* libvirt's own default */
	VFM_MOVE_CONNECTIONS_AUTO = UINT32_MAX,
};

/* "vda" of --overwrite-target, "SRC=DST" of --dest-vf. */
struct vfm_move_pick {
	char source[VFM_BDF_TEXT_SIZE], destination[VFM_BDF_TEXT_SIZE];
};

/* How the control connection to the destination goes: its URI's transport. */
enum vfm_transport {
	VFM_TRANSPORT_LOCAL, /* unix socket of this machine */
	VFM_TRANSPORT_SSH,   /* also libssh, libssh2 */
	VFM_TRANSPORT_TLS,
	VFM_TRANSPORT_TCP,
	VFM_TRANSPORT_OTHER,
	VFM_TRANSPORT_MAX,
};

struct vfm_move_request {
	const char *vm; /* as asked: name or UUID */
	const char *source_uri, *destination_uri;
	const char *destination_host; /* of the URI; NULL: this machine */
	enum vfm_transport transport;
	/*
	 * As asked: flags and parameters. Devices' XML is not in it, peer_to_peer is what the
	 * probes found, connections may be VFM_MOVE_CONNECTIONS_AUTO.
	 */
	struct vfm_migration migration;
	uint64_t max_downtime_ms; /* never 0 */
	bool downtime_asked;      /* by --max-downtime, not the default */
	uint32_t timeout_s;
	enum vfm_on_timeout on_timeout;
	uint32_t postcopy_after_s;
	uint32_t measure_dirty_s;                    /* 0: not measured */
	const struct vfm_strings *overwrite_targets; /* disks; NULL: none */
	const struct vfm_move_pick *picks;
	size_t pick_count;
	bool keep_vgpu;   /* those of the source stay when the VM has left them */
	const char *ping; /* address to ping from the guest; NULL */
};

/* What kind of move of what kind of VM: the columns "applies" of the rules. */
enum vfm_applies {
	VFM_APPLIES_LIVE = 1 << 0,
	VFM_APPLIES_OFFLINE = 1 << 1,
	VFM_APPLIES_COPY = 1 << 2,
	VFM_APPLIES_NONE = 1 << 3, /* a VM without such a device */
	VFM_APPLIES_VF = 1 << 4,
	VFM_APPLIES_VGPU = 1 << 5,
};

struct vfm_domain;
struct vfm_facts;

/*
 * One bit of LIVE, OFFLINE, COPY with NONE, or VF and VGPU where the VM has them; COPY comes beside
 * LIVE or OFFLINE. A pool's interface counts as a VF where 'pool_networks' (names) has its network;
 * a PCI device as a vGPU where the facts of the source (NULL: not known yet) have it as one.
 */
unsigned int vfm_move_applies(const struct vfm_domain *domain,
			      const struct vfm_move_request *request,
			      const struct vfm_strings *pool_networks,
			      const struct vfm_facts *source);

/* "qemu+ssh://root@host.example/system" → transport and host; host NULL: this machine. -EINVAL. */
int vfm_uri_parse(const char *uri, enum vfm_transport *ret_transport, char **ret_host,
		  struct vfm_error *err);

#endif
