// SPDX-License-Identifier: GPL-2.0
/*
 * The processor and the timer, set up once: flat segments, all interrupts acknowledged, one
 * of them counted.
 */
#include "guest.h"

extern void irq0(void), irqx(void);

struct table {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

static struct gate {
	uint16_t low, selector;
	uint8_t zero, type;
	uint16_t high;
} __attribute__((packed)) gates[256];

static uint64_t segments[] = {0, 0x00cf9a000000ffff, 0x00cf92000000ffff}; /* flat */

static void set_gate(struct gate *gate, void (*handler)(void))
{
	uint32_t at = (uint32_t)handler;

	gate->low = (uint16_t)at;
	gate->high = (uint16_t)(at >> 16);
	gate->selector = 8;
	gate->type = 0x8e;
}

void processor_init(void)
{
	struct table gdt = {sizeof(segments) - 1, (uint32_t)segments};
	struct table idt = {sizeof(gates) - 1, (uint32_t)gates};

	__asm__ volatile("lgdt %0\n\t"
			 "ljmp $8, $1f\n"
			 "1:\tmov $16, %%eax\n\t"
			 "mov %%eax, %%ds\n\t"
			 "mov %%eax, %%es\n\t"
			 "mov %%eax, %%ss"
			 :
			 : "m"(gdt)
			 : "eax", "memory");
	for (int i = 0; i < 256; i++)
		set_gate(&gates[i], irqx);
	set_gate(&gates[32], irq0);
	__asm__ volatile("lidt %0" : : "m"(idt));
}

void timer_init(void)
{
	static const struct {
		uint16_t port;
		uint8_t value;
	} writes[] = {
		{0x20, 0x11},
		{0xa0, 0x11},
		{0x21, 32},
		{0xa1, 40},
		{0x21, 4},
		{0xa1, 2},
		{0x21, 1},
		{0xa1, 1},
		{0x21, 0xfe},
		{0xa1, 0xff},
		{0x43, 0x34},
		{0x40, (1193182 / HZ) & 255},
		{0x40, (1193182 / HZ) >> 8},
	};

	for (uint32_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		outb(writes[i].port, writes[i].value);
}
