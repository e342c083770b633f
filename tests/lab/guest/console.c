// SPDX-License-Identifier: GPL-2.0
/*
 * The serial line: the guest's only voice.
 */
#include "guest.h"

#define COM1        0x3f8
#define COM1_IER    (COM1 + 1)
#define COM1_LCR    (COM1 + 3)
#define COM1_LSR    (COM1 + 5)
#define LCR_DIVISOR 0x80
#define LCR_8N1     0x03
#define LSR_EMPTY   0x20

void console_init(void)
{
	outb(COM1_IER, 0);
	outb(COM1_LCR, LCR_DIVISOR);
	outb(COM1, 1); /* 115200 */
	outb(COM1_IER, 0);
	outb(COM1_LCR, LCR_8N1);
}

static void put(char c)
{
	while (!(inb(COM1_LSR) & LSR_EMPTY))
		;
	outb(COM1, (uint8_t)c);
}

void say(const char *text)
{
	while (*text)
		put(*text++);
}

void say_hex(uint32_t value, int digits)
{
	while (digits--)
		put("0123456789abcdef"[value >> (digits * 4) & 15]);
}

void say_number(uint32_t value)
{
	char digits[10];
	int count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (count)
		put(digits[--count]);
}
