/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about a VM and the room that the destination has for it: memory, locked memory, huge
 * pages. */
#include <inttypes.h>
#include <string.h>

#include "judge/rule.h"

/* Beside the guest's memory: libvirt, src/qemu/qemu_domain.c, qemuDomainGetMemLockLimitBytes(). */
#define LOCKED_BESIDE_KIB (UINT64_C(1) << 20)
#define NO_LIMIT          UINT64_MAX

/* Nothing is started by a move of a definition. */
static bool is_offline(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	if (!(subject->given->applies & VFM_APPLIES_OFFLINE))
		return false;
	vfm_skip(outcome, "a VM that does not run takes none there");
	return true;
}

/* QEMU maps all of the guest's memory for such a device, and the kernel keeps it in place. */
static bool has_vfio(const struct vfm_subject *subject)
{
	return subject->given->applies & (VFM_APPLIES_VF | VFM_APPLIES_VGPU);
}

/* Devices that QEMU opens by VFIO: functions of the host, mediated ones, NVMe disks. */
static uint64_t count_vfio(const struct vfm_subject *subject)
{
	const struct vfm_domain *domain = subject->given->domain;
	uint64_t count = 0;

	for (size_t i = 0; i < domain->interface_count; i++)
		count += domain->interfaces[i].type == VFM_INTERFACE_HOSTDEV;
	for (size_t i = 0; i < domain->hostdev_count; i++)
		count += domain->hostdevs[i].type == VFM_HOSTDEV_PCI ||
			 domain->hostdevs[i].type == VFM_HOSTDEV_MDEV;
	for (size_t i = 0; i < domain->disk_count; i++)
		count += domain->disks[i].type == VFM_DISK_NVME;
	/* a pool's, which the document does not show before the VM is started */
	return count ? count : has_vfio(subject);
}

/*
 * How often the guest's memory is mapped and so locked, as libvirt counts it (see above): all VFIO
 * devices have one address space together, unless there is a vIOMMU, which gives one to each; and
 * each vDPA device has its own.
 */
static uint64_t count_maps(const struct vfm_subject *subject)
{
	const struct vfm_domain *domain = subject->given->domain;
	uint64_t vfio = count_vfio(subject), vdpa = 0;

	for (size_t i = 0; i < domain->interface_count; i++)
		vdpa += domain->interfaces[i].type == VFM_INTERFACE_VDPA;
	return vdpa + (domain->iommu ? vfio : vfio > 0);
}

/* --- memory --- */

/* What it will take there; without a device that needs all of it, what the balloon leaves. */
static uint64_t memory_needed(const struct vfm_subject *subject)
{
	const struct vfm_domain *domain = subject->given->domain;
	const struct vfm_fact_uint *balloon = &subject->given->probe->vm.balloon_kib;

	if (count_maps(subject) > 0 || domain->memory_locked)
		return domain->memory_kib;
	if (vfm_known(&balloon->fact) && balloon->value > 0)
		return balloon->value;
	return domain->current_memory_kib ? domain->current_memory_kib : domain->memory_kib;
}

static bool all_in_hugepages(const struct vfm_domain *domain)
{
	for (size_t i = 0; i < domain->hugepages_count; i++) {
		if (!domain->hugepages[i].nodeset)
			return true;
	}
	return false;
}

#define MIB_OF(kib) ((kib) / 1024)

/* What can be had: with what caches would give back where the host was looked at, else what lies
 * free. */
static void compare_memory(const struct vfm_subject *subject, uint64_t needed,
			   const struct vfm_fact_uint *there, bool with_caches,
			   struct vfm_outcome *outcome)
{
	bool partly = subject->given->domain->hugepages_count > 0;

	vfm_seen(outcome, VFM_SOURCE, "%" PRIu64 " MiB", MIB_OF(needed));
	vfm_seen(outcome, VFM_DESTINATION, "%" PRIu64 " MiB %s", MIB_OF(there->value),
		 with_caches ? "available" : "free");
	if (there->value >= needed) {
		vfm_pass(outcome, "the VM takes %" PRIu64 " MiB, and %s has %" PRIu64 " MiB",
			 MIB_OF(needed), subject->other_name, MIB_OF(there->value));
	} else if (partly || !with_caches) {
		vfm_unclear(outcome,
			    "the VM takes %" PRIu64 " MiB, and %s has %" PRIu64
			    " MiB free; %s is not known",
			    MIB_OF(needed), subject->other_name, MIB_OF(there->value),
			    partly ? "how much of the VM's is in huge pages"
				   : "what its caches would give back");
	} else {
		vfm_fail(outcome,
			 "the VM takes %" PRIu64 " MiB%s, and %s has %" PRIu64 " MiB available",
			 MIB_OF(needed),
			 has_vfio(subject) ? ", all of it at once for its VFIO device" : "",
			 subject->other_name, MIB_OF(there->value));
		vfm_fix(outcome, "# move or shut down other VMs of %s, or take another host",
			subject->other_name);
	}
}

static void judge_memory(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_uint *free = &subject->given->probe->resources.free_kib;
	const struct vfm_fact_uint *available =
		subject->other ? &subject->other->memory.available_kib : NULL;

	if (is_offline(subject, outcome))
		return;
	if (all_in_hugepages(subject->given->domain))
		vfm_pass(outcome, "the VM's memory is in huge pages: see hugepages");
	else if (available && vfm_known(&available->fact))
		compare_memory(subject, memory_needed(subject), available, true, outcome);
	else if (vfm_known(&free->fact))
		compare_memory(subject, memory_needed(subject), free, false, outcome);
	else
		vfm_unknown(outcome, &free->fact, "how much memory the destination has");
}

/* --- locked memory --- */

static uint64_t mapped_kib(const struct vfm_subject *subject)
{
	uint64_t memory = subject->given->domain->memory_kib, maps = count_maps(subject);

	return maps && memory > UINT64_MAX / maps ? UINT64_MAX : memory * maps;
}

/*
 * What libvirt lets QEMU lock: what the VM's owner has set, whether or not that is enough; all it
 * can with <locked/>, of which it cannot tell how much QEMU takes for itself; else what is mapped,
 * and room for what devices map.
 */
static uint64_t locked_kib(const struct vfm_subject *subject)
{
	const struct vfm_domain *domain = subject->given->domain;
	uint64_t mapped = mapped_kib(subject);

	if (domain->hard_limit_kib)
		return domain->hard_limit_kib;
	if (domain->memory_locked || mapped > UINT64_MAX - LOCKED_BESIDE_KIB)
		return NO_LIMIT;
	return mapped + LOCKED_BESIDE_KIB;
}

/* "3072 MiB", "all that it has". */
static char *locked_words(uint64_t kib)
{
	return kib == NO_LIMIT ? strdup("all that it has")
			       : vfm_text_printf("%" PRIu64 " MiB", MIB_OF(kib));
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);

	return size >= end_size && vfm_streq(text + size - end_size, end);
}

/* libvirt's daemon of the system raises QEMU's limit above its own; that of a user cannot. */
static void judge_daemon_limit(const struct vfm_subject *subject, uint64_t needed,
			       struct vfm_outcome *outcome)
{
	const struct vfm_daemon_probe *daemon = &subject->given->probe->destination;
	const struct vfm_fact_uint *limit = &subject->given->probe->resources.memlock_kib;
	bool system = vfm_known(&daemon->uri.fact) && ends_with(daemon->uri.value, "/system");
	VFM_AUTO_FREE char *words = locked_words(needed);

	if (!words) {
		vfm_unclear(outcome, "out of memory");
		return;
	}
	if (vfm_known(&limit->fact))
		vfm_seen(outcome, VFM_DESTINATION, "%" PRIu64 " KiB%s", limit->value,
			 system ? ", and more by libvirt" : "");
	if (limit->fact.state == VFM_ABSENT) {
		vfm_pass(outcome, "QEMU is to lock up to %s, and there is no limit", words);
	} else if (system) {
		vfm_pass(outcome, "QEMU is to lock up to %s, and libvirt's daemon lets it", words);
	} else if (!vfm_known(&limit->fact)) {
		vfm_unknown(outcome, &limit->fact, "how much memory QEMU may lock there");
	} else if (limit->value >= needed) {
		vfm_pass(outcome, "QEMU is to lock up to %s, and may lock %" PRIu64 " MiB", words,
			 MIB_OF(limit->value));
	} else if (!vfm_known(&daemon->uri.fact)) {
		vfm_unclear(outcome,
			    "whether libvirt's daemon lets QEMU lock more than %" PRIu64
			    " MiB is not known: whose daemon it is was not read",
			    MIB_OF(limit->value));
	} else {
		vfm_fail(outcome,
			 "QEMU is to lock up to %s, and a user's daemon of %s lets it "
			 "lock %" PRIu64 " MiB",
			 words, subject->other_name, MIB_OF(limit->value));
		vfm_fix(outcome,
			"# move it to the system's daemon of %s: a URI that ends in "
			"/system",
			subject->other_name);
	}
}

static void judge_memlock(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	uint64_t mapped = mapped_kib(subject);

	if (is_offline(subject, outcome))
		return;
	if (!mapped && !domain->memory_locked) {
		vfm_skip(outcome, "nothing of this VM has to be locked");
		return;
	}
	if (!mapped)
		mapped = domain->memory_kib;
	vfm_seen(outcome, VFM_SOURCE, "%" PRIu64 " MiB", MIB_OF(mapped));
	if (domain->hard_limit_kib && domain->hard_limit_kib < mapped) {
		vfm_fail(outcome,
			 "QEMU locks %" PRIu64 " MiB, and the VM's hard_limit is %" PRIu64 " MiB",
			 MIB_OF(mapped), MIB_OF(domain->hard_limit_kib));
		vfm_fix(outcome, "# without one libvirt sets what is needed by itself:");
		vfm_fix(outcome, "virsh memtune %s --hard-limit -1 --live --config", domain->name);
		return;
	}
	judge_daemon_limit(subject, locked_kib(subject), outcome);
}

/* --- huge pages --- */

static const struct vfm_fact_list *hugepages_there(const struct vfm_subject *subject)
{
	const struct vfm_fact_list *probed = &subject->given->probe->resources.hugepages;

	if (!vfm_known(&probed->fact) && subject->other)
		return &subject->other->memory.hugepages;
	return probed;
}

/* What a pool says to what is asked of it. */
enum answer {
	ANSWER_FITS,
	ANSWER_SHORT, /* the pool is there */
	ANSWER_NO_POOL,
	ANSWER_UNCLEAR, /* of a part of the guest's cells: how much that is is not known */
	ANSWER_UNREAD,
};

static enum answer ask_pool(const struct vfm_hugepages_facts *pool, uint64_t needed_kib, bool part)
{
	uint64_t free_kib;

	if (!vfm_known(&pool->free.fact) || !vfm_known(&pool->size_kib.fact))
		return ANSWER_UNREAD;
	if (pool->size_kib.value && pool->free.value > UINT64_MAX / pool->size_kib.value)
		return ANSWER_UNREAD;
	free_kib = pool->free.value * pool->size_kib.value;
	if (free_kib >= needed_kib)
		return ANSWER_FITS;
	return part && free_kib > 0 ? ANSWER_UNCLEAR : ANSWER_SHORT;
}

static enum answer ask_size(const struct vfm_fact_list *pools,
			    const struct vfm_domain_hugepages *asked, uint64_t needed_kib)
{
	vfm_list_each (const struct vfm_hugepages_facts, pool, pools) {
		if (vfm_known(&pool->size_kib.fact) && pool->size_kib.value == asked->size_kib)
			return ask_pool(pool, needed_kib, asked->nodeset);
	}
	return ANSWER_NO_POOL;
}

/* The host's default size is not among the facts: what all pools agree in holds of it too. */
static enum answer ask_default(const struct vfm_fact_list *pools,
			       const struct vfm_domain_hugepages *asked, uint64_t needed_kib)
{
	enum answer first = ANSWER_NO_POOL;
	bool any = false;

	vfm_list_each (const struct vfm_hugepages_facts, pool, pools) {
		enum answer answer = ask_pool(pool, needed_kib, asked->nodeset);

		if (any && answer != first)
			return ANSWER_UNCLEAR;
		first = answer;
		any = true;
	}
	return first;
}

static void fix_hugepages(const struct vfm_subject *subject, uint64_t size_kib, uint64_t needed_kib,
			  struct vfm_outcome *outcome)
{
	const struct vfm_fact_list *pools = hugepages_there(subject);
	VFM_AUTO_FREE char *path = NULL;
	VFM_AUTO_FREE char *count = NULL;
	uint64_t pages;

	if (size_kib == 0)
		return;
	pages = (needed_kib + size_kib - 1) / size_kib;
	vfm_list_each (const struct vfm_hugepages_facts, pool, pools) {
		if (vfm_known(&pool->size_kib.fact) && pool->size_kib.value == size_kib &&
		    vfm_known(&pool->total.fact) && vfm_known(&pool->free.fact) &&
		    pool->total.value >= pool->free.value)
			pages += pool->total.value - pool->free.value;
	}
	count = vfm_text_printf("%" PRIu64, pages);
	path = vfm_text_printf("/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/nr_hugepages",
			       size_kib);
	if (!count || !path)
		return;
	vfm_fix(outcome, "# on %s, and see what it reads back:", subject->other_name);
	vfm_fix(outcome, "echo %s > %s", count, path);
}

static void put_size(struct vfm_buffer *words, uint64_t size_kib)
{
	if (size_kib)
		vfm_buffer_printf(words, "of %" PRIu64 " KiB", size_kib);
	else
		vfm_buffer_puts(words, "of the host's default size");
}

static void put_pools(struct vfm_buffer *words, const struct vfm_fact_list *pools)
{
	vfm_list_each (const struct vfm_hugepages_facts, pool, pools) {
		if (vfm_known(&pool->size_kib.fact) && vfm_known(&pool->free.fact))
			vfm_buffer_printf(words, "%s%" PRIu64 " KiB: %" PRIu64 " free",
					  words->size ? ", " : "", pool->size_kib.value,
					  pool->free.value);
	}
	if (pools->count == 0)
		vfm_buffer_puts(words, "no huge pages");
}

static void tell_hugepages(const struct vfm_subject *subject, enum answer answer,
			   const struct vfm_domain_hugepages *asked, struct vfm_outcome *outcome)
{
	uint64_t needed = subject->given->domain->memory_kib;
	VFM_AUTO_BUFFER struct vfm_buffer size = {.data = NULL};
	const char *words;

	put_size(&size, asked->size_kib);
	words = size.data ? size.data : "";
	switch (answer) {
	case ANSWER_FITS:
		vfm_pass(outcome, "%s has the huge pages %s", subject->other_name, words);
		return;
	case ANSWER_SHORT:
		vfm_fail(outcome,
			 "the VM's %" PRIu64 " MiB are in huge pages %s, and %s has too "
			 "few of them free",
			 MIB_OF(needed), words, subject->other_name);
		break;
	case ANSWER_NO_POOL:
		vfm_fail(outcome, "the VM's memory is in huge pages %s, and %s has none", words,
			 subject->other_name);
		break;
	case ANSWER_UNCLEAR:
		vfm_unclear(outcome, "whether %s has enough huge pages %s is not known: %s",
			    subject->other_name, words,
			    asked->size_kib ? "how much memory the guest's cells have is not read"
					    : "nor is which size that is there");
		return;
	case ANSWER_UNREAD:
		vfm_unclear(outcome, "how many huge pages %s are free on %s is not known", words,
			    subject->other_name);
		return;
	}
	fix_hugepages(subject, asked->size_kib, needed, outcome);
}

/* The worst of what is asked for is what is told. */
static int rank(enum answer answer)
{
	static const int ranks[] = {
		[ANSWER_FITS] = 0,  [ANSWER_UNCLEAR] = 1, [ANSWER_UNREAD] = 2,
		[ANSWER_SHORT] = 3, [ANSWER_NO_POOL] = 4,
	};

	return ranks[answer];
}

static void judge_hugepages(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	const struct vfm_fact_list *pools = hugepages_there(subject);
	const struct vfm_domain_hugepages *worst = domain->hugepages;
	enum answer told = ANSWER_FITS;

	if (is_offline(subject, outcome))
		return;
	if (domain->hugepages_count == 0) {
		vfm_skip(outcome, "the VM has no huge pages");
		return;
	}
	vfm_buffer_printf(&outcome->seen[VFM_SOURCE], "%" PRIu64 " MiB ",
			  MIB_OF(domain->memory_kib));
	put_size(&outcome->seen[VFM_SOURCE], domain->hugepages[0].size_kib);
	if (!vfm_known(&pools->fact)) {
		vfm_unknown(outcome, &pools->fact, "which huge pages the destination has");
		return;
	}
	put_pools(&outcome->seen[VFM_DESTINATION], pools);
	for (size_t i = 0; i < domain->hugepages_count; i++) {
		const struct vfm_domain_hugepages *asked = &domain->hugepages[i];
		enum answer answer = asked->size_kib
					     ? ask_size(pools, asked, domain->memory_kib)
					     : ask_default(pools, asked, domain->memory_kib);

		if (rank(answer) > rank(told)) {
			told = answer;
			worst = asked;
		}
	}
	tell_hugepages(subject, told, worst, outcome);
}

const struct vfm_rule vfm_rules_move_memory[] = {
	{
		.id = "memory-available",
		.protects = "the destination has the memory that the VM takes",
		.remedy = "make room there, or take another host",
		.ref = "RHEL 10, 12.4; kernel, /proc/meminfo: MemAvailable",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_memory,
	},
	{
		.id = "memlock",
		.protects = "QEMU may lock all of the guest's memory there, as a VFIO device needs",
		.remedy = "remove the VM's hard_limit; move to the system's daemon",
		.ref = "libvirt, memtune: hard_limit; QEMU, VFIO: \"VFIO_MAP_DMA failed: Cannot "
		       "allocate memory\"",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_memlock,
	},
	{
		.id = "hugepages",
		.protects = "the destination has as many free huge pages of the size as the VM "
			    "takes",
		.remedy = "reserve the pages there",
		.ref = "libvirt, memoryBacking: hugepages; kernel, hugetlbpage",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_hugepages,
	},
	{.id = NULL},
};
