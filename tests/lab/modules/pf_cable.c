// SPDX-License-Identifier: GPL-2.0
/*
 * How frames get from netdev to netdev:
 *
 *   VF (guest) - igb - port - representor - [bridge] - uplink - wire - other host
 *
 * port is a netdev at the other end of the emulated NIC's own wire, where each VF has a
 * VLAN of its own; wire is a netdev that is the uplink's cable.  Either may be missing.
 * A VF that mlx5_core itself drives has no rings: it and its representor are then the
 * two ends of a software wire.
 *
 * Frames are taken from port and wire by receive handlers, so those netdevs are no use
 * to anyone else, and must not go away, while this module is loaded.
 */
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>

#include "pf.h"

netdev_tx_t cx7_cable_cross(struct sk_buff *skb, struct net_device *from, struct net_device *to)
{
	unsigned int len = skb->len;

	dev_sw_netstats_tx_add(from, 1, len);
	if (!to || !netif_running(to)) {
		dev_kfree_skb(skb);
		return NETDEV_TX_OK;
	}
	skb_scrub_packet(skb, true);
	skb->protocol = eth_type_trans(skb, to);
	dev_sw_netstats_rx_add(to, len);
	netif_rx(skb);
	return NETDEV_TX_OK;
}

static void send_out(struct sk_buff *skb, struct cx7_vport *vport, struct net_device *out)
{
	unsigned int len = skb->len;
	struct net_device *from = skb->dev;

	if (!cx7_is_uplink(vport))
		skb = vlan_insert_tag_set_proto(skb, htons(ETH_P_8021Q),
						cx7_igb_vlan(cx7_vf_number(vport)));
	if (!skb)
		return;
	dev_sw_netstats_tx_add(from, 1, len);
	skb_scrub_packet(skb, true);
	skb->dev = out;
	dev_queue_xmit(skb);
}

netdev_tx_t cx7_cable_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct cx7_vport *vport = cx7_netdev_vport(netdev);
	struct net_device *out = cx7_is_uplink(vport) ? vport->pf->wire : vport->pf->port;
	struct net_device *peer;

	rcu_read_lock();
	peer = rcu_dereference(vport->peer);
	if (peer || !out)
		cx7_cable_cross(skb, netdev, peer);
	else
		send_out(skb, vport, out);
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

/* Whose frame it is; takes the VF's tag off. */
static struct net_device *receiver(struct cx7_pf *pf, struct sk_buff *skb)
{
	unsigned int vf;

	if (skb->dev == pf->wire)
		return READ_ONCE(pf->uplink.netdev);
	if (!skb_vlan_tag_present(skb))
		return NULL;
	vf = skb_vlan_tag_get_id(skb) - cx7_igb_vlan(0);
	__vlan_hwaccel_clear_tag(skb);
	return vf < pf->vfs ? READ_ONCE(pf->vf[vf].netdev) : NULL;
}

static rx_handler_result_t receive(struct sk_buff **pskb)
{
	struct sk_buff *skb = skb_share_check(*pskb, GFP_ATOMIC);
	struct net_device *to;
	struct ethhdr *eth;

	if (!skb)
		return RX_HANDLER_CONSUMED;
	*pskb = skb;
	to = receiver(rcu_dereference(skb->dev->rx_handler_data), skb);
	if (!to || !netif_running(to)) {
		kfree_skb(skb);
		return RX_HANDLER_CONSUMED;
	}
	skb->dev = to;
	dev_sw_netstats_rx_add(to, skb->len + ETH_HLEN);
	eth = eth_hdr(skb);
	if (!is_multicast_ether_addr(eth->h_dest))
		skb->pkt_type = ether_addr_equal(eth->h_dest, to->dev_addr) ? PACKET_HOST
									    : PACKET_OTHERHOST;
	return RX_HANDLER_ANOTHER;
}

static struct net_device *take(struct cx7_pf *pf, const struct cx7_knob_text *knob)
{
	char name[CX7_TEXT_LEN];
	struct net_device *netdev;

	ASSERT_RTNL();
	if (!cx7_knob_has(knob, pf->index) || !*cx7_knob_text(knob, pf->index, name))
		return NULL;
	netdev = __dev_get_by_name(&init_net, name);
	if (!netdev || netdev_rx_handler_register(netdev, receive, pf))
		return NULL;
	dev_hold(netdev);
	dev_set_promiscuity(netdev, 1);
	dev_open(netdev, NULL);
	return netdev;
}

static void give_back(struct net_device **slot)
{
	struct net_device *netdev = *slot;

	if (!netdev)
		return;
	WRITE_ONCE(*slot, NULL);
	synchronize_net();
	netdev_rx_handler_unregister(netdev);
	dev_set_promiscuity(netdev, -1);
	dev_put(netdev);
}

void cx7_cable_plug(struct cx7_pf *pf)
{
	rtnl_lock();
	pf->port = take(pf, &cx7_port_dev);
	pf->wire = take(pf, &cx7_wire_dev);
	rtnl_unlock();
	pci_info(pf->pdev, "VF data path %s, uplink cable %s\n",
		 pf->port ? netdev_name(pf->port) : "none",
		 pf->wire ? netdev_name(pf->wire) : "none");
}

void cx7_cable_unplug(struct cx7_pf *pf)
{
	rtnl_lock();
	give_back(&pf->port);
	give_back(&pf->wire);
	rtnl_unlock();
}
