/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices of a VM, by libvirt's calls; see device.h. */
#include "job/device.h"

#include <string.h>

#include "base/text.h"
#include "job/order.h"

struct order {
	struct vfm_order base;
	char *xml;          /* the device */
	unsigned int flags; /* virDomainDeviceModifyFlags */
	struct vfm_vm_look answer;
};

static void order_done(struct vfm_order *base)
{
	struct order *order = (struct order *)base;

	free(order->xml);
	vfm_vm_look_done(&order->answer);
}

static int carry_out(struct order *order, int64_t deadline_ms, const char *name,
		     struct vfm_worker **ret_worker, struct vfm_error *err)
{
	return vfm_order_carry_out(order ? &order->base : NULL, deadline_ms, name, ret_worker, err);
}

const char *vfm_vm_part_name(enum vfm_vm_part part)
{
	static const char *const names[VFM_VM_PART_MAX] = {
		[VFM_VM_LIVE] = "live",
		[VFM_VM_CONFIG] = "config",
	};

	return names[part];
}

/* ---- looking -------------------------------------------------------------- */

void vfm_vm_look_done(struct vfm_vm_look *look)
{
	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++)
		free(look->xml[part]);
	*look = (struct vfm_vm_look){.xml = {NULL}};
}

/* How libvirt tells whether the VM has this part, and shows it. */
static const struct {
	int (*there)(virDomainPtr domain);
	unsigned int flags;
} parts[VFM_VM_PART_MAX] = {
	[VFM_VM_LIVE] = {virDomainIsActive, 0},
	[VFM_VM_CONFIG] = {virDomainIsPersistent, VIR_DOMAIN_XML_INACTIVE},
};

static int look(struct vfm_order *base)
{
	struct order *order = (struct order *)base;

	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++) {
		int there = parts[part].there(base->domain);

		if (there > 0)
			order->answer.xml[part] =
				virDomainGetXMLDesc(base->domain, parts[part].flags);
		if (there < 0 || (there && !order->answer.xml[part]))
			return vfm_order_failed(base);
	}
	return 0;
}

int vfm_vm_look(struct vfm_steer *vm, int64_t deadline_ms, struct vfm_vm_look *ret_look,
		struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct order *order = vfm_order_new(vm, sizeof(*order), look, order_done);
	int r = carry_out(order, deadline_ms, vm->name, &worker, err);

	if (r == 0) {
		*ret_look = order->answer;
		order->answer = (struct vfm_vm_look){.xml = {NULL}};
	}
	return r;
}

/* ---- changing ------------------------------------------------------------- */

static int attach(struct vfm_order *base)
{
	struct order *order = (struct order *)base;

	return virDomainAttachDeviceFlags(base->domain, order->xml, order->flags) < 0
		       ? vfm_order_failed(base)
		       : 0;
}

static int detach(struct vfm_order *base)
{
	struct order *order = (struct order *)base;

	return virDomainDetachDeviceFlags(base->domain, order->xml, order->flags) < 0
		       ? vfm_order_failed(base)
		       : 0;
}

static int change(struct vfm_steer *vm, int (*work)(struct vfm_order *), enum vfm_vm_part part,
		  const char *xml, int64_t deadline_ms, struct vfm_error *err)
{
	static const unsigned int flags[VFM_VM_PART_MAX] = {
		[VFM_VM_LIVE] = VIR_DOMAIN_AFFECT_LIVE,
		[VFM_VM_CONFIG] = VIR_DOMAIN_AFFECT_CONFIG,
	};
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct order *order = vfm_order_new(vm, sizeof(*order), work, order_done);

	if (order) {
		order->flags = flags[part];
		order->xml = strdup(xml);
		if (!order->xml) {
			vfm_order_free(&order->base);
			order = NULL;
		}
	}
	return carry_out(order, deadline_ms, vm->name, &worker, err);
}

int vfm_vm_attach(struct vfm_steer *vm, enum vfm_vm_part part, const char *xml, int64_t deadline_ms,
		  struct vfm_error *err)
{
	return change(vm, attach, part, xml, deadline_ms, err);
}

int vfm_vm_detach(struct vfm_steer *vm, enum vfm_vm_part part, const char *xml, int64_t deadline_ms,
		  struct vfm_error *err)
{
	return change(vm, detach, part, xml, deadline_ms, err);
}
