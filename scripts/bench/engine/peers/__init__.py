"""What the engine is measured beside: modules with a function that does one job, and returns the result's bytes."""
