/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/run, and for the verbs of lib/peer that act on a host: what the ops of one run share, and
 * the ops themselves (rows of ops.c).
 *
 * Connections are opened by the first op that needs one and closed with the world. Nothing that was
 * read from the host is kept between two calls, but what each use proves anew (the index of a
 * devlink port), so that an op always sees the host as it is.
 */
#ifndef VFM_RUN_WORLD_H
#define VFM_RUN_WORLD_H

#include <stdint.h>

#include "devlink/devlink.h"
#include "netlink/session.h"
#include "ovs/ovs.h"
#include "run/ops.h"

/* Milliseconds that one call may take, and the point in time that ends one begun now. */
int vfm_world_timeout_ms(const struct vfm_world *world);
int64_t vfm_world_deadline(const struct vfm_world *world);
/* NULL: libvirt is not to be asked. */
const char *vfm_world_libvirt_uri(const struct vfm_world *world);

/* Connections, the world's own; their deadlines are set anew by each of these calls. */
int vfm_world_devlink(struct vfm_world *world, struct vfm_devlink **ret_devlink,
		      struct vfm_error *err);
int vfm_world_rtnl(struct vfm_world *world, struct vfm_netlink **ret_rtnl, struct vfm_error *err);

/*
 * The replica of Open vSwitch's database, brought up to what the server has now. Errors are those
 * of vfm_ovs_open. After a failure that leaves the replica unusable, vfm_world_drop_ovs(): the next
 * call connects anew.
 */
int vfm_world_ovs(struct vfm_world *world, struct vfm_ovs **ret_ovs, struct vfm_error *err);
void vfm_world_drop_ovs(struct vfm_world *world);

/*
 * The devlink port of a VF's function or of a PF's uplink. -ENOENT: there is none (no such VF, or
 * the eswitch is not in switchdev mode).
 */
int vfm_world_port(struct vfm_world *world, const struct vfm_object_port *object,
		   struct vfm_devlink_port *ret_port, struct vfm_error *err);

/*
 * The netdev that an object of the forms "PF/N" (the VF's representor), "PF/uplink" or "netdev/X"
 * means, by its name now. -ENOENT: there is none; -EINVAL: the object is of another form.
 */
int vfm_world_netdev(struct vfm_world *world, const char *object, char **ret_name,
		     struct vfm_error *err);

/* An object's port in Open vSwitch; op_ovs.c. */
struct vfm_port_place {
	char *name;    /* of the port, whether it is there or not; NULL: neither netdev nor port */
	char *bridge;  /* NULL: in none */
	int32_t tag;   /* VFM_VLAN_NONE */
	char *options; /* as of ovs.h; NULL: none */
	bool ours;     /* it has our mark: we put it there */
};
int vfm_world_port_place(struct vfm_world *world, const char *object,
			 struct vfm_port_place *ret_place, struct vfm_error *err);
/* Puts it there, with that tag and those options, or out; the name and whose it is do not count. */
int vfm_world_port_put(struct vfm_world *world, const char *object,
		       const struct vfm_port_place *place, struct vfm_error *err);
void vfm_port_place_done(struct vfm_port_place *place);
#define VFM_AUTO_PORT_PLACE VFM_CLEANUP(vfm_port_place_done)

/*
 * Waits until the first 'vfs' VFs of the PF have a port and a netdev: those of a PF in switchdev
 * mode. -ETIMEDOUT names the VF.
 */
int vfm_world_wait_ports(struct vfm_world *world, const char *bdf, uint32_t vfs,
			 struct vfm_error *err);
/* Waits until udev has done all that it was told of: netdevs have the names they keep. */
int vfm_world_settle(const char *object, struct vfm_error *err);
/* The short while between two looks at what comes up by itself. */
void vfm_world_pause(void);

/* The ops; see struct vfm_step_ops: 'world' is a struct vfm_world. A batch is set by the function
 * that its kinds share. */
typedef int vfm_op_read(void *world, const struct vfm_step *step, char **ret_value,
			struct vfm_error *err);
typedef int vfm_op_set(void *world, const struct vfm_change *changes, size_t n,
		       struct vfm_error *err);

/* op_firmware.c */
vfm_op_read vfm_op_firmware_read;
vfm_op_set vfm_op_firmware_set;

/* op_file.c */
vfm_op_read vfm_op_file_read;
vfm_op_set vfm_op_file_set;

/* op_pci.c */
vfm_op_read vfm_op_autoprobe_read, vfm_op_vfs_read, vfm_op_driver_read;
vfm_op_set vfm_op_autoprobe_set, vfm_op_vfs_set, vfm_op_detach_set, vfm_op_bind_set;

/* op_devlink.c */
vfm_op_read vfm_op_eswitch_read, vfm_op_migratable_read, vfm_op_hw_addr_read;
vfm_op_set vfm_op_eswitch_set, vfm_op_migratable_set, vfm_op_hw_addr_set;

/* op_ovs.c: settings, bridges and ports side by side are one transaction */
vfm_op_read vfm_op_ovs_setting_read, vfm_op_ovs_bridge_read, vfm_op_ovs_port_read;
vfm_op_read vfm_op_ovs_restart_read;
vfm_op_set vfm_op_ovs_set, vfm_op_ovs_restart_set;

/* op_link.c */
vfm_op_read vfm_op_mtu_read, vfm_op_tc_offload_read, vfm_op_link_read;
vfm_op_set vfm_op_mtu_set, vfm_op_tc_offload_set, vfm_op_link_set;

/* op_vgpu.c */
vfm_op_read vfm_op_vgpu_read;
vfm_op_set vfm_op_vgpu_set;

#endif
