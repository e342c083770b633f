// SPDX-License-Identifier: GPL-2.0
/*
 * IPsec states and policies that are offloaded to the uplink: taken and counted.  While there
 * is one, the eswitch can change neither its mode nor its encapsulation (pf_devlink.c).
 *
 * The card has no part in the work itself: packets go the kernel's way, which encrypts and
 * checks them in software.
 */
#include <net/xfrm.h>

#include "pf.h"

/* dev is the bond that a state was given to, if it was; policies are told no real_dev. */
static struct cx7_pf *pf_of(const struct xfrm_dev_offload *offload)
{
	return cx7_netdev_vport(offload->real_dev ?: offload->dev)->pf;
}

static int state_add(struct xfrm_state *state, struct netlink_ext_ack *extack)
{
	atomic_inc(&pf_of(&state->xso)->ipsec);
	return 0;
}

static void state_delete(struct xfrm_state *state)
{
	atomic_dec(&pf_of(&state->xso)->ipsec);
}

static bool offload_ok(struct sk_buff *skb, struct xfrm_state *state)
{
	return false;
}

static int policy_add(struct xfrm_policy *policy, struct netlink_ext_ack *extack)
{
	atomic_inc(&pf_of(&policy->xdo)->ipsec);
	return 0;
}

static void policy_delete(struct xfrm_policy *policy)
{
	atomic_dec(&pf_of(&policy->xdo)->ipsec);
}

static const struct xfrmdev_ops xfrmdev_ops = {
	.xdo_dev_state_add = state_add,
	.xdo_dev_state_delete = state_delete,
	.xdo_dev_offload_ok = offload_ok,
	.xdo_dev_policy_add = policy_add,
	.xdo_dev_policy_delete = policy_delete,
};

/* With the feature, the kernel takes all of them away when the netdev goes down. */
void cx7_ipsec_offer(struct net_device *netdev)
{
	netdev->xfrmdev_ops = &xfrmdev_ops;
	netdev->hw_features |= NETIF_F_HW_ESP;
	netdev->features |= NETIF_F_HW_ESP;
}
