"""Whether the service's pages do what they say, in a real browser."""
