/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options to flags and parameters of libvirt's migration call; see migration.h. */
#include "job/migration.h"

#include <libvirt/libvirt.h>

#define OFFSET(member) offsetof(struct vfm_migration, member)

/* ---- flags ---------------------------------------------------------------- */

#define FLAG(name)                                                                                 \
	{                                                                                          \
		VIR_MIGRATE_##name, "VIR_MIGRATE_" #name                                           \
	}

static const struct {
	unsigned int flag;
	const char *name;
} flags[] = {
	FLAG(LIVE),
	FLAG(PEER2PEER),
	FLAG(TUNNELLED),
	FLAG(PERSIST_DEST),
	FLAG(UNDEFINE_SOURCE),
	FLAG(PAUSED),
	FLAG(NON_SHARED_DISK),
	FLAG(NON_SHARED_INC),
	FLAG(CHANGE_PROTECTION),
	FLAG(UNSAFE),
	FLAG(OFFLINE),
	FLAG(COMPRESSED),
	FLAG(ABORT_ON_ERROR),
	FLAG(AUTO_CONVERGE),
	FLAG(RDMA_PIN_ALL),
	FLAG(POSTCOPY),
	FLAG(TLS),
	FLAG(PARALLEL),
	FLAG(NON_SHARED_SYNCHRONOUS_WRITES),
	FLAG(POSTCOPY_RESUME),
	FLAG(ZEROCOPY),
};

static const struct {
	size_t offset;
	unsigned int flag;
} switches[] = {
	{OFFSET(peer_to_peer), VIR_MIGRATE_PEER2PEER},
	{OFFSET(persist), VIR_MIGRATE_PERSIST_DEST},
	{OFFSET(undefine_source), VIR_MIGRATE_UNDEFINE_SOURCE},
	{OFFSET(postcopy), VIR_MIGRATE_POSTCOPY},
	{OFFSET(resume_postcopy), VIR_MIGRATE_POSTCOPY_RESUME},
	{OFFSET(tls), VIR_MIGRATE_TLS},
	{OFFSET(unsafe), VIR_MIGRATE_UNSAFE},
	{OFFSET(auto_converge), VIR_MIGRATE_AUTO_CONVERGE},
};

static const unsigned int copy_flags[VFM_COPY_STORAGE_MAX] = {
	[VFM_COPY_ALL] = VIR_MIGRATE_NON_SHARED_DISK,
	[VFM_COPY_INCREMENTAL] = VIR_MIGRATE_NON_SHARED_INC,
};

/*
 * A disk that reports an error on the way ends a live migration instead of moving a VM that has
 * lost writes. Offline has neither memory nor disks to move and needs a definition to be anything.
 */
unsigned int vfm_migration_flags(const struct vfm_migration *migration)
{
	unsigned int word = copy_flags[migration->copy];

	if (migration->offline)
		word |= VIR_MIGRATE_OFFLINE | VIR_MIGRATE_PERSIST_DEST;
	else
		word |= VIR_MIGRATE_LIVE | VIR_MIGRATE_ABORT_ON_ERROR;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(switches); i++)
		if (*(const bool *)((const char *)migration + switches[i].offset))
			word |= switches[i].flag;
	if (migration->connections > 1)
		word |= VIR_MIGRATE_PARALLEL;
	if (migration->compression)
		word |= VIR_MIGRATE_COMPRESSED;
	return word;
}

void vfm_migration_flag_names(unsigned int word, struct vfm_strings *names)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(flags); i++)
		if (word & flags[i].flag)
			vfm_strings_add(names, flags[i].name);
}

/* ---- parameters ----------------------------------------------------------- */

enum kind { TEXT, UINT32, UINT64, LIST };

static const struct row {
	const char *name;
	enum kind kind;
	size_t offset;
} rows[] = {
	{"destination_name", TEXT, OFFSET(destination_name)},
	{"destination_xml", TEXT, OFFSET(destination_xml)},
	{"persistent_xml", TEXT, OFFSET(persistent_xml)},
	{"migrate_uri", TEXT, OFFSET(migrate_uri)},
	{"listen_address", TEXT, OFFSET(listen_address)},
	{"migrate_disks", LIST, OFFSET(disks)},
	{"bandwidth", UINT64, OFFSET(bandwidth_mib_s)},
	{"bandwidth.postcopy", UINT64, OFFSET(postcopy_bandwidth_mib_s)},
	{"compression", TEXT, OFFSET(compression)},
	{"auto_converge.initial", UINT32, OFFSET(converge_initial)},
	{"auto_converge.increment", UINT32, OFFSET(converge_increment)},
	{"parallel.connections", UINT32, OFFSET(connections)},
	{"tls.destination", TEXT, OFFSET(tls_destination)},
};

typedef int (*taker)(const struct vfm_parameter *parameter, void *data);

static int give_list(const char *name, const struct vfm_strings *list, taker take, void *data)
{
	struct vfm_parameter parameter = {.name = name, .type = VFM_PARAMETER_STRING};
	int r = 0;

	for (size_t i = 0; r == 0 && list && i < list->count; i++) {
		parameter.text = list->values[i];
		r = take(&parameter, data);
	}
	return r;
}

static int give(const struct row *row, const void *member, taker take, void *data)
{
	struct vfm_parameter parameter = {.name = row->name};

	switch (row->kind) {
	case LIST:
		return give_list(row->name, *(const struct vfm_strings *const *)member, take, data);
	case TEXT:
		parameter.type = VFM_PARAMETER_STRING;
		parameter.text = *(const char *const *)member;
		return parameter.text ? take(&parameter, data) : 0;
	case UINT32:
		parameter.type = VFM_PARAMETER_INT;
		parameter.number = *(const uint32_t *)member;
		break;
	case UINT64:
		parameter.type = VFM_PARAMETER_ULLONG;
		parameter.number = *(const uint64_t *)member;
		break;
	}
	return parameter.number ? take(&parameter, data) : 0;
}

int vfm_migration_parameters(const struct vfm_migration *migration, taker take, void *data)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(rows); i++) {
		/* one connection is what there is without the flag, and libvirt refuses it so */
		if (rows[i].offset == OFFSET(connections) && migration->connections < 2)
			continue;
		r = give(&rows[i], (const char *)migration + rows[i].offset, take, data);
	}
	return r;
}

/* ---- what goes together --------------------------------------------------- */

enum option {
	OFFLINE,
	POSTCOPY,
	RESUME,
	CONVERGE,
	CONVERGE_VALUES,
	CONNECTIONS,
	COMPRESSION,
	OLD_COMPRESSION, /* of one connection only */
	COPY,
	DISKS,
	TLS,
	TLS_DESTINATION,
	UNDEFINE,
	PERSIST,
	PERSISTENT_XML,
	OPTION_MAX,
};

static const char *const words[OPTION_MAX] = {
	[OFFLINE] = "an offline move",
	[POSTCOPY] = "post-copy",
	[RESUME] = "going on with a broken post-copy",
	[CONVERGE] = "auto-converge",
	[CONVERGE_VALUES] = "percentages of auto-converge",
	[CONNECTIONS] = "several connections",
	[COMPRESSION] = "compression",
	[OLD_COMPRESSION] = "compression by 'xbzrle' or 'mt'",
	[COPY] = "copying storage",
	[DISKS] = "disks to copy",
	[TLS] = "TLS",
	[TLS_DESTINATION] = "a name in the destination's certificate",
	[UNDEFINE] = "undefining it on the source",
	[PERSIST] = "a definition on the destination",
	[PERSISTENT_XML] = "another definition for the destination",
};

/* Not both, or not the first without the second. */
static const struct {
	enum option one, other;
	bool needs;
} pairs[] = {
	{OFFLINE, POSTCOPY, false},
	{OFFLINE, CONVERGE, false},
	{OFFLINE, CONNECTIONS, false},
	{OFFLINE, COMPRESSION, false},
	{OFFLINE, COPY, false},
	{OFFLINE, TLS, false},
	{RESUME, POSTCOPY, true},
	{CONVERGE_VALUES, CONVERGE, true},
	{DISKS, COPY, true},
	{TLS_DESTINATION, TLS, true},
	{UNDEFINE, PERSIST, true},
	{PERSISTENT_XML, PERSIST, true},
	{OLD_COMPRESSION, CONNECTIONS, false},
};

static unsigned int given(const struct vfm_migration *m)
{
	const bool has[OPTION_MAX] = {
		[OFFLINE] = m->offline,
		[POSTCOPY] = m->postcopy,
		[RESUME] = m->resume_postcopy,
		[CONVERGE] = m->auto_converge,
		[CONVERGE_VALUES] = m->converge_initial || m->converge_increment,
		[CONNECTIONS] = m->connections > 1,
		[COMPRESSION] = m->compression,
		[OLD_COMPRESSION] = m->compression && (vfm_streq(m->compression, "xbzrle") ||
						       vfm_streq(m->compression, "mt")),
		[COPY] = m->copy != VFM_COPY_NONE,
		[DISKS] = m->disks && m->disks->count,
		[TLS] = m->tls,
		[TLS_DESTINATION] = m->tls_destination,
		[UNDEFINE] = m->undefine_source,
		[PERSIST] = m->persist || m->offline,
		[PERSISTENT_XML] = m->persistent_xml,
	};
	unsigned int bits = 0;

	for (unsigned int i = 0; i < OPTION_MAX; i++)
		bits |= has[i] ? 1u << i : 0;
	return bits;
}

int vfm_migration_check(const struct vfm_migration *migration, struct vfm_error *err)
{
	unsigned int bits = given(migration);

	for (size_t i = 0; i < VFM_ARRAY_SIZE(pairs); i++) {
		bool other = bits & 1u << pairs[i].other;

		if (!(bits & 1u << pairs[i].one) || other == pairs[i].needs)
			continue;
		return vfm_error_set(err, -EINVAL, words[pairs[i].one], NULL,
				     pairs[i].needs ? "needs %s" : "does not go with %s",
				     words[pairs[i].other]);
	}
	if (migration->converge_initial > 99 || migration->converge_increment > 99)
		return vfm_error_set(err, -EINVAL, words[CONVERGE_VALUES], NULL,
				     "are 1 to 99, of the time that a VM's processors are held");
	return 0;
}
