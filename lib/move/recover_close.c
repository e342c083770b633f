/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a move that was cut short: put back, or brought to its end; see recover.h. Where the
 * VM is, is proved by then.
 */
#include <string.h>

#include "base/deadline.h"
#include "base/text.h"
#include "move/recovering.h"
#include "move/value.h"
#include "move/world.h"
#include "run/runner.h"

static struct vfm_run_entry *open_run(const struct vfm_recovering *recovering)
{
	return vfm_move_open_run(&recovering->file.journal);
}

static int write_journal(struct vfm_recovering *recovering, struct vfm_error *err)
{
	return vfm_journal_write(recovering->file.path, &recovering->file.journal, err);
}

/* The run is over: as far as anybody is concerned it has ended so, now. */
static int close_run(struct vfm_recovering *recovering, uint64_t number, enum vfm_run_result result,
		     struct vfm_error *err)
{
	struct vfm_run_entry *run = vfm_journal_run(&recovering->file.journal, number);

	if (run) {
		run->result = result;
		run->ended_s = vfm_move_now_s();
	}
	recovering->result->journalled = true;
	return write_journal(recovering, err);
}

/* ---- back ------------------------------------------------------------------------ */

static bool is_setting(enum vfm_step_id id)
{
	return id == VFM_STEP_MOVE_PORT || id == VFM_STEP_MOVE_HW_ADDR || id == VFM_STEP_MOVE_VGPU;
}

static bool has_settings(const struct vfm_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		if (is_setting(steps->items[i].id))
			return true;
	return false;
}

/* Whoever sets something of a VF has it claimed, now as then. */
static int claim_all(struct vfm_move_world *world, const struct vfm_steps *steps,
		     struct vfm_error *err)
{
	int r = 0;

	for (size_t i = 0; i < steps->count && r == 0; i++) {
		const struct vfm_step step = {.id = VFM_STEP_MOVE_CLAIM,
					      .object = steps->items[i].object};
		const struct vfm_change change = {.step = &step, .value = VFM_MOVE_CLAIMED};

		if (is_setting(steps->items[i].id) && !vfm_move_given(world, step.id, step.object))
			r = vfm_move_ops[step.id].set(world, &change, 1, err);
	}
	return r;
}

static int undo(struct vfm_recovering *recovering, struct vfm_move_world *world,
		const struct vfm_steps *steps, struct vfm_error *err)
{
	struct vfm_runner runner = {
		.journal_path = recovering->file.path,
		.journal = &recovering->file.journal,
		.ops = vfm_move_ops,
		.world = world,
		.boot_id = recovering->file.boot_id,
		.now_s = vfm_move_now_s,
	};
	struct vfm_run_entry *run = NULL;
	size_t kept = 0;
	int r = claim_all(world, steps, err);

	if (r == 0)
		r = vfm_run_undo(&runner, recovering->asked->command, steps, &run, &kept, err);
	for (size_t i = 0; run && i < run->step_count; i++) {
		const struct vfm_run_step *step = &run->steps[i];

		if (step->result == VFM_STEP_DONE && is_setting(step->step.id))
			vfm_recover_did(recovering, "%s of %s is as it was before the move",
					vfm_step_kinds[step->step.id].name + strlen("move-"),
					step->step.object);
		else if (step->result == VFM_STEP_KEPT)
			vfm_recover_left(recovering, "%s", step->message ? step->message : "");
	}
	return r;
}

/* What the destination's devices have now. */
static int put_back(struct vfm_recovering *recovering, const struct vfm_steps *steps,
		    struct vfm_error *err)
{
	VFM_CLEANUP(vfm_move_world_done)
	struct vfm_move_world world = {
		.owner = "vfmigrate: recovers a move",
		.daemons = recovering->daemons,
	};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	int r = 0;

	memcpy(world.peers, recovering->asked->peers, sizeof(world.peers));
	if (has_settings(steps)) {
		if (!world.peers[VFM_DESTINATION])
			return vfm_error_set(err, -ENOTCONN, recovering->asked->destination_uri,
					     "name its host with --to-host",
					     "what the move set on that host is not put back: "
					     "there is no agent to do it");
		r = vfm_peer_facts(world.peers[VFM_DESTINATION], false, &facts, err);
		world.facts[VFM_DESTINATION] = &facts;
	}
	return r < 0 ? r : undo(recovering, &world, steps, err);
}

/*
 * Slots and claims went with the session that had them: of these records there is nothing to put
 * back, whichever hosts can be reached.
 */
static void drop_reservations(struct vfm_journal *journal)
{
	for (size_t i = journal->record_count; i > 0; i--)
		if (!is_setting(journal->records[i - 1].id))
			vfm_journal_drop(journal, &journal->records[i - 1]);
}

int vfm_recover_back(struct vfm_recovering *recovering, struct vfm_error *err)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	uint64_t number;
	int r;

	if (!recovering->open || recovering->asked->look_only)
		return 0;
	number = open_run(recovering)->number;
	drop_reservations(&recovering->file.journal);
	r = vfm_undo_plan(&recovering->file.journal, false, &steps, err);
	if (r == 0 && steps.count > 0)
		r = put_back(recovering, &steps, err);
	if (r < 0)
		return r;
	vfm_recover_did(recovering,
			"the move that was cut short is closed: the VM is on the source");
	return close_run(recovering, number, VFM_RUN_REVERTED, err);
}

/* ---- ahead ----------------------------------------------------------------------- */

/* The steps behind the migration that tell the networks; none where it was an offline move. */
static int steps_to_tell(const struct vfm_run_entry *run, struct vfm_steps *ret_steps)
{
	int r = 0;

	for (size_t i = 0; i < run->step_count && r == 0; i++) {
		enum vfm_step_id id = run->steps[i].step.id;

		if (id == VFM_STEP_MOVE_ANNOUNCE || id == VFM_STEP_MOVE_FORGET)
			r = vfm_steps_add(ret_steps, &run->steps[i].step);
	}
	return r;
}

/* Told once more at the worst, which does no harm. */
static int tell_networks(struct vfm_recovering *recovering, const struct vfm_run_entry *run,
			 struct vfm_error *err)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	const struct vfm_move_run told = {.steps = &steps};
	VFM_CLEANUP(vfm_move_world_done) struct vfm_move_world world = {.run = &told};
	int r = steps_to_tell(run, &steps);

	if (r < 0)
		return vfm_error_no_memory(err, run->command);
	memcpy(world.peers, recovering->asked->peers, sizeof(world.peers));
	for (size_t i = 0; i < steps.count; i++) {
		const struct vfm_change change = {.step = &steps.items[i],
						  .value = steps.items[i].want};
		VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;

		r = vfm_move_ops[change.step->id].set(&world, &change, 1, &own);
		if (r == 0)
			vfm_recover_did(recovering, "%s: %s", change.step->object,
					vfm_step_kinds[change.step->id].doc);
		else
			vfm_recover_left(recovering, "%s was not told where the VM is: %s",
					 change.step->object, own.what ? own.what : "failed");
	}
	return 0;
}

/* Nobody knows whether that came to be done, and what the VM has left is no harm. */
static void name_vgpus(struct vfm_recovering *recovering, const struct vfm_run_entry *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		const struct vfm_run_step *step = &run->steps[i];

		if (step->step.id == VFM_STEP_MOVE_VGPU_REMOVE && step->result != VFM_STEP_DONE)
			vfm_recover_left(recovering,
					 "%s may still be there: 'vgpucheck remove' there",
					 step->step.object);
	}
}

/* Asked for, and the source still has it, though the VM is over there. */
static int undefine(struct vfm_recovering *recovering, struct vfm_error *err)
{
	const struct vfm_move_note *note = recovering->file.journal.move;
	int r;

	if (!note || !note->undefine_source ||
	    recovering->result->sides[VFM_SOURCE].state != VFM_STATE_SHUT_OFF)
		return 0;
	r = vfm_daemon_do(&recovering->daemons, VFM_SOURCE, VFM_DEED_UNDEFINE,
			  vfm_deadline_in(VFM_ASK_TIMEOUT_MS), err);
	if (r == 0)
		vfm_recover_did(recovering, "the definition on the source is gone, as was asked");
	return r;
}

int vfm_recover_ahead(struct vfm_recovering *recovering, struct vfm_error *err)
{
	struct vfm_run_entry *run = open_run(recovering);
	int r;

	if (!recovering->open || recovering->asked->look_only)
		return 0;
	r = tell_networks(recovering, run, err);
	name_vgpus(recovering, run);
	if (r == 0)
		r = undefine(recovering, err);
	if (r < 0)
		return r;
	/* What was set for it is its own now. */
	for (size_t i = 0; i < run->step_count; i++)
		vfm_journal_unmark(&recovering->file.journal, &run->steps[i].step);
	vfm_recover_did(recovering,
			"the move that was cut short is closed: the VM is on the destination");
	return close_run(recovering, run->number, VFM_RUN_INCOMPLETE, err);
}
