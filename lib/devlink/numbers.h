/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The numbers of the kernel's devlink interface.
 *
 * Our own table, since the headers of supported distributions end before what we need (port
 * function capabilities are of Linux 6.2, the limit of event queues of 6.10) and are enums that
 * cannot be probed by the preprocessor. Nothing here or in the parsers depends on how many
 * attributes the build machine or the running kernel knows.
 */
#ifndef VFM_DEVLINK_NUMBERS_H
#define VFM_DEVLINK_NUMBERS_H

#include <stdint.h>

#define VFM_DEVLINK_FAMILY  "devlink"
#define VFM_DEVLINK_VERSION 1

enum {
	VFM_DEVLINK_CMD_GET = 1,
	VFM_DEVLINK_CMD_NEW = 3,
	VFM_DEVLINK_CMD_PORT_GET = 5,
	VFM_DEVLINK_CMD_PORT_SET = 6,
	VFM_DEVLINK_CMD_PORT_NEW = 7,
	VFM_DEVLINK_CMD_ESWITCH_GET = 29,
	VFM_DEVLINK_CMD_ESWITCH_SET = 30,
	VFM_DEVLINK_CMD_INFO_GET = 51,
};

enum {
	VFM_DEVLINK_ATTR_BUS_NAME = 1,                   /* string */
	VFM_DEVLINK_ATTR_DEV_NAME = 2,                   /* string */
	VFM_DEVLINK_ATTR_PORT_INDEX = 3,                 /* u32 */
	VFM_DEVLINK_ATTR_PORT_TYPE = 4,                  /* u16 */
	VFM_DEVLINK_ATTR_PORT_NETDEV_IFINDEX = 6,        /* u32 */
	VFM_DEVLINK_ATTR_PORT_NETDEV_NAME = 7,           /* string */
	VFM_DEVLINK_ATTR_ESWITCH_MODE = 25,              /* u16 */
	VFM_DEVLINK_ATTR_ESWITCH_INLINE_MODE = 26,       /* u8 */
	VFM_DEVLINK_ATTR_ESWITCH_ENCAP_MODE = 62,        /* u8 */
	VFM_DEVLINK_ATTR_PORT_FLAVOUR = 77,              /* u16 */
	VFM_DEVLINK_ATTR_INFO_DRIVER_NAME = 98,          /* string */
	VFM_DEVLINK_ATTR_INFO_SERIAL_NUMBER = 99,        /* string */
	VFM_DEVLINK_ATTR_INFO_VERSION_FIXED = 100,       /* nest, once for each version */
	VFM_DEVLINK_ATTR_INFO_VERSION_RUNNING = 101,     /* nest, once for each version */
	VFM_DEVLINK_ATTR_INFO_VERSION_STORED = 102,      /* nest, once for each version */
	VFM_DEVLINK_ATTR_INFO_VERSION_NAME = 103,        /* string, in those nests */
	VFM_DEVLINK_ATTR_INFO_VERSION_VALUE = 104,       /* string, in those nests */
	VFM_DEVLINK_ATTR_PORT_PCI_PF_NUMBER = 127,       /* u16 */
	VFM_DEVLINK_ATTR_PORT_PCI_VF_NUMBER = 128,       /* u16 */
	VFM_DEVLINK_ATTR_PORT_FUNCTION = 145,            /* nest of VFM_DEVLINK_FUNCTION_… */
	VFM_DEVLINK_ATTR_INFO_BOARD_SERIAL_NUMBER = 146, /* string */
	VFM_DEVLINK_ATTR_PORT_EXTERNAL = 149,            /* u8 */
	VFM_DEVLINK_ATTR_PORT_CONTROLLER_NUMBER = 150,   /* u32 */
};

/* Attributes in the PORT_FUNCTION nest: a number space of its own. */
enum {
	VFM_DEVLINK_FUNCTION_HW_ADDR = 1,    /* binary, 6 bytes on Ethernet */
	VFM_DEVLINK_FUNCTION_CAPS = 4,       /* bitfield32 of enum vfm_devlink_cap */
	VFM_DEVLINK_FUNCTION_MAX_IO_EQS = 6, /* u32 */
};

enum vfm_devlink_cap {
	VFM_DEVLINK_CAP_ROCE = 1 << 0,
	VFM_DEVLINK_CAP_MIGRATABLE = 1 << 1,
	VFM_DEVLINK_CAP_IPSEC_CRYPTO = 1 << 2,
	VFM_DEVLINK_CAP_IPSEC_PACKET = 1 << 3,
};

/* On the wire, host byte order: bits outside the selector say nothing. */
struct vfm_devlink_bitfield32 {
	uint32_t value;
	uint32_t selector;
};

enum vfm_devlink_port_type {
	VFM_DEVLINK_PORT_TYPE_NOTSET = 0,
	VFM_DEVLINK_PORT_TYPE_AUTO = 1,
	VFM_DEVLINK_PORT_TYPE_ETH = 2,
	VFM_DEVLINK_PORT_TYPE_IB = 3,
};

enum vfm_devlink_flavour {
	VFM_DEVLINK_FLAVOUR_PHYSICAL = 0,
	VFM_DEVLINK_FLAVOUR_CPU = 1,
	VFM_DEVLINK_FLAVOUR_DSA = 2,
	VFM_DEVLINK_FLAVOUR_PCI_PF = 3,
	VFM_DEVLINK_FLAVOUR_PCI_VF = 4,
	VFM_DEVLINK_FLAVOUR_VIRTUAL = 5,
	VFM_DEVLINK_FLAVOUR_UNUSED = 6,
	VFM_DEVLINK_FLAVOUR_PCI_SF = 7,
};

enum vfm_devlink_eswitch_mode {
	VFM_DEVLINK_ESWITCH_LEGACY = 0,
	VFM_DEVLINK_ESWITCH_SWITCHDEV = 1,
	VFM_DEVLINK_ESWITCH_SWITCHDEV_INACTIVE = 2,
};

enum vfm_devlink_inline_mode {
	VFM_DEVLINK_INLINE_NONE = 0,
	VFM_DEVLINK_INLINE_LINK = 1,
	VFM_DEVLINK_INLINE_NETWORK = 2,
	VFM_DEVLINK_INLINE_TRANSPORT = 3,
};

enum vfm_devlink_encap_mode {
	VFM_DEVLINK_ENCAP_NONE = 0,
	VFM_DEVLINK_ENCAP_BASIC = 1,
};

#endif
