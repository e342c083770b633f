/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For verify_gather.c: a ping from within the guest, by its agent's guest-exec (QEMU's guest agent
 * protocol: "guest-exec" answers {"return":{"pid":N}}, "guest-exec-status" {"return":{"exited":…,
 * "exitcode":…}}). The words are pure; asking is blocking, for a thread.
 *
 * The agent may forbid guest-exec (RHEL's does by default), or the guest have no ping in the form
 * of iputils or busybox: that is no verdict on its network.
 */
#ifndef VFM_MOVE_GUEST_PING_H
#define VFM_MOVE_GUEST_PING_H

#include <libvirt/libvirt.h>

#include "move/verify.h"

/* The command for an address; NULL: no memory. */
char *vfm_guest_ping_command(const char *address);
char *vfm_guest_status_command(int64_t pid);

/* -EINVAL: it is no such answer. */
int vfm_guest_ping_pid(const char *answer, int64_t *ret_pid);
/* 0: *ret_exit is set; -EAGAIN: it runs still; -EINVAL likewise. */
int vfm_guest_ping_exit(const char *answer, int64_t *ret_exit);

/*
 * YES, NO, or UNKNOWN with *ret_why (the caller's; NULL: no memory) saying why it cannot be told.
 */
enum vfm_tri vfm_guest_ping(virDomainPtr domain, const char *address, int64_t deadline_ms,
			    char **ret_why);

#endif
