"""Eight ways to let a fleet die, and what must hold all the same. Started by scripts/chaos.sh."""
