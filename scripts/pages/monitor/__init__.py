"""Whether the page for those who run the service does what it says."""
