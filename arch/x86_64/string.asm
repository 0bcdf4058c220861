; memcpy, memmove and memset, by quadwords.
;
; An emulated CPU executes every step of a rep instruction as one instruction,
; so moving 8 bytes a step is eight times cheaper than moving one, and on a
; real CPU rep movsq is as good as rep movsb. Starting a rep costs some
; dozen cycles there, which short copies avoid. Blocks that are no multiple
; of 8 end with one unaligned word that overlaps what is already copied.
;
; These replace the portable versions in lib/string.c, which are weak.

default rel

section .text progbits alloc exec nowrite align=16

; void *memcpy(void *to, const void *from, size_t len);
; In: rdi, rsi, rdx	Out: rax = to	Clobbers: rcx rdx rsi rdi r8 r9
align 16
global memcpy
memcpy:
	mov	rax, rdi
	cmp	rdx, 16
	jb	.short
	cmp	rdx, 32
	jbe	.to_32
	mov	r8, [rsi + rdx - 8]	; the tail, read before any store
	lea	r9, [rdi + rdx - 8]
	lea	rcx, [rdx - 1]
	shr	rcx, 3			; all but the last 1 to 8 bytes
	rep	movsq
	mov	[r9], r8
	ret
.to_32:
	mov	r8, [rsi]
	mov	r9, [rsi + 8]
	mov	rcx, [rsi + rdx - 16]
	mov	rsi, [rsi + rdx - 8]
	mov	[rdi], r8
	mov	[rdi + 8], r9
	mov	[rdi + rdx - 16], rcx
	mov	[rdi + rdx - 8], rsi
	ret
.short:
	cmp	edx, 8
	jb	.below_8
	mov	r8, [rsi]
	mov	r9, [rsi + rdx - 8]
	mov	[rdi], r8
	mov	[rdi + rdx - 8], r9
	ret
.below_8:
	cmp	edx, 4
	jb	.below_4
	mov	r8d, [rsi]
	mov	r9d, [rsi + rdx - 4]
	mov	[rdi], r8d
	mov	[rdi + rdx - 4], r9d
	ret
.below_4:
	test	edx, edx
	jz	.done
	movzx	r8d, byte [rsi]		; 1, 2 or 3: first, middle, last
	movzx	r9d, byte [rsi + rdx - 1]
	mov	ecx, edx
	shr	ecx, 1
	movzx	esi, byte [rsi + rcx]
	mov	[rdi + rcx], sil
	mov	[rdi], r8b
	mov	[rdi + rdx - 1], r9b
.done:
	ret

; void *memmove(void *to, const void *from, size_t len);
; Forward unless the start of [to, to + len) lies inside the source. All
; branches of memcpy up to 32 bytes read everything before they store, so
; they serve overlapping blocks too.
align 16
global memmove
memmove:
	mov	rax, rdi
	cmp	rdx, 32
	jbe	memcpy
	mov	rcx, rdi
	sub	rcx, rsi		; unsigned: to below from is huge
	cmp	rcx, rdx
	jb	.backward
	cmp	rcx, -8
	ja	.bytewise		; nearer than a word: stores would hit
	jmp	memcpy			; words not yet read
.backward:
	lea	rsi, [rsi + rdx - 8]
	lea	rdi, [rdi + rdx - 8]
	mov	r9, rdx
	and	r9d, 7			; bytes left at the front
	mov	rcx, rdx
	shr	rcx, 3
	cmp	rdi, rsi
	je	.same
	std
	rep	movsq
	cld
	; rsi, rdi now 8 below the last word moved; finish the front bytewise
.front:
	test	r9d, r9d
	jz	.same
	movzx	ecx, byte [rsi + 7]
	mov	[rdi + 7], cl
	dec	rsi
	dec	rdi
	dec	r9d
	jmp	.front
.same:
	ret
.bytewise:
	mov	rcx, rdx
	rep	movsb
	ret

; void *memset(void *to, int c, size_t len);
align 16
global memset
memset:
	mov	r8, rdi
	movzx	eax, sil
	mov	rcx, 0x0101010101010101
	imul	rax, rcx
	cmp	rdx, 8
	jb	.short
	mov	[rdi + rdx - 8], rax	; the tail
	lea	rcx, [rdx - 1]
	shr	rcx, 3
	rep	stosq
	mov	rax, r8
	ret
.short:
	test	edx, 4
	jnz	.four
	test	edx, edx
	jz	.done
	mov	[rdi], al
	mov	[rdi + rdx - 1], al
	cmp	edx, 2
	jbe	.done
	mov	[rdi + 1], al
.done:
	mov	rax, r8
	ret
.four:
	mov	[rdi], eax
	mov	[rdi + rdx - 4], eax
	mov	rax, r8
	ret

section .note.GNU-stack noalloc noexec nowrite progbits
