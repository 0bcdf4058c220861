/*
 * Cyclic redundancy checks of 32 bits: crc32_le with the polynomial of IEEE
 * 802.3 (Ethernet, gzip, GPT), crc32c with Castagnoli's (ext4, iSCSI).
 *
 * Both only carry a running value on. Most formats begin with ~0 and invert
 * the result; that is left to the caller, because ext4 does not.
 */
#pragma once

#include <keel/compiler.h>

uint32_t crc32_le(uint32_t crc, const void *data, size_t len);
uint32_t crc32c(uint32_t crc, const void *data, size_t len);
