"""Drills (演练): a house whose day begins when it is told so, and whose engines live faster than the clock."""
