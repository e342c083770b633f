/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One daemon and one VM, and calls about it; see order.h and steer.h. */
#include "job/order.h"

#include <string.h>

#include "base/text.h"

/* ---- one call, in a worker ------------------------------------------------ */

void vfm_order_free(struct vfm_order *order)
{
	if (!order)
		return;
	if (order->done)
		order->done(order);
	vfm_cleanup_domain(&order->domain);
	vfm_cleanup_connection(&order->connection);
	vfm_error_done(&order->err);
	free(order->name);
	free(order);
}

static void release(void *data)
{
	vfm_order_free(data);
}

void *vfm_order_new(const struct vfm_steer *steer, size_t size,
		    int (*work)(struct vfm_order *order), void (*done)(struct vfm_order *order))
{
	struct vfm_order *order = calloc(1, size);

	if (!order)
		return NULL;
	order->work = work;
	order->done = done;
	order->name = strdup(steer->name);
	if (!order->name) {
		vfm_order_free(order);
		return NULL;
	}
	if (virConnectRef(steer->connection) == 0)
		order->connection = steer->connection;
	if (steer->domain && virDomainRef(steer->domain) == 0)
		order->domain = steer->domain;
	return order;
}

static void do_work(void *data)
{
	struct vfm_order *order = data;

	order->error = order->work(order);
}

int vfm_order_carry_out(struct vfm_order *order, int64_t deadline_ms, const char *name,
			struct vfm_worker **ret_worker, struct vfm_error *err)
{
	int r;

	if (!order)
		return vfm_error_no_memory(err, name);
	r = vfm_worker_start(do_work, release, order, ret_worker, err);
	if (r < 0) {
		vfm_order_free(order);
		return r;
	}
	r = vfm_worker_wait(*ret_worker, deadline_ms);
	if (r < 0)
		return vfm_error_set(err, r, name, NULL, "libvirt did not answer in time");
	if (order->error < 0)
		vfm_error_move(err, &order->err);
	return order->error;
}

int vfm_order_failed(struct vfm_order *order)
{
	return vfm_libvirt_failed(&order->err, order->name);
}

/* ---- opening -------------------------------------------------------------- */

static int look_up(struct vfm_order *order)
{
	return vfm_domain_find(order->connection, order->name, &order->domain, &order->err);
}

/* Takes the VM that was found, with its names. */
static int adopt(struct vfm_steer *steer, struct vfm_order *order, struct vfm_error *err)
{
	const char *name = virDomainGetName(order->domain);
	char *copy = name ? strdup(name) : NULL;

	if (!copy || virDomainGetUUIDString(order->domain, steer->uuid) < 0) {
		free(copy);
		return vfm_error_no_memory(err, steer->name);
	}
	free(steer->name);
	steer->name = copy;
	steer->domain = VFM_STEAL(order->domain);
	return 0;
}

static int find_domain(struct vfm_steer *steer, int64_t deadline_ms, struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct vfm_order *order = vfm_order_new(steer, sizeof(*order), look_up, NULL);
	int r = vfm_order_carry_out(order, deadline_ms, steer->name, &worker, err);

	return r < 0 ? r : adopt(steer, order, err);
}

int vfm_steer_open(const char *uri, const char *vm, int64_t deadline_ms,
		   struct vfm_steer **ret_steer, struct vfm_error *err)
{
	VFM_AUTO_STEER struct vfm_steer *steer = calloc(1, sizeof(*steer));
	int r;

	if (!steer)
		return vfm_error_no_memory(err, vm);
	steer->uri = strdup(uri);
	steer->name = strdup(vm);
	if (!steer->uri || !steer->name)
		return vfm_error_no_memory(err, vm);
	r = vfm_connection_open(uri, deadline_ms, &steer->connection, err);
	if (r == 0)
		r = find_domain(steer, deadline_ms, err);
	if (r == 0)
		*ret_steer = VFM_STEAL(steer);
	return r;
}

void vfm_steer_free(struct vfm_steer *steer)
{
	if (!steer)
		return;
	vfm_cleanup_domain(&steer->domain);
	vfm_cleanup_connection(&steer->connection);
	free(steer->uri);
	free(steer->name);
	free(steer);
}

const char *vfm_steer_uri(const struct vfm_steer *steer)
{
	return steer->uri;
}

const char *vfm_steer_name(const struct vfm_steer *steer)
{
	return steer->name;
}

const char *vfm_steer_uuid(const struct vfm_steer *steer)
{
	return steer->uuid;
}
