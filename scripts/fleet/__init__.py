"""A fleet for tries and measurements: real servers, several processes of the binary, and clients that keep count."""
