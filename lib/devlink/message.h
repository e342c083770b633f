/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * devlink messages as values: requests are built into bytes, replies parsed from bytes.
 *
 * Pure: nothing here opens a socket. The transport (devlink/devlink.h) sends what the builders
 * make and hands the parsers what came back; unit tests compare both with recorded bytes.
 *
 * A handle is the common notation of a devlink device, "pci/0000:01:00.0".
 */
#ifndef VFM_DEVLINK_MESSAGE_H
#define VFM_DEVLINK_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "devlink/numbers.h"

struct nl_msg;

/* Of a network function behind a port, as read and, the parts to be set, as written. */
#define VFM_DEVLINK_HW_ADDR_MAX 32
struct vfm_devlink_function {
	uint8_t hw_addr[VFM_DEVLINK_HW_ADDR_MAX];
	size_t hw_addr_size;    /* 0: not told, not to be set */
	uint32_t caps_selector; /* enum vfm_devlink_cap: read: offered; written: to be set */
	uint32_t caps_value;    /* those that are (to be) enabled */
	bool has_max_io_eqs;
	uint32_t max_io_eqs;
};

struct vfm_devlink_port {
	char *handle; /* of the device */
	uint32_t index;
	bool has_flavour;
	uint16_t flavour; /* enum vfm_devlink_flavour, or what a newer kernel says */
	uint16_t type;    /* enum vfm_devlink_port_type */
	uint32_t controller;
	bool external; /* the function is in another host's PCI tree */
	bool has_pf_number, has_vf_number;
	uint16_t pf_number, vf_number;
	char *netdev;     /* NULL: none in this network namespace */
	uint32_t ifindex; /* 0: none */
	bool has_function;
	struct vfm_devlink_function function;
};

enum vfm_devlink_version_kind {
	VFM_DEVLINK_VERSION_FIXED,
	VFM_DEVLINK_VERSION_RUNNING,
	VFM_DEVLINK_VERSION_STORED,
	VFM_DEVLINK_VERSION_MAX,
};

struct vfm_devlink_version {
	enum vfm_devlink_version_kind kind;
	char *name;
	char *value;
};

struct vfm_devlink_info {
	char *handle;
	char *driver;
	char *serial_number;       /* may be NULL */
	char *board_serial_number; /* may be NULL */
	struct vfm_devlink_version *versions;
	size_t version_count;
};

struct vfm_devlink_eswitch {
	char *handle;
	bool has_mode, has_inline_mode, has_encap_mode;
	uint16_t mode;       /* enum vfm_devlink_eswitch_mode */
	uint8_t inline_mode; /* enum vfm_devlink_inline_mode */
	uint8_t encap_mode;  /* enum vfm_devlink_encap_mode */
};

/* Values' names as in the devlink tool, NULL for numbers that are not known. */
const char *vfm_devlink_eswitch_mode_name(uint16_t mode);
const char *vfm_devlink_inline_mode_name(uint8_t mode);
const char *vfm_devlink_encap_mode_name(uint8_t mode);
const char *vfm_devlink_port_type_name(uint16_t type);

/* The version's value, or NULL. */
const char *vfm_devlink_info_version(const struct vfm_devlink_info *info,
				     enum vfm_devlink_version_kind kind, const char *name);

void vfm_devlink_port_done(struct vfm_devlink_port *port);
void vfm_devlink_info_done(struct vfm_devlink_info *info);
void vfm_devlink_eswitch_done(struct vfm_devlink_eswitch *eswitch);
#define VFM_AUTO_DEVLINK_PORT    VFM_CLEANUP(vfm_devlink_port_done)
#define VFM_AUTO_DEVLINK_INFO    VFM_CLEANUP(vfm_devlink_info_done)
#define VFM_AUTO_DEVLINK_ESWITCH VFM_CLEANUP(vfm_devlink_eswitch_done)

/*
 * Builders. family is the number the running kernel gave devlink. The new message is the caller's,
 * to be released with nlmsg_free; its port and sequence number are left for the transport. -EINVAL
 * for a text that is no handle, -ENOMEM.
 */

/* A query of one device (GET, INFO_GET, ESWITCH_GET), to be acknowledged. */
int vfm_devlink_build_get(uint16_t family, uint8_t command, const char *handle,
			  struct nl_msg **ret_message, struct vfm_error *err);
/* A query of one port, to be acknowledged. */
int vfm_devlink_build_port_get(uint16_t family, const char *handle, uint32_t port_index,
			       struct nl_msg **ret_message, struct vfm_error *err);
/* A query of all (GET, PORT_GET) or, with a handle, of that device's where the kernel filters. */
int vfm_devlink_build_dump(uint16_t family, uint8_t command, const char *handle,
			   struct nl_msg **ret_message, struct vfm_error *err);
int vfm_devlink_build_eswitch_set(uint16_t family, const char *handle, uint16_t mode,
				  struct nl_msg **ret_message, struct vfm_error *err);
/*
 * Sets the parts that *function has, in one request. The kernel applies the address, then the
 * capabilities, then the queues, and what came before a failure stays applied.
 */
int vfm_devlink_build_function_set(uint16_t family, const char *handle, uint32_t port_index,
				   const struct vfm_devlink_function *function,
				   struct nl_msg **ret_message, struct vfm_error *err);

/*
 * Parsers of a reply's attributes (what follows the generic netlink header). Attributes that are
 * not known are passed over; -EBADMSG for bytes that are no attributes, values of the wrong size
 * and a reply that names no device; *ret untouched on failure.
 */
int vfm_devlink_parse_handle(const void *data, size_t size, char **ret_handle);
int vfm_devlink_parse_info(const void *data, size_t size, struct vfm_devlink_info *ret_info);
int vfm_devlink_parse_eswitch(const void *data, size_t size,
			      struct vfm_devlink_eswitch *ret_eswitch);
int vfm_devlink_parse_port(const void *data, size_t size, struct vfm_devlink_port *ret_port);

#endif
