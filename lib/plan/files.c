/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The texts of the files that keep NetworkManager and systemd-networkd from the netdevs of VFs and
 * from representors: their traffic belongs to VMs and to Open vSwitch. Pure.
 *
 * udev(7) marks the netdevs: NM_UNMANAGED is NetworkManager's word; networkd knows none of its own
 * and is given a .network file that matches our mark (systemd.network(5), Property=).
 */
#include "base/text.h"
#include "plan/emit.h"

/*
 * SR-IOV (PCIe 9.2.1.2): a VF's routing ID, bus and devfn as one number, is the PF's plus First VF
 * Offset plus its number times VF Stride, and goes over to the next bus by itself.
 */
static bool address_by_stride(const struct vfm_pf_facts *pf, uint32_t number, char text[20])
{
	struct vfm_bdf bdf;
	uint64_t id;

	if (!vfm_known(&pf->vf_offset.fact) || !vfm_known(&pf->vf_stride.fact) ||
	    pf->vf_offset.value > UINT16_MAX || pf->vf_stride.value > UINT16_MAX ||
	    vfm_parse_bdf(pf->bdf.value, &bdf) < 0)
		return false;
	id = ((uint64_t)bdf.bus << 8 | (uint64_t)bdf.slot << 3 | bdf.function) +
	     pf->vf_offset.value + (uint64_t)number * pf->vf_stride.value;
	if (id > UINT16_MAX)
		return false;
	bdf.bus = (uint8_t)(id >> 8);
	bdf.slot = (uint8_t)(id >> 3 & 31);
	bdf.function = (uint8_t)(id & 7);
	vfm_bdf_text(&bdf, text);
	return true;
}

bool vfm_vf_address(const struct vfm_pf_facts *pf, uint32_t number, char text[20])
{
	const struct vfm_vf_facts *vf;
	struct vfm_bdf bdf;

	if (!vfm_known(&pf->bdf.fact))
		return false;
	if (address_by_stride(pf, number, text))
		return true;
	vf = vfm_known(&pf->vfs.fact) ? vfm_pf_vf(pf, number) : NULL;
	if (!vf || !vfm_known(&vf->bdf.fact) || vfm_parse_bdf(vf->bdf.value, &bdf) < 0)
		return false;
	vfm_bdf_text(&bdf, text);
	return true;
}

/*
 * KERNELS matches the netdev's parents, so a netdev by the address of the function it belongs to: a
 * representor by the PF's, told from the uplink by its port's name ("pf0vf1", of a card with an
 * external host "c1pf0vf1").
 */
char *vfm_file_udev_rules(const struct vfm_pf_facts *pf, uint32_t vfs)
{
	struct vfm_buffer text = {.data = NULL};
	const char *bdf = pf->bdf.value;
	char vf[VFM_BDF_TEXT_SIZE];

	vfm_buffer_printf(
		&text,
		"# Made by vfprep for %s; 'vfprep undo' takes it away, as a reboot does.\n"
		"ACTION==\"remove\", GOTO=\"vfmig_end\"\n"
		"SUBSYSTEM!=\"net\", GOTO=\"vfmig_end\"\n"
		"KERNELS==\"%s\", ATTR{phys_port_name}==\"pf[0-9]*vf[0-9]*|c[0-9]*pf[0-9]*"
		"vf[0-9]*\", ENV{NM_UNMANAGED}=\"1\", ENV{VFMIG}=\"representor\", "
		"ENV{VFMIG_PF}=\"%s\"\n",
		bdf, bdf, bdf);
	for (uint32_t number = 0; number < vfs; number++)
		if (vfm_vf_address(pf, number, vf))
			vfm_buffer_printf(&text,
					  "KERNELS==\"%s\", ENV{NM_UNMANAGED}=\"1\", "
					  "ENV{VFMIG}=\"vf\", ENV{VFMIG_PF}=\"%s\"\n",
					  vf, bdf);
	vfm_buffer_puts(&text, "LABEL=\"vfmig_end\"\n");
	return vfm_buffer_steal(&text);
}

char *vfm_file_networkd(const char *bdf)
{
	return vfm_text_printf(
		"# Made by vfprep for %s; 'vfprep undo' takes it away, as a reboot does.\n"
		"[Match]\n"
		"Property=VFMIG_PF=%s\n"
		"\n"
		"[Link]\n"
		"Unmanaged=yes\n",
		bdf, bdf);
}
