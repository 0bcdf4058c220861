; Where every CPU but the first begins.
;
; A start-up interrupt makes a CPU execute, in 16-bit real mode, the first byte
; of a page below 1 MiB. smp.c copies this code there, page by page the same,
; wherever the memory map has one free: so it is written to run at any such
; address, which it learns from cs. In a few dozen instructions it does what
; entry.asm does for the boot CPU, but on the kernel's final page tables:
;
;	real mode -> (PE and PG at once) -> 64-bit mode at the same address,
;	which is mapped to itself for as long as CPUs are being started
;	-> its own stack -> ap_start() in the kernel's half
;
; Everything it needs stands in the struct ap_boot at the end of the page. The
; stack is taken by an exchange: of two CPUs that come at the same time (one
; given up as dead that woke up after all) only one finds it there.
;
; Source: SDM volume 3A, 9.4.4 (MP initialization), 10.8.5 (IA-32e mode).

%include "asm_offsets.inc"

CR0_BITS	equ 0x80050033	; PG AM WP NE ET MP PE
CR4_PAE		equ 1 << 5
MSR_EFER	equ 0xc0000080
CODE_SELECTOR	equ 0x08
AP_BOOT		equ 4096 - AP_BOOT_SIZE

section .rodata progbits alloc noexec nowrite align=16

bits 16
global trampoline_start
trampoline_start:
	cli
	cld
	mov	ax, cs
	mov	ds, ax
	xor	ebx, ebx
	mov	bx, ax
	shl	ebx, 4			; ebx = physical address of this page

	; Two pointers depend on where we are.
	lea	eax, [ebx + gdt - trampoline_start]
	mov	[gdtr - trampoline_start + 2], eax
	lea	eax, [ebx + long_mode - trampoline_start]
	mov	[far_pointer - trampoline_start], eax

	o32 lgdt [gdtr - trampoline_start]
	mov	eax, CR4_PAE
	mov	cr4, eax
	mov	eax, [AP_BOOT + AP_BOOT_CR3]
	mov	cr3, eax
	mov	ecx, MSR_EFER
	mov	eax, [AP_BOOT + AP_BOOT_EFER]
	xor	edx, edx
	wrmsr
	mov	eax, CR0_BITS
	mov	cr0, eax
	jmp	far dword [far_pointer - trampoline_start]

bits 64
long_mode:
	mov	ebx, ebx
	xor	eax, eax
	mov	ds, eax
	mov	es, eax
	mov	ss, eax
	mov	fs, eax
	mov	gs, eax
	xchg	rax, [rbx + AP_BOOT + AP_BOOT_STACK]
	test	rax, rax
	jz	.too_late
	mov	rsp, rax
	xor	ebp, ebp
	mov	rdi, [rbx + AP_BOOT + AP_BOOT_GS_BASE]
	mov	rax, [rbx + AP_BOOT + AP_BOOT_ENTRY]
	push	rbp			; ends stack traces
	call	rax			; does not return
.too_late:
	cli
	hlt
	jmp	.too_late

align 8
gdt:
	dq	0
	dq	0x00af9b000000ffff	; 64-bit code, ring 0
gdt_end:
gdtr:
	dw	gdt_end - gdt - 1
	dd	0			; filled in above
	align	4, db 0
far_pointer:
	dd	0			; filled in above
	dw	CODE_SELECTOR

global trampoline_end
trampoline_end:

section .note.GNU-stack noalloc noexec nowrite progbits
