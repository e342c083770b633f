/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The estimate of a downtime; see estimate.h.
 *
 * Of what is sent while the VM stands still only the devices' state and the memory dirtied last are
 * reckoned by the link; the rest are fixed times. Nothing is fitted to a measurement of a whole
 * downtime: what others measured depends on their link and their limit.
 */
#include "plan/estimate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/domain.h"
#include "facts/nvidia.h"
#include "plan/move.h"
#include "plan/move_request.h"
#include "plan/vgpu.h"
#include "probe/probe.h"

#define MIB (UINT64_C(1) << 20)
#define MB  UINT64_C(1000000)

/*
 * Published figures, and whose they are. They are of mlx5, and the estimate says so where it uses
 * them.
 */
enum {
	/* "mlx5, 300 MB state": switchover-ack, cover letter, qemu-devel 2023-05 */
	STATE_BYTES = 300 * 1000 * 1000,
	/* The same: downtime 1900 ms, of which the destination's resources took 1480 ms. */
	UNREADY_MS = 1480,
	/*
	 * Red Hat QE, 2024-12, one connection: 358 ms with 1 VF, 518 ms with 4, so 160 ms for 3
	 * more. What those had to send is in it, which errs to the safe side.
	 */
	STOP_RESUME_MS = 53,
	/* RHEL 10, 12.4: one connection for each 10 Gbit/s of the network. */
	CONNECTION_MBPS = 10000,
	/* State by several connections, qemu-devel 2024-11: 6, 8, 15 of them: 1095, 1104, 1125 ms
	 */
	DEVICE_CONNECTIONS_MAX = 6,
	/* Beyond this nobody has measured a gain. */
	CONNECTIONS_MAX = 8,
};

void vfm_connections_choose(uint64_t link_mbps, size_t devices,
			    struct vfm_connections *ret_connections)
{
	uint32_t most = devices ? DEVICE_CONNECTIONS_MAX : CONNECTIONS_MAX;
	uint64_t by_link = link_mbps / CONNECTION_MBPS;
	char *why = ret_connections->why;
	size_t size = sizeof(ret_connections->why);

	ret_connections->count = 1;
	if (link_mbps == 0) {
		snprintf(why, size, "one: the rate of the link is not known");
	} else if (by_link <= 1) {
		snprintf(why, size,
			 "one: the link has %" PRIu64 " Mbit/s, and there is one for "
			 "each 10 Gbit/s",
			 link_mbps);
	} else if (by_link <= most) {
		ret_connections->count = (uint32_t)by_link;
		snprintf(why, size,
			 "%" PRIu64 ": one for each 10 Gbit/s of the link's %" PRIu64 " Gbit/s",
			 by_link, link_mbps / 1000);
	} else {
		ret_connections->count = most;
		snprintf(why, size,
			 "%" PRIu32 ": the link's %" PRIu64 " Gbit/s would be %" PRIu64
			 ", and past %" PRIu32 " nothing is gained%s",
			 most, link_mbps / 1000, by_link, most,
			 devices ? " for devices' state" : "");
	}
}

/* --- the sum, term by term --- */

struct sum {
	const struct vfm_estimate_input *input;
	uint64_t kbps;       /* what memory goes by */
	uint64_t state_kbps; /* what devices' state goes by */
	uint64_t ms;
	struct vfm_buffer words;
	struct vfm_buffer unknown; /* the first reason why there is none */
};

static uint64_t bounded_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t bounded_multiply(uint64_t a, uint64_t b)
{
	return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* Time on the link, rounded up: bits by kbit/s are ms. */
static uint64_t sent_in_ms(uint64_t kbps, uint64_t bytes)
{
	uint64_t bits = bounded_multiply(bytes, 8);

	return bits / kbps + (bits % kbps ? 1 : 0);
}

static void plus(struct sum *sum, uint64_t ms)
{
	sum->ms = bounded_add(sum->ms, ms);
	if (sum->words.size)
		vfm_buffer_puts(&sum->words, " + ");
}

static void put_size(struct vfm_buffer *words, uint64_t bytes)
{
	if (bytes && bytes % MIB == 0)
		vfm_buffer_printf(words, "%" PRIu64 " MiB", bytes / MIB);
	else if (bytes >= MB && bytes % MB == 0)
		vfm_buffer_printf(words, "%" PRIu64 " MB", bytes / MB);
	else if (bytes >= MIB)
		vfm_buffer_printf(words, "%.1f MiB", (double)bytes / (double)MIB);
	else
		vfm_buffer_printf(words, "%" PRIu64 " bytes", bytes);
}

static void put_rate(struct vfm_buffer *words, uint64_t kbps)
{
	if (kbps >= MB)
		vfm_buffer_printf(words, "%.4g Gbit/s", (double)kbps / 1e6);
	else
		vfm_buffer_printf(words, "%.4g Mbit/s", (double)kbps / 1e3);
}

static bool device_is_known(const struct vfm_estimate_device *device)
{
	return device->size_known || !device->vgpu;
}

static uint64_t device_bytes(const struct vfm_estimate_device *device)
{
	return device->size_known ? device->state_bytes : STATE_BYTES;
}

/* "2 x 64 MiB" where they are alike, else "64 MiB + 80 MiB". */
static void put_devices(struct vfm_buffer *words, const struct vfm_estimate_device *devices,
			size_t count)
{
	size_t run;

	for (size_t i = 0; i < count; i += run) {
		uint64_t bytes = device_bytes(&devices[i]);

		for (run = 1; i + run < count && device_bytes(&devices[i + run]) == bytes; run++)
			;
		vfm_buffer_puts(words, i ? " + " : "");
		if (run > 1)
			vfm_buffer_printf(words, "%zu x ", run);
		put_size(words, bytes);
	}
}

static void put_quotient(struct sum *sum, uint64_t kbps, uint64_t ms)
{
	vfm_buffer_puts(&sum->words, " / ");
	put_rate(&sum->words, kbps);
	vfm_buffer_printf(&sum->words, " = %" PRIu64 " ms", ms);
}

static void add_state(struct sum *sum)
{
	const struct vfm_estimate_input *input = sum->input;
	uint64_t bytes = 0, ms;
	size_t published = 0, framebuffers = 0;

	for (size_t i = 0; i < input->device_count; i++) {
		bytes = bounded_add(bytes, device_bytes(&input->devices[i]));
		published += !input->devices[i].size_known;
		framebuffers += input->devices[i].framebuffer;
	}
	ms = sent_in_ms(sum->state_kbps, bytes);
	plus(sum, ms);
	vfm_buffer_puts(&sum->words, "device state ");
	put_devices(&sum->words, input->devices, input->device_count);
	if (published)
		vfm_buffer_puts(&sum->words, " (300 MB a VF: published for mlx5, qemu-devel "
					     "2023-05)");
	if (framebuffers)
		vfm_buffer_puts(&sum->words, " (estimated by the whole framebuffer of a vGPU)");
	put_quotient(sum, sum->state_kbps, ms);
	if (sum->state_kbps < sum->kbps)
		vfm_buffer_printf(&sum->words, " (by one connection: %s)", input->one_connection);
}

static void add_stops(struct sum *sum)
{
	size_t count = sum->input->device_count;

	plus(sum, bounded_multiply(count, STOP_RESUME_MS));
	if (count > 1)
		vfm_buffer_printf(&sum->words, "%zu x ", count);
	vfm_buffer_printf(&sum->words, "stop/resume %d ms", STOP_RESUME_MS);
}

/* A dirty rate is told by the second: what one second dirties is what the last pass may have. */
static void add_memory(struct sum *sum)
{
	const struct vfm_fact_uint *dirty = sum->input->dirty_mib_s;
	uint64_t bytes, ms;

	if (!vfm_known(&dirty->fact))
		return;
	bytes = bounded_multiply(dirty->value, MIB);
	ms = sent_in_ms(sum->kbps, bytes);
	plus(sum, ms);
	vfm_buffer_puts(&sum->words, "memory of the last pass ");
	put_size(&sum->words, bytes);
	put_quotient(sum, sum->kbps, ms);
}

static void add_switch(struct sum *sum)
{
	if (sum->input->acknowledged->value || sum->input->device_count == 0)
		return;
	plus(sum, UNREADY_MS);
	vfm_buffer_printf(&sum->words, "destination's resources without switchover-ack %d ms",
			  UNREADY_MS);
}

/* --- what is needed --- */

static void lacks(struct sum *sum, const char *what, const struct vfm_fact *fact)
{
	if (sum->unknown.size)
		return;
	vfm_buffer_printf(&sum->unknown, "%s is not known: %s", what,
			  fact->state == VFM_ABSENT ? "there is none" : vfm_fact_reason(fact));
}

static uint64_t min_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The link, what is asked to be used of it, and what the connections carry. */
static void find_rate(struct sum *sum)
{
	const struct vfm_estimate_input *input = sum->input;
	bool link_known = vfm_known(&input->link_mbps->fact) && input->link_mbps->value > 0;
	uint64_t connections = input->connections ? input->connections : 1;

	if (!link_known && input->bandwidth_mib_s == 0) {
		lacks(sum, "the rate of the link", &input->link_mbps->fact);
		return;
	}
	sum->kbps = link_known ? bounded_multiply(input->link_mbps->value, 1000) : UINT64_MAX;
	if (input->bandwidth_mib_s) {
		uint64_t asked = bounded_multiply(input->bandwidth_mib_s, MIB * 8) / 1000;

		sum->kbps = min_of(sum->kbps, asked);
	}
	if (input->connections == VFM_MOVE_CONNECTIONS_AUTO) {
		struct vfm_connections chosen = {.count = 0};

		vfm_connections_choose(link_known ? input->link_mbps->value : 0,
				       input->device_count, &chosen);
		connections = chosen.count;
	}
	sum->state_kbps = min_of(sum->kbps, (input->one_connection ? 1 : connections) *
						    CONNECTION_MBPS * 1000);
	sum->kbps = min_of(sum->kbps, connections * CONNECTION_MBPS * 1000);
}

static void find_unknown(struct sum *sum)
{
	const struct vfm_estimate_input *input = sum->input;

	for (size_t i = 0; i < input->device_count; i++) {
		if (!device_is_known(&input->devices[i]) && !sum->unknown.size)
			vfm_buffer_puts(&sum->unknown, "the size of a vGPU's state is not known, "
						       "and no figure is published");
	}
	find_rate(sum);
	if (input->device_count && !vfm_known(&input->acknowledged->fact))
		lacks(sum, "whether both QEMUs have the switchover-ack",
		      &input->acknowledged->fact);
}

static void add_all(struct sum *sum)
{
	if (sum->input->device_count) {
		add_state(sum);
		add_stops(sum);
	}
	add_memory(sum);
	add_switch(sum);
	vfm_buffer_printf(&sum->words, "%s%" PRIu64 " ms", sum->words.size ? " = " : "", sum->ms);
	if (!vfm_known(&sum->input->dirty_mib_s->fact))
		vfm_buffer_puts(&sum->words, "; guest memory is not in it: its dirty rate was not "
					     "measured");
}

int vfm_estimate_downtime(const struct vfm_estimate_input *input, struct vfm_estimate *ret_estimate,
			  struct vfm_error *err)
{
	struct sum sum = {.input = input};
	struct vfm_estimate estimate = {.known = false};

	find_unknown(&sum);
	if (sum.unknown.size == 0 && !sum.unknown.failed) {
		add_all(&sum);
		estimate.known = true;
		estimate.ms = sum.ms;
		estimate.spreads = !input->one_connection;
	}
	estimate.words = vfm_buffer_steal(estimate.known ? &sum.words : &sum.unknown);
	vfm_buffer_done(&sum.words);
	vfm_buffer_done(&sum.unknown);
	if (!estimate.words)
		return vfm_error_set(err, -ENOMEM, NULL, NULL, "out of memory");
	*ret_estimate = estimate;
	return 0;
}

void vfm_estimate_done(struct vfm_estimate *estimate)
{
	free(estimate->words);
	*estimate = (struct vfm_estimate){.known = false};
}

/* --- of a case --- */

/* The uplink of a PF of one side, where it is slower than what was found so far. */
static void take_uplink(const struct vfm_party *party, const char *bdf,
			struct vfm_fact_uint *slowest)
{
	const struct vfm_pf_facts *pf = NULL;
	const struct vfm_fact_uint *speed;

	if (!bdf[0] || slowest->fact.reason)
		return;
	if (party->facts && vfm_known(&party->facts->pfs.fact))
		pf = vfm_facts_pf(party->facts, bdf);
	if (!pf) {
		vfm_fact_set_unknown(&slowest->fact, "there are no facts of %s on %s", bdf,
				     party->name);
		return;
	}
	speed = &pf->uplink.speed_mbps;
	if (!vfm_known(&speed->fact))
		vfm_fact_set_unknown(&slowest->fact, "the uplink of %s on %s: %s", bdf, party->name,
				     speed->fact.state == VFM_ABSENT
					     ? "it has no speed"
					     : vfm_fact_reason(&speed->fact));
	else if (!vfm_known(&slowest->fact) || speed->value < slowest->value)
		vfm_fact_set_uint(slowest, speed->value);
}

void vfm_estimate_link(const struct vfm_case *given, struct vfm_fact_uint *ret_mbps)
{
	const struct vfm_move_devices *devices = given->devices;

	for (size_t i = 0; devices && i < devices->count; i++) {
		take_uplink(&given->party[VFM_SOURCE], devices->vfs[i].source_pf, ret_mbps);
		take_uplink(&given->party[VFM_DESTINATION], devices->vfs[i].destination_pf,
			    ret_mbps);
	}
	if (ret_mbps->fact.state == VFM_UNKNOWN && !ret_mbps->fact.reason)
		vfm_fact_set_unknown(&ret_mbps->fact,
				     "no PF tells it; say what may be used with --bandwidth");
}

static bool is_since(const struct vfm_daemon_probe *daemon, struct vfm_version since)
{
	struct vfm_version version;

	return vfm_known(&daemon->qemu_version.fact) &&
	       vfm_parse_version(daemon->qemu_version.value, &version) >= 0 &&
	       vfm_version_compare(&version, &since) >= 0;
}

/* The version at the end of "pc-q35-10.0"; false: it has none. */
static bool machine_version(const char *machine, struct vfm_version *ret_version)
{
	const char *last = machine ? strrchr(machine, '-') : NULL;

	return last && vfm_parse_version(last + 1, ret_version) >= 0;
}

/*
 * A device's state goes by several connections with QEMU 10.0 (x-migration-multifd-transfer), but
 * not with machine types up to 9.2 (hw_compat_9_2), nor as RHEL ships QEMU (RHEL-126573). What is
 * not known is taken for one connection: that is the longer time.
 */
static const char *find_one_connection(const struct vfm_case *given)
{
	static const struct vfm_version last_without = {.part = {9, 2}};
	static const struct vfm_version since = {.part = {10, 0}};
	const char *machine = given->domain->machine;
	struct vfm_version version;

	if (!given->probe || !is_since(&given->probe->source, since) ||
	    !is_since(&given->probe->destination, since))
		return "by more from QEMU 10.0 on both hosts";
	if (machine && strstr(machine, "-rhel"))
		return "RHEL's QEMU has it so";
	if (!machine_version(machine, &version) ||
	    vfm_version_compare(&version, &last_without) <= 0)
		return "by more from machine types of QEMU 10.0";
	return NULL;
}

/* One QEMU's part: 8.1 brought the acknowledgement. False: not known, and told so. */
static bool has_ack(const struct vfm_daemon_probe *daemon, struct vfm_fact_bool *fact,
		    bool *ret_has)
{
	static const struct vfm_version since = {.part = {8, 1}};
	struct vfm_version version;

	if (!vfm_known(&daemon->qemu_version.fact) ||
	    vfm_parse_version(daemon->qemu_version.value, &version) < 0) {
		vfm_fact_set_unknown(&fact->fact, "a QEMU's version could not be read");
		return false;
	}
	*ret_has = vfm_version_compare(&version, &since) >= 0;
	return true;
}

static void find_ack(const struct vfm_probe *probe, struct vfm_fact_bool *fact)
{
	bool here, there;

	if (!probe)
		vfm_fact_set_unknown(&fact->fact, "no daemon was asked");
	else if (has_ack(&probe->source, fact, &here) && has_ack(&probe->destination, fact, &there))
		vfm_fact_set_bool(fact, here && there);
}

static void take_size(const struct vfm_probe *probe, const char *source,
		      struct vfm_estimate_device *device)
{
	if (!probe || !vfm_known(&probe->devices.fact))
		return;
	vfm_list_each (const struct vfm_device_probe, item, &probe->devices) {
		if (!vfm_fact_is_text(&item->source, source) || !vfm_known(&item->state_bytes.fact))
			continue;
		device->size_known = true;
		device->framebuffer = false;
		device->state_bytes = item->state_bytes.value;
	}
}

static bool is_chosen_vf(const struct vfm_case *given, const char *source)
{
	for (size_t i = 0; given->devices && i < given->devices->count; i++) {
		if (vfm_streq(given->devices->vfs[i].source, source))
			return true;
	}
	return false;
}

/* Teaming unplugs it before the move: none of its state crosses. */
static bool is_unplugged(const struct vfm_domain *domain, const char *source)
{
	for (size_t i = 0; i < domain->interface_count; i++) {
		if (domain->interfaces[i].teaming == VFM_TEAMING_TRANSIENT &&
		    vfm_streq(domain->interfaces[i].host_address, source))
			return true;
	}
	for (size_t i = 0; i < domain->hostdev_count; i++) {
		if (domain->hostdevs[i].teaming == VFM_TEAMING_TRANSIENT &&
		    vfm_streq(domain->hostdevs[i].host_address, source))
			return true;
	}
	return false;
}

/* Its VFs: as they were chosen for, else as the VM names them. */
static size_t list_vfs(const struct vfm_case *given, struct vfm_estimate_device *devices)
{
	const struct vfm_domain *domain = given->domain;
	size_t count = 0;

	for (size_t i = 0; given->devices && i < given->devices->count; i++) {
		if (!is_unplugged(domain, given->devices->vfs[i].source))
			take_size(given->probe, given->devices->vfs[i].source, &devices[count++]);
	}
	for (size_t i = 0; !given->devices && i < domain->interface_count; i++) {
		const struct vfm_domain_interface *interface = &domain->interfaces[i];

		if (interface->type == VFM_INTERFACE_HOSTDEV &&
		    interface->teaming != VFM_TEAMING_TRANSIENT)
			take_size(given->probe, interface->host_address, &devices[count++]);
	}
	return count;
}

/* All of a vGPU's framebuffer at the worst, where nobody has measured less. */
static void take_framebuffer(const struct vfm_facts *facts, const char *source,
			     struct vfm_estimate_device *device)
{
	const struct vfm_gpu_facts *gpu = NULL;
	const struct vfm_vgpu_facts *vgpu = facts ? vfm_vgpu_find(facts, source, &gpu) : NULL;
	const struct vfm_vgpu_type_facts *type = vgpu && vfm_known(&vgpu->type_id.fact)
							 ? vfm_gpu_type(gpu, vgpu->type_id.value)
							 : NULL;

	if (!type || !vfm_known(&type->framebuffer_mib.fact))
		return;
	device->size_known = device->framebuffer = true;
	device->state_bytes = type->framebuffer_mib.value << 20;
}

/*
 * What else of it crosses. A PCI device that is no VF that was chosen for is a vendor's vGPU; where
 * nothing was chosen, it is taken for a VF.
 */
static size_t list_hostdevs(const struct vfm_case *given, struct vfm_estimate_device *devices)
{
	const struct vfm_domain *domain = given->domain;
	size_t count = 0;

	for (size_t i = 0; i < domain->hostdev_count; i++) {
		const struct vfm_domain_hostdev *hostdev = &domain->hostdevs[i];
		bool mdev = hostdev->type == VFM_HOSTDEV_MDEV;
		const char *source = mdev ? hostdev->mdev_uuid : hostdev->host_address;

		if (hostdev->teaming == VFM_TEAMING_TRANSIENT ||
		    (!mdev && hostdev->type != VFM_HOSTDEV_PCI) || !source ||
		    is_chosen_vf(given, source))
			continue;
		devices[count].vgpu = mdev || given->devices;
		if (devices[count].vgpu)
			take_framebuffer(given->party[VFM_SOURCE].facts, source, &devices[count]);
		take_size(given->probe, source, &devices[count++]);
	}
	return count;
}

int vfm_estimate_case(const struct vfm_case *given, struct vfm_estimate *ret_estimate,
		      struct vfm_error *err)
{
	static const struct vfm_fact_uint unmeasured;
	size_t most = given->domain->hostdev_count +
		      (given->devices ? given->devices->count : given->domain->interface_count);
	VFM_AUTO_FREE struct vfm_estimate_device *devices = calloc(most + 1, sizeof(*devices));
	struct vfm_fact_uint link = {.value = 0};
	struct vfm_fact_bool ack = {.value = false};
	struct vfm_estimate_input input = {
		.devices = devices,
		.link_mbps = &link,
		.bandwidth_mib_s = given->move->migration.bandwidth_mib_s,
		.one_connection = find_one_connection(given),
		.connections = given->move->migration.connections,
		.dirty_mib_s = given->probe ? &given->probe->vm.dirty_rate_mib_s : &unmeasured,
		.acknowledged = &ack,
	};
	int r;

	if (!devices)
		return vfm_error_set(err, -ENOMEM, NULL, NULL, "out of memory");
	input.device_count = list_vfs(given, devices);
	input.device_count += list_hostdevs(given, devices + input.device_count);
	vfm_estimate_link(given, &link);
	find_ack(given->probe, &ack);
	r = vfm_estimate_downtime(&input, ret_estimate, err);
	vfm_fact_done(&link.fact);
	vfm_fact_done(&ack.fact);
	return r;
}
