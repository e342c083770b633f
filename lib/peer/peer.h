/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host, reached in one way.
 *
 *   local       this machine
 *   ssh:HOST    one ssh session to HOST (or USER@HOST) that runs 'vfprep serve' there
 *   FILE        a facts document: read-only, and it answers nothing but facts
 *   -           the same from stdin
 *
 * Each host offers the same verbs; a file called "local" or "ssh:x" is named "./local". This is the
 * only folder that starts ssh.
 */
#ifndef VFM_PEER_PEER_H
#define VFM_PEER_PEER_H

#include <stdbool.h>

#include "facts/dial.h"
#include "facts/facts.h"
#include "facts/place.h"
#include "facts/storage.h"
#include "facts/vgpu_metadata.h"

struct vfm_peer;

struct vfm_peer_options {
	bool sudo;      /* over ssh: run 'sudo -n vfprep serve' */
	int timeout_ms; /* for connecting and for each answer; 0: VFM_PEER_TIMEOUT_MS */
};

enum { VFM_PEER_TIMEOUT_MS = 60000, VFM_PEER_MAX_TIMEOUT_MS = 600000 };

/* Is this the name of a host, as above? -EINVAL says why not. Touches nothing. */
int vfm_peer_check_name(const char *name, struct vfm_error *err);

/*
 * Begins to reach the host: reads the document, or starts ssh without waiting for it, so that
 * several sessions are set up side by side; what keeps one from it is told by the first verb.
 * options may be NULL. -EINVAL: no name of a host, or no facts document.
 */
int vfm_peer_open(const char *name, const struct vfm_peer_options *options,
		  struct vfm_peer **ret_peer, struct vfm_error *err);

/* The name it was opened with. */
const char *vfm_peer_name(const struct vfm_peer *peer);

/*
 * The facts of the host, read now; of a document, as they stand there. full: the bulky ones too.
 * Errors name the host. -EPROTO: something else than 'vfprep serve' spoke; -ETIMEDOUT; other
 * errors are those of ssh (domain program: -EHOSTUNREACH when the connection did not come about or
 * broke, which may pass, else -EIO) or of the other side (-EREMOTEIO, or its errno).
 * After an error of the session itself each further verb fails with -ENOTCONN.
 */
int vfm_peer_facts(struct vfm_peer *peer, bool full, struct vfm_facts *ret_facts,
		   struct vfm_error *err);

/*
 * The verbs of a move; move.c. They work alike on this machine and by ssh, in errors too: the errno
 * is that of the host which refused. A facts document can none of them: -EOPNOTSUPP. All need root
 * on that host. Addresses are PCI addresses.
 */

/*
 * Reserves a VF until it is released or the session ends. owner: a line of printable text for
 * whoever meets the claim ("vfmigrate: vm1 from host-a, pid 812"). *ret_vf (zeroed by the caller,
 * released by vfm_fields_done(vfm_vf_fields, …)) is what the VF is like, read after it was claimed.
 * -EBUSY: claimed by somebody, who is named, or in use, or it cannot be told who uses it; -ENODEV:
 * no such VF. The definition of a domain that does not run is no use, and is among the VF's users.
 */
int vfm_peer_claim(struct vfm_peer *peer, const char *vf, const char *owner,
		   struct vfm_vf_facts *ret_vf, struct vfm_error *err);

/*
 * The same of a VF that this VM, which runs there, has: what was not known before it came, and is
 * set of its port now. -EBUSY also where the VM does not have it.
 */
int vfm_peer_claim_of(struct vfm_peer *peer, const char *vf, const char *owner, const char *vm,
		      struct vfm_error *err);

/*
 * Reserves 'count' of the four migration slots of a PF, or none: -EBUSY names who holds the others.
 */
int vfm_peer_slots(struct vfm_peer *peer, const char *pf, unsigned int count, const char *owner,
		   struct vfm_error *err);

/* Gives up what this session has claimed of that VF, or PF. -ENOENT: nothing. */
int vfm_peer_release(struct vfm_peer *peer, const char *device, struct vfm_error *err);

/* The representor's link. */
enum vfm_peer_link { VFM_PEER_LINK_STAYS, VFM_PEER_LINK_UP, VFM_PEER_LINK_DOWN };

/* Where the representor of a VF is, and what it has there. */
struct vfm_peer_port {
	char *bridge;  /* NULL: in none */
	int32_t tag;   /* access VLAN; VFM_PEER_NO_TAG */
	char *options; /* VLAN mode, trunks, policing: ovs.h; NULL: none */
	uint32_t mtu;  /* of the representor; 0: not to be changed, or there is none */
	enum vfm_peer_link link;
};

enum { VFM_PEER_NO_TAG = -1 };

void vfm_peer_port_done(struct vfm_peer_port *port);

/*
 * Puts the representor of a VF that this session has claimed into that bridge, with all that is in
 * 'port', or does nothing. *ret_before is how it was: the same verb with it undoes this. -EPERM:
 * not claimed; -EEXIST: somebody else has put it elsewhere, or would lose it; -ENOENT: no such
 * bridge.
 */
int vfm_peer_port_set(struct vfm_peer *peer, const char *vf, const struct vfm_peer_port *port,
		      struct vfm_peer_port *ret_before, struct vfm_error *err);

/*
 * Gives the function of a VF, claimed by this session and without a driver, that MAC address; NULL:
 * none. *ret_before (to be freed) is the one it had, or NULL. -EPERM: not claimed; -EBUSY: a driver
 * has it.
 */
int vfm_peer_hw_addr_set(struct vfm_peer *peer, const char *vf, const char *mac, char **ret_before,
			 struct vfm_error *err);

/* An address that is behind a PF's uplink now. */
struct vfm_peer_address {
	const char *mac;
	int32_t tag; /* of its port; VFM_PEER_NO_TAG */
};

enum { VFM_PEER_ADDRESSES_MAX = 64 };

/*
 * Tells the network by reverse ARP on the uplink of the PF, as QEMU does for its own: each address
 * at once and four times more within 800 ms, at the end of which it returns.
 */
int vfm_peer_announce(struct vfm_peer *peer, const char *pf,
		      const struct vfm_peer_address *addresses, size_t n, struct vfm_error *err);

/*
 * Drops what the bridge of the VF's representor has learned of an address that has gone elsewhere.
 * *ret_forgotten: "dropped"; "none": it knew nothing of it; "kept": set by hand; "unsupported": an
 * Open vSwitch before 2.16, where the entry goes by itself in five minutes, or as soon as a frame
 * of that address comes from elsewhere. To be freed.
 */
int vfm_peer_forget(struct vfm_peer *peer, const char *vf, const char *mac, char **ret_forgotten,
		    struct vfm_error *err);

/*
 * vGPUs, by their objects of plan/step.h ("vgpu/0000:01:00.4", "vgpu/0000:01:00.0/UUID").
 *
 * The number of its type as text, to be freed; NULL: there is none.
 */
int vfm_peer_vgpu_type(struct vfm_peer *peer, const char *object, char **ret_type,
		       struct vfm_error *err);
/*
 * Reserves it, whether it is there yet or not, until it is released (by its UUID or BDF) or the
 * session ends. -EBUSY: claimed by somebody, who is named, or open.
 */
int vfm_peer_vgpu_claim(struct vfm_peer *peer, const char *object, const char *owner,
			struct vfm_error *err);
/* The same of one that is open: by a VM that is about to be gone. */
int vfm_peer_vgpu_take(struct vfm_peer *peer, const char *object, const char *owner,
		       struct vfm_error *err);
/*
 * Makes one that this session has claimed, of that type, or removes it (NULL), and returns when
 * that shows; a removal waits until nobody has it open. -EPERM: not claimed; errors of run/vgpu.h.
 */
int vfm_peer_vgpu_set(struct vfm_peer *peer, const char *object, const char *type,
		      struct vfm_error *err);

/*
 * What QEMU of that host has said of this VM since its last start that tells of a device that was
 * reset, or is not in the state it was to be in; none where it said nothing such. *ret_lines is
 * zeroed by the caller. -ENOENT: there is no log of it.
 */
int vfm_peer_device_errors(struct vfm_peer *peer, const char *vm, struct vfm_strings *ret_lines,
			   struct vfm_error *err);

/*
 * The verbs that look; look.c. They change nothing, and work alike on this machine and by ssh; a
 * facts document can none of them: -EOPNOTSUPP. What they do not find out is an unknown fact with
 * its reason, so they fail as the session does, or with -EINVAL for what is not asked well. Some of
 * it only root sees.
 */

enum { VFM_PEER_PATHS_MAX = 64, VFM_PEER_PATH_MAX_BYTES = 4095, VFM_PEER_STORAGE_MS = 5000 };

/*
 * What each of these absolute paths is on that host; storage.h. *ret_sides (zeroed by the caller)
 * has as many items as there are paths, in their order. What a server that hangs holds is unknown
 * after VFM_PEER_STORAGE_MS.
 */
int vfm_peer_storage(struct vfm_peer *peer, const char *const *paths, size_t count,
		     struct vfm_storage_sides *ret_sides, struct vfm_error *err);

enum { VFM_PEER_TARGETS_MAX = 16, VFM_PEER_TARGET_MAX_BYTES = 255 };

/*
 * What that host reaches by TCP; dial.h says what comes of it, and which ports not to ask.
 * *ret_answers (zeroed by the caller) has as many items as there are targets, in their order.
 */
int vfm_peer_reach(struct vfm_peer *peer, const struct vfm_dial_target *targets, size_t count,
		   struct vfm_reach_answers *ret_answers, struct vfm_error *err);

/* What that host offers to a VM that comes; place.h. *ret_place is zeroed by the caller. */
int vfm_peer_place(struct vfm_peer *peer, struct vfm_place_facts *ret_place, struct vfm_error *err);

enum { VFM_PEER_VGPUS_MAX = 16, VFM_PEER_DEVICES_MAX = 64, VFM_PEER_NVML_MS = 20000 };

/*
 * The metadata of a VM's vGPUs on that host, and what that host's GPUs say of such metadata;
 * facts/vgpu_ask.h. Devices and metadata are at most VFM_PEER_DEVICES_MAX and VFM_PEER_VGPUS_MAX;
 * what NVML does not say within VFM_PEER_NVML_MS is unknown. *ret_records and *ret_fits are zeroed
 * by the caller; the fits are as many as the metadata, in their order.
 */
int vfm_peer_vgpu_metadata(struct vfm_peer *peer, const struct vfm_strings *devices,
			   const char *uuid, struct vfm_vgpu_records *ret_records,
			   struct vfm_error *err);
int vfm_peer_vgpu_fits(struct vfm_peer *peer, const struct vfm_strings *metadata,
		       struct vfm_vgpu_fits *ret_fits, struct vfm_error *err);

/* Ends the session, and with it all that is held by it. */
void vfm_peer_free(struct vfm_peer *peer);

static inline void vfm_cleanup_peer(struct vfm_peer **peer)
{
	vfm_peer_free(*peer);
}
#define VFM_AUTO_PEER VFM_CLEANUP(vfm_cleanup_peer)

#endif
