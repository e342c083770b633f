// SPDX-License-Identifier: GPL-2.0
/*
 * The lab's nested guest: a VM small enough to start at once under two levels of
 * emulation, that proves by its own words that it and its VF go on.  Twice a second it
 * says a heartbeat line, after it has verified and rewritten 4 MiB of memory:
 *
 *   HB 20 ok vf=01:00.0 101e15b3 cmd=0006 status=800d0481 seq=500 tx=512 rx=12 echo=6 init=1
 * stuck=0
 *
 * seq tx rx echo: frames numbered, sent, received, pings answered; init: how often the VF
 * was set up; vfst=N in their place: the VF is not up (enum vf_state).  A vGPU, if it has one,
 * and a second behind it:
 *
 *   gpu0=1153 gen0=1 stores0=90 failed0=0 words0=ok fb0=ok
 *
 * type, how often it was moved, words stored by it in memory, those that it could not; what
 * it stored and what is in its framebuffer is as it was left, or BAD.
 */
#include "guest.h"

void kmain(void);

#define BEAT_TICKS (HZ / 2)
#define PAGES      1024
#define PAGE_WORDS 1024

static volatile uint32_t *const work = (volatile uint32_t *)0x1000000;

/* ---- memory ------------------------------------------------------------------- */

static uint32_t pattern(uint32_t generation, uint32_t page)
{
	return generation * 2654435761U + generation * page;
}

static void work_write(uint32_t generation)
{
	for (uint32_t page = 0; page < PAGES; page++)
		work[page * PAGE_WORDS] = pattern(generation, page);
}

static bool work_intact(uint32_t generation)
{
	for (uint32_t page = 0; page < PAGES; page++)
		if (work[page * PAGE_WORDS] != pattern(generation, page))
			return false;
	return true;
}

/* ---- heartbeat ------------------------------------------------------------------ */

static void say_field(const char *name, uint32_t value)
{
	say(name);
	say_number(value);
}

static void say_function(const struct vf *vf)
{
	uint32_t command = pci_read(&vf->at, 4) & 0xffff;

	say_hex(vf->at.bus, 2);
	say(":");
	say_hex(vf->at.devfn >> 3, 2);
	say(".");
	say_hex(vf->at.devfn & 7, 1);
	say(" ");
	say_hex(pci_read(&vf->at, 0), 8);
	say(" cmd=");
	say_hex(command, 4);
	if (vf->bar && command & 2) {
		say(" status=");
		say_hex(*(volatile uint32_t *)(vf->bar + 8), 8);
	}
}

static void say_traffic(const struct vf *vf)
{
	if (vf->state != VF_UP) {
		say_field(" vfst=", vf->state);
		return;
	}
	say_field(" seq=", net_sequence);
	say_field(" tx=", vf->sent);
	say_field(" rx=", vf->received);
	say_field(" echo=", net_echoes);
	say_field(" init=", vf->inits);
	say_field(" stuck=", vf->stuck);
}

static void say_beat(const struct vf *vf, uint32_t beat, bool intact)
{
	say_field("HB ", beat);
	say(intact ? " ok vf=" : " BAD vf=");
	if (vf->there) {
		say_function(vf);
		say_traffic(vf);
	} else {
		say("none");
	}
}

void kmain(void)
{
	static struct vf vf;
	static struct vgpu vgpus[VGPUS_MAX];
	uint32_t beat = 0, next = BEAT_TICKS, count;
	bool intact = true;

	console_init();
	processor_init();
	timer_init();
	say("LABGUEST start\n");
	vf_find(&vf);
	count = vgpu_find(vgpus);
	work_write(0);
	__asm__ volatile("sti");
	for (;;) {
		__asm__ volatile("hlt");
		if (vf_poll(&vf))
			net_send_number(&vf, beat);
		vgpu_poll(vgpus, count);
		if ((int32_t)(ticks - next) < 0)
			continue;
		next += BEAT_TICKS;
		intact = intact && work_intact(beat); /* once bad is bad for good */
		work_write(++beat);
		say_beat(&vf, beat, intact);
		vgpu_beat(vgpus, count, beat);
		say("\n");
	}
}
