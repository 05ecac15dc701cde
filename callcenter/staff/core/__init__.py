"""What is decided about rosters: no IO."""
