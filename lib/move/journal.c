/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal of a VM's moves; see journal.h. */
#include "move/journal.h"

#include <string.h>
#include <time.h>

#include "base/deadline.h"
#include "base/file.h"
#include "facts/host.h"
#include "move/value.h"

#define LOCK_FORMAT "/run/vfmig/move-%s.lock"

int64_t vfm_move_now_s(void)
{
	return time(NULL);
}

void vfm_move_file_done(struct vfm_move_file *file)
{
	vfm_journal_done(&file->journal);
	free(file->path);
	free(file->lock_path);
	free(file->boot_id);
	vfm_cleanup_close(&file->lock);
	*file = (struct vfm_move_file)VFM_MOVE_FILE_INIT;
}

static int lock(struct vfm_move_file *file, const char *uuid, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	int r = vfm_journal_lock(file->lock_path, vfm_deadline_in(0), &file->lock, &own);

	if (r == -EBUSY)
		return vfm_error_set(err, r, uuid, "try again when it has ended",
				     "is being moved or recovered by another vfmigrate");
	if (r < 0)
		vfm_error_move(err, &own);
	return r;
}

int vfm_move_file_open(const char *directory, const char *uuid, struct vfm_move_file *ret_file,
		       struct vfm_error *err)
{
	VFM_AUTO_MOVE_FILE struct vfm_move_file file = VFM_MOVE_FILE_INIT;
	char checked[VFM_UUID_TEXT_SIZE];
	int r;

	/* It becomes the name of a file. */
	if (vfm_uuid_parse(uuid, checked) < 0)
		return vfm_error_set(err, -EINVAL, uuid, NULL, "is no UUID");
	file.path =
		vfm_text_printf("%s/%s.json", directory ? directory : VFM_MOVES_DIRECTORY, checked);
	file.lock_path = directory ? vfm_text_printf("%s/%s.lock", directory, checked)
				   : vfm_text_printf(LOCK_FORMAT, checked);
	if (!file.path || !file.lock_path)
		return vfm_error_no_memory(err, uuid);
	r = vfm_attribute_read("/proc/sys/kernel/random", "boot_id", &file.boot_id, err);
	if (r == 0)
		r = lock(&file, uuid, err);
	if (r == 0)
		r = vfm_journal_read(file.path, &file.journal, err);
	if (r < 0)
		return r;
	vfm_journal_new_boot(&file.journal, file.boot_id);
	*ret_file = file;
	file = (struct vfm_move_file)VFM_MOVE_FILE_INIT;
	return 0;
}

struct vfm_run_entry *vfm_move_open_run(const struct vfm_journal *journal)
{
	struct vfm_run_entry *last =
		journal->run_count ? &journal->runs[journal->run_count - 1] : NULL;

	if (!last || (last->result != VFM_RUN_RUNNING && last->result != VFM_RUN_STUCK))
		return NULL;
	return last;
}

enum vfm_move_phase vfm_move_phase(const struct vfm_run_entry *run)
{
	bool begun = true;

	for (size_t i = 0; i < run->step_count; i++) {
		const struct vfm_run_step *step = &run->steps[i];

		if (!vfm_step_kinds[step->step.id].point_of_no_return) {
			begun = begun && step->result != VFM_STEP_PLANNED;
			continue;
		}
		if (step->result == VFM_STEP_DONE || step->result == VFM_STEP_ALREADY)
			return VFM_MOVE_ARRIVED;
		return begun ? VFM_MOVE_MIGRATES : VFM_MOVE_PREPARES;
	}
	return VFM_MOVE_PREPARES;
}

/* ---- the note ---------------------------------------------------------------- */

/* NULL and "" stay NULL. */
static char *copy(const char *text, bool *failed)
{
	char *made = text && *text ? strdup(text) : NULL;

	*failed |= text && *text && !made;
	return made;
}

static char *port_of(const struct vfm_move_vf *vf, bool *failed)
{
	const struct vfm_peer_port port = {.bridge = vf->port.bridge,
					   .tag = vf->port.vlan,
					   .options = vf->port.options,
					   .mtu = vf->port.mtu};
	char *text = vf->port.bridge ? vfm_move_port_text(&port) : NULL;

	*failed |= vf->port.bridge && !text;
	return text;
}

static void note_device(const struct vfm_move_vf *vf, struct vfm_move_device_note *ret_device,
			bool *failed)
{
	*ret_device = (struct vfm_move_device_note){
		.form = copy(vfm_move_form_name(vf->form), failed),
		.source = copy(vf->source, failed),
		.source_pf = copy(vf->source_pf, failed),
		.destination = vf->libvirt_picks ? NULL : copy(vf->destination, failed),
		.destination_pf = copy(vf->destination_pf, failed),
		.destination_number = vf->destination_number,
		.mac = copy(vf->mac, failed),
		.port = port_of(vf, failed),
	};
}

static void note_vgpu(const struct vfm_move_vgpu *vgpu, struct vfm_move_device_note *ret_device,
		      bool *failed)
{
	*ret_device = (struct vfm_move_device_note){
		.form = copy(VFM_MOVE_NOTE_VGPU, failed),
		.source = copy(vgpu->source, failed),
		.destination = copy(vgpu->destination, failed),
		.type = vfm_text_printf("%llu", (unsigned long long)vgpu->type_id),
	};
	*failed |= !ret_device->type;
}

struct vfm_move_note *vfm_move_note_of(const struct vfm_move_run *run, bool running,
				       bool persistent)
{
	const struct vfm_move_devices *devices = run->move->devices;
	VFM_AUTO_MOVE_NOTE struct vfm_move_note *note = calloc(1, sizeof(*note));
	bool failed = false;

	if (!note)
		return NULL;
	note->vm = copy(run->move->domain->name, &failed);
	note->uuid = copy(run->move->domain->uuid, &failed);
	note->source_uri = copy(run->move->request->source_uri, &failed);
	note->destination_uri = copy(run->move->request->destination_uri, &failed);
	note->source_host = copy(run->host_names[VFM_SOURCE], &failed);
	note->destination_host = copy(run->host_names[VFM_DESTINATION], &failed);
	note->running = running;
	note->persistent = persistent;
	note->offline = run->migration->offline;
	note->peer_to_peer = run->migration->peer_to_peer;
	note->postcopy = run->migration->postcopy;
	note->persist = run->migration->persist;
	note->undefine_source = run->migration->undefine_source;
	if (devices && devices->count + devices->vgpu_count) {
		note->devices =
			calloc(devices->count + devices->vgpu_count, sizeof(*note->devices));
		failed |= !note->devices;
	}
	for (size_t i = 0; note->devices && i < devices->count; i++) {
		note->device_count = i + 1;
		note_device(&devices->vfs[i], &note->devices[i], &failed);
	}
	for (size_t i = 0; note->devices && i < devices->vgpu_count; i++)
		note_vgpu(&devices->vgpus[i], &note->devices[note->device_count++], &failed);
	return failed ? NULL : VFM_STEAL(note);
}
