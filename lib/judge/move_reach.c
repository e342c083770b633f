/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about the hypervisors, and about the way from one host to the other. */
#include "judge/rule.h"

/* ---- hypervisor ------------------------------------------------------------ */

/* "QEMU/KVM", "QEMU" without KVM, or what else answers there. */
static void see_hypervisor(const struct vfm_daemon_probe *daemon, enum vfm_side side,
			   struct vfm_outcome *outcome)
{
	const char *driver = vfm_text_words(&daemon->driver);

	vfm_seen(outcome, side, "%s%s", driver, vfm_fact_is_true(&daemon->kvm) ? "/KVM" : "");
}

static void judge_emulated(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	outcome->at_most = VFM_SEVERITY_WARN;
	vfm_fail(outcome, "%s runs by emulation (type %s), not by KVM",
		 subject->given->domain->name, subject->given->domain->type);
}

/* The first fact of the two that is not known; NULL: both are. */
static const struct vfm_fact *unread_of(const struct vfm_fact *a, const struct vfm_fact *b)
{
	return !vfm_known(a) ? a : !vfm_known(b) ? b : NULL;
}

static void judge_hypervisor(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_probe *probe = subject->given->probe;
	const struct vfm_daemon_probe *a = &probe->source, *b = &probe->destination;
	const char *type = subject->given->domain->type;
	const struct vfm_fact *unread = unread_of(&a->driver.fact, &b->driver.fact);

	see_hypervisor(a, VFM_SOURCE, outcome);
	see_hypervisor(b, VFM_DESTINATION, outcome);
	if (unread) {
		vfm_unknown(outcome, unread, "the hypervisor of one of the hosts");
	} else if (!vfm_fact_is_text(&a->driver, "QEMU") || !vfm_fact_is_text(&b->driver, "QEMU")) {
		vfm_fail(outcome, "the hypervisors are %s on %s and %s on %s: both have to be QEMU",
			 a->driver.value, subject->name, b->driver.value, subject->other_name);
		vfm_fix(outcome, "# name the QEMU driver of the daemon: qemu+ssh://HOST/system");
	} else if (!type || !vfm_streq(type, "kvm")) {
		judge_emulated(subject, outcome);
	} else if (vfm_fact_is_true(&b->kvm)) {
		vfm_pass(outcome, "both hosts have QEMU with KVM");
	} else if (!vfm_known(&b->kvm.fact)) {
		vfm_unknown(outcome, &b->kvm.fact, "whether the destination has KVM");
	} else {
		vfm_fail(outcome, "%s has no KVM for %s", subject->other_name,
			 subject->given->domain->arch ? subject->given->domain->arch
						      : "the architecture of the VM");
		vfm_fix(outcome, "# on %s: switch virtualization on in the system firmware, then:",
			subject->other_name);
		vfm_fix(outcome, "virt-host-validate qemu");
	}
}

/* ---- from the source to the destination ------------------------------------ */

/* The question has no place here; true when it was answered so. */
static bool skip_way(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_case *given = subject->given;
	const struct vfm_fact_list *reach = &given->probe->reach;

	if (given->applies & VFM_APPLIES_OFFLINE)
		vfm_skip(outcome, "nothing but the definition goes over, by the connections that "
				  "stand");
	else if (vfm_known(&reach->fact) && reach->count == 0)
		vfm_skip(outcome, "no name and no port is on the way");
	else
		return false;
	return true;
}

static bool is_migration(const struct vfm_reach_probe *reach)
{
	return vfm_fact_is_text(&reach->what, "migration");
}

/* Somebody there said something, were it no. */
static bool was_answered(const struct vfm_reach_probe *reach)
{
	return vfm_fact_is_text(&reach->answer, VFM_DIAL_OPEN) ||
	       vfm_fact_is_text(&reach->answer, VFM_DIAL_REFUSED);
}

/* "b port 49152 (192.0.2.2): timeout, …" */
static void put_answers(struct vfm_buffer *text, const struct vfm_fact_list *reach)
{
	vfm_list_each (const struct vfm_reach_probe, one, reach) {
		vfm_buffer_printf(text, "%s%s", text->size ? ", " : "", vfm_text_words(&one->host));
		if (vfm_known(&one->port.fact))
			vfm_buffer_printf(text, " port %llu", (unsigned long long)one->port.value);
		if (vfm_known(&one->address.fact))
			vfm_buffer_printf(text, " (%s)", one->address.value);
		if (one->answer.fact.state == VFM_ABSENT)
			vfm_buffer_puts(text, ": no such name");
		else
			vfm_buffer_printf(text, ": %s", vfm_text_words(&one->answer));
	}
}

static void judge_answers(const struct vfm_subject *subject, const struct vfm_fact_list *reach,
			  struct vfm_outcome *outcome)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	const struct vfm_fact *unread = NULL;
	size_t answered = 0;

	vfm_list_each (const struct vfm_reach_probe, one, reach) {
		answered += was_answered(one);
		if (one->answer.fact.state == VFM_UNKNOWN)
			unread = &one->answer.fact;
	}
	put_answers(&text, reach);
	outcome->message.failed |= text.failed;
	if (answered) {
		vfm_pass(outcome, "%s reaches %s", subject->name, subject->other_name);
	} else if (unread) {
		vfm_unknown(outcome, unread, "whether the source reaches the destination");
	} else {
		vfm_fail(outcome, "%s does not reach %s: %s", subject->name, subject->other_name,
			 text.data ? text.data : "");
		vfm_fix(outcome, "# on %s:", subject->name);
		vfm_fix(outcome, "ping -c 3 %s",
			vfm_text_words(&vfm_list_at(const struct vfm_reach_probe, reach, 0)->host));
	}
}

static void judge_reachable(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_probe *probe = subject->given->probe;

	if (skip_way(subject, outcome))
		return;
	if (vfm_fact_is_true(&probe->peer_to_peer))
		vfm_pass(outcome, "the daemon of %s reaches %s by %s", subject->name,
			 subject->other_name, subject->given->move->destination_uri);
	else if (vfm_known(&probe->reach.fact))
		judge_answers(subject, &probe->reach, outcome);
	else
		vfm_unknown(outcome, &probe->reach.fact,
			    "whether the source reaches the destination");
}

static void fix_migrate_uri(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	vfm_fix(outcome, "# name an address of %s that %s reaches: --migrate-uri tcp://ADDRESS",
		subject->other_name, subject->name);
	vfm_fix(outcome, "# or give %s a name of its own that %s resolves: hostnamectl hostname",
		subject->other_name, subject->name);
}

/* The name that memory goes to has to mean the destination, on the source. */
static void judge_name(const struct vfm_subject *subject, const struct vfm_reach_probe *reach,
		       struct vfm_outcome *outcome)
{
	const char *host = vfm_text_words(&reach->host);

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&reach->address));
	vfm_seen(outcome, VFM_DESTINATION, "%s", host);
	if (reach->address.fact.state == VFM_ABSENT) {
		vfm_fail(outcome, "%s cannot resolve %s, the name by which memory goes to %s",
			 subject->name, host, subject->other_name);
		fix_migrate_uri(subject, outcome);
	} else if (!vfm_known(&reach->address.fact)) {
		vfm_unknown(outcome, &reach->address.fact, "what the name is to the source");
	} else if (vfm_fact_is_true(&reach->loopback)) {
		vfm_fail(outcome,
			 "to %s the name %s is %s, an address of its own: memory would go "
			 "to itself",
			 subject->name, host, reach->address.value);
		fix_migrate_uri(subject, outcome);
	} else if (!vfm_known(&reach->loopback.fact)) {
		vfm_unknown(outcome, &reach->loopback.fact, "whether the name is the source's own");
	} else {
		vfm_pass(outcome, "to %s the name %s is %s", subject->name, host,
			 reach->address.value);
	}
}

static void judge_resolves(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_list *reach = &subject->given->probe->reach;

	if (skip_way(subject, outcome))
		return;
	if (!vfm_known(&reach->fact)) {
		vfm_unknown(outcome, &reach->fact, "what names are to the source");
		return;
	}
	vfm_unclear(outcome, "no name was asked for on %s", subject->name);
	vfm_list_each (const struct vfm_reach_probe, one, reach) {
		if (!is_migration(one))
			continue;
		judge_name(subject, one, outcome);
		if (outcome->status != VFM_STATUS_PASS)
			return;
	}
}

/* ---- ports ----------------------------------------------------------------- */

/* What has to be started for a transport: systemd's units on RHEL, and on Debian. */
enum { UNITS_MAX = 2 };
static const char *const listeners[VFM_TRANSPORT_MAX][2][UNITS_MAX] = {
	[VFM_TRANSPORT_SSH] = {{"sshd.service", "virtqemud.socket"},
			       {"ssh.service", "libvirtd.socket"}},
	[VFM_TRANSPORT_TLS] = {{"virtproxyd-tls.socket"}, {"libvirtd-tls.socket"}},
	[VFM_TRANSPORT_TCP] = {{"virtproxyd-tcp.socket"}, {"libvirtd-tcp.socket"}},
};

static void fix_listener(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	bool debian = subject->other && vfm_host_is_debian(subject->other);
	const char *const *units = listeners[subject->given->move->transport][debian];

	if (!units[0])
		return;
	vfm_fix(outcome, "# on %s:", subject->other_name);
	for (size_t i = 0; i < UNITS_MAX && units[i]; i++)
		vfm_fix(outcome, "systemctl enable --now %s", units[i]);
}

/* The whole range: libvirt takes the first of it that is free. */
static void fix_firewall(const struct vfm_subject *subject, const struct vfm_reach_probe *reach,
			 struct vfm_outcome *outcome)
{
	const struct vfm_daemon_probe *daemon = &subject->given->probe->destination;
	bool known = vfm_known(&daemon->migration_port_min.fact) &&
		     vfm_known(&daemon->migration_port_max.fact);
	VFM_AUTO_FREE char *ports = NULL;

	if (is_migration(reach) && known)
		ports = vfm_text_printf("%llu-%llu/tcp",
					(unsigned long long)daemon->migration_port_min.value,
					(unsigned long long)daemon->migration_port_max.value);
	else
		ports = vfm_text_printf("%llu/tcp", (unsigned long long)reach->port.value);
	outcome->fix.failed |= !ports;
	vfm_fix(outcome, "# on %s:", subject->other_name);
	vfm_fix(outcome, "firewall-cmd --permanent --add-port=%s", ports ? ports : "");
	vfm_fix(outcome, "firewall-cmd --reload");
}

/*
 * Without a way for the source's daemon the move goes over this program, whose own connection
 * stands: worse, but no reason to refuse.
 */
static void fail_control(const struct vfm_subject *subject, const struct vfm_reach_probe *reach,
			 struct vfm_outcome *outcome)
{
	bool refused = vfm_fact_is_text(&reach->answer, VFM_DIAL_REFUSED);

	outcome->at_most = VFM_SEVERITY_WARN;
	vfm_fail(outcome,
		 "the daemon of %s is not to be reached from %s (port %llu: %s): the move goes "
		 "over this program, and ends with it",
		 subject->other_name, subject->name, (unsigned long long)reach->port.value,
		 reach->answer.value);
	if (refused)
		fix_listener(subject, outcome);
	else
		fix_firewall(subject, reach, outcome);
}

static void fail_migration(const struct vfm_subject *subject, const struct vfm_reach_probe *reach,
			   struct vfm_outcome *outcome)
{
	vfm_fail(outcome,
		 "port %llu of %s, of those that memory goes to, does not answer %s (%s): a "
		 "firewall is on the way",
		 (unsigned long long)reach->port.value, vfm_text_words(&reach->host), subject->name,
		 reach->answer.value);
	fix_firewall(subject, reach, outcome);
}

/* How much an answer stands in the way; 0: not at all. Nobody listens before a migration. */
static int gravity_of(const struct vfm_reach_probe *reach)
{
	bool migration = is_migration(reach);

	if (vfm_fact_is_text(&reach->answer, VFM_DIAL_OPEN) ||
	    (migration && vfm_fact_is_text(&reach->answer, VFM_DIAL_REFUSED)))
		return 0;
	if (vfm_known(&reach->answer.fact))
		return migration ? 4 : 2;
	return migration ? 3 : 1;
}

static void judge_port(const struct vfm_subject *subject, const struct vfm_reach_probe *reach,
		       struct vfm_outcome *outcome)
{
	if (gravity_of(reach) == 0)
		vfm_pass(outcome, "the way to the ports of %s is open from %s", subject->other_name,
			 subject->name);
	else if (!vfm_known(&reach->answer.fact))
		vfm_unknown(outcome, &reach->answer.fact,
			    "whether the ports of the destination are open");
	else if (is_migration(reach))
		fail_migration(subject, reach, outcome);
	else
		fail_control(subject, reach, outcome);
}

static void judge_ports(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_probe *probe = subject->given->probe;
	const struct vfm_reach_probe *worst = NULL;

	if (skip_way(subject, outcome))
		return;
	if (!vfm_known(&probe->reach.fact)) {
		vfm_unknown(outcome, &probe->reach.fact,
			    "whether the ports of the destination are open");
		return;
	}
	vfm_list_each (const struct vfm_reach_probe, one, &probe->reach) {
		if (!is_migration(one) && vfm_fact_is_true(&probe->peer_to_peer))
			continue; /* the daemon was there */
		if (one->answer.fact.state == VFM_ABSENT)
			continue; /* no such name: migrate-uri-resolves says so */
		if (!worst || gravity_of(one) > gravity_of(worst))
			worst = one;
	}
	if (worst)
		judge_port(subject, worst, outcome);
	else
		vfm_unclear(outcome, "no port of %s was asked from %s", subject->other_name,
			    subject->name);
}

const struct vfm_rule vfm_rules_move_reach[] = {
	{
		.id = "hypervisor",
		.protects = "both hosts have QEMU with KVM",
		.remedy = "move between hosts with KVM",
		.ref = "RHEL 10, 12.4, prerequisites: hypervisor",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_hypervisor,
	},
	{
		.id = "destination-reachable",
		.protects = "the source reaches the destination over the network",
		.remedy = "check address, route and firewall between the hosts",
		.ref = "RHEL 10, 12.4, prerequisites: network connection",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_reachable,
	},
	{
		.id = "migrate-uri-resolves",
		.protects = "the name that memory goes to resolves on the source, and is not the "
			    "source itself",
		.remedy = "give the destination a name that the source resolves, or give "
			  "--migrate-uri an address",
		.ref = "libvirt, migration URI: the destination names itself by its host name",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_resolves,
	},
	{
		.id = "ports",
		.protects = "the destination's ports are open for the source: 22, 16514 or 16509 "
			    "for the daemon, 49152 to 49215 for memory and disks",
		.remedy = "open the ports in the destination's firewall; enable the sockets of its "
			  "daemon",
		.ref = "RHEL 10, 12.4, prerequisites: open ports, connection protocol",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_ports,
	},
	{.id = NULL},
};
