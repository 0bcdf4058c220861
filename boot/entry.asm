; From a boot loader's 32-bit mode to C in the higher half.
;
; Both doors enter here in 32-bit protected mode with flat segments and paging
; off. What is done, in order: keep the loader's pointer, make sure that the
; CPU has long mode, build page tables, switch to long mode, jump to the
; kernel's linked address, call x86_start_kernel(door, info).
;
; The page tables built here map the first 4 GiB with 2 MiB pages, seen three
; times: at 0 (so that the instruction after paging comes on still exists), at
; the direct map, and, its first GiB, at the kernel's linked address:
;
;   PML4[0] ----------> PDPT_low[0..3] -> PD[0..3]   0 .. 4 GiB
;   PML4[273] --------^                              0xffff8880_00000000 ..
;   PML4[511] -> PDPT_high[510] --------> PD[0]      0xffffffff_80000000 ..
;
; mm builds the final tables, with proper permissions, and leaves these.
;
; Source: SDM volume 3A, 10.8.5 (initializing IA-32e mode), 4.5 (paging).

extern x86_start_kernel
extern init_stack
extern _image_start
extern _image_end_paddr

KERNEL_VMA	equ 0xffffffff80000000
INIT_STACK_SIZE	equ 16384
MB2_LOADER_MAGIC equ 0x36d76289
; struct hvm_start_info and its modules, as arch/x86_64/boot_info.c has them.
START_INFO_MAGIC equ 0
START_INFO_MAGIC_VALUE equ 0x336ec578
START_INFO_MODULES equ 12
START_INFO_MODLIST equ 16
MODULE_PADDR	equ 0
MODULE_SIZE	equ 8
DOOR_PVH	equ 0
DOOR_MB2	equ 1

CR0_PE		equ 1 << 0
CR0_WP		equ 1 << 16
CR0_PG		equ 1 << 31
CR4_PAE		equ 1 << 5
MSR_EFER	equ 0xc0000080
EFER_LME	equ 1 << 8
EFER_NXE	equ 1 << 11
PTE_P_RW	equ 0x003
PTE_LARGE	equ 0x083		; present, writable, 2 MiB

bits 32
section .boot.text alloc exec nowrite align=16

global multiboot2_entry
; In: eax = loader's magic, ebx = physical address of its information.
multiboot2_entry:
	cld
	mov	edi, DOOR_MB2
	cmp	eax, MB2_LOADER_MAGIC
	je	enter_long_mode
	mov	esi, msg_loader
	jmp	boot_fail

global pvh_entry
; In: ebx = physical address of struct hvm_start_info.
pvh_entry:
	cld
	mov	esp, boot_stack_top
	call	check_initramfs
	mov	edi, DOOR_PVH

; From here on edi = door and ebx = its information, until C takes over.
enter_long_mode:
	mov	esp, boot_stack_top
	call	check_long_mode
	call	build_page_tables

	mov	eax, cr4
	or	eax, CR4_PAE
	mov	cr4, eax
	mov	eax, boot_pml4
	mov	cr3, eax
	mov	ecx, MSR_EFER
	rdmsr
	or	eax, EFER_LME
	test	ebp, ebp		; NX as CPUID told check_long_mode
	jz	.no_nx
	or	eax, EFER_NXE
.no_nx:
	wrmsr
	mov	eax, cr0
	or	eax, CR0_PG | CR0_WP | CR0_PE
	mov	cr0, eax
	lgdt	[boot_gdtr]
	jmp	0x08:entry_64

; QEMU puts the initramfs below the top of memory, be the kernel there or not:
; what is left of us then must not run. (Where it lies over this very code too,
; nobody is left to say so.) A damaged start_info is C's to report.
; In: ebx = struct hvm_start_info. Clobbers eax, ecx, esi.
check_initramfs:
	cmp	dword [ebx + START_INFO_MAGIC], START_INFO_MAGIC_VALUE
	jne	.apart
	cmp	dword [ebx + START_INFO_MODULES], 0
	je	.apart
	mov	ecx, [ebx + START_INFO_MODLIST]
	mov	eax, [ecx + MODULE_PADDR]
	cmp	eax, _image_end_paddr
	jae	.apart
	add	eax, [ecx + MODULE_SIZE]
	mov	esi, msg_initramfs
	cmp	eax, _image_start
	ja	boot_fail
.apart:	ret

; Out: ebp = 1 if the CPU has no-execute pages. Does not return without long
; mode. Clobbers eax, ecx, edx, esi; keeps ebx, which CPUID would overwrite.
check_long_mode:
	push	ebx
	mov	esi, msg_long_mode
	mov	eax, 0x80000000
	cpuid
	cmp	eax, 0x80000001
	jb	boot_fail
	mov	eax, 0x80000001
	cpuid
	test	edx, 1 << 29
	jz	boot_fail
	mov	ebp, edx
	shr	ebp, 20
	and	ebp, 1
	pop	ebx
	ret

build_page_tables:
	push	edi
	mov	edi, boot_tables	; the loader need not have cleared it
	mov	ecx, (boot_tables_end - boot_tables) / 4
	xor	eax, eax
	rep	stosd
	mov	dword [boot_pml4 + 0 * 8], boot_pdpt_low + PTE_P_RW
	mov	dword [boot_pml4 + 273 * 8], boot_pdpt_low + PTE_P_RW
	mov	dword [boot_pml4 + 511 * 8], boot_pdpt_high + PTE_P_RW
	mov	dword [boot_pdpt_high + 510 * 8], boot_pd + PTE_P_RW
	mov	eax, boot_pd + PTE_P_RW
	mov	edi, boot_pdpt_low
	mov	ecx, 4
.pdpt:	mov	[edi], eax
	add	eax, 4096
	add	edi, 8
	loop	.pdpt
	mov	eax, PTE_LARGE
	mov	edi, boot_pd
	mov	ecx, 4 * 512
.pd:	mov	[edi], eax
	add	eax, 2 << 20
	add	edi, 8
	loop	.pd
	pop	edi
	ret

; Say why we cannot go on, on the first serial port and on the text screen
; (there is no driver, and never will be on this machine), and stop.
; In: esi = zero-terminated message.
boot_fail:
	mov	edi, 0xb8000
.next:	lodsb
	test	al, al
	jz	.halt
	mov	ah, 0x4f		; white on red
	mov	[edi], ax
	add	edi, 2
	mov	ah, al
	mov	dx, 0x3f8 + 5
	mov	ecx, 100000		; a missing port is never ready
.wait:	in	al, dx
	test	al, 0x20
	loopz	.wait
	mov	dx, 0x3f8
	mov	al, ah
	out	dx, al
	jmp	.next
.halt:	cli
	hlt
	jmp	.halt

bits 64
entry_64:
	mov	eax, 0x10
	mov	ds, eax
	mov	es, eax
	mov	ss, eax
	xor	eax, eax
	mov	fs, eax
	mov	gs, eax			; base 0: the per-CPU template itself
	mov	rax, entry_high
	jmp	rax

section .boot.data alloc noexec write align=16
msg_loader:	db "keel: not started by a multiboot2 loader", 13, 10, 0
msg_initramfs:	db "keel: too little memory: the initramfs lies over the kernel", 13, 10, 0
msg_long_mode:	db "keel: this CPU has no 64-bit long mode", 13, 10, 0

align 8
boot_gdt:
	dq	0
	dq	0x00af9b000000ffff	; 0x08: 64-bit code, ring 0
	dq	0x00cf93000000ffff	; 0x10: data, ring 0
boot_gdt_end:
boot_gdtr:
	dw	boot_gdt_end - boot_gdt - 1
	dq	boot_gdt
	align	16
	times	64 dd 0
boot_stack_top:

section .text
entry_high:
	mov	rsp, init_stack + INIT_STACK_SIZE
	xor	ebp, ebp		; the end of every stack trace
	push	rbp			; keeps rsp 16-aligned at the call
	push	rbp
	mov	edi, edi		; arguments: door, information
	mov	esi, ebx
	call	x86_start_kernel
	ud2

; Identity-addressed from 32-bit code, so kept with the boot section's
; addresses by way of the linker's physical view.
section .boot.bss nobits alloc noexec write align=4096
global boot_pml4
boot_tables:
boot_pml4:	resb 4096
boot_pdpt_low:	resb 4096
boot_pdpt_high:	resb 4096
boot_pd:	resb 4 * 4096
boot_tables_end:

section .note.GNU-stack noalloc noexec nowrite progbits
