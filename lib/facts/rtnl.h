/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Links, addresses and routes of this network namespace as values, from rtnetlink. The parsers are
 * pure (bytes behind the netlink header in) and append to lists; the readers ask the kernel.
 */
#ifndef VFM_FACTS_RTNL_H
#define VFM_FACTS_RTNL_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vfm_netlink;

#define VFM_LINK_KIND_SIZE   32
#define VFM_LINK_ADDRESS_MAX 32
#define VFM_PORT_NAME_SIZE   32
#define VFM_SWITCH_ID_MAX    32

struct vfm_link {
	uint32_t index;
	unsigned int flags; /* IFF_UP, IFF_LOWER_UP */
	char name[IFNAMSIZ];
	char kind[VFM_LINK_KIND_SIZE]; /* "vlan", "bond"; "" for hardware */
	uint8_t address[VFM_LINK_ADDRESS_MAX];
	size_t address_size; /* 0: none */
	uint32_t mtu;
	uint32_t lower;  /* index of what it is stacked on (vlan, macvlan) here; 0: nothing */
	uint32_t master; /* index of the bond, bridge or datapath; 0: none */
	char port_name[VFM_PORT_NAME_SIZE]; /* phys_port_name: "p0", "pf0vf3"; "" for none */
	uint8_t switch_id[VFM_SWITCH_ID_MAX];
	size_t switch_id_size; /* 0: none */
};

struct vfm_links {
	struct vfm_link *items;
	size_t count;
};

struct vfm_address {
	uint32_t index; /* of the link */
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t prefix;
	uint8_t protocol; /* IFAPROT_*; 0: not told, or made by a program */
	uint8_t bytes[16];
};

struct vfm_addresses {
	struct vfm_address *items;
	size_t count;
};

/* A route by one link: a multipath route is several. */
struct vfm_route {
	uint32_t index; /* of the link */
	uint32_t table;
	uint8_t family;
	uint8_t type;     /* RTN_* */
	uint8_t protocol; /* RTPROT_* */
	uint8_t prefix;
	uint8_t destination[16];
	uint8_t gateway_family; /* 0: none */
	uint8_t gateway[16];
	bool cached;
	bool by_nexthop; /* by a nexthop object, whose link is not told: index is 0 */
};

struct vfm_routes {
	struct vfm_route *items;
	size_t count;
};

/* What a PF's link tells about one VF. */
#define VFM_VF_NOT_TOLD UINT32_MAX
struct vfm_link_vf {
	uint32_t number;
	uint32_t vlan;             /* 0: none */
	uint32_t max_tx_rate_mbps; /* 0: no limit */
	uint32_t spoofchk, trust;  /* 0, 1 */
};

struct vfm_link_vfs {
	struct vfm_link_vf *items; /* each member may be VFM_VF_NOT_TOLD */
	size_t count;
};

void vfm_links_done(struct vfm_links *links);
void vfm_addresses_done(struct vfm_addresses *addresses);
void vfm_routes_done(struct vfm_routes *routes);
void vfm_link_vfs_done(struct vfm_link_vfs *vfs);

/*
 * Parsers of RTM_NEWLINK, RTM_NEWADDR and RTM_NEWROUTE messages. -EBADMSG for what is none, with
 * the list as it was; attributes that are not known are passed over.
 */
int vfm_links_parse(struct vfm_links *links, const uint8_t *data, size_t size);
int vfm_addresses_parse(struct vfm_addresses *addresses, const uint8_t *data, size_t size);
int vfm_routes_parse(struct vfm_routes *routes, const uint8_t *data, size_t size);
int vfm_link_vfs_parse(struct vfm_link_vfs *vfs, const uint8_t *data, size_t size);

/* Readers; the list is zeroed by the caller and, on failure, released by it too. */
int vfm_links_read(struct vfm_netlink *netlink, struct vfm_links *links, struct vfm_error *err);
int vfm_addresses_read(struct vfm_netlink *netlink, struct vfm_addresses *addresses,
		       struct vfm_error *err);
/*
 * Routes of both families by the link. Old kernels do not filter: others may be among them, but
 * none by_nexthop, which those kernels do not have.
 */
int vfm_routes_read(struct vfm_netlink *netlink, uint32_t index, struct vfm_routes *routes,
		    struct vfm_error *err);
int vfm_link_vfs_read(struct vfm_netlink *netlink, uint32_t index, struct vfm_link_vfs *vfs,
		      struct vfm_error *err);

const struct vfm_link *vfm_links_by_index(const struct vfm_links *links, uint32_t index);
const struct vfm_link *vfm_links_by_name(const struct vfm_links *links, const char *name);

/*
 * Whether the address or route is a sign that somebody uses the link. Not so for what the kernel
 * gives to each link that is up by itself: the fe80:: address and its routes. link: the address's
 * own, by whose hardware address older kernels' are recognised.
 */
bool vfm_address_counts(const struct vfm_address *address, const struct vfm_link *link);
bool vfm_route_counts(const struct vfm_route *route);

/* "192.0.2.1/24"; "default via 192.0.2.254", "10.0.0.0/8 table 7". NULL without memory. */
char *vfm_address_text(const struct vfm_address *address);
char *vfm_route_text(const struct vfm_route *route);

#endif
