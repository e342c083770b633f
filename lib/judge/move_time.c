/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about how a live migration goes: dirty rate, downtime, a guest agent to ask afterwards. */
#include <inttypes.h>

#include "judge/rule.h"
#include "plan/estimate.h"

#define MIB (UINT64_C(1) << 20)

static bool has_vfio(const struct vfm_subject *subject)
{
	return subject->given->applies & (VFM_APPLIES_VF | VFM_APPLIES_VGPU);
}

/* --- dirty-rate --- */

static void compare_rates(const struct vfm_subject *subject, uint64_t dirty_mib_s,
			  uint64_t link_mib_s, const char *where, struct vfm_outcome *outcome)
{
	const char *only = has_vfio(subject) ? "; it counts guest RAM only, not the device" : "";

	vfm_seen(outcome, VFM_SOURCE, "%" PRIu64 " MiB/s dirtied", dirty_mib_s);
	vfm_seen(outcome, VFM_DESTINATION, "%" PRIu64 " MiB/s %s", link_mib_s, where);
	if (dirty_mib_s < link_mib_s) {
		vfm_pass(outcome,
			 "the guest dirties %" PRIu64 " MiB/s, and %" PRIu64
			 " MiB/s can be sent (%s)%s",
			 dirty_mib_s, link_mib_s, where, only);
		return;
	}
	vfm_fail(outcome,
		 "the guest dirties %" PRIu64 " MiB/s, and only %" PRIu64
		 " MiB/s can be sent (%s): the migration would not end%s",
		 dirty_mib_s, link_mib_s, where, only);
	vfm_fix(outcome, "# slow the guest down while it moves: --auto-converge");
	if (!has_vfio(subject))
		vfm_fix(outcome, "# or let it run there before its memory is: --postcopy");
}

static void judge_dirty_rate(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_uint *dirty = &subject->given->probe->vm.dirty_rate_mib_s;
	uint64_t asked = subject->given->move->migration.bandwidth_mib_s;
	struct vfm_fact_uint link = {.value = 0};

	if (!vfm_known(&dirty->fact)) {
		if (subject->given->move->measure_dirty_s == 0)
			vfm_skip(outcome, "it was not asked to be measured: --measure-dirty S");
		else
			vfm_unknown(outcome, &dirty->fact, "the dirty rate");
		return;
	}
	vfm_estimate_link(subject->given, &link);
	if (vfm_known(&link.fact)) {
		uint64_t rate = link.value * 1000 * 1000 / 8 / MIB;

		if (asked && asked < rate)
			compare_rates(subject, dirty->value, asked, "as asked", outcome);
		else
			compare_rates(subject, dirty->value, rate, "by the link", outcome);
	} else if (asked) {
		compare_rates(subject, dirty->value, asked, "as asked", outcome);
	} else {
		vfm_seen(outcome, VFM_SOURCE, "%" PRIu64 " MiB/s dirtied", dirty->value);
		vfm_unknown(outcome, &link.fact, "the rate of the link");
	}
	vfm_fact_done(&link.fact);
}

/* --- downtime-estimate --- */

/* A round figure that the estimate keeps. */
static uint64_t next_hundred(uint64_t ms)
{
	return ms > UINT64_MAX - 99 ? ms : (ms + 99) / 100 * 100;
}

static void judge_downtime(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	uint64_t most = subject->given->move->max_downtime_ms;
	VFM_AUTO_ESTIMATE struct vfm_estimate estimate = {.known = false};
	VFM_AUTO_FREE char *enough = NULL;

	if (vfm_estimate_case(subject->given, &estimate, NULL) < 0) {
		vfm_unclear(outcome, "out of memory");
		return;
	}
	if (!estimate.known) {
		vfm_unclear(outcome, "the downtime is not known beforehand: %s", estimate.words);
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%" PRIu64 " ms", estimate.ms);
	if (estimate.ms <= most) {
		vfm_pass(outcome, "at most %" PRIu64 " ms are asked for: %s", most, estimate.words);
		return;
	}
	vfm_fail(outcome, "the VM would stand still longer than the %" PRIu64 " ms that are %s: %s",
		 most, subject->given->move->downtime_asked ? "asked for" : "the default",
		 estimate.words);
	enough = vfm_text_printf("%" PRIu64, next_hundred(estimate.ms));
	if (enough)
		vfm_fix(outcome, "# allow as much, where the guest's work does: --max-downtime %s",
			enough);
	if (subject->given->move->migration.connections <= 1 && estimate.spreads)
		vfm_fix(outcome, "# or send by several connections: --connections auto");
}

/* --- guest-agent --- */

static void judge_agent(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_bool *answers = &subject->given->probe->vm.guest_agent;

	if (!subject->given->domain->guest_agent) {
		vfm_fail(outcome, "the VM has no channel for a guest agent: after the move its "
				  "network is not asked for from within");
	} else if (vfm_fact_is_true(answers)) {
		vfm_pass(outcome, "the guest agent answers");
	} else if (vfm_fact_is_false(answers)) {
		vfm_fail(outcome, "the guest agent does not answer");
		vfm_fix(outcome, "# in the guest:");
		vfm_fix(outcome, "systemctl start qemu-guest-agent");
	} else {
		vfm_unknown(outcome, &answers->fact, "whether the guest agent answers");
	}
}

const struct vfm_rule vfm_rules_move_time[] = {
	{
		.id = "dirty-rate",
		.protects = "the guest dirties its memory slower than it can be sent, where that "
			    "is measured",
		.remedy = "slow the guest down, or use a faster link",
		.ref = "RHEL 10, 12.4: network bandwidth; 12.6 and 12.7: guest RAM only",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.applies = VFM_APPLIES_LIVE,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_dirty_rate,
	},
	{
		.id = "downtime-estimate",
		.protects = "the VM is expected to stand still no longer than is allowed",
		.remedy = "allow a longer downtime, or move over a faster link",
		.ref = "RHEL 10, 12.4: maxdowntime; qemu-devel, VFIO migration: published "
		       "downtimes",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.applies = VFM_APPLIES_LIVE | VFM_APPLIES_VF | VFM_APPLIES_VGPU,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_downtime,
	},
	{
		.id = "guest-agent",
		.protects = "a guest agent answers, so that the guest's network can be looked at "
			    "after the move",
		.remedy = "install and start qemu-guest-agent in the guest",
		.ref = "libvirt, QEMU guest agent; RHEL 10, 12.6: verification in the guest",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.applies = VFM_APPLIES_LIVE,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(INFO, INFO, INFO, INFO),
		.judge = judge_agent,
	},
	{.id = NULL},
};
