/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The domains of a libvirt connection, named by its URI: what each takes of the host and of the
 * network. Not part of the host facts, which keep only who uses which VF: who asks, asks now.
 */
#ifndef VFM_FACTS_DOMAINS_H
#define VFM_FACTS_DOMAINS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* A domain as it runs, or as it is defined; one that runs and is defined has both. */
struct vfm_host_domain {
	char *name;
	bool running;
	struct vfm_strings bdfs;   /* host PCI functions, long form */
	struct vfm_strings macs;   /* of its interfaces, lower case */
	struct vfm_strings tagged; /* those that are VFs with a <vlan> */
};

struct vfm_domains {
	char *version; /* of the daemon's libvirt, "11.3.0" */
	struct vfm_host_domain *items;
	size_t count;
};

/*
 * Asks libvirt, read-only, in a child that the deadline ends. All domains, or an error: -EIO with
 * libvirt's words, -ETIMEDOUT never (the deadline is in the words). *ret_domains is zeroed by the
 * caller.
 */
int vfm_domains_read(const char *uri, int64_t deadline_ms, struct vfm_domains *ret_domains,
		     struct vfm_error *err);

/*
 * The XML of one VM, by name or UUID, as it runs where it does; without secrets, which a read-only
 * connection is not told. The same errors. *ret_xml is to be freed.
 */
int vfm_domain_document_read(const char *uri, const char *vm, int64_t deadline_ms, char **ret_xml,
			     struct vfm_error *err);

/* The pure half: from what facts/libvirt.h tells. 'why' is the reason where parts are missing. */
int vfm_domains_parse(const char *told, size_t size, const char *uri, const char *why,
		      struct vfm_domains *ret_domains, struct vfm_error *err);

void vfm_domains_done(struct vfm_domains *domains);
#define VFM_AUTO_DOMAINS VFM_CLEANUP(vfm_domains_done)

#endif
