/*
 * Names that the host's C library has too. Included before everything else in
 * a unit test, so that the test gets the kernel's functions and the sanitizers
 * keep the host's; `__builtin_memcpy` and its kin are the host's in any case.
 */
#pragma once

#define memcpy		keel_memcpy
#define memmove		keel_memmove
#define memset		keel_memset
#define memcmp		keel_memcmp
#define memchr		keel_memchr
#define strlen		keel_strlen
#define strnlen		keel_strnlen
#define strcmp		keel_strcmp
#define strncmp		keel_strncmp
#define strchr		keel_strchr
#define strrchr		keel_strrchr
#define strstr		keel_strstr
#define strspn		keel_strspn
#define strcspn		keel_strcspn
#define vsnprintf	keel_vsnprintf
#define snprintf	keel_snprintf
#define bsearch		keel_bsearch
