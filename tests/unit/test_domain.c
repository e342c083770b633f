/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domains of many kinds as values: what each document says, and that no damage to one is fatal. */
#include "unit.h"

#include "base/quiet.h"
#include "domain/domain.h"

/*
 * Lines that the description of each domain has; describe() says what is in them. Of what is named
 * here there is no other line, so that nothing is read that is not there.
 */
static const struct row {
	const char *file, *lines;
} rows[] = {
	{"q35-interface-vf", "name=web01\n"
			     "type=kvm\n"
			     "arch=x86_64\n"
			     "machine=pc-q35-rhel9.4.0\n"
			     "emulator=/usr/libexec/qemu-kvm\n"
			     "memory=8388608 8388608\n"
			     "vcpus=4 4\n"
			     "firmware=0\n"
			     "interface=hostdev hostdev 52:54:00:aa:10:01 - hostdev0 - - - - "
			     "0000:01:00.0 0000:3b:00.3 managed mlx5_vfio_pci - 0 -\n"
			     "interface=bridge bridge 52:54:00:aa:10:02 virtio - vnet3 - br-ex "
			     "openvswitch - - - - vlan 0 -\n"
			     "agent=1 1\n"
			     "graphics=vnc 0.0.0.0\n"
			     "graphics=spice -\n"
			     "ports=1 3 1\n"
			     "path=kernel: /boot/guest/vmlinuz\n"
			     "path=initrd: /boot/guest/initrd\n"
			     "pci=1\n"},
	{"hostdev-vf",
	 "hostdev=pci pci ua-vf 0000:01:00.0 0000:e1:1f.7 - - managed mlx5_vfio_pci vfio 0 0 -\n"
	 "path=rom: /usr/share/rom/vf.rom\n"
	 "ports=1 1 0\n"
	 "pci=1\n"},
	{"pool-running", "name=pool3\n"
			 "interface=hostdev network 52:54:00:aa:10:03 - - - vfpool - - "
			 "0000:01:00.0 0000:3b:00.4 managed - vlan 0 -\n"
			 "pci=1\n"},
	{"pool-at-rest",
	 "interface=network network 52:54:00:aa:10:04 - - - vfpool - - 0000:01:00.0 - - - - 0 -\n"
	 "pci=0\n"},
	{"teaming", "interface=network network 52:54:00:aa:10:05 virtio ua-backup0 - ovs - - "
		    "0000:01:00.0 - - - - 1 -\n"
		    "interface=hostdev hostdev 52:54:00:aa:10:05 - - - - - - 0000:02:00.0 "
		    "0000:3b:00.5 unmanaged - - 2 ua-backup0\n"
		    "hostdev=pci pci - - 0000:3b:00.6 - - - - - 0 2 ua-backup0\n"
		    "pci=2\n"},
	{"vgpu-mdev", "hostdev=mdev mdev - 0000:01:00.0 - 3f6c21e4-0d1f-4a9b-b6d1-52c1f4a7e006 "
		      "vfio-pci unmanaged - - 1 0 -\n"
		      "display=1\n"
		      "pci=0\n"},
	{"vgpu-vendor",
	 "hostdev=pci pci - 0000:01:00.0 0000:c1:00.2 - - unmanaged nvidia_vgpu_vfio vfio 0 0 -\n"
	 "display=0\n"},
	{"pinned-hugepages",
	 "memory=8388608 4194304\n"
	 "vcpus=2 4\n"
	 "cpu=host-passthrough - off\n"
	 "cpu_xml=<cpu mode=\"host-passthrough\" check=\"none\" migratable=\"off\"/>\n"
	 "pin=vcpus: 0-7\n"
	 "pin=vcpu 0: 2-3\n"
	 "pin=emulator: 0\n"
	 "pin=iothread 1: 4\n"
	 "pin_cpus=0-7\n"
	 "pin_cpus=2-3\n"
	 "pin_cpus=0\n"
	 "pin_cpus=4\n"
	 "numa=0-1\n"
	 "memnode=1\n"
	 "hugepages=1048576 0\n"
	 "hugepages=2048 -\n"
	 "locked=1 0\n"
	 "hard_limit=12582912\n"},
	{"viommu-intel", "iommu=intel\n"
			 "cpu=host-model - -\n"},
	{"viommu-virtio", "iommu=virtio\n"
			  "cpu=custom Icelake-Server -\n"
			  "hugepages=0 -\n"},
	{"disks", "disk=file 0 file vda virtio virtio-disk0 /srv/nfs/store11.qcow2 - - - qcow2 "
		  "none native optional 0 0 1 1\n"
		  "disk_secret=vda 11111111-aaaa-4bbb-8ccc-000000000001\n"
		  "disk_backing=vda /srv/nfs/base.qcow2\n"
		  "disk_backing=vda /dev/vg/golden\n"
		  "disk=network 0 network vdb virtio - vms/store11 - rbd 192.0.2.1:6789,192.0.2.2 "
		  "raw - - - 0 1 0 0\n"
		  "disk_secret=vdb usage:ceph main\n"
		  "disk=network 3 network sda scsi - iqn.2024-01.example:store/1 - iscsi "
		  "192.0.2.3:3260 - - - - 0 0 0 0\n"
		  "disk=volume 0 volume vdc - - store11.img fast - - - - - - 0 0 0 0\n"
		  "disk=block 0 block vdd - - /dev/mapper/mpatha - - - - - - - 0 0 0 0\n"
		  "disk=dir 2 dir fda - - /srv/floppy - - - - - - - 0 0 0 0\n"
		  "disk=nvme 0 nvme vde - - 0000:0a:00.0 - - - - - - - 0 0 0 0\n"
		  "disk=file 1 file sdb sata - - - - - - - - - 1 0 0 0\n"
		  "disk=file 0 file vdf - - /srv/ro - - - - - - - 1 0 0 0\n"
		  "secret=11111111-aaaa-4bbb-8ccc-000000000001\n"
		  "secret=usage:ceph main\n"
		  "pci=1\n"},
	{"tpm-secure-boot", "firmware=1\n"
			    "loader=/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd\n"
			    "secure=1\n"
			    "nvram=/var/lib/libvirt/qemu/nvram/win12_VARS.fd\n"
			    "template=/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd\n"
			    "tpm=emulator\n"
			    "tpm=secret:11111111-aaaa-4bbb-8ccc-000000000002\n"
			    "tpm=passthrough\n"
			    "secret=11111111-aaaa-4bbb-8ccc-000000000002\n"
			    "path=tpm: /dev/tpm0\n"},
	{"sev", "launch_security=sev\n"
		"nvram=/srv/nvram/sev13.fd\n"
		"firmware=1\n"
		"secure=0\n"},
	{"vhost-user", "vhost_user=interface: /run/vhost0\n"
		       "vhost_user=disk: /run/vhost1\n"
		       "memory_source=memfd\n"
		       "locked=0 1\n"
		       "interface=vhostuser vhostuser 52:54:00:aa:10:14 virtio - - - /run/vhost0 "
		       "- - - - - - 0 -\n"
		       "interface=vdpa vdpa - - - - - /dev/vhost-vdpa-0 - - - - - - 0 -\n"
		       "interface=direct direct - - - - - eth2 - - - - - - 0 -\n"
		       "interface=user user - - - - - - - - - - - - 0 -\n"
		       "interface=other ethernet - - - - - - - - - - - - 0 -\n"
		       "disk=vhostuser 0 vhostuser vda - - /run/vhost1 - - - - - - - 0 0 0 0\n"},
	{"shared", "filesystem=virtiofs: /srv/a -> tag\n"
		   "filesystem=9p: /srv/b -> old\n"
		   "shmem=ivshmem-plain: ring peer\n"
		   "path=rng: /dev/hwrng\n"
		   "path=nvdimm: /srv/pmem\n"
		   "ports=0 0 0\n"},
	{"usb-scsi", "hostdev=usb usb - - - - - - - - 0 0 -\n"
		     "hostdev=scsi scsi - - - - virtio-scsi - - - 0 0 -\n"
		     "hostdev=other scsi_host - - - - virtio-transitional - - - 0 0 -\n"
		     "secret=11111111-aaaa-4bbb-8ccc-000000000003\n"},
	{"aarch64-smmuv3", "type=qemu\n"
			   "arch=aarch64\n"
			   "machine=virt-rhel9.4.0\n"
			   "iommu=smmuv3\n"
			   "cpu=maximum - -\n"
			   "ports=1 1 1\n"},
	{"namespaces", "name=ns18\n"
		       "interface=bridge bridge - - - - - br0 - - - - - - 0 -\n"
		       "pci=0\n"
		       "ports=0 0 0\n"},
	{"nvram-network", "firmware=1\n"
			  "loader=/usr/share/OVMF/OVMF_CODE_4M.fd\n"
			  "secure=0\n"
			  "nvram=iqn.2013-07.com.example:nvram/0\n"
			  "tpm=passthrough\n"
			  "tpm=external\n"
			  "vcpus=1 1\n"
			  "path=tpm: /dev/tpm0\n"
			  "path=tpm: /run/swtpm.sock\n"},
	{"odd-sizes", "type=qemu\n"
		      "memory=1048577 500000\n"
		      "hard_limit=1073741824\n"
		      "hugepages=16384 0-1,^1\n"
		      "vcpus=1 1\n"
		      "cpu=none - -\n"
		      "iommu=unknown\n"},
	{"actual-bridge",
	 "name=web21\n"
	 "interface=bridge network 52:54:00:aa:15:01 virtio net0 vnet3 lan br-int openvswitch - - "
	 "- "
	 "- - 0 -\n"
	 "interface=bridge bridge 52:54:00:aa:15:02 e1000e - vnet4 lan br-ex - - - - - - 0 -\n"
	 "hostdev=mdev mdev - - - C2177883-F1BB-47F0-914D-32A22E3A8804 vfio-ccw - - - 0 0 -\n"
	 "agent=1 0\n"
	 "display=0\n"
	 "pci=0\n"},
	{"storage-chains",
	 "disk=file 0 file vda virtio - /srv/nfs/top.qcow2 - - - qcow2 writeback - requisite 0 0 0 "
	 "1\n"
	 "disk_secret=vda 11111111-aaaa-4bbb-8ccc-000000000011\n"
	 "disk_secret=vda usage:middle data\n"
	 "disk_backing=vda /dev/mapper/top-data\n"
	 "disk_backing=vda /srv/nfs/middle.qcow2\n"
	 "disk_backing=vda /srv/nfs/middle-data.raw\n"
	 "disk_backing=vda base\n"
	 "disk=block 0 block vdb virtio - /dev/mapper/san-lun0 - - - raw directsync io_uring - 0 0 "
	 "0 0\n"
	 "disk_secret=vdb 11111111-aaaa-4bbb-8ccc-000000000012\n"
	 "disk_secret=vdb 11111111-aaaa-4bbb-8ccc-000000000013\n"
	 "disk=other 0 vhostvdpa vdc virtio - - - - - - - - - 0 0 0 0\n"
	 "disk=network 0 network vdd virtio - export - nbd /run/nbd.sock,? - - - - 0 0 0 0\n"
	 "disk=file 1 file hda ide - /srv/nfs/boot.iso - - - - - - mandatory 1 0 0 0\n"
	 "secret=11111111-aaaa-4bbb-8ccc-000000000011\n"
	 "secret=usage:middle data\n"
	 "secret=11111111-aaaa-4bbb-8ccc-000000000012\n"
	 "secret=11111111-aaaa-4bbb-8ccc-000000000013\n"
	 "pci=0\n"},
};

static const char *or_none(const char *text)
{
	return text && *text ? text : "-";
}

static void put_text(struct vfm_buffer *out, const char *key, const char *text)
{
	if (text)
		vfm_buffer_printf(out, "%s=%s\n", key, text);
}

static void put_list(struct vfm_buffer *out, const char *key, const struct vfm_strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		put_text(out, key, list->values[i]);
}

static const char *managed_word(bool has, bool managed)
{
	return !has ? "-" : managed ? "managed" : "unmanaged";
}

static void put_interface(struct vfm_buffer *out, const struct vfm_domain_interface *i)
{
	vfm_buffer_printf(out, "interface=%s %s %s %s %s %s %s %s %s %s %s %s %s %s %d %s\n",
			  vfm_interface_type_name(i->type), i->type_name, or_none(i->mac),
			  or_none(i->model), or_none(i->alias), or_none(i->target),
			  or_none(i->network), or_none(i->source), or_none(i->virtualport),
			  or_none(i->guest_address), or_none(i->host_address),
			  managed_word(i->has_managed, i->managed), or_none(i->driver_model),
			  i->vlan ? "vlan" : "-", (int)i->teaming, or_none(i->teaming_persistent));
}

static void put_hostdev(struct vfm_buffer *out, const struct vfm_domain_hostdev *h)
{
	vfm_buffer_printf(out, "hostdev=%s %s %s %s %s %s %s %s %s %s %d %d %s\n",
			  vfm_hostdev_type_name(h->type), h->type_name, or_none(h->alias),
			  or_none(h->guest_address), or_none(h->host_address),
			  or_none(h->mdev_uuid), or_none(h->model),
			  managed_word(h->has_managed, h->managed), or_none(h->driver_model),
			  or_none(h->driver_name), h->display, (int)h->teaming,
			  or_none(h->teaming_persistent));
}

static void put_disk(struct vfm_buffer *out, const struct vfm_domain_disk *d)
{
	vfm_buffer_printf(out, "disk=%s %d %s %s %s %s %s %s %s %s %s %s %s %s %d %d %d %d\n",
			  vfm_disk_type_name(d->type), (int)d->device, d->type_name, d->target,
			  or_none(d->bus), or_none(d->alias), or_none(d->source), or_none(d->pool),
			  or_none(d->protocol), or_none(d->hosts), or_none(d->format),
			  or_none(d->cache), or_none(d->io), or_none(d->startup_policy),
			  d->readonly, d->shareable, d->transient, d->mirror);
	for (size_t i = 0; i < d->secrets.count; i++)
		vfm_buffer_printf(out, "disk_secret=%s %s\n", d->target, d->secrets.values[i]);
	for (size_t i = 0; i < d->backing.count; i++)
		vfm_buffer_printf(out, "disk_backing=%s %s\n", d->target, d->backing.values[i]);
}

static void put_top(struct vfm_buffer *out, const struct vfm_domain *domain)
{
	const struct {
		const char *key, *text;
	} texts[] = {
		{"name", domain->name},         {"type", domain->type},
		{"arch", domain->arch},         {"machine", domain->machine},
		{"emulator", domain->emulator}, {"loader", domain->loader},
		{"nvram", domain->nvram},       {"template", domain->nvram_template},
		{"iommu", domain->iommu},       {"launch_security", domain->launch_security},
		{"numa", domain->numa_nodeset}, {"memory_source", domain->memory_source},
		{"cpu_xml", domain->cpu.xml},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(texts); i++)
		put_text(out, texts[i].key, texts[i].text);
	vfm_buffer_printf(out, "memory=%llu %llu\nvcpus=%u %u\nfirmware=%d\nsecure=%d\n",
			  (unsigned long long)domain->memory_kib,
			  (unsigned long long)domain->current_memory_kib, domain->vcpus,
			  domain->vcpus_max, (int)domain->firmware, domain->secure_boot);
	vfm_buffer_printf(out, "cpu=%s %s %s\nlocked=%d %d\nhard_limit=%llu\n",
			  vfm_cpu_mode_name(domain->cpu.mode), or_none(domain->cpu.model),
			  domain->cpu.migratable_off ? "off" : "-", domain->memory_locked,
			  domain->memory_shared, (unsigned long long)domain->hard_limit_kib);
	vfm_buffer_printf(out, "agent=%d %d\nports=%d %u %u\ndisplay=%d\npci=%zu\n",
			  domain->guest_agent, domain->guest_agent_connected, domain->has_pcie,
			  domain->root_ports, domain->root_ports_free, domain->vga_hostdev_display,
			  vfm_domain_pci_count(domain));
}

/* Every member but the UUID, which is looked at for itself, a line each or more. */
static char *describe(const struct vfm_domain *domain)
{
	struct vfm_buffer out = {.data = NULL};

	vfm_buffer_puts(&out, "\n");
	put_top(&out, domain);
	put_list(&out, "pin", &domain->pins);
	put_list(&out, "pin_cpus", &domain->pin_cpus);
	put_list(&out, "memnode", &domain->numa_memnodes);
	put_list(&out, "filesystem", &domain->filesystems);
	put_list(&out, "shmem", &domain->shmems);
	put_list(&out, "tpm", &domain->tpms);
	put_list(&out, "vhost_user", &domain->vhost_users);
	put_list(&out, "secret", &domain->secrets);
	put_list(&out, "graphics", &domain->graphics);
	put_list(&out, "path", &domain->host_paths);
	for (size_t i = 0; i < domain->hugepages_count; i++)
		vfm_buffer_printf(&out, "hugepages=%llu %s\n",
				  (unsigned long long)domain->hugepages[i].size_kib,
				  or_none(domain->hugepages[i].nodeset));
	for (size_t i = 0; i < domain->interface_count; i++)
		put_interface(&out, &domain->interfaces[i]);
	for (size_t i = 0; i < domain->hostdev_count; i++)
		put_hostdev(&out, &domain->hostdevs[i]);
	for (size_t i = 0; i < domain->disk_count; i++)
		put_disk(&out, &domain->disks[i]);
	return vfm_buffer_steal(&out);
}

static char *document(const struct row *row, size_t *ret_size)
{
	VFM_AUTO_FREE char *file = vfm_text_printf("domains/%s.xml", row->file);

	return unit_data(file, ret_size);
}

/* How many lines begin so; the first one of a description is empty. */
static size_t count_lines(const char *text, const char *key)
{
	size_t count = 0;

	for (; text; text = strchr(text, '\n'), text = text ? text + 1 : NULL)
		count += vfm_text_after(text, key) != NULL;
	return count;
}

static void check_lines(const struct row *row, const char *described)
{
	const char *end;

	for (const char *line = row->lines; *line; line = end + 1) {
		VFM_AUTO_FREE char *wanted = NULL, *key = NULL;

		end = strchr(line, '\n');
		wanted = vfm_text_printf("\n%.*s\n", (int)(end - line), line);
		if (!strstr(described, wanted))
			fail_msg("%s: no %s in %s", row->file, wanted, described);
		key = vfm_text_printf("%.*s=", (int)strcspn(line, "="), line);
		if (count_lines(described, key) != count_lines(row->lines, key))
			fail_msg("%s: other lines %s in %s", row->file, key, described);
	}
}

static void test_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
		VFM_AUTO_FREE char *described = NULL, *xml = NULL;
		size_t size;

		xml = document(&rows[i], &size);
		if (vfm_domain_parse(xml, size, rows[i].file, &domain, &err) < 0)
			fail_msg("%s: %s", rows[i].file, err.what);
		assert_int_equal(strlen(domain.uuid), 36);
		described = describe(&domain);
		check_lines(&rows[i], described);
	}
}

/* Which firmware a VM starts with, by its <os>. */
static void test_firmware(void **state)
{
	static const struct {
		const char *os;
		enum vfm_os_firmware firmware;
		bool secure_boot;
	} kinds[] = {
		{"<os/>", VFM_FIRMWARE_BIOS, false},
		{"<os firmware='bios'/>", VFM_FIRMWARE_BIOS, false},
		{"<os><loader type='rom'>/usr/share/seabios/bios.bin</loader></os>",
		 VFM_FIRMWARE_BIOS, false},
		{"<os firmware='efi'/>", VFM_FIRMWARE_EFI, false},
		{"<os firmware='efi'><loader secure='yes'/></os>", VFM_FIRMWARE_EFI, true},
		{"<os firmware='efi'><loader secure='no'/></os>", VFM_FIRMWARE_EFI, false},
		{"<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/>"
		 "<feature enabled='no' name='enrolled-keys'/></firmware></os>",
		 VFM_FIRMWARE_EFI, true},
		{"<os firmware='efi'><firmware><feature enabled='no' name='enrolled-keys'/>"
		 "<feature name='secure-boot' enabled='yes'/></firmware></os>",
		 VFM_FIRMWARE_EFI, true},
		{"<os firmware='efi'><firmware><feature enabled='no' name='secure-boot'/>"
		 "</firmware></os>",
		 VFM_FIRMWARE_EFI, false},
		{"<os firmware='efi'><firmware><feature enabled='yes' name='enrolled-keys'/>"
		 "</firmware></os>",
		 VFM_FIRMWARE_EFI, false},
		/* as libvirt writes it of a VM that runs, with what it chose */
		{"<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/>"
		 "</firmware><loader readonly='yes' secure='yes' type='pflash'>/a.fd</loader>"
		 "<nvram template='/v.fd'>/b.fd</nvram></os>",
		 VFM_FIRMWARE_EFI, true},
		{"<os><loader readonly='yes' type='pflash'>/a.fd</loader></os>", VFM_FIRMWARE_EFI,
		 false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(kinds); i++) {
		VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
		VFM_AUTO_FREE char *xml =
			vfm_text_printf("<domain><name>a</name>%s</domain>", kinds[i].os);

		assert_int_equal(vfm_domain_parse(xml, strlen(xml), "a", &domain, NULL), 0);
		if (domain.firmware != kinds[i].firmware ||
		    domain.secure_boot != kinds[i].secure_boot)
			fail_msg("%s: %d %d", kinds[i].os, domain.firmware, domain.secure_boot);
	}
}

/* ---- without memory -------------------------------------------------------- */

/* The linker puts these in the place of libc's; libxml2 keeps its own. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *place, size_t size);
void *__real_reallocarray(void *place, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *place, size_t size);
void *__wrap_reallocarray(void *place, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);

static size_t left; /* so many succeed before one does not; 0: all succeed */

static bool fails(void)
{
	return left > 0 && --left == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *place, size_t size)
{
	return fails() ? NULL : __real_realloc(place, size);
}

void *__wrap_reallocarray(void *place, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(place, count, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
	return fails() ? NULL : __real_strndup(text, size);
}

/* Whichever allocation fails, the document is not taken for one that lacks what was to be read. */
static void check_no_memory(const struct row *row)
{
	size_t size, failed = 0;
	VFM_AUTO_FREE char *xml = document(row, &size);
	int r = -ENOMEM;

	for (size_t number = 1; r == -ENOMEM; number++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};

		left = number;
		r = vfm_domain_parse(xml, size, row->file, &domain, &err);
		failed += r == -ENOMEM;
		if (left == 0 ? r != -ENOMEM : r < 0)
			fail_msg("%s: allocation %zu: %d %s", row->file, number, r,
				 err.what ? err.what : "");
		left = 0;
	}
	assert_true(failed > 10);
}

static void test_no_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		check_no_memory(&rows[i]);
}

#define BAD(devices) "<domain><name>a</name><devices>" devices "</devices></domain>"

static void test_errors(void **state)
{
	static const char *const bad[] = {
		"",
		"<network><name>a</name></network>",
		"<domain/>",
		"<domstatus/>",
		"<!DOCTYPE domain [<!ENTITY a 'x'>]><domain><name>&a;</name></domain>",
		"<domain><name>a</name><memory>much</memory></domain>",
		"<domain><name>a</name><memory unit='shovel'>1</memory></domain>",
		"<domain><name>a</name><memory unit='GiB'>18446744073709551615</memory></domain>",
		"<domain><name>a</name><vcpu>0</vcpu></domain>",
		"<domain><name>a</name><vcpu current='x'>1</vcpu></domain>",
		"<domain><name>a</name><cputune><vcpupin vcpu='0'/></cputune></domain>",
		BAD("<hostdev type='pci'/>"),
		BAD("<hostdev type='pci'><source><address bus='1' slot='32'/></source></hostdev>"),
		BAD("<hostdev type='mdev'><source><address uuid='1'/></source></hostdev>"),
		BAD("<interface/>"),
		BAD("<interface type='hostdev'/>"),
		BAD("<interface type='user'><mac address='52'/></interface>"),
		BAD("<interface type='user'><address type='pci' bus='256' slot='0'/></interface>"),
		BAD("<disk type='file'/>"),
		BAD("<disk type='nvme'><target dev='a'/></disk>"),
		BAD("<controller type='pci' model='pcie-root-port' index='x'/>"),
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bad); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct vfm_domain domain = {.name = NULL};
		int r = vfm_domain_parse(bad[i], strlen(bad[i]), "vm1", &domain, &err);

		if (r != -EINVAL || domain.name)
			fail_msg("%s: %d", bad[i], r);
		assert_string_equal(err.object, "vm1");
		assert_non_null(err.what);
	}
}

/* Cut off anywhere, in memory exactly as large: only blanks behind the root may be missing. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		size_t size;
		VFM_AUTO_FREE char *xml = document(&rows[i], &size);

		for (size_t cut = 0; cut + 1 < size; cut++) {
			VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
			VFM_AUTO_FREE char *copy = malloc(cut ? cut : 1);

			memcpy(copy, xml, cut);
			assert_int_equal(vfm_domain_parse(copy, cut, "vm1", &domain, NULL),
					 -EINVAL);
		}
	}
}

/* ---- VFs picked out of pools ---- */

#define VM(interfaces) "<domain><name>a</name><devices>" interfaces "</devices></domain>"
#define GUEST(bus)     "<address type='pci' domain='0' bus='" bus "' slot='0' function='0'/>"
#define POOLED(mac, bus)                                                                           \
	"<interface type='network'><mac address='" mac                                             \
	"'/><source network='vfs'/>" GUEST(bus) "</interface>"
#define GIVEN(mac, bus, function)                                                                  \
	"<interface type='hostdev' managed='yes'><mac address='" mac "'/><source><address "        \
	"type='pci' domain='0' bus='1' slot='16' function='" function                              \
	"'/></source>" GUEST(bus) "</interface>"
#define MAC_1 "52:54:00:00:00:01"
#define MAC_2 "52:54:00:00:00:02"

static void parse(const char *xml, struct vfm_domain *ret_domain)
{
	assert_int_equal(vfm_domain_parse(xml, strlen(xml), "vm1", ret_domain, NULL), 0);
}

/* Each pool's interface has the VF that the same device of the guest has as it runs. */
static void test_picks(void **state)
{
	/* in another order; the first two have one MAC address, the third is of no pool, and the
	 * fourth is not there */
	static const char away[] =
		VM(POOLED(MAC_1, "1") POOLED(MAC_1, "2") GIVEN(MAC_2, "3", "6") POOLED(MAC_2, "4"));
	static const char here[] = VM(GIVEN(MAC_2, "3", "7") GIVEN(MAC_1, "2", "2")
					      GIVEN(MAC_1, "1", "1") POOLED(MAC_2, "5"));
	static const struct {
		enum vfm_interface_type type;
		const char *address;
		bool managed, pooled;
	} wanted[] = {
		{VFM_INTERFACE_HOSTDEV, "0000:01:10.1", true, true},
		{VFM_INTERFACE_HOSTDEV, "0000:01:10.2", true, true},
		{VFM_INTERFACE_HOSTDEV, "0000:01:10.6", true, false},
		{VFM_INTERFACE_NETWORK, "", false, true},
	};
	VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
	VFM_AUTO_DOMAIN struct vfm_domain running = {.name = NULL};

	(void)state;
	parse(away, &domain);
	parse(here, &running);
	vfm_domain_add_picks(&domain, &running);
	assert_int_equal(domain.interface_count, VFM_ARRAY_SIZE(wanted));
	for (size_t i = 0; i < VFM_ARRAY_SIZE(wanted); i++) {
		const struct vfm_domain_interface *interface = &domain.interfaces[i];

		assert_int_equal(interface->type, wanted[i].type);
		assert_string_equal(interface->host_address, wanted[i].address);
		assert_int_equal(interface->managed, wanted[i].managed);
		assert_int_equal(interface->network != NULL, wanted[i].pooled);
	}
	/* again, and by none: as it was */
	vfm_domain_add_picks(&domain, &domain);
	assert_string_equal(domain.interfaces[0].host_address, "0000:01:10.1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents), cmocka_unit_test(test_firmware),
		cmocka_unit_test(test_no_memory), cmocka_unit_test(test_errors),
		cmocka_unit_test(test_cut),       cmocka_unit_test(test_picks),
	};

	vfm_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
