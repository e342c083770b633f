// SPDX-License-Identifier: GPL-2.0
/*
 * fakecx7 - lab stand-in for a ConnectX-7 class PF driver.
 *
 * Drives an SR-IOV capable PCI function (QEMU's emulated igb) but puts up the
 * control plane an mlx5 PF would: a devlink instance with fw.psid/fw.version,
 * an eswitch (legacy/switchdev), uplink and VF ports with function attributes
 * (hw_addr, roce, migratable) and representor netdevs.  The data plane:
 *  - a software wire between a representor and its VF while this driver has both;
 *  - port_dev=: a netdev at the other end of the igb's own wire.  Every VF has its
 *    own VLAN there, put on and taken off by the igb (VMVIR, VLVF, VMOLR), so what
 *    a VF sends comes out of its representor and only that way reaches a network;
 *  - wire_dev=: a netdev that is the cable of the uplink;
 *  - the PF side of the 82576 mailbox, polled.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <net/devlink.h>
#include <net/flow_offload.h>
#include <net/pkt_cls.h>
#include "fakecx7.h"

#ifndef FC7_DRV_NAME
#define FC7_DRV_NAME "mlx5_core"
#endif
#define FC7_MAX_VFS 16

static char *psid = "MT_0000000838";
module_param(psid, charp, 0444);
static char *fw_version = "28.43.1014";
module_param(fw_version, charp, 0644);
static bool fake_ids = true;
module_param(fake_ids, bool, 0444);
MODULE_PARM_DESC(fake_ids, "show 15b3:1021 / 15b3:101e instead of the real PCI ids");
static bool no_migration;
module_param(no_migration, bool, 0644);
MODULE_PARM_DESC(no_migration, "behave as firmware without the migration capability");
static int mig_busy_errno = EINVAL;
module_param(mig_busy_errno, int, 0644);
MODULE_PARM_DESC(mig_busy_errno, "errno for a migratable change on a bound VF");
static bool fail_mode_set;
module_param(fail_mode_set, bool, 0644);
MODULE_PARM_DESC(fail_mode_set, "fail the next eswitch mode changes");
static char *port_dev = "fcport";
module_param(port_dev, charp, 0444);
MODULE_PARM_DESC(port_dev, "netdev joined to the igb's own network backend; none: VFs carry nothing");
static char *wire_dev = "fcwire";
module_param(wire_dev, charp, 0444);
MODULE_PARM_DESC(wire_dev, "netdev the uplink's frames go through; none: the uplink is not plugged in");
static uint poll_ms = 10;
module_param(poll_ms, uint, 0644);
MODULE_PARM_DESC(poll_ms, "mailbox polling interval");

struct fc7;

struct fc7_vport {
	struct fc7 *fc;
	u16 vport;			/* 0xffff uplink, VF n is n + 1 */
	bool port_reg;
	struct devlink_port dl_port;
	struct net_device *netdev;
	struct net_device __rcu *peer;	/* netdev of the VF itself, when driven here */
	/* function state, survives representors coming and going */
	u8 mac[ETH_ALEN];
	bool roce, migratable, trust, spoofchk;
	u16 vlan;
	u8 qos;
	bool on;			/* VFRE and VFTE set by us */
};

struct fc7 {
	struct pci_dev *pdev;
	u16 mode;
	u16 pfnum, vhca_id;
	u16 nvfs;
	u8 guid[8];
	u8 inline_mode;
	enum devlink_eswitch_encap_mode encap;
	u16 orig_vendor, orig_device;
	void __iomem *bar;
	struct mutex hw;		/* registers of the data path */
	struct delayed_work mbx_work;
	unsigned int ticks;
	struct net_device *port, *wire;
	struct fc7_vport uplink;
	struct fc7_vport vf[FC7_MAX_VFS];
};

struct fc7_np { struct fc7_vport *vp; };

static struct pci_driver fc7_driver;

static struct pci_dev *fc7_get_vf(struct fc7 *fc, int id)
{
	struct pci_dev *vf = NULL;

	for_each_pci_dev(vf)
		if (vf->is_virtfn && vf->physfn == fc->pdev && pci_iov_vf_id(vf) == id)
			return vf;	/* holds a reference */
	return NULL;
}

static bool fc7_vf_bound(struct fc7_vport *vp)
{
	struct pci_dev *vf = fc7_get_vf(vp->fc, vp->vport - 1);
	bool bound = vf && vf->dev.driver;

	pci_dev_put(vf);
	return bound;
}

/* ---- netdevs ---------------------------------------------------------- */

static struct fc7_vport *fc7_nd(struct net_device *nd)
{
	return ((struct fc7_np *)netdev_priv(nd))->vp;
}

/* Representor and VF are the two ends of a wire while both are in this kernel. */
static netdev_tx_t fc7_forward(struct sk_buff *skb, struct net_device *from,
			       struct net_device *to)
{
	unsigned int len = skb->len;

	dev_sw_netstats_tx_add(from, 1, len);
	if (!to || !netif_running(to)) {
		dev_kfree_skb(skb);
	} else {
		skb_scrub_packet(skb, true);
		skb->protocol = eth_type_trans(skb, to);
		dev_sw_netstats_rx_add(to, len);
		netif_rx(skb);
	}
	return NETDEV_TX_OK;
}

#define FC7_PORT_VID(vf) (0xf00 + (vf))

static netdev_tx_t fc7_xmit(struct sk_buff *skb, struct net_device *nd)
{
	netdev_tx_t ret;
	struct fc7_vport *vp = fc7_nd(nd);
	struct net_device *out = vp->vport == 0xffff ? vp->fc->wire : vp->fc->port;
	struct net_device *peer;
	unsigned int len = skb->len;

	rcu_read_lock();
	peer = rcu_dereference(vp->peer);
	if (peer || !out) {
		ret = fc7_forward(skb, nd, peer);
	} else {
		if (vp->vport != 0xffff)
			skb = vlan_insert_tag_set_proto(skb, htons(ETH_P_8021Q),
							FC7_PORT_VID(vp->vport - 1));
		if (skb) {
			dev_sw_netstats_tx_add(nd, 1, len);
			skb_scrub_packet(skb, true);
			skb->dev = out;
			dev_queue_xmit(skb);
		}
		ret = NETDEV_TX_OK;
	}
	rcu_read_unlock();
	return ret;
}

/* A frame came out of the cable or out of the igb: it is ours, on another netdev. */
static rx_handler_result_t fc7_rx(struct sk_buff **pskb)
{
	struct sk_buff *skb = skb_share_check(*pskb, GFP_ATOMIC);
	struct fc7 *fc;
	struct net_device *nd = NULL;
	unsigned int id;

	if (!skb)
		return RX_HANDLER_CONSUMED;
	*pskb = skb;
	fc = rcu_dereference(skb->dev->rx_handler_data);
	if (skb->dev == fc->wire) {
		nd = READ_ONCE(fc->uplink.netdev);
	} else if (skb_vlan_tag_present(skb)) {
		id = skb_vlan_tag_get_id(skb) - FC7_PORT_VID(0);
		if (id < fc->nvfs)
			nd = READ_ONCE(fc->vf[id].netdev);
		__vlan_hwaccel_clear_tag(skb);
	}
	if (!nd || !netif_running(nd)) {
		kfree_skb(skb);
		return RX_HANDLER_CONSUMED;
	}
	skb->dev = nd;
	dev_sw_netstats_rx_add(nd, skb->len + ETH_HLEN);
	if (!is_multicast_ether_addr(eth_hdr(skb)->h_dest))
		skb->pkt_type = ether_addr_equal(eth_hdr(skb)->h_dest, nd->dev_addr) ?
				PACKET_HOST : PACKET_OTHERHOST;
	return RX_HANDLER_ANOTHER;
}

static struct net_device *fc7_lower_get(struct fc7 *fc, const char *name)
{
	struct net_device *nd;

	ASSERT_RTNL();
	nd = *name ? __dev_get_by_name(&init_net, name) : NULL;
	if (!nd || netdev_rx_handler_register(nd, fc7_rx, fc))
		return NULL;
	dev_hold(nd);
	dev_set_promiscuity(nd, 1);
	dev_open(nd, NULL);
	return nd;
}

static void fc7_lower_put(struct net_device **p)
{
	struct net_device *nd = *p;

	if (!nd)
		return;
	WRITE_ONCE(*p, NULL);
	synchronize_net();
	netdev_rx_handler_unregister(nd);
	dev_set_promiscuity(nd, -1);
	dev_put(nd);
}

static int fc7_open(struct net_device *nd)
{
	netif_carrier_on(nd);
	netif_start_queue(nd);
	return 0;
}

static int fc7_stop(struct net_device *nd)
{
	netif_stop_queue(nd);
	netif_carrier_off(nd);
	return 0;
}

static LIST_HEAD(fc7_block_cbs);

static int fc7_block_cb(enum tc_setup_type type, void *data, void *priv)
{
	struct net_device *nd = priv;
	struct flow_cls_offload *f = data;

	if (type != TC_SETUP_CLSFLOWER || !(nd->features & NETIF_F_HW_TC))
		return -EOPNOTSUPP;
	switch (f->command) {
	case FLOW_CLS_REPLACE:
	case FLOW_CLS_DESTROY:
		return 0;
	case FLOW_CLS_STATS:
		flow_stats_update(&f->stats, 0, 0, 0, jiffies,
				  FLOW_ACTION_HW_STATS_DELAYED);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int fc7_setup_tc(struct net_device *nd, enum tc_setup_type type, void *data)
{
	if (type != TC_SETUP_BLOCK)
		return -EOPNOTSUPP;
	return flow_block_cb_setup_simple(data, &fc7_block_cbs, fc7_block_cb,
					  nd, nd, true);
}

static struct fc7_vport *fc7_pf_vf(struct net_device *nd, int vf)
{
	struct fc7 *fc = fc7_nd(nd)->fc;

	return vf >= 0 && vf < fc->nvfs ? &fc->vf[vf] : NULL;
}

static int fc7_set_vf_mac(struct net_device *nd, int vf, u8 *mac)
{
	struct fc7_vport *vp = fc7_pf_vf(nd, vf);

	if (!vp || is_multicast_ether_addr(mac))
		return -EINVAL;
	ether_addr_copy(vp->mac, mac);
	return 0;
}

static int fc7_set_vf_vlan(struct net_device *nd, int vf, u16 vlan, u8 qos, __be16 proto)
{
	struct fc7_vport *vp = fc7_pf_vf(nd, vf);

	if (!vp)
		return -EINVAL;
	if (proto != htons(ETH_P_8021Q))
		return -EPROTONOSUPPORT;
	if (vp->fc->mode != DEVLINK_ESWITCH_MODE_LEGACY)
		return vlan ? -EOPNOTSUPP : 0;	/* 0: what mlx5 lets libvirt do */
	vp->vlan = vlan;
	vp->qos = qos;
	return 0;
}

static int fc7_set_vf_spoofchk(struct net_device *nd, int vf, bool on)
{
	struct fc7_vport *vp = fc7_pf_vf(nd, vf);

	if (!vp)
		return -EINVAL;
	vp->spoofchk = on;
	return 0;
}

static int fc7_set_vf_trust(struct net_device *nd, int vf, bool on)
{
	struct fc7_vport *vp = fc7_pf_vf(nd, vf);

	if (!vp)
		return -EINVAL;
	vp->trust = on;
	return 0;
}

static int fc7_get_vf_config(struct net_device *nd, int vf, struct ifla_vf_info *ivi)
{
	struct fc7_vport *vp = fc7_pf_vf(nd, vf);

	if (!vp)
		return -EINVAL;
	memset(ivi, 0, sizeof(*ivi));
	ivi->vf = vf;
	ether_addr_copy(ivi->mac, vp->mac);
	ivi->vlan = vp->vlan;
	ivi->qos = vp->qos;
	ivi->vlan_proto = htons(ETH_P_8021Q);
	ivi->spoofchk = vp->spoofchk;
	ivi->trusted = vp->trust;
	return 0;
}

static const struct net_device_ops fc7_pf_netdev_ops = {
	.ndo_open = fc7_open,
	.ndo_stop = fc7_stop,
	.ndo_start_xmit = fc7_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_setup_tc = fc7_setup_tc,
	.ndo_set_vf_mac = fc7_set_vf_mac,
	.ndo_set_vf_vlan = fc7_set_vf_vlan,
	.ndo_set_vf_spoofchk = fc7_set_vf_spoofchk,
	.ndo_set_vf_trust = fc7_set_vf_trust,
	.ndo_get_vf_config = fc7_get_vf_config,
};

static const struct net_device_ops fc7_rep_netdev_ops = {
	.ndo_open = fc7_open,
	.ndo_stop = fc7_stop,
	.ndo_start_xmit = fc7_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_setup_tc = fc7_setup_tc,
};

static void fc7_drvinfo(struct net_device *nd, struct ethtool_drvinfo *di)
{
	struct fc7_vport *vp = fc7_nd(nd);

	strscpy(di->driver, vp->vport == 0xffff ? FC7_DRV_NAME : FC7_DRV_NAME "_rep",
		sizeof(di->driver));
	snprintf(di->fw_version, sizeof(di->fw_version), "%s (%s)", fw_version, psid);
	strscpy(di->bus_info, pci_name(vp->fc->pdev), sizeof(di->bus_info));
}

static const struct ethtool_ops fc7_ethtool_ops = {
	.get_drvinfo = fc7_drvinfo,
	.get_link = ethtool_op_get_link,
};

static int fc7_netdev_create(struct fc7_vport *vp, bool pf)
{
	struct net_device *nd = alloc_etherdev(sizeof(struct fc7_np));
	int err;

	if (!nd)
		return -ENOMEM;
	((struct fc7_np *)netdev_priv(nd))->vp = vp;
	nd->netdev_ops = pf ? &fc7_pf_netdev_ops : &fc7_rep_netdev_ops;
	nd->ethtool_ops = &fc7_ethtool_ops;
	nd->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	nd->hw_features = nd->features = NETIF_F_HW_TC;
	nd->max_mtu = 9978;
	SET_NETDEV_DEV(nd, &vp->fc->pdev->dev);
	SET_NETDEV_DEVLINK_PORT(nd, &vp->dl_port);
	if (pf)
		eth_hw_addr_set(nd, vp->mac);
	else
		eth_hw_addr_random(nd);
	netif_carrier_off(nd);
	err = register_netdev(nd);
	if (err) {
		free_netdev(nd);
		return err;
	}
	vp->netdev = nd;
	return 0;
}

static void fc7_netdev_destroy(struct fc7_vport *vp)
{
	struct net_device *nd = vp->netdev;

	if (!nd)
		return;
	WRITE_ONCE(vp->netdev, NULL);
	synchronize_net();
	unregister_netdev(nd);
	free_netdev(nd);
}

/* ---- devlink ports ----------------------------------------------------- */

static struct fc7_vport *fc7_dlp(struct devlink_port *p)
{
	return container_of(p, struct fc7_vport, dl_port);
}

static int fc7_hw_addr_get(struct devlink_port *p, u8 *hw, int *len,
			   struct netlink_ext_ack *extack)
{
	ether_addr_copy(hw, fc7_dlp(p)->mac);
	*len = ETH_ALEN;
	return 0;
}

static int fc7_hw_addr_set(struct devlink_port *p, const u8 *hw, int len,
			   struct netlink_ext_ack *extack)
{
	if (len != ETH_ALEN || is_multicast_ether_addr(hw)) {
		NL_SET_ERR_MSG_MOD(extack, "Invalid hardware address");
		return -EINVAL;
	}
	ether_addr_copy(fc7_dlp(p)->mac, hw);
	return 0;
}

static int fc7_roce_get(struct devlink_port *p, bool *on, struct netlink_ext_ack *extack)
{
	*on = fc7_dlp(p)->roce;
	return 0;
}

static int fc7_roce_set(struct devlink_port *p, bool on, struct netlink_ext_ack *extack)
{
	fc7_dlp(p)->roce = on;
	return 0;
}

static int fc7_mig_get(struct devlink_port *p, bool *on, struct netlink_ext_ack *extack)
{
	if (no_migration) {
		NL_SET_ERR_MSG_MOD(extack, "Device doesn't support migration");
		return -EOPNOTSUPP;
	}
	*on = fc7_dlp(p)->migratable;
	return 0;
}

static int fc7_mig_set(struct devlink_port *p, bool on, struct netlink_ext_ack *extack)
{
	struct fc7_vport *vp = fc7_dlp(p);

	if (no_migration) {
		NL_SET_ERR_MSG_MOD(extack, "Device doesn't support migration");
		return -EOPNOTSUPP;
	}
	if (vp->migratable == on)
		return 0;
	if (fc7_vf_bound(vp)) {		/* the firmware refuses a live function */
		NL_SET_ERR_MSG_MOD(extack, "Failed setting HCA migratable cap");
		return -mig_busy_errno;
	}
	vp->migratable = on;
	return 0;
}

static const struct devlink_port_ops fc7_vf_port_ops = {
	.port_fn_hw_addr_get = fc7_hw_addr_get,
	.port_fn_hw_addr_set = fc7_hw_addr_set,
	.port_fn_roce_get = fc7_roce_get,
	.port_fn_roce_set = fc7_roce_set,
	.port_fn_migratable_get = fc7_mig_get,
	.port_fn_migratable_set = fc7_mig_set,
};

static const struct devlink_port_ops fc7_uplink_port_ops = { };

static unsigned int fc7_port_index(struct fc7_vport *vp)
{
	return (vp->fc->vhca_id << 16) | vp->vport;
}

static int fc7_uplink_up(struct fc7 *fc)
{
	struct fc7_vport *vp = &fc->uplink;
	struct devlink_port_attrs attrs = {};
	int err;

	attrs.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL;
	attrs.phys.port_number = fc->pfnum;
	if (fc->mode == DEVLINK_ESWITCH_MODE_SWITCHDEV) {
		attrs.switch_id.id_len = sizeof(fc->guid);
		memcpy(attrs.switch_id.id, fc->guid, sizeof(fc->guid));
	}
	memset(&vp->dl_port, 0, sizeof(vp->dl_port));
	devlink_port_attrs_set(&vp->dl_port, &attrs);
	err = devl_port_register_with_ops(priv_to_devlink(fc), &vp->dl_port,
					  fc7_port_index(vp), &fc7_uplink_port_ops);
	if (err)
		return err;
	vp->port_reg = true;
	return fc7_netdev_create(vp, true);
}

static void fc7_vport_down(struct fc7_vport *vp)
{
	fc7_netdev_destroy(vp);
	if (vp->port_reg)
		devl_port_unregister(&vp->dl_port);
	vp->port_reg = false;
}

static int fc7_vf_up(struct fc7_vport *vp)
{
	struct fc7 *fc = vp->fc;
	int err;

	memset(&vp->dl_port, 0, sizeof(vp->dl_port));
	devlink_port_attrs_pci_vf_set(&vp->dl_port, 0, fc->pfnum, vp->vport - 1, false);
	vp->dl_port.attrs.switch_id.id_len = sizeof(fc->guid);
	memcpy(vp->dl_port.attrs.switch_id.id, fc->guid, sizeof(fc->guid));
	err = devl_port_register_with_ops(priv_to_devlink(fc), &vp->dl_port,
					  fc7_port_index(vp), &fc7_vf_port_ops);
	if (err)
		return err;
	vp->port_reg = true;
	return fc7_netdev_create(vp, false);
}

static int fc7_reps_up(struct fc7 *fc)
{
	int i, err;

	for (i = 0; i < fc->nvfs; i++) {
		err = fc7_vf_up(&fc->vf[i]);
		if (err)
			return err;
	}
	return 0;
}

static void fc7_reps_down(struct fc7 *fc)
{
	int i;

	for (i = FC7_MAX_VFS - 1; i >= 0; i--)
		fc7_vport_down(&fc->vf[i]);
}

/* ---- devlink instance --------------------------------------------------- */

static int fc7_info_get(struct devlink *dl, struct devlink_info_req *req,
			struct netlink_ext_ack *extack)
{
	int err = devlink_info_version_fixed_put(req, "fw.psid", psid);

	err = err ?: devlink_info_version_running_put(req, "fw.version", fw_version);
	err = err ?: devlink_info_version_running_put(req, "fw", fw_version);
	err = err ?: devlink_info_version_stored_put(req, "fw.version", fw_version);
	return err ?: devlink_info_version_stored_put(req, "fw", fw_version);
}

static int fc7_mode_get(struct devlink *dl, u16 *mode)
{
	*mode = ((struct fc7 *)devlink_priv(dl))->mode;
	return 0;
}

static int fc7_mode_set(struct devlink *dl, u16 mode, struct netlink_ext_ack *extack)
{
	struct fc7 *fc = devlink_priv(dl);
	int err;

	if (mode != DEVLINK_ESWITCH_MODE_LEGACY && mode != DEVLINK_ESWITCH_MODE_SWITCHDEV)
		return -EOPNOTSUPP;
	if (mode == fc->mode)
		return 0;
	if (fail_mode_set) {
		NL_SET_ERR_MSG_MOD(extack, "Failed setting eswitch to offloads");
		return -EINVAL;
	}
	fc7_reps_down(fc);
	fc7_vport_down(&fc->uplink);
	fc->mode = mode;
	err = fc7_uplink_up(fc);
	if (!err && mode == DEVLINK_ESWITCH_MODE_SWITCHDEV)
		err = fc7_reps_up(fc);
	if (err)
		NL_SET_ERR_MSG_MOD(extack, "eswitch mode change failed half way");
	return err;
}

static int fc7_inline_get(struct devlink *dl, u8 *m)
{
	*m = ((struct fc7 *)devlink_priv(dl))->inline_mode;
	return 0;
}

static int fc7_encap_get(struct devlink *dl, enum devlink_eswitch_encap_mode *m)
{
	*m = ((struct fc7 *)devlink_priv(dl))->encap;
	return 0;
}

static int fc7_encap_set(struct devlink *dl, enum devlink_eswitch_encap_mode m,
			 struct netlink_ext_ack *extack)
{
	struct fc7 *fc = devlink_priv(dl);

	if (fc->mode == DEVLINK_ESWITCH_MODE_SWITCHDEV && fc->nvfs) {
		NL_SET_ERR_MSG_MOD(extack, "Can't set encapsulation when flows are configured");
		return -EOPNOTSUPP;
	}
	fc->encap = m;
	return 0;
}

static const struct devlink_ops fc7_devlink_ops = {
	.info_get = fc7_info_get,
	.eswitch_mode_get = fc7_mode_get,
	.eswitch_mode_set = fc7_mode_set,
	.eswitch_inline_mode_get = fc7_inline_get,
	.eswitch_encap_mode_get = fc7_encap_get,
	.eswitch_encap_mode_set = fc7_encap_set,
};

/* ---- SR-IOV ------------------------------------------------------------- */

static int fc7_sriov_configure(struct pci_dev *pdev, int n)
{
	struct fc7 *fc = pci_get_drvdata(pdev);
	struct devlink *dl = priv_to_devlink(fc);
	int i, err = 0;

	if (n > FC7_MAX_VFS)
		return -ERANGE;
	if (!n) {
		pci_disable_sriov(pdev);
		devl_lock(dl);
		fc7_reps_down(fc);
		fc->nvfs = 0;
		devl_unlock(dl);
		return 0;
	}
	devl_lock(dl);
	fc->nvfs = n;
	for (i = 0; i < n; i++) {
		struct fc7_vport *vp = &fc->vf[i];

		eth_zero_addr(vp->mac);
		vp->roce = true;
		vp->migratable = vp->trust = vp->spoofchk = false;
		vp->vlan = vp->qos = 0;
	}
	if (fc->mode == DEVLINK_ESWITCH_MODE_SWITCHDEV)
		err = fc7_reps_up(fc);
	devl_unlock(dl);
	if (!err)
		err = pci_enable_sriov(pdev, n);
	if (err) {
		devl_lock(dl);
		fc7_reps_down(fc);
		fc->nvfs = 0;
		devl_unlock(dl);
		return err;
	}
	return n;
}

/* Give VFs their ids before the driver core looks for a driver. */
static int fc7_bus_event(struct notifier_block *nb, unsigned long ev, void *data)
{
	struct pci_dev *vf = to_pci_dev(data);

	if (ev == BUS_NOTIFY_ADD_DEVICE && fake_ids && vf->is_virtfn &&
	    vf->physfn->dev.driver == &fc7_driver.driver) {
		vf->vendor = 0x15b3;
		vf->device = 0x101e;
		vf->subsystem_vendor = 0x15b3;
	}
	return NOTIFY_DONE;
}

static struct notifier_block fc7_bus_nb = { .notifier_call = fc7_bus_event };

int fakecx7_vf_query(struct pci_dev *vf, struct fakecx7_vf_info *info)
{
	struct fc7 *fc = pci_iov_get_pf_drvdata(vf, &fc7_driver);
	int id = pci_iov_vf_id(vf);

	if (IS_ERR(fc))
		return PTR_ERR(fc);
	if (id < 0 || id >= FC7_MAX_VFS)
		return -ENODEV;
	memset(info, 0, sizeof(*info));
	info->vf_id = id;
	info->migratable = fc->vf[id].migratable && !no_migration;
	ether_addr_copy(info->hw_addr, fc->vf[id].mac);
	strscpy(info->psid, psid, sizeof(info->psid));
	if (sscanf(fw_version, "%u.%u.%u", &info->fw_major, &info->fw_minor,
		   &info->fw_sub) != 3)
		return -EINVAL;
	return 0;
}
EXPORT_SYMBOL_GPL(fakecx7_vf_query);

/* ---- data path of the emulated 82576 ------------------------------------- */

/* Register addresses and bits as QEMU's igb_regs.h and e1000x_regs.h give them. */
#define R_CTRL		0x0000
#define R_STATUS	0x0008
#define R_CTRL_EXT	0x0018
#define R_MDIC		0x0020
#define R_RCTL		0x0100
#define R_TCTL		0x0400
#define R_VMBMEM(v)	(0x0800 + 64 * (v))
#define R_P2VMAILBOX(v)	(0x0c00 + 4 * (v))
#define R_MBVFICR	0x0c80
#define R_VFLRE		0x0c88
#define R_VFRE		0x0c8c
#define R_VFTE		0x0c90
#define R_EITR(n)	(0x1680 + 4 * (n))
#define R_GPIE		0x1514
#define R_DTXSWC	0x3500
#define R_VMVIR(v)	(0x3700 + 4 * (v))
#define R_MTA		0x5200
#define R_RAL(i)	(0x5400 + 8 * (i))
#define R_PSRTYPE(v)	(0x5480 + 4 * (v))
#define R_VFTA		0x5600
#define R_MRQC		0x5818
#define R_VT_CTL	0x581c
#define R_VMOLR(v)	(0x5ad0 + 4 * (v))
#define R_RPLOLR	0x5af0
#define R_VLVF(i)	(0x5d00 + 4 * (i))
#define R_RX(q)		(0xc000 + 0x40 * (q))
#define R_TX(q)		(0xe000 + 0x40 * (q))
#define R_PVT(v)	(0x10000 + 0x100 * (v))
#define R_VTIVAR(v)	(0x11700 + 4 * (v))
#define R_VTIVAR_MISC(v) (0x11720 + 4 * (v))
#define QUEUE_ENABLE	0x02000000

static u32 rd(struct fc7 *fc, u32 r) { return ioread32(fc->bar + r); }
static void wr(struct fc7 *fc, u32 r, u32 v) { iowrite32(v, fc->bar + r); }

static void fc7_hw_init(struct fc7 *fc)
{
	int i;

	wr(fc, R_CTRL, rd(fc, R_CTRL) | 0x40);			/* SLU */
	wr(fc, R_MDIC, 0x1340 | 1 << 21 | 1 << 26);		/* BMCR: restart autoneg; LU 0.5 s later */
	wr(fc, R_MRQC, 3);					/* VMDq, one queue per pool by address */
	wr(fc, R_GPIE, 0xc0000011);				/* PBA EIAME MSI-X NSICR: or VFs get no interrupt */
	wr(fc, R_VT_CTL, 1u << 29 | 1u << 30);			/* no default pool, replication */
	wr(fc, R_DTXSWC, 0);					/* no VF to VF short cut: all to the wire */
	wr(fc, R_VFRE, 0);
	wr(fc, R_VFTE, 0);
	for (i = 0; i < 128; i++)
		wr(fc, R_MTA + 4 * i, ~0u);			/* multicast to every ROMPE pool */
	wr(fc, R_RPLOLR, 0xc0000000);				/* strip tag and CRC */
	for (i = 0; i < 7; i++) {
		u32 vid = FC7_PORT_VID(i), a = R_VFTA + 4 * (vid >> 5);

		wr(fc, a, rd(fc, a) | 1u << (vid & 31));
		wr(fc, R_VLVF(i), 0x80000000 | 1u << (12 + i) | vid);
		wr(fc, R_VMVIR(i), 0x40000000 | vid);		/* always this tag */
		/* strip CRC, strip tag, broadcast, overflow multicast, long packets */
		wr(fc, R_VMOLR(i), 0xca010000 | 0x2600);
	}
	/* A ring of pool 7, which VFRE keeps shut: without one open ring with room
	 * QEMU queues frames and hands a later VF stale ones. */
	wr(fc, R_RX(7), 0x1000);
	wr(fc, R_RX(7) + 0x04, 0);
	wr(fc, R_RX(7) + 0x08, 128);
	wr(fc, R_RX(7) + 0x0c, 0x02000002);
	wr(fc, R_RX(7) + 0x10, 0);
	wr(fc, R_RX(7) + 0x28, QUEUE_ENABLE);
	wr(fc, R_RX(7) + 0x18, 7);
	wr(fc, R_TCTL, rd(fc, R_TCTL) | 2);			/* EN */
	wr(fc, R_RCTL, 1u << 26 | 1u << 18 | 1u << 15 | 2);	/* SECRC VFE BAM EN */
	wr(fc, R_CTRL_EXT, rd(fc, R_CTRL_EXT) | 0x4000);	/* PFRSTD: VFs may go */
}

static void fc7_hw_mac(struct fc7_vport *vp)
{
	int v = vp->vport - 1;

	wr(vp->fc, R_RAL(v + 1), get_unaligned_le32(vp->mac));
	wr(vp->fc, R_RAL(v + 1) + 4, get_unaligned_le16(vp->mac + 4) |
	   1u << (18 + v) | (is_valid_ether_addr(vp->mac) ? 1u << 31 : 0));
}

static void fc7_hw_enable(struct fc7_vport *vp, bool on)
{
	u32 bit = 1u << (vp->vport - 1);

	wr(vp->fc, R_VFTE, (rd(vp->fc, R_VFTE) & ~bit) | (on ? bit : 0));
	wr(vp->fc, R_VFRE, (rd(vp->fc, R_VFRE) & ~bit) | (on ? bit : 0));
	vp->on = on;
}

static void fc7_mbx_msg(struct fc7_vport *vp)
{
	struct fc7 *fc = vp->fc;
	int i, v = vp->vport - 1, n = 1;
	u32 m[16];
	u8 mac[ETH_ALEN];

	for (i = 0; i < 1000; i++) {				/* PFU: take the buffer */
		wr(fc, R_P2VMAILBOX(v), 8);
		if (rd(fc, R_P2VMAILBOX(v)) & 8)
			break;
		udelay(5);
	}
	for (i = 0; i < 16; i++)
		m[i] = rd(fc, R_VMBMEM(v) + 4 * i);
	switch (m[0] & 0xffff) {
	case 0x01:						/* VF_RESET: its address, please */
		if (!is_valid_ether_addr(vp->mac))
			eth_random_addr(vp->mac);
		fc7_hw_mac(vp);
		fc7_hw_enable(vp, true);
		m[0] = 0x80000001;	/* the one reply igbvf wants without CTS */
		m[1] = get_unaligned_le32(vp->mac);
		m[2] = get_unaligned_le16(vp->mac + 4);
		n = 3;
		break;
	case 0x02:						/* SET_MAC_ADDR: only its own */
		put_unaligned_le32(m[1], mac);
		put_unaligned_le16(m[2], mac + 4);
		if (m[0] & 0x00ff0000 || ether_addr_equal(mac, vp->mac)) {
			m[0] |= 0x80000000;
		} else if (vp->trust && is_valid_ether_addr(mac)) {
			ether_addr_copy(vp->mac, mac);
			fc7_hw_mac(vp);
			m[0] |= 0x80000000;
		} else {
			m[0] |= 0x40000000;
		}
		break;
	case 0x03: case 0x04: case 0x05: case 0x06:		/* multicast, vlan, lpe, promisc */
		m[0] |= 0x80000000;
		break;
	default:
		m[0] |= 0x40000000;
	}
	if (n == 1)
		m[0] |= 0x20000000;				/* CTS */
	for (i = 0; i < n; i++)
		wr(fc, R_VMBMEM(v) + 4 * i, m[i]);
	wr(fc, R_P2VMAILBOX(v), 3);				/* ACK and STS at once, and release */
}

static void fc7_mbx_poll(struct work_struct *w)
{
	struct fc7 *fc = container_of(to_delayed_work(w), struct fc7, mbx_work);
	u32 req, flr;
	int i;

	mutex_lock(&fc->hw);
	flr = rd(fc, R_VFLRE);
	if (flr) {
		wr(fc, R_VFLRE, flr);
		for (i = 0; i < fc->nvfs; i++)
			if (flr & 1u << i)
				fc->vf[i].on = rd(fc, R_VFTE) & 1u << i;
	}
	req = rd(fc, R_MBVFICR) & 0xff00ff;
	if (req)
		wr(fc, R_MBVFICR, req);
	for (i = 0; i < fc->nvfs; i++)
		if (req & 1u << i)
			fc7_mbx_msg(&fc->vf[i]);
	/* "The PF is there" about once a second: igbvf's link needs to see CTS. */
	if (!(++fc->ticks & 63)) {
		for (i = 0; i < fc->nvfs; i++) {
			if (!fc->vf[i].on || rd(fc, R_VMBMEM(i)) & 0x20000000)
				continue;
			wr(fc, R_P2VMAILBOX(i), 8);
			if (!(rd(fc, R_P2VMAILBOX(i)) & 8))
				continue;			/* the VF is at it */
			wr(fc, R_VMBMEM(i), 0x20000100);
			wr(fc, R_P2VMAILBOX(i), 1);
		}
	}
	mutex_unlock(&fc->hw);
	schedule_delayed_work(&fc->mbx_work, msecs_to_jiffies(max(poll_ms, 1u)));
}

/* ---- what a variant driver needs of it ----------------------------------- */

static const u8 fc7_rxo[FAKECX7_NRX] = { 0x00, 0x04, 0x08, 0x0c, 0x14, 0x10, 0x28, 0x18 };
static const u8 fc7_txo[FAKECX7_NTX] = { 0x00, 0x04, 0x08, 0x14, 0x38, 0x3c, 0x10, 0x28, 0x18 };

static struct fc7_vport *fc7_vf_vport(struct pci_dev *vf)
{
	struct fc7 *fc = pci_iov_get_pf_drvdata(vf, &fc7_driver);
	int id = pci_iov_vf_id(vf);

	return IS_ERR(fc) || !fc->bar || id < 0 || id >= 7 ? NULL : &fc->vf[id];
}

int fakecx7_vf_stop(struct pci_dev *vf, struct fakecx7_vf_regs *s)
{
	struct fc7_vport *vp = fc7_vf_vport(vf);
	struct fc7 *fc;
	int i, q, v;

	memset(s, 0, sizeof(*s));
	if (!vp)
		return -ENODEV;
	fc = vp->fc;
	v = vp->vport - 1;
	mutex_lock(&fc->hw);
	s->misc[6] = cpu_to_le32(rd(fc, R_VFTE) & 1u << v ? FAKECX7_ON : 0);
	fc7_hw_enable(vp, false);
	for (q = 0; q < FAKECX7_NQ; q++) {
		for (i = 0; i < FAKECX7_NRX; i++)
			s->rx[q][i] = cpu_to_le32(rd(fc, R_RX(v + 8 * q) + fc7_rxo[i]));
		for (i = 0; i < FAKECX7_NTX; i++)
			s->tx[q][i] = cpu_to_le32(rd(fc, R_TX(v + 8 * q) + fc7_txo[i]));
	}
	s->misc[0] = cpu_to_le32(rd(fc, R_VTIVAR(v)));
	s->misc[1] = cpu_to_le32(rd(fc, R_VTIVAR_MISC(v)));
	s->misc[2] = cpu_to_le32(rd(fc, R_PVT(v) + 0x2c));
	s->misc[3] = cpu_to_le32(rd(fc, R_PVT(v) + 0x30));
	s->misc[4] = cpu_to_le32(rd(fc, R_PSRTYPE(v)));
	s->misc[5] = cpu_to_le32(rd(fc, R_PVT(v) + 0x24));
	for (i = 0; i < 3; i++)
		s->eitr[i] = cpu_to_le32(rd(fc, R_EITR(22 - 3 * v + i)));
	for (i = 0; i < 16; i++)
		s->mbx[i] = cpu_to_le32(rd(fc, R_VMBMEM(v) + 4 * i));
	ether_addr_copy(s->mac, vp->mac);
	mutex_unlock(&fc->hw);
	return 0;
}
EXPORT_SYMBOL_GPL(fakecx7_vf_stop);

int fakecx7_vf_load(struct pci_dev *vf, const struct fakecx7_vf_regs *s)
{
	struct fc7_vport *vp = fc7_vf_vport(vf);
	struct fc7 *fc;
	int i, q, v;

	if (!vp)
		return -ENODEV;
	fc = vp->fc;
	v = vp->vport - 1;
	mutex_lock(&fc->hw);
	fc7_hw_enable(vp, false);
	for (q = 0; q < FAKECX7_NQ; q++) {
		for (i = 0; i < FAKECX7_NRX; i++)
			wr(fc, R_RX(v + 8 * q) + fc7_rxo[i], le32_to_cpu(s->rx[q][i]));
		for (i = 0; i < FAKECX7_NTX; i++)
			wr(fc, R_TX(v + 8 * q) + fc7_txo[i], le32_to_cpu(s->tx[q][i]));
	}
	wr(fc, R_VTIVAR(v), le32_to_cpu(s->misc[0]));
	wr(fc, R_VTIVAR_MISC(v), le32_to_cpu(s->misc[1]));
	wr(fc, R_PVT(v) + 0x2c, le32_to_cpu(s->misc[2]));
	wr(fc, R_PVT(v) + 0x30, le32_to_cpu(s->misc[3]));
	wr(fc, R_PSRTYPE(v), le32_to_cpu(s->misc[4]));
	for (i = 0; i < 3; i++)
		wr(fc, R_EITR(22 - 3 * v + i), le32_to_cpu(s->eitr[i]));
	for (i = 0; i < 16; i++)
		wr(fc, R_VMBMEM(v) + 4 * i, le32_to_cpu(s->mbx[i]));
	wr(fc, R_PVT(v) + 0x24, le32_to_cpu(s->misc[5]));
	/* The PF's word on the address goes first, as on the card; the state's is second. */
	if (!is_valid_ether_addr(vp->mac))
		ether_addr_copy(vp->mac, s->mac);
	else if (!ether_addr_equal(vp->mac, s->mac))
		dev_warn(&vf->dev, "state of %pM on a VF with %pM\n", s->mac, vp->mac);
	fc7_hw_mac(vp);
	mutex_unlock(&fc->hw);
	return 0;
}
EXPORT_SYMBOL_GPL(fakecx7_vf_load);

int fakecx7_vf_run(struct pci_dev *vf, const struct fakecx7_vf_regs *s)
{
	struct fc7_vport *vp = fc7_vf_vport(vf);
	struct fc7 *fc;
	int q, v;

	if (!vp)
		return -ENODEV;
	if (!(le32_to_cpu(s->misc[6]) & FAKECX7_ON))
		return 0;
	fc = vp->fc;
	v = vp->vport - 1;
	mutex_lock(&fc->hw);
	fc7_hw_enable(vp, true);
	for (q = 0; q < FAKECX7_NQ; q++) {	/* the doorbell again: only it starts a queue */
		wr(fc, R_TX(v + 8 * q) + 0x18, le32_to_cpu(s->tx[q][8]));
		wr(fc, R_RX(v + 8 * q) + 0x18, le32_to_cpu(s->rx[q][7]));
	}
	mutex_unlock(&fc->hw);
	return 0;
}
EXPORT_SYMBOL_GPL(fakecx7_vf_run);

int fakecx7_vf_ring(struct pci_dev *vf, int q, bool tx, struct fakecx7_ring *r)
{
	struct fc7_vport *vp = fc7_vf_vport(vf);
	u32 b;

	memset(r, 0, sizeof(*r));
	if (!vp)
		return -ENODEV;
	b = tx ? R_TX(vp->vport - 1 + 8 * q) : R_RX(vp->vport - 1 + 8 * q);
	r->base = (u64)rd(vp->fc, b + 4) << 32 | rd(vp->fc, b);
	r->len = rd(vp->fc, b + 8);
	r->head = rd(vp->fc, b + 0x10);
	r->tail = rd(vp->fc, b + 0x18);
	if (rd(vp->fc, b + 0x28) & QUEUE_ENABLE)
		r->bufsz = tx ? 1 : (rd(vp->fc, b + 0x0c) & 0x7f) << 10 ?: 2048;
	return 0;
}
EXPORT_SYMBOL_GPL(fakecx7_vf_ring);

/* ---- the VF side, for VFs left to (or given back to) this driver -------- */

struct fc7_vfdev {
	struct pci_dev *pdev;
	struct fc7_vport *vp;
	struct net_device *netdev;
	struct devlink_port dl_port;
};

static struct fc7_vfdev *fc7_vnd(struct net_device *nd)
{
	return *(struct fc7_vfdev **)netdev_priv(nd);
}

static netdev_tx_t fc7_vf_xmit(struct sk_buff *skb, struct net_device *nd)
{
	struct fc7_vport *vp = fc7_vnd(nd)->vp;

	return fc7_forward(skb, nd, READ_ONCE(vp->netdev));
}

static void fc7_vf_drvinfo(struct net_device *nd, struct ethtool_drvinfo *di)
{
	strscpy(di->driver, FC7_DRV_NAME, sizeof(di->driver));
	snprintf(di->fw_version, sizeof(di->fw_version), "%s (%s)", fw_version, psid);
	strscpy(di->bus_info, pci_name(fc7_vnd(nd)->pdev), sizeof(di->bus_info));
}

static const struct net_device_ops fc7_vf_netdev_ops = {
	.ndo_open = fc7_open,
	.ndo_stop = fc7_stop,
	.ndo_start_xmit = fc7_vf_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static const struct ethtool_ops fc7_vf_ethtool_ops = {
	.get_drvinfo = fc7_vf_drvinfo,
	.get_link = ethtool_op_get_link,
};

static const struct devlink_ops fc7_vf_devlink_ops = { };
static const struct devlink_port_ops fc7_vf_dlport_ops = { };

static int fc7_vf_probe(struct pci_dev *pdev)
{
	struct fc7 *fc = pci_iov_get_pf_drvdata(pdev, &fc7_driver);
	struct devlink_port_attrs attrs = { .flavour = DEVLINK_PORT_FLAVOUR_VIRTUAL };
	int err, id = pci_iov_vf_id(pdev);
	struct fc7_vfdev *v;
	struct net_device *nd;
	struct devlink *dl;

	if (IS_ERR(fc) || id < 0 || id >= FC7_MAX_VFS)
		return -ENODEV;
	dl = devlink_alloc(&fc7_vf_devlink_ops, sizeof(*v), &pdev->dev);
	nd = alloc_etherdev(sizeof(v));
	if (!dl || !nd) {
		err = -ENOMEM;
		goto out;
	}
	v = devlink_priv(dl);
	v->pdev = pdev;
	v->vp = &fc->vf[id];
	v->netdev = nd;
	*(struct fc7_vfdev **)netdev_priv(nd) = v;
	nd->netdev_ops = &fc7_vf_netdev_ops;
	nd->ethtool_ops = &fc7_vf_ethtool_ops;
	nd->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	nd->max_mtu = 9978;
	SET_NETDEV_DEV(nd, &pdev->dev);
	SET_NETDEV_DEVLINK_PORT(nd, &v->dl_port);
	if (is_valid_ether_addr(v->vp->mac))
		eth_hw_addr_set(nd, v->vp->mac);
	else
		eth_hw_addr_random(nd);
	netif_carrier_off(nd);
	devl_lock(dl);
	devl_register(dl);
	devlink_port_attrs_set(&v->dl_port, &attrs);
	err = devl_port_register_with_ops(dl, &v->dl_port, (id + 1) << 16 | 0xffff,
					  &fc7_vf_dlport_ops);
	devl_unlock(dl);
	if (err)
		goto out_unreg;
	err = register_netdev(nd);
	if (err)
		goto out_port;
	pci_set_drvdata(pdev, v);
	rcu_assign_pointer(v->vp->peer, nd);
	return 0;
out_port:
	devl_lock(dl);
	devl_port_unregister(&v->dl_port);
	devl_unlock(dl);
out_unreg:
	devlink_unregister(dl);
out:
	if (nd)
		free_netdev(nd);
	if (dl)
		devlink_free(dl);
	return err;
}

static void fc7_vf_remove(struct pci_dev *pdev)
{
	struct fc7_vfdev *v = pci_get_drvdata(pdev);
	struct devlink *dl = priv_to_devlink(v);

	RCU_INIT_POINTER(v->vp->peer, NULL);
	synchronize_net();
	unregister_netdev(v->netdev);
	free_netdev(v->netdev);
	devl_lock(dl);
	devl_port_unregister(&v->dl_port);
	devl_unregister(dl);
	devl_unlock(dl);
	devlink_free(dl);
}

/* ---- probe -------------------------------------------------------------- */

static void fc7_read_mac(struct fc7 *fc)
{
	/* RAL0/RAH0 hold what -device igb,mac= gave */
	put_unaligned_le32(rd(fc, R_RAL(0)), fc->uplink.mac);
	put_unaligned_le16(rd(fc, R_RAL(0) + 4), fc->uplink.mac + 4);
	if (!is_valid_ether_addr(fc->uplink.mac))
		eth_random_addr(fc->uplink.mac);
}

static void fc7_hw_down(struct fc7 *fc)
{
	cancel_delayed_work_sync(&fc->mbx_work);
	if (fc->port) {
		wr(fc, R_VFRE, 0);
		wr(fc, R_VFTE, 0);
		wr(fc, R_RCTL, 0);
	}
	rtnl_lock();
	fc7_lower_put(&fc->port);
	fc7_lower_put(&fc->wire);
	rtnl_unlock();
	pci_iounmap(fc->pdev, fc->bar);
	fc->bar = NULL;
}

static int fc7_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct devlink *dl;
	struct fc7 *fc;
	int i, err;

	if (pdev->is_virtfn)
		return fc7_vf_probe(pdev);
	dl = devlink_alloc(&fc7_devlink_ops, sizeof(*fc), &pdev->dev);
	if (!dl)
		return -ENOMEM;
	fc = devlink_priv(dl);
	fc->pdev = pdev;
	fc->mode = DEVLINK_ESWITCH_MODE_LEGACY;
	fc->encap = DEVLINK_ESWITCH_ENCAP_MODE_BASIC;
	fc->inline_mode = DEVLINK_ESWITCH_INLINE_MODE_NONE;
	fc->pfnum = fc->vhca_id = PCI_FUNC(pdev->devfn);
	fc->uplink.fc = fc;
	fc->uplink.vport = 0xffff;
	for (i = 0; i < FC7_MAX_VFS; i++) {
		fc->vf[i].fc = fc;
		fc->vf[i].vport = i + 1;
	}
	err = pci_enable_device_mem(pdev);
	if (err)
		goto out_free;
	err = pci_request_regions(pdev, FC7_DRV_NAME);
	if (err)
		goto out_disable;
	pci_set_master(pdev);
	mutex_init(&fc->hw);
	INIT_DELAYED_WORK(&fc->mbx_work, fc7_mbx_poll);
	fc->bar = pci_iomap(pdev, 0, 0);
	if (!fc->bar) {
		err = -ENOMEM;
		goto out_regions;
	}
	fc7_read_mac(fc);
	rtnl_lock();
	fc->port = fc7_lower_get(fc, port_dev);
	fc->wire = fc7_lower_get(fc, wire_dev);
	rtnl_unlock();
	if (fc->port)
		fc7_hw_init(fc);
	dev_info(&pdev->dev, "VF data path %s, uplink cable %s\n",
		 fc->port ? netdev_name(fc->port) : "none",
		 fc->wire ? netdev_name(fc->wire) : "none");
	memcpy(fc->guid, fc->uplink.mac, 6);
	put_unaligned_be16(0x0300, fc->guid + 6);
	fc->orig_vendor = pdev->vendor;
	fc->orig_device = pdev->device;
	if (fake_ids) {
		pdev->vendor = 0x15b3;
		pdev->device = 0x1021;
	}
	pci_set_drvdata(pdev, fc);
	devl_lock(dl);
	devl_register(dl);
	err = fc7_uplink_up(fc);
	devl_unlock(dl);
	if (!err) {
		if (fc->port)
			schedule_delayed_work(&fc->mbx_work, 0);
		return 0;
	}
	devl_lock(dl);
	fc7_vport_down(&fc->uplink);
	devl_unregister(dl);
	devl_unlock(dl);
	pdev->vendor = fc->orig_vendor;
	pdev->device = fc->orig_device;
	fc7_hw_down(fc);
out_regions:
	pci_release_regions(pdev);
out_disable:
	pci_disable_device(pdev);
out_free:
	devlink_free(dl);
	return err;
}

static void fc7_remove(struct pci_dev *pdev)
{
	struct fc7 *fc = pci_get_drvdata(pdev);
	struct devlink *dl;

	if (pdev->is_virtfn) {
		fc7_vf_remove(pdev);
		return;
	}
	dl = priv_to_devlink(fc);
	pci_disable_sriov(pdev);
	devl_lock(dl);
	fc7_reps_down(fc);
	fc7_vport_down(&fc->uplink);
	devl_unregister(dl);
	devl_unlock(dl);
	pdev->vendor = fc->orig_vendor;
	pdev->device = fc->orig_device;
	fc7_hw_down(fc);
	pci_release_regions(pdev);
	pci_disable_device(pdev);
	devlink_free(dl);
}

static const struct pci_device_id fc7_ids[] = {
	{ PCI_DEVICE(0x8086, 0x10c9) },		/* QEMU igb PF */
	{ PCI_DEVICE(0x15b3, 0x1021) },
	{ PCI_DEVICE(0x8086, 0x10ca) },		/* its VFs */
	{ PCI_DEVICE(0x15b3, 0x101e) },
	{ }
};

static struct pci_driver fc7_driver = {
	.name = FC7_DRV_NAME,
	.id_table = fc7_ids,
	.probe = fc7_probe,
	.remove = fc7_remove,
	.sriov_configure = fc7_sriov_configure,
};

static int __init fc7_init(void)
{
	int err = bus_register_notifier(&pci_bus_type, &fc7_bus_nb);

	if (err)
		return err;
	err = pci_register_driver(&fc7_driver);
	if (err)
		bus_unregister_notifier(&pci_bus_type, &fc7_bus_nb);
	return err;
}
module_init(fc7_init);

static void __exit fc7_exit(void)
{
	pci_unregister_driver(&fc7_driver);
	bus_unregister_notifier(&pci_bus_type, &fc7_bus_nb);
}
module_exit(fc7_exit);

MODULE_DESCRIPTION("Lab stand-in for a ConnectX-7 PF control plane on an emulated SR-IOV NIC");
MODULE_LICENSE("GPL");
