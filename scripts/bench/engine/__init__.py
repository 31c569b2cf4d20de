"""Measures the engine beside its peers: one picture, one piece of work, one after the other."""
