/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/probe alone: what one daemon is asked, by a worker that can be left behind when the
 * daemon does not answer. So a side owns all that it works with.
 */
#ifndef VFM_PROBE_SIDE_H
#define VFM_PROBE_SIDE_H

#include <libvirt/libvirt.h>

#include "base/worker.h"
#include "domain/domain.h"
#include "probe/gather.h"
#include "probe/probe.h"

struct vfm_probe_side {
	virConnectPtr connection;
	virDomainPtr domain; /* NULL: the destination's side */
	struct vfm_domain vm;
	uint32_t measure_dirty_s;
	int64_t deadline_ms;
	/*
	 * What it found. Whichever side this is: part.storage has one item a disk, in the order of
	 * vm.disks, with at_source alone; of part.bridges' items 'source' alone is set.
	 */
	struct vfm_probe part;
};

/*
 * A side with its own references and its own reading of the document. vm_xml: as libvirt gave it.
 */
int vfm_probe_side_new(virConnectPtr connection, virDomainPtr domain, const char *vm_xml,
		       struct vfm_probe_side **ret_side, struct vfm_error *err);
/* For the worker. */
void vfm_probe_side_release(void *side);
void vfm_probe_side_work(void *side);

/* A fact unknown by libvirt's last words in this thread. */
void vfm_probe_unknown(struct vfm_fact *fact);

/* What is being done to a domain; NULL in *ret_job: nothing. 0, or -1 with libvirt's words. */
int vfm_probe_job(virDomainPtr domain, const char **ret_job);

/* side_vm.c: the VM itself, on its own daemon. */
void vfm_probe_vm(struct vfm_probe_side *side);
/* side_daemon.c: what the daemon offers. */
void vfm_probe_daemon(struct vfm_probe_side *side, struct vfm_daemon_probe *daemon);
void vfm_probe_resources(struct vfm_probe_side *side);
/* side_others.c: other domains, networks, netdevs, storage by pools. */
void vfm_probe_domains(struct vfm_probe_side *side, bool jobs_only, struct vfm_fact_list *domains);
void vfm_probe_networks(struct vfm_probe_side *side, struct vfm_fact_list *networks);
void vfm_probe_bridges(struct vfm_probe_side *side);
void vfm_probe_pools(struct vfm_probe_side *side);

#endif
