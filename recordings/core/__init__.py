"""Pure rules of recordings: life cycle, completeness, masking."""
