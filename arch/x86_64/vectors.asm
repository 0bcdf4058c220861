; The 256 interrupt vectors: one short stub each, and the table of them.
;
; The CPU does not say which vector it took, so each stub pushes its number.
; Exceptions (0-31) get to trap_common with an error code on the stack whether
; the CPU gives one or not; interrupts (32-255) get to irq_common. The four
; exceptions with a stack of their own are in entry_ist.asm.

extern trap_common, irq_common
extern entry_debug, entry_nmi, entry_double_fault, entry_machine_check

; Exceptions for which the CPU pushes an error code [SDM3 table 6-1].
%define HAS_ERROR_CODE(n) ((n) == 8 || (n) == 10 || (n) == 11 || (n) == 12 \
	|| (n) == 13 || (n) == 14 || (n) == 17 || (n) == 21 || (n) == 29 \
	|| (n) == 30)

section .entry.text progbits alloc exec nowrite align=16

%assign n 0
%rep 256
align 8
vector_ %+ n:
%if n < 32
 %if !HAS_ERROR_CODE(n)
	push	0
 %endif
	push	n
	jmp	trap_common
%else
	push	n
	jmp	irq_common
%endif
%assign n n + 1
%endrep

; The linker gets the files of .entry.text in alphabetical order, so this is
; its end, as entry.asm has its beginning.
global entry_text_end
entry_text_end:

section .rodata progbits alloc noexec nowrite align=8
global vector_table
vector_table:
%assign n 0
%rep 256
%if n == 1
	dq	entry_debug
%elif n == 2
	dq	entry_nmi
%elif n == 8
	dq	entry_double_fault
%elif n == 18
	dq	entry_machine_check
%else
	dq	vector_ %+ n
%endif
%assign n n + 1
%endrep

section .note.GNU-stack noalloc noexec nowrite progbits
