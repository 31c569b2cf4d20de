"""The lines: each a function from a stage to a verdict; its docstring is the promise."""
