"""The conformance corpus as a command: readers and writers are judged by it, our own among them."""
