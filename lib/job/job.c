/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The loop of one migration job; see job.h.
 *
 * Events come from libvirt's loop: the worker's end, the stop descriptor, a timer that looks at the
 * statistics and the clock, and the life of the VM on both sides. Each only notes what it saw or
 * asks libvirt for one thing; the loop ends when the worker's call has, or when it is left behind.
 */
#include "job/job.h"

#include <string.h>

#include "base/deadline.h"
#include "base/worker.h"
#include "job/ends.h"
#include "job/parameters.h"

enum { DEFAULT_INTERVAL_MS = 500 };

/* The call and what came of it: shared with the worker. */
struct call {
	virDomainPtr domain;
	virConnectPtr destination; /* NULL: the source's daemon connects itself */
	char *uri;
	struct vfm_parameters parameters;
	unsigned int flags;
	int64_t took_ms;
	int error;
	struct vfm_error err;
};

enum watch { WATCH_WORKER, WATCH_STOP, WATCH_MAX };
enum event { EVENT_SOURCE_LIFE, EVENT_DESTINATION_LIFE, EVENT_COMPLETED, EVENT_MAX };

struct job {
	struct vfm_ends *ends;
	const struct vfm_migration *migration;
	const struct vfm_job_options *options;
	struct vfm_job_result *result;
	struct vfm_worker *worker;
	int watches[WATCH_MAX], timer, events[EVENT_MAX]; /* -1: none */
	int64_t start_ms;
	bool over;          /* the call has ended */
	bool left;          /* it is left behind */
	bool asked_to_stop; /* an abort was sent for stop_fd */
	bool asked_in_time; /* likewise for the time limit */
	bool lost;          /* the destination's daemon, on which the call depends */
	bool asked_to_switch;
	bool downtime_set;
	bool completed; /* the statistics are those of the end */
};

/* ---- the call, in the worker ---------------------------------------------- */

static void release_call(void *data)
{
	struct call *call = data;

	vfm_cleanup_domain(&call->domain);
	vfm_cleanup_connection(&call->destination);
	vfm_parameters_done(&call->parameters);
	vfm_error_done(&call->err);
	free(call->uri);
	free(call);
}

static int migrate(struct call *call)
{
	VFM_AUTO_VIR_DOMAIN virDomainPtr moved = NULL;

	if (!call->destination)
		return virDomainMigrateToURI3(call->domain, call->uri, call->parameters.items,
					      (unsigned int)call->parameters.count, call->flags);
	moved = virDomainMigrate3(call->domain, call->destination, call->parameters.items,
				  (unsigned int)call->parameters.count, call->flags);
	return moved ? 0 : -1;
}

static void make_call(void *data)
{
	struct call *call = data;
	/* before: each call of libvirt's takes away the words of the one before */
	const char *name = virDomainGetName(call->domain);
	int64_t start_ms = vfm_now_ms();

	if (migrate(call) < 0)
		call->error = vfm_libvirt_failed(&call->err, name);
	call->took_ms = vfm_now_ms() - start_ms;
}

static int prepare_call(const struct job *job, struct call **ret_call, struct vfm_error *err)
{
	struct call *call = calloc(1, sizeof(*call));
	int r;

	if (!call)
		return vfm_error_no_memory(err, "migration");
	call->flags = vfm_migration_flags(job->migration);
	call->uri = strdup(job->ends->destination_uri);
	r = call->uri ? vfm_parameters_fill(job->migration, &call->parameters, err)
		      : vfm_error_no_memory(err, "migration");
	if (r < 0) {
		release_call(call);
		return r;
	}
	if (virDomainRef(job->ends->domain) == 0)
		call->domain = job->ends->domain;
	if (!job->migration->peer_to_peer && virConnectRef(job->ends->destination) == 0)
		call->destination = job->ends->destination;
	*ret_call = call;
	return 0;
}

/* ---- what is seen --------------------------------------------------------- */

static void tell(const struct job *job, enum vfm_job_phase phase)
{
	const struct vfm_job_progress progress = {.phase = phase, .stats = job->result->stats};

	if (job->options->tell)
		job->options->tell(&progress, job->options->data);
}

static bool is_ours(const struct job *job, virDomainPtr domain)
{
	char uuid[VIR_UUID_STRING_BUFLEN];

	return virDomainGetUUIDString(domain, uuid) == 0 && strcmp(uuid, job->ends->uuid) == 0;
}

static int on_source_life(virConnectPtr connection, virDomainPtr domain, int event, int detail,
			  void *data)
{
	struct job *job = data;

	(void)connection;
	if (event == VIR_DOMAIN_EVENT_SUSPENDED && detail == VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY &&
	    is_ours(job, domain))
		job->result->switched = true;
	return 0;
}

static int on_destination_life(virConnectPtr connection, virDomainPtr domain, int event, int detail,
			       void *data)
{
	struct job *job = data;

	(void)connection;
	if (event != VIR_DOMAIN_EVENT_RESUMED || job->result->arrived ||
	    (detail != VIR_DOMAIN_EVENT_RESUMED_MIGRATED &&
	     detail != VIR_DOMAIN_EVENT_RESUMED_POSTCOPY) ||
	    !is_ours(job, domain))
		return 0;
	job->result->arrived = true;
	tell(job, VFM_JOB_ARRIVED);
	return 0;
}

/* How much the VM was slowed down is told while it is: at the end that is what was told last. */
static void take_stats(struct job *job, int type, virTypedParameterPtr parameters, int count)
{
	struct vfm_job_stats *stats = &job->result->stats;
	uint64_t throttle = stats->throttle_percent;

	vfm_job_stats_read(type, parameters, count, stats);
	if (stats->throttle_percent == VFM_STAT_UNKNOWN)
		stats->throttle_percent = throttle;
}

/* The source tells it, and is the only one to: afterwards it may not know the VM any more. */
static void on_completed(virConnectPtr connection, virDomainPtr domain,
			 virTypedParameterPtr parameters, int count, void *data)
{
	struct job *job = data;

	(void)connection;
	if (!is_ours(job, domain))
		return;
	take_stats(job, VIR_DOMAIN_JOB_COMPLETED, parameters, count);
	job->completed = true;
}

/* Peer to peer the source's daemon has a connection of its own, and looks after it itself. */
static bool needs_destination(const struct job *job)
{
	return !job->migration->peer_to_peer;
}

static void look(struct job *job)
{
	virTypedParameterPtr parameters = NULL;
	int type = VIR_DOMAIN_JOB_NONE, count = 0;

	if (virDomainGetJobStats(job->ends->domain, &type, &parameters, &count, 0) < 0) {
		virResetLastError();
		return;
	}
	/* between two jobs it has nothing to say, and what was seen last stays */
	if (type != VIR_DOMAIN_JOB_NONE && !job->completed)
		take_stats(job, type, parameters, count);
	virTypedParamsFree(parameters, count);
}

static enum vfm_job_phase phase_of(const struct job *job)
{
	uint64_t processed = job->result->stats.memory_processed_bytes;

	if (job->result->switched)
		return VFM_JOB_POSTCOPY;
	return processed == VFM_STAT_UNKNOWN || processed == 0 ? VFM_JOB_PREPARES : VFM_JOB_COPIES;
}

/* ---- what is done --------------------------------------------------------- */

/* Before the job there is nothing to set it on, in releases that do not keep it. */
static void set_downtime(struct job *job)
{
	if (job->downtime_set || !job->options->max_downtime_ms || job->migration->offline)
		return;
	if (virDomainMigrateSetMaxDowntime(job->ends->domain, job->options->max_downtime_ms, 0) ==
	    0)
		job->downtime_set = true;
	else
		virResetLastError();
}

static void abort_job(struct job *job)
{
	/* "no job" is an answer too: it has not begun, or is over; the timer asks again */
	if (virDomainAbortJob(job->ends->domain) < 0)
		virResetLastError();
}

/*
 * Without it the call cannot end well any more: nobody would let the VM run over there. Nobody but
 * us has seen that either, and the source's QEMU would wait as long as TCP does, a quarter of an
 * hour.
 */
static void on_destination_lost(virConnectPtr connection, int reason, void *data)
{
	struct job *job = data;

	(void)connection;
	if (reason == VIR_CONNECT_CLOSE_REASON_CLIENT || job->over)
		return;
	job->lost = true;
	if (!job->result->switched)
		abort_job(job);
}

static void switch_over(struct job *job)
{
	if (job->asked_to_switch || job->result->switched)
		return;
	if (virDomainMigrateStartPostCopy(job->ends->domain, 0) == 0)
		job->asked_to_switch = true;
	else
		virResetLastError();
}

static void suspend(struct job *job)
{
	if (virDomainSuspend(job->ends->domain) < 0)
		virResetLastError();
}

static void time_is_up(struct job *job)
{
	if (job->result->switched)
		return;
	switch (job->options->on_timeout) {
	case VFM_TIMEOUT_ABORTS:
		job->asked_in_time = true;
		abort_job(job);
		break;
	case VFM_TIMEOUT_SUSPENDS:
		if (!job->result->timed_out)
			suspend(job);
		break;
	case VFM_TIMEOUT_SWITCHES:
		switch_over(job);
		break;
	case VFM_ON_TIMEOUT_MAX:
		break;
	}
	job->result->timed_out = true;
}

static bool has_passed(const struct job *job, uint32_t seconds)
{
	return vfm_now_ms() - job->start_ms >= (int64_t)seconds * 1000;
}

static void on_timer(int timer, void *data)
{
	struct job *job = data;

	(void)timer;
	if (job->over)
		return;
	look(job);
	set_downtime(job);
	if ((job->asked_to_stop || job->lost) && !job->result->switched)
		abort_job(job);
	if (job->options->timeout_s && has_passed(job, job->options->timeout_s))
		time_is_up(job);
	if (job->options->switches && has_passed(job, job->options->switch_after_s))
		switch_over(job);
	tell(job, phase_of(job));
}

static void on_worker(int watch, int fd, int events, void *data)
{
	struct job *job = data;

	(void)watch;
	(void)fd;
	(void)events;
	job->over = true;
}

/*
 * After a switch to post-copy there is no way back, and an abort would lose the VM: then only the
 * looking on ends, and only where the daemons go on without us.
 */
static void on_stop(int watch, int fd, int events, void *data)
{
	struct job *job = data;
	char words[256];

	(void)watch;
	(void)events;
	while (read(fd, words, sizeof(words)) == (ssize_t)sizeof(words))
		;
	if (!job->result->switched) {
		job->asked_to_stop = true;
		abort_job(job);
	} else if (job->migration->peer_to_peer) {
		job->left = true;
	}
}

/* ---- the loop ------------------------------------------------------------- */

static int register_events(struct job *job, struct vfm_error *err)
{
	const struct {
		virConnectPtr connection;
		int event;
		virConnectDomainEventGenericCallback callback;
	} rows[EVENT_MAX] = {
		[EVENT_SOURCE_LIFE] = {job->ends->source, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
				       VIR_DOMAIN_EVENT_CALLBACK(on_source_life)},
		[EVENT_DESTINATION_LIFE] = {job->ends->destination, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
					    VIR_DOMAIN_EVENT_CALLBACK(on_destination_life)},
		[EVENT_COMPLETED] = {job->ends->source, VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
				     VIR_DOMAIN_EVENT_CALLBACK(on_completed)},
	};
	int interval_ms =
		job->options->interval_ms ? (int)job->options->interval_ms : DEFAULT_INTERVAL_MS;

	for (size_t i = 0; i < EVENT_MAX; i++) {
		job->events[i] = virConnectDomainEventRegisterAny(
			rows[i].connection, NULL, rows[i].event, rows[i].callback, job, NULL);
		if (job->events[i] < 0)
			return vfm_libvirt_failed(err, "events of the migration");
	}
	/* Where a transport has none, TCP's own time is all there is. */
	if (needs_destination(job) &&
	    virConnectRegisterCloseCallback(job->ends->destination, on_destination_lost, job,
					    NULL) < 0)
		virResetLastError();
	job->timer = virEventAddTimeout(interval_ms, on_timer, job, NULL);
	if (job->options->stop_fd >= 0)
		job->watches[WATCH_STOP] = virEventAddHandle(
			job->options->stop_fd, VIR_EVENT_HANDLE_READABLE, on_stop, job, NULL);
	if (job->timer < 0 || (job->options->stop_fd >= 0 && job->watches[WATCH_STOP] < 0))
		return vfm_libvirt_failed(err, "events of the migration");
	return 0;
}

static void unregister_events(struct job *job)
{
	for (size_t i = 0; i < WATCH_MAX; i++)
		if (job->watches[i] >= 0)
			(void)virEventRemoveHandle(job->watches[i]);
	if (job->timer >= 0)
		(void)virEventRemoveTimeout(job->timer);
	if (needs_destination(job))
		(void)virConnectUnregisterCloseCallback(job->ends->destination,
							on_destination_lost);
	for (size_t i = 0; i < EVENT_MAX; i++)
		if (job->events[i] >= 0)
			(void)virConnectDomainEventDeregisterAny(i == EVENT_DESTINATION_LIFE
									 ? job->ends->destination
									 : job->ends->source,
								 job->events[i]);
	virResetLastError();
}

static int start(struct job *job, struct call *call, struct vfm_error *err)
{
	int r = vfm_worker_start(make_call, release_call, call, &job->worker, err);

	if (r < 0) {
		release_call(call);
		return r;
	}
	job->watches[WATCH_WORKER] = virEventAddHandle(
		vfm_worker_fd(job->worker), VIR_EVENT_HANDLE_READABLE, on_worker, job, NULL);
	return 0;
}

/* libvirt sends events through the loop: what it sent before the call ended comes a little after.
 */
static void take_last_events(const struct job *job)
{
	int64_t deadline_ms = vfm_deadline_in(1000);

	while (!job->completed && !vfm_deadline_passed(deadline_ms))
		if (virEventRunDefaultImpl() < 0)
			return;
}

static enum vfm_job_end end_of(const struct job *job, int error)
{
	if (job->left)
		return VFM_JOB_DETACHED;
	if (error == 0)
		return VFM_JOB_MOVED;
	if (job->result->switched)
		return VFM_JOB_BROKEN;
	if (job->asked_to_stop)
		return VFM_JOB_STOPPED;
	if (job->asked_in_time)
		return VFM_JOB_TIMED_OUT;
	return VFM_JOB_REFUSED;
}

/* The abort was ours: the words that tell why are too. */
static void say_lost(const struct job *job, const struct call *call, struct vfm_error *err)
{
	vfm_error_set(err, call->error, job->ends->destination_uri,
		      "once both hosts reach each other: 'vfmigrate recover'",
		      "the connection to the destination was lost: %s",
		      call->err.what ? call->err.what : "the move has ended");
}

static int finish(struct job *job, struct call *call, struct vfm_error *err)
{
	int error = 0;

	if (!job->left) {
		/* it is over: does not wait */
		(void)vfm_worker_wait(job->worker, vfm_deadline_in(1000));
		error = call->error;
		job->result->took_ms = (uint64_t)call->took_ms;
		if (error < 0 && job->lost)
			say_lost(job, call, err);
		else if (error < 0)
			vfm_error_move(err, &call->err);
		else if (!job->migration->offline)
			take_last_events(job);
	}
	job->result->end = end_of(job, error);
	return error;
}

int vfm_job_run(struct vfm_ends *ends, const struct vfm_migration *migration,
		const struct vfm_job_options *options, struct vfm_job_result *ret_result,
		struct vfm_error *err)
{
	struct job job = {
		.ends = ends,
		.migration = migration,
		.options = options,
		.result = ret_result,
		.watches = {-1, -1},
		.timer = -1,
		.events = {-1, -1, -1},
		.start_ms = vfm_now_ms(),
	};
	struct call *call = NULL;
	int r;

	*ret_result = (struct vfm_job_result){.end = VFM_JOB_REFUSED};
	vfm_job_stats_init(&ret_result->stats);
	r = prepare_call(&job, &call, err);
	if (r < 0)
		return r;
	set_downtime(&job);
	r = register_events(&job, err);
	if (r < 0)
		release_call(call);
	else
		r = start(&job, call, err);
	while (r == 0 && !job.over && !job.left)
		if (virEventRunDefaultImpl() < 0)
			r = vfm_libvirt_failed(err, "event loop");
	if (r == 0)
		r = finish(&job, call, err);
	unregister_events(&job);
	vfm_worker_free(job.worker);
	return r;
}

const char *vfm_job_phase_name(enum vfm_job_phase phase)
{
	static const char *const names[VFM_JOB_PHASE_MAX] = {
		[VFM_JOB_PREPARES] = "prepares",
		[VFM_JOB_COPIES] = "copies",
		[VFM_JOB_POSTCOPY] = "post-copy",
		[VFM_JOB_ARRIVED] = "arrived",
	};

	return names[phase];
}

const char *vfm_job_end_name(enum vfm_job_end end)
{
	static const char *const names[VFM_JOB_END_MAX] = {
		[VFM_JOB_MOVED] = "moved",       [VFM_JOB_REFUSED] = "failed",
		[VFM_JOB_STOPPED] = "stopped",   [VFM_JOB_TIMED_OUT] = "timed-out",
		[VFM_JOB_DETACHED] = "detached", [VFM_JOB_BROKEN] = "broken",
	};

	return names[end];
}
