"""From the bytes of a run file to findings and a report."""
