/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rule about CPUs and NUMA cells that a VM is bound to. */
#include <inttypes.h>

#include "base/span.h"
#include "judge/rule.h"

enum { SET_MAX = 8192 }; /* CPUs of the largest kernels */

struct set {
	uint64_t bits[SET_MAX / 64];
};

static bool set_has(const struct set *set, size_t number)
{
	return set->bits[number / 64] & (UINT64_C(1) << (number % 64));
}

/* "2", "0-15" */
static int set_add_range(struct set *set, struct vfm_span range)
{
	struct vfm_span from, to;
	uint64_t first, last;

	if (!vfm_span_split(range, '-', &from, &to))
		from = to = range;
	if (vfm_span_uint(from, 10, SET_MAX - 1, &first) < 0 ||
	    vfm_span_uint(to, 10, SET_MAX - 1, &last) < 0 || last < first)
		return -EINVAL;
	for (uint64_t i = first; i <= last; i++)
		set->bits[i / 64] |= UINT64_C(1) << (i % 64);
	return 0;
}

/* "0-15,32-47"; nothing is an empty set. */
static int set_add(struct set *set, const char *list)
{
	struct vfm_span rest = vfm_span_trim(vfm_span_of(list));
	struct vfm_span range = rest, after = rest;
	bool more = rest.size > 0;
	int r = 0;

	while (r == 0 && more) {
		more = vfm_span_split(rest, ',', &range, &after);
		r = set_add_range(set, more ? range : rest);
		rest = after;
	}
	return r;
}

static int set_add_all(struct set *set, const struct vfm_strings *lists)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < lists->count; i++)
		r = set_add(set, lists->values[i]);
	return r;
}

/* What the VM is bound to: numbers of host CPUs and of host cells. */
struct binding {
	struct set cpus, cells;
	bool has_cpus, has_cells;
};

static int find_binding(const struct vfm_domain *domain, struct binding *binding)
{
	int r = set_add_all(&binding->cpus, &domain->pin_cpus);

	binding->has_cpus = domain->pin_cpus.count > 0;
	binding->has_cells = domain->numa_nodeset || domain->numa_memnodes.count > 0;
	if (r == 0 && domain->numa_nodeset)
		r = set_add(&binding->cells, domain->numa_nodeset);
	return r < 0 ? r : set_add_all(&binding->cells, &domain->numa_memnodes);
}

/* The cells of a host: which there are, and which CPU is in which. */
struct topology {
	struct set cells, cpus;
	uint16_t cell_of[SET_MAX];
};

/* One cell; why it is not known, or NULL. */
static const char *read_cell(const struct vfm_numa_facts *item, struct topology *topology)
{
	struct set own = {.bits = {0}};
	uint64_t cell = item->cell.value;

	if (!vfm_known(&item->cell.fact))
		return vfm_fact_reason(&item->cell.fact);
	if (item->cpus.fact.state == VFM_UNKNOWN)
		return vfm_fact_reason(&item->cpus.fact);
	if (cell >= SET_MAX || (vfm_known(&item->cpus.fact) && set_add(&own, item->cpus.value) < 0))
		return "its numbers are none of a kernel's";
	topology->cells.bits[cell / 64] |= UINT64_C(1) << (cell % 64);
	for (size_t i = 0; i < SET_MAX; i++) {
		if (!set_has(&own, i))
			continue;
		topology->cpus.bits[i / 64] |= UINT64_C(1) << (i % 64);
		topology->cell_of[i] = (uint16_t)cell;
	}
	return NULL;
}

static const char *read_topology(const struct vfm_facts *facts, struct topology *topology)
{
	const char *why = NULL;

	if (!vfm_known(&facts->numa.fact))
		return vfm_fact_reason(&facts->numa.fact);
	vfm_list_each (const struct vfm_numa_facts, item, &facts->numa) {
		why = read_cell(item, topology);
		if (why)
			break;
	}
	return why;
}

/* The first that is asked for and not there; SET_MAX: none. */
static size_t first_missing(const struct set *asked, const struct set *there)
{
	size_t i = 0;

	while (i < SET_MAX && (!set_has(asked, i) || set_has(there, i)))
		i++;
	return i;
}

/* The first CPU that is in another cell there: memory bound to the cell would be far from it. */
static size_t first_moved(const struct set *asked, const struct topology *here,
			  const struct topology *there)
{
	size_t i = 0;

	while (i < SET_MAX && (!set_has(asked, i) || !set_has(&here->cpus, i) ||
			       here->cell_of[i] == there->cell_of[i]))
		i++;
	return i;
}

static void fix_pinning(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const char *vm = subject->given->domain->name;

	vfm_fix(outcome, "# pin it to what both hosts have, or not at all:");
	vfm_fix(outcome, "virsh vcpupin %s", vm);
	vfm_fix(outcome, "virsh numatune %s", vm);
}

static void compare_topology(const struct vfm_subject *subject, const struct binding *binding,
			     struct vfm_outcome *outcome)
{
	struct topology there = {.cell_of = {0}}, here = {.cell_of = {0}};
	const char *unread = read_topology(subject->other, &there);
	const char *unread_here = "there are no facts of the source";
	size_t cpu, cell;

	if (unread) {
		vfm_unclear(outcome, "which CPUs and cells %s has is not known: %s",
			    subject->other_name, unread);
		return;
	}
	if (subject->facts)
		unread_here = read_topology(subject->facts, &here);
	cpu = first_missing(&binding->cpus, &there.cpus);
	cell = first_missing(&binding->cells, &there.cells);
	if (cpu < SET_MAX) {
		vfm_fail(outcome, "the VM is pinned to CPU %zu, which %s does not have", cpu,
			 subject->other_name);
	} else if (cell < SET_MAX) {
		vfm_fail(outcome,
			 "the VM's memory is bound to the NUMA cell %zu, which %s does "
			 "not have",
			 cell, subject->other_name);
	} else if (binding->has_cpus && binding->has_cells && unread_here) {
		vfm_unclear(outcome, "whether %s has the CPUs in the same cells is not known: %s",
			    subject->other_name, unread_here);
	} else if (binding->has_cells &&
		   (cpu = first_moved(&binding->cpus, &here, &there)) < SET_MAX) {
		vfm_fail(outcome,
			 "the VM is pinned to CPU %zu, which is in cell %u on %s and in "
			 "cell %u on %s",
			 cpu, here.cell_of[cpu], subject->name, there.cell_of[cpu],
			 subject->other_name);
	} else {
		vfm_pass(outcome, "the CPUs and cells that the VM is bound to are there");
	}
}

/* Without facts there is the number of cells: the kernel numbers them from 0. */
static void count_cells(const struct vfm_subject *subject, const struct binding *binding,
			struct vfm_outcome *outcome)
{
	const struct vfm_fact_uint *cells = &subject->given->probe->resources.cells;
	struct set there = {.bits = {0}};
	size_t missing;

	if (!vfm_known(&cells->fact)) {
		vfm_unknown(outcome, &cells->fact, "which cells the destination has");
		return;
	}
	for (uint64_t i = 0; i < cells->value && i < SET_MAX; i++)
		there.bits[i / 64] |= UINT64_C(1) << (i % 64);
	missing = first_missing(&binding->cells, &there);
	if (missing < SET_MAX)
		vfm_fail(outcome,
			 "the VM's memory is bound to the NUMA cell %zu, and %s has %" PRIu64,
			 missing, subject->other_name, cells->value);
	else if (binding->has_cpus)
		vfm_unclear(outcome,
			    "which CPUs the destination has is not known: there are no "
			    "facts of %s",
			    subject->other_name);
	else
		vfm_pass(outcome, "the cells that the VM's memory is bound to are there");
}

static void put_all(struct vfm_buffer *words, const struct vfm_strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		vfm_buffer_printf(words, "%s%s", words->size ? ", " : "", list->values[i]);
}

static void judge_numa(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	struct binding binding = {.has_cpus = false};
	struct vfm_buffer *seen = &outcome->seen[VFM_SOURCE];
	int r = find_binding(domain, &binding);

	if (!binding.has_cpus && !binding.has_cells) {
		vfm_pass(outcome, "the VM is bound to no CPU and no NUMA cell");
		return;
	}
	put_all(seen, &domain->pins);
	if (domain->numa_nodeset)
		vfm_buffer_printf(seen, "%smemory: %s", seen->size ? ", " : "",
				  domain->numa_nodeset);
	if (r < 0)
		vfm_unclear(outcome, "what the VM is pinned to is not known: it is no list of "
				     "numbers");
	else if (subject->other)
		compare_topology(subject, &binding, outcome);
	else
		count_cells(subject, &binding, outcome);
	if (outcome->status == VFM_STATUS_FAIL)
		fix_pinning(subject, outcome);
}

const struct vfm_rule vfm_rules_move_numa[] = {
	{
		.id = "numa-topology",
		.protects = "the CPUs and NUMA cells that the VM is bound to are there, and the "
			    "CPUs in the same cells",
		.remedy = "take a host of the same topology, or bind the VM to what both have",
		.ref = "RHEL 10, 12.3: NUMA pinning needs a similar topology",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.applies = VFM_APPLIES_LIVE,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_numa,
	},
	{.id = NULL},
};
