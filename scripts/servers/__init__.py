"""The servers behind scripts/services: one class for each, in a file of its own."""
