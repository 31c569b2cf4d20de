"""What the engine is measured beside: a module each, with a function that does one job, and returns the result's bytes."""
