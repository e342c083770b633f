/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the journal of a move has beside its run: enough to find the VM, to put back and to prove,
 * with nothing else at hand.
 */
#ifndef VFM_RUN_JOURNAL_MOVE_H
#define VFM_RUN_JOURNAL_MOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The form of a vGPU. */
#define VFM_MOVE_NOTE_VGPU "vgpu"

struct vfm_move_device_note {
	char *form;           /* "interface", "hostdev", "pool": plan/move.h; "vgpu": see 'type' */
	char *source;         /* BDF; of a vGPU perhaps a UUID, and so below */
	char *source_pf;      /* NULL: not known */
	char *destination;    /* NULL: libvirt picks it */
	char *destination_pf; /* likewise */
	uint32_t destination_number;
	char *mac;  /* NULL: not known */
	char *port; /* "br0 tag=12 mtu=9000", of its representor; NULL: in no bridge */
	char *type; /* number of a vGPU's type; NULL: it is none */
};

struct vfm_move_note {
	char *vm, *uuid;
	char *source_uri, *destination_uri;
	char *source_host, *destination_host; /* names of peers; NULL: there was none */
	bool running;                         /* the VM ran when the move began */
	bool persistent;                      /* and was defined */
	bool offline, peer_to_peer, postcopy;
	bool persist, undefine_source;
	struct vfm_move_device_note *devices; /* in device order */
	size_t device_count;
};

void vfm_move_note_free(struct vfm_move_note *note);

static inline void vfm_cleanup_move_note(struct vfm_move_note **note)
{
	vfm_move_note_free(*note);
}
#define VFM_AUTO_MOVE_NOTE VFM_CLEANUP(vfm_cleanup_move_note)

#endif
