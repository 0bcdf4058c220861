; The vDSO, a shared object of its own (arch/x86_64/vdso/), inside the kernel.
; vdso.c copies it at boot into the pages that processes see.

section .init.rodata progbits alloc noexec nowrite align=8

global vdso_image_start
global vdso_image_end
vdso_image_start:
	incbin VDSO_IMAGE
vdso_image_end:

section .note.GNU-stack noalloc noexec nowrite progbits
