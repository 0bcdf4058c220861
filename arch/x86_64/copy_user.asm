; Copying between kernel and user memory, with recovery from faults.
;
; The user's side may fault at any instruction; each that touches it has an
; entry in the exception table. Words are moved first; when one faults, the
; rest is tried byte by byte, so that the count returned is exact: a write(2)
; that runs into an unmapped page must have written all before it. stac and
; clac bound the time in which ring 0 may touch user pages at all.

%include "arch/x86_64/entry.inc"

section .text progbits alloc exec nowrite align=16

; size_t raw_copy_user(void *to, const void *from, size_t len);
; In: rdi, rsi, rdx	Out: rax = bytes not copied
align 16
global raw_copy_user
raw_copy_user:
	SMAP_INSN stac
	mov	rcx, rdx
	and	edx, 7
	shr	rcx, 3
.words:	rep	movsq
	test	edx, edx
	jnz	.tail
.done:	xor	eax, eax
	SMAP_INSN clac
	ret

.tail:	test	edx, 4
	jz	.two
.r4:	mov	eax, [rsi]
.w4:	mov	[rdi], eax
	add	rsi, 4
	add	rdi, 4
	and	edx, 3
.two:	test	edx, 2
	jz	.one
.r2:	movzx	eax, word [rsi]
.w2:	mov	[rdi], ax
	add	rsi, 2
	add	rdi, 2
	and	edx, 1
.one:	test	edx, edx
	jz	.done
.r1:	mov	al, [rsi]
.w1:	mov	[rdi], al
	jmp	.done

; Here rcx words and rdx bytes, or rdx bytes, are left.
.words_fault:
	lea	rdx, [rcx * 8 + rdx]
.tail_fault:
	mov	rcx, rdx
.bytes:	rep	movsb
.bytes_fault:
	mov	rax, rcx
	SMAP_INSN clac
	ret

	EX_TABLE .words, .words_fault
	EX_TABLE .r4, .tail_fault
	EX_TABLE .w4, .tail_fault
	EX_TABLE .r2, .tail_fault
	EX_TABLE .w2, .tail_fault
	EX_TABLE .r1, .tail_fault
	EX_TABLE .w1, .tail_fault
	EX_TABLE .bytes, .bytes_fault

; size_t raw_clear_user(void *to, size_t len);
; In: rdi, rsi		Out: rax = bytes not cleared
align 16
global raw_clear_user
raw_clear_user:
	SMAP_INSN stac
	xor	eax, eax
	mov	rcx, rsi
	and	esi, 7
	shr	rcx, 3
.words:	rep	stosq
.tail:	mov	ecx, esi
.bytes:	rep	stosb
.bytes_fault:
	mov	rax, rcx
	SMAP_INSN clac
	ret

.words_fault:
	lea	rcx, [rcx * 8 + rsi]
	jmp	.bytes

	EX_TABLE .words, .words_fault
	EX_TABLE .bytes, .bytes_fault

section .note.GNU-stack noalloc noexec nowrite progbits
