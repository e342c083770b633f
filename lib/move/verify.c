/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What came of a move, judged from what was seen; see verify.h. Pure. */
#include "move/verify.h"

#include <string.h>

#include "base/array.h"
#include "judge/vgpus.h"
#include "move/checking.h"
#include "move/value.h"
#include "plan/request.h"

#define VARIANT_DRIVER "mlx5_vfio_pci"

/* Names of the checks that say where the VM is. */
#define RUNNING      "running"
#define NOWHERE_ELSE "nowhere-else"

const char *vfm_check_status_name(enum vfm_check_status status)
{
	static const char *const names[VFM_CHECK_STATUS_MAX] = {
		[VFM_CHECK_OK] = "ok",
		[VFM_CHECK_FAILED] = "failed",
		[VFM_CHECK_UNKNOWN] = "unknown",
		[VFM_CHECK_SKIPPED] = "skipped",
	};

	return names[status];
}

enum vfm_check_status vfm_checks_status(const struct vfm_checks *checks)
{
	enum vfm_check_status worst = VFM_CHECK_OK;

	for (size_t i = 0; i < checks->count; i++) {
		if (checks->items[i].status == VFM_CHECK_FAILED)
			return VFM_CHECK_FAILED;
		if (checks->items[i].status == VFM_CHECK_UNKNOWN)
			worst = VFM_CHECK_UNKNOWN;
	}
	return worst;
}

bool vfm_checks_proved(const struct vfm_checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct vfm_check *check = &checks->items[i];

		if (check->status == VFM_CHECK_FAILED ||
		    (check->status == VFM_CHECK_UNKNOWN &&
		     (vfm_streq(check->name, RUNNING) || vfm_streq(check->name, NOWHERE_ELSE))))
			return false;
	}
	return checks->count > 0;
}

static void check_done(struct vfm_check *check)
{
	free(check->object);
	free(check->message);
	free(check->remedy);
}

void vfm_checks_done(struct vfm_checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		check_done(&checks->items[i]);
	free(checks->items);
	*checks = (struct vfm_checks){.items = NULL};
}

void vfm_seen_done(struct vfm_seen *seen)
{
	free(seen->vm);
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++)
		free(seen->silent[side]);
	vfm_move_note_free(seen->note);
	if (seen->has_domain)
		vfm_domain_done(&seen->domain);
	vfm_facts_done(&seen->facts);
	free(seen->no_facts);
	vfm_strings_done(&seen->device_errors);
	free(seen->no_log);
	for (size_t i = 0; i < seen->guest_count; i++) {
		free(seen->guest[i].name);
		free(seen->guest[i].mac);
		vfm_strings_done(&seen->guest[i].addresses);
	}
	free(seen->guest);
	free(seen->no_guest);
	free(seen->ping);
	free(seen->no_ping);
	*seen = (struct vfm_seen){.vm = NULL};
}

/* A VF that the VM should have, or has. */
struct expected {
	const char *bdf; /* "": not known */
	const char *mac;
	const struct vfm_move_device_note *note;
	const struct vfm_pf_facts *pf;
	const struct vfm_vf_facts *vf;
};

void vfm_check_add(struct judging *judging, const char *name, const char *object,
		   enum vfm_check_status status, const char *remedy, const char *format, ...)
{
	struct vfm_check check = {.name = name, .status = status, .object = strdup(object)};
	bool has_remedy = remedy && status != VFM_CHECK_OK && status != VFM_CHECK_SKIPPED;
	va_list arguments;

	va_start(arguments, format);
	check.message = vfm_text_vprintf(format, arguments);
	va_end(arguments);
	check.remedy = has_remedy ? strdup(remedy) : NULL;
	if (!check.object || !check.message || (has_remedy && !check.remedy) ||
	    VFM_APPEND(judging->checks->items, judging->checks->count, check) < 0) {
		check_done(&check);
		judging->failed = true;
	}
}

/* ---- the VM -------------------------------------------------------------------- */

static bool is_gone(enum vfm_where_state state)
{
	return state == VFM_STATE_ABSENT || state == VFM_STATE_SHUT_OFF;
}

/* ": why", or "" where that is not known. */
static char *why_silent(struct judging *judging, enum vfm_side side)
{
	const char *why = judging->seen->silent[side];
	char *words = why ? vfm_text_printf(": %s", why) : strdup("");

	judging->failed |= !words;
	return words;
}

static void check_running(struct judging *judging)
{
	const struct vfm_move_note *note = judging->seen->note;
	enum vfm_where_state state = judging->seen->sides[VFM_DESTINATION].state;
	const char *vm = judging->seen->vm;
	bool offline = note && note->offline, paused = note && !note->running;
	VFM_AUTO_FREE char *why = why_silent(judging, VFM_DESTINATION);

	if (!why)
		return;
	if (state == VFM_STATE_UNKNOWN)
		vfm_check_add(judging, RUNNING, vm, VFM_CHECK_UNKNOWN, "vfmigrate verify",
			      "libvirt of the destination does not say whether it runs there%s",
			      why);
	else if (offline)
		vfm_check_add(judging, RUNNING, vm,
			      state == VFM_STATE_ABSENT ? VFM_CHECK_FAILED : VFM_CHECK_SKIPPED,
			      "vfmigrate recover",
			      state == VFM_STATE_ABSENT
				      ? "is not on the destination"
				      : "was shut off, and has moved as a definition");
	else if (state == VFM_STATE_RUNNING || (state == VFM_STATE_PAUSED && paused))
		vfm_check_add(judging, RUNNING, vm, VFM_CHECK_OK, NULL, "%s",
			      state == VFM_STATE_RUNNING
				      ? "runs on the destination"
				      : "is on the destination, paused as it was before");
	else if (state == VFM_STATE_POSTCOPY)
		vfm_check_add(judging, RUNNING, vm, VFM_CHECK_OK, NULL,
			      "runs on the destination, and its memory still follows");
	else
		vfm_check_add(judging, RUNNING, vm, VFM_CHECK_FAILED, "vfmigrate recover",
			      "is %s on the destination", vfm_where_state_name(state));
}

static void check_nowhere_else(struct judging *judging)
{
	enum vfm_where_state state = judging->seen->sides[VFM_SOURCE].state;
	bool follows = state == VFM_STATE_POSTCOPY &&
		       judging->seen->sides[VFM_DESTINATION].state == VFM_STATE_POSTCOPY;
	const char *vm = judging->seen->vm;
	VFM_AUTO_FREE char *why = why_silent(judging, VFM_SOURCE);

	if (!why)
		return;
	if (state == VFM_STATE_UNKNOWN)
		vfm_check_add(judging, NOWHERE_ELSE, vm, VFM_CHECK_UNKNOWN, "vfmigrate verify",
			      "libvirt of the source does not say whether it has a copy%s", why);
	else if (is_gone(state) || follows)
		vfm_check_add(judging, NOWHERE_ELSE, vm, VFM_CHECK_OK, NULL,
			      follows ? "the source has nothing but the memory that still follows"
				      : "nothing of it runs on the source");
	else
		vfm_check_add(judging, NOWHERE_ELSE, vm, VFM_CHECK_FAILED, "vfmigrate recover",
			      "is %s on the source", vfm_where_state_name(state));
}

static void check_definition(struct judging *judging, enum vfm_side side, enum vfm_tri want,
			     const char *why)
{
	static const char *const names[VFM_SIDE_MAX] = {"definition-source",
							"definition-destination"};
	enum vfm_tri has = judging->seen->defined[side];

	if (want == VFM_TRI_UNKNOWN)
		vfm_check_add(judging, names[side], judging->seen->vm, VFM_CHECK_SKIPPED, NULL,
			      "%s", why);
	else if (has == VFM_TRI_UNKNOWN)
		vfm_check_add(judging, names[side], judging->seen->vm, VFM_CHECK_UNKNOWN,
			      "vfmigrate verify",
			      "libvirt of the %s does not say whether it is defined there",
			      vfm_side_name(side));
	else
		vfm_check_add(judging, names[side], judging->seen->vm,
			      has == want ? VFM_CHECK_OK : VFM_CHECK_FAILED,
			      has == VFM_TRI_NO ? "virsh define, with its XML on that host"
						: "virsh undefine it on that host",
			      "%s defined on the %s%s%s", has == VFM_TRI_YES ? "is" : "is not",
			      vfm_side_name(side), has == want ? "" : ": ", has == want ? "" : why);
}

static void check_definitions(struct judging *judging)
{
	const struct vfm_move_note *note = judging->seen->note;
	enum vfm_tri there = VFM_TRI_UNKNOWN, here = VFM_TRI_UNKNOWN;
	const char *no_note = "what was asked of the move is not known";

	if (note && (note->persist || note->offline))
		there = VFM_TRI_YES;
	/* One that is not asked for may be there all the same: from before. */
	check_definition(judging, VFM_DESTINATION, there,
			 !note   ? no_note
			 : there ? "that was asked for"
				 : "no definition was asked for");
	if (note && note->undefine_source)
		here = VFM_TRI_NO;
	else if (note && note->persistent)
		here = VFM_TRI_YES;
	check_definition(judging, VFM_SOURCE, here,
			 !note                 ? no_note
			 : here == VFM_TRI_NO  ? "it was to be undefined"
			 : here == VFM_TRI_YES ? "it was to stay"
					       : "it had none");
}

/* ---- a VF ----------------------------------------------------------------------- */

const char *vfm_check_agent_reason(const struct judging *judging)
{
	return judging->seen->no_facts ? judging->seen->no_facts
				       : "there is no agent of vfmig on the destination";
}

static void add_unknown_fact(struct judging *judging, const char *name, const char *object,
			     const char *what, const struct vfm_fact *fact)
{
	vfm_check_add(judging, name, object, VFM_CHECK_UNKNOWN, "vfmigrate verify",
		      "%s is not known: %s", what, vfm_fact_reason(fact));
}

/* It has moved as a definition: libvirt sets its VFs up when it starts. */
bool vfm_check_is_off(const struct judging *judging)
{
	return judging->seen->note && judging->seen->note->offline;
}

static void check_driver(struct judging *judging, const struct expected *vf)
{
	const struct vfm_fact_text *driver = &vf->vf->driver;

	if (vfm_check_is_off(judging))
		vfm_check_add(judging, "vf-driver", vf->bdf, VFM_CHECK_SKIPPED, NULL,
			      "the VM is shut off");
	else if (driver->fact.state == VFM_UNKNOWN)
		add_unknown_fact(judging, "vf-driver", vf->bdf, "its driver", &driver->fact);
	else if (vfm_fact_is_text(driver, VARIANT_DRIVER))
		vfm_check_add(judging, "vf-driver", vf->bdf, VFM_CHECK_OK, NULL,
			      "is bound to " VARIANT_DRIVER);
	else
		vfm_check_add(
			judging, "vf-driver", vf->bdf, VFM_CHECK_FAILED,
			"without it the VM cannot move again: put <driver model='" VARIANT_DRIVER
			"'/> into the device's XML",
			"is bound to %s, not to " VARIANT_DRIVER,
			vfm_known(&driver->fact) ? driver->value : "no driver");
}

static bool names_vm(const char *user, const char *vm)
{
	const char *rest = vfm_text_after(user, "domain ");

	rest = rest ? vfm_text_after(rest, vm) : NULL;
	return rest && vfm_text_after(rest, " (") && !vfm_streq(rest, " (defined)");
}

static void check_owner(struct judging *judging, const struct expected *vf)
{
	const struct vfm_fact_texts *users = &vf->vf->users;

	if (vfm_check_is_off(judging)) {
		vfm_check_add(judging, "vf-owner", vf->bdf, VFM_CHECK_SKIPPED, NULL,
			      "the VM is shut off");
		return;
	}
	if (users->fact.state == VFM_UNKNOWN) {
		add_unknown_fact(judging, "vf-owner", vf->bdf, "who uses it", &users->fact);
		return;
	}
	for (size_t i = 0; vfm_known(&users->fact) && i < users->count; i++)
		if (names_vm(users->values[i], judging->seen->vm)) {
			vfm_check_add(judging, "vf-owner", vf->bdf, VFM_CHECK_OK, NULL,
				      "is the VM's: %s", users->values[i]);
			return;
		}
	vfm_check_add(judging, "vf-owner", vf->bdf, VFM_CHECK_FAILED,
		      "virsh dumpxml on the destination", "is not in use by the VM (%s)",
		      vfm_known(&users->fact) && users->count ? users->values[0] : "by nobody");
}

static bool has_interface(const struct vfm_domain *domain, const char *bdf)
{
	for (size_t i = 0; i < domain->interface_count; i++)
		if (vfm_streq(domain->interfaces[i].host_address, bdf))
			return true;
	return false;
}

/* libvirt gives an interface its MAC address; that of a <hostdev> is set before the move. */
static bool gets_mac_later(const struct judging *judging, const char *bdf)
{
	const struct vfm_seen *seen = judging->seen;

	return vfm_check_is_off(judging) && seen->has_domain && has_interface(&seen->domain, bdf);
}

static void check_mac(struct judging *judging, const struct expected *vf)
{
	const struct vfm_fact_text *has = &vf->vf->hw_addr;

	if (!vf->mac)
		vfm_check_add(judging, "vf-mac", vf->bdf, VFM_CHECK_SKIPPED, NULL,
			      "no MAC address was set for it");
	else if (gets_mac_later(judging, vf->bdf))
		vfm_check_add(judging, "vf-mac", vf->bdf, VFM_CHECK_SKIPPED, NULL,
			      "libvirt sets its MAC address when the VM starts");
	else if (has->fact.state == VFM_UNKNOWN)
		add_unknown_fact(judging, "vf-mac", vf->bdf, "its MAC address", &has->fact);
	else if (vfm_fact_is_text(has, vf->mac))
		vfm_check_add(judging, "vf-mac", vf->bdf, VFM_CHECK_OK, NULL,
			      "has the MAC address %s", vf->mac);
	else
		vfm_check_add(judging, "vf-mac", vf->bdf, VFM_CHECK_FAILED,
			      "frames to the guest's address do not reach it: restart the VM",
			      "has the MAC address %s, not %s",
			      vfm_known(&has->fact) ? has->value : "of no one", vf->mac);
}

static void check_bridge(struct judging *judging, const struct expected *vf)
{
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port want = {.tag = VFM_PEER_NO_TAG};
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port has = {.tag = VFM_PEER_NO_TAG};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *has_text = NULL, *want_text = NULL;
	const char *remedy = "ovs-vsctl add-port on the destination: no frame of the guest "
			     "leaves the host until then";

	if (vfm_move_port_of_facts(&judging->seen->facts, vf->pf->bdf.value,
				   (uint32_t)vf->vf->number.value, &has, &err) < 0) {
		vfm_check_add(judging, "port-bridge", vf->bdf, VFM_CHECK_UNKNOWN,
			      "vfmigrate verify", "where its representor is, is not known: %s",
			      err.what ? err.what : "");
		return;
	}
	has.mtu = 0;
	has.link = VFM_PEER_LINK_STAYS; /* is judged by itself */
	has_text = vfm_move_port_text(&has);
	if (!vf->note || !vf->note->port) {
		/* Which bridge it was to be is not known; that it is to be in one is. */
		vfm_check_add(judging, "port-bridge", vf->bdf,
			      has.bridge                    ? VFM_CHECK_OK
			      : vf->note && !vf->note->port ? VFM_CHECK_SKIPPED
							    : VFM_CHECK_FAILED,
			      remedy,
			      has.bridge ? "its representor is in %s"
					 : "its representor is in no bridge%s",
			      has.bridge && has_text ? has_text : "");
		return;
	}
	if (vfm_move_port_parse(vf->note->port, &want) == 0) {
		want.mtu = 0;
		want.link = VFM_PEER_LINK_STAYS;
		want_text = vfm_move_port_text(&want);
	}
	if (!has_text || !want_text)
		judging->failed = true;
	else if (vfm_streq(has_text, want_text))
		vfm_check_add(judging, "port-bridge", vf->bdf, VFM_CHECK_OK, NULL,
			      "its representor is in %s", has_text);
	else
		vfm_check_add(judging, "port-bridge", vf->bdf, VFM_CHECK_FAILED, remedy,
			      "its representor is in %s, and on the source was in %s",
			      has.bridge ? has_text : "no bridge", want_text);
}

static void check_port_up(struct judging *judging, const struct expected *vf)
{
	const struct vfm_netdev_facts *netdev = &vf->vf->representor;
	const char *name = vfm_known(&netdev->name.fact) ? netdev->name.value : "its representor";
	VFM_AUTO_FREE char *remedy = vfm_text_printf("ip link set %s up", name);

	if (netdev->up.fact.state != VFM_KNOWN)
		add_unknown_fact(judging, "port-up", vf->bdf, "whether its representor is up",
				 &netdev->up.fact);
	else
		vfm_check_add(judging, "port-up", vf->bdf,
			      netdev->up.value ? VFM_CHECK_OK : VFM_CHECK_FAILED, remedy,
			      "%s is %s", name, netdev->up.value ? "up" : "down");
}

/* What the guest itself sees of it. */
static void check_guest(struct judging *judging, const struct expected *vf)
{
	const struct vfm_seen *seen = judging->seen;

	if (!seen->has_guest || !vf->mac) {
		vfm_check_add(judging, "guest", vf->bdf,
			      seen->no_guest ? VFM_CHECK_UNKNOWN : VFM_CHECK_SKIPPED,
			      "look in the guest: ip link", "%s",
			      seen->no_guest    ? seen->no_guest
			      : seen->has_guest ? "no MAC address to know it by"
						: "there is no guest agent to be asked");
		return;
	}
	for (size_t i = 0; i < seen->guest_count; i++) {
		const struct vfm_guest_interface *interface = &seen->guest[i];

		if (!interface->mac || !vfm_streq(interface->mac, vf->mac))
			continue;
		vfm_check_add(judging, "guest", vf->bdf, VFM_CHECK_OK, NULL,
			      "the guest has it as %s%s%s",
			      interface->name ? interface->name : "an interface",
			      interface->addresses.count ? ", " : "",
			      interface->addresses.count ? interface->addresses.values[0] : "");
		return;
	}
	vfm_check_add(judging, "guest", vf->bdf, VFM_CHECK_FAILED,
		      "look in the guest: ip link, dmesg",
		      "the guest has no interface with the MAC address %s", vf->mac);
}

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

static void check_vf(struct judging *judging, struct expected *vf)
{
	static void (*const checks[])(struct judging * judging, const struct expected *vf) = {
		check_driver, check_owner, check_mac, check_bridge, check_port_up,
	};

	if (judging->seen->has_facts)
		vf->vf = find_vf(&judging->seen->facts, vf->bdf, &vf->pf);
	if (!judging->seen->has_facts)
		vfm_check_add(judging, "vf", vf->bdf, VFM_CHECK_UNKNOWN,
			      "name the destination's host with --to-host", "%s",
			      vfm_check_agent_reason(judging));
	else if (!vf->vf || !vfm_known(&vf->pf->bdf.fact) || !vfm_known(&vf->vf->number.fact))
		vfm_check_add(judging, "vf", vf->bdf, VFM_CHECK_FAILED,
			      "vfprep status on the destination",
			      "is no VF that the destination knows");
	else
		for (size_t i = 0; i < VFM_ARRAY_SIZE(checks); i++)
			checks[i](judging, vf);
	check_guest(judging, vf);
}

/* ---- which VFs -------------------------------------------------------------------- */

static bool domain_has(const struct vfm_domain *domain, const char *bdf)
{
	for (size_t i = 0; i < domain->hostdev_count; i++)
		if (vfm_streq(domain->hostdevs[i].host_address, bdf))
			return true;
	return has_interface(domain, bdf);
}

static const char *address_of_mac(const struct vfm_domain *domain, const char *mac)
{
	for (size_t i = 0; mac && i < domain->interface_count; i++)
		if (domain->interfaces[i].mac && domain->interfaces[i].host_address[0] &&
		    vfm_streq(domain->interfaces[i].mac, mac))
			return domain->interfaces[i].host_address;
	return NULL;
}

/* By the journal: each device is to be there, a pool's wherever libvirt has put it. */
static void check_noted(struct judging *judging, const struct vfm_move_device_note *note)
{
	const struct vfm_domain *domain = judging->seen->has_domain ? &judging->seen->domain : NULL;
	struct expected vf = {.mac = note->mac, .note = note, .bdf = note->destination};

	if (!vf.bdf)
		vf.bdf = domain ? address_of_mac(domain, note->mac) : NULL;
	if (!domain)
		vfm_check_add(judging, "vf-attached", vf.bdf ? vf.bdf : note->source,
			      VFM_CHECK_UNKNOWN, "vfmigrate verify",
			      "the VM's XML on the destination could not be read");
	else if (!vf.bdf || !domain_has(domain, vf.bdf))
		vfm_check_add(judging, "vf-attached", vf.bdf ? vf.bdf : note->source,
			      VFM_CHECK_FAILED, "vfmigrate attach",
			      "the VM on the destination does not have it");
	else
		vfm_check_add(judging, "vf-attached", vf.bdf, VFM_CHECK_OK, NULL,
			      "the VM has it for %s", note->source);
	if (vf.bdf)
		check_vf(judging, &vf);
}

/* Without one: what the VM has. */
static void check_found(struct judging *judging, const char *bdf, const char *mac)
{
	struct expected vf = {.bdf = bdf, .mac = mac};

	if (bdf[0])
		check_vf(judging, &vf);
}

static void check_devices(struct judging *judging)
{
	const struct vfm_seen *seen = judging->seen;
	const struct vfm_domain *domain = seen->has_domain ? &seen->domain : NULL;

	for (size_t i = 0; seen->note && i < seen->note->device_count; i++) {
		const struct vfm_move_device_note *note = &seen->note->devices[i];

		if (vfm_streq(note->form, VFM_MOVE_NOTE_VGPU))
			vfm_check_vgpu(judging, note);
		else
			check_noted(judging, note);
	}
	vfm_check_device_state(judging);
	if (seen->note || !domain)
		return;
	for (size_t i = 0; i < domain->interface_count; i++)
		check_found(judging, domain->interfaces[i].host_address, domain->interfaces[i].mac);
	for (size_t i = 0; i < domain->hostdev_count; i++)
		if (!seen->has_facts ||
		    !vfm_vgpu_is_vf(&seen->facts, domain->hostdevs[i].host_address))
			check_found(judging, domain->hostdevs[i].host_address, NULL);
}

/* Asked for by the administrator: that nobody could ask the guest is no silence to be passed over.
 */
static void check_ping(struct judging *judging)
{
	const struct vfm_seen *seen = judging->seen;

	if (!seen->ping)
		return;
	if (seen->pinged == VFM_TRI_YES)
		vfm_check_add(judging, "ping", seen->vm, VFM_CHECK_OK, NULL, "the guest reaches %s",
			      seen->ping);
	else if (seen->pinged == VFM_TRI_NO)
		vfm_check_add(judging, "ping", seen->vm, VFM_CHECK_FAILED,
			      "look in the guest: ip neigh, ip route; and at its port: ovs-appctl "
			      "fdb/show",
			      "the guest does not reach %s", seen->ping);
	else
		vfm_check_add(judging, "ping", seen->vm, VFM_CHECK_UNKNOWN,
			      "the guest's agent must allow guest-exec: ping by hand",
			      "whether the guest reaches %s is not known: %s", seen->ping,
			      seen->no_ping    ? seen->no_ping
			      : seen->no_guest ? seen->no_guest
					       : "there is no guest agent to be asked");
}

int vfm_verify_judge(const struct vfm_seen *seen, struct vfm_checks *ret_checks,
		     struct vfm_error *err)
{
	VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};
	struct judging judging = {.seen = seen, .checks = &checks};

	check_running(&judging);
	check_nowhere_else(&judging);
	check_definitions(&judging);
	check_devices(&judging);
	check_ping(&judging);
	if (judging.failed)
		return vfm_error_no_memory(err, seen->vm);
	*ret_checks = checks;
	checks = (struct vfm_checks){.items = NULL};
	return 0;
}
