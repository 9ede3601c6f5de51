"""Questions to a table of runs: the filter language, sorting, columns, pages and groups, all answered in SQL."""
