"""Whether those that use the service can: the clients of the five designs that it replaces, the programs in
docs/clients.md, and scripts/client.py; and what is said to those that use it wrongly."""
