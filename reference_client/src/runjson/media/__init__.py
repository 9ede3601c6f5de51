"""Images, histograms, tables and files of a run."""
