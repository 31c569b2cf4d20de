// Nothing to call: see process.c.
