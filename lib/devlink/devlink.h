/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A devlink client: one generic netlink socket, one request at a time, answers as values.
 *
 * Failures that the kernel answers are of domain VFM_ERROR_DEVLINK: code is its errno, what its
 * own words (extended acknowledgement) or else the errno's, object the handle ("pci/0000:01:00.0")
 * with the port's index where one was meant, hint the remedy where one is known.
 *
 * No wait for an answer goes past the deadline. The kernel however carries a request out within
 * the call that sends it, so a driver that takes long to change its eswitch holds the caller.
 */
#ifndef VFM_DEVLINK_DEVLINK_H
#define VFM_DEVLINK_DEVLINK_H

#include "devlink/message.h"

struct vfm_devlink;
struct vfm_strings;

/*
 * Opens the socket and asks for the family's number. -EOPNOTSUPP when this kernel has no devlink.
 * The deadline (vfm_now_ms clock) holds for this and for all that follows until it is set anew.
 */
int vfm_devlink_open(int64_t deadline_ms, struct vfm_devlink **ret_devlink, struct vfm_error *err);
void vfm_devlink_set_deadline(struct vfm_devlink *devlink, int64_t deadline_ms);
void vfm_devlink_free(struct vfm_devlink *devlink);

static inline void vfm_cleanup_devlink(struct vfm_devlink **devlink)
{
	vfm_devlink_free(*devlink);
}
#define VFM_AUTO_DEVLINK VFM_CLEANUP(vfm_cleanup_devlink)

/* Handles of all devices, of every bus, sorted. *ret_handles is empty or released before. */
int vfm_devlink_list(struct vfm_devlink *devlink, struct vfm_strings *ret_handles,
		     struct vfm_error *err);

int vfm_devlink_info_get(struct vfm_devlink *devlink, const char *handle,
			 struct vfm_devlink_info *ret_info, struct vfm_error *err);

/* Needs CAP_NET_ADMIN. */
int vfm_devlink_eswitch_get(struct vfm_devlink *devlink, const char *handle,
			    struct vfm_devlink_eswitch *ret_eswitch, struct vfm_error *err);

struct vfm_devlink_ports {
	struct vfm_devlink_port *items; /* in the kernel's order, which is none */
	size_t count;
};
void vfm_devlink_ports_done(struct vfm_devlink_ports *ports);
#define VFM_AUTO_DEVLINK_PORTS VFM_CLEANUP(vfm_devlink_ports_done)

/* The ports of one device. -EAGAIN when they kept changing while they were read. */
int vfm_devlink_port_list(struct vfm_devlink *devlink, const char *handle,
			  struct vfm_devlink_ports *ret_ports, struct vfm_error *err);

/* One port by its index, which is only good for a port that was listed before. */
int vfm_devlink_port_get(struct vfm_devlink *devlink, const char *handle, uint32_t port_index,
			 struct vfm_devlink_port *ret_port, struct vfm_error *err);

/*
 * The function of VF number vf_number of PF (PCI function) number pf_number on this host, or NULL.
 * Port indices are the driver's own and say nothing.
 */
const struct vfm_devlink_port *vfm_devlink_ports_vf(const struct vfm_devlink_ports *ports,
						    uint16_t pf_number, uint16_t vf_number);
/* The first physical port (the uplink), or NULL. */
const struct vfm_devlink_port *vfm_devlink_ports_physical(const struct vfm_devlink_ports *ports);

/*
 * Changes; both need CAP_NET_ADMIN. *ret_warning (may be NULL) is what the kernel had to say
 * though it succeeded, mostly NULL; to be freed by the caller.
 */
int vfm_devlink_eswitch_set_mode(struct vfm_devlink *devlink, const char *handle, uint16_t mode,
				 char **ret_warning, struct vfm_error *err);
/* One request; see vfm_devlink_build_function_set for what a failure leaves behind. */
int vfm_devlink_function_set(struct vfm_devlink *devlink, const char *handle, uint32_t port_index,
			     const struct vfm_devlink_function *function, char **ret_warning,
			     struct vfm_error *err);

/* The remedy for a kernel's answer, by its words (may be NULL) and negative errno; or NULL. */
const char *vfm_devlink_hint(const char *words, int error);

#endif
