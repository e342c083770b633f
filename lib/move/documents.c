/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The VM's documents as the destination is to have them; see move.h. */
#include <string.h>
#include <strings.h>

#include "domain/devices.h"
#include "domain/rewrite.h"
#include "move/move.h"

void vfm_move_documents_done(struct vfm_move_documents *documents)
{
	free(documents->destination_xml);
	free(documents->persistent_xml);
	*documents = (struct vfm_move_documents){.destination_xml = NULL};
}

static bool changes_address(const struct vfm_move_vf *vf)
{
	return !vf->libvirt_picks && vf->destination[0];
}

/* What a vGPU is known by in a document, and is to be. */
static struct vfm_domain_change change_of(const struct vfm_move_vgpu *vgpu)
{
	struct vfm_bdf bdf;

	return (struct vfm_domain_change){
		vfm_parse_bdf(vgpu->source, &bdf) == 0 ? VFM_DOMAIN_CHANGE_PCI
						       : VFM_DOMAIN_CHANGE_MDEV,
		vgpu->source,
		vgpu->destination,
	};
}

/* One that keeps its name changes nothing; a document at rest may lack it. */
static int add_vgpus(const struct vfm_move_devices *devices, const char *xml, const char *name,
		     const struct vfm_strings *has, struct vfm_domain_change *changes,
		     size_t *count, struct vfm_error *err)
{
	VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
	int r = devices->vgpu_count ? vfm_domain_parse(xml, strlen(xml), name, &domain, err) : 0;

	for (size_t i = 0; r == 0 && i < devices->vgpu_count; i++) {
		const struct vfm_move_vgpu *vgpu = &devices->vgpus[i];
		bool there = vfm_strings_has(has, vgpu->source);

		for (size_t k = 0; k < domain.hostdev_count; k++)
			there |= domain.hostdevs[k].mdev_uuid &&
				 strcasecmp(domain.hostdevs[k].mdev_uuid, vgpu->source) == 0;
		if (there && strcasecmp(vgpu->source, vgpu->destination) != 0)
			changes[(*count)++] = change_of(vgpu);
	}
	return r;
}

/*
 * The document with the new addresses of those devices that it has: at rest it may lack one that
 * was plugged in. NULL: it has none of them.
 */
static int rewrite(const struct vfm_move_devices *devices, const char *xml, const char *name,
		   char **ret_xml, struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings has = {.values = NULL};
	VFM_AUTO_FREE struct vfm_domain_change *changes =
		calloc(devices->count + devices->vgpu_count + 1, sizeof(*changes));
	size_t count = 0;
	int r;

	if (!changes)
		return vfm_error_no_memory(err, name);
	r = vfm_domain_host_devices(xml, strlen(xml), name, &has, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < devices->count; i++) {
		const struct vfm_move_vf *vf = &devices->vfs[i];
		char bdf_text[VFM_BDF_TEXT_SIZE];
		struct vfm_bdf bdf;

		if (!changes_address(vf) || vfm_parse_bdf(vf->source, &bdf) < 0)
			continue;
		vfm_bdf_text(&bdf, bdf_text);
		if (vfm_strings_has(&has, bdf_text))
			changes[count++] = (struct vfm_domain_change){VFM_DOMAIN_CHANGE_PCI,
								      vf->source, vf->destination};
	}
	if (has.failed)
		return vfm_error_no_memory(err, name);
	r = add_vgpus(devices, xml, name, &has, changes, &count, err);
	if (r < 0)
		return r;
	return count ? vfm_domain_rewrite(xml, strlen(xml), name, changes, count, ret_xml, err) : 0;
}

int vfm_move_documents(const struct vfm_move *move, const struct vfm_vm_documents *source,
		       struct vfm_move_documents *ret_documents, struct vfm_error *err)
{
	VFM_AUTO_MOVE_DOCUMENTS struct vfm_move_documents documents = {.destination_xml = NULL};
	const struct vfm_migration *migration = &move->request->migration;
	const char *name = move->domain->name;
	int r;

	if (!move->devices || move->devices->count + move->devices->vgpu_count == 0)
		return 0;
	r = rewrite(move->devices, source->live, name, &documents.destination_xml, err);
	/* A definition that is moved stays one. */
	if (r == 0 && source->inactive && (migration->persist || migration->offline))
		r = rewrite(move->devices, source->inactive, name, &documents.persistent_xml, err);
	if (r < 0)
		return r;
	*ret_documents = documents;
	documents = (struct vfm_move_documents){.destination_xml = NULL};
	return 0;
}

struct vfm_migration vfm_move_migration(const struct vfm_move_request *request,
					const struct vfm_move_documents *documents)
{
	struct vfm_migration migration = request->migration;

	if (documents->destination_xml)
		migration.destination_xml = documents->destination_xml;
	if (documents->persistent_xml)
		migration.persistent_xml = documents->persistent_xml;
	return migration;
}
