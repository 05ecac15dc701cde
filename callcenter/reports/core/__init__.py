"""What figures are made of and how: pure functions over plain rows."""
