/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Offloaded IPsec states and policies from xfrm netlink; see ipsec.h. */
#include "facts/ipsec.h"

#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <string.h>

#include "base/array.h"
#include "netlink/attribute.h"
#include "netlink/session.h"

void vfm_offloads_done(struct vfm_offloads *offloads)
{
	free(offloads->links);
	*offloads = (struct vfm_offloads){.links = NULL};
}

/* Both begin with a header of their own: how long it is; 0: no such message. */
static size_t header_size(uint16_t type)
{
	switch (type) {
	case XFRM_MSG_NEWSA:
		return sizeof(struct xfrm_usersa_info);
	case XFRM_MSG_NEWPOLICY:
		return sizeof(struct xfrm_userpolicy_info);
	default:
		return 0;
	}
}

int vfm_offloads_parse(struct vfm_offloads *offloads, uint16_t type, const uint8_t *data,
		       size_t size)
{
	size_t header = header_size(type);
	struct vfm_attributes rest;
	struct vfm_attribute attribute;
	uint32_t link = 0;
	int r;

	if (header == 0)
		return 0;
	if (size < header)
		return -EBADMSG;
	rest = (struct vfm_attributes){.data = data + header, .size = size - header};
	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		if (attribute.type != XFRMA_OFFLOAD_DEV)
			continue;
		/* struct xfrm_user_offload, of which the link comes first */
		if (attribute.size < sizeof(struct xfrm_user_offload))
			return -EBADMSG;
		memcpy(&link, attribute.data, sizeof(link));
	}
	if (r < 0 || link == 0)
		return r;
	return VFM_APPEND(offloads->links, offloads->count, link);
}

static int take(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return vfm_offloads_parse(context, type, data, size);
}

static int ask(struct vfm_netlink *netlink, uint16_t type, struct vfm_offloads *offloads,
	       struct vfm_error *err)
{
	const struct vfm_netlink_dump dump = {
		.type = type, .item = take, .context = offloads, .count = &offloads->count};

	return vfm_netlink_dump(netlink, &dump, err);
}

int vfm_offloads_read(int64_t deadline_ms, struct vfm_offloads *offloads, struct vfm_error *err)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	int r = vfm_netlink_open(&netlink, NETLINK_XFRM, deadline_ms, err);

	if (r == -EPROTONOSUPPORT) {
		vfm_error_done(err);
		return 0;
	}
	if (r == 0)
		r = ask(&netlink, XFRM_MSG_GETSA, offloads, err);
	if (r == 0)
		r = ask(&netlink, XFRM_MSG_GETPOLICY, offloads, err);
	return r;
}
