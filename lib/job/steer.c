/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Steering the job of another process; see steer.h. */
#include "job/steer.h"

#include <poll.h>
#include <string.h>

#include "base/deadline.h"
#include "base/text.h"
#include "domain/devices.h"
#include "job/order.h"
#include "job/parameters.h"

enum { ABORT_INTERVAL_MS = 200 };

struct order {
	struct vfm_order base;
	struct vfm_job_look look;
	enum vfm_limit limit;
	uint64_t value, old, new;
};

static int carry_out(struct order *order, int64_t deadline_ms, const char *name,
		     struct vfm_worker **ret_worker, struct vfm_error *err)
{
	return vfm_order_carry_out(order ? &order->base : NULL, deadline_ms, name, ret_worker, err);
}

static int failed(struct order *order)
{
	return vfm_order_failed(&order->base);
}

/* ---- looking -------------------------------------------------------------- */

static enum vfm_vm_state state_of(int state, int reason)
{
	if (state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_POSTCOPY)
		return VFM_VM_IS_AWAY;
	if (state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_POSTCOPY_FAILED)
		return VFM_VM_IS_BROKEN;
	switch (state) {
	case VIR_DOMAIN_PAUSED:
	case VIR_DOMAIN_PMSUSPENDED:
		return VFM_VM_IS_PAUSED;
	case VIR_DOMAIN_RUNNING:
	case VIR_DOMAIN_BLOCKED:
	case VIR_DOMAIN_SHUTDOWN:
		return VFM_VM_IS_RUNNING;
	default:
		return VFM_VM_IS_OFF;
	}
}

static int look_at_state(struct order *order)
{
	int state = VIR_DOMAIN_NOSTATE, reason = 0;

	if (virDomainGetState(order->base.domain, &state, &reason, 0) < 0)
		return failed(order);
	order->look.state = state_of(state, reason);
	return 0;
}

static void take_operation(struct vfm_job_look *look, virTypedParameterPtr parameters, int count)
{
	look->operation = vfm_job_operation(parameters, count);
	look->kind = vfm_streq(look->operation, "migration") ? VFM_JOB_KIND_MIGRATION
							     : VFM_JOB_KIND_OTHER;
}

/* 0, or -1 with libvirt's words. */
static int read_stats(struct order *order, unsigned int flags, struct vfm_job_stats *ret_stats)
{
	virTypedParameterPtr parameters = NULL;
	int type = VIR_DOMAIN_JOB_NONE, count = 0;

	if (virDomainGetJobStats(order->base.domain, &type, &parameters, &count, flags) < 0)
		return -1;
	vfm_job_stats_read(type, parameters, count, ret_stats);
	if (ret_stats->state == VFM_JOB_RUNNING)
		take_operation(&order->look, parameters, count);
	virTypedParamsFree(parameters, count);
	return 0;
}

static int look_at_job(struct order *order)
{
	int code, r;

	/* of a VM that is off libvirt refuses to tell */
	if (order->look.state == VFM_VM_IS_OFF || read_stats(order, 0, &order->look.stats) == 0)
		return 0;
	code = virGetLastErrorCode();
	r = failed(order);
	if (code == VIR_ERR_OPERATION_UNSUPPORTED)
		return vfm_error_set(&order->base.err, -EREMOTE, order->base.name,
				     "the host it comes from has the statistics and can abort: "
				     "name its daemon with --from",
				     "is coming in from another host");
	/* it may have been ended since */
	if (code == VIR_ERR_OPERATION_INVALID && look_at_state(order) == 0 &&
	    order->look.state == VFM_VM_IS_OFF)
		return 0;
	return r;
}

/* Both are beside the question: where they cannot be had, the job is told without them. */
static void look_around(struct order *order)
{
	VFM_AUTO_STRINGS struct vfm_strings bdfs = {.values = NULL};
	VFM_AUTO_FREE char *xml = virDomainGetXMLDesc(order->base.domain, 0);

	if (order->look.kind == VFM_JOB_KIND_NONE)
		(void)read_stats(
			order, VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED,
			&order->look.last);
	if (xml && vfm_domain_host_devices(xml, strlen(xml), order->base.name, &bdfs, NULL) == 0)
		order->look.has_device = bdfs.count > 0;
	virResetLastError();
}

static int look(struct vfm_order *base)
{
	struct order *order = (struct order *)base;
	int r;

	order->look.operation = "none";
	vfm_job_stats_init(&order->look.stats);
	vfm_job_stats_init(&order->look.last);
	r = look_at_state(order);
	if (r == 0)
		r = look_at_job(order);
	if (r == 0)
		look_around(order);
	return r;
}

int vfm_steer_look(struct vfm_steer *steer, int64_t deadline_ms, struct vfm_job_look *ret_look,
		   struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct order *order = vfm_order_new(steer, sizeof(*order), look, NULL);
	int r = carry_out(order, deadline_ms, steer->name, &worker, err);

	if (r == 0)
		*ret_look = order->look;
	return r;
}

/* ---- steering ------------------------------------------------------------- */

static int abort_job(struct vfm_order *base)
{
	return virDomainAbortJob(base->domain) < 0 ? vfm_order_failed(base) : 0;
}

static int ask_to_end(struct vfm_steer *steer, int64_t deadline_ms, struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;

	return vfm_order_carry_out(vfm_order_new(steer, sizeof(struct vfm_order), abort_job, NULL),
				   deadline_ms, steer->name, &worker, err);
}

/* Whether there is a migration that can be aborted; else how that ends it. */
static bool can_abort(const struct vfm_job_look *seen, enum vfm_abort_end *ret_end)
{
	bool away = seen->state == VFM_VM_IS_AWAY || seen->state == VFM_VM_IS_BROKEN;

	if (!away && seen->kind == VFM_JOB_KIND_MIGRATION)
		return true;
	*ret_end = away                               ? VFM_ABORT_SWITCHED
		   : seen->kind == VFM_JOB_KIND_OTHER ? VFM_ABORT_OTHER_JOB
						      : VFM_ABORT_NO_JOB;
	return false;
}

/* After the abort was sent. 1: the job goes on; 0: *ret_end is set. */
static int look_for_end(struct vfm_steer *steer, int64_t deadline_ms, enum vfm_abort_end *ret_end,
			struct vfm_job_look *ret_look, struct vfm_error *err)
{
	int r = vfm_steer_look(steer, deadline_ms, ret_look, err);

	if (r == -ENOENT) {
		ret_look->state = VFM_VM_IS_OFF;
		ret_look->kind = VFM_JOB_KIND_NONE;
	} else if (r < 0) {
		return r;
	}
	if (can_abort(ret_look, ret_end))
		return 1;
	if (*ret_end != VFM_ABORT_SWITCHED)
		*ret_end = ret_look->state == VFM_VM_IS_OFF ? VFM_ABORT_TOO_LATE : VFM_ABORT_DONE;
	return 0;
}

int vfm_steer_abort_migration(struct vfm_steer *steer, int64_t deadline_ms,
			      enum vfm_abort_end *ret_end, struct vfm_job_look *ret_look,
			      struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error refusal = VFM_ERROR_INIT;
	int refused, r = vfm_steer_look(steer, deadline_ms, ret_look, err);

	if (r < 0 || !can_abort(ret_look, ret_end))
		return r;
	refused = ask_to_end(steer, deadline_ms, &refusal);
	for (;;) {
		r = look_for_end(steer, deadline_ms, ret_end, ret_look, err);
		if (r <= 0)
			return r;
		/* a refusal matters only where the job has not ended by itself since */
		if (refused < 0) {
			vfm_error_move(err, &refusal);
			return refused;
		}
		if (vfm_deadline_passed(deadline_ms))
			return vfm_error_set(err, -ETIMEDOUT, steer->name,
					     "'vfmigrate status' tells when it has ended",
					     "was asked to end its migration, which still goes on");
		(void)poll(NULL, 0, ABORT_INTERVAL_MS);
	}
}

static unsigned int speed_flags(const struct order *order)
{
	return order->limit == VFM_LIMIT_POSTCOPY_SPEED ? VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY : 0;
}

static int get_limit(struct order *order, uint64_t *ret_value)
{
	unsigned long long downtime_ms = 0;
	unsigned long speed = 0;
	int r;

	if (order->limit == VFM_LIMIT_DOWNTIME)
		r = virDomainMigrateGetMaxDowntime(order->base.domain, &downtime_ms, 0);
	else
		r = virDomainMigrateGetMaxSpeed(order->base.domain, &speed, speed_flags(order));
	if (r < 0)
		return failed(order);
	*ret_value = order->limit == VFM_LIMIT_DOWNTIME ? downtime_ms : speed;
	return 0;
}

static int put_limit(struct order *order)
{
	int r;

	if (order->limit == VFM_LIMIT_DOWNTIME)
		r = virDomainMigrateSetMaxDowntime(order->base.domain, order->value, 0);
	else
		r = virDomainMigrateSetMaxSpeed(order->base.domain, (unsigned long)order->value,
						speed_flags(order));
	return r < 0 ? failed(order) : 0;
}

static int set_limit(struct vfm_order *base)
{
	struct order *order = (struct order *)base;
	int r = get_limit(order, &order->old);

	if (r == 0)
		r = put_limit(order);
	return r < 0 ? r : get_limit(order, &order->new);
}

uint64_t vfm_limit_highest(enum vfm_limit limit)
{
	/* QEMU: 2000 s. libvirt counts the speed in bytes, in a signed number. */
	return limit == VFM_LIMIT_DOWNTIME ? 2000000 : INT64_MAX >> 20;
}

int vfm_steer_set(struct vfm_steer *steer, enum vfm_limit limit, uint64_t value,
		  int64_t deadline_ms, uint64_t *ret_old, uint64_t *ret_new, struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct order *order = vfm_order_new(steer, sizeof(*order), set_limit, NULL);
	int r;

	if (order) {
		order->limit = limit;
		order->value = value;
	}
	r = carry_out(order, deadline_ms, steer->name, &worker, err);
	if (r == 0) {
		*ret_old = order->old;
		*ret_new = order->new;
	}
	return r;
}
