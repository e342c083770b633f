/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Proving where a VM is and letting it go on there; see recover.h. */
#include "move/recover.h"

#include <string.h>
#include <time.h>

#include "base/deadline.h"
#include "base/text.h"
#include "job/job.h"
#include "move/recovering.h"
#include "move/value.h"

enum {
	PAUSE_MS = 500,    /* between two proofs */
	PASSING_MS = 5000, /* a daemon clears away after a client that is gone */
	ACTS_MAX = 4,      /* each leads on to another state: no way takes more */
};

_Static_assert(sizeof(((struct vfm_recovery *)NULL)->uuid) == VIR_UUID_STRING_BUFLEN,
	       "a UUID's text");

void vfm_recovery_done(struct vfm_recovery *recovery)
{
	vfm_strings_done(&recovery->did);
	vfm_strings_done(&recovery->left);
	vfm_move_note_free(recovery->note);
	*recovery = (struct vfm_recovery){.note = NULL};
}

__attribute__((format(printf, 2, 0))) static void add_line(struct vfm_strings *list,
							   const char *format, va_list arguments)
{
	VFM_AUTO_FREE char *line = vfm_text_vprintf(format, arguments);

	if (line)
		vfm_strings_add(list, vfm_text_make_printable(line));
	else
		list->failed = true;
}

void vfm_recover_did(struct vfm_recovering *recovering, const char *format, ...)
{
	struct vfm_strings *did = &recovering->result->did;
	size_t before = did->count;
	va_list arguments;

	va_start(arguments, format);
	add_line(did, format, arguments);
	va_end(arguments);
	if (did->count > before && recovering->asked->tell)
		recovering->asked->tell(did->values[before], recovering->asked->data);
}

void vfm_recover_left(struct vfm_recovering *recovering, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_line(&recovering->result->left, format, arguments);
	va_end(arguments);
}

/* ---- which VM ----------------------------------------------------------------- */

/* What this recovery is to prove has to be asked of the hosts that the move was between. */
static int check_uris(const struct vfm_recovering *recovering, struct vfm_error *err)
{
	const struct vfm_move_note *note = recovering->file.journal.move;

	if (!recovering->open || !note)
		return 0;
	if (vfm_streq(note->source_uri, recovering->asked->source_uri) &&
	    vfm_streq(note->destination_uri, recovering->asked->destination_uri))
		return 0;
	return vfm_error_set(err, -EXDEV, note->vm, "name these two",
			     "the move that was cut short was from %s to %s", note->source_uri,
			     note->destination_uri);
}

static void reach(struct vfm_recovering *recovering)
{
	const char *const uris[VFM_SIDE_MAX] = {recovering->asked->source_uri,
						recovering->asked->destination_uri};
	struct vfm_error why[VFM_SIDE_MAX] = {VFM_ERROR_INIT, VFM_ERROR_INIT};

	vfm_daemons_open(uris, recovering->asked->open_timeout_ms, recovering->daemons.connections,
			 why);
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++) {
		if (!recovering->daemons.connections[side])
			vfm_recover_left(recovering, "libvirt at %s does not answer: %s",
					 uris[side], why[side].what ? why[side].what : "failed");
		vfm_error_done(&why[side]);
	}
}

/* ---- where it is ---------------------------------------------------------------- */

static void pause_ms(long ms)
{
	const struct timespec time = {.tv_nsec = ms * 1000000};

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static struct vfm_where_verdict look(struct vfm_recovering *recovering)
{
	vfm_ask(&recovering->daemons, vfm_deadline_in(VFM_ASK_TIMEOUT_MS),
		recovering->result->sides, NULL);
	recovering->result->now = vfm_where_decide(recovering->result->sides);
	return recovering->result->now;
}

/*
 * What may be something else in a moment: a job that ends, a copy that is being cleared away and is
 * called paused or shut down for that long. The daemons are not asked at one instant, so two that
 * run are told only when they go on to.
 */
static bool is_passing(const struct vfm_recovering *recovering, enum vfm_where where)
{
	bool both = recovering->daemons.connections[VFM_SOURCE] &&
		    recovering->daemons.connections[VFM_DESTINATION];

	return where == VFM_WHERE_MOVING ||
	       (both && (where == VFM_WHERE_UNDECIDABLE || where == VFM_WHERE_TWICE));
}

/* A job that nobody drives any more ends by itself, and soon; another one does not. */
static struct vfm_where_verdict look_past(struct vfm_recovering *recovering)
{
	int64_t deadline_ms = vfm_deadline_in(PASSING_MS);
	struct vfm_where_verdict verdict = look(recovering);

	while (is_passing(recovering, verdict.where) && !vfm_deadline_passed(deadline_ms)) {
		pause_ms(PAUSE_MS);
		verdict = look(recovering);
	}
	return verdict;
}

/* ---- acting --------------------------------------------------------------------- */

/* A daemon that would not live through it takes nothing of the VM with it, and helps nobody. */
static int check_resume(struct vfm_recovering *recovering, struct vfm_error *err)
{
	unsigned long version = 0;
	int r = vfm_daemon_version(&recovering->daemons, VFM_DESTINATION,
				   vfm_deadline_in(VFM_ASK_TIMEOUT_MS), &version, err);

	if (r < 0 || !vfm_where_resume_crashes(version))
		return r;
	vfm_recover_left(
		recovering,
		"put another libvirt than 11.3 on the destination (its VMs go on while its "
		"daemon is replaced), and recover again: the memory that is missing there "
		"is on the source, and the VM must be shut down on neither");
	return vfm_error_set(err, -ENOTRECOVERABLE, recovering->asked->vm, NULL,
			     "libvirt %lu.%lu.%lu of the destination crashes when a post-copy is "
			     "resumed: nothing was touched",
			     version / 1000000, version / 1000 % 1000, version % 1000);
}

/* Goes on as libvirt has it: by the source's daemon, or through us. */
static int resume_postcopy(struct vfm_recovering *recovering, struct vfm_error *err)
{
	const struct vfm_move_note *note = recovering->file.journal.move;
	const struct vfm_migration migration = {
		.postcopy = true,
		.resume_postcopy = true,
		.peer_to_peer = !note || note->peer_to_peer,
		.persist = note && note->persist,
		.undefine_source = note && note->undefine_source,
	};
	const struct vfm_ends_request request = {
		.source_uri = recovering->asked->source_uri,
		.destination_uri = recovering->asked->destination_uri,
		.domain = recovering->result->uuid,
	};
	const struct vfm_job_options options = {.stop_fd = -1};
	VFM_AUTO_ENDS struct vfm_ends *ends = NULL;
	struct vfm_job_result result;
	int r = check_resume(recovering, err);

	if (r == 0)
		r = vfm_ends_open(&request, vfm_deadline_in(recovering->asked->open_timeout_ms),
				  &ends, err);
	if (r == 0)
		r = vfm_job_run(ends, &migration, &options, &result, err);
	return r;
}

static int act_on(struct vfm_recovering *recovering, enum vfm_where_act act, struct vfm_error *err)
{
	static const struct {
		enum vfm_side side;
		enum vfm_deed deed;
		const char *told;
	} rows[VFM_ACT_MAX] = {
		[VFM_ACT_RESUME_SOURCE] = {VFM_SOURCE, VFM_DEED_RESUME,
					   "the VM goes on on the source: the destination has no "
					   "copy of it"},
		[VFM_ACT_REMOVE_DESTINATION] =
			{VFM_DESTINATION, VFM_DEED_DESTROY,
			 "the copy on the destination is gone: it never ran"},
		[VFM_ACT_REMOVE_SOURCE] = {VFM_SOURCE, VFM_DEED_DESTROY,
					   "the stopped copy on the source is gone: the VM runs on "
					   "the destination"},
	};
	int r;

	if (act == VFM_ACT_RESUME_POSTCOPY) {
		r = resume_postcopy(recovering, err);
		if (r == 0)
			vfm_recover_did(recovering,
					"the post-copy migration was brought to its end");
		return r;
	}
	r = vfm_daemon_do(&recovering->daemons, rows[act].side, rows[act].deed,
			  vfm_deadline_in(VFM_ASK_TIMEOUT_MS), err);
	if (r == 0)
		vfm_recover_did(recovering, "%s", rows[act].told);
	return r;
}

/* One that was paused when the move began is not set running by its end. */
static bool may_resume(const struct vfm_recovering *recovering)
{
	return !recovering->file.journal.move || recovering->file.journal.move->running;
}

static int act(struct vfm_recovering *recovering, struct vfm_error *err)
{
	struct vfm_where_verdict verdict = look_past(recovering);

	recovering->result->found = verdict;
	for (unsigned int i = 0; i < ACTS_MAX && verdict.act != VFM_ACT_NONE; i++) {
		int r;

		if (recovering->asked->look_only ||
		    (verdict.act == VFM_ACT_RESUME_SOURCE && !may_resume(recovering)))
			return 0;
		pause_ms(PAUSE_MS);
		if (look(recovering).act != verdict.act) {
			verdict = look_past(recovering);
			continue;
		}
		r = act_on(recovering, verdict.act, err);
		if (r < 0)
			return r;
		verdict = look_past(recovering);
	}
	return 0;
}

/* ---- the end ---------------------------------------------------------------------- */

/* Shut off on both, or known to one alone: by its definition, and where both have one by how far
 * the move had come. */
static bool rests_at_destination(const struct vfm_recovering *recovering)
{
	const struct vfm_where_side *sides = recovering->result->sides;
	const struct vfm_journal *journal = &recovering->file.journal;

	if (sides[VFM_DESTINATION].state == VFM_STATE_ABSENT)
		return false;
	if (sides[VFM_SOURCE].state == VFM_STATE_ABSENT)
		return true;
	return journal->run_count > 0 &&
	       vfm_move_phase(&journal->runs[journal->run_count - 1]) == VFM_MOVE_ARRIVED;
}

static int end_at_rest(struct vfm_recovering *recovering, struct vfm_error *err)
{
	const struct vfm_where_side *sides = recovering->result->sides;

	if (sides[VFM_SOURCE].state == VFM_STATE_ABSENT &&
	    sides[VFM_DESTINATION].state == VFM_STATE_ABSENT && !recovering->open)
		return vfm_error_set(err, -ENOENT, recovering->asked->vm, NULL,
				     "neither host knows this VM");
	recovering->result->moved = rests_at_destination(recovering);
	return recovering->result->moved ? vfm_recover_ahead(recovering, err)
					 : vfm_recover_back(recovering, err);
}

static int undecidable(struct vfm_recovering *recovering, struct vfm_error *err)
{
	const struct vfm_where_verdict *now = &recovering->result->now;

	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++)
		if (now->ask[side])
			vfm_recover_left(
				recovering,
				"libvirt of the %s must say what it has of the VM: it "
				"says '%s'",
				vfm_side_name((enum vfm_side)side),
				vfm_where_state_name(recovering->result->sides[side].state));
	return vfm_error_set(err, -EHOSTUNREACH, recovering->asked->vm,
			     "recover again once both hosts answer",
			     "%s; nothing was touched, since the VM must never run twice",
			     vfm_where_words(now->where));
}

static int not_whole(struct vfm_recovering *recovering, const char *what, struct vfm_error *err)
{
	vfm_recover_left(recovering, "%s", what);
	return vfm_error_set(err, -ENOTRECOVERABLE, recovering->asked->vm, NULL, "%s",
			     vfm_where_words(recovering->result->now.where));
}

static int end(struct vfm_recovering *recovering, struct vfm_error *err)
{
	const struct vfm_where_verdict *now = &recovering->result->now;
	bool asks = now->ask[VFM_SOURCE] || now->ask[VFM_DESTINATION];

	switch (now->where) {
	case VFM_WHERE_SOURCE:
	case VFM_WHERE_DESTINATION:
	case VFM_WHERE_NOWHERE:
		break;
	case VFM_WHERE_UNDECIDABLE:
		return undecidable(recovering, err);
	case VFM_WHERE_MOVING:
		return vfm_error_set(err, -EBUSY, recovering->asked->vm,
				     "watch it with 'vfmigrate status'", "%s",
				     vfm_where_words(now->where));
	case VFM_WHERE_LOST:
		return not_whole(recovering,
				 "end what is left of it on both hosts by 'virsh "
				 "destroy', and start it anew on one",
				 err);
	case VFM_WHERE_TWICE:
		return not_whole(recovering,
				 "decide which of the two is to live, and end the "
				 "other by 'virsh destroy'",
				 err);
	case VFM_WHERE_SOURCE_LEFT:
	case VFM_WHERE_INTERRUPTED:
	case VFM_WHERE_DESTINATION_LEFT:
	case VFM_WHERE_POSTCOPY_BROKEN:
		if (recovering->asked->look_only)
			return 0;
		return not_whole(recovering,
				 now->where == VFM_WHERE_DESTINATION_LEFT
					 ? "once it is sure that it is whole on the "
					   "destination, end the copy of the source by "
					   "'virsh destroy'"
					 : "recover again",
				 err);
	case VFM_WHERE_MAX:
		return -EINVAL;
	}
	if (asks)
		return undecidable(recovering, err);
	if (now->where == VFM_WHERE_NOWHERE)
		return end_at_rest(recovering, err);
	recovering->result->moved = now->where == VFM_WHERE_DESTINATION;
	return recovering->result->moved ? vfm_recover_ahead(recovering, err)
					 : vfm_recover_back(recovering, err);
}

static void recovering_done(struct vfm_recovering *recovering)
{
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++)
		vfm_cleanup_connection(&recovering->daemons.connections[side]);
	vfm_move_file_done(&recovering->file);
}

int vfm_recover(const struct vfm_recover *recover, struct vfm_recovery *ret_recovery,
		struct vfm_error *err)
{
	VFM_CLEANUP(recovering_done)
	struct vfm_recovering recovering = {
		.asked = recover,
		.result = ret_recovery,
		.daemons = {.uuid = ret_recovery->uuid},
		.file = VFM_MOVE_FILE_INIT,
	};
	int r;

	*ret_recovery = (struct vfm_recovery){.note = NULL};
	reach(&recovering);
	r = vfm_daemons_find(recovering.daemons.connections, recover->vm, ret_recovery->uuid, err);
	if (r == 0)
		r = vfm_move_file_open(recover->directory, ret_recovery->uuid, &recovering.file,
				       err);
	if (r < 0)
		return r;
	recovering.open = vfm_move_open_run(&recovering.file.journal);
	r = check_uris(&recovering, err);
	if (r == 0)
		r = act(&recovering, err);
	if (r == 0)
		r = end(&recovering, err);
	ret_recovery->note = VFM_STEAL(recovering.file.journal.move);
	return r;
}
