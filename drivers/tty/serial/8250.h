/*
 * The 16550 serial port; see 8250.c.
 */
#pragma once

struct driver;

extern struct driver serial8250_driver;
