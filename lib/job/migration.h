/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is asked of libvirt's migration call: options as plain values, and from them the flags and
 * typed parameters that the call takes. Pure, so that a dry run shows just what a run would give.
 *
 * Names and meanings: libvirt's include/libvirt/libvirt-domain.h, virDomainMigrateFlags and
 * VIR_MIGRATE_PARAM_*. Parameters that are newer than the headers this is built with are sent by
 * their names; an older daemon refuses them by name.
 */
#ifndef VFM_JOB_MIGRATION_H
#define VFM_JOB_MIGRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum vfm_copy_storage {
	VFM_COPY_NONE, /* disks are reachable from both hosts */
	VFM_COPY_ALL,
	VFM_COPY_INCREMENTAL, /* what differs from a base image that both have */
	VFM_COPY_STORAGE_MAX,
};

/* Texts and lists are the caller's and outlive this; 0 and NULL mean: libvirt's default. */
struct vfm_migration {
	bool offline;         /* the definition of a VM that is shut off; nothing runs */
	bool peer_to_peer;    /* the source's daemon drives it, and survives our end */
	bool persist;         /* there is a definition on the destination afterwards */
	bool undefine_source; /* and none on the source */
	bool postcopy;        /* may be switched to post-copy while it runs */
	bool resume_postcopy; /* goes on with a post-copy that broke */
	bool tls;             /* the data goes encrypted */
	bool unsafe;          /* libvirt's own judgement of the storage is set aside */
	bool auto_converge;
	uint32_t converge_initial, converge_increment; /* percent */
	enum vfm_copy_storage copy;
	const struct vfm_strings
		*disks; /* targets ("vda") that are copied; NULL: all that can be */
	uint64_t bandwidth_mib_s;
	uint64_t postcopy_bandwidth_mib_s;
	uint32_t connections;        /* parallel ones; 0 or 1: one */
	const char *compression;     /* method: "zstd", "zlib", "xbzrle", "mt" */
	const char *migrate_uri;     /* where the data goes: "tcp://host:49152" */
	const char *listen_address;  /* of the destination */
	const char *tls_destination; /* name in the destination's certificate */
	const char *destination_name;
	const char *destination_xml; /* the VM as it will run there */
	const char *persistent_xml;  /* its definition there */
};

/*
 * Whether these options go together: -EINVAL names the two that do not. What depends on the VM or
 * on the hosts is for the rules.
 */
int vfm_migration_check(const struct vfm_migration *migration, struct vfm_error *err);

/* virDomainMigrateFlags. */
unsigned int vfm_migration_flags(const struct vfm_migration *migration);

/* Adds the name of each flag, "VIR_MIGRATE_LIVE", by number. */
void vfm_migration_flag_names(unsigned int flags, struct vfm_strings *names);

enum vfm_parameter_type {
	VFM_PARAMETER_INT,
	VFM_PARAMETER_ULLONG,
	VFM_PARAMETER_STRING,
	VFM_PARAMETER_TYPE_MAX,
};

struct vfm_parameter {
	const char *name;
	enum vfm_parameter_type type;
	uint64_t number;  /* INT, ULLONG */
	const char *text; /* STRING: the caller's */
};

/* Calls take() for each parameter, in a fixed order, until it returns a negative errno. */
int vfm_migration_parameters(const struct vfm_migration *migration,
			     int (*take)(const struct vfm_parameter *parameter, void *data),
			     void *data);

#endif
