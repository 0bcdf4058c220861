/* printf conversions for the types of stdint.h: 64 bits are a long. */
#pragma once

#include <stdint.h>

#define PRId8	"hhd"
#define PRIu8	"hhu"
#define PRIx8	"hhx"
#define PRId16	"hd"
#define PRIu16	"hu"
#define PRIx16	"hx"
#define PRId32	"d"
#define PRIu32	"u"
#define PRIx32	"x"
#define PRId64	"ld"
#define PRIu64	"lu"
#define PRIx64	"lx"
#define PRIdPTR	"ld"
#define PRIuPTR	"lu"
#define PRIxPTR	"lx"
#define PRIdMAX	"ld"
#define PRIuMAX	"lu"
#define PRIxMAX	"lx"
