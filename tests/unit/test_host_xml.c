/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libvirt says of a host and its networks: documents of several kinds, and damaged ones. */
#include "unit.h"

#include "base/quiet.h"
#include "domain/capabilities.h"
#include "domain/domcaps.h"
#include "domain/network.h"

/* Each kind of document as lines "member=value", without those that are not set. */

static void put(struct vfm_buffer *out, const char *member, const char *value)
{
	if (value)
		vfm_buffer_printf(out, "%s=%s\n", member, value);
}

static void put_flag(struct vfm_buffer *out, const char *member, bool value)
{
	put(out, member, value ? "yes" : NULL);
}

static void put_all(struct vfm_buffer *out, const char *member, const struct vfm_strings *values)
{
	for (size_t i = 0; i < values->count; i++)
		put(out, member, values->values[i]);
}

static int read_domcaps(const char *xml, size_t size, struct vfm_buffer *out, struct vfm_error *err)
{
	VFM_AUTO_DOMCAPS struct vfm_domcaps domcaps = {.machine = NULL};
	int r = vfm_domcaps_parse(xml, size, &domcaps, err);

	put(out, "machine", domcaps.machine);
	put(out, "arch", domcaps.arch);
	put(out, "type", domcaps.type);
	put(out, "cpu_model", domcaps.cpu_model);
	put_flag(out, "efi", domcaps.efi);
	put_flag(out, "efi_secure", domcaps.efi_secure);
	put_flag(out, "virtiofs", domcaps.virtiofs);
	put_all(out, "tpm_backend", &domcaps.tpm_backends);
	put_all(out, "launch_security", &domcaps.launch_security);
	return r;
}

static int read_network(const char *xml, size_t size, struct vfm_buffer *out, struct vfm_error *err)
{
	VFM_AUTO_NETWORK struct vfm_network network = {.forward = NULL};
	int r = vfm_network_parse(xml, size, "libvirt's network", &network, err);

	put(out, "forward", network.forward);
	put(out, "bridge", network.bridge);
	put(out, "virtualport", network.virtualport);
	put_all(out, "pf", &network.pfs);
	put_all(out, "address", &network.addresses);
	return r;
}

static int read_host(const char *xml, size_t size, const char *arch, struct vfm_buffer *out,
		     struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings machines = {.values = NULL};
	VFM_AUTO_FREE char *model = NULL;
	size_t cells = 0;
	int r = vfm_capabilities_host(xml, size, arch, &machines, &model, &cells, err);

	put_all(out, "machine", &machines);
	put(out, "secure_model", model);
	if (cells > 0)
		vfm_buffer_printf(out, "cells=%zu\n", cells);
	return r;
}

static int read_x86(const char *xml, size_t size, struct vfm_buffer *out, struct vfm_error *err)
{
	return read_host(xml, size, "x86_64", out, err);
}

static int read_arm(const char *xml, size_t size, struct vfm_buffer *out, struct vfm_error *err)
{
	return read_host(xml, size, "aarch64", out, err);
}

static int read_any(const char *xml, size_t size, struct vfm_buffer *out, struct vfm_error *err)
{
	return read_host(xml, size, NULL, out, err);
}

static int read_uuid(const char *xml, size_t size, struct vfm_buffer *out, struct vfm_error *err)
{
	VFM_AUTO_FREE char *uuid = NULL;
	int r = vfm_capabilities_host_uuid(xml, size, &uuid, err);

	put(out, "uuid", uuid);
	return r;
}

typedef int (*read_document)(const char *xml, size_t size, struct vfm_buffer *out,
			     struct vfm_error *err);

static const struct {
	const char *file;
	read_document read;
	const char *lines;
} documents[] = {
	{"domcaps-q35", read_domcaps,
	 "machine=pc-q35-rhel9.4.0\narch=x86_64\ntype=kvm\ncpu_model=EPYC-Milan\nefi=yes\n"
	 "efi_secure=yes\nvirtiofs=yes\ntpm_backend=passthrough\ntpm_backend=emulator\n"
	 "tpm_backend=external\nlaunch_security=sev\nlaunch_security=sev-snp\n"},
	{"domcaps-arm", read_domcaps, "machine=virt-8.2\narch=aarch64\ntype=qemu\nefi=yes\n"},
	/* secure loaders are of no use where there is no EFI */
	{"domcaps-bios", read_domcaps,
	 "machine=pc-i440fx-9.0\narch=x86_64\ntype=kvm\ncpu_model=Westmere\n"
	 "launch_security=tdx\nlaunch_security=s390-pv\n"},
	{"network-vf-pool", read_network,
	 "forward=hostdev\npf=enp59s0f0np0\naddress=0000:3b:00.2\naddress=0000:3b:01.7\n"},
	{"network-ovs", read_network, "forward=bridge\nbridge=br-int\nvirtualport=openvswitch\n"},
	{"network-default", read_network, "forward=nat\nbridge=virbr0\n"},
	{"network-isolated", read_network, "bridge=virbr1\n"},
	{"capabilities-two-cells", read_x86,
	 "machine=pc\nmachine=pc-i440fx-rhel7.6.0\nmachine=pc-q35-rhel9.4.0\n"
	 "machine=pc-q35-rhel9.5.0\nmachine=q35\nmachine=q35-next\nsecure_model=selinux\n"
	 "cells=2\n"},
	{"capabilities-two-cells", read_arm, "secure_model=selinux\ncells=2\n"},
	{"capabilities-two-cells", read_any, "secure_model=selinux\ncells=2\n"},
	{"capabilities-two-cells", read_uuid, "uuid=4c4c4544-0042-4410-8031-b4c04f313233\n"},
};

static char *document(size_t i, size_t *ret_size)
{
	VFM_AUTO_FREE char *file = vfm_text_printf("host-xml/%s.xml", documents[i].file);

	return unit_data(file, ret_size);
}

static void test_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(documents); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};
		size_t size;
		VFM_AUTO_FREE char *xml = document(i, &size);

		vfm_buffer_puts(&out, "");
		if (documents[i].read(xml, size, &out, &err) < 0)
			fail_msg("%s: %s", documents[i].file, err.what);
		if (!vfm_streq(out.data, documents[i].lines))
			fail_msg("%s:\n%s", documents[i].file, out.data);
	}
}

#define POOL(inner) "<network><forward mode='hostdev'>" inner "</forward></network>"

static const struct {
	const char *xml;
	read_document read;
	int error;
} bad[] = {
	{"", read_domcaps, -EINVAL},
	{"<domain/>", read_domcaps, -EINVAL},
	{"<domain/>", read_network, -EINVAL},
	{"<domain/>", read_x86, -EINVAL},
	{"<domain/>", read_uuid, -EINVAL},
	{"<capabilities/>", read_uuid, -ENOENT},
	{"<capabilities><host><uuid/></host></capabilities>", read_uuid, -ENOENT},
	{POOL("<address type='pci' domain='0' bus='0x3b' slot='0x20' function='0'/>"), read_network,
	 -EINVAL},
	{POOL("<address type='pci' bus='0x3b'/>"), read_network, -EINVAL},
	{POOL("<pf dev='eth0'/><address bus='1' slot='0'/><address/>"), read_network, -EINVAL},
	{"<!DOCTYPE network [<!ENTITY a 'x'>]><network><bridge name='&a;'/></network>",
	 read_network, -EINVAL},
};

/* What fails says why, and leaves nothing behind. */
static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bad); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};
		int r = bad[i].read(bad[i].xml, strlen(bad[i].xml), &out, &err);

		if (r != bad[i].error || out.size > 0)
			fail_msg("%s: %d %s", bad[i].xml, r, out.size ? out.data : "");
		assert_non_null(strstr(err.object, "libvirt's"));
		assert_non_null(err.what);
	}
}

static const struct {
	const char *xml;
	read_document read;
	const char *lines;
} odd[] = {
	{"<domainCapabilities/>", read_domcaps, ""},
	{"<network/>", read_network, ""},
	{"<network><forward mode=''/></network>", read_network, "forward=nat\n"},
	{POOL("<pf/><pf dev=''/>"), read_network, "forward=hostdev\n"},
	{"<capabilities/>", read_x86, ""},
	/* what is there twice counts once */
	{"<domainCapabilities><cpu><mode name='host-model'><model>a</model></mode>"
	 "<mode name='host-model'><model>b</model></mode></cpu></domainCapabilities>",
	 read_domcaps, "cpu_model=a\n"},
	{"<domainCapabilities><features><sev supported='yes'/><launchSecurity supported='yes'>"
	 "<enum name='sectype'><value>sev</value></enum></launchSecurity></features>"
	 "</domainCapabilities>",
	 read_domcaps, "launch_security=sev\n"},
	{"<capabilities><guest><arch name='x86_64'><machine/><machine canonical='q35-1'>q35"
	 "</machine><domain><machine canonical='q35-1'>q35</machine></domain></arch></guest>"
	 "</capabilities>",
	 read_x86, "machine=q35\nmachine=q35-1\n"},
};

static void test_odd(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(odd); i++) {
		VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};

		vfm_buffer_puts(&out, "");
		assert_int_equal(odd[i].read(odd[i].xml, strlen(odd[i].xml), &out, NULL), 0);
		if (!vfm_streq(out.data, odd[i].lines))
			fail_msg("%s:\n%s", odd[i].xml, out.data);
	}
}

/* Cut off anywhere, in memory exactly as large: only the last line's end may be missing. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(documents); i++) {
		size_t size;
		VFM_AUTO_FREE char *xml = document(i, &size);

		for (size_t cut = 0; cut + 1 < size; cut++) {
			VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};
			VFM_AUTO_FREE char *copy = malloc(cut ? cut : 1);

			memcpy(copy, xml, cut);
			assert_int_equal(documents[i].read(copy, cut, &out, NULL), -EINVAL);
			assert_int_equal(out.size, 0);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_cut),
	};

	vfm_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
