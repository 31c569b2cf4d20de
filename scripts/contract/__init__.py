"""Whether the service is as its API description says."""
