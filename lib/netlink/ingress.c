/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queueing discipline at a netdev's ingress and its filters, by rtnetlink; see ingress.h. */
#include "netlink/ingress.h"

#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "base/text.h"
#include "netlink/attribute.h"
#include "netlink/session.h"

#define KIND "ingress"

enum {
	KIND_SIZE = 32,
	COOKIE_SIZE = 16, /* a UUID */
};

/* ---- messages as values --------------------------------------------------- */

static int take_kind(const struct vfm_attribute *attribute, void *context)
{
	/* The kernel's own limit is IFNAMSIZ, of any kind. */
	return attribute->type == TCA_KIND ? vfm_attribute_name(attribute, context, KIND_SIZE) : 0;
}

int vfm_ingress_take_queue(struct vfm_ingress *ingress, const uint8_t *data, size_t size)
{
	char kind[KIND_SIZE] = "";
	struct vfm_attributes rest;
	struct tcmsg header;
	int r = vfm_attributes_behind(data, size, &header, sizeof(header), &rest);

	if (r == 0)
		r = vfm_attributes_each(rest, take_kind, kind);
	if (r < 0)
		return r;
	/* Older kernels dump those of all netdevs. */
	if ((uint32_t)header.tcm_ifindex == ingress->index && header.tcm_parent == TC_H_INGRESS)
		ingress->there = vfm_streq(kind, KIND);
	return 0;
}

static int take_action_part(const struct vfm_attribute *attribute, void *context)
{
	bool *marked = context;

	if (attribute->type == TCA_ACT_COOKIE && attribute->size == COOKIE_SIZE)
		*marked = true;
	return 0;
}

static int take_action(const struct vfm_attribute *attribute, void *context)
{
	return vfm_attributes_each(vfm_attribute_nest(attribute), take_action_part, context);
}

static int take_flower_part(const struct vfm_attribute *attribute, void *context)
{
	return attribute->type == TCA_FLOWER_ACT
		       ? vfm_attributes_each(vfm_attribute_nest(attribute), take_action, context)
		       : 0;
}

/* What a filter does is read only of those that Open vSwitch makes. */
struct told_filter {
	char kind[KIND_SIZE];
	bool marked; /* an action has a cookie */
};

static int take_filter_part(const struct vfm_attribute *attribute, void *context)
{
	struct told_filter *told = context;

	switch (attribute->type) {
	case TCA_KIND:
		return vfm_attribute_name(attribute, told->kind, sizeof(told->kind));
	case TCA_OPTIONS:
		/* The kind comes before it. */
		return vfm_streq(told->kind, "flower")
			       ? vfm_attributes_each(vfm_attribute_nest(attribute),
						     take_flower_part, &told->marked)
			       : 0;
	default:
		return 0;
	}
}

int vfm_ingress_take_filter(struct vfm_ingress *ingress, const uint8_t *data, size_t size)
{
	struct told_filter told = {.marked = false};
	struct vfm_attributes rest;
	struct tcmsg header;
	int r = vfm_attributes_behind(data, size, &header, sizeof(header), &rest);

	if (r == 0)
		r = vfm_attributes_each(rest, take_filter_part, &told);
	if (r < 0)
		return r;
	/* One without a handle is the priority that filters are under. */
	if (header.tcm_handle == 0)
		return 0;
	if (told.marked)
		ingress->flows++;
	else
		ingress->others++;
	return 0;
}

/* ---- asking --------------------------------------------------------------- */

static int queue_item(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return type == RTM_NEWQDISC ? vfm_ingress_take_queue(context, data, size) : 0;
}

static int filter_item(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return type == RTM_NEWTFILTER ? vfm_ingress_take_filter(context, data, size) : 0;
}

static void forget(void *context)
{
	struct vfm_ingress *ingress = context;

	ingress->there = false;
	ingress->flows = ingress->others = 0;
}

static int dump(struct vfm_netlink *netlink, uint16_t type, const struct tcmsg *header,
		vfm_answer_item item, struct vfm_ingress *ingress, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message =
		vfm_netlink_message(type, NLM_F_DUMP, header, sizeof(*header));
	const struct vfm_netlink_request request = {
		.message = message,
		.object = "tc",
		.item = item,
		.restart = forget,
		.context = ingress,
	};

	return message ? vfm_netlink_ask(netlink, &request, NULL, err)
		       : vfm_error_no_memory(err, "tc");
}

int vfm_ingress_read(struct vfm_netlink *netlink, struct vfm_ingress *ingress,
		     struct vfm_error *err)
{
	struct tcmsg header = {.tcm_ifindex = (int)ingress->index};
	struct vfm_ingress filters = {.index = ingress->index};
	int r;

	forget(ingress);
	r = dump(netlink, RTM_GETQDISC, &header, queue_item, ingress, err);
	if (r < 0 || !ingress->there)
		return r;
	header.tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
	r = dump(netlink, RTM_GETTFILTER, &header, filter_item, &filters, err);
	ingress->flows = filters.flows;
	ingress->others = filters.others;
	return r;
}

struct nl_msg *vfm_ingress_message_remove(uint32_t index)
{
	const struct tcmsg header = {
		.tcm_ifindex = (int)index,
		.tcm_handle = TC_H_MAKE(TC_H_INGRESS, 0),
		.tcm_parent = TC_H_INGRESS,
	};
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message =
		vfm_netlink_message(RTM_DELQDISC, NLM_F_ACK, &header, sizeof(header));

	/* With the kind, the kernel removes none of another kind. */
	return message && vfm_netlink_put_text(message, TCA_KIND, KIND) ? VFM_STEAL(message) : NULL;
}

int vfm_ingress_remove(struct vfm_netlink *netlink, uint32_t index, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = vfm_ingress_message_remove(index);
	const struct vfm_netlink_request request = {.message = message, .object = "tc"};
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	int r;

	if (!message)
		return vfm_error_no_memory(err, "tc");
	r = vfm_netlink_ask(netlink, &request, NULL, &own);
	if (r == 0 || r == -ENOENT)
		return 0;
	vfm_error_move(err, &own);
	return r;
}
