/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry by the multiboot protocol, stack, and the two interrupt handlers.  kmain may take the
 * loader's magic number and information.
 */
	.code32
	.section .multiboot, "a"
	.align 4
	.long 0x1badb002, 0x00000003, -(0x1badb002 + 3)

	.text
	.globl _start
_start:	cli
	movl $stack_top, %esp
	pushl %ebx
	pushl %eax
	call kmain
1:	hlt
	jmp 1b

/* the timer */
	.globl irq0
irq0:	pushal
	incl ticks
	movb $0x20, %al
	outb %al, $0x20
	popal
	iretl

/* anything else is acknowledged and forgotten */
	.globl irqx
irqx:	pushal
	movb $0x20, %al
	outb %al, $0xa0
	outb %al, $0x20
	popal
	iretl

	.bss
	.globl ticks
	.align 16
ticks:	.skip 16
	.skip 8192
stack_top:
	.section .note.GNU-stack, "", @progbits
