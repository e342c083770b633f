/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two halves of asking libvirt, met as text: one JSON object a line (broken here),
 *
 *   {"part":"version","value":11003000}
 *   {"part":"domain","name":"vm1","state":"running","devices":["0000:e1:00.1"],
 *    "mdevs":[],"macs":["52:54:00:00:00:01"],"tagged":[]}
 *   {"part":"qemu_version","error":"what libvirt said"}
 *
 * libvirt's calls know no deadline (its open waits for ever on a daemon that accepts and then says
 * nothing, and keepalive needs an event loop that a reader has not). So the asking half runs in a
 * child that the deadline ends, and the telling is by line so that what it learned by then counts.
 */
#ifndef VFM_FACTS_LIBVIRT_H
#define VFM_FACTS_LIBVIRT_H

#include "facts/facts.h"

#define VFM_LIBVIRT_URI "qemu:///system"

struct vfm_buffer;

/*
 * The asking half: connects (read-only) to the URI and writes the parts to fd, cheap ones first.
 * Returns 0, or -errno when it could neither ask nor say why.
 */
int vfm_libvirt_tell(const char *uri, int fd);

/*
 * The same of one VM, by name or UUID: a part "document" with its XML, as it runs where it does.
 * Read-only as the connection is, libvirt leaves secrets out of it.
 */
int vfm_libvirt_tell_vm(const char *uri, const char *vm, int fd);

/* libvirt's number for a version (11003000) as text, to be freed by the caller; NULL: no memory. */
char *vfm_libvirt_version(uint64_t number);

/*
 * Runs the asking half in a child until the deadline. *told gets what it said, also when that is
 * not all; *ret_why, to be freed by the caller, says why parts may be missing (NULL: no memory).
 */
void vfm_libvirt_ask(const char *uri, int64_t deadline_ms, struct vfm_buffer *told, char **ret_why);
/* The same of one VM. */
void vfm_libvirt_ask_vm(const char *uri, const char *vm, int64_t deadline_ms,
			struct vfm_buffer *told, char **ret_why);

/*
 * The filling half, pure: sets libvirt, host.uuid, the VFs' users, the vGPUs' users and owners from
 * the parts told. 'why' is
 * the reason of facts whose part is missing. An incomplete last line is left out.
 */
void vfm_libvirt_fill(const char *data, size_t size, const char *why, struct vfm_facts *facts);

#endif
