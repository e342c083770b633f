/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CPUs in libvirt's XML: from domain capabilities, into a VM's definition. */
#include "unit.h"

#include "base/quiet.h"
#include "domain/cpu_xml.h"

#define HOST(arch, modes)                                                                          \
	"<domainCapabilities><path>/usr/bin/qemu</path><domain>kvm</domain>"                       \
	"<machine>pc-q35-10.0</machine>" arch "<cpu>" modes "</cpu></domainCapabilities>"
#define X86   "<arch>x86_64</arch>"
#define OTHER "<mode name='host-passthrough' supported='yes'/>"
#define MODEL                                                                                      \
	"<mode name='host-model' supported='yes'><model fallback='forbid'>EPYC</model>"            \
	"<vendor>AMD</vendor><feature policy='require' name='x2apic'/></mode>"

static const struct host_row {
	const char *xml;
	int error;
	const char *arch, *model, *vendor, *cpu;
} host_rows[] = {
	{HOST(X86, OTHER MODEL "<mode name='custom' supported='yes'/>"), 0, "x86_64", "EPYC", "AMD",
	 "<cpu mode=\"custom\" match=\"exact\"><model fallback=\"forbid\">EPYC</model>"
	 "<vendor>AMD</vendor><feature policy=\"require\" name=\"x2apic\"/></cpu>"},
	{HOST("<arch>aarch64</arch>", OTHER "<mode name='host-model' supported='no'/>"), 0,
	 "aarch64", NULL, NULL, NULL},
	{HOST(X86, ""), 0, "x86_64", NULL, NULL, NULL},
	{HOST("", MODEL), -EINVAL, NULL, NULL, NULL, NULL},
	{"<capabilities/>", -EINVAL, NULL, NULL, NULL, NULL},
	{"<domainCapabilities", -EINVAL, NULL, NULL, NULL, NULL},
	{"<!DOCTYPE x [<!ENTITY a 'b'>]><domainCapabilities/>", -EINVAL, NULL, NULL, NULL, NULL},
};

static void check_text(const char *is, const char *expected)
{
	if (!expected)
		assert_null(is);
	else
		assert_string_equal(is, expected);
}

static void test_host(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(host_rows); i++) {
		const struct host_row *row = &host_rows[i];
		VFM_AUTO_HOST_CPU struct vfm_host_cpu cpu = {.arch = NULL};

		assert_int_equal(vfm_host_cpu_read(row->xml, strlen(row->xml), "caps", &cpu, NULL),
				 row->error);
		check_text(cpu.arch, row->arch);
		check_text(cpu.virt_type, row->error ? NULL : "kvm");
		check_text(cpu.model, row->model);
		check_text(cpu.vendor, row->vendor);
		check_text(cpu.cpu, row->cpu);
	}
}

static void test_content(void **state)
{
	static const char xml[] =
		"<cpu><model>M</model><feature policy='require' name='b'/>"
		"<feature policy='disable' name='c'/><feature policy='force' name='a'/>"
		"<feature policy='optional' name='d'/><feature name='e'/>"
		"<feature policy='require'/></cpu>";
	VFM_AUTO_CPU_CONTENT struct vfm_cpu_content content = {.model = NULL};

	(void)state;
	assert_int_equal(vfm_cpu_read(xml, strlen(xml), "cpu", &content, NULL), 0);
	assert_string_equal(content.model, "M");
	assert_int_equal(content.features.count, 2);
	assert_string_equal(content.features.values[0], "a");
	assert_string_equal(content.features.values[1], "b");
	assert_int_equal(vfm_cpu_read("<mode/>", 7, "cpu", &content, NULL), -EINVAL);
}

#define VM(cpu)                                                                                    \
	"<domain type='kvm'><name>g1</name><os><type arch='x86_64' machine='q35'>hvm</type></os>"  \
	"<!-- mine -->" cpu "<devices><cpu>no</cpu></devices></domain>"

static const struct vm_row {
	const char *xml;
	int error;
	const char *mode, *cpu;
} vm_rows[] = {
	{VM(""), 0, NULL, NULL},
	{VM("<cpu mode='host-passthrough' check='none'/>"), 0, "host-passthrough",
	 "<cpu mode=\"host-passthrough\" check=\"none\"/>"},
	{VM("<cpu><model>M</model></cpu>"), 0, "custom", "<cpu><model>M</model></cpu>"},
	{VM("<cpu><topology sockets='2'/></cpu>"), 0, NULL, "<cpu><topology sockets=\"2\"/></cpu>"},
	{"<domain type='kvm'><os/></domain>", -EINVAL, NULL, NULL},
	{"<domain><os><type arch='x86_64'/></os></domain>", -EINVAL, NULL, NULL},
};

static void test_vm(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(vm_rows); i++) {
		const struct vm_row *row = &vm_rows[i];
		VFM_AUTO_VM_CPU struct vfm_vm_cpu cpu = {.arch = NULL};

		assert_int_equal(vfm_vm_cpu_read(row->xml, strlen(row->xml), "g1", &cpu, NULL),
				 row->error);
		check_text(cpu.arch, row->error ? NULL : "x86_64");
		check_text(cpu.virt_type, row->error ? NULL : "kvm");
		check_text(cpu.mode, row->mode);
		check_text(cpu.cpu, row->cpu);
	}
}

#define NEW                                                                                        \
	"<cpu mode='custom'><model>N</model><feature policy='require' name='vmx'/>"                \
	"<feature policy='require' name='aes'/></cpu>"
#define NEW_DONE                                                                                   \
	"<cpu mode=\"custom\"><model>N</model><feature policy=\"require\" name=\"vmx\"/>"          \
	"<feature policy=\"require\" name=\"aes\"/></cpu>"
#define VM_DONE(cpu, behind)                                                                       \
	"<domain type=\"kvm\"><name>g1</name><os><type arch=\"x86_64\" machine=\"q35\">hvm</type>" \
	"</os>" cpu "<!-- mine -->" behind "<devices><cpu>no</cpu></devices></domain>"

/* The CPU's own kind goes; what its owner said of the VM beside it stays. */
static const struct replace_row {
	const char *xml, *expected;
} replace_rows[] = {
	{VM(""), VM_DONE(NEW_DONE, "")},
	{VM("<cpu mode='host-model' check='full'/>"), VM_DONE("", NEW_DONE)},
	{VM("<cpu><model>M</model><vendor>V</vendor><feature policy='require' name='z'/>"
	    "<cache mode='passthrough'/></cpu>"),
	 VM_DONE("", NEW_DONE)},
	{VM("<cpu mode='host-model'><topology sockets='2'/><numa><cell id='0'/></numa>"
	    "<feature policy='disable' name='vmx'/><feature policy='forbid' name='svm'/></cpu>"),
	 VM_DONE("", "<cpu mode=\"custom\"><model>N</model>"
		     "<feature policy=\"require\" name=\"aes\"/><topology sockets=\"2\"/>"
		     "<numa><cell id=\"0\"/></numa><feature policy=\"disable\" name=\"vmx\"/>"
		     "<feature policy=\"forbid\" name=\"svm\"/></cpu>")},
};

static void test_replace(void **state)
{
	VFM_AUTO_FREE char *none = NULL;

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(replace_rows); i++) {
		const struct replace_row *row = &replace_rows[i];
		VFM_AUTO_FREE char *xml = NULL;

		assert_int_equal(
			vfm_vm_cpu_replace(row->xml, strlen(row->xml), "g1", NEW, &xml, NULL), 0);
		assert_string_equal(xml, row->expected);
	}
	assert_int_equal(vfm_vm_cpu_replace(VM(""), strlen(VM("")), "g1", "<mode/>", &none, NULL),
			 -EINVAL);
	assert_int_equal(vfm_vm_cpu_replace("<domain/>", 9, "g1", NEW, &none, NULL), -EINVAL);
	assert_null(none);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_vm),
		cmocka_unit_test(test_replace),
	};

	vfm_quiet();
	return cmocka_run_group_tests_name("cpu-xml", tests, NULL, NULL);
}
