; What boot loaders look for in the image: one header per door.
;
; GRUB searches the first 32 KiB for the multiboot2 header; QEMU's -kernel
; looks for an ELF note of type 18 by "Xen" and enters the 32-bit address in
; it (PVH). Both end in entry.asm with paging off.
;
; Sources: Multiboot2 specification 2.0, section 3.1; Xen public headers,
; elfnote.h (XEN_ELFNOTE_PHYS32_ENTRY).

extern multiboot2_entry, pvh_entry

MB2_MAGIC	equ 0xe85250d6
MB2_ARCH_I386	equ 0			; 32-bit protected mode
MB2_TAG_REQUEST	equ 1
MB2_TAG_ENTRY	equ 3
MB2_TAG_FB	equ 5
MB2_TAG_ALIGN	equ 6			; modules on page boundaries
MB2_OPTIONAL	equ 1

section .multiboot2 alloc noexec nowrite align=8
header:
	dd	MB2_MAGIC, MB2_ARCH_I386, header_end - header
	dd	-(MB2_MAGIC + MB2_ARCH_I386 + (header_end - header))
	align	8, db 0
request:
	dw	MB2_TAG_REQUEST, MB2_OPTIONAL
	dd	request_end - request
	dd	1, 2, 3, 6, 8, 14, 15	; cmdline loader module mmap fb acpi 1+2
request_end:
	align	8, db 0
	dw	MB2_TAG_ENTRY, 0
	dd	12
	dd	multiboot2_entry
	align	8, db 0
	dw	MB2_TAG_FB, MB2_OPTIONAL
	dd	20
	dd	0, 0, 32		; any size, 32 bits a pixel
	align	8, db 0
	dw	MB2_TAG_ALIGN, MB2_OPTIONAL
	dd	8
	align	8, db 0
	dw	0, 0			; end tag
	dd	8
header_end:

section .note.pvh alloc noexec nowrite note align=4
	dd	4, 4, 18		; name size, descriptor size, type
	db	"Xen", 0
	dd	pvh_entry

section .note.GNU-stack noalloc noexec nowrite progbits
