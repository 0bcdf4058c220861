/*
 * Securebits: what user id 0 means for capabilities, per task. The odd bits
 * lock the bit below them.
 *
 * Source: man 7 capabilities.
 */
#pragma once

#define SECBIT_NOROOT			0x01	/* exec gives root nothing */
#define SECBIT_NOROOT_LOCKED		0x02
#define SECBIT_NO_SETUID_FIXUP		0x04	/* ids change no sets */
#define SECBIT_NO_SETUID_FIXUP_LOCKED	0x08
#define SECBIT_KEEP_CAPS		0x10	/* setuid(2) leaves permitted */
#define SECBIT_KEEP_CAPS_LOCKED		0x20
#define SECBIT_NO_CAP_AMBIENT_RAISE	0x40
#define SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED 0x80

#define SECURE_ALL_BITS			0x55
#define SECURE_ALL_LOCKS		0xaa
