"""What a run captures by itself."""
