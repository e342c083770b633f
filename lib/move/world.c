/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ops of a move on the hosts' devices, by their agents, and the table of all; see world.h. */
#include "move/world.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "move/value.h"

/* ---- what was given --------------------------------------------------------- */

const struct vfm_move_given *vfm_move_given(const struct vfm_move_world *world, enum vfm_step_id id,
					    const char *object)
{
	for (size_t i = 0; i < world->given_count; i++)
		if (world->given[i].id == id && vfm_streq(world->given[i].object, object))
			return &world->given[i];
	return NULL;
}

int vfm_move_give(struct vfm_move_world *world, const struct vfm_step *step, const char *value)
{
	struct vfm_move_given given = {.id = step->id, .value = value ? strdup(value) : NULL};
	struct vfm_move_given *there =
		(struct vfm_move_given *)vfm_move_given(world, step->id, step->object);

	if (value && !given.value)
		return -ENOMEM;
	if (there) {
		free(there->value);
		there->value = given.value;
		return 0;
	}
	given.object = strdup(step->object);
	if (!given.object || VFM_APPEND(world->given, world->given_count, given) < 0) {
		free(given.object);
		free(given.value);
		return -ENOMEM;
	}
	return 0;
}

void vfm_move_world_done(struct vfm_move_world *world)
{
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++)
		vfm_errand_free(world->errands[side]);
	for (size_t i = 0; i < world->given_count; i++) {
		free(world->given[i].object);
		free(world->given[i].value);
	}
	free(world->given);
	*world = (struct vfm_move_world){.owner = NULL};
}

int vfm_move_peer(const struct vfm_move_world *world, const struct vfm_step *step,
		  enum vfm_side *ret_side, const char **ret_bdf, struct vfm_error *err)
{
	if (vfm_move_object_parse(step->object, ret_side, ret_bdf) < 0)
		return vfm_error_set(err, -EINVAL, step->object, NULL, "names no side and device");
	if (!world->peers[*ret_side])
		return vfm_error_set(err, -ENOTCONN, step->object, NULL,
				     "there is no agent of vfmig on the %s",
				     vfm_side_name(*ret_side));
	return 0;
}

static int give_copy(const char *value, const struct vfm_step *step, char **ret_value,
		     struct vfm_error *err)
{
	*ret_value = value ? strdup(value) : NULL;
	return value && !*ret_value ? vfm_error_no_memory(err, step->object) : 0;
}

/* Nothing but what this session gave it. */
static int read_given(void *data, const struct vfm_step *step, char **ret_value,
		      struct vfm_error *err)
{
	const struct vfm_move_world *world = data;
	const struct vfm_move_given *given = vfm_move_given(world, step->id, step->object);

	return give_copy(given ? given->value : NULL, step, ret_value, err);
}

static int remember(struct vfm_move_world *world, const struct vfm_change *change,
		    struct vfm_error *err)
{
	return vfm_move_give(world, change->step, change->value) < 0
		       ? vfm_error_no_memory(err, change->step->object)
		       : 0;
}

/* ---- slots and claims -------------------------------------------------------- */

static int give_up(struct vfm_peer *peer, const char *bdf, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	struct vfm_object_vgpu vgpu;
	int r = vfm_peer_release(
		peer, vfm_object_vgpu(bdf, &vgpu) ? vfm_object_vgpu_name(&vgpu) : bdf, &own);

	/* Nothing was held: what is wanted. */
	if (r == 0 || r == -ENOENT)
		return 0;
	vfm_error_move(err, &own);
	return r;
}

static int set_slots(void *data, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	struct vfm_move_world *world = data;
	uint64_t count = 0;
	enum vfm_side side;
	const char *bdf;
	int r = vfm_move_peer(world, changes->step, &side, &bdf, err);

	(void)n;
	if (r < 0)
		return r;
	if (changes->value && vfm_parse_uint(changes->value, 10, VFM_MOVE_SLOTS, &count) < 0)
		return vfm_error_set(err, -EINVAL, changes->step->object, NULL,
				     "'%s' is no number of slots", changes->value);
	r = changes->value ? vfm_peer_slots(world->peers[side], bdf, (unsigned int)count,
					    world->owner, err)
			   : give_up(world->peers[side], bdf, err);
	return r < 0 ? r : remember(world, changes, err);
}

static int claim(struct vfm_move_world *world, enum vfm_side side, const char *bdf,
		 struct vfm_error *err)
{
	struct vfm_vf_facts vf = {.bdf = {.value = NULL}};
	struct vfm_object_vgpu vgpu;
	int r;

	if (vfm_object_vgpu(bdf, &vgpu))
		return vfm_peer_vgpu_claim(world->peers[side], bdf, world->owner, err);
	r = vfm_peer_claim(world->peers[side], bdf, world->owner, &vf, err);

	vfm_fields_done(vfm_vf_fields, &vf);
	return r;
}

static int set_claim(void *data, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	struct vfm_move_world *world = data;
	enum vfm_side side;
	const char *bdf;
	int r = vfm_move_peer(world, changes->step, &side, &bdf, err);

	(void)n;
	if (r == 0)
		r = changes->value ? claim(world, side, bdf, err)
				   : give_up(world->peers[side], bdf, err);
	return r < 0 ? r : remember(world, changes, err);
}

/* All of them, whatever becomes of each; the first error. */
static int set_release(void *data, const struct vfm_change *changes, size_t n,
		       struct vfm_error *err)
{
	struct vfm_move_world *world = data;
	int first = 0;

	(void)n;
	for (size_t i = 0; i < world->given_count; i++) {
		struct vfm_move_given *given = &world->given[i];
		struct vfm_step step = {.id = given->id, .object = given->object};
		bool held =
			(given->id == VFM_STEP_MOVE_SLOTS || given->id == VFM_STEP_MOVE_CLAIM) &&
			given->value;
		enum vfm_side side;
		const char *bdf;
		int r = held ? vfm_move_peer(world, &step, &side, &bdf, first ? NULL : err) : 0;

		if (held && r == 0)
			r = give_up(world->peers[side], bdf, first ? NULL : err);
		if (held && r == 0)
			r = vfm_move_give(world, &step, NULL);
		first = first ? first : r;
	}
	return first < 0 ? first : remember(world, changes, err);
}

/* ---- ports and addresses ------------------------------------------------------ */

static const struct vfm_vf_facts *find_vf(const struct vfm_facts *facts, const char *bdf,
					  const struct vfm_pf_facts **ret_pf)
{
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
			if (vfm_fact_is_text(&vf->bdf, bdf)) {
				*ret_pf = pf;
				return vf;
			}
	return NULL;
}

/* The VF of the step in the facts of its side. */
static int vf_of(const struct vfm_move_world *world, const struct vfm_step *step,
		 enum vfm_side *ret_side, const struct vfm_pf_facts **ret_pf,
		 const struct vfm_vf_facts **ret_vf, struct vfm_error *err)
{
	const char *bdf = NULL;
	int r = vfm_move_peer(world, step, ret_side, &bdf, err);

	if (r < 0)
		return r;
	*ret_vf = world->facts[*ret_side] ? find_vf(world->facts[*ret_side], bdf, ret_pf) : NULL;
	if (!*ret_vf || !vfm_known(&(*ret_vf)->number.fact) || !vfm_known(&(*ret_pf)->bdf.fact))
		return vfm_error_set(err, -ENODATA, step->object, NULL, "is not in the facts");
	return 0;
}

static bool has_mtu(const char *value)
{
	return value && strstr(value, " mtu=");
}

static bool has_link(const char *value)
{
	const char *last = value ? strrchr(value, ' ') : NULL;

	return last && (vfm_streq(last, " up") || vfm_streq(last, " down"));
}

/* A port as this step would say it: without the MTU where it sets none, and so for the link. */
static char *port_text(const struct vfm_step *step, const struct vfm_peer_port *port)
{
	struct vfm_peer_port shown = *port;

	if (!has_mtu(step->was) && !has_mtu(step->want))
		shown.mtu = 0;
	if (!has_link(step->was) && !has_link(step->want))
		shown.link = VFM_PEER_LINK_STAYS;
	return vfm_move_port_text(&shown);
}

static int read_port(void *data, const struct vfm_step *step, char **ret_value,
		     struct vfm_error *err)
{
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port port = {.tag = VFM_PEER_NO_TAG};
	struct vfm_move_world *world = data;
	const struct vfm_pf_facts *pf = NULL;
	const struct vfm_vf_facts *vf = NULL;
	enum vfm_side side;
	int r;

	if (vfm_move_given(world, step->id, step->object))
		return read_given(world, step, ret_value, err);
	r = vf_of(world, step, &side, &pf, &vf, err);
	if (r == 0)
		r = vfm_move_port_of_facts(world->facts[side], pf->bdf.value,
					   (uint32_t)vf->number.value, &port, err);
	if (r < 0)
		return r;
	*ret_value = port_text(step, &port);
	return *ret_value ? 0 : vfm_error_no_memory(err, step->object);
}

/*
 * Somebody has changed it since it was read: it gets back what he gave it, and counts as one that
 * we never touched.
 */
static int changed_since(const struct vfm_step *step, const char *now, const char *expected,
			 int back, struct vfm_error *err)
{
	return vfm_error_set(err, -ESTALE, step->object,
			     "somebody else is changing that host: try again when they are done",
			     "%s is '%s' by now, not '%s'; it was %s",
			     vfm_step_kinds[step->id].name, now ? now : "not set",
			     expected ? expected : "not set",
			     back < 0 ? "changed, and could not be put back" : "left so");
}

static int set_port(void *data, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port before = {.tag = VFM_PEER_NO_TAG};
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port other = {.tag = VFM_PEER_NO_TAG};
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port port = {.tag = VFM_PEER_NO_TAG};
	const struct vfm_step *step = changes->step;
	VFM_AUTO_FREE char *expected = NULL, *met = NULL;
	struct vfm_move_world *world = data;
	enum vfm_side side;
	const char *bdf;
	int r = vfm_move_peer(world, step, &side, &bdf, err);

	(void)n;
	if (r == 0)
		r = read_port(world, step, &expected, err);
	if (r < 0)
		return r;
	r = changes->value ? vfm_move_port_parse(changes->value, &port) : -EINVAL;
	if (r < 0)
		return vfm_error_set(err, r, step->object, NULL, "'%s' is no port",
				     changes->value ? changes->value : "");
	r = vfm_peer_port_set(world->peers[side], bdf, &port, &before, err);
	if (r < 0)
		return r;
	met = port_text(step, &before);
	if (!met)
		return vfm_error_no_memory(err, step->object);
	if (vfm_value_is(met, expected))
		return remember(world, changes, err);
	r = vfm_peer_port_set(world->peers[side], bdf, &before, &other, NULL);
	(void)vfm_move_give(world, step, r < 0 ? changes->value : expected);
	return changed_since(step, met, expected, r, err);
}

static int read_hw_addr(void *data, const struct vfm_step *step, char **ret_value,
			struct vfm_error *err)
{
	struct vfm_move_world *world = data;
	const struct vfm_pf_facts *pf = NULL;
	const struct vfm_vf_facts *vf = NULL;
	enum vfm_side side;
	int r;

	if (vfm_move_given(world, step->id, step->object))
		return read_given(world, step, ret_value, err);
	r = vf_of(world, step, &side, &pf, &vf, err);
	if (r < 0)
		return r;
	if (vf->hw_addr.fact.state == VFM_UNKNOWN)
		return vfm_error_set(err, -ENODATA, step->object, NULL,
				     "its MAC address is not known: %s",
				     vfm_fact_reason(&vf->hw_addr.fact));
	return give_copy(vfm_known(&vf->hw_addr.fact) ? vf->hw_addr.value : NULL, step, ret_value,
			 err);
}

static int set_hw_addr(void *data, const struct vfm_change *changes, size_t n,
		       struct vfm_error *err)
{
	const struct vfm_step *step = changes->step;
	VFM_AUTO_FREE char *expected = NULL, *before = NULL, *other = NULL;
	struct vfm_move_world *world = data;
	enum vfm_side side;
	const char *bdf;
	int r = vfm_move_peer(world, step, &side, &bdf, err);

	(void)n;
	if (r == 0)
		r = read_hw_addr(world, step, &expected, err);
	if (r == 0)
		r = vfm_peer_hw_addr_set(world->peers[side], bdf, changes->value, &before, err);
	if (r < 0)
		return r;
	if (vfm_value_is(before, expected))
		return remember(world, changes, err);
	r = vfm_peer_hw_addr_set(world->peers[side], bdf, before, &other, NULL);
	(void)vfm_move_give(world, step, r < 0 ? changes->value : expected);
	return changed_since(step, before, expected, r, err);
}

/* ---- vGPUs ----------------------------------------------------------------------- */

static int read_vgpu(void *data, const struct vfm_step *step, char **ret_value,
		     struct vfm_error *err)
{
	const struct vfm_move_world *world = data;
	enum vfm_side side;
	const char *object;
	int r = vfm_move_peer(world, step, &side, &object, err);

	return r < 0 ? r : vfm_peer_vgpu_type(world->peers[side], object, ret_value, err);
}

static int set_vgpu(void *data, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	const struct vfm_move_world *world = data;
	enum vfm_side side;
	const char *object;
	int r = vfm_move_peer(world, changes->step, &side, &object, err);

	(void)n;
	return r < 0 ? r : vfm_peer_vgpu_set(world->peers[side], object, changes->value, err);
}

/* QEMU of the source may have it open for a moment yet: the agent waits for that. */
static int set_vgpu_removed(void *data, const struct vfm_change *changes, size_t n,
			    struct vfm_error *err)
{
	struct vfm_move_world *world = data;
	enum vfm_side side;
	const char *object;
	int r = vfm_move_peer(world, changes->step, &side, &object, err);

	(void)n;
	if (r == 0)
		r = vfm_peer_vgpu_take(world->peers[side], object, world->owner, err);
	if (r == 0)
		r = vfm_peer_vgpu_set(world->peers[side], object, NULL, err);
	if (r < 0)
		return r;
	(void)give_up(world->peers[side], object, NULL);
	return remember(world, changes, err);
}

const struct vfm_step_ops vfm_move_ops[VFM_STEP_MAX] = {
	[VFM_STEP_MOVE_SLOTS] = {read_given, set_slots},
	[VFM_STEP_MOVE_CLAIM] = {read_given, set_claim},
	[VFM_STEP_MOVE_PORT] = {read_port, set_port},
	[VFM_STEP_MOVE_HW_ADDR] = {read_hw_addr, set_hw_addr},
	[VFM_STEP_MOVE_VGPU] = {read_vgpu, set_vgpu},
	[VFM_STEP_MOVE_VGPU_REMOVE] = {read_given, set_vgpu_removed},
	[VFM_STEP_MOVE_MIGRATE] = {vfm_move_migrate_read, vfm_move_migrate_set},
	[VFM_STEP_MOVE_PICKED] = {read_given, vfm_move_network_set},
	[VFM_STEP_MOVE_ANNOUNCE] = {read_given, vfm_move_network_set},
	[VFM_STEP_MOVE_FORGET] = {read_given, vfm_move_network_set},
	[VFM_STEP_MOVE_RELEASE] = {read_given, set_release},
};
