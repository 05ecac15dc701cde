"""The people of the hotline: who they are, where they sit, when they are due."""
